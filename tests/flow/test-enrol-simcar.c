/* SPDX-License-Identifier: MIT */

/*
 * Pairing against the simulated car, without and with the misfortunes that a
 * person meets: each result is one that the car brought about.
 */

#include "car/enrol.h"

#include "car-world.h"

struct pairing {
	struct flow f;
	struct enrol *enrol;
	struct enrol_config config;
	bool has_ended;
	struct enrol_end end;
	unsigned int n_missed;
	char stages[64]; /* a letter each */
	const char *act; /* a line to the car once it waits for the tap */
};

static void on_stage(void *userdata, enum enrol_stage stage)
{
	struct pairing *p = userdata;
	size_t n = strlen(p->stages);

	cr_assert_not(p->has_ended);
	cr_assert_lt(n, sizeof(p->stages) - 1);
	p->stages[n] = "SPWY"[stage];
}

static void on_heard(void *userdata, int rssi)
{
	(void)userdata;
	(void)rssi;
}

static void on_missed(void *userdata, const char *trouble)
{
	struct pairing *p = userdata;

	cr_assert_neq(trouble[0], '\0');
	p->n_missed++;
}

static void on_ended(void *userdata, const struct enrol_end *end)
{
	struct pairing *p = userdata;

	cr_assert_not(p->has_ended);
	p->has_ended = true;
	p->end = *end;
}

static const struct enrol_ops ops = {
	.stage = on_stage,
	.heard = on_heard,
	.missed = on_missed,
	.ended = on_ended,
};

/* A key that no car knows, and a car with @options unless NULL. */
static void meet(struct pairing *p, const char *options)
{
	memset(p, 0, sizeof(*p));
	setup_apart(&p->f);
	p->f.car = car_free(p->f.car);
	if (options != NULL)
		spawn(&p->f, options);
	p->config = (struct enrol_config){
		.vin = VIN,
		.signer = p->f.signer,
		.role = KEY_ROLE_DRIVER,
		.form = KEY_FORM_CLOUD_KEY,
		.timeout_ms = 30 * 1000,
	};
}

static void part(struct pairing *p)
{
	p->enrol = enrol_free(p->enrol);
	teardown(&p->f);
}

static void begin(struct pairing *p)
{
	struct link *link = NULL;

	p->has_ended = false;
	memset(p->stages, 0, sizeof(p->stages));
	p->enrol = enrol_free(p->enrol);
	cr_assert_eq(link_socket_new(p->f.event, p->f.socket, &link), 0);
	p->config.link = link;
	cr_assert_eq(enrol_new(p->f.event, &p->config, &ops, p, &p->enrol), 0);
}

static void expect_end(
	struct pairing *p, enum enrol_result result, const char *trouble)
{
	begin(p);
	while (!p->has_ended) {
		cr_assert_geq(sd_event_run(p->f.event, UINT64_MAX), 0);
		if (p->act == NULL || times(&p->f, "\"waiting\"") == 0)
			continue;
		cr_assert_gt(dprintf(p->f.to_car, "%s\n", p->act), 0);
		p->act = NULL;
	}
	/* What the car did is said, not only done. */
	if (p->f.pid > 0)
		tell(&p->f, "help");
	cr_assert_eq(p->end.result, result, "%d, %s\n%s", (int)p->end.result,
		p->end.trouble, p->f.said);
	cr_assert_str_eq(p->end.trouble, trouble);
}

TEST(enrol, key_is_added_once_a_card_is_tapped)
{
	struct pairing p;

	meet(&p, "--sync-time 100ms");
	p.act = "tap";
	expect_end(&p, ENROL_DONE, "");
	cr_assert_eq(p.end.role, KEY_ROLE_DRIVER);
	cr_assert_str_eq(p.stages, "SPWY");
	cr_assert_eq(times(&p.f, "\"waiting\":\"tap\""), 1);
	cr_assert_eq(did(&p.f, "add-key-request"), 1);

	/* Then it is there, whoever asks. */
	expect_end(&p, ENROL_ALREADY, "");
	cr_assert_eq(p.end.role, KEY_ROLE_DRIVER);
	p.config.ask_only = true;
	expect_end(&p, ENROL_ALREADY, "");
	cr_assert_eq(times(&p.f, "\"waiting\":\"tap\""), 1);
	part(&p);
}

TEST(enrol, asking_only_sends_no_request)
{
	struct pairing p;

	meet(&p, "");
	p.config.ask_only = true;
	expect_end(&p, ENROL_UNKNOWN_KEY, "key-not-enrolled");
	cr_assert_str_eq(p.stages, "SP");
	cr_assert_eq(times(&p.f, "\"waiting\""), 0);
	part(&p);
}

