/* SPDX-License-Identifier: MIT */

/* Adapters: discovery and power.  src/adapter.c */

#include "fake-bluez.h"

#include <string.h>

#include "fake-bluez-parts.h"
#include "test.h"
#include "util/macro.h"

/* --- Discovery --------------------------------------------------------- */

unsigned int fake_n_discovering(
	const struct fake_bluez *b, const struct fake_adapter *a)
{
	const size_t n = (size_t)(a - b->adapters);
	unsigned int sum = a->other_scans;

	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		sum += b->clients[i].bus != NULL && b->clients[i].discovers[n];

	return sum;
}

void fake_set_discovering(struct fake_bluez *b, struct fake_adapter *a, bool on)
{
	if (a->discovering == on)
		return;
	a->discovering = on;
	CHANGED(b, fake_adapter_object(a), "Discovering");
}

void fake_remove_object(struct fake_bluez *b, struct fake_device *d)
{
	struct fake_object o = fake_device_object(d);

	if (!d->exists)
		return;
	fake_end_jobs(b, d, NULL, NULL);
	if (d->has_gatt) {
		o.kind = FAKE_CHAR;
		for (o.n = 0; o.n < FAKE_CHARS; o.n++)
			fake_emit_removed(b, &o);
		o.kind = FAKE_SERVICE;
		fake_emit_removed(b, &o);
		o = fake_device_object(d);
	}
	fake_emit_removed(b, &o);
	/* device_free(): a pending Connect goes without an answer. */
	d->connect = sd_bus_message_unref(d->connect);
	d->exists = d->is_permanent = d->is_found = d->is_named = false;
	d->connecting = d->connected = d->resolved = d->disconnecting = false;
	d->has_gatt = d->notifying = d->subscribed = d->writing = false;
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		b->clients[i].notifies[d - b->devices] = false;
}

/* discovery_cleanup() */
void fake_end_discovery(struct fake_bluez *b, struct fake_adapter *a)
{
	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		struct fake_device *d = &b->devices[i];

		if (fake_adapter_of(b, d) != a || !d->exists)
			continue;
		if (d->is_found && d->rssi != 0) {
			d->is_found = false;
			CHANGED(b, fake_device_object(d), "RSSI", "TxPower");
		}
		d->is_found = false;
		/* What is temporary and took no connection goes at once. */
		if (!d->is_permanent && d->full && !d->connected)
			fake_remove_object(b, d);
	}
}

static bool matches(
	const struct fake_bluez *b, const struct fake_device *d, bool named)
{
	if (b->adapters[d->adapter].other_scans)
		return true;
	for (size_t i = 0; i < FAKE_CLIENTS; i++) {
		const struct fake_client *c = &b->clients[i];
		const char *pattern = c->pattern[d->adapter];

		if (c->bus == NULL || !c->discovers[d->adapter])
			continue;
		if (!c->has_filter[d->adapter] ||
			strncmp(pattern, d->address, strlen(pattern)) == 0 ||
			(named && d->name != NULL &&
				strncmp(pattern, d->name, strlen(pattern)) ==
					0))
			return true;
	}

	return false;
}

/* btd_adapter_device_found() */
static void hear(struct fake_bluez *b, struct fake_device *d, bool named)
{
	const bool match = matches(b, d, named);
	const struct fake_object o = fake_device_object(d);
	const bool is_new = !d->exists;

	/* An object for what can be connected, filter or not: since 5.78. */
	if (is_new && !match && (b->version == BLUEZ_5_66 || d->full))
		return;
	d->exists = true;
	if (match) {
		d->is_found = true;
		d->is_named |= named;
		d->has_gap_name = d->has_gap_name && !named;
	}
	if (is_new)
		fake_emit_added(b, &o);
	else if (match && named)
		CHANGED(b, o, "RSSI", "Name", "Alias");
	else if (match)
		CHANGED(b, o, "RSSI");
}

static void advertise(struct fake_bluez *b, struct fake_device *d)
{
	const struct fake_adapter *a = fake_adapter_of(b, d);

	if (!b->is_running || !a->present || !a->powered || !a->discovering ||
		a->wedged || !d->on_air || d->connected)
		return;
	if (d->is_named_late && !d->is_named) {
		hear(b, d, false);
		/* From now on with its scan response. */
		d->is_named_late = false;
	} else {
		hear(b, d, true);
	}
}

void fake_all_advertise(struct fake_bluez *b, struct fake_job *job)
{
	(void)job;
	fake_add_job(b, b->advert_ms, fake_all_advertise)->is_endless = true;
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		advertise(b, &b->devices[i]);
}

int fake_set_filter(struct fake_bluez *b, struct fake_client *c,
	struct fake_adapter *a, sd_bus_message *call)
{
	const size_t n = (size_t)(a - b->adapters);
	const char *key, *type, *text, *pattern = "", *transport = "";
	bool unknown = false;

	if (!sd_bus_message_has_signature(call, "a{sv}"))
		return fake_reply_error(
			call, ERROR_DBUS "UnknownMethod", "signature");
	if (!a->powered)
		return fake_reply_error(
			call, ERROR_BLUEZ "NotReady", "Resource Not Ready");

