/* SPDX-License-Identifier: MIT */

/* What lightningd may send, and what it never gets. */

#include "faults.h"
#include "node-world.h"

static bool has_file(const char *path)
{
	return access(path, F_OK) == 0;
}

TEST(plugin, says_who_it_is_and_touches_nothing)
{
	const json_t *manifest, *methods;

	node_begin();
	call("m", "getmanifest", "{'allow-deprecated-apis':false}");
	manifest = result_of("m");
	cr_assert(json_is_true(json_object_get(manifest, "dynamic")));
	cr_assert(json_is_true(json_object_get(manifest, "nonnumericids")));
	cr_assert_null(json_object_get(manifest, "featurebits"));
	methods = json_object_get(manifest, "rpcmethods");
	cr_assert_eq(json_array_size(methods), 10);
	cr_assert_str_eq(text_in(json_array_get(methods, 2), "usage"),
		"car boot payment_hash keeps");
	cr_assert_str_eq(
		text_in(json_array_get(json_object_get(manifest, "hooks"), 0),
			"name"),
		"invoice_payment");
	cr_assert_eq(json_array_size(json_object_get(manifest, "options")), 2);
	cr_assert_not(has_file("1sat2flash"));
	call("early", "1sat2flash-status", "{}");
	assert_error("early", -32601, "no method");
	pay("too-early", 1, "flash-1");
	assert_rejected("too-early");
	call("again", "getmanifest", "{}");
	(void)result_of("again");
	node_end();
}

TEST(plugin, begins_once)
{
	struct stat st;

	node_begin();
	node_init("{}");
	assert_result("init", "{}");
	cr_assert_eq(stat("1sat2flash", &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	cr_assert(has_file("1sat2flash/cars"));
	cr_assert(has_file("1sat2flash/marks"));
	call("second", "init",
		"{'options':{},'configuration':{'rpc-file':"
		"'lightning-rpc'}}");
	assert_error("second", -32603, "before");
	node_end();
}

static void assert_disabled(const char *options, const char *why)
{
	node_begin();
	if (options[0] == '\0')
		cr_assert_geq(open("1sat2flash", O_CREAT | O_CLOEXEC, 0600), 0);
	node_init(options[0] == '\0' ? "{}" : options);
	cr_assert_not_null(strstr(text_in(result_of("init"), "disable"), why),
		"%s", text_in(result_of("init"), "disable"));
	pay("hook", 1, "flash-1");
	assert_rejected("hook");
	node_end();
}

TEST(plugin, says_why_it_is_of_no_use)
{
	assert_disabled("", "folder");
	assert_disabled("{'1sat2flash-deadline': 9}", "10 to 90");
	assert_disabled("{'1sat2flash-deadline': 91}", "10 to 90");
	assert_disabled("{'1sat2flash-deadline': 'x'}", "10 to 90");
	assert_disabled("{'1sat2flash-refund-daily': -1}", "amount");
	node_begin();
	call("init", "init", "{}");
	cr_assert_str_neq(text_in(result_of("init"), "disable"), "");
	node_end();
}

TEST(plugin, does_not_begin_without_all_of_its_cars)
{
	node_begin();
	cr_assert_eq(mkdir("1sat2flash", 0700), 0);
	cr_assert_eq(mkdir("1sat2flash/cars", 0700), 0);
	cr_assert_eq(mkdir("1sat2flash/cars/roadster.json", 0700), 0);
	node_init("{}");
	cr_assert_not_null(
		strstr(text_in(result_of("init"), "disable"), "cars"), "%s",
		text_in(result_of("init"), "disable"));
	node_end();
}

TEST(plugin, options_are_heeded)
{
	node_begin();
	node_init("{'1sat2flash-deadline': 10, '1sat2flash-refund-daily': 0}");
	call("status", "1sat2flash-status", "{}");
	cr_assert_eq(json_integer_value(json_object_get(
			     result_of("status"), "deadline_ms")),
		10 * 1000);
	cr_assert_eq(json_integer_value(json_object_get(
			     result_of("status"), "refund_daily_msat")),
		0);
	node_end();
}

TEST(plugin, takes_parameters_by_name_or_by_place)
{
	char params[256];

	node_begin_car();
	(void)snprintf(params, sizeof(params),
		"['roadster','%s',2,0,['flash'],50]", boot_a);
	call("place", "1sat2flash-poll", params);
	assert_error("poll", 2102, "newer");
	call("unknown", "1sat2flash-status", "{'cart':'x'}");
	assert_error("unknown", -32602, "no parameter \"cart\"");
	call("missing", "1sat2flash-take", "{'car':'roadster'}");
	assert_error("missing", -32602, "\"boot\" is missing");
	call("short", "1sat2flash-take", "['roadster']");
	assert_error("short", -32602, "\"boot\" is missing");
	call("long", "1sat2flash-status", "['roadster',1]");
	assert_error("long", -32602, "too many");
	call("none", "1sat2flash-status", "7");
	assert_error("none", -32602, "no list");
	call("null", "1sat2flash-status", "[null]");
	(void)result_of("null");
	say("{'jsonrpc':'2.0','id':'absent','method':'1sat2flash-status'}");
	(void)result_of("absent");
	node_end();
}

TEST(plugin, refuses_what_no_car_sends)
{
	static const struct {
		const char *method;
		const char *params; /* after a valid car and boot */
	} cases[] = {
		{ "1sat2flash-poll", "0,0,[],50" },
		{ "1sat2flash-poll", "'2',0,[],50" },
		{ "1sat2flash-poll", "2,-1,[],50" },
		{ "1sat2flash-poll", "2,0,'flash',50" },
		{ "1sat2flash-poll", "2,0,[7],50" },
		{ "1sat2flash-poll", "2,0,[],0" },
		{ "1sat2flash-poll", "2,0,[],56" },
		{ "1sat2flash-take", "'xy',true" },
		{ "1sat2flash-take", "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',true" },
		{ "1sat2flash-take",
			"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','yes'" },
		{ "1sat2flash-register", "1,[],[],[],[]" },
		{ "1sat2flash-register", "true,[''],[],[],[]" },
	};
	static const char *const names[] = { "'A','0123456789abcdef'",
		"7,'0123456789abcdef'", "'a','0123'", "'a','0123456789abcdeg'",
		"'a\\u0000','0123456789abcdef'" };
	char params[256], id[16];

	node_begin_car();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(params, sizeof(params), "['roadster','%s',%s]",
			boot_a, cases[i].params);
		(void)snprintf(id, sizeof(id), "case-%zu", i);
		call(id, cases[i].method, params);
		assert_error(id, -32602, ".");
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)snprintf(params, sizeof(params), "[%s,true,[],[],[],[]]",
			names[i]);
		(void)snprintf(id, sizeof(id), "name-%zu", i);
		call(id, "1sat2flash-register", params);
		assert_error(id, -32602, "no ");
	}
	call("verdict", "1sat2flash-done",
		"['roadster','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','maybe']");
	assert_error("verdict", -32602, "verdict");
	cr_assert_null(heard("poll"));
	node_end();
}

