/* SPDX-License-Identifier: MIT */

#include "driver.h"

#include <stdlib.h>

#include "figure.h"
#include "keys/signer.h"
#include "util/clock.h"

enum {
	JOB_MAX_MS = 60 * 1000,
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

	if (tap->n_sent++ == 0)
		tap->sent_ns = figure_now_ns();
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

static struct tap *tap_new(struct link *inner)
{
	static const struct link_ops ops = {
		.open = tap_open,
		.close = tap_close,
		.send = tap_send,
		.free = tap_free,
		.get_info = tap_get_info,
	};
	struct tap *tap = calloc(1, sizeof(*tap));

	if (tap == NULL)
		figure_die("no memory");
	tap->inner = inner;
	link_set_handler(inner, tap_on_event, tap);
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
	struct driver *driver = userdata;

	driver->is_done = true;
	driver->result = *result;
}

static void on_read(void *userdata, const struct car_reading *reading)
{
	(void)userdata;
	(void)reading;
}

static void on_changed(void *userdata)
{
	(void)userdata;
}

void driver_open(struct driver *driver, const char *vin, const char *key)
{
	char why[WHY_SIZE];

	*driver = (struct driver){ .vin = vin };
	figure_check(signer_load(key, &driver->signer), key);
	figure_check(sd_event_new(&driver->event), "sd_event_new");
	figure_check(program_append(&driver->flash, "flash-lights", why), why);
}

void driver_begin(struct driver *driver, struct link *link)
{
	static const struct car_ops ops = {
		.before_step = on_before,
		.after_step = on_after,
		.done = on_done,
		.changed = on_changed,
		.looked = on_changed,
		.read = on_read,
	};

	driver->tap = tap_new(link);
	figure_check(car_new(driver->event,
			     &(struct car_config){
				     .vin = driver->vin,
				     .signer = driver->signer,
				     .link = &driver->tap->link,
				     .hold = LINK_HOLD_ON_DEMAND,
			     },
			     &ops, driver, &driver->car),
		"car_new");
}

/* Serves the loop until @end_ns, or until the command is done. */
static void serve(struct driver *driver, uint64_t end_ns)
{
	uint64_t now_ns;

	while (!driver->is_done && (now_ns = figure_now_ns()) < end_ns)
		if (sd_event_run(driver->event, (end_ns - now_ns) / 1000) < 0)
			figure_die("the event loop failed");
}

struct took driver_flash(struct driver *driver)
{
	const struct car_job job = {
		.kind = CAR_JOB_RUN,
		.steps = &driver->flash,
		.undo = &driver->none,
		.start_by_ms = clock_boottime_ms() + JOB_MAX_MS,
	};
	uint64_t began_ns = figure_now_ns(), end_ns;
	struct tap *tap = driver->tap;

	driver->is_done = false;
	tap->n_sent = 0;
	figure_check(car_begin(driver->car, &job), "car_begin");
	serve(driver, began_ns + JOB_MAX_MS * UINT64_C(1000000));
	end_ns = figure_now_ns();
	if (!driver->is_done || driver->result.outcome != OUTCOME_CONFIRMED)
		figure_die("the car did not flash: %s", driver->result.why);

	return (struct took){
		.all = (double)(end_ns - began_ns),
		.until_sent = (double)(tap->sent_ns - began_ns),
		.connect = (double)(tap->up_ns - tap->heard_ns),
		.last = (double)(end_ns - tap->up_ns),
		.n_sent = tap->n_sent,
	};
}

void driver_rest(struct driver *driver, uint64_t ms)
{
	driver->is_done = false;
	serve(driver, figure_now_ns() + ms * UINT64_C(1000000));
}

void driver_end(struct driver *driver)
{
	driver->car = car_free(driver->car);
}

void driver_close(struct driver *driver)
{
	(void)sd_event_unref(driver->event);
	(void)signer_free(driver->signer);
}
