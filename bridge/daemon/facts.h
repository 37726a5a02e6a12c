/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Facts - the status as names and values, for D-Bus and for --diagnose
 *
 * The names are those of GetStatus in io.github.onesat2flash.Bridge1.xml.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

struct car;
struct car_state;
struct menu;
struct moment;
struct rental;

enum {
	FACTS_MAX = 48,
	FACTS_TEXT_SIZE = 64,
};

struct fact {
	const char *name;
	char type; /* as D-Bus has it: s, b, t or x */
	const char *s;
	int b;
	uint64_t t;
	int64_t x;
};

/* Its texts live as long as what they were taken from. */
struct facts {
	size_t n;
	struct fact list[FACTS_MAX];
	char adapter[FACTS_TEXT_SIZE];
	char open[FACTS_TEXT_SIZE];
};

void facts_add_text(struct facts *facts, const char *name, const char *s);
void facts_add_bool(struct facts *facts, const char *name, bool b);
void facts_add_number(struct facts *facts, const char *name, uint64_t t);

struct fact_node {
	bool is_up;
	const char *id;
	const char *alias;
	const char *problem;
};

void facts_add_node(struct facts *facts, const struct fact_node *node);

/* All that is known of the car. */
void facts_add_car(
	struct facts *facts, const struct menu *menu, const struct car *car);

/* How a rental stands; NULL: there is none. */
void facts_add_rental(struct facts *facts, const struct rental *rental,
	const struct moment *now, const struct car_state *state);
