/* SPDX-License-Identifier: MIT */

#include "model/command_arg.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/duration.h"

enum {
	/* Room for all words of a list: "off, on, dog, camp". */
	WORDS_SIZE = 160,
	DAYS_ALL = 127,
	DAYS_WEEKDAYS = 62,
};

static const double km_per_mile = 1.609344;

/* Sunday is 1, Monday 2: vehicle-protocol 7.1. */
static const char days[][4] = { "sun", "mon", "tue", "wed", "thu", "fri",
	"sat" };

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
	const char *unit = arg->unit == NULL ? "" : arg->unit;
	char words[WORDS_SIZE];

	switch (arg->kind) {
	case COMMAND_ARG_NUMBER:
	case COMMAND_ARG_WHOLE:
		(void)snprintf(ret, WHY_SIZE, "a %s from %.10g to %.16g%s%s",
			arg->kind == COMMAND_ARG_WHOLE ? "whole number"
						       : "number",
			arg->min, arg->max, *unit == '\0' ? "" : " ", unit);
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
	case COMMAND_ARG_SPEED:
		(void)snprintf(ret, WHY_SIZE,
			"a speed from %.0fkm/h to %.0fkm/h, or from %gmph to "
			"%gmph",
			ceil(arg->min * km_per_mile),
			floor(arg->max * km_per_mile), arg->min, arg->max);
		break;
	case COMMAND_ARG_TIME:
		(void)snprintf(ret, WHY_SIZE, "a time from 00:00 to 23:59");
		break;
	case COMMAND_ARG_SPAN:
		(void)snprintf(ret, WHY_SIZE,
			"a span of time, as in 23:30-06:00, 23:30- or -06:00");
		break;
	case COMMAND_ARG_SPAN_END:
		(void)snprintf(ret, WHY_SIZE, "the end of the span");
		break;
	case COMMAND_ARG_DURATION:
		(void)snprintf(ret, WHY_SIZE, "a time up to %gh, as in \"%s\"",
			arg->max / 3600, arg->example);
		break;
	case COMMAND_ARG_DAYS:
		(void)snprintf(ret, WHY_SIZE,
			"all, weekdays, or some of sun,mon,tue,wed,thu,fri,sat "
			"with commas between");
		break;
	case COMMAND_ARG_TEXT:
		(void)snprintf(ret, WHY_SIZE,
			"a text of at most %.0f bytes, without a semicolon",
			arg->max);
		break;
	case COMMAND_ARG_PIN:
		(void)snprintf(ret, WHY_SIZE,
			"a file with four digits in it, as in \"%s\"",
			arg->example);
		break;
	}
}

/*
 * A decimal number; strtod(3) would also take "inf", "nan" and hexadecimal.
 * Returns what stands behind it, or NULL.
 */
static const char *read_decimal(const char *text, double *ret)
{
	const char *digits = text + (*text == '-' ? 1 : 0);
	char *end;

	/* "km/h" and "mph" stand behind it, no exponent does. */
	if (!isdigit((unsigned char)*digits) ||
		digits[strspn(digits, "0123456789.")] == 'e' ||
		digits[strspn(digits, "0123456789.")] == 'E' ||
		(digits[0] == '0' && (digits[1] | 0x20) == 'x'))
		return NULL;

	/* Not -0. */
	*ret = strtod(text, &end) + 0.0;
	return end;
}

static bool is_within(const struct command_arg *arg, double value)
{
	return value >= arg->min && value <= arg->max;
}

static bool read_number(
	const struct command_arg *arg, const char *text, double *ret)
{
	const char *end = read_decimal(text, ret);

	return end != NULL && *end == '\0' && is_within(arg, *ret) &&
	       (arg->kind != COMMAND_ARG_WHOLE || *ret == floor(*ret));
}

static bool read_degrees(
	const struct command_arg *arg, const char *text, double *ret)
{
	const char *end = read_decimal(text, ret);

	if (end == NULL || (strcmp(end, "c") != 0 && strcmp(end, "f") != 0))
		return false;
	if (*end == 'f')
		*ret = (*ret - 32) / 1.8;

	return is_within(arg, *ret);
}

static bool read_speed(
	const struct command_arg *arg, const char *text, double *ret)
{
	const char *end = read_decimal(text, ret);

	if (end == NULL ||
		(strcmp(end, "km/h") != 0 && strcmp(end, "mph") != 0))
		return false;
	if (*end == 'k')
		*ret /= km_per_mile;

	return is_within(arg, *ret);
}

static bool read_word(
	const struct command_arg *arg, const char *text, double *ret)
{
	for (const struct command_word *w = arg->words; w->word != NULL; w++) {
		if (strcmp(text, w->word) != 0)
			continue;
		*ret = w->value;
		return true;
	}

	return false;
}

/* The first five characters of @text: "23:30". */
static bool read_time(const char *text, double *ret)
{
	int hours, minutes;

	for (size_t i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : !isdigit((unsigned char)text[i]))
			return false;
	hours = 10 * (text[0] - '0') + (text[1] - '0');
	minutes = 10 * (text[3] - '0') + (text[4] - '0');
	if (hours > 23 || minutes > 59)
		return false;

	*ret = 60 * hours + minutes;
	return true;
}

