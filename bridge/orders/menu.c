/* SPDX-License-Identifier: MIT */

#include "orders/menu.h"

#include <confuse.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "orders/menu_text.h"
#include "orders/menu_value.h"
#include "util/file.h"

enum {
	FILE_MAX = 256 * 1024,
	KEYS_MAX = 32,
};

/* What libConfuse holds for each value: the text, and where it stood. */
struct item {
	unsigned int line;
	char text[];
};

static int item_parse(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *ret)
{
	size_t size = strlen(text) + 1;
	struct item *item = malloc(sizeof(*item) + size);

	(void)opt;
	if (item == NULL)
		return -1;

	item->line = (unsigned int)cfg->line;
	memcpy(item->text, text, size);
	*(void **)ret = item;
	return 0;
}

/*
 * libConfuse gives its error function no user data, and we have no globals:
 * the section in which it happened carries the message home, as its comment,
 * which is not used otherwise and freed with it.
 */
static __attribute__((__format__(printf, 2, 0))) void on_error(
	cfg_t *cfg, const char *format, va_list args)
{
	if (cfg->comment == NULL && vasprintf(&cfg->comment, format, args) < 0)
		cfg->comment = NULL;
}

static cfg_t *cfg_freeit(cfg_t *cfg)
{
	if (cfg != NULL)
		(void)cfg_free(cfg);

	return NULL;
}

DEFINE_CLEANUP(cfg_t *, cfg_freeit);

static void make_opts(const struct menu_key *keys, cfg_opt_t *ret)
{
	const cfg_opt_t end = CFG_END();
	size_t i;

	/* Lists all of them, so that a list for one value can be told. */
	for (i = 0; keys[i].name != NULL; i++) {
		const cfg_opt_t opt = CFG_PTR_LIST_CB(
			keys[i].name, NULL, CFGF_NONE, item_parse, free);

		ret[i] = opt;
	}
	ret[i] = end;
}

static cfg_t *make_cfg(void)
{
	cfg_opt_t car[KEYS_MAX], node[KEYS_MAX], action[KEYS_MAX];
	cfg_opt_t root[] = {
		CFG_SEC("car", car, CFGF_NODEFAULT),
		CFG_SEC("node", node, CFGF_NODEFAULT),
		CFG_SEC("action", action, CFGF_MULTI | CFGF_TITLE),
		CFG_END(),
	};
	cfg_t *cfg;

	make_opts(menu_car_keys, car);
	make_opts(menu_node_keys, node);
	make_opts(menu_action_keys, action);
	cfg = cfg_init(root, CFGF_NONE);
	if (cfg != NULL)
		(void)cfg_set_error_function(cfg, on_error);

	return cfg;
}

/* The section that carries an error message, or NULL. */
static cfg_t *find_error(cfg_t *root)
{
	if (root->comment != NULL)
		return root;
	for (unsigned int i = 0; i < cfg_num(root); i++) {
		cfg_opt_t *opt = cfg_getnopt(root, i);

		for (unsigned int j = 0; j < cfg_opt_size(opt); j++) {
			cfg_t *section = cfg_opt_getnsec(opt, j);

			if (section != NULL && section->comment != NULL)
				return section;
		}
	}

	return NULL;
}

/* What stands between the first quotes of libConfuse's message. */
static const char *quoted(char *message)
{
	char *word = strchr(message, '\'');
	char *end = word == NULL ? NULL : strrchr(word + 1, '\'');

	if (end == NULL)
		return "";

	*end = '\0';
	return word + 1;
}

