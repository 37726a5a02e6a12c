# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Plays facts one after the other, each with a car and a ledger of its own, and
# leaves the bed to the next as it was; for run.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154,SC2004

n_passed=0
n_failed=0

# A bridge that stops has to wait for what goes back; here nobody has to.
end_bridge_soon() {
	if world_ask payments --json |
		jq -e 'any(.money == "returning")' >/dev/null; then
		close_bridge KILL
	else
		end_bridge
	fi
}

# --- facts ------------------------------------------------------------------

has_what_is_left() {
	(($(balance "$1") == begun[$1] - spent[$1]))
}

# Whatever a fact did, the next one finds nodes, plugin and guard.
restore() {
	local name

	world_stop bridge KILL
	world_stop car
	# What is on its way still is the end of it.
	mapfile -t pids < <(jobs -p)
	((${#pids[@]} == 0)) || kill -9 "${pids[@]}" 2>/dev/null || true
	for name in a b c; do
		nodes "start-$name" >/dev/null
	done
	nodes ready
	if ! says '.guarded and .deadline_ms == 60000
		and .refund_daily_msat == 10000000'; then
		restart_plugins
	fi
	home 1sat2flash-resume >/dev/null || true
}

end_this_fact() {
	local status=$?

	if ((status != 0)); then
		tail -v -n 30 "$world/bridge.log" "$world/car.out" >&2 || true
		home 1sat2flash-status | jq -c '.cars |= map(del(.offers))' >&2 ||
			true
		grep -a 1sat2flash "$RUN/b/log" | grep -av DEBUG |
			tail -n 15 >&2 || true
	fi
	restore || true
	exit "$status"
}

play_fact() {
	local name

	rm -f "$bed"/state/ledger.sqlite* "$bed"/state/broken* \
		"$bed"/{car.out,bridge.log} "$bed"/sent-*
	for name in a c; do
		begun[$name]=$(balance "$name")
		spent[$name]=0
	done
	"$1"
	for name in a c; do
		world_await 10 has_what_is_left "$name" || {
			echo "$name: had ${begun[$name]} msat, spent" \
				"${spent[$name]}, has $(balance "$name")" >&2
			return 1
		}
	done
	[[ -z ${world_pids[bridge]:-} ]] || end_bridge_soon
}

# play_facts SUBJECT: those in facts-SUBJECT.sh, or of these $FACT, a pattern.
play_facts() {
	local fact status begun_s

	# shellcheck source=/dev/null
	. "tests/regtest/facts-$1.sh"
	for fact in $(compgen -A function fact_); do
		# shellcheck disable=SC2053 # a pattern
		if [[ -n ${FACT:-} && ${fact#fact_} != $FACT ]]; then
			unset -f "$fact"
			continue
		fi
		begun_s=$SECONDS
		(
			set -E
			trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR
			trap end_this_fact EXIT
			play_fact "$fact"
		) >"$bed/fact.log" 2>&1 &
		status=0
		wait $! || status=$?
		unset -f "$fact"
		fact=${fact#fact_}
		report "$status" "$way: ${fact//_/ }" $((SECONDS - begun_s))
	done
}

# report STATUS NAME SECONDS
report() {
	if (($1 == 0)); then
		echo "ok    $2, $3 s"
		n_passed=$((n_passed + 1))
	else
		{
			echo "FAIL  $2, $3 s"
			sed 's/^/      /' "$bed/fact.log"
		} >"$bed/report"
		cat "$bed/report"
		n_failed=$((n_failed + 1))
	fi
}
