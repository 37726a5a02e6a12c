/* SPDX-License-Identifier: MIT */

/*
 * Whatever a car answers to a read, what is told of it is bounded, printable
 * and finite, and what is taken of it breaks nothing.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "vehicle/answer.h"
#include "vehicle/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_printable(const char *text, size_t size)
{
	char again[REPORT_TEXT_SIZE];

	if (memchr(text, '\0', size) == NULL)
		abort();
	text_printable(text, again, sizeof(again));
	if (strcmp(text, again) != 0)
		abort();
}

static void check_fact(const struct report_fact *fact)
{
	check_printable(fact->name, sizeof(fact->name));
	check_printable(fact->text, sizeof(fact->text));
	if (fact->name[0] == '\0' || fact->unit == NULL ||
		!isfinite(fact->number))
		abort();
	if (report_kind_name(fact->kind)[0] == '\0')
		abort();
	if (fact->text[0] != '\0' && fact->kind != REPORT_WORD &&
		fact->kind != REPORT_TEXT)
		abort();
}

static void read_as(enum command_id id, const uint8_t *data, size_t len)
{
	static struct arena arena;
	static struct report report;
	const struct command command = { .id = id };
	struct view payload = { data, len };
	struct car_state state;
	struct answer answer;

	car_state_init(&state);
	arena_reset(&arena);
	(void)answer_read(&arena, &command, payload, true, 1, &state, &answer);
	arena_reset(&arena);
	if (!report_read(&arena, id, payload, &report)) {
		/* What is taken as the answer can be told, too. */
		if (answer.type == ANSWER_DONE)
			abort();
		return;
	}
	if (report.n_facts > REPORT_FACTS_MAX)
		abort();
	for (size_t i = 0; i < report.n_facts; i++)
		check_fact(&report.facts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	for (int id = 0; id < _COMMAND_N; id++)
		if (report_part((enum command_id)id) != NULL)
			read_as((enum command_id)id, data, len);

	return 0;
}
