/* SPDX-License-Identifier: MIT */
#pragma once

/* 1sat2flash-node in a lightningd by hand, with a guard and cars. */

#include "node/node.h"
#include "plugin-world.h"

static struct node *node;

static const char boot_a[] = "0123456789abcdef";
static const char boot_b[] = "fedcba9876543210";

static inline void node_begin(void)
{
	world_begin();
	cr_assert_eq(node_new(world_event, plugin_in, plugin_out, &node), 0);
}

static inline void node_end(void)
{
	node = node_free(node);
	world_end();
}

static inline void node_init(const char *options)
{
	say("{'jsonrpc':'2.0','id':'init','method':'init','params':{"
	    "'options':%s,'configuration':{'lightning-dir':'%s','rpc-file':"
	    "'lightning-rpc','startup':true,'network':'regtest'}}}\n\n",
		options, world_folder);
}

/* Up to a plugin with a guard behind it. */
static inline void node_begin_guarded(void)
{
	const struct guard_peer guard = {
		.lightningd = getppid(),
		.startup = true,
	};

	node_begin();
	node_init("{}");
	assert_result("init", "{}");
	world_start_guard(&guard);
}

/* As after a crash: another process of it, which knows the disk only. */
static inline void node_restart(void)
{
	node = node_free(node);
	(void)world_hear();
	(void)json_array_clear(world_said);
	world_event = sd_event_unref(world_event);
	world_has_ended = false;
	cr_assert_geq(sd_event_new(&world_event), 0);
	cr_assert_eq(node_new(world_event, plugin_in, plugin_out, &node), 0);
	node_init("{}");
	assert_result("init", "{}");
}

static inline void register_car(
	const char *id, const char *car, const char *boot, const char *claims)
{
	say("{'jsonrpc':'2.0','id':'%s','method':'1sat2flash-register',"
	    "'params':{'car':'%s','boot':'%s',%s}}\n\n",
		id, car, boot, claims);
}

static const char flash_claims[] =
	"'holds':true,'labels':['flash-*'],'addresses':[],'descriptions':"
	"['honk'],'actions':[{'name':'flash','price_msat':1000,'text':'Flash',"
	"'keeps':true}]";

static inline void poll_as(
	const char *id, const char *car, const char *boot, int serial, int got)
{
	say("{'jsonrpc':'2.0','id':'%s','method':'1sat2flash-poll','params':{"
	    "'car':'%s','boot':'%s','serial':%d,'got':%d,'open':['flash'],"
	    "'timeout':50}}\n\n",
		id, car, boot, serial, got);
}

static inline void take(
	const char *id, const char *car, const char *boot, int number)
{
	say("{'jsonrpc':'2.0','id':'%s','method':'1sat2flash-take','params':{"
	    "'car':'%s','boot':'%s','payment_hash':'%s','keeps':true}}\n\n",
		id, car, boot, hash_of(number));
}

static inline void done(
	const char *id, const char *car, int number, const char *verdict)
{
	say("{'jsonrpc':'2.0','id':'%s','method':'1sat2flash-done','params':{"
	    "'car':'%s','payment_hash':'%s','verdict':'%s','outcome':"
	    "'confirmed','why':''}}\n\n",
		id, car, hash_of(number), verdict);
}

/* A car that waits for payments, its first poll being "poll". */
static inline void node_begin_car(void)
{
	node_begin_guarded();
	register_car("register", "roadster", boot_a, flash_claims);
	(void)result_of("register");
	poll_as("poll", "roadster", boot_a, 1, 0);
	cr_assert_null(heard("poll"));
}

/* The nth hold in the answer to a poll; NULL if there is none. */
static inline const json_t *hold_in(const char *id, size_t n)
{
	return json_array_get(json_object_get(result_of(id), "holds"), n);
}
