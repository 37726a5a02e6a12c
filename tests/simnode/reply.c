/* SPDX-License-Identifier: MIT */

#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "caller.h"
#include "util/macro.h"

enum {
	/* An answer that none overtakes goes out all the same. */
	HOLD_MS = 200,
};

/* An answer that is slow. */
struct delayed {
	struct reply *reply;
	struct text text;
	sd_event_source *timer;
	struct delayed *next;
};

static void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

static void hang_up(struct reply *reply)
{
	/* The loop sees it and frees the client. */
	(void)shutdown(sd_event_source_get_io_fd(reply->io), SHUT_RDWR);
}

void reply_flush(struct reply *reply)
{
	size_t left = reply->out.len - reply->sent;
	ssize_t n;

	if (left > 0) {
		n = send(sd_event_source_get_io_fd(reply->io),
			reply->out.data + reply->sent, left,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			reply->sent += (size_t)n;
	}
	if (reply->sent == reply->out.len) {
		text_free(&reply->out);
		reply->sent = 0;
		if (reply->closes)
			hang_up(reply);
	}

	/* Who does not read is not listened to: lightning 3. */
	(void)sd_event_source_set_io_events(
		reply->io, reply->out.len > 0 ? EPOLLOUT : EPOLLIN);
}

/* Appends @text, which it takes over, to what is sent. */
static void queue(struct reply *reply, struct text *text)
{
	bool seals = reply->caller != NULL && !text->is_raw;
	char *more = NULL;

	if (!seals || caller_seal(reply->caller, text))
		more = realloc(reply->out.data, reply->out.len + text->len);
	if (text->is_cut) {
		text->len /= 2;
		reply->closes = true;
	}
	if (more != NULL) {
		memcpy(more + reply->out.len, text->data, text->len);
		reply->out.data = more;
		reply->out.len += text->len;
	} else {
		reply->closes = true;
	}
	text_free(text);
	/* Not at once: what it tells is to be saved before. */
	(void)sd_event_source_set_io_events(reply->io, EPOLLOUT);
}

static void delayed_free(struct delayed *delayed)
{
	struct delayed **at = &delayed->reply->delayed;

	while (*at != delayed)
		at = &(*at)->next;
	*at = delayed->next;
	sd_event_source_disable_unref(delayed->timer);
	text_free(&delayed->text);
	free(delayed);
}

static int on_delayed(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct delayed *delayed = userdata;

	(void)source;
	(void)usec;
	queue(delayed->reply, &delayed->text);
	delayed_free(delayed);
	return 0;
}

/* Sends @text, which it takes over: now, or later if the node is slow. */
static void pass(struct reply *reply, struct text *text)
{
	struct delayed *delayed;

	if (reply->faults->slow_ms == 0) {
		queue(reply, text);
		return;
	}

	delayed = calloc(1, sizeof(*delayed));
	if (delayed == NULL) {
		text_free(text);
		return;
	}
	delayed->reply = reply;
	delayed->text = *text;
	*text = (struct text){ 0 };
	delayed->next = reply->delayed;
	reply->delayed = delayed;
	if (sd_event_add_time_relative(reply->event, &delayed->timer,
		    CLOCK_BOOTTIME, reply->faults->slow_ms * 1000, 1000,
		    on_delayed, delayed) < 0)
		delayed_free(delayed);
}

static int on_held(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct reply *reply = userdata;

	(void)source;
	(void)usec;
	pass(reply, &reply->held);
	return 0;
}

/* Lets the next answer overtake this one. */
static void overtake(struct reply *reply, struct text *text)
{
	if (reply->held.data != NULL) {
		pass(reply, text);
		pass(reply, &reply->held);
		return;
	}

	reply->held = *text;
	reply->held_timer = sd_event_source_disable_unref(reply->held_timer);
	if (sd_event_add_time_relative(reply->event, &reply->held_timer,
		    CLOCK_BOOTTIME, HOLD_MS * 1000, 1000, on_held, reply) < 0)
		pass(reply, &reply->held);
}

/* An answer of about @len bytes that fits the call, as far as it goes. */
static bool make_flood(struct text *text, size_t len)
{
	char *flood = malloc(text->len + len);
	size_t end = text->len - 1;

	if (flood == NULL)
		return false;

	/* A new member, before the last bracket and what follows it. */
	while (text->data[end] != '}')
		end--;
	memcpy(flood, text->data, end);
	memcpy(flood + end, ",\"flood\":\"", 10);
	memset(flood + end + 10, 'x', len - 14);
	memcpy(flood + end + len - 4, "\"}\n\n", 4);
	free(text->data);
	text->data = flood;
	text->len = end + len;
	return true;
}

static bool make_twice(struct text *text)
{
	char *twice = malloc(2 * text->len);

	if (twice == NULL)
		return false;

	memcpy(twice, text->data, text->len);
	memcpy(twice + text->len, text->data, text->len);
	free(text->data);
	text->data = twice;
	text->len *= 2;
	return true;
}

/* Lets the fault that waits strike.  Returns whether memory was enough. */
static bool strike(struct reply *reply, struct text *text)
{
	static const char garbage[] = "\x16\x03\x01 no \xff JSON }{\n\n";
	enum fault_kind kind = reply->faults->next;

	reply->faults->next = FAULT_NONE;
	switch (kind) {
	case FAULT_NONE:
	case FAULT_WRONG_ID:
		return true;
	case FAULT_CLOSE_MID_OBJECT:
		text->is_cut = true;
		return true;
	case FAULT_FLOOD:
		return make_flood(text, reply->faults->flood);
	case FAULT_GARBAGE:
		free(text->data);
		text->data = strdup(garbage);
		text->len = sizeof(garbage) - 1;
		text->is_raw = true;
		return text->data != NULL;
	case FAULT_TWICE:
		return make_twice(text);
	}

	return true;
}

/* @answer as a text with two newlines at its end. */
static struct text print(const json_t *answer)
{
	_cleanup_(freep) char *json = json_dumps(answer, JSON_COMPACT);
	struct text text = { 0 };
	int len;

	if (json == NULL)
		return text;
	len = asprintf(&text.data, "%s\n\n", json);
	if (len < 0)
		return (struct text){ 0 };

	text.len = (size_t)len;
	return text;
}

void reply_send_text(struct reply *reply, struct text *text)
{
	queue(reply, text);
}

void reply_send(struct reply *reply, const struct call_id *id,
	const char *member, json_t *value)
{
	struct text text = { 0 };
	json_t *answer;

	if (reply->faults->stall)
		return;

	answer = json_pack("{s:s, s:o, s:O}", "jsonrpc", "2.0", "id",
		reply->faults->next == FAULT_WRONG_ID
			? json_string("nobody#1")
			: json_deep_copy(id->json),
		member, value);
	text = print(answer);
	text.number = id->number;
	json_decref(answer);
	if (text.data == NULL || !strike(reply, &text)) {
		text_free(&text);
		hang_up(reply);
		return;
	}

	if (reply->faults->out_of_order)
		overtake(reply, &text);
	else
		pass(reply, &text);
}

void reply_deinit(struct reply *reply)
{
	while (reply->delayed != NULL)
		delayed_free(reply->delayed);
	text_free(&reply->held);
	sd_event_source_disable_unref(reply->held_timer);
	text_free(&reply->out);
}
