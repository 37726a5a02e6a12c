/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Points - the named places where power may fail
 *
 * Does nothing.  The crash tests link a point() of their own over it that
 * stops the process at the point they name, so that what is tested is the
 * very order of writes and bytes that ships: architecture 3.
 */
void point(const char *name);
