/* SPDX-License-Identifier: MIT */

#include "model/outcome.h"

const char *outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_CONFIRMED:
		return "confirmed";
	case OUTCOME_REFUSED:
		return "refused";
	case OUTCOME_UNKNOWN:
		break;
	}

	return "unknown";
}
