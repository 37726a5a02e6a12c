/* SPDX-License-Identifier: MIT */

#include "model/command.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/duration.h"

enum {
	/* The longest single word that can mean anything. */
	WORD_SIZE = 41,
	/* Room for all words of a list: "off, on, dog, camp". */
	WORDS_SIZE = 160,
};

/* Takes the next word of *@p, cut to what fits; "" at the end. */
static void next_word(const char **p, char ret[static WORD_SIZE])
{
	const char *from = *p + strspn(*p, " ");
	size_t len = strcspn(from, " ");

	(void)snprintf(ret, WORD_SIZE, "%.*s",
		(int)(len < WORD_SIZE ? len : WORD_SIZE), from);
	*p = from + len;
}

static void join_words(
	const struct command_word *words, char ret[static WORDS_SIZE])
{
	size_t len = 0;

	ret[0] = '\0';
	for (; words->word != NULL && len < WORDS_SIZE; words++)
		len += (size_t)snprintf(ret + len, WORDS_SIZE - len, "%s%s",
			len == 0 ? "" : ", ", words->word);
}

void command_describe(const struct command_arg *arg, char ret[static WHY_SIZE])
{
	char words[WORDS_SIZE];

	switch (arg->kind) {
	case COMMAND_ARG_NUMBER:
		(void)snprintf(ret, WHY_SIZE, "a number from %g to %g%s%s",
			arg->min, arg->max, *arg->unit == '\0' ? "" : " ",
			arg->unit);
		break;
	case COMMAND_ARG_WORD:
		join_words(arg->words, words);
		(void)snprintf(ret, WHY_SIZE, "one of: %s", words);
		break;
	case COMMAND_ARG_DEGREES:
		(void)snprintf(ret, WHY_SIZE,
			"degrees from %gc to %gc, or from %.0ff to %.0ff",
			arg->min, arg->max, ceil(arg->min * 1.8 + 32),
			floor(arg->max * 1.8 + 32));
		break;
	case COMMAND_ARG_TIME:
		(void)snprintf(ret, WHY_SIZE, "a time from 00:00 to 23:59");
		break;
	case COMMAND_ARG_DURATION:
		(void)snprintf(ret, WHY_SIZE, "a time up to %gh, as in \"%s\"",
			arg->max / 3600, arg->example);
		break;
	}
}

/*
 * A decimal number; strtod(3) would also take "inf", "nan" and hexadecimal.
 * Returns what stands behind it, or NULL.
 */
static const char *read_decimal(const char *text, double *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text) || strpbrk(text, "xXpPeE") != NULL)
		return NULL;

	*ret = strtod(text, &end);
	return end;
}

static bool read_number(
	const struct command_arg *arg, const char *text, double *ret)
{
	const char *end = read_decimal(text, ret);

	return end != NULL && *end == '\0' && *ret >= arg->min &&
	       *ret <= arg->max;
}

static bool read_degrees(
	const struct command_arg *arg, const char *text, double *ret)
{
	const char *end = read_decimal(text, ret);

	if (end == NULL || (strcmp(end, "c") != 0 && strcmp(end, "f") != 0))
		return false;
	if (*end == 'f')
		*ret = (*ret - 32) / 1.8;

	return *ret >= arg->min && *ret <= arg->max;
}

static bool read_word(
	const struct command_arg *arg, const char *text, double *ret)
{
	for (const struct command_word *w = arg->words; w->word != NULL; w++) {
		if (strcmp(text, w->word) != 0)
			continue;
		*ret = (double)w->value;
		return true;
	}

	return false;
}

static bool read_time(const char *text, double *ret)
{
	int hours, minutes;

	if (strlen(text) != 5 || text[2] != ':')
		return false;
	for (size_t i = 0; i < 5; i++)
		if (i != 2 && !isdigit((unsigned char)text[i]))
			return false;
	hours = 10 * (text[0] - '0') + (text[1] - '0');
	minutes = 10 * (text[3] - '0') + (text[4] - '0');
	if (hours > 23 || minutes > 59)
		return false;

	*ret = (double)(60 * hours + minutes);
	return true;
}

static bool read_duration(
	const struct command_arg *arg, const char *text, double *ret)
{
	uint64_t ms;

	if (duration_parse(text, (uint64_t)arg->max * 1000, &ms) < 0 ||
		ms % 1000 != 0)
		return false;

	*ret = (double)(ms / 1000);
	return true;
}

