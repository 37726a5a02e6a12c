/* SPDX-License-Identifier: MIT */

/*
 * The car library, its engine and the socket link against the simulated car:
 * what is promised is compared with what the car says that it did.
 */

#include "car-world.h"

TEST(flow, cold_car_flashes_and_then_at_once)
{
	struct flow f;

	setup(&f, "");
	plan(&f, "flash-lights");
	cr_assert_not(car_is_ready(f.car, &f.spec));
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	f.spec.start_by_ms = clock_boottime_ms() + 1000;
	cr_assert(car_is_ready(f.car, &f.spec));
	expect(&f, OUTCOME_CONFIRMED, "");
	cr_assert_eq(did(&f, "flash-lights"), 2);
	cr_assert_eq(times(&f, "\"connected\""), 1);
	cr_assert_str_empty(car_problem(f.car));
	teardown(&f);
}

/* The car speaks once for each request that it answers. */
static unsigned int trips(const struct flow *f)
{
	return times(f, "\"session-info\":\"") + times(f, "\"did\"") +
	       times(f, "\"read\"") + times(f, "\"fault\"");
}

/* The car drops the link, and we know. */
static void lose_link(struct flow *f)
{
	tell(f, "drop-link");
	while (car_is_connected(f->car))
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
}

TEST(flow, round_trips_are_as_few_as_promised)
{
	struct flow f;
	unsigned int before;

	/* Cold: VCSEC, the status, infotainment, the gear, the flash. */
	setup(&f, "");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(trips(&f), 5, "%s", f.said);

	/* Warm, and over another link: the command alone, in both domains. */
	before = trips(&f);
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(trips(&f), before + 1);
	lose_link(&f);
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(trips(&f), before + 2, "%s", f.said);
	lose_link(&f);
	expect_confirmed(&f, "unlock");
	cr_assert_eq(trips(&f), before + 3, "%s", f.said);
	cr_assert_eq(times(&f, "\"connected\""), 3);
	teardown(&f);
}

TEST(flow, car_rebooted_while_away_costs_one_more_round_a_domain)
{
	struct flow f;
	unsigned int before;

	setup(&f, "");
	expect_confirmed(&f, "flash-lights");
	expect_confirmed(&f, "unlock");
	before = trips(&f);
	/* New epochs, counters from 0, clocks from 0; the link goes. */
	lose_link(&f);
	tell(&f, "epoch vcsec");
	tell(&f, "epoch infotainment");
	expect_confirmed(&f, "flash-lights");
	expect_confirmed(&f, "unlock");
	cr_assert_eq(times(&f, "\"fault\":15"), 2);
	cr_assert_eq(trips(&f), before + 4, "%s", f.said);
	cr_assert_eq(did(&f, "flash-lights"), 2);
	cr_assert_eq(did(&f, "unlock"), 2);

	lose_link(&f);
	tell(&f, "reboot");
	run_until_said(&f, "\"power\":\"awake\"");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 3);
	teardown(&f);
}

TEST(flow, look_tells_the_truth_and_wakes_nothing)
{
	struct car_info info;
	struct flow f;

	setup(&f, "");
	look(&f);
	cr_assert(car_has_session(f.car, DOMAIN_VEHICLE_SECURITY));
	cr_assert(car_has_session(f.car, DOMAIN_INFOTAINMENT));
	/* Where there are sessions it shakes hands all the same. */
	look(&f);
	cr_assert_eq(times(&f, "\"session-info\""), 4);
	tell(&f, "sleep");
	look(&f);
	cr_assert_eq(times(&f, "\"session-info\""), 5);
	cr_assert_eq(car_state(f.car)->body.sleep, CAR_SLEEP_ASLEEP);
	cr_assert_eq(did(&f, "wake"), 0);
	car_get_info(f.car, &info);
	cr_assert_str_eq(info.trouble, "");

	/* Lent, and back. */
	cr_assert_eq(car_lend(f.car), 0);
	run_until_said(&f, "\"disconnected\"");
	car_take_back(f.car);
	look(&f);
	cr_assert_eq(times(&f, "\"connected\""), 2);
	teardown(&f);
}

