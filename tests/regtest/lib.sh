# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the facts are told in.  Each has a ledger and a car of its own, at the
# nodes that all of them share; a and c pay, b is the car's.
#
#   begin plain|plugin|automatic|hold [MENU]
#                          car, menu and bridge, by $way
#   open_bridge [PROGRAM], close_bridge [SIGNAL]
#   home COMMAND...        lightning-cli at b, where the owner sits
#   ask MSAT LABEL [PARAMETER=VALUE]...
#   fetch NODE ACTION [NOTE]
#                          an invoice of b; sets $invoice, $hash and $msat
#   send NODE              begins to pay it
#   expect_settled NODE, expect_returned NODE
#                          how that ends, and what b says of it
#   expect_order STATE MONEY [WHY]
#                          what the bridge makes of it
#   expect_mark MARK       what the plugin makes of it
#   restart_plugins [OPTION=VALUE]...
#                          $crash_at: where the plugin is to stop
#
# At the end of each fact a and c have what they had, less what was settled:
# $spent is so much of each.

# Of the facts that run now.
way=
bed=
declare -A spent=() begun=() sending=()
invoice=
hash=
msat=
crash_at=

# The car that is spoken of: its name at the node, and its number.
car_name=car

nodes() {
	"${world_as[@]}" "$bed/bin/nodes.sh" "$@"
}

home() {
	nodes b "$@"
}

await() {
	world_await "$@" && return
	echo "not in $1 s: ${*:2}" >&2
	return 1
}

# --- the bed ----------------------------------------------------------------

# The plugin is a script that starts it, to be stopped where a fact says.
write_plugin() {
	mkdir "$bed/plugins"
	cp "$build/bridge/node/1sat2flash-guard" "$bed/plugins/"
	cp "$build/bridge/node/1sat2flash-node" "$bed/bin/"
	cp "$build/tests/regtest/1sat2flash-node-crash" "$bed/bin/"
	cat >"$bed/plugins/1sat2flash-node" <<-END
		#!/bin/sh
		[ ! -f $bed/crash-at ] ||
			CRASH_AT=\$(cat $bed/crash-at) \
				exec $bed/bin/1sat2flash-node-crash "\$@"
		exec $bed/bin/1sat2flash-node "\$@"
	END
	chmod 755 "$bed/plugins" "$bed/plugins/1sat2flash-node"
}

# begin_bed PORT
begin_bed() {
	world_begin "$build"
	bed=$world
	cp tests/regtest/nodes.sh tests/regtest/fakebtc.py \
		"$build/tests/crash/1sat2flashd-crash" \
		"$build/tests/regtest/clock-set.so" "$bed/bin/"
	write_plugin
	export RUN=$bed/nodes PORT=$1
	OPTIONS_B="--plugin=$bed/plugins/1sat2flash-node"
	OPTIONS_B+=" --plugin=$bed/plugins/1sat2flash-guard"
	export OPTIONS_B
	nodes up
	ln -s "$RUN/b/regtest/lightning-rpc" "$bed/lightning-rpc"
	world_menu
	world_key
}

end_bed() {
	[[ -n $bed ]] || return 0
	nodes stop >/dev/null 2>&1 || true
	world_end
}

# write_rune FILE RESTRICTIONS: for the bridge alone.
write_rune() {
	(umask 077 && home -k createrune restrictions="$2" | jq -r .rune \
		>"$1")
	((EUID != 0)) || chown nobody "$1"
}

# allow METHOD...: as restrictions have it.
allow() {
	printf '"method=%s"\n' "$@" | paste -sd,
}

readonly of_the_plain=(getinfo waitanyinvoice)
readonly of_the_plugin=(1sat2flash-register 1sat2flash-poll 1sat2flash-take
	1sat2flash-done 1sat2flash-refund)

# What each mode needs, and no more: of the plugin, this car's part.
write_runes() {
	local id=\"id=$(world_daemon --node-id)\"
	local car=\"pnamecar=$car_name\" plain plugin

	plain=$(allow "${of_the_plain[@]}")
	plugin=$(allow "${of_the_plugin[@]}")
	write_rune "$world/state/rune.plain" "[[$plain],[$id]]"
	write_rune "$world/state/rune.plugin" \
		"[[$plain,$plugin],[$plain,$car],[$id]]"
	cp -p "$world/state/rune.plugin" "$world/state/rune.automatic"
	write_rune "$world/state/rune.hold" "[[$plugin],[$car],[$id]]"
}

# --- the plugin ---------------------------------------------------------------

stop_plugin() {
	home plugin stop "$1" >/dev/null 2>&1 || true
}

