/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Ledger - what was paid, promised and done, in SQLite
 *
 * WAL, synchronous = FULL: when a call that writes returns 0, what it wrote
 * survives a power cut.  Rows are never deleted.
 *
 * Spec: architecture 3 (promises), 5, 6.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/journal.h"
#include "model/outcome.h"
#include "model/program.h"
#include "orders/payment.h"
#include "orders/rental.h"
#include "util/macro.h"

struct ledger;

enum {
	LEDGER_VERSION = 3, /* PRAGMA user_version */
	LEDGER_TEXT_SIZE = 256,
	/* Room for a whole program as text: "honk; wait 2s". */
	LEDGER_PROGRAM_SIZE = PROGRAM_STEPS_MAX * (STEP_TEXT_SIZE + 2),
	/* After a broken ledger nothing as young as this is acted on. */
	LEDGER_BROKEN_S = 7 * 24 * 60 * 60,
};

enum {
	_LEDGER_E_SUCCESS,

	LEDGER_E_NEWER,    /* written by a newer version: refused */
	LEDGER_E_VOLATILE, /* its folder is forgotten at power-off */
	LEDGER_E_FULL,     /* no room on the disk; nothing was written */
	LEDGER_E_KNOWN,    /* this payment is in the ledger already */
	LEDGER_E_NONE,     /* no such row */
	LEDGER_E_IN_USE,   /* another process has it open */
	LEDGER_E_RENTED,   /* somebody has rented the car */
};

/* Where an order stands.  Outcomes end it. */
enum ledger_state {
	LEDGER_QUEUED,  /* taken, no step begun */
	LEDGER_RUNNING, /* a step was begun */
	LEDGER_CONFIRMED,
	LEDGER_REFUSED,
	LEDGER_UNKNOWN,
};

/* What became of the money: architecture 5. */
enum ledger_money {
	LEDGER_NO_MONEY, /* an order by `try` */
	LEDGER_PENDING,
	LEDGER_EARNED,
	LEDGER_OWED,
	LEDGER_KEPT, /* unknown, kept by the rule of action or step */

	/* Held by the node until the car had answered. */
	LEDGER_SETTLING,  /* to be had: the node has not shown it yet */
	LEDGER_RETURNING, /* to go back, the same */
	LEDGER_RETURNED,  /* the payer has it, by whichever way */
	LEDGER_GIVEN,     /* done, and the payer has it: too late */

	/* What was owed, and what became of that. */
	LEDGER_REFUNDING, /* the node has been told to pay it back */
	LEDGER_WRITTEN_OFF,
};

/* What became of the part of a payment that is a deposit. */
enum ledger_deposit {
	LEDGER_NO_DEPOSIT,
	LEDGER_DEPOSIT_HELD,    /* as long as the rental lasts */
	LEDGER_DEPOSIT_INSPECT, /* the owner may look at the car first */
	LEDGER_DEPOSIT_DUE,     /* it goes back */
	LEDGER_DEPOSIT_RETURNED,
	LEDGER_DEPOSIT_KEPT, /* the owner said so */
};

const char *ledger_state_name(enum ledger_state state);
const char *ledger_money_name(enum ledger_money money);
const char *ledger_deposit_name(enum ledger_deposit deposit);

/* An order, and the payment behind it if there is one. */
struct ledger_row {
	uint64_t order_id;
	char action[33]; /* "" if none was chosen */
	enum ledger_state state;
	enum ledger_money money;
	char why[LEDGER_TEXT_SIZE]; /* reason in plain words, or "" */
	int64_t taken_at_s;         /* wall clock; 0 if it was not set */
	int64_t ended_at_s;         /* the same; 0 while it runs */
	uint64_t took_ms;           /* from taken to ended, on BOOTTIME */

	/* Empty or 0 for an order by `try`. */
	char payment_hash[65];
	char node_id[67];
	uint64_t pay_index;
	uint64_t msat;
	uint64_t tip_msat; /* more than was asked */
	char label[LEDGER_TEXT_SIZE];
	char payer_note[LEDGER_TEXT_SIZE];
	bool is_held; /* the node waited for the car */
	/* Why it could not be paid back so far, or "". */
	char refund_why[LEDGER_TEXT_SIZE];
	uint64_t deposit_msat; /* of msat */
	enum ledger_deposit deposit;
	int64_t deposit_due_s; /* LEDGER_DEPOSIT_INSPECT: until when */
};

/* An order to be written. */
struct ledger_order {
	const char *action; /* "" if none was chosen */
	const char *steps;  /* texts of its programs */
	const char *undo;
	bool needs_parked;
	bool keeps_unknown;      /* menu: unknown = keep */
	enum ledger_state state; /* RUNNING: with its first step begun */
	const char *first_step;  /* text of that step, or NULL */
	const char *why;
	const struct payment *payment; /* NULL: by `try` */
	uint64_t tip_msat;
	uint64_t deposit_msat;
	uint64_t inspect_ms; /* how long the owner may look at the car */
	uint64_t for_order;  /* does what that one is owed; or 0 */
	/*
	 * What becomes of a rental by it: begun by this order, if its order_id
	 * is 0; else as it stands now.  NULL: nothing.
	 */
	const struct rental *rental;
	const char *rental_warn; /* texts of its programs, if begun */
	const char *rental_end;
};

/* An order that was running when the bridge stopped. */
struct ledger_crashed {
	uint64_t id;
	const char *action;
	const char *steps;
	const char *undo;
	bool needs_parked;
	bool has_payment;
	uint64_t for_order;
	struct journal journal;
};

