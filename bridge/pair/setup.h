/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Setup - what pairing needs on this machine: configuration, folder, key
 *
 * In this order: setup_read(); setup_write(), which only root can do, if
 * there is no configuration yet; setup_drop(), from where on the program is
 * the bridge's user; setup_key(), which so writes into the user's folder as
 * that user: nobody can have root follow a symbolic link there.
 *
 * All return 0, or SETUP_E_FAILED with a sentence in @why.
 */

#include <stdbool.h>

#include "model/vin.h"
#include "util/macro.h"
#include "util/privilege.h"

#define SETUP_CONFIG "/etc/1sat2flash/1sat2flash.conf"
#define SETUP_STATE_DIR "/var/lib/1sat2flash"
#define SETUP_USER "_1sat2flash"

struct signer;

enum {
	SETUP_WHY_SIZE = 512,
	SETUP_TEXT_SIZE = 256,
};

enum {
	_SETUP_E_SUCCESS,

	SETUP_E_FAILED,
};

struct setup_options {
	const char *config;    /* NULL: SETUP_CONFIG */
	const char *state_dir; /* NULL: SETUP_STATE_DIR */
	const char *vin;       /* "": that of the configuration */
	const char *adapter;   /* NULL: that of the configuration */
};

struct setup {
	const struct setup_options *options; /* borrowed */
	bool is_root;
	struct account account; /* if is_root */
	char state_dir[SETUP_TEXT_SIZE];
	/* There is a configuration file, and what it says. */
	bool has_config;
	char vin[VIN_SIZE]; /* "": neither given nor configured */
	char key_uri[SETUP_TEXT_SIZE];
	char link[SETUP_TEXT_SIZE];
	char adapter[SETUP_TEXT_SIZE];
	bool reset_shared;
	/* By this program, now. */
	bool made_config, made_key;
	struct signer *signer; /* owned; of setup_key() */
};

/*
 * Finds out who we are and reads the configuration, if there is one; changes
 * nothing.  @options stay with the caller.
 */
int setup_read(struct setup *setup, const struct setup_options *options,
	char why[static SETUP_WHY_SIZE]) _must_use_;

/* Writes what is missing: configuration and state folder. */
int setup_write(
	struct setup *setup, char why[static SETUP_WHY_SIZE]) _must_use_;

int setup_drop(struct setup *setup, char why[static SETUP_WHY_SIZE]) _must_use_;

/* Loads the key; if there is none, makes it if @may_make. */
int setup_key(struct setup *setup, bool may_make,
	char why[static SETUP_WHY_SIZE]) _must_use_;

/* Removes the file of the key, for good. */
int setup_forget(
	struct setup *setup, char why[static SETUP_WHY_SIZE]) _must_use_;

/* The path of the configuration, and of the key: NULL if it is no file. */
const char *setup_config_path(const struct setup *setup);
const char *setup_key_path(const struct setup *setup);

void setup_deinit(struct setup *setup);
