/* SPDX-License-Identifier: MIT */
#pragma once

/* A node that makes offers, and a car that registers, polls and goes away. */

#include "calls-world.h"
#include "node/offers.h"

#define OFFERS_TEXT                                                     \
	"{'holds': true, 'labels': [], 'addresses': [],"                \
	" 'descriptions': [], 'actions': ["                             \
	"{'name': 'flash', 'price_msat': %d, 'text': 'Flash', 'keeps':" \
	" false, 'offers': true},"                                      \
	"{'name': 'honk', 'price_msat': 21000, 'text': '%s', 'keeps':"  \
	" false, 'offers': %s},"                                        \
	"{'name': 'wave', 'price_msat': 5000, 'text': '', 'keeps':"     \
	" false, 'offers': false}]}"

/* The node's offers: { offer_id, bolt12, active, label, ... }. */
static json_t *known;
static unsigned int n_made, n_enabled, n_disabled;
static struct offers *offers;
static struct car_entry *car;
static struct {
	int code;       /* of the next offers that are made */
	bool is_lost;   /* made, but nobody hears of it */
	const char *id; /* of the next ones */
	bool is_listing_lost;
	json_t *params; /* of the last */
} world;

static inline void update(void)
{
	enter(true);
	offers_update(offers, car);
	enter(false);
}

static inline void register_car(const char *name, int flash_msat,
	const char *honk_text, bool honk_offers)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), OFFERS_TEXT, flash_msat, honk_text,
		honk_offers ? "true" : "false");
	car = add_car(name, text);
	(void)strcpy(car->boot, "0123456789abcdef");
	if (offers != NULL)
		update();
}

static inline void poll_with(bool flash_open, bool honk_open)
{
	car->is_polling = true;
	car->last_poll_ms = clock_boottime_ms();
	car_find_action(car, "flash")->is_open = flash_open;
	car_find_action(car, "honk")->is_open = honk_open;
	update();
}

static inline void end_poll(void)
{
	car->is_polling = false;
	car->last_poll_ms = clock_boottime_ms();
	update();
}

/* --- the node ------------------------------------------------------------- */

static inline json_t *find_known(const char *id)
{
	json_t *offer;
	size_t i;

	json_array_foreach (known, i, offer) {
		if (strcmp(json_string_value(
				   json_object_get(offer, "offer_id")),
			    id) == 0)
			return offer;
	}
	return NULL;
}

static inline json_t *add_known(const char *id, const char *label)
{
	json_t *offer = json_pack("{s:s, s:s, s:b, s:s}", "offer_id", id,
		"bolt12", "lno1qqq", "active", 1, "label", label);

	(void)json_array_append_new(known, offer);
	return offer;
}

static inline void make(struct call *call)
{
	char id[CAR_HASH_SIZE];
	json_t *offer;

	cr_assert_eq(call->line, node.calls);
	json_decref(world.params);
	world.params = json_incref(call->params);
	if (world.code != 0) {
		answer_call(call, RPC_E_NODE, NULL, world.code);
		return;
	}
	n_made++;
	(void)snprintf(id, sizeof(id), "%064x", 0xabc000 + n_made);
	if (world.id != NULL)
		(void)snprintf(id, sizeof(id), "%s", world.id);
	world.id = NULL;
	offer = find_known(id);
	if (offer == NULL)
		offer = add_known(id, get_param(call, "label"));
	if (world.is_lost)
		answer_call(call, RPC_E_LOST, NULL, 0);
	else
		answer_call(call, 0, json_incref(offer), 0);
}

static inline void switch_known(struct call *call, bool active)
{
	json_t *offer = find_known(get_param(call, "offer_id"));

	/* Behind it, a lookup finds the invoices expired. */
	cr_assert_eq(call->line, node.lookups);
	if (offer == NULL) {
		struct rpc_answer answer = { .status = RPC_E_NODE,
			.code = -1,
			.message = "Unknown offer" };

		json_decref(call->params);
		call->handler(call->userdata, &answer);
		free(call);
		return;
	}
	if (json_is_true(json_object_get(offer, "active")) == active) {
		answer_call(call, RPC_E_NODE, NULL, active ? 1006 : 1001);
		return;
	}
	(void)json_object_set_new(offer, "active", json_boolean(active));
	if (active)
		n_enabled++;
	else
		n_disabled++;
	answer_call(call, 0, json_incref(offer), 0);
}

/* Of each offer, what they ask for, and no more. */
static inline void assert_is_brief(const struct call *call)
{
	json_t *wanted = read_json("{'offers': [{'offer_id': true, 'label':"
				   " true, 'active': true}]}");

	cr_assert_str_eq(call->method, "listoffers");
	cr_assert(json_equal(call->filter, wanted));
	json_decref(wanted);
}

static inline json_t *list_active(void)
{
	json_t *list = json_array(), *offer;
	size_t i;

	json_array_foreach (known, i, offer) {
		if (json_is_true(json_object_get(offer, "active")))
			(void)json_array_append(list, offer);
	}
	return json_pack("{s:o}", "offers", list);
}

static inline void list_to(struct call *call)
{
	assert_is_brief(call);
	if (world.is_listing_lost)
		answer_call(call, RPC_E_LOST, NULL, 0);
	else
		answer_call(call, 0, list_active(), 0);
}

static inline void serve_one(struct call *call)
{
	if (strcmp(call->method, "offer") == 0)
		make(call);
	else if (strcmp(call->method, "enableoffer") == 0)
		switch_known(call, true);
	else if (strcmp(call->method, "disableoffer") == 0)
		switch_known(call, false);
	else
		list_to(call);
}

static inline bool serve(void)
{
	struct call *call;

	if (setjmp(power) != 0)
		return false;
	while ((call = take_call()) != NULL) {
		cr_assert_leq(count_calls(NULL), 4);
		serve_one(call);
	}
	return true;
}

static inline void pass(uint64_t ms)
{
	fake_time_pass(ms);
	run_loop();
	cr_assert(serve());
}

static inline bool is_active(const char *action, uint64_t price_msat)
{
	for (size_t i = 0; i < car->n_offers; i++) {
		const struct car_offer *offer = &car->offers[i];
		bool active;

		if (strcmp(offer->action, action) != 0 ||
			offer->price_msat != price_msat)
			continue;
		active = json_is_true(
			json_object_get(find_known(offer->offer_id), "active"));
		cr_assert_eq(active, offer->is_active);
		return active;
	}
	cr_assert_fail("no offer for %s at %" PRIu64, action, price_msat);
	return false;
}

/* --- a test --------------------------------------------------------------- */

static inline void start(void)
{
	node.started_ms = clock_boottime_ms();
	cr_assert_eq(offers_new(&node, &offers), 0);
	run_loop();
}

static inline void stop(void)
{
	offers = offers_free(offers);
	drop_calls();
	fake_time_forget();
}

static inline void begin_empty(void)
{
	fake_time_pass(1000);
	world_begin();
	known = json_array();
	memset(&world, 0, sizeof(world));
	n_made = n_enabled = n_disabled = n_offers_changed = 0;
	start();
	cr_assert(serve());
}

/* With a car that polls, and sells all. */
static inline void begin(void)
{
	begin_empty();
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
}

static inline void end(void)
{
	stop();
	json_decref(known);
	json_decref(world.params);
	world_end();
}

/* As a new process finds it all. */
static inline void restart(void)
{
	stop();
	cr_assert_eq(cars_load(cars, NULL, NULL), 0);
	car = cars_find(cars, "roadster");
	start();
	cr_assert(serve());
}
