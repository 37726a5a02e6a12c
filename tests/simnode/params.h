/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Params - the parameters of a call, by name or by place
 *
 * As the real node: null is absent, a name nobody knows and one value too
 * many are errors, and numbers may be written as texts.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "node.h"

enum {
	PARAMS_MAX = 16,
};

struct params {
	const char *const *names;        /* a NULL ends them */
	const json_t *value[PARAMS_MAX]; /* borrowed; NULL if absent */
};

/*
 * Places @given under @names, of which the first @n_required must be there.
 * Returns false and *@ret_error if they do not fit.
 */
bool params_bind(json_t *given, const char *const *names, size_t n_required,
	struct params *ret, struct node_error *ret_error);

/*
 * Read the @i-th.  Where it is absent *@ret stays as it is.  Return false and
 * *@ret_error if it is of another kind.
 */
bool params_unsigned(const struct params *params, size_t i, uint64_t *ret,
	struct node_error *ret_error);
bool params_bool(const struct params *params, size_t i, bool *ret,
	struct node_error *ret_error);
/* A text, which lives as long as the call. */
bool params_text(const struct params *params, size_t i, const char **ret,
	struct node_error *ret_error);
/* 32 bytes in lower-case hexadecimal. */
bool params_hash(const struct params *params, size_t i, const char **ret,
	struct node_error *ret_error);
/* Millisatoshi: 1000, "1000msat", "1sat".  "any" is *@ret_any. */
bool params_msat(const struct params *params, size_t i, uint64_t *ret,
	bool *ret_any, struct node_error *ret_error);
