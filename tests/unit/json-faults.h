/* SPDX-License-Identifier: MIT */
#pragma once

/* Faults - in the allocations of jansson too */

#include <jansson.h>
#include <stdlib.h>

#include "faults.h"

/* The next allocation but @n fails, once. */
static inline void fail_nth(long n)
{
	json_set_alloc_funcs(__wrap_malloc, free);
	faults_arm(n);
}

/* Ends that.  Returns whether it did fail. */
static inline bool fail_end(void)
{
	bool failed = faults_calls > faults_at;

	faults_disarm();
	return failed;
}
