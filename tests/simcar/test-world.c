/* SPDX-License-Identifier: MIT */

#include "unit/test.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "fault.h"
#include "util/clock.h"
#include "util/macro.h"
#include "whitelist.h"
#include "world.h"

/* vehicle-protocol 4.5: from counter 100, bits 0 and 5. */
TEST(whitelist, window_moves_as_the_sdk_has_it)
{
	static const struct {
		uint32_t counter;
		uint32_t last;
		uint32_t window;
		bool ok;
	} rows[] = {
		{ 101, 101, 1 << 0 | 1 << 1 | 1 << 6, true },
		{ 103, 103, 1 << 2 | 1 << 3 | 1 << 8, true },
		{ 500, 500, 0, true },
		{ 98, 100, 1 << 0 | 1 << 1 | 1 << 5, true },
		{ 99, 100, 1 << 0 | 1 << 5, false },
		{ 3, 100, 1 << 0 | 1 << 5, false },
		{ 100, 100, 1 << 0 | 1 << 5, false },
		/* At the edges, where a shift would be undefined. */
		{ 131, 131, 1 << 30 | 1u << 31, true },
		{ 132, 132, 1u << 31, true },
		{ 133, 133, 0, true },
		{ 68, 100, 1 << 0 | 1 << 5 | 1u << 31, true },
		{ 67, 100, 1 << 0 | 1 << 5, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct count count = { .last = 100, .window = 1 | 1 << 5 };

		cr_assert_eq(count_allows(&count, rows[i].counter, false),
			rows[i].ok, "row %zu", i);
		if (rows[i].ok)
			count_note(&count, rows[i].counter);
		cr_assert_eq(count.last, rows[i].last, "row %zu", i);
		cr_assert_eq(count.window, rows[i].window, "row %zu", i);
	}
}

TEST(whitelist, strict_order_takes_nothing_back)
{
	struct count count = { .last = 100 };

	cr_assert(count_allows(&count, 101, true));
	cr_assert_not(count_allows(&count, 100, true));
	cr_assert_not(count_allows(&count, 99, true));
}

static struct verdict act(struct world *world, enum act act)
{
	return world_do(world, 0, &(struct deed){ .act = act });
}

static struct verdict move(
	struct world *world, enum closure closure, enum move move)
{
	return world_do(world, 0,
		&(struct deed){
			.act = ACT_MOVE, .closure = closure, .move = move });
}

TEST(world, trunk_toggles_and_frunk_does_not)
{
	struct world world;

	world_init(&world, 0);
	cr_assert_str_eq(
		move(&world, CLOSURE_TRUNK, MOVE_TOGGLE).did, "trunk-open");
	cr_assert_str_eq(
		move(&world, CLOSURE_TRUNK, MOVE_TOGGLE).did, "trunk-close");
	cr_assert(move(&world, CLOSURE_FRUNK, MOVE_TOGGLE).changed);
	cr_assert_not(move(&world, CLOSURE_FRUNK, MOVE_TOGGLE).changed);
	cr_assert(world.open[CLOSURE_FRUNK]);
	cr_assert_not_null(move(&world, CLOSURE_FRUNK, MOVE_CLOSE).why);
	cr_assert_not_null(move(&world, CLOSURE_TONNEAU, MOVE_OPEN).why);
	cr_assert_not(move(&world, CLOSURE_TRUNK, MOVE_STOP).changed);
}

TEST(world, nothing_opens_while_it_drives)
{
	struct world world;

	world_init(&world, 0);
	world.gear = GEAR_D;
	for (int i = 0; i < CLOSURE_TONNEAU; i++)
		cr_assert_not_null(
			move(&world, (enum closure)i, MOVE_OPEN).why);
	cr_assert_not_null(act(&world, ACT_UNLOCK).why);
	cr_assert_not_null(act(&world, ACT_DRIVE).why);
	cr_assert_null(act(&world, ACT_LOCK).why);
	cr_assert(world.locked);
}

TEST(world, lock_wants_closed_doors)
{
	struct world world;

	world_init(&world, 0);
	cr_assert(act(&world, ACT_UNLOCK).changed);
	cr_assert_null(move(&world, CLOSURE_DRIVER_DOOR, MOVE_OPEN).why);
	cr_assert_not_null(act(&world, ACT_LOCK).why);
	cr_assert_not(world.locked);
	/* The trunk is no door. */
	world.open[CLOSURE_DRIVER_DOOR] = false;
	world.open[CLOSURE_TRUNK] = true;
	cr_assert_null(act(&world, ACT_LOCK).why);
}

TEST(world, remote_start_ends)
{
	struct world world;

	world_init(&world, 0);
	cr_assert_null(act(&world, ACT_DRIVE).why);
	cr_assert(world_is_started(&world, WORLD_DRIVE_MS - 1));
	cr_assert_not(world_is_started(&world, WORLD_DRIVE_MS));
	cr_assert_not_null(act(&world, ACT_DRIVE).why);
}

TEST(world, brake_wants_a_key_and_handle_wants_less)
{
	struct world world;

	world_init(&world, 0);
	cr_assert_eq(world_wants(&world, 0), LEVEL_NONE);
	world.handle_until_ms = WORLD_HANDLE_MS;
	cr_assert_eq(world_wants(&world, 0), LEVEL_UNLOCK);
	cr_assert_eq(world_wants(&world, WORLD_HANDLE_MS), LEVEL_NONE);
	world.brake = true;
	cr_assert_eq(world_wants(&world, 0), LEVEL_DRIVE);
	cr_assert_eq(world_shift(&world, 0, GEAR_D, TOLD_GEAR), -EACCES);
	cr_assert_eq(world.gear, GEAR_P);

	/* More than it was asked for will do; less will not. */
	cr_assert_not(world_do(&world, 0,
		&(struct deed){
			.act = ACT_AUTHENTICATE, .level = LEVEL_UNLOCK })
			      .changed);
	cr_assert(world_do(&world, 0,
		&(struct deed){ .act = ACT_AUTHENTICATE, .level = LEVEL_DRIVE })
			  .changed);
	cr_assert_eq(world_wants(&world, 0), LEVEL_UNLOCK);
	cr_assert_eq(world_wants(&world, WORLD_KEY_MS), LEVEL_DRIVE);
	cr_assert_eq(world_shift(&world, 0, GEAR_D, TOLD_GEAR), 1);
	/* On the road it asks no more. */
	cr_assert_eq(world_wants(&world, WORLD_KEY_MS), LEVEL_NONE);
}

TEST(world, remote_start_lasts_while_it_is_driven)
{
	struct world world;

	world_init(&world, 0);
	cr_assert_null(act(&world, ACT_DRIVE).why);
	world.brake = true;
	cr_assert_eq(world_shift(&world, 1000, GEAR_D, TOLD_GEAR), 1);
	cr_assert(world_is_started(&world, 10 * WORLD_DRIVE_MS));
	cr_assert_eq(world_shift(&world, 5000, GEAR_P, TOLD_GEAR), 1);
	cr_assert_not(world_is_started(&world, 5000 + WORLD_DRIVE_MS));
	cr_assert_eq(world_wants(&world, 5000 + WORLD_DRIVE_MS), LEVEL_DRIVE);
}

TEST(world, answer_of_none_poisons_until_a_restart)
{
	const struct deed none = { .act = ACT_AUTHENTICATE };
	const struct deed drive = { .act = ACT_AUTHENTICATE,
		.level = LEVEL_DRIVE };
	struct world world;

	world_init(&world, 0);
	world.brake = true;
	cr_assert_not_null(world_do(&world, 0, &none).note);
	cr_assert_not_null(world_do(&world, 0, &drive).note);
	world_reboot(&world, 0);
	cr_assert(world_do(&world, 0, &drive).changed);
}

TEST(world, what_it_does_keeps_it_awake)
{
	struct world world;
	bool *const deeds[] = { &world.climate_on, &world.charging,
		&world.present, &world.brake };

	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		world_init(&world, 0);
		world.sleep_after_ms = 1000;
		*deeds[i] = true;
		cr_assert_eq(world_deadline(&world), CLOCK_NEVER, "%zu", i);
		*deeds[i] = false;
		cr_assert_eq(world_deadline(&world), 1000u, "%zu", i);
	}
	world.settings[SETTING_SENTRY_MODE] = 1;
	cr_assert_eq(world_deadline(&world), CLOCK_NEVER);
}

