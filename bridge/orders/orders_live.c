/* SPDX-License-Identifier: MIT */

/* What orders*.c share: orders that live, and programs as texts. */

#include "orders/orders_live.h"

#include <stdio.h>
#include <string.h>

#include "orders/pin.h"

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
 * The reverse.  What an older version wrote and this one does not know becomes
 * a wait: each step keeps its place, and what can be undone is undone.
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
				.is_wait = true,
			};
		text += len;
		text += strspn(text, "; ");
	}
	/* A step whose PIN is gone fails by itself: pin_load(). */
	if (pin_load(ret, 0, why) != 0)
		why[0] = '\0';
}
