/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Escrow's world - real orders, and in the place of the node's plugin and the
 * car fakes that write down what they are asked
 */

#include "daemon/escrow.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "car/car.h"
#include "daemon/runner.h"
#include "lightning/holds.h"
#include "orders-money-world.h"
#include "util/log.h"

static struct world w;
static struct escrow *escrow;
static sd_event *event;
static struct problem ledger_problem = { "the ledger", LOG_ERR, "" };

static struct {
	char told[4096];
	const struct holds_ops *ops;
	void *data;
	const struct holds_config *config;
	int new_result, result; /* of holds_new(), of all that is asked */
	bool following;
	const char *node_id;
	size_t n_owed;
	struct holds_owed owed[HOLDS_OWED_MAX];
	uint64_t open;
	bool busy;
	uint64_t order_id; /* that runs */

	bool is_following;
	char why[200];
	size_t n_idle;

	sd_event_source *timer; /* the escrow's */
	uint64_t due_ms;
} fake;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
	size_t len = strlen(fake.told);
	va_list args;

	if (len > 0 && len + 2 < sizeof(fake.told))
		fake.told[len++] = ',', fake.told[len++] = ' ';
	va_start(args, format);
	(void)vsnprintf(fake.told + len, sizeof(fake.told) - len, format, args);
	va_end(args);
}

/* util/clock */

uint64_t clock_boottime_ms(void)
{
	return w.now.boot_ms;
}

int64_t clock_wall_s(void)
{
	return w.now.wall_s;
}

bool clock_wall_is_set(void)
{
	return w.now.wall_is_set;
}

/* The escrow's timer stands until turn() looks. */

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __real_sd_event_source_set_time(sd_event_source *source, uint64_t usec);

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	fake.timer = source;
	fake.due_ms = usec / 1000;
	return __real_sd_event_source_set_time(
		source, fake.due_ms <= w.now.boot_ms ? 0 : UINT64_MAX);
}

/* lightning/holds */

int holds_new(sd_event *e, struct rpc *rpc, const struct holds_config *config,
	const struct holds_ops *ops, void *userdata, struct holds **ret)
{
	(void)e;
	(void)rpc;
	if (fake.new_result != 0)
		return fake.new_result;
	fake.config = config;
	fake.ops = ops;
	fake.data = userdata;
	*ret = (struct holds *)&fake;
	return 0;
}

struct holds *holds_free(struct holds *holds)
{
	if (holds != NULL)
		tell("left");
	return NULL;
}

void holds_set_open(struct holds *holds, uint64_t open)
{
	(void)holds;
	fake.open = open;
}

void holds_set_busy(struct holds *holds, bool is_busy)
{
	(void)holds;
	fake.busy = is_busy;
}

void holds_set_owed(
	struct holds *holds, const struct holds_owed *owed, size_t n)
{
	(void)holds;
	fake.n_owed = n;
	memcpy(fake.owed, owed, n * sizeof(*owed));
	tell("owed %zu", n);
}

int holds_take(struct holds *holds, const char *payment_hash, bool keeps)
{
	(void)holds;
	tell("take%s %s", keeps ? "+keep" : "", payment_hash + 62);
	return fake.result;
}

int holds_decide(struct holds *holds, const char *payment_hash, bool settle,
	const char *outcome, const char *why)
{
	(void)holds;
	tell("%s %s %s%s%s", settle ? "settle" : "return", payment_hash + 62,
		outcome, why[0] == '\0' ? "" : ": ", why);
	return fake.result;
}

int holds_refund(struct holds *holds, const char *payment_hash, uint64_t msat)
{
	(void)holds;
	tell("refund %s %" PRIu64, payment_hash + 62, msat);
	return fake.result;
}

void holds_stop(struct holds *holds)
{
	(void)holds;
	tell("stop");
}

bool holds_is_following(const struct holds *holds)
{
	(void)holds;
	return fake.following;
}

const char *holds_node_id(const struct holds *holds)
{
	(void)holds;
	return fake.node_id;
}

/* daemon/runner */

uint64_t runner_order_id(const struct runner *runner)
{
	(void)runner;
	return fake.order_id;
}

