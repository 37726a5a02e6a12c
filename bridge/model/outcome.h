/* SPDX-License-Identifier: MIT */
#pragma once

/* Outcome - what became of a command, a step or a whole program */

enum outcome {
	OUTCOME_CONFIRMED, /* the car has done it */
	OUTCOME_REFUSED,   /* it had no effect */
	OUTCOME_UNKNOWN,   /* it may have had an effect */
};

/* "confirmed", "refused" or "unknown": the words of log, CLI and D-Bus. */
const char *outcome_name(enum outcome outcome);
