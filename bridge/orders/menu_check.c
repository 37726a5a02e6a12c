/* SPDX-License-Identifier: MIT */

/* What no single value can tell: whether they fit together. */

#include <string.h>

#include "orders/claims.h"
#include "orders/menu_value.h"
#include "util/amount.h"
#include "util/duration.h"

void menu_action_init(struct menu_action *action)
{
	*action = (struct menu_action){
		.match = MENU_EXACT,
		.max_age_ms = MENU_MAX_AGE_MS,
	};
}

static bool step_is(const struct step *step, enum command_id id)
{
	return !step->is_wait && step->command.id == id;
}

/* Is there a command behind step @i? A wait cannot fail. */
static bool command_follows(const struct program *program, size_t i)
{
	while (++i < program->n_steps)
		if (!program->steps[i].is_wait)
			return true;

	return false;
}

/* Is @id a step of @program, from step @i on? */
static bool has_step(
	const struct program *program, size_t i, enum command_id id)
{
	for (; i < program->n_steps; i++)
		if (step_is(&program->steps[i], id))
			return true;

	return false;
}

/* Is there one more round, should it be paid for? */
static bool round_follows(const struct menu_action *action)
{
	/* 0: check_scale() makes it the default, which is more than one. */
	return action->scale_msat > 0 && action->rounds_max != 1;
}

/*
 * Architecture 4: undo is required where a step opens something and another
 * follows, if only in the next round.  A program that closes the charge port
 * itself has its undo in that step: closing once more is what undoes it
 * wherever it stopped.
 */
static void check_undo(struct menu_action *action,
	struct menu_mistakes *mistakes, unsigned int line)
{
	const struct program *steps = &action->steps;

	if (program_has(&action->undo, COMMAND_OPENS)) {
		menu_mistake(mistakes, line,
			"the undo of action %s opens the car; undo is there to "
			"close it",
			action->name);
		return;
	}
	for (size_t i = 0; i < steps->n_steps; i++) {
		const struct step *step = &steps->steps[i];
		enum command_id closer =
			step->is_wait ? COMMAND_NONE
				      : command_info(step->command.id)->closer;
		char text[STEP_TEXT_SIZE], undo[STEP_TEXT_SIZE] = "";
		struct step closing = { .is_wait = false };
		const char *quote;

		if (step->is_wait ||
			(!command_follows(steps, i) &&
				!round_follows(action)) ||
			(closer == COMMAND_NONE &&
				(command_info(step->command.id)->traits &
					COMMAND_OPENS) == 0) ||
			(closer != COMMAND_NONE &&
				has_step(&action->undo, 0, closer)))
			continue;
		if ((closer == COMMAND_CHARGE_PORT_CLOSE ||
			    closer == COMMAND_CHARGE_DOOR_CLOSE) &&
			action->undo.n_steps == 0 &&
			has_step(steps, i + 1, closer)) {
			action->undo.n_steps = 1;
			action->undo.steps[0].command.id = closer;
			continue;
		}
		step_print(step, text);
		if (command_closer(&step->command, &closing.command))
			step_print(&closing, undo);
		quote = strchr(undo, ' ') == NULL ? "" : "\"";
		if (closer == COMMAND_NONE)
			menu_mistake(mistakes, line,
				"action %s goes on after %s, which only a "
				"person can close again if a later step fails; "
				"put it last",
				action->name, text);
		else
			menu_mistake(mistakes, line,
				"action %s goes on after %s; add what closes "
				"it again if a later step fails, as in: undo = "
				"%s%s%s",
				action->name, text, quote, undo, quote);
		return;
	}
}

/* A payment buys something; of a step that is wrong that is told already. */
static void check_steps(const struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	const struct program *undo = &action->undo;
	char why[WHY_SIZE];

	for (size_t i = 0; i < undo->n_steps; i++)
		if (undo->steps[i].or_else != STEP_ELSE_RETURN)
			menu_mistake(mistakes, written->line,
				"action %s: each step of undo is tried, "
				"whatever becomes of the others; remove else",
				action->name);
	/* The end of a rental has a program of its own, whatever was paid. */
	for (size_t i = 0; i < action->steps.n_steps; i++)
		if (action->rental.length_ms > 0 &&
			action->steps.steps[i].or_else == STEP_ELSE_KEEP) {
			menu_mistake(mistakes, written->do_line,
				"action %s rents the car: nothing is rented "
				"where a step fails; remove \"else keep\"",
				action->name);
			break;
		}
	if (written->is_sound && program_check(&action->steps, why) != 0)
		menu_mistake(mistakes, written->do_line, "action %s: %s",
			action->name, why);
}

