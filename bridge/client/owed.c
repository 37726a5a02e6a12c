/* SPDX-License-Identifier: MIT */

#include "client/owed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/wait.h"
#include "model/api.h"

static int call(
	sd_bus *bus, const struct client_settle *ask, sd_bus_message **ret)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const struct client_wait wait = {
		.timeout_ms = CLIENT_OWED_MS,
		.idle = ask->idle,
		.userdata = ask->userdata,
	};
	int r;

	r = sd_bus_message_new_method_call(
		bus, &m, API_BUS_NAME, API_PATH, API_INTERFACE, ask->method);
	if (r >= 0)
		r = sd_bus_message_append(m, "t", ask->order_id);
	if (r >= 0)
		r = client_wait(bus, m, &wait, ret);

	return r;
}

/* The bridge may be at it still: nobody is to restart it, or ask twice. */
static void explain(const sd_bus_error *error, int r, uint64_t order_id,
	char why[static CLIENT_WHY_SIZE])
{
	if (sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY))
		(void)snprintf(why, CLIENT_WHY_SIZE,
			"the bridge has not said what became of order %" PRIu64
			"; look for it before you ask again, with: 1sat2flash "
			"payments",
			order_id);
	else
		client_explain(error, r, why);
}

int client_settle(sd_bus *bus, const struct client_settle *ask,
	char why[static CLIENT_WHY_SIZE], const char **ret_said,
	sd_bus_message **ret_m)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const char *said = NULL;
	int r;

	r = call(bus, ask, &m);
	if (r >= 0 && sd_bus_message_is_method_error(m, NULL)) {
		explain(sd_bus_message_get_error(m),
			-sd_bus_message_get_errno(m), ask->order_id, why);
		return CLIENT_E_FAILED;
	}
	if (r >= 0)
		r = sd_bus_message_read(m, "s", &said);
	if (r < 0) {
		(void)snprintf(why, CLIENT_WHY_SIZE,
			"the bridge's answer cannot be read: %s", strerror(-r));
		return CLIENT_E_FAILED;
	}

	*ret_said = said;
	*ret_m = steal_ptr(&m);
	return 0;
}
