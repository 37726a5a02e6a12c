# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What is for sale, and when: the plugin's offers, those made by hand, and
# invoices that a shop makes.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

# flash_for SAT
flash_for() {
	echo "action flash { price = $1 do = flash-lights }"
}

active_offers() {
	home -k listoffers active_only=true | jq -r --arg start \
		"1sat2flash-$car_name-" '[.offers[]
		| select(.label // "" | startswith($start))
		| .label | split("-")[2]] | sort | join(" ")'
}

has_active_offers() {
	[[ $(active_offers) == "$*" ]]
}

fact_offers_keep_an_old_price_for_payments_on_their_way() {
	local old new

	forget_cars
	begin hold "$(flash_for 5)"
	fetch a flash
	old=$(offer_of flash)
	end_bridge
	write_menu hold "$(flash_for 6)"
	open_bridge
	await 10 is_on_sale flash
	new=$(offer_of flash)
	fails [ "$old" = "$new" ]
	says 'any(.cars[].offers[]; .retired and .active
		and .price_msat == 5000)'
	# Fetched before, paid after.
	expect "$msat" 5000
	send a
	expect_settled a
	expect_order confirmed earned
	# And one who has an old picture of it.
	fetch_from c "$old"
	expect "$msat" 5000
	send c
	expect_settled c
	fetch_from c "$new"
	expect "$msat" 6000
	send c
	expect_settled c
	expect_order confirmed earned
	expect_did flash-lights flash-lights flash-lights
	has_active_offers flash flash
}

fact_offers_end_while_the_owner_pauses_the_bridge() {
	begin hold
	await 10 is_on_sale flash
	world_ask pause >/dev/null
	await 10 is_off_sale flash
	expect_unsold a "$(offer_of flash)"
	ask 1000 1sat2flash-flash-paused
	send a
	expect_soon 3 expect_returned a
	expect_order refused returned 'paused'
	world_ask resume >/dev/null
	await 10 is_on_sale flash
	fetch a flash
	send a
	expect_settled a
	expect_did flash-lights
}

fact_offers_end_while_the_owner_pauses_the_car_from_home() {
	begin hold
	await 10 is_on_sale flash
	home 1sat2flash-pause "$car_name" >/dev/null
	await 10 is_off_sale flash
	expect_unsold a "$(offer_of flash)"
	ask 1000 1sat2flash-flash-paused-home
	send a
	expect_soon 2 expect_returned a
	expect_no_order
	# It outlives a restart.
	restart_plugins
	says '.cars[0].paused'
	home 1sat2flash-resume >/dev/null
	await 20 is_on_sale flash
	# Nothing was promised.
	send a
	expect_settled a
	expect_did flash-lights
}

# Disabling an offer ends its unpaid invoices: what is held would go back.
fact_offers_last_while_one_of_their_payments_is_held() {
	begin hold
	fetch a show
	send a
	await 5 is_held taken
	home 1sat2flash-pause "$car_name" >/dev/null
	await 5 is_off_sale flash
	is_held taken
	is_on_sale show
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights honk
	await 10 is_off_sale show
	home 1sat2flash-resume >/dev/null
	await 5 is_on_sale show
}

fact_offers_are_one_for_each_action_whenever_the_plugin_dies() {
	local at

	for at in offer-made:1 offer-made:3 offer-stored:1 offer-stored:6; do
		forget_cars
		await 10 has_active_offers
		write_menu hold
		world_car
		crash_at=$at
		restart_plugins
		crash_at=
		start_bridge
		await 20 fails has_plugin 1sat2flash-node
		restart_plugins
		await 20 has_active_offers brief flash honk parade port show
		await 40 is_taking
		fetch a flash
		send a
		expect_settled a
		expect_order confirmed earned
		end_bridge
		world_stop car
	done
}

fact_offers_made_by_hand_are_held_as_well() {
	local offer

	offer=$(home offer 1000msat "flash, by hand, held")
	begin hold "action flash {
		price = 1
		do = flash-lights
		offer = \"$(jq -r .offer_id <<<"$offer")\"
	}"
	say_to_car fault refuse@flash-lights
	fetch_from a "$(jq -r .bolt12 <<<"$offer")"
	send a
	expect_returned a
	expect_order refused returned
	fetch_from c "$(jq -r .bolt12 <<<"$offer")"
	send c
	expect_settled c
	expect_order confirmed earned
	expect_mark settle
	expect_did flash-lights
}

# As BTCPay writes them: a label says nothing, the description is LNURL's.
lnurl_metadata() {
	jq -cn --arg to "$1" '[["text/identifier", $to],
		["text/plain", "Paid to \($to)"]] | tojson'
}

# ask_by_address MSAT LABEL ADDRESS
ask_by_address() {
	msat=$1
	invoice=$(home -k invoice amount_msat="$1" label="$2" \
		description="$(lnurl_metadata "$3")" deschashonly=true |
		jq -r .bolt11)
	hash=$(home listinvoices "$2" | jq -r '.invoices[0].payment_hash')
}

fact_offers_of_a_lightning_address_are_held_as_well() {
	local world_accept='{ "lightning-address flash@shop.example",
		"description for the blue car" }'

	forget_cars
	write_menu hold
	world_car
	open_bridge
	ask_by_address 1000 9hFb2 flash@shop.example
	say_to_car fault refuse@flash-lights
	send a
	expect_returned a
	expect_order refused returned
	ask_by_address 1000 9hFb3 flash@shop.example
	send a
	expect_settled a
	expect_order confirmed earned
	expect_mark settle
	ask 21000 9hFb4 description="a horn for the blue car"
	send c
	expect_settled c
	expect_order confirmed earned
	ask_by_address 1000 9hFb5 flash@another.example
	send c
	expect_settled c
	expect_no_order
	expect_mark none
	expect_did flash-lights honk
	# The guard knows them, too.
	stop_plugin 1sat2flash-node
	ask_by_address 1000 9hFb6 flash@shop.example
	send a
	expect_returned a
	ask_by_address 1000 9hFb7 flash@another.example
	send a
	expect_settled a
}
