#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The node goes away, comes back, is restored, exchanged, or talks nonsense.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

node_id=02$(printf '%064d' 1)

# begin_with NODE-OPTION...: as begin, with a node of another kind.
begin_with() {
	world_begin "$build"
	world_menu
	world_key
	world_car
	world_node "$@"
	world_bridge
}

# With a node that survives its restart.
begin_remembering() {
	world_begin "$build"
	world_menu
	world_key
	world_car
	restart_node
	world_bridge
}

restart_node() {
	local before=0

	[[ ! -f $world/bridge.log ]] || before=$(n_follows)
	world_stop node
	world_node --state "$world/state/node" --id "$node_id"
	[[ ! -f $world/bridge.log ]] || world_await 20 follows_again "$before"
}

# tell_node LINE: which makes it drop the connection.
tell_node() {
	local before

	before=$(n_follows)
	say_to_node "$@"
	world_await 20 follows_again "$before"
}

n_follows() {
	grep -c 'following node' "$world/bridge.log" || true
}

follows_again() {
	(($(n_follows) > $1))
}

says() {
	grep -q "$1" "$world/bridge.log"
}

fact_node_that_restarts_repeats_nothing() {
	begin_remembering
	pay 1
	restart_node
	pay 1
	expect_did flash-lights flash-lights
	tell_node drop
	pay 21
	expect_did flash-lights flash-lights honk
	expect "$(world_ask payments --json | jq length)" 3
}

fact_first_start_on_an_old_node_acts_on_nothing_old() {
	begin_with --preload 100000
	expect_did
	expect "$(position)" 100000
	expect "$(world_ask payments)" "No payments yet."
	# Found by doubling and bisecting.
	(($(jq -c 'select(.called == "waitanyinvoice")' "$world/node.out" |
		wc -l) < 50))
	pay 1
	expect_did flash-lights
}

fact_payment_of_long_ago_is_owed_and_not_acted_on() {
	begin
	end_bridge
	say_to_node pay 1000 label=1sat2flash- paid_at=1700000000
	world_await 10 grep -q '"paid"' "$world/node.out"
	world_bridge
	world_await 10 has_ended 0
	expect "$(order '.state + " " + .money')" "refused owed"
	expect_did
}

fact_restored_node_is_noticed_then_followed() {
	begin
	pay 1
	pay 1
	pay 1
	tell_node restore 1
	# Its payment 2 is another one than that which was seen.
	pay 1
	expect "$(order '.state + " " + .money')" "refused owed"
	says 'it was restored, or is another one'
	expect_did flash-lights flash-lights flash-lights
	pay 1
	expect "$(order .state)" confirmed
}

fact_same_payment_of_a_restored_node_is_known() {
	begin_remembering
	"$world/bin/simnode" --socket "$world/lightning-rpc" --call invoice \
		'["1000msat", "1sat2flash-same", "x"]' >/dev/null
	world_stop node
	cp "$world/state/node" "$world/state/backup"
	restart_node
	label=1sat2flash-same pay 1
	world_stop node
	# As its owner, for the node writes it.
	"${world_as[@]}" cp "$world/state/backup" "$world/state/node"
	restart_node
	world_pay 1000 --label 1sat2flash-same >/dev/null
	world_await 20 says 'it was restored, or is another one'
	expect "$(world_ask payments --json | jq length)" 1
	expect_did flash-lights
}

fact_other_node_starts_anew() {
	begin
	pay 1
	tell_node exchange
	pay 21
	expect_did flash-lights honk
	expect "$(position)" 1
}

fact_node_that_comes_later_is_waited_for() {
	begin
	world_stop node
	end_bridge
	world_start bridge /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
	world_await 10 world_ask status >"$world/said"
	world_await 10 says '^the node.*trying again'
	world_ask status >"$world/said"
	grep -q '^bridge not taking payments: ' "$world/said"
	world_node
	world_await 20 is_taking
	pay 1
	expect_did flash-lights
}

is_taking() {
	world_ask status | grep '^bridge taking payments' >/dev/null
}

# survives FAULT: no payment is lost or done twice, and soon all is well.  By
# the console, for the fault would strike who pays by a call.  A payment that
# comes while the link is anew may be owed: where no clock is set, nothing
# proves that it is fresh.
survives() {
	local i confirmed

	begin
	pay 1
	say_to_node "$@"
	for i in {1..4}; do
		world_await 30 is_taking
		say_to_node pay 1000 label=1sat2flash-
		world_await 30 has_ended "$i"
	done
	expect "$(order .state)" confirmed
	expect "$(world_ask payments --json | jq length)" 5
	confirmed=$(world_ask payments --json |
		jq 'map(select(.state == "confirmed")) | length')
	expect "$(car_did | wc -w)" "$confirmed"
	((confirmed >= 3))
}

fact_answer_cut_in_its_middle_is_asked_for_again() {
	survives close-mid-object
}

fact_50_megabytes_are_not_swallowed() {
	local kb

	survives flood 50000000
	kb=$(awk '/VmHWM/ {print $2}' "/proc/${world_pids[bridge]}/status")
	echo "$kb kB at most"
	[[ -n ${ASAN_OPTIONS:-} ]] || ((kb < 20000))
}

fact_garbage_is_survived() {
	survives garbage
}

fact_answer_to_another_call_is_survived() {
	survives wrong-id
}

fact_answer_that_comes_twice_counts_once() {
	survives twice
}

fact_answers_out_of_order_are_told_apart() {
	survives out-of-order on
}

fact_slow_node_is_waited_for() {
	survives slow 300
}

run_facts
