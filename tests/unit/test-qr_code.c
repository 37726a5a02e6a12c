/* SPDX-License-Identifier: MIT */

#include <qrencode.h>
#include <stdio.h>

#include "qr-read.h"

#define PAINT "\x1b[38;5;16;48;5;231m"
#define RESET "\x1b[0m"

static char *draw(const struct qr_code *code, bool painted)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	qr_code_draw(code, painted, out);
	cr_assert_eq(fclose(out), 0);
	return text;
}

TEST(qr_code, offer_is_a_uri_in_capitals)
{
	char uri[QR_CODE_URI_SIZE];

	cr_assert_eq(qr_code_uri(QR_OFFER, uri), 0);
	cr_assert_str_eq(uri,
		"BITCOIN:?LNO="
		"LNO1PGX9GETNWSS8VETRW3HHYUCKYYPWA3EYT44H6TXTXQUQH7LZ5DJGE4"
		"AFGFJN7K4RGRKUAG0JSD5XVXG");
	/* As some other program may write it. */
	cr_assert_eq(qr_code_uri(strchr(uri, '=') + 1, uri), 0);
	cr_assert_str_eq(strrchr(uri, '=') + 1,
		"LNO1PGX9GETNWSS8VETRW3HHYUCKYYPWA3EYT44H6TXTXQUQH7LZ5DJGE4"
		"AFGFJN7K4RGRKUAG0JSD5XVXG");
}

TEST(qr_code, what_is_no_offer_is_refused)
{
	static const char *const texts[] = {
		"",
		"lno",
		"lno1",
		"lnbc1pvjluezpp5",
		"lnr1qqg",
		"lno1qqq&amount=1",
		"lno1qqq\nqqq",
		"lno1qqb",
		"lno1qq\xc3\xa4",
		" lno1qqq",
		"61a9e2b5a1b8f5e3c4d7f1e2a3b4c5d6",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char uri[QR_CODE_URI_SIZE] = "as it was";

		cr_assert_eq(qr_code_uri(texts[i], uri), QR_CODE_E_NO_OFFER,
			"%s", texts[i]);
		cr_assert_str_eq(uri, "as it was");
	}
}

TEST(qr_code, what_no_code_holds_is_too_long)
{
	const size_t most = QR_CODE_TEXT_MAX - strlen("BITCOIN:?LNO=");
	struct qr_code *code = malloc(sizeof(*code));
	char uri[QR_CODE_URI_SIZE];
	char *offer;

	cr_assert_not_null(code);
	code->side = 42;
	offer = qr_offer_of(most + 1);
	cr_assert_eq(qr_code_uri(offer, uri), QR_CODE_E_TOO_LONG);
	free(offer);

	/* Changing the mode at "?" and "=" takes some bits, too. */
	offer = qr_offer_of(most);
	cr_assert_eq(qr_code_uri(offer, uri), 0);
	cr_assert_eq(qr_code_encode(uri, code), QR_CODE_E_TOO_LONG);
	cr_assert_eq(code->side, 42);
	offer[most - 20] = '\0';
	cr_assert_eq(qr_code_uri(offer, uri), 0);
	cr_assert_eq(qr_code_encode(uri, code), 0);
	cr_assert_eq(code->side, QR_CODE_SIDE_MAX);
	free(offer);
	free(code);
}

TEST(qr_code, capitals_make_it_smaller)
{
	struct qr_code *capitals = qr_code_of(QR_OFFER);
	struct qr_code *code = malloc(sizeof(*code));

	cr_assert_not_null(code);
	cr_assert_eq(qr_code_encode("bitcoin:?lno=" QR_OFFER, code), 0);
	cr_assert_lt(capitals->side, code->side);
	free(capitals);
	free(code);
}

/* ISO/IEC 18004, 7.9: M is 00, which the mask of the format turns to 10. */
TEST(qr_code, level_is_m)
{
	struct qr_code *code = qr_code_of(QR_OFFER);

	cr_assert(code->dark[8][0]);
	cr_assert(!code->dark[8][1]);
	free(code);
}

TEST(qr_code, drawing_is_what_libqrencode_made)
{
	for (size_t len = 5; len < 3000; len = len * 3 / 2) {
		char *offer = qr_offer_of(len), uri[QR_CODE_URI_SIZE];
		struct qr_code *expected = calloc(1, sizeof(*expected));
		struct qr_code *code = qr_code_of(offer);
		QRcode *made;
		char *text;

		cr_assert_not_null(expected);
		cr_assert_eq(qr_code_uri(offer, uri), 0);
		made = QRcode_encodeString(uri, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
		cr_assert_not_null(made);
		expected->side = (size_t)made->width;
		for (size_t i = 0; i < expected->side * expected->side; i++)
			expected->dark[i / expected->side][i % expected->side] =
				made->data[i] & 1;
		qr_assert_same(code, expected);
		cr_assert_eq(qr_code_columns(code),
			(size_t)made->width + 2 * QR_CODE_QUIET);

		text = draw(code, false);
		cr_assert_str_eq(qr_read_blocks(text, expected), "");
		free(text);
		QRcode_free(made);
		free(code);
		free(expected);
		free(offer);
	}
}

TEST(qr_code, painting_is_line_by_line)
{
	struct qr_code *code = qr_code_of(QR_OFFER);
	char *plain = draw(code, false), *painted = draw(code, true);
	const char *p = plain, *q = painted;

	while (*p != '\0') {
		size_t len = strcspn(p, "\n");

		cr_assert_eq(strncmp(q, PAINT, strlen(PAINT)), 0);
		q += strlen(PAINT);
		cr_assert_eq(strncmp(p, q, len), 0);
		p += len;
		q += len;
		cr_assert_eq(strncmp(q, RESET "\n", strlen(RESET) + 1), 0);
		p += 1;
		q += strlen(RESET) + 1;
	}
	cr_assert_str_eq(q, "");
	free(plain);
	free(painted);
	free(code);
}
