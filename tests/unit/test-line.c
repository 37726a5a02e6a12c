/* SPDX-License-Identifier: MIT */

/* The way to a node elsewhere; the unix socket has test-rpc.c. */

#include "lightning/line.h"

#include <sys/stat.h>

#include "far-node.h"
#include "faults.h"

static struct line *line;

static struct {
	int n_up, n_down, n_bytes, n_too_big;
	uint64_t number;
	char why[LINE_WHY_SIZE];
	char text[200];
	bool closes; /* the owner closes when it is given bytes */
} seen;

static void on_up(void *userdata)
{
	(void)userdata;
	seen.n_up++;
}

static void on_down(void *userdata, const char *why)
{
	(void)userdata;
	seen.n_down++;
	(void)snprintf(seen.why, sizeof(seen.why), "%s", why);
}

static void on_bytes(
	void *userdata, uint64_t number, const char *bytes, size_t len)
{
	(void)userdata;
	seen.n_bytes++;
	seen.number = number;
	(void)snprintf(seen.text, sizeof(seen.text), "%.*s", (int)len, bytes);
	if (seen.closes)
		line_close(line);
}

static void on_too_big(void *userdata)
{
	(void)userdata;
	seen.n_too_big++;
}

static const struct line_ops line_ops = {
	.up = on_up,
	.down = on_down,
	.bytes = on_bytes,
	.too_big = on_too_big,
};

static void begin(void)
{
	far_init();
	memset(&seen, 0, sizeof(seen));
	cr_assert_eq(
		line_new(far_event, &far_config, &line_ops, NULL, &line), 0);
	line_open(line);
}

static void begin_up(void)
{
	begin();
	far_connect();
	cr_assert_eq(seen.n_up, 1);
}

static void end(void)
{
	line = line_free(line);
	far_deinit();
	far_config.proxy.port = 0;
}

static void assert_down(const char *why)
{
	char where[ENDPOINT_TEXT_SIZE];

	far_wait(&seen.n_down);
	cr_assert_eq(seen.n_down, 1);
	cr_assert_not_null(strstr(seen.why, why), "%s", seen.why);
	endpoint_print(&far_config.node, where);
	cr_assert_not_null(strstr(seen.why, where), "%s", seen.why);
}

TEST(line, greetings_are_exchanged_before_it_is_up)
{
	begin();
	far_shake();
	cr_assert_eq(seen.n_up, 0);
	far_say("\0\x10\0\0\0\0", 6);
	cr_assert_eq(seen.n_up, 1);
	cr_assert_eq(seen.n_down, 0);
	end();
}

TEST(line, a_request_goes_with_the_rune)
{
	char request[300];
	uint64_t number;

	begin_up();
	cr_assert_eq(line_send(line, 7, "{\"id\":\"x\"}", 10), 0);
	number = far_take(request, sizeof(request));
	cr_assert_str_eq(request, "{\"rune\":\"" FAR_RUNE "\",\"id\":\"x\"}");
	far_reply(0x594b, number, "{\"id\":", 6);
	cr_assert_eq(seen.n_bytes, 0);
	far_reply(0x594d, number, "\"x\"}", 4);
	cr_assert_eq(seen.n_bytes, 1);
	cr_assert_eq(seen.number, 7);
	cr_assert_str_eq(seen.text, "{\"id\":\"x\"}");
	end();
}

TEST(line, numbers_are_not_those_of_a_process_before)
{
	char request[300];
	uint64_t first, second;

	begin_up();
	cr_assert_eq(line_send(line, 1, "{}", 2), 0);
	first = far_take(request, sizeof(request));
	end();
	begin_up();
	cr_assert_eq(line_send(line, 1, "{}", 2), 0);
	second = far_take(request, sizeof(request));
	cr_assert_neq(first, second);
	/* What was asked before is answered only now. */
	far_reply(0x594d, first, "old", 3);
	cr_assert_eq(seen.n_bytes, 0);
	cr_assert_eq(seen.n_down, 0);
	far_reply(0x594d, second, "new", 3);
	cr_assert_str_eq(seen.text, "new");
	end();
}

