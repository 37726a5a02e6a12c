/* SPDX-License-Identifier: MIT */

#include <string.h>
#include <strings.h>

#include "link/bluez_tree.h"

/* vehicle-protocol 1.2 */
static const char *const uuids[_BLUEZ_ROLE_N] = {
	[BLUEZ_TO_CAR] = "00000212-b2d1-43f0-9b88-960cebf8b91e",
	[BLUEZ_FROM_CAR] = "00000213-b2d1-43f0-9b88-960cebf8b91e",
};

/* The types that are read; of others, no name is known here. */
struct value {
	char type;  /* 'a': "as"; 0: another one */
	int number; /* of a list: is "central" in it? */
	const char *text;
};

/* An object while its properties are read: it is taken over if all are. */
struct draft {
	const struct bluez_tree *tree;
	struct bluez_adapter adapter;
	struct bluez_device device;
	struct bluez_char chr;
	bool has_role;
	bool has_rssi;             /* among what was read now */
	bool is_named;             /* by what was read now, and not on a link */
	struct bluez_value *value; /* NULL: not asked for */
};

typedef void (*set_t)(struct draft *d, const char *name, const struct value *v);

/* --- one object ----------------------------------------------------------- */

/* The last letter tells a role of the car's radio: vehicle-protocol 1.1. */
static bool is_name(const struct bluez_tree *tree, const char *name)
{
	size_t len = strlen(tree->name) - 1;

	return strlen(name) == len + 1 && strncmp(name, tree->name, len) == 0 &&
	       strchr("CRDP", name[len]) != NULL;
}

static void set_adapter(
	struct draft *d, const char *name, const struct value *v)
{
	struct bluez_adapter *adapter = &d->adapter;

	if (strcmp(name, "Address") == 0 && v->type == 's' &&
		strlen(v->text) < sizeof(adapter->address))
		(void)strcpy(adapter->address, v->text);
	else if (strcmp(name, "Powered") == 0 && v->type == 'b')
		adapter->powered = v->number != 0;
	else if (strcmp(name, "Discovering") == 0 && v->type == 'b')
		adapter->discovering = v->number != 0;
	else if (strcmp(name, "Roles") == 0 && v->type == 'a')
		adapter->is_classic = v->number == 0;
	else if (strcmp(name, "PowerState") == 0 && v->type == 's')
		adapter->power = strcmp(v->text, "off-blocked") == 0
					 ? BLUEZ_POWER_BLOCKED
					 : BLUEZ_POWER_UNKNOWN;
}

static void set_device(struct draft *d, const char *name, const struct value *v)
{
	struct bluez_device *device = &d->device;

	if (strcmp(name, "Name") == 0 && v->type == 's') {
		/* On a link, it is the car's GAP service that tells it. */
		if (is_name(d->tree, v->text)) {
			device->is_ours = true;
			(void)strcpy(device->name, v->text);
			d->is_named = !device->connected;
		}
	} else if (strcmp(name, "Alias") == 0 && v->type == 's') {
		bool is_ours = is_name(d->tree, v->text);

		/* On a link, it only follows the name. */
		device->has_alias =
			is_ours || (device->connected && device->has_alias);
		device->is_ours = device->is_ours || is_ours;
	} else if (strcmp(name, "Connected") == 0 && v->type == 'b') {
		device->connected = v->number != 0;
	} else if (strcmp(name, "ServicesResolved") == 0 && v->type == 'b') {
		device->resolved = v->number != 0;
	} else if (strcmp(name, "RSSI") == 0 && v->type == 'n') {
		device->rssi = v->number == BLUEZ_RSSI_NONE ? 0 : v->number;
		d->has_rssi = true;
	}
}

static void set_char(struct draft *d, const char *name, const struct value *v)
{
	if (strcmp(name, "UUID") == 0 && v->type == 's') {
		for (int i = 0; i < _BLUEZ_ROLE_N; i++)
			if (strcasecmp(v->text, uuids[i]) == 0) {
				d->chr.role = (enum bluez_role)i;
				d->has_role = true;
			}
	} else if (strcmp(name, "Notifying") == 0 && v->type == 'b') {
		d->chr.notifying = v->number != 0;
	}
}

/* --- messages ------------------------------------------------------------- */

static int read_bytes(sd_bus_message *m, struct bluez_value *ret)
{
	const void *data;
	size_t len;
	int r;

	r = sd_bus_message_enter_container(m, 'v', "ay");
	if (r < 0)
		return r;
	r = sd_bus_message_read_array(m, 'y', &data, &len);
	if (r < 0)
		return r;

	ret->data = data;
	ret->len = len;
	return sd_bus_message_exit_container(m);
}

