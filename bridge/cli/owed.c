/* SPDX-License-Identifier: MIT */

#include "cli/owed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/spin.h"
#include "cli/term.h"
#include "client/owed.h"
#include "util/bytes.h"
#include "util/json.h"

enum {
	EXIT_USAGE = 2,
};

static const struct way {
	const char *name;
	const char *method;
	const char *waits_for;
} ways[] = {
	{ "refund", "Refund", "waiting for the node" },
	{ "do", "DoOwed", "waiting for the car" },
	{ "write-off", "WriteOff", "waiting for the bridge" },
};

struct settling {
	const struct way *way;
	char order[32];
	struct spin spin;
};

static const struct way *find_way(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];

	return NULL;
}

static int read_order(const char *text, uint64_t *ret)
{
	unsigned long long id;
	char *end;

	errno = 0;
	id = strtoull(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || id == 0)
		return -EINVAL;

	*ret = id;
	return 0;
}

static void on_idle(void *userdata)
{
	struct settling *settling = userdata;

	spin_turn(&settling->spin, settling->order, settling->way->waits_for);
}

static void show(const struct way *way, uint64_t order_id, const char *said,
	bool as_json)
{
	char text[TERM_CELL_SIZE];
	struct json json;

	if (!as_json) {
		text_printable(said, text, sizeof(text));
		(void)printf("%s\n", text);
		return;
	}
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_unsigned(&json, "order", order_id);
	json_text(&json, "settled", way->name);
	json_text(&json, "text", said);
	json_close_object(&json);
	json_end(&json);
}

int owed_settle(sd_bus *bus, char *const *words, size_t n_words, bool as_json)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const struct way *way = find_way(words[0]);
	struct settling settling = { .way = way };
	char why[CLIENT_WHY_SIZE];
	const char *said;
	uint64_t order_id;
	int r;

	if (way == NULL || n_words != 2 ||
		read_order(words[1], &order_id) < 0) {
		(void)fprintf(stderr,
			"1sat2flash: use it as: 1sat2flash owed "
			"refund|do|write-off ORDER, where ORDER is a number "
			"that 1sat2flash owed shows\n");
		return EXIT_USAGE;
	}

	(void)snprintf(settling.order, sizeof(settling.order), "order %" PRIu64,
		order_id);
	spin_begin(&settling.spin, as_json);
	r = client_settle(bus,
		&(const struct client_settle){
			.method = way->method,
			.order_id = order_id,
			.idle = on_idle,
			.userdata = &settling,
		},
		why, &said, &m);
	spin_clear(&settling.spin);
	(void)fflush(stdout);
	if (r != 0) {
		(void)fprintf(stderr, "1sat2flash: %s\n", why);
		return EXIT_FAILURE;
	}

	show(way, order_id, said, as_json);
	return EXIT_SUCCESS;
}
