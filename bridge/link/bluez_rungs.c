/* SPDX-License-Identifier: MIT */

#include "link/bluez_step.h"
#include "util/clock.h"

enum {
	/* bluez B.4: BlueZ itself waits for 2 s. */
	CLEAR_MS = 3000,
	FORGET_MS = 3000,
	/* Until an adapter is on again */
	POWER_MS = 5000,
	POWER_AGAIN_MS = 100,
};

static int set_powered(struct bluez_link *b, sd_bus_slot **slot,
	sd_bus_message_handler_t on_set, bool on)
{
	return bluez_bus_call(&b->bus, slot, b->adapter,
		"org.freedesktop.DBus.Properties", "Set", on_set, b, "ssv",
		BLUEZ_ADAPTER, "Powered", "b", (int)on);
}

/* Also cancels a Connect() that is pending, of whomever: bluez B.1. */
static int enter_clearing(struct bluez_link *b)
{
	b->is_touched = false;
	return bluez_step_call(b, b->device, BLUEZ_DEVICE, "Disconnect");
}

static void cleared(struct bluez_link *b)
{
	if (b->fault == 0)
		bluez_go(b, BLUEZ_SCANNING);
	else
		bluez_climb(b);
}

static void look_clearing(struct bluez_link *b)
{
	if (b->is_answered && !bluez_is_connected(b))
		cleared(b);
}

static void paused(struct bluez_link *b)
{
	bluez_go(b, b->fault != BLUEZ_NO_SCAN && bluez_device_of(b) != NULL
			    ? BLUEZ_CONNECTING
			    : BLUEZ_SCANNING);
}

static int enter_forgetting(struct bluez_link *b)
{
	return bluez_bus_call(&b->bus, &b->call, b->adapter, BLUEZ_ADAPTER,
		"RemoveDevice", bluez_on_reply, b, "o", b->device);
}

static void forgotten(struct bluez_link *b)
{
	bluez_go(b, BLUEZ_SCANNING);
}

static void look_forgetting(struct bluez_link *b)
{
	if (b->is_answered)
		forgotten(b);
}

static int enter_powering_off(struct bluez_link *b)
{
	b->is_off = true;
	b->is_scanning = false;
	b->power_until_ms = clock_boottime_ms() + POWER_MS;
	return set_powered(b, &b->call, bluez_on_reply, false);
}

static void powered_off(struct bluez_link *b)
{
	b->power_until_ms = clock_boottime_ms() + POWER_MS;
	bluez_go(b, BLUEZ_POWERING_ON);
}

static void look_powering_off(struct bluez_link *b)
{
	if (b->is_answered)
		powered_off(b);
}

static int enter_powering_on(struct bluez_link *b)
{
	return set_powered(b, &b->call, bluez_on_reply, true);
}

/* Busy, as a change before it is under way: it is asked again. */
static void powering_on_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;
	(void)error;

	if (answer != BLUEZ_DONE)
		bluez_due_in(b, POWER_AGAIN_MS);
	else
		b->is_off = false;
}

static void look_powering_on(struct bluez_link *b)
{
	const struct bluez_adapter *adapter = bluez_adapter_of(b);

	/* An "off" that is still under way says powered, too. */
	if (adapter == NULL ? b->is_answered : !b->is_off && adapter->powered)
		bluez_go(b, BLUEZ_ABSENT);
}

static void powering_on_expired(struct bluez_link *b)
{
	if (b->is_answered && clock_boottime_ms() < b->power_until_ms)
		bluez_go(b, BLUEZ_POWERING_ON);
	else
		bluez_go(b, BLUEZ_ABSENT);
}

/* --- the end -------------------------------------------------------------- */

int bluez_undo(struct bluez_link *b, sd_bus_slot **slot,
	sd_bus_message_handler_t on_undone)
{
	if (b->is_off)
		return set_powered(b, slot, on_undone, true);
	if (b->is_touched)
		return bluez_bus_call(&b->bus, slot, b->device, BLUEZ_DEVICE,
			"Disconnect", on_undone, b, NULL);
	return -EALREADY;
}

/* Discovery ends with the connection to the bus, without being asked. */
static int enter_draining(struct bluez_link *b)
{
	if (bluez_undo(b, &b->call, bluez_on_reply) < 0)
		b->due_ms = 0;
	return 0;
}

static void draining_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;
	(void)error;

	if (b->is_off && answer != BLUEZ_DONE)
		bluez_due_in(b, POWER_AGAIN_MS);
	else
		b->is_off = false;
}

static void look_draining(struct bluez_link *b)
{
	if (b->is_answered && !b->is_off && !bluez_is_connected(b))
		b->due_ms = 0;
}

/* Busy, as above: the adapter is not to stay switched off. */
static void draining_expired(struct bluez_link *b)
{
	if (b->is_off && b->is_answered &&
		clock_boottime_ms() < b->power_until_ms)
		bluez_go(b, BLUEZ_DRAINING);
	else
		bluez_finish(b);
}

const struct bluez_step bluez_clearing = {
	.name = "clearing",
	.stage = LINK_CONNECTING,
	.limit_ms = CLEAR_MS,
	.needs_adapter = true,
	.enter = enter_clearing,
	.look = look_clearing,
	.expired = cleared,
};

const struct bluez_step bluez_pausing = {
	.name = "pausing",
	.stage = LINK_CONNECTING,
	.needs_adapter = true,
	.expired = paused,
};

const struct bluez_step bluez_forgetting = {
	.name = "forgetting",
	.stage = LINK_CONNECTING,
	.limit_ms = FORGET_MS,
	.needs_adapter = true,
	.enter = enter_forgetting,
	.look = look_forgetting,
	.expired = forgotten,
};

const struct bluez_step bluez_powering_off = {
	.name = "powering off",
	.stage = LINK_CONNECTING,
	.limit_ms = POWER_MS,
	.enter = enter_powering_off,
	.look = look_powering_off,
	.expired = powered_off,
};

const struct bluez_step bluez_powering_on = {
	.name = "powering on",
	.stage = LINK_CONNECTING,
	.limit_ms = POWER_MS,
	.enter = enter_powering_on,
	.look = look_powering_on,
	.answered = powering_on_answered,
	.expired = powering_on_expired,
};

const struct bluez_step bluez_draining = {
	.name = "draining",
	.stage = LINK_CLOSED,
	.limit_ms = CLEAR_MS,
	.enter = enter_draining,
	.look = look_draining,
	.answered = draining_answered,
	.expired = draining_expired,
};
