# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What takes its two minutes, all of it at once.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

is_retired() {
	says "any(.cars[] | select(.car == \"$car_name\") | .offers[];
		.retired and .active)"
}

old_price_is_over() {
	fails is_retired
}

kinds() {
	cat <<-END
		action flash {
		    price = $1
		    do = flash-lights
		}
		action honk {
		    price = 21
		    do = honk
		}
	END
}

# The first car changes a price, and owes money that is on its way back when
# the plugin dies; the second one dies in the middle of a deed; then the node.
fact_late_two_minutes_after_all_of_it_has_died() {
	local owed_hash deed_hash old

	begin_counting
	forget_cars
	second make_world
	begin plugin "$(kinds 5)"
	second begin hold
	await 20 is_on_sale flash
	old=$(offer_of flash)
	say_to_car fault refuse@honk
	owe a "$(offer_at a)"
	owed_hash=$hash

	crash_at=refund-stored
	restart_plugins
	crash_at=
	await 40 is_taking
	second await 40 is_taking
	begin_refund
	await 20 fails has_plugin 1sat2flash-node
	restart_plugins
	end_bridge
	write_menu plugin "$(kinds 6)"
	open_bridge
	second await 40 is_taking
	second fetch c parade
	send c
	await 5 is_held taken
	deed_hash=$hash
	second close_bridge KILL
	nodes kill-b
	nodes start-b
	nodes ready

	# What a car without a bridge had for sale is over; the other goes on.
	await 40 is_taking
	await 20 is_retired
	second await 20 is_off_sale flash
	second expect_unsold a "$(second offer_of flash)"
	ask 1000 blue-flash-away
	send a
	expect_soon 2 expect_returned a
	expect_mark none
	fetch_from a "$old"
	expect "$msat" 5000
	send a
	expect_settled a
	expect_order confirmed earned
	fetch a flash
	expect "$msat" 6000
	send a
	expect_settled a
	expect_order confirmed earned

	# Nobody says what became of the deed: by its rule, it goes back.
	hash=$deed_hash
	expect_returned c
	expect_mark return
	second open_bridge
	second expect_order unknown returned
	second expect_did flash-lights

	hash=$owed_hash
	expect_refunded a
	await 60 old_price_is_over
	expect_unsold a "$old"
	await 10 is_on_sale flash
	expect_did flash-lights flash-lights
	second end_bridge_soon
}