TEST(flow, look_at_a_car_that_does_not_know_the_key_says_so)
{
	struct car_info info;
	struct flow f;

	setup_apart(&f);
	look(&f);
	car_get_info(f.car, &info);
	cr_assert_str_eq(info.trouble, "car-not-heard");
	spawn(&f, "");
	look(&f);
	car_get_info(f.car, &info);
	cr_assert_str_eq(info.trouble, "key-not-enrolled");
	cr_assert_eq(car_state(f.car)->body.sleep, CAR_SLEEP_AWAKE);
	teardown(&f);
}

TEST(flow, every_part_of_the_state_is_one_round_trip)
{
	unsigned int before;
	struct flow f;

	setup(&f, "");
	cr_assert_eq(read_part(&f, COMMAND_BODY_CONTROLLER_STATE, false),
		CAR_READ_DONE);
	cr_assert_eq(read_part(&f, COMMAND_STATE_DRIVE, false), CAR_READ_DONE);
	cr_assert(car_state_is_parked(car_state(f.car), clock_boottime_ms()));
	before = trips(&f);
	for (int i = 0; i < _COMMAND_N; i++) {
		enum command_id id = (enum command_id)i;

		if (report_part(id) == NULL)
			continue;
		cr_assert_eq(read_part(&f, id, false), CAR_READ_DONE, "%s",
			command_info(id)->name);
		cr_assert_gt(f.report.n_facts, 0);
		cr_assert_not(f.report.is_cut);
		cr_assert_eq(trips(&f), ++before, "%s", f.said);
	}
	/* What rules ask for has come along. */
	cr_assert_gt(car_state(f.car)->charge.battery_level, 0);
	cr_assert_gt(car_state(f.car)->climate.driver_c, 0);
	teardown(&f);
}

TEST(flow, sleeper_is_read_only_if_it_may_be_woken)
{
	struct flow f;

	setup(&f, "--asleep --boot-time 300ms");
	cr_assert_eq(
		read_part(&f, COMMAND_STATE_CHARGE, false), CAR_READ_ASLEEP);
	cr_assert_eq(did(&f, "wake"), 0);
	cr_assert_eq(read_part(&f, COMMAND_STATE_CHARGE, true), CAR_READ_DONE);
	cr_assert_eq(did(&f, "wake"), 1);
	teardown(&f);
}

TEST(flow, unlock_leaves_infotainment_asleep)
{
	struct flow f;

	setup(&f, "--asleep");
	expect_confirmed(&f, "unlock");
	cr_assert_eq(did(&f, "unlock"), 1);
	cr_assert_eq(did(&f, "wake"), 0);
	cr_assert_not(car_has_session(f.car, DOMAIN_INFOTAINMENT));
	teardown(&f);
}

TEST(flow, sleeping_car_is_woken_and_waited_for)
{
	struct flow f;

	setup(&f, "--asleep --boot-time 3s");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "wake"), 1);
	cr_assert_eq(did(&f, "flash-lights"), 1);
	/* Asleep again, and its session is no good. */
	tell(&f, "sleep");
	plan(&f, "wait 11s");
	add_steps(&f.steps, "flash-lights");
	expect(&f, OUTCOME_CONFIRMED, "");
	cr_assert_eq(did(&f, "wake"), 2);
	cr_assert_eq(did(&f, "flash-lights"), 2);
	teardown(&f);
}

TEST(flow, sleeper_whose_infotainment_answers_with_faults_is_woken)
{
	struct flow f;

	setup(&f, "--asleep --asleep-answers --boot-time 2s");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "wake"), 1);
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, deep_sleeper_is_poked)
{
	struct flow f;

	setup(&f, "--boot-time 1s");
	tell(&f, "deep-sleep");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "wake"), 1);
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, wave_opens_and_closes)
{
	struct flow f;

	setup(&f, "");
	plan(&f, "charge-port-open");
	add_steps(&f.steps, "wait 100ms");
	add_steps(&f.steps, "charge-port-close");
	expect(&f, OUTCOME_CONFIRMED, "");
	cr_assert_eq(f.result.n_confirmed, 3);
	cr_assert_eq(did(&f, "charge-port-open"), 1);
	cr_assert_eq(did(&f, "charge-port-close"), 1);
	teardown(&f);
}

