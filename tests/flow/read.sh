#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the car tells of itself, asked for by its owner.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# All but the body, in the order in which they are asked for.
parts=(charge climate drive location closures charge-schedule
	precondition-schedule tire-pressure media media-detail software-update
	parental-controls)

state() {
	world_ask state "$@"
}

# fact PART NAME: its value, as JSON.
fact() {
	state "$1" --json | jq -c --arg part "$1" --arg name "$2" \
		'.[$part].facts[$name]'
}

car_read() {
	jq -r 'select(.read) | .read' "$world/car.out" | paste -sd' '
}

fact_every_part_is_asked_for_by_itself() {
	local part

	begin
	state --json >"$world/said"
	expect "$(jq -c 'keys_unsorted' "$world/said")" \
		"$(jq -cn '$ARGS.positional' --args body "${parts[@]}")"
	expect "$(jq -c '[.[] | select(.cut or (.facts | length == 0))]' \
		"$world/said")" "[]"
	for part in "${parts[@]}"; do
		car_read | grep -w "state-$part" >/dev/null
	done
	# Nothing was done, and one answer was enough each time.
	expect_did
	expect "$(jq -c 'select(.fault)' "$world/car.out")" ""
	# For a person, too.
	state >"$world/said"
	expect "$(grep -cE '^[a-z-]+$' "$world/said")" 13
	fails grep -q $'\e' "$world/said"
}

fact_state_is_that_of_the_car() {
	begin
	say_to_car battery 63
	say_to_car temperature inside 21.5
	say_to_car door front-left open
	say_to_car presence on
	say_to_car location 48.1375 11.575
	say_to_car tire rear-right 2.4
	expect "$(fact charge battery_level)" 63
	expect "$(fact climate inside_temp)" 21.5
	expect "$(fact closures door_open_driver_front)" true
	expect "$(fact body user_presence)" '"present"'
	expect "$(fact location latitude)" 48.1375
	expect "$(fact tire-pressure tpms_pressure_rr)" 2.4
	# Absent is not zero: a parked car has no speed.
	expect "$(fact drive speed)" null
	expect "$(fact drive shift_state)" '"p"'
	say_to_car shift D
	say_to_car speed 50
	expect "$(fact drive speed)" 80.5
	expect "$(state drive --json | jq -r .drive.units.speed)" km/h
	state drive | grep -x '  speed  *80.5 km/h' >/dev/null
	say_to_car location none
	expect "$(fact location latitude)" null
	state location | grep -E '^  absent: .*latitude' >/dev/null
}

fact_keys_and_chargers_are_asked_for_by_name() {
	begin
	expect "$(fact keys number_of_entries)" 1
	expect "$(fact nearby-charging superchargers)" 3
}

fact_a_sleeping_car_is_woken_only_if_told_to() {
	local status=0

	world_begin "$build"
	world_menu
	world_key
	world_car --asleep --boot-time 300ms
	world_node
	world_bridge
	expect "$(fact body vehicle_sleep_status)" '"asleep"'
	state charge >"$world/said" 2>&1 || status=$?
	expect "$status" 1
	expect "$(<"$world/said")" \
		"1sat2flash: charge: the car sleeps; wake it with --wake"
	# All of it is the body, and the same.
	status=0
	state >"$world/said" 2>/dev/null || status=$?
	expect "$status" 1
	grep -qx body "$world/said"
	fails jq -e 'select(.power == "awake")' "$world/car.out"

	state charge --wake >"$world/said"
	grep -q '^  battery_level ' "$world/said"
	expect_did wake
}

fact_a_payment_goes_before() {
	local said

	begin
	say_to_car fault lost-request@state-charge:1
	state charge >"$world/said" 2>&1 &
	said=$!
	world_await 10 grep -q 'lost-request' "$world/car.out"
	pay 1
	expect_did flash-lights
	fails wait "$said"
	expect "$(<"$world/said")" \
		"1sat2flash: charge: an order came first; try again"
}

fact_what_cannot_be_read_is_told() {
	local status=0

	begin
	state honk 2>"$world/said" || status=$?
	expect "$status" 2
	grep -q '^1sat2flash: the car has no state "honk"; there are: body, ' \
		"$world/said"
	# From the bridge, as well.
	fails dbus-send --bus="$DBUS_SYSTEM_BUS_ADDRESS" --print-reply \
		--dest=io.github.onesat2flash /io/github/onesat2flash \
		io.github.onesat2flash.Bridge1.GetState string:honk \
		boolean:true 2>"$world/said"
	grep -q 'io.github.onesat2flash.Error.NoSuchState' "$world/said"

	# One that the car declines does not keep it from the others.
	say_to_car fault fault-7@state-climate
	status=0
	state --json >"$world/said" 2>/dev/null || status=$?
	expect "$status" 1
	expect "$(jq 'length' "$world/said")" 13
	expect "$(jq -c '[.[] | select(.error)] | length' "$world/said")" 1
	jq -e '.climate.error' "$world/said" >/dev/null

	world_stop car
	status=0
	state charge >"$world/said" 2>&1 || status=$?
	expect "$status" 1
	grep -q '^1sat2flash: charge: the car ' "$world/said"
}

fact_strangers_learn_nothing() {
	local status=0

	((EUID == 0)) || skip "needs root, to become another user"
	begin
	setpriv --reuid=daemon --regid=daemon --clear-groups -- \
		"$world/bin/1sat2flash" state location >"$world/said" 2>&1 ||
		status=$?
	expect "$status" 1
	grep -q 'only root and members of the group' "$world/said"
	expect "$(car_read)" ""
}

run_facts
