/* SPDX-License-Identifier: MIT */

/*
 * The bridge beside the car maker's client, on the same simulated car.
 *
 * Both are programs that confirm one command and then many: the client, and
 * the bridge's layers from the key to the link.  They take turns, so that
 * other work on the machine is as much in the way of one as of the other.  The
 * whole bridge, which is paid for each command and journals it, does the same
 * through its node.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figure.h"
#include "stage.h"

enum {
	ROUNDS = 9,
	/* Counted over so many, through the relay. */
	COUNTED = 100,
	PAID = 500,
	PAID_MAX_MS = 20 * 1000,
	PRICE_MSAT = 1000,
	QUIET_MS = 300,
};

/* What stands behind a figure's name. */
#define LAYERS "bridge, key to link"
#define WHOLE "bridge, paid and journalled"
#define CLIENT "car maker's client"

#define SEAL "command to bytes for the link, warm, p50"
#define START "start to first confirmed command, p50"
#define MESSAGES "messages on the link per warm command"
#define BYTES "bytes on the link per warm command"
#define RATE "confirmed commands, warm"
#define MEMORY "resident memory after warm commands"

struct player {
	const char *program;
	const char *name; /* as it is called in figures */
	bool is_theirs;
	double start_ms[ROUNDS];
	double seal_us[ROUNDS];
	double per_s[ROUNDS];
	double rss_kb[ROUNDS];
	double messages, bytes;
};

struct paths {
	char direct[STAGE_PATH_SIZE], relay[STAGE_PATH_SIZE];
	char key[STAGE_PATH_SIZE];
};

static pid_t spawn(const struct player *player, const char *socket,
	const char *key, const char *commands, int out_fd)
{
	if (player->is_theirs)
		return stage_spawn(player->program,
			(const char *[]){ "interop", "bench", "--socket",
				socket, "--vin", STAGE_VIN, "--key", key,
				"--commands", commands, NULL },
			out_fd);

	return stage_spawn(player->program,
		(const char *[]){ "bench-client", socket, STAGE_VIN, key,
			commands, NULL },
		out_fd);
}

static void play(struct player *player, const struct paths *paths,
	const char *commands, int round)
{
	uint64_t began_ns = figure_now_ns();
	char line[256];
	int fds[2];
	FILE *out;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		figure_die("no pipe");
	pid = spawn(player, paths->direct, paths->key, commands, fds[1]);
	(void)close(fds[1]);
	out = fdopen(fds[0], "re");
	if (out == NULL || fgets(line, sizeof(line), out) == NULL)
		figure_die("%s confirms nothing", player->program);
	player->start_ms[round] = (double)(figure_now_ns() - began_ns) / 1e6;
	if (fgets(line, sizeof(line), out) == NULL ||
		sscanf(line, "%lf %lf %lf", &player->seal_us[round],
			&player->per_s[round], &player->rss_kb[round]) != 3)
		figure_die("%s says nothing", player->program);
	(void)fclose(out);
	stage_await(pid, player->program);
}

/* What goes over the link for one command and @n more. */
static void count_some(struct player *player, struct stage *stage,
	const struct paths *paths, int n, uint64_t *ret_messages,
	uint64_t *ret_bytes)
{
	struct relay *relay = &stage->relay;
	char commands[16];
	int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int status;
	pid_t pid;

	(void)snprintf(commands, sizeof(commands), "%d", n);
	relay_mark(relay);
	pid = spawn(player, paths->relay, paths->key, commands, null_fd);
	(void)close(null_fd);
	while (waitpid(pid, &status, WNOHANG) == 0)
		stage_serve(stage, 5);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		figure_die("%s failed", player->program);
	*ret_messages = relay->to_car.n_frames + relay->to_bridge.n_frames;
	*ret_bytes = relay->to_car.n_bytes + relay->to_bridge.n_bytes;
}

/* Of a warm command: without what comes before the first is confirmed. */
static void count(
	struct player *player, struct stage *stage, const struct paths *paths)
{
	uint64_t messages, bytes, before_messages, before_bytes;

	count_some(player, stage, paths, 0, &before_messages, &before_bytes);
	count_some(player, stage, paths, COUNTED, &messages, &bytes);
	player->messages = (double)(messages - before_messages) / COUNTED;
	player->bytes = (double)(bytes - before_bytes) / COUNTED;
}

static void print(
	const char *what, const char *who, double value, const char *unit)
{
	char name[128];

	(void)snprintf(name, sizeof(name), "%s: %s", what, who);
	figure_print(&(struct figure){
		.name = name,
		.value = value,
		.unit = unit,
		.rule = FIGURE_NO_RULE,
	});
}

