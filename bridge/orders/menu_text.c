/* SPDX-License-Identifier: MIT */

#include "orders/menu_text.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* quoted or not */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQUALS,
	TOKEN_COMMA,
};

struct token {
	enum token_kind kind;
	char *start; /* without the quotes */
	size_t len;
	unsigned int line;
};

struct scanner {
	char *p;
	unsigned int line;
	struct menu_mistakes *mistakes;
};

struct checker {
	struct menu_mistakes *mistakes;
	struct menu_heads *heads;
	unsigned int depth; /* 1: in a section, 2: in a list in it */
	unsigned int opened[2];
	struct token before[2]; /* the last two tokens */
	size_t n_keys;
	struct token keys[MENU_KEYS_MAX]; /* of the section so far */
};

bool menu_mistakes_between(const struct menu_mistakes *mistakes,
	unsigned int from, unsigned int to)
{
	for (size_t i = 0; i < mistakes->n_lines; i++)
		if (mistakes->lines[i] >= from && mistakes->lines[i] <= to)
			return true;

	return false;
}

void menu_mistake(struct menu_mistakes *mistakes, unsigned int line,
	const char *format, ...)
{
	char sentence[512], place[32] = "", safe[512];
	char told[sizeof(safe) + MENU_URI_SIZE];
	va_list args;

	if (menu_mistakes_between(mistakes, line, line))
		return;
	if (++mistakes->n > MENU_MISTAKES_MAX)
		return;
	if (!mistakes->is_meaning && line != 0)
		mistakes->lines[mistakes->n_lines++] = line;

	va_start(args, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	/* It quotes a file that may hold anything. */
	text_printable(sentence, safe, sizeof(safe));
	if (line != 0)
		(void)snprintf(place, sizeof(place), ":%u", line);
	(void)snprintf(told, sizeof(told), "%.200s%s: %s", mistakes->path,
		place, safe);
	mistakes->tell(mistakes->userdata, told);
}

static void blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\n')
			*from = ' ';
}

/* Blanks a comment at @s->p.  Returns false if there is none. */
static bool skip_comment(struct scanner *s)
{
	char *end;

	if (s->p[0] == '#' || (s->p[0] == '/' && s->p[1] == '/')) {
		end = s->p + strcspn(s->p, "\n");
	} else if (s->p[0] == '/' && s->p[1] == '*') {
		end = strstr(s->p + 2, "*/");
		if (end == NULL) {
			menu_mistake(s->mistakes, s->line,
				"the comment that begins here never ends; "
				"close it with */");
			end = s->p + strlen(s->p);
		} else {
			end += 2;
		}
	} else {
		return false;
	}

	blank(s->p, end);
	while (s->p < end)
		if (*s->p++ == '\n')
			s->line++;
	return true;
}

/* A text in quotes.  What may not stand in it is blanked. */
static struct token scan_quoted(struct scanner *s)
{
	const char quote = *s->p;
	struct token token = { TOKEN_WORD, s->p + 1, 0, s->line };
	char *end = token.start;

	while (*end != quote && *end != '\n' && *end != '\0') {
		if ((unsigned char)*end < ' ' && *end != '\t') {
			menu_mistake(s->mistakes, s->line,
				"there is a control character (0x%02x) in the "
				"text in quotes; remove it",
				(unsigned int)*end);
			*end = '?';
		} else if (*end == '\\') {
			/* \0 and \x00 would cut the text unseen. */
			menu_mistake(s->mistakes, s->line,
				"a backslash means nothing in a menu; for "
				"quotes within quotes use '...\"...\"...'");
			*end = '?';
		} else if (end[0] == '$' && end[1] == '{') {
			menu_mistake(s->mistakes, s->line,
				"${...} is not filled in here; write out what "
				"it stands for");
			*end = '?';
		}
		end++;
	}
	token.len = (size_t)(end - token.start);
	if (*end != quote) {
		menu_mistake(s->mistakes, s->line,
			"the text in quotes does not end on its line; close it "
			"with %c",
			quote);
		/* Leaves a word, or nothing, and no open quote. */
		blank(s->p, end);
		if (token.len > 0)
			token.start[0] = '?';
		s->p = end;
		return token;
	}

	s->p = end + 1;
	if (token.len == 0) {
		/* As a key, libConfuse would stop at it without a word. */
		menu_mistake(s->mistakes, s->line,
			"the text in quotes is empty; write it, or leave the "
			"key out");
		token.start--;
		token.start[0] = token.start[1] = '?';
		token.len = 2;
	}
	return token;
}

