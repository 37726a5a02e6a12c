/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Perform - from what is asked to what is done
 *
 * The request is genuine, or is not signed; here is decided whether it may be
 * done, which injected fault it suffers, and what it changes.
 */

#include "car.h"

/* Does @deed, or refuses it, and answers. */
int perform(struct car *car, struct request *request,
	const struct deed *deed) _must_use_;

/*
 * Arms @request with its injected fault.  *@ret_hindered: that came instead
 * of @deed, or of the handshake if @deed is NULL.
 */
int perform_fault(struct car *car, struct request *request,
	const struct deed *deed, bool *ret_hindered) _must_use_;

/* Notes the counter of a genuine request. */
void perform_count(struct car *car, struct request *request);

/* Those that come with session info: vehicle-protocol 3.5. */
bool fault_is_of_session(int fault);
