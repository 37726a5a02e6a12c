/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Holds - payments that wait for a car's verdict
 *
 * Pure: time comes in, marks and answers go out through operations.  Each
 * call of the hook is answered once.  A mark is written before anybody acts
 * on it; where it cannot be written, the payer has his money back.
 *
 * One payment hash, one attempt: what was returned once is returned again,
 * what was acted on settles without acting again.
 *
 * Spec: lightning 0, 2.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/cars.h"
#include "node/mark.h"
#include "util/macro.h"

enum {
	HOLDS_MAX = 4096,
	HOLD_IDS_MAX = 16, /* calls of the hook for one payment */

	HOLDS_LOOK_MS = 5 * 1000,     /* for the node to say what it is */
	HOLDS_TAKE_MS = 5 * 1000,     /* for the car to take it */
	HOLDS_REPLAY_MS = 120 * 1000, /* for the verdict on one taken before */
	HOLDS_MAX_AGE_S = 60,         /* then it is stale, if not taken */
	HOLDS_EXPIRY_MARGIN_MS = 10 * 1000,

	HOLDS_DEADLINE_MIN_MS = 10 * 1000,
	HOLDS_DEADLINE_MAX_MS = 90 * 1000,
	HOLDS_DEADLINE_MS = 60 * 1000,

	/* Longer ones are passed on only if they are what claims it. */
	HOLDS_DESCRIPTION_MAX = 4 * 1024,
	HOLDS_NOTE_MAX = 8 * 1024,
};

enum {
	_HOLDS_E_SUCCESS,

	HOLDS_E_NOT_HELD, /* or decided, or another car's */
	HOLDS_E_LOOKING,  /* it just came: nobody knows yet whose it is */
};

enum hold_state {
	HOLD_LOOKING, /* the node is asked what it is */
	HOLD_OPEN,    /* the car may take it */
	HOLD_TAKEN,   /* the car may be acting */
};

struct hold {
	struct hold *next; /* in the order in which they came */
	char hash[MARK_HASH_SIZE];
	char *label;
	uint64_t msat;         /* of the first call */
	struct car_entry *car; /* NULL: nobody knows (any more) */
	enum hold_state state;
	enum mark mark;
	uint64_t arrived_ms;    /* at this process */
	uint64_t before_ms;     /* since when it was on its way then */
	uint64_t take_until_ms; /* HOLD_OPEN */
	uint64_t deadline_ms;   /* of HOLD_LOOKING, or of the verdict */
	void *ids[HOLD_IDS_MAX];
	size_t n_ids;

	/* As the node says; "" or NULL where it says nothing. */
	char offer_id[CAR_HASH_SIZE];
	char *description;
	char *payer_note;

	/* For polls.c. */
	bool is_replay;            /* taken before this car's boot knew of us */
	bool is_told;              /* its delivery has arrived */
	uint64_t delivered_serial; /* of the last poll; 0: none */
};

/* What the node says of an invoice; texts may be NULL. */
struct hold_invoice {
	uint64_t expires_in_ms; /* 0: it has */
	const char *offer_id;
	const char *description;
	const char *payer_note;
};

enum hold_reason {
	HOLD_DONE,    /* the car said so */
	HOLD_UNKNOWN, /* taken, and no verdict in time */
	HOLD_UNTAKEN,
	HOLD_AWAY,
	HOLD_PAUSED,
	HOLD_UNGUARDED,
	HOLD_EXPIRES,
	HOLD_STALE,
	HOLD_SILENT,    /* the node did not say what it is */
	HOLD_UNCLAIMED, /* it was held, and now nobody knows it */
	HOLD_FULL,
	HOLD_UNMARKED, /* the mark could not be written */
};

/* How a claimed payment ended. */
struct hold_end {
	const char *hash;
	const struct car_entry *car; /* or NULL */
	uint64_t msat;
	const char *offer_id; /* "": none, or not known */
	bool settles;
	enum hold_reason reason;
};

struct holds_ops {
	/* Ask the node: ends in holds_looked_up(), not from in here. */
	void (*look_up)(void *userdata, const struct hold *hold);
	/* As mark_read(), mark_write(). */
	int (*read_mark)(
		void *userdata, const char *hash, struct mark_state *ret);
	int (*write_mark)(void *userdata, const char *hash, enum mark mark);
	bool (*is_guarded)(void *userdata);
	/* Once for each id. */
	void (*answer)(void *userdata, void *id, bool settles);
	/* There is one to deliver to @car, or one of @car is over. */
	void (*changed)(void *userdata, struct car_entry *car);
	void (*ended)(void *userdata, const struct hold_end *end);
};

struct holds;

/* Borrows all.  @deadline_ms is that of a verdict. */
int holds_new(const struct cars *cars, uint64_t deadline_ms,
	const struct holds_ops *ops, void *userdata,
	struct holds **ret) _must_use_;
/* Answers nothing. */
struct holds *holds_free(struct holds *holds);

/* The hook was called as @id, which is answered, perhaps from in here. */
void holds_hook(struct holds *holds, void *id, const char *hash,
	const char *label, uint64_t msat, uint64_t now_ms);

/* What the node says of the payment; NULL: nothing. */
void holds_looked_up(struct holds *holds, const char *hash,
	const struct hold_invoice *invoice, uint64_t now_ms);

/*
 * @car takes it: marked, it may act.  Returns 0 and what is left until the
 * deadline, HOLDS_E_NOT_HELD, or negative errno if the mark was not written.
 */
int holds_take(struct holds *holds, const struct car_entry *car,
	const char *hash, bool keeps, uint64_t now_ms,
	uint64_t *ret_left_ms) _must_use_;

/*
 * The verdict on @hash, held or not: settle always wins, and is final.  Marks,
 * then answers the hook.  Returns 0 and the mark, HOLDS_E_LOOKING, with
 * nothing done, where the node is still asked about what was never held, or
 * negative errno.
 */
int holds_decide(struct holds *holds, const char *hash, bool settles,
	enum mark *ret) _must_use_;

/* Returns those of @car that nobody has taken. */
void holds_return_open(struct holds *holds, const struct car_entry *car);

/* When holds_tick() is due, CLOCK_NEVER if it is not. */
uint64_t holds_next_ms(const struct holds *holds);
void holds_tick(struct holds *holds, uint64_t now_ms);

struct hold *holds_first(const struct holds *holds);
struct hold *holds_find(const struct holds *holds, const char *hash);
size_t holds_count(const struct holds *holds);

/* Is one of this car held? */
bool holds_has_car(const struct holds *holds, const struct car_entry *car);

DEFINE_CLEANUP(struct holds *, holds_free);