TEST(plugin, passes_over_what_is_none_of_its_business)
{
	node_begin_car();
	say("{}{'a':1}{'jsonrpc':'2.0','method':7,'id':1}");
	say("{'jsonrpc':'2.0','method':'block_added','params':{}}");
	say("{'jsonrpc':'2.0','method':'invoice_payment','params':[]}");
	say("{'jsonrpc':'2.0','method':'invoice_payment'}");
	say("{'jsonrpc':'2.0','id':'x','result':{}}");
	cr_assert_eq(json_array_size(world_said), 2); /* init, register */
	call("unknown", "frobnicate", "{}");
	assert_error("unknown", -32601, "frobnicate");
	node_end();
}

TEST(plugin, decides_by_the_label_where_a_hook_is_odd)
{
	static const char *const payments[] = {
		"{'label':'%s'}",
		"{'label':'%s','preimage':'00','msat':1}",
		"{'label':'%s','preimage':7,'msat':1}",
		"{'label':'%s','preimage':'0000000000000000000000000000000000"
		"000000000000000000000000000000','msat':-1}",
		"{'label':'%s','preimage':'0000000000000000000000000000000000"
		"000000000000000000000000000000','msat':'1sat'}",
	};
	char payment[256], params[300], id[16];

	node_begin_car();
	for (int i = 0; i < 2 * (int)ARRAY_SIZE(payments); i++) {
		(void)snprintf(id, sizeof(id), "hook-%d", i);
		(void)strcpy(payment, payments[i / 2]);
		(void)snprintf(strstr(payment, "%s"),
			sizeof(payment) -
				(size_t)(strstr(payment, "%s") - payment),
			"%s%s", i % 2 ? "flash-1" : "mug",
			strstr(payments[i / 2], "%s") + 2);
		(void)snprintf(
			params, sizeof(params), "{'payment':%s}", payment);
		call(id, "invoice_payment", params);
		if (i % 2)
			assert_rejected(id);
		else
			assert_settled(id);
	}
	call("none", "invoice_payment", "{}");
	assert_settled("none");
	call("list", "invoice_payment", "[]");
	assert_settled("list");
	node_end();
}

