/* SPDX-License-Identifier: MIT */

#include "lightning/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

int __real_getaddrinfo(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **ret);
int __wrap_getaddrinfo(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **ret);

/* The world's DNS: two names, one that hangs, and one that kills. */
int __wrap_getaddrinfo(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **ret)
{
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return __real_getaddrinfo(host, port, hints, ret);
	if (strcmp(host, "good.example") == 0)
		return __real_getaddrinfo("192.0.2.7", port, hints, ret);
	if (strcmp(host, "silent.example") == 0)
		for (;;)
			(void)pause();
	if (strcmp(host, "deadly.example") == 0)
		_exit(1);
	return EAI_NONAME;
}

static struct {
	int n_calls;
	size_t n;
	struct sockaddr_storage first;
	char why[100];
} told;

static void on_resolved(void *userdata, const struct sockaddr_storage *list,
	size_t n, const char *why)
{
	(void)userdata;
	told.n_calls++;
	told.n = n;
	if (n > 0)
		told.first = list[0];
	(void)strncpy(told.why, why, sizeof(told.why) - 1);
}

static sd_event *event;
static struct resolve *resolve;

static void begin(const char *host)
{
	struct endpoint endpoint = { .port = 9735 };

	(void)strncpy(endpoint.host, host, sizeof(endpoint.host) - 1);
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(
		resolve_new(event, &endpoint, on_resolved, NULL, &resolve), 0);
	cr_assert_eq(told.n_calls, 0, "from inside a call");
}

static void wait_for_it(void)
{
	while (told.n_calls == 0)
		cr_assert_gt(sd_event_run(event, 10 * 1000 * 1000), 0);
}

static void end(void)
{
	resolve = resolve_free(resolve);
	event = sd_event_unref(event);
}

static uint32_t first_ipv4(void)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&told.first;

	cr_assert_eq(told.first.ss_family, AF_INET);
	cr_assert_eq(ntohs(in->sin_port), 9735);
	return ntohl(in->sin_addr.s_addr);
}

TEST(resolve, a_name_is_looked_up_beside_the_loop)
{
	begin("good.example");
	wait_for_it();
	cr_assert_eq(told.n, 1);
	cr_assert_eq(first_ipv4(), 0xc0000207);
	end();
}

TEST(resolve, numbers_need_nobody)
{
	begin("192.0.2.9");
	wait_for_it();
	cr_assert_eq(first_ipv4(), 0xc0000209);
	end();
}

TEST(resolve, numbers_of_ipv6_too)
{
	begin("2001:db8::7");
	wait_for_it();
	cr_assert_eq(told.first.ss_family, AF_INET6);
	end();
}

TEST(resolve, a_name_that_is_none_is_told)
{
	begin("nobody.example");
	wait_for_it();
	cr_assert_eq(told.n, 0);
	cr_assert_str_eq(told.why, gai_strerror(EAI_NONAME));
	end();
}

TEST(resolve, who_dies_over_it_is_told)
{
	begin("deadly.example");
	wait_for_it();
	cr_assert_eq(told.n, 0);
	cr_assert_str_eq(told.why, gai_strerror(EAI_FAIL));
	end();
}

/* And nobody is left behind: waitpid() is done when it returns. */
TEST(resolve, silence_can_be_ended_at_once)
{
	begin("silent.example");
	cr_assert_eq(sd_event_run(event, 0), 0);
	end();
	cr_assert_eq(told.n_calls, 0);
	cr_assert_null(resolve_free(NULL));
}
