/* SPDX-License-Identifier: MIT */
#pragma once

/* QR world - a menu with offers, and what is said about it */

#include <pty.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "cli/qr.h"
#include "cli/qr_svg.h"
#include "qr-read.h"
#include "util/macro.h"

struct action {
	const char *name, *offer;
	bool is_active, is_held;
};

static const struct action flash = { "flash", QR_OFFER, true, true };
static const struct action bare = { "bare", "", false, false };
/* Of a menu that names an offer of its own, by its id. */
static const struct action handmade = { "honk",
	"61a9e2b5a1b8f5e3c4d7f1e2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6",
	false, false };

struct world {
	sd_bus *bus;
	sd_bus_message *m;
	struct capture capture;
	char folder[32];
};

static inline void add(sd_bus_message *m, const struct action *action)
{
	cr_assert_geq(sd_bus_message_append(m, "a{sv}", 5, "action", "s",
			      action->name, "price_msat", "t", UINT64_C(21000),
			      "offer", "s", action->offer, "offer_active", "b",
			      (int)action->is_active, "hold", "b",
			      (int)action->is_held),
		0);
}

/* A bus that nobody is on, and a folder to write to. */
static inline struct world *begin(void)
{
	struct world *w = calloc(1, sizeof(*w));
	int fds[2];

	cr_assert_not_null(w);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	cr_assert_geq(sd_bus_new(&w->bus), 0);
	cr_assert_geq(sd_bus_set_fd(w->bus, fds[0], fds[0]), 0);
	cr_assert_geq(sd_bus_start(w->bus), 0);
	(void)close(fds[1]);
	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/test-qr.XXXXXX");
	cr_assert_not_null(mkdtemp(w->folder));
	cr_assert_eq(chdir(w->folder), 0);
	(void)umask(022);
	return w;
}

/* Nothing but what the test knows may be left in the folder. */
static inline void end(struct world *w)
{
	(void)sd_bus_message_unref(w->m);
	(void)sd_bus_unref(w->bus);
	cr_assert_eq(chdir("/"), 0);
	cr_assert_eq(rmdir(w->folder), 0);
	free(w);
}

static inline void open_menu(struct world *w)
{
	w->m = sd_bus_message_unref(w->m);
	cr_assert_geq(
		sd_bus_message_new_signal(w->bus, &w->m, "/x", "x.Y", "Z"), 0);
	cr_assert_geq(sd_bus_message_open_container(w->m, 'a', "a{sv}"), 0);
}

static inline void close_menu(struct world *w)
{
	cr_assert_geq(sd_bus_message_close_container(w->m), 0);
	cr_assert_geq(sd_bus_message_seal(w->m, 1, 0), 0);
	cr_assert_geq(sd_bus_message_rewind(w->m, 1), 0);
}

/* @actions end with NULL. */
static inline void set_menu(
	struct world *w, const struct action *const *actions)
{
	open_menu(w);
	while (*actions != NULL)
		add(w->m, *actions++);
	close_menu(w);
}

#define MENU(...) ((const struct action *const[]){ __VA_ARGS__, NULL })

/* All but what a page holds fit, and one more. */
static inline void set_long_menu(struct world *w)
{
	open_menu(w);
	for (int i = 0; i <= QR_SVG_PLACES; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "a%d", i);
		add(w->m, &(const struct action){ name, QR_OFFER, true, true });
	}
	close_menu(w);
}

static inline int ask(struct world *w, const struct qr_ask *what)
{
	int r;

	capture_begin(&w->capture);
	r = qr_show(w->m, what);
	capture_end(&w->capture);
	cr_assert_geq(sd_bus_message_rewind(w->m, 1), 0);
	return r;
}

static inline int ask_for(struct world *w, const char *action)
{
	return ask(w, &(const struct qr_ask){ .action = action });
}

static inline int ask_svg(struct world *w, const char *action, const char *file)
{
	return ask(w, &(const struct qr_ask){ .action = action, .svg = file });
}

static inline bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static inline size_t count(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

/* What a file holds, for free(3). */
static inline char *slurp(const char *path)
{
	char *text = malloc(CAPTURE_SIZE);
	FILE *file = fopen(path, "r");
	size_t n;

	cr_assert_not_null(text);
	cr_assert_not_null(file, "%s", path);
	n = fread(text, 1, CAPTURE_SIZE - 1, file);
	text[n] = '\0';
	(void)fclose(file);
	return text;
}

/* On a terminal of that many columns, in a child, as it may wait for it. */
static inline int ask_terminal(struct world *w, unsigned short columns)
{
	const struct winsize size = { .ws_row = 24, .ws_col = columns };
	int master, slave, status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	cr_assert_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
	pid = fork();
	if (pid == 0) {
		(void)dup2(slave, STDOUT_FILENO);
		(void)dup2(slave, STDERR_FILENO);
		(void)close(slave);
		(void)close(master);
		status = qr_show(
			w->m, &(const struct qr_ask){ .action = "flash" });
		(void)fflush(stdout);
		_exit(status);
	}
	(void)close(slave);
	/* EIO: all that had it open are gone. */
	while ((n = read(master, w->capture.out + len,
			CAPTURE_SIZE - 1 - len)) > 0)
		len += (size_t)n;
	w->capture.out[len] = '\0';
	(void)close(master);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}
