/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Holds - what the plugin 1sat2flash-node holds for this car
 *
 * Tells the plugin the menu, polls it, and gives it the car's verdicts.  A held
 * payment is delivered until it is taken; the plugin's marks decide what counts.
 * Where the node settles by itself the plugin keeps the offers all the same, and
 * gives money back.
 *
 * Spec: lightning 0, 5; 1sat2flash-node(8).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "lightning/invoices.h"
#include "lightning/rpc.h"
#include "util/macro.h"

struct holds;

enum {
	HOLDS_ACTIONS_MAX = 64,
	HOLDS_OFFERS_MAX = 3 * HOLDS_ACTIONS_MAX, /* retired ones among them */
	HOLDS_OWED_MAX = 64,
	HOLDS_NAME_SIZE = 33, /* of an action, with a NUL */
	HOLDS_ASKS_MAX = 128,
	/* A take has seconds: verdicts and refunds leave it room. */
	HOLDS_VERDICTS_MAX = 64,
	HOLDS_REFUNDS_MAX = HOLDS_ASKS_MAX / 4,
	/*
	 * How long a poll waits.  The plugin learns by its end at the latest
	 * that the car has gone.
	 */
	HOLDS_POLL_S = 30,
	/*
	 * By commando a node answers one call before it reads the next
	 * (connectd/multiplex.c of 26.06): a poll must not stand before a
	 * verdict, nor before what follows paid invoices on the same line.
	 */
	HOLDS_BUSY_POLL_MS = 250,
	HOLDS_SHARED_POLL_MS = 4000,
};

/* What the car sells.  Texts and lists are borrowed for as long as it lives. */
struct holds_action {
	const char *name;
	uint64_t price_msat;   /* deposit included */
	uint64_t deposit_msat; /* of it; 0: none */
	const char *text;      /* what a wallet shows */
	bool keeps;            /* if no verdict comes, so is the money */
	const char *offer_id;  /* made by hand; "": none */
	bool has_offer;        /* the plugin makes one */
};

struct holds_config {
	const char *car;           /* by this name the plugin knows it */
	const char *node_id;       /* "" where the node has to be asked */
	bool holds;                /* payments wait for the car's verdict */
	const char *const *labels; /* NULL ends each list */
	const char *const *addresses;
	const char *const *descriptions;
	size_t n_actions;
	const struct holds_action *actions;
};

/* A payment that is held.  All texts are valid during the handler only. */
struct hold {
	const char *node_id;
	const char *payment_hash;
	const char *label;
	const char *offer_id;    /* NULL if it came by no offer */
	const char *description; /* NULL if there is none */
	const char *payer_note;  /* NULL if there is none */
	uint64_t msat;
	uint64_t age_ms; /* held for so long when that was said */
	bool taken;      /* some process of this car has taken it before */
};

struct holds_offer {
	const char *action;
	const char *offer_id;
	const char *bolt12;
	uint64_t price_msat; /* deposit included */
	bool retired;        /* honoured, but no longer sold */
	bool active;         /* can be paid now */
};

/* What is owed, for the owner at the node. */
struct holds_owed {
	char payment_hash[INVOICES_HASH_SIZE];
	uint64_t msat;
	char action[HOLDS_NAME_SIZE];
	char why[256];
};

enum holds_state {
	HOLDS_PENDING, /* held still, or too early to tell */
	HOLDS_PAID,    /* the node has the money */
	HOLDS_UNPAID,  /* the payer has it */
};

struct holds_ops {
	void (*held)(void *userdata, const struct hold *hold);
	/* All of them, at the start and after each change. */
	void (*offers)(
		void *userdata, const struct holds_offer *offers, size_t n);
	/*
	 * Of holds_take().  @until_ms: BOOTTIME up to which it is held; 0: it
	 * is not, or nobody knows.
	 */
	void (*taken)(
		void *userdata, const char *payment_hash, uint64_t until_ms);
	/* Of holds_decide(), unless it was lost on the way. */
	void (*decided)(void *userdata, const char *payment_hash,
		enum holds_state state);
	/*
	 * Of holds_refund(): 0 and what was paid, or HOLDS_E_* or negative
	 * errno and a sentence.
	 */
	void (*refunded)(void *userdata, const char *payment_hash, int status,
		uint64_t msat, const char *why);
	/* A poll was answered: once in a while at least. */
	void (*polled)(void *userdata);
	/* The owner has paused the car at the node, or goes on. */
	void (*paused)(void *userdata, bool paused);
	/* Registered and polling (why is ""), or not (a sentence says why). */
	void (*changed)(void *userdata, bool following, const char *why);
};

enum {
	_HOLDS_E_SUCCESS,

	HOLDS_E_RETURNED, /* it was given back before */
	HOLDS_E_REFUSED,  /* it is not given back; nothing was paid */
	HOLDS_E_UNKNOWN,  /* nobody knows yet: ask again */
	HOLDS_E_FULL,     /* too many wait already */
};

/*
 * Joins @rpc, which outlives it; borrows @config and @ops.  Returns 0 or
 * negative errno.
 */
int holds_new(sd_event *event, struct rpc *rpc,
	const struct holds_config *config, const struct holds_ops *ops,
	void *userdata, struct holds **ret) _must_use_;
struct holds *holds_free(struct holds *holds);

/* What is sold now: a bit for each action of the config. */
void holds_set_open(struct holds *holds, uint64_t open);

/* Orders wait or run, or a verdict is due: something may be asked soon. */
void holds_set_busy(struct holds *holds, bool is_busy);

/* What is owed; at most HOLDS_OWED_MAX of them are told. */
void holds_set_owed(
	struct holds *holds, const struct holds_owed *owed, size_t n);

/*
 * Asks the plugin to mark it as taken; ends in one taken().  What is asked
 * already is not asked twice; so with those below.  @keeps: if no
 * verdict comes, the money is kept.  Returns 0 or HOLDS_E_FULL.
 */
int holds_take(
	struct holds *holds, const char *payment_hash, bool keeps) _must_use_;

/*
 * The verdict; ends in one decided(), unless the line is lost: to be given
 * again until the state is not HOLDS_PENDING.  Returns 0 or HOLDS_E_FULL.
 */
int holds_decide(struct holds *holds, const char *payment_hash, bool settle,
	const char *outcome, const char *why) _must_use_;

/*
 * Has the node give @msat of a payment back, 0: all of it that fees leave.
 * Ends in one refunded().  Returns 0 or HOLDS_E_FULL.
 */
int holds_refund(struct holds *holds, const char *payment_hash,
	uint64_t msat) _must_use_;

/* Takes no more payments; verdicts can still be given. */
void holds_stop(struct holds *holds);

bool holds_is_following(const struct holds *holds);
const char *holds_node_id(const struct holds *holds);
/* Is that @node_id?  No, as long as nobody knows. */
static inline bool holds_is_node(const struct holds *holds, const char *node_id)
{
	return *node_id != '\0' && strcmp(holds_node_id(holds), node_id) == 0;
}

DEFINE_CLEANUP(struct holds *, holds_free);
