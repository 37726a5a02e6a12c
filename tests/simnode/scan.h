/* SPDX-License-Identifier: MIT */
#pragma once

/* Scan - where an object ends.  Written anew, not shared with the bridge. */

#include <stddef.h>

/*
 * Length of the object that @text, of @len > 0 bytes, begins with; 0 if it
 * has not come whole, and @len if it will never end.
 */
size_t scan_object(const char *text, size_t len);

/* How many bytes of space @text begins with. */
size_t scan_space(const char *text, size_t len);
