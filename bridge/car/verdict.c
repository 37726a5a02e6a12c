/* SPDX-License-Identifier: MIT */

#include "car/verdict.h"

#include <stddef.h>

void verdict_take(int information, struct enrol_end *ret)
{
	/* WhitelistOperation_information_E: vehicle-protocol 5.3, appendix A */
	static const struct {
		enum enrol_result result;
		const char *trouble;
	} rows[] = {
		[3] = { ENROL_LIST_FULL, "key-list-full" }, /* of fobs */
		[4] = { ENROL_LIST_FULL, "key-list-full" },
		[5] = { ENROL_NOT_PERMITTED, "not-permitted" },
		/* More rights than the card has. */
		[9] = { ENROL_NOT_PERMITTED, "not-permitted" },
		/* Only for a card that lies on the reader. */
		[14] = { ENROL_NOT_PERMITTED, "not-permitted" },
		/* No memory is left for another. */
		[18] = { ENROL_LIST_FULL, "key-list-full" },
		/* Roles of service. */
		[20] = { ENROL_NOT_PERMITTED, "not-permitted" },
		[21] = { ENROL_NOT_PERMITTED, "not-permitted" },
		[22] = { ENROL_NOT_PERMITTED, "not-permitted" },
		/* The car could not even begin to ask. */
		[23] = { ENROL_REFUSED, "screen-dark" },
		[24] = { ENROL_DENIED, "denied-on-screen" },
		[25] = { ENROL_NO_TAP, "tap-timed-out" },
		[26] = { ENROL_NO_ANSWER, "screen-not-answered" },
		[27] = { ENROL_VALET, "valet-mode" },
		[28] = { ENROL_CANCELLED, "cancelled-on-screen" },
	};
	size_t i = information > 0 ? (size_t)information : 0;

	ret->information = information;
	ret->result = ENROL_REFUSED;
	ret->trouble = "enrol-refused";
	if (i < ARRAY_SIZE(rows) && rows[i].trouble != NULL) {
		ret->result = rows[i].result;
		ret->trouble = rows[i].trouble;
	}
}
