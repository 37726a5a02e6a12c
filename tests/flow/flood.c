/* SPDX-License-Identifier: MIT */

/*
 * Flood - calls a method of the bridge many times, and reads no answer
 *
 * flood METHOD N: says "sent" when all is said, and stays on the bus.
 */

#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "model/api.h"
#include "util/macro.h"

int main(int argc, char **argv)
{
	_cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
	const char *name;
	int r;

	if (argc != 3)
		return 2;
	r = sd_bus_open_system(&bus);
	/* Waits for the bus to say who we are; nothing is read from then on. */
	if (r >= 0)
		r = sd_bus_get_unique_name(bus, &name);
	for (int i = atoi(argv[2]); i > 0 && r >= 0; i--) {
		_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

		r = sd_bus_message_new_method_call(bus, &m, API_BUS_NAME,
			API_PATH, API_INTERFACE, argv[1]);
		/* With a cookie, or no answer is wanted. */
		if (r >= 0)
			r = sd_bus_send(bus, m, &(uint64_t){ 0 });
	}
	if (r >= 0)
		r = sd_bus_flush(bus);
	if (r < 0)
		return EXIT_FAILURE;

	(void)printf("sent\n");
	(void)fflush(stdout);
	(void)pause();
	return EXIT_SUCCESS;
}
