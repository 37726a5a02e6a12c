/* SPDX-License-Identifier: MIT */

/* The whole exchange of vehicle-protocol, appendix C, byte by byte. */

#include "fake-car.h"

#define NOW 5000000

/* Random bytes as the vectors want them: in order, then counting. */
struct dice {
	size_t len;
	size_t at;
	uint8_t bytes[256];
};

static int roll(void *userdata, uint8_t *ret, size_t len)
{
	struct dice *dice = userdata;

	for (size_t i = 0; i < len; i++, dice->at++)
		ret[i] = dice->at < dice->len ? dice->bytes[dice->at]
					      : (uint8_t)dice->at;
	return 0;
}

static void load(struct dice *dice, const char *hex)
{
	dice->at = 0;
	dice->len = unhex(hex, dice->bytes, sizeof(dice->bytes));
}

static void assert_output(struct vehicle *vehicle, const char *hex)
{
	const uint8_t *data;
	size_t len;

	cr_assert(vehicle_take_output(vehicle, &data, &len));
	assert_hex(data, len, hex);
}

static void feed(struct vehicle *vehicle, uint64_t now_ms, const char *hex)
{
	uint8_t bytes[1100];
	size_t len = unhex(hex, bytes, sizeof(bytes));

	vehicle_bytes(vehicle, now_ms, bytes, len);
}

/* Up to the command of appendix C, to which the car says @answer. */
static struct vehicle_event exchange(struct signer *signer, const char *answer)
{
	_cleanup_(vehicle_freep) struct vehicle *vehicle = NULL;
	static const struct command climate = { .id = COMMAND_CLIMATE_ON };
	struct vehicle_event event;
	struct dice dice = { 0 };

	cr_assert_eq(vehicle_new(A_VIN, signer, roll, &dice, &vehicle), 0);
	load(&dice, A_ROUTING A_INFO_UUID);
	vehicle_link_up(vehicle, NOW);
	assert_output(vehicle, "0070320208023a121210" A_ROUTING
			       "72430a41" A_KEY_PUBLIC "9a0310" A_INFO_UUID);

	load(&dice, A_ROUTING A_INFO_UUID A_ROUTING A_COMMAND_UUID A_NONCE);
	cr_assert_eq(vehicle_submit(
			     vehicle, NOW, &climate, CLOCK_NEVER, NOW + 10000),
		0);
	assert_output(vehicle, "0070320208033a121210" A_ROUTING
			       "72430a41" A_KEY_PUBLIC "9a0310" A_INFO_UUID);
	feed(vehicle, NOW,
		"00c232121210" A_ROUTING "3a0208036a2432220a20" A_INFO_TAG
		"7a5c" A_INFO "920310" A_INFO_UUID
		"9a0310000102030405060708090a0b0c0d0e0f");
	assert_output(vehicle,
		"00b9320208033a121210" A_ROUTING
		"520638038e8c0f2e6a80010a430a41" A_KEY_PUBLIC "2a390a10" A_EPOCH
		"120c" A_NONCE
		"1807255f0a00002a10c228e0ff64991481db3a7bbc133696c5"
		"9a0310" A_COMMAND_UUID "a00302");
	feed(vehicle, NOW + 300, answer);

	cr_assert(vehicle_take_event(vehicle, &event));
	cr_assert_eq(event.type, VEHICLE_EVENT_SESSION);
	cr_assert(vehicle_take_event(vehicle, &event));
	cr_assert_eq(event.type, VEHICLE_EVENT_ANSWER);
	cr_assert_eq(event.command.id, COMMAND_CLIMATE_ON);
	cr_assert_not(
		vehicle_take_event(vehicle, &(struct vehicle_event){ 0 }));
	return event;
}

#define SEALED(tag)                                        \
	"6a244a220a0c000102030405060708090a0b10011a10" tag \
	"920310" A_COMMAND_UUID "9a0310000102030405060708090a0b0c0d0e0f"

TEST(exchange, success_with_flags)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	struct vehicle_event event;

	event = exchange(
		signer, "006b32121210" A_ROUTING "3a0208035202135c" SEALED(
				"6219ff3d8c4649c9b2a27630b6350941") "a00302");
	cr_assert_eq(event.outcome, OUTCOME_CONFIRMED);
}

TEST(exchange, success_without_flags)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	struct vehicle_event event;

	event = exchange(signer,
		"006832121210" A_ROUTING
		"3a0208035202135c" SEALED("54618702116ed39826022ce8563399c4"));
	cr_assert_eq(event.outcome, OUTCOME_CONFIRMED);
}

TEST(exchange, refusal_with_a_reason)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	struct vehicle_event event;

	event = exchange(signer,
		"007c32121210" A_ROUTING
		"3a0208035213134d9af1913482099e8982e545eb0d9dc94ed0" SEALED(
			"255b46330f4fb1adf6a0788f4990f20a") "a00302");
	cr_assert_eq(event.outcome, OUTCOME_REFUSED);
	cr_assert_eq(event.reason, VEHICLE_FAILED);
	cr_assert_str_eq(event.why, "the car declines: \"is_charging\"");
}
