/* SPDX-License-Identifier: MIT */

#include "state.h"

#include <stdio.h>
#include <string.h>

#include "setting.h"
#include "sites.h"
#include "tell.h"

enum {
	ODOMETER = 2100021, /* hundredths of a mile */
	LIMIT_MIN_MPH = 50,
	LIMIT_MAX_MPH = 120,
	CURFEW_START = 22 * 60,
	CURFEW_END = 6 * 60,
	UPDATE_TAKES_S = 25 * 60,
	ELEVATION_M = 34,
};

#define TIRE_PLACARD_BAR 2.9
#define TIRE_SOFT_BAR 2.5
#define TIRE_HARD_BAR 2.0

static double setting_of(const struct world *world, enum setting setting)
{
	return (double)world->settings[setting];
}

/* The copy of @text that the answer refers to: protobuf-c has no const. */
static char *text_of(struct state *ret, size_t i, const char *text)
{
	(void)snprintf(ret->texts[i], sizeof(ret->texts[i]), "%s", text);
	return ret->texts[i];
}

static const char *shift_name(const struct world *world)
{
	static const char *const gears[] = {
		[GEAR_P] = "p",
		[GEAR_R] = "r",
		[GEAR_N] = "n",
		[GEAR_D] = "d",
	};

	switch (world->told) {
	case TOLD_INVALID:
		return "invalid";
	case TOLD_SNA:
		return "sna";
	case TOLD_NONE:
		return NULL;
	case TOLD_GEAR:
		break;
	}

	return gears[world->gear];
}

static void tell_drive(struct state *ret, const struct world *world)
{
	const char *shift = shift_name(world);
	bool drives = world->gear != GEAR_P;
	CarServer__DriveState *state = &ret->drive;

	car_server__drive_state__init(state);
	if (shift != NULL) {
		tell_choice(&ret->shift.base, shift, &ret->nothing);
		state->shift_state = &ret->shift;
	}
	tell(&state->base,
		(const struct fact[]){
			{ "power", 0 },
			{ "odometer_in_hundredths_of_a_mile", ODOMETER },
			/* Parked it has no speed, rather than none of it. */
			{ "speed", drives ? round((double)world->speed_mph)
					  : NAN },
			{ "speed_float",
				drives ? (double)world->speed_mph : NAN },
			{ "active_route_miles_to_arrival",
				world->has_route
					? (double)miles_from(world,
						  world->route_latitude,
						  world->route_longitude)
					: NAN },
			{ NULL, 0 },
		});
	if (world->has_route) {
		ret->route.latitude = world->route_latitude;
		ret->route.longitude = world->route_longitude;
		state->active_route_coordinates = &ret->route;
	}
	state->timestamp = &ret->now;
	ret->data.drive_state = state;
}

static void tell_location(
	struct state *ret, const struct world *world, int64_t wall_s)
{
	CarServer__LocationState *state = &ret->location;
	/* In a garage it knows not where it is. */
	double gps = world->has_gps ? 1 : NAN;
	double latitude = gps * (double)world->latitude;
	double longitude = gps * (double)world->longitude;

	car_server__location_state__init(state);
	tell(&state->base, (const struct fact[]){
				   { "latitude", latitude },
				   { "longitude", longitude },
				   { "heading", gps * world->heading },
				   { "gps_as_of", gps * (double)wall_s },
				   { "native_location_supported", 1 },
				   { "native_latitude", latitude },
				   { "native_longitude", longitude },
				   { "corrected_latitude", latitude },
				   { "corrected_longitude", longitude },
				   { "homelink_nearby", world->homelink },
				   { "geo_latitude", latitude },
				   { "geo_longitude", longitude },
				   { "geo_heading", gps * world->heading },
				   { "geo_elevation", gps * ELEVATION_M },
				   { "geo_accuracy", gps * 2.5 },
				   { "estimated_gps_valid", world->has_gps },
				   { "estimated_to_raw_distance", gps * 0 },
				   { NULL, 0 },
			   });
	tell_choice(&ret->coordinates.base, "wgs", &ret->nothing);
	state->native_type = &ret->coordinates;
	state->timestamp = &ret->now;
	ret->data.location_state = state;
}

