/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Orders - decides what a payment buys and keeps the promises about it
 *
 * Joins menu, claims, rules and ledger.  Knows neither node nor car: the
 * owner (daemon/till.c) tells it of payments, asks what to run next, and
 * tells it how each step went.  The order of calls for one payment:
 *
 *	orders_choose()      which action, may it run?      (writes nothing)
 *	orders_record()      order and position, synced
 *	orders_next()        when the car is free
 *	orders_may_begin()   rules once more, right before the first step
 *	orders_step_begun()  synced, before the step is sealed
 *	orders_step_ended()
 *	orders_end()         outcome and money, synced
 *
 * Orders never retries a step.
 *
 * Spec: architecture 3 to 6.
 */

#include "model/car_state.h"
#include "model/condition.h"
#include "model/outcome.h"
#include "orders/ledger.h"
#include "orders/menu.h"
#include "orders/payment.h"

struct orders;

enum {
	ORDERS_WAITING_MAX = 64, /* more are declined */
};

enum orders_verdict {
	ORDERS_NOT_OURS, /* not claimed: leaves the car alone */
	ORDERS_KNOWN,    /* this payment was recorded before: nothing to do */
	ORDERS_DECLINED, /* claimed, but not to be acted on: owed; @why */
	ORDERS_TAKEN,    /* buys @action */
	ORDERS_EXTENDS,  /* the rental that runs: done by being recorded */
};

struct orders_choice {
	enum orders_verdict verdict;
	const struct menu_action *action; /* NULL if none was chosen */
	/* ORDERS_TAKEN: the first step is sealed before this or never. */
	uint64_t start_by_ms;
	/* ORDERS_TAKEN: earliest start, because of a cooldown; or now. */
	uint64_t start_at_ms;
	/* ORDERS_TAKEN: all rounds that were paid for, and what undoes them. */
	struct program steps;
	struct program undo;
	uint64_t tip_msat;
	uint64_t deposit_msat; /* of what was paid */
	/* ORDERS_DECLINED: it may have been done before a ledger broke. */
	bool may_be_done;
	char why[LEDGER_TEXT_SIZE];
};

/* Its programs may hold PINs. */
static inline void orders_choice_wipep(struct orders_choice *choice)
{
	program_wipe(&choice->steps);
	program_wipe(&choice->undo);
}

/* An order that waits or runs.  Programs stay valid until orders_end(). */
struct order {
	uint64_t id;
	char action[MENU_NAME_SIZE];
	const struct program *steps;
	const struct program *undo;
	struct conditions conditions;
	bool has_payment;
	uint64_t start_by_ms;
	uint64_t taken_ms;      /* BOOTTIME */
	uint64_t budget_ms;     /* 0: what the steps need */
	struct journal journal; /* orders_next_crashed() */
};

/*
 * Opens @state_dir/ledger.sqlite and settles what an earlier run left behind:
 * orders without a begun step end as refused; those with one wait in
 * orders_next_crashed().  A broken ledger is kept aside under another name
 * and a new one begun; *@ret_broken says so.  Borrows @menu.
 *
 * @allow_volatile is for demos and tests: takes a state folder that is
 * forgotten at power-off.  Returns 0, LEDGER_E_NEWER, _VOLATILE, _FULL,
 * _IN_USE, or negative errno.
 */
int orders_open(const struct menu *menu, const char *state_dir,
	bool allow_volatile, const struct moment *now, bool *ret_broken,
	struct orders **ret) _must_use_;
struct orders *orders_free(struct orders *orders);

/* Position in @node_id's list.  Returns 0, LEDGER_E_NONE, -errno. */
int orders_position(struct orders *orders, const char *node_id,
	uint64_t *ret_pay_index) _must_use_;

/*
 * A ledger that replaced a broken one knows no node, and not what was paid
 * lately.  Until it knows the first, returns since when that is, for it to be
 * listed: seconds since 1970.  INT64_MAX: nothing is missing, or nobody knows.
 */
int64_t orders_missing_since(struct orders *orders);

/* First position of a new node, synced. */
int orders_begin_node(struct orders *orders, const char *node_id,
	uint64_t pay_index) _must_use_;

/*
 * Decides on @payment without writing.  What @state says is asked only where
 * it is fresh: a car of which nobody knows may still be as it has to be.
 * After a broken ledger, a claimed payment of the last seven days is DECLINED
 * as unknown.  Returns 0 and *@ret, or negative errno.
 */
int orders_choose(struct orders *orders, const struct payment *payment,
	const struct moment *now, const struct car_state *state,
	struct orders_choice *ret) _must_use_;

/*
 * Writes what was chosen, and the position, in one synced transaction; with
 * @begin_first also that the first step has begun (the caller will run it
 * at once; it must not call orders_step_begun() for it).  *@ret_order_id is 0
 * for NOT_OURS and KNOWN.  Returns 0, LEDGER_E_FULL, or negative errno: then
 * nothing was written and the payment must be offered again.
 */
