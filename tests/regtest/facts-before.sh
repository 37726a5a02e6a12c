# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The node settles before the car acts, and needs no plugin for that.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

# An offer that the owner has made by hand.
begin_with_offer() {
	local offer

	offer=$(home offer 1000msat "flash, by hand")
	by_hand=$(jq -r .bolt12 <<<"$offer")
	begin plain "action flash {
		price = 1
		do = flash-lights
		offer = \"$(jq -r .offer_id <<<"$offer")\"
	}
	action honk {
		price = 21
		do = honk
	}"
}

# has_seen POSITION: the bridge has seen that payment, whatever it made of it.
has_seen() {
	(($(position) >= $1))
}

newest_payment() {
	home listinvoices | jq '[.invoices[].pay_index // 0] | max'
}

# Paid, and none of the car's business.
expect_left_alone() {
	expect_settled a
	await 10 has_seen "$(newest_payment)"
	expect_no_order
	expect_did
}

fact_before_what_was_paid_before_is_left_alone() {
	forget_cars
	ask 1000 1sat2flash-old
	send a
	expect_settled a
	begin_with_offer
	await 10 has_seen "$(newest_payment)"
	expect_no_order
	expect_did
}

fact_before_an_invoice_of_ours_flashes() {
	begin_with_offer
	ask 1000 1sat2flash-before
	send a
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
	expect_mark none
}

fact_before_an_offer_of_ours_flashes() {
	begin_with_offer
	fetch_from c "$by_hand"
	send c
	expect_settled c
	expect_order confirmed earned
	expect_did flash-lights
}

fact_before_a_foreign_invoice_leaves_the_car_alone() {
	begin_with_offer
	ask 1000 shop-before
	send a
	expect_left_alone
}

fact_before_a_foreign_offer_leaves_the_car_alone() {
	begin_with_offer
	fetch_from a "$(home offer 1000msat mug | jq -r .bolt12)"
	send a
	expect_left_alone
}

fact_before_a_keysend_leaves_the_car_alone() {
	begin_with_offer
	keysend a 1000
	await 10 has_seen "$(newest_payment)"
	expect "$(world_ask payments --json)" "[]"
	expect_did
}

fact_before_the_bridge_finds_a_node_again_that_was_killed() {
	begin_with_offer
	nodes kill-b
	nodes start-b
	nodes ready
	ask 1000 1sat2flash-again
	send a
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
}

# Whether it still is fresh can be known only where the clock is synchronised.
is_done_or_owed() {
	order_is confirmed earned || order_is refused owed
}

fact_before_what_is_paid_while_the_bridge_is_away_is_not_forgotten() {
	begin_with_offer
	close_bridge
	ask 21000 1sat2flash-away
	send a
	expect_settled a
	open_bridge
	await 30 is_done_or_owed
	if order_is confirmed earned; then
		expect_did honk
	else
		expect_did
	fi
}
