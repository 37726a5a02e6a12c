/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "link/bluez_link.h"
#include "link/bluez_rfkill.h"
#include "util/clock.h"

/*
 * Each step does something when it is entered, and looks at the tree whenever
 * that changes: what is there decides, not what a reply says, as replies are
 * wrong in both directions (bluez B.3 1 and 2).  Replies only say when there
 * is no more to wait for.
 */
struct step {
	enum link_stage stage;
	uint32_t limit_ms; /* 0: none but that of the attempt */
	bool needs_adapter;
	/* Returns 0 or negative errno: the bus does not take the call. */
	int (*enter)(struct bluez_link *b);
	void (*look)(struct bluez_link *b);
	void (*answered)(struct bluez_link *b, sd_bus_message *m,
		enum bluez_answer answer, int error);
	void (*expired)(struct bluez_link *b);
};

enum {
	/* Calling it again makes D-Bus start it: bluez B.3 10. */
	BLUEZ_AGAIN_MS = 2000,
	SCAN_MS = 5000,
	/* Emulated controllers, and some real ones, report a device once. */
	SCAN_AGAIN_MS = 2000,
	/* What is still to come when a reply or a property is there. */
	GRACE_MS = 1000,
	/* Until an adapter is on again */
	POWER_MS = 5000,
	POWER_AGAIN_MS = 100,
	/* Still discovering so long after our stop: others do. */
	OTHERS_MS = 500,
};

static const struct step steps[_BLUEZ_STATE_N];

static void due_in(struct bluez_link *b, uint64_t ms)
{
	b->due_ms = clock_earlier(b->due_ms, clock_boottime_ms() + ms);
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *unused)
{
	struct bluez_link *b = userdata;
	enum bluez_state state = b->state;
	enum bluez_answer answer;
	int error;

	(void)unused;

	b->is_answered = true;
	answer = bluez_bus_answer(m, &error);
	if (steps[state].answered != NULL)
		steps[state].answered(b, m, answer, error);
	if (b->state == state)
		bluez_look(b);
	bluez_arm(b);
	return 0;
}

static int call(struct bluez_link *b, const char *path, const char *interface,
	const char *member)
{
	return bluez_bus_call(
		&b->bus, &b->call, path, interface, member, on_reply, b, NULL);
}

static int call_device(struct bluez_link *b, const char *member)
{
	return call(b, b->device, BLUEZ_DEVICE, member);
}

static int set_powered(struct bluez_link *b, sd_bus_slot **slot,
	sd_bus_message_handler_t on_set, bool on)
{
	return bluez_bus_call(&b->bus, slot, b->adapter,
		"org.freedesktop.DBus.Properties", "Set", on_set, b, "ssv",
		BLUEZ_ADAPTER, "Powered", "b", (int)on);
}

static const struct bluez_adapter *adapter_of(const struct bluez_link *b)
{
	return bluez_tree_adapter(&b->tree, b->adapter);
}

static const struct bluez_device *device_of(const struct bluez_link *b)
{
	return bluez_tree_device(&b->tree, b->device);
}

static bool is_connected(const struct bluez_link *b)
{
	const struct bluez_device *device = device_of(b);

	return device != NULL && device->connected;
}

void bluez_go(struct bluez_link *b, enum bluez_state state)
{
	const struct step *step = &steps[state];
	int r;

	b->state = state;
	b->call = sd_bus_slot_unref(b->call);
	b->is_answered = false;
	b->due_ms = step->limit_ms == 0 ? CLOCK_NEVER
					: clock_boottime_ms() + step->limit_ms;
	r = step->enter == NULL ? 0 : step->enter(b);
	if (r < 0)
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
	else if (b->state == state)
		bluez_look(b);
}

/* --- recovery ------------------------------------------------------------- */

