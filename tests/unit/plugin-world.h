/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * lightningd by hand, for its plugins: pipes to one, the socket that it asks,
 * and the folder that it is started in.  A test says what invoices there are,
 * and whether the socket answers.  Time stands still until a test moves it.
 */

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "fake-clock.h"
#include "lightning/stream.h"
#include "node/guard_lock.h"
#include "node/mark.h"
#include "test.h"
#include "util/clock.h"
#include "util/fd.h"

enum {
	WORLD_CALLERS_MAX = 4,
	WORLD_INVOICES_MAX = 2048,
};

static char world_folder[] = "/tmp/test-plugin-XXXXXX";
static sd_event *world_event;
static int to_plugin = -1, from_plugin = -1, plugin_in = -1, plugin_out = -1;
static struct stream *world_out;
static json_t *world_said; /* what the plugin wrote, but for its log */
static char world_log[1024];
static bool world_has_ended;
static int world_exit_code;

static int world_listen_fd = -1;
static struct {
	int fd;
	struct stream *stream;
} world_callers[WORLD_CALLERS_MAX];
static bool world_is_silent; /* the socket */
static json_t *world_open;   /* calls that were not answered */
static unsigned int world_n_lookups;
static json_t *world_invoices; /* by label */
static pid_t world_guard;

/* JSON in which quotes are written as '. */
static inline json_t *world_json(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *value;

	cr_assert_not_null(copy);
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	value = json_loads(copy, JSON_DECODE_ANY, &error);
	cr_assert_not_null(value, "%s: %s", copy, error.text);
	free(copy);
	return value;
}

/* --- the socket ------------------------------------------------------------ */

static inline json_t *find_invoices(const json_t *params)
{
	json_t *found = json_array(), *invoice;
	const char *label;

	json_object_foreach (world_invoices, label, invoice) {
		const json_t *asked = json_object_get(params, "label");

		if (asked == NULL
				? json_equal(json_object_get(
						     params, "payment_hash"),
					  json_object_get(
						  invoice, "payment_hash"))
				: strcmp(json_string_value(asked), label) == 0)
			(void)json_array_append(found, invoice);
	}

	return json_pack("{s:o}", "invoices", found);
}

static inline json_t *world_result(const json_t *request)
{
	const char *method =
		json_string_value(json_object_get(request, "method"));
	const json_t *params = json_object_get(request, "params");

	if (strcmp(method, "listinvoices") == 0) {
		world_n_lookups++;
		return find_invoices(params);
	}
	if (strcmp(method, "listoffers") == 0)
		return world_json("{'offers': []}");
	if (strcmp(method, "listdatastore") == 0)
		return world_json("{'datastore': []}");
	if (strcmp(method, "offer") == 0)
		return json_pack("{s:s, s:s, s:b, s:b, s:b}", "offer_id",
			"dddddddddddddddddddddddddddddddd"
			"dddddddddddddddddddddddddddddddd",
			"bolt12", "lno1qqq", "active", 1, "single_use", 0,
			"used", 0);
	return json_object();
}

static inline void world_answer(int fd, const json_t *request)
{
	json_t *answer = json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id",
		json_object_get(request, "id"), "result",
		world_result(request));
	char *text = json_dumps(answer, JSON_COMPACT);

	cr_assert_not_null(text);
	cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
		(ssize_t)strlen(text));
	free(text);
	json_decref(answer);
}

/* Takes callers and answers them.  Returns whether anything has happened. */
static inline bool world_serve(void)
{
	bool has_happened = false;
	char bytes[16 * 1024];
	ssize_t n;

	for (size_t i = 0; i < WORLD_CALLERS_MAX; i++) {
		json_t *request;

		if (world_callers[i].fd < 0) {
			world_callers[i].fd = accept4(world_listen_fd, NULL,
				NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
			if (world_callers[i].fd < 0)
				continue;
			cr_assert_eq(stream_new(&world_callers[i].stream), 0);
		}
		while ((n = recv(world_callers[i].fd, bytes, sizeof(bytes),
				0)) > 0)
			cr_assert_eq(stream_push(world_callers[i].stream, bytes,
					     (size_t)n),
				0);
		if (n == 0) {
			fd_closep(&world_callers[i].fd);
			world_callers[i].stream =
				stream_free(world_callers[i].stream);
			continue;
		}
		while (stream_take(world_callers[i].stream, &request) == 0) {
			has_happened = true;
			if (world_is_silent)
				(void)json_array_append(world_open, request);
			else
				world_answer(world_callers[i].fd, request);
			json_decref(request);
		}
	}

	return has_happened;
}

static inline void world_listen(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)strcpy(address.sun_path, "lightning-rpc");
	world_listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert_geq(world_listen_fd, 0);
	cr_assert_eq(bind(world_listen_fd, (const struct sockaddr *)&address,
			     sizeof(address)),
		0);
	cr_assert_eq(listen(world_listen_fd, 8), 0);
}

