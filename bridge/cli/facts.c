/* SPDX-License-Identifier: MIT */

#include "cli/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"

#define TEXT(key, field)                                             \
	{                                                            \
		key, 's', offsetof(struct facts_bridge, field),      \
			sizeof(((struct facts_bridge *)NULL)->field) \
	}
#define FLAG(key, field)                                        \
	{                                                       \
		key, 'b', offsetof(struct facts_bridge, field), \
			sizeof(enum answer)                     \
	}

static const struct fact {
	const char *key;
	char type; /* as in a record */
	size_t offset;
	size_t size;
} facts[] = {
	TEXT("car_vin_end", vin_end),
	TEXT("adapter", adapter),
	TEXT("link", link),
	TEXT("car_sleep", car_sleep),
	TEXT("car_trouble", car_trouble),
	TEXT("car_problem", car_problem),
	TEXT("node_alias", node_alias),
	TEXT("node_id", node_id),
	TEXT("node_problem", node_problem),
	TEXT("why_not", why_not),
	FLAG("lent", lent),
	FLAG("session_vcsec", session_vcsec),
	FLAG("session_infotainment", session_infotainment),
	FLAG("node_up", node_up),
	FLAG("taking_payments", taking_payments),
	FLAG("paused", paused),
};

static void set_text(
	struct facts_bridge *bridge, const struct fact *fact, const char *value)
{
	text_printable(value, (char *)bridge + fact->offset, fact->size);
}

static void set_flag(
	struct facts_bridge *bridge, const struct fact *fact, bool value)
{
	enum answer answer = value ? ANSWER_YES : ANSWER_NO;

	memcpy((char *)bridge + fact->offset, &answer, sizeof(answer));
}

static int64_t bounded(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

void facts_read_status(const struct record *status, struct facts_bridge *ret)
{
	struct facts_bridge bridge = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		const struct fact *fact = &facts[i];

		if (!record_has(status, fact->key, fact->type))
			continue;
		if (fact->type == 's')
			set_text(&bridge, fact, record_text(status, fact->key));
		else
			set_flag(&bridge, fact, record_flag(status, fact->key));
	}
	bridge.was_heard = record_has(status, "car_heard_s", 't');
	bridge.heard_s = bounded(record_number(status, "car_heard_s"));
	bridge.rssi = record_time(status, "car_rssi");

	*ret = bridge;
}

static int parse_number(const char *text, int64_t *ret)
{
	long long n;
	char *end;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return -EINVAL;

	*ret = n;
	return 0;
}

static void add_problem(struct facts_bridge *bridge, const char *sentence)
{
	if (bridge->n_problems == FACTS_PROBLEMS_MAX)
		return;
	text_printable(sentence, bridge->problems[bridge->n_problems],
		sizeof(bridge->problems[0]));
	bridge->n_problems++;
}

void facts_read_line(char *line, struct facts_bridge *bridge)
{
	char *value = strchr(line, '\t');

	if (value == NULL)
		return;
	*value++ = '\0';

	if (strcmp(line, "problem") == 0) {
		add_problem(bridge, value);
	} else if (strcmp(line, "car_heard_s") == 0) {
		bridge->was_heard = parse_number(value, &bridge->heard_s) == 0;
	} else if (strcmp(line, "car_rssi") == 0) {
		(void)parse_number(value, &bridge->rssi);
	}
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		if (strcmp(facts[i].key, line) != 0)
			continue;
		if (facts[i].type == 's')
			set_text(bridge, &facts[i], value);
		else
			set_flag(bridge, &facts[i], strcmp(value, "true") == 0);
	}
}
