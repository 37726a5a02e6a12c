# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A bus, a car, a node and a bridge in a folder of their own, for the demo
# and the flow tests, which source this.
#
#   world_begin BUILD            makes $world and starts the bus
#   world_menu [TEXT]            writes the menu, TEXT instead of the actions
#   world_commands               makes actions of the commands on stdin
#   world_key                    makes the bridge's key
#   world_car, _node, _bridge [OPTION]...
#                                starts one, returns when it is there
#   world_stop NAME [SIGNAL]     ends one, returns when it has ended
#   world_pay MSAT [OPTION]...   pays, prints what the node says
#   world_ask COMMAND...         runs 1sat2flash on the world's bus
#   world_await SECONDS COMMAND  until it succeeds; 1 after SECONDS
#   world_end                    ends what runs and removes the folder
#
# $world_policy, if set, stands in for our D-Bus policy, $world_link for where
# the bridge finds the car, $world_way for how it gets to the node,
# $world_accept for which payments count,
# $world_car_keys for more keys of the section car, $world_role for that of its
# key; $world_status is what the program that was stopped last ended with.
# The bridge refuses to run as root; where root calls, programs run as nobody.

set -euo pipefail

world=
declare -A world_pids=()
world_as=()
world_apart=()
world_programs=(bridge/daemon/1sat2flashd bridge/cli/1sat2flash
	tests/simcar/simcar tests/simnode/simnode)
# shellcheck disable=SC2034 # read by the tests
world_status=0
world_user=$(id -un 2>/dev/null || id -u)
world_vin=5YJ3E1EA6KF000000

world_begin() {
	local build=$1 program

	# Not $TMPDIR: the path of a unix socket has 107 characters at most.
	world=$(mktemp -d /tmp/1sat2flash.XXXXXX)
	mkdir "$world/bin" "$world/state"
	echo 1234 >"$world/pin"
	chmod 400 "$world/pin"
	# A clone in /root is out of reach for nobody.
	for program in "${world_programs[@]}"; do
		cp "$build/$program" "$world/bin/"
	done
	if ((EUID == 0)); then
		world_user=nobody
		world_as=(setpriv --reuid=nobody --regid=nogroup
			--clear-groups --)
		chown -R nobody:nogroup "$world"
	fi
	chmod 755 "$world" "$world/bin"
	chmod 700 "$world/state"
	world_bus
}

