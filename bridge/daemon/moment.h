/* SPDX-License-Identifier: MIT */
#pragma once

/* Moment - now, on both clocks */

#include "orders/payment.h"
#include "util/clock.h"

static inline struct moment moment_now(void)
{
	return (struct moment){
		.boot_ms = clock_boottime_ms(),
		.wall_s = clock_wall_s(),
		.wall_is_set = clock_wall_is_set(),
	};
}
