/* SPDX-License-Identifier: MIT */

/* What a read of the car's state does, and to whom it makes way. */

#include "car/car.h"

#include "car-world.h"
#include "faults.h"

/* The status is asked for; the car is found to sleep like that. */
static void sleep_is(struct fixture *f, enum car_sleep sleep)
{
	cr_assert_eq(f->vehicle->command.id, COMMAND_BODY_CONTROLLER_STATE);
	link_is(f, LINK_SENT);
	f->vehicle->state.body.sleep = sleep;
	f->vehicle->state.body.at_ms = fake_clock.now_ms;
	confirm(f);
}

static void begin_read(struct fixture *f, enum command_id id, bool may_wake)
{
	setup(f, "flash-lights");
	f->vehicle->tells = true;
	cr_assert_eq(car_read(f->car, id, may_wake), 0);
	settle(f);
	cr_assert_eq(f->link->n_opened, 1);
	link_is(f, LINK_UP);
}

static void assert_over(const struct fixture *f, enum car_read_result result)
{
	cr_assert_eq(f->n_read, 1);
	cr_assert_eq(f->reading.result, result, "%d", f->reading.result);
	cr_assert_eq(f->reading.report == NULL, result != CAR_READ_DONE);
	cr_assert_eq(f->reading_why[0] == '\0', result == CAR_READ_DONE);
}

TEST(read, the_body_is_asked_at_once)
{
	struct fixture f;

	begin_read(&f, COMMAND_BODY_CONTROLLER_STATE, false);
	cr_assert(car_is_busy(f.car));
	cr_assert_eq(car_read(f.car, COMMAND_STATE_DRIVE, false), CAR_E_BUSY);
	cr_assert_eq(car_look(f.car), CAR_E_BUSY);
	cr_assert_eq(car_lend(f.car), CAR_E_BUSY);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	assert_over(&f, CAR_READ_DONE);
	cr_assert_eq(f.reading.id, COMMAND_BODY_CONTROLLER_STATE);
	cr_assert_eq((int)f.told, COMMAND_BODY_CONTROLLER_STATE);
	cr_assert_eq(f.vehicle->n_submitted, 1);
	cr_assert_not(car_is_busy(f.car));
	/* It is held like work. */
	cr_assert_eq(fake_clock.armed_ms, fake_clock.now_ms + CAR_LINK_IDLE_MS);
	teardown(&f);
}

TEST(read, a_car_that_is_awake_is_asked_once_it_says_so)
{
	struct fixture f;

	begin_read(&f, COMMAND_STATE_CHARGE, false);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_CHARGE);
	link_is(&f, LINK_SENT);
	/* The next one of several, which finds it warm. */
	f.reads_on = true;
	confirm(&f);
	assert_over(&f, CAR_READ_DONE);
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_CHARGE);
	cr_assert_eq(f.vehicle->n_submitted, 3);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.n_read, 2);
	cr_assert_eq(f.link->n_opened, 1);
	teardown(&f);
}

TEST(read, one_that_sleeps_is_woken_only_if_that_was_asked_for)
{
	struct fixture f;

	begin_read(&f, COMMAND_STATE_CHARGE, false);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	assert_over(&f, CAR_READ_ASLEEP);
	cr_assert_eq(f.vehicle->n_submitted, 1);
	teardown(&f);

	begin_read(&f, COMMAND_STATE_CHARGE, true);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	cr_assert_eq(f.vehicle->command.id, COMMAND_WAKE);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.vehicle->n_forgotten, 1);
	/* It has time to boot. */
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_CHARGE);
	cr_assert_eq(f.vehicle->deadline_ms, fake_clock.now_ms + CAR_WAKE_MS);
	link_is(&f, LINK_SENT);
	confirm(&f);
	assert_over(&f, CAR_READ_DONE);
	teardown(&f);

	begin_read(&f, COMMAND_STATE_CHARGE, true);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	link_is(&f, LINK_SENT);
	car_says(&f, OUTCOME_REFUSED, VEHICLE_FORBIDDEN);
	assert_over(&f, CAR_READ_FAILED);
	teardown(&f);
}

TEST(read, one_that_dozes_deeply_is_poked_or_left_alone)
{
	struct fixture f;

	begin_read(&f, COMMAND_STATE_CHARGE, false);
	link_is(&f, LINK_SENT);
	advance(&f, JOB_STATUS_MS);
	assert_over(&f, CAR_READ_FAILED);
	teardown(&f);

	begin_read(&f, COMMAND_BODY_CONTROLLER_STATE, true);
	link_is(&f, LINK_SENT);
	advance(&f, JOB_STATUS_MS);
	cr_assert_eq(f.vehicle->command.id, COMMAND_WAKE);
	link_is(&f, LINK_SENT);
	confirm(&f);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	assert_over(&f, CAR_READ_DONE);
	teardown(&f);

	/* Once. */
	begin_read(&f, COMMAND_STATE_CHARGE, true);
	link_is(&f, LINK_SENT);
	advance(&f, JOB_STATUS_MS);
	link_is(&f, LINK_SENT);
	confirm(&f);
	link_is(&f, LINK_SENT);
	advance(&f, CAR_WAKE_MS);
	assert_over(&f, CAR_READ_FAILED);
	teardown(&f);
}

