# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The bridge loses its power while the node holds a payment, and what was not
# synced with it; a new one goes on.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

readonly crashed=86

# begin_crashing AT
begin_crashing() {
	write_menu hold
	world_car
	CRASH_AT=$1 open_bridge 1sat2flashd-crash
}

await_crash() {
	await 20 bridge_is_gone
	close_bridge
	expect "$world_status" $crashed
}

# crash AT MSAT LABEL DEED...
crash() {
	begin_crashing "$1"
	ask "$2" "1sat2flash-$3-$1"
	send a
	await_crash
	open_bridge
	expect_consistent a "${@:4}"
	# And it stays so.
	local before
	before=$(row '.state + .money')
	close_bridge KILL
	open_bridge
	expect "$(row '.state + .money')" "$before"
}

crash_of_flash() {
	crash "$1" 1000 flash flash-lights
}

# In the order in which they are passed.
for at in payment-received payment-chosen order-before-commit order-committed \
	hold-recorded hold-taken step-before-commit step-committed step-sealed \
	step-sent step-answered end-before-commit end-committed \
	verdict-answered money-before-commit; do
	eval "fact_car_killed_at_${at//-/_}() {
		crash_of_flash $at
	}"
done

# Between the first deed and the second.
fact_car_killed_between_two_deeds() {
	crash step-committed:2 30000 show flash-lights
}

# Before the deadline nobody has said what became of it.
begin_with_deadline() {
	begin_crashing "$1"
	restart_plugins 1sat2flash-deadline=10
	await 40 is_taking
}

# The payer has the money back by the rule, and then the car says it did it.
fact_car_silent_after_the_deed_returns_what_was_to_be_returned() {
	begin_with_deadline end-committed
	ask 2000 1sat2flash-brief-late
	send a
	await_crash
	expect_soon 15 expect_returned a
	expect_mark return
	open_bridge
	await 40 order_is confirmed "given away"
	expect_did flash-lights
	# What was done is not done again, and paid after all.
	expect_mark settle
	send a
	expect_settled a
	expect_did flash-lights
}

fact_car_silent_after_the_deed_keeps_what_was_to_be_kept() {
	begin_with_deadline end-committed
	ask 40000 1sat2flash-port-late
	send a
	await_crash
	expect_soon 15 expect_settled a
	expect_mark settle
	open_bridge
	expect_order confirmed earned
	expect_did charge-port-open
}