static bool read_span(const char *text, double *ret_from, double *ret_to)
{
	*ret_from = NAN;
	*ret_to = NAN;
	if (*text != '-') {
		if (!read_time(text, ret_from))
			return false;
		text += 5;
	}
	if (*text++ != '-')
		return false;
	if (*text == '\0')
		return !isnan(*ret_from);

	return read_time(text, ret_to) && text[5] == '\0';
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

/* The day that is the first @len characters of @text, as its bit; or 0. */
static unsigned int day_of(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		if (len == strlen(days[i]) && strncmp(text, days[i], len) == 0)
			return 1u << i;

	return 0;
}

/* "mon,tue": the bits of all days named, 0 if that is no list of days. */
static unsigned int read_day_list(const char *text)
{
	unsigned int mask = 0, day;

	do {
		size_t len = strcspn(text, ",");

		day = day_of(text, len);
		mask |= day;
		text += len;
	} while (day != 0 && *text++ == ',');

	return day == 0 ? 0 : mask;
}

static bool read_days(const char *text, double *ret)
{
	unsigned int mask = strcmp(text, "all") == 0 ? DAYS_ALL
			    : strcmp(text, "weekdays") == 0
				    ? DAYS_WEEKDAYS
				    : read_day_list(text);

	*ret = mask;
	return mask != 0;
}

/* Shown, journalled between semicolons, and valid UTF-8: so the car wants. */
static bool read_text(const struct command_arg *arg, const char *text,
	char ret[static COMMAND_TEXT_SIZE])
{
	char safe[COMMAND_TEXT_SIZE];
	size_t len = strlen(text);

	if (len == 0 || len > (size_t)arg->max || strchr(text, ';') != NULL)
		return false;
	text_printable(text, safe, sizeof(safe));
	if (strcmp(text, safe) != 0)
		return false;

	memcpy(ret, text, len + 1);
	return true;
}

static bool read_pin(const char *text, char ret[static COMMAND_TEXT_SIZE])
{
	static const char file[] = "file:/";
	static const struct command_arg path = { .max = COMMAND_TEXT_SIZE - 1 };

	return strncmp(text, file, strlen(file)) == 0 &&
	       text[strlen(file)] != '\0' && read_text(&path, text, ret);
}

bool command_arg_read(const struct command_arg *arg, const char *word,
	struct command *ret, size_t i)
{
	double *value = &ret->args[i];

	/* What was cut might mean something now. */
	if (strlen(word) == WORD_SIZE - 1)
		return false;

	switch (arg->kind) {
	case COMMAND_ARG_NUMBER:
	case COMMAND_ARG_WHOLE:
		return read_number(arg, word, value);
	case COMMAND_ARG_WORD:
		return read_word(arg, word, value);
	case COMMAND_ARG_DEGREES:
		return read_degrees(arg, word, value);
	case COMMAND_ARG_SPEED:
		return read_speed(arg, word, value);
	case COMMAND_ARG_TIME:
		return read_time(word, value) && word[5] == '\0';
	case COMMAND_ARG_SPAN:
		return read_span(word, value, value + 1);
	case COMMAND_ARG_SPAN_END:
		break;
	case COMMAND_ARG_DURATION:
		return read_duration(arg, word, value);
	case COMMAND_ARG_DAYS:
		return read_days(word, value);
	case COMMAND_ARG_TEXT:
		return read_text(arg, word, ret->text);
	case COMMAND_ARG_PIN:
		return read_pin(word, ret->text);
	}

	return false;
}

/* "23:30", or nothing where there is no time. */
static void print_time(double value, char ret[static sizeof("23:30")])
{
	unsigned int minutes = isnan(value) ? 0 : (unsigned int)value;

	(void)snprintf(ret, sizeof("23:30"), "%02u:%02u", minutes / 60 % 24,
		minutes % 60);
	if (isnan(value))
		ret[0] = '\0';
}

static void print_days(unsigned int mask, char ret[static WORD_SIZE])
{
	size_t len = 0;

	ret[0] = '\0';
	if (mask == DAYS_ALL || mask == DAYS_WEEKDAYS) {
		(void)snprintf(ret, WORD_SIZE, "%s",
			mask == DAYS_ALL ? "all" : "weekdays");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		if ((mask & (1u << i)) != 0)
			len += (size_t)snprintf(ret + len, WORD_SIZE - len,
				"%s%s", len == 0 ? "" : ",", days[i]);
}

void command_arg_print(const struct command_arg *arg,
	const struct command *command, size_t i, char ret[static WORD_SIZE])
{
	const double *value = &command->args[i];
	char from[sizeof("23:30")], to[sizeof("23:30")];

	switch (arg->kind) {
	case COMMAND_ARG_WORD:
		for (const struct command_word *w = arg->words; w->word != NULL;
			w++)
			if (w->value == *value)
				(void)snprintf(ret, WORD_SIZE, "%s", w->word);
		break;
	case COMMAND_ARG_DEGREES:
		(void)snprintf(ret, WORD_SIZE, "%gc", *value);
		break;
	case COMMAND_ARG_SPEED:
		(void)snprintf(ret, WORD_SIZE, "%gmph", *value);
		break;
	case COMMAND_ARG_TIME:
		print_time(*value, from);
		(void)snprintf(ret, WORD_SIZE, "%s", from);
		break;
	case COMMAND_ARG_SPAN:
		print_time(value[0], from);
		print_time(value[1], to);
		(void)snprintf(ret, WORD_SIZE, "%s-%s", from, to);
		break;
	case COMMAND_ARG_SPAN_END:
		break;
	case COMMAND_ARG_DURATION:
		(void)snprintf(ret, WORD_SIZE, "%.0fs", *value);
		break;
	case COMMAND_ARG_DAYS:
		print_days((unsigned int)*value, ret);
		break;
	case COMMAND_ARG_TEXT:
	case COMMAND_ARG_PIN:
		(void)snprintf(ret, WORD_SIZE, "%s", command->text);
		break;
	case COMMAND_ARG_NUMBER:
		(void)snprintf(ret, WORD_SIZE, "%.9g", *value);
		break;
	case COMMAND_ARG_WHOLE:
		(void)snprintf(ret, WORD_SIZE, "%.0f", *value);
		break;
	}
}
