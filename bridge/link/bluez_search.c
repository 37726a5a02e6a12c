/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "link/bluez_rfkill.h"
#include "link/bluez_step.h"
#include "util/clock.h"

enum {
	/* Calling it again makes D-Bus start it: bluez B.3 10. */
	BLUEZ_AGAIN_MS = 2000,
	ADAPTER_MS = 3000,
	SCAN_MS = 5000,
	/* Emulated controllers, and some real ones, report a device once. */
	SCAN_AGAIN_MS = 2000,
	/* For one call: it may be on its way when the scan's time is over. */
	SCAN_CALL_MS = 3000,
	STOP_MS = 2000,
	/* Still discovering so long after our stop: others do. */
	OTHERS_MS = 500,
};

/* --- bluetoothd and the adapter ------------------------------------------- */

static int enter_awaiting(struct bluez_link *b)
{
	return bluez_step_call(b, "/", "org.freedesktop.DBus.ObjectManager",
		"GetManagedObjects");
}

static void awaiting_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	if (answer == BLUEZ_DONE) {
		error = bluez_bus_trust(&b->bus, m);
		if (error == 0)
			error = bluez_tree_load(&b->tree, m);
	}
	if (error == 0) {
		b->had_bluez = true;
		b->heard_before = 0;
		bluez_go(b, BLUEZ_ABSENT);
	} else {
		b->error = error;
	}
}

static void awaiting_expired(struct bluez_link *b)
{
	if (!b->had_bluez && clock_boottime_ms() >= b->bluez_until_ms)
		bluez_fail(b, LINK_NO_BLUETOOTH, b->error);
	else if (b->is_answered)
		bluez_go(b, BLUEZ_AWAITING);
	else
		bluez_due_in(b, BLUEZ_AGAIN_MS);
}

/*
 * The address first: indices change when a controller comes back: bluez B.1.
 */
const struct bluez_adapter *bluez_choose_adapter(const struct bluez_link *b)
{
	const struct bluez_adapter *adapter = NULL;

	if (*b->want != '\0' && *b->address != '\0')
		adapter = bluez_tree_choose_adapter(&b->tree, b->address);
	return adapter != NULL ? adapter
			       : bluez_tree_choose_adapter(&b->tree, b->want);
}

enum link_reason bluez_adapter_reason(const struct bluez_adapter *adapter)
{
	if (adapter == NULL)
		return LINK_NO_ADAPTER;
	if (adapter->power == BLUEZ_POWER_BLOCKED ||
		rfkill_is_blocked(
			"/sys/class/rfkill", strrchr(adapter->path, '/') + 1))
		return LINK_BLOCKED;
	return LINK_ADAPTER_OFF;
}

static void look_absent(struct bluez_link *b)
{
	const struct bluez_adapter *adapter = bluez_choose_adapter(b);
	const struct bluez_device *device;

	if (adapter == NULL || !adapter->powered)
		return;

	(void)strcpy(b->adapter, adapter->path);
	(void)strcpy(b->address, adapter->address);
	(void)snprintf(b->info.adapter, sizeof(b->info.adapter), "%.16s (%s)",
		strrchr(adapter->path, '/') + 1, adapter->address);
	b->is_off = false;

	/* Of a program that crashed, as often as not ours: bluez B.3 4. */
	device = bluez_tree_connected(&b->tree, adapter->path);
	if (device != NULL) {
		(void)strcpy(b->device, device->path);
		b->is_touched = true;
		bluez_go(b, BLUEZ_CLEARING);
	} else {
		bluez_go(b, BLUEZ_SCANNING);
	}
}

static void absent_expired(struct bluez_link *b)
{
	bluez_fail(b, bluez_adapter_reason(bluez_choose_adapter(b)), 0);
}

/* --- looking for the car -------------------------------------------------- */

static int scan_next(struct bluez_link *b, const char *member)
{
	b->scan_call = member;
	b->is_answered = false;
	b->due_ms = clock_boottime_ms() + SCAN_CALL_MS;
	return bluez_step_call(b, b->adapter, BLUEZ_ADAPTER, member);
}

/*
 * By the name, as the service is not in the advert, and with no boolean,
 * which damages the memory of BlueZ 5.66: bluez B.1 2 and B.2.
 */
static int enter_scanning(struct bluez_link *b)
{
	char prefix[BLUEZ_NAME_SIZE];

	b->scan_until_ms = clock_boottime_ms() + SCAN_MS;
	/* One that has not come to its end: it first has to. */
	if (b->is_scanning)
		return scan_next(b, "StopDiscovery");

	b->scan_call = "SetDiscoveryFilter";
	(void)strcpy(prefix, b->name);
	prefix[strlen(prefix) - 1] = '\0';
	return bluez_bus_call(&b->bus, &b->call, b->adapter, BLUEZ_ADAPTER,
		b->scan_call, bluez_on_reply, b, "a{sv}", 2, "Transport", "s",
		"le", "Pattern", "s", prefix);
}

