/* SPDX-License-Identifier: MIT */
#pragma once

/* QR read - offers, and codes read back from what was drawn */

#include <stdlib.h>
#include <string.h>

#include "cli/qr_code.h"
#include "test.h"

/* Of the specification's vectors: no amount, no path. */
#define QR_OFFER                                                             \
	"lno1pgx9getnwss8vetrw3hhyuckyypwa3eyt44h6txtxquqh7lz5djge4afgfjn7k" \
	"4rgrkuag0jsd5xvxg"

/* A text of @len that could be an offer, for free(3). */
static inline char *qr_offer_of(size_t len)
{
	char *offer = malloc(len + 1);

	cr_assert_not_null(offer);
	memset(offer, 'q', len);
	memcpy(offer, "lno1", 4);
	offer[len] = '\0';
	return offer;
}

/* For free(3). */
static inline struct qr_code *qr_code_of(const char *offer)
{
	struct qr_code *code = malloc(sizeof(*code));
	char uri[QR_CODE_URI_SIZE];

	cr_assert_not_null(code);
	cr_assert_eq(qr_code_uri(offer, uri), 0);
	cr_assert_eq(qr_code_encode(uri, code), 0);
	return code;
}

static inline void qr_assert_same(
	const struct qr_code *is, const struct qr_code *expected)
{
	cr_assert_eq(is->side, expected->side);
	for (size_t y = 0; y < is->side; y++)
		cr_assert_eq(memcmp(is->dark[y], expected->dark[y], is->side),
			0, "row %zu", y);
}

/*
 * Reads a code that is drawn in half blocks back, and checks that nothing is
 * drawn around it.  Returns where the drawing ends.
 */
static inline const char *qr_read_blocks(
	const char *text, const struct qr_code *expected)
{
	struct qr_code *code = calloc(1, sizeof(*code));
	const size_t columns = expected->side + 2 * QR_CODE_QUIET;

	cr_assert_not_null(code);
	code->side = expected->side;
	for (size_t y = 0; y < columns; y += 2) {
		for (size_t x = 0; x < columns; x++) {
			int halves = 0;

			if (*text == ' ') {
				text++;
			} else {
				halves = text[2] == '\x80'   ? 1
					 : text[2] == '\x84' ? 2
							     : 3;
				cr_assert_eq(memcmp(text, "\xe2\x96", 2), 0);
				cr_assert(halves < 3 || text[2] == '\x88');
				text += 3;
			}
			for (size_t half = 0; half < 2; half++) {
				/* The quiet zone wraps to what is no side. */
				size_t row = y + half - QR_CODE_QUIET;
				size_t column = x - QR_CODE_QUIET;
				bool is_dark = (halves >> half & 1) != 0;

				if (row < code->side && column < code->side)
					code->dark[row][column] = is_dark;
				else
					cr_assert(!is_dark);
			}
		}
		cr_assert_eq(*text++, '\n');
	}
	qr_assert_same(code, expected);
	free(code);
	return text;
}
