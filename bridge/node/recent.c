/* SPDX-License-Identifier: MIT */

#include "node/recent.h"

#include <stdio.h>
#include <string.h>

#include "node/node.h"
#include "util/amount.h"
#include "util/bytes.h"
#include "util/clock.h"

static const struct {
	enum plugin_level level;
	const char *why;
} reasons[] = {
	[HOLD_DONE] = { PLUGIN_INFO, "" },
	[HOLD_UNKNOWN] = { PLUGIN_UNUSUAL,
		"the car took it and gave no verdict in time" },
	[HOLD_UNTAKEN] = { PLUGIN_INFO, "the car did not take it in 5 s" },
	[HOLD_AWAY] = { PLUGIN_INFO, "the car is away" },
	[HOLD_PAUSED] = { PLUGIN_INFO, "the car is paused" },
	[HOLD_UNGUARDED] = { PLUGIN_UNUSUAL,
		"no 1sat2flash-guard stands behind this plugin" },
	[HOLD_EXPIRES] = { PLUGIN_INFO, "its invoice is about to expire" },
	[HOLD_STALE] = { PLUGIN_INFO,
		"it came more than a minute ago and nobody took it" },
	[HOLD_SILENT] = { PLUGIN_UNUSUAL,
		"lightningd did not say in 5 s what it is for" },
	[HOLD_UNCLAIMED] = { PLUGIN_UNUSUAL, "no car claims it any more" },
	[HOLD_FULL] = { PLUGIN_UNUSUAL,
		"there are too many payments on their way" },
	[HOLD_UNMARKED] = { PLUGIN_BROKEN,
		"it could not be written to the disk" },
};

static struct recent_payment *find(struct node *node, const char *hash)
{
	for (size_t i = 0; i < RECENT_MAX; i++)
		if (strcmp(node->recent.payments[i].hash, hash) == 0)
			return &node->recent.payments[i];

	return NULL;
}

/* The one of @hash, which may be new. */
static struct recent_payment *take(struct node *node, const char *hash)
{
	struct recent_payment *payment = find(node, hash);

	if (payment == NULL) {
		payment = &node->recent.payments[node->recent.next];
		node->recent.next = (node->recent.next + 1) % RECENT_MAX;
		*payment = (struct recent_payment){ 0 };
		(void)snprintf(
			payment->hash, sizeof(payment->hash), "%s", hash);
	}
	payment->ended_ms = clock_boottime_ms();
	return payment;
}

void recent_end(struct node *node, const struct hold_end *end)
{
	struct recent_payment *payment = take(node, end->hash);
	const char *action = NULL;
	char amount[AMOUNT_TEXT_SIZE];

	(void)cars_find_offer(node->cars, end->offer_id, &action, NULL);
	payment->msat = end->msat;
	payment->settles = end->settles;
	(void)snprintf(payment->car, sizeof(payment->car), "%s",
		end->car == NULL ? "" : end->car->name);
	(void)snprintf(payment->action, sizeof(payment->action), "%s",
		action == NULL ? "" : action);
	(void)snprintf(payment->why, sizeof(payment->why), "%s",
		reasons[end->reason].why);
	if (end->reason == HOLD_DONE)
		return; /* the car's own words follow */
	amount_print(end->msat, amount);
	plugin_log(node->plugin, reasons[end->reason].level,
		"%s: the payment of %s%s%s %s, as %s (%.8s...).",
		payment->car[0] == '\0' ? "1sat2flash" : payment->car, amount,
		action == NULL ? "" : " for ", action == NULL ? "" : action,
		end->settles ? "settles" : "goes back",
		reasons[end->reason].why, end->hash);
}

void recent_say(struct node *node, const char *hash, const char *car,
	bool settles, const char *outcome, const char *why)
{
	struct recent_payment *payment = find(node, hash);
	bool is_new = payment == NULL || payment->outcome[0] == '\0' ||
		      payment->settles != settles;

	payment = take(node, hash);
	payment->settles = settles;
	(void)snprintf(payment->car, sizeof(payment->car), "%s", car);
	text_printable(outcome, payment->outcome, sizeof(payment->outcome));
	text_printable(why, payment->why, sizeof(payment->why));
	/* The car asks again until the money has come. */
	if (is_new)
		plugin_log(node->plugin, PLUGIN_INFO,
			"%s: %s%s%s: the payment %s (%.8s...).", car,
			payment->outcome[0] == '\0' ? "done" : payment->outcome,
			payment->why[0] == '\0' ? "" : ", ", payment->why,
			settles ? "settles" : "goes back", hash);
}

void recent_paid(struct node *node, const char *hash)
{
	struct recent_payment *payment = find(node, hash);

	if (payment != NULL)
		payment->is_paid = true;
}

static json_t *print_payment(const struct recent_payment *payment)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:b, s:s, s:s, s:I}",
		"payment_hash", payment->hash, "car", payment->car, "action",
		payment->action, "msat", (json_int_t)payment->msat, "verdict",
		payment->settles ? "settle" : "return", "paid",
		payment->is_paid, "outcome", payment->outcome, "why",
		payment->why, "age_ms",
		(json_int_t)(clock_boottime_ms() - payment->ended_ms));
}

json_t *recent_print(const struct node *node, const char *car)
{
	json_t *array = json_array();

	for (size_t i = 1; i <= RECENT_MAX; i++) {
		const struct recent_payment *payment =
			&node->recent.payments[(node->recent.next + RECENT_MAX -
						       i) %
					       RECENT_MAX];

		if (payment->hash[0] == '\0' ||
			(car != NULL && strcmp(payment->car, car) != 0))
			continue;
		if (json_array_append_new(array, print_payment(payment)) < 0) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}