static void climb(struct bluez_link *b)
{
	static const enum bluez_state next[] = {
		[BLUEZ_RETRY] = BLUEZ_PAUSING,
		[BLUEZ_FORGET] = BLUEZ_FORGETTING,
		[BLUEZ_POWER_CYCLE] = BLUEZ_POWERING_OFF,
		[BLUEZ_GIVE_UP] = BLUEZ_FAILED,
	};
	uint64_t now_ms = clock_boottime_ms();
	struct bluez_choice choice = bluez_ladder_next(&b->ladder, b->fault,
		now_ms, b->until_ms > now_ms ? b->until_ms - now_ms : 0,
		b->reset_shared ||
			!bluez_tree_has_others(&b->tree, b->adapter));

	if (choice.rung == BLUEZ_GIVE_UP) {
		bluez_fail(b, b->reason, b->error);
		return;
	}

	bluez_go(b, next[choice.rung]);
	if (choice.rung == BLUEZ_RETRY)
		b->due_ms = now_ms + choice.pause_ms;
}

/* The step did not work: clean up, then the next rung. */
static void failed(struct bluez_link *b, unsigned int fault,
	enum link_reason reason, int error)
{
	b->fault = fault;
	b->reason = reason;
	b->error = error;
	if (b->is_touched)
		bluez_go(b, BLUEZ_CLEARING);
	else
		climb(b);
}

static void no_link(struct bluez_link *b, int error)
{
	b->n_timeouts = 0;
	failed(b, BLUEZ_NO_LINK, LINK_TIMEOUT, error);
}

/* --- bluetoothd and the adapter ------------------------------------------- */

static int enter_awaiting(struct bluez_link *b)
{
	return call(b, "/", "org.freedesktop.DBus.ObjectManager",
		"GetManagedObjects");
}

static void awaiting_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	if (answer == BLUEZ_DONE)
		error = bluez_tree_load(&b->tree, m);
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
		due_in(b, BLUEZ_AGAIN_MS);
}

/*
 * The address first: indices change when a controller comes back: bluez B.1.
 */
static const struct bluez_adapter *choose_adapter(const struct bluez_link *b)
{
	const struct bluez_adapter *adapter = NULL;

	if (*b->want != '\0' && *b->address != '\0')
		adapter = bluez_tree_choose_adapter(&b->tree, b->address);
	return adapter != NULL ? adapter
			       : bluez_tree_choose_adapter(&b->tree, b->want);
}

static enum link_reason adapter_reason(const struct bluez_adapter *adapter)
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
	const struct bluez_adapter *adapter = choose_adapter(b);
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
	bluez_fail(b, adapter_reason(choose_adapter(b)), 0);
}

/* --- looking for the car -------------------------------------------------- */

static int scan_next(struct bluez_link *b, const char *member)
{
	b->scan_call = member;
	b->is_answered = false;
	return call(b, b->adapter, BLUEZ_ADAPTER, member);
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
		b->scan_call, on_reply, b, "a{sv}", 2, "Transport", "s", "le",
		"Pattern", "s", prefix);
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
		failed(b, BLUEZ_NO_SCAN, LINK_IO_ERROR, error);
	} else if (!is_start) {
		r = scan_next(b, "StartDiscovery");
		b->is_scanning = true;
	} else if (answer == BLUEZ_DONE) {
		due_in(b, SCAN_AGAIN_MS);
	} else {
		/* BlueZ says "in progress" of whatever the controller said. */
		b->is_scanning = false;
		failed(b, BLUEZ_NO_SCAN, LINK_IO_ERROR, error);
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

	if (clock_boottime_ms() < b->scan_until_ms && b->is_answered) {
		b->due_ms = b->scan_until_ms;
		r = scan_next(b, "StopDiscovery");
		if (r < 0)
			bluez_fail(b, LINK_NO_BLUETOOTH, r);
	} else if (!b->is_answered) {
		/* A controller that does not answer: bluez B.3 12. */
		failed(b, BLUEZ_NO_SCAN, LINK_IO_ERROR, -ETIMEDOUT);
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
	return call(b, b->adapter, BLUEZ_ADAPTER, "StopDiscovery");
}

static void found_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;
	(void)answer;
	(void)error;

	due_in(b, OTHERS_MS);
}

/*
 * With discovery ends what is not connectable and thus not of use: a car that
 * holds all the links it can, as it says in its adverts.
 */
