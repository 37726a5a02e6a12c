/* SPDX-License-Identifier: MIT */

#include "datastore.h"

#include <string.h>

enum {
	/* Of one entry; the real node has no limit. */
	VALUE_MAX = 1024 * 1024,
};

/* The real node's: common/jsonrpc_errors.h. */
enum {
	DEL_DOES_NOT_EXIST = 1200,
	DEL_WRONG_GENERATION = 1201,
	ALREADY_EXISTS = 1202,
	DOES_NOT_EXIST = 1203,
	WRONG_GENERATION = 1204,
	HAS_CHILDREN = 1205,
	NO_CHILDREN = 1206,
};

struct mode {
	const char *name;
	bool must_exist, must_not_exist, appends;
};

static const struct mode modes[] = {
	{ "must-create", false, true, false },
	{ "must-replace", true, false, false },
	{ "create-or-replace", false, false, false },
	{ "must-append", true, false, true },
	{ "create-or-append", false, false, true },
};

static bool refuse(
	struct node_error *ret_error, const char *name, const char *why)
{
	(void)node_refuse(ret_error, NODE_BAD_PARAMS, "%s: %s", name, why);
	return false;
}

/* The parameter "key" as an array of texts, a new reference. */
static bool read_key(
	const struct params *params, json_t **ret, struct node_error *ret_error)
{
	const json_t *value = params->value[0];
	json_t *part, *key;
	size_t i;

	if (value == NULL) {
		*ret = json_array();
		return true;
	}
	if (json_is_string(value)) {
		*ret = json_pack("[O]", value);
		return true;
	}
	if (!json_is_array(value) || json_array_size(value) == 0)
		return refuse(ret_error, "key", "should be string or array");
	key = json_array();
	json_array_foreach (value, i, part) {
		if (json_is_string(part))
			(void)json_array_append(key, part);
		else if (json_is_integer(part))
			(void)json_array_append_new(
				key, json_sprintf("%" JSON_INTEGER_FORMAT,
					     json_integer_value(part)));
		else
			break;
	}
	if (json_array_size(key) < json_array_size(value)) {
		json_decref(key);
		return refuse(ret_error, "key", "should be string");
	}

	*ret = key;
	return true;
}

static const char *part_of(const json_t *key, size_t i)
{
	return json_string_value(json_array_get(key, i));
}

/* Is @key below or at @above? */
static bool is_under(const json_t *key, const json_t *above)
{
	if (json_array_size(key) < json_array_size(above))
		return false;
	for (size_t i = 0; i < json_array_size(above); i++)
		if (strcmp(part_of(key, i), part_of(above, i)) != 0)
			return false;

	return true;
}

/* In the order of the real node's table. */
static int compare(const json_t *a, const json_t *b)
{
	size_t n_a = json_array_size(a), n_b = json_array_size(b);

	for (size_t i = 0; i < n_a && i < n_b; i++) {
		int order = strcmp(part_of(a, i), part_of(b, i));

		if (order != 0)
			return order;
	}

	return n_a < n_b ? -1 : n_a > n_b;
}

static json_t *key_of(const json_t *entry)
{
	return json_object_get(entry, "key");
}

/* Where @key is, or belongs. */
static size_t find(const struct node *node, const json_t *key, bool *ret_is)
{
	size_t i;
	json_t *entry;

	*ret_is = false;
	json_array_foreach (node->datastore, i, entry) {
		int order = compare(key_of(entry), key);

		*ret_is = order == 0;
		if (order >= 0)
			break;
	}
	return i;
}

/* The bytes of @hex, and a NUL; NULL if it is none. */
static char *read_hex(const char *hex, size_t *ret_len)
{
	size_t len = strlen(hex) / 2;
	char *bytes = malloc(len + 1);

	if (bytes == NULL || hex_decode(hex, (uint8_t *)bytes, len) < 0) {
		free(bytes);
		return NULL;
	}

	bytes[len] = '\0';
	*ret_len = len;
	return bytes;
}

/* As it is given out: with the text, if it is one. */
static json_t *show(json_t *entry)
{
	json_t *shown = json_copy(entry);
	_cleanup_(freep) char *bytes = NULL;
	json_t *text = NULL;
	size_t len;

	bytes = read_hex(node_text(entry, "hex"), &len);
	if (bytes != NULL && memchr(bytes, '\0', len) == NULL)
		text = json_stringn(bytes, len);
	if (text != NULL)
		(void)json_object_set_new(shown, "string", text);
	return shown;
}

/* The value of a call, in hexadecimal; for free(). */
static char *read_value(
	const struct params *params, struct node_error *ret_error)
{
	const char *text = NULL, *hex = NULL;
	char *value;
	size_t len;

	if (!params_text(params, 1, &text, ret_error) ||
		!params_text(params, 2, &hex, ret_error))
		return NULL;
	if ((text == NULL) == (hex == NULL)) {
		(void)node_refuse(ret_error, NODE_BAD_PARAMS,
			text == NULL ? "Must have either hex or string"
				     : "Cannot have both hex and string");
		return NULL;
	}
	len = text != NULL ? strlen(text) : strlen(hex) / 2;
	if (len > VALUE_MAX) {
		(void)refuse(ret_error, "string", "is too long for simnode");
		return NULL;
	}
	if (text != NULL) {
		value = malloc(HEX_SIZE(len));
		if (value != NULL)
			hex_encode((const uint8_t *)text, len, value);
		return value;
	}
	value = read_hex(hex, &len);
	if (value == NULL) {
		(void)refuse(ret_error, "hex", "should be hex data");
		return NULL;
	}
	free(value);
	return strdup(hex);
}

