/* SPDX-License-Identifier: MIT */

/*
 * A node elsewhere, by commando over BOLT 8: lightning 5.
 *
 * The rune is read anew each time the line is opened, so that one that was
 * put right needs no restart.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lightning/bolt8.h"
#include "lightning/commando.h"
#include "lightning/dial.h"
#include "lightning/line.h"
#include "lightning/peer.h"
#include "lightning/rune.h"
#include "util/bytes.h"
#include "util/fd.h"

enum {
	READ_SIZE = 16 * 1024,
	/* From the first look at DNS to the node's greeting; Tor is slow. */
	OPEN_MS = 45 * 1000,
	/* NAT of mobile networks forgets after half a minute of silence. */
	QUIET_MS = 25 * 1000,
	PONG_MS = 20 * 1000,
};

enum {
	_PEER_LINE_E_SUCCESS,
	/* Whoever called has been told that the line is down. */
	E_CLOSED,
};

struct peer_line {
	struct line line;
	sd_event *event;
	const struct line_config *config;
	struct noise_keys keys; /* those of one connection are wiped with it */
	uint64_t first_number;  /* of a commando that asks for number 0 */

	struct dial *dial;
	sd_event_source *timer; /* it takes too long, or is too quiet */
	sd_event_source *io;    /* owns the socket */
	struct bolt8 *bolt8;
	struct commando commando;
	struct peer peer;
	struct rune rune;
	uint8_t part[COMMANDO_PART_MAX]; /* of a request, on its way out */
	bool is_up;
	bool pinged;
};

static struct peer_line *peer_line(struct line *line)
{
	return (struct peer_line *)line;
}

static void peer_close(struct line *line)
{
	struct peer_line *p = peer_line(line);

	p->dial = dial_free(p->dial);
	p->io = sd_event_source_disable_unref(p->io);
	p->bolt8 = bolt8_free(p->bolt8);
	commando_deinit(&p->commando);
	secret_wipe(&p->rune, sizeof(p->rune));
	secret_wipe(&p->keys.own, sizeof(p->keys.own));
	secret_wipe(&p->keys.ephemeral, sizeof(p->keys.ephemeral));
	p->peer.greeted = false;
	p->peer.text[0] = '\0';
	p->is_up = p->pinged = false;
	(void)sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
}

