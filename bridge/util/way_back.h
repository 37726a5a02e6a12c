/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Way back - where a payer's note says that his money may go back to
 *
 * Pure.  A note is foreign text that was written for people; money goes only
 * where it says so beyond doubt: to one BOLT 12 offer, or to one BIP 353 name.
 *
 * Spec: lightning 4 ("Refund ways"), 6 (BIP 353).
 */

#include <stdbool.h>

enum {
	WAY_BACK_NOTE_MAX = 8 * 1024, /* longer notes are not looked at */
	WAY_BACK_SIZE = 2049,
};

enum way_back_kind {
	WAY_BACK_OFFER, /* "lno1...", lower case, in one piece */
	WAY_BACK_NAME,  /* "user@domain", lower case, without the sign */
};

struct way_back {
	enum way_back_kind kind;
	char text[WAY_BACK_SIZE];
};

/*
 * Looks for the one way back in @note, NULL for none.  Returns false, with
 * @ret untouched, if there is none, or more than one.
 */
bool way_back_find(const char *note, struct way_back *ret);
