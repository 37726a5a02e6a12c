/* SPDX-License-Identifier: MIT */

#include "node/params.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	NAME_SIZE = 32,
};

/*
 * The next name in @usage, and whether it has to be there.  Returns what
 * follows it, NULL if there is none.
 */
static const char *next_name(
	const char *usage, char ret[static NAME_SIZE], bool *ret_required)
{
	size_t len;

	usage += strspn(usage, " ");
	*ret_required = *usage != '[';
	usage += *usage == '[';
	len = strcspn(usage, "] ");
	if (len == 0 || len >= NAME_SIZE)
		return NULL;

	memcpy(ret, usage, len);
	ret[len] = '\0';
	return usage + len + (usage[len] == ']');
}

static bool is_known(const char *usage, const char *key)
{
	char name[NAME_SIZE];
	bool required;

	while ((usage = next_name(usage, name, &required)) != NULL)
		if (strcmp(name, key) == 0)
			return true;

	return false;
}

/* A member of @params that @usage does not name; NULL if there is none. */
static const char *find_unknown(const char *usage, json_t *params)
{
	const char *key;
	json_t *value;

	json_object_foreach (params, key, value)
		if (!is_known(usage, key))
			return key;

	return NULL;
}

static int _printf_(2, 3)
	wrong(char ret_why[static PARAMS_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_why, PARAMS_WHY_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

static void decrefp(json_t **json)
{
	json_decref(*json);
}

int params_bind(const char *usage, json_t *params, json_t **ret,
	char ret_why[static PARAMS_WHY_SIZE])
{
	_cleanup_(decrefp) json_t *bound = NULL;
	const char *unknown = find_unknown(usage, params);
	char name[NAME_SIZE];
	bool required;
	size_t i = 0;

	if (params != NULL && !json_is_object(params) && !json_is_array(params))
		return wrong(ret_why, "The parameters are no list.");
	if (unknown != NULL)
		return wrong(
			ret_why, "There is no parameter \"%.64s\".", unknown);

	bound = json_object();
	if (bound == NULL)
		return -ENOMEM;
	while ((usage = next_name(usage, name, &required)) != NULL) {
		json_t *value = json_is_array(params)
					? json_array_get(params, i)
					: json_object_get(params, name);

		i++;
		if (value == NULL || json_is_null(value)) {
			if (required)
				return wrong(ret_why,
					"The parameter \"%s\" is missing.",
					name);
		} else if (json_object_set(bound, name, value) < 0) {
			return -ENOMEM;
		}
	}
	if (json_array_size(params) > i)
		return wrong(ret_why, "There are too many parameters.");

	*ret = steal_ptr(&bound);
	return 0;
}
