/* SPDX-License-Identifier: MIT */

#include "vehicle/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "car_server.pb-c.h"
#include "vcsec.pb-c.h"
#include "vectors.h"

/* Makes @field present; which member of its oneof it is, is its number. */
#define TELL(message, field, number, value)           \
	((message)->optional_##field##_case = number, \
		(message)->field = (value))

static struct arena arena;
static struct report report;
static CarServer__Void nothing = CAR_SERVER__VOID__INIT;

static bool read_bytes(enum command_id id, const uint8_t *bytes, size_t len)
{
	arena_reset(&arena);
	return report_read(&arena, id, (struct view){ bytes, len }, &report);
}

static bool read_hex(enum command_id id, const char *hex)
{
	uint8_t bytes[512];

	return read_bytes(id, bytes, unhex(hex, bytes, sizeof(bytes)));
}

/* As the car would answer with @data. */
static void tell(enum command_id id, CarServer__VehicleData *data)
{
	CarServer__Response response = CAR_SERVER__RESPONSE__INIT;
	uint8_t bytes[2048];

	response.response_msg_case =
		CAR_SERVER__RESPONSE__RESPONSE_MSG_VEHICLE_DATA;
	response.vehicle_data = data;
	cr_assert_leq(car_server__response__get_packed_size(&response),
		sizeof(bytes));
	cr_assert(read_bytes(
		id, bytes, car_server__response__pack(&response, bytes)));
}

static const struct report_fact *fact(const char *name)
{
	for (size_t i = 0; i < report.n_facts; i++)
		if (strcmp(report.facts[i].name, name) == 0)
			return &report.facts[i];
	cr_assert_fail("%s is not told", name);
	return NULL;
}

static void assert_absent(const char *name)
{
	cr_assert_eq(fact(name)->kind, REPORT_ABSENT, "%s", name);
}

static void assert_truth(const char *name, bool value)
{
	cr_assert_eq(fact(name)->kind, REPORT_TRUTH, "%s", name);
	cr_assert_eq(fact(name)->number != 0, value, "%s", name);
}

static void assert_number(const char *name, double value, const char *unit)
{
	cr_assert_eq(fact(name)->kind, REPORT_NUMBER, "%s", name);
	cr_assert(fabs(fact(name)->number - value) < 1e-9, "%s: %.17g", name,
		fact(name)->number);
	cr_assert_str_eq(fact(name)->unit, unit, "%s", name);
}

static void assert_time(const char *name, double value)
{
	cr_assert_eq(fact(name)->kind, REPORT_TIME, "%s", name);
	cr_assert(fabs(fact(name)->number - value) < 1e-9, "%s", name);
}

static void assert_word(const char *name, const char *word)
{
	cr_assert_eq(fact(name)->kind, REPORT_WORD, "%s", name);
	cr_assert_str_eq(fact(name)->text, word, "%s", name);
}

static void assert_text(const char *name, const char *text)
{
	cr_assert_eq(fact(name)->kind, REPORT_TEXT, "%s", name);
	cr_assert_str_eq(fact(name)->text, text, "%s", name);
}

TEST(report, absent_is_told_and_is_not_zero)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeState charge = CAR_SERVER__CHARGE_STATE__INIT;

	data.charge_state = &charge;
	tell(COMMAND_STATE_CHARGE, &data);
	cr_assert_eq(
		report.n_facts, car_server__charge_state__descriptor.n_fields);
	cr_assert_not(report.is_cut);
	for (size_t i = 0; i < report.n_facts; i++)
		cr_assert_eq(report.facts[i].kind, REPORT_ABSENT);

	TELL(&charge, battery_level, 114, 0);
	TELL(&charge, charge_port_door_open, 127, 0);
	tell(COMMAND_STATE_CHARGE, &data);
	assert_number("battery_level", 0, "%");
	assert_truth("charge_port_door_open", false);
	assert_absent("usable_battery_level");
}

