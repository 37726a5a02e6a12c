/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Figures - what a benchmark has measured, one JSON object per line
 *
 * {"name":…,"value":…,"unit":…,"floor":…,"ratio":…,"target":…,"met":true}
 *
 * The floor is what the machine can do at best, measured in the same run;
 * floor and ratio are null where there is none.
 *
 * Spec: architecture 9.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/macro.h"

struct figure {
	const char *name;
	double value;
	const char *unit; /* of value and floor */
	double floor;     /* 0: there is none */
	enum {
		FIGURE_AT_MOST,  /* value <= target */
		FIGURE_AT_LEAST, /* value >= target */
		FIGURE_FLOORS,   /* value <= target * floor */
		FIGURE_NO_RULE,  /* only to judge others by; met is null */
	} rule;
	double target;
};

/* Writes @figure to standard output. */
void figure_print(const struct figure *figure);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t figure_now_ns(void);

/* Sorts @samples; the value that @percent of them do not exceed. */
double figure_percentile(double *samples, size_t n, double percent);

/* A number of /proc/PID/status, "VmRSS:" or the like. */
uint64_t figure_status(pid_t pid, const char *name);

/* Ends the program with a sentence: a broken benchmark measures nothing. */
void figure_die(const char *format, ...) _printf_(1, 2)
	__attribute__((__noreturn__));

/* Ends the program unless @r is 0, naming @what. */
void figure_check(int r, const char *what);

/* The floor of all that is promised: one synced insert into SQLite. */
struct synced;

/* Makes a database in @folder; configured as the ledger is. */
struct synced *synced_open(const char *folder);
/* Inserts a row of @len bytes, synced; returns how many ns that took. */
uint64_t synced_insert(struct synced *synced, size_t len);
void synced_close(struct synced *synced);
