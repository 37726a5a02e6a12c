/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The car library, its engine and the socket link, joined to a simulated car
 * that runs as a program of its own: for test-car-simcar.c and
 * test-entry-simcar.c.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "car/car.h"
#include "keys/signer.h"
#include "link/socket.h"
#include "unit/test.h"
#include "util/clock.h"
#include "util/fd.h"
#include "util/file.h"
#include "vehicle/vehicle.h"

#define VIN "5YJ3E1EA6KF000000"

enum {
	OPTIONS_MAX = 32,
	SAID_MAX = 128 * 1024,
	PATIENCE_MS = 60 * 1000,
};

struct flow {
	sd_event *event;
	sd_event_source *io;
	sd_event_source *timer;
	struct signer *signer;
	struct car *car;
	char folder[32];
	char socket[64];
	char public[64];

	pid_t pid;
	int to_car;
	int from_car;
	size_t n_said;
	char said[SAID_MAX]; /* all that the car printed */

	struct program steps;
	struct program undo;
	struct car_job spec;
	const char *on_begun; /* a line to the car after the first step */
	unsigned int n_begun;
	unsigned int n_undone;
	bool is_done;
	bool has_looked;
	bool has_read;
	enum car_read_result read_result;
	struct report report;
	/* Answers to a car that asks for a key. */
	enum key_level level; /* of the last one */
	unsigned int n_taken;
	unsigned int n_not_taken;
	struct car_result result;
};

static inline int on_before(void *userdata, const struct car_step *step,
	const struct car_state *state, char why[static CAR_WHY_SIZE])
{
	struct flow *f = userdata;

	(void)state;
	(void)why;
	if (step->is_undo)
		f->n_undone++;
	else
		f->n_begun++;
	return 0;
}

static inline void on_after(void *userdata, const struct car_step *step,
	enum outcome outcome, const char *why)
{
	struct flow *f = userdata;

	cr_assert_eq(outcome == OUTCOME_CONFIRMED, why[0] == '\0');
	if (f->on_begun != NULL && step->index == 0 && !step->is_undo)
		cr_assert_gt(dprintf(f->to_car, "%s\n", f->on_begun), 0);
}

static inline void on_done(void *userdata, const struct car_result *result)
{
	struct flow *f = userdata;

	cr_assert_not(f->is_done);
	f->is_done = true;
	f->result = *result;
}

static inline void on_changed(void *userdata)
{
	(void)userdata;
}

static inline void on_looked(void *userdata)
{
	struct flow *f = userdata;

	cr_assert_not(f->has_looked);
	f->has_looked = true;
}

static inline void on_read(void *userdata, const struct car_reading *reading)
{
	struct flow *f = userdata;

	f->has_read = true;
	f->read_result = reading->result;
	if (reading->report != NULL)
		f->report = *reading->report;
}

static inline void on_authenticated(void *userdata, enum key_level level,
	enum outcome outcome, const char *why)
{
	struct flow *f = userdata;

	(void)why;
	f->level = level;
	if (outcome == OUTCOME_CONFIRMED)
		f->n_taken++;
	else
		f->n_not_taken++;
}

static const struct car_ops car_ops = {
	.before_step = on_before,
	.after_step = on_after,
	.done = on_done,
	.changed = on_changed,
	.looked = on_looked,
	.read = on_read,
	.authenticated = on_authenticated,
};

static inline int on_said(
	sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct flow *f = userdata;
	ssize_t n;

	(void)revents;
	n = read(fd, f->said + f->n_said, sizeof(f->said) - 1 - f->n_said);
	if (n <= 0)
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	else
		f->n_said += (size_t)n;
	f->said[f->n_said] = '\0';
	return 0;
}

static inline int on_impatience(
	sd_event_source *source, uint64_t usec, void *userdata)
{
	const struct flow *f = userdata;

	(void)source;
	(void)usec;
	cr_assert_fail("it takes too long; the car said:\n%s", f->said);
	return 0;
}

/* How often the car said @what. */
static inline unsigned int times(const struct flow *f, const char *what)
{
	unsigned int n = 0;

	for (const char *p = strstr(f->said, what); p != NULL;
		p = strstr(p + 1, what))
		n++;

	return n;
}

static inline unsigned int did(const struct flow *f, const char *deed)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "\"did\":\"%s\"", deed);
	return times(f, text);
}

static inline void run_until_said(struct flow *f, const char *what)
{
	unsigned int before = times(f, what);

	while (times(f, what) == before)
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
}

/* Without its answer lost or late, the car has said all when it is asked. */
static inline void tell(struct flow *f, const char *line)
{
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), "%s\n", line);
	cr_assert_eq(write(f->to_car, text, (size_t)n), n);
	(void)snprintf(text, sizeof(text), "\"told\":\"%s\"", line);
	run_until_said(f, text);
}

/* Never returns.  A test that fails leaves no car behind. */
static inline void become_simcar(struct flow *f, char *options, int in, int out)
{
	char socket_option[] = "--socket", vin_option[] = "--vin", vin[] = VIN;
	char *argv[OPTIONS_MAX] = { getenv("SIMCAR"), socket_option, f->socket,
		vin_option, vin };
	char *state = NULL;
	size_t n = 5;

	for (char *word = strtok_r(options, " ", &state);
		word != NULL && n < OPTIONS_MAX - 1;
		word = strtok_r(NULL, " ", &state))
		argv[n++] = word;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		(void)execv(argv[0], argv);
	_exit(127);
}

