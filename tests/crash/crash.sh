#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Cuts the bridge's power at every named point, drops what was not synced, and
# holds it to its promises after the next start: architecture 3.
set -euo pipefail

# shellcheck source=tests/flow/lib.sh
. "${0%/*}/../flow/lib.sh"

readonly crashed=86
# Of the payee outside of the simulated node.
readonly refund_offer=lno1spayeeqqqqqqqqqqqqqqqqqqqqqq

# begin_crashing AT: a world whose bridge stops there.
begin_crashing() {
	world_begin "$build"
	cp "$build/tests/crash/1sat2flashd-crash" "$world/bin/"
	world_menu
	world_key
	world_car
	world_node
	export CRASH_AT=$1
}

bridge_is_gone() {
	fails kill -0 "${world_pids[bridge]}"
}

await_crash() {
	world_await 20 bridge_is_gone
	world_stop bridge
	expect "$world_status" $crashed
	unset CRASH_AT
}

all_have_outcomes() {
	world_ask payments --limit 1000 --json | jq -e --argjson n "$1" '
		length == $n and all(.state
			| IN("confirmed", "refused", "unknown"))' >/dev/null
}

count() {
	car_did | tr ' ' '\n' | grep -cx "$1" || true
}

# An outcome may be less than what happened, where nobody can know; but what
# is called confirmed happened, and what is called refused did not.
expect_honest_flashes() {
	local n confirmed unknown

	n=$(count flash-lights)
	confirmed=$(world_ask payments --json |
		jq 'map(select(.state == "confirmed")) | length')
	unknown=$(world_ask payments --json |
		jq 'map(select(.state == "unknown")) | length')
	echo "flashed $n times: $confirmed confirmed, $unknown unknown"
	((n >= confirmed && n <= confirmed + unknown))
}

# Money follows the outcome; no payment is left in between.
expect_settled_money() {
	expect "$(world_ask payments --json | jq -c '[.[]
		| select(.money != if .state == "confirmed" then "earned"
			else "owed" end)]')" "[]"
}

# survive_flash AT N: the N-th of N payments of 1 sat meets the point; one
# more comes while the bridge is away.
survive_flash() {
	local i n=$2

	begin_crashing "$1:$n"
	world_program=1sat2flashd-crash world_bridge
	for ((i = 1; i < n; i++)); do
		pay 1
	done
	world_pay 1000 --label 1sat2flash- >/dev/null
	await_crash
	world_pay 1000 --label 1sat2flash- >/dev/null
	world_bridge
	world_await 30 all_have_outcomes $((n + 1))
	expect_honest_flashes
	(($(count flash-lights) <= n + 1))
	expect_settled_money
	# And it stays so.
	end_bridge
	world_bridge
	all_have_outcomes $((n + 1))
	expect_honest_flashes
}

# survive_wave AT: three steps and an undo.  It may be cut short, but what was
# opened does not stay open, unless nobody can know.
survive_wave() {
	local state opened

	begin_crashing "$1"
	world_program=1sat2flashd-crash world_bridge
	world_pay 100000 --label 1sat2flash- >/dev/null
	await_crash
	world_bridge
	world_await 30 all_have_outcomes 1
	state=$(order .state)
	opened=$(count charge-port-open)
	echo "$state: $(car_did)"
	((opened <= 1))
	if ((opened == 1)); then
		expect "$(car_did | awk '{print $NF}')" charge-port-close
	fi
	[[ $state != confirmed ]] ||
		expect_did charge-port-open charge-port-close
	expect_settled_money
}

# A node that holds, with plugin and guard.
holding_world() {
	local program

	begin_crashing "$1"
	for program in node guard; do
		cp "$build/bridge/node/1sat2flash-$program" "$world/bin/"
	done
	world_way="rpc = \"$world/lightning-rpc\" ${2:-hold = yes}"
	world_menu
	world_stop node
	mkdir "$world/ln"
	((EUID != 0)) || chown nobody "$world/ln"
	world_node --lightning-dir "$world/ln" \
		--plugin "$world/bin/1sat2flash-node" \
		--plugin "$world/bin/1sat2flash-guard"
}

world_follows() {
	tail -n +$(($1 + 1)) "$world/bridge.log" |
		grep -E 'following node|holds payments' >/dev/null
}

none_is_between() {
	world_ask payments --json | jq -e 'all(.[]; .money
		| IN("settling", "returning", "refunding", "pending") | not)' \
		>/dev/null
}

# survive_held AT: with the power of the bridge cut, who has the money is what
# the car did, as far as anybody can know.
survive_held() {
	local seed paid

	for seed in 0 1 2; do
		export CRASH_SEED=$seed
		echo "seed $seed"
		holding_world "$1"
		world_program=1sat2flashd-crash world_bridge
		"$world/bin/simnode" --pay 1000 --label 1sat2flash- \
			--socket "$world/lightning-rpc" >/dev/null 2>&1 &
		payer=$!
		await_crash
		world_bridge
		paid=yes
		wait "$payer" || paid=no
		world_await 30 none_is_between
		echo "paid $paid: $(newest), $(car_did)"
		(($(count flash-lights) <= 1))
		# Paid for is what was done; what may have been done goes back.
		if [[ $paid == yes ]]; then
			expect_did flash-lights
			expect "$(order .money)" earned
		else
			[[ $(newest) == "[]" || $(order .money) == returned ]]
			[[ $(count flash-lights) == 0 ||
				$(order .state) == unknown ]]
		fi
		end_bridge
		world_end
	done
	unset CRASH_SEED
}

