/* SPDX-License-Identifier: MIT */

#include "car/core.h"

#include "util/clock.h"

static int add_sources(struct car *car, sd_event *event)
{
	int r;

	/* Without the 1 ms, sd-event would take 250 to save wake-ups. */
	r = sd_event_add_time(
		event, &car->timer, CLOCK_BOOTTIME, 0, 1000, car_on_timer, car);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(car->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	r = sd_event_add_defer(event, &car->defer, car_on_defer, car);
	if (r < 0)
		return r;

	/* A link that is held is taken up by the loop. */
	return sd_event_source_set_enabled(car->defer,
		car->hold.mode == LINK_HOLD_ON_DEMAND ? SD_EVENT_OFF
						      : SD_EVENT_ONESHOT);
}

int car_new(sd_event *event, const struct car_config *config,
	const struct car_ops *ops, void *userdata, struct car **ret)
{
	_cleanup_(car_freep) struct car *car = NULL;
	int r;

	car = calloc(1, sizeof(*car));
	if (car == NULL)
		return -ENOMEM;

	car->ops = ops;
	car->userdata = userdata;
	car->trouble = "";
	car->armed_ms = CLOCK_NEVER;
	car->job_until_ms = car->connect_ms = CLOCK_NEVER;
	car->link_hold = config->hold;
	hold_init(&car->hold, config->hold);

	r = vehicle_new(
		config->vin, config->signer, wire_random, NULL, &car->vehicle);
	if (r != 0)
		return r;
	r = add_sources(car, event);
	if (r < 0)
		return r;

	wire_init(&car->wire, config->link);
	link_set_handler(config->link, car_on_link, car);
	*ret = steal_ptr(&car);
	return 0;
}

struct car *car_free(struct car *car)
{
	if (car == NULL)
		return NULL;

	sd_event_source_disable_unref(car->timer);
	sd_event_source_disable_unref(car->defer);
	link_free(car->wire.link);
	vehicle_free(car->vehicle);
	free(car->read.report);
	free(car);
	return NULL;
}

int car_begin(struct car *car, const struct car_job *job)
{
	if (car->is_lent)
		return CAR_E_LENT;
	if (car->has_job)
		return CAR_E_BUSY;

	look_stop(car);
	read_stop(car, CAR_READ_DISPLACED, "an order came first; try again");
	car_stop_holding(car);
	job_init(&car->job, job, clock_boottime_ms());
	car->has_job = true;
	wire_hurry(&car->wire);
	car_pump(car);

	return 0;
}

void car_stop(struct car *car, const char *why)
{
	if (!car->has_job)
		return;

	if (job_stop(&car->job, why))
		vehicle_cancel(car->vehicle, clock_boottime_ms());
	car_pump_later(car);
}

bool car_is_ready(const struct car *car, const struct car_job *job)
{
	struct job_view view = car_view(car);
	struct job_action action;
	struct job probe;
	uint64_t now_ms = clock_boottime_ms();

	if (car->has_job || car->is_lent || car->wire.is_sending ||
		job->kind != CAR_JOB_RUN)
		return false;

	/* What car_begin() would do first, on a copy. */
	job_init(&probe, job, now_ms);
	job_next(&probe, now_ms, &view, &action);

	return action.type == JOB_ASK &&
	       vehicle_has_session(car->vehicle, DOMAIN_VEHICLE_SECURITY) &&
	       vehicle_has_session(car->vehicle,
		       command_info(action.step.step->command.id)->domain);
}

int car_look(struct car *car)
{
	if (car->is_lent)
		return CAR_E_LENT;
	if (car_is_busy(car))
		return CAR_E_BUSY;

	car_stop_holding(car);
	car->look = LOOK_VCSEC;
	car->look_knows = false;
	wire_hurry(&car->wire);
	/* From the loop: a link that fails at once does so there. */
	car_pump_later(car);

	return 0;
}

int car_read(struct car *car, enum command_id id, bool may_wake)
{
	struct report *report;

	if (report_part(id) == NULL)
		return -EINVAL;
	if (car->is_lent)
		return CAR_E_LENT;
	if (car_is_busy(car))
		return CAR_E_BUSY;
	report = malloc(sizeof(*report));
	if (report == NULL)
		return -ENOMEM;

	car_stop_holding(car);
	read_begin(car, id, may_wake, report);
	wire_hurry(&car->wire);
	car_pump_later(car);

	return 0;
}

int car_lend(struct car *car)
{
	if (car->is_lent)
		return CAR_E_LENT;
	if (car_is_busy(car))
		return CAR_E_BUSY;

	car_stop_holding(car);
	car->is_lent = true;
	car_close_link(car);
	car_set_changed(car);
	car_pump(car);

	return 0;
}

void car_take_back(struct car *car)
{
	if (!car->is_lent)
		return;

	car->is_lent = false;
	wire_hurry(&car->wire);
	hold_init(&car->hold, car->hold.mode);
	car_set_changed(car);
}

bool car_is_busy(const struct car *car)
{
	return car->has_job || car->look != LOOK_NONE ||
	       car->read.phase != READ_NONE;
}

bool car_is_connected(const struct car *car)
{
	return car->wire.is_up;
}

bool car_has_session(const struct car *car, enum domain domain)
{
	return vehicle_has_session(car->vehicle, domain);
}

const struct car_state *car_state(const struct car *car)
{
	return vehicle_state(car->vehicle);
}

const char *car_problem(const struct car *car)
{
	return car->problem;
}

void car_get_info(const struct car *car, struct car_info *ret)
{
	*ret = (struct car_info){
		.is_lent = car->is_lent,
		.trouble =
			vehicle_locked_until(car->vehicle) > clock_boottime_ms()
				? "locked-out"
				: car->trouble,
	};
	link_get_info(car->wire.link, &ret->link);
}