/* --- the pipes ------------------------------------------------------------- */

/* Reads what the plugin has written: JSON, whatever was sent to it. */
static inline bool world_hear(void)
{
	char bytes[64 * 1024];
	json_t *object;
	bool has_happened = false;
	ssize_t n;
	int r;

	while ((n = read(from_plugin, bytes, sizeof(bytes))) > 0) {
		cr_assert_eq(stream_push(world_out, bytes, (size_t)n), 0);
		has_happened = true;
		while ((r = stream_take(world_out, &object)) == 0) {
			const json_t *level = json_object_get(
				json_object_get(object, "params"), "level");

			cr_assert_str_eq(json_string_value(json_object_get(
						 object, "jsonrpc")),
				"2.0");
			if (json_object_get(object, "id") != NULL)
				(void)json_array_append(world_said, object);
			else
				(void)snprintf(world_log, sizeof(world_log),
					"%s: %s", json_string_value(level),
					json_string_value(json_object_get(
						json_object_get(
							object, "params"),
						"message")));
			json_decref(object);
		}
		cr_assert_eq(r, STREAM_E_AGAIN);
	}

	return has_happened;
}

/* Runs all until nothing is left to do. */
static inline void world_run(void)
{
	bool has_happened;

	do {
		has_happened = false;
		while (!world_has_ended) {
			int r = sd_event_run(world_event, 0);

			if (sd_event_get_state(world_event) ==
				SD_EVENT_FINISHED) {
				world_has_ended = true;
				(void)sd_event_get_exit_code(
					world_event, &world_exit_code);
			}
			if (r <= 0)
				break;
			has_happened = true;
		}
		has_happened = world_serve() || has_happened;
		has_happened = world_hear() || has_happened;
	} while (has_happened && !world_has_ended);
}

static inline void world_pass(uint64_t ms)
{
	fake_clock_set(fake_clock_now() + ms);
	world_run();
}

static inline void world_send_bytes(const char *bytes, size_t len)
{
	while (len > 0 && !world_has_ended) {
		ssize_t n = write(to_plugin, bytes, len);

		if (n < 0) {
			cr_assert_eq(errno, EAGAIN);
			world_run();
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
	world_run();
}

/* Sends text, quotes written as '. */
static inline void _printf_(1, 2) say(const char *format, ...)
{
	char *text;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	cr_assert_geq(len, 0);
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	world_send_bytes(text, (size_t)len);
	free(text);
}

static inline void call(const char *id, const char *method, const char *params)
{
	say("{'jsonrpc':'2.0','id':'%s','method':'%s','params':%s}\n\n", id,
		method, params);
}

/* The answer to @id, which came once; NULL: it did not come. */
static inline const json_t *heard(const char *id)
{
	const json_t *found = NULL;
	json_t *object;
	size_t i;

	json_array_foreach (world_said, i, object) {
		const char *other =
			json_string_value(json_object_get(object, "id"));

		if (other == NULL || strcmp(other, id) != 0)
			continue;
		cr_assert_null(found, "%s is answered twice", id);
		found = object;
	}

	return found;
}

static inline const json_t *result_of(const char *id)
{
	const json_t *result = json_object_get(heard(id), "result");

	cr_assert_not_null(result, "%s has no result", id);
	return result;
}

/* The result of @id is @expected, written as in say(). */
static inline void assert_result(const char *id, const char *expected)
{
	json_t *wanted = world_json(expected);
	char *text = json_dumps(result_of(id), JSON_COMPACT);

	cr_assert(json_equal(result_of(id), wanted), "%s: %s", id, text);
	free(text);
	json_decref(wanted);
}

static inline void assert_error(
	const char *id, int code, const char *message_part)
{
	const json_t *error = json_object_get(heard(id), "error");
	const char *message =
		json_string_value(json_object_get(error, "message"));

	cr_assert_not_null(message, "%s has no error", id);
	cr_assert_eq(json_integer_value(json_object_get(error, "code")), code,
		"%s", message);
	cr_assert_not_null(
		strstr(message, message_part), "%s: %s", id, message);
}

static inline const char *text_in(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

/* --- payments -------------------------------------------------------------- */

/* The preimage of a payment is its number, 64 digits. */
static inline const char *hash_of(int number)
{
	static char hashes[4][MARK_HASH_SIZE];
	static size_t i;
	char preimage[65];

	i = (i + 1) % ARRAY_SIZE(hashes);
	(void)snprintf(preimage, sizeof(preimage), "%064d", number);
	cr_assert_eq(mark_hash(preimage, hashes[i]), 0);
	return hashes[i];
}

static inline void add_invoice(
	int number, const char *label, const char *description)
{
	(void)json_object_set_new(world_invoices, label,
		json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "label", label,
			"payment_hash", hash_of(number), "status", "unpaid",
			"description", description, "expires_at",
			(json_int_t)time(NULL) + 3600, "invreq_payer_note",
			"for fun"));
}

static inline void set_paid(const char *label)
{
	(void)json_object_set_new(json_object_get(world_invoices, label),
		"status", json_string("paid"));
}

/* The hook, as @id. */
static inline void pay(const char *id, int number, const char *label)
{
	say("{'jsonrpc':'2.0','id':'%s','method':'invoice_payment','params':{"
	    "'payment':{'label':'%s','preimage':'%064d','msat':1500}}}\n\n",
		id, label, number);
}

static inline void assert_settled(const char *id)
{
	assert_result(id, "{'result': 'continue'}");
}

static inline void assert_rejected(const char *id)
{
	assert_result(id, "{'result': 'reject'}");
}

static inline bool has_mark(int number, enum mark mark)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "1sat2flash/marks/%s.%s",
		hash_of(number), mark_name(mark));
	return access(path, F_OK) == 0;
}

