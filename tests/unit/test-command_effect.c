/* SPDX-License-Identifier: MIT */

#include "model/command.h"
#include "test.h"

static void parse(const char *text, struct command *ret)
{
	char why[WHY_SIZE] = "";

	cr_assert_eq(command_parse(text, ret, why), 0, "%s: %s", text, why);
}

static void assert_effect(const char *text, const struct car_state *state,
	uint64_t since_ms, enum effect want)
{
	struct command command;

	parse(text, &command);
	cr_assert_eq(
		command_effect(&command, state, since_ms), want, "%s", text);
}

TEST(effect, is_unknown_until_it_was_read)
{
	struct car_state state;

	car_state_init(&state);
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		struct command command = { .id = (enum command_id)i };

		cr_assert_eq(
			command_effect(&command, &state, 0), EFFECT_UNKNOWN);
	}
}

/* A command whose read-back shows nothing of it would be judged by chance. */
TEST(effect, of_all_that_is_read_back_is_seen)
{
	struct car_state state;

	car_state_init(&state);
	state.body.at_ms = state.closures.at_ms = state.media.at_ms = 50;
	state.charge.at_ms = state.climate.at_ms = 50;
	state.software.at_ms = state.parental.at_ms = 50;
	state.body.sleep = CAR_SLEEP_AWAKE;
	state.closures.locked = CAR_YES;
	state.closures.trunk_open = CAR_YES;
	state.closures.frunk_open = CAR_YES;
	state.closures.remote_start = CAR_YES;
	state.closures.tonneau_open = CAR_YES;
	state.closures.any_door_open = CAR_NO;
	state.closures.any_window_open = CAR_YES;
	state.closures.all_windows_open = CAR_YES;
	state.closures.sun_roof = CAR_SUN_ROOF_OPEN;
	state.closures.sentry = CAR_SENTRY_ARMED;
	state.closures.valet_mode = CAR_YES;
	state.closures.speed_limit_active = CAR_YES;
	state.closures.speed_limit_mph = 55;
	state.charge.charge_port_open = CAR_YES;
	state.charge.charging = CAR_CHARGING_CHARGING;
	state.charge.limit = 80;
	state.charge.amps = 16;
	state.charge.scheduled = CAR_YES;
	state.charge.schedule_min = 0;
	state.charge.departing = CAR_YES;
	state.charge.departure_min = 0;
	state.charge.departure_warm = 0;
	state.climate.on = CAR_YES;
	state.climate.driver_c = state.climate.passenger_c = 21;
	state.climate.keeper = CAR_KEEPER_DOG;
	state.climate.defrost = CAR_DEFROST_OFF;
	state.climate.wheel_heater = CAR_YES;
	state.climate.bioweapon = CAR_NO;
	state.climate.overheat = CAR_OVERHEAT_OFF;
	state.climate.overheat_temp = 2;
	state.media.volume = 4;
	state.media.playback = CAR_PLAYBACK_PLAYING;
	state.software.update = CAR_UPDATE_AVAILABLE;
	state.parental.active = CAR_YES;
	state.parental.speed_limit_mph = 55;
	state.parental.speed_limit = CAR_YES;
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		struct command command = { .id = (enum command_id)i };
		const struct command_info *info = command_info(command.id);

		/* Seats have no seat 0. */
		if (info->read_back != COMMAND_NONE &&
			i != COMMAND_SEAT_HEATER && i != COMMAND_SEAT_COOLER)
			cr_assert_neq(command_effect(&command, &state, 50),
				EFFECT_UNKNOWN, "%s", info->name);
	}
}

