#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The payment settles only when the car has done it: bridge, plugin and guard
# at a node that holds, as the table in the README has it.  After each: who
# has the money, and what did the car do.
set -euo pipefail

# shellcheck source=tests/flow/hold-lib.sh
. "${0%/*}/hold-lib.sh"

# As little as it takes: a deed, a deed that lasts, one that opens the car.
actions='action flash { price = 1 do = flash-lights }
action wave {
    price = 100
    do = { charge-port-open, "wait 3s", charge-port-close }
    undo = charge-port-close
    budget = 6s
}
action open {
    price = 500
    do = { unlock, "wait 3s", flash-lights }
    undo = lock
    budget = 6s
}
action early { price = 7 do = honk hours = "'$(date -d '1 hour ago' +%H:%M)-$(
	date -d '30 minutes ago' +%H:%M)'" }'

# try_pay SAT [OPTION]...: the payer waits for what becomes of it.
try_pay() {
	world_pay "${1}000" --label "1sat2flash-" "${@:2}" >"$world/paid" 2>&1
}

begin_pay() {
	"$world/bin/simnode" --pay "${1}000" --socket "$world/lightning-rpc" \
		--label "1sat2flash-" "${@:2}" >"$world/paid" 2>&1 &
	payer=$!
}

payer_lost_it() {
	wait "$payer"
}

payer_has_it() {
	! wait "$payer"
}

is_held() {
	call_node 1sat2flash-status | jq -e '.cars[0].held | length > 0' \
		>/dev/null
}

is_taken() {
	call_node 1sat2flash-status |
		jq -e '.cars[0].held | any(.taken)' >/dev/null
}

has_begun() {
	[[ $(order .state) == running ]]
}

kill_plugin() {
	kill -KILL "$(plugin_pid "$1")"
}

# What dies, and when: the rows of the README's table.

fact_car_acts_and_the_owner_has_the_money() {
	begin_holding
	try_pay 1
	expect_did flash-lights
	expect_end 'confirmed, earned'
}

fact_car_cannot_and_the_payer_has_it_back() {
	begin_holding
	say_to_car shift D
	SECONDS=0
	fails try_pay 1
	((SECONDS < 5))
	expect_did
	expect_end 'refused, returned'
	fails try_pay 7
	expect_end 'refused, returned'
	expect_did
}

fact_bridge_is_away_and_the_payer_has_it_back() {
	begin_holding
	end_bridge
	SECONDS=0
	fails try_pay 1
	((SECONDS < 8))
	expect_did
}

fact_bridge_does_not_take_it_and_the_payer_has_it_back() {
	begin_holding
	kill -STOP "${world_pids[bridge]}"
	SECONDS=0
	fails try_pay 1
	((SECONDS >= 4 && SECONDS <= 8))
	kill -CONT "${world_pids[bridge]}"
	# What it hears of too late it does not act on.
	sleep 2
	expect_did
	try_pay 1
	expect_did flash-lights
}

fact_bridge_dies_in_the_middle_and_is_back() {
	begin_holding
	begin_pay 100
	world_await 20 has_begun
	world_stop bridge KILL
	world_bridge
	payer_has_it
	expect_end 'refused, returned'
	expect_did charge-port-open charge-port-close
}

fact_bridge_dies_in_the_middle_and_stays_away() {
	begin_holding --plugin-option 1sat2flash-deadline=10
	begin_pay 500
	world_await 20 has_begun
	world_stop bridge KILL
	# What opens the car is kept: else a cut cable would be a refund.
	payer_lost_it
	# Here it can be undone still, and then was for nothing.
	world_bridge
	expect_end 'refused, owed'
	expect_did unlock lock
	begin_pay 100
	world_await 20 has_begun
	world_stop bridge KILL
	payer_has_it
	world_bridge
	world_await 40 has_settled
	expect "$(order .money)" returned
}

