#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every command that a menu may have, bought once, and what the car says that
# it did.  Each line of commands.txt: what the menu says | what the car does,
# with the settings that it changed, or "refused": this Model 3 has no tonneau,
# no sunroof and no motors in its doors, and cannot cancel what does not go on.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

last_deed() {
	jq -sr 'map(select(.did)) | last | .did
		+ ((.set // .schedule) as $set
			| if $set then " " + ($set | tojson) else "" end)' \
		"$world/car.out"
}

# part N <COMMANDS: the lines of one menu; it has 64 actions at most.
part() {
	sed -n "$((60 * $1 + 1)),$((60 * $1 + 60))p"
}

buy_part() {
	local step deed sat=0

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
	done < <(part "$1" <"$flow/commands.txt")
	((sat > 40))
}

fact_each_command_does_what_it_says() {
	local world_car_keys='experimental = yes' world_role=owner

	begin "$(part 0 <"$flow/commands.txt" | world_commands)"
	buy_part 0
	world_stop bridge
	world_menu "$(part 1 <"$flow/commands.txt" | world_commands)"
	world_bridge
	buy_part 1
	expect "$(part 2 <"$flow/commands.txt")" ''
}

# What is listed is what is bought above, so that no row goes untried.
fact_each_command_of_the_list_is_bought() {
	local world_car_keys='experimental = yes' n

	world_begin "$build"
	expect "$(world_ask commands --json | jq -r '.[].command' | sort)" \
		"$(cut -d'|' -f1 "$flow/commands.txt" | cut -d' ' -f1 | sort -u)"
	expect "$(sed -n '/^\.Ss Commands/,/^\.Sh/s/^\.It Cm \([^ ]*\).*/\1/p' \
		"$flow/../../bridge/man/1sat2flash.conf.5" | sort)" \
		"$(world_ask commands --json | jq -r '.[].command' | sort)"
	# The examples are good for a menu.
	world_ask commands --json | jq -r '.[] | ([.command]
		+ [.args[].example] | join(" "))' |
		sed 's|file:.*|file:PIN|' >"$world/examples"
	for n in 0 1; do
		world_menu "$(part "$n" <"$world/examples" | world_commands)"
		world_daemon --check
	done
	expect "$(part 2 <"$world/examples")" ''
}

run_facts
