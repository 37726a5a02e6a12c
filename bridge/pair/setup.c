/* SPDX-License-Identifier: MIT */

#include "pair/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/signer.h"
#include "orders/menu.h"
#include "pair/starter.h"
#include "util/file.h"
#include "util/log.h"

enum {
	PATH_SIZE = SETUP_TEXT_SIZE,
	CONFIG_MAX = 256 * 1024,
};

static _printf_(2, 3) int fail(
	char why[static SETUP_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, SETUP_WHY_SIZE, format, args);
	va_end(args);
	return SETUP_E_FAILED;
}

const char *setup_config_path(const struct setup *setup)
{
	const char *path = setup->options->config;

	return path != NULL ? path : SETUP_CONFIG;
}

const char *setup_key_path(const struct setup *setup)
{
	return signer_path(setup->key_uri);
}

/* --- who we are ---------------------------------------------------------- */

static int find_user(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	struct account account;
	int r;

	r = privilege_find(SETUP_USER, &account);
	if (r < 0)
		return fail(why, "cannot look up the user %s: %s", SETUP_USER,
			strerror(-r));

	setup->is_root = geteuid() == 0;
	if (setup->is_root && r == PRIVILEGE_E_NO_USER)
		return fail(why,
			"there is no user %s on this machine; install "
			"1sat2flash first, then make the user with: sudo "
			"systemd-sysusers",
			SETUP_USER);
	if (setup->is_root)
		setup->account = account;
	else if ((r != 0 || geteuid() != account.uid) &&
		 (setup->options->config == NULL ||
			 setup->options->state_dir == NULL))
		return fail(why,
			"this needs root, for the key and the configuration; "
			"run it with sudo: sudo 1sat2flash-pair %s",
			setup->options->vin);

	return 0;
}

/* --- the configuration --------------------------------------------------- */

static void on_mistake(void *userdata, const char *mistake)
{
	(void)userdata;
	log_error("%s", mistake);
}

/* The line of @path that sets @vin, 0 if it is not found. */
static unsigned int line_of(const char *path, const char *vin)
{
	_cleanup_(freep) char *text = NULL;
	unsigned int n = 1;
	size_t len;

	if (file_read(path, CONFIG_MAX, &text, &len) != 0)
		return 0;
	for (char *line = text, *end; line != NULL; line = end, n++) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (line[strspn(line, " \t")] != '#' &&
			strstr(line, vin) != NULL)
			return n;
	}

	return 0;
}

static int compare_vin(const struct setup *setup, const struct menu *menu,
	char why[static SETUP_WHY_SIZE])
{
	const char *path = setup_config_path(setup);
	const char *vin = setup->options->vin;
	unsigned int line;

	if (vin[0] == '\0' || strcmp(vin, menu->vin) == 0)
		return 0;

	line = line_of(path, menu->vin);
	if (line == 0)
		return fail(why,
			"%s is for another car, %s; nothing was changed. If "
			"%s is right, write it there",
			path, menu->vin, vin);
	return fail(why,
		"%s is for another car: line %u says %s. Nothing was changed; "
		"if %s is right, write it there",
		path, line, menu->vin, vin);
}

static int take_menu(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	_cleanup_(menu_freep) struct menu *menu = NULL;
	const char *path = setup_config_path(setup);
	int r;

	r = menu_load(path, on_mistake, NULL, &menu);
	if (r == -ENOENT) {
		setup->has_config = false;
		return 0;
	}
	if (r == MENU_E_INVALID)
		return fail(why,
			"%s has mistakes; nothing was changed. Mend them, then "
			"start again",
			path);
	if (r < 0)
		return fail(why, "cannot read %s: %s", path, strerror(-r));

	r = compare_vin(setup, menu, why);
	if (r != 0)
		return r;
	setup->has_config = true;
	(void)snprintf(setup->vin, sizeof(setup->vin), "%s", menu->vin);
	(void)snprintf(
		setup->key_uri, sizeof(setup->key_uri), "%s", menu->key_uri);
	(void)snprintf(setup->link, sizeof(setup->link), "%s", menu->link);
	if (setup->options->adapter == NULL)
		(void)snprintf(setup->adapter, sizeof(setup->adapter), "%s",
			menu->adapter);
	setup->reset_shared = menu->reset_shared;
	return 0;
}

