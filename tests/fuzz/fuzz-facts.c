/* SPDX-License-Identifier: MIT */

/*
 * Lines of foreign bytes to the facts, then to the walk: what it says is
 * bounded, printable, and a line for every check.
 */

#include <stdlib.h>
#include <string.h>

#include "cli/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	if (memchr(text, '\0', WALK_TEXT_SIZE) == NULL)
		abort();
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts facts = { .host.state_dir = "/x" };
	struct walk walk = { 0 };
	char text[WALK_TEXT_SIZE], *line, *rest;

	/* The first byte: who tells, and what the machine has. */
	if (size == 0)
		return 0;
	facts.source = (enum facts_source)(data[0] & 3);
	facts.is_on_bus = (data[0] & 4) != 0;
	facts.host.has_bluez = (data[0] & 8) != 0 ? ANSWER_YES : ANSWER_NO;
	facts.host.n_adapters = (data[0] & 16) != 0 ? 1 : 0;
	facts.host.adapters[0].is_on = (data[0] & 32) != 0;

	line = strndup((const char *)data + 1, size - 1);
	if (line == NULL)
		abort();
	for (rest = line; rest != NULL;) {
		facts_read_line(strsep(&rest, "\n"), &facts.bridge);
		while (walk_next(&walk, &facts))
			continue;
	}
	free(line);

	facts.is_final = true;
	while (walk_next(&walk, &facts))
		continue;
	if (walk.n != _WALK_N)
		abort();
	for (size_t i = 0; i < walk.n; i++) {
		check_text(walk.lines[i].text);
		check_text(walk.lines[i].advice);
	}
	walk_summary(&walk, &facts, text);
	check_text(text);
	return 0;
}
