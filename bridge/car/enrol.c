/* SPDX-License-Identifier: MIT */

#include "car/enrol_core.h"

#include "link/link.h"
#include "util/clock.h"

enum {
	/* How long a computer is asked for, less than ENROL_POLL_MS. */
	ASK_MS = 4 * 1000,
};

void enrol_set_stage(struct enrol *enrol, enum enrol_stage stage)
{
	if (enrol->is_begun && enrol->stage == stage)
		return;
	enrol->is_begun = true;
	enrol->stage = stage;
	enrol->ops->stage(enrol->userdata, stage);
}

void enrol_finish(
	struct enrol *enrol, enum enrol_result result, const char *trouble)
{
	if (enrol->has_ended)
		return;
	enrol->has_ended = true;
	enrol->end.result = result;
	enrol->end.trouble = trouble;
	enrol->end.role = vehicle_state(enrol->vehicle)->key_role;
	/* Touches memory only: it cannot fail. */
	(void)sd_event_source_set_enabled(enrol->defer, SD_EVENT_ONESHOT);
}

static void fail(struct enrol *enrol, int error)
{
	enrol->end.error = error;
	enrol_finish(enrol, ENROL_FAILED, "failed-here");
}

/* What is to be done */

static void ask(struct enrol *enrol, uint64_t now_ms)
{
	static const enum command_id ids[] = {
		[ASK_VCSEC] = COMMAND_SESSION_VCSEC,
		[ASK_INFOTAINMENT] = COMMAND_SESSION_INFOTAINMENT,
		[ASK_ROLE] = COMMAND_KEY_ENTRY,
	};
	int r;

	r = vehicle_submit(enrol->vehicle, now_ms,
		&(struct command){ .id = ids[enrol->question] }, CLOCK_NEVER,
		now_ms + ASK_MS);
	if (r != 0) {
		fail(enrol, err_fold(r));
		return;
	}
	enrol->is_asking = true;
	enrol->is_answering = false;
	enrol->ask_ms = now_ms + ENROL_POLL_MS;
}

static void lost(struct enrol *enrol, uint64_t now_ms, enum link_reason reason,
	bool issued)
{
	bool was_up = enrol->wire.is_up, was_heard = enrol->wire.is_heard;

	wire_down(&enrol->wire, now_ms, reason);
	if (was_up)
		vehicle_link_down(enrol->vehicle, now_ms, issued);
	/* What never went out whole is due anew, after another look. */
	if (enrol->request == REQUEST_SENDING)
		enrol->request = issued ? REQUEST_SENT : REQUEST_NOT_SENT;
	else if (enrol->request == REQUEST_DUE)
		enrol->request = REQUEST_NOT_SENT;
	enrol_set_stage(enrol, ENROL_SEARCHING);
	/* Only a person can mend these, and should know at once. */
	if (enrol->request < REQUEST_SENDING && !enrol->is_known &&
		(reason == LINK_NO_BLUETOOTH || reason == LINK_NO_ADAPTER ||
			reason == LINK_ADAPTER_OFF || reason == LINK_BLOCKED ||
			reason == LINK_NO_SERVICE))
		enrol_finish(enrol, ENROL_UNREACHED, link_reason_name(reason));
	else if (!was_heard)
		enrol->ops->missed(enrol->userdata, link_reason_name(reason));
}

static void send_frame(
	struct enrol *enrol, uint64_t now_ms, const uint8_t *frame, size_t len)
{
	if (wire_send(&enrol->wire, frame, len))
		return;
	link_close(enrol->wire.link);
	lost(enrol, now_ms, LINK_IO_ERROR, false);
}

static void send_request(struct enrol *enrol, uint64_t now_ms)
{
	uint8_t frame[VEHICLE_ADD_KEY_SIZE];
	size_t len;

	len = vehicle_add_key(
		enrol->vehicle, enrol->config.role, enrol->config.form, frame);
	enrol->request = REQUEST_SENDING;
	enrol->ask_ms = now_ms + ENROL_POLL_MS;
	send_frame(enrol, now_ms, frame, len);
}

