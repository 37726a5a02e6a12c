/* SPDX-License-Identifier: MIT */

#include "pair/setup.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/signer.h"
#include "test.h"

#define VIN "5YJ3E1EA6KF000000"
#define OTHER_VIN "5YJ3E1EA7HF000337"

enum {
	NOBODY = 65534,
	PATH_SIZE = 96,
	/* What the forked part of a test ends with. */
	STATUS_FINE = 0,
	STATUS_FAILED = 1, /* as a function said, with a sentence */
	STATUS_BROKEN = 2, /* what was to hold does not */
};

/* The bridge's user is "nobody" here, so that it need not be there. */
struct passwd *__wrap_getpwnam(const char *name);

struct passwd *__wrap_getpwnam(const char *name)
{
	static char text[] = "";
	static struct passwd entry = {
		.pw_name = text, .pw_uid = NOBODY, .pw_gid = NOBODY
	};

	cr_assert_str_eq(name, SETUP_USER);
	return &entry;
}

struct place {
	char root[32];
	char config[PATH_SIZE];
	char state[PATH_SIZE];
	char key[PATH_SIZE];
	/* Written by the forked part. */
	char why[PATH_SIZE];
};

/* A folder of root, as /etc and /var/lib are. */
static void place_init(struct place *place)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");

	(void)umask(0077);
	(void)strcpy(place->root, "/tmp/test-setup-XXXXXX");
	cr_assert_not_null(mkdtemp(place->root));
	cr_assert_eq(chmod(place->root, 0755), 0);
	(void)snprintf(place->config, PATH_SIZE, "%s/etc/1sat2flash.conf",
		place->root);
	(void)snprintf(place->state, PATH_SIZE, "%s/state", place->root);
	(void)snprintf(place->key, PATH_SIZE, "%s/state/car.key", place->root);
	(void)snprintf(place->why, PATH_SIZE, "%s/why", place->root);
}

static void place_deinit(struct place *place)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->root);
	cr_assert_eq(system(command), 0);
}

static struct setup_options options_of(
	const struct place *place, const char *vin)
{
	return (struct setup_options){
		.config = place->config,
		.state_dir = place->state,
		.vin = vin,
	};
}

/* Is there a way back to root, or into this memory? */
static bool is_dropped(void)
{
	uid_t uid[3];
	gid_t gid[3];

	return getresuid(&uid[0], &uid[1], &uid[2]) == 0 && uid[0] == NOBODY &&
	       uid[1] == NOBODY && uid[2] == NOBODY &&
	       getresgid(&gid[0], &gid[1], &gid[2]) == 0 && gid[0] == NOBODY &&
	       gid[1] == NOBODY && gid[2] == NOBODY &&
	       getgroups(0, NULL) <= 1 && setuid(0) < 0 && setgid(0) < 0 &&
	       seteuid(0) < 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	       prctl(PR_GET_DUMPABLE) == 0;
}

/* As main() does it for pairing. */
static int walk(const struct setup_options *options, int why_fd)
{
	_cleanup_(setup_deinit) struct setup setup = { 0 };
	char why[SETUP_WHY_SIZE] = "";
	int r;

	r = setup_read(&setup, options, why);
	if (r == 0)
		r = setup_write(&setup, why);
	if (r == 0)
		r = setup_drop(&setup, why);
	if (r == 0 && !is_dropped())
		return STATUS_BROKEN;
	if (r == 0)
		r = setup_key(&setup, true, why);
	if (r == 0 && setup.signer == NULL)
		return STATUS_BROKEN;
	(void)!write(why_fd, why, strlen(why));

	return r == 0 ? STATUS_FINE : STATUS_FAILED;
}

