/* SPDX-License-Identifier: MIT */

/*
 * Whatever objects there are, of whatever types, the picture of them keeps
 * its size and holds only what it is for.
 */

#include <errno.h>
#include <string.h>

#include "link/bluez_tree.h"
#include "tests/unit/bluez-message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct input {
	const uint8_t *data;
	size_t len;
};

static uint8_t take(struct input *in)
{
	if (in->len == 0)
		return 0;
	in->len--;
	return *in->data++;
}

static const char *pick(struct input *in, const char *const *table, size_t n)
{
	return table[take(in) % n];
}

#define PICK(in, ...)                                  \
	pick(in, (const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

#define LONG \
	"/a_path_that_is_longer_than_any_that_org_bluez_has_for_its_objects"

static const char *path(struct input *in)
{
	return PICK(in, "/", "/org/bluez", "/org/bluez/hci0", "/org/bluez/hci1",
		"/org/bluez/hci0/dev_00_11_22_33_44_55",
		"/org/bluez/hci0/dev_00_11_22_33_44_55/service0021/char0022",
		"/org/bluez/hci0/dev_00_11_22_33_44_55/service0021/char0024",
		"/org/bluez/hci1/dev_1", "/org/bluez/hci1/dev_2",
		"/org/bluez/hci0" LONG LONG, "/elsewhere");
}

static const char *interface(struct input *in)
{
	return PICK(in, BLUEZ_ADAPTER, BLUEZ_DEVICE, BLUEZ_CHAR,
		"org.bluez.Battery1");
}

static const char *text(struct input *in)
{
	return PICK(in, "", "S1a87a5a75f3df858C", "S1a87a5a75f3df858R",
		"Model 3", "B8:27:EB:12:34:56", "off-blocked",
		"00000212-b2d1-43f0-9b88-960cebf8b91e",
		"00000213-b2d1-43f0-9b88-960cebf8b91e", LONG);
}

static int add_properties(struct input *in, sd_bus_message *m)
{
	int r = sd_bus_message_open_container(m, 'a', "{sv}");

	for (unsigned int n = take(in) % 8; r >= 0 && n > 0; n--) {
		const char *name = PICK(in, "Name", "Alias", "Connected",
			"RSSI", "ServicesResolved", "Powered", "Discovering",
			"PowerState", "Address", "UUID", "Notifying", "Value");

		switch (take(in) % 6) {
		case 0:
			r = sd_bus_message_append(
				m, "{sv}", name, "s", text(in));
			break;
		case 1:
			r = sd_bus_message_append(
				m, "{sv}", name, "b", take(in) & 1);
			break;
		case 2:
			r = sd_bus_message_append(
				m, "{sv}", name, "n", (int)(int8_t)take(in));
			break;
		case 3:
			r = sd_bus_message_append(
				m, "{sv}", name, "ay", 2, take(in), take(in));
			break;
		case 4:
			r = sd_bus_message_append(
				m, "{sv}", name, "as", 1, text(in));
			break;
		case 5:
			r = sd_bus_message_append(m, "{sv}", name, "a{qv}", 1,
				take(in), "ay", 1, take(in));
			break;
		}
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int add_object(struct input *in, sd_bus_message *m)
{
	int r = sd_bus_message_append(m, "o", path(in));

	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");
	for (unsigned int n = take(in) % 4; r >= 0 && n > 0; n--) {
		r = sd_bus_message_open_container(m, 'e', "sa{sv}");
		if (r >= 0)
			r = sd_bus_message_append(m, "s", interface(in));
		if (r >= 0)
			r = add_properties(in, m);
		if (r >= 0)
			r = sd_bus_message_close_container(m);
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int add_objects(struct input *in, sd_bus_message *m)
{
	int r = sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}");

	for (unsigned int n = take(in) % 8; r >= 0 && n > 0; n--) {
		r = sd_bus_message_open_container(m, 'e', "oa{sa{sv}}");
		if (r >= 0)
			r = add_object(in, m);
		if (r >= 0)
			r = sd_bus_message_close_container(m);
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}

/* One of the four messages, built as @shape and read as @reader. */
static int build(struct input *in, unsigned int shape, sd_bus_message *m)
{
	int r;

	switch (shape) {
	case 0:
		return add_objects(in, m);
	case 1:
		return add_object(in, m);
	case 2:
		return sd_bus_message_append(
			m, "oas", path(in), 1, interface(in));
	default:
		r = sd_bus_message_append(m, "s", interface(in));
		if (r >= 0)
			r = add_properties(in, m);
		return r < 0 ? r : sd_bus_message_append(m, "as", 0);
	}
}

static void check(const struct bluez_tree *tree)
{
	if (tree->n_adapters > BLUEZ_ADAPTERS_MAX ||
		tree->n_devices > BLUEZ_DEVICES_MAX ||
		tree->n_chars > BLUEZ_CHARS_MAX)
		abort();
	for (size_t i = 0; i < tree->n_devices; i++) {
		const struct bluez_device *device = &tree->devices[i];

		if ((!device->is_ours && !device->connected) ||
			device->heard > tree->heard ||
			bluez_tree_device(tree, device->path) != device)
			abort();
	}
}

static void read_one(
	struct bluez_tree *tree, unsigned int reader, sd_bus_message *m)
{
	const struct bluez_tree before = *tree;
	struct bluez_value value = { 0 };
	int r;

	switch (reader) {
	case 0:
		r = bluez_tree_load(tree, m);
		break;
	case 1:
		r = bluez_tree_on_added(tree, m);
		break;
	case 2:
		r = bluez_tree_on_removed(tree, m);
		break;
	default:
		r = bluez_tree_on_changed(tree, m, &value);
		break;
	}

	if (r > 0 || (r < 0 && memcmp(&before, tree, sizeof(before)) != 0) ||
		(value.data == NULL && value.len > 0))
		abort();
	check(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct bluez_wire wire;
	struct input in = { data, len };
	struct bluez_tree tree;

	if (wire.bus == NULL && bluez_wire_open(&wire) < 0)
		abort();

	bluez_tree_init(&tree, "S1a87a5a75f3df858C");
	while (in.len > 0) {
		_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
		unsigned int shape = take(&in) % 4;
		unsigned int reader = take(&in);

		reader = reader < 240 ? shape : reader % 4;
		if (bluez_wire_signal(&wire, path(&in), "Signal", &m) < 0 ||
			build(&in, shape, m) < 0 || bluez_wire_seal(m) < 0)
			abort();
		read_one(&tree, reader, m);
	}
	return 0;
}