static bool read_arg(
	const struct command_arg *arg, const char *text, double *ret)
{
	/* What was cut might mean something now. */
	if (strlen(text) == WORD_SIZE - 1)
		return false;

	switch (arg->kind) {
	case COMMAND_ARG_NUMBER:
		return read_number(arg, text, ret);
	case COMMAND_ARG_WORD:
		return read_word(arg, text, ret);
	case COMMAND_ARG_DEGREES:
		return read_degrees(arg, text, ret);
	case COMMAND_ARG_TIME:
		return read_time(text, ret);
	case COMMAND_ARG_DURATION:
		return read_duration(arg, text, ret);
	}

	return false;
}

static int parse_args(const struct command_info *info, const char *text,
	double ret[static COMMAND_ARGS_MAX], char why[static WHY_SIZE])
{
	char word[WORD_SIZE], what[WHY_SIZE];

	for (size_t i = 0; i < info->n_args; i++) {
		const struct command_arg *arg = &info->args[i];

		next_word(&text, word);
		if (*word == '\0' && arg->is_optional) {
			ret[i] = arg->fallback;
		} else if (!read_arg(arg, word, &ret[i])) {
			command_describe(arg, what);
			(void)snprintf(why, WHY_SIZE,
				*word == '\0' ? "%s needs the %s, %.180s%s"
					      : "%s: the %s is %.180s, not "
						"\"%s\"",
				info->name, arg->name, what, word);
			return COMMAND_E_INVALID;
		}
	}

	next_word(&text, word);
	if (*word != '\0') {
		(void)snprintf(why, WHY_SIZE, "%s takes %s, but \"%s\" follows",
			info->name,
			info->n_args == 0 ? "no argument" : "no more", word);
		return COMMAND_E_INVALID;
	}

	return 0;
}

static bool is_named(const char *word, const struct command_info *info)
{
	return strcmp(word, info->name) == 0 ||
	       (info->alias != NULL && strcmp(word, info->alias) == 0);
}

int command_parse(
	const char *text, struct command *ret, char why[static WHY_SIZE])
{
	char word[WORD_SIZE];
	int r;

	next_word(&text, word);
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		struct command command = { .id = (enum command_id)i };
		const struct command_info *info = command_info(command.id);

		if (!is_named(word, info))
			continue;
		r = parse_args(info, text, command.args, why);
		if (r == 0)
			*ret = command;
		return r;
	}

	(void)snprintf(why, WHY_SIZE, "\"%s\" is no command of this car", word);
	return COMMAND_E_INVALID;
}

static void print_arg(
	const struct command_arg *arg, double value, char ret[static WORD_SIZE])
{
	unsigned int whole = (unsigned int)value;

	switch (arg->kind) {
	case COMMAND_ARG_WORD:
		for (const struct command_word *w = arg->words; w->word != NULL;
			w++)
			if ((double)w->value == value)
				(void)snprintf(ret, WORD_SIZE, "%s", w->word);
		break;
	case COMMAND_ARG_DEGREES:
		(void)snprintf(ret, WORD_SIZE, "%gc", value);
		break;
	case COMMAND_ARG_TIME:
		(void)snprintf(ret, WORD_SIZE, "%02u:%02u", whole / 60 % 24,
			whole % 60);
		break;
	case COMMAND_ARG_DURATION:
		(void)snprintf(ret, WORD_SIZE, "%us", whole);
		break;
	case COMMAND_ARG_NUMBER:
		(void)snprintf(ret, WORD_SIZE, "%g", value);
		break;
	}
}

void command_print(const struct command *command, char *ret, size_t size)
{
	const struct command_info *info = command_info(command->id);
	int len = snprintf(ret, size, "%s", info->name);

	for (size_t i = 0; i < info->n_args && (size_t)len < size; i++) {
		char word[WORD_SIZE] = "";

		print_arg(&info->args[i], command->args[i], word);
		len += snprintf(ret + len, size - (size_t)len, " %s", word);
	}
}

void command_usage(enum command_id id, char *ret, size_t size)
{
	const struct command_info *info = command_info(id);
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < info->n_args && len < size; i++) {
		const struct command_arg *arg = &info->args[i];

		len += (size_t)snprintf(ret + len, size - len,
			arg->is_optional ? "%s[%s]" : "%s%s", i == 0 ? "" : " ",
			arg->name);
	}
}
