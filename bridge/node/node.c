/* SPDX-License-Identifier: MIT */

#include "node/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/claim.h"
#include "node/done.h"
#include "node/guard_lock.h"
#include "node/holds.h"
#include "node/methods.h"
#include "node/offers.h"
#include "node/owner.h"
#include "node/payment.h"
#include "node/polls.h"
#include "node/refund.h"
#include "util/clock.h"

enum {
	TIMER_ACCURACY_US = 10 * 1000,
};

static const char option_deadline[] = "1sat2flash-deadline";
static const char option_refund_daily[] = "1sat2flash-refund-daily";

const char *node_why_unguarded(const struct node *node)
{
	const struct guard_peer plugin = {
		.lightningd = getppid(),
		.startup = node->startup,
		.started_ms = node->started_ms,
	};

	return guard_lock_why_not(node->state.fd, &plugin);
}

void node_car_changed(struct node *node, struct car_entry *car)
{
	/* Before it is wired, there is nothing to be told. */
	if (node->offers != NULL)
		offers_update(node->offers, car);
	if (node->refunds != NULL)
		polls_wake(node, car);
}

void node_offers_changed(struct node *node, struct car_entry *car)
{
	car->poll.offers_now++;
	if (node->refunds != NULL)
		polls_wake(node, car);
}

bool node_holds_offer(const struct node *node, const char *offer_id)
{
	const struct hold *hold = holds_first(node->holds);

	while (hold != NULL && strcmp(hold->offer_id, offer_id) != 0)
		hold = hold->next;

	return hold != NULL;
}

/* --- what the holds ask for ------------------------------------------------ */

/* If nothing comes of it, the hold's own deadline says so. */
static void on_invoice(void *userdata, const struct rpc_answer *answer)
{
	struct node *node = userdata;
	struct payment_invoice invoice;
	struct hold_invoice told;
	int64_t left_s;

	if (answer->status != 0 ||
		!payment_read_invoice(answer->result, &invoice))
		return;

	left_s = invoice.expires_at_s - clock_wall_s();
	told = (struct hold_invoice){
		.expires_in_ms = left_s > 0 ? (uint64_t)left_s * 1000 : 0,
		.offer_id = invoice.offer_id,
		.description = invoice.description,
		.payer_note = invoice.payer_note,
	};
	holds_looked_up(node->holds, invoice.hash, &told, clock_boottime_ms());
}

static void look_up(void *userdata, const struct hold *hold)
{
	struct node *node = userdata;

	if (calls_make(node->lookups, "listinvoices",
		    json_pack("{s:s}", "label", hold->label), HOLDS_LOOK_MS,
		    on_invoice, node, NULL) != 0)
		plugin_log(node->plugin, PLUGIN_UNUSUAL,
			"There are too many questions to lightningd.");
}

static int read_mark(void *userdata, const char *hash, struct mark_state *ret)
{
	struct node *node = userdata;

	return mark_read(node->state.marks_fd, hash, ret);
}

static int write_mark(void *userdata, const char *hash, enum mark mark)
{
	struct node *node = userdata;
	int r;

	r = mark_write(node->state.marks_fd, hash, mark);
	if (r < 0)
		plugin_log(node->plugin, PLUGIN_BROKEN,
			"What becomes of the payment %.8s... cannot be written "
			"to the disk: %s.",
			hash, strerror(-r));
	return r;
}

static bool is_guarded(void *userdata)
{
	return node_why_unguarded(userdata) == NULL;
}

static void answer_hook(void *userdata, void *id, bool settles)
{
	(void)userdata;

	if (settles)
		plugin_continue(id);
	else
		plugin_reject(id);
}

static void on_changed(void *userdata, struct car_entry *car)
{
	node_car_changed(userdata, car);
}

static void on_ended(void *userdata, const struct hold_end *end)
{
	struct node *node = userdata;
	struct car_entry *car =
		cars_find_offer(node->cars, end->offer_id, NULL, NULL);

	if (end->settles && car != NULL)
		offers_settle(car, end->offer_id);
	recent_end(node, end);
}

static const struct holds_ops holds_ops = {
	.look_up = look_up,
	.read_mark = read_mark,
	.write_mark = write_mark,
	.is_guarded = is_guarded,
	.answer = answer_hook,
	.changed = on_changed,
	.ended = on_ended,
};

/* --- time ------------------------------------------------------------------ */

