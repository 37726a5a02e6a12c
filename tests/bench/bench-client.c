/* SPDX-License-Identifier: MIT */

/*
 * The bridge's half of what tests/interop has the car maker's client do: one
 * command from the start, then COMMANDS on a warm session.
 *
 *   bench-client SOCKET VIN KEY.pem COMMANDS
 *
 * Says "confirmed" after the first, and at the end in one line: us from the
 * call to the bytes for the link (median), commands a second, resident KB.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver.h"
#include "figure.h"
#include "link/socket.h"

enum {
	COMMANDS_MAX = 100 * 1000,
};

int main(int argc, char **argv)
{
	static struct driver driver;
	struct link *link;
	double *until_sent;
	uint64_t began_ns;
	size_t n;

	if (argc != 5 || sscanf(argv[4], "%zu", &n) != 1 || n > COMMANDS_MAX)
		figure_die("usage: bench-client SOCKET VIN KEY COMMANDS");
	driver_open(&driver, argv[2], argv[3]);
	figure_check(link_socket_new(driver.event, argv[1], &link), argv[1]);
	driver_begin(&driver, link);
	(void)driver_flash(&driver);
	(void)puts("confirmed");
	(void)fflush(stdout);
	if (n > 0) {
		until_sent = calloc(n, sizeof(*until_sent));
		if (until_sent == NULL)
			figure_die("no memory");
		began_ns = figure_now_ns();
		for (size_t i = 0; i < n; i++)
			until_sent[i] = driver_flash(&driver).until_sent;
		(void)printf("%.4g %.4g %.4g\n",
			figure_percentile(until_sent, n, 50) / 1e3,
			(double)n * 1e9 / (double)(figure_now_ns() - began_ns),
			(double)figure_status(getpid(), "VmRSS:"));
		free(until_sent);
	}

	driver_end(&driver);
	driver_close(&driver);
	return EXIT_SUCCESS;
}
