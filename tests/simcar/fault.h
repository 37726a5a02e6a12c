/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Faults - what the car does wrong on purpose
 *
 * KIND[@TARGET][:N]: the next N (default 1) requests that TARGET names suffer
 * KIND.  Armed faults are taken in the order in which they were armed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/macro.h"

enum fault_kind {
	FAULT_NONE,

	/* Of a request. */
	FAULT_LOST_REQUEST,
	FAULT_LOST_ANSWER,
	FAULT_LATE_ANSWER,
	FAULT_DOUBLED_ANSWER,
	FAULT_GARBLED_ANSWER,
	FAULT_SIGNATURE_FIRST,
	FAULT_GARBAGE,
	FAULT_OVERSIZE,
	FAULT_REFUSE,
	FAULT_NOMINAL,
	FAULT_KEYS,
	FAULT_PROTOCOL,
	FAULT_PROTOCOL_BARE,
	FAULT_WAIT,
	FAULT_STATUS_WAIT,
	FAULT_EPOCH,
	FAULT_FORGED_INFO,
	FAULT_DROP_BEFORE,
	FAULT_DROP_AFTER,
	FAULT_DROP_MID_FRAME,

	/* Of a tap of the key card: no TARGET. */
	FAULT_TAP,

	/* Of a link: no TARGET either. */
	FAULT_BROADCAST,
	FAULT_DROP_IN_REQUEST,
	FAULT_LINKS_FULL,
	FAULT_IDLE_DROP,
	FAULT_MTU,

	_FAULT_N,
};

enum {
	FAULT_TEXT_SIZE = 64,
	FAULT_WHY_SIZE = 200,
	FAULTS_MAX = 64,
};

struct fault {
	enum fault_kind kind;
	int number; /* of fault-F, nominal-E, keys-I, tap-I, mtu-M */
	char target[FAULT_TEXT_SIZE];
	char text[FAULT_TEXT_SIZE]; /* KIND, as it was given */
	unsigned int left;
};

struct faults {
	size_t n;
	struct fault armed[FAULTS_MAX];
};

/* What a fault's target is matched with. */
struct occasion {
	const char *name; /* of the deed, or "session-info" */
	bool vcsec;       /* else infotainment */
	bool reads;
	bool handshake;
};

/* Returns false and a sentence in @why if @text is no fault. */
bool fault_parse(const char *text, struct fault *ret, char why[FAULT_WHY_SIZE]);

/* Returns false if there is no room. */
bool faults_arm(struct faults *faults, const struct fault *fault) _must_use_;

/* Takes the fault of a request that @occasion suffers, if there is one. */
bool faults_take(struct faults *faults, const struct occasion *occasion,
	struct fault *ret);

/* Takes a fault of a tap or of a link. */
bool faults_take_kind(
	struct faults *faults, enum fault_kind kind, struct fault *ret);

/* The grammar, for --help. */
extern const char fault_help[];
