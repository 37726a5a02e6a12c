# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Two cars at one node, each with a bridge, a bus and a rune of its own.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

begin_two() {
	forget_cars
	second make_world
	begin "$@"
	second begin hold
	await 20 is_on_sale flash
	second await 20 is_on_sale flash
}

fact_cars_get_each_what_is_paid_for_it() {
	local of_first

	begin_two hold
	fetch a flash
	send a
	of_first=$hash
	second fetch c honk
	send c
	second expect_settled c
	second expect_order confirmed earned
	expect_no_order
	hash=$of_first msat=1000
	expect_settled a
	expect_order confirmed earned
	second expect_no_order
	ask 21000 blue-honk-1
	send c
	expect_settled c
	second expect_order confirmed earned
	expect_did flash-lights
	second expect_did honk honk
	second end_bridge
}

fact_cars_do_not_stand_in_for_each_other() {
	begin_two hold
	second signal_bridge STOP
	ask 1000 blue-flash-alone
	send c
	ask 1000 1sat2flash-flash-beside
	send a
	expect_soon 2 expect_settled a
	expect_order confirmed earned
	hash=$(home listinvoices blue-flash-alone |
		jq -r '.invoices[0].payment_hash')
	expect_soon 6 expect_returned c
	expect_did flash-lights
	second signal_bridge CONT
	sleep 0.5
	second expect_did
	# And one of the two is paused, not both.
	home 1sat2flash-pause blue >/dev/null
	second await 5 is_off_sale flash
	is_on_sale flash
	home 1sat2flash-resume >/dev/null
	second close_bridge KILL
}

fact_cars_cannot_claim_what_is_anothers() {
	begin_two hold
	second end_bridge
	second write_menu_for_others
	second start_bridge
	second await 20 has_problem "The car $car_name claims"
	ask 1000 1sat2flash-flash-first
	send a
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
	second expect_did
	second close_bridge KILL
}

write_menu_for_others() {
	local world_accept='{ "label 1sat2flash-flash-*" }'

	write_menu hold
}