TEST(plugin, echoes_ids_as_they_came)
{
	static const char *const ids[] = { "7", "-1", "\"cli:x#1/cln:y#2\"",
		"\"\\\"\\\\\\u0001\"", "[\"a\",{\"b\":1.5}]", "null" };

	node_begin_guarded();
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		json_t *id = world_json(ids[i]);
		char request[256];

		(void)json_array_clear(world_said);
		(void)snprintf(request, sizeof(request),
			"{\"id\":%s,\"method\":\"invoice_payment\",\"params\":"
			"{\"payment\":{\"label\":\"mug\"}}}",
			ids[i]);
		world_send_bytes(request, strlen(request));
		cr_assert_eq(json_array_size(world_said), 1);
		cr_assert(json_equal(
			json_object_get(json_array_get(world_said, 0), "id"),
			id));
		json_decref(id);
	}
	node_end();
}

TEST(plugin, answers_each_of_two_calls_with_one_id)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	(void)json_array_clear(world_said);
	pay("same", 1, "flash-1");
	pay("same", 1, "flash-1");
	cr_assert_eq(json_array_size(world_said), 1); /* the poll */
	done("done", "roadster", 1, "return");
	cr_assert_eq(json_array_size(world_said), 4);
	node_end();
}

TEST(plugin, objects_may_come_byte_by_byte)
{
	static const char request[] =
		"{\"id\":\"a\",\"method\":\"1sat2flash-status\"}";

	node_begin_guarded();
	for (size_t i = 0; i < strlen(request); i++) {
		cr_assert_null(heard("a"));
		world_send_bytes(request + i, 1);
	}
	(void)result_of("a");
	node_end();
}

/* It ends, and what was held goes back. */
static void assert_ends(const char *bytes, size_t len, int code)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	poll_as("second", "roadster", boot_a, 2, 1);
	if (bytes != NULL)
		world_send_bytes(bytes, len);
	else
		fd_closep(&to_plugin);
	world_run();
	cr_assert(world_has_ended);
	cr_assert_eq(world_exit_code, code);
	node = node_free(node);
	(void)world_hear();
	assert_rejected("hook");
	assert_error("second", -32603, "ends");
	cr_assert(has_mark(1, MARK_HELD), "it comes again with lightningd");
	node_end();
}

TEST(plugin, ends_with_lightningd)
{
	static const char shutdown[] =
		"{\"jsonrpc\":\"2.0\",\"method\":\"shutdown\",\"params\":{}}"
		"{\"id\":\"late\",\"method\":\"getmanifest\"}";

	assert_ends(NULL, 0, 0);
	assert_ends(shutdown, strlen(shutdown), 0);
}

TEST(plugin, ends_where_nothing_can_follow)
{
	static char big[STREAM_OBJECT_MAX + 10];
	static const char rubbish[] = "HTTP/1.1 400 Bad Request\r\n";

	assert_ends(rubbish, strlen(rubbish), -EBADMSG);
	cr_assert_not_null(
		strstr(world_log, "error: lightningd sent"), "%s", world_log);
	memset(big, 'x', sizeof(big));
	big[0] = '{';
	big[1] = '"';
	assert_ends(big, sizeof(big), -EBADMSG);
}

TEST(plugin, survives_what_its_users_send)
{
	enum { DEEP = STREAM_BRACKETS_MAX / 2 + 10 };
	static char deep[2 * DEEP + 1];
	static const char *const params[] = { "[99999999999999999999]",
		"[1e999]", "{'a':1,'a':2}", "['\\ud800']", deep,
		"{'a':'}]\\\\\\'','a':[{}]}" };
	char id[16];

	node_begin_car();
	memset(deep, '[', DEEP);
	memset(deep + DEEP, ']', DEEP);
	for (size_t i = 0; i < ARRAY_SIZE(params); i++) {
		(void)snprintf(id, sizeof(id), "case-%zu", i);
		call(id, "1sat2flash-status", params[i]);
		assert_error(id, -32602, "no JSON");
	}
	say("{'method':'x','params':{'id':1,'n':1e999}}");
	say("{'params':[1e999,{'id':2}],'method':'invoice_payment','id':'h'}");
	assert_settled("h");
	/* In pieces, too. */
	say("{'id':'cut','method':'x','params':[1e999,[");
	say("],{}");
	cr_assert_null(heard("cut"));
	say("]}{'id':'next','method':'1sat2flash-status'}");
	assert_error("cut", -32602, "no JSON");
	(void)result_of("next");
	cr_assert_null(heard("poll"));
	node_end();
}

