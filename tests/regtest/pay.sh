# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Who pays, who has the money then, and what everybody says of it; for run.
#
#   ask MSAT LABEL [PARAMETER=VALUE]...
#   fetch NODE ACTION [NOTE]
#                          an invoice of b; sets $invoice, $hash and $msat
#   send NODE              begins to pay it
#   expect_settled NODE, expect_returned NODE
#                          how that ends, and what b says of it
#   expect_order STATE MONEY [WHY]
#                          what the bridge makes of it
#   expect_mark MARK       what the plugin makes of it
#   expect_refunded NODE   that it was paid back, once
#
# $spent is what a and c have less at the end of a fact than at its beginning.
#
# What it reads and sets is of those who source it.
# shellcheck disable=SC2034,SC2154

declare -A spent=() begun=() sending=()
# The payment that is spoken of.
invoice=
hash=
msat=
since=

# --- payments ---------------------------------------------------------------

# In the end nothing of what is tried here may be left on its way.
balance() {
	nodes "$1" listpeerchannels | jq '.channels[0].to_us_msat'
}

ask() {
	local -a more=(description=test)

	[[ "${*:3}" != *description=* ]] || more=()
	msat=$1
	invoice=$(home -k invoice amount_msat="$1" label="$2" "${more[@]}" \
		"${@:3}" | jq -r .bolt11)
	hash=$(home listinvoices "$2" | jq -r '.invoices[0].payment_hash')
}

