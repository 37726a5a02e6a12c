/* SPDX-License-Identifier: MIT */

/* Enrol: what the car says, and what that means. */

#include "car/enrol_core.h"

#include "car/verdict.h"
#include "link/link.h"

enum {
	/* So many times in a row nothing, each on a link of its own. */
	SILENT_MAX = 2,
};

static void end_refused(struct enrol *enrol, int information)
{
	struct enrol_end verdict;

	verdict_take(information, &verdict);
	enrol->end.information = information;
	enrol_finish(enrol, verdict.result, verdict.trouble);
}

/* VCSEC knows the key: what its list says of it is the last question. */
static void end_known(
	struct enrol *enrol, enum enrol_result result, const char *trouble)
{
	enrol->end.result = result;
	enrol->end.trouble = trouble;
	enrol->question = ASK_ROLE;
	enrol->ask_ms = 0;
}

/* What the car says to the request */

void enrol_on_key(
	struct enrol *enrol, const struct vehicle_event *event, uint64_t now_ms)
{
	/* It is on the list already: whoever did that, it is what we want. */
	enum { ADDED = 0, ALREADY = 13 };

	if (enrol->request < REQUEST_SENDING || enrol->is_known ||
		event->is_waiting)
		return;
	if (event->information == ADDED || event->information == ALREADY)
		/* So it says, and anyone could: the handshake proves it. */
		enrol->ask_ms = now_ms;
	else
		end_refused(enrol, event->information);
}

/* What the car says to the questions */

/* Nothing came back over this link: perhaps it does over another. */
static void reopen(struct enrol *enrol, uint64_t now_ms)
{
	link_close(enrol->wire.link);
	wire_down(&enrol->wire, now_ms, LINK_CLOSED_BY_US);
	vehicle_link_down(enrol->vehicle, now_ms, true);
	if (enrol->request == REQUEST_SENDING)
		enrol->request = REQUEST_SENT;
	enrol_set_stage(enrol, ENROL_SEARCHING);
}

static void vcsec_knows(struct enrol *enrol, uint64_t now_ms)
{
	enrol->is_known = true;
	enrol->question = ASK_INFOTAINMENT;
	enrol->ask_ms = now_ms;
	enrol->sync_by_ms = now_ms + ENROL_SYNC_MS;
	if (enrol->was_unknown)
		enrol_set_stage(enrol, ENROL_SYNCING);
}

static void vcsec_knows_not(struct enrol *enrol)
{
	enrol->was_unknown = true;
	if (enrol->config.ask_only)
		enrol_finish(enrol, ENROL_UNKNOWN_KEY, "key-not-enrolled");
	else if (enrol->request == REQUEST_NOT_SENT)
		enrol->request = REQUEST_DUE;
}

static void on_vcsec(
	struct enrol *enrol, const struct vehicle_event *event, uint64_t now_ms)
{
	if (event->outcome == OUTCOME_CONFIRMED) {
		vcsec_knows(enrol, now_ms);
	} else if (event->reason == VEHICLE_NOT_PAIRED) {
		vcsec_knows_not(enrol);
	} else if (!enrol->is_answering) {
		if (++enrol->n_silent >= SILENT_MAX &&
			enrol->request < REQUEST_SENDING)
			enrol_finish(enrol, ENROL_SILENT, "car-silent");
		else
			reopen(enrol, now_ms);
	} else if (event->reason != VEHICLE_SILENT &&
		   enrol->request < REQUEST_SENDING) {
		/* Not where it told others something, and us nothing. */
		if (event->reason == VEHICLE_FORBIDDEN)
			enrol_finish(
				enrol, ENROL_NOT_PERMITTED, "not-permitted");
		else
			enrol_finish(enrol, ENROL_REFUSED, "enrol-refused");
	}
}

static void on_infotainment(
	struct enrol *enrol, const struct vehicle_event *event, uint64_t now_ms)
{
	if (event->outcome == OUTCOME_CONFIRMED) {
		if (enrol->was_unknown)
			end_known(enrol, ENROL_DONE, "");
		else
			end_known(enrol, ENROL_ALREADY, "");
		return;
	}
	/* Asleep, or it has not heard of the key yet. */
	if (event->reason == VEHICLE_NOT_PAIRED)
		enrol->was_unknown = true;
	if (enrol->config.ask_only || now_ms >= enrol->sync_by_ms)
		end_known(enrol, ENROL_HALF, "half-enrolled");
	else
		enrol_set_stage(enrol, ENROL_SYNCING);
}

void enrol_on_answer(
	struct enrol *enrol, const struct vehicle_event *event, uint64_t now_ms)
{
	enum question question = enrol->question;

	enrol->is_asking = false;
	if (enrol->is_answering)
		enrol->n_silent = 0;
	if (question == ASK_ROLE) {
		enrol_finish(enrol, enrol->end.result, enrol->end.trouble);
		return;
	}
	/* The end of the link says all there is to say. */
	if (event->reason == VEHICLE_LINK_LOST || !enrol->wire.is_up)
		return;

	if (question == ASK_VCSEC)
		on_vcsec(enrol, event, now_ms);
	else
		on_infotainment(enrol, event, now_ms);
}
