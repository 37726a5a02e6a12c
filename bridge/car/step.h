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
