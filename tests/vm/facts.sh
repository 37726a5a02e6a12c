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
}

fact_pairing_takes_one_command_and_a_tap() {
	start_car
	1sat2flash-pair --adapter hci0 "$vin" >"$out/pairing.txt" 2>&1 &
	await 30 car_has '"waiting":"tap"' 1
	# As long as a hand takes to the console.
	sleep 2
	say_to_car tap
	wait $!
	cat "$out/pairing.txt"
	expect "$(stat -c '%U %a' /var/lib/1sat2flash/car.key)" \
		"_1sat2flash 600"
	1sat2flashd --check
}

# doctor_says SENTENCE: it does, as a problem, and ends with 1.
doctor_says() {
	local status=0

	1sat2flash doctor >"$run/doctor" || status=$?
	tee "$out/doctor.${FUNCNAME[1]#fact_}" <"$run/doctor"
	expect "$status" 1
	tr -s '[:space:]' ' ' <"$run/doctor" | grep -qF "$1"
}

fact_doctor_tells_of_a_missing_node() {
	doctor_says "lightning-rpc is not there"
}

user_of() {
	ps -o user:20= -p "$1" | tr -d ' '
}

is_user() {
	[[ $(user_of "$1") == "$2" ]]
}

fact_diagnosis_of_root_is_not_done_as_root() {
	1sat2flashd --diagnose >"$run/diagnosis" &
	await 20 is_user $! _1sat2flash
	wait $!
	cat "$run/diagnosis"
	grep -qx $'session_vcsec\ttrue' "$run/diagnosis"
}

# The owner sells it to the patient and to the hasty, too.
add_actions() {
	cat >>/etc/1sat2flash/1sat2flash.conf <<-'END'
		action patient {
		    price = 3
		    do = flash-lights
		    max-age = 15s
		}
		action hasty {
		    price = 2
		    do = flash-lights
		    max-age = 8s
		}
	END
}

fact_service_is_ready_as_its_own_user() {
	start_node
	usermod --append --groups lightning _1sat2flash
	add_actions
	systemctl enable --now 1sat2flash
	expect "$(user_of "$(main_pid 1sat2flash)")" _1sat2flash
	await 20 follows_node
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
	# These controllers measure no strength, so BlueZ gives none.
	expect "$(status '.car_rssi // "none"')" none
}

# Nothing sets the machine's clock.
fact_doctor_finds_nothing_but_the_clock() {
	fails 1sat2flash doctor >"$run/doctor"
	cat "$run/doctor"
	expect "$(awk '/^problem/ { print $2 }' "$run/doctor")" clock
}

has_flashed() {
	(($(n_flashes) >= $1))
}

fact_two_hundred_are_neither_lost_nor_doubled() {
	local before began n=200
	before=$(n_flashes)
	began=${EPOCHREALTIME/./}

	# No more than the bridge lets wait.
	for ((i = 1; i <= n; i++)); do
		say_to_node pay 1000 label=1sat2flash-
		((i % 20 > 0)) || await 20 has_flashed $((before + i))
	done
	remark "$(((${EPOCHREALTIME/./} - began) / n / 1000)) ms each"
	await 20 none_is_open
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

is_refused() {
	expect "$(order '.state + " " + .money')" "refused owed"
	remark "$(order .why)"
}

fact_bluetoothd_is_killed_with_the_link_up() {
	pay_and_see
	expect "$(status .link)" ready
	kill_bluetoothd
	pay_and_see
}

fact_others_may_look_but_not_act() {
	setpriv --reuid=nobody --regid=nogroup --clear-groups \
		1sat2flash status >/dev/null
	fails setpriv --reuid=nobody --regid=nogroup --clear-groups \
		1sat2flash try flash
}

# Does what takes time, and which the car does not hear of.
fact_unit_is_sound() {
	systemd-analyze verify 1sat2flash.service
	remark "$(systemd-analyze security --no-pager 1sat2flash |
		sed -n 's/.*Overall exposure level for 1sat2flash.service: //p')"
}

