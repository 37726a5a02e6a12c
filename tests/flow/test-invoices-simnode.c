/* SPDX-License-Identifier: MIT */

/*
 * The client of the node against simnode, which judges by itself: what both
 * could have got wrong in the same way, one of them has not.
 */

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lightning/invoices.h"
#include "unit/test.h"
#include "util/clock.h"
#include "util/fd.h"

enum {
	PATIENCE_MS = 20 * 1000,
	MAX_AGE_MS = 60 * 1000,
};

static char folder[] = "/tmp/test-simnode-XXXXXX";
static char path[64];
static pid_t node_pid;
static int node_stdin = -1;
static sd_event *event;

/* The owner's side. */
static int known;
static uint64_t stored, n_paid;
static bool following, last_restored;
static uint64_t last_max_age_ms, last_msat;

static int on_load(void *userdata, const char *node_id, uint64_t *ret,
	int64_t *ret_since_s)
{
	(void)userdata;
	(void)node_id;
	(void)ret_since_s;
	if (known == 1)
		*ret = stored;
	return known;
}

static int on_begin(void *userdata, const char *node_id, uint64_t pay_index)
{
	(void)userdata;
	(void)node_id;
	known = 1;
	stored = pay_index;
	return 0;
}

static int on_paid(void *userdata, const struct invoice *invoice)
{
	(void)userdata;
	n_paid++;
	stored = invoice->pay_index;
	last_restored = invoice->restored;
	last_max_age_ms = invoice->max_age_ms;
	last_msat = invoice->msat;
	return 0;
}

static void on_changed(void *userdata, bool is_following, const char *why)
{
	(void)userdata;
	(void)why;
	following = is_following;
}

static const struct invoices_ops ops = {
	.load = on_load,
	.begin = on_begin,
	.paid = on_paid,
	.changed = on_changed,
};

static struct rpc *rpc;
static struct invoices *inv;

static void start_node(const char *option, const char *value)
{
	const char *program = getenv("SIMNODE");
	const char *const words[] = { program, "--socket", path, option, value,
		NULL };
	posix_spawn_file_actions_t actions;
	char *argv[ARRAY_SIZE(words)];
	int in[2];

	cr_assert_not_null(program);
	memcpy(argv, words, sizeof(argv));
	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(posix_spawn_file_actions_init(&actions), 0);
	cr_assert_eq(posix_spawn_file_actions_adddup2(&actions, in[0], 0), 0);
	cr_assert_eq(posix_spawn_file_actions_addopen(
			     &actions, 1, "/dev/null", O_WRONLY, 0),
		0);
	cr_assert_eq(
		posix_spawn(&node_pid, program, &actions, NULL, argv, environ),
		0);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(in[0]);
	node_stdin = in[1];
}

static void stop_node(void)
{
	int status;

	cr_assert_eq(kill(node_pid, SIGTERM), 0);
	cr_assert_eq(waitpid(node_pid, &status, 0), node_pid);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	fd_closep(&node_stdin);
}

static void tell(const char *line)
{
	cr_assert_eq(
		write(node_stdin, line, strlen(line)), (ssize_t)strlen(line));
}

/* Runs the loop until @done is @value. */
static void run_until(const uint64_t *done, uint64_t value)
{
	uint64_t end_ms = clock_boottime_ms() + PATIENCE_MS;

	while (*done != value) {
		cr_assert_geq(sd_event_run(event, 100 * 1000), 0);
		cr_assert_lt(clock_boottime_ms(), end_ms, "too slow");
	}
}

static void run_until_following(bool value)
{
	uint64_t end_ms = clock_boottime_ms() + PATIENCE_MS;

	while (following != value) {
		cr_assert_geq(sd_event_run(event, 100 * 1000), 0);
		cr_assert_lt(clock_boottime_ms(), end_ms, "too slow");
	}
}

static const struct line_config line = { .rpc_path = path };

static void begin(const char *option, const char *value)
{
	cr_assert_not_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/lightning-rpc", folder);
	cr_assert_geq(sd_event_new(&event), 0);
	start_node(option, value);
	cr_assert_eq(rpc_new(event, &line, NULL, NULL, &rpc), 0);
	cr_assert_eq(invoices_new(event, rpc, MAX_AGE_MS, &ops, NULL, &inv), 0);
}

static void end(void)
{
	inv = invoices_free(inv);
	rpc = rpc_free(rpc);
	event = sd_event_unref(event);
	stop_node();
	(void)unlink(path);
	(void)rmdir(folder);
}

TEST(flow, an_old_node_delivers_only_what_is_new)
{
	begin("--preload", "10000");
	run_until_following(true);
	cr_assert_eq(stored, 10000);
	tell("pay 1000 label=1sat2flash-\n");
	run_until(&n_paid, 1);
	cr_assert_eq(stored, 10001);
	cr_assert_eq(last_msat, 1000);
	cr_assert_not(last_restored);
	cr_assert_lt(last_max_age_ms, MAX_AGE_MS);
	end();
}

TEST(flow, a_backlog_of_ten_thousand_is_worked_off)
{
	known = 1;
	begin("--preload", "10000");
	run_until(&n_paid, 10000);
	cr_assert_eq(stored, 10000);
	cr_assert_eq(last_max_age_ms, UINT64_MAX);
	end();
}

TEST(flow, a_restored_node_is_noticed)
{
	begin("--preload", "20");
	run_until_following(true);
	tell("restore 5\n");
	run_until_following(false);
	run_until_following(true);
	tell("pay 1000\n");
	run_until(&n_paid, 1);
	cr_assert(last_restored);
	cr_assert_eq(stored, 6);
	tell("pay 1000\n");
	run_until(&n_paid, 2);
	cr_assert_not(last_restored);
	cr_assert_eq(stored, 7);
	end();
}

/*
 * Each strikes the next answer, which is that to the call that waits.  Each
 * doubles the back-off, so they are few; the rest is in unit/test-rpc.c.
 */
TEST(flow, no_trouble_of_the_node_loses_a_payment)
{
	static const char *const troubles[] = {
		"close-mid-object\n",
		"flood 50000000\n",
		"wrong-id\n",
		"drop\n",
	};
	uint64_t n = 0;

	begin("--preload", "3");
	run_until_following(true);
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		tell(troubles[i]);
		tell("pay 1000\n");
		run_until(&n_paid, ++n);
		cr_assert_eq(stored, 3 + n);
		run_until_following(true);
	}
	end();
}

TEST(flow, a_node_that_restarts_is_found_again)
{
	begin("--id", "02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	run_until_following(true);
	cr_assert_eq(stored, 0);
	stop_node();
	run_until_following(false);
	start_node("--preload", "4");
	known = 0;
	run_until_following(true);
	cr_assert_eq(stored, 4);
	cr_assert_eq(n_paid, 0);
	end();
}