TEST(read, one_that_fell_asleep_at_once_is_found_out)
{
	struct fixture f;

	begin_read(&f, COMMAND_STATE_CHARGE, false);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	link_is(&f, LINK_SENT);
	f.reads_on = true;
	confirm(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_CHARGE);
	link_is(&f, LINK_SENT);
	advance(&f, JOB_READ_MS);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	cr_assert_eq(f.n_read, 2);
	cr_assert_eq(f.reading.result, CAR_READ_ASLEEP);
	teardown(&f);
}

TEST(read, what_the_car_declines_or_garbles_has_failed)
{
	struct fixture f;

	begin_read(&f, COMMAND_STATE_CHARGE, true);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	link_is(&f, LINK_SENT);
	car_says(&f, OUTCOME_REFUSED, VEHICLE_FORBIDDEN);
	assert_over(&f, CAR_READ_FAILED);
	cr_assert_str_eq(trouble(&f), "not-permitted");
	teardown(&f);

	begin_read(&f, COMMAND_STATE_CHARGE, true);
	f.vehicle->tells = false;
	sleep_is(&f, CAR_SLEEP_AWAKE);
	link_is(&f, LINK_SENT);
	confirm(&f);
	assert_over(&f, CAR_READ_FAILED);
	teardown(&f);

	begin_read(&f, COMMAND_STATE_CHARGE, true);
	f.vehicle->submit_r = VEHICLE_E_LOCKED_OUT;
	sleep_is(&f, CAR_SLEEP_AWAKE);
	assert_over(&f, CAR_READ_FAILED);
	teardown(&f);
}

TEST(read, link_that_goes_ends_it)
{
	struct fixture f;

	begin_read(&f, COMMAND_STATE_CHARGE, true);
	link_is(&f, LINK_SENT);
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	assert_over(&f, CAR_READ_FAILED);
	cr_assert(nothing_ticks());
	teardown(&f);

	setup(&f, "flash-lights");
	cr_assert_eq(car_read(f.car, COMMAND_STATE_CHARGE, true), 0);
	settle(&f);
	link_falls(&f, LINK_NOT_FOUND, false);
	assert_over(&f, CAR_READ_FAILED);
	cr_assert_eq(
		strncmp(f.reading_why, "the car was not reached: ", 25), 0);
	cr_assert(nothing_ticks());
	teardown(&f);

	/* It cannot even be tried. */
	setup(&f, "flash-lights");
	f.link->open_r = -EMFILE;
	cr_assert_eq(car_read(f.car, COMMAND_STATE_CHARGE, true), 0);
	settle(&f);
	assert_over(&f, CAR_READ_FAILED);
	teardown(&f);
}

TEST(read, payment_comes_first)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	cr_assert_eq(car_read(f.car, COMMAND_STATE_CHARGE, true), 0);
	settle(&f);
	link_is(&f, LINK_SENT);
	begin(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(f.n_read, 0);
	settle(&f);
	assert_over(&f, CAR_READ_DISPLACED);
	cr_assert_eq(car_read(f.car, COMMAND_STATE_CHARGE, true), CAR_E_BUSY);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	teardown(&f);

	/* It goes on with the attempt that the read has begun. */
	setup(&f, "flash-lights");
	cr_assert_eq(car_read(f.car, COMMAND_STATE_CHARGE, true), 0);
	settle(&f);
	begin(&f);
	settle(&f);
	assert_over(&f, CAR_READ_DISPLACED);
	cr_assert_eq(f.link->n_opened, 1);
	cr_assert_eq(f.link->n_closed, 0);
	teardown(&f);
}

TEST(read, only_parts_of_the_state_can_be_read)
{
	struct fixture f;

	setup(&f, "flash-lights");
	cr_assert_eq(car_read(f.car, COMMAND_HONK, true), -EINVAL);
	cr_assert_eq(car_read(f.car, COMMAND_NONE, true), -EINVAL);
	cr_assert_eq(car_read(f.car, COMMAND_SESSION_VCSEC, true), -EINVAL);
	cr_assert_eq(car_lend(f.car), 0);
	cr_assert_eq(car_read(f.car, COMMAND_STATE_DRIVE, true), CAR_E_LENT);
	car_take_back(f.car);
	settle(&f);
	cr_assert_eq(f.n_read, 0);

	faults_arm(0);
	cr_assert_eq(car_read(f.car, COMMAND_STATE_DRIVE, true), -ENOMEM);
	faults_disarm();
	cr_assert_not(car_is_busy(f.car));

	/* Freed in the middle, it is not told. */
	cr_assert_eq(car_read(f.car, COMMAND_STATE_DRIVE, true), 0);
	teardown(&f);
}
