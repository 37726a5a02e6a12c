/* SPDX-License-Identifier: MIT */

/* What orders*.c share: orders that live, and programs as texts. */

#include "orders/orders_live.h"

#include <stdio.h>
#include <string.h>

#include "orders/pin.h"

struct live *orders_find_live(const struct orders *orders, uint64_t id)
{
	struct live *live = orders->first;

	while (live != NULL && live->order.id != id)
		live = live->next;

	return live;
}

void orders_append(struct orders *orders, struct live *live)
{
	struct live **p = &orders->first;

	while (*p != NULL)
		p = &(*p)->next;
	*p = live;
	if (!live->is_handed)
		orders->n_waiting++;
}

void orders_tell(struct orders *orders, uint64_t id)
{
	struct ledger_row row;

	if (orders->handler != NULL &&
		ledger_get(orders->ledger, id, &row) == 0)
		orders->handler(orders->userdata, &row);
}

/* "honk; wait 2s" */
void orders_print_program(
	const struct program *program, char ret[static LEDGER_PROGRAM_SIZE])
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < program->n_steps; i++) {
		char text[STEP_TEXT_SIZE];

		step_print(&program->steps[i], text);
		len += (size_t)snprintf(ret + len, LEDGER_PROGRAM_SIZE - len,
			"%s%s", i == 0 ? "" : "; ", text);
	}
}

/*
 * The reverse.  What another version wrote and this one does not know becomes
 * COMMAND_NONE, which fails: each step keeps its place, nothing counts as done
 * that was not, and what can be undone is undone.
 */
void orders_parse_program(const char *text, struct program *ret)
{
	char why[WHY_SIZE];

	while (*text != '\0') {
		size_t len = strcspn(text, ";");
		char step[STEP_TEXT_SIZE];

		(void)snprintf(step, sizeof(step), "%.*s",
			(int)(len < STEP_TEXT_SIZE ? len : STEP_TEXT_SIZE - 1),
			text);
		if (program_append(ret, step, why) != 0 &&
			ret->n_steps < PROGRAM_STEPS_MAX)
			ret->steps[ret->n_steps++] = (struct step){
				.command.id = COMMAND_NONE,
			};
		text += len;
		text += strspn(text, "; ");
	}
	/* A step whose PIN is gone fails by itself: pin_load(). */
	if (pin_load(ret, 0, why) != 0)
		why[0] = '\0';
}

int orders_take_own(struct orders *orders, const char *name,
	const struct program *steps, const struct program *undo,
	uint64_t start_by_ms, const struct moment *now, uint64_t *ret_id)
{
	char steps_text[LEDGER_PROGRAM_SIZE], undo_text[LEDGER_PROGRAM_SIZE];
	_cleanup_(freep) struct live *live = NULL;
	uint64_t id;
	int r;

	live = calloc(1, sizeof(*live));
	if (live == NULL)
		return -ENOMEM;
	live->steps = *steps;
	live->undo = *undo;
	orders_print_program(steps, steps_text);
	orders_print_program(undo, undo_text);
	r = ledger_take(orders->ledger,
		&(const struct ledger_order){
			.action = name,
			.steps = steps_text,
			.undo = undo_text,
			.needs_parked = true,
			.state = LEDGER_QUEUED,
			.why = "",
		},
		now, &id);
	if (r != 0)
		return r;

	live->order = (struct order){
		.id = id,
		.steps = &live->steps,
		.undo = &live->undo,
		.conditions = CONDITIONS_OF(CONDITION_PARKED),
		.start_by_ms = start_by_ms,
		.taken_ms = now->boot_ms,
	};
	(void)snprintf(
		live->order.action, sizeof(live->order.action), "%s", name);
	orders_append(orders, steal_ptr(&live));
	orders_tell(orders, id);
	*ret_id = id;
	return 0;
}