fact_plugin_dies_before_it_was_taken() {
	begin_holding
	kill -STOP "${world_pids[bridge]}"
	begin_pay 1
	world_await 10 is_held
	kill_plugin node
	payer_has_it
	kill -CONT "${world_pids[bridge]}"
	# What it was told before it tries to take, and cannot.
	sleep 1
	expect_did
	fails grep -q confirmed "$world/bridge.log"
}

fact_plugin_dies_while_the_car_acts() {
	begin_holding
	begin_pay 100
	world_await 10 has_begun
	kill_plugin node
	# The guard turns it away: the car had not answered.
	payer_has_it
	call_node plugin "[\"start\", \"$world/bin/1sat2flash-node\"]" >/dev/null
	call_node plugin '["stop", "1sat2flash-guard"]' >/dev/null
	call_node plugin "[\"start\", \"$world/bin/1sat2flash-guard\"]" \
		>/dev/null
	world_await 60 has_settled
	expect "$(order .state), $(order .money)" 'confirmed, given away'
	expect_did charge-port-open charge-port-close
}

fact_guard_alone_turns_away_what_is_claimed() {
	begin_holding
	call_node plugin '["stop", "1sat2flash-node"]' >/dev/null
	fails try_pay 1
	expect_did
	# And nothing else.
	world_pay 1000 --label mug >/dev/null
}

fact_plugin_behind_its_guard_says_so() {
	begin_holding
	kill_plugin node
	call_node plugin "[\"start\", \"$world/bin/1sat2flash-node\"]" >/dev/null
	world_await 20 grep -q '1sat2flash-guard' "$world/bridge.log"
	expect "$(world_ask status --json | jq '.node_problem
		| contains("restart the guard")')" true
	fails try_pay 1
	expect_did
	call_node plugin '["stop", "1sat2flash-guard"]' >/dev/null
	call_node plugin "[\"start\", \"$world/bin/1sat2flash-guard\"]" \
		>/dev/null
	world_await 40 is_taking
	try_pay 1
	expect_did flash-lights
}

fact_plugin_without_a_guard_takes_no_claims() {
	begin_holding
	call_node plugin '["stop", "1sat2flash-guard"]' >/dev/null
	fails try_pay 1
	expect_did
	end_bridge
	world_start bridge /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
	world_await 10 grep -q 'No 1sat2flash-guard' "$world/bridge.log"
}

fact_plugin_that_is_stopped_gives_back() {
	begin_holding
	begin_pay 100
	world_await 10 has_begun
	call_node plugin '["stop", "1sat2flash-node"]' >/dev/null
	payer_has_it
}

restart_node() {
	world_stop node "$1"
	rm -f "$world/lightning-rpc"
	holding_node
}

# An HTLC that was replayed has no payer any more who waits for an answer.
invoice_is() {
	call_node listinvoices | jq -e --arg status "$1" \
		'.invoices[-1].status == $status' >/dev/null
}

fact_node_dies_before_it_was_taken() {
	begin_holding
	kill -STOP "${world_pids[bridge]}"
	begin_pay 1
	world_await 10 is_held
	restart_node KILL
	wait "$payer" || true
	kill -CONT "${world_pids[bridge]}"
	# Young enough: it is done, once, or it goes back.
	world_await 60 has_settled
	[[ $(order .money) == earned && $(car_did) == flash-lights ]] ||
		[[ $(order .money) == returned && -z $(car_did) ]]
	sleep 2
	(($(car_did | wc -w) <= 1))
}

fact_node_dies_while_the_car_acts() {
	begin_holding
	begin_pay 100
	world_await 10 has_begun
	restart_node KILL
	wait "$payer" || true
	world_await 60 has_settled
	expect "$(order .state), $(order .money)" 'confirmed, earned'
	expect_did charge-port-open charge-port-close
	invoice_is paid
}

