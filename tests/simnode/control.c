/* SPDX-License-Identifier: MIT */

#include "control.h"

#include <stdio.h>
#include <string.h>

static bool refuse(
	struct node_error *ret_error, const char *what, const char *why)
{
	(void)node_refuse(ret_error, NODE_BAD_PARAMS, "%s: %s", what, why);
	return false;
}

/*
 * The options among the parameters, as texts: those that are neither
 * subcommand nor plugin.
 */
static json_t *read_settings(json_t *params)
{
	json_t *settings = json_object(), *value;
	const char *name;

	json_object_foreach (params, name, value) {
		char *text = NULL;

		if (strcmp(name, "subcommand") == 0 ||
			strcmp(name, "plugin") == 0)
			continue;
		if (!json_is_string(value))
			text = json_dumps(value, JSON_ENCODE_ANY);
		(void)json_object_set_new(settings, name,
			json_pack("[s]", text == NULL ? json_string_value(value)
						      : text));
		free(text);
	}
	return settings;
}

static bool start(struct plugins *plugins, const char *path, json_t *params,
	struct call *call, struct node_error *ret_error)
{
	json_t *settings;
	int r;

	if (json_is_array(params) && json_array_size(params) > 2)
		return refuse(ret_error, "plugin",
			"Extra parameters must be in object");
	settings = read_settings(params);
	r = plugins_start(plugins, path, call, settings);
	json_decref(settings);
	return r == 0 ||
	       refuse(ret_error, path,
		       r == -EALREADY ? "already registered" : strerror(-r));
}

static bool stop(struct plugins *plugins, const char *name, struct call *call,
	struct node_error *ret_error)
{
	struct plugin *plugin = plugins_find(plugins, name);

	if (plugin == NULL)
		return refuse(ret_error, "Could not find plugin", name);
	if (!plugin_is_dynamic(plugin))
		return refuse(ret_error, name,
			"cannot be managed when lightningd is up");
	plugin_stop(plugin, call);
	return true;
}

bool control_run(struct plugins *plugins, json_t *params, struct call *call,
	struct node_error *ret_error)
{
	const char *command = json_string_value(
		json_is_array(params) ? json_array_get(params, 0)
				      : json_object_get(params, "subcommand"));
	const char *plugin = json_string_value(
		json_is_array(params) ? json_array_get(params, 1)
				      : json_object_get(params, "plugin"));
	json_t *list;

	if (command == NULL)
		return refuse(
			ret_error, "missing required parameter", "subcommand");
	if (strcmp(command, "list") == 0) {
		list = plugins_list(plugins, command);
		call_succeed(call, list);
		json_decref(list);
		return true;
	}
	if (strcmp(command, "start") != 0 && strcmp(command, "stop") != 0)
		return refuse(ret_error, "subcommand", "is unknown");
	if (plugin == NULL)
		return refuse(
			ret_error, "missing required parameter", "plugin");
	if (strcmp(command, "stop") == 0)
		return stop(plugins, plugin, call, ret_error);

	return start(plugins, plugin, params, call, ret_error);
}
