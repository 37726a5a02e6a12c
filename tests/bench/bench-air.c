/* SPDX-License-Identifier: MIT */

/*
 * Commands to a simulated car over the virtual air of tests/vm: the car layer
 * on the Bluetooth link, without the rest of the bridge.  What goes over the
 * link is counted and timed between the two.
 *
 *   bench-air VIN KEY.pem FLOOR_MS COLD WARM
 *
 * FLOOR_MS is the figure of bench-att, COLD and WARM are how often.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "car/car.h"
#include "figure.h"
#include "keys/signer.h"
#include "link/bluez.h"
#include "util/clock.h"
#include "vehicle/vehicle.h"

enum {
	JOB_MAX_MS = 60 * 1000,
	N_MAX = 1000,
	/* The link that is closed needs a moment to be gone. */
	REST_MS = 300,
};

/* A link in front of another one, which it owns. */
struct tap {
	struct link link;
	struct link *inner;
	uint64_t heard_ns; /* 0: not yet, since it was opened */
	uint64_t up_ns;
	unsigned int n_sent;
};

struct trial {
	sd_event *event;
	struct signer *signer;
	struct program flash;
	const struct program none;
	const char *vin;
	struct tap *tap;
	struct car *car;
	bool is_done;
	struct car_result result;
};

/* One command: in ns, and the round trips that it took. */
struct took {
	double all, connect, last;
	unsigned int n_sent;
};

static int tap_open(struct link *link, uint64_t timeout_ms)
{
	struct tap *tap = (struct tap *)link;

	tap->heard_ns = tap->up_ns = 0;
	return link_open(tap->inner, timeout_ms);
}

static void tap_close(struct link *link)
{
	link_close(((struct tap *)link)->inner);
}

static int tap_send(struct link *link, const uint8_t *frame, size_t len)
{
	struct tap *tap = (struct tap *)link;

	tap->n_sent++;
	return link_send(tap->inner, frame, len);
}

static void tap_free(struct link *link)
{
	struct tap *tap = (struct tap *)link;

	(void)link_free(tap->inner);
	free(tap);
}

static void tap_get_info(const struct link *link, struct link_info *ret)
{
	link_get_info(((const struct tap *)link)->inner, ret);
}

static void tap_on_event(void *userdata, const struct link_event *event)
{
	struct tap *tap = userdata;

	/* Of several attempts, the one that led to the link counts. */
	if (event->type == LINK_HEARD && tap->heard_ns == 0)
		tap->heard_ns = figure_now_ns();
	else if (event->type == LINK_UP)
		tap->up_ns = figure_now_ns();
	tap->link.handler(tap->link.userdata, event);
}

static struct tap *tap_new(const struct trial *trial)
{
	static const struct link_ops ops = {
		.open = tap_open,
		.close = tap_close,
		.send = tap_send,
		.free = tap_free,
		.get_info = tap_get_info,
	};
	char name[VEHICLE_NAME_SIZE];
	struct tap *tap = calloc(1, sizeof(*tap));

	if (tap == NULL)
		figure_die("no memory");
	figure_check(vehicle_name(trial->vin, name), "vehicle_name");
	figure_check(link_bluez_new(trial->event,
			     &(struct link_bluez_config){
				     .name = name,
				     .adapter = "hci0",
			     },
			     &tap->inner),
		"link_bluez_new");
	link_set_handler(tap->inner, tap_on_event, tap);
	tap->link.ops = &ops;
	return tap;
}

static int on_before(void *userdata, const struct car_step *step,
	const struct car_state *state, char why[static CAR_WHY_SIZE])
{
	(void)userdata;
	(void)step;
	(void)state;
	(void)why;
	return 0;
}

static void on_after(void *userdata, const struct car_step *step,
	enum outcome outcome, const char *why)
{
	(void)userdata;
	(void)step;
	(void)outcome;
	(void)why;
}

static void on_done(void *userdata, const struct car_result *result)
{
	struct trial *trial = userdata;

	trial->is_done = true;
	trial->result = *result;
}

static void on_changed(void *userdata)
{
	(void)userdata;
}

static void begin_car(struct trial *trial)
{
	static const struct car_ops ops = {
		.before_step = on_before,
		.after_step = on_after,
		.done = on_done,
		.changed = on_changed,
		.looked = on_changed,
	};

	trial->tap = tap_new(trial);
	figure_check(car_new(trial->event,
			     &(struct car_config){
				     .vin = trial->vin,
				     .signer = trial->signer,
				     .link = &trial->tap->link,
				     .hold = LINK_HOLD_ON_DEMAND,
			     },
			     &ops, trial, &trial->car),
		"car_new");
}

/* Serves the loop until @end_ns, or until the command is done. */
static void serve(struct trial *trial, uint64_t end_ns)
{
	uint64_t now_ns;

	while (!trial->is_done && (now_ns = figure_now_ns()) < end_ns)
		if (sd_event_run(trial->event, (end_ns - now_ns) / 1000) < 0)
			figure_die("the event loop failed");
}

