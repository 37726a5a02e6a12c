#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What becomes of a payment when the car sleeps, drives, refuses or goes
# silent.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# begin_with CAR-OPTION...: as begin, with a car of another kind.
begin_with() {
	world_begin "$build"
	world_menu "${menu:-$(world_actions)}"
	world_key
	world_car "$@"
	world_node
	world_bridge
}

outcome() {
	order '.action + " " + .state + " " + .money'
}

fact_every_action_of_the_menu_is_done() {
	begin
	pay 1
	pay 21
	pay 100
	pay 500
	expect "$(world_ask payments --json | jq -c 'map(.state) | unique')" \
		'["confirmed"]'
	expect_did flash-lights honk charge-port-open charge-port-close \
		media-set-volume media-toggle-playback
}

fact_music_that_plays_is_not_stopped() {
	begin
	pay 500
	pay 500
	expect "$(outcome)" "music confirmed earned"
	expect_did media-set-volume media-toggle-playback media-set-volume
}

fact_sleeping_car_is_woken() {
	begin_with --asleep --boot-time 1s
	pay 1
	expect "$(outcome)" "flash confirmed earned"
	expect_did wake flash-lights
}

fact_driving_car_is_left_alone() {
	begin
	say_to_car shift D
	pay 1
	expect "$(outcome)" "flash refused owed"
	expect_did
	say_to_car shift P
	# What it said of itself is believed for so long.
	sleep 2.1
	pay 1
	expect "$(outcome)" "flash confirmed earned"
}

fact_refused_is_owed() {
	begin_with --fault refuse@flash-lights
	pay 1
	expect "$(outcome)" "flash refused owed"
	expect "$(order '.why | length > 0')" true
	expect_did
	expect "$(world_ask owed --json | jq length)" 1
}

fact_lost_answer_is_unknown_and_owed() {
	begin_with --fault lost-answer@honk
	pay 21
	expect "$(outcome)" "honk unknown owed"
	expect_did honk
}

fact_unknown_can_be_kept() {
	menu='action honk { price = 21 do = honk unknown = keep }' \
		begin_with --fault lost-answer@honk
	pay 21
	expect "$(outcome)" "honk unknown kept"
	expect "$(world_ask owed)" "Nothing is owed."
}

fact_lost_answer_of_what_can_be_repeated_is_asked_again() {
	begin_with --fault lost-answer@charge-port-open
	pay 100
	expect "$(outcome)" "wave confirmed earned"
}

fact_faults_that_prove_nothing_was_done_are_signed_anew() {
	local fault

	for fault in fault-5 fault-6 fault-15 fault-17 epoch wait; do
		begin_with --fault "$fault@honk"
		pay 21
		expect "$fault: $(outcome)" "$fault: honk confirmed earned"
		expect_did honk
		end_bridge
		world_end
	done
}

fact_later_step_that_is_refused_is_undone() {
	begin_with --fault refuse@charge-port-close
	pay 100
	expect "$(outcome)" "wave refused owed"
	expect_did charge-port-open charge-port-close
}

fact_link_that_drops_before_the_request_is_built_anew() {
	begin_with --fault drop-in-request
	pay 1
	expect "$(outcome)" "flash confirmed earned"
	expect_did flash-lights
}

fact_link_that_drops_after_the_deed_is_unknown() {
	begin_with --fault drop-after@honk
	pay 21
	expect "$(outcome)" "honk unknown owed"
	expect_did honk
}

fact_car_out_of_reach_is_refused_when_the_payment_is_stale() {
	menu='action flash { price = 1 do = flash-lights max-age = 3 }' \
		begin_with
	world_stop car
	rm -f "$world/car"
	pay 1
	expect "$(outcome)" "flash refused owed"
	# Nobody wants it when the car is back.
	: >"$world/car.out"
	world_car
	world_ask try flash >/dev/null
	expect_did flash-lights
}

fact_many_payments_wait_for_each_other() {
	local i

	menu='action flash { price = 1 do = flash-lights }' begin_with
	for i in {1..20}; do
		world_pay 1000 --label "1sat2flash-$i-" >/dev/null &
	done
	world_await 30 all_have_ended 20
	expect "$(car_did | wc -w)" 20
}

all_have_ended() {
	world_ask payments --limit 1000 --json | jq -e --argjson n "$1" \
		'map(select(.state == "confirmed")) | length == $n' >/dev/null
}

fact_cooldown_makes_the_second_wait() {
	menu='action flash { price = 1 do = flash-lights cooldown = 2 }' \
		begin_with
	pay 1
	pay 1
	expect "$(outcome)" "flash confirmed earned"
	jq -s -e 'map(select(.did).t) | .[1] - .[0] > 1.9' "$world/car.out"
}

fact_stop_in_mid_program_undoes_what_was_opened() {
	menu='action wave {
		price = 100
		do = { charge-port-open, "wait 50s", charge-port-close }
		undo = charge-port-close
	}' begin_with
	world_pay 100000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q charge-port-open "$world/car.out"
	end_bridge
	expect_did charge-port-open charge-port-close
	world_bridge
	expect "$(outcome)" "wave refused owed"
}

run_facts
