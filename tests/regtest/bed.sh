# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The nodes that all facts share, plugin and guard at one of them, and bridge
# and car, which each fact begins anew; for run.
#
#   begin plain|plugin|automatic|hold [MENU]
#                          car, menu and bridge, by $way
#   open_bridge [PROGRAM], close_bridge [SIGNAL]
#   home COMMAND...        lightning-cli at b, where the owner sits
#   status FILTER, says FILTER
#                          what the plugin tells its owner
#   second COMMAND...      says it of a second car, with a bridge, a bus and a
#                          rune of its own, after second make_world
#   restart_plugins [OPTION=VALUE]...
#                          $crash_at: where the plugin is to stop
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

# By which way the bridge gets to the node, and where the shared bed is.
way=
bed=
# The car that is spoken of, as the node knows it.
car_name=car
crash_at=

nodes() {
	"${world_as[@]}" "$bed/bin/nodes.sh" "$@"
}

home() {
	nodes b "$@"
}

await() {
	world_await "$@" && return
	echo "not in $1 s: ${*:2}" >&2
	return 1
}

# --- the bed ----------------------------------------------------------------

# The plugin is a script that starts it, to be stopped where a fact says.
write_plugin() {
	mkdir "$bed/plugins"
	cp "$build/bridge/node/1sat2flash-guard" "$bed/plugins/"
	cp "$build/bridge/node/1sat2flash-node" "$bed/bin/"
	cp "$build/tests/regtest/1sat2flash-node-crash" "$bed/bin/"
	cat >"$bed/plugins/1sat2flash-node" <<-END
		#!/bin/sh
		[ ! -f $bed/crash-at ] ||
			CRASH_AT=\$(cat $bed/crash-at) \
				exec $bed/bin/1sat2flash-node-crash "\$@"
		exec $bed/bin/1sat2flash-node "\$@"
	END
	chmod 755 "$bed/plugins" "$bed/plugins/1sat2flash-node"
}

# begin_bed PORT
begin_bed() {
	world_begin "$build"
	bed=$world
	cp tests/regtest/nodes.sh tests/regtest/fakebtc.py \
		"$build/tests/crash/1sat2flashd-crash" \
		"$build/tests/regtest/clock-set.so" "$bed/bin/"
	write_plugin
	export RUN=$bed/nodes PORT=$1
	OPTIONS_B="--plugin=$bed/plugins/1sat2flash-node"
	OPTIONS_B+=" --plugin=$bed/plugins/1sat2flash-guard"
	export OPTIONS_B
	nodes up
	ln -s "$RUN/b/regtest/lightning-rpc" "$bed/lightning-rpc"
	world_menu
	world_key
}

end_bed() {
	[[ -n $bed ]] || return 0
	nodes stop >/dev/null 2>&1 || true
	world_end
}

# write_rune FILE RESTRICTIONS: for the bridge alone.
write_rune() {
	(umask 077 && home -k createrune restrictions="$2" | jq -r .rune \
		>"$1")
	((EUID != 0)) || chown nobody "$1"
}

# allow METHOD...: as restrictions have it.
allow() {
	printf '"method=%s"\n' "$@" | paste -sd,
}

readonly of_the_plain=(getinfo waitanyinvoice)
readonly of_the_plugin=(1sat2flash-register 1sat2flash-poll 1sat2flash-take
	1sat2flash-done 1sat2flash-refund)

# What each mode needs, and no more: of the plugin, this car's part.
write_runes() {
	local id

	id=\"id=$(world_daemon --node-id)\"
	local car=\"pnamecar=$car_name\" plain plugin

	plain=$(allow "${of_the_plain[@]}")
	plugin=$(allow "${of_the_plugin[@]}")
	write_rune "$world/state/rune.plain" "[[$plain],[$id]]"
	write_rune "$world/state/rune.plugin" \
		"[[$plain,$plugin],[$plain,$car],[$id]]"
	cp -p "$world/state/rune.plugin" "$world/state/rune.automatic"
	write_rune "$world/state/rune.hold" "[[$plugin],[$car],[$id]]"
}

# --- the plugin ---------------------------------------------------------------

stop_plugin() {
	home plugin stop "$1" >/dev/null 2>&1 || true
}

start_plugin() {
	rm -f "$bed/crash-at"
	[[ -z $crash_at ]] || echo "$crash_at" >"$bed/crash-at"
	home -k plugin subcommand=start \
		plugin="$bed/plugins/1sat2flash-node" "$@" >/dev/null
	rm -f "$bed/crash-at"
}

