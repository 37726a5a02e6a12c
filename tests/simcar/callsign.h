/* SPDX-License-Identifier: MIT */
#pragma once

/* Callsign - what things are called over the air */

#include <stdbool.h>

#include "util/macro.h"

enum {
	CALLSIGN_NAME_SIZE = 19,    /* "S" 16 hex "C" */
	CALLSIGN_ADDRESS_SIZE = 18, /* "AA:BB:CC:DD:EE:FF" */
};

struct crypto;

/* The name that the car advertises: vehicle-protocol 1.1.  Or -errno. */
int callsign_of_vin(struct crypto *crypto, const char *vin,
	char ret[static CALLSIGN_NAME_SIZE]) _must_use_;

/* The address in ".../dev_AA_BB_CC_DD_EE_FF"; false if there is none. */
bool callsign_of_device(
	const char *path, char ret[static CALLSIGN_ADDRESS_SIZE]);

/* Is @text "hciN" or an address? */
bool callsign_is_adapter(const char *text);

/* Is the adapter at @path with @address the one that @text names? */
bool callsign_matches(const char *text, const char *path, const char *address);