static void look_found(struct bluez_link *b)
{
	if (device_of(b) == NULL)
		failed(b, BLUEZ_NO_ROOM, LINK_FULL, 0);
	else if (b->is_answered && !adapter_of(b)->discovering)
		bluez_go(b, BLUEZ_CONNECTING);
}

/* Others discover: it may work all the same. */
static void found_expired(struct bluez_link *b)
{
	bluez_go(b, BLUEZ_CONNECTING);
}

/* --- connecting ----------------------------------------------------------- */

static int enter_connecting(struct bluez_link *b)
{
	b->is_touched = true;
	return call_device(b, "Connect");
}

static void connecting_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;

	if (answer == BLUEZ_DONE)
		due_in(b, GRACE_MS);
	else if (!is_connected(b))
		no_link(b, error);
}

static void look_connecting(struct bluez_link *b)
{
	const struct bluez_device *device = device_of(b);

	if (device == NULL)
		no_link(b, 0);
	else if (device->connected && (b->is_answered || device->resolved))
		bluez_go(b, BLUEZ_RESOLVING);
}

/*
 * A car that holds all the links it can does not say so, and BlueZ would not
 * tell: what is heard and never answers is taken for that: bluez B.3 6.
 */
static void connecting_expired(struct bluez_link *b)
{
	enum link_reason reason =
		++b->n_timeouts >= 2 ? LINK_FULL : LINK_TIMEOUT;

	failed(b, BLUEZ_NO_LINK, reason, -ETIMEDOUT);
}

static int enter_resolving(struct bluez_link *b)
{
	b->is_late = false;
	return 0;
}

static void look_resolving(struct bluez_link *b)
{
	const struct bluez_device *device = device_of(b);
	const struct bluez_char *to =
		bluez_tree_char(&b->tree, b->device, BLUEZ_TO_CAR);
	int r = 0;

	if (device == NULL || !device->connected) {
		no_link(b, 0);
	} else if (!device->resolved || b->call != NULL) {
		return;
	} else if (to == NULL || bluez_tree_char(&b->tree, b->device,
					 BLUEZ_FROM_CAR) == NULL) {
		/* It also says so when it has failed: bluez B.3 2. */
		b->is_late = true;
		due_in(b, GRACE_MS);
	} else {
		/* No signal tells of it in all versions. */
		r = bluez_bus_call(&b->bus, &b->call, to->path,
			"org.freedesktop.DBus.Properties", "Get", on_reply, b,
			"ss", BLUEZ_CHAR, "MTU");
	}
	if (r < 0)
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
}

static void resolving_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	uint16_t mtu;

	(void)error;

	if (answer != BLUEZ_DONE ||
		sd_bus_message_read(m, "v", "q", &mtu) <= 0 ||
		mtu < BLUEZ_MTU_MIN)
		mtu = BLUEZ_MTU_MIN;
	b->mtu = mtu < BLUEZ_MTU_MAX ? mtu : BLUEZ_MTU_MAX;
	bluez_go(b, BLUEZ_SUBSCRIBING);
}

static void resolving_expired(struct bluez_link *b)
{
	if (b->is_late)
		failed(b, BLUEZ_NO_SERVICE, LINK_NO_SERVICE, 0);
	else
		no_link(b, -ETIMEDOUT);
}

static int enter_subscribing(struct bluez_link *b)
{
	const struct bluez_char *from =
		bluez_tree_char(&b->tree, b->device, BLUEZ_FROM_CAR);

	if (from == NULL)
		return 0;
	bluez_echo_init(&b->echo, from->notifying);
	return call(b, from->path, BLUEZ_CHAR, "StartNotify");
}

static void subscribing_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;

	if (answer != BLUEZ_DONE)
		no_link(b, error);
}

static void look_subscribing(struct bluez_link *b)
{
	const struct bluez_char *from =
		bluez_tree_char(&b->tree, b->device, BLUEZ_FROM_CAR);

	if (from == NULL || !is_connected(b))
		no_link(b, 0);
	else if (b->is_answered && from->notifying)
		bluez_go(b, BLUEZ_READY);
}