static int read_list(sd_bus_message *m, struct value *ret)
{
	const char *text;
	int r;

	r = sd_bus_message_enter_container(m, 'v', "as");
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(m, "s", &text)) > 0)
		ret->number = ret->number || strcmp(text, "central") == 0;
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	if (r < 0)
		return r;

	ret->type = 'a';
	return sd_bus_message_exit_container(m);
}

static int read_value(sd_bus_message *m, struct value *ret)
{
	const char *type;
	int16_t number;
	int r;

	*ret = (struct value){ 0 };
	r = sd_bus_message_peek_type(m, NULL, &type);
	if (r < 0)
		return r;
	if (strcmp(type, "as") == 0)
		return read_list(m, ret);
	if (strcmp(type, "b") == 0)
		r = sd_bus_message_read(m, "v", "b", &ret->number);
	else if (strcmp(type, "s") == 0)
		r = sd_bus_message_read(m, "v", "s", &ret->text);
	else if (strcmp(type, "n") == 0)
		r = sd_bus_message_read(m, "v", "n", &number);
	else
		return sd_bus_message_skip(m, "v");
	if (r < 0)
		return r;

	ret->type = *type;
	if (*type == 'n')
		ret->number = number;
	return 0;
}

/* a{sv} into @d. */
static int read_properties(sd_bus_message *m, set_t set, struct draft *d)
{
	struct value value;
	const char *contents;
	const char *name;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &name);
		if (r < 0)
			return r;
		r = sd_bus_message_peek_type(m, NULL, &contents);
		if (r < 0)
			return r;
		if (d->value != NULL && strcmp(name, "Value") == 0 &&
			strcmp(contents, "ay") == 0) {
			r = read_bytes(m, d->value);
		} else {
			r = read_value(m, &value);
			if (r >= 0)
				set(d, name, &value);
		}
		if (r < 0)
			return r;
		r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;

	return sd_bus_message_exit_container(m);
}

static void remove_at(void *array, size_t *n, size_t i, size_t size)
{
	uint8_t *at = (uint8_t *)array + i * size;

	(*n)--;
	memmove(at, at + size, (*n - i) * size);
}

static void keep_adapter(struct bluez_tree *tree, const struct draft *d)
{
	size_t i = 0;

	while (i < tree->n_adapters &&
		strcmp(tree->adapters[i].path, d->adapter.path) != 0)
		i++;
	if (i == BLUEZ_ADAPTERS_MAX)
		return;
	if (i == tree->n_adapters)
		tree->n_adapters++;
	tree->adapters[i] = d->adapter;
}

/* Of all the devices in the street, only ours and those in use count. */
static void keep_device(struct bluez_tree *tree, struct draft *d, bool is_heard)
{
	bool is_kept = d->device.is_ours || d->device.connected;
	size_t i = 0;

	if (d->device.is_ours && is_heard)
		d->device.heard = ++tree->heard;
	while (i < tree->n_devices &&
		strcmp(tree->devices[i].path, d->device.path) != 0)
		i++;
	if (i < tree->n_devices && !is_kept) {
		remove_at(tree->devices, &tree->n_devices, i,
			sizeof(tree->devices[0]));
	} else if (is_kept && i < BLUEZ_DEVICES_MAX) {
		if (i == tree->n_devices)
			tree->n_devices++;
		tree->devices[i] = d->device;
	} else if (is_kept) {
		tree->is_crowded = true;
	}
}

static void keep_char(struct bluez_tree *tree, const struct draft *d)
{
	size_t i = 0;

	while (i < tree->n_chars &&
		strcmp(tree->chars[i].path, d->chr.path) != 0)
		i++;
	if (!d->has_role || i == BLUEZ_CHARS_MAX)
		return;
	if (i == tree->n_chars)
		tree->n_chars++;
	tree->chars[i] = d->chr;
}

/* What is known of the object of @path, to be changed. */
static void begin(struct draft *d, const struct bluez_tree *tree,
	const char *path, struct bluez_value *value)
{
	const struct bluez_adapter *adapter = bluez_tree_adapter(tree, path);
	const struct bluez_device *device = bluez_tree_device(tree, path);

	*d = (struct draft){ .tree = tree, .value = value };
	(void)strcpy(d->adapter.path, path);
	(void)strcpy(d->device.path, path);
	(void)strcpy(d->chr.path, path);
	if (adapter != NULL)
		d->adapter = *adapter;
	if (device != NULL)
		d->device = *device;
	for (size_t i = 0; i < tree->n_chars; i++)
		if (strcmp(tree->chars[i].path, path) == 0) {
			d->chr = tree->chars[i];
			d->has_role = true;
		}
}

static set_t setter(const char *interface)
{
	if (strcmp(interface, BLUEZ_ADAPTER) == 0)
		return set_adapter;
	if (strcmp(interface, BLUEZ_DEVICE) == 0)
		return set_device;
	if (strcmp(interface, BLUEZ_CHAR) == 0)
		return set_char;
	return NULL;
}

