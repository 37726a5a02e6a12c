/* SPDX-License-Identifier: MIT */

#include "cli/host.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/*
 * The other end of the bus, in a process of its own since host.c waits for
 * answers: systemd and bluetoothd in one, which say what the test wants.
 */
struct peer {
	const char *unit_file;
	const char *active; /* NULL: no such unit */
	/* Writes the adapters; NULL: an error, like a bus without bluetoothd */
	int (*objects)(sd_bus_message *m);
};

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const struct peer *peer = userdata;
	const char *member = sd_bus_message_get_member(m);
	int r;

	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	if (strcmp(member, "GetUnitFileState") == 0)
		r = sd_bus_message_append(reply, "s", peer->unit_file);
	else if (strcmp(member, "LoadUnit") == 0 && peer->active != NULL)
		r = sd_bus_message_append(reply, "o", "/unit");
	else if (strcmp(member, "Get") == 0)
		r = sd_bus_message_append(reply, "v", "s", peer->active);
	else if (strcmp(member, "GetManagedObjects") == 0 &&
		 peer->objects != NULL)
		r = peer->objects(reply);
	else
		return sd_bus_error_set(
			error, SD_BUS_ERROR_SERVICE_UNKNOWN, "nobody");

	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static void serve(int fd, const struct peer *peer)
{
	struct peer copy = *peer;
	sd_bus *bus = NULL;
	sd_id128_t id;
	int r;

	if (sd_id128_randomize(&id) < 0 || sd_bus_new(&bus) < 0 ||
		sd_bus_set_fd(bus, fd, fd) < 0 ||
		sd_bus_set_server(bus, 1, id) < 0 ||
		sd_bus_set_anonymous(bus, 1) < 0 ||
		sd_bus_add_filter(bus, NULL, on_call, &copy) < 0 ||
		sd_bus_start(bus) < 0)
		_exit(1);
	do {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	} while (r >= 0);
	_exit(0);
}

static char rfkill_dir[64];

static void write_word(const char *radio, const char *name, const char *word)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", rfkill_dir, radio);
	(void)mkdir(path, 0700);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", rfkill_dir, radio, name);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	(void)fprintf(file, "%s\n", word);
	(void)fclose(file);
}

static void remove_rfkill(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r %s", rfkill_dir);
	cr_assert_eq(system(command), 0);
}

static struct facts_host look(const struct peer *peer)
{
	struct facts_host host;
	sd_bus *bus = NULL;
	int fds[2];
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		(void)close(fds[0]);
		serve(fds[1], peer);
	}
	(void)close(fds[1]);
	cr_assert_geq(sd_bus_new(&bus), 0);
	cr_assert_geq(sd_bus_set_fd(bus, fds[0], fds[0]), 0);
	cr_assert_geq(sd_bus_set_anonymous(bus, 1), 0);
	cr_assert_geq(sd_bus_start(bus), 0);
	host_look(bus, rfkill_dir[0] == '\0' ? "/nowhere" : rfkill_dir, "/",
		&host);
	(void)sd_bus_flush_close_unref(bus);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	return host;
}

/* As bluetoothd 5.66 tells it, and 5.82 with PowerState. */
static int say_adapters(sd_bus_message *m)
{
	return sd_bus_message_append(m, "a{oa{sa{sv}}}", 3,
		/* clang-format off */
		"/org/bluez", 1, "org.bluez.AgentManager1", 0,
		"/org/bluez/hci0", 2,
			"org.freedesktop.DBus.Properties", 0,
			"org.bluez.Adapter1", 4,
				"Address", "s", "B8:27:EB:12:34:56",
				"UUIDs", "as", 1, "x",
				"Powered", "b", 1,
				"Class", "u", UINT32_C(0),
		"/org/bluez/hci1", 1,
			"org.bluez.Adapter1", 3,
				"Address", "s", "00:1A:7D:DA:71:13",
				"Powered", "b", 0,
				"PowerState", "s", "off-blocked");
	/* clang-format on */
}

