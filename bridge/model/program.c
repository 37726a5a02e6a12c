/* SPDX-License-Identifier: MIT */

#include "model/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/duration.h"

static int invalid(
	char why[static WHY_SIZE], const char *what, const char *text)
{
	(void)snprintf(why, WHY_SIZE, "\"%.60s\": %s", text, what);
	return PROGRAM_E_INVALID;
}

/* Splits "honk x 3" into "honk" and 3; a text without "x" means once. */
static int split_times(const char *text, char ret_what[static STEP_TEXT_SIZE],
	size_t *ret_times, char why[static WHY_SIZE])
{
	const char *x = strstr(text, " x ");
	size_t len = x == NULL ? strlen(text) : (size_t)(x - text);
	size_t times = 1;

	if (x != NULL) {
		const char *p = x + 3;

		times = 0;
		while (*p >= '0' && *p <= '9' && times <= PROGRAM_STEPS_MAX)
			times = 10 * times + (size_t)(*p++ - '0');
		if (*p != '\0' || times == 0 || times > PROGRAM_STEPS_MAX)
			return invalid(why,
				"behind \"x\" stands how often, 1 to 32", text);
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == 0 || len >= STEP_TEXT_SIZE)
		return invalid(why, "this is no step", text);

	memcpy(ret_what, text, len);
	ret_what[len] = '\0';
	*ret_times = times;
	return 0;
}

static const char else_word[] = " else ";
static const char *const else_words[] = {
	[STEP_ELSE_RETURN] = "return",
	[STEP_ELSE_KEEP] = "keep",
	[STEP_ELSE_SKIP] = "skip",
};

/* Cuts "honk else skip" to "honk", and says what else. */
static int split_else(const char *text, char ret_what[static STEP_TEXT_SIZE],
	enum step_else *ret_else, char why[static WHY_SIZE])
{
	const char *at = NULL, *p = text;

	/* The last one: a name may have one, too. */
	while ((p = strstr(p, else_word)) != NULL)
		at = p++;
	if ((at == NULL ? strlen(text) : (size_t)(at - text)) >= STEP_TEXT_SIZE)
		return invalid(why, "this is no step", text);
	if (at == NULL) {
		(void)snprintf(ret_what, STEP_TEXT_SIZE, "%s", text);
		*ret_else = STEP_ELSE_RETURN;
		return 0;
	}

	p = at + strlen(else_word);
	p += strspn(p, " ");
	for (size_t i = 0; i < ARRAY_SIZE(else_words); i++) {
		if (strcmp(p, else_words[i]) != 0)
			continue;
		(void)snprintf(ret_what, STEP_TEXT_SIZE, "%.*s",
			(int)(at - text), text);
		*ret_else = (enum step_else)i;
		return 0;
	}

	return invalid(why,
		"behind \"else\" stands return, keep or skip: what the payer "
		"gets where this step fails",
		text);
}

static int parse_step(
	const char *what, struct step *ret, char why[static WHY_SIZE])
{
	struct step step = { .is_wait = false };
	uint64_t wait_ms;
	int r;

	if (strncmp(what, "wait", 4) == 0 &&
		(what[4] == ' ' || what[4] == '\0')) {
		const char *p = what + 4;

		p += strspn(p, " ");
		r = duration_parse(p, PROGRAM_WAIT_MAX_MS, &wait_ms);
		if (r < 0 || wait_ms == 0)
			return invalid(why,
				"a wait has a time from 1ms to 60s, as in "
				"\"wait 2s\"",
				what);
		step.is_wait = true;
		step.wait_ms = (uint32_t)wait_ms;
	} else {
		r = command_parse(what, &step.command, why);
		if (r != 0)
			return PROGRAM_E_INVALID;
		if ((command_info(step.command.id)->traits & COMMAND_READS) !=
			0)
			return invalid(why,
				"this only reads the car; nobody pays for it",
				what);
	}

	*ret = step;
	return 0;
}

int program_append(
	struct program *program, const char *text, char why[static WHY_SIZE])
{
	char counted[STEP_TEXT_SIZE], what[STEP_TEXT_SIZE];
	enum step_else or_else;
	struct step step;
	size_t times;
	int r;

	text += strspn(text, " ");
	r = split_else(text, counted, &or_else, why);
	if (r == 0)
		r = split_times(counted, what, &times, why);
	if (r == 0)
		r = parse_step(what, &step, why);
	if (r != 0)
		return r;
	if (step.is_wait && or_else != STEP_ELSE_RETURN)
		return invalid(why, "a wait cannot fail; remove else", text);
	step.or_else = or_else;
	if (times > PROGRAM_STEPS_MAX - program->n_steps)
		return invalid(why, "a program has at most 32 steps", text);

	while (times-- > 0)
		program->steps[program->n_steps++] = step;
	return 0;
}

