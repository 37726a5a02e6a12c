/* SPDX-License-Identifier: MIT */

/* Services: subscriptions and writes.  src/gatt-client.c */

#include "fake-bluez.h"

#include <string.h>

#include "fake-bluez-parts.h"
#include "test.h"
#include "util/macro.h"

static void add_gatt(struct fake_bluez *b, struct fake_device *d)
{
	struct fake_object o = fake_device_object(d);

	d->has_gatt = true;
	d->notifying = b->has_other_listener;
	o.kind = FAKE_SERVICE;
	fake_emit_added(b, &o);
	o.kind = FAKE_CHAR;
	for (o.n = 0; o.n < FAKE_CHARS; o.n++)
		fake_emit_added(b, &o);
}

static void gatt_is_late(struct fake_bluez *b, struct fake_job *job)
{
	add_gatt(b, job->device);
}

/* Whoever had subscribed is subscribed anew: btd_gatt_client_connected(). */
static void subscribe_again(struct fake_bluez *b, struct fake_device *d)
{
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (b->clients[i].bus != NULL &&
			b->clients[i].notifies[d - b->devices])
			d->subscribed = true;
}

void fake_device_change_services(struct fake_bluez *b, struct fake_device *d)
{
	struct fake_object o = fake_device_object(d);

	o.kind = FAKE_CHAR;
	for (o.n = 0; o.n < FAKE_CHARS; o.n++)
		fake_emit_removed(b, &o);
	o.kind = FAKE_SERVICE;
	fake_emit_removed(b, &o);
	/* Who had subscribed has not to the new ones. */
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		b->clients[i].notifies[d - b->devices] = false;
	d->subscribed = false;
	d->first_handle += 0x20;
	add_gatt(b, d);
}

void fake_services_resolve(struct fake_bluez *b, struct fake_job *job)
{
	struct fake_device *d = job->device;
	enum fake_services how = SERVICES_RESOLVE;

	if (b->services.n > 0) {
		b->services.n--;
		how = b->services.how;
	}
	switch (how) {
	case SERVICES_HANG:
		return;
	case SERVICES_DROP:
		fake_device_drop(b, d);
		return;
	case SERVICES_FAIL:
		break;
	case SERVICES_OF_OTHER:
		d->is_other = true;
		add_gatt(b, d);
		break;
	case SERVICES_LATE:
		fake_add_job(b, 50, gatt_is_late)->device = d;
		break;
	case SERVICES_RESOLVE:
		/* Cached ones are there already. */
		if (!d->has_gatt)
			add_gatt(b, d);
		subscribe_again(b, d);
		break;
	}
	d->resolved = true;
	CHANGED(b, fake_device_object(d), "ServicesResolved");
	/* profiles/gap/gas.c: the name of its GAP service. */
	if (d->gap_name != NULL) {
		d->has_gap_name = true;
		CHANGED(b, fake_device_object(d), "Name", "Alias");
	}
}

void fake_device_say(struct fake_bluez *b, struct fake_device *d,
	const void *data, size_t len)
{
	const struct fake_object o = {
		.kind = FAKE_CHAR, .device = d, .n = FROM_CAR
	};

	if (!d->connected || !d->subscribed)
		return;
	/* Each subscriber's handler emits it: bluez B.1. */
	fake_emit_value(b, &o, data, len);
	if (b->has_other_listener)
		fake_emit_value(b, &o, data, len);
}

static void notify_starts(struct fake_bluez *b, struct fake_job *job)
{
	struct fake_device *d = job->device;
	const struct fake_object o = {
		.kind = FAKE_CHAR, .device = d, .n = FROM_CAR
	};
	enum fake_notify how = NOTIFY_WORKS;

	if (b->notifies.n > 0) {
		b->notifies.n--;
		how = b->notifies.how;
	}
	/* Its handles were read anew. */
	if (how == NOTIFY_STALE && !d->is_stale)
		how = NOTIFY_WORKS;
	switch (how) {
	case NOTIFY_STALE:
	case NOTIFY_FAILS:
		(void)fake_failed(
			job->call, "Operation failed with ATT error: 0x0a");
		return;
	case NOTIFY_ARMED:
		(void)fake_reply(job->call);
		return;
	case NOTIFY_HANGS:
		return;
	case NOTIFY_DROPS:
		/* The pending call goes with the client: no answer. */
		fake_device_drop(b, d);
		return;
	case NOTIFY_TALKS_FIRST:
	case NOTIFY_WORKS:
		break;
	}
	job->client->notifies[d - b->devices] = true;
	d->subscribed = true;
	if (how == NOTIFY_TALKS_FIRST)
		fake_device_say(b, d, "\0\1x", 3);
	if (!d->notifying) {
		d->notifying = true;
		CHANGED(b, o, "Notifying");
	}
	(void)fake_reply(job->call);
}

