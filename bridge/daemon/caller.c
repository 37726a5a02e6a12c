/* SPDX-License-Identifier: MIT */

#include "daemon/caller.h"

#include <grp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "model/api.h"

struct request {
	struct callers *callers;
	sd_bus_message *m; /* NULL: free */
	sd_bus_slot *slot;
	caller_act_t act;
};

struct callers {
	sd_bus *bus;
	void *userdata;
	struct request requests[CALLERS_MAX];
};

static void request_deinit(struct request *request)
{
	(void)sd_bus_slot_unref(request->slot);
	(void)sd_bus_message_unref(request->m);
	*request = (struct request){ 0 };
}

/* By name and each time, since the group may be made while we run. */
static bool gid_is_ours(uint32_t gid)
{
	const struct group *group = getgrnam(API_GROUP);

	return group != NULL && group->gr_gid == gid;
}

/* Reads one entry of GetConnectionCredentials; true: it permits. */
static bool credential_permits(sd_bus_message *m)
{
	const char *key;
	const void *gids;
	uint32_t uid;
	size_t len;

	if (sd_bus_message_read(m, "s", &key) < 0)
		return false;
	if (strcmp(key, "UnixUserID") == 0 &&
		sd_bus_message_read(m, "v", "u", &uid) >= 0)
		return uid == 0 || uid == geteuid();
	if (strcmp(key, "UnixGroupIDs") != 0) {
		(void)sd_bus_message_skip(m, "v");
		return false;
	}

	if (sd_bus_message_enter_container(m, 'v', "au") < 0 ||
		sd_bus_message_read_array(m, 'u', &gids, &len) < 0 ||
		sd_bus_message_exit_container(m) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(uint32_t); i++)
		if (gid_is_ours(((const uint32_t *)gids)[i]))
			return true;
	return false;
}

static bool caller_is_permitted(sd_bus_message *credentials)
{
	bool permitted = false;

	if (sd_bus_message_enter_container(credentials, 'a', "{sv}") < 0)
		return false;
	while (sd_bus_message_enter_container(credentials, 'e', "sv") > 0) {
		permitted |= credential_permits(credentials);
		if (sd_bus_message_exit_container(credentials) < 0)
			return false;
	}

	return permitted;
}

static int on_credentials(
	sd_bus_message *answer, void *userdata, sd_bus_error *ret_error)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	struct request *request = userdata;
	struct callers *callers = request->callers;
	caller_act_t act = request->act;
	int r;

	(void)ret_error;
	m = steal_ptr(&request->m);
	request_deinit(request);
	if (sd_bus_message_is_method_error(answer, NULL) ||
		!caller_is_permitted(answer))
		r = sd_bus_error_set(&error, API_ERROR_NOT_PERMITTED,
			"only root and members of the group " API_GROUP
			" may do this");
	else
		r = act(callers->userdata, m, &error);
	if (r >= 0)
		return r;

	return sd_bus_reply_method_errno(m, r, &error);
}

/* sd_bus_query_sender_creds() would ask the bus and wait: style, rule 6. */
int callers_ask(struct callers *callers, sd_bus_message *m, caller_act_t act,
	sd_bus_error *error)
{
	struct request *request = callers->requests;
	int r;

	while (request->m != NULL)
		if (++request == callers->requests + CALLERS_MAX)
			return sd_bus_error_set(error, API_ERROR_BUSY,
				"too many ask at the same time");

	*request = (struct request){
		.callers = callers,
		.m = sd_bus_message_ref(m),
		.act = act,
	};
	r = sd_bus_call_method_async(callers->bus, &request->slot,
		"org.freedesktop.DBus", "/org/freedesktop/DBus",
		"org.freedesktop.DBus", "GetConnectionCredentials",
		on_credentials, request, "s", sd_bus_message_get_sender(m));
	if (r < 0) {
		request_deinit(request);
		return r;
	}

	return 1;
}

int callers_new(sd_bus *bus, void *userdata, struct callers **ret)
{
	struct callers *callers = calloc(1, sizeof(*callers));

	if (callers == NULL)
		return -ENOMEM;

	callers->bus = sd_bus_ref(bus);
	callers->userdata = userdata;
	*ret = callers;
	return 0;
}

struct callers *callers_free(struct callers *callers)
{
	if (callers == NULL)
		return NULL;

	for (size_t i = 0; i < CALLERS_MAX; i++)
		request_deinit(&callers->requests[i]);
	(void)sd_bus_unref(callers->bus);
	free(callers);
	return NULL;
}
