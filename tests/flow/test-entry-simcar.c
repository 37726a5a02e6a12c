/* SPDX-License-Identifier: MIT */

/*
 * Driving away, in both kinds of car: by a command, and as a phone key does.
 * What the bridge believes is compared with what the simulated car lets happen.
 */

#include "car-world.h"

#define LONG_MS (10 * 60 * 1000)

static void arm(struct flow *f)
{
	car_set_passive_entry(f->car, clock_boottime_ms() + LONG_MS);
	cr_assert_neq(car_passive_entry(f->car), 0);
}

/* Runs until the car has taken another answer. */
static void await_taken(struct flow *f)
{
	unsigned int before = f->n_taken;

	while (f->n_taken == before)
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
}

static void await_link(struct flow *f, bool is_up)
{
	while (car_is_connected(f->car) != is_up)
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
}

/* Tries to drive off, and to park again. */
static bool can_drive(struct flow *f)
{
	unsigned int before = times(f, "\"refused\":\"shift D\"");
	bool can;

	tell(f, "shift D");
	tell(f, "help");
	can = times(f, "\"refused\":\"shift D\"") == before;
	tell(f, "shift P");
	return can;
}

static void pull_handle_and_drive(struct flow *f)
{
	tell(f, "handle");
	await_taken(f);
	cr_assert_eq(f->level, KEY_LEVEL_UNLOCK);
	tell(f, "brake on");
	await_taken(f);
	cr_assert_eq(f->level, KEY_LEVEL_DRIVE);
	cr_assert(can_drive(f));
	tell(f, "brake off");
}

TEST(drive, by_a_command_where_the_car_takes_it)
{
	struct flow f;

	setup(&f, "--drive accept");
	tell(&f, "brake on");
	cr_assert_not(can_drive(&f));
	expect_confirmed(&f, "drive");
	cr_assert(can_drive(&f));
	teardown(&f);
}

TEST(drive, is_refused_in_plain_words_by_the_other_kind)
{
	struct flow f;

	setup(&f, "--drive refuse");
	tell(&f, "brake on");
	plan(&f, "drive");
	add_steps(&f.steps, "unlock");
	add_steps(&f.undo, "lock");
	expect(&f, OUTCOME_REFUSED,
		"this car starts no drive by a command over Bluetooth");
	/* Nothing stays open, and no other key would help. */
	cr_assert_eq(did(&f, "unlock"), 0);
	cr_assert_not(can_drive(&f));
	cr_assert_eq(car_state(f.car)->drive.gear, CAR_GEAR_P);
	teardown(&f);
}

/* The car says to the repetition that it is on already, and means yes. */
TEST(drive, whose_answer_was_lost_is_asked_for_again)
{
	struct flow f;

	setup(&f, "--fault lost-answer@drive");
	expect_confirmed(&f, "drive");
	cr_assert_eq(did(&f, "drive"), 1);
	teardown(&f);
}

TEST(entry, armed_lets_whoever_is_there_in_and_drive)
{
	struct flow f;

	setup(&f, "--drive refuse");
	arm(&f);
	await_link(&f, true);
	pull_handle_and_drive(&f);
	cr_assert_eq(f.n_not_taken, 0);
	/* Nobody woke the car for it. */
	cr_assert_eq(did(&f, "wake"), 0);
	teardown(&f);
}

TEST(entry, unarmed_is_no_key)
{
	struct flow f;

	setup(&f, "--drive refuse");
	look(&f);
	tell(&f, "handle");
	tell(&f, "brake on");
	/* While the car asks and asks, all else goes on. */
	expect_confirmed(&f, "honk");
	expect_confirmed(&f, "lock");
	cr_assert_not(can_drive(&f));
	cr_assert_eq(did(&f, "authenticate"), 0);
	cr_assert_eq(f.n_taken + f.n_not_taken, 0);
	teardown(&f);
}

TEST(entry, is_over_when_it_is_over)
{
	struct flow f;

	setup(&f, "--drive refuse");
	arm(&f);
	await_link(&f, true);
	tell(&f, "handle");
	await_taken(&f);
	car_set_passive_entry(f.car, 0);
	tell(&f, "brake on");
	expect_confirmed(&f, "honk");
	cr_assert_not(can_drive(&f));
	cr_assert_eq(did(&f, "authenticate"), 1);

	/* By itself, too. */
	car_set_passive_entry(f.car, clock_boottime_ms() + 1);
	while (car_passive_entry(f.car) != 0)
		cr_assert_geq(sd_event_run(f.event, UINT64_MAX), 0);
	tell(&f, "brake off");
	tell(&f, "brake on");
	expect_confirmed(&f, "honk");
	cr_assert_not(can_drive(&f));
	cr_assert_eq(did(&f, "authenticate"), 1);
	teardown(&f);
}

TEST(entry, survives_lost_links_and_a_car_that_is_rebooted)
{
	struct flow f;

	setup(&f, "--drive refuse");
	arm(&f);
	await_link(&f, true);
	tell(&f, "drop-link");
	await_link(&f, false);
	await_link(&f, true);
	pull_handle_and_drive(&f);

	tell(&f, "reboot");
	await_link(&f, true);
	tell(&f, "lock");
	pull_handle_and_drive(&f);
	cr_assert_eq(times(&f, "\"fault\":5"), 0);
	cr_assert_eq(times(&f, "\"fault\":6"), 0);
	teardown(&f);
}

TEST(entry, goes_beside_commands_in_one_order)
{
	static const char *const steps[] = { "lock", "honk", "unlock", "lock" };
	struct flow f;

	setup(&f, "--drive refuse");
	arm(&f);
	await_link(&f, true);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		tell(&f, "brake on");
		tell(&f, "handle");
		expect_confirmed(&f, steps[i]);
		tell(&f, "brake off");
	}
	cr_assert_gt(f.n_taken, 0);
	/* No counter was too late, so nothing was signed twice. */
	cr_assert_eq(times(&f, "\"fault\":"), 0, "%s", f.said);
	teardown(&f);
}

TEST(entry, ends_before_the_car_locks_all_keys_out)
{
	struct flow f;

	setup(&f, "--drive refuse --fault fault-5@authenticate:9");
	arm(&f);
	await_link(&f, true);
	tell(&f, "brake on");
	while (car_passive_entry(f.car) != 0)
		cr_assert_geq(sd_event_run(f.event, UINT64_MAX), 0);
	tell(&f, "help");
	cr_assert_eq(times(&f, "\"fault\":5"), VEHICLE_LOCKOUT_FAILURES);
	/* Nor can it be begun. */
	car_set_passive_entry(f.car, clock_boottime_ms() + LONG_MS);
	cr_assert_eq(car_passive_entry(f.car), 0);
	cr_assert_not(can_drive(&f));
	teardown(&f);
}
