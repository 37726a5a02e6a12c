/* SPDX-License-Identifier: MIT */

#include "cli/term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "util/bytes.h"
#include "util/duration.h"
#include "util/macro.h"

bool term_is_tty(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

bool term_paints(void)
{
	const char *term = getenv("TERM");

	return term_is_tty() && (term == NULL || strcmp(term, "dumb") != 0);
}

size_t term_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

static bool has_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	/* https://no-color.org: set and not empty. */
	return term_paints() && (no_color == NULL || no_color[0] == '\0');
}

const char *term_style(enum term_style style)
{
	if (!has_colours())
		return "";

	switch (style) {
	case TERM_PLAIN:
		break;
	case TERM_BOLD:
		return "\x1b[1m";
	case TERM_DIM:
		return "\x1b[2m";
	case TERM_GOOD:
		return "\x1b[32m";
	case TERM_WARN:
		return "\x1b[33m";
	case TERM_BAD:
		return "\x1b[31m";
	}

	return "";
}

const char *term_end(enum term_style style)
{
	return term_style(style)[0] == '\0' ? "" : "\x1b[0m";
}

enum term_style term_state_style(const char *state)
{
	if (strcmp(state, "confirmed") == 0)
		return TERM_GOOD;
	if (strcmp(state, "refused") == 0)
		return TERM_BAD;
	if (strcmp(state, "unknown") == 0)
		return TERM_WARN;
	return TERM_DIM;
}

void term_time(int64_t at_s, int64_t now_s, char ret[static TERM_TIME_SIZE])
{
	const int64_t two_days = 2 * 24 * 60 * 60;
	char text[DURATION_TEXT_SIZE];
	time_t at = (time_t)at_s;
	struct tm tm;

	if (at_s <= 0) {
		(void)snprintf(ret, TERM_TIME_SIZE, "-");
	} else if (now_s - at_s >= 0 && now_s - at_s < 10) {
		(void)snprintf(ret, TERM_TIME_SIZE, "just now");
	} else if (now_s > at_s && now_s - at_s < two_days) {
		duration_print((uint64_t)(now_s - at_s) * 1000, text);
		(void)snprintf(ret, TERM_TIME_SIZE, "%s ago", text);
	} else if (localtime_r(&at, &tm) == NULL ||
		   strftime(ret, TERM_TIME_SIZE, "%Y-%m-%d %H:%M", &tm) == 0) {
		(void)snprintf(ret, TERM_TIME_SIZE, "-");
	}
}

/* Characters, as far as one is one column wide. */
static size_t text_width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;

	return n;
}

void term_wrap(size_t indent, enum term_style style, const char *text)
{
	size_t column = indent;

	(void)printf("%s", term_style(style));
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		size_t width = text_width(text, len);

		if (column > indent && column + 1 + width > TERM_WIDTH) {
			(void)printf("\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			(void)putchar(' ');
			column++;
		}
		(void)printf("%.*s", (int)len, text);
		column += width;
		text += len;
		text += strspn(text, " ");
	}
	(void)printf("%s\n", term_end(style));
}

struct cell {
	enum term_style style;
	char *text;
};

struct term_table {
	size_t n_columns;
	size_t width[TERM_COLUMNS_MAX];
	size_t n_cells;
	size_t room;
	struct cell *cells;
};

struct term_table *term_table_new(const char *const *heads)
{
	struct term_table *table;

	table = calloc(1, sizeof(*table));
	if (table == NULL)
		abort();
	while (heads[table->n_columns] != NULL)
		table->n_columns++;
	for (size_t i = 0; i < table->n_columns; i++)
		term_table_add(table, TERM_DIM, heads[i]);

	return table;
}

struct term_table *term_table_free(struct term_table *table)
{
	if (table == NULL)
		return NULL;
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
	return NULL;
}

/* A command line has nothing to tidy up when memory ends: it aborts. */
void term_table_add(
	struct term_table *table, enum term_style style, const char *text)
{
	size_t column = table->n_cells % table->n_columns;
	char printable[TERM_CELL_SIZE];
	struct cell *cell;
	size_t width;

	if (table->n_cells == table->room) {
		table->room = table->room == 0 ? 64 : 2 * table->room;
		table->cells = reallocarray(
			table->cells, table->room, sizeof(*table->cells));
		if (table->cells == NULL)
			abort();
	}
	text_printable(text, printable, sizeof(printable));
	cell = &table->cells[table->n_cells++];
	cell->style = style;
	cell->text = strdup(printable);
	if (cell->text == NULL)
		abort();

	width = text_width(cell->text, strlen(cell->text));
	if (table->width[column] < width)
		table->width[column] = width;
}

/* Without blanks at the end, where the last cells are empty. */
static void print_row(const struct term_table *table, const struct cell *row)
{
	size_t pad = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		if (row[i].text[0] != '\0') {
			(void)printf("%*s%s%s%s", (int)pad, "",
				term_style(row[i].style), row[i].text,
				term_end(row[i].style));
			pad = 0;
		}
		pad += table->width[i] + 2 -
		       text_width(row[i].text, strlen(row[i].text));
	}
	(void)putchar('\n');
}

void term_table_print(const struct term_table *table)
{
	for (size_t i = 0; i < table->n_cells; i += table->n_columns)
		print_row(table, &table->cells[i]);
}
