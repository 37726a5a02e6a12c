/* SPDX-License-Identifier: MIT */

#include "lightning/holds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lightning/asks.h"
#include "lightning/hold.h"
#include "util/bytes.h"
#include "util/duration.h"

enum {
	/* Beyond its own timeout a call is answered within this, or never. */
	STALL_S = 30,
	/* What the plugin refuses may be mended at the node at any time. */
	AGAIN_MAX_MS = 30 * 1000,
	BOOT_BYTES = 16,
	/* The last poll, and the one that ends it. */
	POLLS_MAX = 2,
};

struct holds {
	const struct holds_config *config;
	const struct holds_ops *ops;
	void *userdata;
	struct rpc *rpc; /* shared */
	/* Try again, or, where something is asked: the answer is lost. */
	sd_event_source *timer;
	bool is_backing_off;
	uint64_t backoff_ms;

	char boot[HEX_SIZE(BOOT_BYTES)]; /* of this process */
	char node_id[INVOICES_ID_SIZE];
	bool following;
	bool is_busy;     /* see holds_set_busy() */
	bool is_stopping; /* the next poll is the last one */
	bool is_stopped;
	bool is_paused; /* as the plugin said last */

	uint64_t serial; /* of the last poll */
	uint64_t got;    /* of the last one that was answered */
	size_t n_polls;  /* that are out */
	uint64_t open;
	bool is_news;  /* ->open, which no poll has told yet */
	bool is_owing; /* ->owed, which no registration has told yet */

	struct holds_owed owed[HOLDS_OWED_MAX];
	size_t n_owed;

	struct asks asks;

	struct invoice_texts texts;
};

static void start(struct holds *holds);

static void set_following(struct holds *holds, bool following, const char *why)
{
	if (following && holds->following)
		return;
	holds->following = following;
	holds->ops->changed(holds->userdata, following, why);
}

static void arm(struct holds *holds, uint64_t ms)
{
	(void)sd_event_source_set_time_relative(holds->timer, ms * 1000);
	(void)sd_event_source_set_enabled(holds->timer, SD_EVENT_ONESHOT);
}

/* The line is fine, but the plugin does not do as it is asked. */
static void retry(struct holds *holds, const char *why, const char *detail)
{
	char delay[DURATION_TEXT_SIZE], safe[INVOICES_WHY_SIZE / 2];
	char sentence[INVOICES_WHY_SIZE];

	holds->backoff_ms = holds->backoff_ms == 0 ? RPC_BACKOFF_MIN_MS
						   : 2 * holds->backoff_ms;
	if (holds->backoff_ms > AGAIN_MAX_MS)
		holds->backoff_ms = AGAIN_MAX_MS;
	holds->is_backing_off = true;
	arm(holds, holds->backoff_ms);

	duration_print(holds->backoff_ms, delay);
	text_printable(detail, safe, sizeof(safe));
	(void)snprintf(sentence, sizeof(sentence), "%s%s, trying again in %s",
		why, safe, delay);
	set_following(holds, false, sentence);
}

/* Registering: what the plugin says no to, in words for the owner. */
static void refuse(struct holds *holds, const struct rpc_answer *answer)
{
	if (answer->code == HOLD_UNKNOWN_METHOD)
		retry(holds,
			"the node has no plugin 1sat2flash-node, which the "
			"menu asks for: see 1sat2flash-node(8)",
			"");
	else
		retry(holds, "the node's plugin refuses: ", answer->message);
}

/* Returns false if it was not sent; then something else will come. */
static bool call(struct holds *holds, const char *method, json_t *params,
	rpc_handler_t handler, uint64_t wait_s)
{
	int r;

	r = rpc_call(holds->rpc, method, params, handler, holds);
	if (r == RPC_E_DOWN)
		return false;
	if (r != 0) {
		retry(holds, "the node cannot be asked: ",
			r == RPC_E_FULL ? "too much is asked of it already"
					: strerror(-r));
		return false;
	}

	holds->is_backing_off = false;
	arm(holds, (wait_s + STALL_S) * 1000);
	return true;
}

static void tell_offers(struct holds *holds, const json_t *result)
{
	const json_t *array = json_object_get(result, "offers");
	struct holds_offer offers[HOLDS_OFFERS_MAX];

	if (array != NULL)
		holds->ops->offers(holds->userdata, offers,
			hold_read_offers(array, offers));
}

static void tell_paused(struct holds *holds, const json_t *result)
{
	const json_t *paused = json_object_get(result, "paused");

	if (!json_is_boolean(paused) ||
		json_is_true(paused) == holds->is_paused)
		return;
	holds->is_paused = json_is_true(paused);
	holds->ops->paused(holds->userdata, holds->is_paused);
}

