/* SPDX-License-Identifier: MIT */

#include "daemon/till.h"

#include "faults.h"
#include "test.h"
#include "till-world.h"

static struct menu menu = { .vin = "5YJ3E1EA6KF000000", .n_actions = 1 };

enum {
	N_MANY = 20000,
};

/* What was told since the last time. */
static const char *told(void)
{
	static char last[TOLD_SIZE];

	memcpy(last, fake.told, sizeof(last));
	fake.told[0] = '\0';
	return last;
}

static int before_step(bool is_undo, char why[static CAR_WHY_SIZE])
{
	const struct car_step step = {
		.is_undo = is_undo,
		.step = &flash.steps.steps[0],
	};

	return fake.car->before_step(fake.car_data, &step, &fake.state, why);
}

/* A till that has nothing to do yet. */
static struct till *begin(sd_event **ret_event, const char *closed)
{
	const struct till_config config = {
		.menu = &menu,
		.orders = (struct orders *)&fake,
		.closed = closed,
	};
	struct till *till = NULL;

	log_set_level(LOG_EMERG);
	fake.problem = "";
	cr_assert_geq(sd_event_new(ret_event), 0);
	cr_assert_eq(till_new(*ret_event, &config, &ops, NULL, &till), 0);
	return till;
}

/* Runs what is due. */
static void settle(sd_event *event)
{
	while (sd_event_get_state(event) != SD_EVENT_FINISHED &&
		sd_event_run(event, 0) > 0)
		;
}

static void end(struct till *till, sd_event *event)
{
	(void)till_free(till);
	(void)sd_event_unref(event);
}

static int pay(void)
{
	const struct invoice invoice = {
		.node_id = "02ab",
		.payment_hash = "00",
		.pay_index = 8,
		.label = "1sat2flash-1",
		.msat = 1000,
	};

	return fake.node->paid(fake.node_data, &invoice);
}

TEST(till, free_car_gets_order_and_step_in_one_write)
{
	char why[CAR_WHY_SIZE] = "";
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	settle(event);
	cr_assert_eq(pay(), 0);
	cr_assert_str_eq(told(), "record+begun run");
	cr_assert_eq(before_step(false, why), 0);
	cr_assert_str_eq(told(), "rules", "journalled twice");
	done(OUTCOME_CONFIRMED);
	cr_assert_str_eq(told(), "1-confirmed");
	end(till, event);
}

TEST(till, busy_car_makes_the_order_wait)
{
	char why[CAR_WHY_SIZE] = "";
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	cr_assert_eq(pay(), 0);
	cr_assert_eq(pay(), 0);
	cr_assert_str_eq(told(), "record+begun run record");
	settle(event);
	cr_assert_str_eq(told(), "", "two orders at once");
	done(OUTCOME_CONFIRMED);
	settle(event);
	cr_assert_str_eq(told(), "1-confirmed run");
	cr_assert_eq(before_step(false, why), 0);
	cr_assert_eq(before_step(false, why), 0);
	cr_assert_str_eq(told(), "rules begun begun");
	end(till, event);
}

TEST(till, nobody_overtakes_who_waits)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	settle(event);
	cr_assert_eq(pay(), 0);
	cr_assert_eq(pay(), 0);
	cr_assert_str_eq(told(), "record+begun run record");
	/* The car is free, but the loop has not come round yet. */
	done(OUTCOME_CONFIRMED);
	cr_assert_eq(pay(), 0);
	cr_assert_str_eq(told(), "1-confirmed record");
	settle(event);
	cr_assert_str_eq(told(), "run");
	end(till, event);
}

TEST(till, cooldown_keeps_a_ready_car_waiting)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	fake.start_at_ms = 5000;
	cr_assert_eq(pay(), 0);
	cr_assert_str_eq(told(), "record");
	end(till, event);
}

