/* SPDX-License-Identifier: MIT */

/* The guard: what it lets through, and what it rejects. */

#include "node/guard.h"
#include "plugin-world.h"

static struct guard *guard;

static const char holding[] =
	"{\"car\":\"%s\",\"holds\":true,\"paused\":false,\"labels\":[\"%s\"],"
	"\"addresses\":[],\"descriptions\":[%s],\"actions\":[],\"offers\":[]}";

static void begin(void)
{
	world_begin();
	cr_assert_eq(guard_new(world_event, plugin_in, plugin_out, &guard), 0);
	say("{'id':'init','method':'init','params':{'options':{},"
	    "'configuration':{'rpc-file':'lightning-rpc','startup':false}}}");
	assert_result("init", "{}");
}

static void end(void)
{
	guard = guard_free(guard);
	world_end();
}

/* As the plugin writes it: by rename. */
static void write_car(const char *car, const char *label, const char *text)
{
	char path[64];
	FILE *file = fopen("1sat2flash/cars/.tmp", "w");

	cr_assert_not_null(file);
	(void)fprintf(file, holding, car, label, text);
	cr_assert_eq(fclose(file), 0);
	(void)snprintf(path, sizeof(path), "1sat2flash/cars/%s.json", car);
	cr_assert_eq(rename("1sat2flash/cars/.tmp", path), 0);
}

