/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Arguments - how one argument of a command is written
 *
 * Private to command.c.
 */

#include "model/command.h"

enum {
	/* A longer word is cut to one that means nothing. */
	WORD_SIZE = COMMAND_TEXT_SIZE + 1,
};

/*
 * Reads @word as argument @i of @ret, as @arg describes it.  False if it is
 * not that; *@ret is then spoilt.
 */
bool command_arg_read(const struct command_arg *arg, const char *word,
	struct command *ret, size_t i);

/* Writes argument @i of @command as command_arg_read() reads it. */
void command_arg_print(const struct command_arg *arg,
	const struct command *command, size_t i, char ret[static WORD_SIZE]);
