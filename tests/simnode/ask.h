/* SPDX-License-Identifier: MIT */
#pragma once

/* Ask - a simnode that runs, once */

#include <jansson.h>

/*
 * Calls @method with @params and prints the answer's result on standard
 * output, or a sentence on standard error.  Returns an exit status.
 */
int ask(const char *path, const char *method, json_t *params);
