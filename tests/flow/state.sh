#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Menu, key, ledger and disk, in all the ways that they can be wrong.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# refuses PATTERN OPTION...: the bridge ends with status 1 and says so.
refuses() {
	local pattern=$1 status=0
	shift

	world_daemon "$@" >"$world/said" 2>&1 || status=$?
	cat "$world/said" >&2
	expect "$status" 1
	grep -q "$pattern" "$world/said"
}

fact_check_names_every_mistake_with_its_line() {
	world_begin "$build"
	world_menu '
		action flash {
		    price = 0
		    do = flash-light
		    colour = red
		}'
	refuses "^$world/menu.conf:" --check
	expect "$(grep -c "^$world/menu.conf:[0-9]*: " "$world/said")" 3
}

fact_check_of_a_good_menu_says_so() {
	world_begin "$build"
	world_menu
	expect "$(world_daemon --check)" "$world/menu.conf is fine: 4 actions"
}

fact_missing_menu_is_told() {
	world_begin "$build"
	refuses "cannot read $world/menu.conf: No such file" --check
}

fact_bridge_never_runs_as_root() {
	((EUID == 0)) || skip "needs root"
	world_begin "$build"
	world_menu
	world_as=()
	refuses 'never runs as root'
	refuses 'never runs as root' --make-key
}

fact_missing_key_says_how_to_make_one() {
	world_begin "$build"
	world_menu
	refuses 'there is no key; 1sat2flash-pair makes one' \
		--allow-volatile-state
}

fact_open_key_is_refused() {
	world_begin "$build"
	world_menu
	world_key
	chmod 644 "$world/state/car.key"
	refuses 'others can read the key' --allow-volatile-state
}

fact_key_of_a_token_is_made_elsewhere() {
	world_begin "$build"
	world_menu
	sed -i 's|key = .*|key = "pkcs11:token=car"|' "$world/menu.conf"
	refuses 'with the tool of its token' --make-key
}

fact_key_in_a_missing_folder_cannot_be_made() {
	world_begin "$build"
	world_menu
	rmdir "$world/state"
	refuses 'cannot make a key: No such file' --make-key
}

fact_ledger_in_a_missing_folder_is_told() {
	world_begin "$build"
	world_menu
	world_key
	refuses "cannot open the ledger in $world/none: No such file" \
		--allow-volatile-state --state-dir "$world/none"
	refuses "the state cannot be kept in $world/none: No such file" \
		--state-dir "$world/none"
}

fact_without_bluetooth_there_is_nothing_to_release() {
	world_begin "$build"
	world_menu
	world_daemon --release
	sed -i 's|link = .*|link = bluez|' "$world/menu.conf"
	world_daemon --release
}

fact_without_a_bus_release_says_so() {
	world_begin "$build"
	world_menu
	sed -i 's|link = .*|link = bluez|' "$world/menu.conf"
	world_stop bus
	refuses 'a link that was left behind cannot be ended: ' --release
}

fact_bridge_that_ended_by_itself_leaves_no_link() {
	world_begin "$build"
	world_menu "nonsense"
	# Nor is there anything to say of the menu again.
	SERVICE_RESULT=exit-code world_daemon --release
	SERVICE_RESULT=success world_daemon --release
	world_menu
	sed -i 's|link = .*|link = bluez|' "$world/menu.conf"
	world_stop bus
	SERVICE_RESULT=exit-code world_daemon --release
	SERVICE_RESULT=watchdog refuses 'cannot be ended: ' --release
}

fact_wrong_options_are_status_2() {
	local status=0

	world_begin "$build"
	"$world/bin/1sat2flashd" --frobnicate 2>/dev/null || status=$?
	expect "$status" 2
	status=0
	"$world/bin/1sat2flashd" now 2>"$world/said" || status=$?
	expect "$status" 2
	grep -q 'what is "now"' "$world/said"
	"$world/bin/1sat2flashd" --help | grep -e --make-key >/dev/null
	expect "$("$world/bin/1sat2flashd" --version)" "$("$world/bin/1sat2flash" --version |
		sed s/flash/flashd/)"
}

fact_key_on_another_curve_is_refused() {
	world_begin "$build"
	world_menu
	"${world_as[@]}" openssl genpkey -algorithm EC \
		-pkeyopt ec_paramgen_curve:P-384 -out "$world/state/car.key"
	chmod 600 "$world/state/car.key"
	refuses 'not on the curve P-256' --allow-volatile-state
}

fact_file_without_a_key_is_refused() {
	world_begin "$build"
	world_menu
	echo "no key" >"$world/state/car.key"
	chmod 600 "$world/state/car.key"
	((EUID != 0)) || chown nobody "$world/state/car.key"
	refuses 'no private key in it' --allow-volatile-state
}

fact_key_is_never_overwritten() {
	local before

	world_begin "$build"
	world_menu
	world_key
	before=$(<"$world/key.pem")
	world_key
	expect "$(<"$world/key.pem")" "$before"
	expect "$(stat -c %a "$world/state/car.key")" 600
	expect "$(openssl pkey -in "$world/state/car.key" -pubout)" "$before"
}

