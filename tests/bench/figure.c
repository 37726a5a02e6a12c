/* SPDX-License-Identifier: MIT */

#include "figure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

struct synced {
	sqlite3 *db;
	sqlite3_stmt *insert;
};

static void print_verdict(const struct figure *figure)
{
	double limit = figure->target;
	bool met = true;

	switch (figure->rule) {
	case FIGURE_AT_MOST:
		met = figure->value <= limit;
		(void)printf("\"<= %g\"", limit);
		break;
	case FIGURE_AT_LEAST:
		met = figure->value >= limit;
		(void)printf("\">= %g\"", limit);
		break;
	case FIGURE_FLOORS:
		met = figure->value <= limit * figure->floor;
		(void)printf("\"<= %g floors\"", limit);
		break;
	case FIGURE_NO_RULE:
		(void)printf("null,\"met\":null");
		return;
	}
	(void)printf(",\"met\":%s", met ? "true" : "false");
}

void figure_print(const struct figure *figure)
{
	(void)printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"",
		figure->name, figure->value, figure->unit);
	if (figure->floor > 0)
		(void)printf(",\"floor\":%.4g,\"ratio\":%.3g", figure->floor,
			figure->value / figure->floor);
	else
		(void)printf(",\"floor\":null,\"ratio\":null");
	(void)printf(",\"target\":");
	print_verdict(figure);
	(void)printf("}\n");
	(void)fflush(stdout);
}

uint64_t figure_now_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
		abort();

	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double figure_percentile(double *samples, size_t n, double percent)
{
	size_t rank = (size_t)((double)n * percent / 100);

	qsort(samples, n, sizeof(samples[0]), compare);
	return samples[rank < n ? rank : n - 1];
}

uint64_t figure_status(pid_t pid, const char *name)
{
	char path[64], line[256];
	uint64_t value = UINT64_MAX;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		figure_die("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtoull(line + strlen(name), NULL, 10);
	(void)fclose(file);
	if (value == UINT64_MAX)
		figure_die("%s has no %s", path, name);

	return value;
}

void figure_die(const char *format, ...)
{
	va_list args;

	(void)fputs("bench: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

void figure_check(int r, const char *what)
{
	if (r < 0)
		figure_die("%s: %s", what, strerror(-r));
	if (r > 0)
		figure_die("%s: answer %d", what, r);
}

static void exec(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		figure_die("%s: %s", sql, sqlite3_errmsg(db));
}

struct synced *synced_open(const char *folder)
{
	struct synced *synced = calloc(1, sizeof(*synced));
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/floor.sqlite", folder);
	if (synced == NULL || sqlite3_open(path, &synced->db) != SQLITE_OK)
		figure_die("cannot open %s", path);
	exec(synced->db, "PRAGMA journal_mode = WAL");
	exec(synced->db, "PRAGMA synchronous = FULL");
	exec(synced->db, "CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)");
	if (sqlite3_prepare_v2(synced->db, "INSERT INTO t(data) VALUES(?)", -1,
		    &synced->insert, NULL) != SQLITE_OK)
		figure_die("%s", sqlite3_errmsg(synced->db));

	return synced;
}

uint64_t synced_insert(struct synced *synced, size_t len)
{
	uint64_t began = figure_now_ns();

	(void)sqlite3_bind_zeroblob(synced->insert, 1, (int)len);
	if (sqlite3_step(synced->insert) != SQLITE_DONE)
		figure_die("%s", sqlite3_errmsg(synced->db));
	(void)sqlite3_reset(synced->insert);

	return figure_now_ns() - began;
}

void synced_close(struct synced *synced)
{
	(void)sqlite3_finalize(synced->insert);
	(void)sqlite3_close(synced->db);
	free(synced);
}
