/* SPDX-License-Identifier: MIT */
#pragma once

/* QR code - an offer as a code that wallets read, and as text of a terminal */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "util/macro.h"

enum {
	/* Light modules that ISO/IEC 18004 wants on each side. */
	QR_CODE_QUIET = 4,
	/* Modules along one side of version 40, the largest code. */
	QR_CODE_SIDE_MAX = 177,
	/* What version 40 holds at level M, of capitals and digits alone. */
	QR_CODE_TEXT_MAX = 3391,
	QR_CODE_URI_SIZE = QR_CODE_TEXT_MAX + 1,
};

enum {
	_QR_CODE_E_SUCCESS,

	QR_CODE_E_NO_OFFER, /* this is no text of a BOLT 12 offer */
	QR_CODE_E_TOO_LONG, /* for the largest code */
};

struct qr_code {
	size_t side; /* in modules, without the quiet zone */
	bool dark[QR_CODE_SIDE_MAX][QR_CODE_SIDE_MAX]; /* [row][column] */
};

/*
 * Writes what a code of @offer, lno1..., holds.  Returns 0, QR_CODE_E_NO_OFFER
 * or QR_CODE_E_TOO_LONG.
 */
int qr_code_uri(
	const char *offer, char ret[static QR_CODE_URI_SIZE]) _must_use_;

/* Returns 0, QR_CODE_E_TOO_LONG or negative errno. */
int qr_code_encode(const char *text, struct qr_code *ret) _must_use_;

/* Columns of a terminal that the drawing takes, with its quiet zone. */
size_t qr_code_columns(const struct qr_code *code);

/*
 * Draws it with half blocks, two modules above each other in one character,
 * and with its quiet zone.  @painted: black on white by escapes, whatever the
 * terminal's colours are; else dark is what has ink.
 */
void qr_code_draw(const struct qr_code *code, bool painted, FILE *out);
