/* SPDX-License-Identifier: MIT */

#include "vehicle/measure.h"

#include <string.h>

#include "model/report.h"
#include "util/macro.h"

#define MILE_KM 1.609344

/*
 * The first row whose end is the end of a field's name counts; @instead of it
 * stands in our name, which must not speak of the car's unit.  NULL: the same.
 */
static const struct row {
	const char *end;
	const char *instead;
	const char *unit;
	double factor;
	bool is_time;
} rows[] = {
	{ "_celsius", "", "degrees C", 1, false },
	{ "_temp_setting", NULL, "degrees C", 1, false },
	{ "odometer_in_hundredths_of_a_mile", "odometer", "km", MILE_KM / 100,
		false },
	{ "distance_miles", "distance", "km", MILE_KM, false },
	{ "_range", NULL, "km", MILE_KM, false },
	{ "miles_added_rated", "range_added_rated", "km", MILE_KM, false },
	{ "miles_added_ideal", "range_added_ideal", "km", MILE_KM, false },
	{ "miles_to_arrival", "distance_to_arrival", "km", MILE_KM, false },
	{ "_mph", "", "km/h", MILE_KM, false },
	{ "_mph_float", "_float", "km/h", MILE_KM, false },
	{ "speed", NULL, "km/h", MILE_KM, false },
	{ "speed_float", NULL, "km/h", MILE_KM, false },
	{ "_soc", NULL, "%", 1, false },
	{ "_soc_std", NULL, "%", 1, false },
	{ "_soc_min", NULL, "%", 1, false },
	{ "_soc_max", NULL, "%", 1, false },
	{ "_soc_limit", NULL, "%", 1, false },
	{ "battery_level", NULL, "%", 1, false },
	{ "_percent_open", NULL, "%", 1, false },
	{ "_perc", NULL, "%", 1, false },
	{ "energy_at_arrival", NULL, "%", 1, false },
	{ "_energy_added", NULL, "kWh", 1, false },
	{ "_voltage", NULL, "V", 1, false },
	{ "_current", NULL, "A", 1, false },
	{ "_current_request", NULL, "A", 1, false },
	{ "_current_request_max", NULL, "A", 1, false },
	{ "_amps", NULL, "A", 1, false },
	{ "power", NULL, "kW", 1, false },
	{ "_kw", "", "kW", 1, false },
	{ "_left_hr", "_left", "h", 1, false },
	{ "minutes_to_full_charge", NULL, "min", 1, false },
	{ "minutes_to_charge_limit", NULL, "min", 1, false },
	{ "minutes_to_lower_limit", NULL, "min", 1, false },
	{ "minutes_to_arrival", NULL, "min", 1, false },
	{ "minutes_delay", NULL, "min", 1, false },
	{ "_timer_minutes", "_timer", "min", 1, false },
	{ "_time_minutes", NULL, REPORT_OF_DAY, 1, false },
	{ "_hours_end_time", NULL, REPORT_OF_DAY, 1, false },
	{ "curfew_start_time", NULL, REPORT_OF_DAY, 1, false },
	{ "curfew_end_time", NULL, REPORT_OF_DAY, 1, false },
	{ "precondition_time", NULL, REPORT_OF_DAY, 1, false },
	{ "_remaining_ms", "_remaining", "s", 0.001, false },
	{ "_duration_sec", "_duration", "s", 1, false },
	{ "tpms_pressure_fl", NULL, "bar", 1, false },
	{ "tpms_pressure_fr", NULL, "bar", 1, false },
	{ "tpms_pressure_rl", NULL, "bar", 1, false },
	{ "tpms_pressure_rr", NULL, "bar", 1, false },
	{ "tpms_rcp_front_value", NULL, "bar", 1, false },
	{ "tpms_rcp_rear_value", NULL, "bar", 1, false },
	{ "latitude", NULL, "degrees", 1, false },
	{ "longitude", NULL, "degrees", 1, false },
	{ "heading", NULL, "degrees", 1, false },
	{ "geo_elevation", NULL, "m", 1, false },
	{ "geo_accuracy", NULL, "m", 1, false },
	{ "raw_distance", NULL, "m", 1, false },
	{ "scheduled_charging_start_time", NULL, "", 1, true },
	{ "managed_charging_start_time", NULL, "", 1, true },
	{ "gps_as_of", NULL, "", 1, true },
	{ "last_route_update", NULL, "", 1, true },
	{ "scheduled_time_ms", "scheduled_time", "", 0.001, true },
	{ "sync_time_utc_secs", "sync_time", "", 1, true },
	/* Of a schedule to charge. */
	{ "start_time", NULL, REPORT_OF_DAY, 1, false },
	{ "end_time", NULL, REPORT_OF_DAY, 1, false },
};

void measure_find(const char *name, struct measure *ret)
{
	size_t len = strlen(name);

	*ret = (struct measure){ len, "", "", 1, false };
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		size_t end_len = strlen(row->end);

		if (end_len > len ||
			strcmp(name + len - end_len, row->end) != 0)
			continue;
		*ret = (struct measure){
			.name_len = len - end_len,
			.name_end =
				row->instead != NULL ? row->instead : row->end,
			.unit = row->unit,
			.factor = row->factor,
			.is_time = row->is_time,
		};
		return;
	}
}
