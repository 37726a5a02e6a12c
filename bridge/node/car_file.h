/* SPDX-License-Identifier: MIT */
#pragma once

/* Car file - what cars.c keeps of a car, to and from JSON.  Pure. */

#include "node/cars.h"

/* Returns a new reference, NULL if memory ran out. */
json_t *car_file_print(const struct car_entry *car);

/*
 * Reads what car_file_print() gave, for the car @name.  Returns 0,
 * CARS_E_INVALID with what is wrong in @ret_why, or -ENOMEM.
 */
int car_file_read(const json_t *object, const char *name,
	struct car_entry **ret, char ret_why[static CAR_WHY_SIZE]) _must_use_;

struct car_entry *car_entry_free(struct car_entry *car);

DEFINE_CLEANUP(struct car_entry *, car_entry_free);
