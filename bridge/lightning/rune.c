/* SPDX-License-Identifier: MIT */

#include "lightning/rune.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lightning/cipher.h"
#include "util/bytes.h"
#include "util/file.h"

enum {
	KEY_TEXT_SIZE = HEX_SIZE(sizeof(struct secret32)),
	RUNE_MIN = 44, /* 32 bytes in base64, without a restriction */
	/* Codes of commando itself: lightning 5. */
	CODE_REMOTE = 0x4c50,
	CODE_AUTH = 0x4c51,
};

static _printf_(3, 4) int fail(
	int r, char why[static RUNE_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, RUNE_WHY_SIZE, format, args);
	va_end(args);
	return r;
}

/* Wipes and frees what file_read_secret() gave. */
struct text {
	char *data;
	size_t len;
};

static void text_wipep(struct text *text)
{
	if (text->data != NULL)
		secret_wipe(text->data, text->len);
	free(text->data);
}

/* A file's only line, without its end. */
static int read_line(const char *path, mode_t forbidden, struct text *ret)
{
	int r;

	r = file_read_secret(
		path, forbidden, RUNE_SIZE - 1, &ret->data, &ret->len);
	while (r == 0 && ret->len > 0 &&
		strchr(" \t\r\n", ret->data[ret->len - 1]) != NULL)
		ret->data[--ret->len] = '\0';
	return r;
}

/* Base64url: it goes into JSON as it is. */
static bool is_rune(const struct text *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-_=";

	return text->len >= RUNE_MIN &&
	       strspn(text->data, letters) == text->len;
}

int rune_load(
	const char *path, struct rune *ret, char why[static RUNE_WHY_SIZE])
{
	_cleanup_(text_wipep) struct text text = { 0 };
	int r;

	r = read_line(path, 0027, &text);
	if (r == FILE_E_TOO_OPEN)
		return fail(-EPERM, why,
			"the rune in %s may be read by everybody, or written "
			"by its group: chmod 640 it, and if others may have "
			"read it, blacklist it and make a new one",
			path);
	if (r == FILE_E_TOO_BIG)
		return fail(-EINVAL, why,
			"the rune in %s is too long to be one", path);
	if (r == -ENOENT)
		return fail(r, why,
			"the rune in %s is not there: make one at the node "
			"with lightning-cli createrune",
			path);
	if (r == -EACCES)
		return fail(r, why,
			"the rune in %s may not be read by this user: let it "
			"belong to root and the group _1sat2flash, mode 640",
			path);
	if (r < 0)
		return fail(r, why, "the rune in %s cannot be read: %s", path,
			strerror(-r));
	if (!is_rune(&text))
		return fail(-EINVAL, why,
			"the rune in %s is none: write there what "
			"lightning-cli createrune gives as \"rune\", and "
			"nothing else",
			path);

	memcpy(ret->text, text.data, text.len + 1);
	return 0;
}

static int make_key(const char *path, char why[static RUNE_WHY_SIZE])
{
	_cleanup_(secret32_wipep) struct secret32 key = { 0 };
	char text[KEY_TEXT_SIZE], id[67];
	int r = 0;

	/* A number beyond the curve's order is next to impossible. */
	do {
		if (getrandom(key.bytes, sizeof(key.bytes), 0) !=
			(ssize_t)sizeof(key.bytes))
			r = -errno;
	} while (r == 0 && rune_key_id(&key, id) > 0);
	if (r == 0) {
		hex_encode(key.bytes, sizeof(key.bytes), text);
		text[sizeof(text) - 1] = '\n';
		r = file_create(path, 0600, text, sizeof(text));
		secret_wipe(text, sizeof(text));
	}
	/* Another one of ours was faster: that key it is. */
	if (r == FILE_E_EXISTS)
		r = 0;
	if (r < 0)
		return fail(r, why,
			"our key for the node cannot be made in %s: %s", path,
			strerror(-r));

	return 0;
}

static int read_key(
	const char *path, struct secret32 *ret, char why[static RUNE_WHY_SIZE])
{
	_cleanup_(text_wipep) struct text text = { 0 };
	_cleanup_(secret32_wipep) struct secret32 key = { 0 };
	char id[67];
	int r;

	r = read_line(path, 0077, &text);
	if (r == FILE_E_TOO_OPEN)
		return fail(-EPERM, why,
			"our key for the node in %s may be used by others: "
			"chmod 600 it, or remove it, and a new one is made",
			path);
	if (r < 0)
		return fail(r, why,
			"our key for the node in %s cannot be read: %s", path,
			strerror(-r));
	if (r == 0 && hex_decode(text.data, key.bytes, sizeof(key.bytes)) < 0)
		r = CIPHER_E_KEY;
	if (r == 0)
		r = rune_key_id(&key, id);
	if (r < 0)
		return fail(r, why, "our key for the node in %s: %s", path,
			strerror(-r));
	if (r != 0)
		return fail(-EINVAL, why,
			"our key for the node in %s is none: remove it, and a "
			"new one is made",
			path);

	*ret = key;
	return 0;
}

int rune_load_key(
	const char *path, struct secret32 *ret, char why[static RUNE_WHY_SIZE])
{
	int r;

	r = read_key(path, ret, why);
	if (r != -ENOENT)
		return r;
	r = make_key(path, why);
	return r < 0 ? r : read_key(path, ret, why);
}

int rune_key_id(const struct secret32 *key, char ret[static 67])
{
	_cleanup_(cipher_freep) struct cipher *cipher = NULL;
	uint8_t point[CIPHER_POINT_SIZE];
	int r;

	r = cipher_new(key, &cipher);
	if (r == 0)
		r = cipher_public(cipher, key, point);
	if (r == 0)
		hex_encode(point, sizeof(point), ret);
	return r;
}

/* Behind @prefix, if @text begins with it; else NULL. */
static const char *behind(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

int rune_explain(int code, const char *message, const char *path,
	const char *method, char ret[static RUNE_WHY_SIZE])
{
	char safe[RUNE_WHY_SIZE / 2];
	const char *rest, *what;

	if (code != CODE_AUTH &&
		(code != CODE_REMOTE || strstr(message, "rune") == NULL))
		return -ENOENT;

	/* As the node says it: "Invalid rune: Not permitted: method is ..." */
	rest = behind(message, "Invalid rune: ");
	text_printable(rest == NULL ? message : rest, safe, sizeof(safe));
	what = behind(safe, "Not permitted: ");
	if (what == NULL)
		(void)snprintf(ret, RUNE_WHY_SIZE,
			"the node does not take the rune in %.100s: %s", path,
			safe);
	else if (behind(what, "method ") != NULL)
		(void)snprintf(ret, RUNE_WHY_SIZE,
			"the rune in %.100s does not permit the method %s (%s)",
			path, method, what);
	else if (behind(what, "id ") != NULL)
		(void)snprintf(ret, RUNE_WHY_SIZE,
			"the rune in %.100s is for another key than ours (%s)",
			path, what);
	else
		(void)snprintf(ret, RUNE_WHY_SIZE,
			"the rune in %.100s does not permit %s like this: %s",
			path, method, what);
	return 0;
}
