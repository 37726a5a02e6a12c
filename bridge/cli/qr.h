/* SPDX-License-Identifier: MIT */
#pragma once

/* QR - draws what buys an action, for a screen or for paper */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/macro.h"

enum {
	_QR_E_SUCCESS,

	QR_E_FAILED, /* told on standard error */
};

struct qr_ask {
	const char *action; /* NULL: all that have an offer */
	const char *svg; /* file to write to; "-": standard output; or NULL */
	bool as_json;    /* unless @svg is given */
};

/*
 * @m: the answer to GetMenu.  What was asked for goes to standard output or to
 * a file; what was left out is told on standard error.  Returns 0, QR_E_FAILED,
 * or negative errno if @m cannot be read.
 */
int qr_show(sd_bus_message *m, const struct qr_ask *ask) _must_use_;
