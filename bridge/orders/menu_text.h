/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Menu text - what libConfuse leaves unchecked, checked before it reads
 *
 * libConfuse 3.3 takes a file whose last section is never closed, lets a
 * second section of the same name replace the first, refuses comments within
 * lists, loses count of lines, fills in ${ENVIRONMENT} and drops characters
 * that it does not know.  None of it is wanted here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "orders/menu.h"
#include "util/macro.h"

enum {
	MENU_SECTIONS_MAX = MENU_ACTIONS_MAX + 2,
	MENU_KEYS_MAX = 32,
	MENU_MISTAKES_MAX = 64, /* more are not told */
};

/* Where mistakes go, how many there were, and where the syntax was wrong. */
struct menu_mistakes {
	const char *path;
	menu_tell_t tell;
	void *userdata;
	size_t n;
	bool is_meaning; /* the syntax has been checked */
	size_t n_lines;
	unsigned int lines[MENU_MISTAKES_MAX];
};

/*
 * Tells "PATH:LINE: ..."; line 0 is left out.  A line with wrong syntax is
 * told once and for nothing else, for the rest may follow from it.
 */
void menu_mistake(struct menu_mistakes *mistakes, unsigned int line,
	const char *format, ...) _printf_(3, 4);

/* Is the syntax wrong in a line from @from to @to? */
bool menu_mistakes_between(const struct menu_mistakes *mistakes,
	unsigned int from, unsigned int to);

/* A section's head: "action flash {". */
struct menu_head {
	const char *kind; /* points into the text; @kind_len bytes */
	size_t kind_len;
	const char *name; /* the same; NULL without a name */
	size_t name_len;
	unsigned int line;
};

struct menu_heads {
	size_t n;
	struct menu_head list[MENU_SECTIONS_MAX];
};

/*
 * Checks characters, quotes, braces, and that nothing stands there twice.
 * Blanks comments and what is wrong in @text, so that libConfuse can read on
 * and find more.  Returns 0 where that makes sense, or MENU_E_INVALID.
 */
int menu_text_check(char *text, struct menu_mistakes *mistakes,
	struct menu_heads *ret) _must_use_;

/*
 * Blanks the statement in @line, lists and sections that begin there
 * included.  Returns false if there was nothing to blank.
 */
bool menu_text_blank(char *text, unsigned int line);

/* Line of the section's head in @heads; 0 if it is not there. */
unsigned int menu_text_line(
	const struct menu_heads *heads, const char *kind, const char *name);

/*
 * Remembers in *@best the candidate closest to @word, if it is close enough to
 * have been meant.  Start with *@best_distance = UINT_MAX, *@best = NULL.
 */
void menu_text_nearest(const char *word, const char *candidate,
	const char **best, unsigned int *best_distance);
