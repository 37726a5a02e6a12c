/* SPDX-License-Identifier: MIT */

#include "links.h"

#include <stdlib.h>
#include <string.h>

#include "car.h"
#include "util/clock.h"
#include "vehicle/frame.h"

/* Bytes that wait for their time; without any, the link drops then. */
struct parcel {
	struct parcel *next;
	uint64_t due_ms;
	size_t len;
	size_t sent;
	uint8_t bytes[];
};

struct links_link {
	struct links *links;
	int id; /* 0: free */
	struct carrier *carrier;
	unsigned int lane;
	char peer[LINKS_PEER_SIZE];
	struct frame_buffer in;
	uint64_t heard_ms;
	/* By due time; the first may be half sent and then stays first. */
	struct parcel *queue;
	size_t queued;
	uint64_t pause_until_ms;
	bool blocked; /* the carrier is full */
};

struct links {
	struct links_handler handler;
	const struct say *say;
	struct faults *faults;
	unsigned int mtu;
	uint64_t idle_ms;
	bool full;
	int last_id;
	struct links_link table[LINKS_MAX];
};

static int count_links(const struct links *links)
{
	int n = 0;

	for (size_t i = 0; i < LINKS_MAX; i++)
		n += links->table[i].id != 0;

	return n;
}

void links_close(struct links_link *link, const char *why)
{
	struct links *links = link->links;
	struct parcel *parcel;
	int id = link->id;

	while ((parcel = link->queue) != NULL) {
		link->queue = parcel->next;
		free(parcel);
	}
	link->queued = 0;
	link->id = 0;
	if (link->peer[0] != '\0')
		say(links->say, "{s:i,s:s,s:i,s:s,s:s}", "disconnected", id,
			"why", why, "links", count_links(links), "link", "down",
			"device", link->peer);
	else
		say(links->say, "{s:i,s:s,s:i}", "disconnected", id, "why", why,
			"links", count_links(links));
	link->carrier->ops->close(link->carrier, link->lane);
}

/* Sends a block of the first parcel.  Returns false if it cannot now. */
static bool send_block(struct links_link *link, uint64_t now_ms)
{
	struct parcel *parcel = link->queue;
	unsigned int mtu = link->links->mtu;
	size_t len = parcel->len - parcel->sent;
	ssize_t n;

	/* A real indication ends where the MTU does. */
	if (mtu > 0 && len > mtu - LINKS_ATT_HEADER)
		len = mtu - LINKS_ATT_HEADER;
	n = link->carrier->ops->send(
		link->carrier, link->lane, parcel->bytes + parcel->sent, len);
	if (n == 0) {
		link->blocked = true;
		return false;
	}
	if (n < 0) {
		links_close(link, strerror((int)-n));
		return false;
	}

	parcel->sent += (size_t)n;
	if (mtu > 0)
		link->pause_until_ms = now_ms + LINKS_BLOCK_PAUSE_MS;
	if (parcel->sent == parcel->len) {
		link->queue = parcel->next;
		link->queued -= parcel->len;
		free(parcel);
	}
	return true;
}

static void link_flush(struct links_link *link, uint64_t now_ms)
{
	while (link->id != 0 && link->queue != NULL && !link->blocked &&
		link->queue->due_ms <= now_ms &&
		link->pause_until_ms <= now_ms) {
		if (link->queue->len == 0)
			links_close(link, "dropped by the car");
		else if (!send_block(link, now_ms))
			break;
	}
}

static void link_queue(struct links_link *link, const uint8_t *bytes,
	size_t len, uint64_t delay_ms)
{
	struct parcel **at = &link->queue;
	struct parcel *parcel;

	/* What a client can make us keep is bounded. */
	if (len > LINKS_QUEUE_MAX - link->queued) {
		links_close(link, "the client does not read");
		return;
	}
	parcel = malloc(sizeof(*parcel) + len);
	if (parcel == NULL) {
		links_close(link, strerror(ENOMEM));
		return;
	}

	*parcel = (struct parcel){
		.due_ms = clock_boottime_ms() + delay_ms,
		.len = len,
	};
	if (len > 0)
		memcpy(parcel->bytes, bytes, len);
	/* Behind what is due at the same time, never into a half-sent frame. */
	while (*at != NULL &&
		((*at)->sent > 0 || (*at)->due_ms <= parcel->due_ms))
		at = &(*at)->next;
	parcel->next = *at;
	*at = parcel;
	link->queued += len;
}

void links_send(struct links *links, int link, const uint8_t *bytes, size_t len,
	uint64_t delay_ms)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		if (links->table[i].id != 0 &&
			(link == LINK_ALL || link == links->table[i].id))
			link_queue(&links->table[i], bytes, len, delay_ms);
}

void links_drop(struct links *links, int link)
{
	links_send(links, link, NULL, 0, 0);
}

void links_drop_all(struct links *links, const char *why)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		if (links->table[i].id != 0)
			links_close(&links->table[i], why);
}

void links_set_mtu(struct links *links, unsigned int mtu)
{
	links->mtu = mtu;
}

void links_set_idle(struct links *links, uint64_t idle_ms)
{
	links->idle_ms = idle_ms;
}

void links_set_full(struct links *links, bool full)
{
	links->full = full;
}

