/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Tree - a small picture of org.bluez's objects
 *
 * Holds what a link needs: the adapters, the devices that bear the name that
 * is looked for or are connected, and the car's two characteristics.  Filled
 * from GetManagedObjects, kept true by the signals.  However many objects
 * there are and whatever is in them, it has a fixed size.
 *
 * Spec: bluez B.1; vehicle-protocol 1.1 and 1.2.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/macro.h"

enum {
	BLUEZ_PATH_SIZE = 96,
	BLUEZ_ADDRESS_SIZE = 18,
	BLUEZ_NAME_SIZE = 19,
	BLUEZ_ADAPTERS_MAX = 8,
	BLUEZ_DEVICES_MAX = 24,
	BLUEZ_CHARS_MAX = 16,
	/* "Not available": bluez B.2. */
	BLUEZ_RSSI_NONE = 127,
};

#define BLUEZ_ADAPTER "org.bluez.Adapter1"
#define BLUEZ_DEVICE "org.bluez.Device1"
#define BLUEZ_CHAR "org.bluez.GattCharacteristic1"

enum bluez_power {
	BLUEZ_POWER_UNKNOWN, /* or it is what Powered says */
	BLUEZ_POWER_BLOCKED,
};

struct bluez_adapter {
	char path[BLUEZ_PATH_SIZE];
	char address[BLUEZ_ADDRESS_SIZE];
	bool is_classic; /* without LE */
	bool powered;
	bool discovering;
	enum bluez_power power;
};

struct bluez_device {
	char path[BLUEZ_PATH_SIZE];
	/*
	 * Had the name or the alias.  Stays so: BlueZ replaces the name by
	 * the one in the car's GAP service once it is connected.
	 */
	bool is_ours;
	bool has_alias;             /* of the kind that is looked for */
	char name[BLUEZ_NAME_SIZE]; /* of that kind, or "" */
	bool connected;
	bool resolved;
	int rssi; /* dBm, or 0 */
	/*
	 * When it was heard on the air, as a count of such events in this
	 * tree; 0: it is only remembered.
	 */
	unsigned int heard;
};

enum bluez_role {
	BLUEZ_TO_CAR,
	BLUEZ_FROM_CAR,
	_BLUEZ_ROLE_N,
};

struct bluez_char {
	char path[BLUEZ_PATH_SIZE];
	enum bluez_role role;
	bool notifying;
};

struct bluez_tree {
	char name[BLUEZ_NAME_SIZE]; /* looked for */
	bool is_loaded;
	bool is_crowded;    /* some connected devices had no room */
	unsigned int heard; /* see bluez_device */
	size_t n_adapters;
	size_t n_devices;
	size_t n_chars;
	struct bluez_adapter adapters[BLUEZ_ADAPTERS_MAX];
	struct bluez_device devices[BLUEZ_DEVICES_MAX];
	struct bluez_char chars[BLUEZ_CHARS_MAX];
};

/* What the car has said. */
struct bluez_value {
	char path[BLUEZ_PATH_SIZE];
	const uint8_t *data; /* in the message; NULL: no value */
	size_t len;
};

/* Empty.  @name: 18 characters, of which the last may differ. */
void bluez_tree_init(struct bluez_tree *tree, const char *name);

/* Forgets all objects. */
void bluez_tree_clear(struct bluez_tree *tree);

/*
 * A reply to GetManagedObjects, which replaces everything, and the signals.
 * Signals before the reply are ignored: it is newer than they.  Each returns
 * 0, or negative errno for a message that is not what it should be, which
 * changes nothing.
 */
int bluez_tree_load(struct bluez_tree *tree, sd_bus_message *reply) _must_use_;
int bluez_tree_on_added(
	struct bluez_tree *tree, sd_bus_message *signal) _must_use_;
int bluez_tree_on_removed(
	struct bluez_tree *tree, sd_bus_message *signal) _must_use_;
int bluez_tree_on_changed(struct bluez_tree *tree, sd_bus_message *signal,
	struct bluez_value *ret_value) _must_use_;

/* What was asked for, as no signal told it. */
void bluez_tree_set_connected(
	struct bluez_tree *tree, const char *path, bool connected);

/* "/org/bluez/hci0/dev_X" is under "/org/bluez/hci0". */
bool bluez_is_under(const char *path, const char *parent);

/* All of these: NULL if there is none. */
const struct bluez_adapter *bluez_tree_adapter(
	const struct bluez_tree *tree, const char *path);
/*
 * The one that is meant by @want: "hci0", an address, or "" for any, where
 * one with LE, and of these one that is switched on, goes first.
 */
const struct bluez_adapter *bluez_tree_choose_adapter(
	const struct bluez_tree *tree, const char *want);
const struct bluez_device *bluez_tree_device(
	const struct bluez_tree *tree, const char *path);
/* Our device of @adapter that was heard last. */
const struct bluez_device *bluez_tree_heard(
	const struct bluez_tree *tree, const char *adapter);
/* Our device of @adapter that is connected. */
const struct bluez_device *bluez_tree_connected(
	const struct bluez_tree *tree, const char *adapter);
const struct bluez_char *bluez_tree_char(const struct bluez_tree *tree,
	const char *device, enum bluez_role role);

/* Is a device of @adapter connected that is not ours? */
bool bluez_tree_has_others(const struct bluez_tree *tree, const char *adapter);