TEST(till, broken_rule_refuses_a_step_journalled_already)
{
	char why[CAR_WHY_SIZE] = "";
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	fake.forbidden = true;
	cr_assert_eq(pay(), 0);
	cr_assert_eq(before_step(false, why), CAR_E_REFUSED);
	cr_assert_str_eq(why, "the car drives");
	end(till, event);
}

TEST(till, full_disk_acts_on_nothing_and_asks_for_the_payment_again)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);
	struct till_status status;

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	fake.following = true;
	fake.record_result = LEDGER_E_FULL;
	settle(event);
	cr_assert_eq(pay(), -ENOSPC);
	cr_assert_str_eq(told(), "record+begun");
	till_get_status(till, &status);
	cr_assert(!status.taking_payments);
	cr_assert_str_eq(
		status.why_not, "No space left on device, trying again");

	fake.record_result = 0;
	cr_assert_eq(pay(), 0);
	till_get_status(till, &status);
	cr_assert(status.taking_payments, "%s", status.why_not);
	end(till, event);
}

TEST(till, outcome_is_stored_before_anything_else_begins)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	fake.n_end_failures = 3;
	cr_assert_eq(pay(), 0);
	cr_assert_eq(pay(), 0);
	(void)told();
	done(OUTCOME_CONFIRMED);
	settle(event);
	cr_assert_str_eq(
		told(), "end-failed end-failed end-failed 1-confirmed run");
	end(till, event);
}

TEST(till, step_that_cannot_be_journalled_is_refused_but_undo_goes_on)
{
	char why[CAR_WHY_SIZE] = "";
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	fake.begun_result = LEDGER_E_FULL;
	cr_assert_eq(pay(), 0);
	settle(event);
	cr_assert_eq(before_step(false, why), CAR_E_REFUSED);
	cr_assert_str_eq(why, "it cannot be written down: no room on the disk");
	cr_assert_eq(before_step(true, why), 0);
	end(till, event);
}

TEST(till, what_crashed_comes_before_what_waits)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.n_crashed = 2;
	fake.n_waiting = 1;
	settle(event);
	cr_assert_str_eq(told(), "recover");
	done(OUTCOME_UNKNOWN);
	settle(event);
	cr_assert_str_eq(told(), "2-unknown recover");
	done(OUTCOME_REFUSED);
	settle(event);
	cr_assert_str_eq(told(), "2-refused run");
	end(till, event);
}

TEST(till, car_that_cannot_be_asked_has_done_nothing)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.begin_result = -ENOMEM;
	fake.n_crashed = 1;
	fake.n_waiting = 1;
	settle(event);
	/* What had begun before a crash may have happened. */
	cr_assert_str_eq(told(), "recover 2-unknown run 1-refused");
	end(till, event);
}

TEST(till, many_refused_at_once_do_not_nest)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.done_at_once = true;
	fake.n_waiting = N_MANY;
	settle(event);
	cr_assert_eq(fake.n_waiting, 0);
	end(till, event);
}

TEST(till, payments_of_others_leave_the_car_alone)
{
	static const enum orders_verdict verdicts[] = { ORDERS_NOT_OURS,
		ORDERS_KNOWN, ORDERS_DECLINED };
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.ready = true;
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		fake.verdict = verdicts[i];
		cr_assert_eq(pay(), 0);
		settle(event);
		cr_assert_str_eq(told(), "record");
	}
	end(till, event);
}

TEST(till, new_node_is_told_from_a_known_one)
{
	uint64_t position = 0;
	int64_t since_s = 1;
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	cr_assert_eq(
		fake.node->load(fake.node_data, "02ab", &position, &since_s),
		1);
	cr_assert_eq(position, 7);
	cr_assert_eq(since_s, 1);
	cr_assert_eq(
		fake.node->load(fake.node_data, "new", &position, &since_s), 0);
	cr_assert_eq(since_s, 5);
	cr_assert_eq(fake.node->begin(fake.node_data, "new", 3), 0);
	fake.begin_node_result = LEDGER_E_FULL;
	cr_assert_eq(fake.node->begin(fake.node_data, "new", 3), -ENOSPC);
	end(till, event);
}

