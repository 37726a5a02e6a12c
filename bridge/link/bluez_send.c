/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "link/bluez_link.h"
#include "util/clock.h"

enum {
	/* A link that is lost is noticed much earlier: bluez B.3 14. */
	WRITE_MS = 5000,
	/* Another program's write to the car is over in a round trip. */
	BUSY_MS = 30,
	TRIES_MAX = 30,
};

static void write_block(struct bluez_link *b);

static size_t block_len(const struct bluez_link *b)
{
	size_t block = b->mtu - BLUEZ_MTU_HEADER;
	size_t left = b->send.len - b->send.sent;

	return left < block ? left : block;
}

static void on_done(struct bluez_link *b)
{
	struct bluez_send *send = &b->send;

	send->sent += block_len(b);
	send->n_tries = 0;
	if (send->sent < send->len) {
		write_block(b);
		return;
	}

	send->len = 0;
	b->due_ms = CLOCK_NEVER;
	bluez_emit(b, &(struct link_event){ .type = LINK_SENT });
}

static int on_written(sd_bus_message *m, void *userdata, sd_bus_error *unused)
{
	struct bluez_link *b = userdata;
	struct bluez_send *send = &b->send;
	int error;

	(void)unused;

	if (b->state != BLUEZ_READY)
		return 0;

	switch (bluez_bus_answer(m, &error)) {
	case BLUEZ_DONE:
		on_done(b);
		break;
	case BLUEZ_IN_PROGRESS:
		/* This one did not go out. */
		send->issued = false;
		send->waits = true;
		b->due_ms = clock_boottime_ms() + BUSY_MS;
		if (++send->n_tries == TRIES_MAX)
			bluez_fail(b, LINK_IO_ERROR, error);
		break;
	case BLUEZ_NO_OBJECT:
		bluez_fail(b, LINK_CLOSED_BY_CAR, error);
		break;
	case BLUEZ_NOBODY:
		bluez_fail(b, LINK_NO_BLUETOOTH, error);
		break;
	case BLUEZ_REFUSED:
		/* Also if the link has just gone. */
		bluez_lose(b, LINK_IO_ERROR, error);
		break;
	}

	bluez_arm(b);
	return 0;
}

/*
 * Of at most MTU - 3 bytes: BlueZ would make a long write of more, which is
 * not what the car is used to: bluez B.1.
 */
static void write_block(struct bluez_link *b)
{
	struct bluez_send *send = &b->send;
	const struct bluez_char *to =
		bluez_tree_char(&b->tree, b->device, BLUEZ_TO_CAR);
	size_t n = block_len(b);
	int r;

	if (to == NULL) {
		bluez_fail(b, LINK_CLOSED_BY_CAR, 0);
		return;
	}

	r = bluez_bus_write(&b->bus, &send->call, to->path,
		send->frame + send->sent, n, on_written, b);
	if (r < 0) {
		bluez_fail(b, LINK_NO_BLUETOOTH, r);
		return;
	}

	send->waits = false;
	send->issued = send->sent + n == send->len;
	b->due_ms = clock_boottime_ms() + WRITE_MS;
}

void bluez_send_expire(struct bluez_link *b)
{
	if (b->send.waits)
		write_block(b);
	else
		bluez_fail(b, LINK_TIMEOUT, -ETIMEDOUT);
}

int bluez_send(struct bluez_link *b, const uint8_t *frame, size_t len)
{
	struct bluez_send *send = &b->send;

	if (b->state != BLUEZ_READY)
		return LINK_E_DOWN;
	if (send->len > 0)
		return LINK_E_BUSY;
	if (len == 0 || len > sizeof(send->frame))
		return -EMSGSIZE;

	memcpy(send->frame, frame, len);
	send->len = len;
	send->sent = 0;
	send->n_tries = 0;
	send->issued = false;
	write_block(b);
	bluez_arm(b);
	return 0;
}
