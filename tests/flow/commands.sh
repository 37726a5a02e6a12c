#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Every command that a menu may have, bought once, and what the car says that
# it did.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/lib.sh"

# What the menu says | what the car does, with the settings that it changed.
commands() {
	cat <<-'END'
		lock|lock
		unlock|unlock
		wake|wake
		frunk-open|frunk-open
		trunk-open|trunk-open
		ping|ping
		honk|honk
		flash-lights|flash-lights
		windows-vent|windows {"windows":1}
		windows-close|windows {"windows":0}
		sentry-mode on|sentry-mode {"sentry-mode":1}
		sentry-mode off|sentry-mode {"sentry-mode":0}
		charge-port-open|charge-port-open
		charge-port-close|charge-port-close
		charging-start|charging-start
		charging-stop|charging-stop
		charging-set-limit 90|charging-set-limit {"charging-limit":90}
		charging-set-amps 12|charging-set-amps {"charging-amps":12}
		charging-schedule 23:30|charging-schedule {"charging-schedule":1410}
		charging-schedule-cancel|charging-schedule {"charging-schedule":-1}
		low-power-mode on|low-power-mode {"low-power-mode":1}
		keep-accessory-power on|keep-accessory-power {"accessory-power":1}
		climate-on|climate-on
		climate-off|climate-off
		climate-set-temp 21c|climate-set-temp {"temperature left":21,"temperature right":21}
		climate-set-temp 68f|climate-set-temp {"temperature left":20,"temperature right":20}
		climate-keeper dog|climate-keeper {"climate-keeper":2}
		auto-seat-and-climate LR off|auto-seat-and-climate {"auto-seat left":0,"auto-seat right":0}
		auto-seat-and-climate R|auto-seat-and-climate {"auto-seat right":1}
		seat-heater front-left high|seat-heater {"heater front-left":3}
		seat-heater 2nd-row-center low|seat-heater {"heater 2nd-row-center":1}
		seat-heater 3rd-row-right medium|seat-heater {"heater 3rd-row-right":2}
		seat-cooler front-right medium|seat-cooler {"cooler front-right":2}
		steering-wheel-heater on|steering-wheel-heater {"steering-wheel-heater":1}
		preconditioning-max on|preconditioning-max {"preconditioning-max":1}
		bioweapon-mode on|bioweapon-mode {"bioweapon-mode":1}
		cabin-overheat-protection fan-only|cabin-overheat-protection {"overheat-protection":2}
		cabin-overheat-protection on|cabin-overheat-protection {"overheat-protection":1}
		media-play|media-toggle-playback
		media-toggle-playback|media-toggle-playback
		media-set-volume 4|media-set-volume
		media-volume-up|media-volume-up
		media-volume-down|media-volume-down
		media-next-track|media-next-track
		media-previous-track|media-previous-track
		media-next-favorite|media-next-favorite
		media-previous-favorite|media-previous-favorite
		software-update-start 2h|software-update-start {"software-in":7200}
		software-update-cancel|software-update-cancel
	END
}

# The menu of them all: action cN costs N sat.
menu_of() {
	awk -F'|' '{ printf "action c%d { price = %d do = \"%s\" }\n", NR, NR, $1 }'
}

last_deed() {
	jq -sr 'map(select(.did)) | last | .did
		+ (if .set then " " + (.set | tojson) else "" end)' \
		"$world/car.out"
}

fact_each_command_does_what_it_says() {
	local step deed sat=0

	begin "$(commands | menu_of)"
	while IFS='|' read -r step deed; do
		sat=$((sat + 1))
		pay "$sat"
		expect "$step: $(order .state)" "$step: confirmed"
		expect "$step: $(last_deed)" "$step: $deed"
	done < <(commands)
	((sat > 40))
}

# Model 3: no motors in its lids, no tonneau, and it is charging already.
fact_what_this_car_cannot_do_is_refused() {
	local step

	for step in tonneau-open tonneau-close tonneau-stop \
		autosecure-modelx charging-stop software-update-cancel; do
		begin "action it { price = 1 do = $step }"
		pay 1
		expect "$step: $(order .state)" "$step: refused"
		expect "$(order '.why | length > 0')" true
		expect_did
		end_bridge
		world_end
	done
}

run_facts