static void timed_out(struct enrol *enrol)
{
	struct link_info info;

	if (enrol->is_known) {
		enrol_finish(enrol, ENROL_HALF, "half-enrolled");
	} else if (enrol->request >= REQUEST_SENDING) {
		enrol_finish(enrol, ENROL_TIMED_OUT, "enrol-timed-out");
	} else if (enrol->wire.is_up ||
		   (enrol->wire.has_failed &&
			   enrol->wire.reason == LINK_CLOSED_BY_US)) {
		/* Also where we closed it, as it was silent. */
		enrol_finish(enrol, ENROL_SILENT, "car-silent");
	} else if (enrol->wire.has_failed) {
		enrol_finish(enrol, ENROL_UNREACHED,
			link_reason_name(enrol->wire.reason));
	} else {
		link_get_info(enrol->wire.link, &info);
		enrol_finish(enrol, ENROL_UNREACHED,
			link_reason_name(info.stage == LINK_CONNECTING
						 ? LINK_TIMEOUT
						 : LINK_NOT_FOUND));
	}
}

/* Does what is due.  Returns whether there may be more. */
static bool advance(struct enrol *enrol, uint64_t now_ms)
{
	enrol->connect_ms = CLOCK_NEVER;
	if (enrol->has_ended)
		return false;
	if (enrol->question == ASK_ROLE) {
		if (!enrol->wire.is_up)
			enrol_finish(
				enrol, enrol->end.result, enrol->end.trouble);
		else if (!enrol->is_asking)
			ask(enrol, now_ms);
		else
			return false;
		return true;
	}
	if (now_ms >= enrol->until_ms) {
		timed_out(enrol);
		return false;
	}
	if (!enrol->wire.is_up) {
		enrol->connect_ms =
			wire_connect(&enrol->wire, now_ms, enrol->until_ms);
		return false;
	}
	if (enrol->is_asking)
		return false;
	if (enrol->request == REQUEST_DUE && wire_is_free(&enrol->wire)) {
		send_request(enrol, now_ms);
		return true;
	}
	if (enrol->request == REQUEST_DUE || now_ms < enrol->ask_ms)
		return false;

	ask(enrol, now_ms);
	return true;
}

static uint64_t next_ms(const struct enrol *enrol)
{
	uint64_t at_ms = vehicle_deadline(enrol->vehicle);

	if (enrol->has_ended)
		return CLOCK_NEVER;
	at_ms = clock_earlier(at_ms, enrol->connect_ms);
	if (enrol->question != ASK_ROLE)
		at_ms = clock_earlier(at_ms, enrol->until_ms);
	if (enrol->wire.is_up && !enrol->is_asking &&
		enrol->request != REQUEST_DUE)
		at_ms = clock_earlier(at_ms, enrol->ask_ms);

	return at_ms;
}

