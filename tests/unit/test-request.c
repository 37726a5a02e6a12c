/* SPDX-License-Identifier: MIT */

#include "vehicle/request.h"

#include "vectors.h"

/* vehicle-protocol, appendix B */
static const struct {
	const char *text;
	const char *bytes;
} requests[] = {
	{ "unlock", "1000" },
	{ "lock", "1001" },
	{ "wake", "101e" },
	{ "trunk-open", "22022801" },
	{ "frunk-open", "22023001" },
	{ "body-controller-state", "0a00" },
	{ "ping", "1205f202020801" },
	{ "honk", "1203da0100" },
	{ "flash-lights", "1203d20100" },
	{ "charge-port-open", "1203f20300" },
	{ "charge-port-close", "1203ea0300" },
	{ "climate-on", "120452020801" },
	{ "climate-off", "12025200" },
	{ "media-play", "12027a00" },
	{ "media-toggle-playback", "12027a00" },
	{ "media-set-volume 5", "12088201051d0000a040" },
	{ "media-set-volume 0", "12088201051d00000000" },
	{ "media-volume-up", "12058201020802" },
	{ "media-volume-down", "12058201020801" },
	{ "media-next-track", "12039a0100" },
	{ "media-previous-track", "1203a20100" },
	{ "state-drive", "12040a022200" },
	{ "state-closures", "12040a024200" },
	{ "state-media", "12040a027a00" },
};

TEST(request, bytes_are_those_of_the_specification)
{
	unsigned long seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		uint8_t bytes[REQUEST_SIZE];
		struct command command;
		char why[WHY_SIZE];

		cr_assert_eq(command_parse(requests[i].text, &command, why), 0);
		assert_hex(bytes, request_write(&command, bytes),
			requests[i].bytes);
		seen |= 1UL << command.id;
	}
	/* No command of the table was left out. */
	cr_assert_eq(seen, (1UL << _COMMAND_N) - 1);
}
