/* SPDX-License-Identifier: MIT */

/* The messages are our own: no CODE_FILE, CODE_LINE beside each of them. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

enum {
	LINE_SIZE = 1024,
	FIELD_SIZE = 256,
};

static int log_level = LOG_INFO;

void log_set_level(int priority)
{
	log_level = priority;
}

static void write_journal(
	int priority, const struct log_field *fields, const char *line)
{
	char text[2 + LOG_FIELDS_MAX][LINE_SIZE + FIELD_SIZE];
	struct iovec iov[2 + LOG_FIELDS_MAX];
	int n = 0;

	(void)snprintf(text[n++], sizeof(text[0]), "MESSAGE=%s", line);
	(void)snprintf(text[n++], sizeof(text[0]), "PRIORITY=%d", priority);
	for (; fields != NULL && fields->name != NULL; fields++) {
		if (fields->value == NULL || n == (int)ARRAY_SIZE(text))
			continue;
		(void)snprintf(text[n++], sizeof(text[0]), "%s=%s",
			fields->name, fields->value);
	}
	for (int i = 0; i < n; i++) {
		iov[i].iov_base = text[i];
		iov[i].iov_len = strlen(text[i]);
	}
	(void)sd_journal_sendv(iov, n);
}

static void _printf_(3, 0) log_va(int priority, const struct log_field *fields,
	const char *format, va_list args)
{
	int saved_errno = errno;
	char line[LINE_SIZE];

	if (priority > log_level)
		return;

	(void)vsnprintf(line, sizeof(line), format, args);
	/* systemd sets JOURNAL_STREAM where standard error is the journal. */
	if (getenv("JOURNAL_STREAM") != NULL)
		write_journal(priority, fields, line);
	else
		(void)fprintf(stderr, "%s\n", line);
	errno = saved_errno;
}

void log_write(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_va(priority, NULL, format, args);
	va_end(args);
}

void log_event(
	int priority, const struct log_field *fields, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_va(priority, fields, format, args);
	va_end(args);
}
