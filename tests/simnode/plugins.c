/* SPDX-License-Identifier: MIT */

#include "plugins.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "manifest.h"
#include "methods.h"
#include "plugin.h"
#include "util/file.h"

enum {
	START_S = 120,
	STOP_S = 30,
	/* To end by itself, when its stdin ends. */
	GRACE_MS = 2000,
};

static void end(struct plugin *plugin, int grace_ms, const char *why);

static const struct process_handler handler;

static void fail(const struct plugins *plugins, const char *format, ...)
	__attribute__((__noreturn__, __format__(printf, 2, 3)));
static void fail(const struct plugins *plugins, const char *format, ...)
{
	char why[NODE_WHY_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	hooks_abort(plugins->world, why, NULL);
}

static bool any_is(const struct plugins *plugins, enum plugin_state state)
{
	const struct plugin *plugin = plugins->first;

	while (plugin != NULL && plugin->state != state)
		plugin = plugin->next;
	return plugin != NULL;
}

static void set_timer(struct plugin *plugin, uint64_t seconds,
	sd_event_time_handler_t on_time)
{
	plugin->timer = sd_event_source_disable_unref(plugin->timer);
	if (seconds > 0)
		(void)sd_event_add_time_relative(plugin->plugins->world->event,
			&plugin->timer, CLOCK_BOOTTIME, seconds * 1000 * 1000,
			1000, on_time, plugin);
}

/* --- start ---------------------------------------------------------------- */

static int on_start_timeout(
	sd_event_source *source, uint64_t usec, void *userdata)
{
	struct plugin *plugin = userdata;
	struct plugins *plugins = plugin->plugins;

	(void)source;
	(void)usec;
	end(plugin, 0, "timed out");
	if (plugins->startup)
		fail(plugins, "a plugin did not answer within %d s", START_S);
	return 0;
}

static void check_ready(struct plugins *plugins)
{
	const struct plugin *plugin = plugins->first;

	while (plugin != NULL && plugin->state == PLUGIN_READY)
		plugin = plugin->next;
	if (plugin != NULL || !plugins->startup || !plugins->begun)
		return;

	plugins->startup = false;
	plugins->config->on_ready(plugins->config->userdata);
}

static void on_initialised(void *userdata, const json_t *answer)
{
	struct plugin *plugin = userdata;
	const json_t *result = json_object_get(answer, "result");
	const char *disable = node_text(result, "disable");
	json_t *list;

	if (json_object_get(answer, "error") != NULL || result == NULL) {
		end(plugin, 0, "refused init");
		return;
	}
	if (disable != NULL) {
		end(plugin, 0, "disabled itself at init");
		return;
	}

	plugin->state = PLUGIN_READY;
	set_timer(plugin, 0, NULL);
	say(plugin->plugins->world->say, "{s:s}", "initialised", plugin->name);
	if (plugin->starter != NULL) {
		list = plugins_list(plugin->plugins, "start");
		call_succeed(steal_ptr(&plugin->starter), list);
		json_decref(list);
	}
	check_ready(plugin->plugins);
}

static void initialise(struct plugin *plugin)
{
	const struct plugins *plugins = plugin->plugins;
	char why[MANIFEST_WHY_SIZE];
	json_t *settings, *options, *params;

	settings = json_copy(plugins->config->settings);
	(void)json_object_update(settings, plugin->settings);
	options = manifest_settle(plugin->manifest, settings, why);
	json_decref(settings);
	if (options == NULL) {
		if (plugins->startup)
			fail(plugins, "%s", why);
		end(plugin, 0, why);
		return;
	}

	params = json_pack("{s:o, s:{s:s, s:s, s:b, s:s, s:{s:s, s:s, s:s, "
			   "s:s}}}",
		"options", options, "configuration", "lightning-dir",
		plugins->config->folder, "rpc-file", plugins->config->rpc_file,
		"startup", plugins->startup, "network", "regtest",
		"feature_set", "init", "08a0882a0a69a2", "node",
		"88a0882a0a69a2", "channel", "", "invoice", "02000002024100");
	plugin->state = PLUGIN_INITIALISES;
	set_timer(plugin, START_S, on_start_timeout);
	plugin_request(plugin, "init", NULL, params, on_initialised, plugin);
	json_decref(params);
}

/* An option that none of the plugins has is a mistake of the command line. */
static void check_settings(const struct plugins *plugins)
{
	const char *name;
	json_t *value;

	json_object_foreach (plugins->config->settings, name, value) {
		const struct plugin *plugin = plugins->first;

		while (plugin != NULL &&
			manifest_option(plugin->manifest, name) == NULL)
			plugin = plugin->next;
		if (plugin == NULL)
			fail(plugins, "no plugin has an option \"%s\"", name);
	}
}

/* Once all manifests are there. */
static void check_manifests(struct plugins *plugins)
{
	struct plugin *plugin, *next;
	bool has_order;

	if (any_is(plugins, PLUGIN_DECLARES))
		return;
	has_order = hooks_order(plugins->hooks);
	for (plugin = plugins->first; plugin != NULL; plugin = next) {
		next = plugin->next;
		if (!has_order && plugin->state == PLUGIN_DECLARED &&
			!hooks_has_place(plugins->hooks, plugin))
			end(plugin, 0,
				"Cannot meet required hook dependencies");
	}
	if (plugins->startup)
		check_settings(plugins);
	for (plugin = plugins->first; plugin != NULL; plugin = next) {
		next = plugin->next;
		if (plugin->state == PLUGIN_DECLARED)
			initialise(plugin);
	}
	check_ready(plugins);
}

/* What its manifest shares with those of others.  Returns false and why. */
static bool check_clashes(const struct plugin *plugin, char *ret_why)
{
	const struct plugins *plugins = plugin->plugins;
	json_t *method, *option;
	size_t i;

	json_array_foreach (
		json_object_get(plugin->manifest, "rpcmethods"), i, method) {
		const char *name = node_text(method, "name");
		const struct plugin *owner = plugins_owner(plugins, name);

		if (!methods_has(name) && (owner == NULL || owner == plugin))
			continue;
		(void)snprintf(ret_why, MANIFEST_WHY_SIZE,
			"Could not register method \"%s\", a method with that "
			"name is already registered",
			name);
		return false;
	}
	json_array_foreach (
		json_object_get(plugin->manifest, "options"), i, option) {
		for (const struct plugin *other = plugins->first; other != NULL;
			other = other->next) {
			const char *name = node_text(option, "name");

			if (other == plugin ||
				manifest_option(other->manifest, name) == NULL)
				continue;
			if (plugins->startup)
				fail(plugins,
					"option name '%s' is already taken",
					name);
			(void)snprintf(ret_why, MANIFEST_WHY_SIZE,
				"Option \"%s\" already registered", name);
			return false;
		}
	}
	return true;
}

/* Options that were given to it alone. */
static bool check_own_settings(const struct plugin *plugin, char *ret_why)
{
	const char *name;
	json_t *value;

	json_object_foreach (plugin->settings, name, value) {
		if (manifest_option(plugin->manifest, name) != NULL)
			continue;
		(void)snprintf(ret_why, MANIFEST_WHY_SIZE,
			"unknown parameter %s", name);
		return false;
	}
	return true;
}

static void on_manifest(void *userdata, const json_t *answer)
{
	struct plugin *plugin = userdata;
	struct plugins *plugins = plugin->plugins;
	json_t *manifest = json_object_get(answer, "result");
	const json_t *hook;
	char why[MANIFEST_WHY_SIZE];

	if (json_is_string(json_object_get(manifest, "disable"))) {
		end(plugin, 0, "disabled itself");
		return;
	}
	if (!manifest_check(manifest, why)) {
		end(plugin, 0, why);
		return;
	}

	plugin->manifest = json_incref(manifest);
	hook = manifest_hook(manifest, "invoice_payment");
	if (!check_clashes(plugin, why) || !check_own_settings(plugin, why)) {
		end(plugin, 0, why);
		return;
	}
	if (hook != NULL && hooks_register(plugins->hooks, plugin, hook) < 0)
		fail(plugins, "out of memory");
	if (!plugins->startup && !plugin_is_dynamic(plugin)) {
		end(plugin, 0, "Not a dynamic plugin");
		return;
	}

	plugin->state = PLUGIN_DECLARED;
	set_timer(plugin, 0, NULL);
	check_manifests(plugins);
}

/* Is it running?  One whose file has changed makes room. */
static int check_running(
	struct plugins *plugins, const char *path, const char *hash)
{
	struct plugin *plugin = plugins->first;

	while (plugin != NULL && strcmp(plugin->path, path) != 0)
		plugin = plugin->next;
	if (plugin == NULL)
		return 0;
	if (strcmp(plugin->hash, hash) == 0)
		return -EALREADY;

	end(plugin, 0, "Plugin changed, needs restart.");
	return 0;
}

static int make_folder(const struct plugins_config *config)
{
	if ((mkdir(config->root, 0700) < 0 && errno != EEXIST) ||
		(mkdir(config->folder, 0700) < 0 && errno != EEXIST))
		return -errno;

	return 0;
}

int plugins_start(struct plugins *plugins, const char *path, struct call *call,
	json_t *settings)
{
	_cleanup_(freep) char *full = realpath(path, NULL);
	_cleanup_(freep) char *content = NULL;
	struct plugin *plugin, **at = &plugins->first;
	char hash[PLUGIN_HASH_SIZE];
	json_t *params;
	size_t len;
	int r;

	if (full == NULL)
		return -errno;
	r = file_read(full, PLUGIN_FILE_MAX, &content, &len);
	if (r != 0)
		return r < 0 ? r : -EFBIG;
	node_hash(plugins->world->node, content, len, hash);
	r = check_running(plugins, full, hash);
	if (r == 0)
		r = make_folder(plugins->config);
	if (r < 0)
		return r;
	plugin = calloc(1, sizeof(*plugin));
	if (plugin == NULL)
		return -ENOMEM;
	r = process_start(plugins->world->event, full, plugins->config->folder,
		&handler, plugin, &plugin->process);
	if (r < 0) {
		free(plugin);
		return r;
	}

	plugin->plugins = plugins;
	plugin->path = steal_ptr(&full);
	memcpy(plugin->hash, hash, sizeof(hash));
	plugin->name = strrchr(plugin->path, '/') + 1;
	plugin->number = ++plugins->last_number;
	plugin->starter = call;
	plugin->settings = json_incref(settings);
	while (*at != NULL)
		at = &(*at)->next;
	*at = plugin;
	say(plugins->world->say, "{s:s, s:i}", "started", plugin->name, "pid",
		process_pid(plugin->process));
	set_timer(plugin, START_S, on_start_timeout);
	params = json_pack("{s:b}", "allow-deprecated-apis", 0);
	plugin_request(
		plugin, "getmanifest", NULL, params, on_manifest, plugin);
	json_decref(params);
	return 0;
}

void plugins_begin(struct plugins *plugins)
{
	plugins->begun = true;
	check_ready(plugins);
}

/* --- end ------------------------------------------------------------------ */

static void say_ended(const struct plugin *plugin, const char *why, int status)
{
	if (WIFEXITED(status))
		say(plugin->plugins->world->say, "{s:s, s:s, s:i}", "ended",
			plugin->name, "why", why, "exit", WEXITSTATUS(status));
	else
		say(plugin->plugins->world->say, "{s:s, s:s, s:i}", "ended",
			plugin->name, "why", why, "signal", WTERMSIG(status));
}

static void answer_stop(struct plugin *plugin)
{
	json_t *result;

	if (plugin->stopper == NULL)
		return;
	result = json_pack("{s:s, s:o}", "command", "stop", "result",
		json_sprintf("Successfully stopped %s.", plugin->name));
	call_succeed(steal_ptr(&plugin->stopper), result);
	json_decref(result);
}

/* Ends @plugin, and frees it. */
static void end(struct plugin *plugin, int grace_ms, const char *why)
{
	struct plugins *plugins = plugin->plugins;
	enum plugin_state state = plugin->state;
	struct plugin **at = &plugins->first;
	struct node_error error;
	int status;

	while (*at != plugin)
		at = &(*at)->next;
	*at = plugin->next;
	hooks_forget(plugins->hooks, plugin);
	plugin->process = process_end(plugin->process, grace_ms, &status);
	say_ended(plugin, why, status);
	if (plugin->starter != NULL) {
		(void)node_refuse(
			&error, NODE_PLUGIN_ERROR, "%s: %s", plugin->path, why);
		call_refuse(steal_ptr(&plugin->starter), &error);
	}
	if (plugins->stopping)
		plugin_forget_requests(plugin);
	else
		plugin_fail_requests(plugin);
	answer_stop(plugin);
	plugin_free(plugin);

	if (plugins->stopping && plugins->first == NULL)
		plugins->config->on_stopped(plugins->config->userdata);
	if (plugins->stopping)
		return;
	if (state == PLUGIN_DECLARES)
		check_manifests(plugins);
	if (state == PLUGIN_INITIALISES)
		check_ready(plugins);
}

static void on_end(void *userdata, const char *why)
{
	end(userdata, 0, why);
}

static void on_object(void *userdata, json_t *object)
{
	struct plugin *plugin = userdata;
	char why[MANIFEST_WHY_SIZE];

	if (json_object_get(object, "id") != NULL
			? !plugin_hear_answer(plugin, object, why)
			: !plugin_hear_notification(plugin, object, why))
		end(plugin, 0, why);
}

static const struct process_handler handler = {
	.on_object = on_object,
	.on_end = on_end,
};

static int on_stop_timeout(
	sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	end(userdata, 0, "did not stop within 30 s");
	return 0;
}

/* Returns false if it does not care. */
static bool tell_shutdown(struct plugin *plugin)
{
	json_t *nothing;

	if (plugin->state != PLUGIN_READY ||
		!manifest_subscribes(plugin->manifest, "shutdown"))
		return false;

	nothing = json_object();
	plugin_notify(plugin, "shutdown", nothing);
	json_decref(nothing);
	set_timer(plugin, STOP_S, on_stop_timeout);
	return true;
}

void plugin_stop(struct plugin *plugin, struct call *call)
{
	plugin->stopper = call;
	if (!tell_shutdown(plugin))
		end(plugin, 0, "stopped");
}

void plugins_stop(struct plugins *plugins)
{
	struct plugin *plugin = plugins->first, *next;

	plugins->stopping = true;
	if (plugin == NULL)
		plugins->config->on_stopped(plugins->config->userdata);
	for (; plugin != NULL; plugin = plugin->next)
		plugin_forget_requests(plugin);
	for (plugin = plugins->first; plugin != NULL; plugin = next) {
		next = plugin->next;
		if (!tell_shutdown(plugin))
			end(plugin, GRACE_MS, "stopped with the node");
	}
}

struct plugin *plugins_find(struct plugins *plugins, const char *name)
{
	struct plugin *plugin = plugins->first;

	while (plugin != NULL && !plugin_is(plugin, name))
		plugin = plugin->next;
	return plugin;
}

json_t *plugins_list(const struct plugins *plugins, const char *command)
{
	const struct plugin *plugin = plugins->first;
	json_t *list = json_array();

	for (; plugin != NULL; plugin = plugin->next)
		(void)json_array_append_new(
			list, json_pack("{s:s, s:b, s:b}", "name", plugin->path,
				      "active", plugin->state == PLUGIN_READY,
				      "dynamic", plugin_is_dynamic(plugin)));
	return json_pack("{s:s, s:o}", "command", command, "plugins", list);
}

struct hooks *plugins_hooks(const struct plugins *plugins)
{
	return plugins->hooks;
}

int plugins_new(struct world *world, const struct plugins_config *config,
	struct plugins **ret)
{
	struct plugins *plugins = calloc(1, sizeof(*plugins));

	if (plugins == NULL)
		return -ENOMEM;
	plugins->world = world;
	plugins->config = config;
	plugins->startup = true;
	if (hooks_new(world, &plugins->hooks) < 0) {
		free(plugins);
		return -ENOMEM;
	}

	*ret = plugins;
	return 0;
}

struct plugins *plugins_free(struct plugins *plugins)
{
	if (plugins == NULL)
		return NULL;

	while (plugins->first != NULL) {
		struct plugin *plugin = plugins->first;

		plugins->first = plugin->next;
		plugin->process = process_end(plugin->process, 0, NULL);
		plugin_forget_requests(plugin);
		(void)call_free(plugin->starter);
		(void)call_free(plugin->stopper);
		hooks_forget(plugins->hooks, plugin);
		plugin_free(plugin);
	}
	plugins->hooks = hooks_free(plugins->hooks);
	free(plugins);
	return NULL;
}
