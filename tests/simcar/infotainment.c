/* SPDX-License-Identifier: MIT */

#include "infotainment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "car_server.pb-c.h"
#include "reply.h"
#include "setting.h"
#include "sites.h"
#include "util/clock.h"

#define ACTION(name) CAR_SERVER__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##name
#define RESPONSE(name) CAR_SERVER__RESPONSE__RESPONSE_MSG_##name

/* protobuf-c makes a oneof of each field that may be absent. */
#define SET_CLOSURES(state, field, FIELD, value)                                \
	((state)->optional_##field##_case =                                     \
			CAR_SERVER__CLOSURES_STATE__OPTIONAL_##FIELD##_##FIELD, \
		(state)->field = (value))
#define SET_DRIVE(state, field, FIELD, value)                                \
	((state)->optional_##field##_case =                                  \
			CAR_SERVER__DRIVE_STATE__OPTIONAL_##FIELD##_##FIELD, \
		(state)->field = (value))
#define SET_MEDIA(state, field, FIELD, value)                                \
	((state)->optional_##field##_case =                                  \
			CAR_SERVER__MEDIA_STATE__OPTIONAL_##FIELD##_##FIELD, \
		(state)->field = (value))

static void action_freep(CarServer__Action **action)
{
	if (*action != NULL)
		car_server__action__free_unpacked(*action, NULL);
}

/* How many categories @get asks for; those that are unknown count as well. */
static unsigned int count_categories(const CarServer__GetVehicleData *get)
{
	const ProtobufCMessageDescriptor *type = get->base.descriptor;
	unsigned int n = get->base.n_unknown_fields;

	/* Each field of it is a message. */
	for (unsigned int i = 0; i < type->n_fields; i++) {
		const uint8_t *field =
			(const uint8_t *)get + type->fields[i].offset;

		n += *(const void *const *)field != NULL;
	}

	return n;
}

static int read_category(
	const CarServer__GetVehicleData *get, struct deed *deed)
{
	/* The answers would not fit into a frame together. */
	if (count_categories(get) > 1)
		return MESSAGE_FAULT(RESPONSE_MTU_EXCEEDED);

	if (get->get_drive_state != NULL)
		deed->act = ACT_READ_DRIVE;
	else if (get->get_closures_state != NULL)
		deed->act = ACT_READ_CLOSURES;
	else if (get->get_media_state != NULL)
		deed->act = ACT_READ_MEDIA;
	else
		return MESSAGE_FAULT(INVALID_COMMAND);

	return 0;
}

/* Room for @text in @ret?  Then it is there. */
static bool copy_text(const char *text, char *ret, size_t size)
{
	return snprintf(ret, size, "%s", text) < (int)size;
}