TEST(effect, of_locks_and_lids_is_in_the_closures)
{
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = 50;
	assert_effect("lock", &state, 50, EFFECT_UNKNOWN);
	state.closures.locked = CAR_YES;
	state.closures.trunk_open = CAR_YES;
	state.closures.frunk_open = CAR_NO;
	assert_effect("lock", &state, 50, EFFECT_PRESENT);
	assert_effect("unlock", &state, 50, EFFECT_ABSENT);
	assert_effect("trunk", &state, 50, EFFECT_PRESENT);
	assert_effect("frunk", &state, 50, EFFECT_ABSENT);
	/* Each by its own part: a trunk that closes does not unlock. */
	assert_effect("autosecure-modelx", &state, 50, EFFECT_UNKNOWN);
	state.closures.any_door_open = CAR_YES;
	assert_effect("autosecure-modelx", &state, 50, EFFECT_ABSENT);
	state.closures.any_door_open = CAR_NO;
	assert_effect("autosecure-modelx", &state, 50, EFFECT_PRESENT);
	assert_effect("trunk-close", &state, 50, EFFECT_ABSENT);
	state.closures.trunk_open = CAR_NO;
	assert_effect("trunk-close", &state, 50, EFFECT_PRESENT);
	state.closures.trunk_open = CAR_UNKNOWN;
	assert_effect("trunk-close", &state, 50, EFFECT_UNKNOWN);
	state.closures.locked = CAR_NO;
	assert_effect("autosecure-modelx", &state, 50, EFFECT_ABSENT);
	assert_effect("unlock", &state, 50, EFFECT_PRESENT);
	state.closures.locked = CAR_YES;
	/* What was read before the command shows nothing of it. */
	assert_effect("lock", &state, 51, EFFECT_UNKNOWN);
	/* Nor does the status in the clear, which anyone can send. */
	state.closures.at_ms = 0;
	state.body.at_ms = 60;
	state.body.lock = CAR_LOCK_LOCKED;
	assert_effect("lock", &state, 0, EFFECT_UNKNOWN);
}

/* Who has driven off has ended the remote start as well. */
TEST(effect, of_a_drive_is_absent_only_in_an_empty_car)
{
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = 50;
	assert_effect("drive", &state, 50, EFFECT_UNKNOWN);
	state.closures.remote_start = CAR_YES;
	assert_effect("drive", &state, 50, EFFECT_PRESENT);
	assert_effect("drive", &state, 51, EFFECT_UNKNOWN);
	state.closures.user_present = CAR_YES;
	assert_effect("drive", &state, 50, EFFECT_PRESENT);
	state.closures.remote_start = CAR_NO;
	assert_effect("drive", &state, 50, EFFECT_UNKNOWN);
	state.closures.user_present = CAR_UNKNOWN;
	assert_effect("drive", &state, 50, EFFECT_UNKNOWN);
	state.closures.user_present = CAR_NO;
	assert_effect("drive", &state, 50, EFFECT_ABSENT);
}

TEST(effect, of_a_wake_is_a_car_awake)
{
	struct car_state state;

	car_state_init(&state);
	state.body.at_ms = 50;
	assert_effect("wake", &state, 50, EFFECT_UNKNOWN);
	state.body.sleep = CAR_SLEEP_AWAKE;
	assert_effect("wake", &state, 50, EFFECT_PRESENT);
	assert_effect("wake", &state, 51, EFFECT_UNKNOWN);
	state.body.sleep = CAR_SLEEP_ASLEEP;
	assert_effect("wake", &state, 50, EFFECT_ABSENT);
}

TEST(effect, of_media_is_what_plays_and_how_loud)
{
	struct car_state state;

	car_state_init(&state);
	state.media.at_ms = 50;
	assert_effect("media-play", &state, 50, EFFECT_UNKNOWN);
	assert_effect("media-volume 4", &state, 50, EFFECT_UNKNOWN);
	state.media.playback = CAR_PLAYBACK_PAUSED;
	assert_effect("media-play", &state, 50, EFFECT_ABSENT);
	state.media.playback = CAR_PLAYBACK_PLAYING;
	assert_effect("media-play", &state, 50, EFFECT_PRESENT);
	/* The car rounds to its thirds; one less was there before. */
	state.media.volume = 4.333f;
	assert_effect("media-volume 4", &state, 50, EFFECT_ABSENT);
	assert_effect("media-volume 4.3", &state, 50, EFFECT_PRESENT);
	assert_effect("media-volume 4.5", &state, 50, EFFECT_PRESENT);
	assert_effect("media-volume 4.7", &state, 50, EFFECT_ABSENT);
	assert_effect("media-volume 5", &state, 50, EFFECT_ABSENT);
	assert_effect("media-volume 4", &state, 51, EFFECT_UNKNOWN);
}

