/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Mark - what was decided about a payment, where a power cut cannot undo it
 *
 * One empty file a payment hash, whose name says the state.  A change is one
 * rename, synced before anybody acts on it or hears of it.  The guard reads
 * the same files.  The time of the last write is when the payment first came,
 * that of the last change when it was decided.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	MARK_HASH_SIZE = 65, /* 64 hexadecimal digits, NUL */
	MARK_KEEP_S = 40 * 24 * 60 * 60,
};

enum mark {
	MARK_NONE,
	MARK_HELD,
	MARK_TAKEN_KEEP, /* the car may act; by the unknown rule it is earned */
	MARK_TAKEN_RETURN,
	MARK_SETTLE,
	MARK_RETURN,
};

struct mark_state {
	enum mark mark;
	/* Seconds, by the wall clock; negative if that was set back. */
	int64_t age_s;     /* since the payment came */
	int64_t decided_s; /* since the last change */
};

/* Has the car taken it, and no verdict is there? */
static inline bool mark_is_taken(enum mark mark)
{
	return mark == MARK_TAKEN_KEEP || mark == MARK_TAKEN_RETURN;
}

/* "held", ..., as in the file's name; "" for MARK_NONE. */
const char *mark_name(enum mark mark);

/* The hash of the 64 digits of @preimage.  Returns 0, or -EINVAL. */
int mark_hash(const char *preimage, char ret[static MARK_HASH_SIZE]) _must_use_;

/* 64 hexadecimal digits, lower-case: it becomes the name of a file. */
bool mark_is_hash(const char *text);

/* What the folder says of @hash.  Returns 0 or negative errno. */
int mark_read(
	int folder_fd, const char *hash, struct mark_state *ret) _must_use_;

/*
 * Makes @mark the mark of @hash, synced; fine if it is.  Returns 0, or
 * negative errno: the mark is then what it was, as far as the disk obeys.
 */
int mark_write(int folder_fd, const char *hash, enum mark mark) _must_use_;

/*
 * Removes verdicts on payments that came longer ago than MARK_KEEP_S.  Goes by
 * the wall clock, which has to be right.  Returns how many, or -errno.
 */
int mark_clean(int folder_fd) _must_use_;
