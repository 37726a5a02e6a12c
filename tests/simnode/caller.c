/* SPDX-License-Identifier: MIT */

#include "caller.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "util/bytes.h"
#include "xk.h"

enum {
	MESSAGE_INIT = 16,
	MESSAGE_PING = 18,
	MESSAGE_PONG = 19,
	ASK_PART = 0x4c4d,
	ASK_LAST = 0x4c4f,
	ANSWER_PART = 0x594b,
	ANSWER_LAST = 0x594d,
	CHUNK = 65000,
	PONG_LEN = 8, /* what our ping asks for */
	REQUESTS_MAX = 64,
	ERROR_REMOTE = 0x4c50,
	ERROR_RUNE = 0x4c51,
};

struct request {
	json_t *object;
	uint64_t number;
};

struct caller {
	const struct caller_config *config;
	struct xk xk;
	int acts; /* done */
	bool greeted;

	uint8_t in[XK_SEALED_MAX];
	size_t have, want;
	bool in_body;

	char *asked; /* what came of a request */
	size_t asked_len;
	uint64_t asking; /* its number */
	bool is_half;    /* there is more to come of it */
	bool is_over;    /* it is too long: nobody answers */

	struct request requests[REQUESTS_MAX];
	size_t n_requests;
};

int caller_id(const struct secret32 *key, char ret[static NODE_ID_SIZE])
{
	uint8_t point[CIPHER_POINT_SIZE];
	struct cipher *cipher;
	int r;

	r = cipher_new(key, &cipher);
	if (r < 0)
		return r;
	r = cipher_public(cipher, key, point);
	(void)cipher_free(cipher);
	if (r != 0)
		return -EINVAL;

	hex_encode(point, sizeof(point), ret);
	return 0;
}

int caller_new(const struct caller_config *config, struct caller **ret)
{
	struct caller *caller = calloc(1, sizeof(*caller));
	struct secret32 ephemeral;
	int r;

	if (caller == NULL)
		return -ENOMEM;
	(void)!getrandom(ephemeral.bytes, sizeof(ephemeral.bytes), 0);
	r = xk_init(&caller->xk, &config->key, &ephemeral);
	if (r < 0) {
		(void)caller_free(caller);
		return r;
	}

	caller->config = config;
	caller->want = XK_ACT1_SIZE;
	*ret = caller;
	return 0;
}

/* What has come of a request is lost, or whole. */
static void forget_half(struct caller *caller)
{
	struct caller_halves *halves;
	size_t i = 0;

	caller->asked_len = 0;
	caller->is_over = false;
	if (!caller->is_half)
		return;
	caller->is_half = false;
	halves = caller->config->halves;
	while (halves->callers[i] != caller)
		i++;
	halves->n--;
	memmove(&halves->callers[i], &halves->callers[i + 1],
		(halves->n - i) * sizeof(halves->callers[0]));
}

static void begin_half(struct caller *caller)
{
	struct caller_halves *halves = caller->config->halves;

	if (halves->n == CALLER_HALVES_MAX)
		forget_half(halves->callers[0]);
	halves->callers[halves->n++] = caller;
	caller->is_half = true;
}

struct caller *caller_free(struct caller *caller)
{
	if (caller == NULL)
		return NULL;

	forget_half(caller);
	for (size_t i = 0; i < caller->n_requests; i++)
		json_decref(caller->requests[i].object);
	xk_deinit(&caller->xk);
	free(caller->asked);
	free(caller);
	return NULL;
}

/* Room for @len bytes more at the end of @text. */
static uint8_t *grow(struct text *text, size_t len)
{
	char *more = realloc(text->data, text->len + len);

	if (more == NULL)
		return NULL;
	text->data = more;
	text->len += len;
	return (uint8_t *)more + text->len - len;
}

static bool say(struct caller *caller, const uint8_t *message, size_t len,
	struct text *out)
{
	uint8_t *sealed = grow(out, len + 34);

	return sealed != NULL &&
	       xk_seal(&caller->xk, message, len, sealed) == 0;
}

