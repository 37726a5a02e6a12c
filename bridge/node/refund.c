/* SPDX-License-Identifier: MIT */

#include "node/refund.h"

#include <stdlib.h>
#include <string.h>

#include "node/mark.h"
#include "node/node.h"
#include "node/refund_job.h"
#include "util/clock.h"

enum {
	/* Jobs that ask the node at the same time; a payment may take long. */
	BUSY_MAX = 6,
	LOAD_TIMEOUT_MS = 30 * 1000,
};

uint64_t refunds_back_off(uint64_t ms)
{
	if (ms == 0)
		return REFUND_AGAIN_MIN_MS;
	return clock_earlier(2 * ms, REFUND_AGAIN_MAX_MS);
}

static struct refund_job *find_job(
	const struct refunds *refunds, const char *payment_hash)
{
	struct refund_job *job = refunds->first;

	while (job != NULL && strcmp(job->payment_hash, payment_hash) != 0)
		job = job->next;
	return job;
}

static struct refund_job *free_job(struct refund_job *job)
{
	(void)call_drop(job->call);
	refund_record_deinit(&job->record);
	free(job);
	return NULL;
}

/* Adds one, the last of all; NULL without memory. */
static struct refund_job *add_job(
	struct refunds *refunds, const char *payment_hash)
{
	struct refund_job **end = &refunds->first;
	struct refund_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;

	job->refunds = refunds;
	memcpy(job->payment_hash, payment_hash, sizeof(job->payment_hash));
	while (*end != NULL)
		end = &(*end)->next;
	*end = job;
	refunds->n_jobs++;
	return job;
}

void refunds_end(struct refunds *refunds, struct refund_job *job)
{
	struct refund_job **place = &refunds->first;

	refund_spent_less(&refunds->spent, job->reserved_s, job->reserved_msat);
	while (*place != job)
		place = &(*place)->next;
	*place = job->next;
	refunds->n_jobs--;
	(void)free_job(job);
}

void refunds_tell(struct refunds *refunds, const struct refund_job *job)
{
	struct car_entry *car = cars_find(refunds->node->cars, job->record.car);
	size_t i = refunds->n_told;

	if (i == ARRAY_SIZE(refunds->told)) {
		i--;
		memmove(&refunds->told[0], &refunds->told[1],
			i * sizeof(refunds->told[0]));
	} else {
		refunds->n_told++;
	}
	memcpy(refunds->told[i].payment_hash, job->payment_hash,
		sizeof(refunds->told[i].payment_hash));
	memcpy(refunds->told[i].car, job->record.car,
		sizeof(refunds->told[i].car));
	refunds->told[i].paid_ms = clock_boottime_ms();
	if (car != NULL)
		node_car_changed(refunds->node, car);
}

/* Nobody waits for what an earlier process began, or what is not clear. */
static bool may_be_stored(const struct refund_job *job)
{
	return job->request == NULL || job->has_record ||
	       job->step >= REFUND_INDEX;
}

json_t *refunds_open(const struct refunds *refunds)
{
	json_t *open = json_array();

	for (const struct refund_job *job = refunds->first; job != NULL;
		job = job->next)
		if (may_be_stored(job) &&
			json_array_append_new(
				open, json_string(job->payment_hash)) != 0) {
			json_decref(open);
			return NULL;
		}
	return open;
}

/* --- the index ------------------------------------------------------------ */

/* What an earlier process had begun is looked up, one by one. */
static int take_up(struct refunds *refunds, json_t *open)
{
	json_t *hash;
	size_t i;

	json_array_foreach (open, i, hash) {
		const char *text = json_string_value(hash);
		struct refund_job *job = find_job(refunds, text);

		if (job == NULL)
			job = add_job(refunds, text);
		if (job == NULL)
			return -ENOMEM;
		job->is_listed = true;
	}
	return 0;
}

/* The index in the answer of listdatastore; NULL: there is none. */
static const char *find_index(const json_t *result)
{
	return json_string_value(json_object_get(
		json_array_get(json_object_get(result, "datastore"), 0),
		"string"));
}

static void load_later(struct refunds *refunds)
{
	refunds->backoff_ms = refunds_back_off(refunds->backoff_ms);
	refunds->load_ms = clock_boottime_ms() + refunds->backoff_ms;
}