static void keep(
	struct bluez_tree *tree, set_t set, struct draft *d, bool is_heard)
{
	if (set == set_adapter)
		keep_adapter(tree, d);
	else if (set == set_device)
		keep_device(tree, d, is_heard);
	else
		keep_char(tree, d);
}

/* A path that does not fit is none of org.bluez's. */
static bool is_path(const char *path)
{
	return strlen(path) < BLUEZ_PATH_SIZE &&
	       bluez_is_under(path, "/org/bluez");
}

/*
 * oa{sa{sv}}: one object with its interfaces.  @is_news: it was not there
 * before, as when an advert has made it.
 */
static int read_object(struct bluez_tree *tree, sd_bus_message *m, bool is_news)
{
	struct draft d;
	const char *path;
	const char *interface;
	set_t set;
	int r;

	r = sd_bus_message_read(m, "o", &path);
	if (r < 0)
		return r;
	if (!is_path(path))
		return sd_bus_message_skip(m, "a{sa{sv}}");

	r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
		r = sd_bus_message_read(m, "s", &interface);
		if (r < 0)
			return r;
		set = setter(interface);
		if (set != NULL) {
			begin(&d, tree, path, NULL);
			r = read_properties(m, set, &d);
		} else {
			r = sd_bus_message_skip(m, "a{sv}");
		}
		if (r < 0)
			return r;
		/* Only while it hears a device, BlueZ knows its RSSI. */
		if (set != NULL)
			keep(tree, set, &d, is_news || d.has_rssi);
		r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;

	return sd_bus_message_exit_container(m);
}

int bluez_tree_load(struct bluez_tree *tree, sd_bus_message *reply)
{
	struct bluez_tree fresh;
	int r;

	bluez_tree_init(&fresh, tree->name);
	r = sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}")) >
		0) {
		r = read_object(&fresh, reply, false);
		if (r < 0)
			return r;
		r = sd_bus_message_exit_container(reply);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;

	*tree = fresh;
	tree->is_loaded = true;
	return 0;
}

int bluez_tree_on_added(struct bluez_tree *tree, sd_bus_message *signal)
{
	struct bluez_tree changed = *tree;
	int r;

	if (!tree->is_loaded)
		return 0;
	r = read_object(&changed, signal, true);
	if (r < 0)
		return r;

	*tree = changed;
	return 0;
}

/* An object goes with all that is under it. */
#define REMOVE(tree, what, gone)                                              \
	do {                                                                  \
		for (size_t i = (tree)->n_##what; i-- > 0;)                   \
			if (strcmp((tree)->what[i].path, (gone)) == 0 ||      \
				bluez_is_under((tree)->what[i].path, (gone))) \
				remove_at((tree)->what, &(tree)->n_##what, i, \
					sizeof((tree)->what[0]));             \
	} while (0)

int bluez_tree_on_removed(struct bluez_tree *tree, sd_bus_message *signal)
{
	const char *path;
	const char *interface;
	bool is_gone = false;
	int r;

	r = sd_bus_message_read(signal, "o", &path);
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(signal, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(signal, "s", &interface)) > 0)
		is_gone = is_gone || setter(interface) != NULL;
	if (r < 0 || !is_gone)
		return r;

	REMOVE(tree, adapters, path);
	REMOVE(tree, devices, path);
	REMOVE(tree, chars, path);
	return 0;
}

/* Is there anything to be changed, or may this be a car that was nameless? */
static bool is_known(
	const struct bluez_tree *tree, set_t set, const struct draft *d)
{
	if (set == set_adapter)
		return bluez_tree_adapter(tree, d->adapter.path) != NULL;
	if (set == set_char)
		return d->has_role;
	return true;
}

int bluez_tree_on_changed(struct bluez_tree *tree, sd_bus_message *signal,
	struct bluez_value *ret_value)
{
	const char *path = sd_bus_message_get_path(signal);
	struct bluez_value value = { 0 };
	const char *interface;
	struct draft d;
	set_t set;
	int r;

	*ret_value = value;
	r = sd_bus_message_read(signal, "s", &interface);
	if (r < 0)
		return r;
	set = setter(interface);
	if (!tree->is_loaded || set == NULL || path == NULL || !is_path(path))
		return 0;

	begin(&d, tree, path, &value);
	r = read_properties(signal, set, &d);
	if (r < 0)
		return r;
	if (!is_known(tree, set, &d))
		return 0;

	keep(tree, set, &d, d.has_rssi || d.is_named);
	if (value.data != NULL && d.has_role && d.chr.role == BLUEZ_FROM_CAR) {
		*ret_value = value;
		(void)strcpy(ret_value->path, path);
	}
	return 0;
}