TEST(effect, of_modes_is_in_the_closures)
{
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = 50;
	assert_effect("sentry-mode on", &state, 50, EFFECT_UNKNOWN);
	assert_effect("sentry-mode off", &state, 50, EFFECT_UNKNOWN);
	assert_effect("sunroof-close", &state, 50, EFFECT_UNKNOWN);
	assert_effect("speed-limit-set 60mph", &state, 50, EFFECT_UNKNOWN);
	state.closures.sentry = CAR_SENTRY_AWARE;
	state.closures.valet_mode = CAR_YES;
	state.closures.speed_limit_active = CAR_NO;
	/* As the car has it, of 90km/h. */
	state.closures.speed_limit_mph = 56;
	state.closures.any_window_open = CAR_YES;
	state.closures.sun_roof = CAR_SUN_ROOF_VENT;
	state.closures.tonneau_open = CAR_NO;
	assert_effect("sentry-mode on", &state, 50, EFFECT_PRESENT);
	assert_effect("sentry-mode off", &state, 50, EFFECT_ABSENT);
	assert_effect("valet-mode-on file:/p", &state, 50, EFFECT_PRESENT);
	assert_effect("valet-mode-off", &state, 50, EFFECT_ABSENT);
	assert_effect(
		"speed-limit-activate file:/p", &state, 50, EFFECT_ABSENT);
	assert_effect(
		"speed-limit-deactivate file:/p", &state, 50, EFFECT_PRESENT);
	assert_effect("speed-limit-set 90km/h", &state, 50, EFFECT_PRESENT);
	assert_effect("speed-limit-set 90mph", &state, 50, EFFECT_ABSENT);
	assert_effect("windows-vent", &state, 50, EFFECT_UNKNOWN);
	state.closures.all_windows_open = CAR_NO;
	assert_effect("windows-vent", &state, 50, EFFECT_ABSENT);
	state.closures.all_windows_open = CAR_YES;
	assert_effect("windows-vent", &state, 50, EFFECT_PRESENT);
	assert_effect("windows-close", &state, 50, EFFECT_ABSENT);
	assert_effect("sunroof-vent", &state, 50, EFFECT_PRESENT);
	assert_effect("sunroof-open 50", &state, 50, EFFECT_ABSENT);
	assert_effect("sunroof-close", &state, 50, EFFECT_ABSENT);
	state.closures.sun_roof = CAR_SUN_ROOF_MOVING;
	assert_effect("sunroof-open 50", &state, 50, EFFECT_UNKNOWN);
	assert_effect("sunroof-close", &state, 50, EFFECT_UNKNOWN);
	assert_effect("tonneau-open", &state, 50, EFFECT_ABSENT);
	assert_effect("tonneau-close", &state, 50, EFFECT_PRESENT);
	assert_effect("windows-vent", &state, 51, EFFECT_UNKNOWN);
}

