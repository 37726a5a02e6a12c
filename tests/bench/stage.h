/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Stage - a whole bridge with all that it talks to
 *
 * A bus, a simulated car behind a relay, a node of ours, and 1sat2flashd.  As
 * root, the programs run as nobody: the bridge refuses to be root.
 */

#include <stdint.h>
#include <sys/types.h>

#include "node.h"
#include "relay.h"

#define STAGE_VIN "5YJ3E1EA6KF000000"

enum {
	STAGE_PATH_SIZE = 108, /* of a unix socket */
};

/*
 * The bridge's key is at key in @folder, its link goes through the relay at
 * link.
 */
struct stage {
	const char *bridge_program; /* borrowed */
	char folder[64];
	char car_path[STAGE_PATH_SIZE];
	pid_t bus;
	pid_t car;
	pid_t bridge; /* 0 while it does not run */
	int notify_fd;
	bool is_ready;
	struct node node;
	struct relay relay;
};

/*
 * Starts all but the bridge, in an empty @folder on a real disk, which is
 * given away to who runs the programs at these paths.
 */
void stage_open(struct stage *stage, const char *folder,
	const char *bridge_program, const char *car_program);

/*
 * The same where the bridge is to hold payments at the node whose socket is
 * rpc in @folder, which the caller starts; the link has no relay.
 */
void stage_open_holding(struct stage *stage, const char *folder,
	const char *bridge_program, const char *car_program);

void stage_close(struct stage *stage);

/* Starts the bridge; returns the ns until it said READY. */
uint64_t stage_start_bridge(struct stage *stage);
void stage_stop_bridge(struct stage *stage);

/* Serves for up to @ms; returns after the first event. */
void stage_serve(struct stage *stage, int ms);

/* Serves for all of @ms. */
void stage_rest(struct stage *stage, uint64_t ms);

/* Serves until the node is waited on; gives up after 30 s. */
void stage_until_waited_on(struct stage *stage);

/*
 * A number of /proc/PID/status of the bridge, "RssAnon:" or the like.
 */
uint64_t stage_bridge_status(const struct stage *stage, const char *name);

/* Runs @program with @arguments, NULL at the end; as nobody if we are root. */
pid_t stage_spawn(
	const char *program, const char *const arguments[], int out_fd);
/* Waits for @pid to end well. */
void stage_await(pid_t pid, const char *what);

/* Unix stream sockets. */
int stage_listen(const char *path);
int stage_connect(const char *path);
