/* SPDX-License-Identifier: MIT */

#include <string.h>
#include <time.h>

#include "orders/rules.h"
#include "test.h"

#define MINUTE_MS UINT64_C(60000)

/* 2026-11-22 12:00:00 UTC */
static const struct moment noon = {
	.boot_ms = 1000000, .wall_s = 1795348800, .wall_is_set = true
};

static bool is_fresh(uint64_t max_age_ms, int64_t paid_at_s, bool wall_is_set)
{
	struct payment payment = { .max_age_ms = max_age_ms,
		.paid_at_s = paid_at_s };
	struct moment now = noon;
	char why[WHY_SIZE] = "";
	uint64_t until_ms = 0;
	bool fresh;

	now.wall_is_set = wall_is_set;
	fresh = rules_fresh_until(&payment, MINUTE_MS, &now, &until_ms, why);
	cr_expect_eq(fresh, *why == '\0', "%s", why);
	cr_expect_eq(fresh, until_ms > now.boot_ms);
	return fresh;
}

TEST(rules, what_came_on_a_waiting_call_is_fresh)
{
	cr_expect(is_fresh(0, 0, false));
	cr_expect(is_fresh(59999, 0, false));
	cr_expect_not(is_fresh(60000, 0, false));
	/* Proof beats the node's clock. */
	cr_expect(is_fresh(0, 1, true));
}

TEST(rules, what_was_paid_lately_is_fresh_by_a_set_clock)
{
	cr_expect(is_fresh(UINT64_MAX, noon.wall_s, true));
	cr_expect(is_fresh(UINT64_MAX, noon.wall_s - 59, true));
	cr_expect_not(is_fresh(UINT64_MAX, noon.wall_s - 60, true));
	cr_expect_not(is_fresh(UINT64_MAX, noon.wall_s, false));
	cr_expect_not(is_fresh(UINT64_MAX, 0, true));
	cr_expect(is_fresh(UINT64_MAX, noon.wall_s + RULES_AHEAD_MAX_S, true));
	cr_expect_not(is_fresh(
		UINT64_MAX, noon.wall_s + RULES_AHEAD_MAX_S + 1, true));
	cr_expect_not(is_fresh(UINT64_MAX, -1, true));
}

/* How long @payment stays fresh, 0 if it is not. */
static uint64_t fresh_for(uint64_t max_age_ms, int64_t paid_at_s)
{
	struct payment payment = { .max_age_ms = max_age_ms,
		.paid_at_s = paid_at_s };
	uint64_t until_ms = noon.boot_ms;
	char why[WHY_SIZE] = "";

	(void)rules_fresh_until(&payment, MINUTE_MS, &noon, &until_ms, why);
	return until_ms - noon.boot_ms;
}

TEST(rules, freshness_ends_at_a_moment)
{
	struct payment payment = { .max_age_ms = UINT64_MAX,
		.paid_at_s = noon.wall_s - 90 };
	char why[WHY_SIZE];
	uint64_t until_ms;

	cr_expect_eq(
		fresh_for(UINT64_MAX, noon.wall_s - 20), MINUTE_MS - 20000);
	cr_assert_not(
		rules_fresh_until(&payment, MINUTE_MS, &noon, &until_ms, why));
	cr_expect_str_eq(
		why, "it was paid 90 s ago, and no longer counts after 60 s");
}

TEST(rules, the_wait_of_a_call_is_not_taken_from_the_payer)
{
	/* The call had waited for 50 s when it was paid. */
	cr_expect_eq(fresh_for(50000, 0), MINUTE_MS);
	/* It was stuck for 30 s on its way, and the clocks tell. */
	cr_expect_eq(fresh_for(50000, noon.wall_s - 30), MINUTE_MS - 30000);
	/* Clocks that contradict the proof are wrong. */
	cr_expect_eq(fresh_for(50000, noon.wall_s - 51), MINUTE_MS);
	cr_expect_eq(fresh_for(50000, noon.wall_s + 3600), MINUTE_MS);
	/* A machine that slept in the middle of a call proves nothing. */
	cr_expect_eq(fresh_for(90000, 0), 0);
	cr_expect_eq(fresh_for(90000, noon.wall_s - 1), MINUTE_MS - 1000);
}

static bool is_open(unsigned int from, unsigned int to, int hour, int minute,
	bool wall_is_set)
{
	struct menu_action action = { .name = "honk",
		.open_from_min = (uint16_t)from,
		.open_to_min = (uint16_t)to };
	struct moment now = noon;
	char why[WHY_SIZE] = "";
	bool open;

	now.wall_s += 60 * (60 * (hour - 12) + minute);
	now.wall_is_set = wall_is_set;
	open = rules_is_open(&action, &now, why);
	cr_expect_eq(open, *why == '\0');
	return open;
}

