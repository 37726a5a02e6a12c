/* SPDX-License-Identifier: MIT */

#include "link/socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "faults.h"
#include "test.h"
#include "util/fd.h"

/* A listening car, and everything that the link has told. */
struct fixture {
	sd_event *event;
	struct link *link;
	char folder[32];
	char path[64];
	int listener;
	int car;

	char told[1024]; /* one letter per event: U S B D */
	enum link_reason reason;
	bool issued;
	size_t n_bytes;
	uint8_t bytes[8192];
	void (*then)(struct fixture *f, const struct link_event *event);
};

static void on_link(void *userdata, const struct link_event *event)
{
	static const char letters[] = "HUSBD";
	struct fixture *f = userdata;
	size_t n = strlen(f->told);

	cr_assert_lt(n, sizeof(f->told) - 1);
	f->told[n] = letters[event->type];
	if (event->type == LINK_BYTES) {
		cr_assert_leq(event->len, sizeof(f->bytes) - f->n_bytes);
		memcpy(f->bytes + f->n_bytes, event->data, event->len);
		f->n_bytes += event->len;
	}
	if (event->type == LINK_DOWN) {
		f->reason = event->reason;
		f->issued = event->issued;
	}
	if (f->then != NULL)
		f->then(f, event);
}

/* Runs the loop until it has nothing left to do. */
static void settle(struct fixture *f)
{
	while (sd_event_run(f->event, 0) > 0)
		continue;
}

static void listen_at(struct fixture *f, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(
		address.sun_path, sizeof(address.sun_path), "%s", f->path);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(f->listener, 0);
	cr_assert_eq(
		bind(f->listener, (struct sockaddr *)&address, sizeof(address)),
		0);
	cr_assert_eq(listen(f->listener, backlog), 0);
}

static void setup(struct fixture *f)
{
	*f = (struct fixture){ .listener = -1, .car = -1 };
	(void)strcpy(f->folder, "/tmp/test-socket-XXXXXX");
	cr_assert_not_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/car", f->folder);
	cr_assert_geq(sd_event_new(&f->event), 0);
	cr_assert_eq(link_socket_new(f->event, f->path, &f->link), 0);
	link_set_handler(f->link, on_link, f);
}

static void accept_link(struct fixture *f)
{
	f->car = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
	cr_assert_geq(f->car, 0);
}

static void setup_up(struct fixture *f)
{
	setup(f);
	listen_at(f, 4);
	cr_assert_eq(link_open(f->link, 1000), 0);
	accept_link(f);
	settle(f);
	cr_assert_str_eq(f->told, "U");
}

static void teardown(struct fixture *f)
{
	f->link = link_free(f->link);
	fd_closep(&f->car);
	fd_closep(&f->listener);
	(void)unlink(f->path);
	(void)rmdir(f->folder);
	f->event = sd_event_unref(f->event);
}

TEST(socket, path_that_fits_no_address_is_refused)
{
	struct link *link = NULL;
	sd_event *event = NULL;
	char path[200];

	memset(path, 'x', sizeof(path));
	path[108] = '\0';
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(link_socket_new(event, path, &link), -ENAMETOOLONG);
	cr_assert_null(link);
	path[107] = '\0';
	cr_assert_eq(link_socket_new(event, path, &link), 0);
	link_free(link);
	sd_event_unref(event);
}

TEST(socket, opening_is_told_by_the_loop)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, 4);
	cr_assert_eq(link_open(f.link, 1000), 0);
	cr_assert_str_empty(f.told);
	cr_assert_eq(link_open(f.link, 1000), LINK_E_BUSY);
	settle(&f);
	cr_assert_str_eq(f.told, "U");
	cr_assert_eq(link_open(f.link, 1000), LINK_E_BUSY);
	teardown(&f);
}

TEST(socket, missing_and_dead_sockets_are_not_found)
{
	struct fixture f;

	setup(&f);
	cr_assert_eq(link_open(f.link, 1000), 0);
	cr_assert_str_empty(f.told);
	settle(&f);
	cr_assert_str_eq(f.told, "D");
	cr_assert_eq(f.reason, LINK_NOT_FOUND);

	listen_at(&f, 4);
	fd_closep(&f.listener);
	cr_assert_eq(link_open(f.link, 1000), 0);
	settle(&f);
	cr_assert_str_eq(f.told, "DD");
	cr_assert_eq(f.reason, LINK_NOT_FOUND);
	teardown(&f);
}

