/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Parts - what the bridge is made of: menu, state, ledger and link
 *
 * Each is opened, or a sentence says why not and what to do.
 */

#include <systemd/sd-event.h>

#include "orders/menu.h"
#include "orders/orders.h"

struct link;

enum {
	PARTS_WHY_SIZE = 400,
};

/*
 * Tells each mistake in the menu, or why it cannot be read.  Returns 0 or
 * negative errno.
 */
int parts_menu(const char *path, menu_tell_t tell, void *userdata,
	struct menu **ret) _must_use_;

/*
 * Can the state be kept in @dir, so that it survives a power-off?  Returns 0,
 * or a sentence and LEDGER_E_VOLATILE or negative errno.
 */
int parts_state(const char *dir, char why[static PARTS_WHY_SIZE]) _must_use_;

/*
 * Opens the ledger in @dir; that a broken one is kept aside is told to the
 * log.  Returns 0, or negative errno and a sentence.
 */
int parts_ledger(const struct menu *menu, const char *dir,
	char why[static PARTS_WHY_SIZE], struct orders **ret) _must_use_;

/* The link to the car, closed.  Returns 0, or negative errno and a sentence. */
int parts_link(sd_event *event, const struct menu *menu,
	char why[static PARTS_WHY_SIZE], struct link **ret) _must_use_;

/*
 * Ends a Bluetooth link that a crash left behind, and tells the log; waits for
 * it.  Returns 0, also if there was none, or negative errno and a sentence.
 */
int parts_release(
	const struct menu *menu, char why[static PARTS_WHY_SIZE]) _must_use_;
