/* SPDX-License-Identifier: MIT */

#include "access.h"

#include <string.h>

#include "comfort.h"
#include "reply.h"

#define ACTION(name) CAR_SERVER__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##name

/* The act for on or off, with the PIN that came with it. */
static int read_mode(
	struct deed *deed, enum act on, bool is_on, const char *pin)
{
	/* The one for off follows the one for on. */
	deed->act = is_on ? on : (enum act)(on + 1);
	return deed_set_text(deed, pin) ? 0 : MESSAGE_FAULT(BAD_PARAMETER);
}

/* An act that has only a PIN. */
static int read_pin(struct deed *deed, enum act act, const char *pin)
{
	return read_mode(deed, act, true, pin);
}

static int read_plain(struct deed *deed, enum act act)
{
	deed->act = act;
	return 0;
}

static int read_parental(
	const CarServer__ParentalControlsEnableSettingsAction *action,
	struct deed *deed)
{
	int setting = (int)action->setting;

	if (setting < 0 ||
		setting > SETTING_PARENTAL_ARCADE - SETTING_PARENTAL_SPEED)
		return MESSAGE_FAULT(BAD_PARAMETER);

	return deed_change(deed, ACT_PARENTAL_SETTING,
		(enum setting)(SETTING_PARENTAL_SPEED + setting),
		action->enable ? 1 : 0);
}

int access_read(const CarServer__VehicleAction *action, struct deed *deed)
{
	switch (action->vehicle_action_msg_case) {
	case ACTION(VEHICLE_CONTROL_SET_VALET_MODE_ACTION):
		return read_mode(deed, ACT_VALET_ON,
			action->vehicle_control_set_valet_mode_action->on,
			action->vehicle_control_set_valet_mode_action
				->password);
	case ACTION(VEHICLE_CONTROL_RESET_VALET_PIN_ACTION):
		return read_plain(deed, ACT_VALET_RESET_PIN);
	case ACTION(GUEST_MODE_ACTION):
		return read_mode(deed, ACT_GUEST_ON,
			action->guest_mode_action->guest_mode_active, "");
	case ACTION(ERASE_USER_DATA_ACTION):
		return read_plain(deed, ACT_ERASE_GUEST_DATA);
	case ACTION(DRIVING_SPEED_LIMIT_ACTION):
		return read_mode(deed, ACT_SPEED_LIMIT_ON,
			action->driving_speed_limit_action->activate,
			action->driving_speed_limit_action->pin);
	case ACTION(DRIVING_SET_SPEED_LIMIT_ACTION):
		return deed_change(deed, ACT_SPEED_LIMIT_SET,
			SETTING_SPEED_LIMIT,
			(float)action->driving_set_speed_limit_action
				->limit_mph);
	case ACTION(DRIVING_CLEAR_SPEED_LIMIT_PIN_ACTION):
		return read_pin(deed, ACT_SPEED_LIMIT_CLEAR_PIN,
			action->driving_clear_speed_limit_pin_action->pin);
	case ACTION(DRIVING_CLEAR_SPEED_LIMIT_PIN_ADMIN_ACTION):
		return read_plain(deed, ACT_SPEED_LIMIT_CLEAR_PIN_ADMIN);
	case ACTION(PARENTAL_CONTROLS_ACTION):
		return read_mode(deed, ACT_PARENTAL_ON,
			action->parental_controls_action->activate,
			action->parental_controls_action->pin);
	case ACTION(PARENTAL_CONTROLS_ENABLE_SETTINGS_ACTION):
		return read_parental(
			action->parental_controls_enable_settings_action, deed);
	case ACTION(PARENTAL_CONTROLS_SET_SPEED_LIMIT_ACTION):
		return deed_change(deed, ACT_PARENTAL_SPEED_LIMIT,
			SETTING_PARENTAL_LIMIT,
			(float)action->parental_controls_set_speed_limit_action
				->limit_mph);
	case ACTION(PARENTAL_CONTROLS_CLEAR_PIN_ACTION):
		return read_pin(deed, ACT_PARENTAL_CLEAR_PIN,
			action->parental_controls_clear_pin_action->pin);
	case ACTION(PARENTAL_CONTROLS_CLEAR_PIN_ADMIN_ACTION):
		/* The cloud's alone: vehicle-protocol 7.1. */
		return MESSAGE_FAULT(COMMAND_REQUIRES_ACCOUNT_CREDENTIALS);
	case ACTION(VEHICLE_CONTROL_SET_PIN_TO_DRIVE_ACTION):
		return read_mode(deed, ACT_PIN_TO_DRIVE_ON,
			action->vehicle_control_set_pin_to_drive_action->on,
			action->vehicle_control_set_pin_to_drive_action
				->password);
	case ACTION(VEHICLE_CONTROL_RESET_PIN_TO_DRIVE_ACTION):
		return read_plain(deed, ACT_PIN_TO_DRIVE_RESET);
	case ACTION(VEHICLE_CONTROL_RESET_PIN_TO_DRIVE_ADMIN_ACTION):
		return read_plain(deed, ACT_PIN_TO_DRIVE_RESET_ADMIN);
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}
}

static bool is_pin(const char *text)
{
	return strlen(text) == PIN_SIZE - 1 &&
	       strspn(text, "0123456789") == PIN_SIZE - 1;
}

