/* SPDX-License-Identifier: MIT */

#include "adapter.h"

#include <stdio.h>
#include <string.h>

/* Reads the "a{sv}" of Adapter1. */
static int read_properties(sd_bus_message *m, struct adapter *adapter)
{
	const char *key, *text;
	int r, powered;

	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 &&
		(r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r < 0)
			break;
		if (strcmp(key, "Address") == 0) {
			r = sd_bus_message_read(m, "v", "s", &text);
			if (r >= 0)
				(void)snprintf(adapter->address,
					sizeof(adapter->address), "%s", text);
		} else if (strcmp(key, "Powered") == 0) {
			r = sd_bus_message_read(m, "v", "b", &powered);
			if (r >= 0)
				adapter->powered = powered != 0;
		} else {
			r = sd_bus_message_skip(m, "v");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}

	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* Reads the "a{sa{sv}}" of one object; its path is set if it is an adapter. */
static int read_interfaces(
	sd_bus_message *m, const char *path, struct adapter *ret)
{
	struct adapter adapter = { .path = "" };
	bool serves = false, advertises = false;
	const char *interface;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
	while (r >= 0 &&
		(r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
		r = sd_bus_message_read(m, "s", &interface);
		if (r < 0)
			break;
		if (strcmp(interface, "org.bluez.Adapter1") == 0) {
			(void)snprintf(
				adapter.path, sizeof(adapter.path), "%s", path);
			r = read_properties(m, &adapter);
		} else {
			serves |= strcmp(interface, "org.bluez.GattManager1") ==
				  0;
			advertises |=
				strcmp(interface,
					"org.bluez.LEAdvertisingManager1") == 0;
			r = sd_bus_message_skip(m, "a{sv}");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r < 0)
		return r;

	adapter.advertises = serves && advertises;
	*ret = adapter;
	return sd_bus_message_exit_container(m);
}

static void note(struct adapters *adapters, const char *wanted,
	const struct adapter *adapter)
{
	size_t len = strlen(adapters->all);

	if (adapter->path[0] == '\0')
		return;
	(void)snprintf(adapters->all + len, sizeof(adapters->all) - len,
		"%s%s (%s)", len > 0 ? ", " : "", adapter_name(adapter),
		adapter->address);
	if (callsign_matches(wanted, adapter->path, adapter->address))
		adapters->chosen = *adapter;
}

int adapters_read(sd_bus_message *m, const char *wanted, struct adapters *ret)
{
	struct adapters adapters = { .all = "" };
	struct adapter adapter;
	const char *path;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
	while (r >= 0 && (r = sd_bus_message_enter_container(
				  m, 'e', "oa{sa{sv}}")) > 0) {
		r = sd_bus_message_read(m, "o", &path);
		if (r >= 0)
			r = read_interfaces(m, path, &adapter);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
		if (r >= 0)
			note(&adapters, wanted, &adapter);
	}
	if (r < 0)
		return r;

	*ret = adapters;
	return 0;
}

int adapter_read_flag(sd_bus_message *m, const char *name, bool *ret)
{
	const char *key;
	int r, flag;

	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 &&
		(r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0 && strcmp(key, name) == 0) {
			r = sd_bus_message_read(m, "v", "b", &flag);
			if (r < 0)
				return r;
			*ret = flag != 0;
			return 1;
		}
		if (r >= 0)
			r = sd_bus_message_skip(m, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}

	return r < 0 ? r : 0;
}

const char *adapter_name(const struct adapter *adapter)
{
	const char *slash = strrchr(adapter->path, '/');

	return slash != NULL ? slash + 1 : adapter->path;
}