TEST(socket, a_path_that_is_no_socket_fails)
{
	struct fixture f;

	setup(&f);
	(void)snprintf(f.path, sizeof(f.path), "%s/car", f.folder);
	f.car = open(f.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	cr_assert_geq(f.car, 0);
	cr_assert_eq(link_open(f.link, 1000), 0);
	settle(&f);
	/* Linux refuses it as it refuses a socket that nobody serves. */
	cr_assert_str_eq(f.told, "D");
	cr_assert_eq(f.reason, LINK_NOT_FOUND);
	teardown(&f);
}

TEST(socket, full_backlog_is_a_car_without_a_free_link)
{
	struct fixture f;
	struct link *first = NULL;

	setup(&f);
	listen_at(&f, 0);
	cr_assert_eq(link_socket_new(f.event, f.path, &first), 0);
	cr_assert_eq(link_open(first, 1000), 0);
	cr_assert_eq(link_open(f.link, 1000), 0);
	settle(&f);
	cr_assert_str_eq(f.told, "D");
	cr_assert_eq(f.reason, LINK_FULL);
	link_free(first);
	teardown(&f);
}

TEST(socket, bytes_go_both_ways_unchanged)
{
	static const uint8_t frame[] = { 0, 3, 1, 2, 3 };
	uint8_t seen[16];
	struct fixture f;

	setup_up(&f);
	cr_assert_eq(link_send(f.link, frame, sizeof(frame)), 0);
	cr_assert_str_eq(f.told, "U");
	cr_assert_eq(link_send(f.link, frame, sizeof(frame)), LINK_E_BUSY);
	cr_assert_eq(recv(f.car, seen, sizeof(seen), 0), sizeof(frame));
	cr_assert_arr_eq(seen, frame, sizeof(frame));
	cr_assert_eq(send(f.car, "answer", 6, 0), 6);
	settle(&f);
	cr_assert_str_eq(f.told, "USB");
	cr_assert_eq(f.n_bytes, 6);
	cr_assert_arr_eq(f.bytes, "answer", 6);
	cr_assert_eq(link_send(f.link, frame, sizeof(frame)), 0);
	teardown(&f);
}

TEST(socket, what_cannot_be_a_frame_is_refused)
{
	static const uint8_t frame[2049];
	struct fixture f;

	setup_up(&f);
	cr_assert_eq(link_send(f.link, frame, sizeof(frame)), -EMSGSIZE);
	cr_assert_eq(link_send(f.link, frame, 0), -EMSGSIZE);
	cr_assert_eq(link_send(f.link, frame, 2048), 0);
	teardown(&f);
}

/* Fills the way to the car until a frame gets stuck.  Returns how many fit. */
static size_t fill(struct fixture *f)
{
	static const uint8_t frame[2000] = { 7 };
	size_t n = 0;
	size_t told;

	do {
		told = strlen(f->told);
		cr_assert_eq(link_send(f->link, frame, sizeof(frame)), 0);
		settle(f);
		n++;
	} while (strlen(f->told) > told);

	return n;
}

TEST(socket, frame_in_pieces_is_sent_when_the_last_piece_is)
{
	struct fixture f;
	size_t total = 0;
	size_t n;
	ssize_t got;
	uint8_t bytes[4096];

	setup_up(&f);
	n = fill(&f);
	cr_assert_eq(link_send(f.link, bytes, 1), LINK_E_BUSY);
	while (total < 2000 * n) {
		got = recv(f.car, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got > 0)
			total += (size_t)got;
		else
			cr_assert_eq(errno, EAGAIN);
		settle(&f);
	}
	cr_assert_eq(total, 2000 * n);
	cr_assert_eq(f.told[n], 'S');
	cr_assert_eq(strlen(f.told), n + 1);
	teardown(&f);
}

TEST(socket, stuck_frame_was_not_issued_when_the_car_goes)
{
	struct fixture f;

	setup_up(&f);
	(void)fill(&f);
	fd_closep(&f.car);
	settle(&f);
	cr_assert_eq(f.told[strlen(f.told) - 1], 'D');
	cr_assert_eq(f.reason, LINK_CLOSED_BY_CAR);
	cr_assert_not(f.issued);
	teardown(&f);
}

/* The loop as it fails once. */
static int set_io_r;
int __real_sd_event_source_set_io_events(
	sd_event_source *source, uint32_t events);
int __wrap_sd_event_source_set_io_events(
	sd_event_source *source, uint32_t events);

int __wrap_sd_event_source_set_io_events(
	sd_event_source *source, uint32_t events)
{
	int r = set_io_r;

	set_io_r = 0;
	return r < 0 ? r : __real_sd_event_source_set_io_events(source, events);
}

TEST(socket, frame_that_is_out_stays_issued_when_the_loop_fails)
{
	struct fixture f;

	setup_up(&f);
	set_io_r = -ENOMEM;
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), 0);
	settle(&f);
	cr_assert_str_eq(f.told, "USD");
	cr_assert_eq(f.reason, LINK_IO_ERROR);
	cr_assert(f.issued);
	teardown(&f);
}