static const char *display_name(const struct world *world)
{
	if (world->gear != GEAR_P)
		return "driving";
	if (world->present)
		return "on";

	return world->settings[SETTING_CLIMATE_KEEPER] == 2 ? "dog" : "off";
}

static void tell_openings(
	CarServer__ClosuresState *state, const struct world *world)
{
	const bool *open = world->open;
	double window = setting_of(world, SETTING_WINDOWS);

	tell(&state->base,
		(const struct fact[]){
			{ "door_open_driver_front", open[CLOSURE_DRIVER_DOOR] },
			{ "door_open_driver_rear",
				open[CLOSURE_REAR_DRIVER_DOOR] },
			{ "door_open_passenger_front",
				open[CLOSURE_PASSENGER_DOOR] },
			{ "door_open_passenger_rear",
				open[CLOSURE_REAR_PASSENGER_DOOR] },
			{ "door_open_trunk_front", open[CLOSURE_FRUNK] },
			{ "door_open_trunk_rear", open[CLOSURE_TRUNK] },
			{ "window_open_driver_front", window },
			{ "window_open_passenger_front", window },
			{ "window_open_driver_rear", window },
			{ "window_open_passenger_rear", window },
			{ NULL, 0 },
		});
}

static void tell_speed_limit(struct state *ret, const struct world *world)
{
	const struct mode *limit = &world->access.speed_limit;

	tell(&ret->speed_limit.base,
		(const struct fact[]){
			{ "active", limit->on },
			{ "pin_code_set", *limit->pin != '\0' },
			{ "max_limit_mph", LIMIT_MAX_MPH },
			{ "min_limit_mph", LIMIT_MIN_MPH },
			{ "current_limit_mph",
				setting_of(world, SETTING_SPEED_LIMIT) },
			{ NULL, 0 },
		});
}

static void tell_closures(
	struct state *ret, const struct world *world, uint64_t now_ms)
{
	CarServer__ClosuresState *state = &ret->closures;
	const struct mode *valet = &world->access.valet;
	bool sentry = world->settings[SETTING_SENTRY_MODE] > 0;

	car_server__closures_state__init(state);
	tell_openings(state, world);
	tell(&state->base,
		(const struct fact[]){
			{ "locked", world->locked },
			{ "is_user_present", world->present },
			{ "remote_start", world_is_started(world, now_ms) },
			{ "valet_mode", valet->on },
			{ "valet_pin_needed", *valet->pin == '\0' },
			{ "sentry_mode_available", 1 },
			{ NULL, 0 },
		});
	tell_speed_limit(ret, world);
	tell_choice(&ret->display.base, display_name(world), &ret->nothing);
	tell_choice(&ret->sentry.base,
		!sentry          ? "off"
		: world->present ? "idle"
				 : "armed",
		&ret->nothing);
	state->speed_limit_mode = &ret->speed_limit;
	state->center_display_state = &ret->display;
	state->sentry_mode_state = &ret->sentry;
	state->timestamp = &ret->now;
	ret->data.closures_state = state;
}

/* Wheels that stand say nothing, and are forgotten by a car that slept. */
static bool known(const struct world *world, size_t wheel)
{
	return world->tires_heard && world->tires[wheel] > 0;
}

static void tell_tires(struct state *ret, const struct world *world)
{
	static const char *const wheels[] = { "fl", "fr", "rl", "rr" };
	CarServer__TirePressureState *state = &ret->tires;
	char pressure[32], soft[32], hard[32];

	car_server__tire_pressure_state__init(state);
	for (size_t i = 0; i < 4; i++) {
		double bar = known(world, i) ? (double)world->tires[i] : NAN;

		(void)snprintf(pressure, sizeof(pressure), "tpms_pressure_%s",
			wheels[i]);
		(void)snprintf(
			soft, sizeof(soft), "tpms_soft_warning_%s", wheels[i]);
		(void)snprintf(
			hard, sizeof(hard), "tpms_hard_warning_%s", wheels[i]);
		tell(&state->base, (const struct fact[]){
					   { pressure, bar },
					   { soft, bar < TIRE_SOFT_BAR },
					   { hard, bar < TIRE_HARD_BAR },
					   { NULL, 0 },
				   });
	}
	tell(&state->base, (const struct fact[]){
				   { "tpms_rcp_front_value", TIRE_PLACARD_BAR },
				   { "tpms_rcp_rear_value", TIRE_PLACARD_BAR },
				   { NULL, 0 },
			   });
	if (known(world, 0))
		state->tpms_last_seen_pressure_time_fl = &ret->now;
	if (known(world, 1))
		state->tpms_last_seen_pressure_time_fr = &ret->now;
	if (known(world, 2))
		state->tpms_last_seen_pressure_time_rl = &ret->now;
	if (known(world, 3))
		state->tpms_last_seen_pressure_time_rr = &ret->now;
	state->timestamp = &ret->now;
	ret->data.tire_pressure_state = state;
}