fact_link_is_given_up_when_idle() {
	await 45 link_is closed
}

n_wakeups() {
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$1/status"
}

# It is on no bus of bluetoothd's then.  The watchdog is fed, no more.
fact_idle_bridge_sleeps_while_bluetoothd_is_killed() {
	local pid n_before calm n
	pid=$(main_pid 1sat2flash)

	# bluetoothd takes 2 s for the end of the link.
	sleep 3
	n_before=$(n_wakeups "$pid")
	sleep 20 &
	calm=$!
	kill_bluetoothd
	wait "$calm"
	n=$(($(n_wakeups "$pid") - n_before))
	remark "woken $n times in 20 s"
	((n <= 2))
	expect "$(status .link)" closed
	pay_and_see
}

# What a crash leaves behind is tidied up before the next start, half a
# minute later.  Until that one there is time for those who do without.
fact_killed_bridge_leaves_no_link_behind() {
	local began pid
	pid=$(main_pid 1sat2flash)

	expect "$(status .link)" ready
	began=${EPOCHREALTIME/./}
	car_says 1 '"link":"down"' kill -KILL "$pid"
	remark "$(((${EPOCHREALTIME/./} - began) / 1000)) ms"
	expect "$(main_pid 1sat2flash)" 0
}

set_power() {
	busctl set-property org.bluez "/org/bluez/$1" org.bluez.Adapter1 \
		Powered b "$2"
}

fact_doctor_tells_of_an_adapter_that_is_off() {
	set_power hci0 false
	doctor_says "The Bluetooth adapter is switched off."
	set_power hci0 true
}

block() {
	local switch

	for switch in /sys/class/rfkill/*; do
		[[ $(<"$switch/name") != hci0 ]] || echo "$1" >"$switch/soft"
	done
}

fact_doctor_tells_of_a_blocked_adapter() {
	block 1
	await 10 fails is_powered hci0
	doctor_says "Bluetooth is blocked on this machine (rfkill)."
	block 0
	power_up
}

fact_pairing_can_be_asked_about() {
	1sat2flash-pair --status
	# Who asks is no reason for the car to hear more.
	expect "$(count_car '"waiting":"tap"')" 1
}

fact_paired_twice_is_paired_once() {
	1sat2flash-pair "$vin"
	expect "$(count_car '"waiting":"tap"')" 1
}

fact_killed_bridge_is_started_again() {
	await 45 follows_node
	expect "$(systemctl show --property NRestarts --value 1sat2flash)" 1
}

# Cars sleep minutes after their last answer, and for 10 s the bridge takes one
# for proof: so this comes where the bridge has just started.
fact_car_sleeps_and_a_payment_wakes_it() {
	say_to_car sleep
	car_says 1 '"power":"booting"' pay_and_see
}

fact_running_bridge_lends_the_car_to_pair() {
	1sat2flash-pair --status
	pay_and_see
	expect "$(status .lent)" false
}

fact_full_car_is_told_and_what_was_paid_is_owed() {
	say_to_car full on
	say_to_car drop-link
	await 20 link_is closed
	pay 3
	is_refused
	expect "$(status .car_trouble)" car-full
	say_to_car full off
	pay_and_see
}

fact_car_that_is_away_is_told_and_what_was_paid_is_owed() {
	systemctl stop beacon
	set_power hci1 false
	await 20 link_is closed
	pay 2
	is_refused
	expect "$(status .car_trouble)" car-not-heard
	car_says 1 '"advertising"' power_up
	systemctl start beacon
	pay_and_see
}

# shellcheck disable=SC2034 # lib.sh reads it
builds_on=(fact_is_installed fact_pairing_takes_one_command_and_a_tap
	fact_service_is_ready_as_its_own_user)
run_facts "$@"