/* Says it in words for who owns a car. */
static void tell_syntax(struct menu_mistakes *mistakes, cfg_t *where)
{
	unsigned int line = (unsigned int)where->line, distance = UINT_MAX;
	const char *said = where->comment, *nearest = NULL, *word;
	bool is_unknown = strstr(said, "no such option") != NULL;
	bool no_equals = strstr(said, "missing equal") != NULL;

	if (strstr(said, "missing title") != NULL) {
		menu_mistake(mistakes, line,
			"an action needs a name, as in: action flash {");
		return;
	}
	if (strstr(said, "premature end") != NULL) {
		menu_mistake(mistakes, line,
			"the file ends in the middle of something");
		return;
	}

	if (strstr(said, "missing opening brace") != NULL) {
		menu_mistake(mistakes, line,
			"\"%s\" begins a section; a { is missing behind it",
			quoted(where->comment));
		return;
	}

	word = quoted(where->comment);
	if (!is_unknown && no_equals) {
		menu_mistake(mistakes, line,
			"\"%s\" needs an equals sign and a value", word);
		return;
	}
	if (!is_unknown) {
		menu_mistake(mistakes, line, "\"%s\" cannot stand here", word);
		return;
	}
	for (unsigned int i = 0; i < cfg_num(where); i++)
		menu_text_nearest(
			word, cfg_getnopt(where, i)->name, &nearest, &distance);
	menu_mistake(mistakes, line, "\"%s\" is not known here%s%s%s", word,
		nearest == NULL ? "; remove it" : "; did you mean \"",
		nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"?");
}

/*
 * libConfuse stops at the first mistake.  So the statement that it stopped at
 * is blanked and the rest read anew, until all of it can be read.
 */
static int parse(char *text, struct menu_mistakes *mistakes, cfg_t **ret)
{
	_cleanup_(cfg_freeitp) cfg_t *cfg = NULL;

	for (size_t i = 0; i < MENU_MISTAKES_MAX; i++) {
		cfg_t *where;
		int r;

		cfg = cfg_freeit(cfg);
		cfg = make_cfg();
		if (cfg == NULL)
			return -ENOMEM;
		r = cfg_parse_buf(cfg, text);
		if (r == CFG_SUCCESS) {
			*ret = steal_ptr(&cfg);
			return 0;
		}
		where = find_error(cfg);
		if (where == NULL)
			return -ENOMEM;
		tell_syntax(mistakes, where);
		if (!menu_text_blank(text, (unsigned int)where->line))
			break;
	}

	return MENU_E_INVALID;
}

struct reader {
	struct menu_mistakes *mistakes;
	const struct menu_heads *heads;
	struct menu *menu;
};

static const struct item *item_of(cfg_opt_t *opt, unsigned int i)
{
	return cfg_opt_getnptr(opt, i);
}

/* A rental begins where others do. */
static bool is_replaced(cfg_t *section, const struct menu_key *key)
{
	return strcmp(key->name, "do") == 0 && cfg_size(section, "begin") > 0;
}

/*
 * Reads all keys of a section.  @what is its name for people.  Returns whether
 * none of its lines was left out.
 */
static bool read_section(const struct reader *reader, cfg_t *section,
	unsigned int line, const char *what, const struct menu_key *keys,
	struct menu_action *action)
{
	/* A key may be missing only because its line was not understood. */
	bool is_whole = !menu_mistakes_between(
		reader->mistakes, line, (unsigned int)section->line);

	for (const struct menu_key *key = keys; key->name != NULL; key++) {
		cfg_opt_t *opt = cfg_getopt(section, key->name);
		unsigned int n = cfg_opt_size(opt);

		if (n == 0 && (opt->flags & CFGF_MODIFIED) != 0) {
			menu_mistake(reader->mistakes, line,
				"%s: %s is empty; write something or remove it",
				what, key->name);
		} else if (n == 0 && key->example != NULL && is_whole &&
			   !is_replaced(section, key)) {
			menu_mistake(reader->mistakes, line,
				"%s has no %s; add a line like: %s", what,
				key->name, key->example);
		} else if (n > 1 && !key->is_list) {
			menu_mistake(reader->mistakes, item_of(opt, 1)->line,
				"%s takes one value, not a list", key->name);
			continue;
		}
		for (unsigned int i = 0; i < n; i++) {
			const struct item *item = item_of(opt, i);
			const struct menu_value value = { reader->mistakes,
				key->name, item->text, item->line };

			key->read(&value, reader->menu, action);
		}
	}

	return is_whole;
}