	cr_assert_gt(sd_bus_message_enter_container(call, 'a', "{sv}"), 0);
	while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
		cr_assert_gt(sd_bus_message_read(call, "s", &key), 0);
		cr_assert_gt(sd_bus_message_peek_type(call, NULL, &type), 0);
		text = "";
		if (strcmp(type, "s") == 0)
			cr_assert_gt(
				sd_bus_message_read(call, "v", "s", &text), 0);
		else
			cr_assert_geq(sd_bus_message_skip(call, "v"), 0);
		/* 4 bytes are stored into 1 in 5.66: bluez B.2. */
		if (strcmp(type, "b") == 0)
			fake_bluez_find(b, "a boolean in the filter: %s", key);
		if (strcmp(key, "UUIDs") == 0)
			fake_bluez_find(b, "the car advertises no service");
		if (strcmp(key, "RSSI") == 0 || strcmp(key, "Pathloss") == 0)
			fake_bluez_find(b, "a far car is a car: %s", key);
		if (strcmp(key, "Pattern") == 0)
			pattern = text;
		else if (strcmp(key, "Transport") == 0)
			transport = text;
		else
			unknown = true;
		cr_assert_geq(sd_bus_message_exit_container(call), 0);
	}
	if (unknown || (strcmp(transport, "le") != 0 &&
			       strcmp(transport, "auto") != 0))
		return fake_reply_error(call, ERROR_BLUEZ "InvalidArguments",
			"Invalid arguments in method call");
	if (strcmp(transport, "le") != 0)
		fake_bluez_find(b, "a filter for more than LE");
	if (c->discovers[n])
		fake_bluez_find(b, "a filter after the start");

	c->has_filter[n] = true;
	cr_assert_lt(strlen(pattern), sizeof(c->pattern[n]));
	(void)strcpy(c->pattern[n], pattern);
	return fake_reply(call);
}

static void discovery_starts(struct fake_bluez *b, struct fake_job *job)
{
	const size_t n = (size_t)(job->adapter - b->adapters);

	job->client->is_busy[n] = false;
	if (!job->adapter->powered) {
		(void)fake_in_progress(job->call);
		return;
	}
	job->client->discovers[n] = true;
	(void)fake_reply(job->call);
	fake_set_discovering(b, job->adapter, true);
}

int fake_start_discovery(struct fake_bluez *b, struct fake_client *c,
	struct fake_adapter *a, sd_bus_message *call)
{
	const size_t n = (size_t)(a - b->adapters);
	struct fake_job *job;

	b->n_start++;
	if (!a->powered)
		return fake_reply_error(
			call, ERROR_BLUEZ "NotReady", "Resource Not Ready");
	if (c->discovers[n] && !c->is_busy[n])
		fake_bluez_find(b, "discovery started twice");
	/* start_discovery_complete(): it says so of any failure. */
	if (c->discovers[n] || c->is_busy[n] || a->wedged) {
		return fake_reply_error(call, ERROR_BLUEZ "InProgress",
			"Operation already in progress");
	}
	if (!c->has_filter[n])
		fake_bluez_find(b, "discovery without a filter");

	c->is_busy[n] = true;
	job = fake_add_job(b, b->discovery_ms, discovery_starts);
	job->client = c;
	job->adapter = a;
	job->call = sd_bus_message_ref(call);
	return 1;
}

static void discovery_stops(struct fake_bluez *b, struct fake_job *job)
{
	const size_t n = (size_t)(job->adapter - b->adapters);

	job->client->is_busy[n] = job->client->discovers[n] = false;
	(void)fake_reply(job->call);
	if (fake_n_discovering(b, job->adapter) == 0) {
		fake_end_discovery(b, job->adapter);
		fake_set_discovering(b, job->adapter, false);
	}
}

int fake_stop_discovery(struct fake_bluez *b, struct fake_client *c,
	struct fake_adapter *a, sd_bus_message *call)
{
	const size_t n = (size_t)(a - b->adapters);
	struct fake_job *job;

	b->n_stop++;
	if (!a->powered)
		return fake_reply_error(
			call, ERROR_BLUEZ "NotReady", "Resource Not Ready");
	if (c->is_busy[n])
		return fake_reply_error(call, ERROR_BLUEZ "InProgress",
			"Operation already in progress");
	if (!c->discovers[n])
		return fake_failed(call, "No discovery started");
	/* Others go on. */
	if (fake_n_discovering(b, a) > 1) {
		c->discovers[n] = false;
		return fake_reply(call);
	}

	c->is_busy[n] = true;
	job = fake_add_job(
		b, a->wedged ? UINT32_MAX : b->discovery_ms, discovery_stops);
	job->client = c;
	job->adapter = a;
	job->call = sd_bus_message_ref(call);
	return 1;
}

void fake_adapter_set_others(
	struct fake_bluez *b, struct fake_adapter *a, bool scans)
{
	a->other_scans = scans;
	if (fake_n_discovering(b, a) == 0)
		fake_end_discovery(b, a);
	fake_set_discovering(b, a, fake_n_discovering(b, a) > 0);
}

