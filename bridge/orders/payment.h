/* SPDX-License-Identifier: MIT */
#pragma once

/* Payment - what orders is told of a paid invoice, and when it is told */

#include <stdbool.h>
#include <stdint.h>

struct payment {
	const char *node_id;
	const char *payment_hash; /* 64 lower-case hexadecimal digits */
	uint64_t pay_index;
	const char *label;       /* never NULL */
	const char *offer_id;    /* NULL if it came by no offer */
	const char *description; /* NULL if there is none */
	const char *payer_note;  /* NULL if there is none */
	uint64_t msat;           /* received */
	int64_t paid_at_s;       /* 0 if absent */
	uint64_t max_age_ms;     /* proven upper bound; UINT64_MAX if none */
	bool restored;           /* from a restored or another node */
	bool held;               /* the node waits for the car's verdict */
	bool taken; /* held, and marked by an earlier process of ours */
};

/* The moment at which rules are applied; given, so that orders is pure. */
struct moment {
	uint64_t boot_ms; /* CLOCK_BOOTTIME */
	int64_t wall_s;   /* since 1970 */
	bool wall_is_set; /* false: wall_s means nothing */
};
