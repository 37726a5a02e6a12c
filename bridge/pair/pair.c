/* SPDX-License-Identifier: MIT */

#include "pair/pair.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "car/enrol.h"
#include "car/reach.h"
#include "link/link.h"
#include "pair/lend.h"

enum {
	TICK_MS = 1000,
};

struct pair {
	const struct pair_config *config;
	struct talk *talk;
	sd_event *event;
	sd_event_source *tick;
	struct lend *lend;
	struct enrol *enrol;
};

static int fail(struct pair *pair, const char *what, int r)
{
	char why[160];

	(void)snprintf(
		why, sizeof(why), "%s: %s", what, strerror(-err_fold(r)));
	return talk_failed(pair->talk, TALK_NOT_READY, why);
}

/* --- what enrol tells ---------------------------------------------------- */

static void on_stage(void *userdata, enum enrol_stage stage)
{
	struct pair *pair = userdata;

	talk_stage(pair->talk, stage);
}

static void on_heard(void *userdata, int rssi)
{
	struct pair *pair = userdata;

	talk_heard(pair->talk, rssi);
}

static void on_missed(void *userdata, const char *trouble)
{
	struct pair *pair = userdata;

	talk_missed(pair->talk, trouble);
}

static void say_next(struct pair *pair)
{
	char before[SETUP_TEXT_SIZE + 80];
	const struct setup *setup = pair->config->setup;

	if (lend_has_bridge(pair->lend)) {
		/* It has another key in its memory than the one just made. */
		talk_next(pair->talk, NULL,
			setup->made_key ? "sudo systemctl restart 1sat2flash"
					: "1sat2flash try flash");
		return;
	}
	(void)snprintf(before, sizeof(before),
		"See that %s names your node and what you sell.",
		setup_config_path(setup));
	talk_next(pair->talk, setup->made_config ? before : NULL,
		"sudo systemctl enable --now 1sat2flash");
}

static void on_ended(void *userdata, const struct enrol_end *end)
{
	struct pair *pair = userdata;
	int status;

	status = talk_ended(pair->talk, end);
	if (status == TALK_DONE && !pair->config->ask_only)
		say_next(pair);
	(void)sd_event_exit(pair->event, status);
}

static const struct enrol_ops enrol_ops = {
	.stage = on_stage,
	.heard = on_heard,
	.missed = on_missed,
	.ended = on_ended,
};

static int begin(struct pair *pair)
{
	_cleanup_(link_freep) struct link *link = NULL;
	const struct pair_config *config = pair->config;
	const struct setup *setup = config->setup;
	int r;

	r = reach_new(pair->event,
		&(const struct reach){
			.vin = setup->vin,
			.link = setup->link,
			.adapter = setup->adapter,
			.reset_shared = setup->reset_shared,
		},
		&link);
	if (r == 0)
		r = enrol_new(pair->event,
			&(const struct enrol_config){
				.vin = setup->vin,
				.signer = setup->signer,
				.link = link,
				.role = config->role,
				.form = config->form,
				.ask_only = config->ask_only,
				.timeout_ms = config->timeout_ms,
			},
			&enrol_ops, pair, &pair->enrol);
	if (r == 0)
		(void)steal_ptr(&link);

	return r;
}

/* --- what the bridge says ------------------------------------------------ */

static void on_ready(void *userdata)
{
	struct pair *pair = userdata;
	int r;

	if (lend_has_bridge(pair->lend))
		talk_note(pair->talk, "lent",
			"The bridge runs; it keeps away from the car until "
			"this ends.");
	r = begin(pair);
	if (r != 0)
		(void)sd_event_exit(pair->event, fail(pair, "cannot begin", r));
}

static void on_waiting(void *userdata, const char *why)
{
	struct pair *pair = userdata;

	talk_note(pair->talk, "waiting-for-the-bridge",
		"Waiting, as %s; a minute at most.", why);
}

static void on_refused(void *userdata, const char *why)
{
	struct pair *pair = userdata;

	(void)sd_event_exit(
		pair->event, talk_failed(pair->talk, TALK_NOT_READY, why));
}

static const struct lend_ops lend_ops = {
	.ready = on_ready,
	.waiting = on_waiting,
	.refused = on_refused,
};

/* --- the loop ------------------------------------------------------------ */

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct pair *pair = userdata;

	/* As SIGPIPE would, but with the car given back in good order. */
	if (!talk_is_followed())
		return sd_event_exit(
			pair->event, talk_stopped(pair->talk, SIGPIPE));
	talk_tick(pair->talk);
	(void)sd_event_source_set_time(source, usec + TICK_MS * UINT64_C(1000));
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_signal(sd_event_source *source,
	const struct signalfd_siginfo *info, void *userdata)
{
	struct pair *pair = userdata;

	(void)source;
	return sd_event_exit(
		pair->event, talk_stopped(pair->talk, (int)info->ssi_signo));
}

static int open_event(struct pair *pair)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;
	int r;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaddset(&set, signals[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* A peer, or a reader of our output, that is gone is told by EPIPE. */
	(void)signal(SIGPIPE, SIG_IGN);

	r = sd_event_new(&pair->event);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(signals); i++)
		r = sd_event_add_signal(
			pair->event, NULL, signals[i], on_signal, pair);
	if (r >= 0)
		r = sd_event_add_time_relative(pair->event, &pair->tick,
			CLOCK_BOOTTIME, TICK_MS * UINT64_C(1000), 0, on_tick,
			pair);

	return r < 0 ? r : 0;
}

/* The link first: the bridge takes it as soon as it is given back. */
static void pair_deinit(struct pair *pair)
{
	pair->enrol = enrol_free(pair->enrol);
	pair->lend = lend_free(pair->lend);
	(void)sd_event_source_disable_unref(pair->tick);
	(void)sd_event_unref(pair->event);
}

int pair_run(const struct pair_config *config, struct talk *talk)
{
	_cleanup_(pair_deinit) struct pair pair = {
		.config = config,
		.talk = talk,
	};
	int r;

	r = open_event(&pair);
	if (r == 0)
		r = lend_new(pair.event, &lend_ops, &pair, &pair.lend);
	if (r == 0)
		r = sd_event_loop(pair.event);

	return r >= 0 ? r : fail(&pair, "cannot go on", r);
}
