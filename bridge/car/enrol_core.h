/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Enrol's core - what enrol.c and enrol_answer.c share: its insides
 *
 * enrol.c does what is due, and what link and time bring; enrol_answer.c judges
 * what the car says.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "car/enrol.h"
#include "car/wire.h"
#include "vehicle/vehicle.h"

/* What is asked next. */
enum question {
	ASK_VCSEC,
	ASK_INFOTAINMENT,
	ASK_ROLE,
};

/* The add-key request.  Once a link may have issued it, it is never again. */
enum request {
	REQUEST_NOT_SENT,
	REQUEST_DUE,
	REQUEST_SENDING,
	REQUEST_SENT,
};

struct enrol {
	struct enrol_config config; /* without strings and objects */
	const struct enrol_ops *ops;
	void *userdata;

	struct vehicle *vehicle;
	struct wire wire;
	sd_event_source *timer;
	sd_event_source *defer;
	uint64_t until_ms;
	uint64_t connect_ms;

	bool is_begun; /* the first stage was told */
	enum enrol_stage stage;
	enum question question;
	bool is_asking;
	bool is_answering; /* bytes came since then */
	uint64_t ask_ms;
	unsigned int n_silent;

	enum request request;
	bool was_unknown; /* one of the two computers did not know the key */
	bool is_known;    /* VCSEC does */
	uint64_t sync_by_ms;

	bool has_ended;
	struct enrol_end end;
};

/* Tells the owner, unless it is the stage that it has been told. */
void enrol_set_stage(struct enrol *enrol, enum enrol_stage stage);

/* The first end counts; ended() is called by the loop. */
void enrol_finish(
	struct enrol *enrol, enum enrol_result result, const char *trouble);

/* What the car says to the request, and to the question. */
void enrol_on_key(struct enrol *enrol, const struct vehicle_event *event,
	uint64_t now_ms);
void enrol_on_answer(struct enrol *enrol, const struct vehicle_event *event,
	uint64_t now_ms);
