#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Money that goes back: what is owed where the node settles at once, and
# deposits.  The node pays somebody outside of it, once.
set -euo pipefail

# shellcheck source=tests/flow/hold-lib.sh
. "${0%/*}/hold-lib.sh"

actions='action flash { price = 1000 do = flash-lights }
action rent {
    price = 5000
    deposit = 50000
    inspect = 0
    begin = unlock
    undo = lock
    end = lock
    rental = 2s
    get-in = 1s
}'

# Of the payee outside of the simulated node.
readonly offer=lno1spayeeqqqqqqqqqqqqqqqqqqqqqq

# begin_owing NOTE [WAY]: somebody has paid a car that is being driven.
begin_owing() {
	begin_at_plugin "${2:-plugin = yes}"
	say_to_car shift D
	pay 1000 --note "$1"
	say_to_car shift P
	expect_did
}

# What the payee got, and how often.
paid_out() {
	call_node listpays | jq -c '[.pays[]
		| select(.status == "complete")
		| (.amount_msat // .amount_sent_msat)]'
}

money_is() {
	[[ $(order .money) == "$1" ]]
}

fact_owed_money_goes_back_to_the_offer_in_the_note() {
	begin_owing "thanks, back to $offer"
	expect "$(order .money)" owed
	world_ask owed >"$world/said"
	grep -q '1000 sat is owed for 1 payment' "$world/said"
	# The owner at the node sees it, too.
	world_await 40 is_told
	world_ask owed refund 1 >"$world/said"
	grep -q 'order 1: 1000 sat was paid back' "$world/said"
	expect "$(order .money)" returned
	expect "$(paid_out)" '[990000]'
	# Once.
	fails world_ask owed refund 1 2>"$world/said"
	grep -q 'nothing is owed for order 1' "$world/said"
	fails call_node 1sat2flash-refund \
		"[\"$(order .payment_hash)\"]" 2>/dev/null
	expect "$(paid_out)" '[990000]'
	expect_did
}

is_told() {
	call_node 1sat2flash-owed | grep -q '"msat": \?1000000'
}

fact_name_in_the_note_is_paid() {
	begin_owing 'satoshi@payee.example'
	world_ask owed refund 1 >/dev/null
	expect "$(paid_out)" '[990000]'
}

fact_note_without_a_way_back_is_told() {
	begin_owing 'thanks for nothing'
	fails world_ask owed refund 1 2>"$world/said"
	grep -q 'was not paid back: .*no BOLT 12 offer' "$world/said"
	expect "$(order .money)" owed
	world_ask owed | grep -q 'not paid back'
	expect "$(paid_out)" '[]'
}

fact_what_was_refused_goes_back_by_itself() {
	begin_owing "$offer" 'plugin = yes refunds = automatic'
	world_await 20 money_is returned
	expect "$(paid_out)" '[990000]'
}

fact_owner_at_the_node_gives_it_back() {
	begin_owing "$offer"
	call_node 1sat2flash-refund "[\"$(order .payment_hash)\"]" >/dev/null
	world_await 40 money_is returned
	expect "$(paid_out)" '[990000]'
}

fact_more_than_a_day_allows_is_refused() {
	begin_at_plugin 'plugin = yes' \
		--plugin-option 1sat2flash-refund-daily=1500
	say_to_car shift D
	pay 1000 --note "$offer"
	pay 1000 --note "$offer"
	world_ask owed refund 1 >/dev/null
	fails world_ask owed refund 2 2>"$world/said"
	grep -q 'a day' "$world/said"
	expect "$(paid_out)" '[990000]'
}

fact_payment_that_fails_stays_owed_and_may_be_tried_again() {
	begin_owing "$offer"
	say_to_node payee outcome fails
	fails world_ask owed refund 1 2>/dev/null
	expect "$(order .money)" owed
	expect "$(paid_out)" '[]'
	say_to_node payee outcome pays
	world_ask owed refund 1 >/dev/null
	expect "$(paid_out)" '[990000]'
}

fact_node_that_dies_while_it_pays_pays_once() {
	begin_owing "$offer"
	say_to_node payee delay 3
	say_to_node payee kill on
	world_ask owed refund 1 >/dev/null 2>&1 &
	asker=$!
	wait "${world_pids[node]}" || true
	unset 'world_pids[node]'
	rm -f "$world/lightning-rpc"
	holding_node
	world_await 60 money_is returned
	expect "$(paid_out)" '[990000]'
	wait "$asker"
}

fact_owed_deed_is_done_after_all() {
	begin_owing "$offer"
	world_ask owed "do" 1 >"$world/said"
	grep -q 'done after all' "$world/said"
	expect_did flash-lights
	expect "$(world_ask payments --json | jq -r '.[0].money')" earned
	fails world_ask owed refund 1 2>/dev/null
	expect "$(paid_out)" '[]'
}

fact_owed_money_is_written_off() {
	begin_owing "$offer"
	world_ask owed write-off 1 >/dev/null
	expect "$(order .money)" 'written off'
	world_ask owed | grep -q 'Nothing is owed'
	fails world_ask owed refund 1 2>/dev/null
}

fact_earned_money_is_never_given_back() {
	begin_at_plugin 'hold = yes'
	world_pay 1000000 --label 1sat2flash- --note "$offer" >/dev/null
	world_await 20 money_is earned
	fails call_node 1sat2flash-refund "[\"$(order .payment_hash)\"]" \
		2>"$world/said"
	expect "$(paid_out)" '[]'
}

# Deposits

rent_offer() {
	call_node listoffers | jq -r '.offers[]
		| select(.label | contains("-rent-")) | .offer_id'
}

deposit_is() {
	[[ $(order .deposit) == "$1" ]]
}

fact_deposit_comes_back_when_the_car_does() {
	local way

	for way in 'hold = yes' 'plugin = yes'; do
		begin_at_plugin "$way"
		world_pay 55000000 --offer "$(rent_offer)" --note "$offer" \
			>/dev/null
		world_await 60 deposit_is returned
		expect "$(order .state), $(order .money)" 'confirmed, earned'
		expect_did unlock lock
		expect "$(paid_out)" '[50000000]'
		end_bridge
		world_end
	done
}

fact_deposit_without_a_way_back_is_refused() {
	begin_at_plugin 'hold = yes'
	fails world_pay 55000000 --offer "$(rent_offer)" 2>/dev/null
	world_await 20 money_is returned
	order .why | grep -q 'no way back for the deposit'
	# The price alone does not buy it.
	fails world_pay 5000000 --label 1sat2flash-rent --note "$offer" \
		2>/dev/null
	expect_did
}

fact_owner_keeps_a_deposit() {
	actions=${actions/inspect = 0/}
	begin_at_plugin 'hold = yes'
	world_pay 55000000 --offer "$(rent_offer)" --note "$offer" >/dev/null
	world_await 60 deposit_is inspect
	world_ask owed | grep -q 'deposit of 50000 sat'
	world_ask owed write-off 1 >/dev/null
	deposit_is kept
	fails world_ask owed refund 1 2>/dev/null
	expect "$(paid_out)" '[]'
}

fact_owner_has_seen_enough() {
	actions=${actions/inspect = 0/}
	begin_at_plugin 'hold = yes'
	world_pay 55000000 --offer "$(rent_offer)" --note "$offer" >/dev/null
	world_await 60 deposit_is inspect
	world_ask owed refund 1 | grep -q 'the deposit of 50000 sat'
	expect "$(paid_out)" '[50000000]'
}

run_facts