static bool is_word(const char *p)
{
	/* libConfuse, too, takes // and / * for comments within a word. */
	if (p[0] == '/' && (p[1] == '/' || p[1] == '*'))
		return false;

	return isalnum((unsigned char)*p) ||
	       (*p != '\0' && strchr("_-.:/@", *p) != NULL);
}

static struct token scan_token(struct scanner *s)
{
	static const char marks[] = "{}=,";
	static const enum token_kind kinds[] = { TOKEN_OPEN, TOKEN_CLOSE,
		TOKEN_EQUALS, TOKEN_COMMA };

	for (; *s->p != '\0'; s->p++) {
		struct token token = { .kind = TOKEN_WORD };
		const char *mark;

		while (skip_comment(s))
			;
		if (*s->p == '\0')
			break;
		token.start = s->p;
		token.line = s->line;
		mark = strchr(marks, *s->p);
		if (*s->p == '\n') {
			s->line++;
		} else if (*s->p == '"' || *s->p == '\'') {
			return scan_quoted(s);
		} else if (mark != NULL) {
			token.kind = kinds[mark - marks];
			s->p++;
			return token;
		} else if (is_word(s->p)) {
			while (is_word(s->p))
				s->p++;
			token.len = (size_t)(s->p - token.start);
			return token;
		} else if (*s->p != ' ' && *s->p != '\t' && *s->p != '\r') {
			if (isgraph((unsigned char)*s->p))
				menu_mistake(s->mistakes, s->line,
					"\"%c\" cannot stand here; a text with "
					"such a character goes in quotes",
					*s->p);
			else
				menu_mistake(s->mistakes, s->line,
					"there is a byte (0x%02x) that cannot "
					"stand here; remove it",
					(unsigned int)(unsigned char)*s->p);
			*s->p = ' ';
		}
	}

	return (struct token){ TOKEN_END, s->p, 0, s->line };
}

static bool is_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

/* A section begins: not twice the same. */
static int add_head(struct checker *c, const struct token *brace)
{
	bool named = c->before[0].kind == TOKEN_WORD;
	const struct token *kind = &c->before[named ? 0 : 1];
	struct menu_head head = { kind->start, kind->len,
		named ? c->before[1].start : NULL, named ? c->before[1].len : 0,
		brace->line };

	if (c->before[1].kind != TOKEN_WORD) {
		menu_mistake(c->mistakes, brace->line,
			"a section needs its kind before the {, as in: car {");
		return MENU_E_INVALID;
	}
	if (c->heads->n == MENU_SECTIONS_MAX) {
		menu_mistake(c->mistakes, head.line,
			"there are too many sections; a menu has at most %d "
			"actions",
			MENU_ACTIONS_MAX);
		return MENU_E_INVALID;
	}
	for (size_t i = 0; i < c->heads->n; i++) {
		const struct menu_head *other = &c->heads->list[i];

		if (!is_same(head.kind, head.kind_len, other->kind,
			    other->kind_len) ||
			!is_same(head.name, head.name_len, other->name,
				other->name_len))
			continue;
		menu_mistake(c->mistakes, head.line,
			"%.*s%s%.*s is there twice, first in line %u; remove "
			"one or rename it",
			(int)head.kind_len, head.kind, named ? " " : "",
			(int)head.name_len, named ? head.name : "",
			other->line);
		break;
	}

	c->heads->list[c->heads->n++] = head;
	c->n_keys = 0;
	return 0;
}

/* Sees to it that no key stands twice in one section. */
static void add_key(struct checker *c, const struct token *key)
{
	for (size_t i = 0; i < c->n_keys; i++) {
		if (!is_same(key->start, key->len, c->keys[i].start,
			    c->keys[i].len))
			continue;
		menu_mistake(c->mistakes, key->line,
			"%.*s is set twice, first in line %u; remove one",
			(int)(key->len < 40 ? key->len : 40), key->start,
			c->keys[i].line);
		return;
	}
	if (c->n_keys < MENU_KEYS_MAX)
		c->keys[c->n_keys++] = *key;
}

