/* SPDX-License-Identifier: MIT */

#include "cli/try.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/show.h"
#include "cli/spin.h"
#include "client/client.h"

struct trial {
	const char *action;
	bool as_json;
	bool is_running;
	bool is_confirmed;
	struct spin spin;
};

static bool has_ended(const char *state)
{
	return strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
}

static void on_news(void *userdata, const struct record *order)
{
	struct trial *trial = userdata;
	const char *state = record_text(order, "state");
	struct json json;

	trial->is_running = strcmp(state, "running") == 0;
	trial->is_confirmed = strcmp(state, "confirmed") == 0;
	spin_clear(&trial->spin);
	if (trial->as_json && has_ended(state)) {
		json_init(&json, stdout);
		record_write(order, &json, NULL);
		json_end(&json);
	} else if (!trial->as_json && has_ended(state)) {
		show_end(order);
	} else if (!trial->as_json && !trial->spin.is_live) {
		(void)printf("%s: %s (order %" PRIu64 ")\n",
			record_text(order, "action"), state,
			record_number(order, "order"));
	}
	(void)fflush(stdout);
}

static void on_idle(void *userdata)
{
	struct trial *trial = userdata;

	spin_turn(&trial->spin, trial->action,
		trial->is_running ? "the car is at it" : "waiting for the car");
}

static const struct client_follow follow = {
	.news = on_news,
	.idle = on_idle,
};

int try_words(sd_bus *bus, char *const *words, size_t n_words, bool as_json)
{
	struct trial trial = {
		.action = n_words == 1 ? words[0] : "program",
		.as_json = as_json,
	};
	char why[CLIENT_WHY_SIZE];

	spin_begin(&trial.spin, as_json);

	if (client_try(bus, words, n_words, &follow, &trial, why) != 0) {
		spin_clear(&trial.spin);
		(void)fflush(stdout);
		(void)fprintf(stderr, "1sat2flash: %s\n", why);
		return 1;
	}

	return trial.is_confirmed ? 0 : 1;
}
