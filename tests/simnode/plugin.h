/* SPDX-License-Identifier: MIT */
#pragma once

/* Plugin - one of them, for those who keep it: plugins.c, start.c, plugin.c */

#include "plugins.h"
#include "process.h"
#include "util/bytes.h"

enum plugin_state {
	PLUGIN_DECLARES,    /* has no manifest yet */
	PLUGIN_DECLARED,    /* others have none */
	PLUGIN_INITIALISES, /* has not answered init */
	PLUGIN_READY,
};

enum {
	PLUGIN_FILE_MAX = 256 * 1024 * 1024,
	PLUGIN_HASH_SIZE = HEX_SIZE(32),
};

struct plugin_request;

struct plugin {
	struct plugins *plugins;
	struct plugin *next;
	char *path;
	const char *name;            /* of the file */
	char hash[PLUGIN_HASH_SIZE]; /* of what is in it */
	unsigned int number;
	enum plugin_state state;
	struct process *process;
	json_t *manifest; /* NULL before it came */
	json_t *settings; /* or NULL */
	sd_event_source *timer;
	struct call *starter, *stopper;  /* owned, or NULL */
	struct plugin_request *requests; /* a list */
};

struct plugins {
	struct world *world;
	const struct plugins_config *config;
	struct hooks *hooks;
	struct plugin *first; /* in the order of their start */
	unsigned int last_number;
	uint64_t last_id;
	bool begun, startup, stopping;
};

/* The plugin with the method @name, or NULL. */
struct plugin *plugins_owner(const struct plugins *plugins, const char *name);

/* What its process says: on_object, on_end. */
extern const struct process_handler plugin_handler;

/* Calls @on_time with @plugin in so many seconds; 0: not at all. */
void plugin_set_timer(struct plugin *plugin, uint64_t seconds,
	sd_event_time_handler_t on_time);

/*
 * Ends the process, within @grace_ms, and what it was asked; then frees
 * @plugin.
 */
void plugin_end(struct plugin *plugin, int grace_ms, const char *why);
/* Once the process is no more. */
void plugin_free(struct plugin *plugin);

/* One manifest less, or one answer to init less, is waited for. */
void plugins_check_manifests(struct plugins *plugins);
void plugins_check_ready(struct plugins *plugins);

/* An answer of it.  Returns false and why it has to go. */
bool plugin_hear_answer(struct plugin *plugin, json_t *answer, char *ret_why);
bool plugin_hear_notification(
	struct plugin *plugin, json_t *notification, char *ret_why);

/* What it was asked has no answer any more; or nobody wants one. */
void plugin_fail_requests(struct plugin *plugin);
void plugin_forget_requests(struct plugin *plugin);

void plugin_notify(struct plugin *plugin, const char *topic, json_t *payload);
