/* SPDX-License-Identifier: MIT */

#include "cli/qr_svg.h"

#include <ctype.h>
#include <stdio.h>

#include "qr-read.h"

enum {
	DEPTH_MAX = 16,
};

/* The character data of XML 1.0, as far as a drawing has any. */
static const char *skip_escape(const char *p)
{
	static const char *const escapes[] = { "&amp;", "&lt;", "&gt;",
		"&quot;", "&apos;" };

	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (strncmp(p, escapes[i], strlen(escapes[i])) == 0)
			return p + strlen(escapes[i]);
	cr_assert_fail("a bare & at: %.20s", p);
	return NULL;
}

static const char *skip_name(const char *p)
{
	cr_assert(isalpha((unsigned char)*p), "no name at: %.20s", p);
	while (isalnum((unsigned char)*p) || *p == '-')
		p++;
	return p;
}

static const char *skip_attributes(const char *p)
{
	while (*p == ' ') {
		p = skip_name(p + 1);
		cr_assert_eq(strncmp(p, "=\"", 2), 0);
		for (p += 2; *p != '"';) {
			cr_assert(*p != '\0' && *p != '<');
			p = *p == '&' ? skip_escape(p) : p + 1;
		}
		p++;
	}
	return p;
}

/* Each element is closed in the order of XML, and there is one root. */
static void assert_well_formed(const char *text)
{
	static const char head[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg ";
	const char *open[DEPTH_MAX];
	size_t depth = 0, n_roots = 0;
	const char *p = text + strcspn(text, "\n");

	cr_assert_eq(strncmp(text, head, strlen(head)), 0);
	while (*p != '\0') {
		if (*p == '&') {
			p = skip_escape(p);
		} else if (*p != '<') {
			cr_assert(depth > 0 || *p == '\n');
			cr_assert((unsigned char)*p >= ' ' || *p == '\n');
			p++;
		} else if (p[1] == '/') {
			const char *end = skip_name(p + 2);
			size_t len = (size_t)(end - p) - 2;

			cr_assert_gt(depth, 0);
			depth--;
			cr_assert_eq(strncmp(open[depth], p + 2, len), 0);
			cr_assert_eq(skip_name(open[depth]), open[depth] + len);
			cr_assert_eq(*end, '>');
			p = end + 1;
		} else {
			cr_assert_lt(depth, DEPTH_MAX);
			n_roots += depth == 0;
			open[depth] = p + 1;
			p = skip_attributes(skip_name(p + 1));
			if (*p == '/')
				p++;
			else
				depth++;
			cr_assert_eq(*p, '>');
			p++;
		}
	}
	cr_assert_eq(depth, 0);
	cr_assert_eq(n_roots, 1);
}

static char *print(const struct qr_sticker *sticker)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	qr_svg_sticker(out, sticker);
	cr_assert_eq(fclose(out), 0);
	return text;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* Reads the dark modules back from the path. */
static void assert_shows(const char *text, const struct qr_code *expected)
{
	struct qr_code *code = calloc(1, sizeof(*code));
	const char *p = strstr(text, " d=\"M");
	size_t x, y, n, back;
	int len;

	cr_assert_not_null(code);
	cr_assert_not_null(p);
	code->side = expected->side;
	for (p += 4; *p != '"'; p += len) {
		len = 0;
		cr_assert_eq(sscanf(p, "M%zu %zuh%zuv1h-%zuz%n", &x, &y, &n,
				     &back, &len),
			4);
		cr_assert_gt(len, 0);
		cr_assert_eq(n, back);
		cr_assert_lt(y, code->side);
		cr_assert_leq(x + n, code->side);
		memset(&code->dark[y][x], true, n);
	}
	qr_assert_same(code, expected);
	free(code);
}

TEST(qr_svg, sticker_is_a_document_that_shows_the_code)
{
	struct qr_code *code = qr_code_of(QR_OFFER);
	char *text = print(&(const struct qr_sticker){
		.action = "flash", .price_msat = 21000, .code = code });

	assert_well_formed(text);
	assert_shows(text, code);
	cr_assert(has(text, "width=\"63mm\" height=\"70mm\" "
			    "viewBox=\"0 0 63 70\""));
	cr_assert(has(text, ">flash</text>"));
	cr_assert(has(text, ">21 sat</text>"));
	free(text);
	free(code);
}

TEST(qr_svg, quiet_zone_is_four_modules)
{
	struct qr_code *code = qr_code_of(QR_OFFER);
	char *text = print(
		&(const struct qr_sticker){ .action = "flash", .code = code });
	double left, top, scale;
	const char *p = strstr(text, "translate(");

	cr_assert_not_null(p);
	cr_assert_eq(
		sscanf(p, "translate(%lf %lf) scale(%lf)", &left, &top, &scale),
		3);
	/* To the edge of the paper, and to the letters below. */
	cr_assert_geq(left, 4 * scale);
	cr_assert_geq(top, 4 * scale - 0.001);
	cr_assert_geq(63 - left - (double)code->side * scale, 4 * scale);
	cr_assert_leq(top + (double)(code->side + 4) * scale, 53.01);
	free(text);
	free(code);
}

TEST(qr_svg, promise_stands_only_where_it_is_true)
{
	struct qr_code *code = qr_code_of(QR_OFFER);
	struct qr_sticker sticker = { .action = "flash", .code = code };
	char *text = print(&sticker);

	cr_assert(!has(text, "nothing paid"));
	free(text);
	sticker.is_held = true;
	text = print(&sticker);
	assert_well_formed(text);
	cr_assert(has(text, ">wallet says failed = nothing paid</text>"));
	free(text);
	free(code);
}

TEST(qr_svg, foreign_names_stay_texts)
{
	struct qr_code *code = qr_code_of(QR_OFFER);
	char *text = print(&(const struct qr_sticker){
		.action = "</text>&\"'\x1b\n\xff\xef\xbf\xbe\xef\xbf\xbf"
			  "\xc3\xa4",
		.code = code });

	assert_well_formed(text);
	cr_assert(has(text, ">&lt;/text&gt;&amp;\"'?????\xc3\xa4</text>"));
	free(text);
	free(code);
}

static double name_size(const char *name, struct qr_code *code)
{
	char *text = print(
		&(const struct qr_sticker){ .action = name, .code = code });
	const char *p = strstr(text, "font-size=\"");
	double size;

	cr_assert_not_null(p);
	cr_assert_eq(sscanf(p, "font-size=\"%lf\"", &size), 1);
	free(text);
	return size;
}

TEST(qr_svg, long_names_get_smaller_letters)
{
	struct qr_code *code = qr_code_of(QR_OFFER);

	cr_assert_eq(name_size("flash", code), 5);
	/* The longest that a menu can have; characters count, not bytes. */
	cr_assert_lt(name_size("abcdefghijklmnopqrstuvwxyz-01234", code), 3);
	cr_assert_eq(name_size("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
			       "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
			     code),
		5);
	free(code);
}

TEST(qr_svg, places_of_a_page_are_on_it_and_apart)
{
	struct qr_code *code = qr_code_of(QR_OFFER);
	struct qr_sticker sticker = { .action = "flash", .code = code };
	double x[QR_SVG_PLACES], y[QR_SVG_PLACES];
	char *text = NULL;
	const char *p;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	qr_svg_open_page(out);
	for (size_t i = 0; i < QR_SVG_PLACES; i++)
		qr_svg_place(out, i, &sticker);
	qr_svg_close_page(out);
	cr_assert_eq(fclose(out), 0);
	assert_well_formed(text);
	assert_shows(text, code);
	cr_assert(has(text, "width=\"210mm\" height=\"297mm\" "
			    "viewBox=\"0 0 210 297\""));

	p = text;
	for (size_t i = 0; i < QR_SVG_PLACES; i++) {
		p = strstr(p + 1, "<g transform=");
		cr_assert_not_null(p);
		cr_assert_eq(sscanf(p, "<g transform=\"translate(%lf %lf)\">",
				     &x[i], &y[i]),
			2);
		/* Printers leave the edges white. */
		cr_assert(x[i] >= 5 && x[i] + 63 <= 205);
		cr_assert(y[i] >= 5 && y[i] + 70 <= 292);
		for (size_t k = 0; k < i; k++)
			cr_assert(x[i] >= x[k] + 63 || y[i] >= y[k] + 70);
	}
	free(text);
	free(code);
}