bool links_have_room(const struct links *links)
{
	return !links->full && count_links(links) < LINKS_MAX;
}

/* Is a link to drop that has nothing to say? */
static bool idle_is_armed(const struct links *links)
{
	for (size_t i = 0; i < links->faults->n; i++)
		if (links->faults->armed[i].kind == FAULT_IDLE_DROP)
			return true;

	return false;
}

void links_flush(struct links *links)
{
	uint64_t now_ms = clock_boottime_ms();
	struct fault fault;

	for (size_t i = 0; i < LINKS_MAX; i++) {
		struct links_link *link = &links->table[i];

		if (link->id == 0)
			continue;
		if (now_ms - link->heard_ms >= links->idle_ms &&
			faults_take_kind(
				links->faults, FAULT_IDLE_DROP, &fault))
			links_close(link, "idle");
		else
			link_flush(link, now_ms);
	}
}

uint64_t links_deadline(const struct links *links)
{
	bool idle = idle_is_armed(links);
	uint64_t deadline = CLOCK_NEVER;

	for (size_t i = 0; i < LINKS_MAX; i++) {
		const struct links_link *link = &links->table[i];
		uint64_t at = CLOCK_NEVER;

		if (link->id == 0)
			continue;
		if (link->queue != NULL && !link->blocked) {
			at = link->queue->due_ms;
			if (link->pause_until_ms > at)
				at = link->pause_until_ms;
		}
		if (idle && link->heard_ms + links->idle_ms < at)
			at = link->heard_ms + links->idle_ms;
		if (at < deadline)
			deadline = at;
	}

	return deadline;
}

/* Gives whole messages to the car, until the link goes or none is left. */
static int take_messages(struct links_link *link)
{
	struct links *links = link->links;
	const uint8_t *message;
	int id = link->id;
	size_t len;
	int r;

	for (;;) {
		r = frame_take(&link->in, &message, &len);
		if (r == FRAME_E_TOO_BIG)
			say(links->say, "{s:s,s:s}", "ignored", "frame", "why",
				"it is longer than a message may be");
		if (r != 0)
			return 0;
		r = links->handler.message(
			links->handler.userdata, id, message, len);
		if (r < 0)
			return r;
		/* The message may have cost it the link. */
		if (link->id != id)
			return 0;
	}
}

/* The faults that strike as soon as a block is in. */
static int strike(struct links_link *link)
{
	struct links *links = link->links;
	struct fault fault;
	int r;

	if (faults_take_kind(links->faults, FAULT_BROADCAST, &fault)) {
		say(links->say, "{s:s}", "injected", fault.text);
		r = links->handler.broadcast(links->handler.userdata);
		if (r < 0)
			return r;
	}
	if (faults_take_kind(links->faults, FAULT_DROP_IN_REQUEST, &fault)) {
		say(links->say, "{s:s}", "injected", fault.text);
		links_close(link, "dropped by the car");
	}

	return 0;
}

int links_take(struct links_link *link, const uint8_t *bytes, size_t len)
{
	uint64_t now_ms = clock_boottime_ms();
	int id = link->id;
	size_t n;
	int r;

	link->heard_ms = now_ms;
	r = strike(link);
	while (r == 0 && len > 0 && link->id == id) {
		n = frame_push(&link->in, now_ms, bytes, len);
		bytes += n;
		len -= n;
		r = take_messages(link);
	}

	return r;
}

void links_unblock(struct links_link *link)
{
	link->blocked = false;
}

static struct links_link *find_free(struct links *links)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		if (links->table[i].id == 0)
			return &links->table[i];

	return NULL;
}

struct links_link *links_add(struct links *links, struct carrier *carrier,
	unsigned int lane, const char *peer)
{
	struct links_link *link = find_free(links);
	struct fault fault;

	/* Heard and refused, as a car that holds three does. */
	if (!links_have_room(links) ||
		faults_take_kind(links->faults, FAULT_LINKS_FULL, &fault)) {
		say(links->say, "{s:s}", "refused", "links-full");
		return NULL;
	}

	*link = (struct links_link){
		.links = links,
		.id = ++links->last_id,
		.carrier = carrier,
		.lane = lane,
		.heard_ms = clock_boottime_ms(),
	};
	frame_buffer_init(&link->in);
	if (peer == NULL) {
		say(links->say, "{s:i,s:i}", "connected", link->id, "links",
			count_links(links));
		return link;
	}
	(void)snprintf(link->peer, sizeof(link->peer), "%s", peer);
	say(links->say, "{s:i,s:i,s:s,s:s}", "connected", link->id, "links",
		count_links(links), "link", "up", "device", link->peer);
	return link;
}

int links_new(const struct links_handler *handler, const struct say *say_to,
	struct faults *faults, struct links **ret)
{
	struct links *links;

	links = calloc(1, sizeof(*links));
	if (links == NULL)
		return -ENOMEM;
	links->handler = *handler;
	links->say = say_to;
	links->faults = faults;
	links->idle_ms = LINKS_IDLE_MS;

	*ret = links;
	return 0;
}

struct links *links_free(struct links *links)
{
	if (links == NULL)
		return NULL;

	links_drop_all(links, "the car stops");
	free(links);
	return NULL;
}
