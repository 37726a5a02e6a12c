/* SPDX-License-Identifier: MIT */

#include "car/enrol.h"

#include <string.h>

#include "fake-link.h"
#include "fake-vehicle.h"
#include "faults.h"
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

static void settle(struct fixture *f)
{
	while (sd_event_run(f->event, 0) > 0)
		continue;
}

static void setup_with(struct fixture *f, bool ask_only)
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

static void setup(struct fixture *f)
{
	setup_with(f, false);
}

static void teardown(struct fixture *f)
{
	f->enrol = enrol_free(f->enrol);
	cr_assert(f->link_freed);
	f->event = sd_event_unref(f->event);
}

static void tell(struct fixture *f, const struct link_event *event)
{
	f->link->link.handler(f->link->link.userdata, event);
	settle(f);
}

static void link_is(struct fixture *f, enum link_event_type type)
{
	tell(f, &(struct link_event){ .type = type });
}

static void link_falls(struct fixture *f, enum link_reason reason, bool issued)
{
	tell(f, &(struct link_event){
			.type = LINK_DOWN,
			.reason = reason,
			.issued = issued,
		});
}

static void advance(struct fixture *f, uint64_t ms)
{
	fake_clock.now_ms += ms;
	if (fake_clock.armed_ms <= fake_clock.now_ms)
		(void)__real_sd_event_source_set_time(fake_clock.source, 0);
	settle(f);
}

static uint8_t last_sent(const struct fixture *f)
{
	return f->link->n_sent == 0 ? 0 : f->link->sent[f->link->n_sent - 1];
}

/* The car answers the question @id. */
static void answers(struct fixture *f, enum command_id id, enum outcome outcome,
	enum vehicle_reason reason)
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

static void knows(struct fixture *f, enum command_id id)
{
	answers(f, id, OUTCOME_CONFIRMED, VEHICLE_DONE);
}

static void knows_not(struct fixture *f, enum command_id id)
{
	answers(f, id, OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
}

static void key_is(struct fixture *f, bool is_waiting, int information)
{
	fake_key(f->vehicle, is_waiting, information);
	tell(f, &(struct link_event){ .type = LINK_BYTES });
}

/* Up to a request that is out. */
static void request(struct fixture *f)
{
	setup(f);
	link_is(f, LINK_UP);
	cr_assert_str_eq(f->stages, "SP");
	knows_not(f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(last_sent(f), FAKE_ADD_KEY);
	link_is(f, LINK_SENT);
	cr_assert_str_eq(f->stages, "SPW");
}

static unsigned int n_requests(const struct fixture *f)
{
	unsigned int n = 0;

	for (size_t i = 0; i < f->link->n_sent; i++)
		n += f->link->sent[i] == FAKE_ADD_KEY;
	return n;
}

static void expect_end(
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

TEST(enrol, key_is_asked_for_added_and_found)
{
	struct fixture f;

	request(&f);
	key_is(&f, true, 0);
	advance(&f, ENROL_POLL_MS - 1);
	cr_assert_not(f.vehicle->is_busy);
	advance(&f, 1);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	advance(&f, ENROL_POLL_MS);
	knows(&f, COMMAND_SESSION_VCSEC);
	cr_assert_str_eq(f.stages, "SPWY");
	knows_not(&f, COMMAND_SESSION_INFOTAINMENT);
	advance(&f, ENROL_POLL_MS);
	knows(&f, COMMAND_SESSION_INFOTAINMENT);
	f.vehicle->state.key_role = KEY_ROLE_DRIVER;
	knows(&f, COMMAND_KEY_ENTRY);
	cr_assert_eq(f.end.role, KEY_ROLE_DRIVER);
	cr_assert_eq(n_requests(&f), 1);
	expect_end(&f, ENROL_DONE, "");
}

TEST(enrol, word_of_the_car_makes_it_asked_at_once)
{
	static const int known[] = { 0, 13 };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct fixture f;

		request(&f);
		key_is(&f, false, known[i]);
		knows(&f, COMMAND_SESSION_VCSEC);
		/* A late no does not count any more. */
		key_is(&f, false, 25);
		cr_assert_not(f.has_ended);
		knows(&f, COMMAND_SESSION_INFOTAINMENT);
		knows_not(&f, COMMAND_KEY_ENTRY);
		cr_assert_eq((int)f.end.role, 0);
		expect_end(&f, ENROL_DONE, "");
	}
}

TEST(enrol, every_no_has_its_result)
{
	static const struct {
		int information;
		enum enrol_result result;
	} rows[] = {
		{ 1, ENROL_REFUSED },
		{ 3, ENROL_LIST_FULL },
		{ 4, ENROL_LIST_FULL },
		{ 5, ENROL_NOT_PERMITTED },
		{ 6, ENROL_REFUSED },
		{ 14, ENROL_NOT_PERMITTED },
		{ 18, ENROL_LIST_FULL },
		{ 19, ENROL_REFUSED },
		{ 23, ENROL_REFUSED },
		{ 24, ENROL_DENIED },
		{ 25, ENROL_NO_TAP },
		{ 26, ENROL_NO_ANSWER },
		{ 27, ENROL_VALET },
		{ 28, ENROL_CANCELLED },
		{ 29, ENROL_REFUSED },
		{ 1000, ENROL_REFUSED },
		{ -1, ENROL_REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f;

		request(&f);
		key_is(&f, false, rows[i].information);
		cr_assert(f.has_ended);
		cr_assert_eq(f.end.information, rows[i].information);
		expect_end(&f, rows[i].result, f.end.trouble);
	}
}

TEST(enrol, no_to_somebody_else_is_not_for_us)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	key_is(&f, false, 24);
	cr_assert_not(f.has_ended);
	teardown(&f);
}

TEST(enrol, key_that_is_known_is_not_added)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	knows(&f, COMMAND_SESSION_VCSEC);
	cr_assert_str_eq(f.stages, "SP");
	knows(&f, COMMAND_SESSION_INFOTAINMENT);
	/* The role is worth no more than a few seconds. */
	link_is(&f, LINK_SENT);
	advance(&f, 4000);
	cr_assert_eq(n_requests(&f), 0);
	expect_end(&f, ENROL_ALREADY, "");
}

TEST(enrol, link_that_goes_makes_no_key_new)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	knows(&f, COMMAND_SESSION_VCSEC);
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	advance(&f, 500);
	link_is(&f, LINK_UP);
	knows(&f, COMMAND_SESSION_INFOTAINMENT);
	knows(&f, COMMAND_KEY_ENTRY);
	cr_assert_eq(n_requests(&f), 0);
	expect_end(&f, ENROL_ALREADY, "");
}