start_plugin() {
	rm -f "$bed/crash-at"
	[[ -z $crash_at ]] || echo "$crash_at" >"$bed/crash-at"
	home -k plugin subcommand=start \
		plugin="$bed/plugins/1sat2flash-node" "$@" >/dev/null
	rm -f "$bed/crash-at"
}

start_guard() {
	home plugin start "$bed/plugins/1sat2flash-guard" >/dev/null
}

restart_plugins() {
	stop_plugin 1sat2flash-guard
	stop_plugin 1sat2flash-node
	start_plugin "$@"
	start_guard
}

has_plugin() {
	home plugin list | jq -e --arg name "/$1" \
		'any(.plugins[]; (.name | endswith($name)) and .active)' \
		>/dev/null
}

# status FILTER: of what the plugin says.
status() {
	home 1sat2flash-status | jq -r "$1"
}

# says FILTER: the same, as a condition.
says() {
	home 1sat2flash-status | jq -e "$1" >/dev/null
}

is_guarded() {
	says .guarded
}

# is_held [taken]
is_held() {
	home 1sat2flash-status | jq -e --arg hash "$hash" --arg how "${1:-}" '
		any(.cars[].held[]; .payment_hash == $hash
			and ($how == "" or .taken))' >/dev/null
}

forget_cars() {
	local car

	for car in $(status '.cars[].car'); do
		home 1sat2flash-forget "$car" >/dev/null
	done
}

mark() {
	local -a files

	mapfile -t files < <(compgen -G \
		"$RUN/b/regtest/1sat2flash/marks/$hash.*")
	if ((${#files[@]} == 1)); then
		echo "${files[0]##*.}"
	else
		echo "${#files[@]} marks"
	fi
}

expect_mark() {
	[[ $1 != none ]] || set -- "0 marks"
	expect "$(mark)" "$1"
}

# --- car and bridge ---------------------------------------------------------

menu() {
	cat <<-'END'
		action flash {
		    price = 1
		    do = flash-lights
		}
		action honk {
		    price = 21
		    do = honk
		}
		action show {
		    price = 30
		    do = { flash-lights, "wait 3s", honk }
		    budget = 6s
		}
		action brief {
		    price = 2
		    do = flash-lights
		    budget = 3s
		}
		action parade {
		    price = 50
		    do = { flash-lights, "wait 6s", honk }
		    budget = 9s
		}
		action port {
		    price = 40
		    do = charge-port-open
		    unknown = keep
		    budget = 4s
		}
	END
}

# reach MODE: how the bridge gets to the node.
reach() {
	if [[ $way == socket ]]; then
		echo "rpc = \"$bed/lightning-rpc\""
	else
		echo "address = \"$(home getinfo | jq -r .id)@127.0.0.1:$((PORT + 1))\""
		echo "rune = \"file:$world/state/rune.${rune:-$1}\""
	fi
	case $1 in
	plugin) echo "plugin = yes" ;;
	automatic)
		echo "plugin = yes"
		echo "refunds = automatic"
		;;
	hold) echo "hold = yes" ;;
	esac
}

# write_menu MODE [MENU]
write_menu() {
	local world_car_keys="name = \"$car_name\""
	local world_way

	world_way=$(reach "$1")
	world_menu "${2-$(menu)}"
}

begin() {
	write_menu "$@"
	world_car
	open_bridge
}

start_bridge() {
	world_start bridge /dev/null "$bed/bin/${1:-1sat2flashd}" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
}

is_taking() {
	world_ask status --json | jq -e .taking_payments >/dev/null
}

open_bridge() {
	start_bridge "$@"
	await 20 is_taking
}

close_bridge() {
	world_stop bridge "$@"
}

bridge_is_gone() {
	is_gone "${world_pids[bridge]}"
}

# signal_bridge STOP|CONT
signal_bridge() {
	kill -"$1" "${world_pids[bridge]}"
}

has_problem() {
	world_ask status --json |
		jq -r '.why_not + " " + .node_problem' | grep -qF -- "$1"
}

# --- payments ---------------------------------------------------------------

# In the end nothing of what is tried here may be left on its way.
balance() {
	nodes "$1" listpeerchannels | jq '.channels[0].to_us_msat'
}

ask() {
	local -a more=(description=test)

	[[ "${*:3}" != *description=* ]] || more=()
	msat=$1
	invoice=$(home -k invoice amount_msat="$1" label="$2" "${more[@]}" \
		"${@:3}" | jq -r .bolt11)
	hash=$(home listinvoices "$2" | jq -r '.invoices[0].payment_hash')
}