TEST(effect, of_charging_is_in_the_charge)
{
	struct car_state state;

	car_state_init(&state);
	state.charge.at_ms = 50;
	assert_effect("charging-start", &state, 50, EFFECT_UNKNOWN);
	assert_effect("charging-set-limit 80", &state, 50, EFFECT_UNKNOWN);
	state.charge.charge_port_open = CAR_YES;
	state.charge.charging = CAR_CHARGING_STOPPED;
	state.charge.limit = 80;
	state.charge.amps = 16;
	state.charge.scheduled = CAR_YES;
	state.charge.schedule_min = 90;
	state.charge.departing = CAR_NO;
	assert_effect("charge-port-open", &state, 50, EFFECT_PRESENT);
	assert_effect("charge-door-open", &state, 50, EFFECT_PRESENT);
	assert_effect("charge-port-close", &state, 50, EFFECT_ABSENT);
	assert_effect("charge-door-close", &state, 50, EFFECT_ABSENT);
	assert_effect("charging-start", &state, 50, EFFECT_ABSENT);
	assert_effect("charging-stop", &state, 50, EFFECT_PRESENT);
	assert_effect("charging-set-limit 80", &state, 50, EFFECT_PRESENT);
	assert_effect("charging-set-limit 81", &state, 50, EFFECT_ABSENT);
	assert_effect("charging-set-amps 16", &state, 50, EFFECT_PRESENT);
	assert_effect("charging-schedule 01:30", &state, 50, EFFECT_PRESENT);
	assert_effect("charging-schedule 01:31", &state, 50, EFFECT_ABSENT);
	assert_effect("charging-schedule-cancel", &state, 50, EFFECT_ABSENT);
	assert_effect("scheduled-departure 07:30", &state, 50, EFFECT_ABSENT);
	assert_effect("scheduled-departure-cancel", &state, 50, EFFECT_PRESENT);
	state.charge.departing = CAR_YES;
	state.charge.departure_min = 450;
	assert_effect("scheduled-departure 07:30", &state, 50, EFFECT_UNKNOWN);
	state.charge.departure_warm = 2;
	assert_effect("scheduled-departure 07:30", &state, 50, EFFECT_ABSENT);
	assert_effect("scheduled-departure 07:30 weekdays", &state, 50,
		EFFECT_PRESENT);
	/* Off peak or not, it does not tell. */
	assert_effect("scheduled-departure 07:30 weekdays all", &state, 50,
		EFFECT_UNKNOWN);
	assert_effect(
		"scheduled-departure 07:30 all all", &state, 50, EFFECT_ABSENT);
	/* Whether it charges, nobody knows of these. */
	state.charge.charging = CAR_CHARGING_CALIBRATING;
	assert_effect("charging-start", &state, 50, EFFECT_UNKNOWN);
	state.charge.charging = CAR_CHARGING_STARTING;
	assert_effect("charging-start", &state, 50, EFFECT_PRESENT);
	assert_effect("charging-stop", &state, 50, EFFECT_ABSENT);
	assert_effect("charging-start", &state, 51, EFFECT_UNKNOWN);
}

