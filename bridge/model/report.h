/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Report - one part of the car's state, as a list of facts for a person
 *
 * All that the car told, whether a rule asks for it or not; what a rule needs
 * is in car_state.h, typed.  Names are those of the protocol, in snake_case;
 * what is inside something stands behind a dot ("speed_limit_mode.active"), and
 * so does the number of an entry in a list ("charge_schedules.1.id").  A list
 * is told by how many it holds, then its entries.  Units are metric.
 *
 * Source: vehicle-protocol 7.3.
 */

#include <stdbool.h>
#include <stddef.h>

#include "model/command.h"

enum {
	REPORT_NAME_SIZE = 96,
	REPORT_TEXT_SIZE = 128,
	/* The largest part has about 100 facts, lists not counted. */
	REPORT_FACTS_MAX = 256,
};

/* A unit: the number is a time of the day. */
#define REPORT_OF_DAY "min after midnight"

enum report_kind {
	REPORT_ABSENT, /* the car left it out, which is not zero */
	REPORT_TRUTH,  /* @number is 0 or 1 */
	REPORT_NUMBER, /* @number, in @unit */
	REPORT_TIME,   /* @number: seconds since 1970 */
	REPORT_WORD,   /* @text: one of a few, "not-present" */
	REPORT_TEXT,   /* @text: foreign, but printable */
};

struct report_fact {
	char name[REPORT_NAME_SIZE];
	enum report_kind kind;
	double number;    /* finite */
	const char *unit; /* "km"; "" where there is none */
	char text[REPORT_TEXT_SIZE];
};

struct report {
	bool is_cut; /* the car told more than fits */
	size_t n_facts;
	struct report_fact facts[REPORT_FACTS_MAX];
};

/* "truth", "number": as programs are told. */
const char *report_kind_name(enum report_kind kind);

/* "charge": what the command @id reads, for a person; NULL if it does not. */
const char *report_part(enum command_id id);

/* The command that reads @part, or COMMAND_NONE. */
enum command_id report_command(const char *part);