TEST(till, try_runs_as_soon_as_the_car_is_free)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);
	uint64_t id = 0;

	settle(event);
	cr_assert_eq(till_try(till, "nothing", &id), LEDGER_E_NONE);
	cr_assert_eq(till_try(till, "flash", &id), 0);
	cr_assert_eq(id, 1);
	settle(event);
	cr_assert_str_eq(told(), "run");
	end(till, event);
}

TEST(till, stop_with_nothing_to_do_ends_at_once)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	till_stop(till);
	till_stop(till);
	settle(event);
	cr_assert_eq(sd_event_get_state(event), SD_EVENT_FINISHED);
	cr_assert_str_eq(told(), "node-left");
	end(till, event);
}

TEST(till, stop_waits_for_what_has_begun_and_begins_no_more)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.n_waiting = 2;
	settle(event);
	till_stop(till);
	settle(event);
	cr_assert_str_eq(told(), "run node-left car-stop");
	cr_assert_neq(sd_event_get_state(event), SD_EVENT_FINISHED);
	done(OUTCOME_REFUSED);
	settle(event);
	cr_assert_str_eq(told(), "1-refused");
	cr_assert_eq(sd_event_get_state(event), SD_EVENT_FINISHED);
	end(till, event);
}

TEST(till, broken_ledger_stops_the_bridge_with_failure)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);
	int code = 0;

	fake.n_waiting = 2;
	settle(event);
	fake.broken(fake.broken_data);
	cr_assert_str_eq(told(), "run");
	settle(event);
	/* What was opened is closed again, though nothing is written. */
	cr_assert_str_eq(told(), "node-left car-stop");
	done(OUTCOME_REFUSED);
	settle(event);
	cr_assert_eq(sd_event_get_state(event), SD_EVENT_FINISHED);
	cr_assert_geq(sd_event_get_exit_code(event, &code), 0);
	cr_assert_eq(code, -EUCLEAN);
	end(till, event);
	cr_assert_null(fake.broken);
}

TEST(till, status_gives_the_first_reason)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);
	struct till_status status;

	till_get_status(till, &status);
	cr_assert(!status.is_settled);
	cr_assert_str_eq(status.why_not, "the node has not answered yet");

	fake.node->changed(fake.node_data, false, "no such socket");
	till_get_status(till, &status);
	cr_assert(status.is_settled);
	cr_assert_str_eq(status.why_not, "no such socket");

	cr_assert_eq(till_set_paused(till, true), 0);
	till_get_status(till, &status);
	cr_assert_str_eq(status.why_not, "paused by the owner");

	cr_assert_eq(till_set_paused(till, false), 0);
	fake.following = true;
	fake.node->changed(fake.node_data, true, "");
	till_get_status(till, &status);
	cr_assert(status.taking_payments);
	cr_assert_str_eq(status.node.alias, "alias");
	cr_assert_eq(status.position, 7);
	end(till, event);
}

TEST(till, closed_till_does_not_ask_the_node)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, "the state is on a tmpfs");
	struct till_status status;

	cr_assert_null(fake.node);
	till_get_status(till, &status);
	cr_assert(status.is_settled);
	cr_assert(!status.taking_payments);
	cr_assert_str_eq(status.why_not, "the state is on a tmpfs");
	end(till, event);
}

TEST(till, orders_wait_while_the_link_is_lent)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);
	uint64_t id = 0;

	fake.verdict = ORDERS_TAKEN;
	fake.ready = true;
	settle(event);
	cr_assert_eq(till_lend(till), 0);
	cr_assert_eq(pay(), 0);
	cr_assert_eq(till_try(till, "flash", &id), 0);
	settle(event);
	cr_assert_str_eq(told(), "lend record");
	till_take_back(till);
	settle(event);
	cr_assert_str_eq(told(), "take-back run");
	done(OUTCOME_CONFIRMED);
	settle(event);
	cr_assert_str_eq(told(), "1-confirmed run");
	/* Given back once. */
	till_take_back(till);
	cr_assert_str_eq(told(), "");
	end(till, event);
}

