/* SPDX-License-Identifier: MIT */

/*
 * From a payment to the command: the whole bridge between a node of ours and
 * a simulated car, with a relay before the car that takes the time.
 *
 * A payment's trip begins with the write to the node's socket and ends with
 * the first byte for the car.  Where the proof that the car is parked has to
 * be renewed first, two messages go out: such trips are counted apart.
 */

#include <stdio.h>

#include "figure.h"
#include "stage.h"

enum {
	WARM_UP = 5,
	/* Payments do not follow each other while the ledger is tidied. */
	QUIET_MS = 20,
	TRIP_MAX_MS = 20 * 1000,
	/* About what the ledger writes for one payment. */
	ROW_SIZE = 400,
	PRICE_MSAT = 1000,
};

struct trip {
	double ns;
	uint64_t n_out;
	uint64_t n_in;
};

static struct trip pay(struct stage *stage)
{
	struct relay *relay = &stage->relay;
	uint64_t paid_ns, end_ns;

	stage_until_waited_on(stage);
	relay_mark(relay);
	paid_ns = node_pay(&stage->node, PRICE_MSAT);
	end_ns = paid_ns + TRIP_MAX_MS * UINT64_C(1000000);
	while (relay->to_car.n_frames == 0 ||
		relay->to_bridge.n_frames < relay->to_car.n_frames) {
		if (figure_now_ns() > end_ns)
			figure_die("a payment did not reach the car");
		stage_serve(stage, 100);
	}
	stage_until_waited_on(stage);
	stage_rest(stage, QUIET_MS);

	return (struct trip){
		.ns = (double)(relay->to_car.first_ns - paid_ns),
		.n_out = relay->to_car.n_frames,
		.n_in = relay->to_bridge.n_frames,
	};
}

/*
 * The floor is that of the median insert.  How much of the tail is the disk's
 * own shows in the last figure.
 */
static void print_trips(double *ns, size_t n, double *floor_ns, size_t n_floors)
{
	double floor_us = figure_percentile(floor_ns, n_floors, 50) / 1000;

	figure_print(&(struct figure){
		.name = "payment to command, p50",
		.value = figure_percentile(ns, n, 50) / 1000,
		.unit = "us",
		.floor = floor_us,
		.rule = FIGURE_FLOORS,
		.target = 3,
	});
	figure_print(&(struct figure){
		.name = "payment to command, p99",
		.value = figure_percentile(ns, n, 99) / 1000,
		.unit = "us",
		.floor = floor_us,
		.rule = FIGURE_FLOORS,
		.target = 10,
	});
	figure_print(&(struct figure){
		.name = "one synced insert meanwhile, p99",
		.value = figure_percentile(floor_ns, n_floors, 99) / 1000,
		.unit = "us",
		.floor = floor_us,
		.rule = FIGURE_NO_RULE,
	});
}

static void print_count(
	const char *name, double value, const char *unit, double target)
{
	figure_print(&(struct figure){
		.name = name,
		.value = value,
		.unit = unit,
		.floor = 1,
		.rule = FIGURE_AT_MOST,
		.target = target,
	});
}

int main(int argc, char **argv)
{
	struct stage stage;
	struct synced *synced;
	double *ns, *floors;
	size_t n, n_warm = 0;
	uint64_t n_out = 0, n_in = 0, n_due = 0, n_due_max = 0;

	if (argc != 5)
		figure_die("usage: %s FOLDER 1SAT2FLASHD SIMCAR PAYMENTS",
			argv[0]);
	n = strtoul(argv[4], NULL, 10);
	ns = calloc(n, sizeof(*ns));
	floors = calloc(n, sizeof(*floors));
	if (n == 0 || ns == NULL || floors == NULL)
		figure_die("%s payments?", argv[4]);

	stage_open(&stage, argv[1], argv[2], argv[3]);
	synced = synced_open(argv[1]);
	(void)stage_start_bridge(&stage);
	for (int i = 0; i < WARM_UP; i++)
		(void)pay(&stage);
	for (size_t i = 0; i < n; i++) {
		struct trip trip = pay(&stage);

		floors[i] = (double)synced_insert(synced, ROW_SIZE);
		if (trip.n_out > 1) {
			n_due++;
			if (trip.n_out > n_due_max)
				n_due_max = trip.n_out;
			continue;
		}
		ns[n_warm++] = trip.ns;
		n_out += trip.n_out;
		n_in += trip.n_in;
	}
	if (n_warm == 0)
		figure_die("no payment found the guard fresh");

	print_trips(ns, n_warm, floors, n);
	print_count("messages to the car per warm command",
		(double)n_out / (double)n_warm, "messages", 1);
	print_count("round trips per warm command",
		(double)n_in / (double)n_warm, "round trips", 1);
	if (n_due > 0)
		print_count("messages to the car where a guard read is due",
			(double)n_due_max, "messages", 2);

	stage_close(&stage);
	synced_close(synced);
	free(ns);
	free(floors);
	return 0;
}