TEST(line, the_node_knows_us_by_one_key)
{
	uint8_t first[CIPHER_POINT_SIZE];
	struct stat st;

	begin_up();
	memcpy(first, peer_xk.caller, sizeof(first));
	cr_assert_eq(stat(far_key, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	line_close(line);
	fd_closep(&far_fd);
	peer_deinit();
	line_open(line);
	far_connect();
	cr_assert_eq(seen.n_up, 2);
	cr_assert_arr_eq(first, peer_xk.caller, sizeof(first));
	end();
}

TEST(line, a_node_that_is_another_is_named)
{
	uint8_t act2[XK_ACT2_SIZE];

	begin();
	far_answer(act2);
	act2[XK_ACT2_SIZE - 1] ^= 1;
	far_write(act2, sizeof(act2));
	assert_down("is not the one with the id 028d7500dd4c...");
	cr_assert_eq(seen.n_up, 0);
	end();
	begin();
	far_answer(act2);
	act2[0] = 9;
	far_write(act2, sizeof(act2));
	assert_down("speaks no BOLT 8");
	end();
}

TEST(line, a_node_that_hangs_up_at_act_one_is_named)
{
	begin();
	far_accept();
	fd_closep(&far_fd);
	assert_down("hung up at once: it has not the id 028d7500dd4c...");
	end();
}

TEST(line, a_node_that_stalls_is_given_up)
{
	uint8_t act2[XK_ACT2_SIZE];

	begin();
	far_accept();
	far_pass(45 * 1000 - 1);
	cr_assert_eq(seen.n_down, 0);
	far_pass(1);
	assert_down("did not answer in 45 s");
	end();
	/* In the middle of an act; behind it. */
	begin();
	far_answer(act2);
	far_write(act2, 49);
	far_pass(45 * 1000);
	assert_down("did not answer in 45 s");
	end();
	begin();
	far_shake();
	far_pass(45 * 1000);
	assert_down("did not answer in 45 s");
	end();
}

TEST(line, silence_is_broken_by_a_ping)
{
	uint8_t message[XK_BODY_MAX];

	begin_up();
	for (int i = 0; i < 3; i++) {
		far_pass(25 * 1000 - 1);
		cr_assert(far_is_empty());
		far_pass(1);
		cr_assert_eq(far_hear(message), 6);
		cr_assert_arr_eq(message, "\0\x12\0\0\0\0", 6);
		far_pass(19 * 1000);
		far_say("\0\x13\0\0", 4);
	}
	cr_assert_eq(seen.n_down, 0);
	far_pass(25 * 1000);
	far_pass(20 * 1000 - 1);
	cr_assert_eq(seen.n_down, 0);
	far_pass(1);
	assert_down("has stopped to answer");
	end();
}

TEST(line, a_ping_is_answered)
{
	uint8_t message[XK_BODY_MAX];

	begin_up();
	far_say("\0\x12\0\x03\0\0", 6);
	cr_assert_eq(far_hear(message), 7);
	cr_assert_arr_eq(message, "\0\x13\0\x03\0\0\0", 7);
	far_say("\0\x12\xff\xff\0\0", 6);
	cr_assert(far_is_empty());
	cr_assert_eq(seen.n_down, 0);
	end();
}

/* As many as it likes: what is not read is bounded, and then all of it. */
TEST(line, a_node_that_asks_and_does_not_read_is_left)
{
	begin_up();
	for (int i = 0; i < 5000 && seen.n_down == 0; i++)
		far_say("\0\x12\xff\xfb\0\0", 6);
	assert_down("does not read the answers");
	end();
}

TEST(line, a_flood_of_what_concerns_others_is_passed_over)
{
	uint8_t gossip[2000] = { 1, 1 };
	char request[300];
	uint64_t number;

	begin_up();
	cr_assert_eq(line_send(line, 1, "{}", 2), 0);
	number = far_take(request, sizeof(request));
	for (int i = 0; i < 1200; i++)
		far_say(gossip, sizeof(gossip));
	far_reply(0x594d, number, "{}", 2);
	cr_assert_str_eq(seen.text, "{}");
	cr_assert_eq(seen.n_down, 0);
	end();
}

TEST(line, what_is_forged_ends_it)
{
	uint8_t sealed[40];

	for (size_t at = 0; at < 36; at += 5) {
		begin_up();
		cr_assert_eq(
			xk_seal(&peer_xk, (const uint8_t *)"\1\1", 2, sealed),
			0);
		sealed[at] ^= 4;
		far_write(sealed, 36);
		assert_down("sent something forged");
		end();
	}
}

TEST(line, an_end_in_mid_message_is_an_end)
{
	uint8_t sealed[40];

	begin_up();
	cr_assert_eq(
		xk_seal(&peer_xk, (const uint8_t *)"\1\1xx", 4, sealed), 0);
	far_write(sealed, 30);
	fd_closep(&far_fd);
	assert_down("hung up");
	end();
}

TEST(line, what_the_node_complains_of_is_told)
{
	uint8_t error[2 + 32 + 2 + 8] = { 0, 17 };

	begin_up();
	put_be16(error + 34, 8);
	memcpy(error + 36, "not you!", 8);
	far_say(error, sizeof(error));
	assert_down("ends the connection: not you!");
	end();
	begin();
	far_shake();
	error[1] = 1;
	far_say(error, sizeof(error));
	cr_assert_eq(seen.n_down, 0);
	fd_closep(&far_fd);
	assert_down("warned, \"not you!\", and hung up");
	end();
}

TEST(line, what_may_not_be_passed_over_ends_it)
{
	begin_up();
	far_say("\0\x20", 2);
	assert_down("sent a message of type 32");
	end();
	begin();
	far_shake();
	far_say("\0\x12\0\0\0\0", 6);
	assert_down("sent something before its greeting");
	end();
	begin_up();
	far_say("\x59\x4d"
		"123",
		5);
	assert_down("sent a reply that is cut off");
	end();
}

TEST(line, an_answer_has_a_bound)
{
	static char piece[65000];
	char request[300];
	uint64_t number;

	begin_up();
	cr_assert_eq(line_send(line, 1, "{}", 2), 0);
	number = far_take(request, sizeof(request));
	for (int i = 0; i < 17 && seen.n_too_big == 0; i++)
		far_reply(0x594b, number, piece, sizeof(piece));
	cr_assert_eq(seen.n_too_big, 1);
	end();
}

TEST(line, the_owner_may_close_it_on_an_answer)
{
	char request[300];
	uint64_t number;

	begin_up();
	cr_assert_eq(line_send(line, 1, "{}", 2), 0);
	number = far_take(request, sizeof(request));
	seen.closes = true;
	far_reply(0x594d, number, "{}", 2);
	far_reply(0x594d, number, "{}", 2);
	cr_assert_eq(seen.n_bytes, 1);
	cr_assert_eq(seen.n_down, 0);
	end();
}

TEST(line, a_rune_that_cannot_be_used_dials_nobody)
{
	begin_up();
	line_close(line);
	cr_assert_eq(chmod(far_rune, 0644), 0);
	line_open(line);
	cr_assert_eq(seen.n_down, 1);
	cr_assert_not_null(strstr(seen.why, "the rune in /tmp/"));
	cr_assert_not_null(strstr(seen.why, "by everybody"));
	end();
}

TEST(line, nobody_at_the_address_is_told)
{
	begin();
	line_close(line);
	fd_closep(&far_listen_fd);
	line_open(line);
	assert_down("nobody takes the call of the node");
	end();
}

TEST(line, a_proxy_is_asked_by_name)
{
	uint8_t bytes[64];

	far_init();
	memset(&seen, 0, sizeof(seen));
	far_config.proxy = far_config.node;
	(void)strcpy(far_config.node.host, "abc.onion");
	far_config.node.port = 9735;
	cr_assert_eq(
		line_new(far_event, &far_config, &line_ops, NULL, &line), 0);
	line_open(line);
	far_accept();
	far_read(bytes, 3);
	cr_assert_arr_eq(bytes, "\5\1\0", 3);
	far_write("\5\0", 2);
	far_read(bytes, 16);
	cr_assert_arr_eq(bytes,
		"\5\1\0\3\x09"
		"abc.onion\x26\x07",
		16);
	cr_assert(far_is_empty());
	far_write("\5\0\0\1\0\0\0\0\0", 9);
	cr_assert(far_is_empty());
	far_write("", 1);
	/* Act one. */
	far_read(bytes, 50);
	line_close(line);
	fd_closep(&far_fd);

	line_open(line);
	far_accept();
	far_read(bytes, 3);
	far_write("\5\0", 2);
	far_read(bytes, 16);
	far_write("\5\4\0\1\0\0\0\0\0\0", 10);
	assert_down("does not get to the node at abc.onion:9735: no such host");
	fd_closep(&far_fd);
	line_open(line);
	far_accept();
	seen.n_down = 0;
	far_write("SSH-2.0", 7);
	far_wait(&seen.n_down);
	cr_assert_not_null(strstr(seen.why, "is none for SOCKS5"));
	end();
}

TEST(line, an_id_that_is_none_is_refused)
{
	struct line_config config = far_config;
	struct line *none = NULL;

	far_init();
	(void)strcpy(config.node_id, "02ab");
	cr_assert_eq(
		line_new(far_event, &config, &line_ops, NULL, &none), -EINVAL);
	cr_assert_null(none);
	cr_assert_null(line_free(NULL));
	far_deinit();
}

TEST(line, no_memory_to_begin_leaves_nothing)
{
	int r = -ENOMEM;

	far_init();
	for (long n = 0; r != 0; n++) {
		line = NULL;
		faults_arm(n);
		r = line_new(far_event, &far_config, &line_ops, NULL, &line);
		faults_disarm();
		cr_assert(r == 0 || (r == -ENOMEM && line == NULL));
	}
	end();
}

/* The loop goes on while the nth allocation fails.  Returns if one did. */
static bool run_without_memory(long n)
{
	bool failed;

	faults_arm(n);
	far_run();
	failed = faults_calls > faults_at;
	faults_disarm();
	return failed;
}

/* Sends without letting the client read. */
static void write_ahead(const void *bytes, size_t len)
{
	struct pollfd pollfd = { .events = POLLIN };

	pollfd.fd = far_fd;
	cr_assert_eq(send(far_fd, bytes, len, 0), (ssize_t)len);
	(void)poll(&pollfd, 1, 5);
}

/* Whichever allocation fails on the way up: it is down, and comes up again. */
TEST(line, no_memory_on_the_way_up_is_a_reason_to_be_down)
{
	bool failed = true;

	for (long n = 0; failed; n++) {
		begin();
		line_close(line);
		faults_arm(n);
		line_open(line);
		failed = faults_calls > faults_at;
		faults_disarm();
		cr_assert_eq(seen.n_down, failed);
		if (!failed)
			far_connect();
		cr_assert_eq(seen.n_up, !failed);
		end();
	}
	failed = true;
	for (long n = 0; failed; n++) {
		uint8_t act2[XK_ACT2_SIZE];

		begin();
		far_answer(act2);
		write_ahead(act2, sizeof(act2));
		failed = run_without_memory(n);
		cr_assert_eq(seen.n_down, failed);
		end();
	}
}

TEST(line, no_memory_for_an_answer_is_a_reason_to_be_down)
{
	bool failed = true;

	for (long n = 0; failed; n++) {
		uint8_t message[12] = { 0x59, 0x4d }, sealed[46];
		char request[300];
		uint64_t number;

		begin_up();
		cr_assert_eq(line_send(line, 1, "{}", 2), 0);
		number = far_take(request, sizeof(request));
		put_be32(message + 2, (uint32_t)(number >> 32));
		put_be32(message + 6, (uint32_t)number);
		memcpy(message + 10, "{}", 2);
		cr_assert_eq(xk_seal(&peer_xk, message, 12, sealed), 0);
		write_ahead(sealed, sizeof(sealed));
		failed = run_without_memory(n);
		cr_assert_eq(seen.n_down, failed);
		cr_assert_eq(seen.n_bytes, !failed);
		end();
	}
}

TEST(line, no_memory_to_ask_asks_nothing)
{
	char request[300];
	int r = -ENOMEM;

	begin_up();
	for (long n = 0; r != 0; n++) {
		faults_arm(n);
		r = line_send(line, 1, "{}", 2);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
		if (r != 0)
			cr_assert(far_is_empty());
	}
	(void)far_take(request, sizeof(request));
	end();
}