static void pump(struct enrol *enrol)
{
	uint64_t now_ms = clock_boottime_ms();
	struct vehicle_event event;
	const uint8_t *frame;
	uint64_t at_ms;
	size_t len;

	do {
		while (wire_is_free(&enrol->wire) &&
			vehicle_take_output(enrol->vehicle, &frame, &len))
			send_frame(enrol, now_ms, frame, len);
		while (vehicle_take_event(enrol->vehicle, &event)) {
			if (event.type == VEHICLE_EVENT_ANSWER)
				enrol_on_answer(enrol, &event, now_ms);
			else if (event.type == VEHICLE_EVENT_KEY)
				enrol_on_key(enrol, &event, now_ms);
		}
	} while (advance(enrol, now_ms));

	/* Fails only where the timerfd, made at the start, does. */
	at_ms = next_ms(enrol);
	if (at_ms <= UINT64_MAX / 1000)
		(void)sd_event_source_set_time(enrol->timer, at_ms * 1000);
	(void)sd_event_source_set_enabled(enrol->timer,
		at_ms <= UINT64_MAX / 1000 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void on_up(struct enrol *enrol, uint64_t now_ms)
{
	enrol->wire.is_up = true;
	enrol->ask_ms = now_ms;
	vehicle_link_up(enrol->vehicle, now_ms);
	if (enrol->stage == ENROL_SEARCHING)
		enrol_set_stage(enrol, enrol->is_known ? ENROL_SYNCING
				       : enrol->request == REQUEST_SENT
					       ? ENROL_WAITING
					       : ENROL_PROBING);
}

static void on_link(void *userdata, const struct link_event *event)
{
	struct enrol *enrol = userdata;
	uint64_t now_ms = clock_boottime_ms();

	if (enrol->has_ended)
		return;

	switch (event->type) {
	case LINK_HEARD:
		enrol->ops->heard(enrol->userdata, event->rssi);
		break;
	case LINK_UP:
		on_up(enrol, now_ms);
		break;
	case LINK_SENT:
		wire_sent(&enrol->wire);
		if (enrol->request != REQUEST_SENDING)
			break;
		enrol->request = REQUEST_SENT;
		enrol_set_stage(enrol, ENROL_WAITING);
		break;
	case LINK_BYTES:
		enrol->wire.is_heard = enrol->is_answering = true;
		vehicle_bytes(enrol->vehicle, now_ms, event->data, event->len);
		break;
	case LINK_DOWN:
		lost(enrol, now_ms, event->reason, event->issued);
		break;
	}
	pump(enrol);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct enrol *enrol = userdata;

	(void)source;
	(void)usec;

	vehicle_tick(enrol->vehicle, clock_boottime_ms());
	pump(enrol);

	return 0;
}

static int on_defer(sd_event_source *source, void *userdata)
{
	struct enrol *enrol = userdata;

	(void)source;

	if (enrol->has_ended) {
		link_close(enrol->wire.link);
		enrol->ops->ended(enrol->userdata, &enrol->end);
		return 0;
	}
	enrol_set_stage(enrol, ENROL_SEARCHING);
	pump(enrol);

	return 0;
}

static int add_sources(struct enrol *enrol, sd_event *event)
{
	int r;

	/* Without the 1 ms, sd-event would take 250 to save wake-ups. */
	r = sd_event_add_time(
		event, &enrol->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, enrol);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(enrol->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;

	/* The first stage is told from the loop. */
	return sd_event_add_defer(event, &enrol->defer, on_defer, enrol);
}

int enrol_new(sd_event *event, const struct enrol_config *config,
	const struct enrol_ops *ops, void *userdata, struct enrol **ret)
{
	_cleanup_(enrol_freep) struct enrol *enrol = NULL;
	int r;

	enrol = calloc(1, sizeof(*enrol));
	if (enrol == NULL)
		return -ENOMEM;
	enrol->config = *config;
	enrol->ops = ops;
	enrol->userdata = userdata;
	enrol->until_ms = clock_boottime_ms() + config->timeout_ms;
	enrol->connect_ms = CLOCK_NEVER;

	r = vehicle_new(config->vin, config->signer, wire_random, NULL,
		&enrol->vehicle);
	if (r != 0)
		return r;
	r = add_sources(enrol, event);
	if (r < 0)
		return r;

	wire_init(&enrol->wire, config->link);
	link_set_handler(config->link, on_link, enrol);
	*ret = steal_ptr(&enrol);
	return 0;
}

struct enrol *enrol_free(struct enrol *enrol)
{
	if (enrol == NULL)
		return NULL;

	sd_event_source_disable_unref(enrol->timer);
	sd_event_source_disable_unref(enrol->defer);
	link_free(enrol->wire.link);
	vehicle_free(enrol->vehicle);
	free(enrol);
	return NULL;
}
