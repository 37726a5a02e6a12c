/* SPDX-License-Identifier: MIT */

/* What is said to a plugin, and heard from it: lightning 1. */

#include "plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "manifest.h"
#include "params.h"

/* What it has not answered yet. */
struct plugin_request {
	struct plugin_request *next;
	char *id;
	void (*on_answer)(void *userdata, const json_t *answer);
	void *userdata;
	struct call *call; /* of a client, instead of these; owned */
};

static void request_free(struct plugin_request *request)
{
	(void)call_free(request->call);
	free(request->id);
	free(request);
}

void plugin_free(struct plugin *plugin)
{
	sd_event_source_disable_unref(plugin->timer);
	json_decref(plugin->manifest);
	json_decref(plugin->settings);
	free(plugin->path);
	free(plugin);
}

bool plugin_is(const struct plugin *plugin, const char *name)
{
	_cleanup_(freep) char *full = NULL;

	if (strchr(name, '/') == NULL)
		return strcmp(plugin->name, name) == 0;
	full = realpath(name, NULL);
	return full != NULL && strcmp(plugin->path, full) == 0;
}

unsigned int plugin_number(const struct plugin *plugin)
{
	return plugin->number;
}

bool plugin_is_dynamic(const struct plugin *plugin)
{
	return json_is_true(json_object_get(plugin->manifest, "dynamic"));
}

/* --- to it ---------------------------------------------------------------- */

/* Sends @object, which gets an id and is taken over. */
static struct plugin_request *ask(struct plugin *plugin, const char *prefix,
	const char *method, json_t *object)
{
	struct plugin_request *request = calloc(1, sizeof(*request));
	uint64_t n = ++plugin->plugins->last_id;

	if (request == NULL ||
		asprintf(&request->id, "%s%scln:%s#%" PRIu64,
			prefix == NULL ? "" : prefix, prefix == NULL ? "" : "/",
			method, n) < 0)
		abort();
	request->next = plugin->requests;
	plugin->requests = request;
	(void)json_object_set_new(object, "id", json_string(request->id));
	process_send(plugin->process, object);
	json_decref(object);
	return request;
}

void plugin_request(struct plugin *plugin, const char *method,
	const char *prefix, json_t *params,
	void (*on_answer)(void *userdata, const json_t *answer), void *userdata)
{
	struct plugin_request *request;

	request = ask(plugin, prefix, method,
		json_pack("{s:s, s:s, s:O}", "jsonrpc", "2.0", "method", method,
			"params", params));
	request->on_answer = on_answer;
	request->userdata = userdata;
}

struct plugin *plugins_owner(const struct plugins *plugins, const char *name)
{
	struct plugin *plugin;
	json_t *method;
	size_t i;

	for (plugin = plugins->first; plugin != NULL; plugin = plugin->next)
		json_array_foreach (
			json_object_get(plugin->manifest, "rpcmethods"), i,
			method)
			if (node_text_is(method, "name", name))
				return plugin;

	return NULL;
}

/* As it came, but for the id: also what the node does not know. */
bool plugins_call(
	struct plugins *plugins, const char *method, struct call *call)
{
	struct plugin *plugin = plugins_owner(plugins, method);
	json_t *request;

	if (plugin == NULL)
		return false;
	request = json_copy(call->request);
	/* It was for commando. */
	(void)json_object_del(request, "rune");
	(void)json_object_set_new(request, "jsonrpc", json_string("2.0"));
	ask(plugin, json_string_value(call->id.json), method, request)->call =
		call;
	return true;
}

void plugin_notify(struct plugin *plugin, const char *topic, json_t *payload)
{
	json_t *object = json_pack("{s:s, s:s, s:{s:O}}", "jsonrpc", "2.0",
		"method", topic, "params", topic, payload);

	process_send(plugin->process, object);
	json_decref(object);
}

void plugins_notify(struct plugins *plugins, const char *topic, json_t *payload)
{
	struct plugin *plugin = plugins->first;

	for (; plugin != NULL; plugin = plugin->next)
		if (plugin->state == PLUGIN_READY &&
			manifest_subscribes(plugin->manifest, topic))
			plugin_notify(plugin, topic, payload);
	json_decref(payload);
}

/* --- from it -------------------------------------------------------------- */

