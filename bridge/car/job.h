/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Job - what comes next, and what became of it
 *
 * The judgement of car.c, without its world: time, answers and what is known
 * of the car come in, the next action comes out.  The owner asks job_next()
 * after whatever happens, does what it says, and tells what came of it.
 *
 * Spec: architecture 2 ("Who retries"), 3 (steps 4 and 5), 7.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "car/car.h"
#include "model/car_state.h"
#include "model/command.h"
#include "model/outcome.h"
#include "model/program.h"
#include "vehicle/vehicle.h"

enum {
	/* How long the body controller of a car that dozes may be silent. */
	JOB_STATUS_MS = 3 * 1000,
	/* The same for infotainment that should be awake. */
	JOB_READ_MS = 5 * 1000,
	/* A car that answered stays awake for so long; in fact for minutes. */
	JOB_AWAKE_MS = 60 * 1000,
	/* From a doubtful step to reading back: slow cars still do it. */
	JOB_SETTLE_MS = 1500,
	/* Time for reading back, to connect again and to wake the car. */
	JOB_READ_BACK_MS = CAR_CONNECT_MS + CAR_WAKE_MS,
	/* Time for undo beyond its program, the same. */
	JOB_UNDO_GRACE_MS = CAR_CONNECT_MS + CAR_WAKE_MS,
	/* CAR_JOB_RECOVER: how long the car is looked for; two attempts. */
	JOB_RECOVER_MS = 2 * CAR_CONNECT_MS,
};

/* What is known when a decision is due. */
struct job_view {
	bool link_up;
	const char *link_why; /* why it is not, part of a sentence */
	const struct car_state *state;
	uint64_t answered_ms;     /* infotainment's last answer, 0: never */
	uint64_t locked_until_ms; /* 0: not locked out */
};

enum job_action_type {
	JOB_WAIT,    /* for an event, or until @until_ms */
	JOB_CONNECT, /* the same, and bring the link up */
	JOB_SUBMIT, /* @command by @seal_by_ms and @until_ms; job_on_answer() */
	JOB_ASK,    /* before_step(@step); then job_on_asked() */
	JOB_TELL,   /* after_step(@step, @outcome, @why) */
	JOB_DONE,   /* @result of the job is there */
};

struct job_action {
	enum job_action_type type;
	uint64_t until_ms;
	uint64_t seal_by_ms;
	struct command command;
	bool is_step; /* JOB_SUBMIT: the step itself, no read around it */
	struct car_step step;
	enum outcome outcome;
	const char *why;
};

enum job_phase {
	JOB_READY,     /* the step is prepared, asked for, sent */
	JOB_READ_BACK, /* the step is in doubt: the car is looked at */
	JOB_ENDED,     /* the step has its outcome */
	JOB_OVER,
};

/* What the request in flight is for. */
enum job_request {
	JOB_REQUEST_NONE,
	JOB_REQUEST_STATUS, /* does it sleep? */
	JOB_REQUEST_WAKE,
	JOB_REQUEST_GUARD, /* is it as it has to be, and does it answer? */
	JOB_REQUEST_LOOK,  /* READ_FIRST: is the effect there already? */
	JOB_REQUEST_STEP,
	JOB_REQUEST_READ_BACK,
};

/* The step at hand. */
struct job_step {
	uint64_t wait_until_ms; /* of a wait; 0: not begun */
	bool status_read;
	bool poke;         /* silent: wake it, whatever its status */
	uint64_t woken_ms; /* 0: not by us */
	bool warm;         /* infotainment has answered since */
	bool looked;
	uint64_t look_from_ms;
	bool asked;       /* the owner has journalled it */
	uint64_t sent_ms; /* first time; 0: never */
	bool maybe;       /* one sending of it may have had an effect */
	/* Until then that may still come; see on_read_back(). */
	uint64_t valid_until_ms;
	enum outcome outcome;
	char why[CAR_WHY_SIZE];
};

struct job {
	struct car_job spec;
	enum job_phase phase;
	enum job_request request;
	uint64_t request_by_ms;
	bool is_undo;
	bool told;
	size_t index; /* of the step in its program */
	struct job_step step;
	uint64_t limit_ms;     /* of the program */
	uint64_t read_from_ms; /* JOB_READ_BACK */
	uint64_t read_by_ms;

	bool sealed;   /* the first step was */
	bool reached;  /* the link was up */
	size_t n_done; /* commands confirmed */
	bool doubt;    /* a step stayed unknown */
	bool is_final; /* steps that may be left out are not tried, either */
	bool keeps;    /* it stopped where the money is kept */
	bool in_doubt; /* the step by which it stopped stayed unknown */
	/* Nothing is undone before: it could come after its undoing. */
	uint64_t undo_from_ms;
	bool undo_failed;
	char stop_why[CAR_WHY_SIZE]; /* "": goes on */
	char why[CAR_WHY_SIZE];      /* why the steps ended */
	char left_out[CAR_WHY_SIZE]; /* the first step that was, and why */
	struct car_result result;    /* JOB_OVER */
};

/* Begins; copies @spec, borrows its programs. */
void job_init(struct job *job, const struct car_job *spec, uint64_t now_ms);

/*
 * What to do now.  As long as a request is in flight, JOB_WAIT, or JOB_CONNECT
 * if its link went.
 */
void job_next(struct job *job, uint64_t now_ms, const struct job_view *view,
	struct job_action *ret);

/* The request of JOB_SUBMIT has ended; the engine's event says how. */
void job_on_answer(struct job *job, uint64_t now_ms,
	const struct job_view *view, const struct vehicle_event *event);

/* before_step() returned @r: 0, CAR_E_REFUSED with @why, or -errno. */
void job_on_asked(struct job *job, uint64_t now_ms, int r, const char *why);

/*
 * Nothing new begins.  Returns whether the request in flight may be cancelled,
 * because it is not the step itself and nothing has begun.
 */
bool job_stop(struct job *job, const char *why);
