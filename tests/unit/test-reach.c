/* SPDX-License-Identifier: MIT */

#include "car/reach.h"

#include <string.h>

#include "link/link.h"
#include "test.h"

static int reach(const char *link, const char *vin, const char *adapter)
{
	const struct reach reach = {
		.vin = vin,
		.link = link,
		.adapter = adapter,
	};
	sd_event *event = NULL;
	struct link *made = NULL;
	int r;

	cr_assert_geq(sd_event_new(&event), 0);
	r = reach_new(event, &reach, &made);
	cr_assert_eq(r == 0, made != NULL);
	link_free(made);
	sd_event_unref(event);
	return r;
}

TEST(reach, link_of_the_configuration_is_made)
{
	cr_assert_eq(reach("bluez", "5YJ30123456789ABC", ""), 0);
	cr_assert_eq(reach("bluez", "5YJ30123456789ABC", "hci1"), 0);
	cr_assert_eq(reach("socket:/run/car", "5YJ30123456789ABC", ""), 0);
}

TEST(reach, what_names_no_link_is_refused)
{
	char path[200] = "socket:";

	memset(path + 7, 'x', sizeof(path) - 8);
	path[sizeof(path) - 1] = '\0';
	cr_assert_eq(reach(path, "5YJ30123456789ABC", ""), -ENAMETOOLONG);
	cr_assert_eq(reach("usb", "5YJ30123456789ABC", ""), -EINVAL);
	cr_assert_lt(reach("bluez", "5YJ3", ""), 0);
	cr_assert_eq(reach("bluez", "5YJ30123456789ABC", "B8:27:EB:12:34:56:7"),
		-ENAMETOOLONG);
}
