/* SPDX-License-Identifier: MIT */

#include "car/wire.h"

#include <string.h>

#include "car/car.h"
#include "util/clock.h"

static uint64_t min_ms(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void wire_init(struct wire *wire, struct link *link)
{
	*wire = (struct wire){
		.link = link,
		.why = "there was no time for it",
	};
	wire_hurry(wire);
}

void wire_hurry(struct wire *wire)
{
	wire->retry_ms = 0;
	wire->backoff_ms = CAR_BACKOFF_MIN_MS;
}

uint64_t wire_connect(struct wire *wire, uint64_t now_ms, uint64_t until_ms)
{
	int r;

	if (wire->is_open)
		return CLOCK_NEVER;
	if (now_ms < wire->retry_ms)
		return wire->retry_ms;

	r = link_open(wire->link, min_ms(CAR_CONNECT_MS, until_ms - now_ms));
	if (r == 0) {
		wire->is_open = true;
		return CLOCK_NEVER;
	}

	(void)wire_down(wire, now_ms, link_reason_text(LINK_IO_ERROR), false);
	return wire->retry_ms;
}

int wire_send(struct wire *wire, const uint8_t *frame, size_t len)
{
	int r;

	if (len > sizeof(wire->queued))
		return -EMSGSIZE;

	r = link_send(wire->link, frame, len);
	if (r == 0)
		wire->is_sending = true;
	if (r <= 0)
		return r;

	/*
	 * Busy, or about to tell that it went down.  There is one request in
	 * flight, so that a frame that still waits is an older try of it.
	 */
	memcpy(wire->queued, frame, len);
	wire->queued_len = len;
	return WIRE_E_QUEUED;
}

int wire_sent(struct wire *wire)
{
	uint8_t frame[sizeof(wire->queued)];
	size_t len = wire->queued_len;

	wire->is_sending = false;
	wire->queued_len = 0;
	if (len == 0)
		return 0;

	memcpy(frame, wire->queued, len);
	return wire_send(wire, frame, len);
}

bool wire_down(struct wire *wire, uint64_t now_ms, const char *why, bool issued)
{
	bool waited = wire->queued_len > 0;

	/* A link that never carried a byte was none: back off further. */
	if (wire->is_heard)
		wire->backoff_ms = CAR_BACKOFF_MIN_MS;
	wire->retry_ms = now_ms + wire->backoff_ms;
	wire->backoff_ms = min_ms(2 * wire->backoff_ms, CAR_BACKOFF_MAX_MS);

	wire->is_open = wire->is_up = false;
	wire->is_heard = wire->is_sending = false;
	wire->queued_len = 0;
	wire->why = why;
	return issued && !waited;
}
