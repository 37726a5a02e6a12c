/* SPDX-License-Identifier: MIT */

#include "node/plugin.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lightning/stream.h"
#include "node/garbled.h"
#include "node/out.h"
#include "node/params.h"
#include "util/bytes.h"
#include "util/point.h"

enum {
	READ_SIZE = 64 * 1024,
	UNKNOWN_METHOD = -32601,
	LOG_SIZE = 1024,
};

static const char hook_name[] = "invoice_payment";

struct plugin_request {
	struct plugin *plugin;
	struct plugin_request *previous;
	struct plugin_request *next;
	char *id; /* as JSON: to answer may need no memory */
	bool is_hook;
};

struct plugin {
	sd_event *event;
	const struct plugin_config *config;
	void *userdata;
	sd_event_source *io;
	struct stream *stream;
	struct out *out;
	struct plugin_request *requests; /* without an answer */
	bool is_ready;                   /* init went well */
	bool is_skipping;                /* what cannot be read */
	bool ends;
};

/* --- answers --------------------------------------------------------------- */

static int request_new(struct plugin *plugin, const json_t *id, bool is_hook,
	struct plugin_request **ret)
{
	struct plugin_request *request;

	request = calloc(1, sizeof(*request));
	if (request == NULL)
		return -ENOMEM;
	request->id = json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
	if (request->id == NULL) {
		free(request);
		return -ENOMEM;
	}

	request->plugin = plugin;
	request->is_hook = is_hook;
	request->next = plugin->requests;
	if (request->next != NULL)
		request->next->previous = request;
	plugin->requests = request;
	*ret = request;
	return 0;
}

static void request_free(struct plugin_request *request)
{
	if (request->previous != NULL)
		request->previous->next = request->next;
	else
		request->plugin->requests = request->next;
	if (request->next != NULL)
		request->next->previous = request->previous;
	free(request->id);
	free(request);
}

static void end(struct plugin *plugin, int code)
{
	plugin->ends = true;
	(void)sd_event_exit(plugin->event, code);
}

/*
 * Writes { "jsonrpc", "id", @member: @value } and frees the request.  Without
 * the memory for it there is no honest way on: lightningd takes our end for
 * "continue", and the guard rejects.
 */
static void answer(
	struct plugin_request *request, const char *member, const char *value)
{
	struct plugin *plugin = request->plugin;
	_cleanup_(freep) char *text = NULL;
	int len;

	len = asprintf(&text, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":%s}\n\n",
		request->id, member, value);
	if (len < 0) {
		text = NULL;
		end(plugin, -ENOMEM);
	} else {
		out_write(plugin->out, text, (size_t)len);
	}
	request_free(request);
}

void plugin_answer(struct plugin_request *request, json_t *result)
{
	_cleanup_(freep) char *text = NULL;

	if (result != NULL)
		text = json_dumps(result, JSON_COMPACT);
	json_decref(result);
	if (text == NULL)
		plugin_refuse(
			request, PLUGIN_E_INTERNAL, "There is no memory.");
	else
		answer(request, "result", text);
}

void plugin_refuse(
	struct plugin_request *request, int code, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	char message[LOG_SIZE], printable[LOG_SIZE];
	json_t *error;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	text_printable(message, printable, sizeof(printable));
	error = json_pack("{s:i, s:s}", "code", code, "message", printable);
	if (error != NULL)
		text = json_dumps(error, JSON_COMPACT);
	json_decref(error);
	answer(request, "error",
		text != NULL ? text
			     : "{\"code\":-32603,\"message\":\"There is no "
			       "memory.\"}");
}

void plugin_continue(struct plugin_request *request)
{
	answer(request, "result", "{\"result\":\"continue\"}");
	point("hook-answered");
}

void plugin_reject(struct plugin_request *request)
{
	answer(request, "result", "{\"result\":\"reject\"}");
	point("hook-answered");
}

void plugin_log(
	struct plugin *plugin, enum plugin_level level, const char *format, ...)
{
	static const char *const levels[] = {
		[PLUGIN_DEBUG] = "debug",
		[PLUGIN_INFO] = "info",
		[PLUGIN_UNUSUAL] = "warn",
		[PLUGIN_BROKEN] = "error",
	};
	_cleanup_(freep) char *text = NULL;
	char message[LOG_SIZE], printable[LOG_SIZE];
	json_t *object;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	text_printable(message, printable, sizeof(printable));
	object = json_pack("{s:s, s:s, s:{s:s, s:s}}", "jsonrpc", "2.0",
		"method", "log", "params", "level", levels[level], "message",
		printable);
	if (object != NULL)
		text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (text == NULL)
		return;
	out_write(plugin->out, text, strlen(text));
	out_write(plugin->out, "\n\n", 2);
}

