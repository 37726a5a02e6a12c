/* SPDX-License-Identifier: MIT */

#include "util/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

int privilege_find(const char *name, struct account *ret)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (entry == NULL) {
		/* What getpwnam(3) says of a name that is not there. */
		switch (errno) {
		case 0:
		case ENOENT:
		case ESRCH:
		case EBADF:
		case EPERM:
			return PRIVILEGE_E_NO_USER;
		default:
			return -errno;
		}
	}

	*ret = (struct account){ name, entry->pw_uid, entry->pw_gid };
	return 0;
}

/* Is there no trace of root, and no way back to it? */
static int prove(const struct account *account)
{
	uid_t uid, effective_uid, saved_uid;
	gid_t gid, effective_gid, saved_gid;

	if (getresuid(&uid, &effective_uid, &saved_uid) < 0 ||
		getresgid(&gid, &effective_gid, &saved_gid) < 0)
		return -errno;
	if (uid != account->uid || effective_uid != account->uid ||
		saved_uid != account->uid || gid != account->gid ||
		effective_gid != account->gid || saved_gid != account->gid)
		return -EPERM;
	/* CAP_SETUID and CAP_SETGID would still work here. */
	if (account->uid == 0 || setresuid(0, 0, 0) == 0 ||
		setresgid(0, 0, 0) == 0)
		return -EPERM;

	return 0;
}

int privilege_drop(const struct account *account)
{
	/* Groups first: without root they cannot be changed. */
	if (initgroups(account->name, account->gid) < 0 ||
		setresgid(account->gid, account->gid, account->gid) < 0 ||
		setresuid(account->uid, account->uid, account->uid) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;

	return prove(account);
}

int privilege_hide(void)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}
