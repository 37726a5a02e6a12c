/* SPDX-License-Identifier: MIT */

#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/term.h"
#include "util/amount.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/duration.h"

enum {
	LINE_SIZE = TERM_CELL_SIZE,
	/* Longer ago than anybody runs a bridge. */
	HEARD_MAX_S = 10 * 365 * 24 * 60 * 60,
};

static void show_line(enum term_style style, const char *head, const char *text)
{
	char printable[LINE_SIZE];

	text_printable(text, printable, sizeof(printable));
	(void)printf("%s%-6s%s %s%s%s\n", term_style(TERM_DIM), head,
		term_end(TERM_DIM), term_style(style), printable,
		term_end(style));
}

static void show_node(const struct record *status)
{
	const char *id = record_text(status, "node_id");
	const char *alias = record_text(status, "node_alias");
	const char *problem = record_text(status, "node_problem");
	const char *plugin_problem = record_text(status, "plugin_problem");
	bool up = record_flag(status, "node_up");
	char line[LINE_SIZE];

	if (up && record_flag(status, "hold"))
		(void)snprintf(line, sizeof(line),
			"%.8s..., holds payments until the car has acted", id);
	else if (up)
		(void)snprintf(line, sizeof(line),
			"%.64s (%.8s...), followed from payment %" PRIu64,
			alias[0] == '\0' ? "up" : alias, id,
			record_number(status, "node_position"));
	else
		(void)snprintf(line, sizeof(line), "%.300s",
			problem[0] == '\0' ? "not followed" : problem);
	show_line(up ? TERM_PLAIN : TERM_WARN, "node", line);
	if (*plugin_problem != '\0' && strcmp(plugin_problem, problem) != 0)
		show_line(TERM_WARN, "plugin", plugin_problem);
}

/* ", heard 12 s ago at -62 dBm", "" if it never was. */
static void print_heard(const struct record *status, char ret[static LINE_SIZE])
{
	uint64_t heard_s = record_number(status, "car_heard_s");
	int64_t rssi = record_time(status, "car_rssi");
	char ago[DURATION_TEXT_SIZE], at[32] = "";

	ret[0] = '\0';
	if (!record_has(status, "car_heard_s", 't') || heard_s > HEARD_MAX_S)
		return;
	duration_print(heard_s * 1000, ago);
	if (rssi != 0)
		(void)snprintf(at, sizeof(at), " at %" PRId64 " dBm", rssi);
	(void)snprintf(ret, LINE_SIZE, ", heard %s ago%s", ago, at);
}

/* What the car said last of itself, which anyone could have said for it. */
static void show_body(const struct record *status)
{
	const char *open = record_text(status, "car_open");
	const char *lock = record_text(status, "car_lock");
	const char *user = record_text(status, "car_user");
	char ago[DURATION_TEXT_SIZE], line[LINE_SIZE];

	if (!record_has(status, "car_told_s", 't') ||
		record_number(status, "car_told_s") > HEARD_MAX_S)
		return;
	duration_print(record_number(status, "car_told_s") * 1000, ago);
	(void)snprintf(line, sizeof(line), "%.32s%s%.32s%s%s%.64s, %s ago",
		lock, lock[0] == '\0' ? "" : ", ", user,
		user[0] == '\0' ? "" : ", ",
		open[0] == '\0' ? "all closed" : "open: ", open, ago);
	show_line(TERM_PLAIN, "told", line);
}

static void show_car(const struct record *status)
{
	const char *problem = record_text(status, "car_problem");
	const char *sleep = record_text(status, "car_sleep");
	bool has_sleep = sleep[0] != '\0' && strcmp(sleep, "unknown") != 0;
	char line[2 * LINE_SIZE], heard[LINE_SIZE];

	print_heard(status, heard);
	(void)snprintf(line, sizeof(line), "...%.8s%s%.16s%s%s%.300s",
		record_text(status, "car_vin_end"), has_sleep ? ", " : "",
		has_sleep ? sleep : "", heard, problem[0] == '\0' ? "" : "; ",
		problem);
	show_line(problem[0] == '\0' ? TERM_PLAIN : TERM_WARN, "car", line);
	show_body(status);
}