TEST(flow, refused_half_of_a_wave_is_undone)
{
	struct flow f;

	setup(&f, "--fault refuse@charge-port-close");
	plan(&f, "charge-port-open");
	add_steps(&f.steps, "charge-port-close");
	add_steps(&f.undo, "charge-port-close");
	expect(&f, OUTCOME_REFUSED, "what had begun was undone");
	cr_assert_eq(f.n_begun, 2);
	cr_assert_eq(f.n_undone, 1);
	cr_assert_eq(did(&f, "charge-port-open"), 1);
	cr_assert_eq(did(&f, "charge-port-close"), 1);
	teardown(&f);
}

TEST(flow, lost_answer_to_a_flash_is_unknown_and_flashes_once)
{
	struct flow f;

	setup(&f, "--fault lost-answer@flash-lights");
	plan(&f, "flash-lights");
	expect(&f, OUTCOME_UNKNOWN, "did not answer");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, lost_answer_to_an_unlock_is_asked_for_again)
{
	struct flow f;

	setup(&f, "--fault lost-answer@unlock");
	expect_confirmed(&f, "unlock");
	cr_assert_eq(did(&f, "unlock"), 2);
	teardown(&f);
}

TEST(flow, lost_answer_of_the_trunk_is_read_back)
{
	struct flow f;

	setup(&f, "--fault lost-answer@trunk-open");
	expect_confirmed(&f, "trunk-open");
	cr_assert_eq(did(&f, "trunk-open"), 1);
	cr_assert_eq(did(&f, "trunk-close"), 0);
	teardown(&f);
}

TEST(flow, lost_request_to_the_trunk_is_refused)
{
	struct flow f;

	setup(&f, "--fault lost-request@trunk-open");
	plan(&f, "trunk-open");
	expect(&f, OUTCOME_REFUSED, "the car shows no effect");
	cr_assert_eq(did(&f, "trunk-open"), 0);
	teardown(&f);
}

TEST(flow, open_trunk_is_left_alone)
{
	struct flow f;

	setup(&f, "");
	tell(&f, "trunk open");
	expect_confirmed(&f, "trunk-open");
	cr_assert_eq(did(&f, "trunk-open"), 0);
	cr_assert_eq(did(&f, "trunk-close"), 0);
	teardown(&f);
}

TEST(flow, music_that_plays_plays_on)
{
	struct flow f;

	setup(&f, "");
	expect_confirmed(&f, "media-play");
	expect_confirmed(&f, "media-play");
	cr_assert_eq(did(&f, "media-play") + did(&f, "media-toggle-playback"),
		1, "%s", f.said);
	teardown(&f);
}

TEST(flow, link_that_drops_before_the_flash_leaves_it_unknown)
{
	struct flow f;

	/* From here it looks like one that drops behind the flash. */
	setup(&f, "--fault drop-before@flash-lights");
	plan(&f, "flash-lights");
	expect(&f, OUTCOME_UNKNOWN, "link");
	cr_assert_eq(did(&f, "flash-lights"), 0);
	/* The next one finds the car again. */
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, link_that_drops_behind_an_unlock_is_opened_again)
{
	struct flow f;

	setup(&f, "--fault drop-after@unlock");
	expect_confirmed(&f, "unlock");
	cr_assert_eq(times(&f, "\"connected\""), 2);
	teardown(&f);
}

TEST(flow, link_that_drops_in_a_handshake_or_a_read_costs_nothing)
{
	struct flow f;

	setup(&f, "--fault drop-before@session-info:2 --fault "
		  "drop-mid-frame@state-drive");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, car_without_a_free_link_is_tried_again)
{
	struct flow f;

	setup(&f, "--fault links-full:2");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, new_epoch_costs_one_more_round)
{
	struct flow f;

	setup(&f, "--fault epoch@flash-lights");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	tell(&f, "epoch vcsec");
	expect_confirmed(&f, "unlock");
	cr_assert_eq(did(&f, "unlock"), 1);
	teardown(&f);
}

TEST(flow, car_that_was_rebooted_obeys)
{
	struct flow f;

	setup(&f, "");
	expect_confirmed(&f, "flash-lights");
	tell(&f, "reboot");
	run_until_said(&f, "\"power\":\"awake\"");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 2);
	teardown(&f);
}