static void clean_marks(struct node *node, uint64_t now_ms)
{
	int n;

	node->clean_ms = now_ms + NODE_CLEAN_MS;
	/* By one that is years ahead, each would be old. */
	if (!clock_wall_is_set())
		return;
	n = mark_clean(node->state.marks_fd);
	if (n < 0)
		plugin_log(node->plugin, PLUGIN_UNUSUAL,
			"Old marks cannot be removed: %s.", strerror(-n));
	else if (n > 0)
		plugin_log(node->plugin, PLUGIN_DEBUG,
			"%d old marks were removed.", n);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *p)
{
	struct node *node = p;
	uint64_t now_ms = clock_boottime_ms();

	(void)source;
	(void)usec;

	holds_tick(node->holds, now_ms);
	polls_tick(node, now_ms);
	if (node->clean_ms <= now_ms)
		clean_marks(node, now_ms);
	return 0;
}

/* Each round of the loop may have moved the next deadline. */
static int on_after(sd_event_source *source, void *p)
{
	struct node *node = p;
	uint64_t now_ms = clock_boottime_ms();
	uint64_t due_ms = clock_earlier(node->clean_ms,
		clock_earlier(holds_next_ms(node->holds), polls_next_ms(node)));

	(void)source;

	(void)sd_event_source_set_time_relative(
		node->timer, due_ms <= now_ms ? 0 : (due_ms - now_ms) * 1000);
	(void)sd_event_source_set_enabled(node->timer, SD_EVENT_ONESHOT);
	return 0;
}

static int add_timers(struct node *node)
{
	int r;

	r = sd_event_add_time_relative(node->event, &node->timer,
		CLOCK_BOOTTIME, 0, TIMER_ACCURACY_US, on_timer, node);
	if (r < 0)
		return r;

	return sd_event_add_post(node->event, &node->after, on_after, node);
}

/* --- init ------------------------------------------------------------------ */

static void on_down(void *userdata, const char *why)
{
	struct node *node = userdata;

	plugin_log(node->plugin, PLUGIN_UNUSUAL, "No connection: %s.", why);
}

static void on_broken(void *userdata, const char *file, const char *why)
{
	struct node *node = userdata;

	plugin_log(node->plugin, PLUGIN_BROKEN,
		"1sat2flash/cars/%s cannot be read, as %s: until this car "
		"registers again, its payments settle before it acts.",
		file, why);
}

