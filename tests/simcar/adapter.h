/* SPDX-License-Identifier: MIT */
#pragma once

/* Adapter - which of BlueZ's objects is the radio to use */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "callsign.h"
#include "util/macro.h"

enum {
	ADAPTER_PATH_SIZE = 32,
	ADAPTER_LIST_SIZE = 200,
};

struct adapter {
	char path[ADAPTER_PATH_SIZE];
	char address[CALLSIGN_ADDRESS_SIZE];
	bool powered;
	bool advertises; /* has the interfaces of a peripheral */
};

struct adapters {
	struct adapter chosen;       /* an empty path: there is no such */
	char all[ADAPTER_LIST_SIZE]; /* "hci0 (AA:...), hci1 (...)" */
};

/*
 * Reads the reply of GetManagedObjects(), an "a{oa{sa{sv}}}".  Returns 0 or
 * negative errno.
 */
int adapters_read(
	sd_bus_message *m, const char *wanted, struct adapters *ret) _must_use_;

/*
 * Finds @name, of the type "b", in an "a{sv}" and leaves the message behind
 * that.  Returns 1, 0 if it is not there, or negative errno.
 */
int adapter_read_flag(
	sd_bus_message *m, const char *name, bool *ret) _must_use_;

/* "hci1" */
const char *adapter_name(const struct adapter *adapter);
