/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A car with a fake engine, a fake link and a fake clock: for test-car.c,
 * test-hold.c and test-wire.c, which include it once each.
 */

#include "car/car.h"

#include <stdio.h>
#include <string.h>

#include "car/job.h"
#include "fake-link.h"
#include "fake-vehicle.h"
#include "link/link.h"
#include "test.h"
#include "util/clock.h"
#include "util/point.h"

/* One letter for each thing that happened, in order. */
static char history[256];

static void happened(char what)
{
	size_t n = strlen(history);

	cr_assert_lt(n, sizeof(history) - 1);
	history[n] = what;
}

/* e: sealed, n: sent, w: answered. */
void point(const char *name)
{
	cr_assert_eq(strncmp(name, "step-", 5), 0);
	happened(strcmp(name, "step-sealed") == 0 ? 'e'
		 : strcmp(name, "step-sent") == 0 ? 'n'
						  : 'w');
}

struct fixture {
	sd_event *event;
	struct car *car;
	struct vehicle *vehicle;
	struct fake_link *link;
	bool link_freed;

	struct program steps;
	struct program undo;
	struct car_job spec;

	int before_r;
	const struct car_job *then; /* begun in done() */
	int then_r;
	struct car_result result;
	unsigned int n_done;
	unsigned int n_changed;
	unsigned int n_looked;
	/* Of the last read. */
	unsigned int n_read;
	struct car_reading reading;
	char reading_why[CAR_WHY_SIZE];
	double told;
	bool reads_on; /* begins another in read() */
	unsigned int n_authenticated;
	enum key_level level;
	enum outcome answered;
	bool inside; /* a call of ours */
};

static int on_before(void *userdata, const struct car_step *step,
	const struct car_state *state, char why[static CAR_WHY_SIZE])
{
	struct fixture *f = userdata;

	cr_assert_not_null(step->step);
	cr_assert_not_null(state);
	happened('b');
	if (f->before_r == CAR_E_REFUSED)
		(void)snprintf(why, CAR_WHY_SIZE, "it is night");
	return f->before_r;
}

static void on_after(void *userdata, const struct car_step *step,
	enum outcome outcome, const char *why)
{
	(void)userdata;
	(void)outcome;
	(void)why;
	cr_assert_not_null(step->step);
	happened('a');
}

static void on_done(void *userdata, const struct car_result *result)
{
	struct fixture *f = userdata;

	cr_assert_not(f->inside);
	cr_assert_not(car_is_busy(f->car));
	happened('d');
	f->result = *result;
	f->n_done++;
	if (f->then != NULL) {
		const struct car_job *job = f->then;

		f->then = NULL;
		f->then_r = car_begin(f->car, job);
		cr_assert_eq(car_begin(f->car, job), CAR_E_BUSY);
	}
}

static void on_changed(void *userdata)
{
	struct fixture *f = userdata;

	cr_assert_not(f->inside);
	f->n_changed++;
}

static void on_looked(void *userdata)
{
	struct fixture *f = userdata;

	cr_assert_not(f->inside);
	f->n_looked++;
}

static void on_read(void *userdata, const struct car_reading *reading)
{
	struct fixture *f = userdata;

	cr_assert_not(f->inside);
	f->n_read++;
	f->reading = *reading;
	(void)snprintf(
		f->reading_why, sizeof(f->reading_why), "%s", reading->why);
	f->told =
		reading->report != NULL ? reading->report->facts[0].number : 0;
	if (f->reads_on) {
		f->reads_on = false;
		cr_assert_eq(car_read(f->car, reading->id, false), 0);
	}
}

static void on_authenticated(void *userdata, enum key_level level,
	enum outcome outcome, const char *why)
{
	struct fixture *f = userdata;

	(void)why;
	cr_assert_not(f->inside);
	f->n_authenticated++;
	f->level = level;
	f->answered = outcome;
}

static const struct car_ops car_ops = {
	.before_step = on_before,
	.after_step = on_after,
	.done = on_done,
	.changed = on_changed,
	.looked = on_looked,
	.read = on_read,
	.authenticated = on_authenticated,
};

static inline void add_step(struct program *program, const char *text)
{
	char why[WHY_SIZE];

	cr_assert_eq(program_append(program, text, why), 0, "%s", why);
}

