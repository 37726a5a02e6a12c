/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "link/bluez.h"
#include "link/bluez_tree.h"

enum {
	CALL_US = 5 * 1000 * 1000,
};

/* Leaves @tree empty where there is no bluetoothd. */
static int load(sd_bus *bus, struct bluez_tree *tree)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	int r;

	r = sd_bus_message_new_method_call(bus, &m, "org.bluez", "/",
		"org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
	/* A bluetoothd that has to be started first holds no link. */
	if (r >= 0)
		r = sd_bus_message_set_auto_start(m, 0);
	if (r < 0)
		return r;
	r = sd_bus_call(bus, m, CALL_US, &error, &reply);
	if (sd_bus_error_has_names(&error, SD_BUS_ERROR_SERVICE_UNKNOWN,
		    SD_BUS_ERROR_NAME_HAS_NO_OWNER))
		return 0;
	if (r < 0)
		return r;

	return bluez_tree_load(tree, reply);
}

/* Was there a link?  BlueZ says success also where there is none. */
static bool disconnect(sd_bus *bus, const struct bluez_device *device)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sd_bus_message_new_method_call(
		bus, &m, "org.bluez", device->path, BLUEZ_DEVICE, "Disconnect");
	if (r >= 0)
		r = sd_bus_call(bus, m, CALL_US, NULL, NULL);

	return r >= 0 && device->connected;
}

int link_bluez_release(
	const struct link_bluez_config *config, unsigned int *ret_n)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	const struct bluez_adapter *adapter;
	struct bluez_tree tree;
	unsigned int n = 0;
	int r;

	if (strlen(config->name) != BLUEZ_NAME_SIZE - 1)
		return -EINVAL;
	r = config->open_bus == NULL ? sd_bus_open_system(&bus)
				     : config->open_bus(config->userdata, &bus);
	if (r < 0)
		return r;

	bluez_tree_init(&tree, config->name);
	r = load(bus, &tree);
	if (r < 0)
		return r;
	adapter = bluez_tree_choose_adapter(&tree, config->adapter);
	/* Also without a link: a Connect() may be pending, bluez B.3 4. */
	for (size_t i = 0; adapter != NULL && i < tree.n_devices; i++)
		if (tree.devices[i].is_ours &&
			bluez_is_under(tree.devices[i].path, adapter->path))
			n += disconnect(bus, &tree.devices[i]);

	*ret_n = n;
	return 0;
}
