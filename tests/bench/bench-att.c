/* SPDX-License-Identifier: MIT */

/*
 * The floor of all that goes over the air: one write and one indication, each
 * acknowledged, between two bare L2CAP sockets.  No bluetoothd may run, as it
 * has the ATT channel; the adapter of the far end must be advertising.
 *
 *   bench-att NEAR FAR N     addresses of two adapters of this machine
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "figure.h"

enum {
	/* Of the kernel's headers, which are not in libc's packages. */
	BTPROTO_L2CAP = 0,
	BDADDR_LE_PUBLIC = 1,
	ATT_CID = 4,

	/* Bluetooth Core, Vol 3, Part F, 3.4. */
	ATT_WRITE = 0x12,
	ATT_WRITTEN = 0x13,
	ATT_INDICATE = 0x1d,
	ATT_CONFIRM = 0x1e,
	ATT_MTU = 23,

	CONNECT_MAX_S = 30,
};

struct address {
	sa_family_t family;
	uint16_t psm;
	uint8_t bdaddr[6];
	uint16_t cid;
	uint8_t type;
};

/* A channel of the adapter with the address @text. */
static int channel(const char *text, struct address *ret)
{
	const struct timeval patience = { .tv_sec = CONNECT_MAX_S };
	unsigned int byte[6];
	int fd;

	*ret = (struct address){
		.family = AF_BLUETOOTH,
		.cid = ATT_CID,
		.type = BDADDR_LE_PUBLIC,
	};
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &byte[5], &byte[4],
		    &byte[3], &byte[2], &byte[1], &byte[0]) != 6)
		figure_die("\"%s\" is no address", text);
	for (size_t i = 0; i < 6; i++)
		ret->bdaddr[i] = (uint8_t)byte[i];

	fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC, BTPROTO_L2CAP);
	if (fd < 0 || bind(fd, (struct sockaddr *)ret, sizeof(*ret)) < 0)
		figure_die("%s: %s", text, strerror(errno));
	(void)setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

static void say(int fd, uint8_t opcode, size_t len)
{
	const uint8_t pdu[ATT_MTU] = { opcode };

	if (send(fd, pdu, len, 0) != (ssize_t)len)
		figure_die("send: %s", strerror(errno));
}

/* Whatever else comes is the kernel's or the controller's business. */
static void hear(int fd, uint8_t opcode)
{
	uint8_t pdu[ATT_MTU];

	do {
		if (recv(fd, pdu, sizeof(pdu), 0) <= 0)
			figure_die("recv: %s", strerror(errno));
	} while (pdu[0] != opcode);
}

static double exchange(int near, int far)
{
	uint64_t began = figure_now_ns();

	say(near, ATT_WRITE, ATT_MTU);
	hear(far, ATT_WRITE);
	say(far, ATT_WRITTEN, 1);
	say(far, ATT_INDICATE, ATT_MTU);
	hear(near, ATT_WRITTEN);
	hear(near, ATT_INDICATE);
	say(near, ATT_CONFIRM, 1);
	hear(far, ATT_CONFIRM);

	return (double)(figure_now_ns() - began);
}

int main(int argc, char **argv)
{
	struct address near, far;
	int near_fd, far_fd, listener, n;
	double *ns;

	if (argc != 4 || sscanf(argv[3], "%d", &n) != 1 || n < 1)
		figure_die("usage: bench-att NEAR FAR N");
	near_fd = channel(argv[1], &near);
	listener = channel(argv[2], &far);
	if (listen(listener, 1) < 0)
		figure_die("listen: %s", strerror(errno));
	if (connect(near_fd, (struct sockaddr *)&far, sizeof(far)) < 0)
		figure_die("connect: %s", strerror(errno));
	far_fd = accept(listener, NULL, NULL);
	if (far_fd < 0)
		figure_die("accept: %s", strerror(errno));

	ns = calloc((size_t)n, sizeof(*ns));
	if (ns == NULL)
		figure_die("no memory");
	for (int i = 0; i < n; i++)
		ns[i] = exchange(near_fd, far_fd);
	figure_print(&(struct figure){
		.name = "bare write and indication, p50",
		.value = figure_percentile(ns, (size_t)n, 50) / 1e6,
		.unit = "ms",
		.rule = FIGURE_NO_RULE,
	});
	free(ns);
	(void)close(far_fd);
	(void)close(near_fd);
	(void)close(listener);
	return EXIT_SUCCESS;
}
