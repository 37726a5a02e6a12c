/* SPDX-License-Identifier: MIT */

#include "daemon/facts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "car/car.h"
#include "orders/menu.h"
#include "orders/rental.h"
#include "util/clock.h"

static struct fact *add(struct facts *facts, const char *name, char type)
{
	struct fact *fact = &facts->list[facts->n++];

	assert(facts->n <= FACTS_MAX);
	*fact = (struct fact){ .name = name, .type = type };
	return fact;
}

void facts_add_text(struct facts *facts, const char *name, const char *s)
{
	add(facts, name, 's')->s = s;
}

void facts_add_bool(struct facts *facts, const char *name, bool b)
{
	add(facts, name, 'b')->b = b;
}

void facts_add_number(struct facts *facts, const char *name, uint64_t t)
{
	add(facts, name, 't')->t = t;
}

static const char *sleep_name(enum car_sleep sleep)
{
	switch (sleep) {
	case CAR_SLEEP_AWAKE:
		return "awake";
	case CAR_SLEEP_ASLEEP:
		return "asleep";
	case CAR_SLEEP_UNKNOWN:
		break;
	}

	return "unknown";
}

static const char *stage_name(enum link_stage stage)
{
	switch (stage) {
	case LINK_SEARCHING:
		return "searching";
	case LINK_CONNECTING:
		return "connecting";
	case LINK_READY:
		return "ready";
	case LINK_CLOSED:
		break;
	}

	return "closed";
}

static const char *lock_name(enum car_lock lock)
{
	switch (lock) {
	case CAR_LOCK_UNLOCKED:
		return "unlocked";
	case CAR_LOCK_LOCKED:
	case CAR_LOCK_INTERNAL:
		return "locked";
	case CAR_LOCK_SELECTIVE:
		return "driver's door unlocked";
	case CAR_LOCK_UNKNOWN:
		break;
	}

	return "";
}

/* "doors, trunk": what of @body is open; "" only if nothing is, for sure. */
static void print_open(
	const struct car_body *body, char ret[static FACTS_TEXT_SIZE])
{
	const struct {
		enum car_truth is_open;
		const char *name;
	} closures[] = {
		{ body->any_door_open, "doors" },
		{ body->trunk_open, "trunk" },
		{ body->frunk_open, "front trunk" },
		{ body->charge_port_open, "charge port" },
	};
	bool all_told = true;
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(closures); i++) {
		all_told &= closures[i].is_open != CAR_UNKNOWN;
		if (closures[i].is_open == CAR_YES)
			len += (size_t)snprintf(ret + len,
				FACTS_TEXT_SIZE - len, "%s%s",
				len == 0 ? "" : ", ", closures[i].name);
	}
	if (len == 0 && !all_told)
		(void)snprintf(ret, FACTS_TEXT_SIZE, "not told");
}

/* What the car told last, also by itself. */
static void add_body(
	struct facts *facts, const struct car_body *body, uint64_t now_ms)
{
	if (body->at_ms == 0)
		return;
	print_open(body, facts->open);
	facts_add_number(facts, "car_told_s",
		now_ms > body->at_ms ? (now_ms - body->at_ms) / 1000 : 0);
	facts_add_text(facts, "car_lock", lock_name(body->lock));
	facts_add_text(facts, "car_open", facts->open);
	facts_add_text(facts, "car_user",
		body->user_present == CAR_YES  ? "somebody inside"
		: body->user_present == CAR_NO ? "nobody inside"
					       : "");
}

void facts_add_car(
	struct facts *facts, const struct menu *menu, const struct car *car)
{
	/* A whole VIN names a person's car: its end tells enough. */
	const size_t vin_len = strlen(menu->vin);
	uint64_t now_ms = clock_boottime_ms();
	struct car_info info;

	car_get_info(car, &info);
	(void)snprintf(facts->adapter, sizeof(facts->adapter), "%s",
		info.link.adapter);
	facts_add_text(facts, "car_vin_end",
		menu->vin + (vin_len > 4 ? vin_len - 4 : 0));
	facts_add_text(facts, "adapter", facts->adapter);
	facts_add_text(facts, "link", stage_name(info.link.stage));
	facts_add_text(facts, "link_hold", link_hold_name(menu->link_hold));
	facts_add_bool(facts, "lent", info.is_lent);
	facts_add_bool(facts, "car_connected", car_is_connected(car));
	if (info.link.heard_ms != 0)
		facts_add_number(facts, "car_heard_s",
			now_ms > info.link.heard_ms
				? (now_ms - info.link.heard_ms) / 1000
				: 0);
	if (info.link.heard_ms != 0 && info.link.rssi != 0)
		add(facts, "car_rssi", 'x')->x = info.link.rssi;
	facts_add_bool(facts, "session_vcsec",
		car_has_session(car, DOMAIN_VEHICLE_SECURITY));
	facts_add_bool(facts, "session_infotainment",
		car_has_session(car, DOMAIN_INFOTAINMENT));
	facts_add_text(
		facts, "car_sleep", sleep_name(car_state(car)->body.sleep));
	add_body(facts, &car_state(car)->body, now_ms);
	facts_add_text(facts, "car_problem", car_problem(car));
	facts_add_text(facts, "car_trouble", info.trouble);
}

void facts_add_node(struct facts *facts, const struct fact_node *node)
{
	facts_add_bool(facts, "node_up", node->is_up);
	facts_add_text(facts, "node_id", node->id);
	facts_add_text(facts, "node_alias", node->alias);
	facts_add_text(facts, "node_problem", node->problem);
}

void facts_add_rental(struct facts *facts, const struct rental *rental,
	const struct moment *now, const struct car_state *state)
{
	int64_t left_s;

	if (rental == NULL) {
		facts_add_text(facts, "rental_phase", "none");
		return;
	}

	left_s = rental_left_ms(rental, now) / 1000;
	facts_add_text(facts, "rental_phase", rental_phase_name(rental->phase));
	facts_add_number(facts, "rental_order", rental->order_id);
	facts_add_text(facts, "rental_action", rental->action);
	add(facts, "rental_left_s", 'x')->x = left_s;
	add(facts, "rental_until", 'x')->x =
		now->wall_is_set ? now->wall_s + left_s : 0;
	facts_add_number(facts, "rental_extended", rental->n_extended);
	facts_add_number(facts, "rental_overtime_s",
		rental_overtime_ms(rental, now) / 1000);
	facts_add_text(facts, "rental_why", rental->why);
	facts_add_text(facts, "rental_waits_for",
		rental_waits_for(rental, now->boot_ms, state));
}
