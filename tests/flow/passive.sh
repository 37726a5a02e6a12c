#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A rental in which the bridge is a phone key (vehicle-protocol 8.4): it answers
# the car while the rental lasts that says so, and at no other time.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# rent [KEY...]: a menu with a rental, and whatever keys it has besides.
rent() {
	begin "
		action ride {
		    price = 10
		    begin = unlock
		    undo = lock
		    rental = 1min
		    end = lock
		    $*
		}
		action flash {
		    price = 1
		    do = flash-lights
		}"
}

# How often the bridge was the key that the car asked for.
n_answers() {
	car_did | tr ' ' '\n' | grep -c authenticate || true
}

has_answered() {
	(($(n_answers) > $1))
}

is_refused() {
	jq -e 'select(.refused == "shift D")' "$world/car.out" >/dev/null
}

drives() {
	say_to_car shift D
	say_to_car help
	world_await 5 grep -q '"told":"help"' "$world/car.out"
	fails is_refused
}

is_closed() {
	[[ $(car_did) == *' lock' ]]
}

# stays_silent DEED...: the car asks for more than a second, and hears nothing.
stays_silent() {
	local n

	n=$(n_answers)
	say_to_car "$*"
	world_await 5 grep -q '"asks"' "$world/car.out"
	sleep 1.2
	expect "$(n_answers)" "$n"
}

fact_renter_drives_while_it_lasts() {
	local n

	rent passive-entry = yes get-in = 4s
	# Nobody has paid for it: it has the link, and the session.
	pay 1
	stays_silent brake on

	pay 10
	expect "$(order .state)" confirmed
	world_await 5 has_answered 0
	drives
	say_to_car shift P
	say_to_car brake off

	# A bridge that comes back from a crash is a key again.
	world_stop bridge KILL
	world_bridge
	say_to_car lock
	n=$(n_answers)
	say_to_car handle
	world_await 5 has_answered "$n"

	# Nobody sat down: it is over.
	world_await 15 is_closed
	stays_silent handle
}

fact_rental_that_does_not_say_so_is_no_key() {
	rent
	pay 10
	expect "$(order .state)" confirmed
	stays_silent brake on
	say_to_car shift D
	world_await 5 is_refused
}

run_facts
