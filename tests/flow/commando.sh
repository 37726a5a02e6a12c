#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The node is elsewhere: commando over BOLT 8, with a rune.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

node_key=$(printf '%064d' 7)
rune=$(printf 'A%.0s' {1..43})=

# node_far [OPTION]...: a node that is called; again at the same port.
node_far() {
	world_node --bolt8 "${port:-0}" --key "$node_key" --rune "$rune" "$@"
	world_await 10 grep -q '"bolt8"' "$world/node.out"
	at=$(jq -r 'select(.bolt8) | .bolt8' "$world/node.out" | tail -n 1)
	port=${at##*:}
}

write_rune() {
	(umask 077 && echo "$1" >"$world/rune")
	"${world_chown[@]}" "$world/rune"
}

# prepare [NODE-OPTION]...
prepare() {
	world_begin "$build"
	port=
	world_chown=(true)
	((EUID != 0)) || world_chown=(chown nobody)
	node_far "$@"
	write_rune "$rune"
	world_way="address = \"$at\" rune = \"file:$world/rune\""
	world_menu
	world_key
	world_car
}

start_bridge() {
	world_start bridge /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
}

says() {
	grep -qF -- "$1" "$world/bridge.log"
}

# has_problem TEXT: what keeps the bridge from the node now; in the log stands
# what did so first.
has_problem() {
	world_ask status --json | jq -r .node_problem | grep -qF -- "$1"
}

is_taking() {
	world_ask status | grep '^bridge taking payments' >/dev/null
}

fact_payment_comes_through_commando() {
	prepare --rune-methods getinfo,waitanyinvoice
	world_bridge
	pay 1
	pay 21
	expect_did flash-lights honk
	expect "$(order .state)" confirmed
	# The unix socket was for who pays: the bridge never used it.
	expect "$(jq -r 'select(.called == "waitanyinvoice") | .client' \
		"$world/node.out" | sort -u | wc -l)" 1
	# The rune is nowhere to be read but in its file.
	fails grep -rqF "$rune" "$world/bridge.log" "$world/state"
}

fact_key_of_the_car_stays() {
	local id

	prepare
	id=$(world_daemon --node-id)
	grep -qxE '0[23][0-9a-f]{64}' <<<"$id"
	expect "$(stat -c %a "$world/state/node.key")" 600
	world_bridge
	end_bridge
	expect "$(world_daemon --node-id)" "$id"
	chmod 640 "$world/state/node.key"
	fails world_daemon --node-id 2>"$world/said"
	grep -q 'may be used by others: chmod 600 it' "$world/said"
}

# survives FAULT...: soon all is well.
survives() {
	prepare
	world_bridge
	pay 1
	say_to_node "$@"
	say_to_node pay 1000 label=1sat2flash-
	world_await 30 has_ended 1
	world_await 30 is_taking
	say_to_node pay 1000 label=1sat2flash-
	world_await 30 has_ended 2
	expect "$(order .state)" confirmed
}

fact_message_cut_in_its_middle_is_survived() {
	survives close-mid-object
}

fact_bytes_that_nobody_sealed_are_survived() {
	survives garbage
}

fact_answer_of_20_megabytes_is_survived() {
	survives flood 20000000
}

fact_answer_to_another_call_is_survived() {
	survives wrong-id
}

fact_node_that_restarts_is_found_again() {
	prepare
	world_stop node
	node_far --state "$world/state/node"
	world_bridge
	pay 1
	world_stop node
	world_await 10 says 'hung up'
	node_far --state "$world/state/node"
	world_await 20 is_taking
	pay 1
	expect_did flash-lights flash-lights
}

fact_rune_that_permits_too_little_is_named() {
	prepare --rune-methods getinfo,listinvoices
	start_bridge
	world_await 20 says "does not permit the method waitanyinvoice (method \
is not equal to getinfo AND method is not equal to listinvoices)"
	world_ask status >"$world/said"
	grep -q 'does not permit the method waitanyinvoice' "$world/said"
}

fact_rune_that_is_put_right_needs_no_restart() {
	prepare
	write_rune "${rune/AAA/BBB}"
	start_bridge
	world_await 20 says 'does not take the rune'
	chmod 644 "$world/rune"
	world_await 20 has_problem 'may be read by everybody'
	fails world_daemon --check 2>"$world/said"
	grep -q 'may be read by everybody' "$world/said"
	write_rune "$rune"
	chmod 600 "$world/rune"
	world_await 30 is_taking
	world_daemon --check >"$world/said"
	pay 1
	expect_did flash-lights
	fails grep -qF "${rune:0:40}" "$world/bridge.log"
}

# told NAME: what the bridge found out, for doctor.
told() {
	awk -F'\t' -v name="$1" '$1 == name { print $2 }' "$world/said"
}

fact_diagnosis_knows_the_way() {
	prepare --rune-methods getinfo,waitanyinvoice
	world_daemon --diagnose >"$world/said"
	expect "$(told node_up)" true
	expect "$(told node_id)" "${at%%@*}"
	write_rune "${rune/AAA/BBB}"
	world_daemon --diagnose >"$world/said"
	expect "$(told node_up)" false
	grep -q 'does not take the rune in' <<<"$(told node_problem)"
	expect_did
}

fact_other_node_at_the_address_is_no_node() {
	prepare
	world_stop node
	node_key=$(printf '%064d' 8)
	node_far
	start_bridge
	world_await 20 says 'hung up at once: it has not the id'
}

run_facts
