# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A node with our plugin and its guard: for the flow tests that source this.
#
#   begin_node [OPTION]...       a world with nothing else; options are simnode's
#   begin_at_plugin WAY [OPTION]...
#                                a bridge that sells $actions, too, with WAY in
#                                its section node
#   begin_holding [OPTION]...    the same with hold = yes
#   holding_node [OPTION]...     again: plugin and guard find all as it was
#   call_node METHOD [PARAMS]
#
# $node_forgets, if set: the node keeps no file, which takes long where it is
# paid a thousand times.

# shellcheck source=tests/flow/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

world_programs+=(bridge/node/1sat2flash-node bridge/node/1sat2flash-guard)

holding_node() {
	local -a keeps=(--state "$world/node.state")

	[[ -z ${node_forgets:-} ]] || keeps=()
	world_node "${keeps[@]}" --lightning-dir "$world/ln" \
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

begin_node() {
	world_begin "$build"
	mkdir "$world/ln"
	((EUID != 0)) || chown nobody "$world/ln"
	holding_node "$@"
}

begin_at_plugin() {
	begin_node "${@:2}"
	world_way="rpc = \"$world/lightning-rpc\" $1"
	world_menu "${actions:?}"
	world_key
	world_car
	world_bridge
	world_await 10 has_offers
}

begin_holding() {
	begin_at_plugin 'hold = yes' "$@"
}

has_offers() {
	world_ask menu --json | jq -e '.[0].offer_active' >/dev/null
}

is_taking() {
	world_ask status --json | jq -e .taking_payments >/dev/null
}

plugin_pid() {
	pgrep -f "^$world/bin/1sat2flash-$1"
}

# When the node has shown who has the money.
has_settled() {
	order .money | grep -qvE 'settling|returning|pending'
}

expect_end() {
	world_await 40 has_settled
	expect "$(order .state), $(order .money)" "$1"
}
