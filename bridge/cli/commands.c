/* SPDX-License-Identifier: MIT */

#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/term.h"
#include "model/command.h"
#include "util/json.h"
#include "util/macro.h"

/* What reads is for the bridge, and no step of a menu. */
static bool is_for_menus(const struct command_info *info)
{
	return (info->traits & COMMAND_READS) == 0;
}

static bool has_trait(const struct command_info *info, unsigned int trait)
{
	return (info->traits & trait) != 0;
}

/* "media-set-volume volume" */
static void print_usage(enum command_id id, char *ret, size_t size)
{
	char usage[TERM_CELL_SIZE / 4];

	command_usage(id, usage, sizeof(usage));
	(void)snprintf(ret, size, "%s%s%s", command_info(id)->name,
		*usage == '\0' ? "" : " ", usage);
}

static void show_args(const struct command_info *info)
{
	char what[WHY_SIZE], line[2 * WHY_SIZE];

	for (size_t i = 0; i < info->n_args; i++) {
		const struct command_arg *arg = &info->args[i];

		command_describe(arg, what);
		(void)printf("      ");
		(void)snprintf(line, sizeof(line), "%s: %s%s%s%s", arg->name,
			what, arg->kind == COMMAND_ARG_WORD ? "" : ", as in ",
			arg->kind == COMMAND_ARG_WORD ? "" : arg->example,
			arg->is_optional ? "; may be left out" : "");
		term_wrap(6, TERM_DIM, line);
	}
}

static void show_all(void)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		enum command_id id = (enum command_id)i;
		const struct command_info *info = command_info(id);
		char usage[TERM_CELL_SIZE];

		if (!is_for_menus(info))
			continue;
		print_usage(id, usage, sizeof(usage));
		(void)printf("  %s%s%s%s%s\n      ", term_style(TERM_BOLD),
			usage, term_end(TERM_BOLD),
			info->alias == NULL ? "" : ", or ",
			info->alias == NULL ? "" : info->alias);
		(void)snprintf(usage, sizeof(usage), "%s%s%s", info->help,
			has_trait(info, COMMAND_OPENS)
				? "; opens the car, so only while it is parked"
				: "",
			info->domain == DOMAIN_INFOTAINMENT
				? ""
				: "; works while the car sleeps");
		term_wrap(6, TERM_PLAIN, usage);
		show_args(info);
	}
}

static void write_arg(const struct command_arg *arg, struct json *json)
{
	char what[WHY_SIZE];

	command_describe(arg, what);
	json_open_object(json, NULL);
	json_text(json, "name", arg->name);
	json_text(json, "is", what);
	json_text(json, "example", arg->example);
	json_bool(json, "optional", arg->is_optional);
	if (arg->words != NULL) {
		json_open_array(json, "words");
		for (const struct command_word *w = arg->words; w->word != NULL;
			w++)
			json_text(json, NULL, w->word);
		json_close_array(json);
	}
	json_close_object(json);
}

static void write_one(const struct command_info *info, struct json *json)
{
	json_open_object(json, NULL);
	json_text(json, "command", info->name);
	json_text(json, "alias", info->alias == NULL ? "" : info->alias);
	json_text(json, "help", info->help);
	json_bool(json, "needs_awake", info->domain == DOMAIN_INFOTAINMENT);
	json_bool(json, "opens", has_trait(info, COMMAND_OPENS));
	json_bool(json, "idempotent", has_trait(info, COMMAND_IDEMPOTENT));
	json_text(json, "role", key_role_name(info->role));
	json_text(json, "read_back",
		info->read_back == COMMAND_NONE
			? ""
			: command_info(info->read_back)->name);
	json_text(json, "closed_by",
		info->closer == COMMAND_NONE
			? ""
			: command_info(info->closer)->name);
	json_open_array(json, "args");
	for (size_t i = 0; i < info->n_args; i++)
		write_arg(&info->args[i], json);
	json_close_array(json);
	json_close_object(json);
}

static void write_all(void)
{
	struct json json;

	json_init(&json, stdout);
	json_open_array(&json, NULL);
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++)
		if (is_for_menus(command_info((enum command_id)i)))
			write_one(command_info((enum command_id)i), &json);
	json_close_array(&json);
	json_end(&json);
}

int commands_show(bool as_json)
{
	if (as_json)
		write_all();
	else
		show_all();

	return EXIT_SUCCESS;
}
