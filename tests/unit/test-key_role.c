/* SPDX-License-Identifier: MIT */

#include "model/key_role.h"

#include <errno.h>

#include "test.h"
#include "util/macro.h"

TEST(key_role, every_name_reads_back)
{
	static const enum key_role roles[] = { KEY_ROLE_OWNER, KEY_ROLE_DRIVER,
		KEY_ROLE_VEHICLE_MONITOR, KEY_ROLE_CHARGING_MANAGER,
		KEY_ROLE_GUEST };
	static const enum key_form forms[] = { KEY_FORM_NFC_CARD,
		KEY_FORM_IOS_DEVICE, KEY_FORM_ANDROID_DEVICE,
		KEY_FORM_CLOUD_KEY };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		enum key_role back = 0;

		cr_assert_eq(key_role_parse(key_role_name(roles[i]), &back), 0);
		cr_assert_eq(back, roles[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		enum key_form back = 0;

		cr_assert_eq(key_form_parse(key_form_name(forms[i]), &back), 0);
		cr_assert_eq(back, forms[i]);
	}
	cr_assert_str_eq(key_role_name(KEY_ROLE_DRIVER), "driver");
	cr_assert_str_eq(key_form_name(KEY_FORM_CLOUD_KEY), "cloud-key");
}

TEST(key_role, what_is_none_is_told)
{
	enum key_role role = KEY_ROLE_GUEST;
	enum key_form form = KEY_FORM_NFC_CARD;

	cr_assert_str_eq(key_role_name(0), "unknown");
	cr_assert_str_eq(key_form_name(2), "unknown");
	/* Not those that the car adds by other ways only, nor by accident. */
	cr_assert_eq(key_role_parse("service", &role), -EINVAL);
	cr_assert_eq(key_role_parse("unknown", &role), -EINVAL);
	cr_assert_eq(key_role_parse("Driver", &role), -EINVAL);
	cr_assert_eq(key_role_parse("", &role), -EINVAL);
	cr_assert_eq(role, KEY_ROLE_GUEST);
	cr_assert_eq(key_form_parse("phone", &form), -EINVAL);
	cr_assert_eq(form, KEY_FORM_NFC_CARD);
}