TEST(rules, hours_are_local_and_may_cross_midnight)
{
	cr_assert_eq(setenv("TZ", "UTC0", 1), 0);
	tzset();
	cr_expect(is_open(480, 1200, 8, 0, true));
	cr_expect(is_open(480, 1200, 19, 59, true));
	cr_expect_not(is_open(480, 1200, 20, 0, true));
	cr_expect_not(is_open(480, 1200, 7, 59, true));
	cr_expect(is_open(1200, 120, 23, 0, true));
	cr_expect(is_open(1200, 120, 1, 59, true));
	cr_expect_not(is_open(1200, 120, 2, 0, true));
	cr_expect_not(is_open(1200, 120, 12, 0, true));
	cr_expect(is_open(1200, 0, 23, 59, true));
	cr_expect_not(is_open(1200, 0, 0, 0, true));

	cr_assert_eq(setenv("TZ", "JST-9", 1), 0);
	tzset();
	cr_expect(is_open(480, 1200, 23, 0, true));
	cr_expect_not(is_open(480, 1200, 12, 0, true));
}

TEST(rules, hours_are_closed_until_the_clock_is_set)
{
	cr_expect_not(is_open(1, 0, 12, 0, false));
	cr_expect(is_open(0, 0, 12, 0, false));
}

TEST(rules, refusals_are_sentences)
{
	struct menu_action action = { .name = "honk",
		.open_from_min = 480,
		.open_to_min = 1200,
		.per_hour = 3 };
	const struct conditions parked = CONDITIONS_OF(CONDITION_PARKED);
	struct moment now = noon;
	struct car_state state;
	char why[WHY_SIZE];

	cr_assert_eq(setenv("TZ", "UTC0", 1), 0);
	tzset();
	now.wall_s += 9 * 3600;
	cr_expect_not(rules_is_open(&action, &now, why));
	cr_expect_str_eq(why, "honk is open from 08:00 to 20:00 only");
	cr_expect_not(rules_has_room(&action, RULES_PER_HOUR, 10, why));
	cr_expect_str_eq(why, "honk is done at most 3 times an hour");
	car_state_init(&state);
	cr_expect_not(rules_are_met(&parked, &state, &now, why));
	cr_expect_str_eq(why, "the car does not say that it is parked");
	cr_expect(rules_may_be_met(&parked, &state, &now, why));
	state.drive.at_ms = now.boot_ms;
	state.drive.gear = CAR_GEAR_D;
	cr_expect_not(rules_may_be_met(&parked, &state, &now, why));
	cr_expect_str_eq(why, "the car is not parked");
	state.drive.at_ms = now.boot_ms - RULES_KNOWN_MS;
	cr_expect_not(rules_may_be_met(&parked, &state, &now, why));
	state.drive.at_ms--;
	cr_expect(rules_may_be_met(&parked, &state, &now, why));
	cr_expect_not(rules_are_met(&parked, &state, &now, why));
	state.drive.gear = CAR_GEAR_P;
	cr_expect(rules_are_met(&parked, &state, &now, why));
}

TEST(rules, cooldown_and_per_hour_count_back)
{
	struct menu_action action = { .cooldown_ms = 10000, .per_hour = 1 };
	char why[WHY_SIZE];

	cr_expect_eq(rules_start_at(&action, UINT64_MAX, &noon), noon.boot_ms);
	cr_expect_eq(rules_start_at(&action, 10000, &noon), noon.boot_ms);
	cr_expect_eq(rules_start_at(&action, 4000, &noon), noon.boot_ms + 6000);
	cr_expect(rules_has_room(&action, RULES_PER_HOUR, UINT64_MAX, why));
	cr_expect(rules_has_room(&action, RULES_PER_HOUR, RULES_HOUR_MS, why));
	cr_expect_not(rules_has_room(
		&action, RULES_PER_HOUR, RULES_HOUR_MS - 1, why));
	action.per_hour = 0;
	cr_expect(rules_has_room(&action, RULES_PER_HOUR, 0, why));
}

TEST(rules, after_a_broken_ledger_a_week_is_unknown)
{
	const struct ledger_break never = { .happened = false };
	struct ledger_break broken = { .happened = true,
		.at_s = noon.wall_s - 100,
		.at_ms = noon.boot_ms - 100000 };
	struct payment payment = { .max_age_ms = UINT64_MAX };

	cr_expect_not(rules_may_be_done(&never, &payment, &noon));
	/* Nobody knows when it was paid. */
	cr_expect(rules_may_be_done(&broken, &payment, &noon));
	payment.paid_at_s = broken.at_s - 1;
	cr_expect(rules_may_be_done(&broken, &payment, &noon));
	payment.paid_at_s = broken.at_s - LEDGER_BROKEN_S - 1;
	cr_expect_not(rules_may_be_done(&broken, &payment, &noon));
	payment.paid_at_s = broken.at_s + RULES_AHEAD_MAX_S + 1;
	cr_expect_not(rules_may_be_done(&broken, &payment, &noon));
	/* The clock was not set, and never has been since. */
	broken.at_s = 0;
	cr_expect(rules_may_be_done(&broken, &payment, &noon));
	/* It came while we waited, after the break; or before it. */
	payment.max_age_ms = 100000;
	cr_expect_not(rules_may_be_done(&broken, &payment, &noon));
	payment.max_age_ms = 100001;
	cr_expect(rules_may_be_done(&broken, &payment, &noon));
}
