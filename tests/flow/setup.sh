#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What pairing does on this machine: configuration, folder, key, and who may.
set -euo pipefail

# shellcheck source=tests/flow/pair-lib.sh
. "${0%/*}/pair-lib.sh"

readonly other_vin=5YJ3E1EA7HF000337

fact_first_run_writes_a_configuration_and_a_key() {
	world_begin "$build"
	new_car --tap-after 100ms
	# No Bluetooth in this world.
	pair 4 --timeout 5s "${world_vin,,}"
	said "Wrote a configuration: $world/menu.conf"
	said "Made a key: $world/state/car.key"
	world_daemon --check
	expect "$(stat -c %a "$world/menu.conf" "$world/state/car.key" |
		paste -sd' ')" "640 600"
	grep -q "vin = \"$world_vin\"" "$world/menu.conf"
	over_socket
	pair 0
}

fact_another_car_than_the_configured_one_changes_nothing() {
	local sum

	begin_pairing
	sum=$(sha256sum "$world/menu.conf")
	pair 3 "$other_vin"
	said "is for another car: line 2 says $world_vin."
	expect "$(sha256sum "$world/menu.conf")" "$sum"
	fails test -e "$world/state/car.key"
	fails grep -q connected "$world/car.out"
}

fact_configuration_with_mistakes_changes_nothing() {
	begin_pairing
	echo 'colour = red' >>"$world/menu.conf"
	pair 3
	said 'has mistakes; nothing was changed'
	said "$world/menu.conf:"
	fails test -e "$world/state/car.key"
}

fact_vin_that_is_none_is_shown() {
	world_begin "$build"
	pair 2 5YJ3E1EA6KFO00000
	said 'character 12 is "O", which no VIN has; is it a "0"?'
	pair 2 5YJ3E1EA6KF00000
	said 'it has 16 characters, a VIN has 17'
	pair 2
	said 'which car? Give its VIN'
	fails test -e "$world/menu.conf"
}

fact_check_digit_that_does_not_fit_is_asked_about() {
	local vin=5YJ3E1EA7KF000000

	world_begin "$build"
	pair 2 "$vin"
	said 'character 9 is 7, and 6 would fit'
	said 'say so with --yes'
	fails test -e "$world/menu.conf"
	on_terminal n "$vin"
	expect "$(<"$world/status")" 2
	said 'nothing was changed'
	fails test -e "$world/menu.conf"
	on_terminal y --timeout 5s "$vin"
	expect "$(<"$world/status")" 4
	grep -q "$vin" "$world/menu.conf"
	# What the owner has said once is not asked again.
	pair 4 --timeout 5s "$vin"
	rm "$world/menu.conf"
	pair 4 --timeout 5s --yes "$vin"
}

fact_kill_at_any_point_leaves_nothing_half_done() {
	local i

	world_begin "$build"
	new_car
	for i in 0 1 2 3 4 5 6 8 10 15 20 40; do
		begin_pair "$world_vin"
		sleep "0.0$(printf %02d "$i")"
		world_stop pair KILL
		[[ ! -e $world/menu.conf ]] ||
			world_daemon --check | grep -q 'is fine'
		[[ ! -e $world/state/car.key ]] ||
			openssl pkey -in "$world/state/car.key" -noout
	done
	pair 4 --timeout 5s "$world_vin" || true
	over_socket
	begin_pair "$world_vin"
	world_await 20 grep -q 'request is out' "$world/pair.out"
	say_to_car tap
	end_pair 0
}

fact_status_needs_no_configuration() {
	world_begin "$build"
	world_menu
	world_key
	rm "$world/menu.conf"
	pair 2 --status
	pair 4 --status --timeout 5s "$world_vin"
	fails test -e "$world/menu.conf"
}

fact_forget_asks_and_removes_the_key() {
	begin_pairing --tap-after 100ms
	pair 0
	pair 2 --forget
	said 'say that you mean it with --yes'
	# The link would go, and the key stay.
	mv "$world/state/car.key" "$world/state/other.key"
	ln -s other.key "$world/state/car.key"
	pair 3 --forget --yes
	said 'is no file; remove it yourself'
	mv "$world/state/other.key" "$world/state/car.key"
	on_terminal n --forget
	expect "$(<"$world/status")" 2
	test -e "$world/state/car.key"
	on_terminal y --forget
	expect "$(<"$world/status")" 0
	said 'Controls > Locks'
	fails test -e "$world/state/car.key"
	pair 3 --forget --yes
	said 'there is no key at'
}

fact_forget_wants_the_bridge_stopped() {
	begin
	pair 3 --forget --yes
	said 'stop it first'
	test -e "$world/state/car.key"
}