fact_volatile_state_takes_no_payment() {
	world_begin "$build"
	[[ $(stat -f -c %T "$world") =~ ^(tmpfs|overlayfs|ramfs)$ ]] ||
		mount -t tmpfs tmpfs "$world/state" 2>/dev/null ||
		skip "needs a tmpfs, or the right to mount one"
	[[ -z ${world_as[*]} ]] || chown nobody:nogroup "$world/state"
	world_menu
	world_key
	world_car
	world_node
	world_start bridge /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/state"
	world_await 20 world_ask status >"$world/said"
	grep -q 'not taking payments: .* forgotten at power-off' "$world/said"
	world_pay 1000 --label 1sat2flash- >/dev/null
	# Trying by hand does no harm.
	world_ask try flash >/dev/null
	expect_did flash-lights
	expect "$(world_ask payments)" "No payments yet."
}

fact_ledger_of_a_newer_version_is_left_alone() {
	local sum

	begin
	end_bridge
	sqlite "PRAGMA user_version = 99"
	sum=$(sha256sum "$world/state/ledger.sqlite")
	refuses 'from a newer version' --allow-volatile-state
	expect "$(sha256sum "$world/state/ledger.sqlite")" "$sum"
}

fact_broken_ledger_is_kept_aside_and_nothing_old_is_acted_on() {
	begin
	pay 1
	expect_did flash-lights
	end_bridge
	rm -f "$world/state/ledger.sqlite-wal" "$world/state/ledger.sqlite-shm"
	head -c 20000 /dev/urandom >"$world/state/ledger.sqlite"
	world_bridge
	grep -q 'was broken: it was kept aside' "$world/bridge.log"
	grep -q 'if the car was rented, see that it is locked' \
		"$world/bridge.log"
	(($(find "$world/state" -name 'ledger.sqlite?*' -size +19k |
		wc -l) >= 1))
	expect_did flash-lights
	# What is proven to be paid since then cannot have been done before.
	pay 1
	expect "$(order .money)" earned
	expect_did flash-lights flash-lights
}

fact_second_bridge_on_one_ledger_is_refused() {
	begin
	refuses 'another 1sat2flashd' --allow-volatile-state
	pay 1
	expect_did flash-lights
}

fact_full_disk_acts_on_nothing_and_loses_nothing() {
	world_begin "$build"
	mount -t tmpfs -o size=400k,mode=700,uid=65534 tmpfs "$world/state" \
		2>/dev/null ||
		skip "needs the right to mount a small file system"
	world_menu
	world_key
	world_car
	world_node
	world_bridge
	pay 1
	expect_did flash-lights

	"${world_as[@]}" dd if=/dev/zero of="$world/state/fill" bs=1k \
		2>/dev/null || true
	world_pay 1000 --label 1sat2flash- >/dev/null
	world_await 20 grep -q 'the ledger: No space left' "$world/bridge.log"
	expect_did flash-lights
	world_ask status >"$world/said"
	grep -q 'not taking payments: No space left' "$world/said"
	fails world_ask try flash 2>"$world/said"
	grep -q 'no room on the disk' "$world/said"
	fails world_ask pause 2>"$world/said"
	grep -q 'no room on the disk' "$world/said"

	rm "$world/state/fill"
	world_await 60 has_ended 1
	expect_did flash-lights flash-lights
}

# diagnose NAME: what the daemon says of it where no bridge runs.
diagnose() {
	[[ -s $world/facts ]] || world_daemon --diagnose >"$world/facts"
	awk -F '\t' -v name="$1" '$1 == name {print $2}' "$world/facts"
}

fact_diagnosis_tells_what_is_well_and_takes_no_payment() {
	begin
	pay 1
	end_bridge
	world_pay 21000 --label 1sat2flash- >/dev/null
	expect "$(diagnose session_vcsec) $(diagnose session_infotainment)" \
		"true true"
	expect "$(diagnose node_up) $(diagnose node_alias)" "true simnode"
	expect "$(diagnose car_sleep) $(diagnose link)" "awake ready"
	expect_did flash-lights
	world_bridge
	world_await 20 has_ended 1
	expect "$(order .action)" honk
}

fact_diagnosis_tells_what_is_away() {
	world_begin "$build"
	world_menu
	world_key
	expect "$(diagnose car_trouble)" car-not-heard
	expect "$(diagnose node_up)" false
	diagnose node_problem | grep -q .
}

fact_diagnosis_tells_what_stops_the_bridge() {
	world_begin "$build"
	world_menu
	world_node
	diagnose problem | grep 'there is no key' >/dev/null
	expect "$(diagnose node_up)" true
	rm "$world/facts"
	world_menu 'action flash { price = 0 do = flash-light }'
	expect "$(diagnose problem | wc -l)" 2
	rm "$world/facts" "$world/menu.conf"
	diagnose problem | grep 'No such file' >/dev/null
}

# Through the library that the bridge uses: the tool may not be installed.
sqlite() {
	python3 - "$world/state/ledger.sqlite" "$1" <<-'END'
		import sqlite3, sys
		with sqlite3.connect(sys.argv[1], isolation_level=None) as db:
		    db.execute(sys.argv[2])
	END
}

run_facts
