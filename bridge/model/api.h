/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * API - the words of the D-Bus interface, shared by daemon and clients
 *
 * What they mean is told in bridge/units/io.github.onesat2flash.Bridge1.xml.
 */

#define API_BUS_NAME "io.github.onesat2flash"
#define API_PATH "/io/github/onesat2flash"
#define API_INTERFACE "io.github.onesat2flash.Bridge1"

#define API_ERROR_NO_SUCH_ACTION "io.github.onesat2flash.Error.NoSuchAction"
#define API_ERROR_NO_SUCH_ORDER "io.github.onesat2flash.Error.NoSuchOrder"
#define API_ERROR_INVALID_PROGRAM "io.github.onesat2flash.Error.InvalidProgram"
#define API_ERROR_PAUSED "io.github.onesat2flash.Error.Paused"
#define API_ERROR_NOT_PERMITTED "io.github.onesat2flash.Error.NotPermitted"
#define API_ERROR_DISK_FULL "io.github.onesat2flash.Error.DiskFull"
#define API_ERROR_BUSY "io.github.onesat2flash.Error.Busy"
#define API_ERROR_LENT "io.github.onesat2flash.Error.Lent"
#define API_ERROR_NO_SUCH_STATE "io.github.onesat2flash.Error.NoSuchState"
#define API_ERROR_ASLEEP "io.github.onesat2flash.Error.Asleep"
#define API_ERROR_RENTED "io.github.onesat2flash.Error.Rented"
#define API_ERROR_NO_RENTAL "io.github.onesat2flash.Error.NoRental"
#define API_ERROR_FAILED "io.github.onesat2flash.Error.Failed"

/* Who, beside root, may try, pause and resume. */
#define API_GROUP "_1sat2flash"

enum {
	/* Most rows in one answer. */
	API_ROWS_MAX = 10000,
};
