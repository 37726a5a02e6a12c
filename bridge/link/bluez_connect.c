/* SPDX-License-Identifier: MIT */

#include "link/bluez_step.h"

/* bluez B.4 */
enum {
	CONNECT_MS = 12 * 1000,
	RESOLVE_MS = 8000,
	SUBSCRIBE_MS = 3000,
	/* What is still to come when a reply or a property is there. */
	GRACE_MS = 1000,
};

static int enter_connecting(struct bluez_link *b)
{
	b->is_touched = true;
	return bluez_step_call(b, b->device, BLUEZ_DEVICE, "Connect");
}

static void connecting_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	int connected, r;

	if (answer != BLUEZ_DONE) {
		if (!bluez_is_connected(b))
			bluez_no_link(b, error);
		return;
	}
	/* The second answer, if there was need for it, is asked for once. */
	if (sd_bus_message_is_empty(m) == 0) {
		if (sd_bus_message_read(m, "v", "b", &connected) > 0)
			bluez_tree_set_connected(
				&b->tree, b->device, connected != 0);
		return;
	}

	/*
	 * Where the socket is up before the kernel's event is read, no signal
	 * tells of it (5.66, 5.82: "is already connected" in the log of
	 * bluetoothd).  So it is asked for.
	 */
	bluez_due_in(b, GRACE_MS);
	if (bluez_is_connected(b))
		return;
	r = bluez_bus_call(&b->bus, &b->call, b->device,
		"org.freedesktop.DBus.Properties", "Get", bluez_on_reply, b,
		"ss", BLUEZ_DEVICE, "Connected");
	if (r < 0)
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
}

static void look_connecting(struct bluez_link *b)
{
	const struct bluez_device *device = bluez_device_of(b);

	if (device == NULL)
		bluez_no_link(b, 0);
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

	bluez_step_failed(b, BLUEZ_NO_LINK, reason, -ETIMEDOUT);
}

static int enter_resolving(struct bluez_link *b)
{
	b->is_late = false;
	return 0;
}

static void look_resolving(struct bluez_link *b)
{
	const struct bluez_device *device = bluez_device_of(b);
	const struct bluez_char *to =
		bluez_tree_char(&b->tree, b->device, BLUEZ_TO_CAR);
	int r = 0;

	if (device == NULL || !device->connected) {
		bluez_no_link(b, 0);
	} else if (!device->resolved || b->call != NULL) {
		return;
	} else if (to == NULL || bluez_tree_char(&b->tree, b->device,
					 BLUEZ_FROM_CAR) == NULL) {
		/* It also says so when it has failed: bluez B.3 2. */
		b->is_late = true;
		bluez_due_in(b, GRACE_MS);
	} else {
		/* No signal tells of it in all versions. */
		r = bluez_bus_call(&b->bus, &b->call, to->path,
			"org.freedesktop.DBus.Properties", "Get",
			bluez_on_reply, b, "ss", BLUEZ_CHAR, "MTU");
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
		bluez_step_failed(b, BLUEZ_NO_SERVICE, LINK_NO_SERVICE, 0);
	else
		bluez_no_link(b, -ETIMEDOUT);
}

static int enter_subscribing(struct bluez_link *b)
{
	const struct bluez_char *from =
		bluez_tree_char(&b->tree, b->device, BLUEZ_FROM_CAR);

	if (from == NULL)
		return 0;
	bluez_echo_init(&b->echo, from->notifying);
	return bluez_step_call(b, from->path, BLUEZ_CHAR, "StartNotify");
}

static void subscribing_answered(struct bluez_link *b, sd_bus_message *m,
	enum bluez_answer answer, int error)
{
	(void)m;

	if (answer != BLUEZ_DONE)
		bluez_no_link(b, error);
}

static void look_subscribing(struct bluez_link *b)
{
	const struct bluez_char *from =
		bluez_tree_char(&b->tree, b->device, BLUEZ_FROM_CAR);

	if (from == NULL || !bluez_is_connected(b))
		bluez_no_link(b, 0);
	else if (b->is_answered && from->notifying)
		bluez_go(b, BLUEZ_READY);
}

static void step_expired(struct bluez_link *b)
{
	bluez_no_link(b, -ETIMEDOUT);
}

static int enter_ready(struct bluez_link *b)
{
	const struct bluez_device *device = bluez_device_of(b);
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
	if (!bluez_is_connected(b)) {
		b->is_touched = false;
		bluez_lose(b, LINK_CLOSED_BY_CAR, 0);
	} else if (bluez_tree_char(&b->tree, b->device, BLUEZ_FROM_CAR) ==
		   NULL) {
		/* The car has changed its services: nothing would be heard. */
		bluez_lose(b, LINK_IO_ERROR, 0);
	}
}

const struct bluez_step bluez_connecting = {
	.name = "connecting",
	.stage = LINK_CONNECTING,
	.limit_ms = CONNECT_MS,
	.needs_adapter = true,
	.enter = enter_connecting,
	.look = look_connecting,
	.answered = connecting_answered,
	.expired = connecting_expired,
};

const struct bluez_step bluez_resolving = {
	.name = "resolving",
	.stage = LINK_CONNECTING,
	.limit_ms = RESOLVE_MS,
	.needs_adapter = true,
	.enter = enter_resolving,
	.look = look_resolving,
	.answered = resolving_answered,
	.expired = resolving_expired,
};

const struct bluez_step bluez_subscribing = {
	.name = "subscribing",
	.stage = LINK_CONNECTING,
	.limit_ms = SUBSCRIBE_MS,
	.needs_adapter = true,
	.enter = enter_subscribing,
	.look = look_subscribing,
	.answered = subscribing_answered,
	.expired = step_expired,
};

const struct bluez_step bluez_ready = {
	.name = "ready",
	.stage = LINK_READY,
	.needs_adapter = true,
	.enter = enter_ready,
	.look = look_ready,
	.expired = bluez_send_expire,
};