/* How far the link is.  Closed is its usual state: it costs the car power. */
static const char *link_words(const struct record *status)
{
	const char *link = record_text(status, "link");

	if (record_flag(status, "lent"))
		return "lent to pairing, orders wait";
	if (record_flag(status, "car_connected"))
		return "connected";
	if (strcmp(link, "searching") == 0)
		return "looking for the car";
	if (strcmp(link, "connecting") == 0)
		return "connecting";
	return "closed until there is something to do";
}

static void show_link(const struct record *status)
{
	const char *adapter = record_text(status, "adapter");
	const char *hold = record_text(status, "link_hold");
	bool vcsec = record_flag(status, "session_vcsec");
	bool infotainment = record_flag(status, "session_infotainment");
	char line[LINE_SIZE];

	(void)snprintf(line, sizeof(line), "%s%s%.40s%s%.24s%s%s",
		link_words(status), adapter[0] == '\0' ? "" : ", ", adapter,
		hold[0] == '\0' ? "" : ", hold ", hold,
		vcsec || infotainment ? ", session with " : "",
		vcsec && infotainment ? "locks and infotainment"
		: vcsec               ? "locks"
		: infotainment        ? "infotainment"
				      : "");
	show_line(record_flag(status, "lent") ? TERM_WARN : TERM_PLAIN, "link",
		line);
}

/* "until 14:30", "for another 12 min", "7 min past its time" */
static void print_left(const struct record *status, char *ret, size_t size)
{
	int64_t left_s = record_time(status, "rental_left_s");
	int64_t until_s = record_time(status, "rental_until");
	char text[DURATION_TEXT_SIZE], until[TERM_TIME_SIZE];

	duration_print((uint64_t)(left_s < 0 ? -left_s : left_s) * 1000, text);
	if (left_s < 0) {
		(void)snprintf(ret, size, "%s past its time", text);
	} else if (until_s > 0) {
		term_time(until_s, clock_wall_s(), until);
		(void)snprintf(
			ret, size, "until %s, for another %s", until, text);
	} else {
		(void)snprintf(ret, size, "for another %s", text);
	}
}

/* Nothing where no rental runs: most never see one. */
static void show_rental(const struct record *status)
{
	static const struct {
		const char *phase, *words;
	} phases[] = {
		{ "taken", "about to begin" },
		{ "offered", "open, nobody has got in yet" },
		{ "occupied", "somebody has it" },
		{ "ending", "over, to be closed" },
	};
	const char *phase = record_text(status, "rental_phase");
	const char *why = record_text(status, "rental_why");
	const char *waits = record_text(status, "rental_waits_for");
	char line[LINE_SIZE], left[LINE_SIZE / 4];
	const char *words = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
		if (strcmp(phase, phases[i].phase) == 0)
			words = phases[i].words;
	if (words == NULL)
		return;

	print_left(status, left, sizeof(left));
	(void)snprintf(line, sizeof(line),
		"%.32s by order %" PRIu64 ", %s, %s%s%.100s%s%.60s",
		record_text(status, "rental_action"),
		record_number(status, "rental_order"), left, words,
		why[0] == '\0' ? "" : ": ", why, waits[0] == '\0' ? "" : "; ",
		waits);
	show_line(strcmp(phase, "ending") == 0 ? TERM_WARN : TERM_PLAIN,
		"rental", line);
}

void show_status(const struct record *status)
{
	uint64_t n_owed = record_number(status, "owed_orders");
	uint64_t n_actions = record_number(status, "actions");
	bool taking = record_flag(status, "taking_payments");
	char amount[AMOUNT_TEXT_SIZE], line[LINE_SIZE];

	(void)snprintf(line, sizeof(line), "%s%.300s",
		taking ? "taking payments" : "not taking payments: ",
		record_text(status, "why_not"));
	show_line(taking ? TERM_GOOD : TERM_WARN, "bridge", line);
	show_node(status);
	show_car(status);
	show_link(status);
	(void)snprintf(line, sizeof(line), "%" PRIu64 " action%s", n_actions,
		n_actions == 1 ? "" : "s");
	show_line(TERM_PLAIN, "menu", line);
	show_rental(status);

	amount_print(record_number(status, "owed_msat"), amount);
	(void)snprintf(line, sizeof(line),
		"%s for %" PRIu64 " payment%s, see: 1sat2flash owed", amount,
		n_owed, n_owed == 1 ? "" : "s");
	show_line(n_owed == 0 ? TERM_PLAIN : TERM_WARN, "owed",
		n_owed == 0 ? "nothing" : line);
}