int program_check(const struct program *program, char why[static WHY_SIZE])
{
	bool has_command = false, has_worth = false;

	for (size_t i = 0; i < program->n_steps; i++) {
		const struct step *step = &program->steps[i];
		char text[STEP_TEXT_SIZE];

		if (step->is_wait)
			continue;
		has_command = true;
		if (step->or_else == STEP_ELSE_KEEP && !has_worth) {
			step_print(step, text);
			return invalid(why,
				"nothing that is certain comes before it for "
				"which the money could be kept",
				text);
		}
		has_worth = has_worth || step->or_else != STEP_ELSE_SKIP;
	}
	if (has_worth)
		return 0;

	(void)snprintf(why, WHY_SIZE, "%s",
		has_command ? "all of it may be left out; let one step be "
			      "without \"else skip\""
			    : "it only waits; add a command for the car");
	return PROGRAM_E_INVALID;
}

static bool command_follows(const struct program *program, size_t i)
{
	while (++i < program->n_steps)
		if (!program->steps[i].is_wait)
			return true;

	return false;
}

int program_close(const struct program *program, struct program *ret,
	char why[static WHY_SIZE])
{
	struct program close = { 0 };

	for (size_t i = program->n_steps; i-- > 0;) {
		const struct step *step = &program->steps[i];
		const struct command_info *info =
			command_info(step->command.id);
		char text[STEP_TEXT_SIZE];

		if (step->is_wait)
			continue;
		if (command_closer(&step->command,
			    &close.steps[close.n_steps].command)) {
			close.n_steps++;
		} else if ((info->traits & COMMAND_OPENS) != 0 &&
			   command_follows(program, i)) {
			step_print(step, text);
			return invalid(why,
				"only a person can close that again, should a "
				"later step fail; put it last",
				text);
		}
	}

	*ret = close;
	return 0;
}

size_t program_stops_at(const struct program *program, size_t from)
{
	while (from < program->n_steps &&
		(program->steps[from].is_wait ||
			program->steps[from].or_else == STEP_ELSE_SKIP))
		from++;

	return from;
}

bool program_has(const struct program *program, unsigned int traits)
{
	for (size_t i = 0; i < program->n_steps; i++) {
		const struct step *step = &program->steps[i];

		if (!step->is_wait &&
			(command_info(step->command.id)->traits & traits) != 0)
			return true;
	}

	return false;
}

bool program_needs_awake(const struct program *program)
{
	for (size_t i = 0; i < program->n_steps; i++) {
		const struct step *step = &program->steps[i];

		if (!step->is_wait && command_info(step->command.id)->domain ==
					      DOMAIN_INFOTAINMENT)
			return true;
	}

	return program_has(program, COMMAND_READ_FIRST);
}

static uint64_t time_of(const struct program *program, uint64_t command_ms)
{
	uint64_t ms = 0;

	for (size_t i = 0; i < program->n_steps; i++)
		ms += program->steps[i].is_wait ? program->steps[i].wait_ms
						: command_ms;

	return ms;
}

uint64_t program_budget_ms(const struct program *program)
{
	return time_of(program, PROGRAM_COMMAND_MS);
}

uint64_t program_least_ms(const struct program *program)
{
	return time_of(program, PROGRAM_COMMAND_LEAST_MS);
}

int program_repeat(
	const struct program *program, size_t n_rounds, struct program *ret)
{
	size_t n = program->n_steps;

	if (n > 0 && n_rounds > PROGRAM_STEPS_MAX / n)
		return PROGRAM_E_INVALID;

	for (size_t i = 0; i < n_rounds; i++)
		memcpy(ret->steps + i * n, program->steps,
			n * sizeof(ret->steps[0]));
	ret->n_steps = n_rounds * n;
	return 0;
}

void program_wipe(struct program *program)
{
	for (size_t i = 0; i < program->n_steps; i++)
		secret_wipe(&program->steps[i].command.pin,
			sizeof(program->steps[i].command.pin));
}

void step_print(const struct step *step, char ret[static STEP_TEXT_SIZE])
{
	size_t len;

	if (!step->is_wait) {
		command_print(&step->command, ret, STEP_TEXT_SIZE);
		len = strlen(ret);
		/* What is a name's own is not to be read as ours. */
		if (step->or_else != STEP_ELSE_RETURN ||
			strstr(ret, else_word) != NULL)
			(void)snprintf(ret + len, STEP_TEXT_SIZE - len,
				" else %s", else_words[step->or_else]);
	} else if (step->wait_ms % 1000 == 0) {
		(void)snprintf(ret, STEP_TEXT_SIZE, "wait %" PRIu32 "s",
			step->wait_ms / 1000);
	} else {
		(void)snprintf(ret, STEP_TEXT_SIZE, "wait %" PRIu32 "ms",
			step->wait_ms);
	}
}