TEST(plugin, a_slow_reader_loses_nothing)
{
	enum { N = 2000 };
	char request[128];

	node_begin_guarded();
	(void)json_array_clear(world_said);
	/* Nobody reads for now: the pipe is full long before the end. */
	for (int i = 0; i < N; i++) {
		int len = snprintf(request, sizeof(request),
			"{\"id\":%d,\"method\":\"1sat2flash-status\"}\n\n", i);

		cr_assert_eq(write(to_plugin, request, (size_t)len), len);
		while (sd_event_run(world_event, 0) > 0)
			;
	}
	cr_assert_eq(json_array_size(world_said), 0);
	world_run();
	cr_assert_eq(json_array_size(world_said), N);
	for (int i = 0; i < N; i++)
		cr_assert_eq(
			json_integer_value(json_object_get(
				json_array_get(world_said, (size_t)i), "id")),
			i);
	node_end();
}

TEST(plugin, ends_where_nobody_reads_any_more)
{
	static const char request[] = "{\"id\":1,\"method\":\"x\"}";

	node_begin_guarded();
	fd_closep(&from_plugin);
	cr_assert_gt(write(to_plugin, request, strlen(request)), 0);
	while (!world_has_ended) {
		cr_assert_geq(sd_event_run(world_event, 0), 0);
		world_has_ended =
			sd_event_get_state(world_event) == SD_EVENT_FINISHED;
	}
	(void)sd_event_get_exit_code(world_event, &world_exit_code);
	cr_assert_eq(world_exit_code, 0);
	node = node_free(node);
	world_end();
}

TEST(plugin, talks_to_no_file)
{
	int fd;

	world_begin();
	fd = open("file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	cr_assert_eq(node_new(world_event, fd, plugin_out, &node), -EPERM);
	cr_assert_eq(node_new(world_event, plugin_in, fd, &node), -EPERM);
	cr_assert_eq(node_new(world_event, -1, plugin_out, &node), -EBADF);
	(void)close(fd);
	world_end();
}

TEST(plugin, what_it_logs_is_one_line_of_text)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	take("take", "roadster", boot_a, 1);
	say("{'id':'done','method':'1sat2flash-done','params':{'car':"
	    "'roadster','payment_hash':'%s','verdict':'settle','outcome':"
	    "'con\\nfirmed\\u001b[1m','why':'%0512d'}}",
		hash_of(1), 7);
	assert_settled("hook");
	cr_assert_not_null(
		strstr(world_log, "con?firmed?[1m"), "%s", world_log);
	node_end();
}

/* Whichever allocation fails: an answer that lightningd knows, or the end. */
TEST(plugin, without_memory_it_says_nothing_wrong)
{
	static const char hook[] =
		"{\"id\":\"a\",\"method\":\"invoice_payment\",\"params\":{"
		"\"payment\":{\"label\":\"mug\"}}}";
	bool failed = true;

	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	for (long n = 0; failed && !world_has_ended; n++) {
		(void)json_array_clear(world_said);
		faults_arm(n);
		cr_assert_gt(write(to_plugin, hook, strlen(hook)), 0);
		while (!world_has_ended && sd_event_run(world_event, 0) > 0)
			world_has_ended = sd_event_get_state(world_event) ==
					  SD_EVENT_FINISHED;
		failed = faults_calls > faults_at;
		faults_disarm();
		(void)world_hear();
		cr_assert(world_has_ended || heard("a") != NULL);
		if (heard("a") != NULL)
			assert_settled("a");
		if (world_has_ended) {
			node = node_free(node);
			world_event = sd_event_unref(world_event);
			world_has_ended = false;
			cr_assert_geq(sd_event_new(&world_event), 0);
			cr_assert_eq(node_new(world_event, plugin_in,
					     plugin_out, &node),
				0);
			node_init("{}");
		}
	}
	node_end();
}
