/* SPDX-License-Identifier: MIT */

/* The service: what is called, and what happens later. */

#include "fake-bluez.h"

#include <stdio.h>
#include <string.h>

#include "fake-bluez-parts.h"
#include "fake-clock.h"
#include "test.h"
#include "util/macro.h"

struct fake_object fake_adapter_object(struct fake_adapter *a)
{
	return (struct fake_object){ .kind = FAKE_ADAPTER, .adapter = a };
}

struct fake_object fake_device_object(struct fake_device *d)
{
	return (struct fake_object){ .kind = FAKE_DEVICE, .device = d };
}

bool fake_is_car(const struct fake_device *d)
{
	const char *name = d->name != NULL ? d->name : d->alias;

	return name != NULL && strncmp(name, "S1a87a5a75f3df858", 17) == 0;
}

struct fake_adapter *fake_adapter_of(
	struct fake_bluez *b, const struct fake_device *d)
{
	return &b->adapters[d->adapter];
}

int fake_failed(sd_bus_message *call, const char *text)
{
	return fake_reply_error(call, ERROR_BLUEZ "Failed", text);
}

int fake_in_progress(sd_bus_message *call)
{
	return fake_reply_error(call, ERROR_BLUEZ "InProgress", "In Progress");
}

void fake_note(struct fake_bluez *b, const char *member)
{
	size_t n = strlen(b->calls);

	(void)snprintf(b->calls + n, sizeof(b->calls) - n, "%s ", member);
}

/* --- What happens later ------------------------------------------------ */

struct fake_job *fake_add_job(struct fake_bluez *b, uint64_t in_ms,
	void (*run)(struct fake_bluez *b, struct fake_job *job))
{
	size_t i = 0;

	while (b->jobs[i].run != NULL)
		cr_assert_lt(++i, FAKE_JOBS);
	b->jobs[i] = (struct fake_job){
		.due_ms = fake_clock_now() + in_ms,
		.order = b->order++,
		.run = run,
	};
	return &b->jobs[i];
}

void fake_end_job(struct fake_job *job)
{
	sd_bus_message_unref(job->call);
	memset(job, 0, sizeof(*job));
}

/* Drops what was to happen to @device; NULL: whatever was to happen. */
void fake_end_jobs(struct fake_bluez *b, const struct fake_device *device,
	const char *error, const char *text)
{
	for (size_t i = 0; i < FAKE_JOBS; i++) {
		struct fake_job *job = &b->jobs[i];

		if (job->run == NULL || job->is_endless ||
			(device != NULL && job->device != device))
			continue;
		if (job->call != NULL && error != NULL)
			(void)fake_reply_error(job->call, error, text);
		fake_end_job(job);
	}
}

/* The index of the next one; FAKE_JOBS: there is none. */
static size_t next_job(const struct fake_bluez *b)
{
	size_t next = FAKE_JOBS;

	for (size_t i = 0; i < FAKE_JOBS; i++) {
		const struct fake_job *job = &b->jobs[i];

		if (job->run != NULL &&
			(next == FAKE_JOBS ||
				job->due_ms < b->jobs[next].due_ms ||
				(job->due_ms == b->jobs[next].due_ms &&
					job->order < b->jobs[next].order)))
			next = i;
	}

	return next;
}

uint64_t fake_bluez_next(const struct fake_bluez *b)
{
	size_t next = next_job(b);

	return next == FAKE_JOBS ? UINT64_MAX : b->jobs[next].due_ms;
}

static void reap(struct fake_bluez *b)
{
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (b->clients[i].left)
			b->clients[i] = (struct fake_client){
				.bus = sd_bus_close_unref(b->clients[i].bus),
			};
}

void fake_bluez_run_due(struct fake_bluez *b)
{
	struct fake_job job;
	size_t next;

	reap(b);
	while ((next = next_job(b)) != FAKE_JOBS &&
		b->jobs[next].due_ms <= fake_clock_now()) {
		/* Its place is free while it runs. */
		job = b->jobs[next];
		memset(&b->jobs[next], 0, sizeof(job));
		job.run(b, &job);
		sd_bus_message_unref(job.call);
	}
}

/* --- The service ------------------------------------------------------- */

int fake_call(struct fake_bluez *b, struct fake_client *client,
	const struct fake_object *o, sd_bus_message *call)
{
	static const struct {
		enum fake_kind kind;
		const char *member;
		const char *signature;
	} methods[] = {
		{ FAKE_ADAPTER, "SetDiscoveryFilter", "a{sv}" },
		{ FAKE_ADAPTER, "StartDiscovery", "" },
		{ FAKE_ADAPTER, "StopDiscovery", "" },
		{ FAKE_ADAPTER, "RemoveDevice", "o" },
		{ FAKE_ADAPTER, "Set", "ssv" },
		{ FAKE_DEVICE, "Connect", "" },
		{ FAKE_DEVICE, "Disconnect", "" },
		{ FAKE_CHAR, "StartNotify", "" },
		{ FAKE_CHAR, "StopNotify", "" },
		{ FAKE_CHAR, "WriteValue", "aya{sv}" },
		{ FAKE_DEVICE, "Set", "ssv" },
	};
	const char *member = sd_bus_message_get_member(call);
	size_t i = 0;

	if (strcmp(member, "Set") != 0)
		fake_note(b, member);
	while (i < ARRAY_SIZE(methods) &&
		(methods[i].kind != o->kind ||
			strcmp(methods[i].member, member) != 0 ||
			sd_bus_message_has_signature(
				call, methods[i].signature) <= 0))
		i++;
	switch (i) {
	case 0:
		return fake_set_filter(b, client, o->adapter, call);
	case 1:
		return fake_start_discovery(b, client, o->adapter, call);
	case 2:
		return fake_stop_discovery(b, client, o->adapter, call);
	case 3:
		return fake_remove_device(b, o->adapter, call);
	case 4:
	case 10:
		return fake_set_property(b, o, call);
	case 5:
		return fake_connect_device(b, client, o->device, call);
	case 6:
		b->n_disconnect++;
		if (!fake_is_car(o->device))
			fake_bluez_find(b, "disconnected what is not the car");
		return fake_disconnect_device(b, o->device, call, false);
	case 7:
		return fake_start_notify(b, client, o, call);
	case 8:
		return fake_stop_notify(b, client, o, call);
	case 9:
		return fake_write_value(b, o, call);
	default:
		/* Pair, ReadValue, Acquire..., ConnectDevice, Set. */
		fake_bluez_find(b, "called %s", member);
		return fake_reply_error(call, ERROR_DBUS "UnknownMethod",
			"Method with that signature doesn't exist");
	}
}

