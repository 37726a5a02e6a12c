/* SPDX-License-Identifier: MIT */

/* Passive entry: how the link is held for it, and what the owner is told. */

#include "car-world.h"

#define LONG_MS (10 * 60 * 1000)

static void arm(struct fixture *f, uint64_t ms)
{
	f->inside = true;
	car_set_passive_entry(f->car, fake_clock.now_ms + ms);
	f->inside = false;
	settle(f);
}

static void disarm(struct fixture *f)
{
	f->inside = true;
	car_set_passive_entry(f->car, 0);
	f->inside = false;
	settle(f);
}

/* The car answers who asks only to keep the link. */
static void keep(struct fixture *f, enum car_sleep sleep)
{
	cr_assert_eq(f->vehicle->command.id, COMMAND_BODY_CONTROLLER_STATE);
	f->vehicle->state.body.at_ms = fake_clock.now_ms;
	f->vehicle->state.body.sleep = sleep;
	link_is(f, LINK_SENT);
	confirm(f);
}

TEST(entry, holds_the_link_until_its_end)
{
	struct fixture f;

	setup(&f, "flash-lights");
	settle(&f);
	cr_assert_eq(f.link->n_opened, 0);
	cr_assert_eq(car_passive_entry(f.car), 0);
	arm(&f, LONG_MS);
	cr_assert_eq(car_passive_entry(f.car), fake_clock.now_ms + LONG_MS);
	cr_assert_eq(f.n_changed, 1);
	cr_assert_eq(f.link->n_opened, 1);
	link_is(&f, LINK_UP);
	f.n_changed = 0;
	for (int i = 0; i < LONG_MS / CAR_KEEP_MS - 1; i++) {
		advance(&f, CAR_KEEP_MS);
		/* Sleeping or not: a handle may be pulled. */
		keep(&f, i % 2 == 0 ? CAR_SLEEP_ASLEEP : CAR_SLEEP_AWAKE);
	}
	cr_assert_eq(f.link->n_closed, 0);
	cr_assert_eq(f.n_changed, 0);

	advance(&f, CAR_KEEP_MS - 1);
	cr_assert_neq(car_passive_entry(f.car), 0);
	advance(&f, 1);
	cr_assert_eq(car_passive_entry(f.car), 0);
	cr_assert_eq(f.n_changed, 1);
	/* As after work. */
	advance(&f, CAR_LINK_IDLE_MS - 1);
	cr_assert_eq(f.link->n_closed, 0);
	advance(&f, 1);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert(nothing_ticks());
	teardown(&f);
}

TEST(entry, takes_up_a_link_that_was_lost)
{
	struct fixture f;

	setup(&f, "flash-lights");
	arm(&f, LONG_MS);
	for (unsigned int i = 1; i < 5; i++) {
		cr_assert_eq(f.link->n_opened, i);
		link_is(&f, LINK_UP);
		tell(&f, &(struct link_event){ .type = LINK_BYTES });
		link_falls(&f, LINK_CLOSED_BY_CAR, true);
		advance(&f, CAR_BACKOFF_MIN_MS);
	}
	cr_assert_neq(car_passive_entry(f.car), 0);
	teardown(&f);
}

TEST(entry, called_off_in_an_attempt_ends_that)
{
	struct fixture f;

	setup(&f, "flash-lights");
	arm(&f, LONG_MS);
	disarm(&f);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_eq(f.n_changed, 2);
	cr_assert(nothing_ticks());

	/* Unless there is work. */
	arm(&f, LONG_MS);
	begin(&f);
	disarm(&f);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_eq(f.link->n_opened, 2);
	teardown(&f);
}

TEST(entry, leaves_the_link_as_it_is_configured)
{
	static const enum link_hold modes[] = { LINK_HOLD_WHILE_AWAKE,
		LINK_HOLD_ALWAYS };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct fixture f;

		setup_held(&f, modes[i]);
		link_is(&f, LINK_UP);
		arm(&f, LONG_MS);
		/* A question for the status may be under way already. */
		if (f.vehicle->is_busy)
			keep(&f, CAR_SLEEP_ASLEEP);
		advance(&f, CAR_KEEP_MS);
		keep(&f, CAR_SLEEP_ASLEEP);
		cr_assert_eq(f.link->n_closed, 0);
		disarm(&f);
		if (f.vehicle->is_busy)
			keep(&f, CAR_SLEEP_ASLEEP);
		cr_assert_eq(f.link->n_closed,
			modes[i] == LINK_HOLD_WHILE_AWAKE ? 1 : 0);
		teardown(&f);
	}
}

TEST(entry, lets_orders_through)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	arm(&f, LONG_MS);
	begin(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_FLASH_LIGHTS);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	advance(&f, CAR_LINK_IDLE_MS);
	cr_assert_eq(f.link->n_closed, 0);
	teardown(&f);
}

TEST(entry, owner_is_told_from_the_loop)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	arm(&f, LONG_MS);
	fake_authenticated(f.vehicle, KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);
	/* Which finds it, but is not where the owner expects it. */
	begin(&f);
	cr_assert_eq(f.n_authenticated, 0);
	settle(&f);
	cr_assert_eq(f.n_authenticated, 1);
	cr_assert_eq(f.level, KEY_LEVEL_DRIVE);
	cr_assert_eq(f.answered, OUTCOME_CONFIRMED);
	settle(&f);
	cr_assert_eq(f.n_authenticated, 1);
	teardown(&f);
}

TEST(entry, lockout_gives_the_link_back)
{
	struct fixture f;

	setup(&f, "flash-lights");
	arm(&f, LONG_MS);
	link_is(&f, LINK_UP);
	f.n_changed = 0;
	f.vehicle->passive_until_ms = 0;
	fake_event(f.vehicle, VEHICLE_EVENT_LOCKOUT);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	cr_assert_geq(f.n_changed, 1);
	advance(&f, CAR_LINK_IDLE_MS);
	cr_assert_eq(f.link->n_closed, 1);
	teardown(&f);
}

TEST(entry, link_that_is_lent_is_let_alone)
{
	struct fixture f;

	setup(&f, "flash-lights");
	arm(&f, LONG_MS);
	link_is(&f, LINK_UP);
	cr_assert_eq(car_lend(f.car), 0);
	advance(&f, CAR_KEEP_MS);
	cr_assert_eq(f.link->n_opened, 1);
	cr_assert_eq(f.link->n_sent, 0);
	car_take_back(f.car);
	settle(&f);
	cr_assert_eq(f.link->n_opened, 2);
	teardown(&f);
}