/* Pay more, get more: as many rounds as a program and an amount can hold. */
static void check_scale(struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	uint64_t price_max = 1000 * MENU_PRICE_MAX_SAT;
	size_t n_steps = action->steps.n_steps;
	bool is_set = action->rounds_max > 0;

	if (action->scale_msat == 0) {
		if (is_set && written->is_sound)
			menu_mistake(mistakes, written->line,
				"action %s has scale-max without scale; say "
				"what one more round costs, as in: scale = 10",
				action->name);
		return;
	}
	if (action->rental.length_ms > 0)
		menu_mistake(mistakes, written->line,
			"action %s rents the car, which is extended by paying "
			"again; remove scale",
			action->name);
	if (!is_set)
		action->rounds_max = MENU_ROUNDS;
	if (written->is_sound &&
		n_steps * action->rounds_max > PROGRAM_STEPS_MAX)
		menu_mistake(mistakes, written->do_line,
			"action %s: %u rounds of %zu steps are more than the "
			"%d that a program may have; write scale-max = %zu",
			action->name, action->rounds_max, n_steps,
			PROGRAM_STEPS_MAX, PROGRAM_STEPS_MAX / n_steps);
	if (action->price_msat > price_max ||
		(price_max - action->price_msat) / action->scale_msat <
			action->rounds_max - 1)
		menu_mistake(mistakes, written->line,
			"action %s: %u rounds cost more bitcoin than there "
			"are",
			action->name, action->rounds_max);
}

/* What cannot be done in time would always be undone. */
static void check_budget(const struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	uint64_t n_rounds = action->rounds_max > 0 ? action->rounds_max : 1;
	uint64_t least_ms = n_rounds * program_least_ms(&action->steps);
	char least[DURATION_TEXT_SIZE], budget[DURATION_TEXT_SIZE];

	if (action->budget_ms == 0 || least_ms <= action->budget_ms)
		return;

	duration_print(least_ms, least);
	duration_print(action->budget_ms, budget);
	menu_mistake(mistakes, written->do_line,
		"action %s takes %s at least%s, and its budget is %s",
		action->name, least, n_rounds > 1 ? " in all its rounds" : "",
		budget);
}

