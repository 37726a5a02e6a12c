/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Datastore - what plugins keep at the node: datastore, listdatastore,
 * deldatastore
 *
 * Saved before it is answered, as the real node commits it.
 *
 * Spec: lightning 3.
 */

#include "methods.h"
#include "params.h"

/* Methods, as methods.c calls them. */
void datastore_write(struct world *world, const struct params *params,
	struct methods_answer *ret);
void datastore_list(struct world *world, const struct params *params,
	struct methods_answer *ret);
void datastore_delete(struct world *world, const struct params *params,
	struct methods_answer *ret);
