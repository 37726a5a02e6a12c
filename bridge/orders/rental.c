/* SPDX-License-Identifier: MIT */

#include "orders/rental.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/clock.h"
#include "util/duration.h"

static const char *const phase_names[] = {
	[RENTAL_ENDED] = "ended",
	[RENTAL_TAKEN] = "taken",
	[RENTAL_OFFERED] = "offered",
	[RENTAL_OCCUPIED] = "occupied",
	[RENTAL_ENDING] = "ending",
};

const char *rental_phase_name(enum rental_phase phase)
{
	return phase_names[phase];
}

/* What stands in the past is due. */
static uint64_t moment_of(int64_t ms)
{
	return ms < 0 ? 0 : (uint64_t)ms;
}

static uint64_t begun_ms(const struct rental *rental)
{
	return moment_of(rental->until_ms - (int64_t)rental->terms.length_ms);
}

/* While it is offered nothing has moved its end. */
static uint64_t get_in_by_ms(const struct rental *rental)
{
	uint64_t ms =
		moment_of(rental->until_ms - (int64_t)rental->terms.length_ms +
			  (int64_t)rental->terms.get_in_ms);

	return clock_earlier(ms, moment_of(rental->until_ms));
}

static bool is_young(uint64_t at_ms, uint64_t now_ms, uint64_t max_ms)
{
	return at_ms != 0 && at_ms <= now_ms && now_ms - at_ms <= max_ms;
}

static void end(struct rental *rental, const char *why)
{
	rental->phase = RENTAL_ENDING;
	(void)snprintf(rental->why, sizeof(rental->why), "%s", why);
}

void rental_begin(struct rental *rental, enum outcome outcome, const char *why,
	const struct moment *now)
{
	rental->until_ms =
		(int64_t)now->boot_ms + (int64_t)rental->terms.length_ms;
	switch (outcome) {
	case OUTCOME_CONFIRMED:
		rental->phase = RENTAL_OFFERED;
		break;
	case OUTCOME_REFUSED:
		rental->phase = RENTAL_ENDED;
		(void)snprintf(rental->why, sizeof(rental->why), "%s", why);
		break;
	case OUTCOME_UNKNOWN:
		end(rental, "nobody knows whether the car was opened");
		break;
	}
}

/* Somebody inside, or driving: a car does not leave P by itself. */
static bool is_taken_up(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state)
{
	const struct car_closures *closures = &state->closures;
	const struct car_drive *drive = &state->drive;

	if (closures->at_ms >= begun_ms(rental) &&
		is_young(closures->at_ms, now_ms, CAR_PARKED_MAX_AGE_MS) &&
		closures->user_present == CAR_YES)
		return true;

	return drive->at_ms >= begun_ms(rental) &&
	       is_young(drive->at_ms, now_ms, CAR_PARKED_MAX_AGE_MS) &&
	       (drive->gear > CAR_GEAR_P || drive->speed_mph > 0);
}

/* Seen when the time was up, not at some time before. */
static bool is_nobody_in(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state)
{
	uint64_t at_ms = state->closures.at_ms;

	return now_ms >= get_in_by_ms(rental) && at_ms != 0 &&
	       at_ms >= get_in_by_ms(rental);
}

/* The clock has been set: now it tells how long the machine was off. */
static bool settle(struct rental *rental, const struct moment *now)
{
	int64_t until_ms;

	if (rental->until_s == 0 || !now->wall_is_set)
		return false;

	until_ms =
		(int64_t)now->boot_ms + 1000 * (rental->until_s - now->wall_s);
	if (until_ms < rental->until_ms)
		rental->until_ms = until_ms;
	rental->until_s = 0;
	return true;
}

bool rental_see(struct rental *rental, const struct moment *now,
	const struct car_state *state)
{
	bool changed = settle(rental, now);
	bool is_over = (int64_t)now->boot_ms >= rental->until_ms;

	switch (rental->phase) {
	case RENTAL_OFFERED:
		if (is_taken_up(rental, now->boot_ms, state)) {
			rental->phase = RENTAL_OCCUPIED;
			rental->is_occupied = true;
		} else if (is_over) {
			end(rental, "its time is over");
		} else if (is_nobody_in(rental, now->boot_ms, state)) {
			end(rental, "nobody got in in time");
		} else {
			return changed;
		}
		return true;
	case RENTAL_OCCUPIED:
		if (!is_over)
			return changed;
		end(rental, "its time is over");
		return true;
	case RENTAL_ENDED:
	case RENTAL_TAKEN:
	case RENTAL_ENDING:
		break;
	}

	return changed;
}

static void wait_for(uint64_t at_ms, struct rental_task *ret)
{
	ret->type = RENTAL_WAIT;
	ret->at_ms = at_ms;
}

static void look_at(enum command_id id, bool may_wake, struct rental_task *ret)
{
	ret->type = RENTAL_READ;
	ret->read = id;
	ret->may_wake = may_wake;
}

