# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# From elsewhere: what a rune permits, and what the bridge says of one that
# permits too little.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

# expect_problem MODE RESTRICTIONS WHAT
expect_problem() {
	local rune=wrong

	rm -f "$bed/state/rune.wrong"
	write_rune "$bed/state/rune.wrong" "$2"
	write_menu "$1"
	start_bridge
	await 20 has_problem "$3"
	close_bridge KILL
}

fact_rune_that_lacks_a_method_is_told_which() {
	expect_problem plain '[["method=getinfo"]]' \
		'does not permit the method waitanyinvoice'
}

fact_rune_that_lacks_a_parameter_is_told_which() {
	expect_problem plain "[[$(allow "${of_the_plain[@]}")],
		[\"pnametimeout<5\",\"pnametimeout!\"]]" \
		'does not permit waitanyinvoice like this: parameter timeout'
}

fact_rune_for_another_key_is_told() {
	local id

	id=$(world_daemon --node-id)
	expect_problem plain "[[$(allow "${of_the_plain[@]}")],
		[\"id=02${id:2:63}0\"]]" 'is for another key than ours'
}

fact_rune_for_another_car_is_told() {
	expect_problem hold "[[$(allow "${of_the_plugin[@]}")],
		[\"pnamecar=blue\"]]" \
		'does not permit 1sat2flash-register like this: parameter car'
}

# Each method of the plugin, when it is left out.
fact_rune_of_the_plugin_needs_all_its_methods() {
	local method
	local -a rest

	for method in "${of_the_plugin[@]:0:2}"; do
		mapfile -t rest < <(printf '%s\n' "${of_the_plugin[@]}" |
			grep -vx "$method")
		expect_problem hold "[[$(allow "${rest[@]}")]]" \
			"does not permit the method $method"
	done
}

# Without take or done, what is paid goes back, and the bridge says why.
fact_rune_without_take_is_told_at_the_first_payment() {
	local rune=wrong

	rm -f "$bed/state/rune.wrong"
	write_rune "$bed/state/rune.wrong" "[[$(allow 1sat2flash-register \
		1sat2flash-poll 1sat2flash-done)]]"
	begin hold
	ask 1000 1sat2flash-untakeable
	send a
	await 10 has_problem 'does not permit the method 1sat2flash-take'
	expect_soon 6 expect_returned a
	expect_did
	close_bridge KILL
}

# The car deed is done, and the node is not told before there is a better rune.
fact_rune_without_done_is_told_at_the_first_payment() {
	local rune=wrong

	rm -f "$bed/state/rune.wrong"
	write_rune "$bed/state/rune.wrong" "[[$(allow 1sat2flash-register \
		1sat2flash-poll 1sat2flash-take)]]"
	begin hold
	ask 1000 1sat2flash-unsayable
	send a
	await 10 has_problem 'does not permit the method 1sat2flash-done'
	cat "$bed/state/rune.hold" >"$bed/state/rune.wrong"
	expect_settled a
	expect_order confirmed earned
	expect_did flash-lights
}

# commando NODE METHOD [PARAMETERS]: as whoever has stolen the rune, and the
# bridge's key with it: the restriction to that key is none for this.
try_rune() {
	local answer params=${2:-}

	[[ -n $params ]] || params={}
	answer=$(nodes a -k commando peer_id="$(home getinfo | jq -r .id)" \
		rune="$(<"$bed/state/rune.stolen")" method="$1" \
		params="$params") || true
	echo "$1: $(jq -c '.message // .' <<<"$answer" | cut -c1-100)"
	expect "$(jq -r '.code' <<<"$answer")" "${3:-19537}"
}

fact_rune_of_the_car_permits_nothing_else() {
	local method

	rm -f "$bed/state/rune.stolen"
	write_rune "$bed/state/rune.stolen" "[[$(allow \
		"${of_the_plugin[@]}")],[\"pnamecar=$car_name\"]]"
	begin hold
	for method in getinfo pay xpay withdraw listinvoices waitanyinvoice \
		invoice offer disableoffer listpays signmessage stop plugin \
		createrune datastore 1sat2flash-status 1sat2flash-owed \
		1sat2flash-pause 1sat2flash-resume 1sat2flash-forget; do
		try_rune "$method"
	done
	# Nor does it speak for another car, or for none.
	try_rune 1sat2flash-register '{"car":"blue"}'
	try_rune 1sat2flash-refund "{\"payment_hash\":\"$(printf '%064d' 0)\"}"
	# Its own is judged by the plugin.
	try_rune 1sat2flash-poll '{"car":"car"}' -32602
}
