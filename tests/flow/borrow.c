/* SPDX-License-Identifier: MIT */

/*
 * Borrow - calls the methods of the bridge that are named on standard input
 *
 * One connection for all, as who borrows the link must stay on the bus.  Says
 * "METHOD: ok" or "METHOD: NAME-OF-THE-ERROR" for each; "LendGiveBack" are two
 * calls at once, of which the first is answered somehow.
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "model/api.h"
#include "util/macro.h"

static void call(sd_bus *bus, const char *method)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r;

	r = sd_bus_call_method(bus, API_BUS_NAME, API_PATH, API_INTERFACE,
		method, &error, NULL, "");
	(void)printf("%s: %s\n", method, r < 0 ? error.name : "ok");
	(void)fflush(stdout);
}

static int on_lend(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	bool *is_answered = userdata;

	(void)m;
	(void)error;
	(void)printf("LendGiveBack: answered\n");
	(void)fflush(stdout);
	*is_answered = true;
	return 0;
}

static void lend_and_give_back(sd_bus *bus)
{
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
	bool is_answered = false;
	int r;

	r = sd_bus_call_method_async(bus, &slot, API_BUS_NAME, API_PATH,
		API_INTERFACE, "Lend", on_lend, &is_answered, "");
	if (r >= 0)
		r = sd_bus_call_method_async(bus, NULL, API_BUS_NAME, API_PATH,
			API_INTERFACE, "GiveBack", NULL, NULL, "");
	while (r >= 0 && !is_answered) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
}

int main(void)
{
	_cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
	char line[64];

	if (sd_bus_open_system(&bus) < 0)
		return EXIT_FAILURE;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "LendGiveBack") == 0)
			lend_and_give_back(bus);
		else
			call(bus, line);
	}

	return EXIT_SUCCESS;
}
