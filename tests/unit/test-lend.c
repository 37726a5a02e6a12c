/* SPDX-License-Identifier: MIT */

#include "pair/lend.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>

#include "faults.h"
#include "model/api.h"
#include "test.h"
#include "util/clock.h"

#define DBUS "org.freedesktop.DBus"

/* The bus and a bridge on it, which answers as it is told. */
static struct fake {
	sd_event *event;
	sd_bus *bus;
	bool is_gone; /* there is no bus at all */
	bool is_silent;
	/* To Lend, the last one again and again; "": lent. */
	const char *errors[4];
	size_t n_errors;
	size_t n_lend, n_give_back;
	bool has_matched; /* before it was first asked */
} fake;

/* What lend told. */
static unsigned int n_ready, n_waiting, n_refused;
static char told[LEND_WHY_SIZE];

static uint64_t now_ms;

uint64_t __wrap_clock_boottime_ms(void);
int __wrap_sd_bus_open_system(sd_bus **ret);
int __real_sd_event_add_time_relative(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata);

uint64_t __wrap_clock_boottime_ms(void)
{
	return now_ms;
}

/* A timer takes no time but that of the clock above. */
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata)
{
	now_ms += usec / 1000;
	return __real_sd_event_add_time_relative(
		event, ret, clock, 0, accuracy, callback, userdata);
}

static int on_lend(sd_bus_message *call)
{
	size_t i =
		fake.n_lend < fake.n_errors ? fake.n_lend : fake.n_errors - 1;

	fake.n_lend++;
	if (fake.is_silent)
		return 1;
	if (fake.n_errors == 0 || fake.errors[i][0] == '\0')
		return sd_bus_reply_method_return(call, "");
	return sd_bus_reply_method_errorf(
		call, fake.errors[i], "no,\nas it is");
}

static int on_message(
	sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
	const char *member = sd_bus_message_get_member(call);

	(void)userdata;
	(void)ret_error;
	if (sd_bus_message_is_method_call(call, NULL, NULL) <= 0)
		return 1;
	if (strcmp(member, "Hello") == 0)
		return sd_bus_reply_method_return(call, "s", ":1.7");
	if (strcmp(member, "AddMatch") == 0)
		fake.has_matched = fake.n_lend == 0;
	if (strcmp(member, "Lend") == 0) {
		cr_assert_eq(sd_bus_message_get_auto_start(call), 0);
		return on_lend(call);
	}
	if (strcmp(member, "GiveBack") == 0)
		fake.n_give_back++;
	if (sd_bus_message_get_expect_reply(call) <= 0)
		return 1;
	return sd_bus_reply_method_return(call, "");
}

static void sd_bus_assert(int r)
{
	cr_assert_geq(r, 0, "%s", strerror(-r));
}

int __wrap_sd_bus_open_system(sd_bus **ret)
{
	sd_bus *bus = NULL;
	sd_id128_t id;
	int fds[2];

	if (fake.is_gone)
		return -ENOENT;
	sd_bus_assert(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
	sd_bus_assert(sd_id128_randomize(&id));
	sd_bus_assert(sd_bus_new(&fake.bus));
	sd_bus_assert(sd_bus_set_fd(fake.bus, fds[0], fds[0]));
	sd_bus_assert(sd_bus_set_server(fake.bus, 1, id));
	sd_bus_assert(sd_bus_set_anonymous(fake.bus, 1));
	sd_bus_assert(sd_bus_add_filter(fake.bus, NULL, on_message, NULL));
	sd_bus_assert(sd_bus_start(fake.bus));
	sd_bus_assert(sd_bus_attach_event(fake.bus, fake.event, 0));

	sd_bus_assert(sd_bus_new(&bus));
	sd_bus_assert(sd_bus_set_fd(bus, fds[1], fds[1]));
	sd_bus_assert(sd_bus_set_anonymous(bus, 1));
	sd_bus_assert(sd_bus_set_bus_client(bus, 1));
	sd_bus_assert(sd_bus_start(bus));
	*ret = bus;
	return 0;
}

static void on_ready(void *userdata)
{
	(void)userdata;
	n_ready++;
}

static void on_waiting(void *userdata, const char *why)
{
	(void)userdata;
	n_waiting++;
	(void)snprintf(told, sizeof(told), "%s", why);
}

static void on_refused(void *userdata, const char *why)
{
	(void)userdata;
	n_refused++;
	(void)snprintf(told, sizeof(told), "%s", why);
}

static const struct lend_ops ops = { on_ready, on_waiting, on_refused };

/* Until nothing happens any more. */
static void settle(void)
{
	while (sd_event_run(fake.event, 20 * 1000) > 0)
		;
}

static struct lend *begin(size_t n_errors, const char *const *errors)
{
	unsigned int n_told = n_ready + n_waiting + n_refused;
	struct lend *lend = NULL;

	sd_bus_assert(sd_event_new(&fake.event));
	fake.n_errors = n_errors;
	for (size_t i = 0; i < n_errors; i++)
		fake.errors[i] = errors[i];
	cr_assert_eq(lend_new(fake.event, &ops, NULL, &lend), 0);
	/* All comes from the loop. */
	cr_assert_eq(n_ready + n_waiting + n_refused, n_told);
	settle();
	return lend;
}

static void finish(struct lend *lend)
{
	cr_assert_null(lend_free(lend));
	settle();
	fake.bus = sd_bus_flush_close_unref(fake.bus);
	fake.event = sd_event_unref(fake.event);
}

static void owner_is(const char *before, const char *now)
{
	sd_bus_message *m = NULL;

	sd_bus_assert(sd_bus_message_new_signal(fake.bus, &m,
		"/org/freedesktop/DBus", DBUS, "NameOwnerChanged"));
	sd_bus_assert(
		sd_bus_message_append(m, "sss", API_BUS_NAME, before, now));
	sd_bus_assert(sd_bus_message_set_sender(m, DBUS));
	sd_bus_assert(sd_bus_send(NULL, m, NULL));
	sd_bus_message_unref(m);
	settle();
}

#define BEGIN(...)                                                      \
	begin(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
		(const char *const[]){ __VA_ARGS__ })

static void assert_told(
	unsigned int ready, unsigned int waiting, unsigned int refused)
{
	cr_assert_eq(n_ready, ready, "%u", n_ready);
	cr_assert_eq(n_waiting, waiting, "%u", n_waiting);
	cr_assert_eq(n_refused, refused, "%u: %s", n_refused, told);
}

TEST(lend, car_that_is_lent_is_given_back)
{
	struct lend *lend = BEGIN("");

	assert_told(1, 0, 0);
	cr_assert(lend_has_bridge(lend));
	cr_assert(fake.has_matched);
	finish(lend);
	cr_assert_eq(fake.n_lend, 1);
	cr_assert_eq(fake.n_give_back, 1);
}

TEST(lend, without_a_bridge_nobody_is_waited_for)
{
	static const char *const none[] = { SD_BUS_ERROR_SERVICE_UNKNOWN,
		SD_BUS_ERROR_NAME_HAS_NO_OWNER };

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		struct lend *lend = BEGIN(none[i]);

		assert_told((unsigned int)i + 1, 0, 0);
		cr_assert_not(lend_has_bridge(lend));
		finish(lend);
	}
	cr_assert_eq(fake.n_give_back, 0);
}

