/* SPDX-License-Identifier: MIT */

/* What the state shows of a command's effect. */

#include <math.h>

#include "model/command.h"

static enum effect effect_of(enum car_truth truth, enum car_truth wanted)
{
	if (truth == CAR_UNKNOWN)
		return EFFECT_UNKNOWN;

	return truth == wanted ? EFFECT_PRESENT : EFFECT_ABSENT;
}

/*
 * Once somebody drives it is no start from afar any more; so that there is
 * none proves only of an empty car that there was none: vehicle-protocol 8.3.
 */
static enum effect drive_effect(const struct car_closures *closures)
{
	if (closures->remote_start == CAR_NO &&
		closures->user_present != CAR_NO)
		return EFFECT_UNKNOWN;

	return effect_of(closures->remote_start, CAR_YES);
}

static enum effect closures_effect(
	enum command_id id, const struct car_closures *closures)
{
	switch ((int)id) {
	case COMMAND_UNLOCK:
		return effect_of(closures->locked, CAR_NO);
	case COMMAND_LOCK:
	case COMMAND_AUTOSECURE:
		return effect_of(closures->locked, CAR_YES);
	case COMMAND_DRIVE:
		return drive_effect(closures);
	case COMMAND_TRUNK_OPEN:
		return effect_of(closures->trunk_open, CAR_YES);
	case COMMAND_TRUNK_CLOSE:
		return effect_of(closures->trunk_open, CAR_NO);
	case COMMAND_FRUNK_OPEN:
		return effect_of(closures->frunk_open, CAR_YES);
	default:
		return EFFECT_UNKNOWN;
	}
}

static enum effect media_effect(
	const struct command *command, const struct car_media *media)
{
	if (command->id == COMMAND_MEDIA_SET_VOLUME) {
		if (isnan(media->volume))
			return EFFECT_UNKNOWN;
		/* The car's steps are thirds. */
		return fabs((double)media->volume - command->args[0]) < 0.34
			       ? EFFECT_PRESENT
			       : EFFECT_ABSENT;
	}
	if (media->playback == CAR_PLAYBACK_UNKNOWN)
		return EFFECT_UNKNOWN;

	return media->playback == CAR_PLAYBACK_PLAYING ? EFFECT_PRESENT
						       : EFFECT_ABSENT;
}

static enum effect body_effect(const struct car_body *body)
{
	if (body->sleep == CAR_SLEEP_UNKNOWN)
		return EFFECT_UNKNOWN;

	return body->sleep == CAR_SLEEP_AWAKE ? EFFECT_PRESENT : EFFECT_ABSENT;
}

static bool is_since(uint64_t at_ms, uint64_t since_ms)
{
	return at_ms != 0 && at_ms >= since_ms;
}

enum effect command_effect(const struct command *command,
	const struct car_state *state, uint64_t since_ms)
{
	enum command_id read_back = command_info(command->id)->read_back;

	if (read_back == COMMAND_BODY_CONTROLLER_STATE &&
		is_since(state->body.at_ms, since_ms))
		return body_effect(&state->body);
	if (read_back == COMMAND_STATE_CLOSURES &&
		is_since(state->closures.at_ms, since_ms))
		return closures_effect(command->id, &state->closures);
	if (read_back == COMMAND_STATE_MEDIA &&
		is_since(state->media.at_ms, since_ms))
		return media_effect(command, &state->media);

	return EFFECT_UNKNOWN;
}