/*
 * car or node: there has to be one.  Returns the line of a section that was
 * read whole, else 0.
 */
static unsigned int read_single(const struct reader *reader, cfg_t *cfg,
	const char *name, const struct menu_key *keys, const char *example)
{
	cfg_opt_t *opt = cfg_getopt(cfg, name);
	unsigned int line;

	if (cfg_opt_size(opt) > 0) {
		line = menu_text_line(reader->heads, name, NULL);
		return read_section(reader, cfg_opt_getnsec(opt, 0), line, name,
			       keys, NULL)
			       ? line
			       : 0;
	}
	if (reader->mistakes->n_lines == 0)
		menu_mistake(reader->mistakes, 1,
			"the section %s is missing; add: %s { %s }", name, name,
			example);
	return 0;
}

static bool is_written(cfg_t *section, const char *key)
{
	return cfg_opt_size(cfg_getopt(section, key)) > 0;
}

static void read_node(const struct reader *reader, cfg_t *cfg)
{
	unsigned int line = read_single(reader, cfg, "node", menu_node_keys,
		"rpc = \"" MENU_RPC_EXAMPLE "\"");
	cfg_t *section;

	if (line == 0)
		return;
	section = cfg_getnsec(cfg, "node", 0);
	menu_node_check(reader->menu, reader->mistakes,
		&(const struct menu_node_written){
			.line = line,
			.rpc = is_written(section, "rpc"),
			.address = is_written(section, "address"),
			.rune = is_written(section, "rune"),
			.proxy = is_written(section, "proxy"),
			.plugin = is_written(section, "plugin"),
		});
}

static void read_actions(const struct reader *reader, cfg_t *cfg)
{
	cfg_opt_t *opt = cfg_getopt(cfg, "action");
	struct menu *menu = reader->menu;
	unsigned int lines[MENU_ACTIONS_MAX];

	if (cfg_opt_size(opt) == 0 && reader->mistakes->n_lines == 0)
		menu_mistake(reader->mistakes, 1,
			"there is no action; add: action flash { price = 1 do "
			"= flash-lights }");
	for (unsigned int i = 0; i < cfg_opt_size(opt); i++) {
		cfg_t *section = cfg_opt_getnsec(opt, i);
		const char *title = cfg_title(section);
		unsigned int line =
			menu_text_line(reader->heads, "action", title);
		char what[MENU_NAME_SIZE + sizeof("action ")];
		size_t n_mistakes = reader->mistakes->n;
		struct menu_action *action;
		bool is_begun = cfg_size(section, "begin") > 0;
		cfg_opt_t *steps =
			cfg_getopt(section, is_begun ? "begin" : "do");

		/* There are no more sections than actions: menu_text.c. */
		if (menu->n_actions == MENU_ACTIONS_MAX)
			break;
		if (strlen(title) >= MENU_NAME_SIZE) {
			menu_mistake(reader->mistakes, line,
				"the name of this action is too long; at most "
				"%d characters",
				MENU_NAME_SIZE - 1);
			continue;
		}
		lines[menu->n_actions] = line;
		action = &menu->actions[menu->n_actions++];
		menu_action_init(action);
		(void)snprintf(action->name, sizeof(action->name), "%s", title);
		(void)snprintf(what, sizeof(what), "action %s", title);
		(void)read_section(
			reader, section, line, what, menu_action_keys, action);
		if (is_begun && cfg_size(section, "do") > 0)
			menu_mistake(reader->mistakes, line,
				"%s has do and begin; begin is for a rental, "
				"do for what is over when it is done: keep one "
				"of them",
				what);
		menu_action_check(action,
			&(const struct menu_written){
				.line = line,
				.do_line = cfg_opt_size(steps) > 0
						   ? item_of(steps, 0)->line
						   : line,
				.is_begun = is_begun,
				.is_sound = reader->mistakes->n == n_mistakes,
				.unknown_is_set =
					cfg_opt_size(cfg_getopt(
						section, "unknown")) > 0,
			},
			reader->mistakes);
	}
	menu_check(menu, reader->mistakes, lines);
}