TEST(enrol, what_the_car_says_no_to_is_told_apart)
{
	static const struct {
		const char *options;
		enum enrol_result result;
		const char *trouble;
	} rows[] = {
		{ "--fault keys-4@add-key-request", ENROL_LIST_FULL,
			"key-list-full" },
		{ "--fault tap-24 --tap-after 100ms", ENROL_DENIED,
			"denied-on-screen" },
		{ "--tap-timeout 200ms", ENROL_NO_TAP, "tap-timed-out" },
		{ "--fault tap-26 --tap-after 100ms", ENROL_NO_ANSWER,
			"screen-not-answered" },
		{ "--fault keys-27@add-key-request", ENROL_VALET,
			"valet-mode" },
		{ "--fault tap-28 --tap-after 100ms", ENROL_CANCELLED,
			"cancelled-on-screen" },
		{ "--fault keys-5@add-key-request", ENROL_NOT_PERMITTED,
			"not-permitted" },
		{ "--fault keys-6@add-key-request", ENROL_REFUSED,
			"enrol-refused" },
		{ "--asleep", ENROL_REFUSED, "screen-dark" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pairing p;

		meet(&p, rows[i].options);
		expect_end(&p, rows[i].result, rows[i].trouble);
		cr_assert_gt(p.end.information, 0);
		cr_assert_str_eq(p.stages, "SPW");
		part(&p);
	}
}

TEST(enrol, answer_that_never_comes_is_found_by_asking)
{
	struct pairing p;

	/* Neither WAIT nor the end of it. */
	meet(&p, "--fault lost-answer@add-key-request:9 --tap-after 1s "
		 "--sync-time 100ms");
	expect_end(&p, ENROL_DONE, "");
	cr_assert_eq(times(&p.f, "\"waiting\":\"tap\""), 1);
	part(&p);
}

TEST(enrol, link_that_drops_while_waiting_comes_back_without_a_request)
{
	struct pairing p;

	meet(&p, "--tap-after 2s --sync-time 100ms --fault links-full:2");
	p.act = "drop-link";
	expect_end(&p, ENROL_DONE, "");
	cr_assert_geq(p.n_missed, 1);
	cr_assert_eq(times(&p.f, "\"waiting\":\"tap\""), 1);
	cr_assert_not_null(strstr(p.stages, "WSW"), "%s", p.stages);
	part(&p);
}

TEST(enrol, request_that_was_lost_behind_us_is_never_sent_again)
{
	struct pairing p;

	meet(&p, "--fault drop-before@add-key-request");
	p.config.timeout_ms = 9000;
	expect_end(&p, ENROL_TIMED_OUT, "enrol-timed-out");
	cr_assert_eq(times(&p.f, "\"waiting\":\"tap\""), 0);
	cr_assert_eq(times(&p.f, "\"injected\""), 1);
	cr_assert_str_eq(p.stages, "SPWSW");
	part(&p);
}

TEST(enrol, silent_car_and_absent_car_are_told_apart)
{
	struct pairing p;

	meet(&p, "--fault lost-request@any:99");
	expect_end(&p, ENROL_SILENT, "car-silent");
	cr_assert_eq(times(&p.f, "\"connected\""), 2);
	part(&p);

	meet(&p, NULL);
	p.config.timeout_ms = 1200;
	expect_end(&p, ENROL_UNREACHED, "car-not-heard");
	cr_assert_geq(p.n_missed, 2);
	part(&p);
}

TEST(enrol, half_a_car_is_told)
{
	struct pairing p;

	/* Infotainment falls asleep before it hears of the key. */
	meet(&p, "--tap-after 100ms --sync-time 60s");
	p.config.timeout_ms = 60 * 1000;
	expect_end(&p, ENROL_HALF, "half-enrolled");
	cr_assert_eq(p.end.role, KEY_ROLE_DRIVER);
	cr_assert_str_eq(p.stages, "SPWY");
	/* So it is for one who asks, at once. */
	p.config.ask_only = true;
	expect_end(&p, ENROL_HALF, "half-enrolled");
	part(&p);
}

TEST(enrol, giving_up_at_any_moment_leaves_nothing)
{
	static const enum enrol_stage at[] = { ENROL_SEARCHING, ENROL_PROBING,
		ENROL_WAITING, ENROL_SYNCING };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		struct pairing p;

		meet(&p, "--tap-after 100ms --sync-time 30s");
		begin(&p);
		while (strchr(p.stages, "SPWY"[at[i]]) == NULL)
			cr_assert_geq(sd_event_run(p.f.event, UINT64_MAX), 0);
		p.enrol = enrol_free(p.enrol);
		cr_assert_not(p.has_ended);
		/* The car has its link back. */
		tell(&p.f, "help");
		while (times(&p.f, "\"disconnected\"") <
			times(&p.f, "\"connected\""))
			run_until_said(&p.f, "\"disconnected\"");
		part(&p);
	}
}
