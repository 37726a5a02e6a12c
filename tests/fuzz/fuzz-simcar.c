/* SPDX-License-Identifier: MIT */

/*
 * Foreign bytes to the simulated car: as a message, and as what a signed
 * message would hold, which no fuzzer can seal.  The car does that, too.
 */

#include <stdlib.h>
#include <string.h>

#include "tests/simcar/car.h"
#include "tests/simcar/infotainment.h"
#include "tests/simcar/state.h"
#include "tests/simcar/vcsec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_send(void *userdata, int link, const uint8_t *bytes,
	size_t len, uint64_t delay_ms)
{
	(void)userdata;
	(void)link;
	(void)bytes;
	(void)delay_ms;
	if (len > FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX)
		abort();
}

static void no_drop(void *userdata, int link)
{
	(void)userdata;
	(void)link;
}

static int no_random(void *userdata, uint8_t *ret, size_t len)
{
	(void)userdata;
	memset(ret, 0, len);
	return 0;
}

/* Does @deed twice, and tells all of what the car is then. */
static void do_deed(const struct deed *deed)
{
	static uint8_t bytes[FRAME_MESSAGE_MAX];
	struct state state;
	struct world world;

	if (deed_name(deed) == NULL)
		abort();
	world_init(&world, 0);
	for (uint64_t now_ms = 0; now_ms < 2; now_ms++)
		if (world_do(&world, now_ms, deed).did == NULL)
			abort();
	for (int act = ACT_READ_CHARGE; act < ACT_READ_NEARBY; act++) {
		state_tell(&state, &world, 2, 0, (enum act)act);
		if (car_server__vehicle_data__get_packed_size(&state.data) >
			sizeof(bytes))
			abort();
		(void)car_server__vehicle_data__pack(&state.data, bytes);
	}
}

static void read_payloads(const uint8_t *data, size_t size)
{
	struct deed deed;

	if (vcsec_read(data, size, &deed) == 0)
		do_deed(&deed);
	if (infotainment_read(data, size, &deed) == 0)
		do_deed(&deed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct outlet outlet = { check_send, no_drop, no_random, NULL };
	struct signer *keys[2] = { NULL };
	uint8_t public[SIGNER_PUBLIC_SIZE];
	struct say say_to = { 0 };
	struct car car;

	if (size > FRAME_MESSAGE_MAX)
		return 0;
	read_payloads(data, size);

	say_to.out = fopen("/dev/null", "we");
	if (say_to.out == NULL || signer_generate(&keys[0]) < 0 ||
		signer_generate(&keys[1]) < 0)
		abort();
	signer_public(keys[1], public);
	if (car_init(&car, "5YJ30123456789ABC", keys[0], keys[1], &outlet,
		    &say_to, 0) < 0 ||
		car_enrol(&car, 0, public, KEYS__ROLE__ROLE_OWNER, 0, true) < 0)
		abort();
	car.tap_after_ms = 1000;
	if (car_receive(&car, 1, 1, data, size) < 0 ||
		car_tick(&car, 2000) < 0 || car.world.power != POWER_AWAKE ||
		!car.world.locked)
		abort();
	car_deinit(&car);
	(void)fclose(say_to.out);

	return 0;
}
