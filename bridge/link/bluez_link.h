/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The insides of a BlueZ link, shared by
 *
 *   bluez.c        what its owner calls, what its owner hears, the timer
 *   bluez_send.c   frames to the car, block by block
 *   bluez_step.h   the steps from nothing to a link, and back
 */

#include "link/bluez.h"
#include "link/bluez_bus.h"
#include "link/bluez_echo.h"
#include "link/bluez_ladder.h"
#include "link/bluez_tree.h"

enum {
	/* A frame is 1026 bytes at most: vehicle-protocol 1.3. */
	BLUEZ_FRAME_MAX = 2048,
	/* Before the exchange, and if there is none. */
	BLUEZ_MTU_MIN = 23,
	/* More is not made use of: vehicle-protocol 1.2. */
	BLUEZ_MTU_MAX = 1024,
	/* An ATT request's header. */
	BLUEZ_MTU_HEADER = 3,
};

/* In the words of bluez B.4, with what the ladder needs. */
enum bluez_state {
	BLUEZ_CLOSED,
	BLUEZ_AWAITING,   /* bluetoothd */
	BLUEZ_ABSENT,     /* the adapter, or it is switched off */
	BLUEZ_SCANNING,   /* for the car */
	BLUEZ_FOUND,      /* the scan is to end */
	BLUEZ_CONNECTING, /* ... to the device */
	BLUEZ_RESOLVING,  /* its services */
	BLUEZ_SUBSCRIBING,
	BLUEZ_READY,
	BLUEZ_CLEARING, /* Disconnect, before something else */
	BLUEZ_PAUSING,
	BLUEZ_FORGETTING,
	BLUEZ_POWERING_OFF,
	BLUEZ_POWERING_ON,
	BLUEZ_FAILED,   /* LINK_DOWN is due */
	BLUEZ_DRAINING, /* closed, or to be opened anew after it */
	_BLUEZ_STATE_N,
};

struct bluez_send {
	sd_bus_slot *call;
	bool waits; /* for another's write: bluez B.1 */
	bool issued;
	unsigned int n_tries; /* of this block */
	size_t sent;
	size_t len; /* 0: nothing on its way */
	uint8_t frame[BLUEZ_FRAME_MAX];
};

struct bluez_link {
	struct link link;
	sd_event *event;
	char name[BLUEZ_NAME_SIZE];
	char want[BLUEZ_ADDRESS_SIZE]; /* which adapter */
	bool reset_shared;
	int (*open_bus)(void *userdata, sd_bus **ret);
	void *userdata;

	sd_event_source *timer;
	bool is_open; /* LINK_DOWN or link_close() has not been yet */
	uint64_t until_ms;
	struct bluez_bus bus;
	struct bluez_tree tree;

	/* The step */
	enum bluez_state state;
	uint64_t due_ms;
	sd_bus_slot *call;
	bool is_answered;
	const char *scan_call; /* BLUEZ_SCANNING: the method last called */
	bool is_late;          /* BLUEZ_RESOLVING: objects are waited for */

	/* The attempt */
	bool had_bluez;
	bool is_scanning; /* for us */
	bool is_touched;  /* Connect() was called, so Disconnect() is due */
	bool is_off;      /* the adapter, by our doing */
	uint64_t bluez_until_ms;
	uint64_t scan_until_ms;
	uint64_t power_until_ms;
	unsigned int heard_before; /* adverts up to here are spent */
	unsigned int heard_told;
	bool is_heard;
	char adapter[BLUEZ_PATH_SIZE];
	char device[BLUEZ_PATH_SIZE];
	size_t mtu;
	unsigned int fault; /* the last, for the ladder; 0: none yet */
	unsigned int n_timeouts;
	bool is_lost;            /* it was up: see bluez_lose() */
	enum link_reason reason; /* of the end, were it now */
	int error;

	struct bluez_echo echo;
	struct bluez_send send;

	/* What outlives an attempt */
	struct bluez_ladder ladder;
	char address[BLUEZ_ADDRESS_SIZE]; /* of the adapter last used */
	struct link_info info;
};

/* bluez.c */
/* At the end of whatever may have changed what is due. */
void bluez_arm(struct bluez_link *b);
void bluez_emit(struct bluez_link *b, const struct link_event *event);
/* The one way to an end: LINK_DOWN comes from the timer. */
void bluez_fail(struct bluez_link *b, enum link_reason reason, int error);
/* The same for a link that was up: what else comes now may tell more. */
void bluez_lose(struct bluez_link *b, enum link_reason reason, int error);
void bluez_tell_heard(struct bluez_link *b);
/* Closes the bus, in a callback of the timer only. */
void bluez_finish(struct bluez_link *b);
void bluez_tell_down(struct bluez_link *b);

/* bluez_steps.c */
void bluez_go(struct bluez_link *b, enum bluez_state state);
/* Something in the tree has changed. */
void bluez_look(struct bluez_link *b);
/* The step's time is over, or that of the whole attempt. */
void bluez_expire(struct bluez_link *b);
void bluez_give_up(struct bluez_link *b);
void bluez_on_owner(struct bluez_link *b, bool is_there);
/* Why a link that was up has gone, by what is there now. */
void bluez_settle(struct bluez_link *b);
/* Undoes what would outlast us; @slot may be NULL. */
int bluez_undo(struct bluez_link *b, sd_bus_slot **slot,
	sd_bus_message_handler_t on_reply);
enum link_stage bluez_stage(const struct bluez_link *b);

/* bluez_send.c */
int bluez_send(struct bluez_link *b, const uint8_t *frame, size_t len);
void bluez_send_expire(struct bluez_link *b);
