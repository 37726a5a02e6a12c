/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Step - how a job brings one command to its outcome
 *
 * Prepares (link, wake, guard, a look at what is there), asks the owner, seals,
 * and reads back what stayed in doubt.  Private to job.c, which decides what
 * the outcome means for the program.
 */

#include "car/job.h"

/* The program that runs, its step at hand, and the row of that command. */
const struct program *job_program(const struct job *job);
const struct step *job_current(const struct job *job);
const struct command_info *job_info(const struct job *job);

/* snprintf() into a reason. */
void say(char ret[static CAR_WHY_SIZE], const char *format, ...) _printf_(2, 3);

/*
 * What JOB_READY and JOB_READ_BACK do next.  True with an action in *@ret, or
 * false if the step has changed or ended: job->phase tells.
 */
bool step_next(struct job *job, uint64_t now_ms, const struct job_view *view,
	struct job_action *ret);
bool step_next_read_back(struct job *job, uint64_t now_ms,
	const struct job_view *view, struct job_action *ret);

/* It cannot go on: refused, unless an earlier sending of it is in doubt. */
void step_fails(struct job *job, uint64_t now_ms, const char *why);

/* The step had been sealed before a crash: only looks for its effect. */
void step_recover(struct job *job, uint64_t now_ms);

/* An action about the step at hand; always true. */
bool step_ask(struct job *job, struct job_action *ret);

/* prepare.c */

/* Until when the step at hand may be sealed, or read back. */
uint64_t step_limit(const struct job *job);

/* Asks for a request; always true. */
bool step_submit(struct job *job, enum job_request request,
	const struct command *command, uint64_t deadline_ms,
	struct job_action *ret);
/*
 * The same for a read of infotainment, which right after a wake needs its
 * time to boot.  False if that is over, and the step failed by it.
 */
bool step_read(struct job *job, uint64_t now_ms, enum job_request request,
	enum command_id id, struct job_action *ret);

/* What has to be so of the car now. */
struct conditions step_guards(const struct job *job);

/*
 * Link, wake, guards: what must be there before a command that needs the car
 * awake if @awake.  True if an action is due first; false if not, or if the
 * step has ended, which job->phase tells.
 */
bool step_prepare(struct job *job, uint64_t now_ms, const struct job_view *view,
	bool awake, struct job_action *ret);

/* @read was answered: the step fails unless what it shows is as it has to be */
void step_check_guards(struct job *job, uint64_t now_ms,
	const struct job_view *view, enum command_id read);
