/* SPDX-License-Identifier: MIT */

#include "cli/judge.h"

#include <ctype.h>
#include <string.h>

#include "model/trouble.h"

/* The bridge names the socket and the reason; when it tries again is its own. */
static void say_problem(struct judge *judge)
{
	const char *problem = judge->bridge->node_problem;
	const char *again = strstr(problem, ", trying again");
	size_t len =
		again == NULL ? strlen(problem) : (size_t)(again - problem);

	if (len == 0)
		judge_say(judge, WALK_PROBLEM, "The node does not answer.");
	else
		judge_say(judge, WALK_PROBLEM, "%c%.*s.", toupper(problem[0]),
			(int)len - 1, problem + 1);
}

/* So lightning/line says it: each has another advice. */
static const struct trouble *find_trouble(const char *problem)
{
	static const struct {
		const char *words;
		const char *name;
	} kinds[] = {
		{ "the rune in ", "node-rune" },
		{ "the node's plugin", "node-plugin" },
		{ "plugin 1sat2flash-node", "node-plugin" },
		{ "the node at ", "node-far-not-reached" },
		{ "the proxy at ", "node-far-not-reached" },
		{ "may not be used", "node-not-permitted" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strstr(problem, kinds[i].words) != NULL)
			return trouble_find(kinds[i].name);

	return trouble_find("node-not-reached");
}

void judge_node(struct judge *judge)
{
	const struct facts_bridge *bridge = judge->bridge;
	const struct trouble *trouble = find_trouble(bridge->node_problem);

	if (bridge->node_up == ANSWER_YES) {
		judge_say(judge, WALK_OK, "%s (%.8s...) answers.",
			bridge->node_alias[0] == '\0' ? "The node"
						      : bridge->node_alias,
			bridge->node_id);
		return;
	}
	if (!judge->facts->is_final)
		return;
	if (bridge->node_up == ANSWER_UNKNOWN) {
		judge_say_unknown(judge, "The bridge told nothing of it.");
	} else {
		say_problem(judge);
		judge_advise(
			judge, "%s", trouble == NULL ? "" : trouble->advice);
	}
}

void judge_payments(struct judge *judge)
{
	const struct facts_bridge *bridge = judge->bridge;

	if (bridge->taking_payments == ANSWER_YES) {
		judge_say(judge, WALK_OK, "Payments are taken.");
		return;
	}
	if (!judge->facts->is_final)
		return;
	judge_say(judge, WALK_PROBLEM, "No payments are taken: %s.",
		bridge->why_not[0] == '\0' ? "the bridge does not say why"
					   : bridge->why_not);
	if (bridge->paused == ANSWER_YES)
		judge_advise(judge, "Go on with: 1sat2flash resume");
}