offer_of() {
	status ".cars[] | select(.car == \"$car_name\") | .offers[]
		| select(.action == \"$1\" and (.retired | not)) | .bolt12"
}

# is_on_sale ACTION: so that a wallet can fetch an invoice.
is_on_sale() {
	says "any(.cars[] | select(.car == \"$car_name\") | .offers[];
		.action == \"$1\" and .active and (.retired | not))"
}

is_off_sale() {
	fails is_on_sale "$1"
}

# fetch_from NODE BOLT12 [PARAMETER=VALUE]...
fetch_from() {
	local answer

	answer=$(nodes "$1" -k fetchinvoice offer="$2" "${@:3}") || {
		echo "$answer" >&2
		return 1
	}
	invoice=$(jq -r .invoice <<<"$answer")
	answer=$(home decode "$invoice")
	hash=$(jq -r .invoice_payment_hash <<<"$answer")
	msat=$(jq -r .invoice_amount_msat <<<"$answer")
}

fetch() {
	await 10 is_on_sale "$2"
	fetch_from "$1" "$(offer_of "$2")" ${3:+payer_note="$3"}
}

# expect_unsold NODE BOLT12: a wallet hears at once that it is not for sale.
expect_unsold() {
	local answer

	if answer=$(nodes "$1" fetchinvoice "$2"); then
		echo "it is for sale: $answer" >&2
		return 1
	fi
	expect "$(jq .code <<<"$answer")" 1004
}

send() {
	nodes "$1" -N none -k "${PAY_COMMAND:-xpay}" invstring="$invoice" \
		>"$bed/sent-$1-$hash" &
	sending[$1-$hash]=$!
}

is_gone() {
	fails kill -0 "$1"
}

# expect_sent NODE HOW: waits for the end: "paid", or "failed" and the code.
expect_sent() {
	local how=paid

	await 150 is_gone "${sending[$1-$hash]}"
	wait "${sending[$1-$hash]}" ||
		how=$(jq -r '"failed \(.code)"' "$bed/sent-$1-$hash")
	expect "$how" "$2"
}

invoice_is() {
	[[ $(home -k listinvoices payment_hash="$hash" |
		jq -r '.invoices[0].status') == "$1" ]]
}

last_pay() {
	nodes "$1" -k listpays payment_hash="$hash" | jq -r '.pays[-1].status'
}

expect_settled() {
	expect_sent "$1" paid
	await 5 invoice_is paid
	expect "$(last_pay "$1")" complete
	spent[$1]=$((spent[$1] + msat))
}

# 203: the payee said no, so a wallet does not try another way.
expect_returned() {
	expect_sent "$1" "failed 203"
	fails invoice_is paid
	expect "$(last_pay "$1")" failed
}

# keysend NODE MSAT: with the word for it that its version has.
keysend() {
	local word=keysend

	! nodes "$1" help xkeysend >/dev/null 2>&1 || word=xkeysend
	nodes "$1" -N none "$word" "$(home getinfo | jq -r .id)" "$2"
	spent[$1]=$((spent[$1] + $2))
}

# expect_soon SECONDS COMMAND...
expect_soon() {
	local from=$EPOCHREALTIME took

	"${@:2}"
	took=$(awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
	echo "${*:2}: after $took s"
	awk -v took="$took" -v max="$1" 'BEGIN { exit took > max }'
}

# --- what the bridge says ---------------------------------------------------

row() {
	world_ask payments --limit 100 --json | jq -r --arg hash "$hash" \
		"map(select(.payment_hash == \$hash))[0] | $1"
}

# Of what goes back the node says for half a minute that it may come yet.
order_is() {
	local now

	now=$(row '"\(.state) \(.money)"')
	[[ ${now/returning/returned} == "$1 $2" ]]
}

expect_order() {
	world_await 20 order_is "$1" "$2" || {
		expect "$(row '"\(.state) \(.money)"')" "$1 $2"
		return 1
	}
	[[ -z ${3:-} ]] || row .why | grep -qE -- "$3" || {
		echo "expected why: $3, got: $(row .why)" >&2
		return 1
	}
}

has_ended() {
	[[ $(row '"\(.state) \(.money)"') =~ ^(null|(confirmed|refused|unknown)\ (earned|kept|return|given|owed)) ]]
}

# expect_consistent NODE DEED...: who has the money, what the bridge says and
# what the car did are one story, whichever it is.
expect_consistent() {
	local state money

	await 150 is_gone "${sending[$1-$hash]}"
	await 40 has_ended
	state=$(row .state)
	money=$(row .money)
	echo "it is $state, $money, and the car did: $(car_did)"
	case $money in
	earned | kept | owed) expect_settled "$1" ;;
	*) expect_returned "$1" ;;
	esac
	case $state in
	confirmed) expect_did "${@:2}" ;;
	unknown) [[ "${*:2} " == "$(car_did)"* ]] ;;
	*) expect_did ;;
	esac
}

expect_no_order() {
	expect "$(row .)" null
}

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
