/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Cars - which ones sell through this node, what they claim, what is on sale
 *
 * One file a car, <name>.json, replaced whole and synced, so that the guard,
 * another process, knows the claims too and both still know them after a
 * power cut.  What a car said since the start of this process (which boot it
 * is, when it polled, what is open) is in memory only.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	CARS_MAX = 2048,
	CAR_NAME_SIZE = 33, /* [a-z0-9-], 1 to 32 of them, and a NUL */
	CAR_BOOT_SIZE = 65, /* 16 to 64 hexadecimal digits, NUL */
	CAR_HASH_SIZE = 65, /* payment hash, offer id: 64 digits, NUL */
	CAR_TEXT_SIZE = 128,
	CAR_CLAIM_SIZE = 257, /* a label, an address, a description */
	CAR_CLAIMS_MAX = 64,  /* of each kind */
	CAR_ACTIONS_MAX = 64,
	CAR_OFFERS_MAX = 256, /* the retired ones among them */
	CAR_BOLT12_MAX = 4096,
	CAR_FILE_MAX = 512 * 1024,
	CAR_WHY_SIZE = 256,

	/* Without a poll for so long, a car is away. */
	CAR_AWAY_MS = 10 * 1000,
};

enum {
	_CARS_E_SUCCESS,

	CARS_E_INVALID, /* it is no such object, or not within the bounds */
	CARS_E_CLAIMED, /* by another car */
	CARS_E_FULL,    /* CARS_MAX are there */
};

struct car_action {
	char name[CAR_NAME_SIZE];
	uint64_t price_msat;
	char text[CAR_TEXT_SIZE]; /* what a wallet shows; "": none */
	bool keeps;               /* the unknown rule: keep, or return */
	uint64_t deposit_msat;    /* 0: none */
	/* Of an offer that its owner made by hand; "": none. */
	char offer_id[CAR_HASH_SIZE];
	bool offers; /* the plugin is to make one */

	bool is_open; /* not in the file: the last poll named it */
};

/* An offer that the plugin made. */
struct car_offer {
	char action[CAR_NAME_SIZE];
	uint64_t price_msat;
	char text[CAR_TEXT_SIZE]; /* that it was made with; in the file, too */
	char offer_id[CAR_HASH_SIZE];
	char *bolt12;
	uint64_t deposit_msat; /* the most that was ever paid by it */
	bool retired;          /* its price or text has changed; still ours */

	/* Not in the file. */
	bool is_active;      /* as the node said last */
	uint64_t retired_ms; /* CLOCK_BOOTTIME; 0: before the start */
	/* Until then the node may be about to settle a payment of it. */
	uint64_t settling_ms;
};

struct car_texts {
	char **texts;
	size_t n_texts;
};

/* What a car registers. */
struct car_claims {
	bool holds; /* else its payments settle before it acts */
	struct car_texts labels;
	struct car_texts addresses;
	struct car_texts descriptions;
	struct car_action *actions;
	size_t n_actions;
};

struct plugin_request;

/* The one poll of a car that may wait; polls.c's own. */
struct car_poll {
	struct plugin_request *request; /* NULL: none waits */
	uint64_t serial;                /* the last one's */
	uint64_t until_ms;
	bool told_paused;
	/* Versions of the list of offers: now, as sent, as arrived. */
	unsigned int offers_now;
	unsigned int offers_sent;
	unsigned int offers_told;
	uint64_t offers_serial; /* with which they were sent */
	json_t *refunds;        /* as sent, or NULL */
};

struct car_entry {
	char name[CAR_NAME_SIZE];
	bool paused;
	struct car_claims claims;
	struct car_offer *offers;
	size_t n_offers;

	/* In memory only. */
	char boot[CAR_BOOT_SIZE]; /* "": not registered since the start */
	uint64_t last_poll_ms; /* CLOCK_BOOTTIME of its start or end; 0: none */
	struct car_poll poll;
	bool is_polling; /* one waits for its answer */
	json_t *owed;    /* array as the car sent it, or NULL */
};

struct cars;

/* @folder_fd, where the files are, is borrowed. */
int cars_new(int folder_fd, struct cars **ret) _must_use_;
struct cars *cars_free(struct cars *cars);

/*
 * Forgets all cars and reads the files.  What is no car's file is passed
 * over; one whose content is broken is told to @broken, if that is not NULL,
 * and passed over, too.  Returns 0, or negative errno: why the folder, or a
 * file in it, cannot be read; not all cars are there then.
 */
int cars_load(struct cars *cars,
	void (*broken)(void *userdata, const char *file, const char *why),
	void *userdata) _must_use_;

/* In the order of their names. */
size_t cars_count(const struct cars *cars);
struct car_entry *cars_at(const struct cars *cars, size_t i);

struct car_entry *cars_find(const struct cars *cars, const char *name);

/*
 * The car that has @offer_id, made by the plugin or by hand; NULL if none.
 * *@ret_action, if wanted, is the name of what it sells.
 */
struct car_entry *cars_find_offer(const struct cars *cars, const char *offer_id,
	const char **ret_action, uint64_t *ret_price_msat);

/*
 * Makes @claims, which are taken over on success, those of the car @name,
 * which may be new, and saves it.  Entries stay where they are.  Returns 0,
 * CARS_E_CLAIMED with who claims what as a sentence in @ret_why, CARS_E_FULL,
 * or negative errno; nothing has changed then.
 */
int cars_register(struct cars *cars, const char *name,
	struct car_claims *claims, struct car_entry **ret,
	char ret_why[static CAR_WHY_SIZE]) _must_use_;

/*
 * Writes the car's file, synced.  Returns 0 or negative errno; the file is
 * then as before, though after -EIO of a sync nobody knows.
 */
int cars_save(struct cars *cars, const struct car_entry *car) _must_use_;

/* Removes the file, synced, and the car.  Returns 0 or negative errno. */
int cars_forget(struct cars *cars, struct car_entry *car) _must_use_;

/* Has it polled within CAR_AWAY_MS, or does a poll wait? */
bool car_is_here(const struct car_entry *car, uint64_t now_ms);

/* NULL if there is none of this name. */
struct car_action *car_find_action(
	const struct car_entry *car, const char *name);

/* One that the plugin made; NULL if @car has none with this id. */
struct car_offer *car_find_offer(
	const struct car_entry *car, const char *offer_id);

/* On sale at this moment: neither paused nor away, and open. */
bool car_sells(const struct car_entry *car, const struct car_action *action,
	uint64_t now_ms);

/*
 * Reads what a car registers from an object with the members of its file.
 * Returns 0, CARS_E_INVALID with what is wrong with it in @ret_why, or
 * -ENOMEM.
 */
int car_claims_read(const json_t *object, struct car_claims *ret,
	char ret_why[static CAR_WHY_SIZE]) _must_use_;
void car_claims_deinit(struct car_claims *claims);

/* Is @name one that a car or an action may have? */
bool car_name_is_valid(const char *name);

DEFINE_CLEANUP(struct cars *, cars_free);