/* A node has features, and says more than anybody asked for. */
static bool greet(struct caller *caller, struct text *out)
{
	static const uint8_t init[] = { 0, MESSAGE_INIT, 0, 2, 0x22, 0x00, 0, 8,
		0x80, 0x88, 0xa0, 0x88, 0x2a, 0x0a, 0x69, 0xa2 };
	static const uint8_t gossip[] = { 1, 0, 0xde, 0xad, 0xbe, 0xef };
	static const uint8_t strange[] = { 0x80, 1, 0xca, 0xfe };
	static const uint8_t ping[] = { 0, MESSAGE_PING, 0, PONG_LEN, 0, 2, 0,
		0 };

	return say(caller, init, sizeof(init), out) &&
	       say(caller, gossip, sizeof(gossip), out) &&
	       say(caller, strange, sizeof(strange), out) &&
	       say(caller, ping, sizeof(ping), out);
}

static bool on_act(struct caller *caller, struct text *out)
{
	uint8_t *act2;

	if (caller->acts++ == 0) {
		act2 = grow(out, XK_ACT2_SIZE);
		caller->want = XK_ACT3_SIZE;
		return act2 != NULL &&
		       xk_act1(&caller->xk, caller->in, act2) == 0;
	}
	caller->want = XK_HEAD_SIZE;
	return xk_act3(&caller->xk, caller->in) == 0 && greet(caller, out);
}

static bool append(struct caller *caller, const uint8_t *bytes, size_t len)
{
	char *more = realloc(caller->asked, caller->asked_len + len + 1);

	if (more == NULL)
		return false;
	memcpy(more + caller->asked_len, bytes, len);
	caller->asked = more;
	caller->asked_len += len;
	return true;
}

static bool on_request_part(
	struct caller *caller, const uint8_t *body, size_t len, bool is_last)
{
	uint64_t number = 0;
	json_error_t error;
	json_t *object;

	if (len < 8)
		return false;
	for (int i = 0; i < 8; i++)
		number = number << 8 | body[i];
	/* A new one ends what was not whole. */
	if (number != caller->asking)
		forget_half(caller);
	if (!caller->is_half)
		begin_half(caller);
	caller->asking = number;
	caller->is_over = caller->is_over ||
			  caller->asked_len + len - 8 > CALLER_REQUEST_MAX;
	if (!caller->is_over && !append(caller, body + 8, len - 8))
		return false;
	if (!is_last)
		return true;
	if (caller->is_over) {
		forget_half(caller);
		return true;
	}

	object = json_loadb(caller->asked, caller->asked_len,
		JSON_REJECT_DUPLICATES, &error);
	forget_half(caller);
	if (!json_is_object(object) || caller->n_requests == REQUESTS_MAX) {
		json_decref(object);
		return false;
	}
	caller->requests[caller->n_requests++] =
		(struct request){ object, number };
	return true;
}

static bool on_ping(struct caller *caller, const uint8_t *body, size_t len,
	struct text *out)
{
	uint8_t pong[4] = { 0, MESSAGE_PONG, 0, 0 };

	/* Longer pongs nobody asks for here. */
	return len >= 4 && get_be16(body) == 0 &&
	       say(caller, pong, sizeof(pong), out);
}

static bool on_message(struct caller *caller, const uint8_t *message,
	size_t len, struct text *out)
{
	unsigned int type;

	if (len < 2)
		return false;
	type = get_be16(message);
	message += 2;
	len -= 2;
	if (!caller->greeted) {
		caller->greeted = type == MESSAGE_INIT && len >= 4;
		return caller->greeted;
	}
	switch (type) {
	case MESSAGE_PING:
		return on_ping(caller, message, len, out);
	case MESSAGE_PONG:
		return len == 2 + PONG_LEN && get_be16(message) == PONG_LEN;
	case ASK_PART:
	case ASK_LAST:
		return on_request_part(caller, message, len, type == ASK_LAST);
	default:
		return type % 2 == 1;
	}
}

/* @want bytes are there. */
static bool on_whole(struct caller *caller, struct text *out)
{
	size_t len;

	if (caller->acts < 2)
		return on_act(caller, out);
	if (!caller->in_body) {
		if (xk_open_head(&caller->xk, caller->in, &len) != 0)
			return false;
		caller->want = len + 16;
		caller->in_body = true;
		return true;
	}

	len = caller->want - 16;
	caller->want = XK_HEAD_SIZE;
	caller->in_body = false;
	return xk_open_body(&caller->xk, caller->in, len) == 0 &&
	       on_message(caller, caller->in, len, out);
}

