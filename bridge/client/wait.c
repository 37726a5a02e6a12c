/* SPDX-License-Identifier: MIT */

#include "client/wait.h"

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	sd_bus_message **answer = userdata;

	(void)error;
	*answer = sd_bus_message_ref(m);
	return 0;
}

int client_wait(sd_bus *bus, sd_bus_message *m, const struct client_wait *wait,
	sd_bus_message **ret)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
	int r;

	r = sd_bus_call_async(bus, &slot, m, on_answer, &answer,
		wait->timeout_ms * UINT64_C(1000));
	if (r < 0)
		return r;
	while (answer == NULL) {
		r = sd_bus_process(bus, NULL);
		if (r < 0)
			return r;
		if (r > 0)
			continue;
		wait->idle(wait->userdata);
		r = sd_bus_wait(bus, CLIENT_IDLE_MS * UINT64_C(1000));
		if (r < 0 && r != -EINTR)
			return r;
	}

	*ret = steal_ptr(&answer);
	return 0;
}
