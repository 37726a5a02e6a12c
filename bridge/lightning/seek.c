/* SPDX-License-Identifier: MIT */

#include "lightning/seek.h"

bool seek_next(struct seek *seek, uint64_t *ret_index)
{
	if (seek->bounded && seek->low == seek->high)
		return false;

	if (seek->bounded)
		seek->asked = seek->low + (seek->high - seek->low) / 2;
	else if (seek->low > SEEK_INDEX_MAX / 2)
		seek->asked = SEEK_INDEX_MAX;
	else
		seek->asked = 2 * seek->low;

	*ret_index = seek->asked;
	return true;
}

void seek_none(struct seek *seek)
{
	seek->high = seek->asked;
	seek->bounded = true;
}

bool seek_found(struct seek *seek, uint64_t index)
{
	if (index <= seek->asked || index > SEEK_INDEX_MAX)
		return false;

	/* Past the bound: paid since it was found, and all before is none. */
	if (seek->bounded && index > seek->high)
		seek->high = seek->asked;
	else
		seek->low = index;
	return true;
}
