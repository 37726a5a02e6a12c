/* SPDX-License-Identifier: MIT */

#include "model/command.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define VCSEC DOMAIN_VEHICLE_SECURITY
#define INFO DOMAIN_INFOTAINMENT

/*
 * Honk and flash are no toggles, but doing them twice is what a payer of one
 * would call a bug: they are not repeated either.
 */
static const struct command_info table[_COMMAND_N] = {
	[COMMAND_UNLOCK] = { "unlock", NULL, "unlock the doors", VCSEC,
		COMMAND_IDEMPOTENT | COMMAND_OPENS, COMMAND_STATE_CLOSURES,
		NULL, 0, 0 },
	[COMMAND_LOCK] = { "lock", NULL, "lock the doors", VCSEC,
		COMMAND_IDEMPOTENT, COMMAND_STATE_CLOSURES, NULL, 0, 0 },
	[COMMAND_WAKE] = { "wake", NULL, "wake the car", VCSEC,
		COMMAND_IDEMPOTENT, COMMAND_BODY_CONTROLLER_STATE, NULL, 0, 0 },
	/* MOVE closes an open powered trunk on whoever stands in it. */
	[COMMAND_TRUNK_OPEN] = { "trunk-open", "trunk", "open the trunk", VCSEC,
		COMMAND_OPENS | COMMAND_READ_FIRST, COMMAND_STATE_CLOSURES,
		NULL, 0, 0 },
	[COMMAND_FRUNK_OPEN] = { "frunk-open", "frunk",
		"open the front trunk (only a person can close it)", VCSEC,
		COMMAND_OPENS | COMMAND_READ_FIRST, COMMAND_STATE_CLOSURES,
		NULL, 0, 0 },
	[COMMAND_PING] = { "ping", NULL,
		"nothing, but the car confirms that it would obey", INFO,
		COMMAND_IDEMPOTENT, COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_HONK] = { "honk", NULL, "honk the horn", INFO, 0, COMMAND_NONE,
		NULL, 0, 0 },
	[COMMAND_FLASH_LIGHTS] = { "flash-lights", NULL, "flash the lights",
		INFO, 0, COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_CHARGE_PORT_OPEN] = { "charge-port-open", NULL,
		"open the charge port", INFO, COMMAND_IDEMPOTENT, COMMAND_NONE,
		NULL, 0, 0 },
	[COMMAND_CHARGE_PORT_CLOSE] = { "charge-port-close", NULL,
		"close the charge port", INFO, COMMAND_IDEMPOTENT, COMMAND_NONE,
		NULL, 0, 0 },
	[COMMAND_CLIMATE_ON] = { "climate-on", NULL, "switch climate on", INFO,
		COMMAND_IDEMPOTENT, COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_CLIMATE_OFF] = { "climate-off", NULL, "switch climate off",
		INFO, COMMAND_IDEMPOTENT, COMMAND_NONE, NULL, 0, 0 },
	/* The protocol knows only a toggle: architecture 7. */
	[COMMAND_MEDIA_PLAY] = { "media-play", NULL,
		"play music, if none plays", INFO, COMMAND_READ_FIRST,
		COMMAND_STATE_MEDIA, NULL, 0, 0 },
	[COMMAND_MEDIA_TOGGLE_PLAYBACK] = { "media-toggle-playback", NULL,
		"play or pause music", INFO, 0, COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_MEDIA_SET_VOLUME] = { "media-set-volume", "media-volume",
		"set the volume", INFO, COMMAND_IDEMPOTENT, COMMAND_STATE_MEDIA,
		"volume", 0, 10 },
	[COMMAND_MEDIA_VOLUME_UP] = { "media-volume-up", NULL,
		"raise the volume by one step", INFO, 0, COMMAND_NONE, NULL, 0,
		0 },
	[COMMAND_MEDIA_VOLUME_DOWN] = { "media-volume-down", NULL,
		"lower the volume by one step", INFO, 0, COMMAND_NONE, NULL, 0,
		0 },
	[COMMAND_MEDIA_NEXT_TRACK] = { "media-next-track", "media-next",
		"skip to the next track", INFO, 0, COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_MEDIA_PREVIOUS_TRACK] = { "media-previous-track",
		"media-previous", "go back one track", INFO, 0, COMMAND_NONE,
		NULL, 0, 0 },
	[COMMAND_BODY_CONTROLLER_STATE] = { "body-controller-state", NULL,
		"read locks, doors and sleep", VCSEC,
		COMMAND_IDEMPOTENT | COMMAND_READS | COMMAND_UNSIGNED,
		COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_STATE_DRIVE] = { "state-drive", NULL, "read gear and speed",
		INFO, COMMAND_IDEMPOTENT | COMMAND_READS, COMMAND_NONE, NULL, 0,
		0 },
	[COMMAND_STATE_CLOSURES] = { "state-closures", NULL,
		"read locks, doors and presence", INFO,
		COMMAND_IDEMPOTENT | COMMAND_READS, COMMAND_NONE, NULL, 0, 0 },
	[COMMAND_STATE_MEDIA] = { "state-media", NULL,
		"read what plays, and how loud", INFO,
		COMMAND_IDEMPOTENT | COMMAND_READS, COMMAND_NONE, NULL, 0, 0 },
};

