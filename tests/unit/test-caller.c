/* SPDX-License-Identifier: MIT */

#include "simnode/caller.h"

#include <string.h>

#include "lightning/commando.h"
#include "lightning/noise.h"
#include "lightning/peer.h"
#include "test.h"
#include "util/bytes.h"

/* Who dials, and how the node sees him. */
struct line {
	struct caller *caller;
	struct noise *noise;
};

static struct caller_halves halves;
static struct caller_config config = { .halves = &halves };

static bool send(struct line *line, const uint8_t *message, size_t len)
{
	static uint8_t sealed[NOISE_MESSAGE_MAX + NOISE_OVERHEAD];
	struct text out = { 0 };
	bool ok;

	cr_assert_eq(noise_seal(line->noise, message, len, sealed), 0);
	ok = caller_take(line->caller, sealed, len + NOISE_OVERHEAD, &out);
	free(out.data);
	return ok;
}

/* Shakes hands, and greets. */
static void dial(struct line *line)
{
	uint8_t act1[NOISE_ACT1_SIZE], act3[NOISE_ACT3_SIZE];
	uint8_t init[PEER_INIT_SIZE];
	char id[NODE_ID_SIZE];
	struct noise_keys keys;
	struct text out = { 0 };

	memset(&config.key, 7, sizeof(config.key));
	memset(&keys, 9, sizeof(keys));
	cr_assert_eq(caller_id(&config.key, id), 0);
	cr_assert_eq(hex_decode(id, keys.node, sizeof(keys.node)), 0);
	cr_assert_eq(caller_new(&config, &line->caller), 0);
	cr_assert_eq(noise_new(&keys, &line->noise, act1), 0);
	cr_assert(caller_take(line->caller, act1, sizeof(act1), &out));
	cr_assert_eq(out.len, NOISE_ACT2_SIZE);
	cr_assert_eq(
		noise_answer(line->noise, (const uint8_t *)out.data, act3), 0);
	cr_assert(caller_take(line->caller, act3, sizeof(act3), &out));
	free(out.data);
	peer_init_message(init);
	cr_assert(send(line, init, sizeof(init)));
}

static void hang_up(struct line *line)
{
	line->caller = caller_free(line->caller);
	line->noise = noise_free(line->noise);
}

/* A part of request @number; the last if @is_last. */
static bool send_part(
	struct line *line, uint64_t number, const char *text, bool is_last)
{
	static uint8_t part[COMMANDO_PART_MAX];
	size_t len;

	(void)commando_part(number, text, strlen(text), part, &len);
	put_be16(part, is_last ? 0x4c4f : 0x4c4d);
	return send(line, part, len);
}

static void assert_next(struct line *line, uint64_t number, const char *method)
{
	uint64_t got = 0;
	json_t *request = caller_next(line->caller, &got);

	cr_assert_not_null(request);
	cr_assert_eq(got, number);
	cr_assert(node_text_is(request, "method", method));
	json_decref(request);
}

TEST(caller, a_request_comes_in_parts)
{
	struct line line;
	uint64_t number;

	dial(&line);
	cr_assert(send_part(&line, 1, "{\"method\":", false));
	cr_assert_null(caller_next(line.caller, &number));
	cr_assert(send_part(&line, 1, "\"a\"}", true));
	assert_next(&line, 1, "a");
	cr_assert_eq(halves.n, 0);
	hang_up(&line);
}

TEST(caller, a_new_request_ends_one_that_is_not_whole)
{
	struct line line;

	dial(&line);
	cr_assert(send_part(&line, 1, "{\"method\":", false));
	cr_assert(send_part(&line, 2, "{\"method\":\"b\"}", true));
	assert_next(&line, 2, "b");
	/* The rest of the first is no request. */
	cr_assert_not(send_part(&line, 1, "\"a\"}", true));
	hang_up(&line);
	cr_assert_eq(halves.n, 0);
}

TEST(caller, the_oldest_of_too_many_halves_is_lost)
{
	struct line lines[CALLER_HALVES_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		dial(&lines[i]);
		cr_assert(send_part(&lines[i], i, "{\"method\":", false));
	}
	cr_assert_eq(halves.n, CALLER_HALVES_MAX);
	for (size_t i = 1; i < ARRAY_SIZE(lines); i++) {
		cr_assert(send_part(&lines[i], i, "\"a\"}", true));
		assert_next(&lines[i], i, "a");
	}
	cr_assert_not(send_part(&lines[0], 0, "\"a\"}", true));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		hang_up(&lines[i]);
}

TEST(caller, a_request_that_is_too_long_has_no_answer)
{
	static char text[COMMANDO_CHUNK_MAX + 1];
	struct line line;
	uint64_t number;

	dial(&line);
	memset(text, ' ', sizeof(text) - 1);
	for (size_t i = 0; i <= CALLER_REQUEST_MAX / COMMANDO_CHUNK_MAX; i++)
		cr_assert(send_part(&line, 1, text, false));
	cr_assert(send_part(&line, 1, "{}", false));
	cr_assert(send_part(&line, 1, "{}", true));
	cr_assert_null(caller_next(line.caller, &number));
	cr_assert(send_part(&line, 2, "{\"method\":\"b\"}", true));
	assert_next(&line, 2, "b");
	hang_up(&line);
}
