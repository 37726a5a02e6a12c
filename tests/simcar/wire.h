/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Wire - up to three links over a unix stream socket
 *
 * Carries the bytes of the two characteristics: frames cut anywhere, answers
 * in blocks where an MTU is set: vehicle-protocol 1.2, 1.3.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "fault.h"
#include "say.h"
#include "util/macro.h"

enum {
	/* What VCSEC holds reliably: vehicle-protocol 1.1. */
	WIRE_LINKS_MAX = 3,
	WIRE_ATT_HEADER = 3,
	/* About a connection interval, two of them. */
	WIRE_BLOCK_PAUSE_MS = 15,
	/* How cars drop links that fall silent: vehicle-protocol 9. */
	WIRE_IDLE_MS = 30 * 1000,
	/* Unread answers of one client; beyond, its link drops. */
	WIRE_QUEUE_MAX = 256 * 1024,
};

enum {
	_WIRE_E_SUCCESS,

	WIRE_E_IN_USE, /* somebody answers at that path */
};

struct wire;

struct wire_handler {
	/* A whole message; negative errno ends the program. */
	int (*message)(
		void *userdata, int link, const uint8_t *message, size_t len);
	/* A status is to go out now. */
	int (*broadcast)(void *userdata);
	void *userdata;
};

/*
 * Listens at @path, instead of a socket there at which nobody answers any
 * more.  Borrows @say and @faults.  Returns 0, WIRE_E_IN_USE, or negative
 * errno.
 */
int wire_open(sd_event *event, const char *path,
	const struct wire_handler *handler, const struct say *say,
	struct faults *faults, struct wire **ret) _must_use_;

/* Drops all links and takes the socket away.  Always returns NULL. */
struct wire *wire_free(struct wire *wire);

/* Blocks of @mtu - 3 bytes from now on; 0 is none. */
void wire_set_mtu(struct wire *wire, unsigned int mtu);

/* How long a link lives without a byte from its client, if it is to drop. */
void wire_set_idle(struct wire *wire, uint64_t idle_ms);

/* As the members of struct outlet; a link that is gone is fine. */
void wire_send(struct wire *wire, int link, const uint8_t *bytes, size_t len,
	uint64_t delay_ms);
void wire_drop(struct wire *wire, int link);

/* Drops all links at once. */
void wire_drop_all(struct wire *wire, const char *why);

/* To be called after whatever may have sent, and at wire_deadline(). */
void wire_flush(struct wire *wire);
uint64_t wire_deadline(const struct wire *wire);

DEFINE_CLEANUP(struct wire *, wire_free);
