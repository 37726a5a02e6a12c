#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is shown in the machine: from installing to what may go wrong in a car.
set -euo pipefail

# shellcheck source=tests/vm/lib.sh
. "${0%/*}/lib.sh"

is_powered() {
	busctl --system get-property org.bluez "/org/bluez/$1" \
		org.bluez.Adapter1 Powered | grep -q true
}

fact_two_adapters_are_there() {
	await 10 is_powered hci0
	await 10 is_powered hci1
}

fact_nothing_of_the_host_runs() {
	expect "$(systemctl list-units --type=service --state=running \
		--no-legend --plain | awk '{print $1}' | paste -sd' ')" \
		"bluetooth.service controllers.service dbus.service monitor.service systemd-journald.service"
}

run_facts "$@"
