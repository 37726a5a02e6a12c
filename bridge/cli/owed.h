/* SPDX-License-Identifier: MIT */
#pragma once

/* Owed - settles one payment that nothing was done for */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/*
 * @words: what to do with it, which is refund, do or write-off; and the number
 * of the order.  Prints what became of it.  Returns the exit status.
 */
int owed_settle(sd_bus *bus, char *const *words, size_t n_words, bool as_json);