TEST(report, units_are_metric_and_names_do_not_say_otherwise)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeState charge = CAR_SERVER__CHARGE_STATE__INIT;
	CarServer__DriveState drive = CAR_SERVER__DRIVE_STATE__INIT;
	CarServer__ClimateState climate = CAR_SERVER__CLIMATE_STATE__INIT;
	CarServer__TirePressureState tires =
		CAR_SERVER__TIRE_PRESSURE_STATE__INIT;

	data.charge_state = &charge;
	TELL(&charge, battery_range, 111, 200.5f);
	TELL(&charge, charge_rate_mph, 126, 10);
	TELL(&charge, charge_miles_added_rated, 117, 3.0f);
	TELL(&charge, charger_voltage, 119, 230);
	TELL(&charge, charger_actual_current, 121, 16);
	TELL(&charge, powershare_instantaneous_load_kw, 172, 1.1f);
	tell(COMMAND_STATE_CHARGE, &data);
	assert_number("battery_range", 322.7, "km");
	assert_number("charge_rate", 16.1, "km/h");
	assert_number("charge_range_added_rated", 4.8, "km");
	assert_number("charger_voltage", 230, "V");
	assert_number("charger_actual_current", 16, "A");
	assert_number("powershare_instantaneous_load", 1.1, "kW");

	data.drive_state = &drive;
	TELL(&drive, odometer_in_hundredths_of_a_mile, 105, 2100021);
	TELL(&drive, speed, 102, 100);
	TELL(&drive, power, 103, -12);
	tell(COMMAND_STATE_DRIVE, &data);
	assert_number("odometer", 33796.6, "km");
	assert_number("speed", 160.9, "km/h");
	assert_number("power", -12, "kW");

	/* A float is no more exact than it is. */
	data.climate_state = &climate;
	TELL(&climate, inside_temp_celsius, 101, 20.1f);
	TELL(&climate, outside_temp_celsius, 102, (float)NAN);
	tell(COMMAND_STATE_CLIMATE, &data);
	assert_number("inside_temp", 20.1, "degrees C");
	assert_absent("outside_temp");

	data.tire_pressure_state = &tires;
	TELL(&tires, tpms_pressure_fl, 2, 2.9f);
	TELL(&tires, tpms_pressure_fr, 3, (float)INFINITY);
	tell(COMMAND_STATE_TIRE_PRESSURE, &data);
	assert_number("tpms_pressure_fl", 2.9, "bar");
	assert_absent("tpms_pressure_fr");
}

TEST(report, no_name_speaks_of_a_unit_that_is_not_told)
{
	static const char *const units[] = { "mph", "mile", "celsius", "_kw",
		"_sec", "_ms" };
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	const ProtobufCMessageDescriptor *type = data.base.descriptor;

	/* Each part, empty, by its number. */
	for (int id = 0; id < _COMMAND_N; id++) {
		for (unsigned int i = 0; i < type->n_fields; i++) {
			uint8_t hex[] = { 0x12, 3, 0, 1, 0 };

			hex[2] = (uint8_t)((type->fields[i].id << 3 | 2) &
					   0x7f) |
				 0x80;
			hex[3] = (uint8_t)(type->fields[i].id >> 4);
			if (command_info((enum command_id)id)->domain !=
					DOMAIN_INFOTAINMENT ||
				!read_bytes(
					(enum command_id)id, hex, sizeof(hex)))
				continue;
			for (size_t j = 0; j < report.n_facts; j++)
				for (size_t k = 0; k < ARRAY_SIZE(units); k++)
					cr_assert_null(
						strstr(report.facts[j].name,
							units[k]),
						"%s", report.facts[j].name);
		}
	}
}

TEST(report, choices_and_enums_are_words)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeState charge = CAR_SERVER__CHARGE_STATE__INIT;
	CarServer__ChargeState__ChargingState charging =
		CAR_SERVER__CHARGE_STATE__CHARGING_STATE__INIT;
	CarServer__ChargeState__ChargerType charger =
		CAR_SERVER__CHARGE_STATE__CHARGER_TYPE__INIT;

	data.charge_state = &charge;
	charging.type_case =
		CAR_SERVER__CHARGE_STATE__CHARGING_STATE__TYPE_NO_POWER;
	charging.no_power = &nothing;
	charge.charging_state = &charging;
	/* It is there, and says nothing that is known here. */
	charge.fast_charger_type = &charger;
	TELL(&charge, charge_port_color, 155,
		CAR_SERVER__CHARGE_STATE__CHARGE_PORT_COLOR__E__ChargePortColorFlashingGreen);
	TELL(&charge, powershare_stop_reason, 171,
		CAR_SERVER__CHARGE_STATE__POWERSHARE_STOP_REASON__PowershareStopReasonSOCTooLow);
	TELL(&charge, scheduled_charging_mode, 148, 77);
	tell(COMMAND_STATE_CHARGE, &data);
	assert_word("charging_state", "no-power");
	assert_absent("fast_charger_type");
	assert_absent("fast_charger_brand");
	assert_word("charge_port_color", "flashing-green");
	assert_word("powershare_stop_reason", "soc-too-low");
	/* A number of later firmware. */
	assert_number("scheduled_charging_mode", 77, "");
}

