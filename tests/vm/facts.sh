#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is shown in the machine: the product installed and paired as its owner
# would do it, then paid for, then all that may happen to it in a car.
set -euo pipefail

# shellcheck source=tests/vm/lib.sh
. "${0%/*}/lib.sh"

# --- installed and paired --------------------------------------------------

fact_nothing_of_the_host_runs() {
	power_up
	expect "$(systemctl list-units --type=service --state=running \
		--no-legend --plain | awk '{print $1}' | paste -sd' ')" \
		"beacon.service bluetooth.service controllers.service$(
		) dbus.service systemd-journald.service"
}

# As "sudo meson install" does it, and then as the README says.
fact_is_installed() {
	cp -a "$build/vm/stage/." /
	systemd-sysusers
	systemctl daemon-reload
	systemctl reload dbus
	id _1sat2flash
	expect "$(systemctl show bluetooth --property Restart)" \
		"Restart=on-failure"
	systemd-analyze verify 1sat2flash.service
}

fact_pairing_takes_one_command_and_a_tap() {
	start_car
	1sat2flash-pair --adapter hci0 "$vin" >"$out/pairing.txt" 2>&1 &
	await 30 car_has '"waiting"' 1
	# As long as a hand takes to the console.
	sleep 2
	say_to_car tap
	wait $!
	cat "$out/pairing.txt"
	expect "$(stat -c '%U %a' /var/lib/1sat2flash/car.key)" \
		"_1sat2flash 600"
	1sat2flashd --check
}

fact_pairing_can_be_asked_about() {
	1sat2flash-pair --status
	# Who asks is no reason for the car to hear more.
	expect "$(count_car '"waiting"')" 1
}

fact_paired_twice_is_paired_once() {
	1sat2flash-pair "$vin"
	expect "$(count_car '"waiting"')" 1
}

fact_doctor_tells_of_a_missing_node() {
	fails 1sat2flash doctor >"$run/doctor"
	cat "$run/doctor"
	grep -qi 'node' "$run/doctor"
}

fact_service_is_ready_as_its_own_user() {
	start_node
	usermod --append --groups lightning _1sat2flash
	systemctl start 1sat2flash
	expect "$(ps -o user:20= -p "$(main_pid 1sat2flash)" | tr -d ' ')" \
		_1sat2flash
	await 10 follows_node
	remark "$(systemd-analyze security --no-pager 1sat2flash |
		sed -n 's/.*Overall exposure level for 1sat2flash.service: //p')"
}

main_pid() {
	systemctl show --property MainPID --value "$1"
}

follows_node() {
	[[ $(status .taking_payments) == true ]]
}

# --- paid for --------------------------------------------------------------

n_flashes() {
	count_car '"did":"flash-lights"'
}

# A payment makes the car flash, once.
pay_and_see() {
	local n_before
	n_before=$(n_flashes)

	pay 1
	expect "$(order '.action + " " + .state + " " + .money')" \
		"flash confirmed earned"
	expect "$(n_flashes)" $((n_before + 1))
}

fact_one_sat_flashes_the_car_over_the_air() {
	pay_and_see
	remark "$(order .took_ms) ms from payment to answer, from a closed link"
}

fact_next_one_finds_the_link_up() {
	pay_and_see
	remark "$(order .took_ms) ms from payment to answer"
}

fact_status_tells_adapter_link_and_sessions() {
	1sat2flash status
	expect "$(status '.adapter')" "hci0 ($near)"
	expect "$(status '.link')" ready
	expect "$(status '.session_vcsec, .session_infotainment' |
		paste -sd' ')" "true true"
	(($(status '.car_heard_s') < 60))
}

# Nothing sets the machine's clock.
fact_doctor_finds_nothing_but_the_clock() {
	fails 1sat2flash doctor >"$run/doctor"
	cat "$run/doctor"
	expect "$(awk '/^problem/ { print $2 }' "$run/doctor")" clock
}

fact_others_may_look_but_not_act() {
	setpriv --reuid=nobody --regid=nogroup --clear-groups \
		1sat2flash status >/dev/null
	fails setpriv --reuid=nobody --regid=nogroup --clear-groups \
		1sat2flash try flash
}

fact_running_bridge_lends_the_car_to_pair() {
	1sat2flash-pair --status
	pay_and_see
	expect "$(status .lent)" false
}

fact_two_hundred_are_neither_lost_nor_doubled() {
	local before began n=200
	before=$(n_flashes)
	began=${EPOCHREALTIME/./}

	for ((i = 0; i < n; i++)); do
		simnode --pay 1000 --label 1sat2flash- >/dev/null
	done
	remark "$(((${EPOCHREALTIME/./} - began) / n / 1000)) ms each"
	await 40 none_is_open
	expect "$(n_flashes)" $((before + n))
}

# --- what may happen -------------------------------------------------------

link_is() {
	[[ $(status .link) == "$1" ]]
}

fact_link_that_drops_comes_back() {
	say_to_car drop-link
	# bluetoothd takes 2 s to have it done.
	await 20 link_is closed
	pay_and_see
}

none_is_open() {
	1sat2flash payments --json | jq -e 'all(.state != "queued"
		and .state != "running")' >/dev/null
}

# What was lost on the way may have been done: then it is not tried again.
fact_link_that_drops_in_a_command_is_told_honestly() {
	local n_before
	n_before=$(n_flashes)

	say_to_car fault drop-after@flash-lights
	pay 1
	remark "$(order '.state + ", " + .money'): $(order .why)"
	(($(n_flashes) == n_before + 1))
}

kill_bluetoothd() {
	local pid
	pid=$(main_pid bluetooth)

	kill -KILL "$pid"
	await 10 is_another "$pid"
	power_up
}

is_another() {
	systemctl is-active --quiet bluetooth &&
		[[ $(main_pid bluetooth) != "$1" ]]
}

fact_bluetoothd_is_killed_with_the_link_up() {
	pay_and_see
	expect "$(status .link)" ready
	kill_bluetoothd
	pay_and_see
}

fact_link_is_given_up_when_idle() {
	pay_and_see
	await 45 link_is closed
}

fact_car_sleeps_and_a_payment_wakes_it() {
	say_to_car sleep
	pay_and_see
	car_has '"power":"booting"' 1
}

# shellcheck disable=SC2034 # lib.sh reads it
builds_on=(fact_is_installed fact_pairing_takes_one_command_and_a_tap
	fact_service_is_ready_as_its_own_user)
run_facts "$@"