/* When a broken ledger was replaced by this one. */
struct ledger_break {
	bool happened;
	int64_t at_s;   /* 0 if the clock was not set */
	uint64_t at_ms; /* BOOTTIME of this boot, 0 if it was an earlier one */
};

/*
 * Opens @folder/ledger.sqlite, made if it is not there, for this process
 * alone.  A broken one is kept aside as ledger.sqlite.broken-TIME and a new
 * one begun; *@ret_broken says so.  Returns 0, LEDGER_E_NEWER, _VOLATILE
 * (unless @allow_volatile), _FULL, _IN_USE, or negative errno.
 */
int ledger_open(const char *folder, bool allow_volatile,
	const struct moment *now, bool *ret_broken,
	struct ledger **ret) _must_use_;
struct ledger *ledger_free(struct ledger *ledger);

void ledger_broken(const struct ledger *ledger, struct ledger_break *ret);

/* Called once, when the ledger turns out to be broken: -EUCLEAN below. */
void ledger_on_broken(
	struct ledger *ledger, void (*handler)(void *userdata), void *userdata);

/*
 * Everything below returns 0, what is named beside it, or negative errno:
 * -EUCLEAN if the ledger turns out to be broken (it is kept aside at once,
 * and nothing works until it is opened anew).  What writes also returns
 * LEDGER_E_FULL.  Unless it is 0, nothing was written.
 */

/* LEDGER_E_NONE if this node has no position. */
int ledger_position(struct ledger *ledger, const char *node_id,
	uint64_t *ret_pay_index) _must_use_;
/* LEDGER_E_NONE if no node has one. */
int ledger_has_position(struct ledger *ledger) _must_use_;
int ledger_set_position(struct ledger *ledger, const char *node_id,
	uint64_t pay_index) _must_use_;

/* LEDGER_E_KNOWN if this payment is there. */
int ledger_knows(struct ledger *ledger, const char *node_id,
	const char *payment_hash) _must_use_;

/*
 * Writes an order, its payment and the position, all or nothing.  Also
 * LEDGER_E_KNOWN; LEDGER_E_NONE if nothing is owed for_order.
 */
int ledger_take(struct ledger *ledger, const struct ledger_order *order,
	const struct moment *now, uint64_t *ret_id) _must_use_;

/* LEDGER_E_NONE if there is no such order, or it has ended. */
int ledger_begin_step(struct ledger *ledger, uint64_t id, size_t index,
	bool is_undo, const char *step, const struct moment *now) _must_use_;
/* Survives the end of the process; a power cut only with the next write. */
int ledger_end_step(struct ledger *ledger, uint64_t id, size_t index,
	bool is_undo, enum outcome outcome) _must_use_;
/*
 * @keeps: what is unknown is kept whatever the action's rule says.  What becomes
 * of a rental by it is written with it; @rental may be NULL.  LEDGER_E_NONE if
 * there is no such order, or it has ended.
 */
int ledger_end(struct ledger *ledger, uint64_t id, enum outcome outcome,
	bool keeps, const char *why, const struct rental *rental,
	const struct moment *now) _must_use_;

/* Ends all orders that no step was begun of. */
int ledger_end_queued(struct ledger *ledger, const char *why,
	const struct moment *now) _must_use_;
/* Each order that is running; its texts are valid during the call only. */
int ledger_each_running(struct ledger *ledger,
	int (*each)(void *userdata, const struct ledger_crashed *crashed),
	void *userdata) _must_use_;

/*
 * How long ago was the order of @action begun that is @back places before the
 * last one?  LEDGER_E_NONE if there is none.
 */
int ledger_age(struct ledger *ledger, const char *action, size_t back,
	const struct moment *now, uint64_t *ret_age_ms) _must_use_;

/*
 * The rental that has not ended, and the texts of its programs.  LEDGER_E_NONE
 * if there is none.
 */
int ledger_rental(struct ledger *ledger, const struct moment *now,
	struct rental *ret, char ret_warn[static LEDGER_PROGRAM_SIZE],
	char ret_end[static LEDGER_PROGRAM_SIZE]) _must_use_;
/* How it stands now.  LEDGER_E_NONE if there is no such rental. */
int ledger_set_rental(struct ledger *ledger, const struct rental *rental,
	const struct moment *now) _must_use_;

int ledger_is_paused(struct ledger *ledger, bool *ret) _must_use_;
int ledger_set_paused(struct ledger *ledger, bool paused) _must_use_;

/* LEDGER_E_NONE if there is no such order. */
int ledger_get(
	struct ledger *ledger, uint64_t id, struct ledger_row *ret) _must_use_;
enum ledger_filter {
	LEDGER_ALL,       /* with a payment */
	LEDGER_OPEN,      /* owed, or on the way back, deposits too */
	LEDGER_UNSETTLED, /* settling, returning or refunding */
	LEDGER_DUE,       /* deposits that are due, and were not refused */
};

/*
 * Newest first, but of LEDGER_UNSETTLED verdicts and the oldest; stops at what
 * @row returns but 0.
 */
int ledger_list(struct ledger *ledger, enum ledger_filter filter, size_t limit,
	int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata) _must_use_;
/* How many orders are owed, and what they come to. */
int ledger_owed(
	struct ledger *ledger, uint64_t *ret_n, uint64_t *ret_msat) _must_use_;

DEFINE_CLEANUP(struct ledger *, ledger_free);
