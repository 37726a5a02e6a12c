#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A car that is rented: by whom, for how long, and how it is had back.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# menu_of LENGTH [KEY]...: what rents the car, and something else to buy.
menu_of() {
	local length=$1
	shift
	printf '%s\n' "action rent { price = 5000 begin = { unlock }" \
		"undo = lock end = lock rental = $length $*" "}" \
		"action flash { price = 1 do = flash-lights }"
}

rental() {
	world_ask status --json | jq -r ".rental_$1"
}

phase_is() {
	[[ $(rental phase) == "$1" ]]
}

await_phase() {
	world_await "${2:-20}" phase_is "$1"
}

outcome() {
	order '.action + " " + .state + " " + .money'
}

log_has() {
	grep -q -- "$1" "$world/bridge.log"
}

# As above, with a car of another kind.
begin_with() {
	local menu=$1
	shift
	world_begin "$build"
	world_menu "$menu"
	world_key
	world_car "$@"
	world_node
	world_bridge
}

get_in() {
	say_to_car presence on
	await_phase occupied
}

fact_renter_who_never_gets_in_leaves_a_locked_car() {
	begin "$(menu_of 1min get-in = 1s)"
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	await_phase none
	expect_did unlock lock
	log_has "nobody got in in time"
	log_has "has ended, in time"
	# The next one may.
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	await_phase none
}

fact_everybody_else_is_told_that_it_is_rented() {
	begin "$(menu_of 1h)"
	pay 5000
	pay 1
	expect "$(outcome)" "flash refused owed"
	order .why | grep -Eq '^the car is rented (until [0-9:]{5}|for another .*)$'
	pay 5000
	expect "$(outcome)" "rent refused owed"
	order .why | grep -q 'the car is rented '
	fails world_ask try rent 2>"$world/said"
	grep -q 'one rental at a time' "$world/said"
	expect_did unlock
}

fact_warned_then_locked_in_time() {
	begin "$(menu_of 4s warn = flash-lights warn-before = 2s)"
	say_to_car presence on
	pay 5000
	await_phase occupied
	await_phase none
	expect_did unlock flash-lights lock
	# Whoever sits there is not kept in by that.
	log_has "has ended, in time\|ms past its time"
}

fact_second_payment_makes_it_longer() {
	begin "$(menu_of 1h)"
	pay 5000
	get_in
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	expect "$(rental extended)" 1
	(($(rental left_s) > 7000))
	expect_did unlock
	log_has "paid for once more"
}

fact_moving_car_is_left_alone_until_it_is_parked_and_closed() {
	begin "$(menu_of 5s warn = honk warn-before = 1s)"
	say_to_car presence on
	pay 5000
	await_phase occupied
	say_to_car shift D
	await_phase ending
	world_await 10 phase_waits "the car is being driven"
	say_to_car shift P
	say_to_car door open
	world_await 20 phase_waits "a door is open"
	expect_did unlock
	say_to_car door close
	say_to_car presence off
	await_phase none
	expect_did unlock lock
	log_has 'past its time'
	expect "$(world_ask payments --json | jq length)" 1
}

phase_waits() {
	[[ $(rental waits_for) == "$1" ]]
}

fact_overdue_one_can_be_paid_for() {
	begin "$(menu_of 2s)"
	say_to_car presence on
	pay 5000
	await_phase occupied
	say_to_car shift D
	await_phase ending
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	expect "$(rental extended)" 1
	await_phase ending
	say_to_car shift P
	await_phase none
	expect_did unlock lock
}

fact_owner_ends_it_by_the_same_rules() {
	begin "$(menu_of 1h)"
	fails world_ask end 2>"$world/said"
	grep -q 'the car is not rented' "$world/said"
	pay 5000
	get_in
	say_to_car shift D
	world_ask end >/dev/null
	world_await 20 phase_waits "the car is being driven"
	pay 5000
	expect "$(outcome)" "rent refused owed"
	world_ask status | grep -q 'rental .*the owner ended it'
	expect_did unlock
	say_to_car shift P
	await_phase none
	expect_did unlock lock
}

