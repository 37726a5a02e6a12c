#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the owner does at the command line and on D-Bus.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# as_stranger COMMAND...: by a user who is neither root nor the bridge.
as_stranger() {
	((EUID == 0)) || skip "needs root, to become another user"
	setpriv --reuid=daemon --regid=daemon --clear-groups -- "$@"
}

call() {
	dbus-send --bus="$DBUS_SYSTEM_BUS_ADDRESS" --print-reply=literal \
		--dest=io.github.onesat2flash /io/github/onesat2flash "$@"
}

fact_try_does_it_without_a_payment() {
	local said

	begin
	said=$(world_ask try flash)
	expect "$(head -n 1 <<<"$said")" "flash: queued (order 1)"
	tail -n 1 <<<"$said" |
		grep -x 'flash: confirmed after .*' >/dev/null
	expect_did flash-lights
	expect "$(world_ask payments)" "No payments yet."
}

fact_try_of_a_refusing_car_fails() {
	local status=0 said

	begin
	say_to_car shift D
	said=$(world_ask try flash) || status=$?
	expect "$status" 1
	grep -q '^flash: refused, ' <<<"$said"
	expect_did
}

fact_try_of_an_unknown_action_says_so() {
	local status=0 said

	begin
	said=$(world_ask try nothing 2>&1) || status=$?
	expect "$status" 1
	expect "$said" "1sat2flash: there is no such action in the menu; see \
them with: 1sat2flash menu"
}

fact_pause_survives_a_restart() {
	local status=0

	begin
	world_ask pause >/dev/null
	pay 1
	expect "$(order '.state + " " + .money')" "refused owed"
	end_bridge
	world_bridge
	expect "$(world_ask status --json | jq -r .why_not)" \
		"paused by the owner"
	world_ask try flash 2>/dev/null || status=$?
	expect "$status" 1
	expect_did
	world_ask resume >/dev/null
	pay 1
	expect_did flash-lights
}

fact_everything_has_json() {
	local command

	begin
	pay 1
	pay 2
	for command in status menu payments owed "try flash" pause resume; do
		# shellcheck disable=SC2086 # "try flash" is two words
		world_ask $command --json | jq -e . >/dev/null
	done
	expect "$(world_ask menu --json | jq -c 'map(.price_msat)')" \
		"[1000,21000,100000,500000]"
	expect "$(world_ask owed --json | jq -c 'map(.msat)')" "[2000]"
	expect "$(world_ask payments --limit 1 --json | jq length)" 1
	expect "$(world_ask status --json | jq -c '[.owed_orders, .owed_msat]')" \
		"[1,2000]"
}

status_has() {
	world_ask status --json | jq -e "$1" >/dev/null
}

fact_status_tells_how_the_car_is_reached() {
	local said

	begin
	said=$(world_ask status --json)
	expect "$(jq -c '[.link, .link_hold, .lent, .adapter, .session_vcsec,
		.car_connected, .car_trouble, has("car_rssi")]' <<<"$said")" \
		'["closed","on-demand",false,"",false,false,"",false]'
	pay 1
	said=$(world_ask status --json)
	expect "$(jq -c '[.link, .car_connected, .session_vcsec,
		.session_infotainment, .car_sleep]' <<<"$said")" \
		'["ready",true,true,true,"awake"]'
	expect "$(jq -c '[.car_lock, .car_open, .car_user]' <<<"$said")" \
		'["locked","","nobody inside"]'
	# It speaks of itself, too.
	say_to_car presence on
	say_to_car trunk open
	world_await 10 status_has '.car_open == "trunk" and
		.car_user == "somebody inside"'
	world_ask status | grep -x 'told   locked, somebody inside, open: trunk, .* ago' \
		>/dev/null
}

fact_tables_are_aligned_and_plain_when_piped() {
	begin
	pay 1
	pay 21
	expect "$(world_ask payments | awk '
		{ print index($0, NR == 1 ? "ACTION" : NR == 2 ? "honk" : "flash") }
		' | sort -u | wc -l)" 1
	world_ask status >"$world/said"
	fails grep -q $'\e' "$world/said"
	NO_COLOR=1 script -qec "$world/bin/1sat2flash status" /dev/null |
		grep '^bridge taking payments' >/dev/null
}

fact_wrong_usage_is_status_2() {
	local words status

	world_begin "$build"
	for words in "" "dance" "try" "status now" "payments --limit 0" \
		"payments --limit many" "--frobnicate"; do
		status=0
		# shellcheck disable=SC2086 # several words
		world_ask $words >/dev/null 2>"$world/said" || status=$?
		expect "$words: $status" "$words: 2"
		[[ -s $world/said ]]
	done
}

fact_bridge_that_is_away_is_told() {
	local status=0

	world_begin "$build"
	world_ask status 2>"$world/said" || status=$?
	expect "$status" 1
	expect "$(<"$world/said")" "1sat2flash: the bridge is not running; \
start it with: sudo systemctl start 1sat2flash"
}

