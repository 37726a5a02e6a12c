/* SPDX-License-Identifier: MIT */

#include "car/wire.h"

#include "car-world.h"

TEST(wire, attempts_back_off_within_the_deadline)
{
	static const uint64_t gaps[] = { 500, 1000, 2000, 4000, 8000, 16000 };
	struct fixture f;

	setup(&f, "flash-lights");
	begin(&f);
	cr_assert_eq(f.link->timeout_ms, CAR_CONNECT_MS);
	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++) {
		cr_assert_eq(f.link->n_opened, i + 1);
		link_falls(&f, LINK_NOT_FOUND, false);
		advance(&f, gaps[i] - 1);
		cr_assert_eq(f.link->n_opened, i + 1);
		advance(&f, 1);
	}
	cr_assert_eq(f.link->n_opened, 7);
	link_falls(&f, LINK_NOT_FOUND, false);
	cr_assert_not(f.n_done);
	/* The next attempt would be later than the deadline. */
	advance(&f, 60 * 1000 - 31500);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.link->n_opened, 7);
	cr_assert_eq(f.result.outcome, OUTCOME_REFUSED);
	cr_assert_str_eq(f.result.why,
		"the car was not reached: no such car is in reach");
	cr_assert_str_eq(car_problem(f.car), "no such car is in reach");
	cr_assert(nothing_ticks());

	/* A new job does not wait for the old one's back-off. */
	f.spec.start_by_ms = fake_clock.now_ms + 7000;
	begin(&f);
	cr_assert_eq(f.link->n_opened, 8);
	cr_assert_eq(f.link->timeout_ms, 7000 - CAR_TELL_MS);
	teardown(&f);
}

TEST(wire, attempt_that_outlives_its_job_is_given_up)
{
	struct fixture f;

	setup(&f, "flash-lights");
	begin(&f);
	f.inside = true;
	car_stop(f.car, "the bridge stops");
	f.inside = false;
	cr_assert_eq(f.n_done, 0);
	settle(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_str_eq(f.result.why, "the bridge stops");
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert(nothing_ticks());
	car_stop(f.car, "nothing to stop");
	settle(&f);
	cr_assert_eq(f.n_done, 1);
	teardown(&f);
}

TEST(wire, link_that_carried_a_byte_is_opened_again_soon)
{
	struct fixture f;

	setup(&f, "flash-lights");
	begin(&f);
	link_falls(&f, LINK_NOT_FOUND, false);
	advance(&f, 500);
	/* Taken and dropped without a word: backs off as if not found. */
	link_is(&f, LINK_UP);
	link_falls(&f, LINK_CLOSED_BY_CAR, false);
	cr_assert_eq(fake_clock.armed_ms, fake_clock.now_ms + 1000);
	advance(&f, 1000);
	link_is(&f, LINK_UP);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	link_falls(&f, LINK_CLOSED_BY_CAR, false);
	cr_assert_eq(fake_clock.armed_ms, fake_clock.now_ms + 500);
	cr_assert_eq(f.link->n_opened, 3);
	teardown(&f);
}

TEST(wire, backing_off_has_an_end)
{
	struct wire wire;

	wire_init(&wire, NULL);
	for (int i = 0; i < 20; i++)
		wire_down(&wire, 1000, LINK_NOT_FOUND);
	cr_assert_eq(wire.retry_ms, 1000 + CAR_BACKOFF_MAX_MS);
}

TEST(wire, idle_link_that_gets_work_is_held)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	advance(&f, CAR_LINK_IDLE_MS - 1);
	begin(&f);
	advance(&f, 2);
	cr_assert_eq(f.link->n_closed, 0);
	cr_assert(car_is_connected(f.car));
	teardown(&f);
}

TEST(wire, link_that_cannot_even_be_tried_backs_off)
{
	struct fixture f;

	setup(&f, "flash-lights");
	f.link->open_r = -EMFILE;
	begin(&f);
	cr_assert_eq(fake_clock.armed_ms, fake_clock.now_ms + 500);
	advance(&f, 60 * 1000);
	cr_assert_eq(f.n_done, 1);
	cr_assert_str_eq(
		f.result.why, "the car was not reached: the link failed");
	teardown(&f);
}

TEST(wire, idle_link_is_held_for_a_while_and_then_given_up)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	cr_assert(car_is_connected(f.car));
	cr_assert_eq(fake_clock.armed_ms, fake_clock.now_ms + CAR_LINK_IDLE_MS);
	advance(&f, CAR_LINK_IDLE_MS - 1);
	cr_assert_eq(f.link->n_closed, 0);
	advance(&f, 1);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_not(car_is_connected(f.car));
	cr_assert_not(f.vehicle->link_up);
	/* The sessions stay, and nothing ticks. */
	cr_assert(car_has_session(f.car, DOMAIN_INFOTAINMENT));
	cr_assert(nothing_ticks());
	teardown(&f);
}

TEST(wire, car_may_close_an_idle_link)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.n_changed = 0;
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	cr_assert_not(car_is_connected(f.car));
	cr_assert_eq(f.n_changed, 1);
	cr_assert(nothing_ticks());
	cr_assert_eq(f.link->n_opened, 1);
	teardown(&f);
}

TEST(wire, frames_wait_in_the_engine_while_one_is_sent)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	begin(&f);
	fake_output(f.vehicle, 77);
	fake_output(f.vehicle, 78);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	cr_assert_eq(f.link->n_sent, 1);
	link_is(&f, LINK_SENT);
	cr_assert_eq(f.link->n_sent, 2);
	link_is(&f, LINK_SENT);
	cr_assert_eq(f.link->n_sent, 3);
	cr_assert_eq(f.link->sent[1], 77);
	cr_assert_eq(f.link->sent[2], 78);
	link_is(&f, LINK_SENT);
	cr_assert_eq(f.link->n_sent, 3);
	teardown(&f);
}

TEST(wire, link_that_refuses_a_frame_is_closed)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.link->send_r = -EIO;
	begin(&f);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_not(f.vehicle->last_issued);
	cr_assert_not(car_is_connected(f.car));
	/* Nothing was heard: on a new link the step goes out again. */
	f.link->send_r = 0;
	settle(&f);
	advance(&f, 500);
	cr_assert_eq(f.link->n_opened, 2);
	link_is(&f, LINK_UP);
	cr_assert_eq(f.vehicle->command.id, COMMAND_FLASH_LIGHTS);
	confirm(&f);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	teardown(&f);
}

TEST(wire, lost_link_after_the_last_block_is_unknown)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	begin(&f);
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	cr_assert_eq(f.result.outcome, OUTCOME_UNKNOWN);
	cr_assert_eq(f.vehicle->n_submitted, 1);
	teardown(&f);
}
