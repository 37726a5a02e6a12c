/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Menu - the configuration file, checked: car, node, claims, actions
 *
 * Read by libConfuse.  Every mistake is told with file and line; an unknown
 * key is a mistake.
 *
 * Spec: architecture 4.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/condition.h"
#include "model/link_hold.h"
#include "model/program.h"
#include "model/vin.h"
#include "orders/rental.h"
#include "util/endpoint.h"
#include "util/macro.h"

enum {
	MENU_ACTIONS_MAX = 64,
	MENU_ACCEPT_MAX = 16,
	MENU_NAME_SIZE = 33, /* [a-z0-9-], 1 to 32 of them, and a NUL */
	MENU_TEXT_SIZE = 128,
	MENU_URI_SIZE = 256,
	MENU_ADAPTER_SIZE = 18,
	MENU_NODE_ID_SIZE = 67,      /* 66 hexadecimal digits, NUL */
	MENU_NODE_PORT = 9735,       /* of every node, unless written */
	MENU_MAX_AGE_MS = 60 * 1000, /* default of max-age */
	MENU_ROUNDS = 5,             /* default of scale-max */
	/*
	 * A node holds a payment for a minute.  What is left of it is for the
	 * way to the car and for waking it.
	 */
	MENU_HOLD_BUDGET_MS = 45 * 1000,
};

/* 21 million bitcoin in sat is the highest price that means anything. */
#define MENU_PRICE_MAX_SAT UINT64_C(2100000000000000)

enum menu_match {
	MENU_EXACT,
	MENU_AT_LEAST,
};

enum menu_unknown {
	MENU_RETURN, /* unknown counts as not done: owed */
	MENU_KEEP,   /* unknown counts as done: kept */
};

enum menu_accept_kind {
	MENU_ACCEPT_OFFERS,            /* the offers named at the actions */
	MENU_ACCEPT_LABEL,             /* @text: "prefix*", or a whole label */
	MENU_ACCEPT_LIGHTNING_ADDRESS, /* @text: name@domain */
	MENU_ACCEPT_DESCRIPTION,       /* @text, contained in the description */
	MENU_ACCEPT_ANY,               /* all income of the node */
};

struct menu_accept {
	enum menu_accept_kind kind;
	char text[MENU_TEXT_SIZE];
};

struct menu_action {
	char name[MENU_NAME_SIZE];
	uint64_t price_msat;
	struct program steps; /* "do" */
	struct program undo;  /* may be empty */
	enum menu_match match;
	enum menu_unknown unknown;
	uint64_t max_age_ms;
	uint64_t cooldown_ms; /* 0: none */
	uint32_t per_hour;    /* 0: no limit */
	uint32_t per_day;     /* the same */
	uint64_t budget_ms;   /* of all rounds; 0: what the steps need */
	uint64_t scale_msat;  /* buys one more round; 0: nothing does */
	uint32_t rounds_max;  /* in all; 0 and 1 are one */
	/* Minutes after midnight, local time; from == to: always open. */
	uint16_t open_from_min;
	uint16_t open_to_min;
	struct conditions when; /* parked, unless it says anytime */
	char offer_id[65];      /* our offer for it, "" if none */
	/* What it is where it rents the car; length_ms 0: it does not. */
	struct rental_terms rental;
	uint64_t deposit_msat; /* asked for beside the price; 0: none */
	uint64_t inspect_ms;   /* before it goes back */
};

/* What has to be paid for it. */
static inline uint64_t menu_asked_msat(const struct menu_action *action)
{
	return action->price_msat + action->deposit_msat;
}

struct menu {
	char vin[VIN_SIZE];
	char key_uri[MENU_URI_SIZE];
	char link[MENU_URI_SIZE]; /* "bluez" or "socket:/path" */
	enum link_hold link_hold;
	/* "hci0" or an address, "": any */
	char adapter[MENU_ADAPTER_SIZE];
	/* adapter-reset = always: even while others are connected */
	bool reset_shared;
	bool experimental; /* experimental = yes: commands that are */
	/* By this the node's plugin knows the car. */
	char car_name[MENU_NAME_SIZE];
	bool plugin; /* the node has 1sat2flash-node, for offers and refunds */
	bool hold;   /* and it holds payments until the car has acted */
	/* refunds = automatic: what is owed goes back without being asked */
	bool refunds;
	char rpc_path[MENU_URI_SIZE];    /* "": the node is elsewhere, */
	char node_id[MENU_NODE_ID_SIZE]; /* or else "" */
	struct endpoint node;
	struct endpoint proxy;         /* port 0: none */
	char rune_path[MENU_URI_SIZE]; /* of a file */
	size_t n_accept;
	struct menu_accept accept[MENU_ACCEPT_MAX];
	size_t n_actions;
	struct menu_action actions[MENU_ACTIONS_MAX];
};

enum {
	_MENU_E_SUCCESS,

	MENU_E_INVALID, /* the mistakes were told to @tell */
};

/* Told once for each mistake: "FILE:LINE: what is wrong, what to do". */
typedef void (*menu_tell_t)(void *userdata, const char *mistake);

/*
 * Reads @path.  Returns 0 and a menu for menu_free(), MENU_E_INVALID, or
 * negative errno if the file cannot be read (which is not told).
 */
int menu_load(const char *path, menu_tell_t tell, void *userdata,
	struct menu **ret) _must_use_;
struct menu *menu_free(struct menu *menu);

/* The longest max-age of all actions. */
uint64_t menu_max_age_ms(const struct menu *menu);

/* NULL if there is no such action. */
const struct menu_action *menu_find(const struct menu *menu, const char *name);

DEFINE_CLEANUP(struct menu *, menu_free);
