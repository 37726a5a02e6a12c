/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Manifest - what a plugin says about itself, and the options it gets
 *
 * No rule of the real node is left out, and it says why a plugin has to go.
 *
 * Spec: lightning 1.
 */

#include <jansson.h>
#include <stdbool.h>

enum {
	MANIFEST_WHY_SIZE = 300,
};

/* What all plugins may have of one kind. */
enum {
	MANIFEST_LIST_MAX = 100,
};

/*
 * May this be the result of getmanifest?  Returns false and a sentence in
 * *@ret_why.
 */
bool manifest_check(
	const json_t *manifest, char ret_why[static MANIFEST_WHY_SIZE]);

/* The option @name; NULL if the plugin has none of that name. */
const json_t *manifest_option(const json_t *manifest, const char *name);

/*
 * The "options" of init, a new reference.  @settings: names with an array of
 * texts each, or null for a flag.  NULL and *@ret_why for a value that does
 * not fit.
 */
json_t *manifest_settle(const json_t *manifest, const json_t *settings,
	char ret_why[static MANIFEST_WHY_SIZE]);

/* The hook @name of the manifest: a text or an object, or NULL. */
const json_t *manifest_hook(const json_t *manifest, const char *name);
bool manifest_subscribes(const json_t *manifest, const char *topic);