TEST(enrol, key_that_infotainment_did_not_know_is_new)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	knows(&f, COMMAND_SESSION_VCSEC);
	knows_not(&f, COMMAND_SESSION_INFOTAINMENT);
	advance(&f, ENROL_POLL_MS);
	knows(&f, COMMAND_SESSION_INFOTAINMENT);
	knows(&f, COMMAND_KEY_ENTRY);
	expect_end(&f, ENROL_DONE, "");
}

TEST(enrol, infotainment_may_take_its_time_but_not_for_ever)
{
	struct fixture f;

	request(&f);
	advance(&f, ENROL_POLL_MS);
	knows(&f, COMMAND_SESSION_VCSEC);
	for (unsigned int i = 0; i < ENROL_SYNC_MS / ENROL_POLL_MS; i++) {
		knows_not(&f, COMMAND_SESSION_INFOTAINMENT);
		advance(&f, ENROL_POLL_MS);
	}
	knows_not(&f, COMMAND_SESSION_INFOTAINMENT);
	/* The link may go by now. */
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	expect_end(&f, ENROL_HALF, "half-enrolled");
}

TEST(enrol, half_known_is_told_at_once_to_who_only_asks)
{
	struct fixture f;

	setup_with(&f, true);
	link_is(&f, LINK_UP);
	knows(&f, COMMAND_SESSION_VCSEC);
	answers(&f, COMMAND_SESSION_INFOTAINMENT, OUTCOME_REFUSED,
		VEHICLE_SILENT);
	knows(&f, COMMAND_KEY_ENTRY);
	expect_end(&f, ENROL_HALF, "half-enrolled");

	setup_with(&f, true);
	link_is(&f, LINK_UP);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 0);
	expect_end(&f, ENROL_UNKNOWN_KEY, "key-not-enrolled");
}

