/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Refund job - one refund, from the call to its end; for refund.c only
 *
 * refund.c owns the jobs and says when one may go on; refund_job.c asks the
 * node, step by step; refund_judge.c and refund_send.c judge the answers.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "node/calls.h"
#include "node/cars.h"
#include "node/refund.h"
#include "node/refund_record.h"
#include "util/way_back.h"

enum {
	/* How long one payment is tried for. */
	REFUND_TRY_S = 60,
	/* Then nothing more of it begins, wherever its answer was lost. */
	REFUND_QUIET_MS = 2 * REFUND_TRY_S * 1000,
	REFUND_AGAIN_MIN_MS = 1000,
	REFUND_AGAIN_MAX_MS = 60 * 1000,
	REFUND_WHY_SIZE = 256,
};

enum refund_step {
	REFUND_LOAD,    /* is there a record of it? */
	REFUND_INVOICE, /* what was paid, by whom for what */
	REFUND_LABEL,   /* of an offer that no car knows any more */
	REFUND_OLD,     /* is anything of a refund that failed on its way? */
	REFUND_NAME,
	REFUND_FETCH,
	REFUND_DECODE,
	REFUND_INDEX,
	REFUND_STORE,
	REFUND_PAY,
	REFUND_LOOK, /* what became of it? */
	REFUND_RECORD,
};

/* What a handler of an answer wants next for its job. */
enum refund_next {
	REFUND_GO,    /* the step that is set now */
	REFUND_WAIT,  /* the same, later */
	REFUND_ENDED, /* the job is gone */
};

struct refund_job {
	struct refunds *refunds;
	struct refund_job *next;

	/* NULL: nobody waits for its end. */
	struct plugin_request *request;
	uint64_t answer_ms; /* it is not kept waiting for longer */
	char payment_hash[CAR_HASH_SIZE];
	char asked_car[CAR_NAME_SIZE]; /* "": of any */
	uint64_t asked_msat;           /* 0: what is due */

	enum refund_step step;
	struct call *call;   /* in flight */
	uint64_t due_ms;     /* without a call: when it goes on */
	uint64_t backoff_ms; /* the last */

	/* What is to be paid. */
	char car[CAR_NAME_SIZE];
	char offer_id[CAR_HASH_SIZE]; /* that was paid for */
	uint64_t received_msat;
	uint64_t amount_msat;
	uint64_t fee_msat; /* at most */
	struct way_back back;
	struct way_back offer; /* of back.text, if that is a name */

	/* As the datastore has it, or will; without an invoice: none. */
	struct refund_record record;
	bool has_record;
	uint64_t generation;

	uint64_t reserved_msat; /* of the day's limit */
	int64_t reserved_s;
	bool is_listed; /* by the index as it was at the start */

	/* Until then an earlier try may begin something. */
	uint64_t quiet_ms;
	bool has_failed; /* the last try, and said so */
	char why[REFUND_WHY_SIZE];
};

struct refunds {
	struct node *node;
	uint64_t born_ms;

	struct refund_job *first;
	size_t n_jobs;
	sd_event_source *timer;

	/* The index: nothing goes on before it is read. */
	struct call *loading;
	bool is_loaded;
	bool is_broken;
	uint64_t load_ms; /* when it is asked for again */
	uint64_t backoff_ms;
	struct refund_spent spent;

	/* Paid lately, the oldest first. */
	struct {
		char payment_hash[CAR_HASH_SIZE];
		char car[CAR_NAME_SIZE];
		uint64_t paid_ms;
	} told[REFUND_MAX];
	size_t n_told;
};

/* Asks the node for what the job's step needs; it has no call in flight. */
void refund_job_go(struct refund_job *job);

/* For refund_job.c.  A job has ended: frees it. */
void refunds_end(struct refunds *refunds, struct refund_job *job);
/* It has got its money back: for the car's poll. */
void refunds_tell(struct refunds *refunds, const struct refund_job *job);
/* The hashes of all that may be in the datastore; NULL without memory. */
json_t *refunds_open(const struct refunds *refunds);
/* Lets all go on whose time has come. */
void refunds_pump(struct refunds *refunds);
/* The wait that follows one of @ms. */
uint64_t refunds_back_off(uint64_t ms);

/* --- for those who judge the answers -------------------------------------- */

/* Without a word. */
enum refund_next refund_end(struct refund_job *job);
/* Nothing was paid, and nothing is in the way of another try. */
enum refund_next refund_refuse(struct refund_job *job, int code,
	const char *format, ...) _printf_(3, 4);
/* The same, because of what the node said of @what. */
enum refund_next refund_fail(struct refund_job *job,
	const struct rpc_answer *answer, const char *what);
/* It goes on later without the one who asked, who may ask again. */
enum refund_next refund_wait_for(struct refund_job *job, const char *why);
/* For a person: what the node said of @what. */
void refund_explain(const struct rpc_answer *answer, const char *what,
	char ret[static REFUND_WHY_SIZE]);

/* The first object in the array @name; NULL if there is none. */
const json_t *refund_first_of(const json_t *result, const char *name);
const char *refund_get_text(const json_t *object, const char *name);
/* 0 for what is no amount above 0. */
uint64_t refund_get_msat(const json_t *object, const char *name);

/* What each step makes of its answer. */
enum refund_next refund_on_load(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_invoice(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_label(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_old(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_name(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_fetch(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_decode(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_indexed(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_stored(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_paid(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_look(
	struct refund_job *job, const struct rpc_answer *answer);
enum refund_next refund_on_recorded(
	struct refund_job *job, const struct rpc_answer *answer);
