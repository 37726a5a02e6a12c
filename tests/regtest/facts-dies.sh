# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What dies while a payment is held: plugin, guard, node.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

# begin_dying AT: the plugin stops there, with a bridge that asks for nothing
# but payments with our label.  So the first poll that is answered delivers one.
begin_dying() {
	local world_accept='"label 1sat2flash-*"'

	forget_cars
	write_menu hold
	world_car
	crash_at=$1
	restart_plugins
	crash_at=
	open_bridge
}

plugin_is_gone() {
	fails has_plugin 1sat2flash-node
}

knows_it() {
	has_problem "$1"
}

# The order in which they have to be started, checked and told.
expect_to_be_told_of_the_order() {
	await 20 knows_it "has no plugin 1sat2flash-node"
	start_plugin
	says '(.guarded | not) and (.why_not | test("was started before"))'
	await 40 knows_it "1sat2flash-guard was started before"
	stop_plugin 1sat2flash-guard
	start_guard
	is_guarded
	await 40 is_taking
}

# expect_to_work ACTION PRICE: as if nothing had been.
expect_to_work() {
	ask 21000 "1sat2flash-honk-$EPOCHREALTIME"
	send c
	expect_settled c
	expect_order confirmed earned
}

# survive AT settled|returned DEED ORDER: who has the money, what the car has
# done, and what the bridge says of it once plugin and guard are back.
survive() {
	begin_dying "$1"
	ask 1000 "1sat2flash-flash-$EPOCHREALTIME"
	send a
	await 20 plugin_is_gone
	"expect_$2" a
	local first=$hash
	stop_plugin 1sat2flash-guard
	start_plugin
	start_guard
	await 40 is_taking
	expect_to_work
	hash=$first
	if [[ $4 == none ]]; then
		expect_no_order
	else
		local state money
		read -r state money <<<"$4"
		await 40 order_is "$state" "$money"
	fi
	# shellcheck disable=SC2086
	expect_did $3 honk
}

# Before the plugin has said that the car may act, nothing is done; from then
# on the car acts, and before the verdict is on the disk, that is given away.
fact_plugin_killed_when_the_payment_is_marked() {
	survive hold-marked returned "" none
}

fact_plugin_killed_when_the_mark_is_renamed() {
	survive mark-renamed:1 returned "" none
}

fact_plugin_killed_when_the_payment_is_delivered() {
	survive poll-answered returned "" "refused returned"
}

fact_plugin_killed_before_the_car_may_act() {
	survive take-marked returned "" "refused returned"
}

fact_plugin_killed_when_the_car_may_act() {
	survive take-answered returned flash-lights "confirmed given away"
}

fact_plugin_killed_when_the_verdict_is_marked() {
	survive done-marked settled flash-lights "confirmed earned"
}

fact_plugin_killed_when_the_verdict_is_told() {
	survive hook-answered settled flash-lights "confirmed earned"
}

fact_plugin_killed_when_the_verdict_is_acknowledged() {
	survive done-acknowledged settled flash-lights "confirmed earned"
}

fact_plugin_killed_when_the_car_is_registered() {
	local at

	for at in car-renamed register-saved; do
		forget_cars
		write_menu hold
		world_car
		crash_at=$at
		restart_plugins
		crash_at=
		start_bridge
		await 20 plugin_is_gone
		restart_plugins
		await 40 is_taking
		expect_to_work
		end_bridge
		world_stop car
	done
}

fact_plugin_stopped_while_a_payment_is_held() {
	begin hold
	signal_bridge STOP
	ask 1000 "1sat2flash-stopped"
	send a
	await 5 is_held
	stop_plugin 1sat2flash-node
	expect_soon 3 expect_returned a
	signal_bridge CONT
	expect_to_be_told_of_the_order
	expect_to_work
	expect_did honk
}

# Its claims are files, so it knows what is a car's.
fact_guard_alone_returns_what_is_a_cars() {
	begin hold
	stop_plugin 1sat2flash-node
	ask 1000 "1sat2flash-guarded"
	send a
	expect_soon 2 expect_returned a
	expect_mark none
	ask 1000 "shop-guarded"
	send a
	expect_soon 2 expect_settled a
	expect_did
	restart_plugins
	await 40 is_taking
	expect_to_work
}

fact_plugin_without_a_guard_takes_nothing() {
	begin hold
	stop_plugin 1sat2flash-guard
	says '(.guarded | not) and (.why_not | test("No 1sat2flash-guard"))'
	ask 1000 "1sat2flash-unguarded"
	send a
	expect_soon 2 expect_returned a
	expect_mark none
	ask 1000 "shop-unguarded"
	send a
	expect_soon 2 expect_settled a
	close_bridge
	start_bridge
	await 20 has_problem "No 1sat2flash-guard runs behind"
	expect_did
	start_guard
	await 40 is_taking
	expect_to_work
}

# Neither is there: nothing holds the money, and nothing is done for it twice
# or behind the owner's back.
fact_neither_plugin_nor_guard_settles_without_a_deed() {
	begin hold
	stop_plugin 1sat2flash-guard
	stop_plugin 1sat2flash-node
	ask 1000 "1sat2flash-bare"
	send a
	expect_settled a
	start_plugin
	start_guard
	await 40 is_taking
	expect_to_work
	expect_did honk
}

# The bridge has been told of the payment, and the node does not answer when it
# is asked whether the car may act.
fact_node_killed_before_the_car_may_act() {
	begin hold
	signal_bridge STOP
	ask 1000 "1sat2flash-flash-before"
	send a
	await 5 is_held
	nodes kill-b
	signal_bridge CONT
	nodes start-b
	nodes ready
	expect_consistent a flash-lights
}

fact_node_and_car_killed_before_the_car_may_act() {
	begin hold
	signal_bridge STOP
	ask 1000 "1sat2flash-flash-both"
	send a
	await 5 is_held
	nodes kill-b
	close_bridge KILL
	start_bridge
	nodes start-b
	nodes ready
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
}

fact_node_killed_while_the_car_acts() {
	begin hold
	ask 30000 "1sat2flash-show-during"
	send a
	await 5 is_held taken
	nodes kill-b
	nodes start-b
	nodes ready
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights honk
	expect_to_work
}

# The node comes back only when the car has long done it.
fact_node_killed_until_the_car_has_acted() {
	begin hold
	ask 30000 "1sat2flash-show-long"
	send a
	await 5 is_held taken
	nodes kill-b
	await 10 order_is confirmed settling
	nodes start-b
	nodes ready
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights honk
	expect_to_work
}

fact_node_stopped_while_the_car_acts() {
	begin hold
	ask 30000 "1sat2flash-show-stop"
	send a
	await 5 is_held taken
	nodes stop-b
	nodes start-b
	nodes ready
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights honk
	expect_to_work
}

fact_node_killed_when_the_car_has_refused() {
	begin hold
	say_to_car fault refuse@flash-lights
	ask 30000 "1sat2flash-show-refused"
	signal_bridge STOP
	send a
	await 5 is_held
	signal_bridge CONT
	await 5 order_is refused returned
	nodes kill-b
	nodes start-b
	nodes ready
	expect_returned a
	expect_did
	expect_to_work
}
