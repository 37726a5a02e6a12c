/* SPDX-License-Identifier: MIT */

#include "sites.h"

#include <math.h>
#include <stdio.h>

#define MILES_PER_DEGREE 69.1f
#define RADIANS_PER_DEGREE 0.0174533f

static const struct {
	const char *name;
	float latitude;
	float longitude;
	int32_t stalls;
	int32_t available;
	int32_t kw;
} table[SITES_MAX] = {
	{ "Berlin, Friedrichstrasse", 52.5200f, 13.3870f, 8, 3, 250 },
	{ "Potsdam, Am Kanal", 52.3965f, 13.0636f, 20, 17, 250 },
	{ "Leipzig, Messe", 51.3970f, 12.4030f, 12, 12, 150 },
};

float miles_from(const struct world *world, float latitude, float longitude)
{
	float north = latitude - world->latitude;
	float east = (longitude - world->longitude) *
		     cosf(world->latitude * RADIANS_PER_DEGREE);

	return hypotf(north, east) * MILES_PER_DEGREE;
}

static float miles_to(const struct world *world, size_t i)
{
	return miles_from(world, table[i].latitude, table[i].longitude);
}

static void fill(struct sites *sites, size_t n, size_t i, float miles)
{
	CarServer__Superchargers *site = &sites->list[n];

	car_server__superchargers__init(site);
	car_server__lat_long__init(&sites->locations[n]);
	(void)snprintf(
		sites->names[n], sizeof(sites->names[n]), "%s", table[i].name);
	site->id = (int64_t)i + 1;
	site->name = sites->names[n];
	site->distance_miles = miles;
	site->location = &sites->locations[n];
	site->location->latitude = table[i].latitude;
	site->location->longitude = table[i].longitude;
	site->total_stalls = table[i].stalls;
	site->available_stalls = table[i].available;
	site->max_power_kw = table[i].kw;
	site->within_range = true;
	sites->pointers[n] = site;
}

void sites_find(
	struct sites *sites, const struct world *world, const struct deed *deed)
{
	bool taken[SITES_MAX] = { false };
	size_t n = 0;

	car_server__nearby_charging_sites__init(&sites->answer);
	while (n < SITES_MAX && n < (size_t)deed->count) {
		size_t nearest = SITES_MAX;

		for (size_t i = 0; i < SITES_MAX; i++)
			if (!taken[i] &&
				miles_to(world, i) <= (float)deed->radius &&
				(nearest == SITES_MAX ||
					miles_to(world, i) <
						miles_to(world, nearest)))
				nearest = i;
		if (nearest == SITES_MAX)
			break;
		taken[nearest] = true;
		fill(sites, n++, nearest, miles_to(world, nearest));
	}

	sites->answer.n_superchargers = n;
	sites->answer.superchargers = sites->pointers;
}
