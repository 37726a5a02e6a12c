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

void link_get_info(const struct link *link, struct link_info *ret)
{
	*ret = (struct link_info){ .stage = LINK_CLOSED };
	link->ops->get_info(link, ret);
}

static const struct {
	const char *name;
	const char *text;
} reasons[_LINK_REASON_N] = {
	[LINK_CLOSED_BY_US] = { "link-closed", "the link was closed" },
	[LINK_CLOSED_BY_CAR] = { "link-lost", "the car closed the link" },
	[LINK_NOT_FOUND] = { "car-not-heard", "no such car is in reach" },
	[LINK_FULL] = { "car-full", "the car holds all the links it can" },
	[LINK_TIMEOUT] = { "car-not-connecting",
		"the car did not take the link in time" },
	[LINK_IO_ERROR] = { "link-failed", "the link failed" },
	[LINK_NO_BLUETOOTH] = { "no-bluetooth",
		"the Bluetooth service does not run" },
	[LINK_NO_ADAPTER] = { "no-adapter", "there is no Bluetooth adapter" },
	[LINK_ADAPTER_OFF] = { "adapter-off",
		"the Bluetooth adapter is switched off" },
	[LINK_BLOCKED] = { "adapter-blocked",
		"Bluetooth is blocked by rfkill" },
	[LINK_NO_SERVICE] = { "not-a-car",
		"what answers to the car's name is no car" },
};

const char *link_reason_text(enum link_reason reason)
{
	return reasons[reason].text;
}

const char *link_reason_name(enum link_reason reason)
{
	return reasons[reason].name;
}