# As the system bus of Debian has it, then our own policy.  Whoever runs this
# world plays the part of the user _1sat2flash.
world_bus() {
	local policy
	policy=${BASH_SOURCE[0]%/*}/../../bridge/units/io.github.onesat2flash.conf

	if [[ -n ${world_policy:-} ]]; then
		echo "$world_policy" >"$world/policy.conf"
	else
		cp "$policy" "$world/policy.conf"
	fi
	cat >"$world/bus.conf" <<-END
		<!DOCTYPE busconfig PUBLIC
		  "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>system</type>
		  <listen>unix:path=$world/bus</listen>
		  <auth>EXTERNAL</auth>
		  <policy context="default">
		    <allow user="*"/>
		    <deny own="*"/>
		    <deny send_type="method_call"/>
		    <allow send_type="signal"/>
		    <allow send_requested_reply="true" send_type="method_return"/>
		    <allow send_requested_reply="true" send_type="error"/>
		    <allow receive_type="method_call"/>
		    <allow receive_type="method_return"/>
		    <allow receive_type="error"/>
		    <allow receive_type="signal"/>
		    <allow send_destination="org.freedesktop.DBus"/>
		  </policy>
		  <include>$world/policy.conf</include>
		  <policy user="$world_user">
		    <allow own="io.github.onesat2flash"/>
		    <allow send_destination="io.github.onesat2flash"/>
		  </policy>
		</busconfig>
	END
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$world/bus
	# Ours has no system services, and no journal either.
	unset NOTIFY_SOCKET JOURNAL_STREAM
	world_start bus /dev/null dbus-daemon --config-file="$world/bus.conf" \
		--nofork --nopidfile
	world_await 10 test -S "$world/bus"
}

# world_start NAME STDIN COMMAND...: $world/NAME.out and .log are its output.
world_start() {
	local name=$1 input=$2
	shift 2

	"${world_apart[@]}" "${world_as[@]}" "$@" <>"$input" >>"$world/$name.out" \
		2>>"$world/$name.log" &
	world_pids[$name]=$!
}

world_stop() {
	local pid=${world_pids[$1]:-}

	[[ -n $pid ]] || return 0
	kill -"${2:-TERM}" "$pid" 2>/dev/null || true
	# What it ended with is of interest to tests.
	world_status=0
	# shellcheck disable=SC2034
	wait "$pid" || world_status=$?
	unset "world_pids[$1]"
}

world_end() {
	local name

	[[ -n $world ]] || return 0
	for name in pair bridge node car bus manager; do
		world_stop "$name"
	done
	! mountpoint -q "$world/state" || umount "$world/state"
	rm -rf "$world"
	world=
}

world_await() {
	local end=$((SECONDS + $1))
	shift

	until "$@" 2>/dev/null; do
		((SECONDS <= end)) || return 1
		sleep 0.02
	done
}

# What the README shows.
world_actions() {
	cat <<-'END'
		action flash {
		    price = 1
		    do = flash-lights
		}
		action honk {
		    price = 21
		    do = honk
		}
		action wave {
		    price = 100
		    do = { charge-port-open, "wait 1s", charge-port-close }
		    undo = charge-port-close
		}
		action music {
		    price = 500
		    do = { "media-volume 4", media-play }
		}
	END
}

# A menu of the commands on stdin: the one in line N costs N sat.  file:PIN is
# the world's PIN.
world_commands() {
	awk -F'|' -v pin="file:$world/pin" '{
		sub(/file:PIN/, pin, $1)
		printf "action c%d { price = %d do = \"%s\" }\n", NR, NR, $1
	}'
}

world_menu() {
	local usual='{ offers, "label 1sat2flash-*" }'

	cat >"$world/menu.conf" <<-END
		car {
		    vin = "$world_vin"
		    key = "file:$world/state/car.key"
		    link = "socket:${world_link:-$world/car}"
		    ${world_car_keys:-}
		}
		node {
		    ${world_way:-rpc = "$world/lightning-rpc"}
		    accept = ${world_accept:-$usual}
		}
		${1-$(world_actions)}
	END
	chmod 644 "$world/menu.conf"
}

world_daemon() {
	"${world_as[@]}" "$world/bin/1sat2flashd" --config "$world/menu.conf" \
		--state-dir "$world/state" "$@"
}

world_key() {
	world_daemon --make-key 2>/dev/null >"$world/key.pem"
}

world_car() {
	[[ -p $world/car.in ]] || mkfifo -m 666 "$world/car.in"
	rm -f "$world/car"
	world_start car "$world/car.in" "$world/bin/simcar" \
		--socket "$world/car" --vin "$world_vin" \
		--enrol "$world/key.pem:${world_role:-driver}" "$@"
	world_await 10 test -S "$world/car"
}

world_node() {
	[[ -p $world/node.in ]] || mkfifo -m 666 "$world/node.in"
	rm -f "$world/lightning-rpc"
	world_start node "$world/node.in" "$world/bin/simnode" \
		--socket "$world/lightning-rpc" "$@"
	world_await 10 test -S "$world/lightning-rpc"
}

# Returns when it follows the node, or else says what it said.
world_bridge() {
	local before=0

	[[ ! -f $world/bridge.log ]] || before=$(wc -l <"$world/bridge.log")
	world_start bridge /dev/null \
		"$world/bin/${world_program:-1sat2flashd}" \
		--config "$world/menu.conf" --state-dir "$world/state" \
		--allow-volatile-state "$@"
	world_await 20 world_follows "$before" && return
	tail -n +$((before + 1)) "$world/bridge.log" >&2
	return 1
}

world_follows() {
	tail -n +$(($1 + 1)) "$world/bridge.log" |
		grep 'following node' >/dev/null
}

world_pay() {
	local msat=$1
	shift

	"$world/bin/simnode" --pay "$msat" --socket "$world/lightning-rpc" "$@"
}

world_ask() {
	"$world/bin/1sat2flash" "$@"
}