start_guard() {
	home plugin start "$bed/plugins/1sat2flash-guard" >/dev/null
}

restart_plugins() {
	stop_plugin 1sat2flash-guard
	stop_plugin 1sat2flash-node
	start_plugin "$@"
	start_guard
}

has_plugin() {
	home plugin list | jq -e --arg name "/$1" \
		'any(.plugins[]; (.name | endswith($name)) and .active)' \
		>/dev/null
}

# status FILTER: of what the plugin says.
status() {
	home 1sat2flash-status | jq -r "$1"
}

# says FILTER: the same, as a condition.
says() {
	home 1sat2flash-status | jq -e "$1" >/dev/null
}

is_guarded() {
	says .guarded
}

forget_car() {
	home 1sat2flash-forget "$1" >/dev/null
}

# Once the node has disabled their offers.
forget_cars() {
	local car

	home 1sat2flash-pause >/dev/null
	for car in $(status '.cars[].car'); do
		await 60 forget_car "$car"
	done
}

# --- car and bridge ---------------------------------------------------------

menu() {
	cat <<-'END'
		action flash {
		    price = 1
		    do = flash-lights
		}
		action honk {
		    price = 21
		    do = honk
		}
		action show {
		    price = 30
		    do = { flash-lights, "wait 3s", honk }
		    budget = 6s
		}
		action brief {
		    price = 2
		    do = flash-lights
		    budget = 3s
		}
		action parade {
		    price = 50
		    do = { flash-lights, "wait 6s", honk }
		    budget = 9s
		}
		action port {
		    price = 40
		    do = charge-port-open
		    unknown = keep
		    budget = 4s
		}
	END
}

# reach MODE: how the bridge gets to the node.
reach() {
	if [[ $way == socket ]]; then
		echo "rpc = \"$bed/lightning-rpc\""
	else
		echo "address = \"$(home getinfo | jq -r .id)@127.0.0.1:$((PORT + 1))\""
		echo "rune = \"file:$world/state/rune.${rune:-$1}\""
	fi
	case $1 in
	plugin) echo "plugin = yes" ;;
	automatic)
		echo "plugin = yes"
		echo "refunds = automatic"
		;;
	hold) echo "hold = yes" ;;
	esac
}

# write_menu MODE [MENU]
write_menu() {
	local world_car_keys="name = \"$car_name\""
	local world_way

	world_way=$(reach "$1")
	world_menu "${2-$(menu)}"
}

begin() {
	# What a car holds settles no more without it.
	[[ $1 != plain ]] || forget_cars
	write_menu "$@"
	world_car
	open_bridge
}

start_bridge() {
	world_start bridge /dev/null "$bed/bin/${1:-1sat2flashd}" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state
}

is_taking() {
	world_ask status --json | jq -e .taking_payments >/dev/null
}

open_bridge() {
	start_bridge "$@"
	await 20 is_taking
}

close_bridge() {
	world_stop bridge "$@"
}

bridge_is_gone() {
	is_gone "${world_pids[bridge]}"
}

# signal_bridge STOP|CONT
signal_bridge() {
	kill -"$1" "${world_pids[bridge]}"
}

has_problem() {
	world_ask status --json |
		jq -r '.why_not + " " + .node_problem' | grep -qF -- "$1"
}

# --- a second car -----------------------------------------------------------

declare -A second_pids=()

# second COMMAND...: says it of the second car.
second() {
	local world=$bed/second world_vin=5YJ3E1EA6KF000002 car_name=blue
	local world_accept='{ offers, "label blue-*" }'
	local -A world_pids=()
	local -x DBUS_SYSTEM_BUS_ADDRESS=unix:path=$world/bus
	local key status

	for key in "${!second_pids[@]}"; do
		world_pids[$key]=${second_pids[$key]}
	done
	"$@"
	status=$?
	second_pids=()
	for key in "${!world_pids[@]}"; do
		second_pids[$key]=${world_pids[$key]}
	done
	return $status
}

make_world() {
	rm -rf "$world"
	mkdir -p "$world/state"
	ln -s "$bed/bin" "$world/bin"
	((EUID != 0)) || chown -R nobody:nogroup "$world"
	chmod 700 "$world/state"
	world_bus
	world_menu
	world_key
	[[ $way == socket ]] || write_runes
}