/* Filter, start, and from then on stop and start. */
static void scanning_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	bool is_start = strcmp(b->scan_call, "StartDiscovery") == 0;
	int r = 0;

	(void)m;

	if (!is_start && answer == BLUEZ_IN_PROGRESS) {
		/* What was called before is still not answered. */
		bluez_step_failed(b, BLUEZ_NO_SCAN, LINK_IO_ERROR, error);
	} else if (!is_start) {
		r = scan_next(b, "StartDiscovery");
		b->is_scanning = true;
	} else if (answer == BLUEZ_DONE) {
		b->due_ms = clock_earlier(
			clock_boottime_ms() + SCAN_AGAIN_MS, b->scan_until_ms);
	} else {
		/* BlueZ says "in progress" of whatever the controller said. */
		b->is_scanning = false;
		bluez_step_failed(b, BLUEZ_NO_SCAN, LINK_IO_ERROR, error);
	}
	if (r < 0)
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
}

static void look_scanning(struct bluez_link *b)
{
	const struct bluez_device *device =
		bluez_tree_heard(&b->tree, b->adapter);

	/* BlueZ takes no stop before it has answered the start. */
	if (device == NULL || device->heard <= b->heard_before ||
		!b->is_answered)
		return;

	(void)strcpy(b->device, device->path);
	bluez_tell_heard(b);
	if (b->state == BLUEZ_SCANNING)
		bluez_go(b, BLUEZ_FOUND);
}

static void scanning_expired(struct bluez_link *b)
{
	int r;

	if (!b->is_answered) {
		/* A controller that does not answer: bluez B.3 12. */
		bluez_step_failed(b, BLUEZ_NO_SCAN, LINK_IO_ERROR, -ETIMEDOUT);
	} else if (clock_boottime_ms() < b->scan_until_ms) {
		r = scan_next(b, "StopDiscovery");
		if (r < 0)
			bluez_fail(b, LINK_NO_BLUETOOTH, r);
	} else {
		bluez_fail(b, b->fault != 0 ? b->reason : LINK_NOT_FOUND, 0);
	}
}

/*
 * While discovery is on, the kernel does not look for whom it is to connect
 * to: bluez B.3 3.
 */
static int enter_found(struct bluez_link *b)
{
	b->heard_before = b->tree.heard;
	if (!b->is_scanning) {
		b->is_answered = true;
		return 0;
	}

	b->is_scanning = false;
	return bluez_step_call(b, b->adapter, BLUEZ_ADAPTER, "StopDiscovery");
}

static void found_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;
	(void)answer;
	(void)error;

	bluez_due_in(b, OTHERS_MS);
}

/*
 * With discovery ends what is not connectable and thus not of use: a car that
 * holds all the links it can, as it says in its adverts.
 */
static void look_found(struct bluez_link *b)
{
	if (bluez_device_of(b) == NULL)
		bluez_step_failed(b, BLUEZ_NO_ROOM, LINK_FULL, 0);
	else if (b->is_answered && !bluez_adapter_of(b)->discovering)
		bluez_go(b, BLUEZ_CONNECTING);
}

/* Others discover: it may work all the same. */
static void found_expired(struct bluez_link *b)
{
	bluez_go(b, BLUEZ_CONNECTING);
}

const struct bluez_step bluez_awaiting = {
	.name = "awaiting",
	.stage = LINK_SEARCHING,
	.limit_ms = BLUEZ_AGAIN_MS,
	.enter = enter_awaiting,
	.answered = awaiting_answered,
	.expired = awaiting_expired,
};

const struct bluez_step bluez_absent = {
	.name = "absent",
	.stage = LINK_SEARCHING,
	.limit_ms = ADAPTER_MS,
	.look = look_absent,
	.expired = absent_expired,
};

const struct bluez_step bluez_scanning = {
	.name = "scanning",
	.stage = LINK_SEARCHING,
	.limit_ms = SCAN_CALL_MS,
	.needs_adapter = true,
	.enter = enter_scanning,
	.look = look_scanning,
	.answered = scanning_answered,
	.expired = scanning_expired,
};

const struct bluez_step bluez_found = {
	.name = "found",
	.stage = LINK_CONNECTING,
	.limit_ms = STOP_MS,
	.needs_adapter = true,
	.enter = enter_found,
	.look = look_found,
	.answered = found_answered,
	.expired = found_expired,
};