/* --- requests -------------------------------------------------------------- */

static json_t *print_options(const struct plugin_option *options)
{
	json_t *array = json_array();

	for (; options != NULL && options->name != NULL; options++)
		(void)json_array_append_new(
			array, json_pack("{s:s, s:s, s:I, s:s}", "name",
				       options->name, "type", "int", "default",
				       (json_int_t)options->fallback,
				       "description", options->description));

	return array;
}

static json_t *print_methods(const struct plugin_method *methods)
{
	json_t *array = json_array();

	for (; methods != NULL && methods->name != NULL; methods++)
		(void)json_array_append_new(
			array, json_pack("{s:s, s:s, s:s}", "name",
				       methods->name, "usage", methods->usage,
				       "description", methods->description));

	return array;
}

/* Also for "lightningd --help": nothing is touched, nobody is asked. */
static void get_manifest(struct plugin *plugin, struct plugin_request *request)
{
	const struct plugin_config *config = plugin->config;
	json_t *hook, *subscriptions = json_array();

	if (config->wants_payments)
		(void)json_array_append_new(
			subscriptions, json_string(hook_name));
	(void)json_array_append_new(subscriptions, json_string("shutdown"));
	hook = json_pack("{s:s}", "name", hook_name);
	if (config->hook_after != NULL)
		(void)json_object_set_new(
			hook, "after", json_pack("[s]", config->hook_after));

	plugin_answer(
		request, json_pack("{s:o, s:o, s:o, s:[o], s:b, s:b}",
				 "options", print_options(config->options),
				 "rpcmethods", print_methods(config->methods),
				 "subscriptions", subscriptions, "hooks", hook,
				 "nonnumericids", 1, "dynamic", 1));
}

static void init(struct plugin *plugin, struct plugin_request *request,
	const json_t *params)
{
	const json_t *configuration = json_object_get(params, "configuration");
	struct plugin_init told = {
		.rpc_path = json_string_value(
			json_object_get(configuration, "rpc-file")),
		.startup =
			json_is_true(json_object_get(configuration, "startup")),
		.options = json_object_get(params, "options"),
	};
	char why[PLUGIN_WHY_SIZE] = "lightningd does not say where it can be "
				    "asked";

	if (plugin->is_ready) {
		plugin_refuse(
			request, PLUGIN_E_INTERNAL, "It has begun before.");
		return;
	}
	plugin->is_ready = told.rpc_path != NULL &&
			   plugin->config->init(plugin->userdata, &told, why);
	plugin_answer(request, plugin->is_ready
				       ? json_object()
				       : json_pack("{s:s}", "disable", why));
}

static void on_hook(struct plugin *plugin, struct plugin_request *request,
	const json_t *params)
{
	const json_t *payment = json_object_get(params, "payment");

	/* Before init nobody can know whose it is. */
	if (plugin->is_ready)
		plugin->config->payment(plugin->userdata, request, payment);
	else
		plugin_reject(request);
}

static void on_method(struct plugin *plugin, struct plugin_request *request,
	const char *name, json_t *params)
{
	const struct plugin_method *method = plugin->config->methods;
	char why[PARAMS_WHY_SIZE] = "There is no memory.";
	json_t *bound;

	while (method != NULL && method->name != NULL &&
		strcmp(method->name, name) != 0)
		method++;
	if (!plugin->is_ready || method == NULL || method->name == NULL) {
		plugin_refuse(request, UNKNOWN_METHOD,
			"There is no method \"%.64s\".", name);
		return;
	}

	if (params_bind(method->usage, params, &bound, why) < 0) {
		plugin_refuse(request, PLUGIN_E_PARAMS, "%s", why);
		return;
	}
	method->handler(plugin->userdata, request, bound);
	json_decref(bound);
}

static void on_notification(
	struct plugin *plugin, const char *name, const json_t *params)
{
	if (strcmp(name, "shutdown") == 0)
		end(plugin, 0);
	else if (strcmp(name, hook_name) == 0 && plugin->is_ready &&
		 plugin->config->paid != NULL)
		plugin->config->paid(
			plugin->userdata, json_object_get(params, hook_name));
}

static void on_object(struct plugin *plugin, const json_t *object)
{
	const json_t *id = json_object_get(object, "id");
	const char *name = json_string_value(json_object_get(object, "method"));
	json_t *params = json_object_get(object, "params");
	struct plugin_request *request;

	if (name == NULL)
		return;
	if (id == NULL) {
		on_notification(plugin, name, params);
		return;
	}
	if (request_new(plugin, id, strcmp(name, hook_name) == 0, &request) <
		0) {
		end(plugin, -ENOMEM);
		return;
	}

	if (request->is_hook)
		on_hook(plugin, request, params);
	else if (strcmp(name, "getmanifest") == 0)
		get_manifest(plugin, request);
	else if (strcmp(name, "init") == 0)
		init(plugin, request, params);
	else
		on_method(plugin, request, name, params);
}