begin_as_root() {
	local file

	((EUID == 0)) || skip "needs root"
	unshare --mount true 2>/dev/null || skip "needs mount namespaces"
	world_begin "$build"
	install -d -o root -m 755 "$world"/own/{etc,lib}
	for file in nsswitch.conf ld.so.cache; do
		[[ ! -e /etc/$file ]] || cp "/etc/$file" "$world/own/etc/"
	done
	echo root:x:0: >"$world/own/etc/group"
	echo _1sat2flash:x:64123: >>"$world/own/etc/group"
	echo node:x:64124:_1sat2flash >>"$world/own/etc/group"
	echo root:x:0:0::/:/bin/sh >"$world/own/etc/passwd"
	echo _1sat2flash:x:64123:64123::/:/bin/sh >>"$world/own/etc/passwd"
	world_as=()
	# shellcheck disable=SC2016 # expanded by the inner one
	world_apart=(unshare --mount --propagation private bash -c '
		mount --bind "$1/etc" /etc && mount --bind "$1/lib" /var/lib &&
			shift && exec "$@"' - "$world/own")
	# A bus that knows the user.
	world_stop bus
	world_bus
}

root_pair() {
	local want=$1 status=0
	shift

	"${world_apart[@]}" "$world/bin/1sat2flash-pair" "$@" \
		</dev/null >"$world/said" 2>&1 || status=$?
	cat "$world/said" >&2
	expect "$status" "$want"
}

owner_of() {
	stat -c '%u:%g %a' "$world/own/$1"
}

fact_root_makes_what_is_missing_and_becomes_the_user() {
	begin_as_root
	root_pair 4 --adapter hci7 "$world_vin"
	said 'Bluetooth does not run on this machine.'
	expect "$(owner_of etc/1sat2flash)" "0:0 755"
	expect "$(owner_of etc/1sat2flash/1sat2flash.conf)" "0:64123 640"
	expect "$(owner_of lib/1sat2flash)" "64123:64123 700"
	expect "$(owner_of lib/1sat2flash/car.key)" "64123:64123 600"
	expect "$(find "$world/own/lib" "$world/own/etc/1sat2flash" |
		wc -l)" 5
	grep -q 'adapter = "hci7"' "$world/own/etc/1sat2flash/1sat2flash.conf"
}

fact_nothing_of_root_is_left_when_the_car_is_spoken_to() {
	local status
	begin_as_root
	root_pair 4 "$world_vin"
	new_car
	chmod 777 "$world/car"
	sed -i "/vin = /a link = \"socket:$world/car\"" \
		"$world/own/etc/1sat2flash/1sat2flash.conf"
	: >"$world/pair.out"
	world_start pair /dev/null "$world/bin/1sat2flash-pair"
	world_await 20 car_waits
	status=/proc/${world_pids[pair]}/status
	expect "$(awk '/^(Uid|Gid):/ {print $2, $3, $4, $5}' "$status" |
		sort -u)" "64123 64123 64123 64123"
	expect "$(awk '/^Groups:/ {print $2, $3, $4}' "$status")" \
		"64123 64124 "
	expect "$(awk '/^Cap(Inh|Prm|Eff|Amb):/ {print $2}' "$status" |
		sort -u)" 0000000000000000
	expect "$(awk '/^NoNewPrivs:/ {print $2}' "$status")" 1
	# What may not be dumped belongs to root: proc(5).
	expect "$(stat -c %U "/proc/${world_pids[pair]}/mem")" root
	say_to_car tap
	end_pair 0
	root_pair 0 --status
	root_pair 0 --forget --yes
	fails test -e "$world/own/lib/1sat2flash/car.key"
}

fact_without_the_user_root_is_told_to_install() {
	begin_as_root
	sed -i /_1sat2flash/d "$world/own/etc/passwd"
	root_pair 3 "$world_vin"
	said 'sudo systemd-sysusers'
	fails test -e "$world/own/etc/1sat2flash"
}

fact_wrong_options_are_status_2() {
	world_begin "$build"
	pair 2 --frobnicate
	pair 2 --role king
	said 'there is no such role'
	pair 2 --form-factor fob
	pair 2 --timeout 1s
	pair 2 --timeout 2h
	pair 2 --adapter 'hci0" evil'
	pair 2 --status --forget
	pair 2 "$world_vin" "$other_vin"
	"$world/bin/1sat2flash-pair" --help | grep -q -e --form-factor
	expect "$("$world/bin/1sat2flash-pair" --version)" \
		"$("$world/bin/1sat2flash" --version | sed s/flash/flash-pair/)"
}

run_facts
