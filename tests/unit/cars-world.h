/* SPDX-License-Identifier: MIT */
#pragma once

/* A folder with cars in it, for the tests of bridge/node. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "node/cars.h"
#include "test.h"
#include "util/fd.h"

static char cars_folder[] = "/tmp/test-cars-XXXXXX";
static int cars_fd = -1;
static struct cars *cars;

static const char offer_a[] =
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char offer_b[] =
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static inline void cars_begin(void)
{
	(void)strcpy(cars_folder, "/tmp/test-cars-XXXXXX");
	cr_assert_not_null(mkdtemp(cars_folder));
	cars_fd = open(cars_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(cars_fd, 0);
	cr_assert_eq(cars_new(cars_fd, &cars), 0);
}

static inline void cars_end(void)
{
	char command[64];

	cars = cars_free(cars);
	fd_closep(&cars_fd);
	(void)snprintf(command, sizeof(command), "rm -r %s", cars_folder);
	cr_assert_eq(system(command), 0);
}

/* Reads JSON in which quotes are written as '. */
static inline json_t *read_json(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *value;

	cr_assert_not_null(copy);
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	value = json_loads(copy, JSON_DECODE_ANY, &error);
	cr_assert_not_null(value, "%s: %s", copy, error.text);
	free(copy);
	return value;
}

/* What cars_register() answers, for claims as a car sends them. */
static inline int try_register(
	const char *name, const char *claims, char ret_why[static CAR_WHY_SIZE])
{
	struct car_claims read = { 0 };
	struct car_entry *car;
	json_t *object = read_json(claims);
	int r;

	ret_why[0] = '\0';
	r = car_claims_read(object, &read, ret_why);
	json_decref(object);
	if (r == 0)
		r = cars_register(cars, name, &read, &car, ret_why);
	car_claims_deinit(&read);
	return r;
}

static inline struct car_entry *add_car(const char *name, const char *claims)
{
	char why[CAR_WHY_SIZE];

	cr_assert_eq(try_register(name, claims, why), 0, "%s", why);
	return cars_find(cars, name);
}

static inline void add_offer(struct car_entry *car, const char *action,
	uint64_t price_msat, const char *offer_id)
{
	const struct car_action *sold = car_find_action(car, action);
	struct car_offer *offers = realloc(
		car->offers, (car->n_offers + 1) * sizeof(*car->offers));

	cr_assert_not_null(offers);
	car->offers = offers;
	offers[car->n_offers] = (struct car_offer){ .price_msat = price_msat };
	if (sold != NULL)
		offers[car->n_offers].deposit_msat = sold->deposit_msat;
	(void)strcpy(offers[car->n_offers].action, action);
	(void)strcpy(offers[car->n_offers].offer_id, offer_id);
	offers[car->n_offers].bolt12 = strdup("lno1qqq");
	car->n_offers++;
}
