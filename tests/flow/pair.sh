#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Pairing: what the person does, what the car says, and what is left where it
# ends.
set -euo pipefail

# shellcheck source=tests/flow/pair-lib.sh
. "${0%/*}/pair-lib.sh"

key_sum() {
	sha256sum "$world/state/car.key"
}

fact_pairing_is_a_tap_and_then_payments_flash() {
	begin_pairing
	begin_pair "$world_vin"
	world_await 20 car_waits
	grep -q 'Nothing appears on the screen until you tap' "$world/pair.out"
	say_to_car tap
	end_pair 0
	grep -q '^Paired: both computers of the car know the key, as driver\.' \
		"$world/pair.out"
	expect "$(tail -n 1 "$world/pair.out")" \
		"Next: sudo systemctl enable --now 1sat2flash"
	expect "$(jq -r 'select(.did) | .role' "$world/car.out")" driver
	world_node
	world_bridge
	pay 1
	expect_did add-key-request flash-lights
}

fact_paired_key_sends_no_second_request() {
	begin_pairing --tap-after 100ms
	pair 0
	pair 0
	said 'It is paired: both computers of the car know the key, as driver.'
	expect "$(n_requests)" 1
}

fact_role_and_form_are_those_asked_for() {
	begin_pairing --tap-after 100ms
	pair 0 --role charging-manager --form-factor android-device
	said 'as charging-manager'
	expect "$(jq -r 'select(.did) | .role' "$world/car.out")" \
		charging-manager
}

fact_program_gets_one_object_per_line() {
	begin_pairing --tap-after 100ms
	pair 0 --json
	expect "$(jq -r '.stage // .result // .next // empty' "$world/said" |
		paste -sd' ')" \
		"searching probing waiting syncing paired sudo systemctl enable --now 1sat2flash"
}

refused() {
	world_stop car
	new_car --tap-after 100ms --fault "$1"
	pair "$2"
	said "$3"
}

fact_each_no_of_the_car_has_its_sentence() {
	begin_pairing
	refused tap-24 5 'Somebody said no on the car'
	refused tap-26 5 'nobody confirmed on the screen'
	refused tap-27 5 'in valet mode'
	refused tap-28 5 'was cancelled'
	refused keys-4 5 'list of keys is full'
	refused keys-3 5 'list of keys is full'
	refused keys-5 5 'does not permit this'
	refused keys-23 5 'its screen is dark'
	refused keys-15 5 'Its reason is 15.'
	# After each of them the next attempt is a new one.
	world_stop car
	new_car --tap-after 100ms
	pair 0
}

fact_card_that_nobody_taps_is_told() {
	begin_pairing --tap-timeout 1s
	pair 5
	said 'Nobody tapped a key card in time. Start again, and tap'
}

fact_car_that_never_says_why_times_out() {
	begin_pairing --fault lost-answer@add-key-request
	pair 5 --timeout 6s
	said 'The car did not take the key in time.'
}

fact_tap_without_an_answer_is_seen_by_asking() {
	begin_pairing --fault lost-answer@add-key-request:2
	begin_pair
	world_await 20 car_waits
	say_to_car tap
	end_pair 0
	expect "$(n_requests)" 1
}

fact_sleeping_car_is_to_be_woken() {
	begin_pairing --asleep
	pair 5
	said 'Sit down in the car, press the brake'
	expect "$(n_requests)" 0
}

fact_link_that_drops_comes_back_and_nothing_is_sent_again() {
	begin_pairing
	begin_pair
	world_await 20 car_waits
	say_to_car drop-link
	world_await 20 grep -q 'Still waiting for the tap' "$world/pair.out"
	say_to_car tap
	end_pair 0
	expect "$(n_requests)" 1
	grep -q '^Looking for the car again' "$world/pair.out"
}

fact_computer_of_the_screen_that_does_not_hear_of_it_is_told() {
	begin_pairing --tap-after 100ms --sync-time 1h
	pair 6 --timeout 8s
	said "The car's locks know this key"
	pair 6 --status
}

fact_car_that_is_not_there_is_not_heard() {
	world_begin "$build"
	world_menu
	pair 4 --timeout 5s
	said 'The car is not heard. Bring this machine to the car'
}

fact_silent_car_is_told() {
	begin_pairing --fault lost-request@session-info:100
	pair 4 --timeout 20s
	said 'The car is connected, but does not answer.'
}