static void on_index(void *userdata, const struct rpc_answer *answer)
{
	struct refunds *refunds = userdata;
	const json_t *entries = json_object_get(answer->result, "datastore");
	json_t *open = NULL;
	int r = 0;

	refunds->loading = NULL;
	if (answer->status != 0 || !json_is_array(entries)) {
		load_later(refunds);
		refunds_pump(refunds);
		return;
	}

	if (json_array_size(entries) > 0) {
		const char *text = find_index(answer->result);

		r = text == NULL ? -EINVAL
				 : refund_index_read(text, REFUND_MAX,
					   &refunds->spent, &open);
		if (r == 0)
			r = take_up(refunds, open);
		json_decref(open);
	}
	if (r == -ENOMEM) {
		load_later(refunds);
	} else {
		refunds->is_loaded = true;
		refunds->is_broken = r < 0;
	}
	/* What is not known may be under way, and has to be told to somebody. */
	if (refunds->is_broken)
		plugin_log(refunds->node->plugin, PLUGIN_BROKEN,
			"the datastore's entry [1sat2flash,refunds] is not "
			"what this plugin wrote: nothing is paid back until "
			"it is deleted and the plugin started anew");
	refunds_pump(refunds);
}

static void load(struct refunds *refunds)
{
	int r = calls_make(refunds->node->calls, "listdatastore",
		json_pack("{s:[s, s]}", "key", "1sat2flash", "refunds"),
		LOAD_TIMEOUT_MS, on_index, refunds, &refunds->loading);

	if (r != 0)
		load_later(refunds);
}

/* --- time ----------------------------------------------------------------- */

static size_t count_busy(const struct refunds *refunds)
{
	size_t n = 0;

	for (const struct refund_job *job = refunds->first; job != NULL;
		job = job->next)
		n += job->call != NULL;
	return n;
}

/* A job that cannot ask its question now is due later: no loop here. */
static uint64_t start_due(struct refunds *refunds)
{
	uint64_t now_ms = clock_boottime_ms(), next_ms = CLOCK_NEVER;
	struct refund_job *job = refunds->first;

	while (job != NULL && count_busy(refunds) < BUSY_MAX) {
		struct refund_job *next = job->next;

		if (job->call == NULL && job->due_ms <= now_ms)
			refund_job_go(job);
		job = next;
	}
	for (job = refunds->first; job != NULL; job = job->next)
		if (job->call == NULL && job->due_ms > now_ms)
			next_ms = clock_earlier(next_ms, job->due_ms);
	return next_ms;
}

/* Whoever has waited long enough asks again later. */
static uint64_t answer_due(struct refunds *refunds, uint64_t now_ms)
{
	uint64_t next_ms = CLOCK_NEVER;

	for (struct refund_job *job = refunds->first; job != NULL;
		job = job->next) {
		if (job->request == NULL)
			continue;
		if (job->answer_ms <= now_ms)
			(void)refund_wait_for(job, "it takes a while");
		else
			next_ms = clock_earlier(next_ms, job->answer_ms);
	}
	return next_ms;
}

