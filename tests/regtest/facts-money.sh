# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Money back that the node has taken: what is owed, and deposits.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

# expect_money_back NODE: and no deed for it.
expect_money_back() {
	expect_refunded "$1"
	expect_did
}

begin_owing() {
	begin "${1:-plugin}"
	say_to_car fault refuse@honk
	owe a "${2-back to $(offer_at a), please}"
}

fact_money_owed_is_paid_back_by_the_car_owner() {
	begin_counting
	begin_owing
	refund
	expect_money_back a
	# Not twice, whoever asks.
	fails refund
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2113
	world_ask owed --json | jq -e '. == []'
}

fact_money_owed_is_paid_back_by_itself_if_the_menu_says_so() {
	begin_counting
	begin automatic
	say_to_car fault refuse@honk
	fetch c honk "$(offer_at c)"
	send c
	expect_settled c
	expect_money_back c
}

fact_money_owed_is_paid_back_from_home() {
	begin_counting
	begin_owing
	await 40 says '.cars[0].owed == 1'
	expect "$(home 1sat2flash-owed | jq -r '.owed[0].payment_hash')" "$hash"
	home 1sat2flash-refund "$hash" | jq -e '.state == "paid"
		and .amount_msat == 20790 and .to == "offer"'
	expect_money_back a
	fails refund
}

fact_money_owed_without_a_way_back_stays_owed() {
	begin_owing plugin ""
	fails refund
	await 10 order_is refused owed
	row .refund_why | grep -q 'note names no BOLT 12 offer'
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2114
	world_ask owed write-off "$(order)"
	expect_order refused "written off"
	fails refund
	expect_did
}

fact_money_owed_is_paid_back_within_the_limit_of_a_day() {
	begin_counting
	restart_plugins 1sat2flash-refund-daily=20
	begin_owing
	fails refund
	await 10 order_is refused owed
	row .refund_why | grep -q 'refunds of a day'
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2115
	restart_plugins
	await 40 is_taking
	refund
	expect_money_back a
}

fact_money_owed_is_earned_by_doing_it_after_all() {
	begin_owing
	world_ask owed 'do' "$(order)"
	expect_order refused earned
	expect_did honk
	fails refund
	fails world_ask owed write-off "$(order)"
}

fact_money_is_paid_back_for_nothing_else() {
	begin plugin
	fetch a flash "$(offer_at a)"
	# Not paid yet, and then earned.
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2111
	send a
	expect_settled a
	expect_order confirmed earned
	fails refund
	ask 1000 "shop-$EPOCHREALTIME"
	send c
	expect_settled c
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2110
	end_bridge
	world_stop car
	begin hold
	fetch a flash "$(offer_at a)"
	send a
	expect_settled a
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2112
	expect_did flash-lights flash-lights
}

# Whatever has been begun is found again: paid, or not yet.
pay_back_once_though_the_plugin_dies() {
	begin_counting
	begin_owing
	crash_at=$1
	restart_plugins
	crash_at=
	await 40 is_taking
	begin_refund
	await 20 fails has_plugin 1sat2flash-node
	restart_plugins
	await 40 is_taking
	expect_money_back a
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2113
}

for at in refund-fetched refund-sent refund-paid refund-recorded; do
	eval "fact_money_is_paid_back_once_if_the_plugin_dies_at_${at//-/_}() {
		pay_back_once_though_the_plugin_dies $at
	}"
done

refund_has_ended() {
	[[ -n $(row .refund_why) ]] || order_is refused returned
}

# It may find its peers only after the bridge has asked.
fact_money_is_paid_back_once_if_the_node_dies() {
	begin_counting
	begin_owing
	begin_refund
	nodes kill-b
	nodes start-b
	nodes ready
	await 40 is_taking
	await 40 refund_has_ended
	! order_is refused owed || refund
	expect_money_back a
}

# --- deposits ---------------------------------------------------------------

rental() {
	cat <<-END
		action rent {
		    price = 100
		    deposit = 500
		    begin = unlock
		    undo = lock
		    end = lock
		    rental = 4s
		    inspect = $1
		}
		action flash {
		    price = 1
		    do = flash-lights
		}
	END
}

# begin_renting INSPECT
begin_renting() {
	local world_apart=()

	write_menu hold "$(rental "$1")"
	world_car
	world_apart=(env LD_PRELOAD="$bed/bin/clock-set.so")
	open_bridge
}

rental_is() {
	[[ $(world_ask status --json | jq -r .rental_phase) == "$1" ]]
}

deposit_is() {
	[[ $(row .deposit) == "$1" ]]
}

# rent NODE: gets in, and out of an open car only after the time is over.
rent() {
	say_to_car presence on
	fetch "$1" rent "deposit to $(offer_at "$1")"
	expect "$msat" 600000
	send "$1"
	expect_settled "$1"
	expect_order confirmed earned
	await 10 rental_is occupied
	await 10 is_off_sale flash
	deposit_is held
	say_to_car door open
	await 10 rental_is ending
	say_to_car presence off
	say_to_car door close
	await 60 rental_is none
	expect_did unlock lock
	await 10 is_on_sale flash
}

fact_deposit_goes_back_when_the_car_is_parked_closed_and_empty() {
	begin_renting 1s
	rent a
	await 60 deposit_is returned
	spent[a]=$((spent[a] - 500000))
	# It was all that could go back.
	expect "$(home 1sat2flash-refund "$hash" | jq .code)" 2113
}

fact_deposit_needs_a_way_back() {
	begin_renting 1s
	fetch a rent "no way"
	send a
	expect_returned a
	expect_order refused returned 'no way back for the deposit'
	expect_did
}

fact_deposit_waits_for_the_owner_to_look_at_the_car() {
	begin_renting 1h
	rent c
	await 60 deposit_is inspect
	refund
	await 20 deposit_is returned
	spent[c]=$((spent[c] - 500000))
}

fact_deposit_is_kept_if_the_owner_says_so() {
	begin_renting 1h
	rent c
	await 60 deposit_is inspect
	world_ask owed write-off "$(order)"
	await 5 deposit_is kept
	fails refund
}