fact_ctrl_c_ends_it_at_once_and_keeps_the_key() {
	local sum

	begin_pairing
	begin_pair
	world_await 20 car_waits
	sum=$(key_sum)
	world_stop pair INT
	expect "$world_status" 130
	grep -q '^Stopped. The key is kept' "$world/pair.out"
	grep -q 'forgets the request within a minute' "$world/pair.out"
	expect "$(key_sum)" "$sum"
	# The car has its link back, and the next attempt a new request.
	begin_pair
	world_await 20 grep -q 'request is out' "$world/pair.out"
	say_to_car tap
	end_pair 0
	expect "$(key_sum)" "$sum"
}

fact_term_and_hangup_end_it_as_well() {
	begin_pairing
	begin_pair
	world_await 20 car_waits
	world_stop pair TERM
	expect "$world_status" 143
	begin_pair
	world_await 20 grep -q 'request is out' "$world/pair.out"
	world_stop pair HUP
	expect "$world_status" 129
	expect "$(grep -c '^Stopped\.' "$world/pair.out")" 1
}

fact_it_ends_when_nobody_reads_what_it_says() {
	local reader

	begin_unknown
	mkfifo "$world/pair.out"
	# shellcheck disable=SC2046
	world_start pair /dev/null "$world/bin/1sat2flash-pair" $(paths)
	exec {reader}<"$world/pair.out"
	world_await 20 is_lent true
	exec {reader}<&-
	world_await 10 is_lent false
	wait "${world_pids[pair]}" || expect $? 141
	unset "world_pids[pair]"
}

fact_terminal_counts_the_seconds() {
	begin_pairing --tap-after 2500ms
	on_terminal '' "$world_vin"
	expect "$(<"$world/status")" 0
	grep -q $'\r\x1b\\[K  waiting for the tap, 2 s' "$world/said"
}

fact_status_asks_and_changes_nothing() {
	begin_pairing --tap-after 100ms
	pair 3 --status
	said 'there is no key yet'
	fails test -e "$world/state/car.key"
	world_key
	pair 1 --status
	said 'The car does not know this key.'
	expect "$(n_requests)" 0
	pair 0
	pair 0 --status
	said 'It is paired'
	fails said Next
	world_stop car
	rm -f "$world/car"
	pair 4 --status --timeout 5s
}

is_lent() {
	[[ $(world_ask status --json | jq .lent) == "$1" ]]
}

# A bridge that runs, with a key that the car does not know.
begin_unknown() {
	world_begin "$build"
	world_menu
	world_key
	new_car
	world_node
	world_bridge
}

fact_bridge_lends_the_car_and_takes_it_back() {
	begin_unknown
	begin_pair
	world_await 20 car_waits
	is_lent true
	grep -q '^The bridge runs; it keeps away' "$world/pair.out"
	say_to_car tap
	end_pair 0
	expect "$(tail -n 1 "$world/pair.out")" "Next: 1sat2flash try flash"
	world_await 5 is_lent false
	world_ask try flash
	expect_did add-key-request flash-lights
}

fact_bridge_with_a_key_that_is_gone_is_to_be_restarted() {
	begin_unknown
	rm "$world/state/car.key"
	begin_pair
	world_await 20 car_waits
	say_to_car tap
	end_pair 0
	expect "$(tail -n 1 "$world/pair.out")" \
		"Next: sudo systemctl restart 1sat2flash"
}

fact_bridge_takes_the_car_back_however_it_ends() {
	local signal

	begin_unknown
	for signal in KILL INT; do
		begin_pair
		world_await 20 is_lent true
		world_stop pair "$signal"
		world_await 5 is_lent false
	done
}

fact_bridge_that_starts_meanwhile_lends_too() {
	begin_pairing
	begin_pair
	world_await 20 car_waits
	world_node
	world_bridge
	world_await 5 is_lent true
	end_bridge
	say_to_car tap
	end_pair 0
	expect "$(n_requests)" 1
}

fact_busy_bridge_is_waited_for() {
	world_begin "$build"
	world_menu 'action show {
		price = 1
		do = { flash-lights, "wait 2s", flash-lights }
	}'
	world_key
	world_car
	world_node
	world_bridge
	world_start manager /dev/null "$world/bin/1sat2flash" try show
	world_await 10 grep -q flash-lights "$world/car.out"
	pair 0
	said 'Waiting, as the bridge is busy with the car; a minute at most.'
	expect_did flash-lights flash-lights
}

fact_second_pairing_waits_for_the_first() {
	begin_unknown
	begin_pair
	world_await 20 is_lent true
	# shellcheck disable=SC2046
	world_start manager /dev/null "$world/bin/1sat2flash-pair" $(paths) \
		--status
	world_await 10 grep -q 'another 1sat2flash-pair has the car' \
		"$world/manager.out"
	world_stop pair INT
	world_await 20 grep -q 'does not know this key' "$world/manager.log"
}

run_facts
