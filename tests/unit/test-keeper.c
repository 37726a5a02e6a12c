/* SPDX-License-Identifier: MIT */

#include "daemon/keeper.h"

#include <stdio.h>
#include <string.h>

#include "car/car.h"
#include "daemon/runner.h"
#include "orders/orders_rental.h"
#include "test.h"
#include "util/clock.h"

/* What the keeper asks of the others, and what they say. */
static struct {
	char told[1024];
	struct rental rental;
	bool is_busy;
	struct car_state state;
	int read_result, run_result, see_result;
	enum command_id read;
	uint64_t passive_until_ms;
} fake;

static sd_event *event;
static struct keeper *keeper;
static struct problem ledger = { "the ledger", 3, "" };

static void tell(const char *word)
{
	size_t len = strlen(fake.told);

	(void)snprintf(fake.told + len, sizeof(fake.told) - len, "%s%s",
		len == 0 ? "" : " ", word);
}

static uint64_t fake_now_ms;

uint64_t clock_boottime_ms(void)
{
	return fake_now_ms;
}

int64_t clock_wall_s(void)
{
	return 0;
}

bool clock_wall_is_set(void)
{
	return false;
}

const struct rental *orders_rental(const struct orders *orders)
{
	(void)orders;
	return fake.rental.phase == RENTAL_ENDED ? NULL : &fake.rental;
}

bool orders_rental_is_busy(const struct orders *orders)
{
	(void)orders;
	return fake.is_busy;
}

int orders_rental_see(struct orders *orders, const struct moment *now,
	const struct car_state *state)
{
	(void)orders;
	(void)rental_see(&fake.rental, now, state);
	return fake.see_result;
}

int orders_rental_run(struct orders *orders, enum rental_task_type task,
	const struct moment *now)
{
	(void)orders;
	(void)now;
	tell(task == RENTAL_END ? "end" : "warn");
	fake.is_busy = fake.run_result == 0;
	return fake.run_result;
}

void runner_wake(struct runner *runner)
{
	(void)runner;
	tell("wake");
}

int runner_read(struct runner *runner, enum command_id id, bool may_wake)
{
	char word[64];

	(void)runner;
	(void)snprintf(word, sizeof(word), "%s%s",
		command_info(id)->name + strlen("state-"),
		may_wake ? "+wake" : "");
	tell(word);
	fake.read = id;
	return fake.read_result;
}

void runner_set_passive_entry(struct runner *runner, uint64_t until_ms)
{
	(void)runner;
	fake.passive_until_ms = until_ms;
}

const struct car *runner_car(const struct runner *runner)
{
	(void)runner;
	return NULL;
}

const struct car_state *car_state(const struct car *car)
{
	(void)car;
	return &fake.state;
}

/* The timer of the keeper, moved by hand. */
static struct {
	uint64_t due_us;
	bool is_on;
} timer;

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __real_sd_event_source_set_time(sd_event_source *source, uint64_t usec);

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	timer.due_us = usec;
	timer.is_on = true;
	return __real_sd_event_source_set_time(
		source, usec <= fake_now_ms * 1000 ? 0 : UINT64_MAX);
}

/* Runs what is due. */
static void turn(void)
{
	for (int i = 0; i < 20; i++)
		(void)sd_event_run(event, 0);
}

/* Goes on by @ms, and lets what is due be done; returns what was. */
static const char *after(uint64_t ms)
{
	static char told[sizeof(fake.told)];

	fake_now_ms += ms;
	if (timer.is_on && timer.due_us <= fake_now_ms * 1000)
		keeper_check(keeper);
	turn();
	(void)strcpy(told, fake.told);
	fake.told[0] = '\0';
	return told;
}