TEST(flow, car_that_moves_is_not_commanded)
{
	struct flow f;

	setup(&f, "");
	tell(&f, "shift D");
	plan(&f, "unlock");
	expect(&f, OUTCOME_REFUSED, "is not parked");
	cr_assert_eq(f.n_begun, 0);
	cr_assert_eq(did(&f, "unlock"), 0);
	teardown(&f);
}

TEST(flow, car_whose_drive_computer_is_off_is_parked)
{
	static const char *const shifts[] = { "shift none", "shift invalid",
		"shift sna" };

	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++) {
		struct flow f;

		setup(&f, "");
		tell(&f, shifts[i]);
		plan(&f, "flash-lights");
		expect_confirmed(&f, "flash-lights");
		cr_assert_eq(did(&f, "flash-lights"), 1);
		teardown(&f);
	}
}

TEST(flow, car_that_drives_off_in_a_program_is_undone)
{
	struct flow f;

	setup(&f, "");
	plan(&f, "unlock");
	add_steps(&f.steps, "wait 11s");
	add_steps(&f.steps, "honk");
	add_steps(&f.undo, "lock");
	f.on_begun = "shift D";
	expect(&f, OUTCOME_REFUSED, "honk: the car is not parked");
	cr_assert_eq(did(&f, "honk"), 0);
	cr_assert_eq(did(&f, "lock"), 1);
	teardown(&f);
}

TEST(flow, car_that_does_not_know_the_key_says_so)
{
	struct flow f;

	setup_apart(&f);
	spawn(&f, "");
	plan(&f, "flash-lights");
	expect(&f, OUTCOME_REFUSED, "does not know the key");
	cr_assert_not_null(strstr(car_problem(f.car), "does not know the key"));
	teardown(&f);
}

TEST(flow, signatures_refused_again_and_again_stop_it)
{
	struct flow f;

	setup(&f, "--fault fault-5-bare@flash-lights:9");
	plan(&f, "flash-lights");
	expect(&f, OUTCOME_REFUSED, "");
	cr_assert_eq(times(&f, "\"fault\":5"), VEHICLE_LOCKOUT_FAILURES);
	plan(&f, "unlock");
	expect(&f, OUTCOME_REFUSED, "nothing is sent to it for");
	cr_assert_eq(did(&f, "unlock"), 0);
	teardown(&f);
}

TEST(flow, small_blocks_and_broadcasts_between_them_are_fine)
{
	struct flow f;

	setup(&f, "--fault mtu-23 --fault broadcast:3");
	expect_confirmed(&f, "flash-lights");
	cr_assert_eq(did(&f, "flash-lights"), 1);
	teardown(&f);
}

TEST(flow, after_a_crash_the_car_is_only_looked_at)
{
	struct flow f;

	setup(&f, "");
	tell(&f, "unlock");
	plan(&f, "unlock");
	f.spec.kind = CAR_JOB_RECOVER;
	f.spec.journal.marks[0] = JOURNAL_BEGUN;
	expect(&f, OUTCOME_CONFIRMED, "");
	tell(&f, "lock");
	expect(&f, OUTCOME_REFUSED, "shows no effect");
	cr_assert_eq(f.n_begun, 0);
	cr_assert_eq(did(&f, "unlock"), 0);
	teardown(&f);
}

TEST(flow, after_a_crash_half_a_wave_is_undone)
{
	struct flow f;

	setup(&f, "");
	tell(&f, "charge-port open");
	plan(&f, "charge-port-open");
	add_steps(&f.steps, "charge-port-close");
	add_steps(&f.undo, "charge-port-close");
	f.spec.kind = CAR_JOB_RECOVER;
	f.spec.journal.marks[0] = JOURNAL_CONFIRMED;
	expect(&f, OUTCOME_REFUSED, "was undone");
	cr_assert_eq(f.n_begun, 0);
	cr_assert_eq(did(&f, "charge-port-close"), 1);
	teardown(&f);
}

TEST(flow, car_out_of_reach_refuses_in_time)
{
	struct flow f;

	setup_apart(&f);
	plan(&f, "flash-lights");
	f.spec.start_by_ms = clock_boottime_ms() + 1200;
	expect(&f, OUTCOME_REFUSED,
		"the car was not reached: no such car is in reach");
	teardown(&f);
}