void runner_wake(struct runner *runner)
{
	(void)runner;
	tell("wake");
}

int runner_read(struct runner *runner, enum command_id id, bool may_wake)
{
	(void)runner;
	tell("look %s%s", command_info(id)->name + strlen("state-"),
		may_wake ? "+wake" : "");
	return 0;
}

const struct car *runner_car(const struct runner *runner)
{
	(void)runner;
	return NULL;
}

const struct car_state *car_state(const struct car *car)
{
	(void)car;
	return &w.car;
}

/* What the escrow was made for. */

static void on_escrow_changed(void *userdata, bool following, const char *why)
{
	(void)userdata;
	fake.is_following = following;
	(void)snprintf(fake.why, sizeof(fake.why), "%s", why);
}

static void on_escrow_idle(void *userdata)
{
	(void)userdata;
	fake.n_idle++;
}

static void on_row(void *userdata, const struct ledger_row *row)
{
	on_change(userdata, row);
	if (escrow != NULL)
		escrow_on_order(escrow, row);
}

static inline int open_escrow(void)
{
	return escrow_new(event,
		&(const struct escrow_config){
			.menu = w.menu,
			.orders = w.orders,
			.node_id = NODE,
			.ledger = &ledger_problem,
			.changed = on_escrow_changed,
			.idle = on_escrow_idle,
		},
		&escrow);
}

/* With a world that begin() or a test itself has entered. */
static inline void begin_entered(void)
{
	fake.node_id = NODE;
	fake.following = true;
	(void)strcpy(w.menu->car_name, "roadster");
	w.menu->plugin = true;
	w.menu->hold = !w.menu->refunds;
	open_orders(&w);
	orders_on_change(w.orders, on_row, &w);
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(open_escrow(), 0);
}

static inline void begin(void)
{
	w = enter();
	begin_entered();
}

static inline void end(void)
{
	orders_on_change(w.orders, NULL, NULL);
	escrow = escrow_free(escrow);
	event = sd_event_unref(event);
	leave(&w);
}

/* Runs what is due. */
static inline void turn(void)
{
	int r;

	do {
		r = sd_event_run(event, 0);
		cr_assert_geq(r, 0);
	} while (r > 0);
}

/* What was asked since the last time. */
static inline const char *asked(void)
{
	static char text[sizeof(fake.told)];

	turn();
	memcpy(text, fake.told, sizeof(text));
	fake.told[0] = '\0';
	return text;
}

/* Time passes until the escrow's timer is due; returns how long that was. */
static inline uint64_t wait_for_timer(void)
{
	uint64_t ms;

	turn();
	cr_assert_gt(fake.due_ms, w.now.boot_ms);
	ms = fake.due_ms - w.now.boot_ms;
	pass(&w, ms);
	cr_assert_geq(__real_sd_event_source_set_time(fake.timer, 0), 0);
	return ms;
}

/* A payment of @sat that the plugin delivers; each is another one. */
static inline struct hold hold_of(uint64_t sat)
{
	const struct payment payment = held_of(&w, sat);

	return (struct hold){ .node_id = NODE,
		.payment_hash = payment.payment_hash,
		.label = payment.label,
		.msat = payment.msat,
		.age_ms = 100 };
}

static inline void deliver(const struct hold *hold)
{
	fake.ops->held(fake.data, hold);
}

/* The same, taken by the node for as long as it holds. */
static inline uint64_t deliver_and_grant(uint64_t sat)
{
	struct hold hold = hold_of(sat);

	deliver(&hold);
	fake.ops->taken(fake.data, hold.payment_hash, w.now.boot_ms + HOLD_MS);
	return w.told.order_id;
}

static inline void decided(const char *payment_hash, enum holds_state state)
{
	fake.ops->decided(fake.data, payment_hash, state);
}

static inline void refunded(
	const char *payment_hash, int status, const char *why)
{
	fake.ops->refunded(fake.data, payment_hash, status, 0, why);
}

/* The hash of the nth payment of this world. */
static inline const char *hash_of(unsigned int n)
{
	static char text[65];

	(void)snprintf(text, sizeof(text), "%064u", n);
	return text;
}