/* Gives the owner what the plugin holds for us. */
static void deliver(struct holds *holds, const json_t *result)
{
	const json_t *array = json_object_get(result, "holds"), *object;
	struct hold hold;
	size_t i;

	json_array_foreach (array, i, object) {
		/* What cannot be read is not acted on; its time runs out. */
		if (holds->is_stopped ||
			!hold_read(object, &holds->texts, &hold))
			continue;
		hold.node_id = holds->node_id;
		holds->ops->held(holds->userdata, &hold);
	}
}

/* What the owner had given back at the node. */
static void tell_refunded(struct holds *holds, const json_t *result)
{
	const json_t *array = json_object_get(result, "refunded"), *object;
	char hash[INVOICES_HASH_SIZE];
	size_t i;

	json_array_foreach (array, i, object) {
		const char *state =
			json_string_value(json_object_get(object, "state"));

		if (state != NULL && strcmp(state, "paid") == 0 &&
			invoice_read_hash(
				json_object_get(object, "payment_hash"), hash))
			holds->ops->refunded(holds->userdata, hash, 0, 0, "");
	}
}

static void on_polled(void *userdata, const struct rpc_answer *answer);

/* How long a poll may wait; see holds_set_busy(). */
static int poll_ms(const struct holds *holds)
{
	bool is_far = holds->config->node_id[0] != '\0';

	if (holds->is_stopping)
		return 1000;
	if (is_far && holds->is_busy)
		return HOLDS_BUSY_POLL_MS;
	return is_far && !holds->config->holds ? HOLDS_SHARED_POLL_MS
					       : HOLDS_POLL_S * 1000;
}

/*
 * Asks for what is held.  A poll that is out is ended by the next, which is
 * sent at once where what is on sale has changed.
 */
static void poll(struct holds *holds)
{
	json_t *open;

	if (holds->is_stopped || holds->n_polls == POLLS_MAX)
		return;
	open = hold_open_names(holds->config, holds->open);
	if (!call(holds, "1sat2flash-poll",
		    open == NULL
			    ? NULL
			    : json_pack("{s:s, s:s, s:I, s:I, s:o, s:f}", "car",
				      holds->config->car, "boot", holds->boot,
				      "serial", (json_int_t)holds->serial + 1,
				      "got", (json_int_t)holds->got, "open",
				      open, "timeout", poll_ms(holds) / 1000.0),
		    on_polled,
		    /* It may wait behind the one that is out. */
		    (holds->n_polls + 1) * HOLDS_POLL_S))
		return;

	holds->serial++;
	holds->n_polls++;
	holds->is_news = false;
}

static void on_polled(void *userdata, const struct rpc_answer *answer)
{
	struct holds *holds = userdata;
	const json_t *serial;

	holds->n_polls--;
	if (answer->status == RPC_E_NODE) {
		/* Ended by the next one of ours, which is out. */
		if (answer->code == HOLD_STALE && holds->n_polls > 0) {
			if (holds->is_news)
				poll(holds);
		} else if (answer->code == HOLD_STALE) {
			retry(holds,
				"another bridge is at work for this car at "
				"the node; give each car a name of its own",
				"");
		} else if (answer->code == HOLD_NOT_REGISTERED) {
			start(holds);
		} else {
			refuse(holds, answer);
		}
		return;
	}
	if (answer->status != 0)
		return;

	serial = json_object_get(answer->result, "serial");
	if (!json_is_integer(serial) ||
		(uint64_t)json_integer_value(serial) > holds->serial) {
		rpc_fail(holds->rpc, "the node's plugin answered a poll that "
				     "nobody made");
		return;
	}
	if ((uint64_t)json_integer_value(serial) > holds->got)
		holds->got = (uint64_t)json_integer_value(serial);
	holds->backoff_ms = 0;
	set_following(holds, true, "");
	tell_paused(holds, answer->result);
	tell_offers(holds, answer->result);
	tell_refunded(holds, answer->result);
	deliver(holds, answer->result);
	holds->ops->polled(holds->userdata);
	if (holds->is_owing)
		start(holds);
	else if (holds->n_polls == 0 || holds->is_news)
		poll(holds);
}

static void on_registered(void *userdata, const struct rpc_answer *answer)
{
	struct holds *holds = userdata;

	if (answer->status == RPC_E_NODE)
		refuse(holds, answer);
	if (answer->status != 0)
		return;

	tell_paused(holds, answer->result);
	tell_offers(holds, answer->result);
	set_following(holds, true, "");
	asks_flush(&holds->asks);
	if (holds->n_polls == 0 || holds->is_news)
		poll(holds);
}

static void on_info(void *userdata, const struct rpc_answer *answer)
{
	struct holds *holds = userdata;
	uint8_t bytes[INVOICES_ID_SIZE / 2];
	const char *id;

	if (answer->status == RPC_E_NODE)
		retry(holds,
			"the node does not say who it is: ", answer->message);
	if (answer->status != 0)
		return;
	id = json_string_value(json_object_get(answer->result, "id"));
	if (id == NULL || hex_decode(id, bytes, sizeof(bytes)) < 0) {
		rpc_fail(holds->rpc, "the node says no id of its own");
		return;
	}

	hex_encode(bytes, sizeof(bytes), holds->node_id);
	start(holds);
}

