/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Log - one line per event, for the journal or a terminal
 *
 * Started by systemd, lines go to the journal with their fields; otherwise to
 * standard error as plain text.  Libraries log at LOG_DEBUG only; programs
 * log an error once, where it stops, and say what happens next.  Never a key,
 * a preimage or a whole VIN.
 */

#include <syslog.h>

#include "util/macro.h"

/* A journal field, e.g. { "ACTION", "flash" }. */
struct log_field {
	const char *name;
	const char *value;
};

enum {
	LOG_FIELDS_MAX = 8,
};

/* Lines below @priority (LOG_INFO at first) are dropped. */
void log_set_level(int priority);

/* Writes a line.  Cut at 1023 bytes.  errno is left alone. */
void log_write(int priority, const char *format, ...) _printf_(2, 3);

/*
 * The same with the fields in @fields, up to LOG_FIELDS_MAX, ended by one
 * without a name.  NULL values are left out.
 */
void log_event(int priority, const struct log_field *fields, const char *format,
	...) _printf_(3, 4);

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_notice(...) log_write(LOG_NOTICE, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERR, __VA_ARGS__)
