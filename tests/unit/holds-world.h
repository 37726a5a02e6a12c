/* SPDX-License-Identifier: MIT */
#pragma once

/* Both sides of the holds: a bridge that is told, a plugin by hand. */

#include <inttypes.h>

#include "fake-node.h"
#include "fake-time.h"
#include "lightning/holds.h"

#define ID_A                                 \
	"02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH(digits)                                                    \
	"0000000000000000000000000000000000000000000000000000000000000" \
	"0" digits
#define OFFER_A                            \
	"abababababababababababababababab" \
	"abababababababababababababababab"

enum {
	POLL_MS = HOLDS_POLL_S * 1000,
	STALL_MS = 30 * 1000,
};

/* What the bridge was told. */
static struct {
	int n_held;
	struct hold held; /* the last one; its texts are these */
	char node_id[INVOICES_ID_SIZE], hash[INVOICES_HASH_SIZE];
	char offer_id[INVOICES_HASH_SIZE];
	char label[64], note[64], description[64];

	int n_offers;
	size_t n_listed;
	struct holds_offer offer; /* the last of them; its texts are these */
	char offer_action[33], offer_text[64];

	int n_taken, n_decided, n_refunded;
	/* Last digits of their payment hashes, in order. */
	char taken[400], decided[400], refunded[400];
	uint64_t until_ms;
	enum holds_state state;
	int status;
	uint64_t msat;
	char refund_why[INVOICES_WHY_SIZE];

	int n_polled;
	int n_paused;
	bool paused;

	int n_changed;
	bool following;
	char why[INVOICES_WHY_SIZE];
} told;

/* What the bridge does when it is told. */
static void (*on_told)(const char *payment_hash);

static const char *copy(char *to, size_t size, const char *from)
{
	if (from == NULL)
		return NULL;
	(void)snprintf(to, size, "%s", from);
	return to;
}

static void note_hash(char *list, size_t size, const char *payment_hash)
{
	size_t len = strlen(list);

	cr_assert_eq(strlen(payment_hash), 64);
	(void)snprintf(list + len, size - len, "%s%s", len == 0 ? "" : " ",
		payment_hash + 62);
	if (on_told != NULL)
		on_told(payment_hash);
}

static void on_held(void *userdata, const struct hold *hold)
{
	(void)userdata;
	told.n_held++;
	told.held = *hold;
	told.held.node_id =
		copy(told.node_id, sizeof(told.node_id), hold->node_id);
	told.held.payment_hash =
		copy(told.hash, sizeof(told.hash), hold->payment_hash);
	told.held.label = copy(told.label, sizeof(told.label), hold->label);
	told.held.offer_id =
		copy(told.offer_id, sizeof(told.offer_id), hold->offer_id);
	told.held.payer_note =
		copy(told.note, sizeof(told.note), hold->payer_note);
	told.held.description = copy(
		told.description, sizeof(told.description), hold->description);
	if (on_told != NULL)
		on_told(hold->payment_hash);
}

static void on_offers(
	void *userdata, const struct holds_offer *offers, size_t n)
{
	(void)userdata;
	told.n_offers++;
	told.n_listed = n;
	if (n == 0)
		return;
	told.offer = offers[n - 1];
	told.offer.action = copy(told.offer_action, sizeof(told.offer_action),
		offers[n - 1].action);
	told.offer.bolt12 = copy(
		told.offer_text, sizeof(told.offer_text), offers[n - 1].bolt12);
}

static void on_taken(
	void *userdata, const char *payment_hash, uint64_t until_ms)
{
	(void)userdata;
	told.n_taken++;
	told.until_ms = until_ms;
	note_hash(told.taken, sizeof(told.taken), payment_hash);
}

static void on_decided(
	void *userdata, const char *payment_hash, enum holds_state state)
{
	(void)userdata;
	told.n_decided++;
	told.state = state;
	note_hash(told.decided, sizeof(told.decided), payment_hash);
}

static void on_refunded(void *userdata, const char *payment_hash, int status,
	uint64_t msat, const char *why)
{
	(void)userdata;
	told.n_refunded++;
	told.status = status;
	told.msat = msat;
	(void)snprintf(told.refund_why, sizeof(told.refund_why), "%s", why);
	note_hash(told.refunded, sizeof(told.refunded), payment_hash);
}

static void on_polled(void *userdata)
{
	(void)userdata;
	told.n_polled++;
}

static void on_paused(void *userdata, bool paused)
{
	(void)userdata;
	told.n_paused++;
	told.paused = paused;
}

static void on_changed(void *userdata, bool following, const char *why)
{
	(void)userdata;
	cr_assert_eq(following, why[0] == '\0');
	told.n_changed++;
	told.following = following;
	(void)snprintf(told.why, sizeof(told.why), "%s", why);
}

