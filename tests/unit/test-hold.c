/* SPDX-License-Identifier: MIT */

/* How long a link is held, what a look does, and who may borrow it. */

#include "car/hold.h"

#include "car-world.h"

/* As a car does to whoever asks for its status. */
static void sleep_is(struct fixture *f, enum car_sleep sleep)
{
	cr_assert_eq(f->vehicle->command.id, COMMAND_BODY_CONTROLLER_STATE);
	f->vehicle->state.body.at_ms = fake_clock.now_ms;
	f->vehicle->state.body.sleep = sleep;
	link_is(f, LINK_SENT);
	confirm(f);
}

TEST(hold, always_is_kept_alive_by_the_status_alone)
{
	struct fixture f;

	setup_held(&f, LINK_HOLD_ALWAYS);
	cr_assert_eq(f.link->n_opened, 1);
	cr_assert_eq(f.link->timeout_ms, CAR_CONNECT_MS);
	link_is(&f, LINK_UP);
	cr_assert_eq(f.link->n_sent, 0);
	for (unsigned int i = 1; i <= 20; i++) {
		advance(&f, CAR_KEEP_MS - 1);
		cr_assert_eq(f.link->n_sent, i - 1);
		advance(&f, 1);
		cr_assert_eq(f.link->n_sent, i);
		sleep_is(&f, CAR_SLEEP_ASLEEP);
	}
	cr_assert_eq(f.link->n_closed, 0);
	teardown(&f);
}

TEST(hold, always_comes_back_and_backs_off)
{
	static const uint64_t gaps[] = { 500, 1000, 2000, 4000, 8000, 16000,
		30000, 30000 };
	struct fixture f;

	setup_held(&f, LINK_HOLD_ALWAYS);
	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++) {
		link_falls(&f, LINK_NOT_FOUND, false);
		advance(&f, gaps[i] - 1);
		cr_assert_eq(f.link->n_opened, i + 1);
		advance(&f, 1);
		cr_assert_eq(f.link->n_opened, i + 2);
	}
	cr_assert_str_eq(car_problem(f.car), "no such car is in reach");
	link_is(&f, LINK_UP);
	advance(&f, CAR_KEEP_MS);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	cr_assert_str_empty(car_problem(f.car));
	/* A link that worked is back at once. */
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	advance(&f, 500);
	cr_assert_eq(f.link->n_opened, ARRAY_SIZE(gaps) + 2);
	teardown(&f);
}

TEST(hold, while_awake_lets_a_sleeper_go)
{
	struct fixture f;

	setup_held(&f, LINK_HOLD_WHILE_AWAKE);
	link_is(&f, LINK_UP);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	advance(&f, CAR_KEEP_MS);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	/* Lost, but awake: it is taken up again. */
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	advance(&f, 500);
	cr_assert_eq(f.link->n_opened, 2);
	link_is(&f, LINK_UP);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_not(car_is_connected(f.car));

	/* Now and then it is looked for. */
	advance(&f, CAR_LOOK_MS - 1);
	cr_assert_eq(f.link->n_opened, 2);
	advance(&f, 1);
	cr_assert_eq(f.link->n_opened, 3);
	link_falls(&f, LINK_NOT_FOUND, false);
	advance(&f, CAR_LOOK_MS - 1);
	cr_assert_eq(f.link->n_opened, 3);
	advance(&f, 1);
	cr_assert_eq(f.link->n_opened, 4);
	teardown(&f);
}

TEST(hold, car_that_infotainment_has_answered_since_is_awake)
{
	struct car_state state;
	struct hold hold;

	car_state_init(&state);
	state.body.at_ms = 5000;
	state.body.sleep = CAR_SLEEP_ASLEEP;
	hold_init(&hold, LINK_HOLD_WHILE_AWAKE);
	cr_assert(hold_is_over(&hold, 6000, &state, 4999));
	cr_assert_not(hold_is_over(&hold, 6000, &state, 5001));
}

TEST(hold, work_comes_first)
{
	struct fixture f;

	setup_held(&f, LINK_HOLD_ALWAYS);
	link_is(&f, LINK_UP);
	f.vehicle->has_session[DOMAIN_VEHICLE_SECURITY] = true;
	f.vehicle->has_session[DOMAIN_INFOTAINMENT] = true;
	advance(&f, CAR_KEEP_MS);
	cr_assert_eq(f.vehicle->command.id, COMMAND_BODY_CONTROLLER_STATE);
	link_is(&f, LINK_SENT);
	is_parked(&f);
	/* The question that waits for its answer is dropped. */
	begin(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_FLASH_LIGHTS);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	/* And the link is held as before. */
	advance(&f, CAR_LINK_IDLE_MS);
	cr_assert_eq(f.link->n_closed, 0);
	teardown(&f);
}

