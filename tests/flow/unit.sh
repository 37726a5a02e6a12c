#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The files that make the bridge a service, as systemd reads them.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

units=$flow/../../bridge/units

fact_systemd_understands_the_unit() {
	command -v systemd-analyze >/dev/null || skip "there is no systemd"
	world=$(mktemp -d /tmp/1sat2flash.XXXXXX)
	touch "$world/unit.log"
	# Where it will be, nothing may be yet.
	sed "s|/[^ ]*/1sat2flashd|$(realpath "$build")/bridge/daemon/1sat2flashd|" \
		"$build/bridge/units/1sat2flash.service" \
		>"$world/1sat2flash.service"
	systemd-analyze verify --man=no "$world/1sat2flash.service" \
		>"$world/said" 2>&1
	fails grep 1sat2flash "$world/said"
}

fact_unit_leaves_little_open() {
	command -v systemd-analyze >/dev/null || skip "there is no systemd"
	# Needs no manager that runs: 10 is wide open.
	systemd-analyze security --offline=yes --threshold=20 \
		"$build/bridge/units/1sat2flash.service" >/dev/null
}

fact_user_of_the_unit_is_made() {
	command -v systemd-sysusers >/dev/null || skip "there is no systemd"
	world=$(mktemp -d /tmp/1sat2flash.XXXXXX)
	touch "$world/unit.log"
	mkdir "$world/etc"
	systemd-sysusers --root="$world" "$(realpath "$units/sysusers.conf")"
	grep -q '^_1sat2flash:.*:/var/lib/1sat2flash:' "$world/etc/passwd"
	grep -q '^_1sat2flash:' "$world/etc/group"
}

run_facts