TEST(socket, whole_frame_was_issued_when_the_car_goes)
{
	struct fixture f;

	setup_up(&f);
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), 0);
	fd_closep(&f.car);
	settle(&f);
	cr_assert_str_eq(f.told, "USD");
	cr_assert_eq(f.reason, LINK_CLOSED_BY_CAR);
	cr_assert(f.issued);
	teardown(&f);
}

TEST(socket, last_words_are_heard_before_the_end)
{
	struct fixture f;

	setup_up(&f);
	cr_assert_eq(send(f.car, "bye", 3, 0), 3);
	fd_closep(&f.car);
	/* Sending is what notices: still nothing is lost. */
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), 0);
	settle(&f);
	cr_assert_str_eq(f.told, "UBD");
	cr_assert_eq(f.n_bytes, 3);
	cr_assert_not(f.issued);
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), LINK_E_DOWN);
	teardown(&f);
}

TEST(socket, car_that_hangs_up_at_once_closed_the_link)
{
	struct fixture f;

	setup(&f);
	listen_at(&f, 4);
	cr_assert_eq(link_open(f.link, 1000), 0);
	accept_link(&f);
	fd_closep(&f.car);
	settle(&f);
	cr_assert_str_eq(f.told, "UD");
	cr_assert_eq(f.reason, LINK_CLOSED_BY_CAR);
	teardown(&f);
}

TEST(socket, closing_is_silent_and_reopening_fine)
{
	struct fixture f;

	setup_up(&f);
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), 0);
	link_close(f.link);
	link_close(f.link);
	settle(&f);
	cr_assert_str_eq(f.told, "U");
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), LINK_E_DOWN);
	cr_assert_eq(link_open(f.link, 1000), 0);
	link_close(f.link);
	settle(&f);
	cr_assert_str_eq(f.told, "U");
	cr_assert_eq(link_open(f.link, 1000), 0);
	settle(&f);
	cr_assert_str_eq(f.told, "UU");
	teardown(&f);
}

static void close_and_reopen(struct fixture *f, const struct link_event *event)
{
	if (event->type == LINK_UP)
		return;

	link_close(f->link);
	cr_assert_eq(link_open(f->link, 1000), 0);
	f->then = NULL;
}

TEST(socket, handler_may_close_and_reopen)
{
	struct fixture f;

	setup_up(&f);
	f.then = close_and_reopen;
	cr_assert_eq(send(f.car, "one", 3, 0), 3);
	settle(&f);
	cr_assert_str_eq(f.told, "UBU");

	f.then = close_and_reopen;
	fd_closep(&f.car);
	accept_link(&f);
	fd_closep(&f.car);
	settle(&f);
	cr_assert_str_eq(f.told, "UBUDU");

	f.then = close_and_reopen;
	cr_assert_eq(link_send(f.link, (const uint8_t *)"ab", 2), 0);
	settle(&f);
	cr_assert_str_eq(f.told, "UBUDUSU");
	teardown(&f);
}

TEST(socket, every_allocation_may_fail)
{
	struct fixture f;
	long n;
	int r = -1;

	setup(&f);
	listen_at(&f, 4);
	for (n = 0; r != 0; n++) {
		struct link *link = NULL;

		faults_arm(n);
		r = link_socket_new(f.event, f.path, &link);
		if (r == 0)
			r = link_open(link, 1000);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
		link_free(link);
	}
	cr_assert_gt(n, 1);
	teardown(&f);
}

TEST(link, reasons_are_parts_of_a_sentence)
{
	for (int i = LINK_CLOSED_BY_US; i <= LINK_IO_ERROR; i++)
		cr_assert_gt(strlen(link_reason_text((enum link_reason)i)), 10);
	cr_assert_null(link_free(NULL));
}
