/* SPDX-License-Identifier: MIT */

#include "manifest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"

/* All that the real node has: others are refused. */
static const char *const hooks[] = { "commitment_revocation", "custommsg",
	"db_write", "htlc_accepted", "invoice_payment", "onion_message_recv",
	"onion_message_recv_secret", "openchannel", "openchannel2",
	"openchannel2_changed", "openchannel2_sign", "peer_connected",
	"rbf_channel", "recover", "rpc_command" };

/* Those hooks that take filters. */
static const char *const filtered[] = { "custommsg", "rpc_command" };

static const char *const topics[] = { "balance_snapshot", "block_added",
	"channel_open_failed", "channel_opened", "channel_state_changed",
	"coin_movement", "connect", "custommsg", "deprecated_oneshot",
	"disconnect", "forward_event", "invoice_creation", "invoice_payment",
	"log", "onionmessage_forward_fail", "openchannel_peer_sigs",
	"plugin_started", "plugin_stopped", "sendpay_failure",
	"sendpay_success", "shutdown", "warning" };

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;

	return false;
}

#define IS_ONE_OF(word, list) is_one_of(word, list, ARRAY_SIZE(list))

static _printf_(2, 3) bool problem(char *ret_why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_why, MANIFEST_WHY_SIZE, format, args);
	va_end(args);
	return false;
}

/* Absent, or true or false. */
static bool check_flag(const json_t *object, const char *name, char *ret_why)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL || json_is_boolean(value) ||
	       problem(ret_why, "\"%s\" is not true or false", name);
}

static bool check_array(
	const json_t *object, const char *name, bool required, char *ret_why)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL)
		return !required || problem(ret_why, "\"%s\" is missing", name);
	if (!json_is_array(value))
		return problem(ret_why, "\"%s\" is not an array", name);
	return json_array_size(value) <= MANIFEST_LIST_MAX ||
	       problem(ret_why, "\"%s\" is too long", name);
}

static bool check_texts(const json_t *object, const char *name, char *ret_why)
{
	json_t *value;
	size_t i;

	if (!check_array(object, name, false, ret_why))
		return false;
	json_array_foreach (json_object_get(object, name), i, value)
		if (!json_is_string(value))
			return problem(
				ret_why, "\"%s\" has what is no text", name);

	return true;
}

/* A number as lightningd reads one from a command line. */
static bool read_long(const char *text, json_int_t *ret)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 0);
	*ret = n;
	return *text != '\0' && *end == '\0' && errno == 0;
}

/* As an option of @type gets it; NULL if it does not fit. */
static json_t *read_value(const char *type, const char *text)
{
	static const char *const yes[] = { "true", "1", "yes", "on" };
	static const char *const no[] = { "false", "0", "no", "off" };
	json_int_t n;

	if (strcmp(type, "int") == 0)
		return read_long(text, &n) ? json_integer(n) : NULL;
	if (strcmp(type, "bool") != 0)
		return json_string(text);
	if (IS_ONE_OF(text, yes))
		return json_true();

	return IS_ONE_OF(text, no) ? json_false() : NULL;
}

/* Numbers and words of JSON, as texts. */
static json_t *read_default(const json_t *option)
{
	const json_t *value = json_object_get(option, "default");
	const char *type = node_text(option, "type");
	char digits[32];

	if (json_is_string(value))
		return read_value(type, json_string_value(value));
	if (json_is_boolean(value))
		return read_value(type, json_is_true(value) ? "true" : "false");
	if (!json_is_integer(value))
		return NULL;
	(void)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
		json_integer_value(value));
	return read_value(type, digits);
}

static bool check_default(const json_t *option, char *ret_why)
{
	const json_t *value = json_object_get(option, "default");
	const char *name = node_text(option, "name");
	json_t *read;

	if (value == NULL)
		return true;
	if (node_text_is(option, "type", "flag"))
		return json_is_false(value) ||
		       problem(ret_why, "flag \"%s\" has a default", name);
	if (json_is_null(value))
		return true;
	read = read_default(option);
	json_decref(read);
	return read != NULL ||
	       problem(ret_why, "the default of \"%s\" does not fit", name);
}

