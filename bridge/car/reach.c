/* SPDX-License-Identifier: MIT */

#include "car/reach.h"

#include <string.h>

#include "link/bluez.h"
#include "link/socket.h"
#include "vehicle/vehicle.h"

#define SOCKET "socket:"

int reach_new(sd_event *event, const struct reach *reach, struct link **ret)
{
	char name[VEHICLE_NAME_SIZE];
	struct link_bluez_config config = {
		.name = name,
		.adapter = reach->adapter,
		.reset_shared = reach->reset_shared,
	};
	int r;

	if (strncmp(reach->link, SOCKET, strlen(SOCKET)) == 0)
		return link_socket_new(
			event, reach->link + strlen(SOCKET), ret);
	if (strcmp(reach->link, "bluez") != 0)
		return -EINVAL;

	r = vehicle_name(reach->vin, name);
	if (r < 0)
		return r;

	return link_bluez_new(event, &config, ret);
}
