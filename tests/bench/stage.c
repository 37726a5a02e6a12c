/* SPDX-License-Identifier: MIT */

#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figure.h"

enum {
	NOBODY = 65534,
	READY_MS = 10 * 1000,
	TICK_MS = 50,
};

static void path_in(const struct stage *stage, const char *name,
	char ret[static STAGE_PATH_SIZE])
{
	(void)snprintf(ret, STAGE_PATH_SIZE, "%s/%s", stage->folder, name);
}

static void write_menu(const struct stage *stage, bool holds)
{
	char path[STAGE_PATH_SIZE];
	FILE *file;

	path_in(stage, "menu", path);
	file = fopen(path, "we");
	if (file == NULL)
		figure_die("%s: %s", path, strerror(errno));
	(void)fprintf(file,
		"car {\n"
		"    vin = \"" STAGE_VIN "\"\n"
		"    key = \"file:%s/key\"\n"
		"    link = \"socket:%s/%s\"\n"
		"}\n"
		"node {\n"
		"    rpc = \"%s/rpc\"\n"
		"    hold = %s\n"
		"    accept = { \"label 1sat2flash-*\" }\n"
		"}\n"
		"action flash {\n"
		"    price = 1\n"
		"    do = flash-lights\n"
		"}\n",
		stage->folder, stage->folder, holds ? "car" : "link",
		stage->folder, holds ? "yes" : "no");
	if (fclose(file) != 0)
		figure_die("%s: %s", path, strerror(errno));
}

/* The bridge writes in it, as nobody if we are root. */
static void take_folder(struct stage *stage, const char *folder)
{
	if (strlen(folder) >= sizeof(stage->folder))
		figure_die("%s: too long for sockets in it", folder);
	strcpy(stage->folder, folder);
	if (geteuid() == 0 && chown(folder, NOBODY, NOBODY) < 0)
		figure_die("%s: %s", folder, strerror(errno));
	if (chmod(folder, 0755) < 0)
		figure_die("%s: %s", folder, strerror(errno));
}

static void start_bus(struct stage *stage)
{
	char path[STAGE_PATH_SIZE], address[STAGE_PATH_SIZE + 32];

	path_in(stage, "bus", path);
	(void)snprintf(
		address, sizeof(address), "--address=unix:path=%s", path);
	stage->bus = stage_spawn("/usr/bin/dbus-daemon",
		(const char *[]){ "dbus-daemon", "--session", "--nofork",
			"--nopidfile", "--nosyslog", address, NULL },
		-1);
	(void)close(stage_connect(path));
	(void)snprintf(address, sizeof(address), "unix:path=%s", path);
	(void)setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
}

/* Makes the bridge's key, and a car that knows it. */
static void start_car(struct stage *stage, const char *program)
{
	char menu[STAGE_PATH_SIZE], public[STAGE_PATH_SIZE];
	char enrol[STAGE_PATH_SIZE + 16];
	int fd;

	path_in(stage, "menu", menu);
	path_in(stage, "public.pem", public);
	fd = open(public, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		figure_die("%s: %s", public, strerror(errno));
	stage_await(stage_spawn(stage->bridge_program,
			    (const char *[]){ "1sat2flashd", "--config", menu,
				    "--make-key", NULL },
			    fd),
		"1sat2flashd --make-key");
	(void)close(fd);

	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	(void)snprintf(enrol, sizeof(enrol), "%s:driver", public);
	stage->car = stage_spawn(program,
		(const char *[]){ "simcar", "--socket", stage->car_path,
			"--vin", STAGE_VIN, "--enrol", enrol, NULL },
		fd);
	(void)close(fd);
	(void)close(stage_connect(stage->car_path));
}

static void open_notify(struct stage *stage)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	path_in(stage, "notify", address.sun_path);
	stage->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (stage->notify_fd < 0 ||
		bind(stage->notify_fd, (struct sockaddr *)&address,
			sizeof(address)) < 0 ||
		chmod(address.sun_path, 0666) < 0)
		figure_die("%s: %s", address.sun_path, strerror(errno));
	(void)setenv("NOTIFY_SOCKET", address.sun_path, 1);
}

