/* SPDX-License-Identifier: MIT */

#include "node/holds.h"

#include <string.h>

#include "node/claim.h"
#include "util/clock.h"
#include "util/point.h"

enum {
	/* A wall clock that is set back by so little is no reason to doubt. */
	CLOCK_SLACK_S = 2,
};

struct holds {
	const struct cars *cars;
	uint64_t deadline_ms;
	const struct holds_ops *ops;
	void *userdata;
	struct hold *first;
	struct hold **end; /* where the next one goes */
	size_t n_holds;
};

int holds_new(const struct cars *cars, uint64_t deadline_ms,
	const struct holds_ops *ops, void *userdata, struct holds **ret)
{
	struct holds *holds = calloc(1, sizeof(*holds));

	if (holds == NULL)
		return -ENOMEM;

	holds->cars = cars;
	holds->deadline_ms = deadline_ms;
	holds->ops = ops;
	holds->userdata = userdata;
	holds->end = &holds->first;
	*ret = holds;
	return 0;
}

static struct hold *hold_free(struct hold *hold)
{
	if (hold == NULL)
		return NULL;

	free(hold->label);
	free(hold->description);
	free(hold->payer_note);
	free(hold);
	return NULL;
}

DEFINE_CLEANUP(struct hold *, hold_free);

struct holds *holds_free(struct holds *holds)
{
	if (holds == NULL)
		return NULL;

	while (holds->first != NULL) {
		struct hold *hold = holds->first;

		holds->first = hold->next;
		(void)hold_free(hold);
	}
	free(holds);
	return NULL;
}

struct hold *holds_first(const struct holds *holds)
{
	return holds->first;
}

size_t holds_count(const struct holds *holds)
{
	return holds->n_holds;
}

struct hold *holds_find(const struct holds *holds, const char *hash)
{
	struct hold *hold = holds->first;

	while (hold != NULL && strcmp(hold->hash, hash) != 0)
		hold = hold->next;

	return hold;
}

bool holds_has_car(const struct holds *holds, const struct car_entry *car)
{
	const struct hold *hold = holds->first;

	while (hold != NULL && hold->car != car)
		hold = hold->next;

	return hold != NULL;
}

static void take_out(struct holds *holds, struct hold *hold)
{
	struct hold **p = &holds->first;

	while (*p != hold)
		p = &(*p)->next;
	*p = hold->next;
	if (holds->end == &hold->next)
		holds->end = p;
	holds->n_holds--;
}

static void tell_end(struct holds *holds, const struct hold *hold, bool settles,
	enum hold_reason reason)
{
	const struct hold_end end = {
		.hash = hold->hash,
		.car = hold->car,
		.msat = hold->msat,
		.offer_id = hold->offer_id,
		.settles = settles,
		.reason = reason,
	};

	holds->ops->ended(holds->userdata, &end);
}

/* Answers all calls for @hold, which is gone then. */
static void answer_all(struct holds *holds, struct hold *hold, bool settles)
{
	struct car_entry *car = hold->car;

	take_out(holds, hold);
	for (size_t i = 0; i < hold->n_ids; i++)
		holds->ops->answer(holds->userdata, hold->ids[i], settles);
	(void)hold_free(hold);
	if (car != NULL)
		holds->ops->changed(holds->userdata, car);
}

/* A payment that is none of ours goes its way, and nobody hears of it. */
static void let_go(struct holds *holds, struct hold *hold)
{
	hold->car = NULL;
	answer_all(holds, hold, true);
}

/* Rejects where nothing was ever promised: it may be paid again later. */
static void turn_away(
	struct holds *holds, struct hold *hold, enum hold_reason reason)
{
	tell_end(holds, hold, false, reason);
	answer_all(holds, hold, false);
}

/* Marks and answers.  The guard lets nothing through that has no mark. */
static void finish(struct holds *holds, struct hold *hold, bool settles,
	enum hold_reason reason)
{
	int r = holds->ops->write_mark(holds->userdata, hold->hash,
		settles ? MARK_SETTLE : MARK_RETURN);

