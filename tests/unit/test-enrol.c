/* SPDX-License-Identifier: MIT */

/* What an enrolment makes of what the car says. */

#include "enrol-world.h"
#include "faults.h"

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
