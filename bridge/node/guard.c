/* SPDX-License-Identifier: MIT */

#include "node/guard.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/calls.h"
#include "node/cars.h"
#include "node/claim.h"
#include "node/guard_lock.h"
#include "node/payment.h"
#include "node/plugin.h"
#include "node/state.h"
#include "util/clock.h"
#include "util/fd.h"

enum {
	TIMER_ACCURACY_US = 10 * 1000,
	/*
	 * A folder that was changed so lately may change again without a new
	 * time: the kernel's are some milliseconds coarse.
	 */
	SETTLED_NS = 100 * 1000 * 1000,
};

/* A payment that waits for what the node says. */
struct guarded {
	struct guard *guard;
	struct guarded *next;
	struct plugin_request *request;
};

struct guard {
	sd_event *event;
	struct plugin *plugin;
	struct guard_peer self;
	struct state state;
	int lock_fd;
	sd_event_source *timer; /* to lock it again */
	struct cars *cars;
	struct timespec read_at; /* the folder's time; 0: read it again */
	struct calls *calls;
	struct guarded *first;
};

static int64_t ns_of(const struct timespec *ts)
{
	return ts->tv_sec * INT64_C(1000000000) + ts->tv_nsec;
}

/* The plugin says it where its owner can do something about it. */
static void on_broken(void *userdata, const char *file, const char *why)
{
	struct guard *guard = userdata;

	plugin_log(guard->plugin, PLUGIN_UNUSUAL,
		"1sat2flash/cars/%s cannot be read: %s.", file, why);
}

/*
 * The claims of now, as the plugin has written them.  Where they cannot be
 * read, those of before stay for what is looked up.
 */