static void step_expired(struct bluez_link *b)
{
	no_link(b, -ETIMEDOUT);
}

static int enter_ready(struct bluez_link *b)
{
	const struct bluez_device *device = device_of(b);
	int r = 0;

	bluez_ladder_reset(&b->ladder);
	b->send.len = 0;
	b->send.issued = false;
	/*
	 * So that it is known after a crash: BlueZ replaces the name by that
	 * in the car's GAP service, but never an alias that was set.  One
	 * that a person has set stays.
	 */
	if (device->has_alias && *device->name != '\0')
		r = bluez_bus_call(&b->bus, NULL, b->device,
			"org.freedesktop.DBus.Properties", "Set", NULL, NULL,
			"ssv", BLUEZ_DEVICE, "Alias", "s", device->name);
	if (r < 0)
		return r;

	bluez_emit(b, &(struct link_event){ .type = LINK_UP, .mtu = b->mtu });
	return 0;
}

static void look_ready(struct bluez_link *b)
{
	const struct bluez_device *device = device_of(b);

	if (device != NULL && device->connected)
		return;

	b->is_touched = false;
	bluez_lose(b, LINK_CLOSED_BY_CAR, 0);
}

/* --- rungs ---------------------------------------------------------------- */

/* Also cancels a Connect() that is pending, of whomever: bluez B.1. */
static int enter_clearing(struct bluez_link *b)
{
	b->is_touched = false;
	return call_device(b, "Disconnect");
}

static void cleared(struct bluez_link *b)
{
	if (b->fault == 0)
		bluez_go(b, BLUEZ_SCANNING);
	else
		climb(b);
}

static void look_clearing(struct bluez_link *b)
{
	if (b->is_answered && !is_connected(b))
		cleared(b);
}

static void paused(struct bluez_link *b)
{
	bluez_go(b, b->fault != BLUEZ_NO_SCAN && device_of(b) != NULL
			    ? BLUEZ_CONNECTING
			    : BLUEZ_SCANNING);
}

static int enter_forgetting(struct bluez_link *b)
{
	return bluez_bus_call(&b->bus, &b->call, b->adapter, BLUEZ_ADAPTER,
		"RemoveDevice", on_reply, b, "o", b->device);
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
	return set_powered(b, &b->call, on_reply, false);
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
	return set_powered(b, &b->call, on_reply, true);
}

/* Busy, as a change before it is under way: it is asked again. */
static void powering_on_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;
	(void)error;

	if (answer != BLUEZ_DONE)
		due_in(b, POWER_AGAIN_MS);
}

static void look_powering_on(struct bluez_link *b)
{
	const struct bluez_adapter *adapter = adapter_of(b);

	if (b->is_answered && (adapter == NULL || adapter->powered))
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
	if (bluez_undo(b, &b->call, on_reply) < 0)
		b->due_ms = 0;
	return 0;
}

static void draining_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;
	(void)error;

	if (b->is_off && answer != BLUEZ_DONE)
		due_in(b, POWER_AGAIN_MS);
	else
		b->is_off = false;
}

