/* SPDX-License-Identifier: MIT */
#pragma once

/* Verdict - what came of a deed */

#include <stdbool.h>

#include "errors.pb-c.h"

#define GENERIC_ERROR(name) ERRORS__GENERIC_ERROR__E__GENERICERROR_##name

struct verdict {
	const char *did; /* its name, as it really turned out */
	bool changed;    /* false: it was like that already */
	/* Why it was done to no effect, NULL if there is nothing to say. */
	const char *note;
	/* Why it was refused, NULL if it was done. */
	const char *why;
	int error; /* Errors.GenericError_E for it, from VCSEC */
};

static inline struct verdict verdict_done(bool changed)
{
	return (struct verdict){ .changed = changed };
}

/* From infotainment, whose reasons are words. */
static inline struct verdict verdict_declined(const char *why)
{
	return (struct verdict){ .error = GENERIC_ERROR(UNKNOWN), .why = why };
}

/* From VCSEC, whose reasons are numbers. */
static inline struct verdict verdict_refused(int error, const char *why)
{
	return (struct verdict){ .error = error, .why = why };
}

/* Sets *@field; that is done, and news if it was another. */
static inline struct verdict verdict_set(bool *field, bool value)
{
	bool changed = *field != value;

	*field = value;
	return verdict_done(changed);
}
