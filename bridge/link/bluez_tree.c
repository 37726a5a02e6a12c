/* SPDX-License-Identifier: MIT */

#include "link/bluez_tree.h"

#include <string.h>
#include <strings.h>

void bluez_tree_init(struct bluez_tree *tree, const char *name)
{
	*tree = (struct bluez_tree){ 0 };
	(void)strncat(tree->name, name, sizeof(tree->name) - 1);
}

void bluez_tree_clear(struct bluez_tree *tree)
{
	char name[BLUEZ_NAME_SIZE];

	memcpy(name, tree->name, sizeof(name));
	bluez_tree_init(tree, name);
}

bool bluez_is_under(const char *path, const char *parent)
{
	size_t len = strlen(parent);

	return strncmp(path, parent, len) == 0 && path[len] == '/';
}

const struct bluez_adapter *bluez_tree_adapter(
	const struct bluez_tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->n_adapters; i++)
		if (strcmp(tree->adapters[i].path, path) == 0)
			return &tree->adapters[i];
	return NULL;
}

static bool is_wanted(const struct bluez_adapter *adapter, const char *want)
{
	return *want == '\0' || strcasecmp(adapter->address, want) == 0 ||
	       strcmp(strrchr(adapter->path, '/') + 1, want) == 0;
}

static int rank(const struct bluez_adapter *adapter)
{
	return 2 * !adapter->is_classic + adapter->powered;
}

const struct bluez_adapter *bluez_tree_choose_adapter(
	const struct bluez_tree *tree, const char *want)
{
	const struct bluez_adapter *best = NULL;

	for (size_t i = 0; i < tree->n_adapters; i++) {
		const struct bluez_adapter *adapter = &tree->adapters[i];

		if (!is_wanted(adapter, want))
			continue;
		if (best == NULL || rank(adapter) > rank(best) ||
			(rank(adapter) == rank(best) &&
				strcmp(adapter->path, best->path) < 0))
			best = adapter;
	}

	return best;
}

const struct bluez_device *bluez_tree_device(
	const struct bluez_tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->n_devices; i++)
		if (strcmp(tree->devices[i].path, path) == 0)
			return &tree->devices[i];
	return NULL;
}

void bluez_tree_set_connected(
	struct bluez_tree *tree, const char *path, bool connected)
{
	for (size_t i = 0; i < tree->n_devices; i++)
		if (strcmp(tree->devices[i].path, path) == 0)
			tree->devices[i].connected = connected;
}

const struct bluez_device *bluez_tree_heard(
	const struct bluez_tree *tree, const char *adapter)
{
	const struct bluez_device *best = NULL;

	for (size_t i = 0; i < tree->n_devices; i++) {
		const struct bluez_device *device = &tree->devices[i];

		if (device->is_ours && bluez_is_under(device->path, adapter) &&
			device->heard > (best == NULL ? 0 : best->heard))
			best = device;
	}

	return best;
}

const struct bluez_device *bluez_tree_connected(
	const struct bluez_tree *tree, const char *adapter)
{
	for (size_t i = 0; i < tree->n_devices; i++) {
		const struct bluez_device *device = &tree->devices[i];

		if (device->is_ours && device->connected &&
			bluez_is_under(device->path, adapter))
			return device;
	}

	return NULL;
}

const struct bluez_char *bluez_tree_char(
	const struct bluez_tree *tree, const char *device, enum bluez_role role)
{
	for (size_t i = 0; i < tree->n_chars; i++)
		if (tree->chars[i].role == role &&
			bluez_is_under(tree->chars[i].path, device))
			return &tree->chars[i];
	return NULL;
}

bool bluez_tree_has_others(const struct bluez_tree *tree, const char *adapter)
{
	for (size_t i = 0; i < tree->n_devices; i++) {
		const struct bluez_device *device = &tree->devices[i];

		if (!device->is_ours && device->connected &&
			bluez_is_under(device->path, adapter))
			return true;
	}

	return tree->is_crowded;
}
