/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "test.h"
#include "util/log.h"

/* What went to the journal last: one field per line. */
static char journal[64 * 1024];
static int n_sent;

int __wrap_sd_journal_sendv(const struct iovec *iov, int n);

int __wrap_sd_journal_sendv(const struct iovec *iov, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		memcpy(journal + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
		journal[len++] = '\n';
	}
	journal[len] = '\0';
	n_sent++;
	errno = EIO;
	return -EIO;
}

static void to_journal(void)
{
	cr_assert_eq(setenv("JOURNAL_STREAM", "8:1234", 1), 0);
}

/* Standard error becomes a pipe; its other end. */
static int to_terminal(void)
{
	int fds[2];

	cr_assert_eq(unsetenv("JOURNAL_STREAM"), 0);
	cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
	cr_assert_geq(dup2(fds[1], STDERR_FILENO), 0);
	cr_assert_eq(close(fds[1]), 0);
	return fds[0];
}

TEST(log, journal_gets_message_priority_and_fields)
{
	static const struct log_field fields[] = {
		{ "ACTION", "flash" },
		{ "PAYMENT", NULL },
		{ "OUTCOME", "confirmed" },
		{ NULL, NULL },
	};

	to_journal();
	errno = ENOENT;
	log_event(LOG_WARNING, fields, "%d sat", 21);
	cr_assert_str_eq(journal, "MESSAGE=21 sat\nPRIORITY=4\n"
				  "ACTION=flash\nOUTCOME=confirmed\n");
	cr_assert_eq(errno, ENOENT);
	log_info("a line");
	cr_assert_str_eq(journal, "MESSAGE=a line\nPRIORITY=6\n");
}

TEST(log, terminal_gets_the_text)
{
	static const struct log_field fields[] = {
		{ "ACTION", "flash" },
		{ NULL, NULL },
	};
	int fd = to_terminal();
	char text[64] = "";

	errno = ENOENT;
	log_event(LOG_ERR, fields, "%d sat", 21);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(read(fd, text, sizeof(text)), 7);
	cr_assert_str_eq(text, "21 sat\n");
	cr_assert_eq(n_sent, 0);
	cr_assert_eq(close(fd), 0);
}

TEST(log, what_is_below_the_level_is_dropped)
{
	to_journal();
	log_debug("a secret of the trade");
	cr_assert_eq(n_sent, 0);
	log_set_level(LOG_DEBUG);
	log_debug("a secret of the trade");
	cr_assert_eq(n_sent, 1);
	log_set_level(LOG_ERR);
	log_warning("no");
	cr_assert_eq(n_sent, 1);
	log_error("yes");
	cr_assert_eq(n_sent, 2);
}

TEST(log, lines_and_fields_have_an_end)
{
	struct log_field fields[LOG_FIELDS_MAX + 3];
	static char big[5000];
	const char *p = journal;
	int n_fields = 0;

	memset(big, 'a', sizeof(big) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		fields[i] = (struct log_field){ "FIELD", big };
	fields[ARRAY_SIZE(fields) - 1] = (struct log_field){ NULL, NULL };

	to_journal();
	log_event(LOG_INFO, fields, "%s", big);
	cr_assert_eq(strcspn(journal, "\n"), strlen("MESSAGE=") + 1023);
	while ((p = strstr(p, "FIELD=")) != NULL) {
		cr_assert_lt(strcspn(p, "\n"), 2048);
		n_fields++;
		p++;
	}
	cr_assert_eq(n_fields, LOG_FIELDS_MAX);
}