fact_strangers_may_read_but_not_act() {
	local status=0 command

	begin
	as_stranger "$world/bin/1sat2flash" status >/dev/null
	for command in "try flash" pause resume; do
		status=0
		# shellcheck disable=SC2086 # "try flash" is two words
		as_stranger "$world/bin/1sat2flash" $command \
			2>"$world/said" || status=$?
		expect "$command: $status" "$command: 1"
		grep -q 'only root and members of the group' "$world/said"
	done
	expect_did
	expect "$(world_ask status --json | jq .paused)" false
}

fact_daemon_asks_who_calls_even_if_the_bus_does_not() {
	local status=0

	((EUID == 0)) || skip "needs root, to become another user"
	world_policy='<busconfig><policy context="default">
		<allow send_destination="io.github.onesat2flash"/>
		</policy></busconfig>' begin
	as_stranger "$world/bin/1sat2flash" try flash 2>"$world/said" ||
		status=$?
	expect "$status" 1
	grep -q 'only root and members of the group' "$world/said"
	fails grep -q Rejected "$world/bus.log"
	expect_did
	world_ask try flash >/dev/null
	expect_did flash-lights
}

fact_unknown_order_has_an_error_of_its_own() {
	begin
	fails call io.github.onesat2flash.Bridge1.GetOrder uint64:99 \
		2>"$world/said"
	grep -q 'io.github.onesat2flash.Error.NoSuchOrder' "$world/said"
}

# From XML to one line for each method, signal and argument.
essence() {
	awk '/<!--/ { skip = 1 } !skip; /-->/ { skip = 0 }' |
		sed -n '/<interface name="io.github.onesat2flash/,/<\/interf/p' |
		grep -o '<\(interface\|method\|signal\|arg\) [^>]*' |
		sed 's| */$||'
}

fact_interface_is_as_described() {
	begin
	call org.freedesktop.DBus.Introspectable.Introspect |
		essence >"$world/is"
	essence <"$flow/../../bridge/units/\
io.github.onesat2flash.Bridge1.xml" >"$world/described"
	[[ -s $world/is ]]
	diff -u "$world/described" "$world/is"
}

fact_bridge_without_a_bus_takes_payments() {
	world_begin "$build"
	world_stop bus
	world_menu
	world_key
	world_car
	world_node
	world_bridge
	grep -q '^not on D-Bus: ' "$world/bridge.log"
	world_pay 1000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q 'order 1: flash, 1 sat: confirmed' \
		"$world/bridge.log"
	expect_did flash-lights
}

restart_bus() {
	world_stop bus
	world_bus
}

fact_bridge_is_found_again_when_the_bus_is_back() {
	begin
	world_stop bus
	world_await 10 grep -q '^not on D-Bus: ' "$world/bridge.log"
	world_pay 1000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q 'order 1: flash, 1 sat: confirmed' \
		"$world/bridge.log"
	world_bus
	world_await 20 grep -q '^on D-Bus again' "$world/bridge.log"
	restart_bus
	world_await 20 world_ask status >"$world/said"
	pay 21
	expect_did flash-lights honk
	expect "$(grep -c '^on D-Bus again' "$world/bridge.log")" 2
}

fact_bridge_waits_for_its_name_while_another_has_it() {
	begin
	mkdir "$world/other"
	[[ -z ${world_as[*]} ]] || chown nobody:nogroup "$world/other"
	world_start other /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/other" \
		--allow-volatile-state
	world_await 10 grep -q '^not on D-Bus: another bridge is; ' \
		"$world/other.log"
	end_bridge
	world_await 20 grep -q '^on D-Bus again' "$world/other.log"
	world_ask status >"$world/said"
	world_stop other
	expect "$world_status" 0
}

private_kb() {
	awk '/^RssAnon/ { print $2 }' "/proc/${world_pids[bridge]}/status"
}

# The bus soon takes no more answers that nobody reads: it keeps to its limit,
# which is smaller here, and the bridge is left with the rest.
fact_answers_that_nobody_reads_do_not_pile_up() {
	local i

	world_policy=$(sed 's|<busconfig>|&<limit name="max_incoming_bytes">\
		50000</limit>|' "$flow/../../bridge/units/"*flash.conf)
	world_begin "$build"
	cp "$build/tests/flow/flood" "$world/bin/"
	world_menu "$(for i in {1..60}; do
		echo "action c$i { price = $i do = { honk, \"wait 1s\", honk,
			\"wait 2s\", flash-lights, \"wait 3s\", honk } }"
	done)"
	world_key
	world_car
	world_node
	world_bridge
	for i in {1..8}; do
		world_start "flood$i" /dev/null "$world/bin/flood" GetMenu 120
	done
	for i in {1..8}; do
		world_await 20 grep -q sent "$world/flood$i.out"
	done
	# Payments go before people.
	pay_unseen 1000
	# A sanitizer keeps what was freed.
	grep -q __asan_init "$world/bin/1sat2flashd" ||
		(($(private_kb) < 6000)) || expect "$(private_kb)" "below 6000"
	for i in {1..8}; do
		world_stop "flood$i"
	done
	world_await 20 world_ask menu >/dev/null
}

# Without asking the bridge how it went.
pay_unseen() {
	world_pay "$1" --label 1sat2flash- >/dev/null
	world_await 20 grep -q ': confirmed' "$world/bridge.log"
}

run_facts
