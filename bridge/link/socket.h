/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Socket link - a simulated car behind a unix stream socket
 *
 * Carries exactly the bytes of the two characteristics with their 2-byte
 * length framing, cut anywhere: architecture 8.  A stream has no blocks, so
 * LINK_UP reports an mtu of 0, and LINK_SENT says that the kernel has the
 * whole frame.  Frames of more than 2048 bytes are refused with -EMSGSIZE.
 */

#include <systemd/sd-event.h>

#include "link/link.h"

/* @path is at most 107 bytes long.  Returns 0, -ENAMETOOLONG, -ENOMEM. */
int link_socket_new(
	sd_event *event, const char *path, struct link **ret) _must_use_;