const struct command_info *command_info(enum command_id id)
{
	return &table[id];
}

static int parse_number(const char *text, const struct command_info *info,
	float *ret, char why[static WHY_SIZE])
{
	char *end;
	float value;

	/* strtof(3) would also take "inf", "nan" and hexadecimal. */
	value = isdigit((unsigned char)*text) ? strtof(text, &end) : NAN;
	if (isnan(value) || *end != '\0' || strpbrk(text, "xXpP") != NULL ||
		value < info->arg_min || value > info->arg_max) {
		(void)snprintf(why, WHY_SIZE,
			"%s: the %s is a number from %g to %g, not \"%.40s\"",
			info->name, info->arg_name, (double)info->arg_min,
			(double)info->arg_max, text);
		return COMMAND_E_INVALID;
	}

	*ret = value;
	return 0;
}

int command_parse(
	const char *text, struct command *ret, char why[static WHY_SIZE])
{
	size_t name_len = strcspn(text, " ");
	const char *arg = text + name_len;

	arg += strspn(arg, " ");
	for (int i = 0; i < _COMMAND_N; i++) {
		const struct command_info *info = &table[i];
		struct command command = { .id = (enum command_id)i };
		int r;

		if ((strncmp(text, info->name, name_len) != 0 ||
			    info->name[name_len] != '\0') &&
			(info->alias == NULL ||
				strncmp(text, info->alias, name_len) != 0 ||
				info->alias[name_len] != '\0'))
			continue;
		if (info->arg_name == NULL && *arg != '\0') {
			(void)snprintf(why, WHY_SIZE,
				"%s takes no argument, but \"%.40s\" follows",
				info->name, arg);
			return COMMAND_E_INVALID;
		}
		if (info->arg_name != NULL && *arg == '\0') {
			(void)snprintf(why, WHY_SIZE,
				"%s needs the %s, a number from %g to %g",
				info->name, info->arg_name,
				(double)info->arg_min, (double)info->arg_max);
			return COMMAND_E_INVALID;
		}
		if (info->arg_name != NULL) {
			r = parse_number(arg, info, &command.arg, why);
			if (r != 0)
				return r;
		}
		*ret = command;
		return 0;
	}

	(void)snprintf(why, WHY_SIZE, "\"%.*s\" is no command of this car",
		(int)(name_len < 40 ? name_len : 40), text);
	return COMMAND_E_INVALID;
}

void command_print(const struct command *command, char *ret, size_t size)
{
	const struct command_info *info = command_info(command->id);

	if (info->arg_name == NULL)
		(void)snprintf(ret, size, "%s", info->name);
	else
		(void)snprintf(
			ret, size, "%s %g", info->name, (double)command->arg);
}

static enum effect effect_of(enum car_truth truth, enum car_truth wanted)
{
	if (truth == CAR_UNKNOWN)
		return EFFECT_UNKNOWN;

	return truth == wanted ? EFFECT_PRESENT : EFFECT_ABSENT;
}

static enum effect closures_effect(
	const struct command *command, const struct car_closures *closures)
{
	if (command->id == COMMAND_TRUNK_OPEN)
		return effect_of(closures->trunk_open, CAR_YES);
	if (command->id == COMMAND_FRUNK_OPEN)
		return effect_of(closures->frunk_open, CAR_YES);

	return effect_of(closures->locked,
		command->id == COMMAND_LOCK ? CAR_YES : CAR_NO);
}

static enum effect media_effect(
	const struct command *command, const struct car_media *media)
{
	if (command->id == COMMAND_MEDIA_SET_VOLUME) {
		if (isnan(media->volume))
			return EFFECT_UNKNOWN;
		/* The car's steps are thirds. */
		return fabsf(media->volume - command->arg) < 0.34f
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
	enum command_id read_back = table[command->id].read_back;

	if (read_back == COMMAND_BODY_CONTROLLER_STATE &&
		is_since(state->body.at_ms, since_ms))
		return body_effect(&state->body);
	if (read_back == COMMAND_STATE_CLOSURES &&
		is_since(state->closures.at_ms, since_ms))
		return closures_effect(command, &state->closures);
	if (read_back == COMMAND_STATE_MEDIA &&
		is_since(state->media.at_ms, since_ms))
		return media_effect(command, &state->media);

	return EFFECT_UNKNOWN;
}
