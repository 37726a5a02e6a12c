# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Held until the car has acted: who pays, for what, and what becomes of it.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

fact_hold_an_invoice_settles_once_the_car_has_flashed() {
	begin hold
	ask 1000 1sat2flash-one
	send a
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
	expect_mark settle
	says '.payments[0] | .verdict == "settle" and .paid
		and .outcome == "confirmed"'
	# Paid is paid.
	send a
	expect_sent a "failed 219"
	expect_did flash-lights
}

fact_hold_an_offer_settles_once_the_car_has_honked() {
	begin hold
	fetch c honk
	expect "$msat" 21000
	send c
	expect_settled c
	expect_order confirmed earned
	expect_did honk
	expect_mark settle
}

# As above, and the same invoice cannot buy another try.
expect_returned_for_good() {
	expect_soon 5 expect_returned a
	expect_mark return
	send a
	expect_soon 5 expect_returned a
	expect_did
}

fact_hold_a_car_that_refuses_gives_the_money_back() {
	begin hold
	say_to_car fault refuse@flash-lights
	ask 1000 1sat2flash-refused
	send a
	expect_returned_for_good
	expect_order refused returned
}

fact_hold_a_car_that_is_driven_gives_the_money_back() {
	write_menu hold
	world_car
	say_to_car shift D
	open_bridge
	fetch a flash
	send a
	expect_returned_for_good
	expect_order refused returned 'parked'
	# And now nobody can try.
	await 10 is_off_sale flash
	expect_unsold c "$(offer_of flash)"
	say_to_car shift P
	close_bridge KILL
	open_bridge
	await 10 is_on_sale flash
	fetch c flash
	send c
	expect_settled c
	expect_did flash-lights
}

fact_hold_a_car_that_falls_silent_gives_the_money_back_in_5_s() {
	begin hold
	signal_bridge STOP
	ask 1000 1sat2flash-silent
	send a
	await 3 is_held
	expect_soon 6 expect_returned a
	signal_bridge CONT
	sleep 1
	expect_did
	expect_mark return
	ask 1000 1sat2flash-silent-no-more
	send a
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
}

fact_hold_an_invoice_about_to_expire_is_not_begun() {
	begin hold
	ask 1000 1sat2flash-expiring expiry=65
	send a
	expect_soon 2 expect_returned a
	expect_no_order
	expect_did
}

# What the car did cannot be taken back; the owner is told so.
fact_hold_an_invoice_that_is_gone_in_the_middle_is_given_away() {
	begin hold
	ask 30000 1sat2flash-gone
	send a
	await 5 is_held taken
	home delinvoice 1sat2flash-gone unpaid >/dev/null
	expect_sent a "failed 203"
	expect_order confirmed "given away"
	expect_did flash-lights honk
	grep -q 'given away' "$world/bridge.log"
}

# What is none of ours does not wait for what is.
fact_hold_foreign_payments_pass_while_one_is_held() {
	begin hold
	ask 50000 1sat2flash-held
	send a
	await 5 is_held taken
	(
		spent[c]=0
		ask 1000 shop-held
		send c
		expect_soon 2 expect_settled c
		fetch_from c "$(home offer 2000msat mug | jq -r .bolt12)"
		send c
		expect_soon 2 expect_settled c
		keysend c 3000
		expect "${spent[c]}" 6000
	)
	spent[c]=6000
	is_held taken
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights honk
	expect "$(world_ask payments --json | jq length)" 1
}

fact_hold_two_payers_at_once_have_an_invoice_each() {
	local of_a

	begin hold
	fetch a honk
	of_a=$invoice,$hash
	fetch c honk
	send c
	IFS=, read -r invoice hash <<<"$of_a,"
	send a
	expect_settled a
	expect_order confirmed earned
	hash=$(jq -r '.invoices[-1].payment_hash' < <(home listinvoices))
	expect_settled c
	expect_order confirmed earned
	expect_did honk honk
}

is_sent_or_b_is_gone() {
	home getinfo >/dev/null 2>&1 || return 0
	is_gone "${sending[a-$hash]}" && is_gone "${sending[c-$hash]}"
}

# Core Lightning 26.06 frees a timer twice when an invoice is paid a second time
# while the first payment waits for a plugin (lightningd/htlc_set.c), and may
# die of that.  What is held then comes again.
keep_b_up() {
	await 60 is_sent_or_b_is_gone
	home getinfo >/dev/null 2>&1 && return
	echo "b has died of it"
	nodes start-b
	nodes ready
}

# They have the same verdict, and one deed.
fact_hold_two_payers_of_the_very_same_invoice() {
	begin hold
	ask 30000 1sat2flash-same
	send a
	await 5 is_held taken
	send c
	keep_b_up
	expect_settled a
	expect_settled c
	expect_order confirmed earned
	expect_did flash-lights honk
	expect "$(world_ask payments --json | jq length)" 1
}

fact_hold_two_payers_of_the_very_same_invoice_have_it_back() {
	begin hold
	say_to_car fault refuse@flash-lights
	signal_bridge STOP
	ask 30000 1sat2flash-same-back
	send a
	await 5 is_held
	send c
	sleep 0.5
	signal_bridge CONT
	keep_b_up
	expect_returned a
	expect_returned c
	expect_order refused returned
	expect_did
}

fact_hold_twenty_at_once_are_done_one_after_the_other() {
	local i
	local -a hashes=()

	begin hold
	for ((i = 0; i < 20; i++)); do
		ask 1000 "1sat2flash-many-$i"
		hashes+=("$hash")
		send a
	done
	for hash in "${hashes[@]}"; do
		expect_settled a
		expect_order confirmed earned
	done
	expect "$(car_did | wc -w)" 20
}
