/* SPDX-License-Identifier: MIT */

/* The command, the client's part of it, and a bridge in a child. */

#include "cli/owed.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "capture.h"
#include "model/api.h"
#include "util/macro.h"

/* By the number of the order, what a bridge may answer. */
enum {
	ORDER_SETTLED = 1,
	ORDER_UNKNOWN,
	ORDER_STILL_OWED,
	ORDER_TOO_SLOW,
	ORDER_FOREIGN,
	ORDER_NO_TEXT,
	ORDER_GONE,
};

struct world {
	sd_bus *bus;
	pid_t bridge;
	struct capture capture;
};

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	uint64_t order_id = 0;

	(void)userdata;
	(void)error;
	if (!sd_bus_message_is_method_call(m, API_INTERFACE, NULL))
		return 0;
	if (sd_bus_message_read(m, "t", &order_id) < 0)
		_exit(1);
	switch (order_id) {
	case ORDER_SETTLED:
		return sd_bus_reply_method_return(
			m, "s", sd_bus_message_get_member(m));
	case ORDER_UNKNOWN:
		return sd_bus_reply_method_errorf(m, API_ERROR_NO_SUCH_ORDER,
			"nothing is owed for order 2");
	case ORDER_STILL_OWED:
		return sd_bus_reply_method_errorf(
			m, API_ERROR_FAILED, "the payer left no way back");
	case ORDER_TOO_SLOW:
		return sd_bus_reply_method_errorf(
			m, SD_BUS_ERROR_NO_REPLY, "Method call timed out");
	case ORDER_FOREIGN:
		return sd_bus_reply_method_return(m, "s", "a\x1b[2Jb");
	case ORDER_NO_TEXT:
		return sd_bus_reply_method_return(m, "t", order_id);
	}
	_exit(0);
}

static void run_bridge(int fd)
{
	sd_id128_t id;
	sd_bus *bus;
	int r;

	r = sd_id128_randomize(&id);
	if (r >= 0)
		r = sd_bus_new(&bus);
	if (r >= 0)
		r = sd_bus_set_fd(bus, fd, fd);
	if (r >= 0)
		r = sd_bus_set_server(bus, 1, id);
	if (r >= 0)
		r = sd_bus_set_anonymous(bus, 1);
	if (r >= 0)
		r = sd_bus_add_filter(bus, NULL, on_call, NULL);
	if (r >= 0)
		r = sd_bus_start(bus);
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
	_exit(1);
}

static struct world *begin(void)
{
	struct world *w = calloc(1, sizeof(*w));
	int fds[2];

	cr_assert_not_null(w);
	cr_assert_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	w->bridge = fork();
	if (w->bridge == 0) {
		(void)close(fds[0]);
		run_bridge(fds[1]);
	}
	(void)close(fds[1]);
	cr_assert_geq(sd_bus_new(&w->bus), 0);
	cr_assert_geq(sd_bus_set_fd(w->bus, fds[0], fds[0]), 0);
	cr_assert_geq(sd_bus_set_anonymous(w->bus, 1), 0);
	cr_assert_geq(sd_bus_start(w->bus), 0);
	return w;
}

static void end(struct world *w)
{
	(void)sd_bus_close_unref(w->bus);
	(void)kill(w->bridge, SIGKILL);
	cr_assert_eq(waitpid(w->bridge, NULL, 0), w->bridge);
	free(w);
}

static int settle(struct world *w, const char *way, int order, bool as_json)
{
	char first[16], second[16];
	char *const words[] = { first, second };
	int status;

	(void)snprintf(first, sizeof(first), "%s", way);
	(void)snprintf(second, sizeof(second), "%d", order);
	capture_begin(&w->capture);
	status = owed_settle(w->bus, words, 2, as_json);
	capture_end(&w->capture);
	return status;
}

TEST(owed, each_way_has_its_method)
{
	static const char *const ways[][2] = {
		{ "refund", "Refund\n" },
		{ "do", "DoOwed\n" },
		{ "write-off", "WriteOff\n" },
	};
	struct world *w = begin();

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		cr_assert_eq(settle(w, ways[i][0], ORDER_SETTLED, false), 0);
		cr_assert_str_eq(w->capture.out, ways[i][1]);
		cr_assert_str_eq(w->capture.err, "");
	}
	end(w);
}

TEST(owed, programs_get_json)
{
	struct world *w = begin();

	cr_assert_eq(settle(w, "refund", ORDER_SETTLED, true), 0);
	cr_assert_str_eq(w->capture.out,
		"{\"order\":1,\"settled\":\"refund\",\"text\":\"Refund\"}\n");
	end(w);
}

TEST(owed, what_is_not_settled_is_told_and_fails)
{
	static const struct {
		int order;
		const char *says;
	} cases[] = {
		{ ORDER_UNKNOWN, "nothing is owed for order 2; see what is "
				 "owed with: 1sat2flash owed\n" },
		{ ORDER_STILL_OWED, "the payer left no way back\n" },
		{ ORDER_TOO_SLOW,
			"the bridge has not said what became of order 4; look "
			"for it before you ask again, with: 1sat2flash "
			"payments\n" },
		{ ORDER_NO_TEXT, "the bridge's answer cannot be read: " },
		{ ORDER_GONE, "" },
	};
	struct world *w = begin();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(settle(w, "refund", cases[i].order, false), 1);
		cr_assert_str_eq(w->capture.out, "");
		cr_assert_eq(strncmp(w->capture.err, "1sat2flash: ", 12), 0);
		cr_assert_eq(strncmp(w->capture.err + 12, cases[i].says,
				     strlen(cases[i].says)),
			0, "%s", w->capture.err);
	}
	end(w);
}

TEST(owed, foreign_text_cannot_steer)
{
	struct world *w = begin();

	cr_assert_eq(settle(w, "do", ORDER_FOREIGN, false), 0);
	cr_assert_str_eq(w->capture.out, "a?[2Jb\n");
	end(w);
}

/* Without a bus: nothing may be asked. */
TEST(owed, what_is_not_understood_is_not_asked)
{
	static char words[][2][24] = {
		{ "eat", "4" },
		{ "Refund", "4" },
		{ "refund", "" },
		{ "refund", "0" },
		{ "refund", "-1" },
		{ "refund", " 4" },
		{ "refund", "4x" },
		{ "refund", "18446744073709551616" },
	};
	struct capture *capture = malloc(sizeof(*capture));
	int status;

	cr_assert_not_null(capture);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char *const two[] = { words[i][0], words[i][1] };

		capture_begin(capture);
		status = owed_settle(NULL, two, 2, false);
		capture_end(capture);
		cr_assert_eq(status, 2, "%zu", i);
		cr_assert_not_null(strstr(capture->err,
			"1sat2flash owed refund|do|write-off ORDER"));
	}
	capture_begin(capture);
	status = owed_settle(NULL, (char *const[]){ words[2][0] }, 1, false);
	capture_end(capture);
	cr_assert_eq(status, 2);
	free(capture);
}