TEST(schedule, places_are_a_walk_wide)
{
	cr_assert_eq(schedule_place(HOME_LATITUDE, HOME_LONGITUDE),
		(unsigned int)SCHEDULE_PLACE_HOME);
	cr_assert_eq(schedule_place(HOME_LATITUDE + 0.0015f, HOME_LONGITUDE),
		(unsigned int)SCHEDULE_PLACE_HOME);
	cr_assert_eq(schedule_place(WORK_LATITUDE, WORK_LONGITUDE - 0.0015f),
		(unsigned int)SCHEDULE_PLACE_WORK);
	cr_assert_eq(schedule_place(HOME_LATITUDE, HOME_LONGITUDE + 0.003f),
		(unsigned int)SCHEDULE_PLACE_OTHER);
	cr_assert_not(place_is_near(NAN, 0, NAN, 0));
}

TEST(schedule, clearing_keeps_the_order_of_the_others)
{
	struct schedules schedules = { 0 };
	struct schedule schedule = { .days = 1 };
	bool changed;

	for (uint64_t id = 1; id <= SCHEDULES_MAX; id++) {
		schedule.id = id;
		schedule.latitude = id % 2 == 0 ? HOME_LATITUDE : 0;
		schedule.longitude = id % 2 == 0 ? HOME_LONGITUDE : 0;
		cr_assert(schedules_add(&schedules, &schedule, &changed));
		cr_assert(changed);
	}
	schedule.id = SCHEDULES_MAX + 1;
	cr_assert_not(schedules_add(&schedules, &schedule, &changed));
	cr_assert_eq(schedules_clear(&schedules, SCHEDULE_PLACE_HOME), 5u);
	cr_assert_eq(schedules.n, 5u);
	for (size_t i = 0; i < schedules.n; i++)
		cr_assert_eq(schedules.list[i].id, 2 * i + 1);
	cr_assert_not(schedules_remove(&schedules, 2));
	cr_assert(schedules_remove(&schedules, 9));
	cr_assert_eq(schedules.list[schedules.n - 1].id, 7u);
}