# survive_refund AT: what is owed for is paid back once.
survive_refund() {
	local id

	holding_world "$1:1" 'plugin = yes'
	world_program=1sat2flashd-crash world_bridge
	say_to_car shift D
	world_pay 1000 --label 1sat2flash- --note "$refund_offer" >/dev/null
	world_await 20 all_have_outcomes 1
	id=$(order .order)
	world_ask owed refund "$id" >/dev/null 2>&1 &
	await_crash
	wait $! || true
	world_bridge
	world_await 30 none_is_between
	newest
	expect "$(order .money)" returned
}

# With the link and the sessions there, order and first step are one write.
readonly skipped_when_warm=(step-before-commit step-committed)

survive() {
	local seed

	for seed in 0 1 2; do
		export CRASH_SEED=$seed
		echo "seed $seed, cold"
		survive_flash "$1" 1
		world_end
		[[ " ${skipped_when_warm[*]} " == *" $1 "* ]] && continue
		echo "seed $seed, warm"
		survive_flash "$1" 2
		world_end
	done
	unset CRASH_SEED
	echo "three steps"
	survive_wave "$1"
}

# Every point that the bridge has, so that a new one is not forgotten.  Those
# of the node's plugin are passed in tests/regtest.
root=${0%/*}/../..
mapfile -t points < <(
	grep -rhoE '\b(point|finish)\(.*"[a-z]+(-[a-z]+)+"\)' \
		--exclude-dir=node "$root/bridge" |
		grep -oE '"[a-z]+(-[a-z]+)+"' | tr -d '"' | sort -u)
for name in "${points[@]}"; do
	case $name in
	node-* | rental-* | deposit-*) ;;
	hold-* | verdict-* | money-settled | money-before-commit)
		eval "fact_money_is_where_the_car_says_after_${name//-/_}() {
			survive_held $name
		}"
		;;
	money-moved)
		eval "fact_owed_money_moves_once_after_${name//-/_}() {
			survive_refund $name
		}"
		;;
	*)
		eval "fact_nothing_is_lost_or_done_twice_at_${name//-/_}() {
			survive $name
		}"
		;;
	esac
done
for name in order-before-commit order-committed step-before-commit \
	step-committed end-before-commit end-committed; do
	eval "fact_money_is_where_the_car_says_after_${name//-/_}() {
		survive_held $name
	}"
done

# A rental whose bridge loses its power at each write: somebody gets in, and
# somebody pays for more.  However it goes, the car is had back, and locked.
rental_is() {
	[[ $(world_ask status --json | jq -r .rental_phase) == "$1" ]]
}

bridge_is_gone_or_rental_is() {
	bridge_is_gone || rental_is "$1"
}

await_rental() {
	world_await 40 bridge_is_gone_or_rental_is "$1"
}

# survive_rental AT N: at the N-th time that the point is passed.
survive_rental() {
	begin_crashing "$1:$2"
	world_menu 'action rent {
		price = 5000
		begin = unlock
		undo = lock
		warn = flash-lights
		warn-before = 1s
		end = lock
		rental = 2s
	}'
	world_program=1sat2flashd-crash world_bridge
	echo presence on >"$world/car.in"
	world_pay 5000000 --label 1sat2flash- >/dev/null
	await_rental occupied
	bridge_is_gone ||
		world_pay 5000000 --label 1sat2flash- >/dev/null
	await_rental none
	if ! bridge_is_gone; then
		echo "the point was not passed $2 times"
		end_bridge
		unset CRASH_AT
		return 1
	fi
	await_crash
	world_bridge
	world_await 60 rental_is none
	# Each payment has its outcome, and nothing is open.
	all_have_outcomes "$(world_ask payments --json | jq length)"
	(($(count unlock) <= 1))
	[[ $(car_did) != *unlock* ]] ||
		expect "$(car_did | tr ' ' '\n' | grep -E '^(un)?lock$' |
			tail -n 1)" lock
}

# survive_renting AT N: as often as the point is passed, at most N times.
survive_renting() {
	local n

	for ((n = 1; n <= $2; n++)); do
		echo "$1:$n"
		survive_rental "$1" "$n" || break
		end_bridge
		world_end
	done
	((n > 1))
	world_end
}

for name in rental-before-commit rental-committed; do
	eval "fact_rented_car_is_had_back_after_${name//-/_}() {
		survive_renting $name 4
	}"
done
for name in order-before-commit order-committed step-committed \
	end-before-commit end-committed; do
	eval "fact_rented_car_is_had_back_after_${name//-/_}() {
		survive_renting $name 3
	}"
done

fact_first_start_on_an_old_node_acts_on_nothing_old() {
	local at

	for at in node-found node-begun; do
		begin_crashing "$at"
		for _ in {1..20}; do
			world_pay 1000 --label 1sat2flash- >/dev/null
		done
		world_start bridge /dev/null "$world/bin/1sat2flashd-crash" \
			--config "$world/menu.conf" \
			--state-dir "$world/state" --allow-volatile-state
		await_crash
		world_bridge
		pay 1
		expect_did flash-lights
		expect "$(world_ask payments --json | jq length)" 1
		end_bridge
		world_end
	done
}

run_facts
