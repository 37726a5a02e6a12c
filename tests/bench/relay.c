/* SPDX-License-Identifier: MIT */

#include "relay.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "figure.h"
#include "stage.h"

void relay_open(struct relay *relay, const char *path, const char *car_path)
{
	*relay = (struct relay){
		.listen_fd = stage_listen(path),
		.car_path = car_path,
		.bridge_fd = -1,
		.car_fd = -1,
	};
}

static void hang_up(struct relay *relay)
{
	if (relay->bridge_fd >= 0) {
		(void)close(relay->bridge_fd);
		(void)close(relay->car_fd);
	}
	relay->bridge_fd = -1;
	relay->car_fd = -1;
	/* What was counted is kept, what has begun is cut off. */
	relay->to_car.n_header = relay->to_car.n_missing = 0;
	relay->to_bridge.n_header = relay->to_bridge.n_missing = 0;
}

void relay_close(struct relay *relay)
{
	hang_up(relay);
	(void)close(relay->listen_fd);
}

void relay_accept(struct relay *relay)
{
	hang_up(relay);
	relay->bridge_fd = accept4(relay->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (relay->bridge_fd < 0)
		figure_die("accept: %s", strerror(errno));
	relay->car_fd = stage_connect(relay->car_path);
}

static void count(struct relay_way *way, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (way->n_header < 2) {
			way->n_missing = way->n_missing << 8 | data[i];
			if (++way->n_header < 2 || way->n_missing > 0)
				continue;
		} else if (--way->n_missing > 0) {
			continue;
		}
		way->n_frames++;
		way->n_header = 0;
	}
}

static void pass_on(
	struct relay *relay, struct relay_way *way, int from_fd, int to_fd)
{
	uint8_t data[4096];
	ssize_t n;

	n = read(from_fd, data, sizeof(data));
	if (n <= 0) {
		hang_up(relay);
		return;
	}
	way->last_ns = figure_now_ns();
	if (way->first_ns == 0)
		way->first_ns = way->last_ns;
	if (send(to_fd, data, (size_t)n, MSG_NOSIGNAL) != n) {
		hang_up(relay);
		return;
	}
	way->n_bytes += (uint64_t)n;
	count(way, data, (size_t)n);
}

void relay_read_bridge(struct relay *relay)
{
	pass_on(relay, &relay->to_car, relay->bridge_fd, relay->car_fd);
}

void relay_read_car(struct relay *relay)
{
	pass_on(relay, &relay->to_bridge, relay->car_fd, relay->bridge_fd);
}

static void mark(struct relay_way *way)
{
	way->n_frames = way->n_bytes = 0;
	way->first_ns = way->last_ns = 0;
}

void relay_mark(struct relay *relay)
{
	mark(&relay->to_car);
	mark(&relay->to_bridge);
}
