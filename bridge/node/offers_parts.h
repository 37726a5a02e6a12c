/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Offers, their parts - for offers.c only
 *
 * offers.c decides what is to be changed; offer_change.c makes the calls;
 * offer_book.c keeps the list of a car, and the labels.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "node/calls.h"
#include "node/cars.h"
#include "node/offers.h"

enum {
	/* Calls at a time: the others have the rest of the line. */
	OFFERS_AT_ONCE = 4,
	OFFERS_TIMEOUT_MS = 30 * 1000,
	OFFER_LABEL_SIZE = 128,
};

/* When something that failed is tried again. */
struct offer_again {
	uint64_t at_ms;
	uint64_t backoff_ms;
};

/* One call for one offer. */
struct offer_change {
	struct offers *offers;
	struct offer_change *next;
	struct call *call;
	struct car_entry *car; /* NULL: it is gone, or the offer is nobody's */
	char offer_id[CAR_HASH_SIZE];
	bool enables;
	/* Of one that is to be made, as the action was then. */
	struct car_action action;
};

/* What is remembered of a car, besides its offers. */
struct offer_watch {
	struct offer_watch *next;
	struct car_entry *car;
	struct offer_change *change; /* one at a time */
	struct offer_again switching;
	struct offer_again making;
	size_t next_action; /* so that one that fails stops no other */
	bool needs_nonce;   /* the node would not make it without */
};

struct offers {
	struct node *node;
	sd_event_source *timer;
	uint64_t timer_ms; /* when it is due */

	/* What is enabled: asked for once, and when nobody knows. */
	struct call *listing;
	bool is_listed;
	struct offer_again listed;

	struct offer_watch *watches;
	struct offer_change *changes; /* in flight */
	size_t n_changes;
	json_t *orphans; /* ids of ours that no car has: to be disabled */
	struct offer_again orphaned;

	bool is_looking; /* and is not to be asked to, by those it tells */
};

/* --- offers.c ------------------------------------------------------------- */

/* Looks at all cars, and at the clock. */
void offers_pump(struct offers *offers);
void offers_back_off(struct offer_again *again);
/* NULL: @car is not there any more. */
struct offer_watch *offers_find_watch(
	const struct offers *offers, const struct car_entry *car);

/* --- offer_book.c --------------------------------------------------------- */

void offer_label_make(const struct car_entry *car,
	const struct car_action *action, char ret[static OFFER_LABEL_SIZE]);
/*
 * Where "<car>-<action>" is in @label, NULL if it is none of ours.  Which
 * hyphen is the one between them, the label does not say.
 */
const char *offer_label_read(const char *label, size_t *ret_len);

/* The one by which @action is sold; NULL if there is none. */
struct car_offer *offer_find_current(
	const struct car_entry *car, const struct car_action *action);

/*
 * Retires what is not sold any more, and takes back what is sold again.  What
 * cannot be saved now is so in memory only.
 */
void offers_sort_out(struct offers *offers, struct car_entry *car);
/* Is there room for one more?  The oldest that is retired may make it. */
bool offers_make_room(struct offers *offers, struct car_entry *car);
/* Adds one that is enabled, synced.  Returns 0 or negative errno. */
int offers_add(struct offers *offers, struct car_entry *car,
	const struct car_action *action, const char *offer_id,
	const char *bolt12) _must_use_;
/* Drops @offer, one of @car's, and saves that; as sort_out. */
void offers_drop(
	struct offers *offers, struct car_entry *car, struct car_offer *offer);

/* --- offer_change.c ------------------------------------------------------- */

/*
 * Begin to enable or disable the offer of the watched car, NULL if it is
 * nobody's; to make one.  Return false if nothing was begun.
 */
bool offer_switch(struct offers *offers, struct offer_watch *watch,
	const char *offer_id, bool enables) _must_use_;
bool offer_make(struct offers *offers, struct offer_watch *watch,
	const struct car_action *action) _must_use_;
struct offer_change *offer_change_free(struct offer_change *change);