int fake_start_notify(struct fake_bluez *b, struct fake_client *c,
	const struct fake_object *o, sd_bus_message *call)
{
	struct fake_device *d = o->device;
	struct fake_job *job;

	b->n_notify++;
	if (o->n != FROM_CAR) {
		fake_bluez_find(b, "StartNotify on another characteristic");
		return fake_reply_error(call, ERROR_BLUEZ "NotSupported",
			"Operation is not supported");
	}
	if (d->disconnecting)
		return fake_reply_error(
			call, ERROR_BLUEZ "NotConnected", "Not Connected");
	if (c->notifies[d - b->devices])
		return fake_reply(call);
	if (!d->connected) {
		/* Armed for the next connection. */
		c->notifies[d - b->devices] = true;
		return fake_reply(call);
	}

	job = fake_add_job(b, b->notify_ms, notify_starts);
	job->client = c;
	job->device = d;
	job->call = sd_bus_message_ref(call);
	return 1;
}

static void hear_block(struct fake_bluez *b, const struct fake_job *job)
{
	cr_assert_leq(job->len, sizeof(b->heard) - b->n_heard);
	memcpy(b->heard + b->n_heard, job->data, job->len);
	b->n_heard += job->len;
	if (job->len > b->longest_block)
		b->longest_block = job->len;
}

static void write_arrives(struct fake_bluez *b, struct fake_job *job)
{
	struct fake_device *d = job->device;
	sd_bus_message *call = job->call;
	const enum fake_write how =
		job->n == b->writes.at ? b->writes.how : WRITE_WORKS;

	d->writing = false;
	switch (how) {
	case WRITE_WORKS:
		hear_block(b, job);
		(void)fake_reply(call);
		break;
	case WRITE_FAILS:
		(void)fake_failed(
			call, "Operation failed with ATT error: 0x11");
		break;
	case WRITE_BUSY:
	case WRITE_BUSIES:
		break;
	case WRITE_HANGS:
		d->writing = true;
		break;
	case WRITE_ARRIVES_DROPS:
	case WRITE_DROPS:
		if (how == WRITE_ARRIVES_DROPS)
			hear_block(b, job);
		(void)fake_failed(
			call, "Operation failed with ATT error: 0x0e");
		fake_device_drop(b, d);
		break;
	case WRITE_DROPS_SILENT:
		fake_remove_object(b, d);
		break;
	}
}

/* characteristic_write_value() */
int fake_write_value(
	struct fake_bluez *b, const struct fake_object *o, sd_bus_message *call)
{
	const size_t mtu = b->mtu == 0 ? 23 : b->mtu;
	struct fake_device *d = o->device;
	const char *key, *type = "";
	struct fake_job *job;
	const void *data;
	size_t len;

	b->n_write++;
	if (o->n != TO_CAR)
		fake_bluez_find(b, "a write to another characteristic");
	if (!d->connected)
		return fake_failed(call, "Not connected");
	cr_assert_gt(sd_bus_message_read_array(call, 'y', &data, &len), 0);
	cr_assert_gt(sd_bus_message_enter_container(call, 'a', "{sv}"), 0);
	while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
		cr_assert_gt(sd_bus_message_read(call, "s", &key), 0);
		if (strcmp(key, "type") == 0) {
			cr_assert_gt(
				sd_bus_message_read(call, "v", "s", &type), 0);
		} else {
			fake_bluez_find(b, "an option for a write: %s", key);
			cr_assert_geq(sd_bus_message_skip(call, "v"), 0);
		}
		cr_assert_geq(sd_bus_message_exit_container(call), 0);
	}
	if (strcmp(type, "request") != 0)
		fake_bluez_find(b, "a write of type '%s'", type);
	if (len > mtu - 3)
		fake_bluez_find(b, "a long write: %zu bytes", len);
	if (len == 0)
		fake_bluez_find(b, "an empty write");
	if (d->writing) {
		fake_bluez_find(b, "a write while one is pending");
		return fake_in_progress(call);
	}
	if ((b->writes.at == b->n_write && b->writes.how == WRITE_BUSY) ||
		(b->writes.at <= b->n_write && b->writes.how == WRITE_BUSIES))
		return fake_in_progress(call);
	if (!d->subscribed)
		fake_bluez_find(b, "a write before anybody listens");

	d->writing = true;
	job = fake_add_job(b, b->write_ms, write_arrives);
	job->device = d;
	job->n = b->n_write;
	job->call = sd_bus_message_ref(call);
	job->len = len < sizeof(job->data) ? len : sizeof(job->data);
	memcpy(job->data, data, job->len);
	return 1;
}

int fake_stop_notify(struct fake_bluez *b, struct fake_client *c,
	const struct fake_object *o, sd_bus_message *call)
{
	struct fake_device *d = o->device;

	if (!c->notifies[d - b->devices])
		return fake_failed(call, "No notify session started");
	c->notifies[d - b->devices] = false;
	d->subscribed = false;
	if (d->notifying) {
		d->notifying = false;
		CHANGED(b, *o, "Notifying");
	}
	return fake_reply(call);
}