static int read_cars(struct guard *guard)
{
	_cleanup_(cars_freep) struct cars *cars = NULL;
	struct timespec now;
	struct stat st;
	int r;

	if (fstat(guard->state.cars_fd, &st) < 0 ||
		clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -errno;
	if (ns_of(&guard->read_at) == ns_of(&st.st_mtim))
		return 0;

	guard->read_at = (struct timespec){ 0 };
	r = cars_new(guard->state.cars_fd, &cars);
	if (r == 0)
		r = cars_load(cars, on_broken, guard);
	if (r < 0)
		return r;

	(void)cars_free(guard->cars);
	guard->cars = steal_ptr(&cars);
	if (ns_of(&now) - ns_of(&st.st_mtim) > SETTLED_NS)
		guard->read_at = st.st_mtim;
	return 0;
}

static void reject(struct guard *guard, struct plugin_request *request,
	const char *hash, const char *why)
{
	plugin_log(guard->plugin, PLUGIN_UNUSUAL,
		"The payment %.8s... goes back: %s. Is 1sat2flash-node "
		"running, and was this guard started after it?",
		hash, why);
	plugin_reject(request);
}

static const char not_let_through[] =
	"it is a car's, and 1sat2flash-node has not let it through";

static void guarded_free(struct guarded *guarded)
{
	struct guarded **p = &guarded->guard->first;

	while (*p != guarded)
		p = &(*p)->next;
	*p = guarded->next;
	free(guarded);
}

static void on_invoice(void *userdata, const struct rpc_answer *answer)
{
	struct guarded *guarded = userdata;
	struct guard *guard = guarded->guard;
	struct plugin_request *request = guarded->request;
	const struct car_entry *car = NULL;
	struct payment_invoice invoice;

	guarded_free(guarded);
	if (answer->status != 0 ||
		!payment_read_invoice(answer->result, &invoice)) {
		reject(guard, request, "?",
			"lightningd did not say what it is for");
		return;
	}

	if (invoice.offer_id != NULL)
		car = cars_find_offer(
			guard->cars, invoice.offer_id, NULL, NULL);
	if (car == NULL && invoice.description != NULL)
		car = claim_by_text(
			guard->cars, invoice.label, invoice.description);
	if (car != NULL && car->claims.holds)
		reject(guard, request, invoice.hash, not_let_through);
	else
		plugin_continue(request);
}

/* Asks the node; where that cannot be done, the money goes back. */
static void look_up(struct guard *guard, struct plugin_request *request,
	const struct payment *payment)
{
	struct guarded *guarded = calloc(1, sizeof(*guarded));

	if (guarded != NULL) {
		guarded->guard = guard;
		guarded->request = request;
		guarded->next = guard->first;
		guard->first = guarded;
		if (calls_make(guard->calls, "listinvoices",
			    json_pack("{s:s}", "label", payment->label),
			    GUARD_LOOK_MS, on_invoice, guarded, NULL) == 0)
			return;
		guarded_free(guarded);
	}
	reject(guard, request, payment->hash,
		"lightningd could not be asked what it is for");
}

static void on_payment(
	void *userdata, struct plugin_request *request, const json_t *object)
{
	struct guard *guard = userdata;
	struct payment payment;
	struct mark_state state = { .mark = MARK_NONE };
	const struct car_entry *car = NULL;
	bool is_known = payment_read(object, &payment);

	if (is_known)
		(void)!mark_read(guard->state.marks_fd, payment.hash, &state);
	if (state.mark == MARK_SETTLE) {
		plugin_continue(request);
		return;
	}
	/* The plugin had it in hand, and did not let it through. */
	if (state.mark == MARK_RETURN || mark_is_taken(state.mark)) {
		reject(guard, request, payment.hash, not_let_through);
		return;
	}
	if (read_cars(guard) < 0) {
		reject(guard, request, payment.hash,
			"1sat2flash/cars cannot be read");
		return;
	}

	if (payment.label != NULL)
		car = claim_by_label(guard->cars, payment.label);
	if (car != NULL && car->claims.holds)
		reject(guard, request, payment.hash, not_let_through);
	else if (car == NULL && is_known &&
		 claim_needs_text(guard->cars, payment.label))
		look_up(guard, request, &payment);
	else
		plugin_continue(request);
}

/* --- init ------------------------------------------------------------------ */

static int lock(struct guard *guard)
{
	int r;

	r = guard_lock_take(guard->state.fd, &guard->self, &guard->lock_fd);
	if (r != GUARD_LOCK_E_HELD)
		return r;
	(void)sd_event_source_set_time_relative(
		guard->timer, GUARD_AGAIN_MS * 1000);
	(void)sd_event_source_set_enabled(guard->timer, SD_EVENT_ONESHOT);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *p)
{
	struct guard *guard = p;
	int r;

	(void)source;
	(void)usec;

	r = lock(guard);
	if (r < 0)
		plugin_log(guard->plugin, PLUGIN_BROKEN,
			"1sat2flash/guard.lock cannot be locked: %s.",
			strerror(-r));
	return 0;
}

static void on_down(void *userdata, const char *why)
{
	struct guard *guard = userdata;

	plugin_log(guard->plugin, PLUGIN_UNUSUAL, "No connection: %s.", why);
}

static int begin(struct guard *guard, const char *rpc_path)
{
	int r;

	r = state_open(".", &guard->state);
	if (r == 0)
		r = cars_new(guard->state.cars_fd, &guard->cars);
	if (r == 0)
		r = calls_new(
			guard->event, rpc_path, on_down, guard, &guard->calls);
	if (r == 0)
		r = sd_event_add_time_relative(guard->event, &guard->timer,
			CLOCK_BOOTTIME, 0, TIMER_ACCURACY_US, on_timer, guard);
	if (r == 0)
		r = sd_event_source_set_enabled(guard->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;

	return lock(guard);
}

static bool on_init(void *userdata, const struct plugin_init *init,
	char ret_why[static PLUGIN_WHY_SIZE])
{
	struct guard *guard = userdata;
	int r;

	guard->self = (struct guard_peer){
		.lightningd = getppid(),
		.startup = init->startup,
		.started_ms = clock_boottime_ms(),
	};
	r = begin(guard, init->rpc_path);
	if (r < 0)
		(void)snprintf(ret_why, PLUGIN_WHY_SIZE,
			"the folder 1sat2flash beside lightningd's files "
			"cannot be used: %s",
			strerror(-r));
	return r == 0;
}

static const struct plugin_config config = {
	.hook_after = "1sat2flash-node",
	.init = on_init,
	.payment = on_payment,
};

int guard_new(sd_event *event, int in_fd, int out_fd, struct guard **ret)
{
	_cleanup_(guard_freep) struct guard *guard = calloc(1, sizeof(*guard));
	int r;

	if (guard == NULL)
		return -ENOMEM;
	guard->event = sd_event_ref(event);
	guard->state = STATE_NONE;
	guard->lock_fd = -1;
	r = plugin_new(event, in_fd, out_fd, &config, guard, &guard->plugin);
	if (r < 0)
		return r;

	*ret = steal_ptr(&guard);
	return 0;
}

struct guard *guard_free(struct guard *guard)
{
	if (guard == NULL)
		return NULL;

	sd_event_source_disable_unref(guard->timer);
	calls_free(guard->calls);
	while (guard->first != NULL)
		guarded_free(guard->first);
	/* What it had is answered now. */
	plugin_free(guard->plugin);
	cars_free(guard->cars);
	fd_closep(&guard->lock_fd);
	state_close(&guard->state);
	sd_event_unref(guard->event);
	free(guard);
	return NULL;
}
