/* SPDX-License-Identifier: MIT */

/* 1sat2flash-node - lets payments wait until the car has acted */

#include <unistd.h>

#include "node/hand.h"
#include "node/node.h"

static const char name[] = "1sat2flash-node";

static const char help[] =
	"1sat2flash-node is a plugin of Core Lightning: payments for a car "
	"that runs\n"
	"1sat2flash wait until the car has acted, and go back if it has not.\n"
	"\n"
	"lightningd starts it. Add to its configuration, in this order, with "
	"the paths\n"
	"of your machine:\n"
	"\n"
	"  plugin=/usr/libexec/1sat2flash/1sat2flash-node\n"
	"  plugin=/usr/libexec/1sat2flash/1sat2flash-guard\n"
	"\n"
	"or, while it runs: lightning-cli plugin start PATH, the guard last. "
	"Whenever you\n"
	"restart this one, restart the guard after it.\n"
	"\n"
	"  --1sat2flash-deadline=SECONDS   for a car to act, 10 to 90 [60]\n"
	"  --1sat2flash-refund-daily=SAT   paid back by itself in a day "
	"[100000]\n"
	"\n"
	"See 1sat2flash-node(8).\n";

static int run(void)
{
	_cleanup_(sd_event_unrefp) sd_event *event = NULL;
	_cleanup_(node_freep) struct node *node = NULL;
	int r;

	r = sd_event_new(&event);
	if (r < 0)
		return r;
	r = node_new(event, STDIN_FILENO, STDOUT_FILENO, &node);
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
