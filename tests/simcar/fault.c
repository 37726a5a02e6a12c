/* SPDX-License-Identifier: MIT */

#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deed.h"
#include "util/bytes.h"

enum {
	/* UniversalMessage.MessageFault_E, Errors.GenericError_E. */
	PROTOCOL_FAULT_MAX = 28,
	GENERIC_ERROR_MAX = 7,
	/* VCSEC.WhitelistOperation_information_E. */
	INFORMATION_MAX = 28,
	/* The smallest of the standard, the largest that is asked for. */
	MTU_MIN = 23,
	MTU_MAX = 517,
	TIMES_MAX = 1000000,
};

const char fault_help[] =
	"KIND[@TARGET][:N]   the next N requests (default 1) of TARGET suffer "
	"KIND\n"
	"\n"
	"  lost-request      never arrives: nothing is done, no answer\n"
	"  lost-answer       done, but no answer goes out (also: lost)\n"
	"  late-answer       done, the answer comes after --late (also: late)\n"
	"  doubled-answer    the answer comes twice, byte for byte (also: "
	"doubled)\n"
	"  garbled-answer    a bit of the answer's signature is wrong, or of "
	"its payload\n"
	"  signature-first   a frame with a signature only goes ahead of the "
	"answer\n"
	"  garbage           a frame that is no message goes ahead of the "
	"answer\n"
	"  oversize          a header of a frame of 65535 bytes goes ahead of "
	"it\n"
	"  refuse            not done: refused by the car's policy\n"
	"  nominal-E         not done: nominalError E, 1 to 7 (commands to "
	"VCSEC)\n"
	"  keys-I            a change of keys is refused for the reason I, 1 "
	"to "
	"28:\n"
	"                    4 list full, 5 not permitted, 13 known already, "
	"14 "
	"only on\n"
	"                    the reader, 23 nobody can confirm, 27 valet mode, "
	"...; its\n"
	"                    TARGET is add-key-request if none is given\n"
	"  fault-F           not done: protocol fault F, 1 to 28, with session "
	"info\n"
	"  fault-F-bare      the same without session info\n"
	"  wait              not done: WAIT, from the application in VCSEC\n"
	"  status-wait       not done: WAIT in the message's own status\n"
	"  epoch             not done: a new epoch begins, so fault 15\n"
	"  forged-info       session info has a wrong tag; a command is not "
	"done and\n"
	"                    answered by fault 5 with such session info\n"
	"  drop-before       not done: the link drops\n"
	"  drop-after        done, the link drops before the answer\n"
	"  drop-mid-frame    done, the link drops in the middle of the answer\n"
	"\n"
	"Of a tap of the key card, without TARGET:\n"
	"\n"
	"  tap-I             the add-key-request ends there, for the reason I: "
	"24 denied\n"
	"                    on the screen, 26 screen not answered, 28 "
	"cancelled, or any\n"
	"                    of keys-I; 25, no tap, comes by itself after "
	"--tap-timeout\n"
	"\n"
	"Of a link, without TARGET:\n"
	"\n"
	"  broadcast         a status goes out as soon as a block of a request "
	"is in:\n"
	"                    before the next block, or ahead of the answer\n"
	"  drop-in-request   the link drops as soon as a block of a request is "
	"in\n"
	"  links-full        a new connection is closed at once\n"
	"  idle-drop         a link drops after --idle without a byte from the "
	"client\n"
	"  mtu-M             from now on blocks of M - 3 bytes, with pauses; M "
	"is 23 to\n"
	"                    517, such as 23 and 115; takes no N\n"
	"\n"
	"TARGET is the name of what is asked (flash-lights, lock, "
	"state-media,\n"
	"body-controller-state, add-key-request, session-info, ...) or one "
	"of:\n"
	"\n"
	"  command           any signed command that does something (the "
	"default)\n"
	"  read              any reading of state\n"
	"  vcsec             any command or reading in VCSEC\n"
	"  infotainment      any command or reading in infotainment\n"
	"  any               each of these, and session-info\n";