static const struct holds_ops ops = {
	.held = on_held,
	.offers = on_offers,
	.taken = on_taken,
	.decided = on_decided,
	.refunded = on_refunded,
	.polled = on_polled,
	.paused = on_paused,
	.changed = on_changed,
};

static const char *const labels[] = { "1sat2flash-*", NULL };
static const char *const addresses[] = { "flash@shop.example", NULL };
static const char *const descriptions[] = { "Flash", "Blitz", NULL };
static const struct holds_action actions[] = {
	{ "flash", 1000, 0, "flash, roadster", false, "", true },
	{ "open", 5000000, 0, "open, roadster", true, OFFER_A, false },
	{ "rent", 59000000, 50000000, "rent, roadster", true, "", true },
};

static struct holds_config config = {
	.car = "roadster",
	.node_id = "",
	.holds = true,
	.labels = labels,
	.addresses = addresses,
	.descriptions = descriptions,
	.n_actions = ARRAY_SIZE(actions),
	.actions = actions,
};

static struct rpc *rpc;
static struct holds *holds;

static inline void join(void)
{
	cr_assert_eq(rpc_new(node_event, &node_line, NULL, NULL, &rpc), 0);
	cr_assert_eq(
		holds_new(node_event, rpc, &config, &ops, NULL, &holds), 0);
}

static inline void begin(void)
{
	node_init();
	node_listen();
	join();
	node_accept();
}

/* The next request, which has to be one of @method. */
static inline json_t *take(const char *method)
{
	json_t *request = node_take();
	const char *got;

	cr_assert_not_null(request, "no call of %s", method);
	got = json_string_value(json_object_get(request, "method"));
	cr_assert_str_eq(got, method);
	return request;
}

static inline void nothing_asked(void)
{
	json_t *request = node_take();

	cr_assert_null(request, "asked: %s",
		json_string_value(json_object_get(request, "method")));
}

static inline const json_t *param(const json_t *request, const char *name)
{
	const json_t *value =
		json_object_get(json_object_get(request, "params"), name);

	cr_assert_not_null(value, "no %s", name);
	return value;
}

static inline const char *text_param(const json_t *request, const char *name)
{
	return json_string_value(param(request, name));
}

static inline uint64_t number_param(const json_t *request, const char *name)
{
	cr_assert(json_is_integer(param(request, name)));
	return (uint64_t)json_integer_value(param(request, name));
}

/* The names of an array, as "flash open". */
static inline const char *names_param(const json_t *request, const char *name)
{
	static char text[128];
	const json_t *one;
	size_t i;

	text[0] = '\0';
	json_array_foreach (param(request, name), i, one) {
		size_t len = strlen(text);

		(void)snprintf(text + len, sizeof(text) - len, "%s%s",
			len == 0 ? "" : " ", json_string_value(one));
	}
	return text;
}

static inline void answer_info(json_t *request)
{
	node_answer(request, "result",
		json_pack("{s:s, s:s}", "id", ID_A, "alias", "a"));
}

static inline void answer_registered(json_t *request)
{
	node_answer(request, "result",
		json_pack("{s:s, s:b, s:b, s:i, s:i, s:[]}", "car", "roadster",
			"holds", true, "paused", false, "deadline_ms", 60000,
			"take_ms", 5000, "offers"));
}

/* What a poll is answered where there is no news; more is set by the test. */
static inline json_t *poll_result(const json_t *request)
{
	return json_pack("{s:I, s:b, s:[]}", "serial",
		(json_int_t)number_param(request, "serial"), "paused", false,
		"holds");
}

static inline double timeout_of(const json_t *request)
{
	return json_number_value(
		json_object_get(json_object_get(request, "params"), "timeout"));
}

static inline json_t *poll_with(
	const json_t *request, const char *member, json_t *value)
{
	json_t *result = poll_result(request);

	cr_assert_eq(json_object_set_new(result, member, value), 0);
	return result;
}

static inline void answer_poll(json_t *request)
{
	node_answer(request, "result", poll_result(request));
}

/* Up to the first poll, which the caller owns. */
static inline json_t *begin_polling(void)
{
	begin();
	answer_info(take("getinfo"));
	answer_registered(take("1sat2flash-register"));
	return take("1sat2flash-poll");
}

static inline void reconnect(void)
{
	node_close();
	node_run();
	cr_assert_not(told.following);
	fake_time_pass(60 * 1000);
	node_accept();
}

static inline void end(json_t *waiting)
{
	json_decref(waiting);
	holds = holds_free(holds);
	rpc = rpc_free(rpc);
	fake_time_forget();
	node_deinit();
}

static inline void forget_told(void)
{
	memset(&told, 0, sizeof(told));
}

static inline void assert_why(const char *text)
{
	cr_assert_not(told.following);
	cr_assert_not_null(
		strstr(told.why, text), "\"%s\", not %s", told.why, text);
}