bool caller_take(struct caller *caller, const uint8_t *bytes, size_t len,
	struct text *out)
{
	for (size_t i = 0; i < len; i++) {
		caller->in[caller->have++] = bytes[i];
		if (caller->have < caller->want)
			continue;
		caller->have = 0;
		if (!on_whole(caller, out))
			return false;
	}

	return true;
}

json_t *caller_next(struct caller *caller, uint64_t *ret_number)
{
	struct request first;

	if (caller->n_requests == 0)
		return NULL;
	first = caller->requests[0];
	memmove(caller->requests, caller->requests + 1,
		--caller->n_requests * sizeof(first));
	*ret_number = first.number;
	return first.object;
}

/* As commando writes its own errors: without an id, and not escaped. */
static bool refuse(struct text *text, int code, const char *message)
{
	int len = asprintf(&text->data,
		"{\"error\":{\"code\":%d,\"message\":\"%s\"}}", code, message);

	text->len = len < 0 ? 0 : (size_t)len;
	if (len < 0)
		text->data = NULL;
	return false;
}

/* Each method of the list, and why it is not the one; else NULL. */
static char *complain(const char *methods, const char *method)
{
	size_t n = strlen(method);
	char *why = NULL;

	for (const char *at = methods; at != NULL;
		at = strchr(at, ',') == NULL ? NULL : strchr(at, ',') + 1) {
		size_t len = strcspn(at, ",");
		char *longer;

		if (len == n && strncmp(at, method, n) == 0) {
			free(why);
			return NULL;
		}
		if (asprintf(&longer, "%s%smethod is not equal to %.*s",
			    why == NULL ? "" : why, why == NULL ? "" : " AND ",
			    (int)len, at) < 0)
			longer = NULL;
		free(why);
		why = longer;
	}

	return why;
}

bool caller_permits(
	const struct caller *caller, const json_t *request, struct text *text)
{
	const char *rune = node_text(request, "rune");
	const char *method = node_text(request, "method");
	_cleanup_(freep) char *why = NULL;
	_cleanup_(freep) char *message = NULL;

	if (method == NULL)
		return refuse(text, ERROR_REMOTE, "No method");
	if (json_object_get(request, "id") == NULL)
		return refuse(text, ERROR_REMOTE, "missing id field");
	if (rune == NULL)
		return refuse(text, ERROR_REMOTE, "Missing rune");
	if (caller->config->rune != NULL &&
		strcmp(rune, caller->config->rune) != 0)
		return refuse(text, ERROR_RUNE,
			"Invalid rune: Not authorized: Not derived from "
			"master");
	if (caller->config->methods != NULL)
		why = complain(caller->config->methods, method);
	if (why == NULL)
		return true;

	if (asprintf(&message, "Invalid rune: Not permitted: %s", why) < 0)
		message = NULL;
	return refuse(text, ERROR_RUNE, message == NULL ? "" : message);
}

bool caller_seal(struct caller *caller, struct text *text)
{
	enum {
		HEAD = 2 + 8,
		OVERHEAD = HEAD + 34,
	};
	struct text sealed = { .number = text->number, .is_cut = text->is_cut };
	size_t parts = text->len / CHUNK + 1, at = 0, n;
	uint8_t message[HEAD + CHUNK];
	bool ok;

	/* All at once: an answer may have many megabytes. */
	sealed.data = malloc(text->len + parts * OVERHEAD);
	ok = sealed.data != NULL;
	do {
		n = text->len - at > CHUNK ? CHUNK : text->len - at;
		put_be16(message,
			at + n < text->len ? ANSWER_PART : ANSWER_LAST);
		put_be32(message + 2, (uint32_t)(text->number >> 32));
		put_be32(message + 6, (uint32_t)text->number);
		memcpy(message + HEAD, text->data + at, n);
		at += n;
		ok = ok && xk_seal(&caller->xk, message, HEAD + n,
				   (uint8_t *)sealed.data + sealed.len) == 0;
		sealed.len += n + OVERHEAD;
	} while (ok && at < text->len);

	free(text->data);
	*text = sealed;
	return ok;
}
