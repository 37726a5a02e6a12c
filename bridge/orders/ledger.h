/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Ledger - what was paid, promised and done, in SQLite
 *
 * WAL, synchronous = FULL: when a call that writes returns 0, what it wrote
 * survives a power cut.  Rows are never deleted.
 *
 * Spec: architecture 3 (promises), 5, 6.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/outcome.h"
#include "util/macro.h"

struct ledger;

enum {
	LEDGER_VERSION = 1, /* PRAGMA user_version */
	LEDGER_TEXT_SIZE = 256,
	/* After a broken ledger nothing as young as this is acted on. */
	LEDGER_BROKEN_S = 7 * 24 * 60 * 60,
};

enum {
	_LEDGER_E_SUCCESS,

	LEDGER_E_NEWER,    /* written by a newer version: refused */
	LEDGER_E_VOLATILE, /* its folder is forgotten at power-off */
	LEDGER_E_FULL,     /* no room on the disk; nothing was written */
	LEDGER_E_KNOWN,    /* this payment is in the ledger already */
	LEDGER_E_NONE,     /* no such row */
	LEDGER_E_IN_USE,   /* another process has it open */
};

/* Where an order stands.  Outcomes end it. */
enum ledger_state {
	LEDGER_QUEUED,  /* taken, no step begun */
	LEDGER_RUNNING, /* a step was begun */
	LEDGER_CONFIRMED,
	LEDGER_REFUSED,
	LEDGER_UNKNOWN,
};

/* What became of the money: architecture 5. */
enum ledger_money {
	LEDGER_NO_MONEY, /* an order by `try` */
	LEDGER_PENDING,
	LEDGER_EARNED,
	LEDGER_OWED,
	LEDGER_KEPT, /* unknown, kept by the action's rule */
};

const char *ledger_state_name(enum ledger_state state);
const char *ledger_money_name(enum ledger_money money);

/* An order, and the payment behind it if there is one. */
struct ledger_row {
	uint64_t order_id;
	char action[33]; /* "" if none was chosen */
	enum ledger_state state;
	enum ledger_money money;
	char why[LEDGER_TEXT_SIZE]; /* reason in plain words, or "" */
	int64_t taken_at_s;         /* wall clock, as far as it was right */
	int64_t ended_at_s;         /* 0 while it runs */
	uint64_t took_ms;           /* from taken to ended, on BOOTTIME */

	/* Empty or 0 for an order by `try`. */
	char payment_hash[65];
	char node_id[67];
	uint64_t pay_index;
	uint64_t msat;
	uint64_t tip_msat; /* more than was asked */
	char label[LEDGER_TEXT_SIZE];
	char payer_note[LEDGER_TEXT_SIZE];
};