static int check_open(struct checker *c, const struct token *brace)
{
	if (c->depth == 2) {
		menu_mistake(c->mistakes, brace->line,
			"the list that begins in line %u is not closed; a } is "
			"missing before",
			c->opened[1]);
		return MENU_E_INVALID;
	}
	if (c->depth == 1 && c->before[1].kind != TOKEN_EQUALS) {
		menu_mistake(c->mistakes, brace->line,
			"a section begins here, but the one of line %u is not "
			"closed; a } is missing before",
			c->opened[0]);
		return MENU_E_INVALID;
	}
	if (c->depth == 0) {
		int r = add_head(c, brace);

		if (r != 0)
			return r;
	}

	c->opened[c->depth++] = brace->line;
	return 0;
}

static int check_token(struct checker *c, const struct token *t)
{
	if (t->len >= MENU_URI_SIZE) {
		menu_mistake(c->mistakes, t->line,
			"this text is too long; at most %d characters",
			MENU_URI_SIZE - 1);
		return MENU_E_INVALID;
	}
	if (t->kind == TOKEN_OPEN)
		return check_open(c, t);
	if (t->kind == TOKEN_CLOSE && c->depth > 0)
		c->depth--;
	else if (t->kind == TOKEN_CLOSE) {
		menu_mistake(c->mistakes, t->line,
			"this } closes nothing; remove it");
		*t->start = ' ';
	} else if (t->kind == TOKEN_EQUALS && c->depth == 2) {
		/* A key follows: the list above it lacks its brace. */
		menu_mistake(c->mistakes, t->line,
			"the list that begins in line %u is not closed; a } is "
			"missing before",
			c->opened[1]);
		return MENU_E_INVALID;
	} else if (t->kind == TOKEN_EQUALS && c->before[1].kind == TOKEN_WORD) {
		add_key(c, &c->before[1]);
	}

	return 0;
}

int menu_text_check(
	char *text, struct menu_mistakes *mistakes, struct menu_heads *ret)
{
	struct scanner s = { .p = text, .line = 1, .mistakes = mistakes };
	struct checker c = { .mistakes = mistakes, .heads = ret };
	struct token t;
	int r;

	ret->n = 0;
	while ((t = scan_token(&s)).kind != TOKEN_END) {
		r = check_token(&c, &t);
		if (r != 0)
			return r;
		c.before[0] = c.before[1];
		c.before[1] = t;
	}
	if (c.depth > 0) {
		menu_mistake(mistakes, c.opened[0],
			"the section that begins here is never closed; add a "
			"} at its end");
		return MENU_E_INVALID;
	}

	return 0;
}

bool menu_text_blank(char *text, unsigned int line)
{
	unsigned int depth = 0;
	bool changed = false;
	char quote = '\0';
	char *p = text;

	while (line > 1 && *p != '\0')
		if (*p++ == '\n')
			line--;
	for (; *p != '\0'; p++) {
		if (*p == '\n') {
			if (depth == 0)
				break;
			continue;
		}
		if (quote != '\0') {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
		} else if (*p == '{') {
			depth++;
		} else if (*p == '}') {
			/* It closes the section around the statement. */
			if (depth == 0)
				continue;
			depth--;
		}
		changed = changed || !isspace((unsigned char)*p);
		*p = ' ';
	}

	return changed;
}

unsigned int menu_text_line(
	const struct menu_heads *heads, const char *kind, const char *name)
{
	for (size_t i = 0; i < heads->n; i++) {
		const struct menu_head *head = &heads->list[i];

		if (is_same(kind, strlen(kind), head->kind, head->kind_len) &&
			(name == NULL || is_same(name, strlen(name), head->name,
						 head->name_len)))
			return head->line;
	}

	return 0;
}

/* Levenshtein's distance, of words that fit. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[MENU_NAME_SIZE];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len >= MENU_NAME_SIZE || b_len >= MENU_NAME_SIZE)
		return UINT_MAX;

	for (unsigned int j = 0; j <= b_len; j++)
		row[j] = j;
	for (unsigned int i = 1; i <= a_len; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned int change =
				diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);

			diagonal = row[j];
			if (row[j] + 1 < change)
				change = row[j] + 1;
			if (row[j - 1] + 1 < change)
				change = row[j - 1] + 1;
			row[j] = change;
		}
	}

	return row[b_len];
}

void menu_text_nearest(const char *word, const char *candidate,
	const char **best, unsigned int *best_distance)
{
	unsigned int d = distance(word, candidate);

	/* A third of the letters wrong is another word. */
	if (d >= *best_distance || d > strlen(candidate) / 3 + 1)
		return;

	*best_distance = d;
	*best = candidate;
}