TEST(world, volume_has_steps_and_ends)
{
	struct deed deed = { .act = ACT_MEDIA_SET_VOLUME, .volume = 4 };
	struct world world;

	world_init(&world, 0);
	cr_assert(world_do(&world, 0, &deed).changed);
	cr_assert_float_eq(world.volume, 4, 0.01);
	cr_assert_not(world_do(&world, 0, &deed).changed);
	cr_assert(act(&world, ACT_MEDIA_VOLUME_UP).changed);
	cr_assert_float_eq(world.volume, 4.33, 0.01);
	deed.volume = 0;
	cr_assert(world_do(&world, 0, &deed).changed);
	cr_assert_not(act(&world, ACT_MEDIA_VOLUME_DOWN).changed);
	deed.volume = NAN;
	cr_assert_not_null(world_do(&world, 0, &deed).why);
	deed.volume = 11;
	cr_assert_not_null(world_do(&world, 0, &deed).why);
	cr_assert_float_eq(world.volume, 0, 0.01);
}

TEST(world, sleep_pauses_and_waking_boots)
{
	struct world world;

	world_init(&world, 0);
	cr_assert_eq(world_deadline(&world), CLOCK_NEVER);
	cr_assert(act(&world, ACT_MEDIA_TOGGLE).changed);
	world_sleep(&world, true);
	cr_assert_eq(world.playback, PLAYBACK_PAUSED);
	cr_assert_eq(world.power, POWER_DEEP);

	cr_assert(world_wake(&world, 5000));
	cr_assert_not(world_wake(&world, 5001));
	cr_assert_eq(world.power, POWER_BOOTING);
	cr_assert_eq(world_deadline(&world), 7000u);
	world_tick(&world, 6999);
	cr_assert_eq(world.power, POWER_BOOTING);
	world_tick(&world, 7000);
	cr_assert_eq(world.power, POWER_AWAKE);
}

TEST(world, nobody_inside_falls_asleep_with_it)
{
	struct world world;

	world_init(&world, 0);
	world.sleep_after_ms = 1000;
	world.present = true;
	world_tick(&world, 2000);
	cr_assert_eq(world.power, POWER_AWAKE);
	world.present = false;
	world_use(&world, 2000);
	cr_assert_eq(world_deadline(&world), 3000u);
	world_tick(&world, 3000);
	cr_assert_eq(world.power, POWER_ASLEEP);
}