	if (r < 0 && settles) {
		settles = false;
		reason = HOLD_UNMARKED;
	}
	point("verdict-marked");
	tell_end(holds, hold, settles, reason);
	answer_all(holds, hold, settles);
}

/* --- arrival --------------------------------------------------------------- */

/* May @car take payments at all?  Then returns false. */
static bool is_refused(struct holds *holds, const struct hold *hold,
	uint64_t now_ms, enum hold_reason *ret)
{
	if (!holds->ops->is_guarded(holds->userdata))
		*ret = HOLD_UNGUARDED;
	else if (hold->car->paused)
		*ret = HOLD_PAUSED;
	else if (hold->mark == MARK_NONE && !car_is_here(hold->car, now_ms))
		*ret = HOLD_AWAY; /* after a restart of the node it may come */
	else
		return false;

	return true;
}

/* NULL if there is no memory, or there are too many. */
static struct hold *add(struct holds *holds, void *id, const char *hash,
	const char *label, uint64_t msat)
{
	_cleanup_(hold_freep) struct hold *hold = NULL;

	if (holds->n_holds < HOLDS_MAX)
		hold = calloc(1, sizeof(*hold));
	if (hold == NULL || (hold->label = strdup(label)) == NULL)
		return NULL;
	memcpy(hold->hash, hash, sizeof(hold->hash));
	hold->msat = msat;
	hold->ids[hold->n_ids++] = id;
	*holds->end = hold;
	holds->end = &hold->next;
	holds->n_holds++;
	return steal_ptr(&hold);
}

static bool is_stale(const struct mark_state *state)
{
	return state->mark == MARK_HELD &&
	       (state->age_s > HOLDS_MAX_AGE_S ||
		       state->age_s < -CLOCK_SLACK_S);
}

/*
 * What can be said without asking the node is said at once: most payments of
 * a node are none of ours, and one whose car is away needs no question.
 */
static void begin(struct holds *holds, struct hold *hold,
	const struct mark_state *state, uint64_t now_ms)
{
	enum hold_reason reason;

	if (hold->mark == MARK_NONE && hold->car == NULL &&
		!claim_needs_text(holds->cars, hold->label))
		let_go(holds, hold);
	else if (!mark_is_taken(hold->mark) && hold->car != NULL &&
		 !hold->car->claims.holds)
		let_go(holds, hold);
	else if (is_stale(state))
		finish(holds, hold, false, HOLD_STALE);
	else if (hold->mark == MARK_NONE && hold->car != NULL &&
		 is_refused(holds, hold, now_ms, &reason))
		turn_away(holds, hold, reason);
	else
		holds->ops->look_up(holds->userdata, hold);
}

void holds_hook(struct holds *holds, void *id, const char *hash,
	const char *label, uint64_t msat, uint64_t now_ms)
{
	struct hold *hold = holds_find(holds, hash);
	struct mark_state state = { .mark = MARK_NONE };
	struct car_entry *car;

	if (hold != NULL && hold->n_ids < HOLD_IDS_MAX) {
		hold->ids[hold->n_ids++] = id;
		return;
	}
	if (hold != NULL) {
		holds->ops->answer(holds->userdata, id, false);
		return;
	}
	/* Unreadable marks cannot be written either, and that is said then. */
	(void)!holds->ops->read_mark(holds->userdata, hash, &state);
	if (state.mark == MARK_SETTLE || state.mark == MARK_RETURN) {
		holds->ops->answer(
			holds->userdata, id, state.mark == MARK_SETTLE);
		return;
	}

	car = claim_by_label(holds->cars, label);
	hold = add(holds, id, hash, label, msat);
	if (hold == NULL) {
		struct hold_end end = { .hash = hash,
			.car = car,
			.msat = msat,
			.offer_id = "",
			.reason = HOLD_FULL };

		/* What may be none of ours is the guard's to decide. */
		if (car != NULL || state.mark != MARK_NONE)
			holds->ops->ended(holds->userdata, &end);
		holds->ops->answer(holds->userdata, id,
			car == NULL && state.mark == MARK_NONE);
		return;
	}

	hold->car = car;
	hold->mark = state.mark;
	hold->state = HOLD_LOOKING;
	hold->is_replay = mark_is_taken(state.mark);
	hold->arrived_ms = now_ms;
	if (state.mark != MARK_NONE && state.age_s > 0)
		hold->before_ms = (uint64_t)state.age_s * 1000;
	hold->deadline_ms = now_ms + HOLDS_LOOK_MS;
	(void)claim_read_label(label, hold->offer_id);
	begin(holds, hold, &state, now_ms);
}

