/* SPDX-License-Identifier: MIT */

#include "app.h"

#include <math.h>

#include "app.pb-c.h"
#include "reply.h"

#define ACTION(name) APP__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##name

static void action_freep(App__Action **action)
{
	if (*action != NULL)
		app__action__free_unpacked(*action, NULL);
}

static bool is_place(double latitude, double longitude)
{
	/* Written so that a NaN is none. */
	return fabs(latitude) <= 90 && fabs(longitude) <= 180;
}

static int read_action(const App__VehicleAction *action, struct deed *deed)
{
	const App__NavigationGpsRequest *place;
	float volume;

	switch (action->vehicle_action_msg_case) {
	case ACTION(DASHCAM_SAVE_CLIP_ACTION):
		deed->act = ACT_DASHCAM_SAVE;
		return 0;
	case ACTION(NAVIGATION_GPS_REQUEST):
		place = action->navigation_gps_request;
		deed->act = ACT_NAVIGATE;
		deed->latitude = (float)place->latitude;
		deed->longitude = (float)place->longitude;
		return is_place(place->latitude, place->longitude)
			       ? 0
			       : MESSAGE_FAULT(BAD_PARAMETER);
	case ACTION(BOOMBOX_ACTION):
		deed->act = ACT_BOOMBOX;
		return 0;
	case ACTION(STOP_LIGHT_SHOW_ACTION):
		deed->act = ACT_LIGHT_SHOW_STOP;
		return 0;
	case ACTION(START_LIGHT_SHOW_ACTION):
		deed->act = ACT_LIGHT_SHOW_START;
		volume = action->start_light_show_action->volume;
		return action->start_light_show_action->show_index >= 0 &&
				       volume >= 0 && volume <= WORLD_VOLUME_MAX
			       ? 0
			       : MESSAGE_FAULT(BAD_PARAMETER);
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}
}

int app_read(const uint8_t *payload, size_t len, struct deed *deed)
{
	_cleanup_(action_freep) App__Action *action =
		app__action__unpack(NULL, len, payload);

	if (action == NULL)
		return MESSAGE_FAULT(DECODING);
	if (action->action_msg_case != APP__ACTION__ACTION_MSG_VEHICLE_ACTION)
		return MESSAGE_FAULT(INVALID_COMMAND);

	return read_action(action->vehicle_action, deed);
}

struct verdict app_do(struct world *world, const struct deed *deed)
{
	bool changed;

	switch (deed->act) {
	case ACT_NAVIGATE:
		changed = !world->has_route ||
			  world->route_latitude != deed->latitude ||
			  world->route_longitude != deed->longitude;
		world->has_route = true;
		world->route_latitude = deed->latitude;
		world->route_longitude = deed->longitude;
		return verdict_done(changed);
	case ACT_LIGHT_SHOW_STOP:
		return verdict_set(&world->light_show, false);
	case ACT_DASHCAM_SAVE:
		return verdict_done(true);
	default:
		/* What is seen and heard outside is for a parked car. */
		if (world->gear != GEAR_P)
			return verdict_declined("not in park");
		if (deed->act == ACT_BOOMBOX)
			return verdict_done(true);
		return verdict_set(&world->light_show, true);
	}
}
