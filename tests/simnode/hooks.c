/* SPDX-License-Identifier: MIT */

#include "hooks.h"

#include <string.h>
#include <sys/resource.h>

#include "node.h"
#include "plugins.h"

/* One plugin's place in the chain. */
struct link {
	struct plugin *plugin;
	json_t *before, *after; /* arrays of names, or NULL */
	/* While the order is made: */
	size_t n_waits; /* so many are to come before it */
	bool placed;
};

/* NULL is a plugin that has gone. */
struct chain {
	struct link **links;
	size_t n;
};

struct hooks {
	struct world *world;
	struct chain chain;
	bool is_unordered; /* until nobody is in the chain */
	size_t n_users;
	struct passage *passages; /* a list */
};

/* On its way through the chain. */
struct passage {
	struct hooks *hooks;
	struct passage *next;
	json_t *params;
	const struct hook_handler *handler;
	void *userdata;
	size_t at;
};

int hooks_new(struct world *world, struct hooks **ret)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));

	if (hooks == NULL)
		return -ENOMEM;
	hooks->world = world;
	*ret = hooks;
	return 0;
}

static void link_free(struct link *link)
{
	json_decref(link->before);
	json_decref(link->after);
	free(link);
}

static void passage_free(struct passage *passage)
{
	struct passage **at = &passage->hooks->passages;

	while (*at != passage)
		at = &(*at)->next;
	*at = passage->next;
	json_decref(passage->params);
	free(passage);
}

struct hooks *hooks_free(struct hooks *hooks)
{
	if (hooks == NULL)
		return NULL;

	while (hooks->passages != NULL)
		passage_free(hooks->passages);

	for (size_t i = 0; i < hooks->chain.n; i++)
		if (hooks->chain.links[i] != NULL)
			link_free(hooks->chain.links[i]);
	free(hooks->chain.links);
	free(hooks);
	return NULL;
}

bool hooks_any(const struct hooks *hooks)
{
	for (size_t i = 0; i < hooks->chain.n; i++)
		if (hooks->chain.links[i] != NULL)
			return true;

	return false;
}

static int append(struct chain *chain, struct link *link)
{
	struct link **more =
		reallocarray(chain->links, chain->n + 1, sizeof(*chain->links));

	if (more == NULL)
		return -ENOMEM;
	more[chain->n++] = link;
	chain->links = more;
	return 0;
}

int hooks_register(
	struct hooks *hooks, struct plugin *plugin, const json_t *hook)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return -ENOMEM;
	link->plugin = plugin;
	link->before = json_incref(json_object_get(hook, "before"));
	link->after = json_incref(json_object_get(hook, "after"));
	if (append(&hooks->chain, link) < 0) {
		link_free(link);
		return -ENOMEM;
	}

	return 0;
}

void hooks_forget(struct hooks *hooks, const struct plugin *plugin)
{
	struct chain *chain = &hooks->chain;

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->links[i] == NULL ||
			chain->links[i]->plugin != plugin)
			continue;
		link_free(chain->links[i]);
		chain->links[i] = NULL;
	}
}

static bool names(const json_t *array, const struct plugin *plugin)
{
	json_t *name;
	size_t i;

	json_array_foreach (array, i, name)
		if (plugin_is(plugin, json_string_value(name)))
			return true;

	return false;
}

/* Is @first to be called before @second? */
static bool precedes(const struct link *first, const struct link *second)
{
	return names(first->before, second->plugin) ||
	       names(second->after, first->plugin);
}

/* Of those that wait for nobody the one that was registered first. */
static struct link *choose(const struct chain *chain)
{
	struct link *best = NULL;

	for (size_t i = 0; i < chain->n; i++) {
		struct link *link = chain->links[i];

		if (link == NULL || link->placed || link->n_waits > 0)
			continue;
		if (best == NULL || plugin_number(link->plugin) <
					    plugin_number(best->plugin))
			best = link;
	}

	return best;
}