offer_of() {
	status ".cars[] | select(.car == \"$car_name\") | .offers[]
		| select(.action == \"$1\" and (.retired | not)) | .bolt12"
}

# is_on_sale ACTION: so that a wallet can fetch an invoice.
is_on_sale() {
	says "any(.cars[] | select(.car == \"$car_name\") | .offers[];
		.action == \"$1\" and .active and (.retired | not))"
}

is_off_sale() {
	fails is_on_sale "$1"
}

# fetch_from NODE BOLT12 [PARAMETER=VALUE]...
fetch_from() {
	local answer

	answer=$(nodes "$1" -k fetchinvoice offer="$2" "${@:3}") || {
		echo "$answer" >&2
		return 1
	}
	invoice=$(jq -r .invoice <<<"$answer")
	answer=$(home decode "$invoice")
	hash=$(jq -r .invoice_payment_hash <<<"$answer")
	msat=$(jq -r .invoice_amount_msat <<<"$answer")
}

fetch() {
	await 10 is_on_sale "$2"
	fetch_from "$1" "$(offer_of "$2")" ${3:+payer_note="$3"}
}

# expect_unsold NODE BOLT12: a wallet hears at once that it is not for sale.
expect_unsold() {
	local answer

	if answer=$(nodes "$1" fetchinvoice "$2"); then
		echo "it is for sale: $answer" >&2
		return 1
	fi
	expect "$(jq .code <<<"$answer")" 1004
}

send() {
	nodes "$1" -N none -k "${PAY_COMMAND:-xpay}" invstring="$invoice" \
		>"$bed/sent-$1-$hash" &
	sending[$1-$hash]=$!
}

is_gone() {
	fails kill -0 "$1"
}

# expect_sent NODE HOW: waits for the end: "paid", or "failed" and the code.
expect_sent() {
	local how=paid

	await 150 is_gone "${sending[$1-$hash]}"
	wait "${sending[$1-$hash]}" ||
		how=$(jq -r '"failed \(.code)"' "$bed/sent-$1-$hash")
	expect "$how" "$2"
}

invoice_is() {
	[[ $(home -k listinvoices payment_hash="$hash" |
		jq -r '.invoices[0].status') == "$1" ]]
}

last_pay() {
	nodes "$1" -k listpays payment_hash="$hash" | jq -r '.pays[-1].status'
}

expect_settled() {
	expect_sent "$1" paid
	await 5 invoice_is paid
	expect "$(last_pay "$1")" complete
	spent[$1]=$((spent[$1] + msat))
}

# 203: the payee said no, so a wallet does not try another way.
expect_returned() {
	expect_sent "$1" "failed 203"
	fails invoice_is paid
	expect "$(last_pay "$1")" failed
}

# keysend NODE MSAT: with the word for it that its version has.
keysend() {
	local word=keysend

	! nodes "$1" help xkeysend >/dev/null 2>&1 || word=xkeysend
	nodes "$1" -N none "$word" "$(home getinfo | jq -r .id)" "$2"
	spent[$1]=$((spent[$1] + $2))
}

# expect_soon SECONDS COMMAND...
expect_soon() {
	local from=$EPOCHREALTIME took

	"${@:2}"
	took=$(awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
	echo "${*:2}: after $took s"
	awk -v took="$took" -v max="$1" 'BEGIN { exit took > max }'
}

# --- what the plugin says ---------------------------------------------------

# is_held [taken]
is_held() {
	home 1sat2flash-status | jq -e --arg hash "$hash" --arg how "${1:-}" '
		any(.cars[].held[]; .payment_hash == $hash
			and ($how == "" or .taken))' >/dev/null
}

mark() {
	local -a files

	mapfile -t files < <(compgen -G \
		"$RUN/b/regtest/1sat2flash/marks/$hash.*")
	if ((${#files[@]} == 1)); then
		echo "${files[0]##*.}"
	else
		echo "${#files[@]} marks"
	fi
}

expect_mark() {
	[[ $1 != none ]] || set -- "0 marks"
	expect "$(mark)" "$1"
}

# --- money back ---

# offer_at NODE: a way back for its payer.
offer_at() {
	nodes "$1" offer any "back-$EPOCHREALTIME" | jq -r .bolt12
}

# owe NODE [NOTE]: pays 21 sat for a horn that does not sound.
owe() {
	fetch "$1" honk "${2:-}"
	send "$1"
	expect_settled "$1"
	expect_order refused owed
}

# 1 % is left for the way there.
readonly back_msat=20790

# expect_refunded NODE: once, and no more than that.
expect_refunded() {
	local got

	await 40 order_is refused returned
	got=$(nodes "$1" listinvoices | jq --argjson since "$since" \
		'[.invoices[] | select(.status == "paid" and .paid_at >= $since)
		| .amount_received_msat]' -c)
	expect "$got" "[$back_msat]"
	spent[$1]=$((spent[$1] - back_msat))
	expect "$(status '.refunds | length')" 0
}

# Of the fact that runs: a second apart, so that what is older does not count.
begin_counting() {
	sleep 1
	since=$(date +%s)
}

refund() {
	world_ask owed refund "$(order)"
}

# As above, for one who does not wait for what the node says.
begin_refund() {
	world_ask owed refund "$(order)" >/dev/null &
}

order() {
	row .order
}

# --- what the bridge says ---------------------------------------------------

row() {
	world_ask payments --limit 100 --json | jq -r --arg hash "$hash" \
		"map(select(.payment_hash == \$hash))[0] | $1"
}

# Of what goes back the node says for half a minute that it may come yet.
order_is() {
	local now

	now=$(row '"\(.state) \(.money)"')
	[[ ${now/returning/returned} == "$1 $2" ]]
}

expect_order() {
	world_await 20 order_is "$1" "$2" || {
		expect "$(row '"\(.state) \(.money)"')" "$1 $2"
		return 1
	}
	[[ -z ${3:-} ]] || row .why | grep -qE -- "$3" || {
		echo "expected why: $3, got: $(row .why)" >&2
		return 1
	}
}

has_ended() {
	[[ $(row '"\(.state) \(.money)"') =~ ^(null|(confirmed|refused|unknown)\ (earned|kept|return|given|owed)) ]]
}

# expect_consistent NODE DEED...: who has the money, what the bridge says and
# what the car did are one story, whichever it is.
expect_consistent() {
	local state money

	await 150 is_gone "${sending[$1-$hash]}"
	await 40 has_ended
	state=$(row .state)
	money=$(row .money)
	echo "it is $state, $money, and the car did: $(car_did)"
	case $money in
	earned | kept | owed) expect_settled "$1" ;;
	*) expect_returned "$1" ;;
	esac
	case $state in
	confirmed) expect_did "${@:2}" ;;
	unknown) [[ "${*:2} " == "$(car_did)"* ]] ;;
	*) expect_did ;;
	esac
}

expect_no_order() {
	expect "$(row .)" null
}
