/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Process - a plugin's process, and the JSON-RPC on its stdin and stdout
 *
 * Objects in, objects out, each followed by two newlines.  Nothing that it
 * says is taken for granted.
 *
 * Spec: lightning 1.
 */

#include <jansson.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

struct process;

enum {
	PROCESS_OBJECT_MAX = 16 * 1024 * 1024,
};

struct process_handler {
	/* An object with "jsonrpc".  May free the process. */
	void (*on_object)(void *userdata, json_t *object);
	/* It closed its stdout or said what is no JSON-RPC; @why says which. */
	void (*on_end)(void *userdata, const char *why);
};

/* Starts @path in the folder @cwd.  Borrows @handler. */
int process_start(sd_event *event, const char *path, const char *cwd,
	const struct process_handler *handler, void *userdata,
	struct process **ret) _must_use_;

/* Sends @object, once what happens now is saved. */
void process_send(struct process *process, const json_t *object);

int process_pid(const struct process *process);

/*
 * Closes its stdin and stdout, waits up to @grace_ms for its end, then kills
 * it.  *@ret_status is that of wait(2); it may be NULL.
 */
struct process *process_end(
	struct process *process, int grace_ms, int *ret_status);
