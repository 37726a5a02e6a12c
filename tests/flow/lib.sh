# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Runs the facts of a flow test, each in a world of its own, and reports in
# TAP.  A test file defines functions fact_*, then calls run_facts.
#
#   expect TEXT TEXT        they are equal
#   fails COMMAND...        it does
#   expect_did DEED...      all that the car did so far, in order
#   pay SAT [OPTION]...     pays our label, awaits the order's end
#   pay_foreign [OPTION]... pays something else, awaits that it was seen
#   order FILTER            a jq filter on the newest order
#   say_to_car LINE, say_to_node LINE
#                           changes the world of one
#   skip WHY                this fact cannot be checked here
set -euo pipefail

flow=${BASH_SOURCE[0]%/*}
build=${1:?usage: $0 BUILD}
# shellcheck source=tests/flow/world.sh
. "$flow/world.sh"

readonly SKIPPED=77

skip() {
	echo "$*" >"$reason"
	exit $SKIPPED
}

expect() {
	[[ $1 == "$2" ]] && return
	printf 'expected: %s\n     got: %s\n' "$2" "$1" >&2
	return 1
}

fails() {
	! "$@"
}

car_did() {
	jq -r 'select(.did) | .did' "$world/car.out" | paste -sd' '
}

expect_did() {
	expect "$(car_did)" "$*"
}

say_to_car() {
	echo "$*" >"$world/car.in"
}

say_to_node() {
	echo "$*" >"$world/node.in"
}

# The usual: our menu, everything runs.
begin() {
	world_begin "$build"
	world_menu "$@"
	world_key
	world_car
	world_node
	world_bridge
}

newest() {
	world_ask payments --limit 1 --json
}

order() {
	newest | jq -r ".[0] | $1"
}

has_ended() {
	newest | jq -e --argjson after "$1" '.[0] | .order > $after
		and .state != "queued" and .state != "running"' >/dev/null
}

pay() {
	local before

	before=$(newest | jq '.[0].order // 0')
	world_pay "${1}000" --label "${label:-1sat2flash-}" "${@:2}" \
		>/dev/null
	world_await "${patience:-30}" has_ended "$before"
}

position() {
	world_ask status --json | jq .node_position
}

is_past() {
	(($(position) > $1))
}

pay_foreign() {
	local before

	before=$(position)
	world_pay "$@" >/dev/null
	world_await 20 is_past "$before"
}

# The bridge must have ended by itself, and without a leak.
end_bridge() {
	world_stop bridge
	expect "$world_status" 0
}

run_fact() {
	"$1"
	[[ -z ${world_pids[bridge]:-} ]] || end_bridge
}

end_fact() {
	[[ -z $world ]] || tail -n 50 "$world"/*.log >&2
	world_end
}

# report NUMBER FACT STATUS
report() {
	case $3 in
	0) echo "ok $1 ${2#fact_}" ;;
	"$SKIPPED") echo "ok $1 ${2#fact_} # SKIP $(<"$reports/$1.reason")" ;;
	*)
		echo "not ok $1 ${2#fact_}"
		sed 's/^/# /' "$reports/$1.log"
		return 1
		;;
	esac
}

# FACT: only this one; FACTS_AT_ONCE: so many beside each other.
run_facts() {
	local facts i status failed=0
	local -a pids=()

	mapfile -t facts < <(declare -F | awk '$3 ~ /^fact_/ {print $3}')
	[[ -z ${FACT:-} ]] || facts=("fact_$FACT")
	echo "1..${#facts[@]}"
	reports=$(mktemp -d)
	for i in "${!facts[@]}"; do
		((i < ${FACTS_AT_ONCE:-1})) || wait -n || true
		(
			reason=$reports/$((i + 1)).reason
			trap end_fact EXIT
			run_fact "${facts[i]}"
		) >"$reports/$((i + 1)).log" 2>&1 &
		pids+=("$!")
	done
	for i in "${!facts[@]}"; do
		status=0
		wait "${pids[i]}" || status=$?
		report $((i + 1)) "${facts[i]}" "$status" || failed=1
	done
	rm -rf "$reports"
	return $failed
}
