/* SPDX-License-Identifier: MIT */

#include "fake-vehicle.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"

static struct vehicle *last;

struct vehicle *fake_vehicle(void)
{
	return last;
}

int vehicle_new(const char *vin, struct signer *signer, vehicle_random_t random,
	void *userdata, struct vehicle **ret)
{
	struct vehicle *vehicle;

	(void)signer;

	if (strlen(vin) != VEHICLE_VIN_SIZE - 1)
		return -EINVAL;
	vehicle = calloc(1, sizeof(*vehicle));
	if (vehicle == NULL)
		return -ENOMEM;

	car_state_init(&vehicle->state);
	vehicle->random = random;
	vehicle->random_userdata = userdata;
	last = vehicle;
	*ret = vehicle;
	return 0;
}

struct vehicle *vehicle_free(struct vehicle *vehicle)
{
	free(vehicle);
	return NULL;
}

void fake_output(struct vehicle *vehicle, uint8_t byte)
{
	if (vehicle->n_taken == vehicle->n_outputs)
		vehicle->n_taken = vehicle->n_outputs = 0;
	assert(vehicle->n_outputs < FAKE_OUTPUTS_MAX);
	vehicle->outputs[vehicle->n_outputs++] = byte;
}

static struct vehicle_event *add_event(struct vehicle *vehicle)
{
	if (vehicle->n_heard == vehicle->n_events)
		vehicle->n_heard = vehicle->n_events = 0;
	assert(vehicle->n_events < FAKE_EVENTS_MAX);
	vehicle->events[vehicle->n_events] = (struct vehicle_event){ 0 };
	return &vehicle->events[vehicle->n_events++];
}

void fake_event(struct vehicle *vehicle, int type)
{
	add_event(vehicle)->type = (uint8_t)type;
}

static void end(struct vehicle *vehicle, enum outcome outcome,
	enum vehicle_reason reason)
{
	struct vehicle_event *event;

	if (!vehicle->is_busy)
		return;

	vehicle->is_busy = false;
	event = add_event(vehicle);
	event->type = VEHICLE_EVENT_ANSWER;
	event->command = vehicle->command;
	event->outcome = outcome;
	event->reason = reason;
	if (outcome != OUTCOME_CONFIRMED)
		(void)snprintf(event->why, sizeof(event->why), "reason %d",
			(int)reason);
}

void vehicle_link_up(struct vehicle *vehicle, uint64_t now_ms)
{
	(void)now_ms;
	assert(!vehicle->link_up);
	vehicle->link_up = true;
}

void vehicle_link_down(struct vehicle *vehicle, uint64_t now_ms, bool issued)
{
	(void)now_ms;
	assert(vehicle->link_up);
	vehicle->link_up = false;
	vehicle->last_issued = issued;
	end(vehicle, issued ? OUTCOME_UNKNOWN : OUTCOME_REFUSED,
		VEHICLE_LINK_LOST);
}

size_t vehicle_add_key(const struct vehicle *vehicle, enum key_role role,
	enum key_form form, uint8_t ret[static VEHICLE_ADD_KEY_SIZE])
{
	(void)vehicle;
	assert(role == KEY_ROLE_DRIVER && form == KEY_FORM_CLOUD_KEY);
	ret[0] = FAKE_ADD_KEY;
	return 1;
}

void fake_key(struct vehicle *vehicle, bool is_waiting, int information)
{
	struct vehicle_event *event = add_event(vehicle);

	event->type = VEHICLE_EVENT_KEY;
	event->is_waiting = is_waiting;
	event->information = information;
}

int vehicle_submit(struct vehicle *vehicle, uint64_t now_ms,
	const struct command *command, uint64_t seal_by_ms,
	uint64_t deadline_ms)
{
	assert(deadline_ms > now_ms);
	assert(seal_by_ms > now_ms);
	if (vehicle->submit_r != 0)
		return vehicle->submit_r;

	assert(!vehicle->is_busy);
	assert(vehicle->link_up);
	vehicle->is_busy = true;
	vehicle->command = *command;
	vehicle->deadline_ms = deadline_ms;
	vehicle->n_submitted++;
	fake_output(vehicle, (uint8_t)command->id);
	return 0;
}

void vehicle_cancel(struct vehicle *vehicle, uint64_t now_ms)
{
	(void)now_ms;
	end(vehicle, OUTCOME_REFUSED, VEHICLE_CANCELLED);
}

void vehicle_bytes(struct vehicle *vehicle, uint64_t now_ms,
	const uint8_t *data, size_t len)
{
	(void)now_ms;
	if (len == 2)
		end(vehicle, (enum outcome)data[0],
			(enum vehicle_reason)data[1]);
}

void vehicle_set_passive_entry(
	struct vehicle *vehicle, uint64_t now_ms, uint64_t until_ms)
{
	vehicle->passive_until_ms = until_ms > now_ms ? until_ms : 0;
}

uint64_t vehicle_passive_entry(const struct vehicle *vehicle)
{
	return vehicle->passive_until_ms;
}

void fake_authenticated(
	struct vehicle *vehicle, enum key_level level, enum outcome outcome)
{
	struct vehicle_event *event = add_event(vehicle);

	event->type = VEHICLE_EVENT_AUTHENTICATED;
	event->level = level;
	event->outcome = outcome;
}

void vehicle_tick(struct vehicle *vehicle, uint64_t now_ms)
{
	if (vehicle->is_busy && now_ms >= vehicle->deadline_ms)
		end(vehicle, OUTCOME_UNKNOWN, VEHICLE_SILENT);
	if (now_ms >= vehicle->passive_until_ms)
		vehicle->passive_until_ms = 0;
}

uint64_t vehicle_deadline(const struct vehicle *vehicle)
{
	uint64_t at_ms = CLOCK_NEVER;

	if (vehicle->passive_until_ms != 0)
		at_ms = vehicle->passive_until_ms;
	return vehicle->is_busy ? clock_earlier(at_ms, vehicle->deadline_ms)
				: at_ms;
}

bool vehicle_take_output(
	struct vehicle *vehicle, const uint8_t **ret_data, size_t *ret_len)
{
	if (vehicle->n_taken == vehicle->n_outputs)
		return false;

	*ret_data = &vehicle->outputs[vehicle->n_taken++];
	*ret_len = 1;
	return true;
}

bool vehicle_take_event(struct vehicle *vehicle, struct vehicle_event *ret)
{
	if (vehicle->n_heard == vehicle->n_events)
		return false;

	*ret = vehicle->events[vehicle->n_heard++];
	return true;
}

const struct car_state *vehicle_state(const struct vehicle *vehicle)
{
	return &vehicle->state;
}

bool vehicle_report(
	struct vehicle *vehicle, enum command_id id, struct report *ret)
{
	ret->is_cut = false;
	ret->n_facts = 1;
	ret->facts[0] = (struct report_fact){
		.name = "fake",
		.kind = REPORT_NUMBER,
		.number = (double)id,
		.unit = "",
	};
	return vehicle->tells;
}

bool vehicle_has_session(const struct vehicle *vehicle, enum domain domain)
{
	return vehicle->has_session[domain];
}

void vehicle_forget(struct vehicle *vehicle, enum domain domain)
{
	vehicle->has_session[domain] = false;
	vehicle->n_forgotten++;
}

uint64_t vehicle_locked_until(const struct vehicle *vehicle)
{
	return vehicle->locked_until_ms;
}
