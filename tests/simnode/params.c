/* SPDX-License-Identifier: MIT */

#include "params.h"

#include <string.h>

#include "util/bytes.h"

static bool refuse(
	struct node_error *ret_error, const char *what, const char *name)
{
	(void)node_refuse(ret_error, NODE_BAD_PARAMS, "%s: %s", what, name);
	return false;
}

static bool bind_array(json_t *given, size_t n_names, struct params *params,
	struct node_error *ret_error)
{
	if (json_array_size(given) > n_names) {
		(void)node_refuse(ret_error, NODE_BAD_PARAMS,
			"too many parameters: got %zu, expected %zu",
			json_array_size(given), n_names);
		return false;
	}

	for (size_t i = 0; i < json_array_size(given); i++)
		params->value[i] = json_array_get(given, i);
	return true;
}

static bool bind_object(json_t *given, size_t n_names, struct params *params,
	struct node_error *ret_error)
{
	json_t *value;
	const char *name;

	json_object_foreach (given, name, value) {
		size_t i = 0;

		while (i < n_names && strcmp(params->names[i], name) != 0)
			i++;
		if (i == n_names)
			return refuse(ret_error, "unknown parameter", name);
		params->value[i] = value;
	}
	return true;
}

bool params_bind(json_t *given, const char *const *names, size_t n_required,
	struct params *ret, struct node_error *ret_error)
{
	struct params params = { .names = names };
	size_t n_names = 0;

	while (names[n_names] != NULL)
		n_names++;
	if (json_is_array(given)) {
		if (!bind_array(given, n_names, &params, ret_error))
			return false;
	} else if (json_is_object(given)) {
		if (!bind_object(given, n_names, &params, ret_error))
			return false;
	} else if (given != NULL) {
		return refuse(ret_error, "Expected array or object", "params");
	}

	for (size_t i = 0; i < n_names; i++) {
		if (json_is_null(params.value[i]))
			params.value[i] = NULL;
		if (i < n_required && params.value[i] == NULL)
			return refuse(ret_error, "missing required parameter",
				names[i]);
	}
	*ret = params;
	return true;
}

/* Digits of at most 64 bits.  Returns what follows them, or NULL. */
static const char *read_digits(const char *text, uint64_t *ret)
{
	uint64_t n = 0;

	if (*text < '0' || *text > '9')
		return NULL;
	for (; *text >= '0' && *text <= '9'; text++) {
		unsigned int digit = (unsigned int)(*text - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return NULL;
		n = 10 * n + digit;
	}

	*ret = n;
	return text;
}

bool params_unsigned(const struct params *params, size_t i, uint64_t *ret,
	struct node_error *ret_error)
{
	const json_t *value = params->value[i];
	const char *text = json_string_value(value), *rest;

	if (value == NULL)
		return true;
	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*ret = (uint64_t)json_integer_value(value);
		return true;
	}
	rest = text == NULL ? NULL : read_digits(text, ret);
	if (rest == NULL || *rest != '\0')
		return refuse(ret_error, "should be an unsigned 64 bit integer",
			params->names[i]);

	return true;
}

bool params_bool(const struct params *params, size_t i, bool *ret,
	struct node_error *ret_error)
{
	const json_t *value = params->value[i];

	if (value == NULL)
		return true;
	if (!json_is_boolean(value))
		return refuse(ret_error, "should be 'true' or 'false'",
			params->names[i]);

	*ret = json_is_true(value);
	return true;
}

bool params_text(const struct params *params, size_t i, const char **ret,
	struct node_error *ret_error)
{
	const json_t *value = params->value[i];

	if (value == NULL)
		return true;
	if (!json_is_string(value))
		return refuse(
			ret_error, "should be a string", params->names[i]);

	*ret = json_string_value(value);
	return true;
}

bool params_hash(const struct params *params, size_t i, const char **ret,
	struct node_error *ret_error)
{
	const char *text = json_string_value(params->value[i]);
	uint8_t hash[32];

	if (params->value[i] == NULL)
		return true;
	if (text == NULL || hex_decode(text, hash, sizeof(hash)) < 0 ||
		strpbrk(text, "ABCDEF") != NULL)
		return refuse(ret_error, "should be a 32 byte hex value",
			params->names[i]);

	*ret = text;
	return true;
}

bool params_msat(const struct params *params, size_t i, uint64_t *ret,
	bool *ret_any, struct node_error *ret_error)
{
	const json_t *value = params->value[i];
	const char *text = json_string_value(value), *rest;
	uint64_t msat = 0;

	if (value == NULL)
		return true;
	if (ret_any != NULL && text != NULL && strcmp(text, "any") == 0) {
		*ret_any = true;
		return true;
	}
	if (json_is_integer(value) && json_integer_value(value) > 0) {
		*ret = (uint64_t)json_integer_value(value);
		return true;
	}
	rest = text == NULL ? NULL : read_digits(text, &msat);
	if (rest != NULL && strcmp(rest, "sat") == 0 &&
		msat <= (uint64_t)INT64_MAX / 1000)
		msat *= 1000;
	else if (rest != NULL && *rest != '\0' && strcmp(rest, "msat") != 0)
		rest = NULL;
	if (rest == NULL || msat == 0 || msat > (uint64_t)INT64_MAX)
		return refuse(ret_error, "should be a millisatoshi amount",
			params->names[i]);

	*ret = msat;
	return true;
}
