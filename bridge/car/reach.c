/* SPDX-License-Identifier: MIT */

#include "car/reach.h"

#include <string.h>

#include "link/bluez.h"
#include "link/socket.h"
#include "vehicle/vehicle.h"

#define SOCKET "socket:"

static bool is_socket(const struct reach *reach)
{
	return strncmp(reach->link, SOCKET, strlen(SOCKET)) == 0;
}

/* @name: where the car's name is to stand. */
static int configure(const struct reach *reach,
	char name[static VEHICLE_NAME_SIZE], struct link_bluez_config *ret)
{
	if (strcmp(reach->link, "bluez") != 0)
		return -EINVAL;

	*ret = (struct link_bluez_config){
		.name = name,
		.adapter = reach->adapter,
		.reset_shared = reach->reset_shared,
	};
	return vehicle_name(reach->vin, name);
}

int reach_new(sd_event *event, const struct reach *reach, struct link **ret)
{
	char name[VEHICLE_NAME_SIZE];
	struct link_bluez_config config;
	int r;

	if (is_socket(reach))
		return link_socket_new(
			event, reach->link + strlen(SOCKET), ret);
	r = configure(reach, name, &config);
	if (r < 0)
		return r;

	return link_bluez_new(event, &config, ret);
}

int reach_release(const struct reach *reach, unsigned int *ret_n)
{
	char name[VEHICLE_NAME_SIZE];
	struct link_bluez_config config;
	int r;

	*ret_n = 0;
	if (is_socket(reach))
		return 0;
	r = configure(reach, name, &config);
	if (r < 0)
		return r;

	return link_bluez_release(&config, ret_n);
}
