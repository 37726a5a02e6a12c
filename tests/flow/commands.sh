#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every command that a menu may have, bought once, and what the car says that
# it did.  Each line of commands.txt: what the menu says | what the car does,
# with the settings that it changed, or "refused": this Model 3 has no tonneau
# and no motors in its doors, and cannot stop what does not go on.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

last_deed() {
	jq -sr 'map(select(.did)) | last | .did
		+ (if .set then " " + (.set | tojson) else "" end)' \
		"$world/car.out"
}

fact_each_command_does_what_it_says() {
	local step deed sat=0

	begin "$(world_commands <"$flow/commands.txt")"
	while IFS='|' read -r step deed; do
		sat=$((sat + 1))
		pay "$sat"
		if [[ $deed == refused ]]; then
			# With the reason, which is the car's.
			expect "$step: $(order '.state + " " + .money')" \
				"$step: refused owed"
			expect "$(order '.why | length > 0')" true
			continue
		fi
		expect "$step: $(order .state)" "$step: confirmed"
		expect "$step: $(last_deed)" "$step: $deed"
	done <"$flow/commands.txt"
	((sat > 40))
}

# What is listed is what is bought above, so that no row goes untried.
fact_each_command_of_the_list_is_bought() {
	world_begin "$build"
	expect "$(world_ask commands --json | jq -r '.[].command' | sort)" \
		"$(cut -d'|' -f1 "$flow/commands.txt" | cut -d' ' -f1 | sort -u)"
	expect "$(sed -n '/^\.Ss Commands/,/^\.Sh/s/^\.It Cm \([^ ]*\).*/\1/p' \
		"$flow/../../bridge/man/1sat2flash.conf.5" | sort)" \
		"$(world_ask commands --json | jq -r '.[].command' | sort)"
	# The examples are good for a menu.
	world_menu "$(world_ask commands --json |
		jq -r '.[] | ([.command] + [.args[].example] | join(" "))' |
		world_commands)"
	world_daemon --check
}

run_facts
