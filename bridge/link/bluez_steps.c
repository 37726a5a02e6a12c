/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "link/bluez_step.h"
#include "util/clock.h"
#include "util/log.h"

static const struct bluez_step closed = { .name = "closed" };

/* LINK_DOWN is due. */
static const struct bluez_step failed = {
	.name = "failed",
	.expired = bluez_tell_down,
};

static const struct bluez_step *const steps[_BLUEZ_STATE_N] = {
	[BLUEZ_CLOSED] = &closed,
	[BLUEZ_AWAITING] = &bluez_awaiting,
	[BLUEZ_ABSENT] = &bluez_absent,
	[BLUEZ_SCANNING] = &bluez_scanning,
	[BLUEZ_FOUND] = &bluez_found,
	[BLUEZ_CONNECTING] = &bluez_connecting,
	[BLUEZ_RESOLVING] = &bluez_resolving,
	[BLUEZ_SUBSCRIBING] = &bluez_subscribing,
	[BLUEZ_READY] = &bluez_ready,
	[BLUEZ_CLEARING] = &bluez_clearing,
	[BLUEZ_PAUSING] = &bluez_pausing,
	[BLUEZ_FORGETTING] = &bluez_forgetting,
	[BLUEZ_POWERING_OFF] = &bluez_powering_off,
	[BLUEZ_POWERING_ON] = &bluez_powering_on,
	[BLUEZ_FAILED] = &failed,
	[BLUEZ_DRAINING] = &bluez_draining,
};

void bluez_due_in(struct bluez_link *b, uint64_t ms)
{
	b->due_ms = clock_earlier(b->due_ms, clock_boottime_ms() + ms);
}

const struct bluez_adapter *bluez_adapter_of(const struct bluez_link *b)
{
	return bluez_tree_adapter(&b->tree, b->adapter);
}

const struct bluez_device *bluez_device_of(const struct bluez_link *b)
{
	return bluez_tree_device(&b->tree, b->device);
}

bool bluez_is_connected(const struct bluez_link *b)
{
	const struct bluez_device *device = bluez_device_of(b);

	return device != NULL && device->connected;
}

int bluez_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *unused)
{
	struct bluez_link *b = userdata;
	enum bluez_state state = b->state;
	enum bluez_answer answer;
	int error;

	(void)unused;

	b->is_answered = true;
	answer = bluez_bus_answer(m, &error);
	if (steps[state]->answered != NULL)
		steps[state]->answered(b, m, answer, error);
	if (b->state == state)
		bluez_look(b);
	bluez_arm(b);
	return 0;
}

int bluez_step_call(struct bluez_link *b, const char *path,
	const char *interface, const char *member)
{
	return bluez_bus_call(&b->bus, &b->call, path, interface, member,
		bluez_on_reply, b, NULL);
}

void bluez_go(struct bluez_link *b, enum bluez_state state)
{
	const struct bluez_step *step = steps[state];
	int r;

	log_debug("bluetooth: %s", step->name);
	b->state = state;
	b->call = sd_bus_slot_unref(b->call);
	b->is_answered = false;
	b->due_ms = step->limit_ms == 0 ? CLOCK_NEVER
					: clock_boottime_ms() + step->limit_ms;
	r = step->enter == NULL ? 0 : step->enter(b);
	if (r < 0)
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
	else if (b->state == state)
		bluez_look(b);
}

/* --- recovery ------------------------------------------------------------- */

void bluez_climb(struct bluez_link *b)
{
	static const enum bluez_state next[] = {
		[BLUEZ_RETRY] = BLUEZ_PAUSING,
		[BLUEZ_FORGET] = BLUEZ_FORGETTING,
		[BLUEZ_POWER_CYCLE] = BLUEZ_POWERING_OFF,
		[BLUEZ_GIVE_UP] = BLUEZ_FAILED,
	};
	uint64_t now_ms = clock_boottime_ms();
	struct bluez_choice choice = bluez_ladder_next(&b->ladder, b->fault,
		now_ms, b->until_ms > now_ms ? b->until_ms - now_ms : 0,
		b->reset_shared ||
			!bluez_tree_has_others(&b->tree, b->adapter));

	if (choice.rung == BLUEZ_GIVE_UP) {
		bluez_fail(b, b->reason, b->error);
		return;
	}

	bluez_go(b, next[choice.rung]);
	if (choice.rung == BLUEZ_RETRY)
		b->due_ms = now_ms + choice.pause_ms;
}

/* The step did not work: clean up, then the next rung. */
void bluez_step_failed(struct bluez_link *b, unsigned int fault,
	enum link_reason reason, int error)
{
	log_debug("bluetooth: %s failed, %s: %s", steps[b->state]->name,
		link_reason_name(reason), strerror(-error));
	b->fault = fault;
	b->reason = reason;
	b->error = error;
	if (b->is_touched)
		bluez_go(b, BLUEZ_CLEARING);
	else
		bluez_climb(b);
}

void bluez_no_link(struct bluez_link *b, int error)
{
	b->n_timeouts = 0;
	bluez_step_failed(b, BLUEZ_NO_LINK, LINK_TIMEOUT, error);
}

/* --- from outside --------------------------------------------------------- */

/* The adapter has gone, or somebody has switched it off. */
static void lost_adapter(struct bluez_link *b)
{
	b->is_touched = false;
	b->is_scanning = false;
	if (b->state == BLUEZ_READY)
		bluez_lose(b, LINK_NO_ADAPTER, 0);
	else
		bluez_go(b, BLUEZ_ABSENT);
}

void bluez_look(struct bluez_link *b)
{
	const struct bluez_step *step = steps[b->state];
	const struct bluez_adapter *adapter = bluez_adapter_of(b);

	if (step->needs_adapter && (adapter == NULL || !adapter->powered))
		lost_adapter(b);
	else if (step->look != NULL)
		step->look(b);
}

void bluez_expire(struct bluez_link *b)
{
	b->due_ms = CLOCK_NEVER;
	if (steps[b->state]->expired != NULL)
		steps[b->state]->expired(b);
}

void bluez_give_up(struct bluez_link *b)
{
	enum link_reason reason = b->reason;

	if (b->state == BLUEZ_AWAITING)
		reason = LINK_NO_BLUETOOTH;
	else if (b->state == BLUEZ_ABSENT)
		reason = bluez_adapter_reason(bluez_choose_adapter(b));
	else if (b->fault == 0 && b->state != BLUEZ_SCANNING)
		reason = LINK_TIMEOUT;
	bluez_fail(b, reason, b->error);
}

void bluez_on_owner(struct bluez_link *b, bool is_there)
{
	bluez_tree_clear(&b->tree);
	b->is_touched = false;
	b->is_scanning = false;
	b->is_off = false;

	if (b->state == BLUEZ_READY)
		bluez_fail(b, LINK_NO_BLUETOOTH, 0);
	else if (b->state == BLUEZ_DRAINING)
		b->due_ms = 0;
	else if (b->state != BLUEZ_FAILED &&
		 (is_there || b->state != BLUEZ_AWAITING))
		bluez_go(b, BLUEZ_AWAITING);
}

void bluez_settle(struct bluez_link *b)
{
	const struct bluez_adapter *adapter = bluez_adapter_of(b);

	if (!b->tree.is_loaded)
		b->reason = LINK_NO_BLUETOOTH;
	else if (adapter == NULL || !adapter->powered)
		b->reason = bluez_adapter_reason(adapter);
	else if (!bluez_is_connected(b))
		b->reason = LINK_CLOSED_BY_CAR;
}

enum link_stage bluez_stage(const struct bluez_link *b)
{
	return steps[b->state]->stage;
}