static void answer(enum car_read_result result)
{
	const struct car_reading reading = {
		.id = fake.read, .result = result, .why = ""
	};

	if (result == CAR_READ_DONE && fake.read == COMMAND_STATE_DRIVE) {
		fake.state.drive.at_ms = fake_now_ms;
		fake.state.drive.gear = CAR_GEAR_P;
	} else if (result == CAR_READ_DONE) {
		fake.state.closures = (struct car_closures){
			.at_ms = fake_now_ms,
			.user_present = CAR_NO,
			.any_door_open = CAR_NO,
			.trunk_open = CAR_NO,
			.frunk_open = CAR_NO,
		};
	}
	keeper_on_read(keeper, &reading);
}

static void ended(const char *action, enum ledger_state state)
{
	struct ledger_row row = { .state = state };

	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	fake.is_busy = false;
	keeper_on_order(keeper, &row);
}

static void enter(enum rental_phase phase)
{
	char why[WHY_SIZE];

	memset(&fake, 0, sizeof(fake));
	fake_now_ms = 1000 * 1000;
	car_state_init(&fake.state);
	fake.rental.phase = phase;
	fake.rental.order_id = 1;
	fake.rental.terms.length_ms = 30 * 60 * 1000;
	fake.rental.terms.get_in_ms = 2 * 60 * 1000;
	fake.rental.terms.warn_before_ms = 5 * 60 * 1000;
	fake.rental.terms.passive_entry = true;
	cr_assert_eq(program_append(&fake.rental.terms.end, "lock", why), 0);
	cr_assert_eq(program_append(&fake.rental.terms.warn, "honk", why), 0);
	fake.rental.until_ms = (int64_t)fake_now_ms + 30 * 60 * 1000;
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(keeper_new(event,
			     &(const struct keeper_config){ .ledger = &ledger },
			     &keeper),
		0);
}

static void leave(void)
{
	(void)keeper_free(keeper);
	(void)sd_event_unref(event);
}

TEST(keeper, without_a_rental_nothing_is_asked_ever)
{
	enter(RENTAL_ENDED);
	cr_expect_str_eq(after(0), "");
	cr_expect_str_eq(after(3600 * 1000), "");
	cr_expect_eq(fake.passive_until_ms, 0);
	leave();
}

TEST(keeper, offered_car_is_looked_at_now_and_then)
{
	enter(RENTAL_OFFERED);
	cr_expect_str_eq(after(0), "closures");
	/* One read at a time. */
	cr_expect_str_eq(after(1000), "");
	answer(CAR_READ_DONE);
	cr_expect_str_eq(after(9999), "");
	cr_expect_str_eq(after(1), "closures");
	answer(CAR_READ_ASLEEP);
	cr_expect_str_eq(after(9999), "");
	cr_expect_str_eq(after(1), "closures");
	leave();
}

TEST(keeper, silent_car_is_asked_later_and_later)
{
	static const uint64_t waits[] = { 10, 20, 40, 60, 60 };

	enter(RENTAL_OFFERED);
	cr_expect_str_eq(after(0), "closures");
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		bool may_wake;

		answer(CAR_READ_FAILED);
		cr_expect_str_eq(after(1000 * waits[i] - 1), "", "%zu", i);
		may_wake = fake_now_ms + 1 >= 1000 * 1000 + 2 * 60 * 1000;
		cr_expect_str_eq(after(1),
			may_wake ? "closures+wake" : "closures", "%zu", i);
	}
	leave();
}

TEST(keeper, busy_car_is_asked_soon_again)
{
	enter(RENTAL_OFFERED);
	fake.read_result = CAR_E_BUSY;
	cr_expect_str_eq(after(0), "closures");
	cr_expect_str_eq(after(999), "");
	fake.read_result = 0;
	cr_expect_str_eq(after(1), "closures");
	answer(CAR_READ_DISPLACED);
	cr_expect_str_eq(after(999), "");
	cr_expect_str_eq(after(1), "closures");
	/* What others read is not ours. */
	keeper_on_read(keeper,
		&(const struct car_reading){ .id = COMMAND_STATE_MEDIA });
	cr_expect_str_eq(after(0), "");
	leave();
}