static inline void spawn(struct flow *f, const char *options)
{
	char words[256];
	int in[2], out[2];

	cr_assert_not_null(getenv("SIMCAR"), "SIMCAR names the program");
	(void)snprintf(words, sizeof(words), "%s", options);
	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	f->pid = fork();
	cr_assert_geq(f->pid, 0);
	if (f->pid == 0)
		become_simcar(f, words, in[0], out[1]);
	fd_closep(&in[0]);
	fd_closep(&out[1]);
	f->to_car = in[1];
	f->from_car = out[0];
	cr_assert_geq(sd_event_add_io(f->event, &f->io, f->from_car, EPOLLIN,
			      on_said, f),
		0);
	run_until_said(f, "\"ready\"");
}

static inline void setup_apart(struct flow *f)
{
	_cleanup_(freep) char *pem = NULL;
	struct link *link = NULL;

	*f = (struct flow){ .to_car = -1, .from_car = -1 };
	(void)strcpy(f->folder, "/tmp/test-flow-XXXXXX");
	cr_assert_not_null(mkdtemp(f->folder));
	(void)snprintf(f->socket, sizeof(f->socket), "%s/car", f->folder);
	(void)snprintf(f->public, sizeof(f->public), "%s/key.pem", f->folder);
	cr_assert_eq(signer_generate(&f->signer), 0);
	cr_assert_eq(signer_public_pem(f->signer, &pem), 0);
	cr_assert_eq(file_create(f->public, 0600, pem, strlen(pem)), 0);

	cr_assert_geq(sd_event_new(&f->event), 0);
	cr_assert_geq(
		sd_event_add_time_relative(f->event, &f->timer, CLOCK_BOOTTIME,
			PATIENCE_MS * UINT64_C(1000), 0, on_impatience, f),
		0);
	cr_assert_eq(link_socket_new(f->event, f->socket, &link), 0);
	cr_assert_eq(car_new(f->event,
			     &(const struct car_config){
				     .vin = VIN,
				     .signer = f->signer,
				     .link = link,
			     },
			     &car_ops, f, &f->car),
		0);
}

/* A car that knows the key, with further options. */
static inline void setup(struct flow *f, const char *options)
{
	char all[256];

	setup_apart(f);
	(void)snprintf(
		all, sizeof(all), "--enrol %s:owner %s", f->public, options);
	spawn(f, all);
}

static inline void teardown(struct flow *f)
{
	f->car = car_free(f->car);
	f->io = sd_event_source_disable_unref(f->io);
	f->timer = sd_event_source_disable_unref(f->timer);
	fd_closep(&f->to_car);
	fd_closep(&f->from_car);
	if (f->pid > 0) {
		(void)kill(f->pid, SIGTERM);
		(void)waitpid(f->pid, NULL, 0);
	}
	(void)unlink(f->socket);
	(void)unlink(f->public);
	(void)rmdir(f->folder);
	f->signer = signer_free(f->signer);
	f->event = sd_event_unref(f->event);
}

static inline void add_steps(struct program *program, const char *text)
{
	char why[WHY_SIZE];

	cr_assert_eq(program_append(program, text, why), 0, "%s", why);
}

/* Sets the job to one guarded step, to be begun within 30 s. */
static inline void plan(struct flow *f, const char *step)
{
	f->steps = (struct program){ 0 };
	f->undo = (struct program){ 0 };
	add_steps(&f->steps, step);
	f->spec = (struct car_job){
		.kind = CAR_JOB_RUN,
		.steps = &f->steps,
		.undo = &f->undo,
		.conditions = CONDITIONS_OF(CONDITION_PARKED),
	};
}

static inline void look(struct flow *f)
{
	f->has_looked = false;
	cr_assert_eq(car_look(f->car), 0);
	while (!f->has_looked)
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
	/* What the car did is said, not only done. */
	if (f->pid > 0)
		tell(f, "help");
}

static inline enum car_read_result read_part(
	struct flow *f, enum command_id id, bool may_wake)
{
	f->has_read = false;
	cr_assert_eq(car_read(f->car, id, may_wake), 0);
	while (!f->has_read)
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
	if (f->pid > 0)
		tell(f, "help");

	return f->read_result;
}

static inline void run_job(struct flow *f)
{
	f->n_begun = f->n_undone = 0;
	f->is_done = false;
	if (f->spec.start_by_ms == 0)
		f->spec.start_by_ms = clock_boottime_ms() + 30 * 1000;
	cr_assert_eq(car_begin(f->car, &f->spec), 0);
	while (!f->is_done)
		cr_assert_geq(sd_event_run(f->event, UINT64_MAX), 0);
	f->spec.start_by_ms = 0;
	/* What the car did is said, not only done. */
	if (f->pid > 0)
		tell(f, "help");
}

static inline void expect(struct flow *f, enum outcome outcome, const char *why)
{
	run_job(f);
	cr_assert_eq(f->result.outcome, outcome, "%s: %s\n%s",
		outcome_name(f->result.outcome), f->result.why, f->said);
	cr_assert_not_null(strstr(f->result.why, why), "%s", f->result.why);
	cr_assert_eq(f->result.why[0] == '\0', outcome == OUTCOME_CONFIRMED);
}

static inline void expect_confirmed(struct flow *f, const char *step)
{
	plan(f, step);
	expect(f, OUTCOME_CONFIRMED, "");
	cr_assert_eq(f->n_begun, 1);
}