static const struct mode *read_mode(
	const struct params *params, struct node_error *ret_error)
{
	const char *name = modes[0].name;

	if (!params_text(params, 3, &name, ret_error))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];

	(void)refuse(ret_error, "mode", "is none of the five");
	return NULL;
}

/* May @key be written?  It is at @at, or not there. */
static bool may_write(const struct node *node, const json_t *key, size_t at,
	bool is_there, const struct mode *mode, struct node_error *ret_error)
{
	const json_t *next = json_array_get(node->datastore, at);
	json_t *entry;
	size_t i;

	if (!is_there && next != NULL && is_under(key_of(next), key)) {
		(void)node_refuse(
			ret_error, HAS_CHILDREN, "Key has children already");
		return false;
	}
	json_array_foreach (node->datastore, i, entry) {
		if (is_there || !is_under(key, key_of(entry)))
			continue;
		(void)node_refuse(ret_error, NO_CHILDREN, "Parent key exists");
		return false;
	}
	if (mode->must_not_exist && is_there)
		(void)node_refuse(
			ret_error, ALREADY_EXISTS, "Key already exists");
	else if (mode->must_exist && !is_there)
		(void)node_refuse(
			ret_error, DOES_NOT_EXIST, "Key does not exist");
	else
		return true;
	return false;
}

/* Is the generation the one that the caller has in mind, if any? */
static bool check_generation(const struct params *params, size_t i,
	const json_t *entry, int code, struct node_error *ret_error)
{
	uint64_t actual = node_number(entry, "generation"), wanted = actual;

	if (!params_unsigned(params, i, &wanted, ret_error))
		return false;
	if (wanted == actual)
		return true;
	(void)node_refuse(ret_error, code, "generation is different");
	return false;
}

static void replace(struct node *node, size_t at, bool is_there, json_t *entry)
{
	if (is_there)
		(void)json_array_set_new(node->datastore, at, entry);
	else
		(void)json_array_insert_new(node->datastore, at, entry);
	node->changed = true;
}

static void write_key(struct node *node, const struct params *params,
	json_t *key, struct methods_answer *ret)
{
	_cleanup_(freep) char *value = NULL;
	const struct mode *mode;
	const json_t *old;
	json_t *entry;
	bool is_there;
	size_t at;

	value = read_value(params, &ret->error);
	mode = value == NULL ? NULL : read_mode(params, &ret->error);
	if (mode == NULL)
		return;
	if (params->value[4] != NULL && !mode->must_exist) {
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"generation only valid with must-replace or "
			"must-append");
		return;
	}
	at = find(node, key, &is_there);
	old = is_there ? json_array_get(node->datastore, at) : NULL;
	if (!may_write(node, key, at, is_there, mode, &ret->error) ||
		!check_generation(
			params, 4, old, WRONG_GENERATION, &ret->error))
		return;

	entry = json_pack("{s:O, s:I, s:o}", "key", key, "generation",
		is_there ? (json_int_t)node_number(old, "generation") + 1
			 : (json_int_t)0,
		"hex",
		json_sprintf("%s%s",
			is_there && mode->appends ? node_text(old, "hex") : "",
			value));
	ret->result = show(entry);
	replace(node, at, is_there, entry);
}

void datastore_write(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	json_t *key;

	if (!read_key(params, &key, &ret->error))
		return;
	write_key(world->node, params, key, ret);
	json_decref(key);
}

/* Below the children of @key only that there is something. */
void datastore_list(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	json_t *list = json_array(), *key, *entry, *child = NULL;
	size_t i, depth;

	if (!read_key(params, &key, &ret->error)) {
		json_decref(list);
		return;
	}
	depth = json_array_size(key) + 1;
	json_array_foreach (world->node->datastore, i, entry) {
		if (!is_under(key_of(entry), key))
			continue;
		if (json_array_size(key_of(entry)) <= depth) {
			(void)json_array_append_new(list, show(entry));
			continue;
		}
		if (child != NULL && is_under(key_of(entry), child))
			continue;
		child = json_array();
		for (size_t k = 0; k < depth; k++)
			(void)json_array_append(
				child, json_array_get(key_of(entry), k));
		(void)json_array_append_new(
			list, json_pack("{s:o}", "key", child));
	}
	json_decref(key);
	ret->result = json_pack("{s:o}", "datastore", list);
}

void datastore_delete(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	struct node *node = world->node;
	json_t *key, *entry;
	bool is_there;
	size_t at;

	if (!read_key(params, &key, &ret->error))
		return;
	at = find(node, key, &is_there);
	json_decref(key);
	entry = json_array_get(node->datastore, at);
	if (!is_there) {
		(void)node_refuse(
			&ret->error, DEL_DOES_NOT_EXIST, "Key does not exist");
		return;
	}
	if (!check_generation(
		    params, 1, entry, DEL_WRONG_GENERATION, &ret->error))
		return;

	ret->result = show(entry);
	(void)json_array_remove(node->datastore, at);
	node->changed = true;
}