/* --- what the node says ---------------------------------------------------- */

/* A copy of @text, if it is there and no longer than @max. */
static char *keep_text(const char *text, size_t max)
{
	if (text == NULL || strnlen(text, max + 1) > max)
		return NULL;

	return strdup(text);
}

/* Who claims it, and what the car is told of it. */
static void learn(struct holds *holds, struct hold *hold,
	const struct hold_invoice *invoice)
{
	const char *description = invoice->description;
	bool is_by_text = false;

	if (invoice->offer_id != NULL && mark_is_hash(invoice->offer_id))
		memcpy(hold->offer_id, invoice->offer_id,
			sizeof(hold->offer_id));
	if (hold->car == NULL)
		hold->car = cars_find_offer(
			holds->cars, hold->offer_id, NULL, NULL);
	if (hold->car == NULL && description != NULL) {
		hold->car =
			claim_by_text(holds->cars, hold->label, description);
		is_by_text = hold->car != NULL;
	}
	hold->description = keep_text(description,
		is_by_text ? CLAIM_DESCRIPTION_MAX : HOLDS_DESCRIPTION_MAX);
	hold->payer_note = keep_text(invoice->payer_note, HOLDS_NOTE_MAX);
}

/*
 * The car may have acted on it, whatever has become of the car, the invoice or
 * the guard since: only its verdict counts, and else the unknown rule.
 */
static void wait_for_verdict(struct holds *holds, struct hold *hold)
{
	hold->state = HOLD_TAKEN;
	hold->deadline_ms += HOLDS_REPLAY_MS - HOLDS_LOOK_MS;
	if (hold->car != NULL)
		holds->ops->changed(holds->userdata, hold->car);
}

static void open_it(struct holds *holds, struct hold *hold, uint64_t now_ms)
{
	/* From the arrival on. */
	hold->deadline_ms += holds->deadline_ms - HOLDS_LOOK_MS;
	hold->take_until_ms = now_ms + HOLDS_TAKE_MS;
	hold->state = HOLD_OPEN;
	if (holds->ops->write_mark(holds->userdata, hold->hash, MARK_HELD) <
		0) {
		turn_away(holds, hold, HOLD_UNMARKED);
		return;
	}
	hold->mark = MARK_HELD;
	point("hold-marked");
	holds->ops->changed(holds->userdata, hold->car);
}

/* What was once promised is returned for good; else it may come again. */
static void refuse(
	struct holds *holds, struct hold *hold, enum hold_reason reason)
{
	if (hold->mark == MARK_NONE)
		turn_away(holds, hold, reason);
	else
		finish(holds, hold, false, reason);
}

void holds_looked_up(struct holds *holds, const char *hash,
	const struct hold_invoice *invoice, uint64_t now_ms)
{
	struct hold *hold = holds_find(holds, hash);
	enum hold_reason reason;

	if (hold == NULL || hold->state != HOLD_LOOKING)
		return;
	if (invoice != NULL)
		learn(holds, hold, invoice);

	if (mark_is_taken(hold->mark))
		wait_for_verdict(holds, hold);
	else if (hold->car == NULL && hold->mark == MARK_NONE)
		let_go(holds, hold);
	else if (hold->car == NULL)
		finish(holds, hold, false,
			invoice == NULL ? HOLD_SILENT : HOLD_UNCLAIMED);
	else if (!hold->car->claims.holds)
		let_go(holds, hold);
	else if (invoice == NULL)
		refuse(holds, hold, HOLD_SILENT);
	else if (is_refused(holds, hold, now_ms, &reason))
		refuse(holds, hold, reason);
	else if (invoice->expires_in_ms <
		 holds->deadline_ms + HOLDS_EXPIRY_MARGIN_MS)
		finish(holds, hold, false, HOLD_EXPIRES);
	else
		open_it(holds, hold, now_ms);
}

