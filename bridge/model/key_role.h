/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Key roles - what a key may do, and what the car takes it for
 *
 * Values are those of the wire.  Source: vehicle-protocol 6.2.
 */

enum key_role {
	KEY_ROLE_OWNER = 2,
	KEY_ROLE_DRIVER = 3,
	KEY_ROLE_VEHICLE_MONITOR = 5,
	KEY_ROLE_CHARGING_MANAGER = 6,
	KEY_ROLE_GUEST = 8,
};

enum key_form {
	KEY_FORM_NFC_CARD = 1,
	KEY_FORM_IOS_DEVICE = 6,
	KEY_FORM_ANDROID_DEVICE = 7,
	KEY_FORM_CLOUD_KEY = 9,
};

/* "driver", "cloud-key"; "unknown" for what is none of them. */
const char *key_role_name(enum key_role role);
const char *key_form_name(enum key_form form);

/* Returns 0, or -EINVAL. */
int key_role_parse(const char *text, enum key_role *ret);
int key_form_parse(const char *text, enum key_form *ret);
