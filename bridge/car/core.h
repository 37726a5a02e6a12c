/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Core - what car.c, pump.c and look.c share: the insides of a car
 *
 * car.c does what the owner asks for, pump.c what link, engine and time bring;
 * look.c is a look at the car, read.c reads one part of its state, entry.c is
 * passive entry.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "car/car.h"
#include "car/hold.h"
#include "car/job.h"
#include "car/wire.h"
#include "vehicle/vehicle.h"

enum {
	/* So many requests without a byte from the car, and the link is dead */
	CAR_SILENT_MAX = 3,
	/* Until a computer that is there has shaken hands. */
	LOOK_SESSION_MS = 5 * 1000,
};

/* What the request in flight is for. */
enum flight {
	FLIGHT_NONE,
	FLIGHT_JOB,
	FLIGHT_LOOK,
	FLIGHT_READ,
	FLIGHT_HOLD,
};

/* What a look asks next, in this order. */
enum look {
	LOOK_NONE,
	LOOK_VCSEC,
	LOOK_STATUS,
	LOOK_INFOTAINMENT,
	LOOK_OVER, /* looked() is due */
};

/* What a read asks next, in this order. */
struct read {
	enum read_phase {
		READ_NONE,
		READ_STATUS, /* does the car sleep? */
		READ_WAKE,
		READ_PART,
		READ_OVER, /* read() is due */
	} phase;
	enum command_id id;
	bool may_wake;
	bool is_guess; /* it has answered lately, so it is taken to be awake */
	bool is_woken;
	enum car_read_result result;
	char why[CAR_WHY_SIZE];
	struct report *report;
};

struct car {
	struct vehicle *vehicle;
	struct wire wire;
	struct hold hold;
	const struct car_ops *ops;
	void *userdata;

	sd_event_source *timer;
	uint64_t armed_ms; /* what the timer is set to; CLOCK_NEVER: off */
	sd_event_source *defer;

	enum flight flight;
	bool is_answering; /* bytes came since the request was made */
	unsigned int n_silent;
	bool is_lent;

	enum look look;
	bool look_knows; /* VCSEC knows the key */

	struct read read;

	bool has_job;
	bool over; /* done() is due */
	struct job job;
	uint64_t job_until_ms;
	uint64_t connect_ms;
	enum domain step_domain; /* of the step in flight; 0: none */
	bool step_given;
	uint64_t answered_ms; /* infotainment's last answer */

	/* Passive entry: is it on?  And what authenticated() is due for. */
	bool has_entry;
	enum link_hold link_hold; /* while it is off */
	bool has_told;
	struct vehicle_event told;

	bool changed;         /* changed() is due */
	bool problem_of_link; /* it goes as soon as the car says anything */
	const char *trouble;
	char problem[CAR_WHY_SIZE];
};

/* Goes on until nothing is left to do, and arms the timer. */
void car_pump(struct car *car);

/* Goes on from the loop. */
void car_pump_later(struct car *car);

/* changed() will be called. */
void car_set_changed(struct car *car);

/* Work has ended: the link is held as configured. */
void car_hold_idle(struct car *car);

/* Gives up the link. */
void car_close_link(struct car *car);

/* Ends a request for holding, to make room for another. */
void car_stop_holding(struct car *car);

/* What the job is told of the world. */
struct job_view car_view(const struct car *car);

/* Handlers; @userdata is the car. */
void car_on_link(void *userdata, const struct link_event *event);
int car_on_timer(sd_event_source *source, uint64_t usec, void *userdata);
int car_on_defer(sd_event_source *source, void *userdata);

/* Submits @command for @flight.  Returns as vehicle_submit() does. */
int car_ask(struct car *car, uint64_t now_ms, enum flight flight,
	const struct command *command, uint64_t seal_by_ms, uint64_t until_ms);

/* entry.c: holds the link while passive entry is on, and as before after it. */
void entry_follow(struct car *car);
void entry_on_event(struct car *car, const struct vehicle_event *event);
/* Tells the owner, from the loop. */
void entry_tell(struct car *car);

/* look.c: does what a look does next; true if there may be more to do. */
bool look_run(struct car *car);
void look_on_answer(struct car *car, const struct vehicle_event *event);
/* The link of a look has ended, or work comes first. */
void look_stop(struct car *car);

/* read.c: the same for a read.  Takes @report over. */
void read_begin(struct car *car, enum command_id id, bool may_wake,
	struct report *report);
bool read_is_on(const struct car *car);
bool read_run(struct car *car);
void read_on_answer(struct car *car, const struct vehicle_event *event);
void read_on_down(struct car *car);
void read_stop(struct car *car, enum car_read_result result, const char *why);
/* Tells the owner, from the loop. */
void read_end(struct car *car);
