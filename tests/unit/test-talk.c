/* SPDX-License-Identifier: MIT */

#include "pair/talk.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "link/link.h"
#include "model/trouble.h"
#include "test.h"

enum {
	SAID_SIZE = 16384,
};

/* From now on what goes to @stream goes to memory. */
static int catch_said(FILE *stream)
{
	int fd = memfd_create("said", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	(void)fflush(stream);
	cr_assert_geq(dup2(fd, fileno(stream)), 0);
	return fd;
}

/* What went there since the last time. */
static const char *said(int fd, char ret[static SAID_SIZE])
{
	ssize_t n;

	(void)fflush(stdout);
	(void)fflush(stderr);
	n = pread(fd, ret, SAID_SIZE - 1, 0);
	cr_assert_geq(n, 0);
	ret[n] = '\0';
	cr_assert_eq(ftruncate(fd, 0), 0);
	cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
	return ret;
}

static int end_as(enum enrol_result result, bool as_json)
{
	const struct enrol_end end = { .result = result, .trouble = "" };
	struct talk talk;

	talk_init(&talk, as_json);
	return talk_ended(&talk, &end);
}

TEST(talk, each_end_has_words_and_a_status)
{
	char out[SAID_SIZE], err[SAID_SIZE];

	const int out_fd = catch_said(stdout);
	const int err_fd = catch_said(stderr);
	for (int i = 0; i < _ENROL_RESULT_N; i++) {
		int status = end_as((enum enrol_result)i, false);

		(void)said(out_fd, out);
		(void)said(err_fd, err);
		if (i == ENROL_DONE || i == ENROL_ALREADY) {
			cr_assert_eq(status, TALK_DONE);
			cr_assert_not_null(strstr(out, "both computers"));
			cr_assert_str_empty(err);
			continue;
		}
		cr_assert_gt(status, TALK_DONE, "%d", i);
		cr_assert_neq(status, TALK_USAGE, "%d", i);
		/* The sentence and the advice, for whoever looks at errors. */
		cr_assert_eq(strncmp(err, "1sat2flash-pair: ", 17), 0, "%d", i);
		cr_assert_gt(strlen(err), 80u, "%d: %s", i, err);
		cr_assert_str_empty(out);
	}
}

TEST(talk, each_end_is_one_object_for_programs)
{
	char out[SAID_SIZE];

	const int out_fd = catch_said(stdout);
	for (int i = 0; i < _ENROL_RESULT_N; i++) {
		(void)end_as((enum enrol_result)i, true);
		(void)said(out_fd, out);
		cr_assert_eq(strncmp(out, "{\"result\":\"", 11), 0, "%s", out);
		cr_assert_eq(strcspn(out, "\n"), strlen(out) - 1, "%s", out);
		cr_assert_eq(strstr(out, "\"trouble\":") == NULL,
			i == ENROL_DONE || i == ENROL_ALREADY, "%s", out);
	}
}

TEST(talk, strength_is_judged)
{
	static const struct {
		int rssi;
		const char *text;
	} rows[] = {
		{ 0, "Heard it.\n" },
		{ -85, "Heard it, at -85 dBm.\n" },
		{ -86, "Heard it, at -86 dBm, which is weak: closer would be "
		       "better.\n" },
	};
	char out[SAID_SIZE];
	struct talk talk;

	const int out_fd = catch_said(stdout);
	talk_init(&talk, false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		talk_heard(&talk, rows[i].rssi);
		cr_assert_str_eq(said(out_fd, out), rows[i].text);
	}
}

TEST(talk, trouble_of_the_link_is_told_in_its_words)
{
	char out[SAID_SIZE];
	struct talk talk;

	const int out_fd = catch_said(stdout);
	for (int i = 0; i < _LINK_REASON_N; i++) {
		const struct enrol_end end = {
			.result = ENROL_UNREACHED,
			.trouble = link_reason_name((enum link_reason)i),
		};

		talk_init(&talk, true);
		cr_assert_eq(talk_ended(&talk, &end), TALK_NO_CAR);
		(void)said(out_fd, out);
		cr_assert_not_null(strstr(out, end.trouble), "%s", out);
		cr_assert_not_null(strstr(out, trouble_find(end.trouble)->what),
			"%s", out);
	}
}

TEST(talk, detail_of_a_refusal_is_added)
{
	char out[SAID_SIZE];
	struct talk talk;

	const int out_fd = catch_said(stdout);
	talk_init(&talk, true);
	(void)talk_ended(
		&talk, &(const struct enrol_end){ .result = ENROL_REFUSED,
			       .trouble = "enrol-refused",
			       .information = 15 });
	(void)said(out_fd, out);
	cr_assert_not_null(strstr(out, "Its reason is 15."), "%s", out);
	(void)talk_ended(
		&talk, &(const struct enrol_end){ .result = ENROL_FAILED,
			       .trouble = "",
			       .error = -ENOMEM });
	(void)said(out_fd, out);
	cr_assert_not_null(strstr(out, "Cannot allocate memory."), "%s", out);
}

TEST(talk, same_trouble_is_told_once_until_the_car_was_heard)
{
	char out[SAID_SIZE];
	struct talk talk;

	const int out_fd = catch_said(stdout);
	talk_init(&talk, true);
	for (int i = 0; i < 3; i++)
		talk_missed(&talk, "car-full");
	talk_missed(&talk, "car-not-heard");
	talk_missed(&talk, "no such row");
	talk_heard(&talk, -67);
	talk_missed(&talk, "car-not-heard");
	(void)said(out_fd, out);
	cr_assert_str_eq(out, "{\"missed\":\"car-full\"}\n"
			      "{\"missed\":\"car-not-heard\"}\n"
			      "{\"heard\":true,\"rssi\":-67}\n"
			      "{\"missed\":\"car-not-heard\"}\n");
}

TEST(talk, request_is_explained_once)
{
	char out[SAID_SIZE];
	struct talk talk;
	const char *first;

	const int out_fd = catch_said(stdout);
	talk_init(&talk, false);
	talk_stage(&talk, ENROL_SEARCHING);
	talk_heard(&talk, 0);
	talk_stage(&talk, ENROL_PROBING);
	talk_stage(&talk, ENROL_WAITING);
	talk_stage(&talk, ENROL_SEARCHING);
	talk_stage(&talk, ENROL_WAITING);
	talk_stage(&talk, ENROL_SYNCING);
	(void)said(out_fd, out);
	first = strstr(out, "behind the cup holders");
	cr_assert_not_null(first);
	cr_assert_null(strstr(first + strlen("behind the "), "behind the"));
	cr_assert_not_null(strstr(out, "Looking for the car again."));
	cr_assert_not_null(strstr(out, "Still waiting for the tap."));
	/* What is no terminal gets lines, and nothing that draws. */
	cr_assert_null(strpbrk(out, "\r\x1b"));
}

TEST(talk, no_line_is_wider_than_a_terminal)
{
	char err[SAID_SIZE];

	const int err_fd = catch_said(stderr);
	for (int i = ENROL_UNKNOWN_KEY; i < _ENROL_RESULT_N; i++)
		(void)end_as((enum enrol_result)i, false);
	(void)said(err_fd, err);
	for (const char *line = err; *line != '\0'; line++) {
		size_t len = strcspn(line, "\n");

		cr_assert_leq(len, 78u, "%.*s", (int)len, line);
		line += len;
	}
}
