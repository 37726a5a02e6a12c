/* SPDX-License-Identifier: MIT */

#include "vehicle/answer.h"

#include <stdio.h>
#include <string.h>

#include "car_server.pb-c.h"
#include "util/bytes.h"
#include "vcsec.pb-c.h"
#include "vehicle/state.h"

#define FROM_VCSEC(name) VCSEC__FROM_VCSECMESSAGE__SUB_MESSAGE_##name
#define COMMAND_STATUS(name) VCSEC__COMMAND_STATUS__SUB_MESSAGE_##name
#define OPERATION(name) VCSEC__OPERATION_STATUS__E__OPERATIONSTATUS_##name
#define GENERIC(name) ERRORS__GENERIC_ERROR__E__GENERICERROR_##name
#define RESPONSE(name) CAR_SERVER__RESPONSE__RESPONSE_MSG_##name

static void refuse(
	struct answer *ret, enum vehicle_reason reason, const char *why)
{
	ret->type = ANSWER_REFUSED;
	ret->reason = reason;
	(void)snprintf(ret->why, sizeof(ret->why), "%s", why);
}

static void wait_for_it(struct answer *ret)
{
	ret->type = ANSWER_WAIT;
	ret->reason = VEHICLE_FAULT;
	(void)snprintf(ret->why, sizeof(ret->why), "the car is busy");
}

static void unclear(struct answer *ret)
{
	ret->type = ANSWER_UNCLEAR;
	ret->reason = VEHICLE_FAILED;
	(void)snprintf(
		ret->why, sizeof(ret->why), "the car's answer cannot be read");
}

struct refusal {
	int error;
	enum vehicle_reason reason;
	const char *why;
};

static const struct refusal refusals[] = {
	{ GENERIC(CLOSURES_OPEN), VEHICLE_FAILED, "something is open" },
	{ GENERIC(ALREADY_ON), VEHICLE_FAILED,
		"the car says that it is on already" },
	{ GENERIC(DISABLED_FOR_USER_COMMAND), VEHICLE_FORBIDDEN,
		"the car has disabled that" },
	{ GENERIC(VEHICLE_NOT_IN_PARK), VEHICLE_NOT_PARKED,
		"the car is not in park" },
	{ GENERIC(UNAUTHORIZED), VEHICLE_FORBIDDEN,
		"the key is not allowed to" },
	{ GENERIC(NOT_ALLOWED_OVER_TRANSPORT), VEHICLE_FORBIDDEN,
		"the car does not allow that over Bluetooth" },
};

/* Whether a car can be driven that way is contested: vehicle-protocol 8.3. */
static const struct refusal drive_refusals[] = {
	{ GENERIC(VEHICLE_NOT_IN_PARK), VEHICLE_NOT_PARKED,
		"the car is not in park; whoever is in it can drive already" },
	{ GENERIC(UNAUTHORIZED), VEHICLE_FORBIDDEN,
		"the car does not let this key start a drive; it needs the "
		"role driver, and perhaps the form factor of a phone" },
	/* Not for want of a role: another key would not help. */
	{ GENERIC(NOT_ALLOWED_OVER_TRANSPORT), VEHICLE_FAILED,
		"this car starts no drive by a command over Bluetooth; no "
		"setting of the bridge changes that" },
};

static const struct refusal *find_refusal(
	const struct refusal *rows, size_t n, int error)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].error == error)
			return &rows[i];

	return NULL;
}

/*
 * Awake is awake, and who may drive may drive.  A lock that is "already on"
 * is a car that declines, as with a phone key inside: vehicle-protocol 5.3.
 */
static bool is_done_already(enum command_id id, int error)
{
	return error == GENERIC(ALREADY_ON) &&
	       (id == COMMAND_WAKE || id == COMMAND_DRIVE);
}

static void read_nominal_error(const struct command *command,
	const Errors__NominalError *error, struct answer *ret)
{
	const struct refusal *refusal = NULL;
	int number = (int)error->generic_error;

	if (is_done_already(command->id, number)) {
		ret->type = ANSWER_DONE;
		return;
	}
	if (command->id == COMMAND_DRIVE)
		refusal = find_refusal(
			drive_refusals, ARRAY_SIZE(drive_refusals), number);
	if (refusal == NULL)
		refusal = find_refusal(refusals, ARRAY_SIZE(refusals), number);

	if (refusal != NULL)
		refuse(ret, refusal->reason, refusal->why);
	else
		refuse(ret, VEHICLE_FAILED,
			"the car declines and says not why");
}

static void read_command_status(
	const VCSEC__CommandStatus *status, struct answer *ret)
{
	if (status->operation_status == OPERATION(WAIT))
		wait_for_it(ret);
	else if (status->operation_status != OPERATION(OK) &&
		 status->sub_message_case !=
			 COMMAND_STATUS(SIGNED_MESSAGE_STATUS))
		refuse(ret, VEHICLE_FAILED, "the car reports an error");
	/* Else a legacy frame; the one that counts has none: 5.3. */
}

static bool read_vcsec(struct arena *arena, const struct command *command,
	struct view payload, uint64_t asked_ms, struct car_state *state,
	struct answer *ret)
{
	bool reads = (command_info(command->id)->traits & COMMAND_READS) != 0;
	bool of_keys = command->id == COMMAND_KEY_ENTRY ||
		       command->id == COMMAND_LIST_KEYS;
	const VCSEC__FromVCSECMessage *message;

	message = unpack(arena, &vcsec__from_vcsecmessage__descriptor,
		payload.data, payload.len);
	if (message == NULL) {
		unclear(ret);
		return false;
	}

