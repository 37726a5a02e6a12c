/* SPDX-License-Identifier: MIT */
#pragma once

/* Params - of a method, by name or by place, as a usage names them.  Pure. */

#include <jansson.h>
#include <stddef.h>

#include "util/macro.h"

enum {
	PARAMS_WHY_SIZE = 128,
};

/*
 * Binds @params, an object, an array or NULL, to the names in @usage: those in
 * brackets may be left out, and null is left out.  Returns 0 and a new object;
 * -EINVAL with what is wrong, as a sentence, in @ret_why; or -ENOMEM.
 */
int params_bind(const char *usage, json_t *params, json_t **ret,
	char ret_why[static PARAMS_WHY_SIZE]) _must_use_;