TEST(host, service_and_adapters_are_read)
{
	struct facts_host host = look(&(const struct peer){
		.unit_file = "enabled",
		.active = "active",
		.objects = say_adapters,
	});

	cr_assert(host.has_bus);
	cr_assert_str_eq(host.unit_file, "enabled");
	cr_assert_str_eq(host.unit_active, "active");
	cr_assert_eq(host.has_bluez, ANSWER_YES);
	cr_assert_eq(host.n_adapters, 2);
	cr_assert_str_eq(host.adapters[0].name, "hci0");
	cr_assert_str_eq(host.adapters[0].address, "B8:27:EB:12:34:56");
	cr_assert(host.adapters[0].is_on);
	cr_assert(!host.adapters[0].is_blocked);
	cr_assert_str_eq(host.adapters[1].name, "hci1");
	cr_assert(!host.adapters[1].is_on);
	cr_assert(host.adapters[1].is_blocked);
	cr_assert(host.has_state_dir);
}

static int say_nothing(sd_bus_message *m)
{
	return sd_bus_message_append(m, "a{oa{sa{sv}}}", 0);
}

TEST(host, nobody_there_is_no_bluetooth_and_no_service)
{
	struct facts_host host = look(&(const struct peer){
		.unit_file = "",
	});

	cr_assert_str_eq(host.unit_active, "");
	cr_assert_eq(host.has_bluez, ANSWER_NO);
	cr_assert_eq(host.n_adapters, 0);

	host = look(&(const struct peer){
		.unit_file = "",
		.objects = say_nothing,
	});
	cr_assert_eq(host.has_bluez, ANSWER_YES);
	cr_assert_eq(host.n_adapters, 0);
}

static int say_garbage(sd_bus_message *m)
{
	return sd_bus_message_append(m, "s", "garbage");
}

static int say_odd_types(sd_bus_message *m)
{
	return sd_bus_message_append(m, "a{oa{sa{sv}}}", 1, "/", 1,
		"org.bluez.Adapter1", 3, "Powered", "s", "yes", "Address", "u",
		UINT32_C(1), "PowerState", "b", 1);
}

TEST(host, odd_answers_are_no_facts)
{
	struct facts_host host = look(&(const struct peer){
		.unit_file = "\x1b[31mred",
		.active = "a state whose name is longer than any that is known",
		.objects = say_garbage,
	});

	cr_assert_str_eq(host.unit_file, "?[31mred");
	cr_assert_lt(strlen(host.unit_active), sizeof(host.unit_active));
	cr_assert_eq(host.has_bluez, ANSWER_NO);

	host = look(&(const struct peer){
		.unit_file = "",
		.objects = say_odd_types,
	});
	cr_assert_eq(host.n_adapters, 1);
	cr_assert(!host.adapters[0].is_on);
	cr_assert_str_eq(host.adapters[0].name, "");
}

static int say_many(sd_bus_message *m)
{
	char path[32];
	int r;

	r = sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}");
	for (int i = 0; i < 100 && r >= 0; i++) {
		(void)snprintf(path, sizeof(path), "/org/bluez/hci%d", i);
		r = sd_bus_message_append(
			m, "{oa{sa{sv}}}", path, 1, "org.bluez.Adapter1", 0);
	}

	return r < 0 ? r : sd_bus_message_close_container(m);
}

TEST(host, more_adapters_than_a_machine_has_are_left_out)
{
	struct facts_host host = look(&(const struct peer){
		.unit_file = "",
		.objects = say_many,
	});

	cr_assert_eq(host.n_adapters, FACTS_ADAPTERS_MAX);
}

TEST(host, rfkill_is_read_without_a_bus)
{
	struct facts_host host;

	(void)snprintf(rfkill_dir, sizeof(rfkill_dir), "/tmp/rfkill.XXXXXX");
	cr_assert_not_null(mkdtemp(rfkill_dir));
	write_word("rfkill0", "type", "wlan");
	write_word("rfkill0", "soft", "1");
	write_word("rfkill1", "type", "bluetooth");
	write_word("rfkill1", "soft", "0");
	write_word("rfkill1", "hard", "0");
	host_look(NULL, rfkill_dir, "/nowhere", &host);
	cr_assert(!host.has_bus);
	cr_assert(!host.is_rfkilled);
	cr_assert_eq(host.has_bluez, ANSWER_UNKNOWN);
	cr_assert(!host.has_state_dir);

	write_word("rfkill1", "soft", "1");
	host_look(NULL, rfkill_dir, "/proc", &host);
	cr_assert(host.is_rfkilled);
	write_word("rfkill1", "soft", "0");
	write_word("rfkill1", "hard", "1");
	host_look(NULL, rfkill_dir, "/proc", &host);
	cr_assert(host.is_rfkilled);
	remove_rfkill();
}