fact_node_is_stopped_while_the_car_acts() {
	begin_holding
	begin_pay 100
	world_await 10 has_begun
	restart_node TERM
	wait "$payer" || true
	world_await 60 has_settled
	expect "$(order .state), $(order .money)" 'confirmed, earned'
	expect_did charge-port-open charge-port-close
}

fact_invoice_that_is_about_to_expire_is_turned_away() {
	begin_holding
	call_node invoice '[1000, "1sat2flash-short", "short", 20]' >/dev/null
	fails world_pay 1000 --label 1sat2flash-short >/dev/null 2>&1
	expect_did
}

# Whose payment it is, and what else there is.

fact_foreign_payment_is_left_alone() {
	begin_holding
	begin_pay 100
	world_await 10 has_begun
	# Not behind the one that is held.
	SECONDS=0
	world_pay 1000 --label mug >/dev/null
	world_pay 1000 --keysend >/dev/null
	((SECONDS < 3))
	payer_lost_it
	expect_did charge-port-open charge-port-close
}

fact_same_invoice_is_not_acted_on_twice() {
	begin_holding
	call_node invoice '[1000, "1sat2flash-once", "once"]' >/dev/null
	say_to_car shift D
	fails world_pay 1000 --label 1sat2flash-once >/dev/null 2>&1
	say_to_car shift P
	# It went back once, and goes back again; another one is fine.
	sleep 1
	fails world_pay 1000 --label 1sat2flash-once >/dev/null 2>&1
	expect_did
}

fact_offers_follow_the_owner() {
	local offer

	begin_holding
	offer=$(call_node listoffers | jq -r '.offers[]
		| select(.label | contains("-flash-")) | .offer_id')
	world_pay 1000 --offer "$offer" >/dev/null
	expect_did flash-lights
	expect_end 'confirmed, earned'
	world_ask pause
	world_await 10 is_disabled "$offer"
	world_ask resume
	world_await 10 fails is_disabled "$offer"
	call_node 1sat2flash-pause >/dev/null
	world_await 10 is_disabled "$offer"
	fails try_pay 1
	call_node 1sat2flash-resume >/dev/null
	world_await 10 fails is_disabled "$offer"
	# A car that is away sells nothing.
	end_bridge
	world_await 20 is_disabled "$offer"
	expect_did flash-lights
}

is_disabled() {
	call_node listoffers | jq -e --arg id "$1" '.offers[]
		| select(.offer_id == $id) | .active | not' >/dev/null
}

fact_price_that_changed_is_honoured_once_more() {
	local old

	begin_holding
	old=$(call_node listoffers | jq -r '.offers[]
		| select(.label | contains("-flash-")) | .offer_id')
	end_bridge
	actions=${actions/price = 1 /price = 2 }
	world_menu "$actions"
	world_bridge
	world_await 10 has_offers
	world_await 10 jq_offers 2
	world_pay 1000 --offer "$old" >/dev/null
	expect_did flash-lights
	expect_end 'confirmed, earned'
}

jq_offers() {
	call_node listoffers | jq -e --argjson n "$1" '[.offers[]
		| select(.label | contains("-flash-"))] | length == $n' \
		>/dev/null
}

# told NAME: what the bridge found out, for doctor.
told() {
	awk -F'\t' -v name="$1" '$1 == name { print $2 }' "$world/said"
}

fact_diagnosis_knows_the_plugin() {
	begin_holding
	end_bridge
	world_daemon --diagnose >"$world/said"
	expect "$(told node_up)" true
	call_node plugin '["stop", "1sat2flash-guard"]' >/dev/null
	world_daemon --diagnose >"$world/said"
	expect "$(told node_up)" false
	told node_problem | grep -q 'No 1sat2flash-guard runs'
	call_node plugin '["stop", "1sat2flash-node"]' >/dev/null
	world_daemon --diagnose >"$world/said"
	told node_problem | grep -q 'has no plugin 1sat2flash-node'
	expect_did
}

run_facts
