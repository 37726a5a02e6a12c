#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Hold mode with much more at once than there ever is: none is lost, none is
# doubled.
set -euo pipefail

# shellcheck source=tests/flow/hold-lib.sh
. "${0%/*}/hold-lib.sh"

readonly MANY=1000

# So that the car is slower than they come, however fast the disk is.
actions='action flash { price = 1 do = { flash-lights, "wait 50ms" } }'
# shellcheck disable=SC2034 # read by holding_node
node_forgets=yes

# Each has a connection to the node.
allow_many() {
	ulimit -Sn $((2 * MANY + 100)) ||
		skip "no process may have so many files"
}

load() {
	python3 "$flow/load.py" "$1" "$world/lightning-rpc" $MANY
}

none_is_between() {
	world_ask payments --limit 10000 --json | jq -e 'all(.[]; .money
		| IN("earned", "returned"))' >/dev/null
}

# marks STATE: how many payments the plugin has written down so.
marks() {
	find "$world/ln" -path '*/marks/*' -name "*.$1" | wc -l
}

fact_thousand_payments_at_once() {
	local n

	allow_many
	begin_holding
	load pay >"$world/said"
	jq -r '.paid[]' "$world/said" | sort >"$world/paid"
	n=$(wc -l <"$world/paid")
	echo "paid: $n"
	# More than can wait, and not all.
	((n >= 10 && n < MANY))
	world_await 60 none_is_between
	world_ask payments --limit 10000 --json >"$world/orders"

	# Who paid, what the node has, what the bridge has earned, and did.
	call_node listinvoices | jq -r '.invoices[]
		| select(.status == "paid") | .payment_hash' |
		sort | cmp - "$world/paid"
	jq -r '.[] | select(.money == "earned") | .payment_hash' \
		"$world/orders" | sort | cmp - "$world/paid"
	expect "$(jq '[.[] | select(.state == "confirmed")] | length' \
		"$world/orders")" "$n"
	expect "$(car_did | wc -w)" "$n"
	expect "$(jq 'group_by(.payment_hash) | map(length) | max' \
		"$world/orders")" 1

	# All others have their money back, and nothing waits any more.
	expect "$(call_node listinvoices | jq '.invoices | length')" $MANY
	expect "$(marks settle)" "$n"
	expect "$(marks return)" $((MANY - n))
	expect "$(marks '*')" $MANY
	expect "$(call_node 1sat2flash-status | jq '.cars[0].held | length')" 0

	# And it goes on.
	world_pay 1000 --label 1sat2flash- >/dev/null
	expect_end 'confirmed, earned'
	expect "$(car_did | wc -w)" $((n + 1))
}

# As the kernel has seen it at most, in KB.
peak_of() {
	awk '/^VmHWM/ { print $2 }' "/proc/$(plugin_pid "$1")/status"
}

fact_thousand_cars_at_one_plugin() {
	local peak

	allow_many
	begin_node
	load cars >"$world/said"
	peak=$(peak_of node)
	echo "$(<"$world/said"), $peak KB"
	# Sanitizers keep what was freed, and take their time.
	grep -q __asan_init "$world/bin/1sat2flash-node" && return
	((peak < 16 * 1024))
	jq -e '.foreign_ms < 20 and .own_ms < 200' "$world/said" >/dev/null
}

run_facts
