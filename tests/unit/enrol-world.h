/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * An enrolment with a fake engine, a fake link and a fake clock: for
 * test-enrol.c and test-enrol-link.c, which include it once each.
 */

#include "car/enrol.h"

#include <string.h>

#include "fake-link.h"
#include "fake-vehicle.h"
#include "model/trouble.h"
#include "util/macro.h"

struct fixture {
	sd_event *event;
	struct enrol *enrol;
	struct enrol_config config;
	struct fake_link *link;
	struct vehicle *vehicle;
	bool link_freed;

	char stages[32]; /* a letter each */
	unsigned int n_heard;
	unsigned int n_missed;
	bool has_ended;
	struct enrol_end end;
};

void point(const char *name);

void point(const char *name)
{
	cr_assert_fail("%s", name);
}

static void on_stage(void *userdata, enum enrol_stage stage)
{
	struct fixture *f = userdata;
	size_t n = strlen(f->stages);

	cr_assert_lt(n, sizeof(f->stages) - 1);
	f->stages[n] = "SPWY"[stage];
}

static void on_heard(void *userdata, int rssi)
{
	struct fixture *f = userdata;

	cr_assert_eq(rssi, -60);
	f->n_heard++;
}

static void on_missed(void *userdata, const char *trouble)
{
	struct fixture *f = userdata;

	cr_assert_not_null(trouble_find(trouble), "%s", trouble);
	f->n_missed++;
}

static void on_ended(void *userdata, const struct enrol_end *end)
{
	struct fixture *f = userdata;

	cr_assert_not(f->has_ended);
	f->has_ended = true;
	f->end = *end;
}

static const struct enrol_ops ops = {
	.stage = on_stage,
	.heard = on_heard,
	.missed = on_missed,
	.ended = on_ended,
};

static inline void settle(struct fixture *f)
{
	while (sd_event_run(f->event, 0) > 0)
		continue;
}

static inline void setup_with(struct fixture *f, bool ask_only)
{
	*f = (struct fixture){ 0 };
	fake_clock.now_ms = 1000 * 1000;
	fake_clock.armed_ms = CLOCK_NEVER;
	cr_assert_geq(sd_event_new(&f->event), 0);
	f->link = calloc(1, sizeof(*f->link));
	cr_assert_not_null(f->link);
	f->link->link.ops = &link_ops;
	f->link->freed = &f->link_freed;
	f->config = (struct enrol_config){
		.vin = "5YJ30123456789ABC",
		.link = &f->link->link,
		.role = KEY_ROLE_DRIVER,
		.form = KEY_FORM_CLOUD_KEY,
		.ask_only = ask_only,
		.timeout_ms = 120 * 1000,
	};
	cr_assert_eq(enrol_new(f->event, &f->config, &ops, f, &f->enrol), 0);
	f->vehicle = fake_vehicle();
	/* Not from inside a call. */
	cr_assert_str_empty(f->stages);
	settle(f);
	cr_assert_str_eq(f->stages, "S");
	cr_assert_eq(f->link->n_opened, 1);
}

static inline void setup(struct fixture *f)
{
	setup_with(f, false);
}

static inline void teardown(struct fixture *f)
{
	f->enrol = enrol_free(f->enrol);
	cr_assert(f->link_freed);
	f->event = sd_event_unref(f->event);
}

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

static inline void advance(struct fixture *f, uint64_t ms)
{
	fake_clock.now_ms += ms;
	if (fake_clock.armed_ms <= fake_clock.now_ms)
		(void)__real_sd_event_source_set_time(fake_clock.source, 0);
	settle(f);
}

static inline uint8_t last_sent(const struct fixture *f)
{
	return f->link->n_sent == 0 ? 0 : f->link->sent[f->link->n_sent - 1];
}

/* The car answers the question @id. */
static inline void answers(struct fixture *f, enum command_id id,
	enum outcome outcome, enum vehicle_reason reason)
{
	uint8_t data[] = { (uint8_t)outcome, (uint8_t)reason };

	cr_assert_eq(last_sent(f), id);
	cr_assert(f->vehicle->is_busy);
	link_is(f, LINK_SENT);
	tell(f, &(struct link_event){
			.type = LINK_BYTES,
			.data = data,
			.len = sizeof(data),
		});
}

static inline void knows(struct fixture *f, enum command_id id)
{
	answers(f, id, OUTCOME_CONFIRMED, VEHICLE_DONE);
}

static inline void knows_not(struct fixture *f, enum command_id id)
{
	answers(f, id, OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
}

static inline void key_is(struct fixture *f, bool is_waiting, int information)
{
	fake_key(f->vehicle, is_waiting, information);
	tell(f, &(struct link_event){ .type = LINK_BYTES });
}

/* Up to a request that is out. */
static inline void request(struct fixture *f)
{
	setup(f);
	link_is(f, LINK_UP);
	cr_assert_str_eq(f->stages, "SP");
	knows_not(f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(last_sent(f), FAKE_ADD_KEY);
	link_is(f, LINK_SENT);
	cr_assert_str_eq(f->stages, "SPW");
}

static inline unsigned int n_requests(const struct fixture *f)
{
	unsigned int n = 0;

	for (size_t i = 0; i < f->link->n_sent; i++)
		n += f->link->sent[i] == FAKE_ADD_KEY;
	return n;
}

static inline void expect_end(
	struct fixture *f, enum enrol_result result, const char *trouble)
{
	settle(f);
	cr_assert(f->has_ended);
	cr_assert_eq(f->end.result, result, "%d", (int)f->end.result);
	cr_assert_str_eq(f->end.trouble, trouble);
	if (trouble[0] != '\0')
		cr_assert_not_null(trouble_find(trouble), "%s", trouble);
	cr_assert_geq(f->link->n_closed, 1);
	/* Nothing more is done, whatever comes. */
	advance(f, 10 * 60 * 1000);
	cr_assert(f->has_ended);
	teardown(f);
}