static bool check_option(const json_t *option, char *ret_why)
{
	static const char *const types[] = { "string", "string-conceal", "int",
		"bool", "flag" };
	const char *name = node_text(option, "name");
	const char *type = node_text(option, "type");

	if (name == NULL || type == NULL ||
		node_text(option, "description") == NULL)
		return problem(
			ret_why, "an option has no name, type or description");
	if (*name == '\0' ||
		name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] !=
			'\0')
		return problem(ret_why,
			"option \"%s\" is not of a-z, 0-9, _ and -", name);
	if (!IS_ONE_OF(type, types))
		return problem(
			ret_why, "option \"%s\" is of type \"%s\"", name, type);
	if (!check_flag(option, "multi", ret_why) ||
		!check_flag(option, "dynamic", ret_why))
		return false;
	if (json_is_true(json_object_get(option, "multi")) &&
		(strcmp(type, "bool") == 0 || strcmp(type, "flag") == 0))
		return problem(
			ret_why, "%s \"%s\" cannot be multi", type, name);

	return check_default(option, ret_why);
}

static bool check_method(const json_t *method, char *ret_why)
{
	if (node_text(method, "name") == NULL)
		return problem(ret_why, "a method has no name");

	return node_text(method, "usage") != NULL ||
	       problem(ret_why, "method \"%s\" has no usage",
		       node_text(method, "name"));
}

static bool check_hook(const json_t *hook, char *ret_why)
{
	const char *name = json_is_object(hook) ? node_text(hook, "name")
						: json_string_value(hook);

	if (name == NULL)
		return problem(ret_why, "a hook has no name");
	if (!IS_ONE_OF(name, hooks))
		return problem(ret_why, "there is no hook \"%s\"", name);
	if (json_object_get(hook, "filters") != NULL &&
		!IS_ONE_OF(name, filtered))
		return problem(
			ret_why, "hook \"%s\" does not allow filters", name);

	return check_texts(hook, "before", ret_why) &&
	       check_texts(hook, "after", ret_why);
}

static bool check_topic(const json_t *topic, char *ret_why)
{
	const char *method = node_text(topic, "method");

	if (method == NULL)
		return problem(ret_why, "a notification has no method");

	return !IS_ONE_OF(method, topics) ||
	       problem(ret_why, "\"%s\" is a topic of the node", method);
}

static bool check_custom(const json_t *number, char *ret_why)
{
	return (json_is_integer(number) && json_integer_value(number) >= 0 &&
		       json_integer_value(number) <= UINT16_MAX) ||
	       problem(ret_why, "\"custommessages\" has what is no u16");
}

/* Each member of the array @name, which are the second of their name never. */
static bool check_each(const json_t *manifest, const char *name, bool required,
	bool (*check)(const json_t *member, char *ret_why), char *ret_why)
{
	json_t *member;
	size_t i;

	if (!check_array(manifest, name, required, ret_why))
		return false;
	json_array_foreach (json_object_get(manifest, name), i, member)
		if (!check(member, ret_why))
			return false;

	return true;
}

/* The name that one of an array is known by. */
static const char *name_of(const json_t *member)
{
	return json_is_object(member) ? node_text(member, "name")
				      : json_string_value(member);
}

static bool check_unique(
	const json_t *manifest, const char *name, char *ret_why)
{
	const json_t *array = json_object_get(manifest, name);

	for (size_t i = 0; i < json_array_size(array); i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(name_of(json_array_get(array, i)),
				    name_of(json_array_get(array, k))) == 0)
				return problem(ret_why,
					"\"%s\" has \"%s\" twice", name,
					name_of(json_array_get(array, i)));

	return true;
}