TEST(deed, roles_carry_what_they_should)
{
	cr_assert(role_may(KEYS__ROLE__ROLE_OWNER, RIGHT_DRIVE));
	cr_assert(role_may(KEYS__ROLE__ROLE_GUEST, RIGHT_DRIVE));
	cr_assert_not(role_may(KEYS__ROLE__ROLE_SERVICE, RIGHT_DRIVE));
	cr_assert(role_may(KEYS__ROLE__ROLE_SERVICE, RIGHT_LOCK));
	cr_assert(role_may(KEYS__ROLE__ROLE_CHARGING_MANAGER, RIGHT_CHARGE));
	cr_assert_not(role_may(KEYS__ROLE__ROLE_CHARGING_MANAGER, RIGHT_LOCK));
	cr_assert(role_may(KEYS__ROLE__ROLE_VEHICLE_MONITOR, RIGHT_READ));
	cr_assert_not(role_may(KEYS__ROLE__ROLE_FM, RIGHT_READ));
	cr_assert_not(role_may(KEYS__ROLE__ROLE_NONE, RIGHT_NONE));
	cr_assert(role_may(KEYS__ROLE__ROLE_OWNER, RIGHT_OWN));
	cr_assert_not(role_may(KEYS__ROLE__ROLE_DRIVER, RIGHT_OWN));
	cr_assert_not(role_may(KEYS__ROLE__ROLE_GUEST, RIGHT_OWN));
	/* A number that no proto names. */
	cr_assert_not(role_may((Keys__Role)7, RIGHT_DRIVE));
}

static struct fault parsed(const char *text)
{
	char why[FAULT_WHY_SIZE];
	struct fault fault;

	cr_assert(fault_parse(text, &fault, why), "%s", why);
	return fault;
}

TEST(fault, grammar_is_read)
{
	cr_assert_eq(parsed("lost").kind, FAULT_LOST_ANSWER);
	cr_assert_eq(parsed("lost-request:3").left, 3u);
	cr_assert_eq(parsed("fault-5").kind, FAULT_PROTOCOL);
	cr_assert_eq(parsed("fault-28-bare").number, 28);
	cr_assert_eq(parsed("fault-28-bare").kind, FAULT_PROTOCOL_BARE);
	cr_assert_eq(parsed("mtu-115").number, 115);
	cr_assert_str_eq(parsed("wait@trunk-close:2").target, "trunk-close");
	cr_assert_str_eq(parsed("wait").target, "command");
}

TEST(fault, nonsense_is_explained)
{
	static const char *const texts[] = { "", "fault", "fault-", "fault-0",
		"fault-29", "fault-5-bar", "fault-5x", "nominal-8", "mtu-22",
		"mtu-518", "mtu-23:1", "lost:", "lost:0", "lost:x", "lost:-1",
		"lost:1000001", "lost:99999999999999999999", "lost@",
		"lost@nobody", "idle-drop@honk", "lost-answer@honk@honk",
		"\xff\xff", "fault-99999999999999999999" };
	char why[FAULT_WHY_SIZE];
	struct fault fault;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		why[0] = '\0';
		cr_assert_not(
			fault_parse(texts[i], &fault, why), "%s", texts[i]);
		cr_assert_neq(why[0], '\0', "%s", texts[i]);
	}
}

TEST(fault, targets_choose_in_the_order_of_arming)
{
	const struct occasion honk = { .name = "honk" };
	const struct occasion lock = { .name = "lock", .vcsec = true };
	const struct occasion state = { .name = "state-drive", .reads = true };
	const struct occasion info = {
		.name = "session-info", .vcsec = true, .handshake = true
	};
	static const char *const texts[] = { "broadcast", "lost@lock", "wait:2",
		"refuse@read", "late@infotainment", "epoch@any" };
	struct faults faults = { 0 };
	struct fault fault;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		fault = parsed(texts[i]);
		cr_assert(faults_arm(&faults, &fault));
	}
	cr_assert(faults_take(&faults, &honk, &fault));
	cr_assert_eq(fault.kind, FAULT_WAIT);
	cr_assert(faults_take(&faults, &lock, &fault));
	cr_assert_eq(fault.kind, FAULT_LOST_ANSWER);
	cr_assert(faults_take(&faults, &lock, &fault));
	cr_assert_eq(fault.kind, FAULT_WAIT);
	cr_assert(faults_take(&faults, &state, &fault));
	cr_assert_eq(fault.kind, FAULT_REFUSE);
	cr_assert(faults_take(&faults, &state, &fault));
	cr_assert_eq(fault.kind, FAULT_LATE_ANSWER);
	cr_assert(faults_take(&faults, &info, &fault));
	cr_assert_eq(fault.kind, FAULT_EPOCH);
	cr_assert_not(faults_take(&faults, &honk, &fault));
	cr_assert(faults_take_kind(&faults, FAULT_BROADCAST, &fault));
	cr_assert_eq(faults.n, 0u);
}

TEST(fault, room_ends)
{
	struct faults faults = { 0 };
	struct fault fault = parsed("lost");

	for (int i = 0; i < FAULTS_MAX; i++)
		cr_assert(faults_arm(&faults, &fault));
	cr_assert_not(faults_arm(&faults, &fault));
}
