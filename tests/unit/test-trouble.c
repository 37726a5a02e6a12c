/* SPDX-License-Identifier: MIT */

#include "model/trouble.h"

#include <ctype.h>
#include <string.h>

#include "link/link.h"
#include "test.h"

/* What daemon, car and pair give for a name, beside those of the link. */
static const char *const names[] = { "key-not-enrolled", "car-silent",
	"locked-out", "tap-timed-out", "screen-not-answered",
	"denied-on-screen", "cancelled-on-screen", "screen-dark",
	"key-list-full", "valet-mode", "not-permitted", "enrol-refused",
	"enrol-timed-out", "half-enrolled", "failed-here", "node-not-reached",
	"node-not-permitted", "link-lent" };

static void assert_sentence(const char *name, const char *text)
{
	size_t len = strlen(text);

	cr_assert_gt(len, 10u, "%s", name);
	cr_assert(isupper((unsigned char)text[0]), "%s: %s", name, text);
	cr_assert_eq(text[len - 1], '.', "%s: %s", name, text);
	/* Texts that were split in the middle of a word or of a blank. */
	cr_assert_null(strstr(text, "  "), "%s: %s", name, text);
}

static void assert_row(const char *name)
{
	const struct trouble *trouble = trouble_find(name);

	cr_assert_not_null(trouble, "%s has no row", name);
	cr_assert_str_eq(trouble->name, name);
	assert_sentence(name, trouble->what);
	assert_sentence(name, trouble->advice);
}

TEST(trouble, all_that_can_happen_has_a_sentence_and_advice)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_row(names[i]);
}

TEST(trouble, each_reason_of_a_link_has_a_row)
{
	for (int i = 0; i < _LINK_REASON_N; i++)
		assert_row(link_reason_name((enum link_reason)i));
}

TEST(trouble, unknown_name_has_none)
{
	cr_assert_null(trouble_find(""));
	cr_assert_null(trouble_find("car"));
	cr_assert_null(trouble_find("car-not-heard."));
}
