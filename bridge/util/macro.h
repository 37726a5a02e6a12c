/* SPDX-License-Identifier: MIT */
#pragma once

/* Language glue: scope-bound cleanup, ownership transfer, error folding. */

#include <errno.h>
#include <stdlib.h>

#define _cleanup_(f) __attribute__((__cleanup__(f)))
#define _must_use_ __attribute__((__warn_unused_result__))
#define _printf_(fmt, first) __attribute__((__format__(printf, fmt, first)))

/* Defines void funcp(type *), for use with _cleanup_(). @func takes NULL. */
#define DEFINE_CLEANUP(type, func)          \
	static inline void func##p(type *p) \
	{                                   \
		(void)func(*p);             \
	}                                   \
	struct cleanup_needs_semicolon

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Hands the pointer in *@pp to the caller and leaves NULL behind. */
#define steal_ptr(pp)                              \
	__extension__({                            \
		__typeof__(*(pp)) stolen_ = *(pp); \
		*(pp) = NULL;                      \
		stolen_;                           \
	})

/* An answer (> 0) nobody handled is a bug in the caller: make it fatal. */
static inline int err_fold(int r)
{
	return r > 0 ? -ENOTRECOVERABLE : r;
}

/* For _cleanup_(freep): frees what malloc gave, whatever its type. */
static inline void freep(void *p)
{
	free(*(void **)p);
}
