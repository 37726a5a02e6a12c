/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Talk - what the person who pairs sees, or a program, one JSON per line
 *
 * On a terminal the last line counts the seconds; else each thing is said
 * once, in lines of its own.
 */

#include <stdbool.h>
#include <stdint.h>

#include "car/enrol.h"
#include "util/macro.h"

/* What the program ends with; see 1sat2flash-pair(8). */
enum {
	TALK_DONE = 0,
	TALK_UNKNOWN_KEY = 1, /* --status: not on the list */
	TALK_USAGE = 2,
	TALK_NOT_READY = 3, /* this machine: user, configuration, key */
	TALK_NO_CAR = 4,    /* not reached, or silent */
	TALK_NO_KEY = 5,    /* the car, or who sits in it, did not take it */
	TALK_HALF = 6,      /* only one of its computers knows the key */
	TALK_SIGNAL = 128,  /* and its number */
};

struct talk {
	bool as_json;
	bool is_live;   /* a line can be drawn anew */
	bool has_line;  /* the line that counts stands there */
	bool has_asked; /* the request is out */
	enum enrol_stage stage;
	uint64_t since_ms;  /* of the stage, or of the request; 0: none yet */
	const char *missed; /* the trouble told last */
};

void talk_init(struct talk *talk, bool as_json);

/* Is there somebody to ask?  And asks: is it a yes? */
bool talk_can_ask(void);
bool talk_ask(const char *question);

/* Something on the way: its name for programs, a sentence for people. */
void talk_note(struct talk *talk, const char *name, const char *format, ...)
	_printf_(3, 4);

/* What enrol tells. */
void talk_stage(struct talk *talk, enum enrol_stage stage);
void talk_heard(struct talk *talk, int rssi);
void talk_missed(struct talk *talk, const char *trouble);

/* False once the program that read what is said is gone. */
bool talk_is_followed(void);

/* Now and then: the line that counts is drawn anew. */
void talk_tick(struct talk *talk);

/*
 * The end, one of these: as enrol says; with a reason in a sentence; by a
 * signal.  Returns the exit status.
 */
int talk_ended(struct talk *talk, const struct enrol_end *end);
int talk_failed(struct talk *talk, int status, const char *why);
int talk_stopped(struct talk *talk, int signal);

/* The next command, and what to do before it: a sentence or NULL. */
void talk_next(struct talk *talk, const char *before, const char *command);