int setup_read(struct setup *setup, const struct setup_options *options,
	char why[static SETUP_WHY_SIZE])
{
	const char *dir = options->state_dir;
	size_t len;
	int r;

	*setup = (struct setup){ .options = options };
	if (dir == NULL)
		dir = SETUP_STATE_DIR;
	len = strlen(dir);
	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (dir[0] != '/' || len >= PATH_SIZE - sizeof("file:/car.key") ||
		strlen(setup_config_path(setup)) >= PATH_SIZE)
		return fail(why,
			"the state folder has to be an absolute path, and no "
			"path a long one");

	(void)snprintf(setup->state_dir, PATH_SIZE, "%.*s", (int)len, dir);
	(void)snprintf(
		setup->key_uri, PATH_SIZE, "file:%.*s/car.key", (int)len, dir);
	(void)snprintf(setup->link, sizeof(setup->link), "bluez");
	(void)snprintf(setup->vin, sizeof(setup->vin), "%s", options->vin);
	if (options->adapter != NULL)
		(void)snprintf(setup->adapter, sizeof(setup->adapter), "%s",
			options->adapter);
	r = find_user(setup, why);
	return r == 0 ? take_menu(setup, why) : r;
}

/* --- what only root can do ----------------------------------------------- */

static void parent_of(const char *path, char ret[static PATH_SIZE])
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(ret, PATH_SIZE, "%.*s",
		slash == NULL ? 1 : (int)(slash - path + (slash == path)),
		slash == NULL ? "." : path);
}

/*
 * Root makes nothing where somebody else could put a symbolic link in its
 * way.
 */
static int check_folder(const struct setup *setup, const char *folder,
	char why[static SETUP_WHY_SIZE])
{
	struct stat st;

	if (stat(folder, &st) < 0)
		return fail(why, "%s: %s", folder, strerror(errno));
	if (setup->is_root &&
		(st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0))
		return fail(why,
			"others can write to %s, so root writes nothing there",
			folder);

	return 0;
}

static int make_config_folder(
	const struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	char folder[PATH_SIZE], parent[PATH_SIZE];
	int r;

	parent_of(setup_config_path(setup), folder);
	if (access(folder, F_OK) == 0)
		return check_folder(setup, folder, why);
	parent_of(folder, parent);
	r = check_folder(setup, parent, why);
	if (r != 0)
		return r;
	/* Whatever the umask: the bridge has to get in. */
	if (mkdir(folder, 0755) < 0 || chmod(folder, 0755) < 0)
		return fail(why, "cannot make %s: %s", folder, strerror(errno));

	return file_sync_folder(folder) < 0
		       ? fail(why, "cannot sync %s", parent)
		       : 0;
}

/*
 * Root owns it, so that the bridge cannot change it, and only the group may
 * read it: a VIN is personal.  A file gets the group of the process that
 * creates it, so that there is no moment in which the bridge cannot read it.
 */
static int create_config(const struct setup *setup, const char *text)
{
	const char *path = setup_config_path(setup);
	int r;

	if (setup->is_root && setegid(setup->account.gid) < 0)
		return -errno;
	r = file_create(path, S_IRUSR | S_IWUSR | S_IRGRP, text, strlen(text));
	if (setup->is_root && setegid(0) < 0)
		return -errno;

	/* Somebody was faster: it is read in the next run. */
	return r == FILE_E_EXISTS ? -EEXIST : err_fold(r);
}

static int write_config(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	_cleanup_(freep) char *text = NULL;
	bool is_usual = strcmp(setup->state_dir, SETUP_STATE_DIR) == 0;
	const char *path = setup_config_path(setup);
	int r;

	r = make_config_folder(setup, why);
	if (r != 0)
		return r;
	r = starter_print(
		&(const struct starter){
			.vin = setup->vin,
			.key_path = is_usual ? NULL : setup_key_path(setup),
			.adapter = setup->adapter,
		},
		&text);
	if (r == 0)
		r = create_config(setup, text);
	if (r != 0)
		return fail(why, "cannot write %s: %s", path, strerror(-r));

	setup->made_config = true;
	return take_menu(setup, why);
}

/*
 * Comes into being whole: made under another name, given to the user, then
 * renamed.  So a folder of root that is found there is somebody else's.
 */
static int make_state_folder(
	const struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	char parent[PATH_SIZE], made[PATH_SIZE + 8];
	int r;

	parent_of(setup->state_dir, parent);
	r = check_folder(setup, parent, why);
	if (r != 0)
		return r;

	(void)snprintf(made, sizeof(made), "%s.XXXXXX", setup->state_dir);
	if (mkdtemp(made) == NULL)
		return fail(why, "cannot make %s: %s", setup->state_dir,
			strerror(errno));
	r = 0;
	if ((setup->is_root &&
		    chown(made, setup->account.uid, setup->account.gid) < 0) ||
		rename(made, setup->state_dir) < 0)
		r = -errno;
	if (r == 0)
		r = file_sync_folder(setup->state_dir);
	if (r == 0)
		return 0;

	(void)rmdir(made);
	return fail(why, "cannot make %s: %s", setup->state_dir, strerror(-r));
}