static void open_all(struct stage *stage, const char *folder,
	const char *bridge_program, const char *car_program, bool holds)
{
	*stage = (struct stage){
		.bridge_program = bridge_program,
		.node = { .listen_fd = -1, .fd = -1 },
		.relay = { .listen_fd = -1, .bridge_fd = -1, .car_fd = -1 },
	};
	take_folder(stage, folder);
	write_menu(stage, holds);
	path_in(stage, "car", stage->car_path);
	start_bus(stage);
	start_car(stage, car_program);
	open_notify(stage);
}

void stage_open(struct stage *stage, const char *folder,
	const char *bridge_program, const char *car_program)
{
	char path[STAGE_PATH_SIZE];

	open_all(stage, folder, bridge_program, car_program, false);
	path_in(stage, "rpc", path);
	node_open(&stage->node, path);
	path_in(stage, "link", path);
	relay_open(&stage->relay, path, stage->car_path);
}

void stage_open_holding(struct stage *stage, const char *folder,
	const char *bridge_program, const char *car_program)
{
	open_all(stage, folder, bridge_program, car_program, true);
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
}

void stage_close(struct stage *stage)
{
	stage_stop_bridge(stage);
	end(stage->car);
	end(stage->bus);
	relay_close(&stage->relay);
	node_close(&stage->node);
	(void)close(stage->notify_fd);
}

static void hear(struct stage *stage)
{
	char text[1024];
	ssize_t n = recv(stage->notify_fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	if (strstr(text, "READY=1") != NULL)
		stage->is_ready = true;
}

uint64_t stage_start_bridge(struct stage *stage)
{
	char menu[STAGE_PATH_SIZE];
	uint64_t began = figure_now_ns();

	path_in(stage, "menu", menu);
	/* Volatile where a container's disk is an overlay, synced as any. */
	stage->bridge = stage_spawn(stage->bridge_program,
		(const char *[]){ "1sat2flashd", "--config", menu,
			"--state-dir", stage->folder, "--allow-volatile-state",
			NULL },
		-1);
	stage->is_ready = false;
	while (!stage->is_ready) {
		if (figure_now_ns() - began > READY_MS * UINT64_C(1000000) ||
			waitpid(stage->bridge, NULL, WNOHANG) != 0)
			figure_die("the bridge is not ready");
		stage_serve(stage, 100);
	}

	return figure_now_ns() - began;
}

void stage_stop_bridge(struct stage *stage)
{
	end(stage->bridge);
	stage->bridge = 0;
}

void stage_serve(struct stage *stage, int ms)
{
	struct node *node = &stage->node;
	struct relay *relay = &stage->relay;
	struct pollfd fds[] = {
		{ .fd = node->listen_fd, .events = POLLIN },
		{ .fd = node->fd, .events = POLLIN },
		{ .fd = relay->listen_fd, .events = POLLIN },
		{ .fd = relay->bridge_fd, .events = POLLIN },
		{ .fd = relay->car_fd, .events = POLLIN },
		{ .fd = stage->notify_fd, .events = POLLIN },
	};

	/* The node's own deadlines are looked at as often as this. */
	if (ms > TICK_MS)
		ms = TICK_MS;
	if (poll(fds, ARRAY_SIZE(fds), ms) < 0 && errno != EINTR)
		figure_die("poll: %s", strerror(errno));
	/* The bridge's bytes first: they are timed. */
	if (fds[3].revents != 0)
		relay_read_bridge(relay);
	if (fds[4].revents != 0 && relay->car_fd >= 0)
		relay_read_car(relay);
	if (fds[1].revents != 0)
		node_read(node);
	if (fds[0].revents != 0)
		node_accept(node);
	if (fds[2].revents != 0)
		relay_accept(relay);
	if (fds[5].revents != 0)
		hear(stage);
	node_tick(node, figure_now_ns());
}

void stage_rest(struct stage *stage, uint64_t ms)
{
	uint64_t end_ns = figure_now_ns() + ms * 1000000;
	uint64_t now_ns;

	while ((now_ns = figure_now_ns()) < end_ns) {
		stage_serve(stage, (int)((end_ns - now_ns) / 1000000) + 1);
	}
}

void stage_until_waited_on(struct stage *stage)
{
	uint64_t began = figure_now_ns();

	while (!stage->node.is_waited_on) {
		if (figure_now_ns() - began > UINT64_C(30000000000))
			figure_die("the bridge does not wait for payments");
		stage_serve(stage, 100);
	}
}

uint64_t stage_bridge_status(const struct stage *stage, const char *name)
{
	return figure_status(stage->bridge, name);
}
