/* SPDX-License-Identifier: MIT */

#include "util/way_back.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define OFFER "lno1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlrm9deu7xyfzrc"
#define OFFER_2 "lno1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlrm9deu7xyfzrq"

static void assert_found(
	const char *note, enum way_back_kind kind, const char *text)
{
	struct way_back found;

	cr_assert(way_back_find(note, &found), "nothing in \"%s\"", note);
	cr_assert_eq(found.kind, kind, "\"%s\"", note);
	cr_assert_str_eq(found.text, text);
}

static void assert_none(const char *note)
{
	struct way_back found = { .text = "untouched" };

	cr_assert_not(way_back_find(note, &found), "\"%s\": %s",
		note == NULL ? "" : note, found.text);
	cr_assert_str_eq(found.text, "untouched");
}

TEST(way_back, an_offer_is_found_in_what_people_write)
{
	assert_found(OFFER, WAY_BACK_OFFER, OFFER);
	assert_found("refund: " OFFER ", thanks!", WAY_BACK_OFFER, OFFER);
	assert_found("lightning:" OFFER, WAY_BACK_OFFER, OFFER);
	assert_found("bitcoin:?lno=" OFFER "&x=1", WAY_BACK_OFFER, OFFER);
	assert_found("(" OFFER ")", WAY_BACK_OFFER, OFFER);
	assert_found("I paid 1 sat\n" OFFER "\n", WAY_BACK_OFFER, OFFER);
}

TEST(way_back, an_offer_may_be_in_capitals_but_not_in_both)
{
	char upper[] = OFFER;

	for (char *p = upper; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	assert_found(upper, WAY_BACK_OFFER, OFFER);
	upper[0] = 'l';
	assert_none(upper);
	upper[0] = 'L';
	upper[20] = 'q';
	assert_none(upper);
}

TEST(way_back, an_offer_may_be_broken_by_plus_signs)
{
	assert_found("lno1qgsqvgnwgcg35z6ee2h3yc+zraddm72xrfua9uve2rlrm9deu+\n "
		     " 7xyfzrc",
		WAY_BACK_OFFER, OFFER);
	assert_none("lno1qgsqvgnwgcg35z6ee2h3yc+");
	assert_none("lno1qgsqvgnwgcg35z6ee2h3yc++zraddm72");
	assert_none("lno1qgsqvgnwgcg35z6ee2h3yc+ bread");
	assert_none("l+no1qgsqvgnwgcg35z6ee2h3yc");
	assert_none("lno1+");
}

TEST(way_back, what_is_no_offer_to_its_end_is_none)
{
	assert_none("lno1");
	assert_none("lno1qgsqvg");
	assert_none(OFFER "b");
	assert_none(OFFER "1qqq");
	assert_none(OFFER "_x");
	assert_none("x" OFFER);
	assert_none("eve@" OFFER);
	assert_none(OFFER ".example");
	assert_found(OFFER ".", WAY_BACK_OFFER, OFFER);
	assert_none("lni1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlr");
	assert_none("lnbc10n1pqgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2");
}

TEST(way_back, a_name_is_found_in_what_people_write)
{
	assert_found("bob@example.com", WAY_BACK_NAME, "bob@example.com");
	assert_found("\xe2\x82\xbf"
		     "bob@example.com",
		WAY_BACK_NAME, "bob@example.com");
	assert_found("to \xe2\x82\xbf"
		     "bob@example.com, please",
		WAY_BACK_NAME, "bob@example.com");
	assert_found("Bob@Example.COM.", WAY_BACK_NAME, "bob@example.com");
	assert_found("<a_b.c-d@x-y.example.org>", WAY_BACK_NAME,
		"a_b.c-d@x-y.example.org");
	assert_found("send to: 1@2.io!", WAY_BACK_NAME, "1@2.io");
	assert_found("a@lno1qgsqvgnwgcg35z6ee2h3yc.com", WAY_BACK_NAME,
		"a@lno1qgsqvgnwgcg35z6ee2h3yc.com");
}

TEST(way_back, a_part_of_a_name_is_somebody_else)
{
	/* An e in it with an accent, a plus, a path, a second domain. */
	assert_none("ren\xc3\xa9.bob@example.com");
	assert_none("x\xc3\xa9"
		    "bob@example.com");
	assert_none("bob+car@example.com");
	assert_none("bob@example.com/x");
	assert_none("bob@example.com@example.org");
	assert_none("bob@example.c\xc3\xb6m");
	assert_none("b%62@example.com%2e");
}

TEST(way_back, a_name_is_one_that_dns_can_have)
{
	char note[512];

	assert_none("@example.com");
	assert_none("bob@");
	assert_none("bob@example");
	assert_none("bob@.com");
	assert_none("bob@example..com");
	assert_none("bob@-example.com");
	assert_none("bob@example-.com");
	assert_none("bob@exam_ple.com");
	assert_none("bob@127.0.0.1");
	assert_none(".bob@example.com");
	assert_none("bob.@example.com");
	assert_none("-@example.com");

	(void)snprintf(note, sizeof(note), "%064d@example.com", 1);
	assert_none(note);
	assert_found(note + 1, WAY_BACK_NAME, note + 1);
	(void)snprintf(note, sizeof(note), "bob@%064d.com", 1);
	assert_none(note);
	(void)snprintf(note, sizeof(note), "bob@%063d.%063d.%063d.%063d.com", 1,
		2, 3, 4);
	assert_none(note);
}

TEST(way_back, the_same_one_twice_is_one)
{
	assert_found(OFFER " or " OFFER, WAY_BACK_OFFER, OFFER);
	assert_found("bob@example.com (\xe2\x82\xbf"
		     "Bob@example.com)",
		WAY_BACK_NAME, "bob@example.com");
}

TEST(way_back, two_ways_are_none)
{
	assert_none(OFFER " " OFFER_2);
	assert_none(OFFER " bob@example.com");
	assert_none("bob@example.com eve@example.com");
	assert_none("bob@example.com " OFFER);
}

TEST(way_back, nothing_is_none)
{
	assert_none(NULL);
	assert_none("");
	assert_none("one flash, please");
	assert_none("@");
	assert_none("03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

TEST(way_back, lengths_have_a_bound)
{
	static char note[WAY_BACK_NOTE_MAX + 2];

	/* An offer as long as may be, and one more. */
	memset(note, 'q', WAY_BACK_SIZE);
	memcpy(note, "lno1", 4);
	assert_none(note);
	note[WAY_BACK_SIZE - 1] = '\0';
	assert_found(note, WAY_BACK_OFFER, note);

	memset(note, ' ', WAY_BACK_NOTE_MAX + 1);
	memcpy(note, "a@b.io", 6);
	assert_none(note);
	note[WAY_BACK_NOTE_MAX] = '\0';
	assert_found(note, WAY_BACK_NAME, "a@b.io");
}