static void print_player(struct player *player)
{
	const char *who = player->name;

	print(SEAL, who, figure_percentile(player->seal_us, ROUNDS, 50), "us");
	print(START, who, figure_percentile(player->start_ms, ROUNDS, 50),
		"ms");
	print(RATE, who, figure_percentile(player->per_s, ROUNDS, 50),
		"per second");
	print(MEMORY, who, figure_percentile(player->rss_kb, ROUNDS, 50) / 1024,
		"MB");
	print(MESSAGES, who, player->messages, "messages");
	print(BYTES, who, player->bytes, "bytes");
}

/* Pays for one command, and serves until the car has answered it. */
static void pay(struct stage *stage)
{
	struct relay *relay = &stage->relay;
	uint64_t n_before = relay->to_car.n_frames;
	uint64_t end_ns = figure_now_ns() + PAID_MAX_MS * UINT64_C(1000000);

	stage_until_waited_on(stage);
	(void)node_pay(&stage->node, PRICE_MSAT);
	while (relay->to_car.n_frames == n_before ||
		relay->to_bridge.n_frames < relay->to_car.n_frames) {
		if (figure_now_ns() > end_ns)
			figure_die("a payment did not reach the car");
		stage_serve(stage, 100);
	}
}

/*
 * When the car's last answer came: another may follow one that is not the
 * command's, but a proof that it is parked.
 */
static uint64_t until_quiet(struct stage *stage)
{
	const struct relay_way *way = &stage->relay.to_bridge;

	do
		stage_rest(stage, QUIET_MS);
	while (figure_now_ns() - way->last_ns < QUIET_MS * UINT64_C(1000000));

	return way->last_ns;
}

static void play_whole(struct stage *stage)
{
	struct relay *relay = &stage->relay;
	double start_ms[ROUNDS], seconds;
	uint64_t began_ns;

	/* The first makes the ledger, and finds the node's position. */
	(void)stage_start_bridge(stage);
	for (int i = 0; i < ROUNDS; i++) {
		stage_stop_bridge(stage);
		relay_mark(relay);
		began_ns = figure_now_ns();
		(void)stage_start_bridge(stage);
		pay(stage);
		start_ms[i] = (double)(until_quiet(stage) - began_ns) / 1e6;
	}
	print(START, WHOLE, figure_percentile(start_ms, ROUNDS, 50), "ms");

	relay_mark(relay);
	began_ns = figure_now_ns();
	for (int i = 0; i < PAID; i++)
		pay(stage);
	seconds = (double)(until_quiet(stage) - began_ns) / 1e9;
	print(RATE, WHOLE, PAID / seconds, "per second");
	print(MEMORY, WHOLE,
		(double)stage_bridge_status(stage, "VmRSS:") / 1024, "MB");
	/* With the proofs that the car is parked, where one was due. */
	print(MESSAGES, WHOLE,
		(double)(relay->to_car.n_frames + relay->to_bridge.n_frames) /
			PAID,
		"messages");
	print(BYTES, WHOLE,
		(double)(relay->to_car.n_bytes + relay->to_bridge.n_bytes) /
			PAID,
		"bytes");
	stage_stop_bridge(stage);
}

int main(int argc, char **argv)
{
	static struct player ours = { .name = LAYERS };
	static struct player theirs = { .name = CLIENT, .is_theirs = true };
	static struct stage stage;
	struct paths paths;

	if (argc != 7)
		figure_die("usage: %s FOLDER 1SAT2FLASHD SIMCAR BENCH-CLIENT "
			   "INTEROP COMMANDS",
			argv[0]);
	ours.program = argv[4];
	theirs.program = argv[5];

	stage_open(&stage, argv[1], argv[2], argv[3]);
	(void)snprintf(
		paths.direct, sizeof(paths.direct), "%s", stage.car_path);
	(void)snprintf(paths.relay, sizeof(paths.relay), "%s/link", argv[1]);
	(void)snprintf(paths.key, sizeof(paths.key), "%s/key", argv[1]);
	for (int i = 0; i < ROUNDS; i++) {
		play(&theirs, &paths, argv[6], i);
		play(&ours, &paths, argv[6], i);
	}
	count(&theirs, &stage, &paths);
	count(&ours, &stage, &paths);
	print_player(&theirs);
	print_player(&ours);
	play_whole(&stage);
	stage_close(&stage);
	return 0;
}