TEST(report, words_lose_the_name_of_their_type)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__MediaState media = CAR_SERVER__MEDIA_STATE__INIT;
	CarServer__ClimateState climate = CAR_SERVER__CLIMATE_STATE__INIT;

	data.media_state = &media;
	TELL(&media, now_playing_source, 8, 13);
	TELL(&media, media_playback_status, 9, 1);
	tell(COMMAND_STATE_MEDIA, &data);
	assert_word("now_playing_source", "us-radio");
	assert_word("media_playback_status", "playing");

	/* "HvacAutoRequestOn" and "...Override" share an O. */
	data.climate_state = &climate;
	TELL(&climate, hvac_auto_request, 150, 0);
	TELL(&climate, steering_wheel_heat_level, 148, 3);
	TELL(&climate, cop_not_running_reason, 151, 6);
	tell(COMMAND_STATE_CLIMATE, &data);
	assert_word("hvac_auto_request", "on");
	assert_word("steering_wheel_heat_level", "high");
	assert_word("cop_not_running_reason", "cabin-below-threshold");
}

TEST(report, what_is_inside_stands_behind_a_dot)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ClosuresState closures = CAR_SERVER__CLOSURES_STATE__INIT;
	CarServer__SpeedLimitMode limit = CAR_SERVER__SPEED_LIMIT_MODE__INIT;
	CarServer__Timestamp at = CAR_SERVER__TIMESTAMP__INIT;

	data.closures_state = &closures;
	tell(COMMAND_STATE_CLOSURES, &data);
	assert_absent("speed_limit_mode");
	assert_absent("timestamp");

	closures.speed_limit_mode = &limit;
	TELL(&limit, active, 103, 1);
	TELL(&limit, current_limit_mph, 108, 50);
	at.seconds = 1700000000;
	closures.timestamp = &at;
	tell(COMMAND_STATE_CLOSURES, &data);
	assert_truth("speed_limit_mode.active", true);
	assert_number("speed_limit_mode.current_limit", 80.5, "km/h");
	assert_absent("speed_limit_mode.pin_code_set");
	assert_time("timestamp", 1700000000);
}

TEST(report, a_choice_may_say_more)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeState charge = CAR_SERVER__CHARGE_STATE__INIT;
	CarServer__ManagedChargingState managed =
		CAR_SERVER__MANAGED_CHARGING_STATE__INIT;
	CarServer__ChargeOnSolarState solar =
		CAR_SERVER__CHARGE_ON_SOLAR_STATE__INIT;
	CarServer__ChargeOnSolarStateNoChargeRecommended why =
		CAR_SERVER__CHARGE_ON_SOLAR_STATE_NO_CHARGE_RECOMMENDED__INIT;

	data.charge_state = &charge;
	charge.managed_charging_state = &managed;
	managed.charge_on_solar_state = &solar;
	solar.state_case =
		CAR_SERVER__CHARGE_ON_SOLAR_STATE__STATE_NO_CHARGE_RECOMMENDED;
	solar.no_charge_recommended = &why;
	tell(COMMAND_STATE_CHARGE, &data);
	assert_word("managed_charging_state.charge_on_solar_state",
		"no-charge-recommended");
	cr_assert_eq(fact("managed_charging_state.charge_on_solar_state.reason")
			     ->kind,
		REPORT_WORD);
}