/* A car that sleeps has nobody in it: it wakes when a door is opened. */
static void next_offered(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state, struct rental_task *ret)
{
	uint64_t seen_ms = state->closures.at_ms;
	uint64_t due_ms = seen_ms + RENTAL_OFFERED_MS;

	if (now_ms >= get_in_by_ms(rental))
		look_at(COMMAND_STATE_CLOSURES, true, ret);
	else if (seen_ms < begun_ms(rental) || now_ms >= due_ms)
		look_at(COMMAND_STATE_CLOSURES, false, ret);
	else
		wait_for(clock_earlier(due_ms, get_in_by_ms(rental)), ret);
}

/*
 * What is about to be done needs a proof of now: asked for when it was due, for
 * a car that stood there ten seconds ago may be driven off since.
 */
static bool is_proof(uint64_t at_ms, uint64_t since_ms, uint64_t now_ms)
{
	return at_ms >= since_ms && is_young(at_ms, now_ms, RENTAL_PROOF_MS);
}

/* Nobody is disturbed at the wheel: the warning waits until it stands. */
static void next_occupied(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state, struct rental_task *ret)
{
	const struct rental_terms *terms = &rental->terms;
	uint64_t until_ms = moment_of(rental->until_ms);
	uint64_t warn_ms =
		moment_of(rental->until_ms - (int64_t)terms->warn_before_ms);
	uint64_t at_ms = state->drive.at_ms;
	uint64_t due_ms = at_ms + RENTAL_OCCUPIED_MS;

	if (rental->is_warned || terms->warn.n_steps == 0)
		wait_for(until_ms, ret);
	else if (now_ms < warn_ms)
		wait_for(warn_ms, ret);
	else if (is_proof(at_ms, warn_ms, now_ms) &&
		 car_state_is_parked(state, now_ms))
		ret->type = RENTAL_WARN;
	else if (at_ms == 0 || at_ms < warn_ms || now_ms >= due_ms ||
		 car_state_is_parked(state, now_ms))
		look_at(COMMAND_STATE_DRIVE, false, ret);
	else
		wait_for(clock_earlier(due_ms, until_ms), ret);
}

/* Proven, each of it: what the car leaves out is not closed. */
static bool is_closed(const struct car_closures *closures)
{
	return closures->any_door_open == CAR_NO &&
	       closures->trunk_open == CAR_NO && closures->frunk_open == CAR_NO;
}

/* Seen since it was due, and not long enough ago to look again. */
static bool is_seen(uint64_t at_ms, uint64_t since_ms, uint64_t now_ms)
{
	return at_ms >= since_ms &&
	       is_young(at_ms, now_ms, RENTAL_ENDING_MS - 1);
}

/*
 * Whoever sits in a parked car with closed doors does not keep it from being
 * locked, for that keeps nobody in.
 *
 * That it is parked is asked last, and only that proof has to be as young: of
 * two answers from a slow car, the first would always be too old.
 */
static void next_ending(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state, struct rental_task *ret)
{
	uint64_t until_ms = moment_of(rental->until_ms);
	uint64_t since_ms = until_ms <= now_ms ? until_ms : 0;
	uint64_t drive_ms = state->drive.at_ms;
	uint64_t closures_ms = state->closures.at_ms;
	bool drive_is_seen = is_seen(drive_ms, since_ms, now_ms);
	bool closures_are_seen = is_seen(closures_ms, since_ms, now_ms);

	if (drive_is_seen && !car_state_is_parked(state, now_ms))
		wait_for(drive_ms + RENTAL_ENDING_MS, ret);
	else if (closures_are_seen && !is_closed(&state->closures))
		wait_for(closures_ms + RENTAL_ENDING_MS, ret);
	else if (!drive_is_seen)
		look_at(COMMAND_STATE_DRIVE, true, ret);
	else if (!closures_are_seen)
		look_at(COMMAND_STATE_CLOSURES, true, ret);
	else if (!is_proof(drive_ms, since_ms, now_ms))
		look_at(COMMAND_STATE_DRIVE, true, ret);
	else
		ret->type = RENTAL_END;
}

void rental_next(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state, struct rental_task *ret)
{
	*ret = (struct rental_task){ .type = RENTAL_WAIT,
		.at_ms = CLOCK_NEVER };
	switch (rental->phase) {
	case RENTAL_OFFERED:
		next_offered(rental, now_ms, state, ret);
		break;
	case RENTAL_OCCUPIED:
		next_occupied(rental, now_ms, state, ret);
		break;
	case RENTAL_ENDING:
		next_ending(rental, now_ms, state, ret);
		break;
	case RENTAL_ENDED:
	case RENTAL_TAKEN:
		break;
	}
}

