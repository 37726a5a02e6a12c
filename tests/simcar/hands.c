/* SPDX-License-Identifier: MIT */

#include "hands.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "setting.h"
#include "util/macro.h"

enum {
	SPEED_MAX_MPH = 160,
	TIRE_MAX_BAR = 5,
};

const char hands_help[] =
	"  shift P|R|N|D                 gear; P stops the car; with a foot on "
	"the brake\n"
	"                                only once the car may be driven\n"
	"  shift none|invalid|sna        P, with the drive computer off\n"
	"  speed MPH                     0 to 160, in a gear other than P\n"
	"  presence on|off               somebody sits in the car\n"
	"  brake [on|off]                a foot on the brake: the car asks for "
	"a key once\n"
	"                                a second until one answers, or it is "
	"started\n"
	"  handle                        an outer handle of a locked car is "
	"pulled: it asks\n"
	"                                for five seconds\n"
	"  door [WHICH] open|close       by hand, as all these; WHICH is "
	"front-left (the\n"
	"                                default), front-right, rear-left or "
	"rear-right;\n"
	"                                opening wakes the car\n"
	"  trunk|frunk|charge-port open|close\n"
	"  lock, unlock                  by a key card\n"
	"  sleep, deep-sleep, wake       infotainment; a deep sleeper tells no "
	"status\n"
	"  plug in|out                   the charging cable\n"
	"  battery PERCENT               0 to 100; charging ends at the limit\n"
	"  charging|climate on|off       as by itself, or on the screen\n"
	"  temperature inside|outside CELSIUS\n"
	"  location LATITUDE LONGITUDE   where the car is; none: nothing is "
	"known of it;\n"
	"                                at first home, 52.517 13.3889; work "
	"is 52.5096\n"
	"                                13.3759\n"
	"  homelink on|off               a garage door listens to the car\n"
	"  tire WHICH BAR|none           as doors\n"
	"  software VERSION|none         that waits to be installed\n"
	"  mode NAME on|off              on the screen; valet, guest, "
	"speed-limit,\n"
	"                                parental or pin-to-drive\n"
	"  set NAME NUMBER               any setting, by the name that \"did\" "
	"gives it\n";

/* A line: returns 1 if it was done, 0 if its words are wrong. */
typedef int (*line_t)(
	struct world *world, uint64_t now_ms, const char *const *words);

/* The place of @word in @words, or -1. */
static int find(const char *word, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return i;

	return -1;
}

/* 1 for @on, 0 for @off, else -1. */
static int either(const char *word, const char *on, const char *off)
{
	if (strcmp(word, on) == 0)
		return 1;

	return strcmp(word, off) == 0 ? 0 : -1;
}

static bool read_number(const char *word, float min, float max, float *ret)
{
	char *end;
	float value = strtof(word, &end);

	/* Written so that it refuses a NaN too. */
	if (end == word || *end != '\0' || !(value >= min && value <= max))
		return false;

	*ret = value;
	return true;
}

static int set_switch(bool *field, const char *word)
{
	int on = either(word, "on", "off");

	if (on >= 0)
		*field = on;
	return on >= 0;
}

static int do_shift(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	static const struct {
		const char *word;
		enum gear gear;
		enum told told;
	} rows[] = {
		{ "P", GEAR_P, TOLD_GEAR },
		{ "R", GEAR_R, TOLD_GEAR },
		{ "N", GEAR_N, TOLD_GEAR },
		{ "D", GEAR_D, TOLD_GEAR },
		{ "none", GEAR_P, TOLD_NONE },
		{ "invalid", GEAR_P, TOLD_INVALID },
		{ "sna", GEAR_P, TOLD_SNA },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(words[0], rows[i].word) != 0)
			continue;
		return world_shift(world, now_ms, rows[i].gear, rows[i].told);
	}

	return 0;
}

static int do_speed(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	return world->gear != GEAR_P &&
	       read_number(words[0], 0, SPEED_MAX_MPH, &world->speed_mph);
}

static int do_presence(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	if (!set_switch(&world->present, words[0]))
		return 0;
	if (world->present)
		(void)world_wake(world, now_ms);
	else
		world->brake = false;
	return 1;
}

static int do_brake(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	if (!set_switch(&world->brake, words[0] != NULL ? words[0] : "on"))
		return 0;
	if (world->brake)
		(void)world_wake(world, now_ms);
	return 1;
}

static int do_handle(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)words;
	(void)world_wake(world, now_ms);
	world->handle_until_ms = now_ms + WORLD_HANDLE_MS;
	return 1;
}

static int move(struct world *world, uint64_t now_ms, enum closure closure,
	const char *word)
{
	int open = either(word, "open", "close");

	if (open < 0)
		return 0;
	world->open[closure] = open;
	if (open)
		(void)world_wake(world, now_ms);
	return 1;
}

static const char *const corners[] = { "front-left", "front-right", "rear-left",
	"rear-right" };

static int do_door(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	static const enum closure doors[] = { CLOSURE_DRIVER_DOOR,
		CLOSURE_PASSENGER_DOOR, CLOSURE_REAR_DRIVER_DOOR,
		CLOSURE_REAR_PASSENGER_DOOR };
	int i = 0;

	if (words[1] != NULL)
		i = find(*words++, corners, ARRAY_SIZE(corners));

	return i >= 0 ? move(world, now_ms, doors[i], words[0]) : 0;
}

static int do_trunk(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	return move(world, now_ms, CLOSURE_TRUNK, words[0]);
}

static int do_frunk(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	return move(world, now_ms, CLOSURE_FRUNK, words[0]);
}

static int do_charge_port(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	return move(world, now_ms, CLOSURE_CHARGE_PORT, words[0]);
}

