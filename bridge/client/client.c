/* SPDX-License-Identifier: MIT */

#include "client/client.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/api.h"
#include "model/program.h"
#include "util/bytes.h"
#include "util/clock.h"

#define SAY(why, ...) ((void)snprintf((why), CLIENT_WHY_SIZE, __VA_ARGS__))

int client_open(sd_bus **ret, char why[static CLIENT_WHY_SIZE])
{
	int r;

	r = sd_bus_open_system(ret);
	if (r >= 0)
		return 0;

	SAY(why,
		"there is no D-Bus system bus here (%s), so the bridge cannot "
		"be asked",
		strerror(-r));
	return CLIENT_E_FAILED;
}

static bool is_away(const sd_bus_error *error)
{
	return sd_bus_error_has_names(error,
		"org.freedesktop.DBus.Error.ServiceUnknown",
		"org.freedesktop.DBus.Error.NameHasNoOwner");
}

void client_explain(
	const sd_bus_error *error, int r, char why[static CLIENT_WHY_SIZE])
{
	char message[160];

	text_printable(error->message != NULL ? error->message : strerror(-r),
		message, sizeof(message));
	if (is_away(error))
		SAY(why, "the bridge is not running; start it with: sudo "
			 "systemctl start 1sat2flash");
	else if (sd_bus_error_has_names(error, API_ERROR_NOT_PERMITTED,
			 "org.freedesktop.DBus.Error.AccessDenied"))
		SAY(why, "only root and members of the group " API_GROUP
			 " may do this; try sudo");
	else if (sd_bus_error_has_name(error, API_ERROR_PAUSED))
		SAY(why, "%s; let it go on with: 1sat2flash resume", message);
	else if (sd_bus_error_has_name(error, API_ERROR_NO_SUCH_ACTION))
		SAY(why, "%s; see them with: 1sat2flash menu", message);
	else if (sd_bus_error_has_name(error, API_ERROR_NO_SUCH_ORDER))
		SAY(why, "%s; see what is owed with: 1sat2flash owed", message);
	else if (sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) ||
		 r == -ETIMEDOUT)
		SAY(why, "the bridge does not answer; if it stays so: sudo "
			 "systemctl restart 1sat2flash");
	else
		SAY(why, "%s", message);
}

int client_call(sd_bus *bus, char why[static CLIENT_WHY_SIZE],
	sd_bus_message **ret, const char *method, const char *types, ...)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	va_list args;
	int r;

	r = sd_bus_message_new_method_call(
		bus, &m, API_BUS_NAME, API_PATH, API_INTERFACE, method);
	if (r >= 0) {
		va_start(args, types);
		r = sd_bus_message_appendv(m, types, args);
		va_end(args);
	}
	if (r >= 0)
		r = sd_bus_call(bus, m, 0, &error, ret);
	if (r >= 0)
		return 0;

	client_explain(&error, r, why);
	return CLIENT_E_FAILED;
}

/* One followed order. */
struct following {
	const struct client_follow *follow;
	void *userdata;
	uint64_t order_id;
	bool has_ended;
	bool is_gone; /* the bridge left the bus */
};

static int on_order(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct following *f = userdata;
	struct record record;
	const char *state;
	uint64_t id;

	(void)error;
	if (sd_bus_message_read(m, "t", &id) < 0 || id != f->order_id ||
		record_read(m, &record) <= 0)
		return 0;

	f->follow->news(f->userdata, &record);
	state = record_text(&record, "state");
	f->has_ended =
		strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
	return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct following *f = userdata;
	const char *name, *old_owner, *new_owner;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) >= 0)
		f->is_gone |= new_owner[0] == '\0';
	return 0;
}

static int follow(sd_bus *bus, struct following *f)
{
	int r;

	while (!f->has_ended && !f->is_gone) {
		r = sd_bus_process(bus, NULL);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		f->follow->idle(f->userdata);
		r = sd_bus_wait(bus, CLIENT_IDLE_MS * UINT64_C(1000));
		if (r < 0 && r != -EINTR)
			return r;
	}

	return 0;
}

static int try_program(sd_bus *bus, char *const *words, size_t n_words,
	sd_bus_error *error, sd_bus_message **ret)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sd_bus_message_new_method_call(
		bus, &m, API_BUS_NAME, API_PATH, API_INTERFACE, "TryProgram");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; i < n_words && r >= 0; i++)
		r = sd_bus_message_append(m, "s", words[i]);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	if (r >= 0)
		r = sd_bus_call(bus, m, 0, error, ret);

	return r;
}

/*
 * Is @word, which is no action, meant as a step?  Then the bridge says what is
 * wrong with it.  No action has a blank in its name.
 */
static bool is_step(const char *word)
{
	struct program program = { 0 };
	char why[WHY_SIZE];

	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++)
		if (strcmp(command_info((enum command_id)i)->name, word) == 0)
			return true;

	return strchr(word, ' ') != NULL ||
	       program_append(&program, word, why) == 0;
}