const char *rental_waits_for(const struct rental *rental, uint64_t now_ms,
	const struct car_state *state)
{
	const struct car_closures *closures = &state->closures;

	if (rental->phase != RENTAL_ENDING)
		return "";
	/* Twice the time, so that it does not flicker while it is asked. */
	if (!is_young(state->drive.at_ms, now_ms, 2 * RENTAL_ENDING_MS))
		return "the car does not answer";
	if (state->drive.gear > CAR_GEAR_P || state->drive.speed_mph > 0)
		return "the car is being driven";
	if (state->drive.gear == CAR_GEAR_UNKNOWN)
		return "the car does not say that it is parked";
	if (!is_young(closures->at_ms, now_ms, 2 * RENTAL_ENDING_MS))
		return "the car does not answer";
	if (closures->any_door_open == CAR_YES)
		return "a door is open";
	if (closures->trunk_open == CAR_YES)
		return "the trunk is open";
	if (closures->frunk_open == CAR_YES)
		return "the frunk is open";
	if (!is_closed(closures))
		return "the car does not say that it is closed";

	return "";
}

void rental_print_until(const struct rental *rental, const struct moment *now,
	char ret[static RENTAL_UNTIL_SIZE])
{
	int64_t left_ms = rental_left_ms(rental, now);
	time_t wall = (time_t)(now->wall_s + left_ms / 1000);
	char left[DURATION_TEXT_SIZE];
	struct tm tm;

	if (left_ms <= 0) {
		(void)snprintf(ret, RENTAL_UNTIL_SIZE, "and overdue");
	} else if (now->wall_is_set && localtime_r(&wall, &tm) != NULL) {
		(void)snprintf(ret, RENTAL_UNTIL_SIZE, "until %02d:%02d",
			tm.tm_hour, tm.tm_min);
	} else {
		duration_print((uint64_t)left_ms, left);
		(void)snprintf(ret, RENTAL_UNTIL_SIZE, "for another %s", left);
	}
}

void rental_decline(const struct rental *rental, const struct moment *now,
	char why[static WHY_SIZE])
{
	char until[RENTAL_UNTIL_SIZE];

	rental_print_until(rental, now, until);
	switch (rental->phase) {
	case RENTAL_TAKEN:
		(void)snprintf(why, WHY_SIZE,
			"the car is being rented by somebody else");
		break;
	case RENTAL_OFFERED:
	case RENTAL_OCCUPIED:
		(void)snprintf(why, WHY_SIZE, "the car is rented %s", until);
		break;
	case RENTAL_ENDING:
		(void)snprintf(why, WHY_SIZE,
			"the car is rented; it is about to be closed");
		break;
	case RENTAL_ENDED:
		*why = '\0';
		break;
	}
}

bool rental_may_extend(const struct rental *rental, const char *action,
	const struct moment *now, char why[static WHY_SIZE])
{
	if (rental->is_occupied && strcmp(rental->action, action) == 0)
		return true;

	rental_decline(rental, now, why);
	return false;
}

/* Earlier minutes past the end are not paid by later ones: they are recorded */
void rental_extend(
	struct rental *rental, uint64_t by_ms, const struct moment *now)
{
	int64_t length_ms = (int64_t)by_ms;
	int64_t now_ms = (int64_t)now->boot_ms;

	(void)settle(rental, now);
	if (rental->until_s != 0)
		rental->until_s += length_ms / 1000;
	if (rental->until_ms < now_ms) {
		rental->overtime_ms += (uint64_t)(now_ms - rental->until_ms);
		rental->until_ms = now_ms;
		rental->until_s = 0;
	}
	rental->until_ms += length_ms;
	rental->n_extended++;
	rental->is_warned = false;
	rental->phase = RENTAL_OCCUPIED;
	rental->why[0] = '\0';
}

void rental_stop(struct rental *rental, const char *why)
{
	rental->is_occupied = false;
	end(rental, why);
}

bool rental_warned(struct rental *rental, const struct moment *now)
{
	if (rental_left_ms(rental, now) > (int64_t)rental->terms.warn_before_ms)
		return false;

	rental->is_warned = true;
	return true;
}

void rental_close(struct rental *rental, const struct moment *now)
{
	rental->overtime_ms = rental_overtime_ms(rental, now);
	rental->phase = RENTAL_ENDED;
}

int64_t rental_left_ms(const struct rental *rental, const struct moment *now)
{
	return rental->until_ms - (int64_t)now->boot_ms;
}

uint64_t rental_overtime_ms(
	const struct rental *rental, const struct moment *now)
{
	int64_t left_ms = rental_left_ms(rental, now);

	if (rental->phase != RENTAL_ENDING || left_ms >= 0)
		return rental->overtime_ms;

	return rental->overtime_ms + (uint64_t)-left_ms;
}

void rental_place(struct rental *rental, const struct rental_mark *mark,
	const struct moment *now)
{
	int64_t now_ms = (int64_t)now->boot_ms;

	rental->until_s = 0;
	if (mark->is_same_boot) {
		rental->until_ms = mark->until_ms;
		return;
	}

	rental->until_ms = now_ms + mark->left_ms;
	rental->until_s = mark->until_s;
	(void)settle(rental, now);
}
