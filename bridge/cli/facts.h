/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Facts - what is known of machine, bridge, car and node, as plain data
 *
 * Gathered by host.c, by the bridge's answers and by `1sat2flashd --diagnose`;
 * judged by walk.c.  All texts from outside are made printable on their way
 * in, and cut to the room that there is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/record.h"
#include "util/macro.h"

enum {
	FACTS_TEXT_SIZE = 440, /* as long as lightning/rpc may say it */
	FACTS_WORD_SIZE = 40,
	FACTS_ADAPTERS_MAX = 4,
	FACTS_PROBLEMS_MAX = 4,
};

enum answer {
	ANSWER_UNKNOWN,
	ANSWER_NO,
	ANSWER_YES,
};

/* What a Bluetooth adapter says of itself. */
struct facts_adapter {
	char name[FACTS_WORD_SIZE]; /* "hci0" */
	char address[FACTS_WORD_SIZE];
	bool is_on;
	bool is_blocked;
};

struct facts_host {
	bool has_bus;
	/* UnitFileState and ActiveState of systemd; "" if it did not tell. */
	char unit_file[FACTS_WORD_SIZE];
	char unit_active[FACTS_WORD_SIZE];
	enum answer has_bluez;
	size_t n_adapters;
	struct facts_adapter adapters[FACTS_ADAPTERS_MAX];
	bool is_rfkilled; /* a Bluetooth radio is, by rfkill */
	const char *state_dir;
	bool has_state_dir;
	bool is_state_durable;
	bool is_clock_set;
};

/* Who tells of the bridge. */
enum facts_source {
	FACTS_NONE,
	FACTS_STATUS,   /* it runs, and told what it knows already */
	FACTS_LOOK,     /* it runs, and looks at the car */
	FACTS_DIAGNOSE, /* it does not run: its program looks */
};

/* The keys of GetStatus; a text that is absent is "". */
struct facts_bridge {
	char vin_end[FACTS_WORD_SIZE];
	char adapter[FACTS_WORD_SIZE];
	char link[FACTS_WORD_SIZE];
	char car_sleep[FACTS_WORD_SIZE];
	char car_trouble[FACTS_WORD_SIZE];
	char car_problem[FACTS_TEXT_SIZE];
	char node_alias[FACTS_TEXT_SIZE];
	char node_id[2 * FACTS_WORD_SIZE];
	char node_problem[FACTS_TEXT_SIZE];
	char why_not[FACTS_TEXT_SIZE];
	enum answer lent;
	enum answer session_vcsec;
	enum answer session_infotainment;
	enum answer node_up;
	enum answer taking_payments;
	enum answer paused;
	bool was_heard;
	int64_t heard_s; /* ago */
	int64_t rssi;    /* dBm; 0: not told */
	/* Only by --diagnose: what keeps the bridge from starting. */
	size_t n_problems;
	char problems[FACTS_PROBLEMS_MAX][FACTS_TEXT_SIZE];
};

struct facts {
	struct facts_host host;
	enum facts_source source;
	bool is_on_bus; /* the bridge */
	bool is_mute;   /* it is, but gave no status: why_no_look */
	struct facts_bridge bridge;
	/* FACTS_NONE, FACTS_STATUS: why nobody looked, as a sentence. */
	char why_no_look[FACTS_TEXT_SIZE];
	/* FACTS_DIAGNOSE: why it told nothing, as a sentence. */
	char why_silent[FACTS_TEXT_SIZE];
	/* Nothing more will come. */
	bool is_final;
};

/* Replaces @ret by what @status says. */
void facts_read_status(const struct record *status, struct facts_bridge *ret);

/*
 * Adds one line of --diagnose, "NAME\tVALUE"; leaves alone what has another
 * form or is not known.  Cuts @line up.
 */
void facts_read_line(char *line, struct facts_bridge *bridge);