TEST(effect, of_the_climate_is_seat_by_seat)
{
	struct car_state state;

	car_state_init(&state);
	state.climate.at_ms = 50;
	assert_effect("climate-on", &state, 50, EFFECT_UNKNOWN);
	assert_effect("climate-keeper dog", &state, 50, EFFECT_UNKNOWN);
	assert_effect(
		"seat-heater 3rd-row-right low", &state, 50, EFFECT_UNKNOWN);
	state.climate.on = CAR_YES;
	state.climate.driver_c = 21;
	state.climate.keeper = CAR_KEEPER_CAMP;
	state.climate.defrost = CAR_DEFROST_NORMAL;
	state.climate.wheel_heater = CAR_NO;
	state.climate.bioweapon = CAR_YES;
	state.climate.overheat = CAR_OVERHEAT_FAN_ONLY;
	state.climate.overheat_temp = 3;
	state.climate.seat_heaters[CAR_SEAT_FRONT_LEFT] = 3;
	state.climate.seat_heaters[CAR_SEAT_THIRD_RIGHT] = 1;
	state.climate.seat_coolers[1] = 2;
	state.climate.auto_seats[0] = CAR_YES;
	state.climate.auto_seats[1] = CAR_NO;
	assert_effect("climate-on", &state, 50, EFFECT_PRESENT);
	assert_effect("climate-off", &state, 50, EFFECT_ABSENT);
	/* One side that differs is enough; one that is not told is not. */
	assert_effect("climate-set-temp 21c", &state, 50, EFFECT_UNKNOWN);
	assert_effect("climate-set-temp 23c", &state, 50, EFFECT_ABSENT);
	/* A step beside it was there before. */
	state.climate.passenger_c = 21.5f;
	assert_effect("climate-set-temp 21c", &state, 50, EFFECT_ABSENT);
	state.climate.passenger_c = 21.1f;
	assert_effect("climate-set-temp 21c", &state, 50, EFFECT_PRESENT);
	assert_effect("climate-set-temp 70f", &state, 50, EFFECT_PRESENT);
	assert_effect("climate-keeper camp", &state, 50, EFFECT_PRESENT);
	assert_effect("climate-keeper off", &state, 50, EFFECT_ABSENT);
	assert_effect("preconditioning-max on", &state, 50, EFFECT_ABSENT);
	assert_effect("preconditioning-max off", &state, 50, EFFECT_PRESENT);
	assert_effect("steering-wheel-heater off", &state, 50, EFFECT_PRESENT);
	assert_effect("bioweapon-mode on", &state, 50, EFFECT_PRESENT);
	assert_effect("cabin-overheat-protection fan-only", &state, 50,
		EFFECT_PRESENT);
	assert_effect(
		"cabin-overheat-protection on", &state, 50, EFFECT_ABSENT);
	assert_effect("cabin-overheat-temp high", &state, 50, EFFECT_PRESENT);
	assert_effect(
		"seat-heater front-left high", &state, 50, EFFECT_PRESENT);
	assert_effect("seat-heater front-left low", &state, 50, EFFECT_ABSENT);
	assert_effect(
		"seat-heater 3rd-row-right low", &state, 50, EFFECT_PRESENT);
	assert_effect(
		"seat-heater 2nd-row-left low", &state, 50, EFFECT_UNKNOWN);
	assert_effect(
		"seat-cooler front-right medium", &state, 50, EFFECT_PRESENT);
	assert_effect("auto-seat-and-climate L", &state, 50, EFFECT_PRESENT);
	assert_effect("auto-seat-and-climate LR", &state, 50, EFFECT_ABSENT);
	assert_effect(
		"auto-seat-and-climate R off", &state, 50, EFFECT_PRESENT);
}

TEST(effect, of_software_and_young_drivers_is_in_parts_of_their_own)
{
	struct car_state state;

	car_state_init(&state);
	state.software.at_ms = 50;
	state.parental.at_ms = 50;
	assert_effect("software-update-cancel", &state, 50, EFFECT_UNKNOWN);
	assert_effect(
		"parental-controls-off file:/p", &state, 50, EFFECT_UNKNOWN);
	state.software.update = CAR_UPDATE_SCHEDULED;
	assert_effect("software-update-start 2h", &state, 50, EFFECT_PRESENT);
	assert_effect("software-update-cancel", &state, 50, EFFECT_ABSENT);
	state.software.update = CAR_UPDATE_AVAILABLE;
	assert_effect("software-update-cancel", &state, 50, EFFECT_PRESENT);
	state.parental.active = CAR_YES;
	state.parental.curfew = CAR_YES;
	state.parental.speed_limit_mph = 60;
	assert_effect(
		"parental-controls-on file:/p", &state, 50, EFFECT_PRESENT);
	assert_effect(
		"parental-controls-off file:/p", &state, 50, EFFECT_ABSENT);
	assert_effect("parental-controls-set-speed-limit 60mph", &state, 50,
		EFFECT_PRESENT);
	assert_effect("parental-controls-enable-setting curfew on", &state, 50,
		EFFECT_PRESENT);
	assert_effect("parental-controls-enable-setting curfew off", &state, 50,
		EFFECT_ABSENT);
	/* Not told: the state has no field for it. */
	assert_effect("parental-controls-enable-setting arcade-blocked on",
		&state, 50, EFFECT_UNKNOWN);
}
