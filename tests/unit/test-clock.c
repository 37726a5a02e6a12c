/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <sys/timex.h>

#include "test.h"
#include "util/clock.h"

/* What the kernel says of the wall clock. */
static int kernel_state;
static int kernel_status;

int __wrap_adjtimex(struct timex *t);

int __wrap_adjtimex(struct timex *t)
{
	/* Asked, not set. */
	cr_assert_eq(t->modes, 0);
	t->status = kernel_status;
	if (kernel_state < 0)
		errno = EPERM;
	return kernel_state;
}

TEST(clock, wall_is_set_once_the_kernel_says_so)
{
	kernel_state = TIME_OK;
	kernel_status = STA_PLL;
	cr_assert(clock_wall_is_set());
	/* As a Pi without a network. */
	kernel_state = TIME_ERROR;
	kernel_status = STA_UNSYNC;
	cr_assert_not(clock_wall_is_set());
	/* A leap second is near: TIME_INS is no error. */
	kernel_state = TIME_INS;
	kernel_status = STA_INS;
	cr_assert(clock_wall_is_set());
	/* Not even asking is allowed. */
	kernel_state = -1;
	kernel_status = 0;
	cr_assert_not(clock_wall_is_set());
}

TEST(clock, boottime_runs_and_wall_is_of_this_century)
{
	uint64_t before = clock_boottime_ms();

	cr_assert_gt(before, 0);
	cr_assert_neq(before, CLOCK_NEVER);
	cr_assert_geq(clock_boottime_ms(), before);
	cr_assert_gt(clock_wall_s(), 946684800);
}
