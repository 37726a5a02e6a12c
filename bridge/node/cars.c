/* SPDX-License-Identifier: MIT */

#include "node/cars.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/car_file.h"
#include "node/claim.h"
#include "util/fd.h"
#include "util/point.h"

enum {
	FILE_NAME_SIZE = CAR_NAME_SIZE + 8,
};

static const char suffix[] = ".json";

struct cars {
	int folder_fd;
	struct car_entry *cars[CARS_MAX]; /* in the order of their names */
	size_t n_cars;
};

int cars_new(int folder_fd, struct cars **ret)
{
	struct cars *cars = calloc(1, sizeof(*cars));

	if (cars == NULL)
		return -ENOMEM;

	cars->folder_fd = folder_fd;
	*ret = cars;
	return 0;
}

static void drop_all(struct cars *cars)
{
	while (cars->n_cars > 0)
		(void)car_entry_free(cars->cars[--cars->n_cars]);
}

struct cars *cars_free(struct cars *cars)
{
	if (cars == NULL)
		return NULL;

	drop_all(cars);
	free(cars);
	return NULL;
}

size_t cars_count(const struct cars *cars)
{
	return cars->n_cars;
}

struct car_entry *cars_at(const struct cars *cars, size_t i)
{
	return cars->cars[i];
}

/* Where @name is, or would be. */
static size_t place_of(const struct cars *cars, const char *name)
{
	size_t low = 0, high = cars->n_cars;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(cars->cars[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}

	return low;
}

struct car_entry *cars_find(const struct cars *cars, const char *name)
{
	size_t i = place_of(cars, name);

	if (i == cars->n_cars || strcmp(cars->cars[i]->name, name) != 0)
		return NULL;

	return cars->cars[i];
}

/* The caller has seen to it that there is room. */
static void insert(struct cars *cars, struct car_entry *car)
{
	size_t i = place_of(cars, car->name);

	memmove(&cars->cars[i + 1], &cars->cars[i],
		(cars->n_cars - i) * sizeof(cars->cars[0]));
	cars->cars[i] = car;
	cars->n_cars++;
}

static void take_out(struct cars *cars, const struct car_entry *car)
{
	size_t i = place_of(cars, car->name);

	cars->n_cars--;
	memmove(&cars->cars[i], &cars->cars[i + 1],
		(cars->n_cars - i) * sizeof(cars->cars[0]));
}

struct car_entry *cars_find_offer(const struct cars *cars, const char *offer_id,
	const char **ret_action, uint64_t *ret_price_msat)
{
	const char *action = NULL;
	uint64_t price_msat = 0;
	struct car_entry *found = NULL;

	/* An action without an offer has the id "". */
	if (offer_id[0] == '\0')
		return NULL;
	for (size_t i = 0; i < cars->n_cars && found == NULL; i++) {
		struct car_entry *car = cars->cars[i];

		for (size_t k = 0; k < car->claims.n_actions; k++)
			if (strcmp(car->claims.actions[k].offer_id, offer_id) ==
				0) {
				found = car;
				action = car->claims.actions[k].name;
				price_msat = car->claims.actions[k].price_msat;
			}
		for (size_t k = 0; k < car->n_offers; k++)
			if (strcmp(car->offers[k].offer_id, offer_id) == 0) {
				found = car;
				action = car->offers[k].action;
				price_msat = car->offers[k].price_msat;
			}
	}

	if (found != NULL && ret_action != NULL)
		*ret_action = action;
	if (found != NULL && ret_price_msat != NULL)
		*ret_price_msat = price_msat;
	return found;
}

struct car_action *car_find_action(
	const struct car_entry *car, const char *name)
{
	for (size_t i = 0; i < car->claims.n_actions; i++)
		if (strcmp(car->claims.actions[i].name, name) == 0)
			return &car->claims.actions[i];

	return NULL;
}

struct car_offer *car_find_offer(
	const struct car_entry *car, const char *offer_id)
{
	for (size_t i = 0; i < car->n_offers; i++)
		if (strcmp(car->offers[i].offer_id, offer_id) == 0)
			return &car->offers[i];

	return NULL;
}

bool car_is_here(const struct car_entry *car, uint64_t now_ms)
{
	return car->is_polling ||
	       (car->last_poll_ms != 0 &&
		       now_ms - car->last_poll_ms < CAR_AWAY_MS);
}

bool car_sells(const struct car_entry *car, const struct car_action *action,
	uint64_t now_ms)
{
	return !car->paused && action->is_open && car_is_here(car, now_ms);
}

/* --- files ----------------------------------------------------------------- */

/* Reads a file of the folder.  Returns 0, CARS_E_INVALID or negative errno. */
static int read_file(int folder_fd, const char *name, json_t **ret)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(fd_closep) int fd = -1;
	size_t len = 0;
	json_t *object;

	fd = openat(folder_fd, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text = malloc(CAR_FILE_MAX);
	if (text == NULL)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, text + len, CAR_FILE_MAX - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}

	object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (object == NULL)
		return CARS_E_INVALID;
	*ret = object;
	return 0;
}

/* The car's name, if @file is one that a car may have. */
static bool read_file_name(const char *file, char ret[static CAR_NAME_SIZE])
{
	size_t len = strlen(file);

	if (len <= strlen(suffix) ||
		len - strlen(suffix) >= (size_t)CAR_NAME_SIZE ||
		strcmp(file + len - strlen(suffix), suffix) != 0)
		return false;

	memcpy(ret, file, len - strlen(suffix));
	ret[len - strlen(suffix)] = '\0';
	return car_name_is_valid(ret);
}

