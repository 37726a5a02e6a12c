#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What `1sat2flash doctor` and `status` make of a bridge that runs, of one
# that does not, and of one that is none.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# doctor [OPTION]...: as the user who runs the bridge, whose program it finds
# beside itself.  $world/said and $status are what comes of it.
doctor() {
	status=0
	(
		cd "$world/bin"
		"${world_as[@]}" ./1sat2flash-here doctor \
			--config "$world/menu.conf" \
			--state-dir "$world/state" "$@"
	) >"$world/said" 2>&1 || status=$?
}

prepare() {
	world_begin "$build"
	cp "$build/tests/flow/1sat2flash-here" "$build/tests/flow/impostor" \
		"$world/bin/"
	world_menu
	world_key
}

everything() {
	prepare
	world_car "$@"
	world_node
	world_bridge
}

# state CHECK, text CHECK: of the doctor's JSON.  The clock of a test machine
# need not be synchronised, and its state may be on an overlay.
state() {
	jq -r --arg check "$1" 'select(.check == $check) | .state' "$world/said"
}

text() {
	jq -r --arg check "$1" 'select(.check == $check) | .text' "$world/said"
}

# Problems of the bridge, without those of the test machine.
problems() {
	jq -r 'select(.state == "problem") | .check' "$world/said" |
		grep -vxE 'summary|clock|state' | paste -sd' '
}

printable() {
	fails grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$world/said"
}

fact_doctor_walks_to_car_and_node() {
	local check

	everything
	doctor --json
	expect "$(problems)" ""
	expect "$(jq -r .check "$world/said" | paste -sd' ')" "service setup \
bluetooth adapter car link key sleep infotainment node payments state clock \
summary"
	for check in service setup car link key sleep infotainment node \
		payments; do
		expect "$check $(state $check)" "$check ok"
	done
	expect "$(text car)" "The car ...0000 is in reach."
	expect "$(text sleep)" "The car is awake."
	# It was a look, not an action.
	expect_did
}

fact_doctor_wakes_nothing() {
	everything --asleep
	doctor --json
	expect "$(problems)" ""
	expect "$(text sleep)" "The car sleeps; a paid action wakes it."
	expect "$(state infotainment)" skipped
	expect_did
}

fact_doctor_finds_a_key_that_the_car_does_not_know() {
	prepare
	# Another car's owner: our key is not on its list.
	openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null |
		openssl pkey -pubout >"$world/key.pem" 2>/dev/null
	world_car
	world_node
	world_bridge
	doctor --json
	expect "$status" 1
	expect "$(problems)" key
	expect "$(text key)" "The car does not know this key."
}

fact_doctor_finds_a_car_that_is_away() {
	prepare
	world_node
	world_bridge
	doctor --json
	expect "$status" 1
	expect "$(problems)" car
	expect "$(state link)" skipped
	expect "$(state node)" ok
}

fact_doctor_finds_a_node_that_is_away() {
	prepare
	world_car
	world_start bridge /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
	world_await 20 world_ask status >/dev/null
	doctor --json
	expect "$status" 1
	expect "$(problems)" node
	grep -q 'lightningd does not run' <<<"$(text node)"
	expect "$(state payments)" skipped
}

node_says() {
	world_ask status --json | jq -r .node_problem | grep -q "$1"
}

fact_doctor_finds_a_node_that_it_may_not_use() {
	((EUID == 0)) || skip "needs root, to take a right away"
	everything
	chmod 600 "$world/lightning-rpc"
	chown root "$world/lightning-rpc"
	say_to_node drop
	world_await 20 node_says 'may not be used by this user'
	doctor --json
	expect "$(problems)" node
	grep -q 'rpc-file-mode=0660' "$world/said"
}

fact_doctor_finds_a_pause() {
	everything
	world_ask pause >/dev/null
	doctor --json
	expect "$(problems)" payments
	expect "$(text payments)" "No payments are taken: paused by the owner."
}

