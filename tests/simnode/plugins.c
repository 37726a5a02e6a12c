/* SPDX-License-Identifier: MIT */

#include "plugins.h"

#include <sys/wait.h>

#include "manifest.h"
#include "plugin.h"

enum {
	STOP_S = 30,
	/* To end by itself, when its stdin ends. */
	GRACE_MS = 2000,
};

void plugin_set_timer(struct plugin *plugin, uint64_t seconds,
	sd_event_time_handler_t on_time)
{
	plugin->timer = sd_event_source_disable_unref(plugin->timer);
	if (seconds > 0)
		(void)sd_event_add_time_relative(plugin->plugins->world->event,
			&plugin->timer, CLOCK_BOOTTIME, seconds * 1000 * 1000,
			1000, on_time, plugin);
}

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

void plugin_end(struct plugin *plugin, int grace_ms, const char *why)
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
		plugins_check_manifests(plugins);
	if (state == PLUGIN_INITIALISES)
		plugins_check_ready(plugins);
}

static void on_end(void *userdata, const char *why)
{
	plugin_end(userdata, 0, why);
}

static void on_object(void *userdata, json_t *object)
{
	struct plugin *plugin = userdata;
	char why[MANIFEST_WHY_SIZE];

	if (json_object_get(object, "id") != NULL
			? !plugin_hear_answer(plugin, object, why)
			: !plugin_hear_notification(plugin, object, why))
		plugin_end(plugin, 0, why);
}

const struct process_handler plugin_handler = {
	.on_object = on_object,
	.on_end = on_end,
};

static int on_stop_timeout(
	sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	plugin_end(userdata, 0, "did not stop within 30 s");
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
	plugin_set_timer(plugin, STOP_S, on_stop_timeout);
	return true;
}

void plugin_stop(struct plugin *plugin, struct call *call)
{
	struct node_error error;

	if (plugin->stopper != NULL) {
		(void)node_refuse(&error, NODE_ERROR, "%s is stopping already",
			plugin->name);
		call_refuse(call, &error);
		return;
	}
	plugin->stopper = call;
	if (!tell_shutdown(plugin))
		plugin_end(plugin, 0, "stopped");
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
			plugin_end(plugin, GRACE_MS, "stopped with the node");
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