static void rest(struct trial *trial)
{
	trial->is_done = false;
	serve(trial, figure_now_ns() + REST_MS * UINT64_C(1000000));
}

static struct took flash(struct trial *trial)
{
	const struct car_job job = {
		.kind = CAR_JOB_RUN,
		.steps = &trial->flash,
		.undo = &trial->none,
		.start_by_ms = clock_boottime_ms() + JOB_MAX_MS,
	};
	uint64_t began_ns = figure_now_ns(), end_ns;
	struct tap *tap = trial->tap;

	trial->is_done = false;
	tap->n_sent = 0;
	figure_check(car_begin(trial->car, &job), "car_begin");
	serve(trial, began_ns + JOB_MAX_MS * UINT64_C(1000000));
	end_ns = figure_now_ns();
	if (!trial->is_done || trial->result.outcome != OUTCOME_CONFIRMED)
		figure_die("the car did not flash: %s", trial->result.why);

	return (struct took){
		.all = (double)(end_ns - began_ns),
		.connect = (double)(tap->up_ns - tap->heard_ns),
		.last = (double)(end_ns - tap->up_ns),
		.n_sent = tap->n_sent,
	};
}

struct samples {
	size_t n;
	double all[N_MAX], connect[N_MAX], last[N_MAX];
	unsigned int n_sent_max;
};

static void add(struct samples *samples, struct took took)
{
	samples->all[samples->n] = took.all;
	samples->connect[samples->n] = took.connect;
	samples->last[samples->n++] = took.last;
	if (took.n_sent > samples->n_sent_max)
		samples->n_sent_max = took.n_sent;
}

static void print_ms(
	const char *name, double *ns, size_t n, double percent, double floor_ms)
{
	figure_print(&(struct figure){
		.name = name,
		.value = figure_percentile(ns, n, percent) / 1e6,
		.unit = "ms",
		.floor = floor_ms,
		.rule = FIGURE_NO_RULE,
	});
}

static void print_trips(
	const char *name, unsigned int n, double floor, double target)
{
	figure_print(&(struct figure){
		.name = name,
		.value = n,
		.unit = "round trips",
		.floor = floor,
		.rule = FIGURE_AT_MOST,
		.target = target,
	});
}

static void print_all(struct samples *cold, struct samples *warm,
	struct samples *again, double floor_ms)
{
	print_ms("air: car heard to link ready, p50", cold->connect, cold->n,
		50, floor_ms);
	print_ms("air: link ready to first answer, cold, p50", cold->last,
		cold->n, 50, floor_ms);
	print_ms("air: command to answer, link closed, p50", cold->all, cold->n,
		50, floor_ms);
	print_ms("air: the same with sessions that survived, p50", again->all,
		again->n, 50, floor_ms);
	print_ms("air: command to answer, warm, p50", warm->all, warm->n, 50,
		floor_ms);
	print_ms("air: command to answer, warm, p99", warm->all, warm->n, 99,
		floor_ms);
	/* Two handshakes and the command; it also asks whether it sleeps. */
	print_trips(
		"air: round trips of a cold command", cold->n_sent_max, 3, 4);
	print_trips("air: round trips of the first command after a reconnect",
		again->n_sent_max, 1, 1);
	print_trips(
		"air: round trips of a warm command", warm->n_sent_max, 1, 1);
}

int main(int argc, char **argv)
{
	static struct samples cold, warm, again;
	struct trial trial = { 0 };
	char why[WHY_SIZE];
	double floor_ms;
	int n_cold, n_warm;

	if (argc != 6 || sscanf(argv[3], "%lf", &floor_ms) != 1 ||
		sscanf(argv[4], "%d", &n_cold) != 1 || n_cold < 1 ||
		sscanf(argv[5], "%d", &n_warm) != 1 || n_warm < 1 ||
		n_cold > N_MAX || n_warm > N_MAX)
		figure_die("usage: bench-air VIN KEY FLOOR_MS COLD WARM");
	trial.vin = argv[1];
	figure_check(signer_load(argv[2], &trial.signer), argv[2]);
	figure_check(sd_event_new(&trial.event), "sd_event_new");
	figure_check(program_append(&trial.flash, "flash-lights", why), why);

	for (int i = 0; i < n_cold; i++) {
		begin_car(&trial);
		add(&cold, flash(&trial));
		if (i == n_cold - 1)
			break;
		trial.car = car_free(trial.car);
		rest(&trial);
	}
	for (int i = 0; i < n_warm; i++)
		add(&warm, flash(&trial));
	for (int i = 0; i < n_cold; i++) {
		figure_check(car_lend(trial.car), "car_lend");
		rest(&trial);
		car_take_back(trial.car);
		add(&again, flash(&trial));
	}
	print_all(&cold, &warm, &again, floor_ms);

	trial.car = car_free(trial.car);
	rest(&trial);
	(void)sd_event_unref(trial.event);
	(void)signer_free(trial.signer);
	return EXIT_SUCCESS;
}