	switch ((int)message->sub_message_case) {
	case FROM_VCSEC(NOMINAL_ERROR):
		read_nominal_error(command, message->nominal_error, ret);
		return false;
	case FROM_VCSEC(COMMAND_STATUS):
		read_command_status(message->command_status, ret);
		return false;
	case FROM_VCSEC(VEHICLE_STATUS):
		if (!of_keys)
			ret->type = ANSWER_DONE;
		state_take_status(state, asked_ms, message->vehicle_status);
		return true;
	case FROM_VCSEC(WHITELIST_INFO):
		if (command->id == COMMAND_LIST_KEYS)
			ret->type = ANSWER_DONE;
		return false;
	case FROM_VCSEC(WHITELIST_ENTRY_INFO):
		if (command->id != COMMAND_KEY_ENTRY)
			return false;
		ret->type = ANSWER_DONE;
		state->key_role =
			(enum key_role)message->whitelist_entry_info->key_role;
		return true;
	case FROM_VCSEC(_NOT_SET):
		/* Empty is how success looks, unless data was asked for. */
		if (!reads)
			ret->type = ANSWER_DONE;
		return false;
	default:
		return false;
	}
}

/*
 * "already off", "valet mode already off", "already_standard": what was asked
 * for is so, by a sending before whose answer was lost or by somebody else:
 * vehicle-protocol 5.4.  But "already in use by another" is not that.
 */
static bool is_already(const struct command *command, const char *text)
{
	const char *at = strstr(text, "already");

	if (command->id == COMMAND_CHARGING_START &&
		strcmp(text, "is_charging") == 0)
		return true;
	if (command->id == COMMAND_CHARGING_STOP &&
		strcmp(text, "not_charging") == 0)
		return true;
	if (at == NULL || (at != text && at[-1] != ' '))
		return false;
	at += strlen("already");
	at += strspn(at, " _");
	return strchr(at, ' ') == NULL;
}

static void read_status(const struct command *command,
	const CarServer__ActionStatus *status, struct answer *ret)
{
	unsigned int traits = command_info(command->id)->traits;
	const char *text = "";

	if (status->result ==
		CAR_SERVER__OPERATION_STATUS__E__OPERATIONSTATUS_OK) {
		ret->type = ANSWER_DONE;
		return;
	}
	if (status->result_reason != NULL &&
		status->result_reason->reason_case ==
			CAR_SERVER__RESULT_REASON__REASON_PLAIN_TEXT)
		text = status->result_reason->plain_text;

	if ((traits & COMMAND_IDEMPOTENT) != 0 && is_already(command, text)) {
		ret->type = ANSWER_DONE;
	} else if (*text == '\0') {
		refuse(ret, VEHICLE_FAILED,
			"the car declines and says not "
			"why");
	} else {
		char safe[80];

		text_printable(text, safe, sizeof(safe));
		refuse(ret, VEHICLE_FAILED, "");
		(void)snprintf(ret->why, sizeof(ret->why),
			"the car declines: \"%s\"", safe);
	}
}

static bool read_infotainment(struct arena *arena,
	const struct command *command, struct view payload, bool is_proven,
	uint64_t asked_ms, struct car_state *state, struct answer *ret)
{
	bool reads = (command_info(command->id)->traits & COMMAND_READS) != 0;
	const CarServer__Response *response;

	response = unpack(arena, &car_server__response__descriptor,
		payload.data, payload.len);
	if (response == NULL) {
		unclear(ret);
		return false;
	}

	/* A response without a status is one whose status is 0, OK. */
	ret->type = ANSWER_DONE;
	if (response->action_status != NULL)
		read_status(command, response->action_status, ret);
	if (!reads || ret->type != ANSWER_DONE)
		return false;

	/* Firmware before 2024.38.  State decides what the car may do. */
	if (!is_proven) {
		refuse(ret, VEHICLE_FAILED,
			"the car answered in the clear, which proves "
			"nothing; its firmware is too old");
		return false;
	}
	if (response->response_msg_case == RESPONSE(VEHICLE_DATA) &&
		state_take_data(
			state, asked_ms, command->id, response->vehicle_data))
		return true;

	if (response->response_msg_case ==
			RESPONSE(GET_NEARBY_CHARGING_SITES) &&
		command->id == COMMAND_NEARBY_CHARGING)
		return false;

	/* An acknowledgement; the data may follow: vehicle-protocol 2.5. */
	ret->type = ANSWER_NONE;
	return false;
}

bool answer_read(struct arena *arena, const struct command *command,
	struct view payload, bool is_proven, uint64_t asked_ms,
	struct car_state *state, struct answer *ret)
{
	*ret = (struct answer){ .type = ANSWER_NONE };
	if (command_info(command->id)->domain == DOMAIN_VEHICLE_SECURITY)
		return read_vcsec(
			arena, command, payload, asked_ms, state, ret);

	return read_infotainment(
		arena, command, payload, is_proven, asked_ms, state, ret);
}

bool answer_read_broadcast(struct arena *arena, struct view payload,
	uint64_t now_ms, struct car_state *state)
{
	const VCSEC__FromVCSECMessage *message;

	message = unpack(arena, &vcsec__from_vcsecmessage__descriptor,
		payload.data, payload.len);
	if (message == NULL ||
		message->sub_message_case != FROM_VCSEC(VEHICLE_STATUS))
		return false;

	state_take_status(state, now_ms, message->vehicle_status);
	/*
	 * That the car sleeps counts as proof that it is parked, so it must
	 * be the answer to a question of ours: anyone can broadcast.
	 */
	if (state->body.sleep == CAR_SLEEP_ASLEEP)
		state->body.sleep = CAR_SLEEP_UNKNOWN;
	return true;
}