/*
 * From the beginning: who the node is, then what we sell.  A poll that is out
 * has its time all the same.
 */
static void start(struct holds *holds)
{
	if (holds->node_id[0] == '\0') {
		(void)call(holds, "getinfo", json_object(), on_info, 0);
		return;
	}

	if (call(holds, "1sat2flash-register",
		    hold_registration(holds->config, holds->boot, holds->owed,
			    holds->n_owed),
		    on_registered, holds->n_polls > 0 ? HOLDS_POLL_S : 0))
		holds->is_owing = false;
}

/* What is asked for a payment */

int holds_take(struct holds *holds, const char *payment_hash, bool keeps)
{
	return asks_take(&holds->asks, payment_hash, keeps);
}

int holds_decide(struct holds *holds, const char *payment_hash, bool settle,
	const char *outcome, const char *why)
{
	return asks_decide(&holds->asks, payment_hash, settle, outcome, why);
}

int holds_refund(struct holds *holds, const char *payment_hash, uint64_t msat)
{
	return asks_refund(&holds->asks, payment_hash, msat);
}

void holds_set_open(struct holds *holds, uint64_t open)
{
	if (open == holds->open)
		return;
	holds->open = open;
	holds->is_news = true;
	if (holds->following && holds->n_polls > 0)
		poll(holds);
}

void holds_set_busy(struct holds *holds, bool is_busy)
{
	holds->is_busy = is_busy;
}

void holds_set_owed(
	struct holds *holds, const struct holds_owed *owed, size_t n)
{
	holds->n_owed = n < HOLDS_OWED_MAX ? n : HOLDS_OWED_MAX;
	if (n > 0)
		memcpy(holds->owed, owed, holds->n_owed * sizeof(*owed));
	/* With the answer of the poll that is out, or the first connection. */
	holds->is_owing = true;
}

void holds_stop(struct holds *holds)
{
	/*
	 * The last poll ends soon: the car is away then, unless it was only a
	 * restart, which is to disturb no offer.
	 */
	holds->is_stopping = true;
	if (holds->following)
		poll(holds);
	holds->is_stopped = true;
}

/* The connection */

static void on_up(void *userdata)
{
	struct holds *holds = userdata;

	start(holds);
	asks_flush(&holds->asks);
}

/* Those that were out have been told by their calls. */
static void on_down(void *userdata, const char *why)
{
	struct holds *holds = userdata;

	(void)sd_event_source_set_enabled(holds->timer, SD_EVENT_OFF);
	holds->n_polls = 0;
	asks_lose(&holds->asks);
	set_following(holds, false, why);
}

static const struct rpc_ops rpc_ops = {
	.up = on_up,
	.down = on_down,
};

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct holds *holds = userdata;

	(void)source;
	(void)usec;
	if (holds->is_backing_off)
		start(holds);
	else if (!holds->is_stopped)
		rpc_fail(holds->rpc, "the node's plugin has stopped to answer");
	return 0;
}

int holds_new(sd_event *event, struct rpc *rpc,
	const struct holds_config *config, const struct holds_ops *ops,
	void *userdata, struct holds **ret)
{
	_cleanup_(holds_freep) struct holds *holds = NULL;
	uint8_t boot[BOOT_BYTES];
	int r;

	holds = calloc(1, sizeof(*holds));
	if (holds == NULL)
		return -ENOMEM;
	holds->config = config;
	holds->ops = ops;
	holds->userdata = userdata;
	if (getrandom(boot, sizeof(boot), 0) != sizeof(boot))
		return -errno;
	hex_encode(boot, sizeof(boot), holds->boot);
	(void)snprintf(
		holds->node_id, sizeof(holds->node_id), "%s", config->node_id);

	r = sd_event_add_time_relative(
		event, &holds->timer, CLOCK_BOOTTIME, 0, 0, on_timer, holds);
	if (r >= 0)
		r = sd_event_source_set_enabled(holds->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	r = rpc_join(rpc, &rpc_ops, holds);
	if (r != 0)
		return err_fold(r);
	holds->rpc = rpc;
	holds->asks = (struct asks){
		.rpc = rpc,
		.car = config->car,
		.boot = holds->boot,
		.ops = ops,
		.userdata = userdata,
	};

	*ret = steal_ptr(&holds);
	return 0;
}

struct holds *holds_free(struct holds *holds)
{
	if (holds == NULL)
		return NULL;

	if (holds->rpc != NULL)
		rpc_leave(holds->rpc, holds);
	asks_deinit(&holds->asks);
	sd_event_source_disable_unref(holds->timer);
	free(holds);
	return NULL;
}

bool holds_is_following(const struct holds *holds)
{
	return holds->following;
}

const char *holds_node_id(const struct holds *holds)
{
	return holds->node_id;
}
