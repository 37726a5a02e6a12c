/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Measure - in which unit the car tells a number, and in which we do
 *
 * Private to report.c.  Spec: vehicle-protocol 7.3, appendix A.
 */

#include <stdbool.h>
#include <stddef.h>

struct measure {
	/* Our name: so much of the car's, and then @name_end. */
	size_t name_len;
	const char *name_end;
	const char *unit; /* "" if there is none */
	double factor;    /* from the car's unit to ours */
	bool is_time;     /* seconds since 1970, after @factor */
};

/* How the number in the field @name is told. */
void measure_find(const char *name, struct measure *ret);
