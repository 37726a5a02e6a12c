# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The car, the node and the owner's hands in the machine, for the facts and
# the benchmark, which source this.
#
#   start_car [OPTION]...    a simcar at hci1
#   say_to_car LINE...       changes its world
#   count_car TEXT           how many of its lines have TEXT
#   start_node               a simnode where lightningd would be
#   say_to_node LINE...
#   pay SAT [OPTION]...      pays our label; prints nothing
#   order FILTER             a jq filter on the newest order
#   await SECONDS COMMAND... until it succeeds; 1 after SECONDS
set -euo pipefail
# From the kernel's command line.
: "${machine:?}" "${build:?}"

vin=5YJ3E1EA6KF000000
rpc=/var/lib/lightning/bitcoin/lightning-rpc
# shellcheck disable=SC2034 # for those who source this
# Addresses of hci0 and hci1.
near=00:AA:01:00:00:00
# shellcheck disable=SC2034
far=00:AA:01:01:00:01
# shellcheck disable=SC2034
out=/mnt/out
run=/run/machine
mkdir -p "$run"

await() {
	# It would be traced for ever.
	local - end=$((SECONDS + $1))
	set +x
	shift

	until "$@" 2>/dev/null; do
		((SECONDS <= end)) || {
			echo "not so in time: $*" >&2
			return 1
		}
		sleep 0.05
	done
}

is_powered() {
	busctl get-property org.bluez "/org/bluez/$1" \
		org.bluez.Adapter1 Powered | grep -q true
}

are_there() {
	busctl call org.bluez / org.freedesktop.DBus.ObjectManager \
		GetManagedObjects | grep /org/bluez/hci0 | grep -q /org/bluez/hci1
}

# Where the host is busy, a controller's first answer may come too late: then
# it is off, or the kernel never tells of it.
power_up() {
	local adapter

	await 10 are_there || {
		systemctl restart controllers bluetooth beacon
		await 20 are_there
	}
	for adapter in hci0 hci1; do
		await 3 is_powered "$adapter" && continue
		busctl set-property org.bluez "/org/bluez/$adapter" \
			org.bluez.Adapter1 Powered b true || true
		await 20 is_powered "$adapter"
	done
}

start_car() {
	[[ -p $run/car.in ]] || mkfifo "$run/car.in"
	systemctl start beacon
	touch "$run/car"
	car_says 1 '"ready"' systemd-run --quiet --collect --unit=car \
		--property=Type=exec \
		/bin/bash -c 'exec "$@" <>'"$run/car.in >>$run/car" car \
		"$build/tests/simcar/simcar" --bluez hci1 --vin "$vin" "$@"
}

say_to_car() {
	# Does not wait for a reader.
	echo "$*" 1<>"$run/car.in"
}

count_car() {
	grep -c -F -- "$1" "$run/car" || true
}

car_has() {
	(($(count_car "$1") >= $2))
}

# car_says MORE TEXT COMMAND...: after it there are MORE lines with TEXT.
car_says() {
	local n
	n=$(($(count_car "$2") + $1))

	"${@:3}"
	await 20 car_has "$2" "$n"
}

# As "rpc-file-mode=0660" of lightningd has it.
start_node() {
	id lightning >/dev/null 2>&1 ||
		useradd --system --shell /usr/sbin/nologin lightning
	install -d -o lightning -g lightning "${rpc%/*}"
	[[ -p $run/node.in ]] || mkfifo --mode=666 "$run/node.in"
	systemd-run --quiet --collect --unit=node --uid=lightning \
		--property=Type=exec --property=StandardOutput="append:$run/node" \
		/bin/bash -c 'exec "$@" <>'"$run/node.in" node \
		"$build/tests/simnode/simnode" --socket "$rpc"
	await 20 test -S "$rpc"
	chmod 660 "$rpc"
}

say_to_node() {
	echo "$*" 1<>"$run/node.in"
}

newest() {
	1sat2flash payments --limit 1 --json
}

order() {
	newest | jq -r ".[0] | $1"
}

has_ended() {
	newest | jq -e --argjson after "$1" '.[0] | .order > $after
		and .state != "queued" and .state != "running"' >/dev/null
}

pay() {
	local before

	before=$(newest | jq '.[0].order // 0')
	simnode --pay "${1}000" --label 1sat2flash- "${@:2}" >/dev/null
	await "${patience:-30}" has_ended "$before"
}

simnode() {
	"$build/tests/simnode/simnode" --socket "$rpc" "$@"
}

status() {
	1sat2flash status --json | jq -r "$1"
}
