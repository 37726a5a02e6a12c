/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A vehicle engine that does what the test says, linked in place of the real
 * one: each submitted command becomes the frame { its id }, and two bytes from
 * the link, { outcome, reason }, are its answer.
 */

#include "vehicle/vehicle.h"

enum {
	FAKE_OUTPUTS_MAX = 4,
	FAKE_EVENTS_MAX = 8,
	/* The frame of vehicle_add_key(), as that of no command. */
	FAKE_ADD_KEY = 250,
};

struct vehicle {
	struct car_state state;
	bool has_session[DOMAIN_INFOTAINMENT + 1];
	uint64_t locked_until_ms;
	uint64_t passive_until_ms;
	bool tells;   /* what vehicle_report() is to return */
	int submit_r; /* what vehicle_submit() is to return */

	bool is_busy;
	struct command command;
	uint64_t deadline_ms;

	bool link_up;
	bool last_issued; /* as told by vehicle_link_down() */
	unsigned int n_submitted;
	unsigned int n_forgotten;

	uint8_t outputs[FAKE_OUTPUTS_MAX];
	size_t n_outputs;
	size_t n_taken;
	struct vehicle_event events[FAKE_EVENTS_MAX];
	size_t n_events;
	size_t n_heard;

	vehicle_random_t random;
	void *random_userdata;
};

/* The engine that was made last. */
struct vehicle *fake_vehicle(void);

/* Another frame for the link, without a command. */
void fake_output(struct vehicle *vehicle, uint8_t byte);

/* An answer to the request to add a key. */
void fake_key(struct vehicle *vehicle, bool is_waiting, int information);

/* What became of an answer to the car's question for a key. */
void fake_authenticated(
	struct vehicle *vehicle, enum key_level level, enum outcome outcome);

/* Another event, without a command. */
void fake_event(struct vehicle *vehicle, int type);
