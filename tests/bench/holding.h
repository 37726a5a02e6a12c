/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Holding - a simnode, with or without plugin and guard, and who pays there
 *
 * Times count from the payer's call to its answer.
 */

#include <stdint.h>
#include <sys/types.h>

/* Programs; a plugin's file name is what it is called by. */
struct holding_programs {
	const char *simnode;
	const char *plugin; /* NULL: neither plugin nor guard */
	const char *guard;
};

struct holding {
	pid_t node;
	pid_t plugin;  /* 0: none */
	char path[64]; /* of its socket */
	int fd;        /* who pays */
};

/* Starts a node on the socket @path, with its files in a new folder @folder. */
void holding_open(struct holding *holding, const char *path, const char *folder,
	const struct holding_programs *programs);
void holding_close(struct holding *holding);

/*
 * Pays 1 sat for a new invoice, whose label begins with @label.  Returns ns,
 * or 0 where the money went back.
 */
uint64_t holding_pay(struct holding *holding, const char *label);

/* The median of @n payments, in ns; all of them are to be taken. */
double holding_median(struct holding *holding, const char *label, size_t n);

/* A car in software, @number, each with a connection of its own. */
int holding_add_car(const struct holding *holding, size_t number);
/* It waits for payments, for 55 s. */
void holding_poll(int fd, size_t number);
