/* SPDX-License-Identifier: MIT */

#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The second time of a span is written with the first. */
static bool is_word(const struct command_arg *arg)
{
	return arg->kind != COMMAND_ARG_SPAN_END;
}

/* Where each group of the list begins, in the order of the table. */
static const struct {
	enum command_id first;
	const char *title;
} groups[] = {
	{ COMMAND_UNLOCK, "Locks and lids (done while the car sleeps)" },
	{ COMMAND_PING, "Seen and heard" },
	{ COMMAND_CHARGE_PORT_OPEN, "Charging and energy" },
	{ COMMAND_CLIMATE_ON, "Climate" },
	{ COMMAND_MEDIA_PLAY, "Media" },
	{ COMMAND_VALET_MODE_ON, "What others may do with the car" },
	{ COMMAND_SOFTWARE_UPDATE_START, "Software" },
	{ COMMAND_DOOR_OPEN, "Experimental (the menu has to allow it: "
			     "experimental = yes)" },
};

/* The title of the group that @id begins, or is in. */
static const char *group_of(enum command_id id, bool *ret_begins)
{
	size_t i = ARRAY_SIZE(groups) - 1;

	while (i > 0 && id < groups[i].first)
		i--;

	*ret_begins = id == groups[i].first;
	return groups[i].title;
}

static void show_args(const struct command_info *info)
{
	char what[WHY_SIZE], line[2 * WHY_SIZE];
	bool says_all;

	for (size_t i = 0; i < info->n_args; i++) {
		const struct command_arg *arg = &info->args[i];

		if (!is_word(arg))
			continue;
		command_describe(arg, what);
		says_all = arg->words != NULL || strstr(what, "as in ");
		(void)printf("      ");
		(void)snprintf(line, sizeof(line), "%s: %s%s%s%s", arg->name,
			what, says_all ? "" : ", as in ",
			says_all ? "" : arg->example,
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
		const char *title;
		bool begins;

		if (!is_for_menus(info))
			continue;
		title = group_of(id, &begins);
		if (begins)
			(void)printf("%s%s\n",
				title == groups[0].title ? "" : "\n", title);
		print_usage(id, usage, sizeof(usage));
		(void)printf("  %s%s%s%s%s\n      ", term_style(TERM_BOLD),
			usage, term_end(TERM_BOLD),
			info->alias == NULL ? "" : ", or ",
			info->alias == NULL ? "" : info->alias);
		(void)snprintf(usage, sizeof(usage), "%s%s%s", info->help,
			has_trait(info, COMMAND_OPENS)
				? "; opens the car, so only while it is parked"
				: "",
			info->role == KEY_ROLE_OWNER
				? "; needs a key of the role owner"
				: "");
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
	json_bool(json, "looks_first", has_trait(info, COMMAND_READ_FIRST));
	json_bool(json, "experimental", has_trait(info, COMMAND_EXPERIMENTAL));
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
		if (is_word(&info->args[i]))
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
