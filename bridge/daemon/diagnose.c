/* SPDX-License-Identifier: MIT */

#include "daemon/diagnose.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "car/car.h"
#include "daemon/facts.h"
#include "daemon/key.h"
#include "daemon/parts.h"
#include "daemon/shelf.h"
#include "lightning/holds.h"
#include "lightning/invoices.h"
#include "util/bytes.h"
#include "util/log.h"
#include "util/privilege.h"

#define USER "_1sat2flash"

enum {
	LINE_SIZE = 512,
	/* So high that the node has nothing newer. */
	POSITION = INT32_MAX,
};

struct diagnosis {
	struct menu *menu;
	struct signer *signer;
	sd_event *event;
	struct car *car;
	struct line_config *node;
	struct rpc *rpc;
	struct invoices *invoices; /* or, where it holds payments: */
	struct shelf *shelf;
	struct holds *holds;
	bool car_is_done;
	bool node_is_done;
};

static void diagnosis_deinit(struct diagnosis *d)
{
	(void)invoices_free(d->invoices);
	(void)holds_free(d->holds);
	free(d->shelf);
	(void)rpc_free(d->rpc);
	(void)parts_node_free(d->node);
	(void)car_free(d->car);
	(void)signer_free(d->signer);
	(void)menu_free(d->menu);
	(void)sd_event_unref(d->event);
	/* The key is wiped: leak checkers may attach again. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}

/* Each at once: who reads shows them as they come. */
static void print(const char *name, const char *value)
{
	char safe[LINE_SIZE];

	text_printable(value, safe, sizeof(safe));
	(void)printf("%s\t%s\n", name, safe);
	(void)fflush(stdout);
}

static void print_problem(void *userdata, const char *sentence)
{
	(void)userdata;
	print("problem", sentence);
}

static void print_facts(const struct facts *facts)
{
	char number[24];

	for (size_t i = 0; i < facts->n; i++) {
		const struct fact *fact = &facts->list[i];

		switch (fact->type) {
		case 's':
			print(fact->name, fact->s);
			break;
		case 'b':
			print(fact->name, fact->b ? "true" : "false");
			break;
		case 't':
			(void)snprintf(
				number, sizeof(number), "%" PRIu64, fact->t);
			print(fact->name, number);
			break;
		case 'x':
			(void)snprintf(
				number, sizeof(number), "%" PRId64, fact->x);
			print(fact->name, number);
			break;
		}
	}
}

static void end_if_done(struct diagnosis *d)
{
	if (d->car_is_done && d->node_is_done)
		(void)sd_event_exit(d->event, 0);
}

/* The car */

static void on_changed(void *userdata)
{
	(void)userdata;
}

static void on_looked(void *userdata)
{
	struct diagnosis *d = userdata;
	struct facts facts = { 0 };

	if (d->car_is_done)
		return;
	d->car_is_done = true;
	facts_add_car(&facts, d->menu, d->car);
	print_facts(&facts);
	end_if_done(d);
}

/* There is no job: the others are not called. */
static const struct car_ops car_ops = {
	.changed = on_changed,
	.looked = on_looked,
};

static int look_at_car(struct diagnosis *d, char why[static PARTS_WHY_SIZE])
{
	_cleanup_(link_freep) struct link *link = NULL;
	int r;

	r = parts_link(d->event, d->menu, why, &link);
	if (r < 0)
		return r;
	r = car_new(d->event,
		&(const struct car_config){
			.vin = d->menu->vin,
			.signer = d->signer,
			.link = link,
		},
		&car_ops, d, &d->car);
	if (r == 0) {
		(void)steal_ptr(&link);
		r = car_look(d->car);
	}
	if (r == 0)
		return 0;

	(void)snprintf(why, PARTS_WHY_SIZE, "the car cannot be looked at: %s",
		strerror(-err_fold(r)));
	return err_fold(r);
}

/* The node: it has answered once payments could be followed. */

static void on_node_done(struct diagnosis *d, bool is_up, const char *problem)
{
	struct facts facts = { 0 };

	if (d->node_is_done)
		return;
	d->node_is_done = true;
	facts_add_node(&facts,
		&(const struct fact_node){
			.is_up = is_up,
			.id = d->holds != NULL ? holds_node_id(d->holds)
					       : invoices_node_id(d->invoices),
			.alias = d->holds != NULL
					 ? ""
					 : invoices_node_alias(d->invoices),
			.problem = problem,
		});
	print_facts(&facts);
	end_if_done(d);
}

static int on_load(void *userdata, const char *node_id, uint64_t *ret_pay_index,
	int64_t *ret_since_s)
{
	(void)userdata;
	(void)node_id;
	(void)ret_since_s;
	*ret_pay_index = POSITION;
	return 1;
}

static int on_begin(void *userdata, const char *node_id, uint64_t pay_index)
{
	(void)userdata;
	(void)node_id;
	(void)pay_index;
	return -ECANCELED;
}

/*
 * A node answers to a position that it never reached with a payment of its
 * past.  It stays where it is: whoever follows the node gets it all the same.
 */
static int on_paid(void *userdata, const struct invoice *invoice)
{
	(void)invoice;
	on_node_done(userdata, true, "");
	return -ECANCELED;
}

static void on_node_changed(void *userdata, bool following, const char *why)
{
	on_node_done(userdata, following, why);
}

static const struct invoices_ops invoices_ops = {
	.load = on_load,
	.begin = on_begin,
	.paid = on_paid,
	.changed = on_node_changed,
};

static void on_offers(
	void *userdata, const struct holds_offer *offers, size_t n)
{
	(void)userdata;
	(void)offers;
	(void)n;
}

static void on_paused(void *userdata, bool paused)
{
	(void)userdata;
	(void)paused;
}

/* It registers, and polls nothing: a payment meets a car that is away. */
static const struct holds_ops holds_ops = {
	.offers = on_offers,
	.paused = on_paused,
	.changed = on_node_changed,
};

static int ask_plugin(struct diagnosis *d)
{
	int r;

	d->shelf = malloc(sizeof(*d->shelf));
	if (d->shelf == NULL)
		return -ENOMEM;
	shelf_init(d->shelf, d->menu, d->node->node_id);
	r = holds_new(
		d->event, d->rpc, &d->shelf->holds, &holds_ops, d, &d->holds);
	if (r == 0)
		holds_stop(d->holds);

	return r;
}

/* What is not known by then is not told. */
static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct diagnosis *d = userdata;

	(void)source;
	(void)usec;
	on_looked(d);
	return sd_event_exit(d->event, 0);
}

