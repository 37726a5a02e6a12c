/* SPDX-License-Identifier: MIT */

#include "model/command.h"

#include <stdio.h>
#include <string.h>

#include "model/command_arg.h"

/* Takes the next word of *@p, cut to what fits; "" at the end. */
static void next_word(const char **p, char ret[static WORD_SIZE])
{
	const char *from = *p + strspn(*p, " ");
	size_t len = strcspn(from, " ");

	(void)snprintf(ret, WORD_SIZE, "%.*s",
		(int)(len < WORD_SIZE ? len : WORD_SIZE), from);
	*p = from + len;
}

/* The same with all that follows: a text may have blanks in it. */
static void next_text(const char **p, char ret[static WORD_SIZE])
{
	const char *from = *p + strspn(*p, " ");
	size_t len = strlen(from);

	*p = from + len;
	while (len > 0 && from[len - 1] == ' ')
		len--;
	(void)snprintf(ret, WORD_SIZE, "%.*s",
		(int)(len < WORD_SIZE ? len : WORD_SIZE), from);
}

static int wrong_arg(const struct command_info *info,
	const struct command_arg *arg, const char *word,
	char why[static WHY_SIZE])
{
	char what[WHY_SIZE];

	command_describe(arg, what);
	if (*word == '\0')
		(void)snprintf(why, WHY_SIZE, "%s needs the %s, %.160s",
			info->name, arg->name, what);
	else
		(void)snprintf(why, WHY_SIZE,
			"%s: the %s is %.150s, not \"%.40s\"", info->name,
			arg->name, what, word);

	return COMMAND_E_INVALID;
}

static int parse_args(const struct command_info *info, const char *text,
	struct command *ret, char why[static WHY_SIZE])
{
	char word[WORD_SIZE];

	for (size_t i = 0; i < info->n_args; i++) {
		const struct command_arg *arg = &info->args[i];

		if (arg->kind == COMMAND_ARG_SPAN_END)
			continue;
		if (arg->kind == COMMAND_ARG_TEXT)
			next_text(&text, word);
		else
			next_word(&text, word);
		if (*word == '\0' && arg->is_optional)
			ret->args[i] = arg->fallback;
		else if (!command_arg_read(arg, word, ret, i))
			return wrong_arg(info, arg, word, why);
	}

	next_word(&text, word);
	if (*word != '\0') {
		(void)snprintf(why, WHY_SIZE,
			"%s takes %s, but \"%.40s\" follows", info->name,
			info->n_args == 0 ? "no argument" : "no more", word);
		return COMMAND_E_INVALID;
	}

	return 0;
}

/* What no argument can tell by itself. */
static int check(const struct command *command, char why[static WHY_SIZE])
{
	bool by_id = command->args[0] == COMMAND_SCHEDULE_BY_ID;
	bool has_id = command->args[1] != 0;

	if ((command->id != COMMAND_CHARGING_SCHEDULE_REMOVE &&
		    command->id != COMMAND_PRECONDITION_SCHEDULE_REMOVE) ||
		by_id == has_id)
		return 0;

	(void)snprintf(why, WHY_SIZE,
		by_id ? "%s id needs the number of the schedule behind it"
		      : "%s: a number follows only \"id\"",
		command_info(command->id)->name);
	return COMMAND_E_INVALID;
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
		r = parse_args(info, text, &command, why);
		if (r == 0)
			r = check(&command, why);
		if (r == 0)
			*ret = command;
		return r;
	}

	(void)snprintf(
		why, WHY_SIZE, "\"%.40s\" is no command of this car", word);
	return COMMAND_E_INVALID;
}

/* How many arguments have to be written; the others may be left out. */
static size_t count_args(
	const struct command *command, const struct command_info *info)
{
	size_t n = info->n_args;

	while (n > 0 && info->args[n - 1].is_optional &&
		command->args[n - 1] == info->args[n - 1].fallback)
		n--;

	return n;
}

void command_print(const struct command *command, char *ret, size_t size)
{
	const struct command_info *info = command_info(command->id);
	size_t n = count_args(command, info);
	int len = snprintf(ret, size, "%s", info->name);

	for (size_t i = 0; i < n && (size_t)len < size; i++) {
		char word[WORD_SIZE] = "";

		if (info->args[i].kind == COMMAND_ARG_SPAN_END)
			continue;
		command_arg_print(&info->args[i], command, i, word);
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

		if (arg->kind == COMMAND_ARG_SPAN_END)
			continue;
		len += (size_t)snprintf(ret + len, size - len,
			arg->is_optional ? "%s[%s]" : "%s%s", i == 0 ? "" : " ",
			arg->name);
	}
}

bool command_needs_pin(const struct command *command)
{
	const struct command_info *info = command_info(command->id);

	return info->n_args > 0 &&
	       info->args[info->n_args - 1].kind == COMMAND_ARG_PIN;
}

bool command_closer(const struct command *command, struct command *ret)
{
	struct command closer = { .id = command_info(command->id)->closer };

	if (closer.id == COMMAND_NONE)
		return false;
	if (command_needs_pin(&closer)) {
		memcpy(closer.text, command->text, sizeof(closer.text));
		closer.pin = command->pin;
	}

	*ret = closer;
	return true;
}
