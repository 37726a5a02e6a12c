#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The bridge as a service: what it tells systemd, what it keeps to itself.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# A service manager that writes down what it is told.
listen() {
	local world_as=()

	rm -f "$world/notify"
	world_start manager /dev/null python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(s.recv(4096).decode(), flush=True)' "$world/notify"
	world_await 10 test -S "$world/notify"
	export NOTIFY_SOCKET=$world/notify
}

told() {
	grep -q "$1" "$world/manager.out"
}

fact_manager_hears_when_payments_are_taken() {
	world_begin "$build"
	world_menu
	world_key
	world_car
	world_node
	listen
	world_bridge
	world_await 10 told '^READY=1'
	world_await 10 told '^STATUS=Taking payments$'
	world_ask pause >/dev/null
	world_await 10 told '^STATUS=Not taking payments: paused by the owner'
	expect "$(grep -c READY "$world/manager.out")" 1
	end_bridge
	told '^STOPPING=1'
}

fact_manager_hears_that_the_node_is_away() {
	world_begin "$build"
	world_menu
	world_key
	world_car
	listen
	world_start bridge /dev/null "$world/bin/1sat2flashd" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
	world_await 10 told '^READY=1'
	told '^STATUS=Not taking payments: '
	end_bridge
}

fact_watchdog_is_fed() {
	world_begin "$build"
	world_menu
	world_key
	world_car
	world_node
	listen
	WATCHDOG_USEC=200000 world_bridge
	world_await 10 told '^WATCHDOG=1'
	end_bridge
}

fact_log_names_no_secret() {
	local word

	begin_with_options --debug
	pay 1 --note "thank you"
	pay 100
	say_to_car epoch infotainment
	pay 21
	world_ask try honk >/dev/null
	world_ask status >"$world/said"
	world_ask payments --json >>"$world/said"
	end_bridge
	{
		echo "$world_vin"
		"$world/bin/simnode" --socket "$world/lightning-rpc" \
			--call listinvoices |
			jq -r '.invoices[].payment_preimage'
		openssl pkey -in "$world/state/car.key" -text -noout |
			sed -n '/^priv/,/^pub/p' | tr -d ' :\n' |
			grep -oE '[0-9a-f]{64}'
		sed -n 2p "$world/state/car.key"
	} >"$world/secrets"
	(($(wc -l <"$world/secrets") >= 6))
	while read -r word; do
		fails grep -q -F -- "$word" "$world/bridge.log" "$world/said"
	done <"$world/secrets"
}

begin_with_options() {
	world_begin "$build"
	world_menu
	world_key
	world_car
	world_node
	world_bridge "$@"
}

fact_memory_is_out_of_reach_for_its_own_user() {
	begin
	# What may not be dumped belongs to root: proc(5).
	expect "$(stat -c %U "/proc/${world_pids[bridge]}/mem")" root
}

fact_stop_is_quick_when_idle() {
	local before

	begin
	pay 1
	before=$(date +%s%3N)
	end_bridge
	(($(date +%s%3N) - before < 2000))
}

fact_idle_bridge_says_nothing() {
	local before

	begin
	pay 1
	before=$(wc -l <"$world/bridge.log")
	# Past what holds a link, in a world that does not.
	say_to_car drop-link
	say_to_node slow 10
	pay_foreign 1000 --label shop-
	expect "$(wc -l <"$world/bridge.log")" "$before"
}

run_facts
