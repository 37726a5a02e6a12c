#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Three Core Lightning nodes on regtest, without bitcoind: a and c pay, b
# receives, and has something to pay back with.
#
#   nodes.sh up               fresh: nodes, funds, usable channels to b
#   nodes.sh start | stop     all nodes, keeping their state
#   nodes.sh start-N | stop-N a single one: a, b or c
#   nodes.sh kill-N           SIGKILL, children too
#   nodes.sh ready            wait until the channels are usable
#   nodes.sh N ARGS...        lightning-cli of a, b or c
#   nodes.sh mine [N]
#   nodes.sh bolt11 [MSAT]    invoice of b, paid by a
#   nodes.sh bolt12 [MSAT]    offer of b, paid by a
#
# Takes lightningd and lightning-cli (23.11 or newer) from PATH, python3, jq.
# Environment: RUN=/tmp/1sat2flash-regtest, PORT=19735 of a, those of b and c
# follow, OPTIONS_A, OPTIONS_B, OPTIONS_C (more of lightningd), PRIVATE=1
# (unannounced channels), PAY_COMMAND=xpay or pay.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
run=${RUN:-/tmp/1sat2flash-regtest}
export FAKEBTC_DB=$run/chain.sqlite3

declare -A ports=()
ports[a]=${PORT:-19735}
ports[b]=$((ports[a] + 1))
ports[c]=$((ports[a] + 2))
declare -A extra=([a]=${OPTIONS_A:-} [b]=${OPTIONS_B:-} [c]=${OPTIONS_C:-})

cli() {
	local name=$1
	shift
	lightning-cli --lightning-dir="$run/$name" --network=regtest "$@"
}

btc() { "$here/fakebtc.py" "$@"; }

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			echo "nodes: timeout: $*" >&2
			return 1
		fi
		sleep 0.1
	done
}

# A zombie is down, too.
is_running() {
	case $(awk '/^State/ { print $2 }' "/proc/$1/status" 2>/dev/null) in
	'' | Z | X) return 1 ;;
	esac
}

is_down() { ! is_running "$1"; }

is_up() {
	[[ -f $run/$1/pid ]] && is_running "$(<"$run/$1/pid")"
}

# launch NODE: does not wait until it is there.
launch() {
	local name=$1
	local -a options=()

	if is_up "$name"; then
		echo "$name is up"
		return
	fi
	read -ra options <<<"${extra[$name]}"
	mkdir -p "$run/$name"
	setsid lightningd --lightning-dir="$run/$name" --network=regtest \
		--alias="$name" --bind-addr="127.0.0.1:${ports[$name]}" \
		--pid-file="$run/$name/pid" --log-file="$run/$name/log" \
		--log-level=debug --disable-plugin=bcli \
		--plugin="$here/fakebtc.py" --developer --dev-fast-gossip \
		--dev-bitcoind-poll=1 --dev-fast-reconnect \
		--dev-allow-localhost --allow-deprecated-apis=false \
		"${options[@]}" >"$run/$name/stdout" 2>&1 </dev/null &
}

start_node() {
	launch "$1"
	wait_for 60 cli "$1" getinfo
}

start() {
	local name

	for name in a b c; do
		launch "$name"
	done
	for name in a b c; do
		wait_for 60 cli "$name" getinfo
	done
}

stop_node() {
	local pid

	is_up "$1" || return 0
	pid=$(<"$run/$1/pid")
	cli "$1" stop >/dev/null || true
	wait_for 60 is_down "$pid"
}

kill_node() {
	local pid
	local -a children

	pid=$(<"$run/$1/pid")
	mapfile -t children < <(pgrep -P "$pid" || true)
	kill -9 "$pid" "${children[@]}" 2>/dev/null || true
	wait_for 10 is_down "$pid"
}

is_synced() {
	[[ $(cli "$1" getinfo | jq .blockheight) == $(btc info | jq .height) ]]
}

is_funded() {
	cli "$1" listfunds |
		jq -e 'any(.outputs[]; .status == "confirmed")'
}

# has_channels NODE N
has_channels() {
	cli "$1" listpeerchannels | jq -e --argjson n "$2" '[.channels[]
		| select(.state == "CHANNELD_NORMAL" and .peer_connected)]
		| length == $n'
}

# Each channel, from both sides.
has_gossip() {
	cli "$1" listchannels | jq -e '.channels | length == 4'
}

knows_features() {
	cli "$1" listnodes "$2" | jq -e '.nodes[0].features != null'
}

mine() {
	local name

	btc mine "${1:-1}" >/dev/null
	for name in a b c; do
		! is_up "$name" || wait_for 30 is_synced "$name"
	done
}

ready() {
	wait_for 60 has_channels a 1
	wait_for 60 has_channels b 2
	wait_for 60 has_channels c 1
}

# Half a million sat of each payer are b's from the beginning.
fund() {
	local name=$1 id=$2 announce=$3

	cli "$name" connect "$id" 127.0.0.1 "${ports[b]}" >/dev/null
	cli "$name" -k fundchannel id="$id" amount=10000000 \
		push_msat=500000000 announce="$announce" >/dev/null
}

up() {
	local id name announce=true

	if [[ -e $FAKEBTC_DB ]]; then
		echo "nodes: $run exists: stop it and remove it" >&2
		return 1
	fi
	[[ -z ${PRIVATE:-} ]] || announce=false
	mkdir -p "$run"
	btc mine 110 >/dev/null
	start
	for name in a c; do
		btc pay "$(cli "$name" newaddr bech32 | jq -r .bech32)" \
			100000000 >/dev/null
	done
	mine 1
	id=$(cli b getinfo | jq -r .id)
	for name in a c; do
		wait_for 30 is_funded "$name"
		fund "$name" "$id" "$announce"
	done
	mine 6
	ready
	if [[ $announce == true ]]; then
		for name in a b c; do
			wait_for 60 has_gossip "$name"
		done
		wait_for 60 knows_features a "$id"
		wait_for 60 knows_features c "$id"
	fi
	echo "channels from a and c to b=$id@127.0.0.1:${ports[b]}"
}

pay() {
	cli a -N none "${PAY_COMMAND:-xpay}" "$1"
}

bolt11() {
	pay "$(cli b invoice "${1:-50000}" "t$(date +%s%N)" test |
		jq -r .bolt11)"
}

bolt12() {
	local offer
	local -a fetch

	offer=$(cli b offer "${1:-any}" "car $(date +%s%N)" | jq -r .bolt12)
	fetch=(offer="$offer")
	[[ ${1:-any} != any ]] || fetch+=(amount_msat=50000)
	pay "$(cli a -k fetchinvoice "${fetch[@]}" | jq -r .invoice)"
}

command=${1:-}
(($# == 0)) || shift
case $command in
up | start | ready | mine | bolt11 | bolt12 | btc) "$command" "$@" ;;
a | b | c) cli "$command" "$@" ;;
stop) stop_node a && stop_node c && stop_node b ;;
start-[abc]) start_node "${command#start-}" ;;
stop-[abc]) stop_node "${command#stop-}" ;;
kill-[abc]) kill_node "${command#kill-}" ;;
*)
	sed -n '4,21s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
