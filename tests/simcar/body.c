/* SPDX-License-Identifier: MIT */

#include "body.h"

static struct verdict do_lock(struct world *world)
{
	if (world_door_is_open(world))
		return verdict_refused(
			GENERIC_ERROR(CLOSURES_OPEN), "a door is open");

	/* Whoever locks the car does not drive off in it. */
	if (!world->locked)
		world->drive_until_ms = 0;
	return verdict_set(&world->locked, true);
}

static struct verdict do_unlock(struct world *world, uint64_t now_ms)
{
	if (world->gear != GEAR_P)
		return verdict_refused(GENERIC_ERROR(VEHICLE_NOT_IN_PARK),
			"the car is not in park");

	/* A person comes: the screen lights up. */
	(void)world_wake(world, now_ms);
	return verdict_set(&world->locked, false);
}

static struct verdict do_drive(struct world *world, uint64_t now_ms)
{
	/* By design, says the car's maker: vehicle-protocol 8.3. */
	if (world->drive_refused)
		return verdict_refused(
			GENERIC_ERROR(NOT_ALLOWED_OVER_TRANSPORT),
			"not over Bluetooth");
	if (world->gear != GEAR_P)
		return verdict_refused(GENERIC_ERROR(VEHICLE_NOT_IN_PARK),
			"the car is not in park");
	if (world_is_started(world, now_ms))
		return verdict_refused(
			GENERIC_ERROR(ALREADY_ON), "it is started already");

	(void)world_wake(world, now_ms);
	world->drive_until_ms = now_ms + world->drive_ms;
	return verdict_done(true);
}

/*
 * A key says that it is near.  All of it is acknowledged, but it has an effect
 * only where the car has asked for no more than that.
 */
static struct verdict do_authenticate(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	enum level wants = world_wants(world, now_ms);
	struct verdict verdict = verdict_done(false);

	if (deed->level == LEVEL_NONE)
		world->poisoned = true;
	if (world->poisoned)
		verdict.note = "poisoned by an answer of the level none";
	else if (deed->rejection != 0)
		verdict.note = "the key declines";
	else if (wants == LEVEL_NONE)
		verdict.note = "nobody has asked";
	else if (deed->level < wants)
		verdict.note = "it was asked for more";
	if (verdict.note != NULL)
		return verdict;

	if (wants == LEVEL_DRIVE) {
		world->key_until_ms = now_ms + WORLD_KEY_MS;
	} else {
		world->handle_until_ms = 0;
		world->locked = false;
	}
	return verdict_done(true);
}

/* What this car has a motor for. */
static bool can_close(enum closure closure)
{
	return closure == CLOSURE_TRUNK || closure == CLOSURE_CHARGE_PORT;
}

/*
 * MOVE is a toggle where a motor can close: an open trunk closes on whoever
 * asks it to open.  It is what catches a client that repeats itself.
 */
static struct verdict do_move(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	bool *open = &world->open[deed->closure];
	bool want = deed->move == MOVE_OPEN;
	struct verdict verdict;

	if (deed->closure == CLOSURE_TONNEAU)
		return verdict_refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"this car has no tonneau");
	if (deed->closure == CLOSURE_FRUNK && world->access.valet.on)
		return verdict_refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"a valet does not open it");
	if (deed->move == MOVE_STOP)
		return verdict_done(false);
	if (deed->move == MOVE_TOGGLE)
		want = can_close(deed->closure) ? !*open : true;
	if (!want && !can_close(deed->closure))
		return verdict_refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"only a person can close it");
	if (world->gear != GEAR_P)
		return verdict_refused(GENERIC_ERROR(VEHICLE_NOT_IN_PARK),
			"the car is not in park");

	if (want)
		(void)world_wake(world, now_ms);
	verdict = verdict_set(open, want);
	verdict.did = closure_deed_name(deed->closure, want);
	return verdict;
}

struct verdict body_do(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	switch (deed->act) {
	case ACT_LOCK:
		return do_lock(world);
	case ACT_UNLOCK:
		return do_unlock(world, now_ms);
	case ACT_DRIVE:
		return do_drive(world, now_ms);
	case ACT_AUTOSECURE:
		return verdict_refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"this car has no motors in its doors");
	case ACT_AUTHENTICATE:
		return do_authenticate(world, now_ms, deed);
	case ACT_WAKE:
		return verdict_done(world_wake(world, now_ms));
	default:
		return do_move(world, now_ms, deed);
	}
}
