/* SPDX-License-Identifier: MIT */

/* Devices: connections.  src/device.c */

#include "fake-bluez.h"

#include <string.h>

#include "fake-bluez-parts.h"
#include "test.h"
#include "util/macro.h"

enum {
	KERNEL_GIVES_UP_MS = 40 * 1000, /* L2CAP_CONN_TIMEOUT */
};

static void connection_goes(struct fake_bluez *b, struct fake_job *job);

void fake_answer_connect(
	struct fake_bluez *b, struct fake_device *d, const char *error)
{
	sd_bus_message *call = steal_ptr(&d->connect);

	(void)b;
	d->connecting = false;
	if (call == NULL)
		return;
	if (error == NULL)
		(void)fake_reply(call);
	else
		(void)fake_failed(call, error);
	sd_bus_message_unref(call);
}

static void set_connected(struct fake_bluez *b, struct fake_device *d)
{
	d->connected = true;
	CHANGED(b, fake_device_object(d), "Connected");
	fake_add_job(b, b->services_ms, fake_services_resolve)->device = d;
}

static void kernel_gives_up(
	struct fake_bluez *b, struct fake_device *d, uint32_t in_ms);

static void connection_comes(struct fake_bluez *b, struct fake_job *job)
{
	struct fake_device *d = job->device;
	struct fake_adapter *a = fake_adapter_of(b, d);
	enum fake_connect how = CONNECT_WORKS;

	if (job->n == 1) {
		fake_answer_connect(b, d, "le-connection-abort-by-local");
		return;
	}
	/* What discovery holds up, or is not there to answer. */
	if (a->wedged || !d->on_air || d->full) {
		kernel_gives_up(b, d, KERNEL_GIVES_UP_MS - b->connect_ms);
		return;
	}
	if (b->connects.n > 0) {
		b->connects.n--;
		how = b->connects.how;
	}
	switch (how) {
	case CONNECT_WORKS:
		set_connected(b, d);
		fake_answer_connect(b, d, NULL);
		break;
	case CONNECT_FAILS:
		fake_answer_connect(b, d, "le-connection-abort-by-local");
		break;
	case CONNECT_SAYS_FAILED:
		set_connected(b, d);
		fake_answer_connect(b, d, "le-connection-abort-by-local");
		break;
	case CONNECT_SAYS_SUCCESS:
		fake_answer_connect(b, d, NULL);
		break;
	case CONNECT_FLAPS:
		set_connected(b, d);
		fake_device_drop(b, d);
		break;
	case CONNECT_HANGS:
		kernel_gives_up(b, d, KERNEL_GIVES_UP_MS);
		break;
	case CONNECT_LOSES_OBJECT:
		fake_remove_object(b, d);
		break;
	case CONNECT_LOSES_SIGNAL:
		/* device_add_connection(): "is already connected". */
		d->connected = true;
		fake_add_job(b, b->services_ms, fake_services_resolve)->device =
			d;
		fake_answer_connect(b, d, NULL);
		break;
	case CONNECT_LOSES_REPLY:
		set_connected(b, d);
		d->connecting = false;
		d->connect = sd_bus_message_unref(d->connect);
		break;
	}
}

static void kernel_gives_up(
	struct fake_bluez *b, struct fake_device *d, uint32_t in_ms)
{
	struct fake_job *job = fake_add_job(b, in_ms, connection_comes);

	job->device = d;
	job->n = 1;
}

int fake_connect_device(struct fake_bluez *b, struct fake_client *c,
	struct fake_device *d, sd_bus_message *call)
{
	b->n_connect++;
	if (c->discovers[d->adapter] || c->is_busy[d->adapter])
		fake_bluez_find(b, "Connect while our discovery runs");
	/* dev_connect(): 5.66 has no InProgress here, bluez B.2. */
	if (d->connecting)
		return b->version == BLUEZ_5_66
			       ? fake_failed(
					 call, "Operation already in progress")
			       : fake_in_progress(call);
	/* Also while it is being disconnected. */
	if (d->connected)
		return fake_reply(call);
	if (!fake_adapter_of(b, d)->powered)
		return fake_failed(call, "Input/output error");

	d->is_permanent = !d->is_random;
	d->connecting = true;
	d->connect = sd_bus_message_ref(call);
	fake_add_job(b, b->connect_ms, connection_comes)->device = d;
	return 1;
}

