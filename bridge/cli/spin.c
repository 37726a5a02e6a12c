/* SPDX-License-Identifier: MIT */

#include "cli/spin.h"

#include <stddef.h>
#include <stdio.h>

#include "cli/term.h"
#include "util/clock.h"
#include "util/duration.h"

void spin_begin(struct spin *spin, bool as_json)
{
	*spin = (struct spin){
		.is_live = !as_json && term_is_tty(),
		.since_ms = clock_boottime_ms(),
	};
}

void spin_turn(struct spin *spin, const char *who, const char *what)
{
	static const char frames[] = "|/-\\";
	char elapsed[DURATION_TEXT_SIZE];

	if (!spin->is_live)
		return;
	duration_print(clock_boottime_ms() - spin->since_ms, elapsed);
	spin_clear(spin);
	(void)printf("%c %s%s%s, %s", frames[spin->frame++ % 4],
		who == NULL ? "" : who, who == NULL ? "" : ": ", what, elapsed);
	(void)fflush(stdout);
}

void spin_clear(const struct spin *spin)
{
	if (spin->is_live)
		(void)printf("\r\x1b[K");
}
