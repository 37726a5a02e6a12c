/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Line - the way to a node: its unix socket here, or commando over BOLT 8
 *
 * One interface over both.  A line carries whole requests one way, and bytes
 * of answers the other.  It is opened and closed again and again.
 *
 * What is said of a node that is not here names it as "the node at HOST:PORT",
 * what is said of a rune as "the rune in FILE": doctor looks for these words.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/endpoint.h"

struct line;

enum {
	LINE_WHY_SIZE = 400,
	LINE_NODE_ID_SIZE = 67,
};

/* Where the node is.  All but one of the ways is NULL or empty. */
struct line_config {
	const char *rpc_path; /* of a unix socket; NULL: by commando */

	char node_id[LINE_NODE_ID_SIZE];
	struct endpoint node;
	struct endpoint proxy; /* port 0: none */
	const char *rune_path;
	char *key_path; /* by which the node knows us; may be made */
};

struct line_ops {
	/* Requests may be sent. */
	void (*up)(void *userdata);
	/* It has closed, or did not open; @why is no whole sentence. */
	void (*down)(void *userdata, const char *why);
	/*
	 * From the node.  @number is 0 for bytes of a stream; otherwise they
	 * are all of the answer to the request with this number.  Valid until
	 * line_close(), which may be called from here.
	 */
	void (*bytes)(
		void *userdata, uint64_t number, const char *bytes, size_t len);
	/* An answer, perhaps to the last request, is longer than it may be. */
	void (*too_big)(void *userdata);
};

/* What an implementation provides; see the functions below. */
struct line_type {
	void (*open)(struct line *line);
	void (*close)(struct line *line);
	int (*send)(struct line *line, uint64_t number, const char *request,
		size_t len);
	void (*free)(struct line *line);
};

/* First member of each implementation. */
struct line {
	const struct line_type *type;
	const struct line_ops *ops;
	void *userdata;
};

/*
 * Borrows @config and @ops.  Returns 0, -ENAMETOOLONG, -ENOMEM,
 * or -EINVAL for a node's id that is none.
 */
int line_new(sd_event *event, const struct line_config *config,
	const struct line_ops *ops, void *userdata,
	struct line **ret) _must_use_;
struct line *line_free(struct line *line);

/* Ends in up() or down(), perhaps before it returns; from the loop only. */
void line_open(struct line *line);

/* No down() follows.  Fine if it is closed. */
void line_close(struct line *line);

/* Sends a copy, while it is up.  Returns 0 or negative errno. */
int line_send(struct line *line, uint64_t number, const char *request,
	size_t len) _must_use_;

/* For line_new(). */
int line_new_socket(
	sd_event *event, const char *path, struct line **ret) _must_use_;
int line_new_peer(sd_event *event, const struct line_config *config,
	struct line **ret) _must_use_;

DEFINE_CLEANUP(struct line *, line_free);
