/* SPDX-License-Identifier: MIT */
#pragma once

/* Options - the command line of simcar */

#include <stdbool.h>
#include <stdint.h>

#include "car.h"
#include "fault.h"
#include "util/macro.h"

enum {
	OPTIONS_KEYS = 2,
};

struct options {
	const char *socket;
	const char *bluez;
	const char *vin;
	size_t n_keys;
	const char *keys[OPTIONS_KEYS];
	size_t n_enrolments;
	const char *enrolments[WHITELIST_MAX];
	struct faults faults;
	unsigned int mtu;
	bool asleep;
	bool asleep_answers;
	bool old_firmware;
	bool drive_refused;
	uint64_t drive_ms;
	uint64_t boot_ms;
	uint64_t sleep_after_ms;
	uint64_t tap_after_ms;
	uint64_t tap_timeout_ms;
	uint64_t sync_ms;
	uint64_t late_ms;
	uint64_t idle_ms;
};

enum {
	_OPTIONS_E_SUCCESS,

	OPTIONS_E_HELP,  /* it was asked for and is printed */
	OPTIONS_E_USAGE, /* a sentence is on standard error */
};

/*
 * Reads the command line, whose strings @ret borrows.  Returns 0,
 * OPTIONS_E_HELP or OPTIONS_E_USAGE.
 */
int options_read(int argc, char **argv, struct options *ret) _must_use_;
