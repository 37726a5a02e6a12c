/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Term - colours, columns and times for a person at a terminal
 *
 * Colours only on a terminal, and not where NO_COLOR is set.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum term_style {
	TERM_PLAIN,
	TERM_BOLD,
	TERM_DIM,
	TERM_GOOD,
	TERM_WARN,
	TERM_BAD,
};

enum {
	TERM_COLUMNS_MAX = 6,
	TERM_CELL_SIZE = 512,
	TERM_TIME_SIZE = 32,
	TERM_WIDTH = 79,
};

/* Is standard output a terminal? */
bool term_is_tty(void);

/*
 * Does standard output follow escapes?  For what needs its colours to be of any
 * use; everything else is coloured by term_style().
 */
bool term_paints(void);

/* How wide the terminal is; 0: standard output is none, or does not tell. */
size_t term_columns(void);

/* The escapes that begin and end @style, "" where nothing is coloured. */
const char *term_style(enum term_style style);
const char *term_end(enum term_style style);

/* The style in which an order's state or outcome is shown. */
enum term_style term_state_style(const char *state);

/* Writes "just now", "5 min ago", "2026-11-20 14:02"; "-" for 0. */
void term_time(int64_t at_s, int64_t now_s, char ret[static TERM_TIME_SIZE]);

/*
 * Prints @text, which begins at column @indent, broken between words so that
 * it ends before TERM_WIDTH, each further line at that column; and a newline.
 */
void term_wrap(size_t indent, enum term_style style, const char *text);

/* A table: rows are kept until term_table_print() aligns the columns. */
struct term_table;

/* @heads: names of the columns, ended by NULL. */
struct term_table *term_table_new(const char *const *heads);
struct term_table *term_table_free(struct term_table *table);
static inline void term_table_freep(struct term_table **table)
{
	(void)term_table_free(*table);
}

/* Adds one cell, made safe for a terminal; a row ends with its last column. */
void term_table_add(
	struct term_table *table, enum term_style style, const char *text);

void term_table_print(const struct term_table *table);