static int read_charge_schedule(
	const CarServer__ChargeSchedule *schedule, struct deed *deed)
{
	deed->act = ACT_SCHEDULE_ADD;
	deed->kind = SCHEDULE_CHARGE;
	deed->schedule = (struct schedule){
		.id = schedule->id,
		.days = schedule->days_of_week,
		.start_enabled = schedule->start_enabled,
		.start = schedule->start_time,
		.end_enabled = schedule->end_enabled,
		.end = schedule->end_time,
		.one_time = schedule->one_time,
		.enabled = schedule->enabled,
		.latitude = schedule->latitude,
		.longitude = schedule->longitude,
	};

	return copy_text(
		       schedule->name, deed->schedule.name, SCHEDULE_NAME_SIZE)
		       ? 0
		       : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_precondition_schedule(
	const CarServer__PreconditionSchedule *schedule, struct deed *deed)
{
	deed->act = ACT_SCHEDULE_ADD;
	deed->kind = SCHEDULE_PRECONDITION;
	deed->schedule = (struct schedule){
		.id = schedule->id,
		.days = schedule->days_of_week,
		.start_enabled = true,
		.start = schedule->precondition_time,
		.one_time = schedule->one_time,
		.enabled = schedule->enabled,
		.latitude = schedule->latitude,
		.longitude = schedule->longitude,
	};

	return copy_text(
		       schedule->name, deed->schedule.name, SCHEDULE_NAME_SIZE)
		       ? 0
		       : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_remove(struct deed *deed, enum schedule_kind kind, uint64_t id)
{
	deed->act = ACT_SCHEDULE_REMOVE;
	deed->kind = kind;
	deed->schedule.id = id;
	return id != 0 ? 0 : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_batch_remove(struct deed *deed, enum schedule_kind kind,
	bool home, bool work, bool other)
{
	deed->act = ACT_SCHEDULE_BATCH_REMOVE;
	deed->kind = kind;
	deed->places = (home ? SCHEDULE_PLACE_HOME : 0u) |
		       (work ? SCHEDULE_PLACE_WORK : 0u) |
		       (other ? SCHEDULE_PLACE_OTHER : 0u);
	return deed->places != 0 ? 0 : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_schedule(
	const CarServer__VehicleAction *action, struct deed *deed)
{
	const CarServer__BatchRemoveChargeSchedulesAction *charge;
	const CarServer__BatchRemovePreconditionSchedulesAction *precondition;

	switch (action->vehicle_action_msg_case) {
	case ACTION(ADD_CHARGE_SCHEDULE_ACTION):
		return read_charge_schedule(
			action->add_charge_schedule_action, deed);
	case ACTION(ADD_PRECONDITION_SCHEDULE_ACTION):
		return read_precondition_schedule(
			action->add_precondition_schedule_action, deed);
	case ACTION(REMOVE_CHARGE_SCHEDULE_ACTION):
		return read_remove(deed, SCHEDULE_CHARGE,
			action->remove_charge_schedule_action->id);
	case ACTION(REMOVE_PRECONDITION_SCHEDULE_ACTION):
		return read_remove(deed, SCHEDULE_PRECONDITION,
			action->remove_precondition_schedule_action->id);
	case ACTION(BATCH_REMOVE_CHARGE_SCHEDULES_ACTION):
		charge = action->batch_remove_charge_schedules_action;
		return read_batch_remove(deed, SCHEDULE_CHARGE, charge->home,
			charge->work, charge->other);
	case ACTION(BATCH_REMOVE_PRECONDITION_SCHEDULES_ACTION):
		precondition =
			action->batch_remove_precondition_schedules_action;
		return read_batch_remove(deed, SCHEDULE_PRECONDITION,
			precondition->home, precondition->work,
			precondition->other);
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}
}

static int read_sunroof(
	const CarServer__VehicleControlSunroofOpenCloseAction *action,
	struct deed *deed)
{
	deed->act = ACT_SUNROOF;
	return (int)action->action_case != 0 ||
			       (int)action->sunroof_level_case != 0
		       ? 0
		       : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_homelink(
	const CarServer__VehicleControlTriggerHomelinkAction *action,
	struct deed *deed)
{
	if (action->location == NULL)
		return MESSAGE_FAULT(BAD_PARAMETER);

	deed->act = ACT_HOMELINK;
	deed->latitude = action->location->latitude;
	deed->longitude = action->location->longitude;
	return 0;
}

static int read_nearby(
	const CarServer__GetNearbyChargingSites *action, struct deed *deed)
{
	deed->act = ACT_READ_NEARBY;
	deed->radius = action->radius;
	deed->count = action->count;
	return action->radius >= 0 && action->count >= 0
		       ? 0
		       : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_volume(
	const CarServer__MediaUpdateVolume *volume, struct deed *deed)
{
	switch (volume->media_volume_case) {
	case CAR_SERVER__MEDIA_UPDATE_VOLUME__MEDIA_VOLUME_VOLUME_DELTA:
		/* Only the sign matters. */
		if (volume->volume_delta == 0)
			return MESSAGE_FAULT(BAD_PARAMETER);
		deed->act = volume->volume_delta > 0 ? ACT_MEDIA_VOLUME_UP
						     : ACT_MEDIA_VOLUME_DOWN;
		return 0;
	case CAR_SERVER__MEDIA_UPDATE_VOLUME__MEDIA_VOLUME_VOLUME_ABSOLUTE_FLOAT:
		deed->act = ACT_MEDIA_SET_VOLUME;
		deed->volume = volume->volume_absolute_float;
		return 0;
	default:
		/* 0.0 left out as if it were no member of a oneof. */
		return MESSAGE_FAULT(BAD_PARAMETER);
	}
}

static int read_action(
	const CarServer__VehicleAction *action, struct deed *deed)
{
	switch (action->vehicle_action_msg_case) {
	case ACTION(GET_VEHICLE_DATA):
		return read_category(action->get_vehicle_data, deed);
	case ACTION(HVAC_AUTO_ACTION):
		deed->act = action->hvac_auto_action->power_on
				    ? ACT_CLIMATE_ON
				    : ACT_CLIMATE_OFF;
		return 0;
	case ACTION(MEDIA_PLAY_ACTION):
		deed->act = ACT_MEDIA_TOGGLE;
		return 0;
	case ACTION(MEDIA_UPDATE_VOLUME):
		return read_volume(action->media_update_volume, deed);
	case ACTION(MEDIA_NEXT_TRACK):
		deed->act = ACT_MEDIA_NEXT;
		return 0;
	case ACTION(MEDIA_PREVIOUS_TRACK):
		deed->act = ACT_MEDIA_PREVIOUS;
		return 0;
	case ACTION(MEDIA_NEXT_FAVORITE):
		deed->act = ACT_MEDIA_NEXT_FAVORITE;
		return 0;
	case ACTION(MEDIA_PREVIOUS_FAVORITE):
		deed->act = ACT_MEDIA_PREVIOUS_FAVORITE;
		return 0;
	case ACTION(VEHICLE_CONTROL_FLASH_LIGHTS_ACTION):
		deed->act = ACT_FLASH_LIGHTS;
		return 0;
	case ACTION(VEHICLE_CONTROL_HONK_HORN_ACTION):
		deed->act = ACT_HONK;
		return 0;
	case ACTION(PING):
		deed->act = ACT_PING;
		deed->ping_id = action->ping->ping_id;
		return 0;
	case ACTION(CHARGE_PORT_DOOR_CLOSE):
	case ACTION(CHARGE_PORT_DOOR_OPEN):
		deed->act = ACT_MOVE;
		deed->closure = CLOSURE_CHARGE_PORT;
		deed->move = action->vehicle_action_msg_case ==
					     ACTION(CHARGE_PORT_DOOR_OPEN)
				     ? MOVE_OPEN
				     : MOVE_CLOSE;
		return 0;
	case ACTION(VEHICLE_CONTROL_SUNROOF_OPEN_CLOSE_ACTION):
		return read_sunroof(
			action->vehicle_control_sunroof_open_close_action,
			deed);
	case ACTION(VEHICLE_CONTROL_TRIGGER_HOMELINK_ACTION):
		return read_homelink(
			action->vehicle_control_trigger_homelink_action, deed);
	case ACTION(SET_VEHICLE_NAME_ACTION):
		deed->act = ACT_NAME;
		return deed_set_text(deed,
			       action->set_vehicle_name_action->vehicle_name)
			       ? 0
			       : MESSAGE_FAULT(BAD_PARAMETER);
	case ACTION(GET_NEARBY_CHARGING_SITES):
		return read_nearby(action->get_nearby_charging_sites, deed);
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}
}

/* Each of these knows its own, and no other. */
static int read_any(const CarServer__VehicleAction *action, struct deed *deed)
{
	static int (*const readers[])(
		const CarServer__VehicleAction *, struct deed *) = {
		read_action,
		setting_read,
		read_schedule,
		access_read,
	};
	int r = MESSAGE_FAULT(INVALID_COMMAND);

	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		r = readers[i](action, deed);
		if (r != MESSAGE_FAULT(INVALID_COMMAND))
			break;
	}

	return r;
}

int infotainment_read(const uint8_t *payload, size_t len, struct deed *ret)
{
	_cleanup_(action_freep) CarServer__Action *action = NULL;
	struct deed deed = { 0 };
	int r;

	action = car_server__action__unpack(NULL, len, payload);
	if (action == NULL)
		return MESSAGE_FAULT(DECODING);
	if (action->action_msg_case !=
		CAR_SERVER__ACTION__ACTION_MSG_VEHICLE_ACTION)
		return MESSAGE_FAULT(INVALID_COMMAND);

	r = read_any(action->vehicle_action, &deed);
	if (r != 0)
		return r;

	*ret = deed;
	return 0;
}

static CarServer__ShiftState__TypeCase gear_of(const struct world *world)
{
	switch (world->told) {
	case TOLD_INVALID:
		return CAR_SERVER__SHIFT_STATE__TYPE_INVALID;
	case TOLD_SNA:
		return CAR_SERVER__SHIFT_STATE__TYPE_SNA;
	case TOLD_NONE:
		return CAR_SERVER__SHIFT_STATE__TYPE__NOT_SET;
	case TOLD_GEAR:
		break;
	}
	switch (world->gear) {
	case GEAR_P:
		break;
	case GEAR_R:
		return CAR_SERVER__SHIFT_STATE__TYPE_R;
	case GEAR_N:
		return CAR_SERVER__SHIFT_STATE__TYPE_N;
	case GEAR_D:
		return CAR_SERVER__SHIFT_STATE__TYPE_D;
	}

	return CAR_SERVER__SHIFT_STATE__TYPE_P;
}

static void fill_drive(const struct world *world, CarServer__DriveState *state,
	CarServer__ShiftState *shift, CarServer__Void *nothing)
{
	if (world->told != TOLD_NONE) {
		shift->type_case = gear_of(world);
		shift->p = nothing;
		state->shift_state = shift;
	}
	SET_DRIVE(state, power, POWER, 0);
	SET_DRIVE(state, odometer_in_hundredths_of_a_mile,
		ODOMETER_IN_HUNDREDTHS_OF_A_MILE, 2100021);
	/* A parked car has no speed rather than none of it. */
	if (world->gear == GEAR_P)
		return;
	SET_DRIVE(state, speed, SPEED, (uint32_t)lrintf(world->speed_mph));
	SET_DRIVE(state, speed_float, SPEED_FLOAT, world->speed_mph);
}

static void fill_closures(const struct world *world, uint64_t now_ms,
	CarServer__ClosuresState *state)
{
	bool vented = world->settings[SETTING_WINDOWS] != 0;

	SET_CLOSURES(state, door_open_driver_front, DOOR_OPEN_DRIVER_FRONT,
		world->open[CLOSURE_DRIVER_DOOR]);
	SET_CLOSURES(state, door_open_driver_rear, DOOR_OPEN_DRIVER_REAR,
		world->open[CLOSURE_REAR_DRIVER_DOOR]);
	SET_CLOSURES(state, door_open_passenger_front,
		DOOR_OPEN_PASSENGER_FRONT, world->open[CLOSURE_PASSENGER_DOOR]);
	SET_CLOSURES(state, door_open_passenger_rear, DOOR_OPEN_PASSENGER_REAR,
		world->open[CLOSURE_REAR_PASSENGER_DOOR]);
	SET_CLOSURES(state, door_open_trunk_front, DOOR_OPEN_TRUNK_FRONT,
		world->open[CLOSURE_FRUNK]);
	SET_CLOSURES(state, door_open_trunk_rear, DOOR_OPEN_TRUNK_REAR,
		world->open[CLOSURE_TRUNK]);
	SET_CLOSURES(state, window_open_driver_front, WINDOW_OPEN_DRIVER_FRONT,
		vented);
	SET_CLOSURES(state, window_open_passenger_front,
		WINDOW_OPEN_PASSENGER_FRONT, vented);
	SET_CLOSURES(state, window_open_driver_rear, WINDOW_OPEN_DRIVER_REAR,
		vented);
	SET_CLOSURES(state, window_open_passenger_rear,
		WINDOW_OPEN_PASSENGER_REAR, vented);
	SET_CLOSURES(state, locked, LOCKED, world->locked);
	SET_CLOSURES(state, is_user_present, IS_USER_PRESENT, world->present);
	SET_CLOSURES(state, remote_start, REMOTE_START,
		world_is_started(world, now_ms));
	SET_CLOSURES(state, valet_mode, VALET_MODE, 0);
	SET_CLOSURES(state, valet_pin_needed, VALET_PIN_NEEDED, 0);
	SET_CLOSURES(state, sentry_mode_available, SENTRY_MODE_AVAILABLE, 1);
}

static void fill_media(const struct world *world, CarServer__MediaState *state,
	char *title, char *artist)
{
	SET_MEDIA(state, remote_control_enabled, REMOTE_CONTROL_ENABLED, 1);
	SET_MEDIA(state, audio_volume, AUDIO_VOLUME, world->volume);
	SET_MEDIA(state, audio_volume_increment, AUDIO_VOLUME_INCREMENT,
		WORLD_VOLUME_STEP);
	SET_MEDIA(state, audio_volume_max, AUDIO_VOLUME_MAX, WORLD_VOLUME_MAX);
	SET_MEDIA(state, media_playback_status, MEDIA_PLAYBACK_STATUS,
		(CarServer__MediaPlaybackStatus)world->playback);
	/* Nothing was played since the car woke: no title either. */
	if (world->playback == PLAYBACK_STOPPED)
		return;
	SET_MEDIA(state, now_playing_title, NOW_PLAYING_TITLE, title);
	SET_MEDIA(state, now_playing_artist, NOW_PLAYING_ARTIST, artist);
	SET_MEDIA(state, now_playing_source, NOW_PLAYING_SOURCE,
		CAR_SERVER__MEDIA_SOURCE_TYPE__MediaSourceType_Spotify);
}

static int answer(struct car *car, struct request *request,
	const CarServer__Response *response)
{
	uint8_t payload[FRAME_MESSAGE_MAX];

	return reply_payload(car, request, payload,
		car_server__response__pack(response, payload));
}

int infotainment_answer(
	struct car *car, struct request *request, const struct deed *deed)
{
	CarServer__Response response = CAR_SERVER__RESPONSE__INIT;
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__DriveState drive = CAR_SERVER__DRIVE_STATE__INIT;
	CarServer__ShiftState shift = CAR_SERVER__SHIFT_STATE__INIT;
	CarServer__ClosuresState closures = CAR_SERVER__CLOSURES_STATE__INIT;
	CarServer__ClosuresState__DisplayState display =
		CAR_SERVER__CLOSURES_STATE__DISPLAY_STATE__INIT;
	CarServer__ClosuresState__SentryModeState sentry =
		CAR_SERVER__CLOSURES_STATE__SENTRY_MODE_STATE__INIT;
	CarServer__MediaState media = CAR_SERVER__MEDIA_STATE__INIT;
	CarServer__Void nothing = CAR_SERVER__VOID__INIT;
	CarServer__Timestamp timestamp = CAR_SERVER__TIMESTAMP__INIT;
	char title[64], artist[64];
	struct sites sites;

	/* Data comes without an action status: it is itself the success. */
	response.response_msg_case = RESPONSE(VEHICLE_DATA);
	response.vehicle_data = &data;
	timestamp.seconds = clock_wall_s();
	drive.timestamp = closures.timestamp = media.timestamp = &timestamp;

	if (deed->act == ACT_READ_NEARBY) {
		sites_find(&sites, &car->world, deed);
		sites.answer.timestamp = &timestamp;
		response.response_msg_case =
			RESPONSE(GET_NEARBY_CHARGING_SITES);
		response.get_nearby_charging_sites = &sites.answer;
		return answer(car, request, &response);
	}
	switch (deed->act) {
	case ACT_READ_DRIVE:
		fill_drive(&car->world, &drive, &shift, &nothing);
		data.drive_state = &drive;
		break;
	case ACT_READ_CLOSURES:
		fill_closures(&car->world, request->now_ms, &closures);
		display.type_case =
			CAR_SERVER__CLOSURES_STATE__DISPLAY_STATE__TYPE_OFF;
		display.off = &nothing;
		closures.center_display_state = &display;
		/* Each choice is the same empty message. */
		sentry.type_case =
			car->world.settings[SETTING_SENTRY_MODE] == 0
				? CAR_SERVER__CLOSURES_STATE__SENTRY_MODE_STATE__TYPE_OFF
				: CAR_SERVER__CLOSURES_STATE__SENTRY_MODE_STATE__TYPE_ARMED;
		sentry.off = &nothing;
		closures.sentry_mode_state = &sentry;
		data.closures_state = &closures;
		break;
	default:
		/* protobuf-c has no const. */
		(void)snprintf(
			title, sizeof(title), "%s", world_title(&car->world));
		(void)snprintf(artist, sizeof(artist), "%s",
			world_artist(&car->world));
		fill_media(&car->world, &media, title, artist);
		data.media_state = &media;
		break;
	}

	return answer(car, request, &response);
}

int infotainment_conclude(struct car *car, struct request *request,
	const struct deed *deed, const char *why)
{
	CarServer__Response response = CAR_SERVER__RESPONSE__INIT;
	CarServer__ActionStatus status = CAR_SERVER__ACTION_STATUS__INIT;
	CarServer__ResultReason reason = CAR_SERVER__RESULT_REASON__INIT;
	CarServer__Ping ping = CAR_SERVER__PING__INIT;
	char text[64];

	/* Present and empty is "OK": 0a00. */
	response.action_status = &status;
	if (why != NULL) {
		(void)snprintf(text, sizeof(text), "%s", why);
		reason.reason_case =
			CAR_SERVER__RESULT_REASON__REASON_PLAIN_TEXT;
		reason.plain_text = text;
		status.result =
			CAR_SERVER__OPERATION_STATUS__E__OPERATIONSTATUS_ERROR;
		status.result_reason = &reason;
	} else if (deed->act == ACT_PING) {
		ping.ping_id = deed->ping_id;
		response.response_msg_case = RESPONSE(PING);
		response.ping = &ping;
	}

	return answer(car, request, &response);
}