/* Kinds that end in a number have a range. */
static const struct {
	const char *name;
	enum fault_kind kind;
	int min;
	int max;
	const char *suffix;
} kinds[] = {
	{ "lost-request", FAULT_LOST_REQUEST, 0, 0, "" },
	{ "lost-answer", FAULT_LOST_ANSWER, 0, 0, "" },
	{ "lost", FAULT_LOST_ANSWER, 0, 0, "" },
	{ "late-answer", FAULT_LATE_ANSWER, 0, 0, "" },
	{ "late", FAULT_LATE_ANSWER, 0, 0, "" },
	{ "doubled-answer", FAULT_DOUBLED_ANSWER, 0, 0, "" },
	{ "doubled", FAULT_DOUBLED_ANSWER, 0, 0, "" },
	{ "garbled-answer", FAULT_GARBLED_ANSWER, 0, 0, "" },
	{ "signature-first", FAULT_SIGNATURE_FIRST, 0, 0, "" },
	{ "garbage", FAULT_GARBAGE, 0, 0, "" },
	{ "oversize", FAULT_OVERSIZE, 0, 0, "" },
	{ "refuse", FAULT_REFUSE, 0, 0, "" },
	{ "nominal-", FAULT_NOMINAL, 1, GENERIC_ERROR_MAX, "" },
	{ "keys-", FAULT_KEYS, 1, INFORMATION_MAX, "" },
	{ "tap-", FAULT_TAP, 1, INFORMATION_MAX, "" },
	{ "fault-", FAULT_PROTOCOL, 1, PROTOCOL_FAULT_MAX, "" },
	{ "fault-", FAULT_PROTOCOL_BARE, 1, PROTOCOL_FAULT_MAX, "-bare" },
	{ "wait", FAULT_WAIT, 0, 0, "" },
	{ "status-wait", FAULT_STATUS_WAIT, 0, 0, "" },
	{ "epoch", FAULT_EPOCH, 0, 0, "" },
	{ "forged-info", FAULT_FORGED_INFO, 0, 0, "" },
	{ "drop-before", FAULT_DROP_BEFORE, 0, 0, "" },
	{ "drop-after", FAULT_DROP_AFTER, 0, 0, "" },
	{ "drop-mid-frame", FAULT_DROP_MID_FRAME, 0, 0, "" },
	{ "broadcast", FAULT_BROADCAST, 0, 0, "" },
	{ "drop-in-request", FAULT_DROP_IN_REQUEST, 0, 0, "" },
	{ "links-full", FAULT_LINKS_FULL, 0, 0, "" },
	{ "idle-drop", FAULT_IDLE_DROP, 0, 0, "" },
	{ "mtu-", FAULT_MTU, MTU_MIN, MTU_MAX, "" },
};

/* Reads a whole number; returns -1 if @text does not begin with one. */
static long take_number(const char *text, const char **ret_end)
{
	char *end;
	long n;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtol(text, &end, 10);
	*ret_end = end;

	return errno == 0 ? n : -1;
}

static bool kind_parse(const char *text, struct fault *fault, char *why)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].name);
		const char *rest = text + len;
		long n = 0;

		if (strncmp(text, kinds[i].name, len) != 0)
			continue;
		if (kinds[i].max > 0)
			n = take_number(rest, &rest);
		if (n < 0 || strcmp(rest, kinds[i].suffix) != 0)
			continue;
		if (n < kinds[i].min || n > kinds[i].max) {
			(void)snprintf(why, FAULT_WHY_SIZE,
				"the number of %s%s is from %d to %d, not %ld",
				kinds[i].name, kinds[i].suffix, kinds[i].min,
				kinds[i].max, n);
			return false;
		}
		fault->kind = kinds[i].kind;
		fault->number = (int)n;
		return true;
	}

	(void)snprintf(why, FAULT_WHY_SIZE,
		"\"%s\" is no kind of fault (--help lists them)", text);
	return false;
}