/* --- what the car says ----------------------------------------------------- */

int holds_take(struct holds *holds, const struct car_entry *car,
	const char *hash, bool keeps, uint64_t now_ms, uint64_t *ret_left_ms)
{
	struct hold *hold = holds_find(holds, hash);
	enum mark mark = keeps ? MARK_TAKEN_KEEP : MARK_TAKEN_RETURN;
	int r;

	if (hold == NULL || hold->car != car || hold->state == HOLD_LOOKING ||
		hold->deadline_ms <= now_ms)
		return HOLDS_E_NOT_HELD;
	if (hold->state == HOLD_OPEN) {
		r = holds->ops->write_mark(holds->userdata, hash, mark);
		if (r < 0)
			return r;
		hold->mark = mark;
		hold->state = HOLD_TAKEN;
		point("take-marked");
	}

	*ret_left_ms = hold->deadline_ms - now_ms;
	return 0;
}

int holds_decide(
	struct holds *holds, const char *hash, bool settles, enum mark *ret)
{
	struct hold *hold = holds_find(holds, hash);
	struct mark_state state;
	int r;

	r = holds->ops->read_mark(holds->userdata, hash, &state);
	if (r < 0)
		return r;
	if (hold != NULL && hold->state == HOLD_LOOKING &&
		state.mark == MARK_NONE)
		return HOLDS_E_LOOKING;
	settles = settles || state.mark == MARK_SETTLE;
	r = holds->ops->write_mark(
		holds->userdata, hash, settles ? MARK_SETTLE : MARK_RETURN);
	if (r < 0)
		return r;
	point("done-marked");

	if (hold != NULL) {
		tell_end(holds, hold, settles, HOLD_DONE);
		answer_all(holds, hold, settles);
	}
	*ret = settles ? MARK_SETTLE : MARK_RETURN;
	return 0;
}

void holds_return_open(struct holds *holds, const struct car_entry *car)
{
	struct hold *next;

	for (struct hold *hold = holds->first; hold != NULL; hold = next) {
		next = hold->next;
		if (hold->car == car && hold->state == HOLD_OPEN)
			finish(holds, hold, false, HOLD_PAUSED);
	}
}

/* --- time ------------------------------------------------------------------ */

static uint64_t due_ms(const struct hold *hold)
{
	return hold->state == HOLD_OPEN
		       ? clock_earlier(hold->take_until_ms, hold->deadline_ms)
		       : hold->deadline_ms;
}

uint64_t holds_next_ms(const struct holds *holds)
{
	uint64_t next_ms = CLOCK_NEVER;

	for (const struct hold *hold = holds->first; hold != NULL;
		hold = hold->next)
		next_ms = clock_earlier(next_ms, due_ms(hold));

	return next_ms;
}

void holds_tick(struct holds *holds, uint64_t now_ms)
{
	struct hold *next;

	for (struct hold *hold = holds->first; hold != NULL; hold = next) {
		next = hold->next;
		if (due_ms(hold) > now_ms)
			continue;
		switch (hold->state) {
		case HOLD_LOOKING:
			holds_looked_up(holds, hold->hash, NULL, now_ms);
			break;
		case HOLD_OPEN:
			finish(holds, hold, false, HOLD_UNTAKEN);
			break;
		case HOLD_TAKEN:
			finish(holds, hold, hold->mark == MARK_TAKEN_KEEP,
				HOLD_UNKNOWN);
			break;
		}
	}
}
