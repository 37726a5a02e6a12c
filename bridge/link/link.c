/* SPDX-License-Identifier: MIT */

#include "link/link.h"

void link_set_handler(struct link *link, link_handler_t handler, void *userdata)
{
	link->handler = handler;
	link->userdata = userdata;
}

int link_open(struct link *link, uint64_t timeout_ms)
{
	return link->ops->open(link, timeout_ms);
}

void link_close(struct link *link)
{
	link->ops->close(link);
}

int link_send(struct link *link, const uint8_t *frame, size_t len)
{
	return link->ops->send(link, frame, len);
}

struct link *link_free(struct link *link)
{
	if (link != NULL) {
		link->ops->close(link);
		link->ops->free(link);
	}

	return NULL;
}

const char *link_reason_text(enum link_reason reason)
{
	switch (reason) {
	case LINK_CLOSED_BY_US:
		return "the link was closed";
	case LINK_CLOSED_BY_CAR:
		return "the car closed the link";
	case LINK_NOT_FOUND:
		return "no such car is in reach";
	case LINK_FULL:
		return "the car holds all the links it can";
	case LINK_TIMEOUT:
		return "the car did not take the link in time";
	case LINK_IO_ERROR:
		break;
	}

	return "the link failed";
}