static void count_waits(
	const struct chain *chain, const struct link *first, bool add)
{
	for (size_t i = 0; i < chain->n; i++) {
		struct link *second = chain->links[i];

		if (second == NULL || !precedes(first, second))
			continue;
		if (add)
			second->n_waits++;
		else
			second->n_waits--;
	}
}

/* Returns false if not all of @hooks have a place. */
static bool place(struct hooks *hooks, struct chain *ret)
{
	struct chain *chain = &hooks->chain, ordered = { 0 };
	struct link *link;

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->links[i] == NULL)
			continue;
		chain->links[i]->n_waits = 0;
		chain->links[i]->placed = false;
	}
	for (size_t i = 0; i < chain->n; i++)
		if (chain->links[i] != NULL)
			count_waits(chain, chain->links[i], true);
	while ((link = choose(chain)) != NULL) {
		link->placed = append(&ordered, link) == 0;
		if (!link->placed)
			break;
		count_waits(chain, link, false);
	}
	for (size_t i = 0; i < chain->n; i++) {
		if (chain->links[i] == NULL || chain->links[i]->placed)
			continue;
		free(ordered.links);
		return false;
	}

	*ret = ordered;
	return true;
}

bool hooks_has_place(const struct hooks *hooks, const struct plugin *plugin)
{
	for (size_t i = 0; i < hooks->chain.n; i++) {
		const struct link *link = hooks->chain.links[i];

		if (link != NULL && link->plugin == plugin)
			return link->placed;
	}

	return true;
}

bool hooks_order(struct hooks *hooks)
{
	struct chain ordered;

	if (!place(hooks, &ordered))
		return false;
	hooks->is_unordered = hooks->n_users > 0;
	if (hooks->is_unordered) {
		free(ordered.links);
		say(hooks->world->say, "{s:s}", "deferred",
			"order of invoice_payment, until it is not in use");
		return true;
	}

	free(hooks->chain.links);
	hooks->chain = ordered;
	return true;
}

void hooks_abort(
	const struct world *world, const char *why, const json_t *answer)
{
	const struct rlimit none = { 0 };

	say(world->say, "{s:s, s:O*}", "aborted", why, "answer", answer);
	(void)setrlimit(RLIMIT_CORE, &none);
	abort();
}

static void pass(struct passage *passage);

static void on_answer(void *userdata, const json_t *answer)
{
	struct passage *passage = userdata;
	struct hooks *hooks = passage->hooks;
	const json_t *error = json_object_get(answer, "error");
	const json_t *result = json_object_get(answer, "result");

	/* Only its end is forgiven. */
	if (json_integer_value(json_object_get(error, "code")) ==
		NODE_TERMINATED) {
		pass(passage);
		return;
	}
	if (result == NULL || error != NULL)
		hooks_abort(hooks->world,
			"a plugin answered invoice_payment with an error",
			answer);
	if (!passage->handler->on_answer(passage->userdata, result)) {
		/* It counts as a user for ever: lightning 0, fact 12. */
		passage_free(passage);
		return;
	}

	pass(passage);
}

/* On to the next plugin, or the end. */
static void pass(struct passage *passage)
{
	struct hooks *hooks = passage->hooks;
	struct link *link = NULL;

	while (link == NULL && passage->at < hooks->chain.n)
		link = hooks->chain.links[passage->at++];
	if (link != NULL) {
		plugin_request(link->plugin, "invoice_payment", NULL,
			passage->params, on_answer, passage);
		return;
	}

	if (--hooks->n_users == 0 && hooks->is_unordered)
		(void)hooks_order(hooks);
	passage->handler->on_end(passage->userdata);
	passage_free(passage);
}

void hooks_call(struct hooks *hooks, json_t *params,
	const struct hook_handler *handler, void *userdata)
{
	struct passage *passage = calloc(1, sizeof(*passage));

	if (passage == NULL)
		hooks_abort(hooks->world, "out of memory", NULL);
	*passage = (struct passage){
		.hooks = hooks,
		.next = hooks->passages,
		.params = params,
		.handler = handler,
		.userdata = userdata,
	};
	hooks->passages = passage;
	hooks->n_users++;
	pass(passage);
}
