/* SPDX-License-Identifier: MIT */

/* 1sat2flash-guard - the second pair of eyes behind 1sat2flash-node */

#include <unistd.h>

#include "node/guard.h"
#include "node/hand.h"

static const char name[] = "1sat2flash-guard";

static const char help[] =
	"1sat2flash-guard is a plugin of Core Lightning that stands behind "
	"1sat2flash-node:\n"
	"should that one be stopped while a payment waits for a car, the "
	"payment goes back.\n"
	"\n"
	"lightningd starts it. Add to its configuration, in this order, with "
	"the paths\n"
	"of your machine:\n"
	"\n"
	"  plugin=/usr/libexec/1sat2flash/1sat2flash-node\n"
	"  plugin=/usr/libexec/1sat2flash/1sat2flash-guard\n"
	"\n"
	"Whenever you restart 1sat2flash-node, restart this one after it.\n"
	"\n"
	"See 1sat2flash-node(8).\n";

static int run(void)
{
	_cleanup_(sd_event_unrefp) sd_event *event = NULL;
	_cleanup_(guard_freep) struct guard *guard = NULL;
	int r;

	r = sd_event_new(&event);
	if (r < 0)
		return r;
	r = guard_new(event, STDIN_FILENO, STDOUT_FILENO, &guard);
	if (r < 0)
		return r;

	return sd_event_loop(event);
}

int main(int argc, char **argv)
{
	int r;

	if (!hand_is_plugin(argc, argv, name, help, &r))
		return r;
	r = hand_prepare();
	if (r == 0)
		r = run();
	if (r < 0) {
		hand_complain(name, r);
		return EXIT_FAILURE;
	}

	return EXIT_SUCCESS;
}
