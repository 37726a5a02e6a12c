/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Car - the vehicle engine on a link: connect, wake, run a program, read back
 *
 * The link is opened when there is work, and held as the configuration says;
 * failed attempts back off.  One job runs at a time.  For each step the car
 * asks its owner first (before_step), so that the owner can apply rules and
 * journal the step before it is sealed.
 *
 * Spec: architecture 2, 3 and 7.
 */

#include <systemd/sd-event.h>

#include "link/link.h"
#include "model/car_state.h"
#include "model/condition.h"
#include "model/journal.h"
#include "model/key_level.h"
#include "model/link_hold.h"
#include "model/outcome.h"
#include "model/program.h"
#include "model/report.h"
#include "util/macro.h"

struct car;
struct signer;

enum {
	CAR_WHY_SIZE = 200,
	/* LINK_HOLD_ON_DEMAND: after the last job. */
	CAR_LINK_IDLE_MS = 30 * 1000,
	/* A car drops a link that is silent for 30 s: the status is asked. */
	CAR_KEEP_MS = 20 * 1000,
	/* LINK_HOLD_WHILE_AWAKE: how often a car that slept is looked for. */
	CAR_LOOK_MS = 5 * 60 * 1000,
	/* One attempt to connect, the link's recovery ladder included. */
	CAR_CONNECT_MS = 45 * 1000,
	/* It ends so much earlier than what it is for, to say why. */
	CAR_TELL_MS = 200,
	/* From the wake command to the first infotainment answer. */
	CAR_WAKE_MS = 25 * 1000,
	CAR_BACKOFF_MIN_MS = 500,
	CAR_BACKOFF_MAX_MS = 30 * 1000,
};

enum {
	_CAR_E_SUCCESS,

	CAR_E_BUSY,    /* a job runs */
	CAR_E_REFUSED, /* before_step(): do not; @why says why */
	CAR_E_LENT,    /* the link is lent */
};

struct car_config {
	const char *vin;
	struct signer *signer; /* borrowed */
	struct link *link;     /* taken over on success */
	enum link_hold hold;
};

enum car_job_kind {
	CAR_JOB_RUN,     /* the steps, and undo if a later one is refused */
	CAR_JOB_RECOVER, /* after a crash: read-back and undo, never a step */
};

struct car_job {
	enum car_job_kind kind;
	const struct program *steps; /* borrowed until done() */
	const struct program *undo;  /* borrowed; may be empty */
	/*
	 * CAR_JOB_RUN: the first step is sealed before this time or never.
	 */
	uint64_t start_by_ms;
	/*
	 * Proven right before the first step is sealed; parked before each
	 * of them, for what was done may have changed the others.  A car that
	 * has to be awake is not woken.
	 */
	struct conditions conditions;
	/* CAR_JOB_RUN: all steps, from the first one on; 0: what they need. */
	uint64_t budget_ms;
	/* CAR_JOB_RECOVER: how far it had come. */
	struct journal journal;
};

/* One step of a job, as told to the owner. */
struct car_step {
	size_t index; /* in the program, or in undo */
	bool is_undo;
	const struct step *step;
};

struct car_result {
	enum outcome outcome;
	/* What happened, as a sentence; empty if all of it was confirmed. */
	char why[CAR_WHY_SIZE];
	/* Steps confirmed, waits included: fewer where one was left out. */
	size_t n_confirmed;
	/*
	 * OUTCOME_UNKNOWN: the step that failed says that the money is kept.
	 * Where that is certain it is OUTCOME_CONFIRMED, for what came before
	 * it.
	 */
	bool keeps;
};

enum car_read_result {
	CAR_READ_DONE,
	CAR_READ_ASLEEP,    /* and it was not to be woken */
	CAR_READ_DISPLACED, /* a job came first: ask again */
	CAR_READ_FAILED,
};

/* What came of car_read(); valid inside the callback only. */
struct car_reading {
	enum command_id id;
	enum car_read_result result;
	const char *why;             /* a sentence; empty if done */
	const struct report *report; /* if done */
};

/*
 * Callbacks come from the loop; from inside car_begin() only before_step() and
 * after_step() do.
 */