bool manifest_check(
	const json_t *manifest, char ret_why[static MANIFEST_WHY_SIZE])
{
	const json_t *bits = json_object_get(manifest, "featurebits");

	if (!json_is_object(manifest))
		return problem(ret_why, "its manifest is no object");
	if (json_is_false(json_object_get(manifest, "nonnumericids")))
		return problem(ret_why, "it does not allow nonnumericids");
	if (json_object_size(bits) > 0 &&
		json_is_true(json_object_get(manifest, "dynamic")))
		return problem(ret_why, "a dynamic plugin has featurebits");

	return check_flag(manifest, "dynamic", ret_why) &&
	       check_flag(manifest, "nonnumericids", ret_why) &&
	       check_flag(manifest, "cancheck", ret_why) &&
	       check_each(manifest, "custommessages", false, check_custom,
		       ret_why) &&
	       check_each(manifest, "notifications", false, check_topic,
		       ret_why) &&
	       check_each(manifest, "options", true, check_option, ret_why) &&
	       check_unique(manifest, "options", ret_why) &&
	       check_each(
		       manifest, "rpcmethods", true, check_method, ret_why) &&
	       check_unique(manifest, "rpcmethods", ret_why) &&
	       check_texts(manifest, "subscriptions", ret_why) &&
	       check_each(manifest, "hooks", false, check_hook, ret_why) &&
	       check_unique(manifest, "hooks", ret_why);
}

static const json_t *find(
	const json_t *manifest, const char *array, const char *name)
{
	json_t *member;
	size_t i;

	json_array_foreach (json_object_get(manifest, array), i, member)
		if (strcmp(name_of(member), name) == 0)
			return member;

	return NULL;
}

const json_t *manifest_option(const json_t *manifest, const char *name)
{
	return find(manifest, "options", name);
}

const json_t *manifest_hook(const json_t *manifest, const char *name)
{
	return find(manifest, "hooks", name);
}

bool manifest_subscribes(const json_t *manifest, const char *topic)
{
	return find(manifest, "subscriptions", topic) != NULL ||
	       (strcmp(topic, "log") != 0 &&
		       find(manifest, "subscriptions", "*") != NULL);
}

/* The values of @option in @texts, the last one if it is not multi. */
static json_t *read_setting(const json_t *option, const json_t *texts)
{
	const char *type = node_text(option, "type");
	size_t n = json_array_size(texts);
	json_t *values, *text;
	size_t i;

	if (strcmp(type, "flag") == 0)
		return json_is_null(texts) ? json_true() : NULL;
	if (n == 0)
		return NULL;
	if (!json_is_true(json_object_get(option, "multi")))
		return read_value(
			type, json_string_value(json_array_get(texts, n - 1)));
	values = json_array();
	json_array_foreach (texts, i, text) {
		json_t *value = read_value(type, json_string_value(text));

		if (value == NULL) {
			json_decref(values);
			return NULL;
		}
		(void)json_array_append_new(values, value);
	}
	return values;
}

json_t *manifest_settle(const json_t *manifest, const json_t *settings,
	char ret_why[static MANIFEST_WHY_SIZE])
{
	json_t *options = json_object(), *option;
	size_t i;

	json_array_foreach (json_object_get(manifest, "options"), i, option) {
		const char *name = node_text(option, "name");
		const json_t *texts = json_object_get(settings, name);
		json_t *value = texts == NULL ? read_default(option)
					      : read_setting(option, texts);

		if (value == NULL && texts != NULL) {
			(void)problem(ret_why,
				"the value of option \"%s\" does not fit",
				name);
			json_decref(options);
			return NULL;
		}
		if (value != NULL && texts == NULL &&
			json_is_true(json_object_get(option, "multi")))
			value = json_pack("[o]", value);
		if (value != NULL)
			(void)json_object_set_new(options, name, value);
	}

	return options;
}
