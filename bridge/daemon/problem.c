/* SPDX-License-Identifier: MIT */

#include "daemon/problem.h"

#include <stdio.h>
#include <string.h>

#include "orders/ledger.h"
#include "util/log.h"

bool problem_set(struct problem *problem, const char *text)
{
	if (strcmp(problem->text, text) == 0)
		return false;

	/* "the car was not reached" says itself whom it is about. */
	if (strncmp(text, problem->who, strlen(problem->who)) == 0)
		log_write(problem->priority, "%s", text);
	else if (text[0] != '\0')
		log_write(problem->priority, "%s: %s", problem->who, text);
	else
		log_write(problem->priority, "%s: working again", problem->who);
	(void)snprintf(problem->text, sizeof(problem->text), "%s", text);
	return true;
}

int problem_set_ledger(struct problem *problem, int r)
{
	int error = r == LEDGER_E_FULL ? -ENOSPC : err_fold(r);
	char text[PROBLEM_SIZE] = "";

	if (error < 0)
		(void)snprintf(text, sizeof(text), "%s, trying again",
			strerror(-error));
	(void)problem_set(problem, text);
	return error;
}
