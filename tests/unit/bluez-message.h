/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages of org.bluez without a bus: to be built, sealed and then read. */

#include <errno.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

struct bluez_wire {
	sd_bus *bus;
	int peer;
};

/* Returns 0 or negative errno. */
static inline int bluez_wire_open(struct bluez_wire *wire)
{
	static const sd_id128_t id = { .bytes = { 1 } };
	int fds[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		    fds) < 0)
		return -errno;

	wire->peer = fds[1];
	r = sd_bus_new(&wire->bus);
	if (r >= 0)
		r = sd_bus_set_fd(wire->bus, fds[0], fds[0]);
	if (r >= 0)
		r = sd_bus_set_server(wire->bus, 1, id);
	if (r >= 0)
		r = sd_bus_start(wire->bus);
	return r < 0 ? r : 0;
}

static inline void bluez_wire_close(struct bluez_wire *wire)
{
	wire->bus = sd_bus_close_unref(wire->bus);
	(void)close(wire->peer);
}

/* To be filled, then sealed. */
static inline int bluez_wire_signal(struct bluez_wire *wire, const char *path,
	const char *member, sd_bus_message **ret)
{
	return sd_bus_message_new_signal(
		wire->bus, ret, path, "io.test", member);
}

static inline int bluez_wire_seal(sd_bus_message *m)
{
	int r = sd_bus_message_seal(m, 1, 0);

	return r < 0 ? r : sd_bus_message_rewind(m, 1);
}