fact_restart_in_the_middle_changes_nothing() {
	local left

	begin "$(menu_of 1h)"
	pay 5000
	get_in
	left=$(rental left_s)
	end_bridge
	world_bridge
	phase_is occupied
	(($(rental left_s) <= left && $(rental left_s) > left - 30))
	world_stop bridge KILL
	world_bridge
	phase_is occupied
	world_ask end >/dev/null
	await_phase none
	expect_did unlock lock
}

fact_end_that_comes_while_the_bridge_is_away_is_made_up_for() {
	begin "$(menu_of 2s)"
	say_to_car presence on
	pay 5000
	await_phase occupied
	world_stop bridge KILL
	sleep 2
	expect_did unlock
	world_bridge
	await_phase none
	expect_did unlock lock
	log_has 'past its time'
}

fact_refused_begin_rents_nothing() {
	begin_with "$(menu_of 1h)" --fault refuse@unlock
	pay 5000
	expect "$(outcome)" "rent refused owed"
	phase_is none
	expect_did
	pay 1
	expect "$(outcome)" "flash confirmed earned"
}

# Both kinds of car, by the same menu: 8.3 tells them apart.
readonly driven="action rent {
	price = 5000
	begin = { unlock, drive }
	undo = lock
	end = lock
	rental = 1h
}"

fact_refused_remote_drive_leaves_nothing_open() {
	begin_with "$driven" --drive refuse
	pay 5000
	expect "$(outcome)" "rent refused owed"
	order .why | grep -q 'starts no drive by a command over Bluetooth'
	phase_is none
	expect_did unlock lock
	say_to_car brake on
	say_to_car shift D
	world_await 5 car_refused "shift D"
	# And no key answers for it.
	expect_did unlock lock
}

car_refused() {
	jq -e --arg what "$1" 'select(.refused == $what)' \
		"$world/car.out" >/dev/null
}

fact_remote_drive_is_driven_off_and_had_back() {
	begin_with "$driven" --drive accept
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	say_to_car presence on
	say_to_car brake on
	say_to_car shift D
	await_phase occupied
	fails car_refused "shift D"
	world_stop bridge KILL
	world_bridge
	phase_is occupied
	world_ask end >/dev/null
	world_await 20 phase_waits "the car is being driven"
	expect_did unlock drive
	say_to_car shift P
	await_phase none
	expect_did unlock drive lock
}

# One that keeps to valet mode, and has it off again however it ends.
valet_menu() {
	printf '%s\n' "action rent {" "price = 5000 rental = 1h" \
		"begin = { \"valet-mode-on file:$1\", unlock }" \
		"undo = { lock, valet-mode-off }" \
		"end = { lock, valet-mode-off } }"
}

begin_with_valet() {
	world_begin "$build"
	printf '1234\n' >"$world/pin"
	chmod 600 "$world/pin"
	world_menu "$(valet_menu "$world/pin")"
	world_key
	world_role=owner world_car "$@"
	world_node
	world_bridge
}

fact_valet_mode_is_off_again_once_it_is_over() {
	begin_with_valet
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	get_in
	world_stop bridge KILL
	world_bridge
	expect_did valet-mode-on unlock
	world_ask end >/dev/null
	await_phase none
	expect_did valet-mode-on unlock lock valet-mode-off
}

fact_valet_mode_is_off_again_where_it_cannot_begin() {
	begin_with_valet --fault refuse@unlock
	pay 5000
	expect "$(outcome)" "rent refused owed"
	phase_is none
	expect "$(car_did | awk '{ print $1, $NF }')" \
		"valet-mode-on valet-mode-off"
}

fact_rental_that_cannot_be_undone_is_closed_until_it_is() {
	begin_with "$driven" --fault refuse@drive --fault refuse@lock:2
	pay 5000
	expect "$(outcome)" "rent unknown kept"
	await_phase none 40
	expect "$(car_did)" "unlock lock"
}

fact_lock_that_is_refused_is_tried_again() {
	begin_with "$(menu_of 1h get-in = 1s)" --fault refuse@lock
	pay 5000
	await_phase none 40
	expect_did unlock lock
}

fact_sleeping_car_is_rented_and_had_back() {
	begin_with "$(menu_of 1min get-in = 1s)" --asleep --boot-time 1s
	pay 5000
	expect "$(outcome)" "rent confirmed earned"
	await_phase none 40
	expect "$(car_did | awk '{print $NF}')" lock
}


run_facts
