/* SPDX-License-Identifier: MIT */

#include "car/car.h"

#include "car-world.h"
#include "faults.h"

TEST(car, warm_car_gets_the_first_step_before_begin_returns)
{
	struct fixture f;

	setup(&f, "flash-lights");
	cr_assert_not(car_is_ready(f.car, &f.spec));
	warm_up(&f);
	cr_assert(car_is_ready(f.car, &f.spec));
	begin(&f);
	cr_assert_eq(f.link->n_sent, 1);
	cr_assert_eq(f.link->sent[0], COMMAND_FLASH_LIGHTS);
	cr_assert_not(car_is_ready(f.car, &f.spec));
	cr_assert_eq(car_begin(f.car, &f.spec), CAR_E_BUSY);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_str_eq(history, "benwad");
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	cr_assert_str_empty(f.result.why);
	cr_assert_eq(f.result.n_confirmed, 1);
	teardown(&f);
}

TEST(car, ready_is_exactly_what_begin_would_do)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.vehicle->has_session[DOMAIN_INFOTAINMENT] = false;
	cr_assert_not(car_is_ready(f.car, &f.spec));
	f.vehicle->has_session[DOMAIN_INFOTAINMENT] = true;
	f.vehicle->has_session[DOMAIN_VEHICLE_SECURITY] = false;
	cr_assert_not(car_is_ready(f.car, &f.spec));
	f.vehicle->has_session[DOMAIN_VEHICLE_SECURITY] = true;
	cr_assert(car_is_ready(f.car, &f.spec));
	f.vehicle->locked_until_ms = fake_clock.now_ms + 1;
	cr_assert_not(car_is_ready(f.car, &f.spec));
	f.vehicle->locked_until_ms = 0;
	f.spec.kind = CAR_JOB_RECOVER;
	cr_assert_not(car_is_ready(f.car, &f.spec));
	f.spec.kind = CAR_JOB_RUN;
	fake_clock.now_ms += CAR_PARKED_MAX_AGE_MS + 1;
	cr_assert_not(car_is_ready(f.car, &f.spec));
	teardown(&f);
}

TEST(car, refusal_by_the_owner_is_told_by_the_loop)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.before_r = CAR_E_REFUSED;
	begin(&f);
	cr_assert(car_is_busy(f.car));
	cr_assert_eq(f.n_done, 0);
	settle(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_REFUSED);
	cr_assert_str_eq(f.result.why, "it is night");
	cr_assert_eq(f.vehicle->n_submitted, 0);
	teardown(&f);
}

TEST(car, next_job_may_begin_in_done)
{
	struct fixture f;
	struct car_job next;

	setup(&f, "flash-lights");
	warm_up(&f);
	next = f.spec;
	f.then = &next;
	begin(&f);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.then_r, 0);
	cr_assert_str_eq(history, "benwadbe");
	cr_assert_eq(f.link->n_sent, 2);
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_eq(f.n_done, 2);
	teardown(&f);
}

TEST(car, handshake_is_no_step)
{
	struct fixture f;

	setup(&f, "unlock");
	f.spec.conditions.set = 0;
	begin(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	cr_assert_str_eq(history, "b");
	/* The session is there: this is the command. */
	f.vehicle->has_session[DOMAIN_VEHICLE_SECURITY] = true;
	fake_output(f.vehicle, 99);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	link_is(&f, LINK_SENT);
	confirm(&f);
	cr_assert_str_eq(history, "benwad");
	teardown(&f);
}

TEST(car, lost_answer_is_unknown_after_the_deadline)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	begin(&f);
	link_is(&f, LINK_SENT);
	advance(&f, PROGRAM_COMMAND_MS - 1);
	cr_assert_eq(f.n_done, 0);
	advance(&f, 1);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_UNKNOWN);
	cr_assert_str_eq(history, "benwad");
	cr_assert_eq(f.vehicle->n_submitted, 1);
	teardown(&f);
}

TEST(car, what_the_link_can_prove_is_passed_on)
{
	static const bool issued[] = { false, true };

	/* Refused is money back; unknown may not be. */
	for (size_t i = 0; i < ARRAY_SIZE(issued); i++) {
		struct fixture f;

		setup(&f, "flash-lights");
		warm_up(&f);
		begin(&f);
		link_falls(&f, LINK_CLOSED_BY_CAR, issued[i]);
		cr_assert_eq(f.vehicle->last_issued, issued[i]);
		/* Proven not to have gone out, it is tried again. */
		cr_assert_eq(f.n_done, issued[i] ? 1 : 0);
		if (issued[i])
			cr_assert_eq(f.result.outcome, OUTCOME_UNKNOWN);
		advance(&f, 500);
		cr_assert_eq(f.link->n_opened, issued[i] ? 1 : 2);
		teardown(&f);
	}
}

TEST(car, wake_forgets_the_infotainment_session)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.vehicle->state.body.sleep = CAR_SLEEP_ASLEEP;
	begin(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_WAKE);
	cr_assert_eq(f.vehicle->n_forgotten, 0);
	confirm(&f);
	cr_assert_eq(f.vehicle->n_forgotten, 1);
	cr_assert_not(car_has_session(f.car, DOMAIN_INFOTAINMENT));
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_DRIVE);
	confirm(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_FLASH_LIGHTS);
	teardown(&f);
}

TEST(car, engine_that_takes_nothing_refuses)
{
	static const int answers[] = { VEHICLE_E_LOCKED_OUT, VEHICLE_E_BUSY,
		VEHICLE_E_DOWN, -ENOMEM };

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct fixture f;

		setup(&f, "flash-lights");
		warm_up(&f);
		f.vehicle->submit_r = answers[i];
		begin(&f);
		settle(&f);
		cr_assert_eq(f.n_done, 1);
		cr_assert_eq(f.result.outcome, OUTCOME_REFUSED);
		cr_assert_not_null(strstr(f.result.why, "nothing was sent"));
		cr_assert_str_eq(history, "bad");
		teardown(&f);
	}
}

