/* SPDX-License-Identifier: MIT */

/* By which way payments come, and what is told of each. */

#include "daemon/intake.h"

#include "faults.h"
#include "lightning/line.h"
#include "till-world.h"

static struct menu menu = { .vin = "5YJ3E1EA6KF000000", .n_actions = 1 };
static const struct line_config line = { .rpc_path = "/r", .node_id = "" };
static struct problem ledger = { "the ledger", LOG_ERR, "" };
static unsigned int n_changed;

static void on_changed(void *userdata)
{
	(void)userdata;
	n_changed++;
}

static int open_intake(struct intake **ret)
{
	return intake_new(NULL,
		&(const struct intake_config){
			.menu = &menu,
			.orders = (struct orders *)&fake,
			.node = &line,
			.ledger = &ledger,
			.changed = on_changed,
		},
		ret);
}

static struct intake *begin(bool plugin, bool hold)
{
	struct intake *intake = NULL;

	log_set_level(LOG_EMERG);
	menu.plugin = plugin;
	menu.hold = hold;
	cr_assert_eq(open_intake(&intake), 0);
	return intake;
}

static struct intake_status status_of(const struct intake *intake)
{
	struct intake_status status;

	intake_get_status(intake, &status);
	return status;
}

TEST(intake, without_a_plugin_it_follows_what_is_paid)
{
	struct intake *intake = begin(false, false);

	cr_assert_not_null(fake.node);
	cr_expect_null(fake.escrow.changed);
	cr_expect_eq(intake_refund(intake, 1), INTAKE_E_NO_PLUGIN);
	/* Nobody is there to be told. */
	intake_check(intake);
	intake_on_order(intake, &(const struct ledger_row){ 0 });
	cr_expect_str_eq(fake.told, "");
	cr_expect(intake_is_idle(intake));
	intake_stop(intake);
	cr_expect_str_eq(fake.told, "node-left");
	intake_free(intake);
}

TEST(intake, that_holds_follows_the_plugin_alone)
{
	struct intake *intake = begin(true, true);
	struct intake_status status = status_of(intake);

	cr_expect_null(fake.node);
	cr_expect_str_eq(fake.escrow.node_id, "");
	cr_expect_not(status.is_settled);
	cr_expect_not(status.is_up);

	fake.escrow.changed(fake.escrow.userdata, false, "no guard");
	status = status_of(intake);
	cr_expect(status.is_settled);
	cr_expect_not(status.is_up);
	cr_expect_str_eq(status.problem, "no guard");
	cr_expect_eq(n_changed, 1);
	/* It says something else: the last word counts. */
	fake.escrow.changed(fake.escrow.userdata, false, "no guard, 1 s");
	cr_expect_str_eq(status_of(intake).problem, "no guard, 1 s");

	fake.following = true;
	fake.escrow.changed(fake.escrow.userdata, true, "");
	status = status_of(intake);
	cr_expect(status.is_up);
	cr_expect_str_eq(status.problem, "");
	cr_expect_str_eq(status.node_id, "02ab");
	cr_expect_str_eq(status.alias, "");
	cr_expect_eq(status.position, 0);
	intake_free(intake);
}

TEST(intake, with_a_plugin_beside_it_follows_both)
{
	struct intake *intake = begin(true, false);
	struct intake_status status;

	cr_assert_not_null(fake.node);
	cr_assert_not_null(fake.escrow.changed);
	/* Whether payments come is the list's to say. */
	fake.escrow.changed(fake.escrow.userdata, true, "");
	cr_expect_not(status_of(intake).is_settled);
	fake.following = true;
	fake.node->changed(fake.node_data, true, "");
	status = status_of(intake);
	cr_expect(status.is_settled);
	cr_expect(status.is_up);
	cr_expect_eq(status.position, 7);
	cr_expect_str_eq(status.alias, "alias");
	/* What is wrong with the node comes first. */
	fake.escrow.changed(fake.escrow.userdata, false, "no plugin");
	cr_expect_str_eq(status_of(intake).plugin_problem, "no plugin");
	fake.node->changed(fake.node_data, false, "no node");
	cr_expect_str_eq(status_of(intake).problem, "no node");
	cr_expect_eq(intake_refund(intake, 1), 0);
	cr_expect_eq(intake_refund(intake, 2), LEDGER_E_NONE);
	intake_free(intake);
}

TEST(intake, verdicts_are_told_and_waited_for_while_somebody_hears)
{
	struct intake *intake = begin(true, true);

	intake_on_order(intake, &(const struct ledger_row){ 0 });
	cr_expect_str_eq(fake.told, "verdict");
	fake.escrow_idle = false;
	fake.following = true;
	cr_expect_not(intake_is_idle(intake));
	fake.escrow_idle = true;
	cr_expect(intake_is_idle(intake));
	/* They are given by the next process. */
	fake.escrow_idle = false;
	fake.following = false;
	cr_expect(intake_is_idle(intake));
	fake.escrow.idle(fake.escrow.userdata);
	cr_expect_eq(n_changed, 1);
	intake_free(intake);
}

TEST(intake, stop_takes_no_more_by_either_way)
{
	struct intake *intake = begin(true, false);

	intake_stop(intake);
	cr_expect_str_eq(fake.told, "node-left escrow-stop");
	/* What is known of it is told still. */
	cr_expect_not(status_of(intake).is_up);
	cr_expect_str_eq(status_of(intake).node_id, "");
	intake_free(intake);
	cr_expect_null(intake_free(NULL));
}

/* Else a payer would have his money back for what the car did. */
TEST(intake, bridge_that_stops_waits_for_the_last_verdict)
{
	const struct till_config config = {
		.menu = &menu,
		.orders = (struct orders *)&fake,
		.node = &line,
	};
	struct till *till = NULL;
	sd_event *event = NULL;

	menu.plugin = menu.hold = true;
	fake.problem = "";
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(till_new(event, &config, &ops, NULL, &till), 0);
	fake.following = true;
	fake.escrow_idle = false;
	till_stop(till);
	while (sd_event_run(event, 0) > 0)
		;
	cr_assert_neq(sd_event_get_state(event), SD_EVENT_FINISHED);
	fake.escrow_idle = true;
	fake.escrow.idle(fake.escrow.userdata);
	while (sd_event_get_state(event) != SD_EVENT_FINISHED &&
		sd_event_run(event, 0) > 0)
		;
	cr_assert_eq(sd_event_get_state(event), SD_EVENT_FINISHED);
	(void)till_free(till);
	(void)sd_event_unref(event);
}

TEST(intake, begins_or_says_that_memory_is_out)
{
	struct intake *intake = NULL;
	int r = -ENOMEM;
	long n;

	menu.plugin = true;
	for (n = 0; r != 0; n++) {
		faults_arm(n);
		r = open_intake(&intake);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_expect_eq(n, 2);
	intake_free(intake);
}