static int open_event(struct diagnosis *d)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);

	r = sd_event_new(&d->event);
	/* Without a handler they end the loop, and the link with it. */
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_time_relative(d->event, NULL, CLOCK_BOOTTIME,
			DIAGNOSE_MS * UINT64_C(1000), 0, on_deadline, d);

	return r < 0 ? r : 0;
}

static int become_user(char why[static PARTS_WHY_SIZE])
{
	struct account account;
	int r;

	if (geteuid() != 0)
		return 0;
	r = privilege_find(USER, &account);
	if (r == PRIVILEGE_E_NO_USER) {
		(void)snprintf(why, PARTS_WHY_SIZE,
			"there is no user " USER ": make it with "
			"systemd-sysusers");
		return -ENOENT;
	}
	if (r == 0)
		r = privilege_drop(&account);
	if (r < 0)
		(void)snprintf(why, PARTS_WHY_SIZE,
			"cannot become the user " USER ": %s", strerror(-r));

	return r;
}

static int ask_node(struct diagnosis *d, const char *state_dir,
	char why[static PARTS_WHY_SIZE])
{
	int r;

	r = parts_node(d->menu, state_dir, &d->node);
	if (r == 0)
		r = rpc_new(d->event, d->node, NULL, NULL, &d->rpc);
	if (r == 0 && d->menu->hold)
		r = ask_plugin(d);
	else if (r == 0)
		r = invoices_new(d->event, d->rpc, menu_max_age_ms(d->menu),
			&invoices_ops, d, &d->invoices);
	if (r < 0)
		(void)snprintf(why, PARTS_WHY_SIZE,
			"the node cannot be asked: %s", strerror(-r));

	return r;
}

/* What is in order, up to what is not. */
static int examine(struct diagnosis *d, const struct options *options)
{
	char why[PARTS_WHY_SIZE];
	int r;

	r = become_user(why);
	/* No core dump and no debugger gets at the key. */
	if (r == 0 && privilege_hide() < 0)
		return -EPERM;
	if (r < 0) {
		print_problem(NULL, why);
		return 0;
	}
	if (parts_menu(options->config, print_problem, NULL, &d->menu) < 0)
		return 0;
	if (parts_state(options->state_dir, why) != 0)
		print_problem(NULL, why);

	r = ask_node(d, options->state_dir, why);
	if (r < 0) {
		print_problem(NULL, why);
		d->node_is_done = true;
	}
	/* Without a key nobody can talk to the car. */
	r = key_load(d->menu->key_uri, why, &d->signer);
	if (r == 0)
		r = look_at_car(d, why);
	if (r < 0) {
		print_problem(NULL, why);
		d->car_is_done = true;
	}
	if (d->car_is_done && d->node_is_done)
		return 0;

	return sd_event_loop(d->event);
}

int diagnose(const struct options *options)
{
	_cleanup_(diagnosis_deinit) struct diagnosis d = { 0 };
	int r;

	r = open_event(&d);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	print("version", PROJECT_VERSION);
	r = examine(&d, options);
	return r < 0 ? r : 0;
}
