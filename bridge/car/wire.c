/* SPDX-License-Identifier: MIT */

#include "car/wire.h"

#include <sys/random.h>

#include "car/car.h"
#include "util/clock.h"

void wire_init(struct wire *wire, struct link *link)
{
	*wire = (struct wire){ .link = link };
	wire_hurry(wire);
}

void wire_hurry(struct wire *wire)
{
	wire->retry_ms = 0;
	wire->backoff_ms = CAR_BACKOFF_MIN_MS;
}

uint64_t wire_connect(struct wire *wire, uint64_t now_ms, uint64_t until_ms)
{
	uint64_t left_ms = until_ms - now_ms;
	int r;

	if (wire->is_open)
		return CLOCK_NEVER;
	if (now_ms < wire->retry_ms)
		return wire->retry_ms;

	if (left_ms > 2 * (uint64_t)CAR_TELL_MS)
		left_ms -= CAR_TELL_MS;
	r = link_open(wire->link, clock_earlier(CAR_CONNECT_MS, left_ms));
	if (r == 0) {
		wire->is_open = true;
		return CLOCK_NEVER;
	}

	wire_down(wire, now_ms, LINK_IO_ERROR);
	return wire->retry_ms;
}

bool wire_send(struct wire *wire, const uint8_t *frame, size_t len)
{
	wire->is_sending = link_send(wire->link, frame, len) == 0;
	return wire->is_sending;
}

void wire_sent(struct wire *wire)
{
	wire->is_sending = false;
}

void wire_down(struct wire *wire, uint64_t now_ms, enum link_reason reason)
{
	/* A link that never carried a byte was none: back off further. */
	if (wire->is_heard)
		wire->backoff_ms = CAR_BACKOFF_MIN_MS;
	wire->retry_ms = now_ms + wire->backoff_ms;
	wire->backoff_ms =
		clock_earlier(2 * wire->backoff_ms, CAR_BACKOFF_MAX_MS);

	wire->is_open = wire->is_up = false;
	wire->is_heard = wire->is_sending = false;
	wire->has_failed = true;
	wire->reason = reason;
}

const char *wire_why(const struct wire *wire)
{
	return wire->has_failed ? link_reason_text(wire->reason)
				: "there was no time for it";
}

int wire_random(void *userdata, uint8_t *ret, size_t len)
{
	ssize_t n;

	(void)userdata;

	/* Up to 256 bytes come whole or not at all: getrandom(2). */
	n = getrandom(ret, len, 0);
	if (n < 0)
		return -errno;

	return (size_t)n == len ? 0 : -EIO;
}