static inline void setup_with(
	struct fixture *f, const char *step, enum link_hold hold)
{
	*f = (struct fixture){ 0 };
	memset(history, 0, sizeof(history));
	fake_clock.now_ms = 1000 * 1000;
	fake_clock.armed_ms = CLOCK_NEVER;
	fake_clock.source = NULL;
	cr_assert_geq(sd_event_new(&f->event), 0);
	f->link = calloc(1, sizeof(*f->link));
	cr_assert_not_null(f->link);
	f->link->link.ops = &link_ops;
	f->link->freed = &f->link_freed;
	cr_assert_eq(car_new(f->event,
			     &(const struct car_config){
				     .vin = "5YJ30123456789ABC",
				     .link = &f->link->link,
				     .hold = hold,
			     },
			     &car_ops, f, &f->car),
		0);
	f->vehicle = fake_vehicle();
	add_step(&f->steps, step);
	f->spec = (struct car_job){
		.kind = CAR_JOB_RUN,
		.steps = &f->steps,
		.undo = &f->undo,
		.start_by_ms = fake_clock.now_ms + 60 * 1000,
		.conditions = CONDITIONS_OF(CONDITION_PARKED),
	};
}

static inline void setup(struct fixture *f, const char *step)
{
	setup_with(f, step, LINK_HOLD_ON_DEMAND);
}

static inline void teardown(struct fixture *f)
{
	f->car = car_free(f->car);
	cr_assert(f->link_freed);
	f->event = sd_event_unref(f->event);
}

/* Runs the loop until it has nothing left to do. */
static inline void settle(struct fixture *f)
{
	while (sd_event_run(f->event, 0) > 0)
		continue;
}

static inline void setup_held(struct fixture *f, enum link_hold hold)
{
	setup_with(f, "flash-lights", hold);
	settle(f);
}

static inline void advance(struct fixture *f, uint64_t ms)
{
	fake_clock.now_ms += ms;
	if (fake_clock.armed_ms <= fake_clock.now_ms)
		(void)__real_sd_event_source_set_time(fake_clock.source, 0);
	settle(f);
}

static inline const char *trouble(const struct fixture *f)
{
	struct car_info info;

	car_get_info(f->car, &info);
	return info.trouble;
}

static inline bool nothing_ticks(void)
{
	return sd_event_source_get_enabled(fake_clock.source, NULL) == 0;
}

/* From the loop, as a link does. */
static inline void tell(struct fixture *f, const struct link_event *event)
{
	f->link->link.handler(f->link->link.userdata, event);
	settle(f);
}

static inline void link_is(struct fixture *f, enum link_event_type type)
{
	tell(f, &(struct link_event){ .type = type });
}

static inline void link_falls(
	struct fixture *f, enum link_reason reason, bool issued)
{
	tell(f, &(struct link_event){
			.type = LINK_DOWN,
			.reason = reason,
			.issued = issued,
		});
}

static inline void car_says(
	struct fixture *f, enum outcome outcome, enum vehicle_reason reason)
{
	uint8_t data[] = { (uint8_t)outcome, (uint8_t)reason };

	tell(f, &(struct link_event){
			.type = LINK_BYTES,
			.data = data,
			.len = sizeof(data),
		});
}

static inline void confirm(struct fixture *f)
{
	car_says(f, OUTCOME_CONFIRMED, VEHICLE_DONE);
}

static inline void begin(struct fixture *f)
{
	f->inside = true;
	cr_assert_eq(car_begin(f->car, &f->spec), 0);
	f->inside = false;
}

static inline void is_parked(struct fixture *f)
{
	f->vehicle->state.drive.at_ms = fake_clock.now_ms;
	f->vehicle->state.drive.gear = CAR_GEAR_P;
	f->vehicle->state.body.at_ms = fake_clock.now_ms;
	f->vehicle->state.body.sleep = CAR_SLEEP_AWAKE;
}

/* Link up, sessions there, parked just now. */
static inline void warm_up(struct fixture *f)
{
	f->spec.start_by_ms = fake_clock.now_ms;
	begin(f);
	settle(f);
	cr_assert_eq(f->n_done, 1);
	f->n_done = 0;
	f->spec.start_by_ms = fake_clock.now_ms + 60 * 1000;
	begin(f);
	link_is(f, LINK_UP);
	cr_assert_eq(f->vehicle->command.id, COMMAND_BODY_CONTROLLER_STATE);
	link_is(f, LINK_SENT);
	car_says(f, OUTCOME_REFUSED, VEHICLE_FAILED);
	cr_assert_eq(f->n_done, 1);
	f->n_done = 0;
	f->vehicle->has_session[DOMAIN_VEHICLE_SECURITY] = true;
	f->vehicle->has_session[DOMAIN_INFOTAINMENT] = true;
	is_parked(f);
	f->link->n_sent = 0;
	f->vehicle->n_submitted = 0;
	memset(history, 0, sizeof(history));
}
