/* SPDX-License-Identifier: MIT */

#include "enrol.h"

#include <string.h>

#include "util/bytes.h"
#include "util/clock.h"
#include "vcsec.h"

#define INFORMATION(name) \
	VCSEC__WHITELIST_OPERATION_INFORMATION__E__WHITELISTOPERATION_INFORMATION_##name

/* Tells how it ended, to the client and on standard output. */
static int conclude(struct car *car, struct request *request,
	const struct deed *deed, const char *did, int information,
	const char *why)
{
	char hex[HEX_SIZE(DEED_KEY_SIZE)];

	hex_encode(deed->key, deed->key_len, hex);
	if (information != 0)
		say(car->say, "{s:s,s:s,s:s,s:i}", "refused", did, "key", hex,
			"why", why, "information", information);
	else if (deed->act == ACT_REMOVE_KEY)
		say(car->say, "{s:s,s:s}", "did", did, "key", hex);
	else
		say(car->say, "{s:s,s:s,s:s}", "did", did, "key", hex, "role",
			role_name((Keys__Role)deed->role));

	return vcsec_conclude_keys(car, request, information);
}

/* Why @deed's key cannot be added, 0 if it can. */
static int judge_new(
	struct car *car, const struct deed *deed, const char **ret_why)
{
	Keys__Role role = (Keys__Role)deed->role;

	if (car->world.access.valet.on) {
		*ret_why = "valet mode is on";
		return INFORMATION(LOCAL_ENTITY_AUTH_FAILED_VALET_MODE);
	}
	if (deed->key_len != DEED_KEY_SIZE) {
		*ret_why = "the key is no public key";
		return INFORMATION(INVALID_PUBLIC_KEY);
	}
	if (whitelist_find(&car->whitelist, deed->key) != NULL) {
		*ret_why = "the key is on the whitelist already";
		return INFORMATION(
			ATTEMPTING_TO_ADD_KEY_THAT_IS_ALREADY_ON_THE_WHITELIST);
	}
	if (role == KEYS__ROLE__ROLE_SERVICE) {
		*ret_why = "service keys are added by service";
		return INFORMATION(ATTEMPTING_TO_ADD_KEY_WITH_SERVICE_ROLE);
	}
	/* None, or none that this car knows. */
	if (strcmp(role_name(role), "none") == 0) {
		*ret_why = "the key has no role";
		return INFORMATION(ATTEMPTING_TO_ADD_KEY_WITHOUT_ROLE);
	}

	return 0;
}

static int add(struct car *car, struct request *request,
	const struct deed *deed, const char *did)
{
	const char *why = "";
	int information, slot;

	information = judge_new(car, deed, &why);
	if (information == 0) {
		slot = car_enrol(car, request->now_ms, deed->key,
			(Keys__Role)deed->role, deed->form, false);
		if (slot == -ENOSPC) {
			information = INFORMATION(WHITELIST_FULL);
			why = "the whitelist is full";
		} else if (slot == -EINVAL) {
			information = INFORMATION(INVALID_PUBLIC_KEY);
			why = "the key is no point of the curve";
		} else if (slot < 0) {
			return slot;
		}
	}

	return conclude(car, request, deed, did, information, why);
}

static int remove_key(
	struct car *car, struct request *request, const struct deed *deed)
{
	struct key *key = NULL;

	if (deed->key_len == DEED_KEY_SIZE)
		key = whitelist_find(&car->whitelist, deed->key);
	if (key == NULL)
		return conclude(car, request, deed, "remove-key",
			INFORMATION(PUBLIC_KEY_NOT_ON_WHITELIST),
			"the key is not on the whitelist");
	/* Else an owner could lock out everyone, itself included. */
	if (key == request->key)
		return conclude(car, request, deed, "remove-key",
			INFORMATION(NO_PERMISSION_TO_REMOVE_ONESELF),
			"a key cannot remove itself");

	*key = (struct key){ .used = false };
	return conclude(car, request, deed, "remove-key", 0, "");
}

int enrol_signed(
	struct car *car, struct request *request, const struct deed *deed)
{
	bool owner = request->key->role == KEYS__ROLE__ROLE_OWNER;