/* "flash-lights, wait 2s, honk" */
static void join(const struct record *record, const char *name,
	char ret[static LINE_SIZE])
{
	const char *const *items;
	size_t n, len = 0;

	ret[0] = '\0';
	items = record_list(record, name, &n);
	for (size_t i = 0; i < n && len < LINE_SIZE; i++)
		len += (size_t)snprintf(ret + len, LINE_SIZE - len, "%s%s",
			i == 0 ? "" : ", ", items[i]);
}

/* "08:00-20:00, every 10 s, 6 an hour": what limits an action. */
static void print_limits(
	const struct record *action, char ret[static LINE_SIZE])
{
	uint64_t cooldown_ms = record_number(action, "cooldown_ms");
	uint64_t per_hour = record_number(action, "per_hour");
	uint64_t per_day = record_number(action, "per_day");
	const char *hours = record_text(action, "hours");
	uint64_t rental_ms = record_number(action, "rental_ms");
	char cooldown[DURATION_TEXT_SIZE] = "", rental[DURATION_TEXT_SIZE] = "";
	char number[32] = "", daily[32] = "";

	if (cooldown_ms > 0)
		duration_print(cooldown_ms, cooldown);
	if (per_hour > 0)
		(void)snprintf(number, sizeof(number), "%" PRIu64 " an hour",
			per_hour);
	if (per_day > 0)
		(void)snprintf(
			daily, sizeof(daily), ", %" PRIu64 " a day", per_day);
	if (rental_ms > 0)
		duration_print(rental_ms, rental);
	(void)snprintf(ret, LINE_SIZE, "%s%s%s%.160s%s%.16s%s%s%s%s%s",
		rental[0] == '\0' ? "" : "for ", rental,
		rental[0] == '\0' ? "" : ", ", record_text(action, "when"),
		hours[0] == '\0' ? "" : ", ", hours,
		cooldown[0] == '\0' ? "" : ", once in ", cooldown,
		number[0] == '\0' ? "" : ", ", number, daily);
}

int show_menu(sd_bus_message *m)
{
	static const char *const heads[] = { "ACTION", "PRICE", "WHEN", "DOES",
		NULL };
	_cleanup_(term_table_freep) struct term_table *table =
		term_table_new(heads);
	char text[LINE_SIZE];
	struct record action;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	if (r < 0)
		return r;
	while ((r = record_read(m, &action)) > 0) {
		term_table_add(
			table, TERM_BOLD, record_text(&action, "action"));
		amount_print(record_number(&action, "price_msat"), text);
		term_table_add(table, TERM_PLAIN, text);
		print_limits(&action, text);
		term_table_add(table, TERM_PLAIN, text);
		join(&action, "do", text);
		term_table_add(table, TERM_PLAIN, text);
	}
	if (r < 0)
		return r;

	term_table_print(table);
	return 0;
}

/* What is to be said of the money: nothing where it is as the outcome says. */
static const char *print_money(const struct record *order)
{
	static const char *const silent[] = { "", "none", "pending", "earned",
		"settling", "returning" };
	const char *money = record_text(order, "money");

	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		if (strcmp(money, silent[i]) == 0)
			return "";

	return money;
}

/* "confirmed after 84 ms", "refused, the car is not parked; owed" */
static void print_outcome(
	const struct record *order, char ret[static LINE_SIZE])
{
	const char *state = record_text(order, "state");
	const char *money = print_money(order);
	const char *why = record_text(order, "why");
	char took[DURATION_TEXT_SIZE];

	duration_print(record_number(order, "took_ms"), took);
	if (strcmp(state, "confirmed") == 0)
		(void)snprintf(ret, LINE_SIZE, "%s after %s%s%.300s%s%.16s",
			state, took, why[0] == '\0' ? "" : "; ", why,
			*money == '\0' ? "" : "; ", money);
	else
		(void)snprintf(ret, LINE_SIZE, "%.16s%s%.300s%s%.16s", state,
			why[0] == '\0' ? "" : ", ", why,
			*money == '\0' ? "" : "; ", money);
}