TEST(car, stopping_cancels_a_read)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.vehicle->state.drive.at_ms = 0;
	begin(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_DRIVE);
	car_stop(f.car, "the bridge stops");
	settle(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_REFUSED);
	cr_assert_str_eq(f.result.why, "the bridge stops");
	cr_assert_not(f.vehicle->is_busy);
	teardown(&f);
}

TEST(car, waits_are_waited)
{
	struct fixture f;

	setup(&f, "wait 2s");
	begin(&f);
	cr_assert_eq(f.link->n_opened, 0);
	advance(&f, 1999);
	cr_assert_eq(f.n_done, 0);
	advance(&f, 1);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	cr_assert_eq(f.result.n_confirmed, 1);
	teardown(&f);
}

TEST(car, problem_goes_when_the_car_answers)
{
	struct fixture f;

	setup(&f, "flash-lights");
	cr_assert_str_empty(car_problem(f.car));
	warm_up(&f);
	cr_assert_str_eq(car_problem(f.car), "reason 7");
	begin(&f);
	f.n_changed = 0;
	confirm(&f);
	cr_assert_str_empty(car_problem(f.car));
	cr_assert_gt(f.n_changed, 0);
	teardown(&f);
}

TEST(car, hints_of_the_engine_are_passed_on)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	f.n_changed = 0;
	fake_event(f.vehicle, VEHICLE_EVENT_STATE);
	fake_event(f.vehicle, VEHICLE_EVENT_SESSION);
	fake_event(f.vehicle, VEHICLE_EVENT_LOCKOUT);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	/* Together, as one reason to draw anew. */
	cr_assert_eq(f.n_changed, 1);
	link_is(&f, LINK_HEARD);
	cr_assert_eq(f.n_changed, 1);
	cr_assert_eq(car_state(f.car), &f.vehicle->state);
	teardown(&f);
}

TEST(car, freeing_in_the_middle_is_silent)
{
	struct fixture f;

	setup(&f, "flash-lights");
	warm_up(&f);
	begin(&f);
	f.car = car_free(f.car);
	cr_assert(f.link_freed);
	settle(&f);
	cr_assert_eq(f.n_done, 0);
	cr_assert_null(car_free(NULL));
	f.event = sd_event_unref(f.event);
}

TEST(car, attempt_ends_in_time_to_say_why)
{
	struct fixture f;

	setup(&f, "flash-lights");
	f.spec.start_by_ms = fake_clock.now_ms + 8000;
	begin(&f);
	cr_assert_lt(f.link->timeout_ms, 8000);
	cr_assert_gt(f.link->timeout_ms, 7000);
	teardown(&f);
}

TEST(car, recovery_after_a_crash_reads_back)
{
	struct fixture f;

	setup(&f, "unlock");
	f.spec.kind = CAR_JOB_RECOVER;
	f.spec.journal.marks[0] = JOURNAL_BEGUN;
	f.spec.start_by_ms = 0;
	begin(&f);
	cr_assert_eq(f.link->timeout_ms, CAR_CONNECT_MS);
	link_is(&f, LINK_UP);
	cr_assert_eq(f.vehicle->command.id, COMMAND_BODY_CONTROLLER_STATE);
	is_parked(&f);
	confirm(&f);
	cr_assert_eq(f.vehicle->command.id, COMMAND_STATE_CLOSURES);
	f.vehicle->state.closures.at_ms = fake_clock.now_ms;
	f.vehicle->state.closures.locked = CAR_NO;
	confirm(&f);
	cr_assert_eq(f.n_done, 1);
	cr_assert_eq(f.result.outcome, OUTCOME_CONFIRMED);
	cr_assert_str_eq(history, "ad");
	teardown(&f);
}

TEST(car, randomness_is_given_to_the_engine)
{
	uint8_t a[32] = { 0 };
	uint8_t b[32] = { 0 };
	struct fixture f;

	setup(&f, "flash-lights");
	cr_assert_eq(
		f.vehicle->random(f.vehicle->random_userdata, a, sizeof(a)), 0);
	cr_assert_eq(
		f.vehicle->random(f.vehicle->random_userdata, b, sizeof(b)), 0);
	cr_assert_arr_neq(a, b, sizeof(a));
	teardown(&f);
}

TEST(car, every_allocation_may_fail)
{
	struct fixture f;
	long n;
	int r = -1;

	setup(&f, "flash-lights");
	for (n = 0; r != 0; n++) {
		struct fake_link *link = calloc(1, sizeof(*link));
		struct car *car = NULL;
		bool freed = false;

		link->link.ops = &link_ops;
		link->freed = &freed;
		faults_arm(n);
		r = car_new(f.event,
			&(const struct car_config){
				.vin = "5YJ30123456789ABC",
				.link = &link->link,
			},
			&car_ops, &f, &car);
		faults_disarm();
		if (r != 0) {
			/* The link is taken over on success only. */
			cr_assert_eq(r, -ENOMEM);
			cr_assert_not(freed);
			free(link);
		}
		car_free(car);
	}
	cr_assert_geq(n, 3);
	teardown(&f);
}

TEST(car, vin_of_another_length_is_refused)
{
	struct fake_link link = { .link.ops = &link_ops };
	struct car *car = NULL;
	sd_event *event = NULL;

	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(car_new(event,
			     &(const struct car_config){
				     .vin = "5YJ3",
				     .link = &link.link,
			     },
			     &car_ops, NULL, &car),
		-EINVAL);
	cr_assert_null(car);
	sd_event_unref(event);
}
