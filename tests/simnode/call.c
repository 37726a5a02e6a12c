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

/* As far as the first members, deeper it does not look: lightning 3. */
void call_succeed(struct call *call, json_t *result)
{
	json_t *shown = json_copy(result);
	const char *name;
	json_t *value;

	json_object_foreach (result, name, value)
		if (call != NULL && call->filter != NULL &&
			!json_is_true(json_object_get(call->filter, name)))
			(void)json_object_del(shown, name);
	call_pass(call, "result", shown);
	json_decref(shown);
}
