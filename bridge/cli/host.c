/* SPDX-License-Identifier: MIT */

#include "cli/host.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/clock.h"
#include "util/file.h"

#define UNIT "1sat2flash.service"

/* Returns 1 and the answer, 0 if nobody is there, negative errno. */
static int call(sd_bus *bus, const char *destination, const char *path,
	const char *interface, const char *member, const char *arg,
	sd_bus_message **ret)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r;

	r = sd_bus_message_new_method_call(
		bus, &m, destination, path, interface, member);
	if (r >= 0 && arg != NULL)
		r = sd_bus_message_append(m, "s", arg);
	if (r >= 0)
		r = sd_bus_call(
			bus, m, HOST_CALL_MS * UINT64_C(1000), &error, ret);
	if (r >= 0)
		return 1;

	return sd_bus_error_has_names(&error, SD_BUS_ERROR_SERVICE_UNKNOWN,
		       SD_BUS_ERROR_NAME_HAS_NO_OWNER)
		       ? 0
		       : r;
}

/* A unit that was never loaded has no object: it is loaded by asking. */
static void look_at_unit(sd_bus *bus, struct facts_host *host)
{
	static const char name[] = "org.freedesktop.systemd1";
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *file = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *unit = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *active = NULL;
	const char *text, *path;

	if (call(bus, name, "/org/freedesktop/systemd1",
		    "org.freedesktop.systemd1.Manager", "GetUnitFileState",
		    UNIT, &file) > 0 &&
		sd_bus_message_read(file, "s", &text) > 0)
		text_printable(text, host->unit_file, sizeof(host->unit_file));
	if (call(bus, name, "/org/freedesktop/systemd1",
		    "org.freedesktop.systemd1.Manager", "LoadUnit", UNIT,
		    &unit) <= 0 ||
		sd_bus_message_read(unit, "o", &path) <= 0)
		return;

	active = NULL;
	if (sd_bus_get_property(bus, name, path,
		    "org.freedesktop.systemd1.Unit", "ActiveState", NULL,
		    &active, "s") >= 0 &&
		sd_bus_message_read(active, "s", &text) > 0)
		text_printable(
			text, host->unit_active, sizeof(host->unit_active));
}

/* One property of an adapter; those that are not known are skipped. */
static int read_property(sd_bus_message *m, struct facts_adapter *adapter)
{
	const char *name, *type, *text;
	int flag, r;

	r = sd_bus_message_read(m, "s", &name);
	if (r >= 0)
		r = sd_bus_message_peek_type(m, NULL, &type);
	if (r < 0)
		return r;
	if (strcmp(name, "Powered") == 0 && strcmp(type, "b") == 0) {
		r = sd_bus_message_read(m, "v", "b", &flag);
		adapter->is_on = r > 0 && flag != 0;
	} else if (strcmp(name, "Address") == 0 && strcmp(type, "s") == 0) {
		r = sd_bus_message_read(m, "v", "s", &text);
		if (r > 0)
			text_printable(text, adapter->address,
				sizeof(adapter->address));
	} else if (strcmp(name, "PowerState") == 0 && strcmp(type, "s") == 0) {
		/* Experimental, so absent, before BlueZ 5.73: bluez B.1 1. */
		r = sd_bus_message_read(m, "v", "s", &text);
		adapter->is_blocked = r > 0 && strcmp(text, "off-blocked") == 0;
	} else {
		r = sd_bus_message_skip(m, "v");
	}

	return r;
}

static int read_adapter(sd_bus_message *m, struct facts_adapter *adapter)
{
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = read_property(m, adapter);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}

	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* The interfaces of one object, of which Adapter1 is read. */
static int read_object(sd_bus_message *m, struct facts_host *host)
{
	struct facts_adapter adapter = { 0 };
	const char *path, *interface, *slash;
	bool is_adapter = false;
	int r;

	r = sd_bus_message_read(m, "o", &path);
	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
		r = sd_bus_message_read(m, "s", &interface);
		if (r < 0)
			return r;
		if (strcmp(interface, "org.bluez.Adapter1") == 0) {
			is_adapter = true;
			r = read_adapter(m, &adapter);
		} else {
			r = sd_bus_message_skip(m, "a{sv}");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;

	slash = strrchr(path, '/');
	text_printable(slash + 1, adapter.name, sizeof(adapter.name));
	if (is_adapter && host->n_adapters < FACTS_ADAPTERS_MAX)
		host->adapters[host->n_adapters++] = adapter;
	return sd_bus_message_exit_container(m);
}

static int read_objects(sd_bus_message *m, struct facts_host *host)
{
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
		r = read_object(m, host);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}

	return r;
}

static void look_at_bluez(sd_bus *bus, struct facts_host *host)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = call(bus, "org.bluez", "/", "org.freedesktop.DBus.ObjectManager",
		"GetManagedObjects", NULL, &m);
	if (r > 0)
		r = read_objects(m, host) < 0 ? -EBADMSG : 1;
	host->has_bluez = r > 0 ? ANSWER_YES : ANSWER_NO;
}

static void read_word(const char *dir, const char *radio, const char *name,
	char ret[static FACTS_WORD_SIZE])
{
	_cleanup_(freep) char *data = NULL;
	char path[512];
	size_t len;

	ret[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s/%s", dir, radio, name);
	if (file_read(path, FACTS_WORD_SIZE, &data, &len) == 0) {
		data[strcspn(data, "\n")] = '\0';
		text_printable(data, ret, FACTS_WORD_SIZE);
	}
}

/* "soft" or "hard" is 1 at a radio of type "bluetooth": bluez B.3 11. */
static bool is_rfkilled(const char *rfkill_dir)
{
	char type[FACTS_WORD_SIZE], soft[FACTS_WORD_SIZE];
	char hard[FACTS_WORD_SIZE];
	bool is_killed = false;
	struct dirent *entry;
	DIR *dir;

	dir = opendir(rfkill_dir);
	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		read_word(rfkill_dir, entry->d_name, "type", type);
		read_word(rfkill_dir, entry->d_name, "soft", soft);
		read_word(rfkill_dir, entry->d_name, "hard", hard);
		is_killed |= strcmp(type, "bluetooth") == 0 &&
			     (strcmp(soft, "1") == 0 || strcmp(hard, "1") == 0);
	}
	(void)closedir(dir);

	return is_killed;
}

void host_look(sd_bus *bus, const char *rfkill_dir, const char *state_dir,
	struct facts_host *ret)
{
	struct facts_host host = {
		.has_bus = bus != NULL,
		.state_dir = state_dir,
		.is_rfkilled = is_rfkilled(rfkill_dir),
		.is_clock_set = clock_wall_is_set(),
	};
	int r;

	r = file_is_durable(state_dir);
	host.has_state_dir = r >= 0;
	host.is_state_durable = r == 0;
	if (bus != NULL) {
		look_at_unit(bus, &host);
		look_at_bluez(bus, &host);
	}

	*ret = host;
}
