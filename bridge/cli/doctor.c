/* SPDX-License-Identifier: MIT */

#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/diagnose.h"
#include "cli/facts.h"
#include "cli/host.h"
#include "cli/spin.h"
#include "cli/term.h"
#include "cli/walk.h"
#include "client/client.h"
#include "model/api.h"

#define RFKILL_DIR "/sys/class/rfkill"
#define STATE_DIR "/var/lib/1sat2flash"

enum {
	/* "problem  infotainment  " */
	INDENT = 23,
};

struct visit {
	const struct doctor *doctor;
	struct facts facts;
	struct walk walk;
	size_t n_shown;
	struct spin spin;
};

static void write_line(
	const char *check, const struct walk_line *line, size_t n_problems)
{
	bool is_summary = strcmp(check, "summary") == 0;
	struct json json;

	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_text(&json, "check", check);
	json_text(&json, "state", walk_state_name(line->state));
	if (is_summary)
		json_unsigned(&json, "problems", n_problems);
	json_text(&json, "text", line->text);
	if (!is_summary)
		json_text(&json, "advice", line->advice);
	json_close_object(&json);
	json_end(&json);
}

static void show_line(enum walk_check check, const struct walk_line *line)
{
	static const enum term_style styles[] = {
		[WALK_OK] = TERM_GOOD,
		[WALK_PROBLEM] = TERM_BAD,
		[WALK_SKIPPED] = TERM_DIM,
	};
	enum term_style style = styles[line->state];
	bool is_skipped = line->state == WALK_SKIPPED;

	(void)printf("%s%-9s%s%-14s", term_style(style),
		is_skipped ? "-" : walk_state_name(line->state),
		term_end(style), walk_check_name(check));
	term_wrap(INDENT, is_skipped ? TERM_DIM : TERM_PLAIN, line->text);
	if (line->advice[0] != '\0') {
		(void)printf("%*s", INDENT, "");
		term_wrap(INDENT, TERM_BOLD, line->advice);
	}
}

/* Judges and shows as much as the facts allow. */
static void go_on(struct visit *visit)
{
	while (walk_next(&visit->walk, &visit->facts))
		continue;
	if (visit->n_shown == visit->walk.n)
		return;

	spin_clear(&visit->spin);
	for (; visit->n_shown < visit->walk.n; visit->n_shown++) {
		enum walk_check check = (enum walk_check)visit->n_shown;
		const struct walk_line *line =
			&visit->walk.lines[visit->n_shown];

		if (visit->doctor->as_json)
			write_line(walk_check_name(check), line, 0);
		else
			show_line(check, line);
	}
	(void)fflush(stdout);
}

static void on_idle(void *userdata)
{
	struct visit *visit = userdata;
	const char *link = visit->facts.bridge.link;

	spin_turn(&visit->spin, NULL,
		strcmp(link, "connecting") == 0 ? "connecting to the car"
		: strcmp(link, "ready") == 0    ? "talking to the car"
						: "looking for the car");
}

static void on_status(void *userdata, const struct record *status)
{
	struct visit *visit = userdata;

	facts_read_status(status, &visit->facts.bridge);
	go_on(visit);
}

static void on_line(void *userdata, char *line)
{
	struct visit *visit = userdata;

	facts_read_line(line, &visit->facts.bridge);
	go_on(visit);
}

/* The bridge runs.  It may still keep a look from whoever is not permitted. */
static void ask_bridge(
	struct visit *visit, sd_bus *bus, const struct record *status)
{
	static const struct client_watch watch = {
		.news = on_status,
		.idle = on_idle,
	};
	struct facts *facts = &visit->facts;
	char why[CLIENT_WHY_SIZE];

	facts->is_on_bus = true;
	facts->source = FACTS_LOOK;
	facts_read_status(status, &facts->bridge);
	go_on(visit);
	if (client_look(bus, &watch, visit, why) == 0)
		return;

	facts->source = FACTS_STATUS;
	(void)snprintf(
		facts->why_no_look, sizeof(facts->why_no_look), "%.250s", why);
}

/* As root, or for files that the caller named, its program can be asked. */
static void run_bridge(struct visit *visit)
{
	static const struct diagnose_ops ops = {
		.line = on_line,
		.idle = on_idle,
	};
	const struct doctor *doctor = visit->doctor;
	char program[] = BRIDGE_PROGRAM, diagnose[] = "--diagnose";
	char config[] = "--config", state_dir[] = "--state-dir";
	char *argv[7] = { program, diagnose };
	struct facts *facts = &visit->facts;
	size_t n = 2;

	if (geteuid() != 0 && doctor->config == NULL) {
		(void)snprintf(facts->why_no_look, sizeof(facts->why_no_look),
			"while the bridge does not run, this takes root; try "
			"sudo");
		return;
	}
	if (doctor->config != NULL) {
		argv[n++] = config;
		argv[n++] = doctor->config;
	}
	if (doctor->state_dir != NULL) {
		argv[n++] = state_dir;
		argv[n++] = doctor->state_dir;
	}

	facts->source = FACTS_DIAGNOSE;
	go_on(visit);
	if (diagnose_run(argv, &ops, visit, facts->why_silent) != 0)
		return;
	facts->why_silent[0] = '\0';
}

/* Who is on the bus has the car, and whoever else looked would disturb it. */
static void visit_without_status(
	struct visit *visit, sd_bus *bus, const char *why)
{
	struct facts *facts = &visit->facts;

	if (sd_bus_get_name_creds(bus, API_BUS_NAME, 0, NULL) < 0) {
		run_bridge(visit);
		return;
	}

	facts->is_mute = true;
	(void)snprintf(
		facts->why_no_look, sizeof(facts->why_no_look), "%.250s", why);
}

static int sum_up(const struct visit *visit)
{
	size_t n_problems = walk_problems(&visit->walk);
	bool is_fine = n_problems == 0;
	struct walk_line line = {
		.state = is_fine ? WALK_OK : WALK_PROBLEM,
	};
	enum term_style style = is_fine ? TERM_GOOD : TERM_BAD;

	walk_summary(&visit->walk, &visit->facts, line.text);
	if (visit->doctor->as_json) {
		write_line("summary", &line, n_problems);
	} else {
		(void)putchar('\n');
		term_wrap(0, style, line.text);
	}

	return is_fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

int doctor_run(const struct doctor *doctor)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	struct visit visit = { .doctor = doctor };
	char why[CLIENT_WHY_SIZE];
	struct record status;

	spin_begin(&visit.spin, doctor->as_json);
	if (client_open(&bus, why) != 0)
		bus = NULL;
	host_look(bus, RFKILL_DIR,
		doctor->state_dir == NULL ? STATE_DIR : doctor->state_dir,
		&visit.facts.host);
	if (bus == NULL)
		run_bridge(&visit);
	else if (client_call(bus, why, &m, "GetStatus", "") != 0)
		visit_without_status(&visit, bus, why);
	else if (record_read(m, &status) > 0)
		ask_bridge(&visit, bus, &status);
	else
		visit_without_status(&visit, bus, "its answer cannot be read");

	visit.facts.is_final = true;
	go_on(&visit);
	spin_clear(&visit.spin);
	return sum_up(&visit);
}
