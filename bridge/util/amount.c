/* SPDX-License-Identifier: MIT */

#include "util/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void amount_print(uint64_t msat, char ret[static AMOUNT_TEXT_SIZE])
{
	char fraction[8] = "";

	if (msat % 1000 != 0) {
		(void)snprintf(fraction, sizeof(fraction), ".%03u",
			(unsigned int)(msat % 1000));
		while (fraction[strlen(fraction) - 1] == '0')
			fraction[strlen(fraction) - 1] = '\0';
	}
	(void)snprintf(ret, AMOUNT_TEXT_SIZE, "%" PRIu64 "%s sat", msat / 1000,
		fraction);
}
