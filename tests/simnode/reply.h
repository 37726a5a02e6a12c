/* SPDX-License-Identifier: MIT */
#pragma once

/* Reply - the way back to one client, where the faults strike */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "fault.h"

struct text {
	char *data;
	size_t len;
};

struct reply {
	sd_event *event;
	sd_event_source *io; /* of the socket */
	struct faults *faults;
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
void reply_send(struct reply *reply, const json_t *id, const char *member,
	json_t *value);

/* Hands the socket what it takes. */
void reply_flush(struct reply *reply);
