/* SPDX-License-Identifier: MIT */

#include "daemon/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "car/reach.h"
#include "daemon/moment.h"
#include "lightning/line.h"
#include "lightning/rune.h"
#include "util/file.h"
#include "util/log.h"

/* Writes the sentence, and returns @r. */
static _printf_(3, 4) int fail(
	int r, char why[static PARTS_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, PARTS_WHY_SIZE, format, args);
	va_end(args);
	return r;
}

int parts_menu(
	const char *path, menu_tell_t tell, void *userdata, struct menu **ret)
{
	char why[PARTS_WHY_SIZE];
	int r;

	r = menu_load(path, tell, userdata, ret);
	if (r < 0) {
		(void)fail(r, why, "cannot read %s: %s", path, strerror(-r));
		tell(userdata, why);
	}

	return r == 0 ? 0 : -EINVAL;
}

int parts_state(const char *dir, char why[static PARTS_WHY_SIZE])
{
	int r;

	if (access(dir, R_OK | W_OK | X_OK) < 0)
		return fail(-errno, why, "the state cannot be kept in %s: %s",
			dir, strerror(errno));
	r = file_is_durable(dir);
	if (r == FILE_E_VOLATILE)
		return fail(LEDGER_E_VOLATILE, why,
			"%s is forgotten at power-off (tmpfs or overlay), and "
			"with it what was paid: put it on a disk",
			dir);
	if (r != 0)
		return fail(err_fold(r), why, "cannot look at %s: %s", dir,
			strerror(-err_fold(r)));

	return 0;
}

int parts_ledger(const struct menu *menu, const char *dir,
	char why[static PARTS_WHY_SIZE], struct orders **ret)
{
	const struct moment now = moment_now();
	bool broken = false;
	int r;

	/* Whether it may be volatile is judged by parts_state(). */
	r = orders_open(menu, dir, true, &now, &broken, ret);
	if (broken)
		log_error("the ledger in %s was broken: it was kept aside, a "
			  "new one begun, and nothing of the last seven days "
			  "is acted on; if the car was rented, see that it is "
			  "locked",
			dir);

	switch (r) {
	case 0:
		return 0;
	case LEDGER_E_NEWER:
		return fail(-EINVAL, why,
			"the ledger in %s is from a newer version: install "
			"that one again, this one leaves it alone",
			dir);
	case LEDGER_E_IN_USE:
		return fail(-EBUSY, why,
			"the ledger in %s is in use: another 1sat2flashd runs",
			dir);
	case LEDGER_E_FULL:
		return fail(-ENOSPC, why,
			"there is no room on the disk for the ledger in %s",
			dir);
	default:
		return fail(err_fold(r), why,
			"cannot open the ledger in %s: %s", dir,
			strerror(-err_fold(r)));
	}
}

_Static_assert((int)RUNE_WHY_SIZE <= (int)PARTS_WHY_SIZE, "a sentence fits");

static struct reach reach_of(const struct menu *menu)
{
	return (struct reach){
		.vin = menu->vin,
		.link = menu->link,
		.adapter = menu->adapter,
		.reset_shared = menu->reset_shared,
	};
}

int parts_link(sd_event *event, const struct menu *menu,
	char why[static PARTS_WHY_SIZE], struct link **ret)
{
	const struct reach reach = reach_of(menu);
	int r;

	r = reach_new(event, &reach, ret);
	if (r != 0)
		return fail(err_fold(r), why, "the link cannot be made: %s",
			strerror(-err_fold(r)));

	return 0;
}

#define NODE_KEY "node.key"

int parts_node(
	const struct menu *menu, const char *dir, struct line_config **ret)
{
	_cleanup_(freep) struct line_config *node = NULL;
	char *key_path;

	node = calloc(1, sizeof(*node));
	if (node == NULL || asprintf(&key_path, "%s/" NODE_KEY, dir) < 0)
		return -ENOMEM;

	node->rpc_path = menu->rpc_path[0] == '\0' ? NULL : menu->rpc_path;
	(void)snprintf(
		node->node_id, sizeof(node->node_id), "%s", menu->node_id);
	node->node = menu->node;
	node->proxy = menu->proxy;
	node->rune_path = menu->rune_path;
	node->key_path = key_path;
	*ret = steal_ptr(&node);
	return 0;
}

struct line_config *parts_node_free(struct line_config *node)
{
	if (node == NULL)
		return NULL;

	free(node->key_path);
	free(node);
	return NULL;
}

int parts_check_rune(const struct menu *menu, char why[static PARTS_WHY_SIZE])
{
	_cleanup_(rune_wipep) struct rune rune = { 0 };

	return menu->rune_path[0] == '\0'
		       ? 0
		       : rune_load(menu->rune_path, &rune, why);
}

int parts_node_id(
	const char *dir, char why[static PARTS_WHY_SIZE], char ret[static 67])
{
	_cleanup_(secret32_wipep) struct secret32 key = { 0 };
	_cleanup_(freep) char *path = NULL;
	int r;

	if (asprintf(&path, "%s/" NODE_KEY, dir) < 0) {
		path = NULL;
		return fail(-ENOMEM, why, "no memory");
	}
	r = rune_load_key(path, &key, why);
	if (r < 0)
		return r;
	r = rune_key_id(&key, ret);
	return r == 0 ? 0 : fail(err_fold(r), why, "no id for %s", path);
}

int parts_release(const struct menu *menu, char why[static PARTS_WHY_SIZE])
{
	const struct reach reach = reach_of(menu);
	unsigned int n = 0;
	int r;

	r = reach_release(&reach, &n);
	if (r < 0)
		return fail(r, why,
			"a link that was left behind cannot be ended: %s",
			strerror(-r));
	if (n > 0)
		log_notice("a Bluetooth link that was left behind was ended");

	return 0;
}