struct car_ops {
	/*
	 * The step is about to be sealed: check the rules (first step only)
	 * and journal it.  Not asked for waits and for reads, but also for
	 * steps whose effect is there already, and for those of undo.
	 * Returns 0 to go on, CAR_E_REFUSED with a sentence in @why, or
	 * negative errno, which counts as refused.
	 */
	int (*before_step)(void *userdata, const struct car_step *step,
		const struct car_state *state, char why[static CAR_WHY_SIZE]);
	/*
	 * A step that was asked for, or had begun before a crash, has its
	 * outcome.  Journal it.
	 */
	void (*after_step)(void *userdata, const struct car_step *step,
		enum outcome outcome, const char *why);
	/* The job has ended; a new one may be begun right here. */
	void (*done)(void *userdata, const struct car_result *result);
	/* Link, sessions, state or lockout changed: status may be redrawn. */
	void (*changed)(void *userdata);
	/* car_look() has ended; car_get_info() and car_state() tell. */
	void (*looked)(void *userdata);
	/* car_read() has ended; a new one may be begun right here. */
	void (*read)(void *userdata, const struct car_reading *reading);
	/*
	 * The car asked whether a key is near, and was told so for @level;
	 * refused or unknown with a sentence.  See car_set_passive_entry().
	 */
	void (*authenticated)(void *userdata, enum key_level level,
		enum outcome outcome, const char *why);
};

/* Borrows @ops.  Returns 0 or negative errno. */
int car_new(sd_event *event, const struct car_config *config,
	const struct car_ops *ops, void *userdata, struct car **ret) _must_use_;

/* Cancels without a word.  Not from inside a callback.  NULL is fine. */
struct car *car_free(struct car *car);

/*
 * Begins @job (copied).  Ends in one done().  Returns 0, CAR_E_BUSY while
 * another runs, CAR_E_LENT until changed() tells that the link is back, or
 * negative errno.  If the link, the sessions and the guards are fresh, the
 * first step is asked for and sent before this returns.  A look or a read ends
 * early.
 */
int car_begin(struct car *car, const struct car_job *job) _must_use_;

/* Stops the job: what was begun ends as it must (undo), nothing new begins. */
void car_stop(struct car *car, const char *why);

/*
 * Would car_begin() of this job send its first step at once: link up, idle,
 * sessions there, guards fresh?  A caller that journals the order and its
 * first step in one write asks this.
 */
bool car_is_ready(const struct car *car, const struct car_job *job);

/*
 * Looks at the car, for a person who asks: brings the link up, shakes hands
 * with VCSEC, asks for the status, and shakes hands with infotainment if it
 * is awake.  Wakes nothing.  Ends in one looked(), after CAR_CONNECT_MS and a
 * few seconds at the latest.  Returns 0, CAR_E_BUSY or CAR_E_LENT.
 */
int car_look(struct car *car) _must_use_;

/*
 * Reads one part of the car's state, by the command @id, and wakes the car for
 * it only if @may_wake.  car_state() then has what rules need of it.  Makes way
 * for a job, as a look does.  Ends in one read(), after CAR_CONNECT_MS,
 * CAR_WAKE_MS and a few seconds at the latest.  Returns 0, CAR_E_BUSY while a
 * job, a look or another read runs, CAR_E_LENT, -EINVAL if @id reads no part,
 * or -ENOMEM.
 */
int car_read(struct car *car, enum command_id id, bool may_wake) _must_use_;

/*
 * Until @until_ms of CLOCK_BOOTTIME (0: not at all) whoever is beside the car
 * can open and drive it: the car is told that a key is near whenever it asks.
 * Meanwhile the link is held as LINK_HOLD_ALWAYS does, and taken up again where
 * it was lost; over a restart of the process the caller has to say it again.
 * Once off, not a byte of it is sent any more.  A lockout ends it, too, and
 * keeps it from being begun; changed() tells of all that.
 */
void car_set_passive_entry(struct car *car, uint64_t until_ms);

/* The @until_ms of it; 0 while it is off. */
uint64_t car_passive_entry(const struct car *car);

/*
 * Gives up the link, so that another program can have the car, until
 * car_take_back().  Returns 0, CAR_E_BUSY while a job, a look or a read runs, or
 * CAR_E_LENT if it is lent already.
 */
int car_lend(struct car *car) _must_use_;
void car_take_back(struct car *car);

/* Does a job run, a look or a read? */
bool car_is_busy(const struct car *car);
bool car_is_connected(const struct car *car);
bool car_has_session(const struct car *car, enum domain domain);
const struct car_state *car_state(const struct car *car);
/* Last problem with the car as a sentence, "" if there is none. */
const char *car_problem(const struct car *car);

/* For status, beside the above. */
struct car_info {
	struct link_info link;
	bool is_lent;
	/*
	 * What stood in the way last, as the name of a row in
	 * model/trouble.c; "" if nothing did.
	 */
	const char *trouble;
};

void car_get_info(const struct car *car, struct car_info *ret);

DEFINE_CLEANUP(struct car *, car_free);
