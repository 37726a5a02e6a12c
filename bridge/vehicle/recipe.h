/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Recipes - how each command is put into a message, as data
 *
 * A recipe fills a message field by field; what the fields are is read off
 * the message's own description.  Private to request.c.
 *
 * Spec: vehicle-protocol 7.1 to 7.3, 8.3, appendices A and B.
 */

#include "model/command.h"

enum op_type {
	OP_END,
	OP_ONLY,  /* the recipe counts only if the argument is @value */
	OP_SET,   /* field @number is @value */
	OP_ARG,   /* field @number is the argument plus @value, unless NAN */
	OP_ABOVE, /* field @number says whether the argument is above @value */
	OP_PICK,  /* the field whose number is the argument is @value */
	OP_TEXT,  /* field @number is the text */
	OP_PIN,   /* field @number is the PIN */
	/*
	 * Goes on in the message that is field @number, or, with @value, leaves
	 * it out if the argument has none of its bits.
	 */
	OP_INTO,
	OP_OUT, /* and back to the message around it */
};

struct op {
	enum op_type type : 8;
	uint8_t number;
	uint8_t arg;
	int16_t value;
};

enum recipe_root {
	RECIPE_BODY,  /* VCSEC.UnsignedMessage */
	RECIPE_CABIN, /* CarServer.Action */
	RECIPE_APP,   /* App.Action: unofficial */
};

enum {
	RECIPE_OPS_MAX = 12,
};

struct recipe {
	enum command_id id;
	enum recipe_root root;
	/* The field of the action, or of the root itself; 0: none. */
	uint8_t action;
	struct op ops[RECIPE_OPS_MAX + 1];
};

/* The recipe for @command, which is static. */
const struct recipe *recipe_find(const struct command *command);
