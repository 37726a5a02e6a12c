/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A node elsewhere, by hand: it listens at 127.0.0.1, in the loop of the test,
 * and says what the test likes.  With a rune and a place for our key.
 */

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bolt8-peer.h"
#include "fake-clock.h"
#include "lightning/line.h"
#include "util/fd.h"

#define FAR_RUNE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static char far_folder[] = "/tmp/test-far-XXXXXX";
static char far_rune[64], far_key[64];
static sd_event *far_event;
static int far_listen_fd = -1, far_fd = -1;
static struct line_config far_config = {
	.node_id = RS_PUB,
	.rune_path = far_rune,
	.key_path = far_key,
};

static inline void far_run(void)
{
	int r;

	do {
		r = sd_event_run(far_event, 0);
		cr_assert_geq(r, 0);
	} while (r > 0);
}

static inline void far_pass(uint64_t ms)
{
	fake_clock_set(fake_clock_now() + ms);
	far_run();
}

static inline void far_write_rune(const char *text)
{
	FILE *file = fopen(far_rune, "we");

	cr_assert_not_null(file);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(chmod(far_rune, 0600), 0);
}

/* A port on which somebody listens. */
static inline int far_listen(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	cr_assert_eq(listen(fd, 4), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static inline void far_init(void)
{
	(void)strcpy(far_folder, "/tmp/test-far-XXXXXX");
	cr_assert_not_null(mkdtemp(far_folder));
	(void)snprintf(far_rune, sizeof(far_rune), "%s/rune", far_folder);
	(void)snprintf(far_key, sizeof(far_key), "%s/node.key", far_folder);
	far_write_rune(FAR_RUNE "\n");
	cr_assert_geq(sd_event_new(&far_event), 0);
	(void)strcpy(far_config.node.host, "127.0.0.1");
	far_listen_fd = far_listen(&far_config.node.port);
}

static inline void far_deinit(void)
{
	fd_closep(&far_fd);
	fd_closep(&far_listen_fd);
	far_event = sd_event_unref(far_event);
	(void)unlink(far_rune);
	(void)unlink(far_key);
	cr_assert_eq(rmdir(far_folder), 0);
	if (peer_xk.cipher != NULL)
		peer_deinit();
}

/* Runs the loop until *@n is not 0: the network's stack takes its time. */
static inline void far_wait(const int *n)
{
	for (int i = 0; i < 500 && *n == 0; i++)
		cr_assert_geq(sd_event_run(far_event, 10 * 1000), 0);
}

/* Lets @fd become readable. */
static inline void far_poll(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	far_run();
	(void)poll(&pollfd, 1, 100);
}

/* What the client sent, all @len bytes of it. */
static inline void far_read(uint8_t *ret, size_t len)
{
	size_t have = 0;

	for (int i = 0; i < 50 && have < len; i++) {
		ssize_t n;

		far_poll(far_fd);
		n = recv(far_fd, ret + have, len - have, 0);
		if (n > 0)
			have += (size_t)n;
	}
	cr_assert_eq(have, len, "%zu of %zu bytes", have, len);
}

static inline bool far_is_empty(void)
{
	uint8_t byte;

	far_run();
	return recv(far_fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

static inline void far_write(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		ssize_t n = send(far_fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
		far_run();
	}
	/* Until all of it has come to the client's end. */
	for (int left = 1, i = 0; left > 0 && i < 1000; i++) {
		cr_assert_eq(ioctl(far_fd, SIOCOUTQ, &left), 0);
		far_run();
		if (left > 0)
			(void)poll(NULL, 0, 1);
	}
	far_run();
}

/* Takes the connection that the client is about to make. */
static inline void far_accept(void)
{
	far_fd = -1;
	for (int i = 0; i < 50 && far_fd < 0; i++) {
		far_poll(far_listen_fd);
		far_fd = accept4(far_listen_fd, NULL, NULL,
			SOCK_CLOEXEC | SOCK_NONBLOCK);
	}
	cr_assert_geq(far_fd, 0, "nobody calls");
	far_run();
}

/* Up to the answer to act one, which the test sends itself. */
static inline void far_answer(uint8_t act2[static XK_ACT2_SIZE])
{
	uint8_t act1[XK_ACT1_SIZE];

	far_accept();
	peer_init();
	far_read(act1, sizeof(act1));
	cr_assert_eq(xk_act1(&peer_xk, act1, act2), 0);
}

static inline void far_say(const void *message, size_t len)
{
	static uint8_t sealed[XK_SEALED_MAX];

	cr_assert_eq(xk_seal(&peer_xk, message, len, sealed), 0);
	far_write(sealed, len + 34);
}

/* The client's next message; @ret has room for any. */
static inline size_t far_hear(uint8_t *ret)
{
	uint8_t head[XK_HEAD_SIZE];
	size_t len;

	far_read(head, sizeof(head));
	cr_assert_eq(xk_open_head(&peer_xk, head, &len), 0);
	far_read(ret, len + 16);
	cr_assert_eq(xk_open_body(&peer_xk, ret, len), 0);
	return len;
}

/* The handshake, and the client's greeting. */
static inline void far_shake(void)
{
	static uint8_t message[XK_BODY_MAX];
	uint8_t act2[XK_ACT2_SIZE], act3[XK_ACT3_SIZE];

	far_answer(act2);
	far_write(act2, sizeof(act2));
	far_read(act3, sizeof(act3));
	cr_assert_eq(xk_act3(&peer_xk, act3), 0);
	cr_assert_eq(far_hear(message), 6);
	cr_assert_arr_eq(message, "\0\x10\0\0\0\0", 6);
}

/* And ours. */
static inline void far_connect(void)
{
	far_shake();
	far_say("\0\x10\0\0\0\0", 6);
}

/* A part of the reply to @number. */
static inline void far_reply(
	unsigned int type, uint64_t number, const char *text, size_t len)
{
	static uint8_t message[XK_BODY_MAX];

	put_be16(message, (uint16_t)type);
	put_be32(message + 2, (uint32_t)(number >> 32));
	put_be32(message + 6, (uint32_t)number);
	memcpy(message + 10, text, len);
	far_say(message, 10 + len);
}

/* The next request.  Returns its number; its text is in @ret. */
static inline uint64_t far_take(char *ret, size_t size)
{
	static uint8_t message[XK_BODY_MAX];
	uint64_t number = 0;
	size_t len = far_hear(message);

	cr_assert_gt(len, 10);
	cr_assert_eq(get_be16(message), 0x4c4f);
	for (size_t i = 2; i < 10; i++)
		number = number << 8 | message[i];
	cr_assert_lt(len - 10, size);
	memcpy(ret, message + 10, len - 10);
	ret[len - 10] = '\0';
	return number;
}
