/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Faults - makes the nth allocation of our own code fail
 *
 * To be included once by a test that is listed in `faulty_tests` of
 * meson.build, which wraps malloc, calloc and realloc.  Libraries are not affected.
 *
 *	for (long n = 0; r != 0; n++) {
 *		faults_arm(n);
 *		r = thing_new(&thing);
 *		faults_disarm();
 *		...
 *	}
 */

#include <stdbool.h>
#include <stddef.h>

static long faults_at = -1;
static long faults_calls;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool faults_hit(void)
{
	return faults_at >= 0 && faults_calls++ == faults_at;
}

void *__wrap_malloc(size_t size)
{
	return faults_hit() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return faults_hit() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return faults_hit() ? NULL : __real_realloc(p, size);
}

static inline void faults_arm(long n)
{
	faults_at = n;
	faults_calls = 0;
}

static inline void faults_disarm(void)
{
	faults_at = -1;
}