TEST(hold, dead_link_is_closed_and_opened_again)
{
	struct fixture f;

	setup_held(&f, LINK_HOLD_ALWAYS);
	link_is(&f, LINK_UP);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(f.link->n_closed, 0);
		advance(&f, i == 0 ? CAR_KEEP_MS : CAR_KEEP_MS - JOB_STATUS_MS);
		link_is(&f, LINK_SENT);
		advance(&f, JOB_STATUS_MS);
	}
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_str_eq(trouble(&f), "car-silent");
	advance(&f, 500);
	cr_assert_eq(f.link->n_opened, 2);
	/* The new one has its own patience. */
	link_is(&f, LINK_UP);
	advance(&f, CAR_KEEP_MS);
	link_is(&f, LINK_SENT);
	advance(&f, JOB_STATUS_MS);
	cr_assert_eq(f.link->n_closed, 1);
	teardown(&f);
}

TEST(hold, steady_work_does_not_keep_a_dead_link)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	for (int i = 0; i < 3; i++) {
		is_parked(&f);
		cr_assert_eq(f.link->n_closed, 0);
		begin(&f);
		link_is(&f, LINK_SENT);
		advance(&f, PROGRAM_COMMAND_MS);
		cr_assert_eq(f.result.outcome, OUTCOME_UNKNOWN);
		/* Anything at all that is heard is life. */
		if (i == 0)
			tell(&f, &(struct link_event){ .type = LINK_BYTES });
	}
	is_parked(&f);
	begin(&f);
	link_is(&f, LINK_SENT);
	advance(&f, PROGRAM_COMMAND_MS);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_eq(f.link->n_opened, 1);
	/* The next finds a new one. */
	begin(&f);
	cr_assert_eq(f.link->n_opened, 2);
	teardown(&f);
}

TEST(look, person_gets_a_handshake_and_wakes_nothing)
{
	struct fixture f;

	setup(&f, "flash-lights");
	cr_assert_eq(car_look(f.car), 0);
	cr_assert_eq(car_look(f.car), CAR_E_BUSY);
	cr_assert(car_is_busy(f.car));
	settle(&f);
	cr_assert_eq(f.link->n_opened, 1);
	link_is(&f, LINK_UP);
	cr_assert_eq(f.vehicle->command.id, COMMAND_SESSION_VCSEC);
	link_is(&f, LINK_SENT);
	confirm(&f);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	cr_assert_eq(f.vehicle->command.id, COMMAND_SESSION_INFOTAINMENT);
	cr_assert_eq(f.n_looked, 0);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.n_looked, 1);
	cr_assert_not(car_is_busy(f.car));
	cr_assert_str_eq(trouble(&f), "");
	/* It is held like work. */
	cr_assert_eq(fake_clock.armed_ms, fake_clock.now_ms + CAR_LINK_IDLE_MS);

	/* One asleep is left alone. */
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	link_is(&f, LINK_SENT);
	confirm(&f);
	sleep_is(&f, CAR_SLEEP_ASLEEP);
	cr_assert_eq(f.n_looked, 2);
	cr_assert_eq(f.vehicle->n_submitted, 5);
	teardown(&f);
}

