/* SPDX-License-Identifier: MIT */

#include "cli/qr_svg.h"

#include <inttypes.h>
#include <string.h>

#include "util/amount.h"
#include "util/bytes.h"

/* Millimetres, which are the units of the drawing, too. */
enum {
	PAGE_WIDTH = 210,
	PAGE_HEIGHT = 297,
	WIDTH = 63,
	HEIGHT = 70,
	/* The code with its quiet zone. */
	CODE_SIDE = 53,
	CODE_LEFT = (WIDTH - CODE_SIDE) / 2,
	/* No text comes nearer to the edge. */
	MARGIN = 3,
};

/* Millimetres: heights of letters, and where they stand. */
#define NAME_SIZE 5.0
#define NAME_LINE 57.0
#define PRICE_SIZE 4.6
#define PRICE_LINE 62.4
#define HELD_SIZE 2.9
#define HELD_LINE 67.2

/* How wide a letter of common fonts is, bold, at most on an average. */
#define LETTER_WIDTH 0.72

enum {
	TEXT_SIZE = 128,
};

static void open_document(FILE *out, int width, int height)
{
	(void)fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%dmm\" "
		"height=\"%dmm\" viewBox=\"0 0 %d %d\">\n",
		width, height, width, height);
}

static void close_document(FILE *out)
{
	(void)fputs("</svg>\n", out);
}

/*
 * @text is as text_printable() makes it: UTF-8 without control characters.  XML
 * refuses U+FFFE and U+FFFF as well, escaped or not.
 */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strncmp(text, "\xef\xbf\xbe", 3) == 0 ||
			strncmp(text, "\xef\xbf\xbf", 3) == 0) {
			(void)fputc('?', out);
			text += 2;
			continue;
		}
		switch (*text) {
		case '&':
			(void)fputs("&amp;", out);
			break;
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		default:
			(void)fputc(*text, out);
			break;
		}
	}
}

/* Centred, and smaller than @size where it would not fit. */
static void write_text(
	FILE *out, double line, double size, bool is_bold, const char *foreign)
{
	const double room = WIDTH - 2 * MARGIN;
	char text[TEXT_SIZE];
	size_t n = 0;

	text_printable(foreign, text, sizeof(text));
	for (const char *p = text; *p != '\0'; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	if (size * LETTER_WIDTH * (double)n > room)
		size = room / (LETTER_WIDTH * (double)n);
	(void)fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.2f\"%s>",
		WIDTH / 2.0, line, size,
		is_bold ? " font-weight=\"bold\"" : "");
	write_escaped(out, text);
	(void)fputs("</text>\n", out);
}

/* One path: a row's dark modules that touch are one rectangle of it. */
static void write_code(FILE *out, const struct qr_code *code)
{
	const double scale = CODE_SIDE / (double)qr_code_columns(code);
	const double left = CODE_LEFT + QR_CODE_QUIET * scale;
	const double top = QR_CODE_QUIET * scale;
	size_t end;

	/* Crisp, or the paper shines through between rows. */
	(void)fprintf(out,
		"<path transform=\"translate(%.4f %.4f) scale(%.5f)\" "
		"shape-rendering=\"crispEdges\" d=\"",
		left, top, scale);
	for (size_t y = 0; y < code->side; y++)
		for (size_t x = 0; x < code->side; x = end) {
			end = x + 1;
			if (!code->dark[y][x])
				continue;
			while (end < code->side && code->dark[y][end])
				end++;
			(void)fprintf(out, "M%zu %zuh%zuv1h-%zuz", x, y,
				end - x, end - x);
		}
	(void)fputs("\"/>\n", out);
}

/* White below it, as the page of a viewer may be dark; a hairline to cut. */
static void write_sticker(FILE *out, const struct qr_sticker *sticker)
{
	char price[AMOUNT_TEXT_SIZE];

	amount_print(sticker->price_msat, price);
	(void)fprintf(out,
		"<rect x=\".05\" y=\".05\" width=\"%.1f\" height=\"%.1f\" "
		"rx=\"2\" fill=\"#fff\" stroke=\"#bbb\" "
		"stroke-width=\".1\"/>\n",
		WIDTH - 0.1, HEIGHT - 0.1);
	write_code(out, sticker->code);
	(void)fputs("<g text-anchor=\"middle\" font-family=\"DejaVu Sans, "
		    "Helvetica, Arial, sans-serif\">\n",
		out);
	write_text(out, NAME_LINE, NAME_SIZE, true, sticker->action);
	write_text(out, PRICE_LINE, PRICE_SIZE, false, price);
	if (sticker->is_held)
		write_text(out, HELD_LINE, HELD_SIZE, false, QR_SVG_HELD);
	(void)fputs("</g>\n", out);
}

void qr_svg_sticker(FILE *out, const struct qr_sticker *sticker)
{
	open_document(out, WIDTH, HEIGHT);
	write_sticker(out, sticker);
	close_document(out);
}

void qr_svg_open_page(FILE *out)
{
	open_document(out, PAGE_WIDTH, PAGE_HEIGHT);
}

/* In the middle of the page: printers leave 5 mm at each edge white. */
void qr_svg_place(FILE *out, size_t place, const struct qr_sticker *sticker)
{
	const double left = (PAGE_WIDTH - QR_SVG_ACROSS * WIDTH) / 2.0;
	const double top = (PAGE_HEIGHT - QR_SVG_DOWN * HEIGHT) / 2.0;

	(void)fprintf(out, "<g transform=\"translate(%.1f %.1f)\">\n",
		left + (double)(place % QR_SVG_ACROSS) * WIDTH,
		top + (double)(place / QR_SVG_ACROSS) * HEIGHT);
	write_sticker(out, sticker);
	(void)fputs("</g>\n", out);
}

void qr_svg_close_page(FILE *out)
{
	close_document(out);
}