static void write_mark(int number, enum mark mark)
{
	int fd = open("1sat2flash/marks", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(mark_write(fd, hash_of(number), mark), 0);
	(void)close(fd);
}

TEST(guard, comes_after_the_plugin)
{
	const json_t *hook;

	world_begin();
	cr_assert_eq(guard_new(world_event, plugin_in, plugin_out, &guard), 0);
	call("m", "getmanifest", "{}");
	hook = json_array_get(json_object_get(result_of("m"), "hooks"), 0);
	cr_assert_str_eq(text_in(hook, "name"), "invoice_payment");
	cr_assert_str_eq(json_string_value(json_array_get(
				 json_object_get(hook, "after"), 0)),
		"1sat2flash-node");
	cr_assert_eq(
		json_array_size(json_object_get(result_of("m"), "rpcmethods")),
		0);
	cr_assert_neq(access("1sat2flash", F_OK), 0);
	end();
}

TEST(guard, lets_through_only_what_is_marked)
{
	static const enum mark marks[] = { MARK_NONE, MARK_HELD,
		MARK_TAKEN_KEEP, MARK_TAKEN_RETURN, MARK_RETURN, MARK_SETTLE };
	char id[16];

	begin();
	write_car("roadster", "flash-*", "");
	for (int i = 0; i < (int)ARRAY_SIZE(marks); i++) {
		if (marks[i] != MARK_NONE)
			write_mark(i, marks[i]);
		(void)snprintf(id, sizeof(id), "hook-%d", i);
		pay(id, i, "flash-1");
		if (marks[i] == MARK_SETTLE)
			assert_settled(id);
		else
			assert_rejected(id);
	}
	pay("mug", 100, "mug");
	assert_settled("mug");
	/* What was returned stays so, whoever has forgotten it since. */
	pay("returned", 4, "mug");
	assert_rejected("returned");
	cr_assert_eq(world_n_lookups, 0);
	cr_assert_not_null(strstr(world_log, "warn: "), "%s", world_log);
	end();
}

TEST(guard, follows_what_cars_claim)
{
	begin();
	pay("a", 1, "flash-1");
	assert_settled("a");
	write_car("roadster", "flash-*", "");
	pay("b", 1, "flash-1");
	assert_rejected("b");
	write_car("roadster", "honk-*", "");
	write_car("truck", "wave-*", "");
	pay("c", 1, "flash-1");
	assert_settled("c");
	pay("d", 1, "wave-1");
	assert_rejected("d");
	cr_assert_eq(unlink("1sat2flash/cars/truck.json"), 0);
	pay("e", 1, "wave-1");
	assert_settled("e");
	end();
}

TEST(guard, asks_the_node_where_a_text_may_claim)
{
	begin();
	write_car("roadster", "flash-*", "\"honk\"");
	add_invoice(1, "shop-1", "honk twice");
	add_invoice(2, "shop-2", "a mug");
	pay("honk", 1, "shop-1");
	assert_rejected("honk");
	pay("mug", 2, "shop-2");
	assert_settled("mug");
	pay("nowhere", 3, "shop-3");
	assert_rejected("nowhere");
	pay("keysend", 4, "keysend-1");
	assert_settled("keysend");
	cr_assert_eq(world_n_lookups, 3);
	world_is_silent = true;
	pay("silent", 1, "shop-1");
	world_pass(GUARD_LOOK_MS - 1);
	cr_assert_null(heard("silent"));
	world_pass(1);
	assert_rejected("silent");
	end();
}

TEST(guard, a_car_that_does_not_hold_is_none_of_its_business)
{
	FILE *file;

	begin();
	file = fopen("1sat2flash/cars/roadster.json", "w");
	cr_assert_not_null(file);
	(void)fputs("{\"car\":\"roadster\",\"holds\":false,\"labels\":"
		    "[\"flash-*\"]}",
		file);
	cr_assert_eq(fclose(file), 0);
	pay("a", 1, "flash-1");
	assert_settled("a");
	end();
}

TEST(guard, a_broken_file_is_told_and_passed_over)
{
	FILE *file;

	begin();
	write_car("roadster", "flash-*", "");
	file = fopen("1sat2flash/cars/truck.json", "w");
	cr_assert_not_null(file);
	(void)fputs("{", file);
	cr_assert_eq(fclose(file), 0);
	pay("mug", 2, "mug");
	assert_settled("mug");
	cr_assert_not_null(strstr(world_log, "truck.json"), "%s", world_log);
	pay("a", 1, "flash-1");
	assert_rejected("a");
	end();
}

TEST(guard, what_cannot_be_read_lets_nothing_through)
{
	begin();
	write_car("roadster", "flash-*", "");
	pay("mug", 1, "mug-1");
	assert_settled("mug");
	cr_assert_eq(symlink("roadster.json", "1sat2flash/cars/truck.json"), 0);
	pay("a", 2, "mug-2");
	assert_rejected("a");
	write_mark(3, MARK_SETTLE);
	pay("settled", 3, "flash-3");
	assert_settled("settled");
	/* The folder has not changed since, and is read again. */
	world_pass(1000);
	pay("b", 4, "mug-4");
	assert_rejected("b");
	cr_assert_eq(unlink("1sat2flash/cars/truck.json"), 0);
	pay("c", 5, "mug-5");
	assert_settled("c");
	pay("d", 6, "flash-6");
	assert_rejected("d");
	end();
}

TEST(guard, claims_that_were_removed_claim_nothing)
{
	begin();
	cr_assert_eq(system("rm -r 1sat2flash/cars"), 0);
	pay("a", 1, "flash-1");
	assert_settled("a"); /* the open folder is there still, and empty */
	call("odd", "invoice_payment", "{'payment':{}}");
	assert_settled("odd");
	end();
}

TEST(guard, what_waits_goes_back_at_its_end)
{
	begin();
	write_car("roadster", "flash-*", "\"honk\"");
	world_is_silent = true;
	pay("a", 1, "shop-1");
	cr_assert_null(heard("a"));
	say("{'method':'shutdown','params':{}}");
	cr_assert(world_has_ended);
	guard = guard_free(guard);
	(void)world_hear();
	assert_rejected("a");
	end();
}

/* What the plugin of this process, started at @started_ms, says of it. */
static const char *why_not(bool startup, uint64_t started_ms)
{
	const struct guard_peer plugin = {
		.lightningd = getppid(),
		.startup = startup,
		.started_ms = started_ms,
	};
	int fd = open("1sat2flash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *why = guard_lock_why_not(fd, &plugin);

	(void)close(fd);
	return why;
}

TEST(guard, is_known_to_stand_by_its_lock)
{
	const struct guard_peer late = {
		.lightningd = getppid(),
		.startup = false,
		.started_ms = 1000,
	};
	const struct guard_peer with_node = {
		.lightningd = getppid(),
		.startup = true,
		.started_ms = 1000,
	};

	world_begin();
	cr_assert_eq(mkdir("1sat2flash", 0700), 0);
	cr_assert_not_null(strstr(why_not(true, 0), "No 1sat2flash-guard"));
	world_start_guard(&late);
	cr_assert_null(why_not(true, 1000));
	cr_assert_null(why_not(false, 999));
	cr_assert_not_null(strstr(why_not(false, 1001), "restart the guard"));
	cr_assert_not_null(strstr(why_not(true, 1001), "restart the guard"));
	world_stop_guard();
	cr_assert_not_null(strstr(why_not(true, 0), "No 1sat2flash-guard"));
	world_start_guard(&with_node);
	cr_assert_null(why_not(true, 1001));
	cr_assert_not_null(strstr(why_not(false, 1001), "restart the guard"));
	world_stop_guard();
	world_end();
}

TEST(guard, waits_for_another_one_to_end)
{
	const struct guard_peer old = {
		.lightningd = getppid(),
		.started_ms = 1,
	};

	world_begin();
	cr_assert_eq(mkdir("1sat2flash", 0700), 0);
	world_start_guard(&old);
	cr_assert_eq(guard_new(world_event, plugin_in, plugin_out, &guard), 0);
	say("{'id':'init','method':'init','params':{'options':{},"
	    "'configuration':{'rpc-file':'lightning-rpc','startup':false}}}");
	assert_result("init", "{}");
	world_stop_guard();
	world_pass(GUARD_AGAIN_MS);
	/* It has it now: another process sees that. */
	world_guard = fork();
	if (world_guard == 0) {
		const struct guard_peer other = { .lightningd = 1 };
		int fd = open("1sat2flash", O_RDONLY | O_DIRECTORY), lock_fd;

		_exit(guard_lock_take(fd, &other, &lock_fd) == GUARD_LOCK_E_HELD
				? 0
				: 1);
	} else {
		int status;

		cr_assert_eq(waitpid(world_guard, &status, 0), world_guard);
		cr_assert_eq(status, 0);
		world_guard = 0;
	}
	end();
}
