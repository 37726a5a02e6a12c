/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Plugin - the conversation with lightningd over standard input and output
 *
 * Says who we are (getmanifest), hands requests to their handlers, and writes
 * what they answer: each request once, in any order.  A hook's answer can be
 * nothing but continue or reject; anything else would abort lightningd.
 *
 * Handlers run from the loop.  What has no answer yet when the plugin ends
 * gets one: hooks reject, methods an error.
 *
 * Spec: lightning 1, 2.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

struct plugin;
struct plugin_request;

enum {
	PLUGIN_E_PARAMS = -32602, /* JSON-RPC: invalid params */
	PLUGIN_E_INTERNAL = -32603,
	PLUGIN_WHY_SIZE = 256,
};

enum plugin_level {
	PLUGIN_DEBUG,
	PLUGIN_INFO,
	PLUGIN_UNUSUAL,
	PLUGIN_BROKEN,
};

/*
 * @usage names the parameters in their order, those that may be left out in
 * brackets, as lightning-cli shows them: "car [amount_msat]".  @params is an
 * object with the required ones at least, and no others; borrowed.  Values of
 * null count as left out.
 */
struct plugin_method {
	const char *name;
	const char *usage;
	const char *description;
	void (*handler)(void *userdata, struct plugin_request *request,
		const json_t *params);
};

struct plugin_option {
	const char *name;
	long fallback;
	const char *description;
};

/* What the start of lightningd told us. */
struct plugin_init {
	const char *rpc_path;
	bool startup;          /* started with lightningd, not later */
	const json_t *options; /* object */
};

/* Tables end with an entry without a name.  NULL: none. */
struct plugin_config {
	const struct plugin_method *methods;
	const struct plugin_option *options;
	const char *hook_after; /* a plugin that comes before us, or NULL */
	bool wants_payments;    /* subscribe to invoice_payment */

	/*
	 * Once, before anything below.  Returns true, or false with why this
	 * plugin is of no use here in @ret_why.
	 */
	bool (*init)(void *userdata, const struct plugin_init *init,
		char ret_why[static PLUGIN_WHY_SIZE]);
	/* The hook invoice_payment, with its "payment" object; borrowed. */
	void (*payment)(void *userdata, struct plugin_request *request,
		const json_t *payment);
	/* The notification, with { label, preimage, msat }; borrowed. */
	void (*paid)(void *userdata, const json_t *payment);
};

/*
 * Borrows @config; reads @in_fd and writes @out_fd, which are made
 * non-blocking and not closed.  Returns 0, -EPERM if one of them is a file,
 * or negative errno.  The loop ends (sd_event_exit) with 0 when lightningd
 * hangs up or says so, or a negative errno.
 */
int plugin_new(sd_event *event, int in_fd, int out_fd,
	const struct plugin_config *config, void *userdata,
	struct plugin **ret) _must_use_;

/*
 * Answers what is open and writes it, for some seconds at most.  Those who
 * keep requests are gone by then.
 */
struct plugin *plugin_free(struct plugin *plugin);

/* Each of these answers the request and frees it.  @result is taken over. */
void plugin_answer(struct plugin_request *request, json_t *result);
void plugin_refuse(struct plugin_request *request, int code, const char *format,
	...) _printf_(3, 4);
void plugin_continue(struct plugin_request *request);
void plugin_reject(struct plugin_request *request);

/* A line in lightningd's log.  Foreign bytes become printable. */
void plugin_log(struct plugin *plugin, enum plugin_level level,
	const char *format, ...) _printf_(3, 4);

DEFINE_CLEANUP(struct plugin *, plugin_free);