/* Walks in a process of its own, since there is no way back. */
static int walk_apart(const struct place *place, const char *vin)
{
	struct setup_options options = options_of(place, vin);
	int fd, status;
	pid_t pid;

	fd = open(place->why, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	pid = fork();
	if (pid == 0)
		_exit(walk(&options, fd));
	(void)close(fd);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_refused(
	const struct place *place, const char *vin, const char *why_has)
{
	char why[SETUP_WHY_SIZE] = "";
	int fd;

	cr_assert_eq(walk_apart(place, vin), STATUS_FAILED);
	fd = open(place->why, O_RDONLY | O_CLOEXEC);
	cr_assert_gt(read(fd, why, sizeof(why) - 1), 0);
	(void)close(fd);
	cr_assert_not_null(strstr(why, why_has), "%s", why);
}

static void assert_file(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st;

	cr_assert_eq(lstat(path, &st), 0, "%s", path);
	cr_assert_eq(st.st_uid, uid, "%s: %u", path, st.st_uid);
	cr_assert_eq(st.st_gid, gid, "%s: %u", path, st.st_gid);
	cr_assert_eq(st.st_mode, mode, "%s: %o", path, st.st_mode);
}

static void put(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	cr_assert_not_null(out);
	cr_assert_geq(fputs(text, out), 0);
	cr_assert_eq(fclose(out), 0);
}

TEST(setup, makes_all_with_the_owners_and_modes_that_it_needs)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char folder[PATH_SIZE], before[256], after[256];
	FILE *in;

	place_init(&place);
	cr_assert_eq(walk_apart(&place, VIN), STATUS_FINE);
	(void)snprintf(folder, sizeof(folder), "%s/etc", place.root);
	assert_file(folder, 0, 0, S_IFDIR | 0755);
	assert_file(place.config, 0, NOBODY, S_IFREG | 0640);
	assert_file(place.state, NOBODY, NOBODY, S_IFDIR | 0700);
	assert_file(place.key, NOBODY, NOBODY, S_IFREG | 0600);

	/* Again, with the VIN and without: what is there is kept. */
	in = fopen(place.key, "re");
	before[fread(before, 1, sizeof(before) - 1, in)] = '\0';
	(void)fclose(in);
	cr_assert_eq(walk_apart(&place, VIN), STATUS_FINE);
	cr_assert_eq(walk_apart(&place, ""), STATUS_FINE);
	in = fopen(place.key, "re");
	after[fread(after, 1, sizeof(after) - 1, in)] = '\0';
	(void)fclose(in);
	cr_assert_str_eq(before, after);
}

TEST(setup, another_car_in_the_configuration_changes_nothing)
{
	_cleanup_(place_deinit) struct place place = { 0 };

	place_init(&place);
	cr_assert_eq(walk_apart(&place, VIN), STATUS_FINE);
	cr_assert_eq(unlink(place.key), 0);
	cr_assert_eq(rmdir(place.state), 0);
	assert_refused(&place, OTHER_VIN, "line 8 says " VIN);
	cr_assert_lt(access(place.state, F_OK), 0);
}

TEST(setup, mistakes_in_the_configuration_change_nothing)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char folder[PATH_SIZE];

	place_init(&place);
	(void)snprintf(folder, sizeof(folder), "%s/etc", place.root);
	cr_assert_eq(mkdir(folder, 0755), 0);
	put(place.config, "car { }\n");
	assert_refused(&place, VIN, "has mistakes; nothing was changed");
	cr_assert_lt(access(place.state, F_OK), 0);
}

TEST(setup, configuration_that_the_bridge_cannot_read_is_told)
{
	_cleanup_(place_deinit) struct place place = { 0 };

	place_init(&place);
	cr_assert_eq(walk_apart(&place, VIN), STATUS_FINE);
	cr_assert_eq(chmod(place.config, 0600), 0);
	assert_refused(&place, VIN, "the bridge cannot read");
}

TEST(setup, folder_that_keeps_the_bridge_out_is_told)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char folder[PATH_SIZE];

	place_init(&place);
	(void)snprintf(folder, sizeof(folder), "%s/etc", place.root);
	cr_assert_eq(mkdir(folder, 0700), 0);
	assert_refused(&place, VIN, "let it with: sudo chmod 755 ");
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(walk_apart(&place, VIN), STATUS_FINE);
}

TEST(setup, root_writes_nothing_where_others_can)
{
	_cleanup_(place_deinit) struct place place = { 0 };

	place_init(&place);
	cr_assert_eq(chmod(place.root, 0757), 0);
	assert_refused(&place, VIN, "so root writes nothing there");
	cr_assert_eq(chmod(place.root, 0775), 0);
	assert_refused(&place, VIN, "so root writes nothing there");
	cr_assert_eq(chmod(place.root, 0755), 0);
	cr_assert_eq(chown(place.root, NOBODY, 0), 0);
	assert_refused(&place, VIN, "so root writes nothing there");
	cr_assert_lt(access(place.config, F_OK), 0);
	cr_assert_lt(access(place.state, F_OK), 0);
}

TEST(setup, state_folder_of_somebody_else_is_not_taken)
{
	_cleanup_(place_deinit) struct place place = { 0 };

	place_init(&place);
	cr_assert_eq(mkdir(place.state, 0700), 0);
	assert_refused(&place, VIN, "has to be a folder of the user");
	assert_file(place.state, 0, 0, S_IFDIR | 0700);

	cr_assert_eq(rmdir(place.state), 0);
	cr_assert_eq(symlink("/etc", place.state), 0);
	assert_refused(&place, VIN, "has to be a real folder");
	assert_file("/etc", 0, 0, S_IFDIR | 0755);
}

