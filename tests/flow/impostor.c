/* SPDX-License-Identifier: MIT */

/*
 * impostor - owns the bridge's name on the bus and answers with garbage
 *
 *   impostor KIND   type | many | rude | error | leave
 *
 * Prints a line when it has the name.
 */

#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "model/api.h"
#include "util/macro.h"

#define RUDE "\x1b[2J\x1b[31m\a\r\nok       everything is fine\x7f"

/* Keys that are texts, and what else a status has. */
static int append_rude(sd_bus_message *m)
{
	static const char *const texts[] = { "version", "why_not", "node_id",
		"node_alias", "node_problem", "car_vin_end", "car_sleep",
		"car_problem", "adapter", "link", "link_hold", "car_trouble" };
	char text[5000];
	int r;

	(void)snprintf(text, sizeof(text), "%s%04500d", RUDE, 7);
	r = sd_bus_message_open_container(m, 'a', "{sv}");
	for (size_t i = 0; i < ARRAY_SIZE(texts) && r >= 0; i++)
		r = sd_bus_message_append(m, "{sv}", texts[i], "s", text);
	if (r >= 0)
		r = sd_bus_message_append(m, "{sv}{sv}{sv}{sv}{sv}{sv}",
			/* clang-format off */
			"car_heard_s", "t", UINT64_MAX,
			"car_rssi", "x", INT64_MIN,
			"owed_msat", "t", UINT64_MAX,
			"owed_orders", "t", UINT64_MAX,
			"node_up", "s", text,
			"lent", "u", 7);
	/* clang-format on */

	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_many(sd_bus_message *m)
{
	char key[16];
	int r;

	r = sd_bus_message_open_container(m, 'a', "{sv}");
	for (int i = 0; i < 10000 && r >= 0; i++) {
		(void)snprintf(key, sizeof(key), "key%d", i);
		r = sd_bus_message_append(m, "{sv}", key, "b", 1);
	}

	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const char *kind = userdata;
	int r;

	if (!sd_bus_message_is_method_call(m, API_INTERFACE, NULL))
		return 0;
	if (strcmp(kind, "error") == 0)
		return sd_bus_error_set(error, API_ERROR_FAILED, RUDE);
	if (strcmp(kind, "leave") == 0 &&
		sd_bus_message_is_method_call(m, API_INTERFACE, "Look"))
		exit(EXIT_SUCCESS);

	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	if (strcmp(kind, "many") == 0)
		r = append_many(reply);
	else if (strcmp(kind, "type") == 0)
		r = sd_bus_message_append(reply, "as", 1, RUDE);
	else
		r = append_rude(reply);

	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int main(int argc, char **argv)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	int r;

	if (argc != 2)
		return 2;
	r = sd_bus_open_system(&bus);
	if (r >= 0)
		r = sd_bus_add_filter(bus, NULL, on_call, argv[1]);
	if (r >= 0)
		r = sd_bus_request_name(bus, API_BUS_NAME, 0);
	if (r >= 0) {
		(void)puts("here");
		(void)fflush(stdout);
	}
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}

	return EXIT_FAILURE;
}
