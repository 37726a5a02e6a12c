/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Loan - the link to the car, lent to another program
 *
 * Until that gives it back, or leaves the bus, however it ends.
 */

#include <systemd/sd-bus.h>

#include "util/macro.h"

struct loan;
struct till;

/* Borrows @till.  Returns 0 or -ENOMEM. */
int loan_new(sd_bus *bus, struct till *till, struct loan **ret) _must_use_;
/* Takes back what is lent. */
struct loan *loan_free(struct loan *loan);

/*
 * The methods Lend and GiveBack, for a caller who may: >= 0, answered now or
 * later, or negative errno and @error.
 */
int loan_lend(
	struct loan *loan, sd_bus_message *m, sd_bus_error *error) _must_use_;
int loan_give_back(
	struct loan *loan, sd_bus_message *m, sd_bus_error *error) _must_use_;

/* Why the link is not to be had, from what till_lend() answered. */
int loan_error(sd_bus_error *error, int r);

DEFINE_CLEANUP(struct loan *, loan_free);
