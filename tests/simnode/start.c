/* SPDX-License-Identifier: MIT */

/* A plugin's start: manifest, order of the hooks, init.  More of plugins.h. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "manifest.h"
#include "methods.h"
#include "plugin.h"
#include "util/file.h"

enum {
	START_S = 120,
};

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

static int on_start_timeout(
	sd_event_source *source, uint64_t usec, void *userdata)
{
	struct plugin *plugin = userdata;
	struct plugins *plugins = plugin->plugins;

	(void)source;
	(void)usec;
	plugin_end(plugin, 0, "timed out");
	if (plugins->startup)
		fail(plugins, "a plugin did not answer within %d s", START_S);
	return 0;
}

void plugins_check_ready(struct plugins *plugins)
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
		plugin_end(plugin, 0, "refused init");
		return;
	}
	if (disable != NULL) {
		plugin_end(plugin, 0, "disabled itself at init");
		return;
	}

	plugin->state = PLUGIN_READY;
	plugin_set_timer(plugin, 0, NULL);
	say(plugin->plugins->world->say, "{s:s}", "initialised", plugin->name);
	if (plugin->starter != NULL) {
		list = plugins_list(plugin->plugins, "start");
		call_succeed(steal_ptr(&plugin->starter), list);
		json_decref(list);
	}
	plugins_check_ready(plugin->plugins);
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
		plugin_end(plugin, 0, why);
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
	plugin_set_timer(plugin, START_S, on_start_timeout);
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
void plugins_check_manifests(struct plugins *plugins)
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
			plugin_end(plugin, 0,
				"Cannot meet required hook dependencies");
	}
	if (plugins->startup)
		check_settings(plugins);
	for (plugin = plugins->first; plugin != NULL; plugin = next) {
		next = plugin->next;
		if (plugin->state == PLUGIN_DECLARED)
			initialise(plugin);
	}
	plugins_check_ready(plugins);
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
		plugin_end(plugin, 0, "disabled itself");
		return;
	}
	if (!manifest_check(manifest, why)) {
		plugin_end(plugin, 0, why);
		return;
	}

	plugin->manifest = json_incref(manifest);
	hook = manifest_hook(manifest, "invoice_payment");
	if (!check_clashes(plugin, why) || !check_own_settings(plugin, why)) {
		plugin_end(plugin, 0, why);
		return;
	}
	if (hook != NULL && hooks_register(plugins->hooks, plugin, hook) < 0)
		fail(plugins, "out of memory");
	if (!plugins->startup && !plugin_is_dynamic(plugin)) {
		plugin_end(plugin, 0, "Not a dynamic plugin");
		return;
	}

	plugin->state = PLUGIN_DECLARED;
	plugin_set_timer(plugin, 0, NULL);
	plugins_check_manifests(plugins);
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

	plugin_end(plugin, 0, "Plugin changed, needs restart.");
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
		&plugin_handler, plugin, &plugin->process);
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
	plugin_set_timer(plugin, START_S, on_start_timeout);
	params = json_pack("{s:b}", "allow-deprecated-apis", 0);
	plugin_request(
		plugin, "getmanifest", NULL, params, on_manifest, plugin);
	json_decref(params);
	return 0;
}

void plugins_begin(struct plugins *plugins)
{
	plugins->begun = true;
	plugins_check_ready(plugins);
}
