#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Which payments reach the car, and which leave it alone.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

fact_one_sat_flashes_the_car_once() {
	begin
	pay 1
	expect "$(order '.action + " " + .state + " " + .money')" \
		"flash confirmed earned"
	expect_did flash-lights
}

fact_other_income_leaves_the_car_alone() {
	local msat

	begin
	for msat in 1000 21000 100000 500000; do
		# A shop's mug, a donation, a stranger's offer.
		pay_foreign "$msat" --label "btcpay-Xk3-"
		pay_foreign "$msat" --keysend
		pay_foreign "$msat" --offer "$(foreign_offer)"
		pay_foreign "$msat" --label mug- --description \
			"1sat2flash- flash honk 1sat2flash"
	done
	expect_did
	expect "$(world_ask payments)" "No payments yet."
}

foreign_offer() {
	printf '%064d' 7
}

fact_a_thousand_of_others_leave_the_car_alone() {
	local i before

	begin
	before=$(position)
	for ((i = 0; i < 1000; i++)); do
		say_to_node pay 1000 label=shop-
	done
	world_await 60 is_past $((before + 999))
	expect_did
	expect "$(world_ask payments)" "No payments yet."
	pay 1
	expect_did flash-lights
}

fact_our_offer_buys_its_action_whatever_is_paid() {
	local offer

	offer=$(printf '%064d' 1)
	begin "
		action flash {
			price = 1
			do = flash-lights
			offer = \"$offer\"
			match = at-least
		}
		action honk { price = 21 do = honk }"
	before=$(position)
	world_pay 21000 --offer "$offer" >/dev/null
	world_await 20 has_ended 0
	expect_did flash-lights
	expect "$(order '.tip_msat')" 20000
}

fact_amount_without_an_action_is_owed() {
	begin
	pay 7
	expect "$(order '.action + ":" + .state + " " + .money')" \
		":refused owed"
	expect_did
}

fact_described_payments_count_if_the_menu_says_so() {
	begin
	end_bridge
	sed -i 's/accept = .*/accept = { "description car wash" }/' \
		"$world/menu.conf"
	world_bridge
	pay_foreign 1000 --label x- --description "a mug"
	expect_did
	world_pay 1000 --label x- --description "my car wash" >/dev/null
	world_await 20 has_ended 0
	expect_did flash-lights
}

fact_payers_note_cannot_steer_the_terminal() {
	begin
	pay 1 --note $'good\e[2Jbye\xc2\x9b'
	world_ask payments >"$world/said"
	fails grep -q $'\e' "$world/said"
	grep -q 'good?\[2Jbye' "$world/said"
}

run_facts