TEST(look, what_stands_in_the_way_has_a_name)
{
	struct fixture f;
	static const enum link_reason reasons[] = { LINK_NOT_FOUND, LINK_FULL,
		LINK_NO_ADAPTER, LINK_BLOCKED };

	setup(&f, "flash-lights");
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		cr_assert_eq(car_look(f.car), 0);
		settle(&f);
		cr_assert_eq(f.link->n_opened, i + 1);
		link_falls(&f, reasons[i], false);
		cr_assert_eq(f.n_looked, i + 1);
		cr_assert_str_eq(trouble(&f), link_reason_name(reasons[i]));
	}
	/* A key that is not known: nothing is asked of infotainment. */
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	car_says(&f, OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
	sleep_is(&f, CAR_SLEEP_AWAKE);
	cr_assert_eq(f.n_looked, 5);
	/* A status, told to anyone, does not make it known. */
	cr_assert_str_eq(trouble(&f), "key-not-enrolled");

	/* Known to one computer. */
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	link_is(&f, LINK_SENT);
	f.vehicle->has_session[DOMAIN_VEHICLE_SECURITY] = true;
	confirm(&f);
	cr_assert_str_eq(trouble(&f), "");
	sleep_is(&f, CAR_SLEEP_AWAKE);
	link_is(&f, LINK_SENT);
	car_says(&f, OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
	cr_assert_str_eq(trouble(&f), "half-enrolled");

	/* Silent; and above all, locked out. */
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	link_is(&f, LINK_SENT);
	advance(&f, 5000);
	cr_assert_eq(f.n_looked, 7);
	cr_assert_str_eq(trouble(&f), "car-silent");
	f.vehicle->locked_until_ms = fake_clock.now_ms + 1;
	cr_assert_str_eq(trouble(&f), "locked-out");
	teardown(&f);
}

TEST(look, link_that_goes_ends_it)
{
	struct fixture f;

	setup(&f, "flash-lights");
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	confirm(&f);
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	cr_assert_eq(f.n_looked, 1);
	cr_assert_str_eq(trouble(&f), "link-lost");
	cr_assert(nothing_ticks());

	/* It was not the car that closed it. */
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	confirm(&f);
	link_falls(&f, LINK_NO_BLUETOOTH, true);
	cr_assert_eq(f.n_looked, 2);
	cr_assert_str_eq(trouble(&f), "no-bluetooth");

	f.link->open_r = -EMFILE;
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	cr_assert_eq(f.n_looked, 3);
	cr_assert(nothing_ticks());
	teardown(&f);
}

TEST(look, payment_comes_first)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_SESSION_VCSEC);
	link_is(&f, LINK_SENT);
	begin(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_FLASH_LIGHTS);
	settle(&f);
	cr_assert_eq(f.n_looked, 1);
	cr_assert_eq(car_look(f.car), CAR_E_BUSY);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	teardown(&f);

	/* It goes on with the attempt that the look has begun. */
	setup(&f, "flash-lights");
	cr_assert_eq(car_look(f.car), 0);
	settle(&f);
	begin(&f);
	settle(&f);
	cr_assert_eq(f.n_looked, 1);
	cr_assert_eq(f.link->n_opened, 1);
	cr_assert_eq(f.link->n_closed, 0);
	teardown(&f);
}

TEST(lend, link_is_given_up_and_taken_back)
{
	struct car_info info;
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	begin(&f);
	cr_assert_eq(car_lend(f.car), CAR_E_BUSY);
	link_is(&f, LINK_SENT);
	confirm(&f);

	cr_assert_eq(car_lend(f.car), 0);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_not(car_is_connected(f.car));
	car_get_info(f.car, &info);
	cr_assert(info.is_lent);
	cr_assert_eq(car_lend(f.car), CAR_E_LENT);
	cr_assert_eq(car_look(f.car), CAR_E_LENT);
	cr_assert_eq(car_begin(f.car, &f.spec), CAR_E_LENT);
	cr_assert_not(car_is_ready(f.car, &f.spec));
	settle(&f);
	cr_assert(nothing_ticks());

	/* changed() says that orders may be tried again. */
	f.n_changed = 0;
	car_take_back(f.car);
	settle(&f);
	cr_assert_eq(f.n_changed, 1);
	car_take_back(f.car);
	settle(&f);
	cr_assert_eq(f.n_changed, 1);
	begin(&f);
	cr_assert_eq(f.link->n_opened, 2);
	teardown(&f);
}

TEST(lend, held_link_is_let_alone_until_it_is_back)
{
	struct fixture f;

	setup_held(&f, LINK_HOLD_ALWAYS);
	link_is(&f, LINK_UP);
	advance(&f, CAR_KEEP_MS);
	cr_assert(f.vehicle->is_busy);
	cr_assert_eq(car_lend(f.car), 0);
	cr_assert_not(f.vehicle->is_busy);
	settle(&f);
	/* That it went is no trouble. */
	cr_assert_str_empty(trouble(&f));
	advance(&f, CAR_LOOK_MS);
	cr_assert_eq(f.link->n_opened, 1);
	cr_assert(nothing_ticks());
	car_take_back(f.car);
	settle(&f);
	cr_assert_eq(f.link->n_opened, 2);
	teardown(&f);
}

TEST(lend, link_that_is_back_is_taken_up_at_once)
{
	static const enum link_hold modes[] = { LINK_HOLD_WHILE_AWAKE,
		LINK_HOLD_ALWAYS };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct fixture f;

		/* Whatever had been waited for before. */
		setup_held(&f, modes[i]);
		link_falls(&f, LINK_NOT_FOUND, false);
		cr_assert_eq(car_lend(f.car), 0);
		settle(&f);
		cr_assert(nothing_ticks());
		car_take_back(f.car);
		settle(&f);
		cr_assert_eq(f.link->n_opened, 2);

		/* Lent in the middle of an attempt, which ends. */
		cr_assert_eq(car_lend(f.car), 0);
		cr_assert_eq(f.link->n_closed, 1);
		settle(&f);
		car_take_back(f.car);
		settle(&f);
		cr_assert_eq(f.link->n_opened, 3);
		teardown(&f);
	}
}
