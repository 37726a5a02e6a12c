/* SPDX-License-Identifier: MIT */

#include "infotainment.h"

#include <stdio.h>
#include <string.h>

#include "access.h"
#include "app.h"
#include "car_server.pb-c.h"
#include "reply.h"
#include "setting.h"
#include "sites.h"
#include "state.h"
#include "util/clock.h"

#define ACTION(name) CAR_SERVER__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##name
#define RESPONSE(name) CAR_SERVER__RESPONSE__RESPONSE_MSG_##name

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

static int read_only_category(
	const CarServer__GetVehicleData *get, struct deed *deed)
{
	const struct {
		const void *wanted;
		enum act act;
	} categories[] = {
		{ get->get_charge_state, ACT_READ_CHARGE },
		{ get->get_climate_state, ACT_READ_CLIMATE },
		{ get->get_drive_state, ACT_READ_DRIVE },
		{ get->get_location_state, ACT_READ_LOCATION },
		{ get->get_closures_state, ACT_READ_CLOSURES },
		{ get->get_charge_schedule_state, ACT_READ_CHARGE_SCHEDULE },
		{ get->get_preconditioning_schedule_state,
			ACT_READ_PRECONDITION_SCHEDULE },
		{ get->get_tire_pressure_state, ACT_READ_TIRE_PRESSURE },
		{ get->get_media_state, ACT_READ_MEDIA },
		{ get->get_media_detail_state, ACT_READ_MEDIA_DETAIL },
		{ get->get_software_update_state, ACT_READ_SOFTWARE_UPDATE },
		{ get->get_parental_controls_state,
			ACT_READ_PARENTAL_CONTROLS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(categories); i++) {
		if (categories[i].wanted == NULL)
			continue;
		deed->act = categories[i].act;
		return 0;
	}

	return MESSAGE_FAULT(INVALID_COMMAND);
}

static int read_category(
	const CarServer__GetVehicleData *get, struct deed *deed)
{
	/* The answers would not fit into a frame together. */
	if (count_categories(get) > 1)
		return MESSAGE_FAULT(RESPONSE_MTU_EXCEEDED);

	return read_only_category(get, deed);
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

	return text_take(
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

	return text_take(
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
	/* What the published messages have not. */
	if (r == MESSAGE_FAULT(INVALID_COMMAND))
		r = app_read(payload, len, &deed);
	if (r != 0)
		return r;

	*ret = deed;
	return 0;
}

static int answer(struct car *car, struct request *request,
	const CarServer__Response *response)
{
	uint8_t payload[FRAME_MESSAGE_MAX];

	if (car_server__response__get_packed_size(response) > sizeof(payload))
		return reply_fault(car, request,
			MESSAGE_FAULT(RESPONSE_MTU_EXCEEDED), false);

	return reply_payload(car, request, payload,
		car_server__response__pack(response, payload));
}

static int answer_nearby(
	struct car *car, struct request *request, const struct deed *deed)
{
	CarServer__Response response = CAR_SERVER__RESPONSE__INIT;
	CarServer__Timestamp now = CAR_SERVER__TIMESTAMP__INIT;
	struct sites sites;

	sites_find(&sites, &car->world, deed);
	now.seconds = clock_wall_s();
	sites.answer.timestamp = &now;
	response.response_msg_case = RESPONSE(GET_NEARBY_CHARGING_SITES);
	response.get_nearby_charging_sites = &sites.answer;
	return answer(car, request, &response);
}

int infotainment_answer(
	struct car *car, struct request *request, const struct deed *deed)
{
	CarServer__Response response = CAR_SERVER__RESPONSE__INIT;
	struct state state;

	if (deed->act == ACT_READ_NEARBY)
		return answer_nearby(car, request, deed);

	/* Data comes without an action status: it is itself the success. */
	state_tell(&state, &car->world, request->now_ms, clock_wall_s(),
		deed->act);
	response.response_msg_case = RESPONSE(VEHICLE_DATA);
	response.vehicle_data = &state.data;
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
