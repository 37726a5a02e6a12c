#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What has to be so of the car, what the payer gets when a step fails, and how
# much for how much.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# begin_with MENU CAR-OPTION...
begin_with() {
	world_begin "$build"
	world_menu "$1"
	shift
	world_key
	world_car "$@"
	world_node
	world_bridge
}

outcome() {
	order '.action + " " + .state + " " + .money'
}

party='action party {
	price = 100
	when = { nobody-inside, "battery >= 20" }
	do = { charge-port-open, "honk else keep", "flash-lights else skip" }
	undo = charge-port-close
	scale = 50
	scale-max = 4
	per-day = 20
	budget = 30s
}'

fact_conditions_are_proven_before_the_first_step() {
	begin_with "$party"
	pay 100
	expect "$(outcome)" "party confirmed earned"
	expect_did charge-port-open honk flash-lights
}

fact_condition_that_fails_is_told_and_owed() {
	begin_with "$party"
	say_to_car presence on
	pay 100
	expect "$(outcome)" "party refused owed"
	expect "$(order .why)" "somebody is in the car"
	# Now it is known, and the car need not be asked.
	pay 100
	expect "$(order .why)" "somebody is in the car"
	expect_did
}

fact_car_that_sleeps_is_not_woken_where_it_has_to_be_awake() {
	begin_with 'action flash { price = 1 do = flash-lights when = awake }' \
		--asleep
	pay 1
	expect "$(outcome)" "flash refused owed"
	expect "$(order .why)" "the car sleeps, and this does not wake it"
	expect_did
}

fact_step_that_is_left_out_is_told() {
	begin_with "$party" --fault refuse@flash-lights
	pay 100
	expect "$(outcome)" "party confirmed earned"
	order .why | grep -q '^flash-lights: .*; it was left out$'
	expect_did charge-port-open honk
}

fact_step_that_keeps_is_undone_and_earned() {
	begin_with "$party" --fault refuse@honk
	pay 100
	expect "$(outcome)" "party confirmed earned"
	order .why | grep -q '^honk: .*; what had begun was undone$'
	expect_did charge-port-open charge-port-close
}

fact_step_that_keeps_in_doubt_is_kept() {
	begin_with "$party" --fault lost-answer@honk
	pay 100
	expect "$(outcome)" "party unknown kept"
	expect_did charge-port-open honk charge-port-close
}

fact_more_buys_more_rounds() {
	begin_with "$party"
	pay 150
	expect "$(outcome)" "party confirmed earned"
	expect_did charge-port-open honk flash-lights \
		charge-port-open honk flash-lights
	pay 149
	expect "$(order .why)" "no action costs 149 sat"
}

fact_one_action_is_shown_with_what_the_payer_gets() {
	local said status=0

	begin_with "$party"
	said=$(world_ask menu party)
	grep -qx 'price    100 sat, and 50 sat for each more round, at most 4 rounds' \
		<<<"$said"
	grep -qx 'when     parked, nobody-inside, battery >= 20' <<<"$said"
	grep -qx '1  *charge-port-open  it stops; the money is owed' <<<"$said"
	grep -qx '2  *honk  *it stops, undo runs; the money is kept' <<<"$said"
	grep -qx '3  *flash-lights  *it goes on without this step' <<<"$said"
	expect "$(world_ask menu party --json | jq -r .per_day)" 20
	world_ask menu disco >"$world/said" 2>&1 || status=$?
	expect "$status" 1
	grep -q 'no such action in the menu' "$world/said"
}

fact_program_is_tried_by_hand() {
	# Cut after 40 bytes, in the middle of one.
	local umlauts=xääääääääääääääääääääääääääää said status=0

	begin_with "$party"
	said=$(world_ask try flash-lights "wait 10ms" honk)
	expect "$(head -n 1 <<<"$said")" "a program: queued (order 1)"
	tail -n 1 <<<"$said" | grep -q '^a program: confirmed after '
	expect_did flash-lights honk
	# One word that is no action is a step.
	world_ask try flash-lights >/dev/null
	expect_did flash-lights honk flash-lights
	for said in "honk|honkk" "state-drive|honk" "frunk-open|honk" \
		"wait 1s|wait 1s" "honk else keep|honk"; do
		status=0
		world_ask try "${said%|*}" "${said#*|}" >"$world/said" 2>&1 ||
			status=$?
		expect "$said: $status" "$said: 1"
	done
	grep -q '^1sat2flash: "honk else keep": nothing' "$world/said"
	# One that is meant as a step is told what is wrong with it.
	for said in "climate-set-temp 99c|degrees from 15c" \
		"charging-set-limit|needs the percent" \
		"honk ${umlauts}|takes no argument, but"; do
		fails world_ask try "${said%|*}" 2>"$world/said"
		grep -q "${said#*|}" "$world/said"
	done
	world_ask try honk "valet-mode-on file:/etc/passwd" \
		>"$world/said" 2>&1 && false
	grep -q 'needs a PIN' "$world/said"
	expect_did flash-lights honk flash-lights
}

fact_program_by_hand_closes_what_it_opened() {
	begin_with "$party" --fault refuse@honk
	# Never while it drives.
	say_to_car shift D
	world_ask try unlock >"$world/said" && false
	grep -q '^a program: refused, the car is not parked' "$world/said"
	say_to_car shift P
	world_ask try unlock honk >/dev/null && false
	expect_did unlock lock
}

run_facts
