/* SPDX-License-Identifier: MIT */

#include "pair/lend.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "model/api.h"
#include "util/bytes.h"
#include "util/clock.h"

enum {
	/* Until the bridge has given up the link: a disconnection. */
	CALL_MS = 20 * 1000,
};

struct lend {
	sd_event *event;
	const struct lend_ops *ops;
	void *userdata;
	sd_bus *bus;
	sd_bus_slot *owner, *call;
	sd_event_source *retry;
	uint64_t give_up_ms;
	bool has_bridge;
	bool is_settled; /* ready() or refused() was told */
	bool has_waited; /* waiting() was told */
};

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* A call that is out already is forgotten: its answer is of no interest. */
static int ask(struct lend *lend)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	lend->call = sd_bus_slot_unref(lend->call);
	r = sd_bus_message_new_method_call(
		lend->bus, &m, API_BUS_NAME, API_PATH, API_INTERFACE, "Lend");
	/* Not to be started by this, should the bus know how. */
	if (r >= 0)
		r = sd_bus_message_set_auto_start(m, 0);
	if (r >= 0)
		r = sd_bus_call_async(lend->bus, &lend->call, m, on_answer,
			lend, CALL_MS * UINT64_C(1000));

	return r < 0 ? r : 0;
}

static void settle(struct lend *lend)
{
	if (lend->is_settled)
		return;
	lend->is_settled = true;
	lend->ops->ready(lend->userdata);
}

static _printf_(2, 3) void refuse(struct lend *lend, const char *format, ...)
{
	char why[LEND_WHY_SIZE];
	va_list args;

	if (lend->is_settled)
		return;
	lend->is_settled = true;
	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	lend->ops->refused(lend->userdata, why);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct lend *lend = userdata;
	int r;

	(void)source;
	(void)usec;
	r = ask(lend);
	if (r < 0)
		refuse(lend, "cannot ask the bridge for the car: %s",
			strerror(-r));
	return 0;
}

static void ask_later(struct lend *lend)
{
	int r;

	lend->retry = sd_event_source_disable_unref(lend->retry);
	r = sd_event_add_time_relative(lend->event, &lend->retry,
		CLOCK_BOOTTIME, LEND_RETRY_MS * UINT64_C(1000), 0, on_retry,
		lend);
	if (r < 0)
		refuse(lend, "cannot ask the bridge for the car: %s",
			strerror(-r));
}

/* Busy, or lent to another one: that passes. */
static void wait_for(struct lend *lend, const char *why)
{
	/* The bus refused us or went away: see on_no_bus(). */
	if (sd_bus_is_open(lend->bus) <= 0) {
		lend->has_bridge = false;
		settle(lend);
		return;
	}
	if (!lend->is_settled && clock_boottime_ms() >= lend->give_up_ms) {
		refuse(lend,
			"%s, for a minute now; stop it with: sudo systemctl "
			"stop 1sat2flash, then start again",
			why);
		return;
	}
	if (!lend->is_settled && !lend->has_waited) {
		lend->has_waited = true;
		lend->ops->waiting(lend->userdata, why);
	}
	ask_later(lend);
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(m);
	struct lend *lend = userdata;
	char text[160];

	(void)ret_error;
	lend->call = sd_bus_slot_unref(lend->call);
	if (error == NULL) {
		lend->has_bridge = true;
		settle(lend);
	} else if (sd_bus_error_has_names(error, SD_BUS_ERROR_SERVICE_UNKNOWN,
			   SD_BUS_ERROR_NAME_HAS_NO_OWNER)) {
		lend->has_bridge = false;
		settle(lend);
	} else if (sd_bus_error_has_name(error, API_ERROR_BUSY)) {
		wait_for(lend, "the bridge is busy with the car");
	} else if (sd_bus_error_has_name(error, API_ERROR_LENT)) {
		wait_for(lend, "another 1sat2flash-pair has the car");
	} else if (sd_bus_error_has_names(error, SD_BUS_ERROR_NO_REPLY,
			   SD_BUS_ERROR_TIMEOUT)) {
		/* It ended, or hangs. */
		wait_for(lend, "the bridge does not answer");
	} else {
		text_printable(
			error->message != NULL ? error->message : error->name,
			text, sizeof(text));
		refuse(lend,
			"the bridge does not lend the car: %s; stop it with: "
			"sudo systemctl stop 1sat2flash, then start again",
			text);
	}

	return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *name, *old_owner, *new_owner;
	struct lend *lend = userdata;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) < 0)
		return 0;

	/* A bridge that has just begun knows of no loan. */
	lend->has_bridge = new_owner[0] != '\0';
	if (lend->is_settled && lend->has_bridge)
		(void)ask(lend);
	return 0;
}

/* Nobody to ask, so nobody else has the car; BlueZ will say that it is gone. */
static int on_no_bus(sd_event_source *source, void *userdata)
{
	(void)source;
	settle(userdata);
	return 0;
}

static int open_bus(struct lend *lend)
{
	int r;

	r = sd_bus_open_system(&lend->bus);
	if (r < 0)
		return sd_event_add_defer(
			lend->event, &lend->retry, on_no_bus, lend);
	r = sd_bus_attach_event(
		lend->bus, lend->event, SD_EVENT_PRIORITY_NORMAL);
	/* First the match, so that no bridge can slip in between. */
	if (r >= 0)
		r = sd_bus_add_match_async(lend->bus, &lend->owner,
			"type='signal',sender='org.freedesktop.DBus',"
			"member='NameOwnerChanged',arg0='" API_BUS_NAME "'",
			on_owner, NULL, lend);
	return r < 0 ? r : ask(lend);
}

int lend_new(sd_event *event, const struct lend_ops *ops, void *userdata,
	struct lend **ret)
{
	_cleanup_(lend_freep) struct lend *lend = NULL;
	int r;

	lend = calloc(1, sizeof(*lend));
	if (lend == NULL)
		return -ENOMEM;
	lend->event = sd_event_ref(event);
	lend->ops = ops;
	lend->userdata = userdata;
	lend->give_up_ms = clock_boottime_ms() + LEND_PATIENCE_MS;
	r = open_bus(lend);
	if (r < 0)
		return r;

	*ret = steal_ptr(&lend);
	return 0;
}

struct lend *lend_free(struct lend *lend)
{
	if (lend == NULL)
		return NULL;

	(void)sd_event_source_disable_unref(lend->retry);
	(void)sd_bus_slot_unref(lend->call);
	(void)sd_bus_slot_unref(lend->owner);
	/* Leaving the bus does it as well; this tells that it was meant. */
	if (lend->has_bridge)
		(void)sd_bus_call_method_async(lend->bus, NULL, API_BUS_NAME,
			API_PATH, API_INTERFACE, "GiveBack", NULL, NULL, "");
	(void)sd_bus_flush_close_unref(lend->bus);
	(void)sd_event_unref(lend->event);
	free(lend);
	return NULL;
}

bool lend_has_bridge(const struct lend *lend)
{
	return lend->has_bridge;
}

bool lend_finds_bridge(void)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

	return sd_bus_open_system(&bus) >= 0 &&
	       sd_bus_get_name_creds(bus, API_BUS_NAME, 0, NULL) >= 0;
}