static int do_lock(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	(void)words;
	world->locked = true;
	return 1;
}

static int do_unlock(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)words;
	world->locked = false;
	(void)world_wake(world, now_ms);
	return 1;
}

static int do_sleep(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	(void)words;
	world_sleep(world, false);
	return 1;
}

static int do_deep_sleep(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	(void)words;
	world_sleep(world, true);
	return 1;
}

static int do_wake(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)words;
	(void)world_wake(world, now_ms);
	return 1;
}

static int do_plug(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	int in = either(words[0], "in", "out");

	(void)now_ms;
	if (in < 0)
		return 0;
	world->plugged = in;
	world->charging = world->charging && in;
	return 1;
}

static int do_battery(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	if (!read_number(words[0], 0, 100, &world->battery))
		return 0;
	if (world->battery >= world->settings[SETTING_CHARGING_LIMIT])
		world->charging = false;
	return 1;
}

static int do_charging(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	return world->plugged && set_switch(&world->charging, words[0]);
}

static int do_climate(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	return set_switch(&world->climate_on, words[0]);
}

static int do_temperature(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	int inside = either(words[0], "inside", "outside");

	(void)now_ms;
	return inside >= 0 &&
	       read_number(words[1], -60, 90,
		       inside ? &world->inside_c : &world->outside_c);
}

static int do_location(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	float latitude, longitude;

	(void)now_ms;
	if (words[1] == NULL) {
		world->has_gps = false;
		return strcmp(words[0], "none") == 0;
	}
	if (!read_number(words[0], -90, 90, &latitude) ||
		!read_number(words[1], -180, 180, &longitude))
		return 0;

	world->has_gps = true;
	world->latitude = latitude;
	world->longitude = longitude;
	return 1;
}

static int do_homelink(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	(void)now_ms;
	return set_switch(&world->homelink, words[0]);
}

static int do_tire(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	int i = find(words[0], corners, ARRAY_SIZE(corners));

	(void)now_ms;
	if (i < 0)
		return 0;
	world->tires_heard = true;
	if (strcmp(words[1], "none") == 0) {
		world->tires[i] = 0;
		return 1;
	}
	return read_number(words[1], 0, TIRE_MAX_BAR, &world->tires[i]);
}

static int do_software(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	bool none = strcmp(words[0], "none") == 0;

	(void)now_ms;
	(void)snprintf(world->update, sizeof(world->update), "%s",
		none ? "" : words[0]);
	world->settings[SETTING_SOFTWARE] = -1;
	return 1;
}

static int do_mode(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	static const char *const names[] = { "valet", "guest", "speed-limit",
		"parental", "pin-to-drive" };
	struct access *access = &world->access;
	bool *const modes[] = { &access->valet.on, &access->guest,
		&access->speed_limit.on, &access->parental.on,
		&access->pin_to_drive.on };
	int i = find(words[0], names, ARRAY_SIZE(names));

	(void)now_ms;
	return i >= 0 && set_switch(modes[i], words[1]);
}

static int do_set(
	struct world *world, uint64_t now_ms, const char *const *words)
{
	char name[64];
	float value;

	(void)now_ms;
	/* Some names have two words. */
	(void)snprintf(name, sizeof(name), "%s%s%s", words[0],
		words[2] != NULL ? " " : "", words[2] != NULL ? words[1] : "");
	if (!read_number(words[2] != NULL ? words[2] : words[1], -HUGE_VALF,
		    HUGE_VALF, &value))
		return 0;
	for (int i = 0; i < _SETTING_N; i++) {
		enum setting setting = (enum setting)i;

		if (strcmp(name, setting_name(setting)) != 0)
			continue;
		if (!setting_takes(setting, value))
			return 0;
		world->settings[setting] = value;
		return 1;
	}

	return 0;
}

static const struct {
	const char *name;
	size_t min; /* words after the name */
	size_t max;
	line_t run;
} lines[] = {
	{ "shift", 1, 1, do_shift },
	{ "speed", 1, 1, do_speed },
	{ "presence", 1, 1, do_presence },
	{ "brake", 0, 1, do_brake },
	{ "handle", 0, 0, do_handle },
	{ "door", 1, 2, do_door },
	{ "trunk", 1, 1, do_trunk },
	{ "frunk", 1, 1, do_frunk },
	{ "charge-port", 1, 1, do_charge_port },
	{ "lock", 0, 0, do_lock },
	{ "unlock", 0, 0, do_unlock },
	{ "sleep", 0, 0, do_sleep },
	{ "deep-sleep", 0, 0, do_deep_sleep },
	{ "wake", 0, 0, do_wake },
	{ "plug", 1, 1, do_plug },
	{ "battery", 1, 1, do_battery },
	{ "charging", 1, 1, do_charging },
	{ "climate", 1, 1, do_climate },
	{ "temperature", 2, 2, do_temperature },
	{ "location", 1, 2, do_location },
	{ "homelink", 1, 1, do_homelink },
	{ "tire", 2, 2, do_tire },
	{ "software", 1, 1, do_software },
	{ "mode", 2, 2, do_mode },
	{ "set", 2, 3, do_set },
};

int hands_do(struct world *world, uint64_t now_ms,
	const char *const words[HANDS_WORDS_MAX], size_t n_words)
{
	const char *rest[HANDS_WORDS_MAX] = { NULL };

	for (size_t i = 1; i < n_words; i++)
		rest[i - 1] = words[i];
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (strcmp(words[0], lines[i].name) != 0)
			continue;
		if (n_words - 1 < lines[i].min || n_words - 1 > lines[i].max)
			return 0;
		return lines[i].run(world, now_ms, rest);
	}

	return -ENOENT;
}
