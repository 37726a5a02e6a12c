/* SPDX-License-Identifier: MIT */
#pragma once

/* Reply - the way back to one client, where the faults strike */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "fault.h"

struct caller;

struct text {
	char *data;
	size_t len;
	uint64_t number; /* of the commando that it answers; else 0 */
	bool is_cut;     /* half of it is sent, and then nothing */
	bool is_raw;     /* not sealed */
};

/* What an answer is to. */
struct call_id {
	json_t *json;    /* NULL: it says none */
	uint64_t number; /* of a commando; else 0 */
};

struct reply {
	sd_event *event;
	sd_event_source *io; /* of the socket */
	struct faults *faults;
	struct caller *caller; /* borrowed; NULL: a unix socket */
	struct text out;
	size_t sent;      /* of out */
	bool closes;      /* once all is sent */
	struct text held; /* for out-of-order */
	sd_event_source *held_timer;
	struct delayed *delayed; /* a list */
};

void reply_deinit(struct reply *reply);

/*
 * Answers the call @id with @member, "result" or "error", of @value.  No
 * memory: the connection is closed.
 */
void reply_send(struct reply *reply, const struct call_id *id,
	const char *member, json_t *value);

/* Sends @text, which it takes over, as an answer, or as it is if it is raw. */
void reply_send_text(struct reply *reply, struct text *text);

/* Hands the socket what it takes. */
void reply_flush(struct reply *reply);
