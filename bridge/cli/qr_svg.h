/* SPDX-License-Identifier: MIT */
#pragma once

/* QR stickers - a code with name and price, to print, as SVG */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/qr_code.h"

/* What a payer wants to know, and true only where payments are held. */
#define QR_SVG_HELD "wallet says failed = nothing paid"

enum {
	/* Of an A4 page; a sticker has 63 mm by 70 mm. */
	QR_SVG_ACROSS = 3,
	QR_SVG_DOWN = 4,
	QR_SVG_PLACES = QR_SVG_ACROSS * QR_SVG_DOWN,
};

struct qr_sticker {
	const char *action;
	uint64_t price_msat;
	bool is_held; /* with QR_SVG_HELD */
	const struct qr_code *code;
};

/* One sticker, as a document of its size.  Errors are those of @out. */
void qr_svg_sticker(FILE *out, const struct qr_sticker *sticker);

/* A page, with stickers at places below QR_SVG_PLACES, row by row. */
void qr_svg_open_page(FILE *out);
void qr_svg_place(FILE *out, size_t place, const struct qr_sticker *sticker);
void qr_svg_close_page(FILE *out);