TEST(report, a_list_tells_how_many_and_each)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeScheduleState state =
		CAR_SERVER__CHARGE_SCHEDULE_STATE__INIT;
	CarServer__ChargeSchedule schedules[2];
	CarServer__ChargeSchedule *list[] = { &schedules[0], &schedules[1] };
	char name[] = "Home";

	for (size_t i = 0; i < ARRAY_SIZE(schedules); i++)
		car_server__charge_schedule__init(&schedules[i]);
	data.charge_schedule_state = &state;
	tell(COMMAND_STATE_CHARGE_SCHEDULE, &data);
	assert_number("charge_schedules", 0, "");

	schedules[0].id = 1700000000;
	schedules[1].name = name;
	schedules[1].enabled = true;
	schedules[1].latitude = 52.3673f;
	schedules[1].start_time = 90;
	state.n_charge_schedules = 2;
	state.charge_schedules = list;
	tell(COMMAND_STATE_CHARGE_SCHEDULE, &data);
	assert_number("charge_schedules", 2, "");
	assert_number("charge_schedules.1.id", 1700000000, "");
	assert_truth("charge_schedules.1.enabled", false);
	assert_absent("charge_schedules.1.name");
	assert_text("charge_schedules.2.name", "Home");
	assert_number("charge_schedules.2.start_time", 90, REPORT_OF_DAY);
	assert_truth("charge_schedules.2.enabled", true);
	assert_number("charge_schedules.2.latitude", 52.3673, "degrees");
}

TEST(report, times_are_times_whatever_the_car_counts_in)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__SoftwareUpdateState software =
		CAR_SERVER__SOFTWARE_UPDATE_STATE__INIT;

	data.software_update_state = &software;
	TELL(&software, scheduled_time_ms, 102, UINT64_C(1700000000999));
	TELL(&software, warning_time_remaining_ms, 103, 119500);
	TELL(&software, expected_duration_sec, 104, 1500);
	tell(COMMAND_STATE_SOFTWARE_UPDATE, &data);
	assert_time("scheduled_time", 1700000000);
	assert_number("warning_time_remaining", 119.5, "s");
	assert_number("expected_duration", 1500, "s");
}

TEST(report, foreign_text_is_printable_and_bounded)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__MediaState media = CAR_SERVER__MEDIA_STATE__INIT;
	char title[] = "\x1b[2Jbell\a caf\xc3\xa9 \xff";
	char artist[400];

	memset(artist, 'a', sizeof(artist) - 1);
	artist[sizeof(artist) - 1] = '\0';
	data.media_state = &media;
	TELL(&media, now_playing_title, 4, title);
	TELL(&media, now_playing_artist, 3, artist);
	tell(COMMAND_STATE_MEDIA, &data);
	assert_text("now_playing_title", "?[2Jbell? caf\xc3\xa9 ?");
	cr_assert_eq(
		strlen(fact("now_playing_artist")->text), REPORT_TEXT_SIZE - 1);
	cr_assert_str_eq(
		fact("now_playing_artist")->text + REPORT_TEXT_SIZE - 4, "...");

	/* What stands behind a NUL is gone: "a", NUL, "b". */
	cr_assert(read_hex(COMMAND_STATE_MEDIA, "1208a201052203610062"));
	assert_text("now_playing_title", "a");
}

TEST(report, a_body_that_tells_no_closures_has_them_closed)
{
	/* vehicle-protocol, appendix C: locked, asleep, nobody */
	cr_assert(read_hex(COMMAND_BODY_CONTROLLER_STATE, "0a06100118022001"));
	assert_word("closure_statuses.front_driver_door", "closed");
	assert_word("closure_statuses.tonneau", "closed");
	assert_word("vehicle_lock_state", "locked");
	assert_word("vehicle_sleep_status", "asleep");
	assert_word("user_presence", "not-present");
	assert_absent("detailed_closure_status");

	/* Rear trunk ajar, frunk of a later kind. */
	cr_assert(read_hex(COMMAND_BODY_CONTROLLER_STATE, "0a060a0428023063"));
	assert_word("closure_statuses.rear_trunk", "ajar");
	assert_number("closure_statuses.front_trunk", 99, "");
}

TEST(report, keys_are_told_by_what_the_car_calls_them)
{
	/* Two of them, 01020304 and 05060708, slots 0 and 1. */
	cr_assert(read_hex(COMMAND_LIST_KEYS,
		"820114080212060a040102030412060a0405060708"
		"1803"));
	assert_number("number_of_entries", 2, "");
	assert_number("whitelist_entries", 2, "");
	assert_text("whitelist_entries.1.public_key_sha1", "01020304");
	assert_text("whitelist_entries.2.public_key_sha1", "05060708");
	assert_number("slot_mask", 3, "");
}

