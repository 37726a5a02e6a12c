/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Enrol - puts a key on the car's list: finds the car, asks, waits for the tap
 *
 * The vehicle engine on a link, without a job.  First it asks VCSEC whether it
 * knows the key, and infotainment if VCSEC does.  If not, it sends the add-key
 * request, once, and asks again every ENROL_POLL_MS until both do, or the car
 * says why not.  Where the link goes, it comes back and goes on asking; the
 * request is sent again only where the link proves that it never went out.
 *
 * Spec: vehicle-protocol 6.1, 5.3; architecture 1 (pair).
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "model/key_role.h"
#include "util/macro.h"

struct enrol;
struct link;
struct signer;

enum {
	ENROL_POLL_MS = 5 * 1000,
	/* Infotainment learns of a new key later than VCSEC, if it is awake. */
	ENROL_SYNC_MS = 30 * 1000,
};

enum enrol_stage {
	ENROL_SEARCHING, /* for the car, also where the link was lost */
	ENROL_PROBING,   /* connected: is the key known already? */
	ENROL_WAITING,   /* the request is out: tap the card, say yes */
	ENROL_SYNCING,   /* VCSEC knows the key, infotainment not yet */
};

enum enrol_result {
	ENROL_DONE,    /* both computers know the key, and did not before */
	ENROL_ALREADY, /* they knew it before */
	/* ENROL_ASK_ONLY: it is not on the list. */
	ENROL_UNKNOWN_KEY,
	/* VCSEC knows it; infotainment sleeps, or has not heard of it yet. */
	ENROL_HALF,
	/* @trouble is the link's.  At once where only a person can help. */
	ENROL_UNREACHED,
	ENROL_SILENT,    /* connected, but the car says nothing */
	ENROL_NO_TAP,    /* the car waited for the card in vain */
	ENROL_NO_ANSWER, /* nobody said yes on the screen */
	ENROL_DENIED,    /* somebody said no on the screen */
	ENROL_CANCELLED, /* on the screen */
	ENROL_LIST_FULL,
	ENROL_VALET,         /* valet mode: no keys are added */
	ENROL_NOT_PERMITTED, /* by this card, this role or on this car */
	ENROL_REFUSED,       /* for another reason: @information */
	ENROL_TIMED_OUT,     /* no word from the car until the time was over */
	ENROL_FAILED,        /* on our side; @error */

	_ENROL_RESULT_N,
};

struct enrol_config {
	const char *vin;
	struct signer *signer; /* borrowed */
	struct link *link;     /* taken over on success */
	enum key_role role;
	enum key_form form;
	bool ask_only; /* --status: no request is sent */
	uint64_t timeout_ms;
};

struct enrol_end {
	enum enrol_result result;
	const char *trouble; /* name of its row in model/trouble.c, or "" */
	int information;     /* WhitelistOperation_information_E, or 0 */
	int error;           /* negative errno, or 0 */
	/* What the car's list says of the key, 0 where it did not tell. */
	enum key_role role;
};

struct enrol_ops {
	/* @stage has begun, or begun anew. */
	void (*stage)(void *userdata, enum enrol_stage stage);
	/* The car was heard; 0: at a strength that is not told. */
	void (*heard)(void *userdata, int rssi);
	/* An attempt to reach the car failed; another follows. */
	void (*missed)(void *userdata, const char *trouble);
	/* Once; from the loop, like all others. */
	void (*ended)(void *userdata, const struct enrol_end *end);
};

/* Begins.  Returns 0 or negative errno. */
int enrol_new(sd_event *event, const struct enrol_config *config,
	const struct enrol_ops *ops, void *userdata,
	struct enrol **ret) _must_use_;

/* Takes the link down.  Not from inside a callback.  NULL is fine. */
struct enrol *enrol_free(struct enrol *enrol);

DEFINE_CLEANUP(struct enrol *, enrol_free);
