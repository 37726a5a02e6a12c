/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Methods - what cars call, by commando or on the node's own machine
 *
 * Each is a plugin_method's handler, with struct node as its userdata.
 */

#include <jansson.h>

struct node;
struct plugin_request;

/* What a call is refused with; lightningd passes them on.  Others: polls.h. */
enum {
	METHODS_E_UNGUARDED = 2100,
	METHODS_E_CLAIMED = 2101,
	METHODS_E_NOT_HELD = 2103,
	METHODS_E_UNREGISTERED = 2104,
};

enum {
	METHODS_OWED_MAX = 64,
	METHODS_OWED_BYTES = 64 * 1024,
};

void methods_register(
	void *userdata, struct plugin_request *request, const json_t *params);
void methods_poll(
	void *userdata, struct plugin_request *request, const json_t *params);
void methods_take(
	void *userdata, struct plugin_request *request, const json_t *params);
