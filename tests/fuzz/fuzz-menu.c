/* SPDX-License-Identifier: MIT */

/* Any bytes as a configuration file: a menu, or at least one mistake told. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "orders/menu.h"
#include "util/fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_mistake(void *userdata, const char *mistake)
{
	size_t *n = userdata;

	/* Goes to a terminal: no control characters but those in quotes. */
	for (const char *p = mistake; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			abort();
	(*n)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(fd_closep) int fd = memfd_create("menu", MFD_CLOEXEC);
	_cleanup_(menu_freep) struct menu *menu = NULL;
	char path[] = "/proc/self/fd/..........";
	size_t n = 0;
	int r;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = menu_load(path, on_mistake, &n, &menu);
	if (r < 0 || (r == 0) != (n == 0) || (r == 0) != (menu != NULL))
		abort();
	if (menu != NULL && (strlen(menu->vin) != 17 || menu->n_actions == 0))
		abort();

	return 0;
}
