/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Owner - what the owner of the node calls, with lightning-cli
 *
 * Each is a plugin_method's handler, with struct node as its userdata.
 */

#include <jansson.h>

struct plugin_request;

enum {
	OWNER_E_NO_CAR = -32602, /* as other parameters that are wrong */
	OWNER_E_BUSY = 2103,     /* payments of this car are held */
};

void owner_status(
	void *userdata, struct plugin_request *request, const json_t *params);
void owner_owed(
	void *userdata, struct plugin_request *request, const json_t *params);
void owner_pause(
	void *userdata, struct plugin_request *request, const json_t *params);
void owner_resume(
	void *userdata, struct plugin_request *request, const json_t *params);
void owner_refund(
	void *userdata, struct plugin_request *request, const json_t *params);
void owner_forget(
	void *userdata, struct plugin_request *request, const json_t *params);