void fake_client_left(struct fake_bluez *b, struct fake_client *client)
{
	client->left = true;
	for (size_t i = 0; i < FAKE_JOBS; i++)
		if (b->jobs[i].client == client)
			fake_end_job(&b->jobs[i]);
	for (size_t i = 0; i < FAKE_ADAPTERS; i++) {
		client->discovers[i] = false;
		if (fake_n_discovering(b, &b->adapters[i]) > 0)
			continue;
		if (b->adapters[i].discovering)
			fake_end_discovery(b, &b->adapters[i]);
		fake_set_discovering(b, &b->adapters[i], false);
	}
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		if (client->notifies[i])
			b->devices[i].notifying = b->devices[i].subscribed =
				false;
}

void fake_bluez_stop(struct fake_bluez *b)
{
	char name[16];

	/* What waits is answered by the bus. */
	fake_end_jobs(b, NULL, ERROR_DBUS "NoReply",
		"Message recipient disconnected from message bus without "
		"replying");
	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		struct fake_device *d = &b->devices[i];

		if (d->connect != NULL)
			(void)fake_reply_error(d->connect, ERROR_DBUS "NoReply",
				"Message recipient disconnected");
		d->connect = sd_bus_message_unref(d->connect);
		d->exists = d->is_permanent;
		d->connecting = d->connected = d->resolved = false;
		d->disconnecting = d->notifying = d->subscribed = false;
		d->writing = d->is_found = false;
	}
	for (size_t i = 0; i < FAKE_CLIENTS; i++) {
		memset(b->clients[i].discovers, 0, sizeof(bool[FAKE_ADAPTERS]));
		memset(b->clients[i].is_busy, 0, sizeof(bool[FAKE_ADAPTERS]));
		memset(b->clients[i].has_filter, 0,
			sizeof(bool[FAKE_ADAPTERS]));
		memset(b->clients[i].notifies, 0, sizeof(bool[FAKE_DEVICES]));
	}
	for (size_t i = 0; i < FAKE_ADAPTERS; i++)
		b->adapters[i].discovering = b->adapters[i].other_scans =
			b->adapters[i].busy = false;
	b->is_running = false;
	(void)snprintf(name, sizeof(name), ":1.%u", 6 + b->n_starts);
	fake_emit_owner(b, name, "");
}

void fake_bluez_start(struct fake_bluez *b)
{
	char name[16];

	b->is_running = true;
	b->n_starts++;
	(void)snprintf(name, sizeof(name), ":1.%u", 6 + b->n_starts);
	fake_emit_owner(b, "", name);
	for (size_t i = 0; i < FAKE_ADAPTERS; i++)
		if (b->adapters[i].present)
			fake_adapter_add(b, &b->adapters[i]);
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		if (b->devices[i].exists)
			fake_device_add(b, &b->devices[i]);
}

bool fake_bluez_is_started(struct fake_bluez *b)
{
	if (!b->is_running && b->is_activatable)
		fake_bluez_start(b);

	return b->is_running;
}

void fake_bluez_lose_bus(struct fake_bluez *b)
{
	b->bus_is_gone = true;
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (b->clients[i].bus != NULL && !b->clients[i].left) {
			sd_bus_close(b->clients[i].bus);
			fake_client_left(b, &b->clients[i]);
		}
}

void fake_bluez_init(
	struct fake_bluez *b, sd_event *event, enum fake_version version)
{
	*b = (struct fake_bluez){
		.event = event,
		.version = version,
		.is_running = true,
		.mtu = 115,
		.connect_ms = 300,
		.services_ms = 800,
		.notify_ms = 100,
		.write_ms = 60,
		.discovery_ms = 50,
		.disconnect_ms = 2000,
		.power_ms = 300,
		.advert_ms = 200,
	};
	b->adapters[0] = (struct fake_adapter){
		.present = true, .powered = true, .address = "B8:27:EB:12:34:56"
	};
	b->devices[0] = (struct fake_device){
		.address = "5C:F3:70:00:00:01",
		.name = "S1a87a5a75f3df858C",
		.rssi = -62,
		.on_air = true,
		.first_handle = 0x10,
	};
	fake_add_job(b, b->advert_ms, fake_all_advertise)->is_endless = true;
}

void fake_bluez_deinit(struct fake_bluez *b)
{
	fake_end_jobs(b, NULL, NULL, NULL);
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		sd_bus_message_unref(b->devices[i].connect);
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		sd_bus_close_unref(b->clients[i].bus);
}
