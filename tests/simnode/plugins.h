/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Plugins - the processes that belong to the node, as lightningd keeps them
 *
 * One that breaks a rule is killed; one that dies is not started again.
 *
 * Spec: lightning 0, 1.
 */

#include <jansson.h>
#include <stdbool.h>

#include "call.h"
#include "hooks.h"
#include "util/macro.h"
#include "world.h"

struct plugin;
struct plugins;

#define PLUGINS_VERSION "v26.06.6"

struct plugins_config {
	char *root;       /* the folder above it */
	char *folder;     /* of the network: made and entered for plugins */
	char *rpc_file;   /* as they are told it */
	json_t *settings; /* option names, each an array of texts, or null */
	/* All that were started with the node are initialised, or gone. */
	void (*on_ready)(void *userdata);
	/* After plugins_stop(): all are gone. */
	void (*on_stopped)(void *userdata);
	void *userdata;
};

/* Borrows @config. */
int plugins_new(struct world *world, const struct plugins_config *config,
	struct plugins **ret) _must_use_;
/* Kills those that are left. */
struct plugins *plugins_free(struct plugins *plugins);

/* The node's own start is over once all plugins are initialised. */
void plugins_begin(struct plugins *plugins);
/* The node stops: nobody is waited for but who is subscribed to shutdown. */
void plugins_stop(struct plugins *plugins);

/*
 * Starts @path.  @call is answered when it is initialised, or gone, and may
 * be NULL.  @settings are options for this plugin alone, or NULL.  Returns
 * negative errno if it cannot be started, -EALREADY if it runs already; then
 * @call has no answer yet.
 */
int plugins_start(struct plugins *plugins, const char *path, struct call *call,
	json_t *settings) _must_use_;
/* By its file name or path; NULL if there is none. */
struct plugin *plugins_find(struct plugins *plugins, const char *name);
/* As the RPC lists them, for @command; a new reference. */
json_t *plugins_list(const struct plugins *plugins, const char *command);

struct hooks *plugins_hooks(const struct plugins *plugins);

/* Tells who is subscribed to @topic; takes over @payload. */
void plugins_notify(
	struct plugins *plugins, const char *topic, json_t *payload);

/* Hands @call to the plugin with that method.  Returns false if none has. */
bool plugins_call(
	struct plugins *plugins, const char *method, struct call *call);

/* Is @name its file name, or its path? */
bool plugin_is(const struct plugin *plugin, const char *name);
/* Counts those that were ever started. */
unsigned int plugin_number(const struct plugin *plugin);
bool plugin_is_dynamic(const struct plugin *plugin);

/* Stops it, by and by; then @call is answered. */
void plugin_stop(struct plugin *plugin, struct call *call);

/*
 * Asks it.  @on_answer gets the whole answer; one with the error
 * NODE_TERMINATED if the plugin dies before.  It is not called at all once
 * the node stops.
 */
void plugin_request(struct plugin *plugin, const char *method,
	const char *prefix, json_t *params,
	void (*on_answer)(void *userdata, const json_t *answer),
	void *userdata);
