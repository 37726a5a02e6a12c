#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The link to the car is lent to another program, and a look at the car.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

error=io.github.onesat2flash.Error

begin_lending() {
	begin "$@"
	cp "$build/tests/flow/borrow" "$world/bin/"
	borrower one
}

# borrower NAME: a program on the bus, which does what is said to it.
borrower() {
	mkfifo -m 666 "$world/$1.in"
	world_start "$1" "$world/$1.in" "$world/bin/borrow"
}

# asks NAME METHOD ANSWER
asks() {
	local before

	touch "$world/$1.out"
	before=$(wc -l <"$world/$1.out")
	echo "$2" >"$world/$1.in"
	world_await 30 has_lines "$world/$1.out" $((before + 1))
	expect "$(tail -n 1 "$world/$1.out")" "$2: $3"
}

has_lines() {
	(($(wc -l <"$1") >= $2))
}

end_borrowers() {
	local name

	for name in one two; do
		world_stop "$name" "${1:-TERM}"
	done
}

is_lent() {
	world_ask status --json | jq -e .lent >/dev/null
}

fact_orders_wait_while_the_link_is_lent() {
	begin_lending
	pay 1
	asks one Lend ok
	is_lent
	expect "$(world_ask status --json | jq -r .link)" closed
	world_pay 21000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q 'order 2: honk' "$world/bridge.log"
	expect "$(order .state)" queued
	expect_did flash-lights
	asks one GiveBack ok
	world_await 20 has_ended 1
	expect "$(order .state)" confirmed
	expect_did flash-lights honk
	fails is_lent
	end_borrowers
}

phase_is() {
	[[ $(world_ask status --json | jq -r .rental_phase) == "$1" ]]
}

fact_rental_whose_end_comes_meanwhile_ends_later() {
	begin_lending 'action rent {
		price = 50
		begin = unlock
		undo = lock
		end = lock
		rental = 3s
		passive-entry = yes
	}'
	say_to_car presence on
	pay 50
	world_await 10 phase_is occupied
	asks one Lend ok
	world_await 10 phase_is ending
	expect_did unlock
	asks one GiveBack ok
	world_await 40 phase_is none
	expect_did unlock lock
	end_borrowers
}

fact_borrower_that_dies_gives_back() {
	begin_lending
	asks one Lend ok
	world_stop one KILL
	world_await 10 fails is_lent
	pay 1
	expect_did flash-lights
}

fact_only_one_has_the_link() {
	begin_lending
	borrower two
	asks two GiveBack $error.NotPermitted
	asks one Lend ok
	asks one Lend ok
	asks two Lend $error.Lent
	asks two Look $error.Lent
	asks two GiveBack $error.NotPermitted
	is_lent
	asks one GiveBack ok
	asks two Lend ok
	end_borrowers
}

fact_link_that_is_given_back_at_once_is_not_lent() {
	begin_lending
	# Before it was lent, or just afterwards.
	asks one LendGiveBack answered
	world_await 10 fails is_lent
	asks one Lend ok
	end_borrowers
}

fact_link_is_not_lent_while_an_order_runs() {
	begin_lending 'action wave {
		price = 100
		do = { charge-port-open, "wait 2s", charge-port-close }
	}'
	world_pay 100000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q charge-port-open "$world/car.out"
	asks one Lend $error.Busy
	asks one Look $error.Busy
	world_await 20 has_ended 0
	asks one Lend ok
	expect_did charge-port-open charge-port-close
	end_borrowers
}

fact_order_that_waited_too_long_is_refused() {
	begin_lending 'action flash {
		price = 1
		do = flash-lights
		max-age = 1
	}'
	asks one Lend ok
	world_pay 1000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q 'order 1: flash' "$world/bridge.log"
	sleep 1.1
	asks one GiveBack ok
	world_await 20 has_ended 0
	expect "$(order '.state + " " + .money')" "refused owed"
	expect_did
	end_borrowers
}

fact_link_is_back_when_the_bus_is_gone() {
	begin_lending
	asks one Lend ok
	world_stop bus
	world_await 10 grep -q 'D-Bus went away' "$world/bridge.log"
	world_pay 1000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q 'order 1: flash, 1 sat: confirmed' \
		"$world/bridge.log"
	expect_did flash-lights
	end_borrowers
}

fact_link_that_is_lent_does_not_hold_up_a_stop() {
	begin_lending
	asks one Lend ok
	end_bridge
	end_borrowers
}

fact_look_shakes_hands_and_wakes_nothing() {
	begin_lending
	asks one Look ok
	expect "$(world_ask status --json | jq -c \
		'[.session_vcsec, .session_infotainment, .car_sleep]')" \
		'[true,true,"awake"]'
	say_to_car sleep
	asks one Look ok
	expect "$(world_ask status --json | jq -r .car_sleep)" asleep
	expect_did
	end_borrowers
}

fact_look_at_a_car_that_is_away_says_so() {
	begin_lending
	world_stop car
	rm -f "$world/car"
	asks one Look ok
	expect "$(world_ask status --json | jq -c \
		'[.session_vcsec, .car_trouble]')" '[false,"car-not-heard"]'
	end_borrowers
}

fact_look_without_bluetooth_says_so() {
	world_begin "$build"
	cp "$build/tests/flow/borrow" "$world/bin/"
	world_menu
	sed -i 's|link = .*|link = bluez|' "$world/menu.conf"
	world_key
	world_node
	world_bridge
	borrower one
	asks one Look ok
	expect "$(world_ask status --json | jq -c '[.link, .car_trouble]')" \
		'["closed","no-bluetooth"]'
	end_borrowers
}

fact_strangers_neither_look_nor_borrow() {
	local method

	((EUID == 0)) || skip "needs root, to become another user"
	# Where the bus asks, and where only the bridge does.
	for world_policy in "" '<busconfig><policy context="default">
		<allow send_destination="io.github.onesat2flash"/>
		</policy></busconfig>'; do
		begin_lending
		for method in Lend GiveBack Look; do
			setpriv --reuid=daemon --regid=daemon --clear-groups \
				-- "$world/bin/borrow" <<<"$method" >"$world/said"
			fails grep -q ': ok$' "$world/said"
			if [[ -n $world_policy ]]; then
				expect "$(<"$world/said")" \
					"$method: $error.NotPermitted"
			fi
		done
		fails is_lent
		end_borrowers
		end_bridge
		world_end
	done
}

fact_root_may_look_and_borrow() {
	((EUID == 0)) || skip "needs root"
	begin_lending
	expect "$(printf 'Look\nLend\n' | "$world/bin/borrow")" \
		$'Look: ok\nLend: ok'
	world_await 10 fails is_lent
	end_borrowers
}

run_facts
