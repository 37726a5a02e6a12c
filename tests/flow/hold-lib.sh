# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A node with our plugins, for the flow tests that source this after lib.sh.
#
#   holding_node [OPTION]...   plugin and guard, which find all again
#   call_node METHOD [PARAMS]  asks it
#   begin_at_plugin WAY [NODE-OPTION]...
#                              car, node and bridge, with WAY in the menu's node
#
# What it does not assign is of world.sh, which reads what it does not read.
# shellcheck disable=SC2034,SC2154

world_programs+=(bridge/node/1sat2flash-node bridge/node/1sat2flash-guard)

holding_node() {
	world_node --state "$world/node.state" --lightning-dir "$world/ln" \
		--plugin "$world/bin/1sat2flash-node" \
		--plugin "$world/bin/1sat2flash-guard" "$@"
}

call_node() {
	"$world/bin/simnode" --socket "$world/lightning-rpc" --call "$@"
}

world_follows() {
	tail -n +$(($1 + 1)) "$world/bridge.log" |
		grep -E 'following node|holds payments' >/dev/null
}

has_offers() {
	world_ask menu --json | jq -e '.[0].offer_active' >/dev/null
}

is_taking() {
	world_ask status --json | jq -e .taking_payments >/dev/null
}

begin_at_plugin() {
	world_begin "$build"
	world_way="rpc = \"$world/lightning-rpc\" $1"
	world_menu "$actions"
	world_key
	world_car
	mkdir "$world/ln"
	((EUID != 0)) || chown nobody "$world/ln"
	holding_node "${@:2}"
	world_bridge
	world_await 10 has_offers
}
