/* SPDX-License-Identifier: MIT */

/*
 * Foreign bytes to the plugin as from lightningd, after its init, cut where
 * the first byte says.  What it writes is JSON; each call of the hook is
 * answered once, with one of the two answers that lightningd knows; and no
 * other call more than once.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lightning/stream.h"
#include "node/garbled.h"
#include "node/guard_lock.h"
#include "node/node.h"

enum {
	PIPE_ROOM = 1024 * 1024,
};

static const char hook[] = "invoice_payment";
static const char init[] =
	"{\"jsonrpc\":\"2.0\",\"id\":\"\",\"method\":\"init\",\"params\":{"
	"\"options\":{},\"configuration\":{\"rpc-file\":\"none\","
	"\"startup\":true}}}\n\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the world ------------------------------------------------------------- */

/* A guard stands behind it, so that claims are taken. */
const char *guard_lock_why_not(int folder_fd, const struct guard_peer *plugin)
{
	(void)folder_fd;
	(void)plugin;
	return NULL;
}

/* No power is cut here. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

static char folder[] = "/tmp/fuzz-plugin-XXXXXX";

static void empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
}

static void remove_folder(void)
{
	if (chdir(folder) < 0)
		return;
	(void)rmdir("1sat2flash/cars");
	(void)rmdir("1sat2flash/marks");
	(void)rmdir("1sat2flash");
	(void)rmdir(folder);
}

/* Inputs are named by paths from where we are. */
static int enter(void)
{
	static bool is_there;
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!is_there) {
		check(mkdtemp(folder) != NULL && atexit(remove_folder) == 0);
		is_there = true;
	}
	check(fd >= 0 && chdir(folder) == 0);
	return fd;
}

static void leave(int fd)
{
	empty("1sat2flash/cars");
	empty("1sat2flash/marks");
	check(fchdir(fd) == 0);
	(void)close(fd);
}

/* --- what goes in and out -------------------------------------------------- */

/* By id: how many of each are still to be answered. */
struct tally {
	json_t *hooks;
	json_t *others;
};

static void add(json_t *counts, const json_t *id, int n)
{
	char *key = json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
	json_int_t count;

	check(key != NULL);
	count = json_integer_value(json_object_get(counts, key)) + n;
	check(count >= 0);
	check(json_object_set_new(counts, key, json_integer(count)) == 0);
	free(key);
}

static bool is_empty(json_t *counts)
{
	const char *key;
	json_t *count;

	json_object_foreach (counts, key, count)
		if (json_integer_value(count) != 0)
			return false;

	return true;
}

static void count_call(
	const json_t *object, struct tally *tally, bool *ret_ends)
{
	const json_t *id = json_object_get(object, "id");
	const char *method =
		json_string_value(json_object_get(object, "method"));

	if (method != NULL && id != NULL)
		add(strcmp(method, hook) == 0 ? tally->hooks : tally->others,
			id, 1);
	else if (method != NULL && strcmp(method, "shutdown") == 0)
		*ret_ends = true;
}

/* What cannot be read is answered, too, if it has an id that can. */
static int count_garbled(struct stream *stream, struct tally *tally)
{
	const char *text;
	bool is_hook;
	size_t len;
	json_t *id;
	int r;

	r = stream_skip(stream, &text, &len);
	if (r == 0 && garbled_read(text, len, hook, &id, &is_hook)) {
		add(is_hook ? tally->hooks : tally->others, id, 1);
		json_decref(id);
	}
	return r;
}

/*
 * Counts what is asked for.  Returns whether all of it is to be answered:
 * rubbish and the end end that.
 */
static bool count_calls(const uint8_t *data, size_t size, struct tally *tally)
{
	_cleanup_(stream_freep) struct stream *stream = NULL;
	bool ends = false;
	json_t *object;
	int r;

	check(stream_new(&stream) == 0);
	r = stream_push(stream, data, size);
	while (r == 0) {
		r = stream_take(stream, &object);
		if (r == 0) {
			count_call(object, tally, &ends);
			json_decref(object);
		} else if (r == STREAM_E_INVALID) {
			r = count_garbled(stream, tally);
		}
	}

	return !ends && r == STREAM_E_AGAIN;
}

static bool is_verdict(const json_t *result)
{
	const char *text = json_string_value(json_object_get(result, "result"));

	return text != NULL && json_object_size(result) == 1 &&
	       (strcmp(text, "continue") == 0 || strcmp(text, "reject") == 0);
}

/* What came out for an id is one less to be answered. */
static void count_answers(int fd, struct stream *stream, struct tally *tally)
{
	char bytes[16 * 1024];
	json_t *object;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		int r = stream_push(stream, bytes, (size_t)n);

		while (r == 0 && (r = stream_take(stream, &object)) == 0) {
			const json_t *id = json_object_get(object, "id");
			const json_t *result =
				json_object_get(object, "result");

			check(json_object_get(object, "jsonrpc") != NULL);
			if (id == NULL)
				check(strcmp(json_string_value(json_object_get(
						     object, "method")),
					      "log") == 0);
			else
				add(is_verdict(result) ? tally->hooks
						       : tally->others,
					id, -1);
			json_decref(object);
		}
		check(r == STREAM_E_AGAIN);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(stream_freep) struct stream *stream = NULL;
	struct tally tally;
	struct node *node;
	sd_event *event;
	int in[2], out[2], home;
	bool is_whole;
	size_t piece;

	if (size < 1 || size > STREAM_OBJECT_MAX)
		return 0;

	home = enter();
	tally = (struct tally){ json_object(), json_object() };
	check(stream_new(&stream) == 0);
	check(sd_event_new(&event) >= 0);
	check(pipe2(in, O_CLOEXEC) == 0);
	check(pipe2(out, O_CLOEXEC | O_NONBLOCK) == 0);
	/* It ends without a reader beside it. */
	check(fcntl(out[1], F_SETPIPE_SZ, PIPE_ROOM) >= PIPE_ROOM);
	check(node_new(event, in[0], out[1], &node) == 0);
	check(write(in[1], init, strlen(init)) == (ssize_t)strlen(init));
	(void)count_calls((const uint8_t *)init, strlen(init), &tally);

	piece = data[0] == 0 ? 4096 : data[0];
	data++;
	size--;
	is_whole = count_calls(data, size, &tally);
	do {
		size_t n = piece < size ? piece : size;

		while (sd_event_get_state(event) != SD_EVENT_FINISHED &&
			sd_event_run(event, 0) > 0)
			count_answers(out[0], stream, &tally);
		if (sd_event_get_state(event) == SD_EVENT_FINISHED || size == 0)
			break;
		check(write(in[1], data, n) == (ssize_t)n);
		data += n;
		size -= n;
	} while (true);

	(void)node_free(node);
	count_answers(out[0], stream, &tally);
	check(!is_whole || (is_empty(tally.hooks) && is_empty(tally.others)));
	(void)sd_event_unref(event);
	for (int i = 0; i < 2; i++) {
		(void)close(in[i]);
		(void)close(out[i]);
	}
	json_decref(tally.hooks);
	json_decref(tally.others);
	leave(home);
	return 0;
}
