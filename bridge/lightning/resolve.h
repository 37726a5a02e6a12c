/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Resolve - the addresses of a host, without making the loop wait
 *
 * getaddrinfo(3) blocks for as long as DNS is silent, and all of what it
 * does (hosts, mDNS, systemd-resolved, by nsswitch.conf) is wanted.  So a
 * child asks and writes the answer to a pipe: unlike a thread, and unlike
 * getaddrinfo_a(3), which is threads, it can be ended at any moment.
 */

#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "util/endpoint.h"

enum {
	RESOLVE_MAX = 8, /* addresses that are tried */
};

struct resolve;

/*
 * The addresses of @endpoint, or @n 0 and @why, half a sentence.  Called once,
 * from the event loop; may free the resolve.
 */
typedef void (*resolve_handler_t)(void *userdata,
	const struct sockaddr_storage *list, size_t n, const char *why);

/* Returns 0 or negative errno. */
int resolve_new(sd_event *event, const struct endpoint *endpoint,
	resolve_handler_t handler, void *userdata,
	struct resolve **ret) _must_use_;
struct resolve *resolve_free(struct resolve *resolve);

DEFINE_CLEANUP(struct resolve *, resolve_free);