static void arm(struct peer_line *p, uint64_t ms)
{
	(void)sd_event_source_set_time_relative(p->timer, ms * 1000);
	(void)sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

/* "the node at HOST:PORT ..." */
static _printf_(2, 3) int drop(struct peer_line *p, const char *format, ...)
{
	char where[ENDPOINT_TEXT_SIZE], what[LINE_WHY_SIZE / 2];
	char why[LINE_WHY_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	endpoint_print(&p->config->node, where);
	(void)snprintf(why, sizeof(why), "the node at %.100s %s", where, what);
	peer_close(&p->line);
	p->line.ops->down(p->line.userdata, why);
	return E_CLOSED;
}

static int drop_error(struct peer_line *p, int r)
{
	return drop(p, "cannot be talked to: %s", strerror(-r));
}

/* Hands the socket what it takes; an error is left for the loop. */
static void flush(struct peer_line *p)
{
	const uint8_t *out;
	size_t len;
	ssize_t n;

	out = bolt8_out(p->bolt8, &len);
	if (len > 0) {
		n = send(sd_event_source_get_io_fd(p->io), out, len,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			bolt8_sent(p->bolt8, (size_t)n);
			len -= (size_t)n;
		}
	}
	(void)sd_event_source_set_io_events(
		p->io, len > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Whoever does not read what it asked for has no right to ask for more. */
static int say(struct peer_line *p, const uint8_t *message, size_t len)
{
	int r;

	r = bolt8_send(p->bolt8, message, len);
	if (r < 0)
		return drop_error(p, r);
	return r == 0 ? 0 : drop(p, "asks, and does not read the answers");
}

static int on_reply(struct peer_line *p, const uint8_t *message, size_t len)
{
	const char *text;
	uint64_t number;
	int r;

	r = commando_take(&p->commando, message, len, &number, &text, &len);
	switch (r) {
	case 0:
		p->line.ops->bytes(
			p->line.userdata, number - p->first_number, text, len);
		return p->bolt8 == NULL ? E_CLOSED : 0;
	case COMMANDO_E_AGAIN:
		return 0;
	case COMMANDO_E_TOO_BIG:
		p->line.ops->too_big(p->line.userdata);
		return p->bolt8 == NULL ? E_CLOSED : 0;
	case COMMANDO_E_INVALID:
		return drop(p, "sent a reply that is cut off");
	default:
		return drop_error(p, r);
	}
}

static int on_message(struct peer_line *p, const uint8_t *message, size_t len)
{
	p->pinged = false;
	switch (peer_take(&p->peer, message, len)) {
	case PEER_NOTHING:
	case PEER_WARNED:
		return 0;
	case PEER_GREETED:
		p->is_up = true;
		p->line.ops->up(p->line.userdata);
		return p->bolt8 == NULL ? E_CLOSED : 0;
	case PEER_PINGED:
		return say(p, p->peer.pong, p->peer.pong_len);
	case PEER_REPLY:
		return on_reply(p, message, len);
	case PEER_ENDED:
		return drop(p, "ends the connection: %s",
			p->peer.text[0] == '\0' ? "it does not say why"
						: p->peer.text);
	case PEER_BROKEN:
		return drop(p, "sent %s", p->peer.text);
	}

	return 0;
}

/* The first thing after the handshake, from both sides. */
static int greet(struct peer_line *p)
{
	uint8_t message[PEER_INIT_SIZE];

	peer_init_message(message);
	return say(p, message, sizeof(message));
}

static int on_bytes(struct peer_line *p, const uint8_t *bytes, size_t len)
{
	bool was_open = bolt8_is_open(p->bolt8);

	for (;;) {
		const uint8_t *message;
		size_t message_len;
		int r;

		r = bolt8_take(p->bolt8, &bytes, &len, &message, &message_len);
		if (!was_open && bolt8_is_open(p->bolt8)) {
			was_open = true;
			if (greet(p) != 0)
				return E_CLOSED;
		}
		switch (r) {
		case 0:
			if (on_message(p, message, message_len) != 0)
				return E_CLOSED;
			break;
		case BOLT8_E_AGAIN:
			return 0;
		case BOLT8_E_VERSION:
			return drop(p, "speaks no BOLT 8 that is known here");
		case BOLT8_E_FORGED:
			return was_open ? drop(p, "or who is on the way to it "
						  "sent something forged")
					: drop(p,
						  "is not the one with the id "
						  "%.12s...",
						  p->config->node_id);
		default:
			return drop_error(p, r);
		}
	}
}

static int on_hung_up(struct peer_line *p)
{
	char warning[PEER_TEXT_SIZE];

	(void)snprintf(warning, sizeof(warning), "%s", p->peer.text);
	if (!bolt8_is_open(p->bolt8))
		return drop(p,
			"hung up at once: it has not the id %.12s..., or is no "
			"lightningd",
			p->config->node_id);
	if (warning[0] != '\0')
		return drop(p, "warned, \"%s\", and hung up", warning);
	return drop(p, "hung up");
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p)
{
	struct peer_line *peer = p;
	uint8_t bytes[READ_SIZE];
	ssize_t n;

	(void)source;

	if (events & EPOLLOUT)
		flush(peer);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return 0;

	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0 && errno != ECONNRESET)
		(void)drop(peer, "is out of reach: %s", strerror(errno));
	else if (n <= 0)
		(void)on_hung_up(peer);
	else if (on_bytes(peer, bytes, (size_t)n) == 0) {
		if (peer->is_up && !peer->pinged)
			arm(peer, QUIET_MS);
		flush(peer);
	}
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct peer_line *p = userdata;
	uint8_t ping[PEER_PING_SIZE];

	(void)source;
	(void)usec;
	if (!p->is_up) {
		(void)drop(p, "did not answer in %d s", OPEN_MS / 1000);
	} else if (p->pinged) {
		(void)drop(p, "has stopped to answer");
	} else {
		peer_ping_message(ping);
		if (say(p, ping, sizeof(ping)) != 0)
			return 0;
		p->pinged = true;
		arm(p, PONG_MS);
		flush(p);
	}
	return 0;
}

/* The socket is connected, and @fd ours now. */
static int start(struct peer_line *p, int fd)
{
	int r;

	r = sd_event_add_io(p->event, &p->io, fd, EPOLLIN, on_io, p);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	r = sd_event_source_set_io_fd_own(p->io, 1);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	if (getrandom(p->keys.ephemeral.bytes, 32, 0) != 32 ||
		getrandom(p->keys.seed.bytes, 32, 0) != 32)
		return -EIO;
	r = bolt8_new(&p->keys, &p->bolt8);
	secret_wipe(&p->keys.own, sizeof(p->keys.own));
	secret_wipe(&p->keys.ephemeral, sizeof(p->keys.ephemeral));
	if (r == 0)
		flush(p);
	return r == BOLT8_E_KEY ? -EKEYREJECTED : r;
}

static void on_dialled(void *userdata, int fd, const char *why)
{
	struct peer_line *p = userdata;
	char told[LINE_WHY_SIZE];
	int r;

	if (fd < 0) {
		/* It is the dial's, which goes. */
		(void)snprintf(told, sizeof(told), "%s", why);
		peer_close(&p->line);
		p->line.ops->down(p->line.userdata, told);
		return;
	}
	p->dial = dial_free(p->dial);
	r = start(p, fd);
	if (r < 0)
		(void)drop_error(p, r);
}

static void peer_open(struct line *line)
{
	struct peer_line *p = peer_line(line);
	const struct line_config *config = p->config;
	char why[RUNE_WHY_SIZE];
	int r;

	r = rune_load(config->rune_path, &p->rune, why);
	if (r == 0)
		r = rune_load_key(config->key_path, &p->keys.own, why);
	if (r < 0) {
		peer_close(line);
		line->ops->down(line->userdata, why);
		return;
	}
	r = dial_new(p->event, &config->node,
		config->proxy.port == 0 ? NULL : &config->proxy, on_dialled, p,
		&p->dial);
	if (r < 0)
		(void)drop_error(p, r);
	else
		arm(p, OPEN_MS);
}

/* The request with the rune as its first member: {"rune":"...",... */
static int add_rune(const struct peer_line *p, const char *request, size_t len,
	char **ret, size_t *ret_len)
{
	char *text;
	int n;

	n = asprintf(&text, "{\"rune\":\"%s\",%.*s", p->rune.text, (int)len - 1,
		request + 1);
	if (n < 0)
		return -ENOMEM;

	*ret = text;
	*ret_len = (size_t)n;
	return 0;
}

static int peer_send(
	struct line *line, uint64_t number, const char *request, size_t len)
{
	struct peer_line *p = peer_line(line);
	size_t part_len = 0, at = 0;
	char *text;
	int r;

	number += p->first_number;
	if (commando_expect(&p->commando, number) != 0)
		return -EBUSY;
	r = add_rune(p, request, len, &text, &len);
	if (r < 0) {
		commando_cancel(&p->commando, number);
		return r;
	}
	while (r == 0 && at < len) {
		at += commando_part(
			number, text + at, len - at, p->part, &part_len);
		r = bolt8_send(p->bolt8, p->part, part_len);
	}
	secret_wipe(text, len);
	secret_wipe(p->part, part_len);
	free(text);
	if (r != 0)
		commando_cancel(&p->commando, number);
	flush(p);
	return r > 0 ? -ENOBUFS : r;
}

static void peer_free(struct line *line)
{
	struct peer_line *p = peer_line(line);

	sd_event_source_disable_unref(p->timer);
	sd_event_unref(p->event);
	free(p);
}

static const struct line_type peer_type = {
	.open = peer_open,
	.close = peer_close,
	.send = peer_send,
	.free = peer_free,
};

int line_new_peer(
	sd_event *event, const struct line_config *config, struct line **ret)
{
	_cleanup_(freep) struct peer_line *p = NULL;
	int r;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->line.type = &peer_type;
	p->config = config;
	if (hex_decode(config->node_id, p->keys.node, sizeof(p->keys.node)) < 0)
		return -EINVAL;
	if (getrandom(&p->first_number, sizeof(p->first_number), 0) !=
		(ssize_t)sizeof(p->first_number))
		return -EIO;
	r = sd_event_add_time_relative(
		event, &p->timer, CLOCK_BOOTTIME, 0, 0, on_timer, p);
	if (r < 0)
		return r;
	(void)sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);

	p->event = sd_event_ref(event);
	*ret = &steal_ptr(&p)->line;
	return 0;
}
