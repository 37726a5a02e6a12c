/* SPDX-License-Identifier: MIT */

#include "orders/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/secret.h"

enum {
	DIGITS = sizeof(((struct pin *)NULL)->digits) - 1,
};

static const char scheme[] = "file:";

static int invalid(
	char why[static WHY_SIZE], const char *path, const char *what)
{
	(void)snprintf(why, WHY_SIZE, "the PIN in %s: %s", path, what);
	return PIN_E_INVALID;
}

/* What is wrong with @text of @len bytes as a PIN, or NULL. */
static const char *judge(const char *text, size_t len)
{
	if (strspn(text, "0123456789") != DIGITS)
		return "there have to be four digits in it, and nothing else";
	if (len != DIGITS && strcmp(text + DIGITS, "\n") != 0)
		return "nothing may stand behind the four digits";

	return NULL;
}

static int load(const char *path, struct pin *ret, char why[static WHY_SIZE])
{
	_cleanup_(fd_closep) int fd = -1;
	char text[DIGITS + 3] = "";
	const char *wrong;
	struct stat st;
	ssize_t len;

	/* Not waiting for whoever might write into a FIFO. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return invalid(why, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return invalid(why, path, "this is no file");
	if ((st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		return invalid(why, path,
			"not only its owner and group may use it; chmod o= it");
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return invalid(why, path, strerror(errno));

	wrong = judge(text, (size_t)len);
	if (wrong == NULL)
		memcpy(ret->digits, text, DIGITS);
	secret_wipe(text, sizeof(text));

	return wrong == NULL ? 0 : invalid(why, path, wrong);
}

int pin_load(struct program *program, size_t from, char why[static WHY_SIZE])
{
	int r = 0;

	for (size_t i = from; i < program->n_steps; i++) {
		struct step *step = &program->steps[i];

		if (!step->is_wait && command_needs_pin(&step->command) &&
			load(step->command.text + strlen(scheme),
				&step->command.pin, why) != 0)
			r = PIN_E_INVALID;
	}

	return r;
}
