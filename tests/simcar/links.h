/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Links - the up to three clients of the car, whatever carries them
 *
 * Answers wait here for their time and go out in blocks; bytes become
 * messages; the faults of a link strike here.  What moves the bytes is a
 * carrier: a unix stream socket (wire.h), or Bluetooth (air.h).
 *
 * Spec: vehicle-protocol 1.1 to 1.3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"
#include "say.h"
#include "util/macro.h"

enum {
	/* What VCSEC holds reliably: vehicle-protocol 1.1. */
	LINKS_MAX = 3,
	LINKS_ATT_HEADER = 3,
	LINKS_PEER_SIZE = 18,
	/* About a connection interval, two of them. */
	LINKS_BLOCK_PAUSE_MS = 15,
	/* How cars drop links that fall silent: vehicle-protocol 9. */
	LINKS_IDLE_MS = 30 * 1000,
	/* Unread answers of one client; beyond, its link drops. */
	LINKS_QUEUE_MAX = 256 * 1024,
};

struct carrier;
struct links;
struct links_link;

/* What a carrier does for its links; @lane is its own number for one. */
struct carrier_ops {
	/*
	 * Takes a block of at most @len bytes.  Returns how many it took, 0
	 * if it can take none before links_unblock(), or negative errno.
	 */
	ssize_t (*send)(struct carrier *carrier, unsigned int lane,
		const uint8_t *bytes, size_t len);
	/* The link is gone from the car's list: lets go of the client. */
	void (*close)(struct carrier *carrier, unsigned int lane);
};

/* First member of each implementation. */
struct carrier {
	const struct carrier_ops *ops;
};

struct links_handler {
	/* A whole message; negative errno ends the program. */
	int (*message)(
		void *userdata, int link, const uint8_t *message, size_t len);
	/* A status is to go out now. */
	int (*broadcast)(void *userdata);
	void *userdata;
};

/* Borrows @say and @faults.  Returns 0 or -ENOMEM. */
int links_new(const struct links_handler *handler, const struct say *say,
	struct faults *faults, struct links **ret) _must_use_;

/* Drops all links; their carriers must still be there.  Returns NULL. */
struct links *links_free(struct links *links);

/* Blocks of at most @mtu - 3 bytes from now on, with pauses; 0 is none. */
void links_set_mtu(struct links *links, unsigned int mtu);

/* How long a link lives without a byte from its client, if it is to drop. */
void links_set_idle(struct links *links, uint64_t idle_ms);

/* Does the car refuse new links, as if phones held them all? */
void links_set_full(struct links *links, bool full);

/* May another client come?  An armed fault does not count. */
bool links_have_room(const struct links *links);

/* As the members of struct outlet; a link that is gone is fine. */
void links_send(struct links *links, int link, const uint8_t *bytes, size_t len,
	uint64_t delay_ms);
void links_drop(struct links *links, int link);

/* Drops all links at once. */
void links_drop_all(struct links *links, const char *why);

/* To be called after whatever may have sent, and at links_deadline(). */
void links_flush(struct links *links);
uint64_t links_deadline(const struct links *links);

/*
 * For carriers.
 *
 * A client has come: NULL if it is refused, which is said.  @peer is who,
 * or NULL.
 */
struct links_link *links_add(struct links *links, struct carrier *carrier,
	unsigned int lane, const char *peer);

/*
 * Bytes from the client.  The link may be gone after it: the carrier's
 * close() was called then.  Returns 0, or negative errno if the car is broken.
 */
int links_take(
	struct links_link *link, const uint8_t *bytes, size_t len) _must_use_;

/* The carrier can take blocks again. */
void links_unblock(struct links_link *link);

/* The client is gone, or is to go; calls close(). */
void links_close(struct links_link *link, const char *why);

DEFINE_CLEANUP(struct links *, links_free);