/* --- begin and end --------------------------------------------------------- */

static inline void world_begin(void)
{
	int in[2], out[2];

	cr_assert_neq(signal(SIGPIPE, SIG_IGN), SIG_ERR);
	(void)strcpy(world_folder, "/tmp/test-plugin-XXXXXX");
	cr_assert_not_null(mkdtemp(world_folder));
	cr_assert_eq(chdir(world_folder), 0);
	world_has_ended = false;
	cr_assert_geq(sd_event_new(&world_event), 0);
	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	plugin_in = in[0];
	to_plugin = in[1];
	from_plugin = out[0];
	plugin_out = out[1];
	cr_assert_eq(fcntl(from_plugin, F_SETFL, O_NONBLOCK), 0);
	cr_assert_eq(fcntl(to_plugin, F_SETFL, O_NONBLOCK), 0);
	cr_assert_eq(stream_new(&world_out), 0);
	world_said = json_array();
	world_open = json_array();
	world_invoices = json_object();
	for (size_t i = 0; i < WORLD_CALLERS_MAX; i++)
		world_callers[i].fd = -1;
	world_listen();
}

static inline void world_stop_guard(void)
{
	if (world_guard == 0)
		return;
	cr_assert_eq(kill(world_guard, SIGKILL), 0);
	cr_assert_eq(waitpid(world_guard, NULL, 0), world_guard);
	world_guard = 0;
}

/* A process that stands for the guard, started as @guard says. */
static inline void world_start_guard(const struct guard_peer *guard)
{
	int ready[2];
	char byte;

	cr_assert_eq(pipe2(ready, O_CLOEXEC), 0);
	world_guard = fork();
	cr_assert_geq(world_guard, 0);
	if (world_guard == 0) {
		int fd = open("1sat2flash", O_RDONLY | O_DIRECTORY), lock_fd;

		/* It keeps nothing of ours alive. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(to_plugin);
		(void)close(from_plugin);
		(void)close(plugin_in);
		(void)close(plugin_out);
		if (fd < 0 || guard_lock_take(fd, guard, &lock_fd) != 0 ||
			write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
}

/* After the plugin was freed: what it said to the end is heard. */
static inline void world_end(void)
{
	char command[64];

	(void)world_hear();
	world_stop_guard();
	for (size_t i = 0; i < WORLD_CALLERS_MAX; i++) {
		fd_closep(&world_callers[i].fd);
		world_callers[i].stream = stream_free(world_callers[i].stream);
	}
	fd_closep(&world_listen_fd);
	fd_closep(&to_plugin);
	fd_closep(&from_plugin);
	fd_closep(&plugin_in);
	fd_closep(&plugin_out);
	world_out = stream_free(world_out);
	json_decref(world_said);
	json_decref(world_open);
	json_decref(world_invoices);
	world_event = sd_event_unref(world_event);
	cr_assert_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof(command), "rm -r %s", world_folder);
	cr_assert_eq(system(command), 0);
}