void menu_action_check(struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes)
{
	bool opens = program_has(&action->steps, COMMAND_OPENS) ||
		     action->rental.length_ms > 0;
	size_t len = strlen(action->name);

	if (len == 0 ||
		action->name[strspn(action->name,
			"abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
		menu_mistake(mistakes, written->line,
			"\"%s\" is no name for an action; use small letters, "
			"digits and -",
			action->name);
	check_steps(action, written, mistakes);
	check_undo(action, mistakes, written->do_line);
	check_scale(action, written, mistakes);
	check_budget(action, written, mistakes);
	if (opens && conditions_has(&action->when, CONDITION_ANYTIME))
		menu_mistake(mistakes, written->do_line,
			"action %s opens the car, which is done only while it "
			"is parked; remove anytime from when",
			action->name);
	/* Whatever else is written, parked is not lost by accident. */
	else if (!conditions_has(&action->when, CONDITION_ANYTIME))
		action->when.set |= CONDITIONS_OF(CONDITION_PARKED).set;
	/* Else the Pi's antenna cut after the unlock would be a refund. */
	if (!written->unknown_is_set)
		action->unknown = opens ? MENU_KEEP : MENU_RETURN;
	menu_rental_check(action, written, mistakes);
}

static bool accepts(const struct menu *menu, enum menu_accept_kind kind)
{
	for (size_t i = 0; i < menu->n_accept; i++)
		if (menu->accept[i].kind == kind)
			return true;

	return false;
}

/* By the amount alone, the rounds of one must not be what another costs. */
static void check_rounds(const struct menu *menu,
	const struct menu_action *action, struct menu_mistakes *mistakes,
	unsigned int line)
{
	for (uint64_t i = 1; i < action->rounds_max; i++) {
		uint64_t msat =
			menu_asked_msat(action) + i * action->scale_msat;
		const struct menu_action *other = claim_by_amount(menu, msat);
		char amount[AMOUNT_TEXT_SIZE];

		if (other == action)
			continue;
		amount_print(msat, amount);
		menu_mistake(mistakes, line,
			"action %s costs %s for %u rounds, which buys %s; "
			"change price, scale or scale-max",
			action->name, amount, (unsigned int)i + 1, other->name);
		return;
	}
}

static bool is_experimental(const struct menu_action *action)
{
	const struct program *const programs[] = { &action->steps,
		&action->undo, &action->rental.warn, &action->rental.end };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (program_has(programs[i], COMMAND_EXPERIMENTAL))
			return true;

	return false;
}

/* What may take longer than a payment is held would never be begun. */
static void check_hold(const struct menu *menu,
	const struct menu_action *action, struct menu_mistakes *mistakes,
	unsigned int line)
{
	uint64_t n_rounds = action->rounds_max > 0 ? action->rounds_max : 1;
	uint64_t budget_ms =
		action->budget_ms > 0
			? action->budget_ms
			: n_rounds * program_budget_ms(&action->steps);
	char budget[DURATION_TEXT_SIZE], max[DURATION_TEXT_SIZE];

	if (!menu->hold || budget_ms <= MENU_HOLD_BUDGET_MS)
		return;

	duration_print(budget_ms, budget);
	duration_print(MENU_HOLD_BUDGET_MS, max);
	menu_mistake(mistakes, line,
		"action %s may take %s, and a payment is held for a minute; "
		"give it a budget of at most %s, as in: budget = 30s",
		action->name, budget, max);
}

void menu_check(const struct menu *menu, struct menu_mistakes *mistakes,
	const unsigned int *lines)
{
	bool by_offer = accepts(menu, MENU_ACCEPT_OFFERS);
	bool any = accepts(menu, MENU_ACCEPT_ANY);
	/* Offers alone name the action: then the amount never decides. */
	bool by_amount = menu->n_accept > (by_offer ? 1u : 0u);

	for (size_t i = 0; i < menu->n_actions; i++) {
		const struct menu_action *a = &menu->actions[i];

		if (any && a->rental.length_ms > 0)
			menu_mistake(mistakes, lines[i],
				"action %s rents the car, and accept = any "
				"takes every payment to the node for it; name "
				"the payments that count",
				a->name);
		else if (any && program_has(&a->steps, COMMAND_OPENS))
			menu_mistake(mistakes, lines[i],
				"action %s opens the car, and accept = any "
				"takes every payment to the node for it; name "
				"the payments that count",
				a->name);
		if (by_amount && a->scale_msat > 0 && mistakes->n == 0)
			check_rounds(menu, a, mistakes, lines[i]);
		if (a->deposit_msat > 0 && !menu->plugin)
			menu_mistake(mistakes, lines[i],
				"action %s has a deposit, which the node's "
				"plugin gives back; add in the section node: "
				"plugin = yes, or hold = yes",
				a->name);
		check_hold(menu, a, mistakes, lines[i]);
		if (!menu->experimental && is_experimental(a))
			menu_mistake(mistakes, lines[i],
				"action %s has a command that is experimental: "
				"cars are not known to take it; allow it in "
				"the "
				"section car: experimental = yes",
				a->name);
		if (*a->offer_id != '\0' && !by_offer)
			menu_mistake(mistakes, lines[i],
				"action %s has an offer, but accept does not "
				"list offers; add it there",
				a->name);
		for (size_t j = 0; j < i; j++) {
			const struct menu_action *b = &menu->actions[j];

			if (by_amount && a->price_msat != 0 &&
				menu_asked_msat(a) == menu_asked_msat(b))
				menu_mistake(mistakes, lines[i],
					"action %s costs the same as %s in "
					"line %u, and the amount is what tells "
					"them apart; change one price",
					a->name, b->name, lines[j]);
			if (*a->offer_id != '\0' &&
				strcmp(a->offer_id, b->offer_id) == 0)
				menu_mistake(mistakes, lines[i],
					"action %s has the same offer as %s in "
					"line %u; make one offer for each",
					a->name, b->name, lines[j]);
		}
	}
}
