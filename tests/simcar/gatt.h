/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * GATT - the car's service as objects on D-Bus, for BlueZ to serve
 *
 * Service 0211 with 0212 to write, 0213 that indicates and 0214 to read, and
 * the two advertisements: vehicle-protocol 1.2, bluez B.1.  BlueZ has one
 * value of 0213 for all who have subscribed: what is told to one client is
 * told to each.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/macro.h"

enum {
	/* The longest value of a characteristic: Bluetooth Core 3.F.3.2.9. */
	GATT_VALUE_MAX = 512,
	GATT_MTU_MIN = 23,
	GATT_PATH_SIZE = 64,
};

#define GATT_APP_PATH "/io/github/onesat2flash/simcar/app"

struct gatt;

/* A write to 0212. */
struct gatt_write {
	const char *device; /* the path of BlueZ's object for the client */
	unsigned int mtu;   /* GATT_MTU_MIN if BlueZ did not tell */
	const uint8_t *bytes;
	size_t len;
};

struct gatt_handler {
	void (*written)(void *userdata, const struct gatt_write *write);
	/* The first client has subscribed to 0213, or the last is gone. */
	void (*subscribed)(void *userdata, bool on);
	void *userdata;
};

/* Borrows @name.  Returns 0 or negative errno. */
int gatt_new(sd_bus *bus, const char *name, const struct gatt_handler *handler,
	struct gatt **ret) _must_use_;

/* Always returns NULL. */
struct gatt *gatt_free(struct gatt *gatt);

/* Indicates up to GATT_VALUE_MAX bytes on 0213.  Returns 0 or -errno. */
int gatt_indicate(
	struct gatt *gatt, const uint8_t *bytes, size_t len) _must_use_;

/* The object of the advertisement to register. */
const char *gatt_advertisement(bool connectable);

DEFINE_CLEANUP(struct gatt *, gatt_free);
