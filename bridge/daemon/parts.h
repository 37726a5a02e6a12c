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

struct line_config;
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
 * The way to the node, with the key in @dir; see parts_node_free().  Returns 0
 * or -ENOMEM.
 */
int parts_node(const struct menu *menu, const char *dir,
	struct line_config **ret) _must_use_;
struct line_config *parts_node_free(struct line_config *node);

/*
 * Can the rune be used that the menu names, if it names one?  Returns 0, or
 * negative errno and a sentence.
 */
int parts_check_rune(
	const struct menu *menu, char why[static PARTS_WHY_SIZE]) _must_use_;

/*
 * Writes by which id the node knows us; the key in @dir is made if there is
 * none.  Returns 0, or negative errno and a sentence.
 */
int parts_node_id(const char *dir, char why[static PARTS_WHY_SIZE],
	char ret[static 67]) _must_use_;

/*
 * Ends a Bluetooth link that a crash left behind, and tells the log; waits for
 * it.  Returns 0, also if there was none, or negative errno and a sentence.
 */
int parts_release(
	const struct menu *menu, char why[static PARTS_WHY_SIZE]) _must_use_;
