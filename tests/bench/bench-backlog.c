/* SPDX-License-Identifier: MIT */

/*
 * What is there after days without a connection: payments through claims,
 * rules and ledger, each of them synced.  All are ours and come too late, so
 * that each is written down as owed; no car is needed.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "figure.h"
#include "orders/orders.h"
#include "util/clock.h"

enum {
	ROW_SIZE = 400,
};

static void on_mistake(void *userdata, const char *mistake)
{
	(void)userdata;
	figure_die("%s", mistake);
}

static struct menu *load_menu(const char *folder)
{
	struct menu *menu;
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/menu", folder);
	file = fopen(path, "we");
	if (file == NULL)
		figure_die("cannot write %s", path);
	(void)fputs("car {\n"
		    "    vin = \"5YJ3E1EA6KF000000\"\n"
		    "    link = \"socket:/none\"\n"
		    "}\n"
		    "node {\n"
		    "    rpc = \"/none\"\n"
		    "    accept = { offers, \"label 1sat2flash-*\",\n"
		    "        \"lightning-address flash@shop.example\" }\n"
		    "}\n"
		    "action flash {\n"
		    "    price = 1\n"
		    "    do = flash-lights\n"
		    "}\n"
		    "action honk {\n"
		    "    price = 21\n"
		    "    do = honk\n"
		    "    cooldown = 10\n"
		    "}\n",
		file);
	(void)fclose(file);
	figure_check(menu_load(path, on_mistake, NULL, &menu), "menu_load");

	return menu;
}

static struct moment moment_now(void)
{
	return (struct moment){
		.boot_ms = clock_boottime_ms(),
		.wall_s = clock_wall_s(),
		.wall_is_set = true,
	};
}

static void record(struct orders *orders, uint64_t index)
{
	const struct moment now = moment_now();
	char hash[65], label[32];
	const struct payment payment = {
		.node_id = "02000000000000000000000000000000"
			   "0000000000000000000000000000000000",
		.payment_hash = hash,
		.pay_index = index,
		.label = label,
		.msat = index % 2 == 0 ? 1000 : 21000,
		.paid_at_s = now.wall_s - 24 * 60 * 60,
		.max_age_ms = UINT64_MAX,
	};
	struct orders_choice choice;
	struct car_state car;
	uint64_t order_id;

	car_state_init(&car);
	(void)snprintf(hash, sizeof(hash), "%064" PRIx64, index);
	(void)snprintf(label, sizeof(label), "1sat2flash-%" PRIu64, index);
	figure_check(orders_choose(orders, &payment, &now, &car, &choice),
		"orders_choose");
	if (choice.verdict != ORDERS_DECLINED)
		figure_die("a payment of yesterday is not declined");
	figure_check(orders_record(
			     orders, &payment, &choice, false, &now, &order_id),
		"orders_record");
}

/* Rows a second, each second of the floor's right beside the ledger's. */
int main(int argc, char **argv)
{
	const struct moment now = moment_now();
	uint64_t ns = 0, floor_ns = 0;
	struct synced *synced;
	struct orders *orders;
	struct menu *menu;
	unsigned long n;
	bool broken;

	if (argc != 3)
		figure_die("usage: %s FOLDER PAYMENTS", argv[0]);
	n = strtoul(argv[2], NULL, 10);
	menu = load_menu(argv[1]);
	synced = synced_open(argv[1]);
	/* Volatile where a container's disk is an overlay, synced as any. */
	figure_check(orders_open(menu, argv[1], true, &now, &broken, &orders),
		"orders_open");

	for (unsigned long i = 1; i <= n; i++) {
		uint64_t began = figure_now_ns();

		record(orders, i);
		ns += figure_now_ns() - began;
		floor_ns += synced_insert(synced, ROW_SIZE);
	}
	figure_print(&(struct figure){
		.name = "backlog of payments",
		.value = (double)n * 1e9 / (double)ns,
		.unit = "per second",
		.floor = (double)n * 1e9 / (double)floor_ns,
		.rule = FIGURE_AT_LEAST,
		.target = 3000,
	});

	(void)orders_free(orders);
	synced_close(synced);
	(void)menu_free(menu);
	return 0;
}