static void look_draining(struct bluez_link *b)
{
	if (b->is_answered && !b->is_off && !is_connected(b))
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

static const struct step steps[_BLUEZ_STATE_N] = {
	[BLUEZ_CLOSED] = { LINK_CLOSED },
	[BLUEZ_AWAITING] = { LINK_SEARCHING, BLUEZ_AGAIN_MS, false,
		enter_awaiting, NULL, awaiting_answered, awaiting_expired },
	[BLUEZ_ABSENT] = { LINK_SEARCHING, 3000, false, NULL, look_absent, NULL,
		absent_expired },
	[BLUEZ_SCANNING] = { LINK_SEARCHING, SCAN_MS, true, enter_scanning,
		look_scanning, scanning_answered, scanning_expired },
	[BLUEZ_FOUND] = { LINK_CONNECTING, 2000, true, enter_found, look_found,
		found_answered, found_expired },
	[BLUEZ_CONNECTING] = { LINK_CONNECTING, 12 * 1000, true,
		enter_connecting, look_connecting, connecting_answered,
		connecting_expired },
	[BLUEZ_RESOLVING] = { LINK_CONNECTING, 8000, true, enter_resolving,
		look_resolving, resolving_answered, resolving_expired },
	[BLUEZ_SUBSCRIBING] = { LINK_CONNECTING, 3000, true, enter_subscribing,
		look_subscribing, subscribing_answered, step_expired },
	[BLUEZ_READY] = { LINK_READY, 0, true, enter_ready, look_ready, NULL,
		bluez_send_expire },
	[BLUEZ_CLEARING] = { LINK_CONNECTING, 3000, true, enter_clearing,
		look_clearing, NULL, cleared },
	[BLUEZ_PAUSING] = { LINK_CONNECTING, 3000, true, NULL, NULL, NULL,
		paused },
	[BLUEZ_FORGETTING] = { LINK_CONNECTING, 3000, true, enter_forgetting,
		look_forgetting, NULL, forgotten },
	[BLUEZ_POWERING_OFF] = { LINK_CONNECTING, 3000, false,
		enter_powering_off, look_powering_off, NULL, powered_off },
	[BLUEZ_POWERING_ON] = { LINK_CONNECTING, 3000, false, enter_powering_on,
		look_powering_on, powering_on_answered, powering_on_expired },
	[BLUEZ_FAILED] = { LINK_CLOSED, 0, false, NULL, NULL, NULL,
		bluez_tell_down },
	[BLUEZ_DRAINING] = { LINK_CLOSED, 3000, false, enter_draining,
		look_draining, draining_answered, draining_expired },
};

/* --- from outside --------------------------------------------------------- */

/* The adapter has gone, or somebody has switched it off. */
static void lost_adapter(struct bluez_link *b)
{
	b->is_touched = false;
	b->is_scanning = false;
	if (b->state == BLUEZ_READY)
		bluez_lose(b, LINK_NO_ADAPTER, 0);
	else
		bluez_go(b, BLUEZ_ABSENT);
}

void bluez_look(struct bluez_link *b)
{
	const struct step *step = &steps[b->state];
	const struct bluez_adapter *adapter = adapter_of(b);

	if (step->needs_adapter && (adapter == NULL || !adapter->powered))
		lost_adapter(b);
	else if (step->look != NULL)
		step->look(b);
}

void bluez_expire(struct bluez_link *b)
{
	b->due_ms = CLOCK_NEVER;
	if (steps[b->state].expired != NULL)
		steps[b->state].expired(b);
}

void bluez_give_up(struct bluez_link *b)
{
	enum link_reason reason = b->reason;

	if (b->state == BLUEZ_AWAITING)
		reason = LINK_NO_BLUETOOTH;
	else if (b->state == BLUEZ_ABSENT)
		reason = adapter_reason(choose_adapter(b));
	else if (b->fault == 0 && b->state != BLUEZ_SCANNING)
		reason = LINK_TIMEOUT;
	bluez_fail(b, reason, b->error);
}

void bluez_on_owner(struct bluez_link *b, bool is_there)
{
	bluez_tree_clear(&b->tree);
	b->is_touched = false;
	b->is_scanning = false;
	b->is_off = false;

	if (b->state == BLUEZ_READY)
		bluez_fail(b, LINK_NO_BLUETOOTH, 0);
	else if (b->state == BLUEZ_DRAINING)
		b->due_ms = 0;
	else if (b->state != BLUEZ_FAILED &&
		 (is_there || b->state != BLUEZ_AWAITING))
		bluez_go(b, BLUEZ_AWAITING);
}

void bluez_settle(struct bluez_link *b)
{
	const struct bluez_adapter *adapter = adapter_of(b);

	if (!b->tree.is_loaded)
		b->reason = LINK_NO_BLUETOOTH;
	else if (adapter == NULL || !adapter->powered)
		b->reason = adapter_reason(adapter);
	else if (!is_connected(b))
		b->reason = LINK_CLOSED_BY_CAR;
}

enum link_stage bluez_stage(const struct bluez_link *b)
{
	return steps[b->state].stage;
}
