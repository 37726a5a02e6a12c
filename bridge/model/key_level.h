/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Key level - for what the car asks whether a key is near
 *
 * Source: vehicle-protocol 8.4.
 */

enum key_level {
	KEY_LEVEL_NONE,
	KEY_LEVEL_UNLOCK,
	KEY_LEVEL_DRIVE,
};

/* "nothing", "unlock" or "drive". */
const char *key_level_name(enum key_level level);
