/* SPDX-License-Identifier: MIT */

#include "call.h"

#include <stdlib.h>

struct call *call_new(struct calls *calls, uint64_t number, json_t *request)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return NULL;
	call->of = calls;
	call->id =
		(struct call_id){ json_incref(json_object_get(request, "id")),
			number };
	call->filter = json_incref(json_object_get(request, "filter"));
	call->request = json_incref(request);
	call->next = calls->first;
	calls->first = call;
	calls->n++;
	return call;
}

struct call *call_free(struct call *call)
{
	struct call **at;

	if (call == NULL)
		return NULL;

	if (call->of != NULL) {
		at = &call->of->first;
		while (*at != call)
			at = &(*at)->next;
		*at = call->next;
		call->of->n--;
	}
	json_decref(call->id.json);
	json_decref(call->filter);
	json_decref(call->request);
	free(call);
	return NULL;
}

void calls_deinit(struct calls *calls)
{
	for (struct call *call = calls->first; call != NULL; call = call->next)
		call->of = NULL;
	*calls = (struct calls){ 0 };
}

void call_pass(struct call *call, const char *member, json_t *value)
{
	if (call != NULL && call->of != NULL)
		reply_send(call->of->reply, &call->id, member, value);
	(void)call_free(call);
}

void call_refuse(struct call *call, const struct node_error *error)
{
	json_t *object = json_pack(
		"{s:i, s:s}", "code", error->code, "message", error->message);

	call_pass(call, "error", object);
	json_decref(object);
}

/*
 * What @filter, { name: true, name: { ... }, name: [{ ... }] }, leaves of
 * @value, as a new reference: lightning 3.
 */
static json_t *show(json_t *value, const json_t *filter)
{
	json_t *shown, *child;
	const char *name;
	size_t i;

	if (json_is_array(filter) && json_is_array(value)) {
		shown = json_array();
		json_array_foreach (value, i, child)
			(void)json_array_append_new(
				shown, show(child, json_array_get(filter, 0)));
		return shown;
	}
	if (json_is_object(filter) && json_is_object(value)) {
		shown = json_object();
		json_object_foreach (value, name, child) {
			const json_t *wanted = json_object_get(filter, name);

			if (wanted != NULL && !json_is_false(wanted))
				(void)json_object_set_new(
					shown, name, show(child, wanted));
		}
		return shown;
	}

	return json_incref(value);
}

void call_succeed(struct call *call, json_t *result)
{
	json_t *shown = show(result, call == NULL ? NULL : call->filter);

	call_pass(call, "result", shown);
	json_decref(shown);
}