TEST(setup, state_folder_that_others_can_write_to_is_not_taken)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	static const mode_t modes[] = { 0720, 0702 };

	place_init(&place);
	cr_assert_eq(mkdir(place.state, 0700), 0);
	cr_assert_eq(chown(place.state, NOBODY, NOBODY), 0);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		cr_assert_eq(chmod(place.state, modes[i]), 0);
		assert_refused(&place, VIN, "sudo chmod 700 ");
	}
	cr_assert_lt(access(place.key, F_OK), 0);
	cr_assert_eq(chmod(place.state, 0500), 0);
	assert_refused(
		&place, VIN, "as the user " SETUP_USER ": Permission denied");
}

TEST(setup, path_that_is_too_long_makes_no_other_folder)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char path[400], why[SETUP_WHY_SIZE] = "";
	const struct setup_options options = {
		.config = path, .state_dir = place.state, .vin = VIN
	};
	struct setup setup;

	place_init(&place);
	(void)snprintf(path, sizeof(path), "%s/%0300d", place.root, 0);
	cr_assert_eq(setup_read(&setup, &options, why), SETUP_E_FAILED);
	cr_assert_not_null(strstr(why, "no path a long one"), "%s", why);
}

TEST(setup, symbolic_link_in_place_of_the_key_leads_root_nowhere)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char target[PATH_SIZE];

	place_init(&place);
	cr_assert_eq(mkdir(place.state, 0700), 0);
	cr_assert_eq(chown(place.state, NOBODY, NOBODY), 0);
	(void)snprintf(target, sizeof(target), "%s/target", place.root);
	cr_assert_eq(symlink(target, place.key), 0);
	assert_refused(&place, VIN, "File exists");
	cr_assert_lt(access(target, F_OK), 0);

	/* A file of root is none that the bridge may read. */
	put(target, "secret");
	assert_refused(&place, VIN, "the key has to be a file of the user");
}

TEST(setup, way_to_the_car_is_that_of_the_configuration)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char folder[PATH_SIZE], why[SETUP_WHY_SIZE] = "";
	struct setup_options options;
	struct setup setup;

	place_init(&place);
	(void)snprintf(folder, sizeof(folder), "%s/etc", place.root);
	cr_assert_eq(mkdir(folder, 0755), 0);
	put(place.config, "car { vin = \"" VIN "\" link = \"socket:/car\"\n"
			  "adapter = \"hci1\" adapter-reset = always }\n"
			  "node { rpc = \"/rpc\" }\n"
			  "action flash { price = 1 do = flash-lights }\n");
	options = options_of(&place, "");
	cr_assert_eq(setup_read(&setup, &options, why), 0, "%s", why);
	cr_assert_str_eq(setup.vin, VIN);
	cr_assert_str_eq(setup.link, "socket:/car");
	cr_assert_str_eq(setup.adapter, "hci1");
	cr_assert(setup.reset_shared);
	/* But what is said on the command line counts. */
	options.adapter = "hci2";
	cr_assert_eq(setup_read(&setup, &options, why), 0, "%s", why);
	cr_assert_str_eq(setup.adapter, "hci2");
}

TEST(setup, key_of_a_token_is_made_elsewhere)
{
	_cleanup_(place_deinit) struct place place = { 0 };
	char folder[PATH_SIZE];

	place_init(&place);
	(void)snprintf(folder, sizeof(folder), "%s/etc", place.root);
	cr_assert_eq(mkdir(folder, 0755), 0);
	cr_assert_eq(chmod(folder, 0755), 0);
	put(place.config,
		"car { vin = \"" VIN "\" key = \"pkcs11:token=car\" }\n"
		"node { rpc = \"/rpc\" }\n"
		"action flash { price = 1 do = flash-lights }\n");
	cr_assert_eq(chmod(place.config, 0644), 0);
	assert_refused(&place, VIN, "with the tool of its token");
}

TEST(setup, who_is_not_root_is_sent_to_sudo)
{
	const struct setup_options options = { .vin = VIN };
	struct setup setup;
	char why[SETUP_WHY_SIZE] = "";

	if (geteuid() == 0)
		cr_assert_eq(setresuid(1, 1, 1), 0);
	cr_assert_eq(setup_read(&setup, &options, why), SETUP_E_FAILED);
	cr_assert_not_null(strstr(why, "sudo 1sat2flash-pair " VIN), "%s", why);
}

TEST(privilege, user_zero_is_no_drop)
{
	const struct account account = { "root", 0, 0 };

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(privilege_drop(&account), -EPERM);
}