void fake_device_drop(struct fake_bluez *b, struct fake_device *d)
{
	bool remove = false;

	if (!d->connected)
		return;
	for (size_t i = 0; i < FAKE_JOBS; i++)
		if (b->jobs[i].run == connection_goes &&
			b->jobs[i].device == d) {
			(void)fake_reply(b->jobs[i].call);
			remove |= b->jobs[i].n == 1;
			fake_end_job(&b->jobs[i]);
		}
	/* A write that waits is told before anything else is. */
	fake_end_jobs(b, d, ERROR_BLUEZ "Failed",
		"Operation failed with ATT error: 0x0e");
	d->connected = d->subscribed = d->writing = d->disconnecting = false;
	if (d->resolved) {
		d->resolved = false;
		CHANGED(b, fake_device_object(d), "ServicesResolved");
	}
	fake_answer_connect(b, d, "br-connection-canceled");
	CHANGED(b, fake_device_object(d), "Connected");
	if (remove)
		fake_remove_object(b, d);
}

static void connection_goes(struct fake_bluez *b, struct fake_job *job)
{
	struct fake_device *d = job->device;
	const bool remove = job->n == 1;
	sd_bus_message *call = steal_ptr(&job->call);

	/* device_remove_connection(): the reply comes first in 5.66. */
	if (b->version == BLUEZ_5_66)
		(void)fake_reply(call);
	fake_device_drop(b, d);
	if (b->version != BLUEZ_5_66)
		(void)fake_reply(call);
	if (remove)
		fake_remove_object(b, d);
	sd_bus_message_unref(call);
}

/* device_request_disconnect() */
int fake_disconnect_device(struct fake_bluez *b, struct fake_device *d,
	sd_bus_message *call, bool remove)
{
	struct fake_job *job;

	if (d->connecting && !d->connected)
		fake_end_jobs(b, d, NULL, NULL);
	fake_answer_connect(b, d, "br-connection-canceled");
	if (!d->connected) {
		if (remove)
			fake_remove_object(b, d);
		return fake_reply(call);
	}

	d->disconnecting = true;
	job = fake_add_job(b, b->disconnect_ms, connection_goes);
	job->device = d;
	job->n = remove;
	job->call = sd_bus_message_ref(call);
	return 1;
}

static struct fake_device *device_at(
	struct fake_bluez *b, const struct fake_adapter *a, const char *at)
{
	char path[128];

	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		const struct fake_object o = fake_device_object(&b->devices[i]);

		if (!b->devices[i].exists || fake_adapter_of(b, o.device) != a)
			continue;
		fake_path(b, &o, path);
		if (strcmp(path, at) == 0)
			return &b->devices[i];
	}

	return NULL;
}

int fake_remove_device(
	struct fake_bluez *b, struct fake_adapter *a, sd_bus_message *call)
{
	struct fake_device *d;
	const char *path;

	b->n_remove++;
	cr_assert_gt(sd_bus_message_read(call, "o", &path), 0);
	d = device_at(b, a, path);
	if (d == NULL)
		return fake_reply_error(
			call, ERROR_BLUEZ "DoesNotExist", "Does Not Exist");
	if (!a->powered)
		return fake_reply_error(
			call, ERROR_BLUEZ "NotReady", "Resource Not Ready");
	if (!fake_is_car(d))
		fake_bluez_find(b, "removed what is not the car");
	/* Its services are read anew. */
	d->first_handle += 0x20;
	d->is_stale = false;
	d->is_permanent = false;
	return fake_disconnect_device(b, d, call, true);
}

void fake_device_hog(struct fake_bluez *b, struct fake_device *d, uint32_t ms)
{
	d->exists = d->is_permanent = d->connecting = d->is_named = true;
	kernel_gives_up(b, d, ms);
}

void fake_device_leave_connected(struct fake_bluez *b, struct fake_device *d)
{
	(void)b;
	d->exists = d->is_permanent = d->is_named = true;
	d->connected = d->resolved = d->has_gatt = true;
}

void fake_device_add(struct fake_bluez *b, struct fake_device *d)
{
	const struct fake_object o = fake_device_object(d);

	d->exists = d->is_named = true;
	fake_emit_added(b, &o);
}

void fake_device_remove(struct fake_bluez *b, struct fake_device *d)
{
	fake_remove_object(b, d);
}