TEST(lend, without_a_bus_there_is_no_bridge)
{
	struct lend *lend;

	fake.is_gone = true;
	lend = BEGIN("");
	assert_told(1, 0, 0);
	cr_assert_not(lend_has_bridge(lend));
	finish(lend);
}

TEST(lend, bridge_that_is_busy_is_asked_again_and_told_of_once)
{
	struct lend *lend = BEGIN(
		API_ERROR_BUSY, API_ERROR_LENT, SD_BUS_ERROR_NO_REPLY, "");

	assert_told(1, 1, 0);
	cr_assert_str_eq(told, "the bridge is busy with the car");
	cr_assert_eq(fake.n_lend, 4);
	finish(lend);
}

TEST(lend, patience_is_a_minute)
{
	static const struct {
		const char *error, *why;
	} rows[] = {
		{ API_ERROR_BUSY, "the bridge is busy with the car, for a" },
		{ API_ERROR_LENT, "another 1sat2flash-pair has the car, for" },
		{ SD_BUS_ERROR_TIMEOUT, "the bridge does not answer, for a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t begun_ms = now_ms;
		struct lend *lend = BEGIN(rows[i].error);
		unsigned int n = (unsigned int)i + 1;

		assert_told(0, n, n);
		cr_assert_not_null(strstr(told, rows[i].why), "%s", told);
		cr_assert_eq(now_ms - begun_ms, LEND_PATIENCE_MS);
		finish(lend);
	}
}

TEST(lend, bridge_that_does_not_lend_is_told_in_its_own_words)
{
	struct lend *lend = BEGIN(SD_BUS_ERROR_ACCESS_DENIED);

	assert_told(0, 0, 1);
	cr_assert_str_eq(told,
		"the bridge does not lend the car: no,?as it is; stop it with: "
		"sudo systemctl stop 1sat2flash, then start again");
	cr_assert_eq(fake.n_lend, 1);
	/* Nothing follows, whatever comes. */
	owner_is("", ":1.9");
	assert_told(0, 0, 1);
	finish(lend);
}

TEST(lend, bridge_that_begins_or_comes_back_is_asked_anew)
{
	struct lend *lend =
		BEGIN(SD_BUS_ERROR_SERVICE_UNKNOWN, API_ERROR_BUSY, "");

	assert_told(1, 0, 0);
	owner_is("", ":1.9");
	/* In silence: the person is busy with the car. */
	assert_told(1, 0, 0);
	cr_assert_eq(fake.n_lend, 3);
	cr_assert(lend_has_bridge(lend));
	owner_is(":1.9", "");
	cr_assert_not(lend_has_bridge(lend));
	cr_assert_eq(fake.n_lend, 3);
	owner_is("", ":1.10");
	cr_assert_eq(fake.n_lend, 4);
	finish(lend);
	cr_assert_eq(fake.n_give_back, 1);
}

TEST(lend, bus_that_goes_away_takes_the_bridge_with_it)
{
	struct lend *lend;

	fake.is_silent = true;
	lend = BEGIN("");
	assert_told(0, 0, 0);
	sd_bus_close(fake.bus);
	settle();
	assert_told(1, 0, 0);
	cr_assert_not(lend_has_bridge(lend));
	finish(lend);
}

TEST(lend, end_may_come_before_an_answer)
{
	struct lend *lend;

	fake.is_silent = true;
	lend = BEGIN("");
	finish(lend);
	assert_told(0, 0, 0);
	cr_assert_null(lend_free(NULL));
}

TEST(lend, without_memory_nothing_begins)
{
	struct lend *lend = NULL;

	sd_bus_assert(sd_event_new(&fake.event));
	faults_arm(0);
	cr_assert_eq(lend_new(fake.event, &ops, NULL, &lend), -ENOMEM);
	faults_disarm();
	cr_assert_null(lend);
	fake.event = sd_event_unref(fake.event);
}
