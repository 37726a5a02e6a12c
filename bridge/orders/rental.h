/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Rental - the car is somebody's for a while: what comes next, and when
 *
 *	taken     its order waits or runs: nothing may be open yet
 *	offered   open, and nobody has got in
 *	occupied  somebody has
 *	ending    it is over: the car is closed as soon as that hurts nobody
 *	ended     closed, or never opened
 *
 * Pure.  The owner (orders_rental.c) writes it down, daemon/keeper.c does what
 * rental_next() says.  What the car shows counts only where it is proof: an
 * encrypted answer, and one that is young.
 *
 * Spec: architecture 3, 4; vehicle-protocol 8.3, 8.4.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/car_state.h"
#include "model/command.h"
#include "model/outcome.h"
#include "model/program.h"
#include "orders/payment.h"

enum {
	RENTAL_NAME_SIZE = 33,
	RENTAL_WHY_SIZE = 256,
	RENTAL_UNTIL_SIZE = 40,
	/* How often the car is looked at: seldom enough not to matter. */
	RENTAL_OFFERED_MS = 10 * 1000,
	RENTAL_OCCUPIED_MS = 30 * 1000,
	RENTAL_ENDING_MS = 10 * 1000,
	/*
	 * How old the proof that it is parked may be by which something is
	 * done: no younger than a slow car's answer.
	 */
	RENTAL_PROOF_MS = 5 * 1000,
	/* A stop that nobody saw coming costs the renter no more than this. */
	RENTAL_WRITE_MS = 60 * 1000,
};

enum rental_phase {
	RENTAL_ENDED,
	RENTAL_TAKEN,
	RENTAL_OFFERED,
	RENTAL_OCCUPIED,
	RENTAL_ENDING,
};

/* What was promised when it was taken; the menu may change meanwhile. */
struct rental_terms {
	uint64_t length_ms;
	uint64_t get_in_ms;      /* so soon somebody has to be inside */
	uint64_t warn_before_ms; /* so long before the end @warn is run */
	bool passive_entry;
	struct program warn; /* may be empty */
	struct program end;
};

struct rental {
	uint64_t order_id; /* that began it; 0: there is none */
	char action[RENTAL_NAME_SIZE];
	struct rental_terms terms;
	enum rental_phase phase;
	char why[RENTAL_WHY_SIZE]; /* why it ends or has ended */
	/* CLOCK_BOOTTIME; before 0 if it ended before the machine started. */
	int64_t until_ms;
	/*
	 * The machine was off for a time that nobody knows yet: where it ends
	 * by the wall clock, once that is set; or 0.
	 */
	int64_t until_s;
	/* Somebody got in, and nobody stopped it: it may be paid for again. */
	bool is_occupied;
	bool is_warned;
	uint32_t n_extended;
	/* Before it was extended; once it has ended, in all. */
	uint64_t overtime_ms;
};

/* The end of a rental, so that it can be found again after a restart. */
struct rental_mark {
	bool is_same_boot;
	int64_t until_ms; /* BOOTTIME of the boot in which it was written */
	int64_t until_s;  /* since 1970; 0 if the clock was not set */
	int64_t left_ms;  /* when it was written */
};

enum rental_task_type {
	RENTAL_WAIT, /* until @at_ms, or until something changes */
	RENTAL_READ, /* @read */
	RENTAL_WARN, /* run terms.warn: the car is parked */
	RENTAL_END,  /* run terms.end: it is parked and closed */
};

struct rental_task {
	enum rental_task_type type;
	uint64_t at_ms; /* CLOCK_NEVER: nothing comes by itself */
	enum command_id read;
	bool may_wake;
};

const char *rental_phase_name(enum rental_phase phase);

/* Its order has ended: offered, ended, or, where nobody knows, ending. */
void rental_begin(struct rental *rental, enum outcome outcome, const char *why,
	const struct moment *now);

/*
 * Takes the time and what the car shows into account.  Returns whether it
 * changed: that is to be written down before anything is done about it.
 */
bool rental_see(struct rental *rental, const struct moment *now,
	const struct car_state *state);

/* What is to be done; RENTAL_WAIT at once where there is no rental. */
void rental_next(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state, struct rental_task *ret);

/*
 * May it be paid for once more?  Once somebody got in, until it is closed.
 * Returns true, or false and a sentence that says until when the car is taken.
 */
bool rental_may_extend(const struct rental *rental, const char *action,
	const struct moment *now, char why[static WHY_SIZE]);
/* By what was paid for: the menu may have changed since it was begun. */
void rental_extend(
	struct rental *rental, uint64_t by_ms, const struct moment *now);

/* "until 14:30", "for another 12 min", "and overdue". */
void rental_print_until(const struct rental *rental, const struct moment *now,
	char ret[static RENTAL_UNTIL_SIZE]);

/* The car is rented, for how long yet: a sentence for who wants it, too. */
void rental_decline(const struct rental *rental, const struct moment *now,
	char why[static WHY_SIZE]);

/* The owner has had enough of it. */
void rental_stop(struct rental *rental, const char *why);

/* terms.warn was done: false where it was extended meanwhile. */
bool rental_warned(struct rental *rental, const struct moment *now);

/* terms.end was done. */
void rental_close(struct rental *rental, const struct moment *now);

/* What the end waits for, part of a sentence: "the car is not parked". */
const char *rental_waits_for(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state);

/* Milliseconds to its end; less than 0: past it. */
int64_t rental_left_ms(const struct rental *rental, const struct moment *now);
/* Past its time up to now, earlier times of it included. */
uint64_t rental_overtime_ms(
	const struct rental *rental, const struct moment *now);

/*
 * Puts @rental's end where @mark says, by the best clock there is.  What was
 * left is all there is where a Pi, which has no clock that runs without power,
 * starts anew: the time that it was off is given away until the clock is set
 * and tells.  A clock never gives more than what was left.
 */
void rental_place(struct rental *rental, const struct rental_mark *mark,
	const struct moment *now);
