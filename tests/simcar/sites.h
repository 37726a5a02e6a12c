/* SPDX-License-Identifier: MIT */
#pragma once

/* Sites - the chargers around the car.  Spec: vehicle-protocol 7.2 */

#include "car_server.pb-c.h"
#include "world.h"

enum {
	SITES_MAX = 3,
	SITE_TEXT_SIZE = 32,
};

/* An answer with all of its parts. */
struct sites {
	CarServer__NearbyChargingSites answer;
	CarServer__Superchargers list[SITES_MAX];
	CarServer__Superchargers *pointers[SITES_MAX];
	CarServer__LatLong locations[SITES_MAX];
	char names[SITES_MAX][SITE_TEXT_SIZE];
};

/* From the car to there, as the crow flies. */
float miles_from(const struct world *world, float latitude, float longitude);

/* Those that @deed asks for, the nearest first. */
void sites_find(struct sites *sites, const struct world *world,
	const struct deed *deed);
