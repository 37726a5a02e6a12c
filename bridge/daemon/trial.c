/* SPDX-License-Identifier: MIT */

#include "daemon/trial.h"

#include <string.h>

#include "model/api.h"
#include "util/bytes.h"

int api_fail(sd_bus_error *error, int r, const char *what)
{
	if (r == LEDGER_E_FULL)
		return sd_bus_error_set(error, API_ERROR_DISK_FULL,
			"no room on the disk for the ledger");

	return sd_bus_error_setf(error, API_ERROR_FAILED, "%s: %s", what,
		strerror(-err_fold(r)));
}

static int fail_paused(sd_bus_error *error)
{
	return sd_bus_error_set(
		error, API_ERROR_PAUSED, "the bridge is paused");
}

int trial_action(
	const struct api_config *config, sd_bus_message *m, sd_bus_error *error)
{
	const char *action;
	uint64_t id;
	int r;

	r = sd_bus_message_read(m, "s", &action);
	if (r < 0)
		return r;
	if (orders_is_paused(config->orders))
		return fail_paused(error);

	r = till_try(config->till, action, &id);
	if (r == LEDGER_E_NONE)
		return sd_bus_error_set(error, API_ERROR_NO_SUCH_ACTION,
			"there is no such action in the menu");
	if (r == LEDGER_E_RENTED)
		return sd_bus_error_set(error, API_ERROR_RENTED,
			"the car is rented; one rental at a time");
	if (r != 0)
		return api_fail(error, r, "the order cannot be taken");

	return sd_bus_reply_method_return(m, "t", id);
}

/*
 * What @why quotes may end in the middle of a character, and the bus would
 * refuse all of it.
 */
static int fail_program(sd_bus_error *error, const char *why)
{
	char safe[WHY_SIZE];

	text_printable(why, safe, sizeof(safe));
	return sd_bus_error_set(error, API_ERROR_INVALID_PROGRAM, safe);
}

/* Reads steps as a menu has them; 1, or what sd_bus_error_set() returns. */
static int read_steps(
	sd_bus_message *m, struct program *ret, sd_bus_error *error)
{
	char why[WHY_SIZE];
	const char *text;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(m, "s", &text)) > 0)
		if (program_append(ret, text, why) != 0)
			return fail_program(error, why);

	return r < 0 ? r : 1;
}

/* What a menu would have to allow, or to name the file of. */
static const char *forbids(const struct menu *menu, const struct program *steps)
{
	if (!menu->experimental && program_has(steps, COMMAND_EXPERIMENTAL))
		return "it has a command that is experimental; allow it in "
		       "the section car of the menu: experimental = yes";
	for (size_t i = 0; i < steps->n_steps; i++)
		if (!steps->steps[i].is_wait &&
			command_needs_pin(&steps->steps[i].command))
			return "it has a command that needs a PIN; write it as "
			       "an action of the menu";

	return NULL;
}

int trial_program(
	const struct api_config *config, sd_bus_message *m, sd_bus_error *error)
{
	struct program steps = { 0 }, undo;
	const char *forbidden;
	char why[WHY_SIZE];
	uint64_t id;
	int r;

	r = read_steps(m, &steps, error);
	if (r <= 0)
		return r;
	if (program_check(&steps, why) != 0 ||
		program_close(&steps, &undo, why) != 0)
		return fail_program(error, why);
	forbidden = forbids(config->menu, &steps);
	if (forbidden != NULL)
		return fail_program(error, forbidden);
	if (orders_is_paused(config->orders))
		return fail_paused(error);

	r = till_try_program(config->till, &steps, &undo, &id);
	if (r != 0)
		return api_fail(error, r, "the order cannot be taken");

	return sd_bus_reply_method_return(m, "t", id);
}
