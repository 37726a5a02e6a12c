/* SPDX-License-Identifier: MIT */

#include "daemon/loan.h"

#include <stdio.h>
#include <string.h>

#include "car/car.h"
#include "daemon/till.h"
#include "model/api.h"
#include "util/log.h"

enum {
	NAME_SIZE = 256, /* D-Bus specification: at most 255 characters */
};

struct loan {
	sd_bus *bus;
	struct till *till;
	/* To whom, by the name that is never given twice; "": to nobody. */
	char name[NAME_SIZE];
	sd_bus_slot *watch;    /* its leaving the bus */
	sd_bus_slot *question; /* is it there still? */
	sd_bus_message *m;     /* its call, until that is answered */
};

static void end(struct loan *loan, const char *why)
{
	if (loan->name[0] == '\0')
		return;

	/* Who did not wait for the answer is waiting for it all the same. */
	if (loan->m != NULL)
		(void)sd_bus_reply_method_errorf(
			loan->m, API_ERROR_FAILED, "not lent: %s", why);
	loan->name[0] = '\0';
	loan->watch = sd_bus_slot_unref(loan->watch);
	loan->question = sd_bus_slot_unref(loan->question);
	loan->m = sd_bus_message_unref(loan->m);
	log_notice("the car is ours again: %s", why);
	till_take_back(loan->till);
}

static int on_left(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct loan *loan = userdata;
	const char *name, *before, *now;

	(void)error;
	/* Who borrowed has a name that has one owner: it is gone. */
	if (sd_bus_message_read(m, "sss", &name, &before, &now) >= 0 &&
		strcmp(name, loan->name) == 0 && now[0] == '\0')
		end(loan, "who had it has left D-Bus");
	return 0;
}

/*
 * Asked after the watch was set: who left before it was is not there now, and
 * who leaves later is seen.
 */
static int on_there(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct loan *loan = userdata;
	int is_there = 0;

	(void)error;
	if (sd_bus_message_is_method_error(m, NULL) ||
		sd_bus_message_read(m, "b", &is_there) < 0 || !is_there) {
		end(loan, "who asked for it has left D-Bus");
		return 0;
	}

	(void)sd_bus_reply_method_return(loan->m, "");
	loan->m = sd_bus_message_unref(loan->m);
	return 0;
}

static int watch(struct loan *loan)
{
	char rule[NAME_SIZE + 160];
	int r;

	(void)snprintf(rule, sizeof(rule),
		"type='signal',sender='org.freedesktop.DBus',"
		"path='/org/freedesktop/DBus',"
		"interface='org.freedesktop.DBus',"
		"member='NameOwnerChanged',arg0='%s'",
		loan->name);
	r = sd_bus_add_match_async(
		loan->bus, &loan->watch, rule, on_left, NULL, loan);
	if (r < 0)
		return r;

	return sd_bus_call_method_async(loan->bus, &loan->question,
		"org.freedesktop.DBus", "/org/freedesktop/DBus",
		"org.freedesktop.DBus", "NameHasOwner", on_there, loan, "s",
		loan->name);
}

int loan_error(sd_bus_error *error, int r)
{
	switch (r) {
	case CAR_E_BUSY:
		return sd_bus_error_set(error, API_ERROR_BUSY,
			"the bridge is busy with the car; try again in a "
			"minute");
	case CAR_E_LENT:
		return sd_bus_error_set(error, API_ERROR_LENT,
			"another program has the link to the car, most likely "
			"1sat2flash-pair");
	default:
		return sd_bus_error_setf(error, API_ERROR_FAILED,
			"the bridge cannot do this: %s",
			strerror(-err_fold(r)));
	}
}

int loan_lend(struct loan *loan, sd_bus_message *m, sd_bus_error *error)
{
	const char *name = sd_bus_message_get_sender(m);
	int r;

	if (name == NULL || strlen(name) >= NAME_SIZE)
		return -EINVAL;
	/* Who had no answer in time cannot know that it has it. */
	if (strcmp(name, loan->name) == 0 && loan->m == NULL)
		return sd_bus_reply_method_return(m, "");
	r = till_lend(loan->till);
	if (r != 0)
		return loan_error(error, r);

	(void)snprintf(loan->name, sizeof(loan->name), "%s", name);
	log_notice("the link to the car is lent; orders wait until it is back");
	r = watch(loan);
	if (r < 0) {
		end(loan, "it could not be lent");
		return r;
	}

	loan->m = sd_bus_message_ref(m);
	return 1;
}

int loan_give_back(struct loan *loan, sd_bus_message *m, sd_bus_error *error)
{
	const char *name = sd_bus_message_get_sender(m);

	if (name == NULL || strcmp(name, loan->name) != 0)
		return sd_bus_error_set(error, API_ERROR_NOT_PERMITTED,
			"the link to the car was not lent to you");

	end(loan, "it was given back");
	return sd_bus_reply_method_return(m, "");
}

int loan_new(sd_bus *bus, struct till *till, struct loan **ret)
{
	struct loan *loan = calloc(1, sizeof(*loan));

	if (loan == NULL)
		return -ENOMEM;

	loan->bus = sd_bus_ref(bus);
	loan->till = till;
	*ret = loan;
	return 0;
}

struct loan *loan_free(struct loan *loan)
{
	if (loan == NULL)
		return NULL;

	end(loan, "D-Bus went away");
	(void)sd_bus_unref(loan->bus);
	free(loan);
	return NULL;
}