static void tell_media(struct state *ret, const struct world *world)
{
	CarServer__MediaState *state = &ret->media;
	/* Nothing was played since the car woke: no title either. */
	bool any = world->playback != PLAYBACK_STOPPED;

	car_server__media_state__init(state);
	tell(&state->base,
		(const struct fact[]){
			{ "remote_control_enabled", 1 },
			{ "audio_volume", (double)world->volume },
			{ "audio_volume_increment", (double)WORLD_VOLUME_STEP },
			{ "audio_volume_max", (double)WORLD_VOLUME_MAX },
			{ "media_playback_status", world->playback },
			{ "now_playing_source",
				any ? CAR_SERVER__MEDIA_SOURCE_TYPE__MediaSourceType_Spotify
				    : NAN },
			{ NULL, 0 },
		});
	if (any) {
		tell_text(&state->base, "now_playing_title",
			text_of(ret, 0, world_track(world)->title));
		tell_text(&state->base, "now_playing_artist",
			text_of(ret, 1, world_track(world)->artist));
	}
	state->timestamp = &ret->now;
	ret->data.media_state = state;
}

static void tell_media_detail(
	struct state *ret, const struct world *world, uint64_t now_ms)
{
	CarServer__MediaDetailState *state = &ret->detail;
	const struct track *track = world_track(world);

	car_server__media_detail_state__init(state);
	if (world->playback != PLAYBACK_STOPPED) {
		tell(&state->base,
			(const struct fact[]){
				{ "now_playing_duration", track->duration_ms },
				{ "now_playing_elapsed",
					(double)(world_played_ms(
							 world, now_ms) %
						 track->duration_ms) },
				{ NULL, 0 },
			});
		tell_text(&state->base, "now_playing_source_string",
			text_of(ret, 0, "Spotify"));
		tell_text(&state->base, "now_playing_album",
			text_of(ret, 1, track->album));
		tell_text(&state->base, "now_playing_station",
			text_of(ret, 2, ""));
	}
	state->timestamp = &ret->now;
	ret->data.media_detail_state = state;
}

static void tell_software(
	struct state *ret, const struct world *world, uint64_t now_ms)
{
	CarServer__SoftwareUpdateState *state = &ret->software;
	bool waits = *world->update != '\0';
	bool scheduled = waits && world->settings[SETTING_SOFTWARE] >= 0;
	bool installs = scheduled && now_ms >= world->update_at_ms;
	double left_ms = scheduled && !installs
				 ? (double)(world->update_at_ms - now_ms)
				 : NAN;

	car_server__software_update_state__init(state);
	tell_choice(&ret->status.base,
		installs    ? "installing"
		: scheduled ? "scheduled"
		: waits     ? "available"
			    : "unknown",
		&ret->nothing);
	tell(&state->base,
		(const struct fact[]){
			{ "scheduled_time_ms",
				(double)ret->now.seconds * 1000 + left_ms },
			{ "warning_time_remaining_ms", left_ms },
			{ "expected_duration_sec",
				waits ? UPDATE_TAKES_S : NAN },
			{ "download_perc", waits ? 100 : 0 },
			{ "install_perc", installs ? 10 : 1 },
			{ NULL, 0 },
		});
	if (waits)
		tell_text(&state->base, "version",
			text_of(ret, 0, world->update));
	state->status = &ret->status;
	state->timestamp = &ret->now;
	ret->data.software_update_state = state;
}

