/* SPDX-License-Identifier: MIT */

#include "model/key_role.h"

#include <errno.h>
#include <string.h>

#include "util/macro.h"

struct name {
	int value;
	const char *text;
};

static const struct name roles[] = {
	{ KEY_ROLE_OWNER, "owner" },
	{ KEY_ROLE_DRIVER, "driver" },
	{ KEY_ROLE_VEHICLE_MONITOR, "vehicle-monitor" },
	{ KEY_ROLE_CHARGING_MANAGER, "charging-manager" },
	{ KEY_ROLE_GUEST, "guest" },
};

static const struct name forms[] = {
	{ KEY_FORM_NFC_CARD, "nfc-card" },
	{ KEY_FORM_IOS_DEVICE, "ios-device" },
	{ KEY_FORM_ANDROID_DEVICE, "android-device" },
	{ KEY_FORM_CLOUD_KEY, "cloud-key" },
};

static const char *name_of(const struct name *names, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].value == value)
			return names[i].text;

	return "unknown";
}

static int value_of(
	const struct name *names, size_t n, const char *text, int *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i].text, text) != 0)
			continue;
		*ret = names[i].value;
		return 0;
	}

	return -EINVAL;
}

const char *key_role_name(enum key_role role)
{
	return name_of(roles, ARRAY_SIZE(roles), (int)role);
}

const char *key_form_name(enum key_form form)
{
	return name_of(forms, ARRAY_SIZE(forms), (int)form);
}

int key_role_parse(const char *text, enum key_role *ret)
{
	int value;
	int r;

	r = value_of(roles, ARRAY_SIZE(roles), text, &value);
	if (r == 0)
		*ret = (enum key_role)value;

	return r;
}

int key_form_parse(const char *text, enum key_form *ret)
{
	int value;
	int r;

	r = value_of(forms, ARRAY_SIZE(forms), text, &value);
	if (r == 0)
		*ret = (enum key_form)value;

	return r;
}
