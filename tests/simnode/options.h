/* SPDX-License-Identifier: MIT */
#pragma once

/* Options - the command line */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	OPTIONS_FAULTS_MAX = 8,
	OPTIONS_PLUGINS_MAX = 8,
};

enum {
	_OPTIONS_E_SUCCESS,

	OPTIONS_E_USAGE, /* a sentence was written to standard error */
	OPTIONS_E_HELP,  /* --help was asked for, and given */
};

struct options {
	const char *socket;
	const char *id;    /* NULL: random */
	const char *state; /* NULL: kept in memory only */
	bool bolt8;
	uint16_t port;       /* 0: any */
	const char *key;     /* NULL: random */
	const char *rune;    /* NULL: any */
	const char *methods; /* NULL: all */
	unsigned int preload;
	const char *faults[OPTIONS_FAULTS_MAX]; /* lines of the console */
	size_t n_faults;
	const char *plugins[OPTIONS_PLUGINS_MAX];
	size_t n_plugins;
	json_t *settings;   /* of plugins: plugins.h; owned */
	const char *folder; /* of lightningd; NULL: one is made up */
	/* As a client: the method and its parameters; or NULL. */
	const char *method;
	json_t *params; /* owned */
};

/* Returns 0, OPTIONS_E_USAGE or OPTIONS_E_HELP. */
int options_read(int argc, char **argv, struct options *ret) _must_use_;
void options_deinit(struct options *options);