TEST(till, link_is_lent_when_nothing_runs)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.n_waiting = 1;
	fake.n_end_failures = 1;
	settle(event);
	cr_assert_eq(till_lend(till), CAR_E_BUSY);
	cr_assert_eq(till_look(till), CAR_E_BUSY);
	done(OUTCOME_CONFIRMED);
	/* Its outcome is not stored yet. */
	cr_assert_eq(till_lend(till), CAR_E_BUSY);
	settle(event);
	cr_assert_str_eq(told(), "run end-failed 1-confirmed");
	fake.lend_result = CAR_E_LENT;
	cr_assert_eq(till_lend(till), CAR_E_LENT);
	cr_assert_str_eq(told(), "lend");
	/* It was not lent by us: nothing waits. */
	fake.n_waiting = 1;
	settle(event);
	fake.lend_result = 0;
	cr_assert_eq(till_lend(till), 0);
	end(till, event);
}

TEST(till, what_crashed_waits_for_the_link_too)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.n_crashed = 1;
	cr_assert_eq(till_lend(till), 0);
	settle(event);
	cr_assert_str_eq(told(), "lend");
	till_take_back(till);
	settle(event);
	cr_assert_str_eq(told(), "take-back recover");
	end(till, event);
}

TEST(till, stop_lends_nothing_and_ends_though_the_link_is_lent)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	cr_assert_eq(till_lend(till), 0);
	till_stop(till);
	settle(event);
	cr_assert_eq(sd_event_get_state(event), SD_EVENT_FINISHED);
	cr_assert_eq(till_look(till), CAR_E_BUSY);
	cr_assert_eq(till_lend(till), CAR_E_BUSY);
	end(till, event);
}

TEST(till, look_is_passed_on)
{
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	settle(event);
	cr_assert_eq(till_look(till), 0);
	/* An order goes before. */
	cr_assert_eq(pay(), 0);
	settle(event);
	fake.car->looked(fake.car_data);
	cr_assert_str_eq(told(), "look record run looked");
	fake.look_result = CAR_E_LENT;
	done(OUTCOME_CONFIRMED);
	cr_assert_eq(till_look(till), CAR_E_LENT);
	end(till, event);
}

TEST(till, a_read_is_passed_on)
{
	const struct car_reading reading = { .id = COMMAND_STATE_CHARGE };
	sd_event *event = NULL;
	struct till *till = begin(&event, NULL);

	fake.verdict = ORDERS_TAKEN;
	settle(event);
	cr_assert_eq(till_read(till, COMMAND_STATE_CHARGE, true), 0);
	/* An order goes before. */
	cr_assert_eq(pay(), 0);
	settle(event);
	fake.car->read(fake.car_data, &reading);
	cr_assert_str_eq(told(), "wake-and-read record run was-read");
	cr_assert_eq(till_read(till, COMMAND_STATE_CHARGE, true), CAR_E_BUSY);
	fake.look_result = CAR_E_LENT;
	done(OUTCOME_CONFIRMED);
	cr_assert_eq(till_read(till, COMMAND_STATE_CHARGE, false), CAR_E_LENT);
	end(till, event);
}

TEST(till, begins_or_says_that_memory_is_out)
{
	const struct till_config config = {
		.menu = &menu,
		.orders = (struct orders *)&fake,
	};
	struct till *till = NULL;
	sd_event *event = NULL;
	int r = -1;

	cr_assert_geq(sd_event_new(&event), 0);
	for (long n = 0; r != 0; n++) {
		faults_arm(n);
		r = till_new(event, &config, &ops, NULL, &till);
		faults_disarm();
		cr_assert(r == 0 || (r == -ENOMEM && till == NULL));
	}
	end(till, event);
}
