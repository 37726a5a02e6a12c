/* SPDX-License-Identifier: MIT */
#pragma once

/* Rfkill - is a radio switched off by the kernel's switch or a real one? */

#include <stdbool.h>

/*
 * Is @adapter ("hci0") blocked?  @folder: "/sys/class/rfkill".  What cannot
 * be read does not block.
 */
bool rfkill_is_blocked(const char *folder, const char *adapter);
