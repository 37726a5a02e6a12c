/* SPDX-License-Identifier: MIT */

#include "client/state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client/wait.h"
#include "model/api.h"
#include "util/bytes.h"

static bool find_kind(const char *name, enum report_kind *ret)
{
	for (int i = REPORT_ABSENT; i <= REPORT_TEXT; i++) {
		if (strcmp(name, report_kind_name((enum report_kind)i)) != 0)
			continue;
		*ret = (enum report_kind)i;
		return true;
	}

	return false;
}

static int read_value(sd_bus_message *m, struct report_fact *fact)
{
	const char *text;
	int flag = 0, r;

	switch (fact->kind) {
	case REPORT_TRUTH:
		r = sd_bus_message_read(m, "v", "b", &flag);
		fact->number = flag;
		return r;
	case REPORT_NUMBER:
	case REPORT_TIME:
		r = sd_bus_message_read(m, "v", "d", &fact->number);
		return r >= 0 && !isfinite(fact->number) ? -EBADMSG : r;
	case REPORT_ABSENT:
	case REPORT_WORD:
	case REPORT_TEXT:
		break;
	}

	r = sd_bus_message_read(m, "v", "s", &text);
	if (r >= 0)
		text_printable(text, fact->text, sizeof(fact->text));
	return r;
}

/* Returns 1, or 0 if it is of a kind that is not known here. */
static int read_fact(sd_bus_message *m, struct report_fact *ret)
{
	const char *name, *kind;
	int r;

	*ret = (struct report_fact){ .unit = "" };
	r = sd_bus_message_read(m, "ss", &name, &kind);
	if (r < 0)
		return r;
	text_printable(name, ret->name, sizeof(ret->name));
	if (!find_kind(kind, &ret->kind)) {
		r = sd_bus_message_skip(m, "vs");
		return r < 0 ? r : 0;
	}

	r = read_value(m, ret);
	if (r >= 0)
		r = sd_bus_message_read(m, "s", &ret->unit);
	return r < 0 ? r : 1;
}

int client_read_report(sd_bus_message *m, struct report *ret)
{
	int cut, r;

	ret->n_facts = 0;
	r = sd_bus_message_enter_container(m, 'a', "(ssvs)");
	while (r >= 0) {
		struct report_fact fact;

		r = sd_bus_message_enter_container(m, 'r', "ssvs");
		if (r <= 0)
			break;
		r = read_fact(m, &fact);
		if (r < 0)
			return r;
		if (r > 0) {
			if (ret->n_facts == ARRAY_SIZE(ret->facts))
				return -E2BIG;
			ret->facts[ret->n_facts++] = fact;
		}
		r = sd_bus_message_exit_container(m);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r >= 0)
		r = sd_bus_message_read(m, "b", &cut);
	if (r < 0)
		return r;

	ret->is_cut = cut != 0;
	return 0;
}

static int call(sd_bus *bus, const struct client_ask *ask, sd_bus_message **ret)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const struct client_wait wait = {
		.timeout_ms = CLIENT_STATE_MS,
		.idle = ask->idle,
		.userdata = ask->userdata,
	};
	int r;

	r = sd_bus_message_new_method_call(
		bus, &m, API_BUS_NAME, API_PATH, API_INTERFACE, "GetState");
	if (r >= 0)
		r = sd_bus_message_append(m, "sb", ask->what, ask->wake);
	if (r >= 0)
		r = client_wait(bus, m, &wait, ret);

	return r;
}

int client_state(sd_bus *bus, const struct client_ask *ask,
	char why[static CLIENT_WHY_SIZE], struct report *ret,
	sd_bus_message **ret_m)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const sd_bus_error *error;
	int r;

	r = call(bus, ask, &m);
	if (r >= 0 && sd_bus_message_is_method_error(m, NULL)) {
		error = sd_bus_message_get_error(m);
		client_explain(error, -sd_bus_message_get_errno(m), why);
		return sd_bus_error_has_name(error, API_ERROR_ASLEEP)
			       ? CLIENT_E_ASLEEP
			       : CLIENT_E_FAILED;
	}
	if (r >= 0)
		r = client_read_report(m, ret);
	if (r < 0) {
		(void)snprintf(why, CLIENT_WHY_SIZE,
			"the bridge's answer cannot be read: %s", strerror(-r));
		return CLIENT_E_FAILED;
	}

	*ret_m = steal_ptr(&m);
	return 0;
}
