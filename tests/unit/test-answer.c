/* SPDX-License-Identifier: MIT */

#include "vehicle/answer.h"

#include <math.h>
#include <stdio.h>

#include "vectors.h"

#define NOW 77

static struct arena arena;
static struct car_state state;
static struct answer answer;

/* Reads @hex as the answer to @id; did state come with it? */
static bool read_answer(enum command_id id, const char *hex, bool is_proven)
{
	const struct command command = { .id = id };
	uint8_t bytes[256];
	size_t len = unhex(hex, bytes, sizeof(bytes));

	arena_reset(&arena);
	return answer_read(&arena, &command, (struct view){ bytes, len },
		is_proven, NOW, &state, &answer);
}

static void assert_answer(enum command_id id, const char *hex, int type)
{
	cr_assert_not(read_answer(id, hex, true));
	cr_assert_eq((int)answer.type, type, "%s: %d", hex, answer.type);
}

static void assert_refused(
	enum command_id id, const char *hex, enum vehicle_reason reason)
{
	assert_answer(id, hex, ANSWER_REFUSED);
	cr_assert_eq(answer.reason, reason, "%s", hex);
	cr_assert_neq(answer.why[0], '\0');
}

TEST(answer, vcsec_succeeds_by_saying_nothing)
{
	assert_answer(COMMAND_LOCK, "", ANSWER_DONE);
	/* An unknown field says nothing, either. */
	assert_answer(COMMAND_LOCK, "b83e01", ANSWER_DONE);
}

TEST(answer, vcsec_command_status_is_not_the_last_word)
{
	/* vehicle-protocol, appendix C */
	assert_answer(COMMAND_LOCK, "22020801", ANSWER_WAIT);
	assert_answer(COMMAND_LOCK, "220412020808", ANSWER_NONE);
	assert_answer(COMMAND_LOCK, "2200", ANSWER_NONE);
	assert_answer(COMMAND_LOCK, "22021a00", ANSWER_NONE);
	/* An error with a legacy status, with another, with none. */
	assert_answer(COMMAND_LOCK, "2206080212020808", ANSWER_NONE);
	assert_refused(COMMAND_LOCK, "220808021a0408191802", VEHICLE_FAILED);
	assert_refused(COMMAND_LOCK, "22020802", VEHICLE_FAILED);
	/* A whitelist is no answer to a lock. */
	assert_answer(COMMAND_LOCK, "820100", ANSWER_NONE);
}

