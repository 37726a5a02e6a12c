/* SPDX-License-Identifier: MIT */

#include "perform.h"

#include <jansson.h>

#include "enrol.h"
#include "infotainment.h"
#include "passive.h"
#include "reply.h"
#include "setting.h"
#include "vcsec.h"

enum {
	FLAG_ENCRYPT_RESPONSE =
		1 << UNIVERSAL_MESSAGE__FLAGS__FLAG_ENCRYPT_RESPONSE,
};

bool fault_is_of_session(int fault)
{
	return fault == MESSAGE_FAULT(INVALID_SIGNATURE) ||
	       fault == MESSAGE_FAULT(INVALID_TOKEN_OR_COUNTER) ||
	       fault == MESSAGE_FAULT(BAD_PARAMETER) ||
	       fault == MESSAGE_FAULT(INCORRECT_EPOCH) ||
	       fault == MESSAGE_FAULT(TIME_EXPIRED) ||
	       fault == MESSAGE_FAULT(TIME_TO_LIVE_TOO_LONG);
}

/* Is the request, for the one who sent it, as if the car never took it? */
static bool spares_counter(const struct fault *fault)
{
	switch (fault->kind) {
	/* It was lost on the way, or its session was wrong. */
	case FAULT_LOST_REQUEST:
	case FAULT_DROP_BEFORE:
	case FAULT_EPOCH:
	case FAULT_FORGED_INFO:
		return true;
	case FAULT_PROTOCOL:
	case FAULT_PROTOCOL_BARE:
		return fault_is_of_session(fault->number);
	default:
		return false;
	}
}

/* Not done, as if by the car's policy. */
static int refuse(struct car *car, struct request *request,
	const struct deed *deed, int error, const char *why)
{
	say(car->say, "{s:s,s:s}", "refused", deed_name(deed), "why", why);
	if (domain_is_vcsec(request->domain))
		return vcsec_conclude(car, request, error);

	return infotainment_conclude(car, request, deed, why);
}

/*
 * The injected fault of @request, if it comes instead of what was asked.
 * *@ret_hindered: it did.
 */
static int hinder(struct car *car, struct request *request,
	const struct deed *deed, bool *ret_hindered)
{
	const struct fault *fault = &request->fault;
	int r;

	*ret_hindered = true;
	switch (fault->kind) {
	case FAULT_LOST_REQUEST:
		return 0;
	case FAULT_DROP_BEFORE:
		car->outlet.drop(car->outlet.userdata, request->link);
		return 0;
	case FAULT_EPOCH:
		r = car_new_epoch(car, request->domain, request->now_ms);
		if (r < 0)
			return r;
		/* A handshake just gets the new one. */
		if (deed == NULL)
			break;
		return reply_fault(
			car, request, MESSAGE_FAULT(INCORRECT_EPOCH), true);
	case FAULT_PROTOCOL:
		return reply_fault(car, request, fault->number, true);
	case FAULT_PROTOCOL_BARE:
		return reply_fault(car, request, fault->number, false);
	case FAULT_STATUS_WAIT:
		return reply_wait(car, request);
	/* WAIT exists twice: vehicle-protocol 5.1 and 5.3. */
	case FAULT_WAIT:
		if (deed != NULL && domain_is_vcsec(request->domain))
			return vcsec_wait(car, request);
		return reply_wait(car, request);
	case FAULT_KEYS:
		if (deed == NULL || !deed_is_of_keys(deed))
			break;
		return enrol_refuse(car, request, deed, fault->number);
	case FAULT_FORGED_INFO:
		if (deed == NULL)
			break;
		return reply_fault(
			car, request, MESSAGE_FAULT(INVALID_SIGNATURE), true);
	case FAULT_REFUSE:
	case FAULT_NOMINAL:
		if (deed == NULL)
			break;
		return refuse(car, request, deed,
			fault->kind == FAULT_NOMINAL ? fault->number : 1,
			"told to refuse");
	default:
		break;
	}

	*ret_hindered = false;
	return 0;
}

/* Arms @request with the fault that it is to suffer. */
static void take_fault(
	struct car *car, struct request *request, const struct deed *deed)
{
	struct occasion occasion = {
		.name = deed != NULL ? deed_name(deed) : "session-info",
		.vcsec = domain_is_vcsec(request->domain),
		.reads = deed != NULL && deed_is_read(deed),
		.handshake = deed == NULL,
	};

	if (!faults_take(&car->faults, &occasion, &request->fault))
		return;
	say(car->say, "{s:s,s:s}", "injected", request->fault.text, "into",
		occasion.name);
}

/* {"heater front-left":3} */
static json_t *changes_of(const struct deed *deed)
{
	json_t *changes = json_object();

	for (size_t i = 0; i < deed->n_changes; i++)
		(void)json_object_set_new(changes,
			setting_name(deed->changes[i].setting),
			json_real((double)deed->changes[i].value));

	return changes;
}

static json_t *schedule_of(const struct deed *deed)
{
	const struct schedule *schedule = &deed->schedule;

	if (deed->act == ACT_SCHEDULE_BATCH_REMOVE)
		return json_pack("{s:b,s:b,s:b}", "home",
			(deed->places & SCHEDULE_PLACE_HOME) != 0, "work",
			(deed->places & SCHEDULE_PLACE_WORK) != 0, "other",
			(deed->places & SCHEDULE_PLACE_OTHER) != 0);
	if (deed->act == ACT_SCHEDULE_REMOVE)
		return json_pack("{s:I}", "id", (json_int_t)schedule->id);

	return json_pack("{s:I,s:s,s:i,s:o,s:o,s:b,s:b,s:f,s:f}", "id",
		(json_int_t)schedule->id, "name", schedule->name, "days",
		schedule->days, "start",
		schedule->start_enabled ? json_integer(schedule->start)
					: json_null(),
		"end",
		schedule->end_enabled ? json_integer(schedule->end)
				      : json_null(),
		"once", schedule->one_time, "enabled", schedule->enabled,
		"latitude", (double)schedule->latitude, "longitude",
		(double)schedule->longitude);
}