/* Is it its deposit, and no more, that is to go back? */
static bool is_deposit(const struct record *order)
{
	const char *deposit = record_text(order, "deposit");

	return strcmp(deposit, "inspect") == 0 || strcmp(deposit, "due") == 0;
}

/* "deposit of 50000 sat, back on Nov 29 14:30; why it is not" */
static void print_open(
	const struct record *order, int64_t now_s, char ret[static LINE_SIZE])
{
	const char *why = record_text(order, "refund_why");
	char when[TERM_CELL_SIZE], amount[AMOUNT_TEXT_SIZE];
	char outcome[LINE_SIZE];

	if (!is_deposit(order)) {
		print_outcome(order, outcome);
		(void)snprintf(ret, LINE_SIZE, "%.300s%s%.160s", outcome,
			*why == '\0' ? "" : "; not paid back: ", why);
		return;
	}

	amount_print(record_number(order, "deposit_msat"), amount);
	if (record_time(order, "deposit_due") != 0)
		term_time(record_time(order, "deposit_due"), now_s, when);
	else
		(void)snprintf(when, sizeof(when), "once the clock is set");
	(void)snprintf(ret, LINE_SIZE, "deposit of %s, due %.32s%s%.160s",
		amount, when, *why == '\0' ? "" : "; not paid back: ", why);
}

static void add_row(struct term_table *table, const struct record *order,
	int64_t now_s, const char *outcome, const char *last)
{
	const char *action = record_text(order, "action");
	char text[LINE_SIZE];

	(void)snprintf(
		text, sizeof(text), "%" PRIu64, record_number(order, "order"));
	term_table_add(table, TERM_DIM, text);
	term_time(record_time(order, "taken_at"), now_s, text);
	term_table_add(table, TERM_PLAIN, text);
	amount_print(record_number(order, "msat"), text);
	term_table_add(table, TERM_PLAIN, text);
	term_table_add(table, TERM_BOLD, action[0] == '\0' ? "-" : action);
	term_table_add(
		table, term_state_style(record_text(order, "state")), outcome);
	term_table_add(table, TERM_DIM, last);
}

int show_payments(sd_bus_message *m)
{
	static const char *const heads[] = { "ORDER", "WHEN", "PAID", "ACTION",
		"OUTCOME", "NOTE", NULL };
	_cleanup_(term_table_freep) struct term_table *table =
		term_table_new(heads);
	const int64_t now_s = clock_wall_s();
	char outcome[LINE_SIZE];
	struct record order;
	size_t n = 0;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	if (r < 0)
		return r;
	for (; (r = record_read(m, &order)) > 0; n++) {
		print_outcome(&order, outcome);
		add_row(table, &order, now_s, outcome,
			record_text(&order, "payer_note"));
	}
	if (r < 0)
		return r;

	if (n == 0)
		(void)printf("No payments yet.\n");
	else
		term_table_print(table);
	return 0;
}

int show_owed(sd_bus_message *m)
{
	static const char *const heads[] = { "ORDER", "WHEN", "PAID", "ACTION",
		"OUTCOME", "LABEL", NULL };
	_cleanup_(term_table_freep) struct term_table *table =
		term_table_new(heads);
	const int64_t now_s = clock_wall_s();
	char amount[AMOUNT_TEXT_SIZE], outcome[LINE_SIZE];
	struct record order;
	uint64_t msat = 0;
	size_t n = 0;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	if (r < 0)
		return r;
	for (; (r = record_read(m, &order)) > 0; n++) {
		print_open(&order, now_s, outcome);
		add_row(table, &order, now_s, outcome,
			record_text(&order, "label"));
		msat += record_number(
			&order, is_deposit(&order) ? "deposit_msat" : "msat");
	}
	if (r < 0)
		return r;

	if (n == 0) {
		(void)printf("Nothing is owed.\n");
		return 0;
	}
	term_table_print(table);
	amount_print(msat, amount);
	(void)printf("\n%s%s%s is owed for %zu payment%s.\n",
		term_style(TERM_BOLD), amount, term_end(TERM_BOLD), n,
		n == 1 ? "" : "s");
	return 0;
}

void show_end(const struct record *order)
{
	enum term_style style = term_state_style(record_text(order, "state"));
	char outcome[LINE_SIZE];

	print_outcome(order, outcome);
	(void)printf("%s: %s%s%s\n", record_text(order, "action"),
		term_style(style), outcome, term_end(style));
}
