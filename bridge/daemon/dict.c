/* SPDX-License-Identifier: MIT */

#include "daemon/dict.h"

#include <stdio.h>
#include <string.h>

#include "util/bytes.h"

enum {
	TEXT_SIZE = 2 * LEDGER_TEXT_SIZE,
};

/*
 * D-Bus disconnects who sends a text that is no UTF-8, and foreign ones may
 * have been cut within a character.
 */
int dict_append_row(sd_bus_message *m, const struct ledger_row *row)
{
	char why[TEXT_SIZE], label[TEXT_SIZE], note[TEXT_SIZE];
	char refund_why[TEXT_SIZE];
	int r;

	text_printable(row->why, why, sizeof(why));
	text_printable(row->label, label, sizeof(label));
	text_printable(row->payer_note, note, sizeof(note));
	text_printable(row->refund_why, refund_why, sizeof(refund_why));

	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	r = sd_bus_message_append(m, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}",
		/* clang-format off */
		"order", "t", row->order_id,
		"action", "s", row->action,
		"state", "s", ledger_state_name(row->state),
		"money", "s", ledger_money_name(row->money),
		"why", "s", why,
		"taken_at", "x", row->taken_at_s,
		"ended_at", "x", row->ended_at_s,
		"took_ms", "t", row->took_ms);
	/* clang-format on */
	if (r >= 0 && row->payment_hash[0] != '\0')
		r = sd_bus_message_append(m,
			"{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}",
			/* clang-format off */
			"payment_hash", "s", row->payment_hash,
			"node_id", "s", row->node_id,
			"pay_index", "t", row->pay_index,
			"msat", "t", row->msat,
			"tip_msat", "t", row->tip_msat,
			"label", "s", label,
			"payer_note", "s", note,
			"held", "b", (int)row->is_held,
			"refund_why", "s", refund_why,
			"deposit_msat", "t", row->deposit_msat,
			"deposit", "s", ledger_deposit_name(row->deposit),
			"deposit_due", "x", row->deposit_due_s);
	/* clang-format on */
	if (r < 0)
		return r;

	return sd_bus_message_close_container(m);
}

/* An entry { @key: array of texts }. */
static int append_steps(
	sd_bus_message *m, const char *key, const struct program *program)
{
	char text[STEP_TEXT_SIZE];
	int r;

	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", key);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "as");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (size_t i = 0; i < program->n_steps && r >= 0; i++) {
		step_print(&program->steps[i], text);
		r = sd_bus_message_append(m, "s", text);
	}
	for (int open = 0; open < 3 && r >= 0; open++)
		r = sd_bus_message_close_container(m);

	return r;
}

/* "08:00-20:00", "" if it is always open. */
static void print_hours(const struct menu_action *action, char ret[static 16])
{
	unsigned int from = action->open_from_min, to = action->open_to_min;

	ret[0] = '\0';
	if (from != to)
		(void)snprintf(ret, 16, "%02u:%02u-%02u:%02u", from / 60 % 100,
			from % 60, to / 60 % 100, to % 60);
}

static int append_rental(sd_bus_message *m, const struct rental_terms *terms)
{
	int r;

	r = sd_bus_message_append(
		m, "{sv}", "rental_ms", "t", terms->length_ms);
	if (r < 0 || terms->length_ms == 0)
		return r;
	r = append_steps(m, "warn", &terms->warn);
	if (r >= 0)
		r = append_steps(m, "end", &terms->end);
	if (r < 0)
		return r;

	return sd_bus_message_append(m, "{sv}{sv}{sv}", "get_in_ms", "t",
		terms->get_in_ms, "warn_before_ms", "t", terms->warn_before_ms,
		"passive_entry", "b", (int)terms->passive_entry);
}

int dict_append_action(sd_bus_message *m, const struct menu_action *action,
	const struct dict_offer *offer)
{
	const char *match = action->match == MENU_EXACT ? "exact" : "at-least";
	const char *unknown = action->unknown == MENU_KEEP ? "keep" : "return";
	char hours[16], when[CONDITIONS_TEXT_SIZE];
	int r;

	print_hours(action, hours);
	conditions_print(&action->when, when);
	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r >= 0)
		r = sd_bus_message_append(m, "{sv}{sv}", "action", "s",
			action->name, "price_msat", "t", action->price_msat);
	if (r >= 0)
		r = append_steps(m, "do", &action->steps);
	if (r >= 0)
		r = append_steps(m, "undo", &action->undo);
	if (r >= 0)
		r = sd_bus_message_append(m,
			"{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}"
			"{sv}{sv}{sv}",
			/* clang-format off */
			"match", "s", match,
			"unknown", "s", unknown,
			"when", "s", when,
			"max_age_ms", "t", action->max_age_ms,
			"cooldown_ms", "t", action->cooldown_ms,
			"per_hour", "u", action->per_hour,
			"per_day", "u", action->per_day,
			"budget_ms", "t", action->budget_ms,
			"scale_msat", "t", action->scale_msat,
			"rounds_max", "u", action->rounds_max,
			"hours", "s", hours,
			"offer", "s", *offer->bolt12 != '\0' ? offer->bolt12
							     : action->offer_id,
			"offer_active", "b", (int)offer->is_active,
			"hold", "b", (int)offer->is_held,
			"deposit_msat", "t", action->deposit_msat,
			"inspect_ms", "t", action->inspect_ms);
	/* clang-format on */
	if (r >= 0)
		r = append_rental(m, &action->rental);
	if (r < 0)
		return r;

	return sd_bus_message_close_container(m);
}

static int append_fact(sd_bus_message *m, const struct fact *fact)
{
	switch (fact->type) {
	case 's':
		return sd_bus_message_append(
			m, "{sv}", fact->name, "s", fact->s);
	case 'b':
		return sd_bus_message_append(
			m, "{sv}", fact->name, "b", fact->b);
	case 't':
		return sd_bus_message_append(
			m, "{sv}", fact->name, "t", fact->t);
	case 'x':
		return sd_bus_message_append(
			m, "{sv}", fact->name, "x", fact->x);
	default:
		return -EINVAL;
	}
}

int dict_append_facts(sd_bus_message *m, const struct facts *facts)
{
	int r;

	r = sd_bus_message_open_container(m, 'a', "{sv}");
	for (size_t i = 0; i < facts->n && r >= 0; i++)
		r = append_fact(m, &facts->list[i]);
	if (r < 0)
		return r;

	return sd_bus_message_close_container(m);
}