	switch (deed->act) {
	case ACT_ADD_KEY:
		if (!owner)
			return conclude(car, request, deed, "add-key",
				INFORMATION(NO_PERMISSION_TO_ADD),
				"the signer is no owner");
		return add(car, request, deed, "add-key");
	case ACT_REMOVE_KEY:
		if (!owner)
			return conclude(car, request, deed, "remove-key",
				INFORMATION(NO_PERMISSION_TO_REMOVE),
				"the signer is no owner");
		return remove_key(car, request, deed);
	default:
		return conclude(car, request, deed, "change-keys",
			INFORMATION(UNDOCUMENTED_ERROR),
			"this operation is not simulated");
	}
}

/* Ends the wait for a tap; the client hears why. */
static int give_up(struct car *car, int information, const char *why)
{
	struct enrolment *enrolment = &car->enrolment;

	enrolment->waiting = false;
	return conclude(car, &enrolment->request, &enrolment->deed,
		"add-key-request", information, why);
}

int enrol_request(
	struct car *car, struct request *request, const struct deed *deed)
{
	struct enrolment *enrolment = &car->enrolment;
	const char *why = "";
	int information, r;

	information = judge_new(car, deed, &why);
	if (information == 0 && car->world.power != POWER_AWAKE) {
		/* Nobody can confirm anything on a dark screen. */
		information = INFORMATION(COULD_NOT_START_LOCAL_ENTITY_AUTH);
		why = "the car is not awake";
	}
	if (information != 0)
		return conclude(car, request, deed, "add-key-request",
			information, why);

	/* One at a time: the screen has room for one question. */
	if (enrolment->waiting) {
		r = give_up(car,
			INFORMATION(LOCAL_ENTITY_AUTH_FAILED_CANCELLED),
			"another request came");
		if (r < 0)
			return r;
	}
	/* The request is kept whole: its answer has to find the way back. */
	*enrolment = (struct enrolment){
		.waiting = true,
		.request = *request,
		.deed = *deed,
		.tap_ms = car->tap_after_ms == CLOCK_NEVER
				  ? CLOCK_NEVER
				  : request->now_ms + car->tap_after_ms,
		.timeout_ms = request->now_ms + car->tap_timeout_ms,
	};
	say(car->say, "{s:s}", "waiting", "tap");

	/* An injected fault is for the last answer, not for this one. */
	request->fault.kind = FAULT_NONE;
	return vcsec_wait(car, request);
}

int enrol_refuse(struct car *car, struct request *request,
	const struct deed *deed, int information)
{
	/* The refusal is the fault: it goes out as it is. */
	request->fault.kind = FAULT_NONE;
	return conclude(car, request, deed, deed_name(deed), information,
		"told to refuse");
}

int enrol_tap(struct car *car, uint64_t now_ms)
{
	struct enrolment *enrolment = &car->enrolment;
	struct fault fault;

	say(car->say, "{s:s,s:b}", "tapped", "key card", "waited-for",
		enrolment->waiting);
	if (!enrolment->waiting)
		return 0;

	if (faults_take_kind(&car->faults, FAULT_TAP, &fault)) {
		say(car->say, "{s:s,s:s}", "injected", fault.text, "into",
			"tap");
		return give_up(car, fault.number, "told to refuse");
	}

	/* Whether it can still be added is judged anew: a minute may have passed. */
	enrolment->waiting = false;
	enrolment->request.now_ms = now_ms;
	return add(
		car, &enrolment->request, &enrolment->deed, "add-key-request");
}

int enrol_tick(struct car *car, uint64_t now_ms)
{
	if (!car->enrolment.waiting)
		return 0;
	if (now_ms >= car->enrolment.tap_ms)
		return enrol_tap(car, now_ms);
	if (now_ms >= car->enrolment.timeout_ms)
		return give_up(car,
			INFORMATION(
				LOCAL_ENTITY_AUTH_FAILED_TIMED_OUT_WAITING_FOR_TAP),
			"nobody tapped a key card");

	return 0;
}

uint64_t enrol_deadline(const struct car *car)
{
	const struct enrolment *enrolment = &car->enrolment;

	if (!enrolment->waiting)
		return CLOCK_NEVER;

	return enrolment->tap_ms < enrolment->timeout_ms
		       ? enrolment->tap_ms
		       : enrolment->timeout_ms;
}
