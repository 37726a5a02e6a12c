/* SPDX-License-Identifier: MIT */

/* The keys of an action that rents the car, and whether they fit together. */

#include <stdio.h>
#include <string.h>

#include "orders/menu_value.h"

enum {
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,
	/* "Until 14:30" means one day. */
	RENTAL_MAX_MS = 24 * 60 * MINUTE_MS,
	GET_IN_MS = 2 * MINUTE_MS,
	GET_IN_MAX_MS = 60 * MINUTE_MS,
	WARN_BEFORE_MS = 5 * MINUTE_MS,
	INSPECT_MS = 24 * 60 * MINUTE_MS,
};

/* A month; as an enum's it would not fit an int. */
static const uint64_t inspect_max_ms = UINT64_C(30) * INSPECT_MS;

void menu_read_rental(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->rental.length_ms =
		menu_read_duration(value, SECOND_MS, RENTAL_MAX_MS);
}

void menu_read_get_in(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->rental.get_in_ms =
		menu_read_duration(value, SECOND_MS, GET_IN_MAX_MS);
}

void menu_read_warn(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	menu_read_step(value, &action->rental.warn);
}

void menu_read_warn_before(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->rental.warn_before_ms =
		menu_read_duration(value, SECOND_MS, RENTAL_MAX_MS);
}

void menu_read_end(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	menu_read_step(value, &action->rental.end);
}

void menu_read_passive_entry(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->rental.passive_entry = menu_read_choice(value, "yes", "no");
}

void menu_read_deposit(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->deposit_msat =
		1000 * menu_read_number(value, MENU_PRICE_MAX_SAT / 2,
			       "the deposit in sat");
}

void menu_read_inspect(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->inspect_ms = menu_read_duration(value, 0, inspect_max_ms);
	/* 0 is "not written" until menu_rental_check(). */
	if (action->inspect_ms == 0)
		action->inspect_ms = 1;
}

static void wrong(struct menu_mistakes *mistakes,
	const struct menu_written *written, const struct menu_action *action,
	const char *what)
{
	menu_mistake(
		mistakes, written->do_line, "action %s %s", action->name, what);
}

static bool closes(const struct program *program, enum command_id id)
{
	for (size_t i = 0; i < program->n_steps; i++)
		if (!program->steps[i].is_wait &&
			program->steps[i].command.id == id)
			return true;

	return false;
}

/* Nothing of it is skipped. */
static bool is_strict(const struct program *program)
{
	for (size_t i = 0; i < program->n_steps; i++)
		if (program->steps[i].or_else != STEP_ELSE_RETURN)
			return false;

	return true;
}

/* What begin opens or switches on is closed or off, however it ends. */
static void check_closers(const struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	for (size_t i = 0; i < action->steps.n_steps; i++) {
		const struct step *step = &action->steps.steps[i];
		enum command_id closer =
			step->is_wait ? COMMAND_NONE
				      : command_info(step->command.id)->closer;
		char text[STEP_TEXT_SIZE];
		const char *where;

		if (closer == COMMAND_NONE)
			continue;
		where = !closes(&action->undo, closer)         ? "undo"
			: !closes(&action->rental.end, closer) ? "end"
							       : NULL;
		if (where == NULL)
			continue;
		step_print(step, text);
		menu_mistake(mistakes, written->do_line,
			"action %s begins with %s; add %s to its %s, which "
			"takes that back",
			action->name, text, command_info(closer)->name, where);
		return;
	}
}

/* Keys that mean nothing to an action that is over when its steps are. */
static void check_none(const struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	const struct rental_terms *terms = &action->rental;

	if (written->is_begun)
		wrong(mistakes, written, action,
			"begins, but for how long? add: rental = 30min");
	else if (terms->end.n_steps > 0 || terms->warn.n_steps > 0 ||
		 terms->get_in_ms > 0 || terms->warn_before_ms > 0)
		wrong(mistakes, written, action,
			"is no rental, so it has no end, get-in, warn or "
			"warn-before; remove them, or write begin and rental");
	else if (action->deposit_msat > 0 || action->inspect_ms > 0)
		wrong(mistakes, written, action,
			"is no rental; deposit and inspect are for rentals "
			"only");
	else if (terms->passive_entry)
		wrong(mistakes, written, action,
			"is no rental; passive-entry is for rentals only, and "
			"ends with them");
}

void menu_rental_check(struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	struct rental_terms *terms = &action->rental;

	/* What is wrong in it is told, and may be what is missing. */
	if (!written->is_sound)
		return;
	if (terms->length_ms == 0) {
		check_none(action, written, mistakes);
		return;
	}
	if (terms->get_in_ms == 0)
		terms->get_in_ms = terms->length_ms < GET_IN_MS
					   ? terms->length_ms
					   : GET_IN_MS;

	if (!written->is_begun)
		wrong(mistakes, written, action,
			"is a rental, which begins and ends; write begin "
			"instead of do");
	else if (action->undo.n_steps == 0)
		wrong(mistakes, written, action,
			"is a rental; add what closes the car where it cannot "
			"begin, as in: undo = lock");
	else if (terms->end.n_steps == 0)
		wrong(mistakes, written, action,
			"is a rental; add what closes the car when it is "
			"over, as in: end = lock");
	else if (!is_strict(&terms->end))
		wrong(mistakes, written, action,
			"leaves out what fails in its end; the car would stay "
			"open: remove the else");
	else if (program_has(&terms->end, COMMAND_OPENS))
		wrong(mistakes, written, action,
			"opens the car in its end, which is there to close it");
	else if (program_has(&terms->warn, COMMAND_OPENS))
		wrong(mistakes, written, action,
			"opens the car to warn; write what is seen or heard, "
			"as in: warn = flash-lights");
	else if (terms->get_in_ms > terms->length_ms)
		wrong(mistakes, written, action,
			"gives more time to get in than it lasts; make get-in "
			"shorter than rental");
	else if (terms->warn_before_ms > 0 && terms->warn.n_steps == 0)
		wrong(mistakes, written, action,
			"has warn-before without a warning; add one, as in: "
			"warn = flash-lights");
	else if (terms->warn_before_ms >= terms->length_ms)
		wrong(mistakes, written, action,
			"warns before it has begun; make warn-before shorter "
			"than rental");
	else if (action->inspect_ms > 0 && action->deposit_msat == 0)
		wrong(mistakes, written, action,
			"has inspect without a deposit, which is what waits "
			"for it");
	else
		check_closers(action, written, mistakes);
	if (action->inspect_ms == 0 && action->deposit_msat > 0)
		action->inspect_ms = INSPECT_MS;
	if (terms->warn_before_ms == 0)
		terms->warn_before_ms = terms->length_ms / 2 < WARN_BEFORE_MS
						? terms->length_ms / 2
						: WARN_BEFORE_MS;
}
