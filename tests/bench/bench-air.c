/* SPDX-License-Identifier: MIT */

/*
 * Commands to a simulated car over the virtual air of tests/vm: the car layer
 * on the Bluetooth link, without the rest of the bridge.  What goes over the
 * link is counted and timed between the two.
 *
 *   bench-air VIN KEY.pem FLOOR_MS COLD WARM
 *
 * FLOOR_MS is the figure of bench-att, COLD and WARM are how often.
 */

#include <stdio.h>
#include <stdlib.h>

#include "driver.h"
#include "figure.h"
#include "link/bluez.h"
#include "vehicle/vehicle.h"

enum {
	N_MAX = 1000,
	/* The link that is closed needs a moment to be gone. */
	REST_MS = 300,
};

static void begin(struct driver *driver)
{
	char name[VEHICLE_NAME_SIZE];
	struct link *link;

	figure_check(vehicle_name(driver->vin, name), "vehicle_name");
	figure_check(link_bluez_new(driver->event,
			     &(struct link_bluez_config){
				     .name = name,
				     .adapter = "hci0",
			     },
			     &link),
		"link_bluez_new");
	driver_begin(driver, link);
}

struct samples {
	size_t n;
	double all[N_MAX], connect[N_MAX], last[N_MAX];
	unsigned int n_sent_max;
};

static void add(struct samples *samples, struct took took)
{
	samples->all[samples->n] = took.all;
	samples->connect[samples->n] = took.connect;
	samples->last[samples->n++] = took.last;
	if (took.n_sent > samples->n_sent_max)
		samples->n_sent_max = took.n_sent;
}

static void print_ms(
	const char *name, double *ns, size_t n, double percent, double floor_ms)
{
	figure_print(&(struct figure){
		.name = name,
		.value = figure_percentile(ns, n, percent) / 1e6,
		.unit = "ms",
		.floor = floor_ms,
		.rule = FIGURE_NO_RULE,
	});
}

static void print_trips(
	const char *name, unsigned int n, double floor, double target)
{
	figure_print(&(struct figure){
		.name = name,
		.value = n,
		.unit = "round trips",
		.floor = floor,
		.rule = FIGURE_AT_MOST,
		.target = target,
	});
}

static void print_all(struct samples *cold, struct samples *warm,
	struct samples *again, double floor_ms)
{
	print_ms("air: car heard to link ready, p50", cold->connect, cold->n,
		50, floor_ms);
	print_ms("air: link ready to first answer, cold, p50", cold->last,
		cold->n, 50, floor_ms);
	print_ms("air: command to answer, link closed, p50", cold->all, cold->n,
		50, floor_ms);
	print_ms("air: the same with sessions that survived, p50", again->all,
		again->n, 50, floor_ms);
	print_ms("air: command to answer, warm, p50", warm->all, warm->n, 50,
		floor_ms);
	print_ms("air: command to answer, warm, p99", warm->all, warm->n, 99,
		floor_ms);
	/* Two handshakes and the command; it also asks whether it sleeps. */
	print_trips(
		"air: round trips of a cold command", cold->n_sent_max, 3, 4);
	print_trips("air: round trips of the first command after a reconnect",
		again->n_sent_max, 1, 1);
	print_trips(
		"air: round trips of a warm command", warm->n_sent_max, 1, 1);
}

int main(int argc, char **argv)
{
	static struct samples cold, warm, again;
	static struct driver driver;
	double floor_ms;
	int n_cold, n_warm;

	if (argc != 6 || sscanf(argv[3], "%lf", &floor_ms) != 1 ||
		sscanf(argv[4], "%d", &n_cold) != 1 || n_cold < 1 ||
		sscanf(argv[5], "%d", &n_warm) != 1 || n_warm < 1 ||
		n_cold > N_MAX || n_warm > N_MAX)
		figure_die("usage: bench-air VIN KEY FLOOR_MS COLD WARM");
	driver_open(&driver, argv[1], argv[2]);

	for (int i = 0; i < n_cold; i++) {
		begin(&driver);
		add(&cold, driver_flash(&driver));
		if (i == n_cold - 1)
			break;
		driver_end(&driver);
		driver_rest(&driver, REST_MS);
	}
	for (int i = 0; i < n_warm; i++)
		add(&warm, driver_flash(&driver));
	for (int i = 0; i < n_cold; i++) {
		figure_check(car_lend(driver.car), "car_lend");
		driver_rest(&driver, REST_MS);
		car_take_back(driver.car);
		add(&again, driver_flash(&driver));
	}
	print_all(&cold, &warm, &again, floor_ms);

	driver_end(&driver);
	driver_rest(&driver, REST_MS);
	driver_close(&driver);
	return EXIT_SUCCESS;
}
