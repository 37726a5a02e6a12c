/* SPDX-License-Identifier: MIT */
#pragma once

/* Commands - what may stand in a menu, out of the model's table */

#include <stdbool.h>

/* Prints all of them.  Returns the exit status. */
int commands_show(bool as_json);