fact_doctor_of_a_bridge_that_is_down_looks_itself() {
	local check

	prepare
	world_car
	world_node
	doctor --json
	expect "$status" 1
	expect "$(problems)" service
	for check in setup car link key sleep infotainment node; do
		expect "$check $(state $check)" "$check ok"
	done
	expect "$(text payments)" "Not looked at, because of the service."
	expect_did
	# And leaves everything as it was: the bridge takes payments.
	world_bridge
	pay 1
	expect_did flash-lights
}

fact_doctor_of_a_bridge_that_is_down_names_what_stops_it() {
	prepare
	world_car
	world_node
	rm "$world/state/car.key"
	doctor --json
	expect "$status" 1
	# Who has not looked does not know that this car is at a socket.
	expect "$(problems)" "service setup bluetooth"
	grep -q 'there is no key' <<<"$(text setup)"
	world_menu 'action flash { price = many }'
	doctor --json
	expect "$(problems)" "service setup bluetooth"
	grep -q 'price' <<<"$(text setup)"
}

fact_doctor_without_privilege_says_what_it_can() {
	local status=0

	prepare
	world_stop bus
	"${world_as[@]}" "$world/bin/1sat2flash" doctor --json \
		>"$world/said" || status=$?
	expect "$status" 1
	((EUID == 0)) || skip "needs root, to be somebody else"
	expect "$(state service)" problem
	expect "$(state bluetooth)" skipped
	grep -q 'try sudo' <<<"$(text setup)"
}

fact_stranger_is_told_what_the_bridge_knows() {
	local status=0

	((EUID == 0)) || skip "needs root, to become another user"
	everything
	pay 1
	setpriv --reuid=daemon --regid=daemon --clear-groups -- \
		"$world/bin/1sat2flash" doctor --json >"$world/said" || status=$?
	expect "$(problems)" ""
	expect "$(state service) $(state node) $(state payments)" "ok ok ok"
	expect "$(text car)" "The car ...0000 is in reach."
	fails grep -q 'because of' "$world/said"
	if [[ $(state clock) == ok ]]; then
		expect "$status" 0
		grep -q 'try sudo' <<<"$(text summary)"
	fi
}

fact_lines_are_aligned_and_plain_when_piped() {
	everything
	doctor
	grep -qx 'ok       service       The bridge is running\.' \
		"$world/said"
	expect "$(awk 'length > 79' "$world/said")" ""
	printable
}

fact_terminal_sees_colours_and_progress() {
	prepare
	world_car --fault slow-boot 2>/dev/null || world_car
	world_node
	world_bridge
	# A car that takes its time to answer, so that there is some to show.
	TERM=xterm script -qec "cd $world/bin && ${world_as[*]} \
./1sat2flash-here doctor --config $world/menu.conf \
--state-dir $world/state" /dev/null >"$world/said" || true
	grep -q $'\e\[32mok ' "$world/said"
	# What moved is gone.
	fails grep -qP 'for the car, [^\r]*\n' "$world/said"
}

fact_doctor_leaves_the_car_to_a_bridge_that_is_mute() {
	prepare
	world_car
	world_start impostor /dev/null "$world/bin/impostor" error
	world_await 10 grep -q here "$world/impostor.out"
	doctor --json
	world_stop impostor
	expect "$status" 1
	expect "$(problems)" "service bluetooth"
	grep -q 'is running, but does not tell' <<<"$(text service)"
	fails grep -q connected "$world/car.out"
}

fact_garbage_on_the_bus_is_bounded_and_printable() {
	local kind command

	prepare
	for kind in type many rude error leave; do
		: >"$world/impostor.out"
		world_start impostor /dev/null "$world/bin/impostor" "$kind"
		world_await 10 grep -q here "$world/impostor.out"
		for command in status menu payments owed "try flash" \
			"doctor --json" doctor; do
			[[ $command != "try flash" || $kind != leave ]] ||
				continue
			# shellcheck disable=SC2086 # several words
			timeout 20 "$world/bin/1sat2flash" $command \
				>"$world/said" 2>&1 || status=$?
			expect "$kind $command: $((status < 2))" \
				"$kind $command: 1"
			(($(wc -c <"$world/said") < 16000))
			printable
		done
		world_stop impostor
	done
}

run_facts
