#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Two Core Lightning nodes on regtest, without bitcoind: a pays, b receives.
#
#   two-nodes.sh up              fresh: nodes, funds, a usable channel a to b
#   two-nodes.sh start | stop    both nodes, keeping their state
#   two-nodes.sh start-a | start-b | stop-a | stop-b
#   two-nodes.sh kill-a | kill-b SIGKILL, children too
#   two-nodes.sh ready           wait until the channel is usable
#   two-nodes.sh a ARGS...       lightning-cli of a; the same with b
#   two-nodes.sh mine [N]
#   two-nodes.sh bolt11 [MSAT]   invoice of b, paid by a
#   two-nodes.sh bolt12 [MSAT]   offer of b, paid by a
#
# Takes lightningd and lightning-cli (23.11 or newer) from PATH, python3, jq.
# Environment: RUN=/tmp/1sat2flash-regtest, PORT_A=19735, PORT_B=19736,
# OPTIONS_A, OPTIONS_B (more of lightningd), PRIVATE=1 (unannounced channel),
# PAY_COMMAND=xpay or pay.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
run=${RUN:-/tmp/1sat2flash-regtest}
export FAKEBTC_DB=$run/chain.sqlite3

cli() {
	local name=$1
	shift
	lightning-cli --lightning-dir="$run/$name" --network=regtest "$@"
}

a() { cli a "$@"; }
b() { cli b "$@"; }
btc() { "$here/fakebtc.py" "$@"; }

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			echo "two-nodes: timeout: $*" >&2
			return 1
		fi
		sleep 0.2
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

start_node() {
	local name=$1 port=$2 extra=$3
	local -a options=()

	if is_up "$name"; then
		echo "$name is up"
		return
	fi
	read -ra options <<<"$extra"
	mkdir -p "$run/$name"
	setsid lightningd --lightning-dir="$run/$name" --network=regtest \
		--alias="$name" --bind-addr="127.0.0.1:$port" \
		--pid-file="$run/$name/pid" --log-file="$run/$name/log" \
		--log-level=debug --disable-plugin=bcli \
		--plugin="$here/fakebtc.py" --developer --dev-fast-gossip \
		--dev-bitcoind-poll=1 --dev-fast-reconnect \
		--dev-allow-localhost --allow-deprecated-apis=false \
		"${options[@]}" >"$run/$name/stdout" 2>&1 </dev/null &
	wait_for 60 cli "$name" getinfo
}

start_a() { start_node a "${PORT_A:-19735}" "${OPTIONS_A:-}"; }
start_b() { start_node b "${PORT_B:-19736}" "${OPTIONS_B:-}"; }

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
	a listfunds | jq -e 'any(.outputs[]; .status == "confirmed")'
}

has_channel() {
	cli "$1" listpeerchannels | jq -e 'any(.channels[];
		.state == "CHANNELD_NORMAL" and .peer_connected)'
}

has_gossip() {
	cli "$1" listchannels | jq -e '.channels | length == 2'
}

knows_features() {
	a listnodes "$1" | jq -e '.nodes[0].features != null'
}

mine() {
	btc mine "${1:-1}" >/dev/null
	wait_for 30 is_synced a
	! is_up b || wait_for 30 is_synced b
}

ready() {
	wait_for 60 has_channel a
	wait_for 60 has_channel b
}

up() {
	local id announce=true

	if [[ -e $FAKEBTC_DB ]]; then
		echo "two-nodes: $run exists: stop it and remove it" >&2
		return 1
	fi
	[[ -z ${PRIVATE:-} ]] || announce=false
	mkdir -p "$run"
	btc mine 110 >/dev/null
	start_a
	start_b
	btc pay "$(a newaddr bech32 | jq -r .bech32)" 100000000 >/dev/null
	mine 1
	wait_for 30 is_funded
	id=$(b getinfo | jq -r .id)
	a connect "$id" 127.0.0.1 "${PORT_B:-19736}" >/dev/null
	a -k fundchannel id="$id" amount=10000000 announce=$announce >/dev/null
	mine 6
	ready
	if [[ $announce == true ]]; then
		wait_for 60 has_gossip a
		wait_for 60 has_gossip b
		wait_for 60 knows_features "$id"
	fi
	echo "channel from a to b=$id@127.0.0.1:${PORT_B:-19736}"
}

pay() {
	a -N none "${PAY_COMMAND:-xpay}" "$1"
}

bolt11() {
	pay "$(b invoice "${1:-50000}" "t$(date +%s%N)" test | jq -r .bolt11)"
}

bolt12() {
	local offer
	local -a fetch

	offer=$(b offer "${1:-any}" "car $(date +%s%N)" | jq -r .bolt12)
	fetch=(offer="$offer")
	[[ ${1:-any} != any ]] || fetch+=(amount_msat=50000)
	pay "$(a -k fetchinvoice "${fetch[@]}" | jq -r .invoice)"
}

command=${1:-}
(($# == 0)) || shift
case $command in
up | ready | mine | bolt11 | bolt12) "$command" "$@" ;;
a | b | btc) "$command" "$@" ;;
start) start_a && start_b ;;
stop) stop_node a && stop_node b ;;
start-a) start_a ;;
start-b) start_b ;;
stop-a) stop_node a ;;
stop-b) stop_node b ;;
kill-a) kill_node a ;;
kill-b) kill_node b ;;
*)
	sed -n '4,20s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