void refunds_pump(struct refunds *refunds)
{
	uint64_t now_ms = clock_boottime_ms(), next_ms = CLOCK_NEVER;

	if (refunds->is_loaded && !refunds->is_broken) {
		next_ms = start_due(refunds);
	} else if (!refunds->is_loaded && refunds->loading == NULL) {
		if (refunds->load_ms <= now_ms)
			load(refunds);
		if (refunds->loading == NULL)
			next_ms = refunds->load_ms;
	}

	next_ms = clock_earlier(next_ms, answer_due(refunds, now_ms));
	if (next_ms == CLOCK_NEVER) {
		(void)sd_event_source_set_enabled(refunds->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time_relative(refunds->timer,
		next_ms > now_ms ? (next_ms - now_ms) * 1000 : 0);
	(void)sd_event_source_set_enabled(refunds->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	refunds_pump(userdata);
	return 0;
}

/* --- what others ask for -------------------------------------------------- */

int refunds_new(struct node *node, struct refunds **ret)
{
	_cleanup_(refunds_freep) struct refunds *refunds = NULL;
	int r;

	refunds = calloc(1, sizeof(*refunds));
	if (refunds == NULL)
		return -ENOMEM;

	refunds->node = node;
	refunds->born_ms = clock_boottime_ms();
	/* Fires at once, from the loop. */
	r = sd_event_add_time_relative(node->event, &refunds->timer,
		CLOCK_BOOTTIME, 0, 1000, on_timer, refunds);
	if (r < 0)
		return r;

	*ret = steal_ptr(&refunds);
	return 0;
}

struct refunds *refunds_free(struct refunds *refunds)
{
	if (refunds == NULL)
		return NULL;

	(void)call_drop(refunds->loading);
	while (refunds->first != NULL) {
		struct refund_job *job = refunds->first;

		refunds->first = job->next;
		(void)free_job(job);
	}
	sd_event_source_disable_unref(refunds->timer);
	free(refunds);
	return NULL;
}

void refunds_method(struct refunds *refunds, struct plugin_request *request,
	const json_t *params)
{
	const char *hash =
		json_string_value(json_object_get(params, "payment_hash"));
	const json_t *amount = json_object_get(params, "amount_msat");
	const json_t *car = json_object_get(params, "car");
	struct refund_job *job;

	if (hash == NULL || !mark_is_hash(hash)) {
		plugin_refuse(request, PLUGIN_E_PARAMS,
			"payment_hash: 64 hexadecimal digits, in lower case");
		return;
	}
	if (amount != NULL && !json_is_null(amount) &&
		json_integer_value(amount) <= 0) {
		plugin_refuse(request, PLUGIN_E_PARAMS,
			"amount_msat: a number above 0");
		return;
	}
	if (car != NULL && !json_is_null(car) &&
		(!json_is_string(car) ||
			!car_name_is_valid(json_string_value(car)))) {
		plugin_refuse(request, PLUGIN_E_PARAMS,
			"car: the name of a car, as in its registration");
		return;
	}
	if (refunds->is_broken) {
		plugin_refuse(request, REFUND_E_FAILED,
			"the datastore's entry [1sat2flash,refunds] is not "
			"what this plugin wrote; nothing was paid");
		return;
	}
	if (find_job(refunds, hash) != NULL) {
		plugin_refuse(request, REFUND_E_UNDER_WAY,
			"this refund is under way already");
		return;
	}
	if (refunds->n_jobs >= REFUND_MAX) {
		plugin_refuse(request, REFUND_E_UNDER_WAY,
			"%d other refunds are under way; try again later",
			REFUND_MAX);
		return;
	}
	job = add_job(refunds, hash);
	if (job == NULL) {
		plugin_refuse(request, REFUND_E_FAILED,
			"no memory; nothing was paid");
		return;
	}

	job->request = request;
	job->answer_ms = json_is_string(car)
				 ? clock_boottime_ms() + REFUND_CAR_WAIT_MS
				 : CLOCK_NEVER;
	job->asked_msat = (uint64_t)json_integer_value(amount);
	if (json_is_string(car))
		memcpy(job->asked_car, json_string_value(car),
			json_string_length(car) + 1);
	refunds_pump(refunds);
}

json_t *refunds_paid(const struct refunds *refunds, const char *car)
{
	uint64_t now_ms = clock_boottime_ms();
	json_t *paid = NULL;

	for (size_t i = 0; i < refunds->n_told; i++) {
		if (strcmp(refunds->told[i].car, car) != 0 ||
			now_ms - refunds->told[i].paid_ms >= REFUND_TOLD_MS)
			continue;
		if (paid == NULL)
			paid = json_array();
		(void)json_array_append_new(
			paid, json_pack("{s:s, s:s}", "payment_hash",
				      refunds->told[i].payment_hash, "state",
				      "paid"));
	}
	return paid;
}

json_t *refunds_list(const struct refunds *refunds, const char *car)
{
	json_t *list = json_array();

	for (const struct refund_job *job = refunds->first; job != NULL;
		job = job->next) {
		const char *name = job->has_record ? job->record.car : job->car;
		uint64_t msat = job->has_record ? job->record.amount_msat
						: job->amount_msat;

		if (car != NULL && strcmp(name, car) != 0)
			continue;
		if (json_array_append_new(list,
			    json_pack("{s:s, s:s, s:I, s:s}", "payment_hash",
				    job->payment_hash, "car", name,
				    "amount_msat", (json_int_t)msat, "state",
				    job->has_record ? "paying" : "asking")) !=
			0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

uint64_t refunds_spent_msat(const struct refunds *refunds)
{
	return refund_spent_sum(&refunds->spent, clock_wall_s());
}