static int call_try(sd_bus *bus, char *const *words, size_t n_words,
	sd_bus_message **ret, char why[static CLIENT_WHY_SIZE])
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = -EINVAL;

	if (n_words == 1)
		r = sd_bus_call_method(bus, API_BUS_NAME, API_PATH,
			API_INTERFACE, "Try", &error, ret, "s", words[0]);
	if (n_words > 1 ||
		(sd_bus_error_has_name(&error, API_ERROR_NO_SUCH_ACTION) &&
			is_step(words[0]))) {
		sd_bus_error_free(&error);
		r = try_program(bus, words, n_words, &error, ret);
	}
	if (r >= 0)
		return 0;

	client_explain(&error, r, why);
	return CLIENT_E_FAILED;
}

int client_try(sd_bus *bus, char *const *words, size_t n_words,
	const struct client_follow *ops, void *userdata,
	char why[static CLIENT_WHY_SIZE])
{
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *orders = NULL;
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *owner = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct following f = { .follow = ops, .userdata = userdata };
	int r;

	/*
	 * First the matches: what the bridge signals before it answers waits
	 * in the queue of the bus until follow().
	 */
	r = sd_bus_match_signal(bus, &orders, API_BUS_NAME, API_PATH,
		API_INTERFACE, "OrderChanged", on_order, &f);
	if (r >= 0)
		r = sd_bus_add_match(bus, &owner,
			"type='signal',sender='org.freedesktop.DBus',"
			"member='NameOwnerChanged',arg0='" API_BUS_NAME "'",
			on_owner, &f);
	if (r >= 0) {
		r = call_try(bus, words, n_words, &reply, why);
		if (r != 0)
			return r;
		r = sd_bus_message_read(reply, "t", &f.order_id);
	}
	if (r >= 0)
		r = follow(bus, &f);
	if (r >= 0 && !f.is_gone)
		return 0;

	SAY(why, "the bridge went away before order %" PRIu64 " ended%s%s",
		f.order_id, r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
	return CLIENT_E_FAILED;
}

/* One look at the car. */
struct look {
	const struct client_watch *watch;
	void *userdata;
	bool has_ended;
	bool is_asking;
	int error; /* negative errno, or 0 */
	char *why;
};

static int on_looked(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct look *look = userdata;
	struct record status;

	(void)error;
	look->has_ended = true;
	if (sd_bus_message_is_method_error(m, NULL)) {
		look->error = -sd_bus_message_get_errno(m);
		client_explain(
			sd_bus_message_get_error(m), look->error, look->why);
	} else if (record_read(m, &status) <= 0) {
		look->error = -EBADMSG;
		SAY(look->why, "the bridge's answer cannot be read");
	} else {
		look->watch->news(look->userdata, &status);
	}

	return 0;
}

/* Only to show how it goes: what is wrong with it, the look will say. */
static int on_status(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct look *look = userdata;
	struct record status;

	(void)error;
	look->is_asking = false;
	if (!sd_bus_message_is_method_error(m, NULL) &&
		record_read(m, &status) > 0)
		look->watch->news(look->userdata, &status);

	return 0;
}

static int await_look(sd_bus *bus, struct look *look)
{
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *asked = NULL;
	uint64_t ask_at_ms = clock_boottime_ms() + CLIENT_ASK_MS;
	int r;

	while (!look->has_ended) {
		r = sd_bus_process(bus, NULL);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		look->watch->idle(look->userdata);
		if (!look->is_asking && clock_boottime_ms() >= ask_at_ms) {
			asked = sd_bus_slot_unref(asked);
			r = sd_bus_call_method_async(bus, &asked, API_BUS_NAME,
				API_PATH, API_INTERFACE, "GetStatus", on_status,
				look, NULL);
			if (r < 0)
				return r;
			look->is_asking = true;
			ask_at_ms = clock_boottime_ms() + CLIENT_ASK_MS;
		}
		r = sd_bus_wait(bus, CLIENT_IDLE_MS * UINT64_C(1000));
		if (r < 0 && r != -EINTR)
			return r;
	}

	return look->error;
}

int client_look(sd_bus *bus, const struct client_watch *watch, void *userdata,
	char why[static CLIENT_WHY_SIZE])
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
	struct look look = {
		.watch = watch,
		.userdata = userdata,
		.why = why,
	};
	int r;

	SAY(why, "%s", "");
	r = sd_bus_message_new_method_call(
		bus, &m, API_BUS_NAME, API_PATH, API_INTERFACE, "Look");
	if (r >= 0)
		r = sd_bus_call_async(bus, &slot, m, on_looked, &look,
			CLIENT_LOOK_MS * UINT64_C(1000));
	if (r >= 0)
		r = await_look(bus, &look);
	if (r >= 0)
		return 0;

	if (why[0] == '\0')
		SAY(why, "the bridge cannot be asked: %s", strerror(-r));
	return CLIENT_E_FAILED;
}