/* Is @text the PIN of @mode? */
static const char *judge_pin(const struct mode *mode, const char *text)
{
	if (!is_pin(text))
		return *text == '\0' ? "pin required" : "invalid pin";
	if (*mode->pin != '\0' && strcmp(mode->pin, text) != 0)
		return "wrong pin";

	return NULL;
}

static struct verdict turn_on(struct mode *mode, const char *pin)
{
	const char *why = judge_pin(mode, pin);

	if (mode->on)
		return verdict_declined("already on");
	if (why != NULL)
		return verdict_declined(why);

	memcpy(mode->pin, pin, sizeof(mode->pin));
	mode->on = true;
	return verdict_done(true);
}

static struct verdict turn_off(struct mode *mode, const char *pin)
{
	const char *why = judge_pin(mode, pin);

	if (!mode->on)
		return verdict_declined("already off");
	if (why != NULL)
		return verdict_declined(why);

	mode->on = false;
	return verdict_done(true);
}

static struct verdict forget_pin(struct mode *mode)
{
	bool had = *mode->pin != '\0';

	memset(mode->pin, 0, sizeof(mode->pin));
	mode->on = false;
	return verdict_done(had);
}

/* With the PIN, which must be there to be right. */
static struct verdict clear_pin(struct mode *mode, const char *pin)
{
	const char *why = judge_pin(mode, pin);

	if (*mode->pin == '\0')
		return verdict_declined("no pin set");
	return why != NULL ? verdict_declined(why) : forget_pin(mode);
}

static struct verdict do_valet(struct world *world, const struct deed *deed)
{
	struct mode *valet = &world->access.valet;

	if (deed->act == ACT_VALET_RESET_PIN)
		return valet->on ? verdict_declined("valet mode is on")
				 : forget_pin(valet);
	if (world->gear != GEAR_P)
		return verdict_declined("not in park");
	if (deed->act == ACT_VALET_ON)
		return turn_on(valet, deed->text);

	/* Off takes no PIN: appendix B.  One that comes must be right. */
	return turn_off(valet, *deed->text == '\0' ? valet->pin : deed->text);
}

static struct verdict do_guest(struct world *world, const struct deed *deed)
{
	bool *guest = &world->access.guest;

	if (deed->act != ACT_ERASE_GUEST_DATA)
		return verdict_set(guest, deed->act == ACT_GUEST_ON);
	if (!*guest)
		return verdict_declined("not in guest mode");
	if (world->gear != GEAR_P)
		return verdict_declined("not in park");

	return verdict_done(true);
}

/* The texts are the car's: vehicle-protocol 5.4. */
static struct verdict do_speed_limit(
	struct world *world, const struct deed *deed)
{
	struct mode *limit = &world->access.speed_limit;

	if (deed->act == ACT_SPEED_LIMIT_CLEAR_PIN_ADMIN)
		return forget_pin(limit);
	if (deed->act == ACT_SPEED_LIMIT_CLEAR_PIN)
		return clear_pin(limit, deed->text);
	if (world->access.parental.on)
		return verdict_declined("parental_controls_active");
	if (deed->act == ACT_SPEED_LIMIT_SET)
		return limit->on ? verdict_declined("speed_limit_mode_active")
				 : comfort_change(world, deed);

	return deed->act == ACT_SPEED_LIMIT_ON ? turn_on(limit, deed->text)
					       : turn_off(limit, deed->text);
}

static struct verdict do_parental(struct world *world, const struct deed *deed)
{
	struct mode *parental = &world->access.parental;

	if (deed->act == ACT_PARENTAL_OFF)
		return turn_off(parental, deed->text);
	if (deed->act == ACT_PARENTAL_ON)
		return world->access.speed_limit.on
			       ? verdict_declined("speed_limit_mode_active")
			       : turn_on(parental, deed->text);
	/* Whoever is held by them does not change them. */
	if (parental->on)
		return verdict_declined("parental_controls_active");
	if (deed->act == ACT_PARENTAL_CLEAR_PIN)
		return clear_pin(parental, deed->text);

	return comfort_change(world, deed);
}

static struct verdict do_pin_to_drive(
	struct world *world, const struct deed *deed)
{
	struct mode *mode = &world->access.pin_to_drive;

	switch (deed->act) {
	case ACT_PIN_TO_DRIVE_ON:
		return turn_on(mode, deed->text);
	case ACT_PIN_TO_DRIVE_OFF:
		return turn_off(mode, deed->text);
	case ACT_PIN_TO_DRIVE_RESET:
		return mode->on ? verdict_declined("pin to drive is on")
				: forget_pin(mode);
	default:
		return forget_pin(mode);
	}
}

struct verdict access_do(struct world *world, const struct deed *deed)
{
	if (deed->act <= ACT_VALET_RESET_PIN)
		return do_valet(world, deed);
	if (deed->act <= ACT_ERASE_GUEST_DATA)
		return do_guest(world, deed);
	if (deed->act <= ACT_SPEED_LIMIT_CLEAR_PIN_ADMIN)
		return do_speed_limit(world, deed);
	if (deed->act <= ACT_PARENTAL_CLEAR_PIN)
		return do_parental(world, deed);

	return do_pin_to_drive(world, deed);
}
