/* SPDX-License-Identifier: MIT */
#pragma once

/* Starter - the configuration that an owner begins with */

#include "util/macro.h"

struct starter {
	const char *vin;
	const char *key_path; /* NULL: where it is by default */
	const char *adapter;  /* "": any */
};

/*
 * Returns 0 and a text for free(3); -EINVAL if something in @starter would be
 * read otherwise between quotes; or -ENOMEM.
 */
int starter_print(const struct starter *starter, char **ret) _must_use_;