TEST(report, chargers_nearby_are_told)
{
	/* One supercharger, 1 mile away, named "A", max_power_kw 250. */
	cr_assert(read_hex(
		COMMAND_NEARBY_CHARGING, "2a0e1a0c450000803f5a01419001fa01"));
	assert_number("superchargers", 1, "");
	assert_number("superchargers.1.distance", 1.6, "km");
	assert_text("superchargers.1.name", "A");
	assert_number("superchargers.1.max_power", 250, "kW");
}

TEST(report, more_than_fits_is_cut_and_says_so)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeScheduleState state =
		CAR_SERVER__CHARGE_SCHEDULE_STATE__INIT;
	CarServer__ChargeSchedule *list[100];
	CarServer__ChargeSchedule schedule;

	car_server__charge_schedule__init(&schedule);
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = &schedule;
	state.n_charge_schedules = ARRAY_SIZE(list);
	state.charge_schedules = list;
	data.charge_schedule_state = &state;
	tell(COMMAND_STATE_CHARGE_SCHEDULE, &data);
	cr_assert(report.is_cut);
	cr_assert_eq(report.n_facts, REPORT_FACTS_MAX);
	assert_number("charge_schedules", 100, "");
}

TEST(report, another_answer_is_not_told)
{
	/* Nothing, an acknowledgement, another part, garbage. */
	cr_assert_not(read_hex(COMMAND_STATE_DRIVE, ""));
	cr_assert_not(read_hex(COMMAND_STATE_DRIVE, "0a00"));
	cr_assert_not(read_hex(COMMAND_STATE_DRIVE, "12024a00"));
	cr_assert_not(read_hex(COMMAND_STATE_DRIVE, "12ff"));
	cr_assert_not(read_hex(COMMAND_BODY_CONTROLLER_STATE, ""));
	cr_assert_not(read_hex(COMMAND_BODY_CONTROLLER_STATE, "0aff"));
}

/* The longest name that @type can have below @len characters. */
static size_t longest(
	const ProtobufCMessageDescriptor *type, size_t len, unsigned int depth)
{
	size_t max = len;

	/* Of a type that holds itself there would be no end. */
	cr_assert_lt(depth, 8);
	for (unsigned int i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		size_t own = len + strlen(field->name) + 1;

		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			cr_assert_eq(field->type, PROTOBUF_C_TYPE_MESSAGE);
			own += 4;
		}
		if (field->type == PROTOBUF_C_TYPE_MESSAGE)
			own = longest(field->descriptor, own, depth + 1);
		if (own > max)
			max = own;
	}

	return max;
}

TEST(report, every_name_fits)
{
	cr_assert_leq(longest(&car_server__vehicle_data__descriptor, 0, 0),
		REPORT_NAME_SIZE);
	cr_assert_leq(
		longest(&car_server__nearby_charging_sites__descriptor, 0, 0),
		REPORT_NAME_SIZE);
	cr_assert_leq(longest(&vcsec__vehicle_status__descriptor, 0, 0),
		REPORT_NAME_SIZE);
}

TEST(report, parts_have_a_name_each)
{
	cr_assert_eq(report_command("body"), COMMAND_BODY_CONTROLLER_STATE);
	cr_assert_eq(report_command("charge"), COMMAND_STATE_CHARGE);
	cr_assert_eq(
		report_command("nearby-charging"), COMMAND_NEARBY_CHARGING);
	cr_assert_eq(report_command("keys"), COMMAND_LIST_KEYS);
	cr_assert_eq(report_command("honk"), COMMAND_NONE);
	cr_assert_eq(report_command("session-vcsec"), COMMAND_NONE);
	cr_assert_eq(report_command(""), COMMAND_NONE);
	cr_assert_null(report_part(COMMAND_HONK));
	cr_assert_null(report_part(COMMAND_KEY_ENTRY));
	cr_assert_str_eq(
		report_part(COMMAND_STATE_TIRE_PRESSURE), "tire-pressure");
	for (int i = REPORT_ABSENT; i <= REPORT_TEXT; i++)
		cr_assert_str_not_empty(report_kind_name((enum report_kind)i));
}