/* --- Power ------------------------------------------------------------- */

static void power_goes(struct fake_bluez *b, struct fake_adapter *a)
{
	const size_t n = (size_t)(a - b->adapters);

	a->powered = a->other_scans = false;
	for (size_t i = 0; i < FAKE_CLIENTS; i++) {
		/* remove_discovery_list(): with their filters. */
		b->clients[i].discovers[n] = b->clients[i].is_busy[n] = false;
		b->clients[i].has_filter[n] = false;
	}
	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		struct fake_device *d = &b->devices[i];

		if (fake_adapter_of(b, d) != a || !d->exists)
			continue;
		fake_device_drop(b, d);
		fake_end_jobs(b, d, NULL, NULL);
		fake_answer_connect(b, d, "le-connection-abort-by-local");
		if (!d->is_permanent)
			fake_device_remove(b, d);
	}
	a->discovering = false;
}

void fake_adapter_set_powered(
	struct fake_bluez *b, struct fake_adapter *a, bool on)
{
	if (!on)
		power_goes(b, a);
	a->powered = on;
	/* A wedged controller comes to its senses. */
	a->wedged = a->wedged && !on;
	CHANGED(b, fake_adapter_object(a), "Powered", "PowerState",
		"Discovering");
}

static void power_is_set(struct fake_bluez *b, struct fake_job *job)
{
	struct fake_adapter *a = job->adapter;

	a->busy = false;
	if (job->n == 1 && a->blocked) {
		(void)fake_reply_error(job->call, ERROR_BLUEZ "Blocked",
			"Blocked through rfkill");
		return;
	}
	if (b->power_fails) {
		(void)fake_failed(job->call, "Failed");
		return;
	}
	(void)fake_reply(job->call);
	fake_adapter_set_powered(b, a, job->n == 1);
}

static bool is_shared(struct fake_bluez *b, const struct fake_adapter *a)
{
	for (size_t i = 1; i < FAKE_DEVICES; i++)
		if (b->devices[i].connected &&
			fake_adapter_of(b, &b->devices[i]) == a)
			return true;

	return false;
}

/* BlueZ forgets the advertised name on a link, but no alias that was set. */
static int set_alias(
	struct fake_bluez *b, const struct fake_object *o, sd_bus_message *call)
{
	struct fake_device *d = o->device;
	const char *alias;

	cr_assert_gt(sd_bus_message_read(call, "v", "s", &alias), 0);
	if (!fake_is_car(d))
		fake_bluez_find(b, "an alias for what is not the car");
	if (d->alias != NULL && strcmp(alias, d->alias) != 0)
		fake_bluez_find(b, "changed an alias that a person has set");
	/* The last letter may differ: vehicle-protocol 1.1. */
	if (d->name != NULL && strncmp(alias, d->name, 17) != 0)
		fake_bluez_find(b, "an alias that is not its name: %s", alias);
	d->alias = "S1a87a5a75f3df858C";
	CHANGED(b, *o, "Alias");
	return fake_reply(call);
}

int fake_set_property(
	struct fake_bluez *b, const struct fake_object *o, sd_bus_message *call)
{
	const char *interface, *name;
	struct fake_job *job;
	int on;

	cr_assert_gt(sd_bus_message_read(call, "ss", &interface, &name), 0);
	fake_note(b, name);
	if (o->kind == FAKE_DEVICE && strcmp(name, "Alias") == 0)
		return set_alias(b, o, call);
	if (o->kind != FAKE_ADAPTER || strcmp(name, "Powered") != 0) {
		fake_bluez_find(b, "set %s", name);
		return fake_reply_error(call, ERROR_DBUS "PropertyReadOnly",
			"Property is not writable");
	}
	cr_assert_gt(sd_bus_message_read(call, "v", "b", &on), 0);
	b->n_power++;
	if (!on && is_shared(b, o->adapter) && !o->adapter->power_is_ours)
		fake_bluez_find(b, "switched off what others use");
	if (o->adapter->busy)
		return fake_reply_error(call, ERROR_BLUEZ "Busy", "");
	if ((on != 0) == o->adapter->powered)
		return fake_reply(call);

	o->adapter->busy = true;
	job = fake_add_job(b, b->power_ms, power_is_set);
	job->adapter = o->adapter;
	job->n = on != 0;
	job->call = sd_bus_message_ref(call);
	return 1;
}

void fake_adapter_remove(struct fake_bluez *b, struct fake_adapter *a)
{
	const struct fake_object o = fake_adapter_object(a);

	power_goes(b, a);
	for (size_t i = 0; i < FAKE_DEVICES; i++)
		if (fake_adapter_of(b, &b->devices[i]) == a)
			fake_device_remove(b, &b->devices[i]);
	fake_emit_removed(b, &o);
	a->present = false;
}

void fake_adapter_add(struct fake_bluez *b, struct fake_adapter *a)
{
	const struct fake_object o = fake_adapter_object(a);

	a->present = a->powered = true;
	fake_emit_added(b, &o);
}
