/* SPDX-License-Identifier: MIT */

#include "cli/try.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/show.h"
#include "cli/term.h"
#include "client/client.h"
#include "util/clock.h"
#include "util/duration.h"

struct trial {
	const char *action;
	bool as_json;
	bool is_live; /* a line that moves */
	bool is_running;
	bool is_confirmed;
	uint64_t since_ms;
	unsigned int frame;
};

static void clear_line(const struct trial *trial)
{
	if (trial->is_live)
		(void)printf("\r\x1b[K");
}

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
	clear_line(trial);
	if (trial->as_json && has_ended(state)) {
		json_init(&json, stdout);
		record_write(order, &json, NULL);
		json_end(&json);
	} else if (!trial->as_json && has_ended(state)) {
		show_end(order);
	} else if (!trial->as_json && !trial->is_live) {
		(void)printf("%s: %s (order %" PRIu64 ")\n",
			record_text(order, "action"), state,
			record_number(order, "order"));
	}
	(void)fflush(stdout);
}

static void on_idle(void *userdata)
{
	static const char frames[] = "|/-\\";
	struct trial *trial = userdata;
	char elapsed[DURATION_TEXT_SIZE];

	if (!trial->is_live)
		return;
	duration_print(clock_boottime_ms() - trial->since_ms, elapsed);
	clear_line(trial);
	(void)printf("%c %s: %s, %s", frames[trial->frame++ % 4], trial->action,
		trial->is_running ? "the car is at it" : "waiting for the car",
		elapsed);
	(void)fflush(stdout);
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
		.is_live = !as_json && term_is_tty(),
		.since_ms = clock_boottime_ms(),
	};
	char why[CLIENT_WHY_SIZE];

	if (client_try(bus, words, n_words, &follow, &trial, why) != 0) {
		clear_line(&trial);
		(void)fflush(stdout);
		(void)fprintf(stderr, "1sat2flash: %s\n", why);
		return 1;
	}

	return trial.is_confirmed ? 0 : 1;
}