static void tell_parental(struct state *ret, const struct world *world)
{
	CarServer__ParentalControlsState *state = &ret->parental;
	const struct mode *parental = &world->access.parental;
	bool curfew = setting_of(world, SETTING_PARENTAL_CURFEW) > 0;

	car_server__parental_controls_state__init(state);
	tell(&state->base,
		(const struct fact[]){
			{ "parental_controls_active", parental->on },
			{ "parental_controls_pin_set", *parental->pin != '\0' },
			{ NULL, 0 },
		});
	tell(&ret->parental_settings.base,
		(const struct fact[]){
			{ "speed_limit_enabled",
				setting_of(world, SETTING_PARENTAL_SPEED) },
			{ "max_limit_mph", LIMIT_MAX_MPH },
			{ "min_limit_mph", LIMIT_MIN_MPH },
			{ "current_limit_mph",
				setting_of(world, SETTING_PARENTAL_LIMIT) },
			{ "chill_acceleration_enabled",
				setting_of(
					world, SETTING_PARENTAL_ACCELERATION) },
			{ "require_safety_settings_enabled",
				setting_of(world, SETTING_PARENTAL_SAFETY) },
			{ "curfew_enabled", curfew },
			{ "curfew_start_time", curfew ? CURFEW_START : NAN },
			{ "curfew_end_time", curfew ? CURFEW_END : NAN },
			{ NULL, 0 },
		});
	state->parental_controls_settings = &ret->parental_settings;
	state->timestamp = &ret->now;
	ret->data.parental_controls_state = state;
}

static void begin(struct state *ret, int64_t wall_s)
{
	car_server__vehicle_data__init(&ret->data);
	car_server__void__init(&ret->nothing);
	car_server__timestamp__init(&ret->now);
	ret->now.seconds = wall_s;
	car_server__shift_state__init(&ret->shift);
	car_server__lat_long__init(&ret->route);
	car_server__location_state__gpscoordinate_type__init(&ret->coordinates);
	car_server__closures_state__display_state__init(&ret->display);
	car_server__closures_state__sentry_mode_state__init(&ret->sentry);
	car_server__speed_limit_mode__init(&ret->speed_limit);
	car_server__parental_controls_settings__init(&ret->parental_settings);
	car_server__software_update_state__software_update_status__init(
		&ret->status);
}

void state_tell(struct state *ret, const struct world *world, uint64_t now_ms,
	int64_t wall_s, enum act act)
{
	begin(ret, wall_s);
	switch (act) {
	case ACT_READ_CHARGE:
		charge_state_tell(&ret->charge, world, &ret->nothing);
		ret->charge.state.timestamp = &ret->now;
		ret->data.charge_state = &ret->charge.state;
		return;
	case ACT_READ_CLIMATE:
		climate_state_tell(&ret->climate, world, &ret->nothing);
		ret->climate.state.timestamp = &ret->now;
		ret->data.climate_state = &ret->climate.state;
		return;
	case ACT_READ_DRIVE:
		tell_drive(ret, world);
		return;
	case ACT_READ_LOCATION:
		tell_location(ret, world, wall_s);
		return;
	case ACT_READ_CLOSURES:
		tell_closures(ret, world, now_ms);
		return;
	case ACT_READ_CHARGE_SCHEDULE:
		charge_schedule_state_tell(&ret->charge_schedule, world);
		ret->charge_schedule.state.timestamp = &ret->now;
		ret->data.charge_schedule_state = &ret->charge_schedule.state;
		return;
	case ACT_READ_PRECONDITION_SCHEDULE:
		precondition_schedule_state_tell(
			&ret->precondition_schedule, world);
		ret->precondition_schedule.state.timestamp = &ret->now;
		ret->data.preconditioning_schedule_state =
			&ret->precondition_schedule.state;
		return;
	case ACT_READ_TIRE_PRESSURE:
		tell_tires(ret, world);
		return;
	case ACT_READ_MEDIA:
		tell_media(ret, world);
		return;
	case ACT_READ_MEDIA_DETAIL:
		tell_media_detail(ret, world, now_ms);
		return;
	case ACT_READ_SOFTWARE_UPDATE:
		tell_software(ret, world, now_ms);
		return;
	default:
		tell_parental(ret, world);
		return;
	}
}
