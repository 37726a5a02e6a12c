/* SPDX-License-Identifier: MIT */

/* What an enrolment makes of what becomes of its link: never two requests. */

#include "enrol-world.h"

TEST(enrol_link, link_that_goes_makes_no_key_new)
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

TEST(enrol_link, request_that_was_never_issued_is_still_due)
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

TEST(enrol_link, request_that_nobody_acknowledges_is_not_sent_again)
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

TEST(enrol_link, request_waits_for_its_turn_and_for_another_look)
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

TEST(enrol_link, link_that_goes_while_it_is_asked_is_no_answer)
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

TEST(enrol_link, link_that_refuses_the_request_has_not_sent_it)
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

TEST(enrol_link, what_only_a_person_can_mend_is_told_at_once)
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

TEST(enrol_link, car_out_of_reach_is_looked_for_until_the_end)
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

TEST(enrol_link, silence_is_tried_over_two_links)
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

TEST(enrol_link, silence_is_told_where_there_is_no_time_for_a_second_link)
{
	struct fixture f;

	setup(&f);
	link_is(&f, LINK_UP);
	link_is(&f, LINK_SENT);
	advance(&f, 4000);
	advance(&f, 10 * 60 * 1000);
	expect_end(&f, ENROL_SILENT, "car-silent");
}
