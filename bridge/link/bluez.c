/* SPDX-License-Identifier: MIT */

#include "link/bluez.h"

#include <stdio.h>
#include <string.h>

#include "link/bluez_link.h"
#include "util/clock.h"

enum {
	/* For a daemon that was not there; one that restarts gets longer. */
	BLUEZ_MS = 10 * 1000,
	/* For the other signals of a link's end: they say why. */
	BLUEZ_SETTLE_MS = 30,
};

static struct bluez_link *bluez_link(struct link *link)
{
	return (struct bluez_link *)link;
}

void bluez_emit(struct bluez_link *b, const struct link_event *event)
{
	if (b->link.handler != NULL)
		b->link.handler(b->link.userdata, event);
}

/*
 * One timer for all there is to wait for, off if there is nothing.  Neither
 * call can fail for a source of ours.
 */
void bluez_arm(struct bluez_link *b)
{
	uint64_t due_ms = b->due_ms;

	if (b->is_open && b->state != BLUEZ_READY)
		due_ms = clock_earlier(due_ms, b->until_ms);
	(void)sd_event_source_set_time(
		b->timer, due_ms == CLOCK_NEVER ? UINT64_MAX : due_ms * 1000);
	(void)sd_event_source_set_enabled(b->timer,
		due_ms == CLOCK_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

void bluez_fail(struct bluez_link *b, enum link_reason reason, int error)
{
	bluez_go(b, BLUEZ_FAILED);
	b->reason = reason;
	b->error = error;
	b->is_lost = false;
	b->due_ms = 0;
}

void bluez_lose(struct bluez_link *b, enum link_reason reason, int error)
{
	bluez_fail(b, reason, error);
	b->is_lost = true;
	b->due_ms = clock_boottime_ms() + BLUEZ_SETTLE_MS;
}

/* --- signals -------------------------------------------------------------- */

void bluez_tell_heard(struct bluez_link *b)
{
	const struct bluez_device *device =
		bluez_tree_heard(&b->tree, b->adapter);

	if (*b->adapter == '\0' || device == NULL ||
		device->heard == b->heard_told)
		return;

	b->heard_told = device->heard;
	b->info.heard_ms = clock_boottime_ms();
	if (!b->is_open || (b->is_heard && b->info.rssi == device->rssi))
		return;

	b->is_heard = true;
	b->info.rssi = device->rssi;
	bluez_emit(b, &(struct link_event){
			      .type = LINK_HEARD, .rssi = device->rssi });
}

static void changed(struct bluez_link *b)
{
	bluez_tell_heard(b);
	bluez_look(b);
	bluez_arm(b);
}

static void on_value(struct bluez_link *b, sd_bus_message *signal,
	const struct bluez_value *value)
{
	const struct bluez_char *from =
		bluez_tree_char(&b->tree, b->device, BLUEZ_FROM_CAR);
	uint64_t serial;

	if (from == NULL || strcmp(from->path, value->path) != 0 ||
		value->len > BLUEZ_VALUE_MAX)
		return;
	/* A car that talks is subscribed to, whatever the reply says yet. */
	if (b->state == BLUEZ_SUBSCRIBING)
		bluez_go(b, BLUEZ_READY);
	if (b->state != BLUEZ_READY ||
		sd_bus_message_get_cookie(signal, &serial) < 0 ||
		bluez_echo_is_copy(&b->echo, value->data, value->len, serial,
			clock_boottime_ms()))
		return;

	bluez_emit(b, &(struct link_event){
			      .type = LINK_BYTES,
			      .data = value->data,
			      .len = value->len,
		      });
}

static void on_owner(void *userdata, bool is_there)
{
	struct bluez_link *b = userdata;

	bluez_on_owner(b, is_there);
	bluez_arm(b);
}

static void on_lost(void *userdata)
{
	struct bluez_link *b = userdata;

	b->is_touched = false;
	b->is_off = false;
	if (b->state == BLUEZ_DRAINING)
		b->due_ms = 0;
	else if (b->state != BLUEZ_FAILED)
		bluez_fail(b, LINK_NO_BLUETOOTH, -ENOTCONN);
	bluez_arm(b);
}

/* A signal that is malformed has changed nothing, and is left alone. */
static void on_added(void *userdata, sd_bus_message *signal)
{
	struct bluez_link *b = userdata;

	if (bluez_tree_on_added(&b->tree, signal) == 0)
		changed(b);
}

static void on_removed(void *userdata, sd_bus_message *signal)
{
	struct bluez_link *b = userdata;

	if (bluez_tree_on_removed(&b->tree, signal) == 0)
		changed(b);
}

static void on_changed(void *userdata, sd_bus_message *signal)
{
	struct bluez_link *b = userdata;
	struct bluez_value value;

	if (bluez_tree_on_changed(&b->tree, signal, &value) != 0)
		return;
	if (value.data != NULL)
		on_value(b, signal, &value);
	changed(b);
}

/* --- open and close ------------------------------------------------------- */

static int open_system_bus(void *userdata, sd_bus **ret)
{
	(void)userdata;
	return sd_bus_open_system(ret);
}

/* Begins an attempt, on a bus of its own. */
static void start(struct bluez_link *b)
{
	static const struct bluez_bus_ops ops = {
		.owner = on_owner,
		.lost = on_lost,
		.added = on_added,
		.removed = on_removed,
		.changed = on_changed,
	};
	sd_bus *bus = NULL;
	int r;

	bluez_tree_clear(&b->tree);
	b->had_bluez = b->is_scanning = b->is_touched = b->is_off = false;
	b->bluez_until_ms = clock_boottime_ms() + BLUEZ_MS;
	b->heard_before = b->heard_told = 0;
	b->is_heard = false;
	*b->adapter = *b->device = '\0';
	b->fault = b->n_timeouts = 0;
	b->reason = LINK_NOT_FOUND;
	b->error = 0;
	b->send.len = 0;
	b->send.issued = false;

	r = b->open_bus(b->userdata, &bus);
	if (r >= 0)
		r = bluez_bus_attach(&b->bus, bus, b->event, &ops, b);
	if (r < 0)
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
	else
		bluez_go(b, BLUEZ_AWAITING);
}

void bluez_finish(struct bluez_link *b)
{
	b->call = sd_bus_slot_unref(b->call);
	b->send.call = sd_bus_slot_unref(b->send.call);
	bluez_bus_close(&b->bus);
	b->state = BLUEZ_CLOSED;
	if (b->is_open)
		start(b);
}

void bluez_tell_down(struct bluez_link *b)
{
	struct link_event event = {
		.type = LINK_DOWN,
		.issued = b->send.issued,
	};

	if (b->is_lost)
		bluez_settle(b);
	event.reason = b->reason;
	event.error = b->error;

	/* Closed first, so that the handler may open it again. */
	link_close(&b->link);
	bluez_emit(b, &event);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct bluez_link *b = userdata;
	uint64_t now_ms = clock_boottime_ms();

	(void)source;
	(void)usec;

	if (b->due_ms <= now_ms)
		bluez_expire(b);
	else if (b->is_open && b->until_ms <= now_ms)
		bluez_give_up(b);
	bluez_arm(b);
	return 0;
}

static int bluez_open(struct link *link, uint64_t timeout_ms)
{
	struct bluez_link *b = bluez_link(link);

	if (b->is_open)
		return LINK_E_BUSY;

	b->is_open = true;
	b->until_ms = clock_boottime_ms() + timeout_ms;
	if (b->state == BLUEZ_CLOSED)
		start(b);
	bluez_arm(b);
	return 0;
}

static void bluez_close(struct link *link)
{
	struct bluez_link *b = bluez_link(link);

	b->is_open = false;
	if (b->state != BLUEZ_CLOSED && b->state != BLUEZ_DRAINING)
		bluez_go(b, BLUEZ_DRAINING);
	bluez_arm(b);
}

static int bluez_ops_send(struct link *link, const uint8_t *frame, size_t len)
{
	return bluez_send(bluez_link(link), frame, len);
}

static void bluez_get_info(const struct link *link, struct link_info *ret)
{
	const struct bluez_link *b = (const struct bluez_link *)link;

	*ret = b->info;
	ret->stage = bluez_stage(b);
	if (b->is_open && b->state == BLUEZ_DRAINING)
		ret->stage = LINK_SEARCHING;
}

/*
 * BlueZ takes no "on" before it is done with our "off", some 0.2 s, and nobody
 * else would switch it on again.  So the end of a power cycle, and of nothing
 * else, is waited for; by draining_expired() it has one.
 */
static void wait_for_power(struct bluez_link *b)
{
	uint64_t now_ms;

	while (b->is_off && b->state == BLUEZ_DRAINING) {
		if (sd_bus_process(b->bus.bus, NULL) > 0)
			continue;
		now_ms = clock_boottime_ms();
		if (b->due_ms <= now_ms)
			bluez_expire(b);
		else if (sd_bus_wait(b->bus.bus, (b->due_ms - now_ms) * 1000) <
			 0)
			break;
	}
}

static void bluez_free(struct link *link)
{
	struct bluez_link *b = bluez_link(link);

	/* link_free() has closed it: what is to be undone has been said. */
	wait_for_power(b);
	b->call = sd_bus_slot_unref(b->call);
	b->send.call = sd_bus_slot_unref(b->send.call);
	bluez_bus_flush(&b->bus);
	sd_event_source_disable_unref(b->timer);
	sd_event_unref(b->event);
	free(b);
}

int link_bluez_new(sd_event *event, const struct link_bluez_config *config,
	struct link **ret)
{
	static const struct link_ops ops = {
		.open = bluez_open,
		.close = bluez_close,
		.send = bluez_ops_send,
		.free = bluez_free,
		.get_info = bluez_get_info,
	};
	_cleanup_(link_freep) struct link *link = NULL;
	struct bluez_link *b;
	int r;

	if (strlen(config->name) != BLUEZ_NAME_SIZE - 1)
		return -EINVAL;
	if (strlen(config->adapter) >= sizeof(b->want))
		return -ENAMETOOLONG;

	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return -ENOMEM;

	link = &b->link;
	link->ops = &ops;
	b->event = sd_event_ref(event);
	(void)strcpy(b->name, config->name);
	(void)strcpy(b->want, config->adapter);
	b->reset_shared = config->reset_shared;
	b->open_bus =
		config->open_bus != NULL ? config->open_bus : open_system_bus;
	b->userdata = config->userdata;
	b->due_ms = CLOCK_NEVER;
	bluez_tree_init(&b->tree, b->name);

	r = sd_event_add_time(event, &b->timer, CLOCK_BOOTTIME, UINT64_MAX,
		1000, on_timer, b);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(b->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;

	*ret = steal_ptr(&link);
	return 0;
}