/* Returns 0, CARS_E_* with a reason, or negative errno. */
static int load_car(struct cars *cars, const char *file, const char *name,
	char ret_why[static CAR_WHY_SIZE])
{
	struct car_entry *car;
	json_t *object;
	int r;

	r = read_file(cars->folder_fd, file, &object);
	if (r > 0)
		(void)snprintf(ret_why, CAR_WHY_SIZE, "it is no JSON");
	if (r != 0)
		return r;

	r = car_file_read(object, name, &car, ret_why);
	json_decref(object);
	if (r != 0)
		return r;
	if (cars->n_cars == CARS_MAX) {
		(void)snprintf(ret_why, CAR_WHY_SIZE,
			"there are %d cars before it", CARS_MAX);
		(void)car_entry_free(car);
		return CARS_E_FULL;
	}

	insert(cars, car);
	return 0;
}

static void closedirp(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

int cars_load(struct cars *cars,
	void (*broken)(void *userdata, const char *file, const char *why),
	void *userdata)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	_cleanup_(fd_closep) int fd = -1;
	struct dirent *entry;

	drop_all(cars);
	fd = openat(cars->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (dir == NULL)
		return -errno;
	(void)fd_steal(&fd);

	while (errno = 0, (entry = readdir(dir)) != NULL) {
		char name[CAR_NAME_SIZE], why[CAR_WHY_SIZE];
		int r;

		if (!read_file_name(entry->d_name, name))
			continue;
		r = load_car(cars, entry->d_name, name, why);
		/* Forgotten since: the guard reads while the plugin writes. */
		if (r == 0 || r == -ENOENT)
			continue;
		/* What it claims nobody knows: that is not nothing. */
		if (r < 0)
			return r;
		if (broken != NULL)
			broken(userdata, entry->d_name, why);
	}

	return -errno;
}

static int write_file(int folder_fd, const char *name, const char *text)
{
	_cleanup_(fd_closep) int fd = -1;
	size_t len = strlen(text);

	fd = openat(folder_fd, name,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}

	return fsync(fd) < 0 ? -errno : 0;
}

int cars_save(struct cars *cars, const struct car_entry *car)
{
	_cleanup_(freep) char *text = NULL;
	char name[FILE_NAME_SIZE], tmp[FILE_NAME_SIZE];
	json_t *object, *old = NULL;
	bool is_same;
	int r;

	(void)snprintf(name, sizeof(name), "%s%s", car->name, suffix);
	(void)snprintf(tmp, sizeof(tmp), ".%s.tmp", car->name);
	object = car_file_print(car);
	if (object == NULL)
		return -ENOMEM;
	/* Each car registers after each start of ours, mostly as before. */
	is_same = read_file(cars->folder_fd, name, &old) == 0 &&
		  json_equal(object, old);
	json_decref(old);
	if (!is_same)
		text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (is_same)
		return fsync(cars->folder_fd) < 0 ? -errno : 0;
	if (text == NULL)
		return -ENOMEM;

	r = write_file(cars->folder_fd, tmp, text);
	if (r == 0 && renameat(cars->folder_fd, tmp, cars->folder_fd, name) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(cars->folder_fd, tmp, 0);
		return r;
	}
	point("car-renamed");

	return fsync(cars->folder_fd) < 0 ? -errno : 0;
}

int cars_forget(struct cars *cars, struct car_entry *car)
{
	char name[FILE_NAME_SIZE];

	(void)snprintf(name, sizeof(name), "%s%s", car->name, suffix);
	if (unlinkat(cars->folder_fd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	if (fsync(cars->folder_fd) < 0)
		return -errno;

	take_out(cars, car);
	(void)car_entry_free(car);
	return 0;
}

/* --- what cars say --------------------------------------------------------- */

/* The new claims know nothing yet of what is open. */
static void carry_over(const struct car_claims *from, struct car_claims *to)
{
	for (size_t i = 0; i < to->n_actions; i++)
		for (size_t k = 0; k < from->n_actions; k++)
			if (strcmp(to->actions[i].name,
				    from->actions[k].name) == 0)
				to->actions[i].is_open =
					from->actions[k].is_open;
}

int cars_register(struct cars *cars, const char *name,
	struct car_claims *claims, struct car_entry **ret,
	char ret_why[static CAR_WHY_SIZE])
{
	struct car_entry *car = cars_find(cars, name);
	struct car_claims old;
	bool is_new = car == NULL;
	int r;

	if (claim_overlaps(cars, name, claims, ret_why))
		return CARS_E_CLAIMED;
	if (is_new && cars->n_cars == CARS_MAX)
		return CARS_E_FULL;
	if (is_new) {
		car = calloc(1, sizeof(*car));
		if (car == NULL)
			return -ENOMEM;
		(void)snprintf(car->name, sizeof(car->name), "%s", name);
	}

	old = car->claims;
	carry_over(&old, claims);
	car->claims = *claims;
	r = cars_save(cars, car);
	if (r < 0) {
		car->claims = old;
		if (is_new) {
			car->claims = (struct car_claims){ 0 };
			(void)car_entry_free(car);
		}
		return r;
	}

	car_claims_deinit(&old);
	*claims = (struct car_claims){ 0 };
	if (is_new)
		insert(cars, car);
	*ret = car;
	return 0;
}
