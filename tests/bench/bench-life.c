/* SPDX-License-Identifier: MIT */

/*
 * What the bridge takes while it lives: time to start, memory before and
 * after many payments, wake-ups while nothing happens.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "car/car.h"
#include "figure.h"
#include "stage.h"

enum {
	STARTS = 9,
	SETTLE_MS = 2000,
	PRICE_MSAT = 1000,
	/*
	 * Bytes per payment: malloc gives no less than 32, so that one that
	 * is forgotten shows; what pages and fragments make up does not.
	 */
	GROWTH_MAX = 8,
};

struct memory {
	double anon_mb;
	double rss_mb;
};

static struct memory memory_of(const struct stage *stage)
{
	return (struct memory){
		.anon_mb =
			(double)stage_bridge_status(stage, "RssAnon:") / 1024,
		.rss_mb = (double)stage_bridge_status(stage, "VmRSS:") / 1024,
	};
}

/* What a program that uses each of the libraries once says of itself. */
static struct memory memory_floor(const char *program)
{
	struct memory memory;
	int fds[2];
	char text[64];
	ssize_t n;

	if (pipe(fds) < 0)
		figure_die("pipe: %s", strerror(errno));
	stage_await(stage_spawn(program, (const char *[]){ "libraries", NULL },
			    fds[1]),
		program);
	n = read(fds[0], text, sizeof(text) - 1);
	(void)close(fds[0]);
	(void)close(fds[1]);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%lf %lf", &memory.anon_mb, &memory.rss_mb) != 2)
		figure_die("%s says nothing", program);

	memory.anon_mb /= 1024;
	memory.rss_mb /= 1024;
	return memory;
}

static void print_start(struct stage *stage)
{
	double ms[STARTS];

	/* The first makes the ledger and finds the node's position. */
	(void)stage_start_bridge(stage);
	for (int i = 0; i < STARTS; i++) {
		stage_stop_bridge(stage);
		ms[i] = (double)stage_start_bridge(stage) / 1e6;
	}
	figure_print(&(struct figure){
		.name = "start to ready",
		.value = figure_percentile(ms, STARTS, 50),
		.unit = "ms",
		.rule = FIGURE_AT_MOST,
		.target = 50,
	});
}

static void print_memory(
	const char *name, double mb, double floor_mb, double target)
{
	figure_print(&(struct figure){
		.name = name,
		.value = mb,
		.unit = "MB",
		.floor = floor_mb,
		.rule = FIGURE_AT_MOST,
		.target = target,
	});
}

static void pay(struct stage *stage, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		stage_until_waited_on(stage);
		(void)node_pay(&stage->node, PRICE_MSAT);
	}
	stage_until_waited_on(stage);
	stage_rest(stage, SETTLE_MS);
}

/* Growth is that of the second half: caches are full by then. */
static void print_memories(
	struct stage *stage, const char *libraries, unsigned long n_payments)
{
	struct memory floor = memory_floor(libraries);
	struct memory idle, warm, after;
	char name[64];

	stage_until_waited_on(stage);
	stage_rest(stage, SETTLE_MS);
	idle = memory_of(stage);
	pay(stage, n_payments / 2);
	warm = memory_of(stage);
	pay(stage, n_payments / 2);
	after = memory_of(stage);

	print_memory("private memory, idle", idle.anon_mb, floor.anon_mb, 4);
	(void)snprintf(
		name, sizeof(name), "private memory, %lu payments", n_payments);
	print_memory(name, after.anon_mb, floor.anon_mb, 4);
	figure_print(&(struct figure){
		.name = "growth of private memory",
		.value = (after.anon_mb - warm.anon_mb) * 1024 * 1024 /
			 (double)(n_payments / 2),
		.unit = "bytes per payment",
		.rule = FIGURE_AT_MOST,
		.target = GROWTH_MAX,
	});
	print_memory("resident memory", after.rss_mb, floor.rss_mb, 12);
}

static void print_wakeups(struct stage *stage, unsigned long seconds)
{
	static const char switches[] = "voluntary_ctxt_switches:";
	uint64_t before;

	/* Until the link has idled out. */
	stage_rest(stage, CAR_LINK_IDLE_MS + SETTLE_MS);
	if (stage->relay.bridge_fd >= 0)
		figure_die("the link does not go down when idle");
	before = stage_bridge_status(stage, switches);
	stage_rest(stage, seconds * 1000);
	figure_print(&(struct figure){
		.name = "wake-ups of an idle bridge",
		.value = (double)(stage_bridge_status(stage, switches) -
				  before) *
			 60 / (double)seconds,
		.unit = "per minute",
		.rule = FIGURE_AT_MOST,
		.target = 2,
	});
}

int main(int argc, char **argv)
{
	struct stage stage;

	if (argc != 7)
		figure_die("usage: %s FOLDER 1SAT2FLASHD SIMCAR LIBRARIES "
			   "PAYMENTS IDLE-SECONDS",
			argv[0]);

	stage_open(&stage, argv[1], argv[2], argv[3]);
	print_start(&stage);
	print_memories(&stage, argv[4], strtoul(argv[5], NULL, 10));
	print_wakeups(&stage, strtoul(argv[6], NULL, 10));
	stage_close(&stage);
	return 0;
}
