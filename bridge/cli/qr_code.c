/* SPDX-License-Identifier: MIT */

#include "cli/qr_code.h"

#include <ctype.h>
#include <qrencode.h>
#include <string.h>

/* BOLT 12: bech32 without a checksum, upper or lower case. */
#define OFFER_HEAD "LNO1"
#define OFFER_DIGITS "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

/*
 * BIP 321, once 21, with the offer as the only way to pay.  Whoever scans an
 * offer reads this form: Phoenix, Zeus, the SDKs of Breez and LDK's parser
 * (each by its source, 2026); a bare offer some take for an unknown text, and
 * "lightning:" is for invoices.  Upper case, which BIP 321 asks readers to
 * accept, makes all but "?" and "=" letters of the alphanumeric mode: 5.5 bits
 * a letter instead of 8, so that the modules are larger on the same paper.
 */
#define URI_HEAD "BITCOIN:?LNO="

/* From the cube of 256 colours: what themes change are the first sixteen. */
#define BLACK_ON_WHITE "\x1b[38;5;16;48;5;231m"
#define AS_BEFORE "\x1b[0m"

int qr_code_uri(const char *offer, char ret[static QR_CODE_URI_SIZE])
{
	const size_t head_len = strlen(URI_HEAD);
	size_t len = strlen(offer);
	char uri[QR_CODE_URI_SIZE] = URI_HEAD;

	if (len <= strlen(OFFER_HEAD))
		return QR_CODE_E_NO_OFFER;
	if (len > QR_CODE_TEXT_MAX - head_len)
		return QR_CODE_E_TOO_LONG;
	for (size_t i = 0; i < len; i++)
		uri[head_len + i] = (char)toupper((unsigned char)offer[i]);
	if (strncmp(uri + head_len, OFFER_HEAD, strlen(OFFER_HEAD)) != 0)
		return QR_CODE_E_NO_OFFER;
	offer = uri + head_len + strlen(OFFER_HEAD);
	if (offer[strspn(offer, OFFER_DIGITS)] != '\0')
		return QR_CODE_E_NO_OFFER;

	memcpy(ret, uri, head_len + len + 1);
	return 0;
}

/*
 * Level M: a sticker outdoors loses up to 15 % of it and is still read.  H
 * would survive more scratches, but its modules are smaller by a quarter, and
 * distance is what scanning fails by first.
 */
int qr_code_encode(const char *text, struct qr_code *ret)
{
	QRcode *code;

	code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (code == NULL)
		return errno == ERANGE ? QR_CODE_E_TOO_LONG : -errno;

	ret->side = (size_t)code->width;
	for (size_t y = 0; y < ret->side; y++)
		for (size_t x = 0; x < ret->side; x++)
			ret->dark[y][x] =
				(code->data[y * ret->side + x] & 1) != 0;
	QRcode_free(code);
	return 0;
}

size_t qr_code_columns(const struct qr_code *code)
{
	return code->side + 2 * QR_CODE_QUIET;
}

/* Counted from the corner of the quiet zone, which goes on below. */
static bool is_dark(const struct qr_code *code, size_t x, size_t y)
{
	return x >= QR_CODE_QUIET && x - QR_CODE_QUIET < code->side &&
	       y >= QR_CODE_QUIET && y - QR_CODE_QUIET < code->side &&
	       code->dark[y - QR_CODE_QUIET][x - QR_CODE_QUIET];
}

void qr_code_draw(const struct qr_code *code, bool painted, FILE *out)
{
	/* Nothing, the upper half block, the lower one, the full one. */
	static const char *const blocks[] = { " ", "\xe2\x96\x80",
		"\xe2\x96\x84", "\xe2\x96\x88" };
	size_t columns = qr_code_columns(code);

	for (size_t y = 0; y < columns; y += 2) {
		(void)fputs(painted ? BLACK_ON_WHITE : "", out);
		for (size_t x = 0; x < columns; x++)
			(void)fputs(blocks[(is_dark(code, x, y) ? 1 : 0) +
					    (is_dark(code, x, y + 1) ? 2 : 0)],
				out);
		(void)fputs(painted ? AS_BEFORE "\n" : "\n", out);
	}
}