int orders_record(struct orders *orders, const struct payment *payment,
	const struct orders_choice *choice, bool begin_first,
	const struct moment *now, uint64_t *ret_order_id) _must_use_;

/* An order that waits or runs, as orders_next() tells it; false: none. */
bool orders_find(
	const struct orders *orders, uint64_t order_id, struct order *ret);

/*
 * An order without a payment, by the owner's hand.  Returns 0,
 * LEDGER_E_NONE if there is no such action, LEDGER_E_RENTED if it rents the
 * car and somebody has it, LEDGER_E_FULL, or -errno (-EBUSY:
 * ORDERS_WAITING_MAX are waiting already).
 */
int orders_try(struct orders *orders, const char *action,
	const struct moment *now, uint64_t *ret_order_id) _must_use_;

/* Named as no action of a menu can be. */
#define ORDERS_PROGRAM "a program"

/*
 * The same for steps that the owner wrote by hand, only while the car is
 * parked.  Returns 0, LEDGER_E_FULL, or -errno.
 */
int orders_try_program(struct orders *orders, const struct program *steps,
	const struct program *undo, const struct moment *now,
	uint64_t *ret_order_id) _must_use_;

/*
 * The oldest order that may start now.  Returns true and the order, which is
 * not returned again: begin it or end it.  Queued
 * orders that are no longer fresh end as refused on the way; each is told
 * through the handler of orders_on_change().  Otherwise *@ret_wake_ms is when to
 * ask again, CLOCK_NEVER if nothing waits.
 */
bool orders_next(struct orders *orders, const struct moment *now,
	struct order *ret, uint64_t *ret_wake_ms);

/* Does any wait, also one that was interrupted: who came first goes first. */
bool orders_has_waiting(const struct orders *orders);

/* An order that a crash interrupted after a begun step; false: no more. */
bool orders_next_crashed(struct orders *orders, struct order *ret);

/*
 * Rules once more, right before the first step: fresh, not paused, open
 * hours, conditions on @state.  An order by `try` is bound by fresh and
 * conditions only, an undo after a crash by nothing.  Returns true, or false and the
 * reason in @why.
 */
bool orders_may_begin(struct orders *orders, uint64_t order_id,
	const struct moment *now, const struct car_state *state,
	char why[static LEDGER_TEXT_SIZE]);

/*
 * Journals, synced, that a step is about to be sealed.  Returns 0,
 * LEDGER_E_FULL, or negative errno (-ENOENT: no such order runs or waits).
 */
int orders_step_begun(struct orders *orders, uint64_t order_id, size_t index,
	bool is_undo, const struct step *step,
	const struct moment *now) _must_use_;

/* Journals how it ended; not synced by itself. */
int orders_step_ended(struct orders *orders, uint64_t order_id, size_t index,
	bool is_undo, enum outcome outcome,
	const struct moment *now) _must_use_;

/*
 * Ends an order, synced; the money follows by the action's rules, but what is
 * unknown is kept if the step that failed @keeps it.  Returns 0,
 * LEDGER_E_FULL, or negative errno (-ENOENT: no such order runs or waits); the
 * order is then as it was, to be ended later.
 */
int orders_end(struct orders *orders, uint64_t order_id, enum outcome outcome,
	bool keeps, const char *why, const struct moment *now) _must_use_;

/*
 * Called after any order was taken, begun or ended, with its row.  The handler
 * must not call back into orders.
 */
void orders_on_change(struct orders *orders,
	void (*handler)(void *userdata, const struct ledger_row *row),
	void *userdata);

/*
 * Called once, if the ledger turns out to be broken: it is kept aside, and
 * nothing works until it is opened anew.  The same holds for this handler.
 */
void orders_on_broken(
	struct orders *orders, void (*handler)(void *userdata), void *userdata);

/* Pause, synced; survives a restart.  Also LEDGER_E_FULL. */
int orders_set_paused(struct orders *orders, bool paused) _must_use_;
bool orders_is_paused(const struct orders *orders);

/* Rows for people, newest first. */
enum orders_filter {
	ORDERS_PAYMENTS, /* with a payment */
	ORDERS_OWED,     /* money is owed */
};

int orders_list(struct orders *orders, enum orders_filter filter, size_t limit,
	int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata) _must_use_;

/* What is owed in all.  Returns 0 or negative errno. */
int orders_owed(
	struct orders *orders, uint64_t *ret_n, uint64_t *ret_msat) _must_use_;

/* One row.  Returns 0, LEDGER_E_NONE, or negative errno. */
int orders_get(struct orders *orders, uint64_t order_id,
	struct ledger_row *ret) _must_use_;

DEFINE_CLEANUP(struct orders *, orders_free);