static int _printf_(2, 3)
	refuse(char ret_why[static PLUGIN_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_why, PLUGIN_WHY_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

static int read_options(struct node *node, const json_t *options,
	char ret_why[static PLUGIN_WHY_SIZE])
{
	const json_t *deadline = json_object_get(options, option_deadline);
	const json_t *daily = json_object_get(options, option_refund_daily);

	node->deadline_ms = HOLDS_DEADLINE_MS;
	node->refund_daily_sat = NODE_REFUND_DAILY_SAT;
	if (deadline != NULL) {
		json_int_t s = json_integer_value(deadline);

		if (s < HOLDS_DEADLINE_MIN_MS / 1000 ||
			s > HOLDS_DEADLINE_MAX_MS / 1000)
			return refuse(ret_why,
				"%s is not within %d to %d seconds",
				option_deadline, HOLDS_DEADLINE_MIN_MS / 1000,
				HOLDS_DEADLINE_MAX_MS / 1000);
		node->deadline_ms = (uint64_t)s * 1000;
	}
	if (daily != NULL) {
		json_int_t sat = json_integer_value(daily);

		if (!json_is_integer(daily) || sat < 0 ||
			sat > NODE_REFUND_DAILY_MAX_SAT)
			return refuse(ret_why, "%s is no amount in sat",
				option_refund_daily);
		node->refund_daily_sat = sat;
	}

	return 0;
}

/* All that needs lightningd, or the disk. */
static int begin(struct node *node, const char *rpc_path)
{
	int r;

	r = holds_new(
		node->cars, node->deadline_ms, &holds_ops, node, &node->holds);
	if (r == 0)
		r = calls_new(
			node->event, rpc_path, on_down, node, &node->lookups);
	if (r == 0)
		r = calls_new(
			node->event, rpc_path, on_down, node, &node->calls);
	if (r == 0)
		r = offers_new(node, &node->offers);
	if (r == 0)
		r = refunds_new(node, &node->refunds);
	if (r == 0)
		r = add_timers(node);
	return r;
}

static bool on_init(void *userdata, const struct plugin_init *init,
	char ret_why[static PLUGIN_WHY_SIZE])
{
	struct node *node = userdata;
	int r;

	node->startup = init->startup;
	node->started_ms = clock_boottime_ms();
	if (read_options(node, init->options, ret_why) < 0)
		return false;
	r = state_open(".", &node->state);
	if (r < 0) {
		(void)refuse(ret_why,
			"the folder 1sat2flash beside lightningd's files "
			"cannot be used: %s",
			strerror(-r));
		return false;
	}
	r = cars_new(node->state.cars_fd, &node->cars);
	if (r == 0)
		r = cars_load(node->cars, on_broken, node);
	if (r < 0) {
		(void)refuse(ret_why,
			"the files in 1sat2flash/cars cannot be read: %s",
			strerror(-r));
		return false;
	}
	r = begin(node, init->rpc_path);
	if (r < 0) {
		(void)refuse(ret_why, "it cannot begin: %s", strerror(-r));
		return false;
	}

	plugin_log(node->plugin, PLUGIN_DEBUG, "%zu cars are known.",
		cars_count(node->cars));
	return true;
}

/* --- what lightningd says -------------------------------------------------- */

static void on_payment(
	void *userdata, struct plugin_request *request, const json_t *object)
{
	struct node *node = userdata;
	struct payment payment;
	const struct car_entry *car = NULL;

	if (payment_read(object, &payment)) {
		holds_hook(node->holds, request, payment.hash, payment.label,
			payment.msat, clock_boottime_ms());
		return;
	}

	/* A lightningd that is not yet known is not to lose other income. */
	if (payment.label != NULL)
		car = claim_by_label(node->cars, payment.label);
	plugin_log(node->plugin, PLUGIN_BROKEN,
		"lightningd tells of a payment in a way that is not known.");
	if (car != NULL && car->claims.holds)
		plugin_reject(request);
	else
		plugin_continue(request);
}

static void on_paid(void *userdata, const json_t *object)
{
	struct payment payment;

	if (payment_read(object, &payment))
		recent_paid(userdata, payment.hash);
}

static const struct plugin_option options[] = {
	{ option_deadline, HOLDS_DEADLINE_MS / 1000,
		"Seconds in which a car has to act on a payment, 10 to 90" },
	{ option_refund_daily, NODE_REFUND_DAILY_SAT,
		"How much may be paid back by itself in 24 hours, in sat" },
	{ NULL, 0, NULL },
};

static const struct plugin_method methods[] = {
	{ "1sat2flash-register",
		"car boot holds labels addresses descriptions actions [owed]",
		"A car says which payments are its own", methods_register },
	{ "1sat2flash-poll", "car boot serial got open timeout",
		"A car waits for its payments", methods_poll },
	{ "1sat2flash-take", "car boot payment_hash keeps",
		"A car is about to act on a payment", methods_take },
	{ "1sat2flash-done", "car payment_hash verdict [outcome] [why]",
		"A car has acted on a payment, or not", done_method },
	{ "1sat2flash-status", "[car]",
		"Show cars, what is held for them, and the last payments",
		owner_status },
	{ "1sat2flash-owed", "[car]",
		"Show what cars were paid for and have not done", owner_owed },
	{ "1sat2flash-pause", "[car]",
		"Let {car}, or all, take no payments until resumed",
		owner_pause },
	{ "1sat2flash-resume", "[car]", "Let {car}, or all, take payments",
		owner_resume },
	{ "1sat2flash-refund", "payment_hash [amount_msat] [car]",
		"Pay back what a car took and did nothing for", owner_refund },
	{ "1sat2flash-forget", "car",
		"Forget a car that is gone: its claims and its offers",
		owner_forget },
	{ NULL, NULL, NULL, NULL },
};

static const struct plugin_config config = {
	.methods = methods,
	.options = options,
	.wants_payments = true,
	.init = on_init,
	.payment = on_payment,
	.paid = on_paid,
};

int node_new(sd_event *event, int in_fd, int out_fd, struct node **ret)
{
	_cleanup_(node_freep) struct node *node = calloc(1, sizeof(*node));
	int r;

	if (node == NULL)
		return -ENOMEM;
	node->event = sd_event_ref(event);
	node->state = STATE_NONE;
	r = plugin_new(event, in_fd, out_fd, &config, node, &node->plugin);
	if (r < 0)
		return r;

	*ret = steal_ptr(&node);
	return 0;
}

struct node *node_free(struct node *node)
{
	if (node == NULL)
		return NULL;

	sd_event_source_disable_unref(node->after);
	sd_event_source_disable_unref(node->timer);
	refunds_free(node->refunds);
	offers_free(node->offers);
	done_end(node);
	calls_free(node->calls);
	calls_free(node->lookups);
	holds_free(node->holds);
	/* The requests that all of these had are answered now. */
	plugin_free(node->plugin);
	cars_free(node->cars);
	state_close(&node->state);
	sd_event_unref(node->event);
	free(node);
	return NULL;
}