static bool problem(char *ret_why, const char *why)
{
	(void)snprintf(ret_why, MANIFEST_WHY_SIZE, "%s", why);
	return false;
}

/* Out of the list, or NULL. */
static struct plugin_request *take_request(
	struct plugin *plugin, const char *id)
{
	struct plugin_request **at = &plugin->requests, *request;

	while (*at != NULL && (id == NULL || strcmp((*at)->id, id) != 0))
		at = &(*at)->next;
	request = *at;
	if (request != NULL)
		*at = request->next;
	return request;
}

static void conclude(struct plugin_request *request, const json_t *answer)
{
	const char *member =
		json_object_get(answer, "result") != NULL ? "result" : "error";

	if (request->call != NULL)
		call_pass(steal_ptr(&request->call), member,
			json_object_get(answer, member));
	else
		request->on_answer(request->userdata, answer);
	request_free(request);
}

bool plugin_hear_answer(struct plugin *plugin, json_t *answer, char *ret_why)
{
	const struct plugins *plugins = plugin->plugins;
	const json_t *id = json_object_get(answer, "id");
	struct plugin_request *request;

	request = take_request(plugin, json_string_value(id));
	if (request == NULL) {
		/* The real node says nothing; but it is a mistake. */
		if (!plugins->stopping)
			say(plugins->world->say, "{s:O, s:s}", "stray", id,
				"plugin", plugin->name);
		return true;
	}
	if (request->call != NULL &&
		(json_object_get(answer, "result") != NULL) ==
			(json_object_get(answer, "error") != NULL)) {
		request->next = plugin->requests;
		plugin->requests = request;
		return problem(ret_why,
			"answered a call with neither result nor error, or "
			"with both");
	}

	conclude(request, answer);
	return true;
}

void plugin_fail_requests(struct plugin *plugin)
{
	json_t *answer = json_pack("{s:{s:i, s:s}}", "error", "code",
		NODE_TERMINATED, "message",
		"Plugin terminated before replying to RPC call.");

	while (plugin->requests != NULL) {
		struct plugin_request *request = plugin->requests;

		plugin->requests = request->next;
		/* Its own start is nobody else's matter. */
		if (request->userdata == plugin)
			request_free(request);
		else
			conclude(request, answer);
	}
	json_decref(answer);
}

void plugin_forget_requests(struct plugin *plugin)
{
	while (plugin->requests != NULL) {
		struct plugin_request *request = plugin->requests;

		plugin->requests = request->next;
		request_free(request);
	}
}

static bool hear_log(
	const struct plugin *plugin, const json_t *params, char *ret_why)
{
	static const char *const levels[] = { "trace", "debug", "info",
		"unusual", "warn", "broken", "error" };
	const json_t *level = json_object_get(params, "level");
	const char *text = level == NULL ? "info" : json_string_value(level);
	size_t i = 0;

	if (node_text(params, "message") == NULL)
		return problem(ret_why, "logged without a message");
	while (text != NULL && strcasecmp(levels[i], text) != 0)
		if (++i == ARRAY_SIZE(levels))
			text = NULL;
	if (text == NULL)
		return problem(ret_why,
			"Unknown log-level, valid values are trace, debug, "
			"info, warn, or error");

	say(plugin->plugins->world->say, "{s:O, s:s, s:s}", "log",
		json_object_get(params, "message"), "level", levels[i],
		"plugin", plugin->name);
	return true;
}

bool plugin_hear_notification(
	struct plugin *plugin, json_t *notification, char *ret_why)
{
	const char *method = node_text(notification, "method");
	const json_t *params = json_object_get(notification, "params");
	json_t *topic;
	size_t i;

	if (method == NULL || params == NULL)
		return problem(
			ret_why, "sent what is no answer and no notification");
	if (strcmp(method, "log") == 0)
		return hear_log(plugin, params, ret_why);
	/* Callers of this node enable no notifications. */
	if (strcmp(method, "message") == 0 || strcmp(method, "progress") == 0)
		return json_object_get(params, "id") != NULL ||
		       problem(ret_why, "sent progress without an id");
	json_array_foreach (
		json_object_get(plugin->manifest, "notifications"), i, topic)
		if (node_text_is(topic, "method", method))
			return true;

	say(plugin->plugins->world->say, "{s:s, s:s}", "undeclared", method,
		"plugin", plugin->name);
	return true;
}