/* Whose payment it is cannot be known: other income goes on, see claim.h. */
static void on_garbled(struct plugin *plugin, const char *text, size_t len)
{
	struct plugin_request *request;
	bool is_hook;
	json_t *id;
	int r;

	plugin_log(plugin, PLUGIN_UNUSUAL,
		"lightningd passed on something that cannot be read.");
	if (!garbled_read(text, len, hook_name, &id, &is_hook))
		return;
	r = request_new(plugin, id, is_hook, &request);
	json_decref(id);
	if (r < 0)
		end(plugin, r);
	else if (is_hook)
		plugin_continue(request);
	else
		plugin_refuse(request, PLUGIN_E_PARAMS,
			"The parameters are no JSON that can be read: a number "
			"is too big, a name is there twice, or there are too "
			"many brackets.");
}

/* As stream_take(), but what cannot be read is passed over: *@ret is NULL. */
static int take_object(struct plugin *plugin, json_t **ret)
{
	const char *text;
	size_t len;
	int r;

	if (!plugin->is_skipping) {
		r = stream_take(plugin->stream, ret);
		if (r != STREAM_E_INVALID)
			return r;
	}

	r = stream_skip(plugin->stream, &text, &len);
	plugin->is_skipping = r == STREAM_E_AGAIN;
	if (r == 0) {
		*ret = NULL;
		on_garbled(plugin, text, len);
	}
	return r;
}

/* Works off whole objects.  Ends the plugin where no more can follow. */
static void take_objects(struct plugin *plugin)
{
	json_t *object;
	int r = 0;

	while (!plugin->ends) {
		r = take_object(plugin, &object);
		if (r != 0)
			break;
		if (object != NULL)
			on_object(plugin, object);
		json_decref(object);
	}
	if (r == 0 || r == STREAM_E_AGAIN)
		return;

	plugin_log(plugin, PLUGIN_BROKEN,
		"lightningd sent %s: this plugin ends, and payments for its "
		"cars fail until it is started again",
		r == STREAM_E_TOO_BIG   ? "more than 1 MiB at once"
		: r == STREAM_E_INVALID ? "something that is no JSON"
					: "more than there is memory for");
	end(plugin, r < 0 ? r : -EBADMSG);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p)
{
	struct plugin *plugin = p;
	char bytes[READ_SIZE];
	ssize_t n;
	int r;

	(void)source;
	(void)events;

	n = read(fd, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		end(plugin, n < 0 ? -errno : 0);
		return 0;
	}

	r = stream_push(plugin->stream, bytes, (size_t)n);
	if (r == 0)
		take_objects(plugin);
	else
		end(plugin, r < 0 ? r : -EBADMSG);
	return 0;
}

int plugin_new(sd_event *event, int in_fd, int out_fd,
	const struct plugin_config *config, void *userdata, struct plugin **ret)
{
	_cleanup_(plugin_freep) struct plugin *plugin = NULL;
	int flags, r;

	plugin = calloc(1, sizeof(*plugin));
	if (plugin == NULL)
		return -ENOMEM;
	plugin->event = sd_event_ref(event);
	plugin->config = config;
	plugin->userdata = userdata;
	r = stream_new(&plugin->stream);
	if (r < 0)
		return r;
	r = out_new(event, out_fd, &plugin->out);
	if (r < 0)
		return r;
	flags = fcntl(in_fd, F_GETFL);
	if (flags < 0 || fcntl(in_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	r = sd_event_add_io(event, &plugin->io, in_fd, EPOLLIN, on_io, plugin);
	if (r < 0)
		return r;

	*ret = steal_ptr(&plugin);
	return 0;
}

struct plugin *plugin_free(struct plugin *plugin)
{
	if (plugin == NULL)
		return NULL;

	while (plugin->requests != NULL) {
		if (plugin->requests->is_hook)
			plugin_reject(plugin->requests);
		else
			plugin_refuse(plugin->requests, PLUGIN_E_INTERNAL,
				"The plugin ends.");
	}
	if (plugin->out != NULL)
		out_drain(plugin->out);
	sd_event_source_disable_unref(plugin->io);
	stream_free(plugin->stream);
	out_free(plugin->out);
	sd_event_unref(plugin->event);
	free(plugin);
	return NULL;
}
