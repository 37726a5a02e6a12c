/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Dial - a TCP connection to a node, straight or through a SOCKS5 proxy
 *
 * Each address of the host is tried in turn.  How long all of it may take is
 * its owner's to say.
 */

#include <systemd/sd-event.h>

#include "util/endpoint.h"

enum {
	DIAL_WHY_SIZE = 400,
	DIAL_ADDRESS_MS = 10 * 1000, /* one address, before the next */
	/* What is sent and not acknowledged for so long ends the connection. */
	DIAL_UNHEARD_MS = 20 * 1000,
};

struct dial;

/*
 * A connected socket, which the handler owns, or -1 and @why, a sentence
 * without its full stop.  Called once, from the event loop; may free the dial.
 */
typedef void (*dial_handler_t)(void *userdata, int fd, const char *why);

/* @proxy: NULL, or a SOCKS5 proxy.  Returns 0 or negative errno. */
int dial_new(sd_event *event, const struct endpoint *node,
	const struct endpoint *proxy, dial_handler_t handler, void *userdata,
	struct dial **ret) _must_use_;
struct dial *dial_free(struct dial *dial);

DEFINE_CLEANUP(struct dial *, dial_free);
