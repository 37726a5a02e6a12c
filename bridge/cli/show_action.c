/* SPDX-License-Identifier: MIT */

/* One action of the menu: what it does, and what the payer gets. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/show.h"
#include "cli/term.h"
#include "model/program.h"
#include "util/amount.h"
#include "util/bytes.h"
#include "util/duration.h"

enum {
	INDENT = 9,
};

static void show_fact(enum term_style style, const char *name, const char *text)
{
	char printable[TERM_CELL_SIZE];

	if (text[0] == '\0')
		return;

	text_printable(text, printable, sizeof(printable));
	(void)printf("%s%-*s%s", term_style(TERM_DIM), INDENT, name,
		term_end(TERM_DIM));
	term_wrap(INDENT, style, printable);
}

static void show_price(const struct record *action)
{
	uint64_t scale_msat = record_number(action, "scale_msat");
	char price[AMOUNT_TEXT_SIZE], more[AMOUNT_TEXT_SIZE];
	char text[TERM_CELL_SIZE];

	amount_print(record_number(action, "price_msat"), price);
	amount_print(scale_msat, more);
	if (scale_msat == 0)
		(void)snprintf(text, sizeof(text), "%s", price);
	else
		(void)snprintf(text, sizeof(text),
			"%s, and %s for each more round, at most %" PRIu64
			" rounds",
			price, more, record_number(action, "rounds_max"));
	show_fact(TERM_BOLD, "price", text);
}

/* Appends ", @text" to a list. */
static void add(char list[static TERM_CELL_SIZE], const char *text)
{
	size_t len = strlen(list);

	(void)snprintf(list + len, TERM_CELL_SIZE - len, "%s%s",
		len == 0 ? "" : ", ", text);
}

static void add_number(char list[static TERM_CELL_SIZE],
	const struct record *action, const char *key, const char *unit)
{
	char text[64];

	if (record_number(action, key) == 0)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64 " %s",
		record_number(action, key), unit);
	add(list, text);
}

static void show_limits(const struct record *action)
{
	uint64_t cooldown_ms = record_number(action, "cooldown_ms");
	char list[TERM_CELL_SIZE] = "", text[64] = "once in ";

	if (record_text(action, "hours")[0] != '\0')
		add(list, record_text(action, "hours"));
	if (cooldown_ms > 0) {
		duration_print(cooldown_ms, text + strlen(text));
		add(list, text);
	}
	add_number(list, action, "per_hour", "an hour");
	add_number(list, action, "per_day", "a day");
	show_fact(TERM_PLAIN, "limits", list);
}

static void show_budget(const struct record *action)
{
	char text[DURATION_TEXT_SIZE] = "";

	if (record_number(action, "budget_ms") > 0)
		duration_print(record_number(action, "budget_ms"), text);
	show_fact(TERM_PLAIN, "budget", text);
}

static void show_undo(const struct record *action)
{
	char list[TERM_CELL_SIZE] = "";
	const char *const *texts;
	size_t n;

	texts = record_list(action, "undo", &n);
	for (size_t i = 0; i < n; i++)
		add(list, texts[i]);
	show_fact(TERM_PLAIN, "undo", list);
}

static void show_deposit(const struct record *action)
{
	char amount[AMOUNT_TEXT_SIZE], time[DURATION_TEXT_SIZE];
	char text[TERM_CELL_SIZE] = "";

	if (record_number(action, "deposit_msat") > 0) {
		amount_print(record_number(action, "deposit_msat"), amount);
		duration_print(record_number(action, "inspect_ms"), time);
		(void)snprintf(text, sizeof(text),
			"%s more, back %s after the car is", amount, time);
	}
	show_fact(TERM_PLAIN, "deposit", text);
}

/* What the payer gets if @step fails. */
static const char *what_else(
	const struct step *step, bool is_first, bool has_undo, bool is_held)
{
	if (step->is_wait)
		return "it cannot";
	switch (step->or_else) {
	case STEP_ELSE_RETURN:
		if (is_first || !has_undo)
			return is_held ? "it stops; the money goes back"
				       : "it stops; the money is owed";
		return is_held ? "it stops, undo runs; the money goes back"
			       : "it stops, undo runs; the money is owed";
	case STEP_ELSE_KEEP:
		return has_undo ? "it stops, undo runs; the money is kept"
				: "it stops; the money is kept";
	case STEP_ELSE_SKIP:
		return "it goes on without this step";
	}

	return "";
}

static void show_steps(const struct record *action)
{
	static const char *const heads[] = { "STEP", "DOES", "IF IT FAILS",
		NULL };
	_cleanup_(term_table_freep) struct term_table *table =
		term_table_new(heads);
	struct program program = { 0 };
	const char *const *texts;
	bool is_first = true;
	size_t n, n_undo;

	(void)record_list(action, "undo", &n_undo);
	texts = record_list(action, "do", &n);
	for (size_t i = 0; i < n; i++) {
		char text[STEP_TEXT_SIZE], why[WHY_SIZE];
		const struct step *step = &program.steps[0];

		program.n_steps = 0;
		(void)snprintf(text, sizeof(text), "%zu", i + 1);
		term_table_add(table, TERM_DIM, text);
		if (program_append(&program, texts[i], why) != 0) {
			/* Of a bridge that knows more. */
			term_table_add(table, TERM_PLAIN, texts[i]);
			term_table_add(table, TERM_DIM, "-");
			continue;
		}
		if (step->is_wait)
			step_print(step, text);
		else
			command_print(&step->command, text, sizeof(text));
		term_table_add(table, TERM_PLAIN, text);
		term_table_add(table, TERM_PLAIN,
			what_else(step, is_first, n_undo > 0,
				record_flag(action, "hold")));
		is_first = is_first && step->is_wait;
	}
	term_table_print(table);
}

static void show(const struct record *action)
{
	const char *unknown =
		strcmp(record_text(action, "unknown"), "keep") == 0 ? "is kept"
		: record_flag(action, "hold") ? "goes back"
					      : "is owed";
	char text[TERM_CELL_SIZE];

	show_fact(TERM_BOLD, "action", record_text(action, "action"));
	show_price(action);
	show_deposit(action);
	show_fact(TERM_PLAIN, "when", record_text(action, "when"));
	show_limits(action);
	show_budget(action);
	show_undo(action);
	(void)snprintf(text, sizeof(text),
		"if nobody can tell what became of it, the money %s", unknown);
	show_fact(TERM_PLAIN, "unknown", text);
	(void)printf("\n");
	show_steps(action);
}

int show_action(sd_bus_message *m, const char *name, bool as_json)
{
	struct record action;
	struct json json;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	if (r < 0)
		return r;
	while ((r = record_read(m, &action)) > 0) {
		if (strcmp(record_text(&action, "action"), name) != 0)
			continue;
		if (as_json) {
			json_init(&json, stdout);
			record_write(&action, &json, NULL);
			json_end(&json);
		} else {
			show(&action);
		}
		return 0;
	}

	return r < 0 ? r : SHOW_E_NONE;
}
