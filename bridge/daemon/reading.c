/* SPDX-License-Identifier: MIT */

#include "daemon/reading.h"

#include <string.h>

#include "daemon/loan.h"
#include "model/api.h"
#include "model/report.h"
#include "util/log.h"

int reading_begin(struct asker *asker, sd_bus_message *m, sd_bus_error *error)
{
	enum command_id id;
	const char *what;
	int wake, r;

	r = sd_bus_message_read(m, "sb", &what, &wake);
	if (r < 0)
		return r;
	id = report_command(what);
	if (id == COMMAND_NONE)
		return sd_bus_error_set(error, API_ERROR_NO_SUCH_STATE,
			"there is no such part of the car's state");
	r = till_read(asker->till, id, wake != 0);
	if (r != 0)
		return loan_error(error, r);

	asker->id = id;
	(void)sd_bus_message_unref(asker->m);
	asker->m = sd_bus_message_ref(m);
	return 1;
}

static int append_fact(sd_bus_message *m, const struct report_fact *fact)
{
	int r;

	r = sd_bus_message_open_container(m, 'r', "ssvs");
	if (r >= 0)
		r = sd_bus_message_append(
			m, "ss", fact->name, report_kind_name(fact->kind));
	if (r < 0)
		return r;

	switch (fact->kind) {
	case REPORT_ABSENT:
	case REPORT_WORD:
	case REPORT_TEXT:
		r = sd_bus_message_append(m, "v", "s", fact->text);
		break;
	case REPORT_TRUTH:
		r = sd_bus_message_append(m, "v", "b", fact->number != 0);
		break;
	case REPORT_NUMBER:
	case REPORT_TIME:
		r = sd_bus_message_append(m, "v", "d", fact->number);
		break;
	}
	if (r >= 0)
		r = sd_bus_message_append(m, "s", fact->unit);
	if (r >= 0)
		r = sd_bus_message_close_container(m);

	return r;
}

static int reply(sd_bus_message *m, const struct report *report)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
	int r;

	r = sd_bus_message_new_method_return(m, &answer);
	if (r >= 0)
		r = sd_bus_message_open_container(answer, 'a', "(ssvs)");
	for (size_t i = 0; r >= 0 && i < report->n_facts; i++)
		r = append_fact(answer, &report->facts[i]);
	if (r >= 0)
		r = sd_bus_message_close_container(answer);
	if (r >= 0)
		r = sd_bus_message_append(answer, "b", report->is_cut);
	if (r >= 0)
		r = sd_bus_send(NULL, answer, NULL);

	return r;
}

void reading_end(struct asker *asker, const struct car_reading *reading)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r = 0;

	if (asker->m == NULL || asker->id != reading->id)
		return;

	m = steal_ptr(&asker->m);
	switch (reading->result) {
	case CAR_READ_DONE:
		r = reply(m, reading->report);
		if (r < 0)
			r = sd_bus_reply_method_errno(m, r, NULL);
		break;
	case CAR_READ_ASLEEP:
		r = sd_bus_reply_method_errorf(
			m, API_ERROR_ASLEEP, "%s", reading->why);
		break;
	case CAR_READ_DISPLACED:
		r = sd_bus_reply_method_errorf(
			m, API_ERROR_BUSY, "%s", reading->why);
		break;
	case CAR_READ_FAILED:
		r = sd_bus_reply_method_errorf(
			m, API_ERROR_FAILED, "%s", reading->why);
		break;
	}
	if (r < 0)
		log_debug("a state is not told: %s", strerror(-r));
}

void asker_deinit(struct asker *asker)
{
	asker->m = sd_bus_message_unref(asker->m);
}