TEST(enrol, request_that_was_never_issued_is_still_due)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 1);
	link_falls(&f, LINK_CLOSED_BY_CAR, false);
	cr_assert_str_eq(f.stages, "SPS");
	advance(&f, 500);
	link_is(&f, LINK_UP);
	/* After another look: somebody may have added it. */
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 2);

	/* Now it may have been heard: never again. */
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	advance(&f, 1000);
	link_is(&f, LINK_UP);
	cr_assert_str_eq(f.stages, "SPSPSW");
	knows_not(&f, COMMAND_SESSION_VCSEC);
	advance(&f, ENROL_POLL_MS);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 2);
	advance(&f, 120 * 1000);
	expect_end(&f, ENROL_TIMED_OUT, "enrol-timed-out");
}

TEST(enrol, request_that_nobody_acknowledges_is_not_sent_again)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(last_sent(&f), FAKE_ADD_KEY);
	/* The link is stuck: it may have gone out, or not. */
	advance(&f, ENROL_POLL_MS);
	advance(&f, 4000);
	cr_assert_eq(f.link->n_closed, 1);
	advance(&f, 500);
	link_is(&f, LINK_UP);
	cr_assert_str_eq(f.stages, "SPSW");
	knows_not(&f, COMMAND_SESSION_VCSEC);
	advance(&f, ENROL_POLL_MS);
	cr_assert_eq(n_requests(&f), 1);
	teardown(&f);
}

TEST(enrol, request_waits_for_its_turn_and_for_another_look)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	/* Answered before the question is acknowledged. */
	tell(&f, &(struct link_event){
			 .type = LINK_BYTES,
			 .data = (const uint8_t[]){ OUTCOME_REFUSED,
				 VEHICLE_NOT_PAIRED },
			 .len = 2,
		 });
	cr_assert_eq(n_requests(&f), 0);
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	advance(&f, 500);
	link_is(&f, LINK_UP);
	cr_assert_eq(n_requests(&f), 0);
	knows(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 0);
	teardown(&f);
}

TEST(enrol, only_a_verdict_ends_the_wait_for_the_tap)
{
	struct fixture f;

	/* Nor does a fault, or a link that is lost in the middle of it. */
	request(&f);
	advance(&f, ENROL_POLL_MS);
	answers(&f, COMMAND_SESSION_VCSEC, OUTCOME_REFUSED, VEHICLE_FAULT);
	cr_assert_not(f.has_ended);
	advance(&f, ENROL_POLL_MS);
	answers(&f, COMMAND_SESSION_VCSEC, OUTCOME_REFUSED, VEHICLE_FORBIDDEN);
	cr_assert_not(f.has_ended);
	/* The first one counts. */
	fake_key(f.vehicle, true, 0);
	fake_key(f.vehicle, false, 24);
	key_is(&f, false, 25);
	expect_end(&f, ENROL_DENIED, "denied-on-screen");
}

TEST(enrol, link_that_goes_while_it_is_asked_is_no_answer)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	link_falls(&f, LINK_CLOSED_BY_CAR, true);
	cr_assert_not(f.has_ended);
	advance(&f, 500);
	link_is(&f, LINK_UP);
	knows(&f, COMMAND_SESSION_VCSEC);

	/* Once it is known, nobody has to mend anything at once. */
	link_falls(&f, LINK_ADAPTER_OFF, true);
	cr_assert_not(f.has_ended);
	advance(&f, 120 * 1000);
	cr_assert_eq(n_requests(&f), 0);
	expect_end(&f, ENROL_HALF, "half-enrolled");
}

TEST(enrol, link_that_refuses_the_request_has_not_sent_it)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	f.link->send_r = -EIO;
	tell(&f, &(struct link_event){
			 .type = LINK_BYTES,
			 .data = (const uint8_t[]){ OUTCOME_REFUSED,
				 VEHICLE_NOT_PAIRED },
			 .len = 2,
		 });
	cr_assert_eq(n_requests(&f), 0);
	cr_assert_eq(f.link->n_closed, 1);
	f.link->send_r = 0;
	advance(&f, 500);
	link_is(&f, LINK_UP);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 1);
	teardown(&f);
}

TEST(enrol, what_only_a_person_can_mend_is_told_at_once)
{
	static const enum link_reason reasons[] = { LINK_NO_BLUETOOTH,
		LINK_NO_ADAPTER, LINK_ADAPTER_OFF, LINK_BLOCKED,
		LINK_NO_SERVICE };

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		struct fixture f;

		setup(&f);
		link_falls(&f, reasons[i], false);
		cr_assert_eq(f.n_missed, 0);
		expect_end(&f, ENROL_UNREACHED, link_reason_name(reasons[i]));

		/* But with the request out, it may still come good. */
		request(&f);
		link_falls(&f, reasons[i], true);
		cr_assert_not(f.has_ended);
		teardown(&f);
	}
}