/* What was done, with its figures.  Never a PIN. */
static void say_done(
	struct car *car, const struct deed *deed, const struct verdict *verdict)
{
	const char *name = NULL;
	json_t *figures = NULL;

	if (verdict->note != NULL) {
		say(car->say, "{s:s,s:s}", "ignored", verdict->did, "why",
			verdict->note);
		return;
	}
	if (deed->n_changes > 0) {
		name = "set";
		figures = changes_of(deed);
	} else if (deed->act >= ACT_SCHEDULE_ADD &&
		   deed->act <= ACT_SCHEDULE_BATCH_REMOVE) {
		name = "schedule";
		figures = schedule_of(deed);
	} else if (deed->act == ACT_MEDIA_SET_VOLUME) {
		name = "volume";
		figures = json_real((double)car->world.volume);
	} else if (deed->act == ACT_AUTHENTICATE) {
		name = "level";
		figures = json_string(passive_level_name(deed->level));
	} else if (deed->act == ACT_NAME) {
		name = "name";
		figures = json_string(car->world.name);
	}

	if (name != NULL)
		say(car->say, "{s:s,s:o,s:b}", "did", verdict->did, name,
			figures, "changed", verdict->changed);
	else
		say(car->say, "{s:s,s:b}", "did", verdict->did, "changed",
			verdict->changed);
}

/* Does what nothing stands against any more. */
static int do_deed(
	struct car *car, struct request *request, const struct deed *deed)
{
	struct verdict verdict;
	int r;

	if (deed->act == ACT_REQUEST_KEY)
		return enrol_request(car, request, deed);
	if (deed_is_of_keys(deed))
		return enrol_signed(car, request, deed);
	if (deed_is_read(deed)) {
		say(car->say, "{s:s}", "read", deed_name(deed));
		return domain_is_vcsec(request->domain)
			       ? vcsec_answer(car, request, deed)
			       : infotainment_answer(car, request, deed);
	}

	verdict = world_do(&car->world, request->now_ms, deed);
	if (verdict.why != NULL)
		return refuse(car, request, deed, verdict.error, verdict.why);

	say_done(car, deed, &verdict);
	/* The news goes out first: clients must not take it for the answer. */
	r = car_settle(car, request->now_ms);
	if (r < 0)
		return r;

	return domain_is_vcsec(request->domain)
		       ? vcsec_conclude(car, request, 0)
		       : infotainment_conclude(car, request, deed, NULL);
}

void perform_count(struct car *car, struct request *request)
{
	/* No hash: it was not signed, or is not genuine. */
	if (request->genuine.request_hash_len == 0)
		return;

	count_note(domain_count(request->domain, request->key),
		request->genuine.counter);
	if (!domain_is_vcsec(request->domain))
		world_use(&car->world, request->now_ms);
}

int perform_fault(struct car *car, struct request *request,
	const struct deed *deed, bool *ret_hindered)
{
	take_fault(car, request, deed);
	return hinder(car, request, deed, ret_hindered);
}

int perform(struct car *car, struct request *request, const struct deed *deed)
{
	bool is_signed = request->key != NULL, hindered;
	int r, fault = 0;

	/* What anyone in range may ask: vehicle-protocol 3.4. */
	if (!is_signed && !deed_is_public(deed)) {
		say(car->say, "{s:s,s:s}", "refused", deed_name(deed), "why",
			"it is not signed");
		return reply_fault(
			car, request, MESSAGE_FAULT(INVALID_SIGNATURE), false);
	}
	/*
	 * A car in deep sleep does answer the handshake and the command that
	 * wakes it, or nobody could: vehicle-protocol 8.1.
	 */
	if (!is_signed && car->world.power == POWER_DEEP &&
		deed->act == ACT_READ_STATUS) {
		say(car->say, "{s:s,s:s}", "refused", deed_name(deed), "why",
			power_name(car->world.power));
		return 0;
	}

	/*
	 * Rights before injected faults, so that a fault is not used up by
	 * what would have been refused anyway.
	 */
	if (is_signed && !role_may(request->key->role, deed_right(deed)))
		fault = MESSAGE_FAULT(INSUFFICIENT_PRIVILEGES);
	else if (!domain_is_vcsec(request->domain) && deed_is_read(deed) &&
		 !car->old_firmware &&
		 (request->flags & FLAG_ENCRYPT_RESPONSE) == 0)
		fault = MESSAGE_FAULT(REQUIRES_RESPONSE_ENCRYPTION);
	else
		take_fault(car, request, deed);

	/* A counter that was shown to the car is used, done or not. */
	if (!spares_counter(&request->fault))
		perform_count(car, request);
	if (fault != 0) {
		say(car->say, "{s:s,s:s}", "refused", deed_name(deed), "why",
			fault == MESSAGE_FAULT(INSUFFICIENT_PRIVILEGES)
				? role_name(request->key->role)
				: "data is given encrypted only");
		return reply_fault(car, request, fault, false);
	}

	r = hinder(car, request, deed, &hindered);
	if (r < 0 || hindered)
		return r;

	return do_deed(car, request, deed);
}
