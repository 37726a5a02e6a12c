/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Node - the lightning-rpc of a Core Lightning node, to pay through at will
 *
 * Knows getinfo and waitanyinvoice.  What node_pay() writes is what counts as
 * "payment readable on the node's socket".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NODE_BUFFER_SIZE = 16 * 1024,
	NODE_ID_SIZE = 256,
};

struct node {
	int listen_fd;
	int fd; /* -1 while nobody is connected */
	uint64_t n_paid;

	/* A call that waits for a payment, until deadline_ns. */
	bool is_waited_on;
	char waiting_id[NODE_ID_SIZE]; /* as JSON */
	uint64_t deadline_ns;

	size_t len;
	char buffer[NODE_BUFFER_SIZE];
};

/* Serves on @path from now on. */
void node_open(struct node *node, const char *path);
void node_close(struct node *node);

/* Someone connects; bytes are there. */
void node_accept(struct node *node);
void node_read(struct node *node);

/* Answers a call whose wait is over. */
void node_tick(struct node *node, uint64_t now_ns);

/*
 * Answers the call that waits with a payment of @msat for our label.  Returns
 * the time of the write.
 */
uint64_t node_pay(struct node *node, uint64_t msat);