static bool target_is_known(const char *target)
{
	static const char *const classes[] = { "command", "read", "vcsec",
		"infotainment", "any", "session-info" };

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (strcmp(target, classes[i]) == 0)
			return true;
	for (int act = 0; act < _ACT_N; act++)
		if (act != ACT_MOVE &&
			strcmp(target, deed_name(&(struct deed){
					       .act = (enum act)act })) == 0)
			return true;
	for (int i = 0; i < _CLOSURE_N; i++)
		if (strcmp(target, closure_deed_name((enum closure)i, true)) ==
				0 ||
			strcmp(target,
				closure_deed_name((enum closure)i, false)) == 0)
			return true;

	return false;
}

/* Splits @copy at @mark; returns what follows, or NULL. */
static char *split(char *copy, char mark)
{
	char *at = strchr(copy, mark);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + 1;
}

bool fault_parse(const char *text, struct fault *ret, char why[FAULT_WHY_SIZE])
{
	struct fault fault = { .left = 1, .target = "command" };
	char copy[FAULT_TEXT_SIZE];
	char *times;
	const char *target, *end = "";
	bool targeted;
	long n;

	/* It is shown again, so it must be fit to be. */
	text_printable(text, copy, sizeof(copy));
	times = split(copy, ':');
	target = split(copy, '@');
	if (!kind_parse(copy, &fault, why))
		return false;
	(void)snprintf(fault.text, sizeof(fault.text), "%s", copy);

	targeted = fault.kind < FAULT_TAP;
	if (!targeted && target != NULL) {
		(void)snprintf(why, FAULT_WHY_SIZE,
			"%s is no fault of a request and takes no @TARGET",
			copy);
		return false;
	}
	/* Only the keys have reasons of this kind. */
	if (fault.kind == FAULT_KEYS && target == NULL)
		target = "add-key-request";
	if (target != NULL && !target_is_known(target)) {
		(void)snprintf(why, FAULT_WHY_SIZE,
			"\"%s\" is no target of a fault (--help lists them)",
			target);
		return false;
	}
	if (target != NULL)
		(void)snprintf(
			fault.target, sizeof(fault.target), "%s", target);

	if (times != NULL) {
		n = take_number(times, &end);
		if (n < 1 || n > TIMES_MAX || *end != '\0' ||
			fault.kind == FAULT_MTU) {
			(void)snprintf(why, FAULT_WHY_SIZE,
				fault.kind == FAULT_MTU
					? "%s lasts and takes no :N"
					: "after %s: comes how many times, "
					  "1 to 1000000",
				copy);
			return false;
		}
		fault.left = (unsigned int)n;
	}

	*ret = fault;
	return true;
}

bool faults_arm(struct faults *faults, const struct fault *fault)
{
	if (faults->n == FAULTS_MAX)
		return false;

	faults->armed[faults->n++] = *fault;
	return true;
}

static bool suits(const struct fault *fault, const struct occasion *occasion)
{
	const char *target = fault->target;

	if (fault->kind >= FAULT_TAP)
		return false;
	if (strcmp(target, "any") == 0 || strcmp(target, occasion->name) == 0)
		return true;
	/* Handshakes come before everything: only by name. */
	if (occasion->handshake)
		return false;
	if (strcmp(target, "command") == 0)
		return !occasion->reads;
	if (strcmp(target, "read") == 0)
		return occasion->reads;

	return strcmp(target, occasion->vcsec ? "vcsec" : "infotainment") == 0;
}

static void take(struct faults *faults, size_t i, struct fault *ret)
{
	*ret = faults->armed[i];
	if (--faults->armed[i].left > 0)
		return;

	faults->n--;
	memmove(&faults->armed[i], &faults->armed[i + 1],
		(faults->n - i) * sizeof(faults->armed[0]));
}

bool faults_take(struct faults *faults, const struct occasion *occasion,
	struct fault *ret)
{
	for (size_t i = 0; i < faults->n; i++) {
		if (!suits(&faults->armed[i], occasion))
			continue;
		take(faults, i, ret);
		return true;
	}

	return false;
}

bool faults_take_kind(
	struct faults *faults, enum fault_kind kind, struct fault *ret)
{
	for (size_t i = 0; i < faults->n; i++) {
		if (faults->armed[i].kind != kind)
			continue;
		take(faults, i, ret);
		return true;
	}

	return false;
}
