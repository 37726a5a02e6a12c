/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Relay - between the bridge's link and the car's socket, to time and count
 *
 * Passes all bytes on as they come.
 */

#include <stdint.h>

/* One direction: frames counted by their length prefix, cut anywhere. */
struct relay_way {
	uint64_t n_frames;
	uint64_t n_bytes;
	/* When the first bytes came since relay_mark(), and the last. */
	uint64_t first_ns;
	uint64_t last_ns;
	/* Of the frame that has begun. */
	unsigned int n_header;
	unsigned int n_missing;
};

struct relay {
	int listen_fd;
	const char *car_path;
	int bridge_fd; /* both -1 while the bridge is not connected */
	int car_fd;
	struct relay_way to_car;
	struct relay_way to_bridge;
};

/* Listens on @path for a bridge whose car is at @car_path, borrowed. */
void relay_open(struct relay *relay, const char *path, const char *car_path);
void relay_close(struct relay *relay);

/* The bridge connects; bytes are there from it, from the car. */
void relay_accept(struct relay *relay);
void relay_read_bridge(struct relay *relay);
void relay_read_car(struct relay *relay);

/* Counts from here. */
void relay_mark(struct relay *relay);
