/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Reports - the answer to any read, told fact by fact
 *
 * By what the messages say of themselves: a field that is new in proto/ is told
 * without a line of code.  Spec: vehicle-protocol 7.3, appendix A.
 */

#include "model/report.h"
#include "vehicle/routable.h"
#include "vehicle/unpack.h"

/*
 * Tells @payload, which answer_read() took as the answer to the command @id.
 * False if it cannot be read.
 */
bool report_read(struct arena *arena, enum command_id id, struct view payload,
	struct report *ret) _must_use_;
