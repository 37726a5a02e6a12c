/* SPDX-License-Identifier: MIT */

/*
 * Borrow - calls the methods of the bridge that are named on standard input
 *
 * One connection for all, as who borrows the link must stay on the bus.  Says
 * "METHOD: ok" or "METHOD: NAME-OF-THE-ERROR" for each.
 */

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

int main(void)
{
	_cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
	char line[64];

	if (sd_bus_open_system(&bus) < 0)
		return EXIT_FAILURE;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		call(bus, line);
	}

	return EXIT_SUCCESS;
}
