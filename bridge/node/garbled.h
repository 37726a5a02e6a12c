/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Garbled - who asks, in a request that cannot be read
 *
 * lightningd passes on what its users send: a number too long for jansson, a
 * name twice, a hundred brackets.  It checks less than jansson does, and one
 * car's rune is not to end the plugin for all.  Pure.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Looks in @text, an object by its brackets, for the members "id" and
 * "method".  Returns true and *@ret_id, a new reference, if it has an id that
 * can be read; *@ret_is_hook is whether the method is that of @hook.
 */
bool garbled_read(const char *text, size_t len, const char *hook,
	json_t **ret_id, bool *ret_is_hook);