static void set_defaults(struct menu *menu)
{
	(void)snprintf(menu->key_uri, sizeof(menu->key_uri),
		"file:/var/lib/1sat2flash/car.key");
	(void)snprintf(menu->link, sizeof(menu->link), "bluez");
	(void)snprintf(menu->car_name, sizeof(menu->car_name), "car");
}

/* What counts as ours where the node's section does not say. */
static void set_default_accept(struct menu *menu)
{
	if (menu->n_accept > 0)
		return;

	menu->n_accept = 2;
	menu->accept[0].kind = MENU_ACCEPT_OFFERS;
	menu->accept[1].kind = MENU_ACCEPT_LABEL;
	(void)snprintf(menu->accept[1].text, sizeof(menu->accept[1].text),
		"1sat2flash-*");
}

static int read_menu(char *text, struct menu_mistakes *mistakes,
	const struct menu_heads *heads, struct menu **ret)
{
	_cleanup_(cfg_freeitp) cfg_t *cfg = NULL;
	_cleanup_(menu_freep) struct menu *menu = NULL;
	struct reader reader = { mistakes, heads, NULL };
	int r;

	r = parse(text, mistakes, &cfg);
	if (r != 0)
		return r;
	menu = calloc(1, sizeof(*menu));
	if (menu == NULL)
		return -ENOMEM;

	mistakes->is_meaning = true;
	reader.menu = menu;
	set_defaults(menu);
	(void)read_single(
		&reader, cfg, "car", menu_car_keys, menu_car_keys[0].example);
	read_node(&reader, cfg);
	set_default_accept(menu);
	read_actions(&reader, cfg);
	if (mistakes->n > 0)
		return MENU_E_INVALID;

	*ret = steal_ptr(&menu);
	return 0;
}

int menu_load(
	const char *path, menu_tell_t tell, void *userdata, struct menu **ret)
{
	_cleanup_(freep) char *text = NULL;
	struct menu_mistakes mistakes = {
		.path = path, .tell = tell, .userdata = userdata
	};
	struct menu_heads heads;
	size_t len;
	int r;

	r = file_read(path, FILE_MAX, &text, &len);
	if (r < 0)
		return r;
	if (r == FILE_E_TOO_BIG) {
		menu_mistake(&mistakes, 0,
			"the file is larger than %d KiB; this is no menu",
			FILE_MAX / 1024);
		return MENU_E_INVALID;
	}
	if (strlen(text) != len) {
		unsigned int line = 1;

		for (const char *p = text; *p != '\0'; p++)
			line += *p == '\n';
		menu_mistake(&mistakes, line,
			"there is a NUL byte here; this is no text file");
		return MENU_E_INVALID;
	}

	r = menu_text_check(text, &mistakes, &heads);
	if (r == 0)
		r = read_menu(text, &mistakes, &heads, ret);
	if (mistakes.n > MENU_MISTAKES_MAX) {
		mistakes.n = 0;
		mistakes.n_lines = 0;
		menu_mistake(&mistakes, 0,
			"there are more mistakes than these %d",
			MENU_MISTAKES_MAX);
	}

	return r;
}

struct menu *menu_free(struct menu *menu)
{
	for (size_t i = 0; menu != NULL && i < menu->n_actions; i++) {
		program_wipe(&menu->actions[i].steps);
		program_wipe(&menu->actions[i].undo);
		program_wipe(&menu->actions[i].rental.warn);
		program_wipe(&menu->actions[i].rental.end);
	}
	free(menu);

	return NULL;
}

uint64_t menu_max_age_ms(const struct menu *menu)
{
	uint64_t max = 0;

	for (size_t i = 0; i < menu->n_actions; i++)
		if (menu->actions[i].max_age_ms > max)
			max = menu->actions[i].max_age_ms;

	return max;
}

const struct menu_action *menu_find(const struct menu *menu, const char *name)
{
	for (size_t i = 0; i < menu->n_actions; i++)
		if (strcmp(menu->actions[i].name, name) == 0)
			return &menu->actions[i];

	return NULL;
}
