/* SPDX-License-Identifier: MIT */

#include "link/bluez_rfkill.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static const char *const attributes[] = { "name", "soft", "hard" };

static void put(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	cr_assert_not_null(file);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
}

TEST(bluez_rfkill, either_switch_of_the_adapter_blocks)
{
	static const struct {
		const char *name, *soft, *hard;
		bool blocks;
	} cases[] = {
		{ "hci0\n", "0\n", "0\n", false },
		{ "hci0\n", "1\n", "0\n", true },
		{ "hci0\n", "0\n", "1\n", true },
		{ "hci1\n", "1\n", "1\n", false },
		{ "", "1\n", "1\n", false },
	};
	char folder[] = "/tmp/test-rfkill-XXXXXX";
	char path[128];

	cr_assert_not_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/rfkill0", folder);
	cr_assert_eq(mkdir(path, 0700), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(path, "name", cases[i].name);
		put(path, "soft", cases[i].soft);
		put(path, "hard", cases[i].hard);
		cr_assert_eq(rfkill_is_blocked(folder, "hci0"), cases[i].blocks,
			"case %zu", i);
	}

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/rfkill0/%s", folder,
			attributes[i]);
		cr_assert_eq(unlink(path), 0);
	}
	(void)snprintf(path, sizeof(path), "%s/rfkill0", folder);
	cr_assert_eq(rmdir(path), 0);
	cr_assert_eq(rmdir(folder), 0);
	cr_assert_not(rfkill_is_blocked(folder, "hci0"));
}