/* Found there: nothing of it is changed, but what is wrong is told. */
static int check_state_folder(const struct setup *setup, const struct stat *st,
	char why[static SETUP_WHY_SIZE])
{
	uid_t uid = setup->is_root ? setup->account.uid : geteuid();
	const char *dir = setup->state_dir;

	if (!S_ISDIR(st->st_mode))
		return fail(why,
			"%s has to be a real folder; move away what is there",
			dir);
	if (st->st_uid != uid)
		return fail(why,
			"%s has to be a folder of the user %s; give it to the "
			"bridge with: sudo chown %s: %s",
			dir, SETUP_USER, SETUP_USER, dir);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fail(why,
			"others can write to %s, and so exchange the key; keep "
			"them out with: sudo chmod 700 %s",
			dir, dir);

	return 0;
}

int setup_write(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	struct stat st;
	int r;

	if (!setup->has_config) {
		r = write_config(setup, why);
		if (r != 0)
			return r;
	}

	if (lstat(setup->state_dir, &st) == 0)
		return check_state_folder(setup, &st, why);
	return errno == ENOENT
		       ? make_state_folder(setup, why)
		       : fail(why, "%s: %s", setup->state_dir, strerror(errno));
}

/* --- as the bridge's user ------------------------------------------------ */

int setup_drop(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	const char *path = setup_config_path(setup);
	char folder[PATH_SIZE];
	int r = 0;

	if (setup->is_root)
		r = privilege_drop(&setup->account);
	if (r == 0)
		r = privilege_hide();
	if (r < 0)
		return fail(why, "cannot become the user %s: %s", SETUP_USER,
			strerror(-r));
	if (!setup->has_config || access(path, R_OK) == 0)
		return 0;

	parent_of(path, folder);
	if (access(folder, X_OK) < 0)
		return fail(why,
			"the bridge cannot get into %s, where its "
			"configuration is; let it with: sudo chmod 755 %s",
			folder, folder);
	return fail(why,
		"the bridge cannot read %s; let it with: sudo chgrp "
		"%s %s && sudo chmod 640 %s",
		path, SETUP_USER, path, path);
}

static int make_key(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	_cleanup_(signer_freep) struct signer *signer = NULL;
	const char *path = setup_key_path(setup);
	int r;

	if (path == NULL)
		return fail(why,
			"%s: there is no such key; make it with the tool of "
			"its token, on the curve P-256",
			setup->key_uri);

	r = signer_generate(&signer);
	if (r == 0)
		r = signer_save(signer, path);
	if (r != 0)
		return fail(why, "cannot make the key %s as the user %s: %s",
			path, SETUP_USER,
			strerror(r == SIGNER_E_EXISTS ? EEXIST : -err_fold(r)));

	setup->signer = steal_ptr(&signer);
	setup->made_key = true;
	return 0;
}

int setup_key(
	struct setup *setup, bool may_make, char why[static SETUP_WHY_SIZE])
{
	const char *uri = setup->key_uri;
	int r;

	r = signer_load(uri, &setup->signer);
	switch (r) {
	case 0:
		return 0;
	case SIGNER_E_MISSING:
		if (may_make || setup_key_path(setup) == NULL)
			return make_key(setup, why);
		return fail(why,
			"there is no key yet (%s); make it and pair it with: "
			"sudo 1sat2flash-pair",
			uri);
	case SIGNER_E_TOO_OPEN:
		return fail(why,
			"%s: others can read the key; chmod 600 it, and if "
			"others may have, remove it with --forget and pair a "
			"new one",
			uri);
	case SIGNER_E_NO_KEY:
		return fail(why,
			"%s: no private key in it (PEM, without a passphrase); "
			"to begin with a new one, remove it with --forget",
			uri);
	case SIGNER_E_CURVE:
		return fail(why,
			"%s: the key is not on the curve P-256, which is all "
			"that cars take; to begin with a new one, remove it "
			"with --forget",
			uri);
	case -EACCES:
		return fail(why, "%s: the key has to be a file of the user %s",
			uri, SETUP_USER);
	default:
		return fail(why, "%s: cannot load the key: %s", uri,
			strerror(-err_fold(r)));
	}
}

int setup_forget(struct setup *setup, char why[static SETUP_WHY_SIZE])
{
	const char *path = setup_key_path(setup);
	struct stat st;
	int r;

	if (path == NULL)
		return fail(why,
			"%s: the key is no file; remove it with the tool of "
			"its token",
			setup->key_uri);
	if (lstat(path, &st) < 0)
		return fail(why,
			errno == ENOENT ? "there is no key at %s"
					: "cannot look for the key at %s",
			path);
	if (!S_ISREG(st.st_mode))
		return fail(why, "%s is no file; remove it yourself", path);

	if (unlink(path) < 0)
		return fail(why, "cannot remove %s: %s", path, strerror(errno));
	r = file_sync_folder(path);
	if (r < 0)
		return fail(why,
			"%s is removed, but may be back after a power cut: %s",
			path, strerror(-r));

	return 0;
}

void setup_deinit(struct setup *setup)
{
	setup->signer = signer_free(setup->signer);
}