TEST(keeper, end_follows_two_proofs_and_is_tried_until_it_is_done)
{
	enter(RENTAL_ENDING);
	for (int i = 0; i < 8; i++) {
		const uint64_t waits[] = { 10, 20, 40, 80, 160, 300, 300, 300 };

		cr_expect_str_eq(after(0), "drive+wake", "%d", i);
		answer(CAR_READ_DONE);
		cr_expect_str_eq(after(0), "closures+wake");
		answer(CAR_READ_DONE);
		cr_expect_str_eq(after(0), "end wake");
		/* Nothing while it waits or runs. */
		cr_expect_str_eq(after(1000), "");
		ended(ORDERS_RENTAL_END, LEDGER_REFUSED);
		cr_expect_str_eq(after(1000 * waits[i] - 1), "", "%d", i);
		fake_now_ms++;
	}
	cr_expect_eq(fake.passive_until_ms, 0);
	fake.rental.phase = RENTAL_ENDED;
	ended(ORDERS_RENTAL_END, LEDGER_CONFIRMED);
	cr_expect_str_eq(after(0), "");
	leave();
}

TEST(keeper, parked_car_is_warned_once)
{
	enter(RENTAL_OCCUPIED);
	cr_expect_str_eq(after(0), "");
	cr_expect_eq(fake.passive_until_ms, (uint64_t)fake.rental.until_ms);
	cr_expect_str_eq(after(25 * 60 * 1000), "drive");
	answer(CAR_READ_DONE);
	cr_expect_str_eq(after(0), "warn wake");
	fake.rental.is_warned = true;
	ended(ORDERS_RENTAL_WARN, LEDGER_CONFIRMED);
	cr_expect_str_eq(after(4 * 60 * 1000), "");
	cr_expect_str_eq(after(60 * 1000), "drive+wake");
	cr_expect_eq(fake.rental.phase, RENTAL_ENDING);
	cr_expect_eq(fake.passive_until_ms, 0);
	leave();
}

TEST(keeper, passive_entry_is_for_rentals_that_say_so)
{
	enter(RENTAL_OCCUPIED);
	fake.rental.terms.passive_entry = false;
	(void)after(0);
	cr_expect_eq(fake.passive_until_ms, 0);
	fake.rental.terms.passive_entry = true;
	keeper_check(keeper);
	(void)after(0);
	cr_expect_eq(fake.passive_until_ms, (uint64_t)fake.rental.until_ms);
	/* Whatever ended it. */
	fake.rental.phase = RENTAL_ENDED;
	keeper_check(keeper);
	(void)after(0);
	cr_expect_eq(fake.passive_until_ms, 0);
	fake.passive_until_ms = 1;
	/* Not while it may be refused yet. */
	fake.rental.phase = RENTAL_TAKEN;
	keeper_check(keeper);
	(void)after(0);
	cr_expect_eq(fake.passive_until_ms, 0);
	leave();
}

TEST(keeper, asks_nothing_beside_an_order_of_its_own)
{
	enter(RENTAL_ENDING);
	fake.is_busy = true;
	cr_expect_str_eq(after(0), "");
	leave();
}

TEST(keeper, full_disk_does_not_keep_it_from_going_on)
{
	enter(RENTAL_ENDING);
	fake.see_result = LEDGER_E_FULL;
	cr_expect_str_eq(after(0), "drive+wake");
	answer(CAR_READ_DONE);
	cr_expect_str_eq(after(0), "closures+wake");
	answer(CAR_READ_DONE);
	fake.run_result = LEDGER_E_FULL;
	cr_expect_str_eq(after(0), "end");
	fake.see_result = fake.run_result = 0;
	cr_expect_str_eq(after(9999), "");
	cr_expect_str_eq(after(1), "drive+wake");
	leave();
}
