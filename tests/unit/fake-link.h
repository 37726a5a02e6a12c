/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A link that does what the test says, and a clock: for what carries an engine
 * on a link.  To be included once by a test that is linked with wrap_clock.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "link/link.h"
#include "test.h"
#include "util/clock.h"

/*
 * Time stands still until a test moves it.  The one timer of its user is fired
 * by advance(), through the loop as in life.
 */
static struct {
	uint64_t now_ms;
	uint64_t armed_ms;
	sd_event_source *source;
} fake_clock;

uint64_t __wrap_clock_boottime_ms(void);
int __real_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);

uint64_t __wrap_clock_boottime_ms(void)
{
	return fake_clock.now_ms;
}

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	fake_clock.source = source;
	fake_clock.armed_ms = usec / 1000;
	return __real_sd_event_source_set_time(source,
		fake_clock.armed_ms <= fake_clock.now_ms ? 0 : UINT64_MAX);
}

struct fake_link {
	struct link link;
	int open_r;
	int send_r;
	unsigned int n_opened;
	unsigned int n_closed;
	uint64_t timeout_ms;
	uint8_t sent[32];
	size_t n_sent;
	bool *freed;
};

static struct fake_link *fake_link(struct link *link)
{
	return (struct fake_link *)link;
}

static int fake_open(struct link *link, uint64_t timeout_ms)
{
	fake_link(link)->n_opened++;
	fake_link(link)->timeout_ms = timeout_ms;
	return fake_link(link)->open_r;
}

static void fake_close(struct link *link)
{
	fake_link(link)->n_closed++;
}

static int fake_send(struct link *link, const uint8_t *frame, size_t len)
{
	struct fake_link *l = fake_link(link);

	cr_assert_eq(len, 1);
	if (l->send_r == 0)
		l->sent[l->n_sent++ % sizeof(l->sent)] = frame[0];
	return l->send_r;
}

static void fake_free(struct link *link)
{
	*fake_link(link)->freed = true;
	free(link);
}

static void fake_get_info(const struct link *link, struct link_info *ret)
{
	(void)link;
	(void)ret;
}

static const struct link_ops link_ops = {
	.open = fake_open,
	.close = fake_close,
	.send = fake_send,
	.free = fake_free,
	.get_info = fake_get_info,
};