TEST(answer, vcsec_nominal_errors_refuse)
{
	static const struct {
		const char *hex;
		enum vehicle_reason reason;
	} rows[] = {
		{ "f20200", VEHICLE_FAILED },
		{ "f202020801", VEHICLE_FAILED },
		{ "f202020802", VEHICLE_FAILED },
		{ "f202020803", VEHICLE_FAILED },
		{ "f202020804", VEHICLE_FORBIDDEN },
		{ "f202020805", VEHICLE_NOT_PARKED },
		{ "f202020806", VEHICLE_FORBIDDEN },
		{ "f202020807", VEHICLE_FORBIDDEN },
		{ "f202020863", VEHICLE_FAILED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refused(COMMAND_LOCK, rows[i].hex, rows[i].reason);
	/* Awake already is awake. */
	assert_answer(COMMAND_WAKE, "f202020803", ANSWER_DONE);
}

/* vehicle-protocol 8.3 */
TEST(answer, a_drive_is_refused_in_plain_words)
{
	assert_answer(COMMAND_DRIVE, "", ANSWER_DONE);
	assert_answer(COMMAND_DRIVE, "f202020803", ANSWER_DONE);

	/* No key would be allowed to, so none is asked for. */
	assert_refused(COMMAND_DRIVE, "f202020807", VEHICLE_FAILED);
	cr_assert_str_eq(answer.why,
		"this car starts no drive by a command over Bluetooth; no "
		"setting of the bridge changes that");
	assert_refused(COMMAND_DRIVE, "f202020806", VEHICLE_FORBIDDEN);
	cr_assert_not_null(strstr(answer.why, "start a drive"));
	assert_refused(COMMAND_DRIVE, "f202020805", VEHICLE_NOT_PARKED);
	/* Others have no sentence of their own. */
	assert_refused(COMMAND_DRIVE, "f202020802", VEHICLE_FAILED);
	cr_assert_str_eq(answer.why, "something is open");
	assert_refused(COMMAND_DRIVE, "f202020863", VEHICLE_FAILED);
}

TEST(answer, a_status_is_read_with_its_absent_fields_as_zero)
{
	car_state_init(&state);
	/* vehicle-protocol, appendix C: locked, asleep, nobody */
	cr_assert(read_answer(
		COMMAND_BODY_CONTROLLER_STATE, "0a080a00100118022001", false));
	cr_assert_eq(answer.type, ANSWER_DONE);
	cr_assert_eq(state.body.at_ms, NOW);
	cr_assert_eq(state.body.lock, CAR_LOCK_LOCKED);
	cr_assert_eq(state.body.sleep, CAR_SLEEP_ASLEEP);
	cr_assert_eq(state.body.user_present, CAR_NO);
	cr_assert_eq(state.body.any_door_open, CAR_NO);
	cr_assert_eq(state.body.trunk_open, CAR_NO);

	/* All left out: unlocked, all closed, the rest not told. */
	cr_assert(read_answer(COMMAND_BODY_CONTROLLER_STATE, "0a00", false));
	cr_assert_eq(state.body.lock, CAR_LOCK_UNLOCKED);
	cr_assert_eq(state.body.sleep, CAR_SLEEP_UNKNOWN);
	cr_assert_eq(state.body.user_present, CAR_UNKNOWN);
	cr_assert_eq(state.body.any_door_open, CAR_NO);
	cr_assert_eq(state.body.charge_port_open, CAR_NO);

	/* Rear right ajar, trunk opening, frunk unknown, port of a later
	 * kind; selectively unlocked, awake, somebody in it. */
	cr_assert(read_answer(COMMAND_BODY_CONTROLLER_STATE,
		"0a100a08200228053003386310031801"
		"2002",
		false));
	cr_assert_eq(state.body.any_door_open, CAR_YES);
	cr_assert_eq(state.body.trunk_open, CAR_YES);
	cr_assert_eq(state.body.frunk_open, CAR_UNKNOWN);
	cr_assert_eq(state.body.charge_port_open, CAR_UNKNOWN);
	cr_assert_eq(state.body.lock, CAR_LOCK_SELECTIVE);
	cr_assert_eq(state.body.sleep, CAR_SLEEP_AWAKE);
	cr_assert_eq(state.body.user_present, CAR_YES);

	/* A door of unknown state is not closed; internally locked. */
	cr_assert(read_answer(
		COMMAND_BODY_CONTROLLER_STATE, "0a060a0210031002", false));
	cr_assert_eq(state.body.any_door_open, CAR_UNKNOWN);
	cr_assert_eq(state.body.lock, CAR_LOCK_INTERNAL);
	cr_assert(read_answer(COMMAND_BODY_CONTROLLER_STATE,
		"0a061063186320"
		"63",
		false));
	cr_assert_eq(state.body.lock, CAR_LOCK_UNKNOWN);

	/* Asked for a status, nothing is no answer. */
	assert_answer(COMMAND_BODY_CONTROLLER_STATE, "", ANSWER_NONE);
}

TEST(answer, infotainment_says_ok_or_why_not)
{
	assert_answer(COMMAND_HONK, "0a00", ANSWER_DONE);
	assert_answer(COMMAND_HONK, "0a020800", ANSWER_DONE);
	/* No status at all is status 0. */
	assert_answer(COMMAND_HONK, "", ANSWER_DONE);
	assert_answer(COMMAND_PING, "4a020801", ANSWER_DONE);

	assert_refused(COMMAND_HONK, "0a020801", VEHICLE_FAILED);
	assert_refused(COMMAND_HONK, "0a0408011200", VEHICLE_FAILED);
	assert_refused(COMMAND_HONK, "0a020802", VEHICLE_FAILED);
	/* vehicle-protocol 4.1 */
	assert_refused(COMMAND_CHARGE_PORT_OPEN,
		"0a110801120d0a0b69735f6368617267696e67", VEHICLE_FAILED);
	cr_assert_str_eq(answer.why, "the car declines: \"is_charging\"");
	/* Not to a terminal as it is. */
	assert_refused(COMMAND_HONK, "0a09080112050a031b5b6d", VEHICLE_FAILED);
	cr_assert_str_eq(answer.why, "the car declines: \"?[m\"");
}

static void assert_error(enum command_id id, const char *text, int type)
{
	char hex[128];
	size_t len = strlen(text);

	(void)snprintf(hex, sizeof(hex), "0a%02zx080112%02zx0a%02zx", len + 6,
		len + 2, len);
	hex_encode((const uint8_t *)text, len, hex + strlen(hex));
	assert_answer(id, hex, type);
}

TEST(answer, already_so_is_done_where_that_makes_sense)
{
	assert_error(COMMAND_CLIMATE_OFF, "already off", ANSWER_DONE);
	assert_error(COMMAND_CLIMATE_ON, "climate already on", ANSWER_DONE);
	assert_error(COMMAND_CHARGE_PORT_OPEN, "already_open", ANSWER_DONE);
	assert_error(COMMAND_CHARGING_START, "is_charging", ANSWER_DONE);
	assert_error(COMMAND_CHARGING_STOP, "not_charging", ANSWER_DONE);
	/* The other way round, nothing is as it was asked for. */
	assert_error(COMMAND_CHARGING_STOP, "is_charging", ANSWER_REFUSED);
	assert_error(COMMAND_CHARGING_START, "not_charging", ANSWER_REFUSED);
	assert_error(COMMAND_CHARGING_START, "complete", ANSWER_REFUSED);
	/* A toggle has no "already". */
	assert_error(
		COMMAND_MEDIA_TOGGLE_PLAYBACK, "already on", ANSWER_REFUSED);
	assert_error(COMMAND_CHARGE_PORT_OPEN, "already in use by another",
		ANSWER_REFUSED);
	assert_error(COMMAND_CLIMATE_ON, "notalready on", ANSWER_REFUSED);
	assert_error(
		COMMAND_CLIMATE_ON, "low_power_mode_enforced", ANSWER_REFUSED);
}

TEST(answer, what_cannot_be_read_is_unclear)
{
	assert_answer(COMMAND_LOCK, "0aff", ANSWER_UNCLEAR);
	assert_answer(COMMAND_HONK, "0aff", ANSWER_UNCLEAR);
}

TEST(answer, drive_state_tells_the_gear)
{
	static const struct {
		const char *hex;
		enum car_gear gear;
	} rows[] = {
		{ "12022a00", CAR_GEAR_NONE },
		{ "12042a020a00", CAR_GEAR_UNKNOWN },
		{ "12062a040a020a00", CAR_GEAR_NONE },
		{ "12062a040a021200", CAR_GEAR_P },
		{ "12062a040a021a00", CAR_GEAR_R },
		{ "12062a040a022200", CAR_GEAR_N },
		{ "12062a040a022a00", CAR_GEAR_D },
		{ "12062a040a023200", CAR_GEAR_NONE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		car_state_init(&state);
		cr_assert(read_answer(COMMAND_STATE_DRIVE, rows[i].hex, true));
		cr_assert_eq(answer.type, ANSWER_DONE);
		cr_assert_eq(state.drive.at_ms, NOW);
		cr_assert_eq(state.drive.gear, rows[i].gear);
		cr_assert(isnan(state.drive.speed_mph));
	}
	/* 102 = 12, then 106 = 12.5, which is more exact. */
	cr_assert(read_answer(COMMAND_STATE_DRIVE, "12052a03b0060c", true));
	cr_assert_float_eq(state.drive.speed_mph, 12.0f, 1e-6f);
	cr_assert(read_answer(
		COMMAND_STATE_DRIVE, "120b2a09b0060cd50600004841", true));
	cr_assert_float_eq(state.drive.speed_mph, 12.5f, 1e-6f);
}

TEST(answer, closures_state_tells_absent_from_false)
{
	cr_assert(read_answer(COMMAND_STATE_CLOSURES, "12024a00", true));
	cr_assert_eq(state.closures.at_ms, NOW);
	cr_assert_eq(state.closures.locked, CAR_UNKNOWN);
	cr_assert_eq(state.closures.user_present, CAR_UNKNOWN);
	cr_assert_eq(state.closures.any_door_open, CAR_UNKNOWN);
	cr_assert_eq(state.closures.trunk_open, CAR_UNKNOWN);

	/* 101 to 106 false, 113 true, 114 false. */
	cr_assert(read_answer(COMMAND_STATE_CLOSURES,
		"121a4a18a80600b00600b80600c00600c80600d006008807019007"
		"00",
		true));
	cr_assert_eq(state.closures.locked, CAR_YES);
	cr_assert_eq(state.closures.user_present, CAR_NO);
	cr_assert_eq(state.closures.any_door_open, CAR_NO);
	cr_assert_eq(state.closures.trunk_open, CAR_NO);
	cr_assert_eq(state.closures.frunk_open, CAR_NO);

	/* One door open, nothing else told; rear trunk open. */
	cr_assert(read_answer(
		COMMAND_STATE_CLOSURES, "12084a06b00601d00601", true));
	cr_assert_eq(state.closures.any_door_open, CAR_YES);
	cr_assert_eq(state.closures.trunk_open, CAR_YES);
	cr_assert_eq(state.closures.frunk_open, CAR_UNKNOWN);
}

TEST(answer, media_state_tells_what_plays)
{
	static const enum car_playback playbacks[] = {
		CAR_PLAYBACK_STOPPED,
		CAR_PLAYBACK_PLAYING,
		CAR_PLAYBACK_PAUSED,
		CAR_PLAYBACK_UNKNOWN,
	};

	for (size_t i = 0; i < ARRAY_SIZE(playbacks); i++) {
		char hex[] = "1205a201024800";

		hex[13] = (char)('0' + i);
		cr_assert(read_answer(COMMAND_STATE_MEDIA, hex, true));
		cr_assert_eq(state.media.playback, playbacks[i]);
	}
	cr_assert(isnan(state.media.volume));
	cr_assert(read_answer(
		COMMAND_STATE_MEDIA, "120da2010a2d000080403d00002841", true));
	cr_assert_eq(state.media.playback, CAR_PLAYBACK_UNKNOWN);
	cr_assert_float_eq(state.media.volume, 4.0f, 1e-6f);
	cr_assert_float_eq(state.media.volume_max, 10.5f, 1e-6f);
}

TEST(answer, a_read_wants_its_own_part)
{
	car_state_init(&state);
	/* Nothing, an acknowledgement, empty data, another part. */
	assert_answer(COMMAND_STATE_DRIVE, "", ANSWER_NONE);
	assert_answer(COMMAND_STATE_DRIVE, "0a00", ANSWER_NONE);
	assert_answer(COMMAND_STATE_DRIVE, "0a001200", ANSWER_NONE);
	assert_answer(COMMAND_STATE_DRIVE, "0a0012024a00", ANSWER_NONE);
	assert_refused(COMMAND_STATE_DRIVE, "0a020801", VEHICLE_FAILED);
	cr_assert_eq(state.closures.at_ms, 0);
}

TEST(answer, keys_and_chargers_want_their_own_answer)
{
	car_state_init(&state);
	assert_answer(COMMAND_LIST_KEYS, "820100", ANSWER_DONE);
	assert_answer(COMMAND_LIST_KEYS, "", ANSWER_NONE);
	assert_answer(COMMAND_KEY_ENTRY, "820100", ANSWER_NONE);
	/* A status in between is heard, but it is not the list. */
	cr_assert(read_answer(COMMAND_LIST_KEYS, "0a00", false));
	cr_assert_eq(answer.type, ANSWER_NONE);
	cr_assert_eq(state.body.at_ms, NOW);

	assert_answer(COMMAND_NEARBY_CHARGING, "2a00", ANSWER_DONE);
	assert_answer(COMMAND_NEARBY_CHARGING, "0a00", ANSWER_NONE);
	assert_answer(COMMAND_STATE_DRIVE, "2a00", ANSWER_NONE);
}

TEST(answer, state_in_the_clear_is_not_believed)
{
	car_state_init(&state);
	cr_assert_not(
		read_answer(COMMAND_STATE_DRIVE, "12062a040a021200", false));
	cr_assert_eq(answer.type, ANSWER_REFUSED);
	cr_assert_eq(state.drive.at_ms, 0);
}

TEST(answer, unknown_fields_are_skipped)
{
	/* A field 999 beside the gear. */
	cr_assert(read_answer(
		COMMAND_STATE_DRIVE, "120a2a08ba3e01aa0a021200", true));
	cr_assert_eq(state.drive.gear, CAR_GEAR_P);
}