TEST(enrol, car_out_of_reach_is_looked_for_until_the_end)
{
	struct fixture f;

	setup(&f);
	tell(&f, &(struct link_event){ .type = LINK_HEARD, .rssi = -60 });
	cr_assert_eq(f.n_heard, 1);
	link_falls(&f, LINK_FULL, false);
	advance(&f, 500);
	link_falls(&f, LINK_NOT_FOUND, false);
	advance(&f, 1000);
	cr_assert_eq(f.n_missed, 2);
	cr_assert_eq(f.link->n_opened, 3);
	advance(&f, 120 * 1000);
	expect_end(&f, ENROL_UNREACHED, "car-not-heard");

	/* Not even one attempt has ended. */
	setup(&f);
	advance(&f, 120 * 1000);
	expect_end(&f, ENROL_UNREACHED, "car-not-heard");
}

TEST(enrol, silence_is_tried_over_two_links)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	advance(&f, 4000);
	cr_assert_eq(f.link->n_closed, 1);
	cr_assert_str_eq(f.stages, "SPS");
	advance(&f, 500);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	advance(&f, 4000);
	expect_end(&f, ENROL_SILENT, "car-silent");

	/* While it waits for the tap, for as long as there is time. */
	request(&f);
	for (int i = 0; i < 4; i++) {
		advance(&f, i == 0 ? ENROL_POLL_MS : 1000);
		link_is(&f, LINK_SENT);
		advance(&f, 4000);
		cr_assert_not(f.has_ended);
		advance(&f, 30 * 1000);
		link_is(&f, LINK_UP);
		if (f.has_ended)
			break;
	}
	advance(&f, 120 * 1000);
	expect_end(&f, ENROL_TIMED_OUT, "enrol-timed-out");
}

TEST(enrol, silence_is_told_where_there_is_no_time_for_a_second_link)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	advance(&f, 4000);
	advance(&f, 10 * 60 * 1000);
	expect_end(&f, ENROL_SILENT, "car-silent");
}

TEST(enrol, car_that_will_not_shake_hands_is_believed)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	answers(&f, COMMAND_SESSION_VCSEC, OUTCOME_REFUSED, VEHICLE_FORBIDDEN);
	expect_end(&f, ENROL_NOT_PERMITTED, "not-permitted");

	setup(&f);
	link_is(&f, LINK_UP);
	answers(&f, COMMAND_SESSION_VCSEC, OUTCOME_REFUSED,
		VEHICLE_AUTH_FAILED);
	expect_end(&f, ENROL_REFUSED, "enrol-refused");
}

TEST(enrol, car_that_talks_to_others_has_refused_nothing)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	/* A status for everybody, but no answer to the handshake. */
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	advance(&f, 4000);
	cr_assert_not(f.has_ended);
	advance(&f, 1000);
	knows_not(&f, COMMAND_SESSION_VCSEC);
	cr_assert_eq(n_requests(&f), 1);
	teardown(&f);

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	tell(&f, &(struct link_event){ .type = LINK_BYTES });
	advance(&f, 120 * 1000);
	expect_end(&f, ENROL_SILENT, "car-silent");
}

TEST(enrol, failure_of_our_own_is_none_of_the_car)
{
	struct fixture f;

	setup(&f);
	f.vehicle->submit_r = -ENOMEM;
	link_is(&f, LINK_UP);
	cr_assert_eq(f.end.error, -ENOMEM);
	expect_end(&f, ENROL_FAILED, "failed-here");
}

TEST(enrol, every_allocation_may_fail)
{
	struct fixture f;
	long n;
	int r = -1;

	setup(&f);
	for (n = 0; r != 0; n++) {
		struct fake_link *link = calloc(1, sizeof(*link));
		struct enrol *enrol = NULL;
		bool freed = false;

		link->link.ops = &link_ops;
		link->freed = &freed;
		f.config.link = &link->link;
		faults_arm(n);
		r = enrol_new(f.event, &f.config, &ops, &f, &enrol);
		faults_disarm();
		if (r != 0) {
			/* The link is taken over on success only. */
			cr_assert_eq(r, -ENOMEM);
			cr_assert_not(freed);
			free(link);
		}
		enrol_free(enrol);
	}
	cr_assert_geq(n, 3);
	teardown(&f);
}
