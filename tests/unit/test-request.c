/* SPDX-License-Identifier: MIT */

#include "vehicle/request.h"

#include "vectors.h"

/* vehicle-protocol, appendix B; that of seat-cooler from 7.2 */
static const struct {
	const char *text;
	const char *bytes;
} requests[] = {
	{ "unlock", "1000" },
	{ "lock", "1001" },
	{ "drive", "1014" },
	{ "wake", "101e" },
	{ "autosecure-modelx", "101d" },
	{ "trunk-open", "22022801" },
	{ "trunk-close", "22022804" },
	{ "frunk-open", "22023001" },
	{ "tonneau-open", "22024003" },
	{ "tonneau-close", "22024004" },
	{ "tonneau-stop", "22024002" },
	{ "body-controller-state", "0a00" },
	{ "ping", "1205f202020801" },
	{ "honk", "1203da0100" },
	{ "flash-lights", "1203d20100" },
	{ "windows-vent", "12059202021a00" },
	{ "windows-close", "12059202022200" },
	{ "sentry-mode on", "1205f201020801" },
	{ "sentry-mode off", "1203f20100" },
	{ "charge-port-open", "1203f20300" },
	{ "charge-port-close", "1203ea0300" },
	{ "charging-start", "120432021200" },
	{ "charging-stop", "120432022a00" },
	{ "charging-set-limit 80", "12042a020850" },
	{ "charging-set-amps 16", "1205da02020810" },
	{ "charging-set-amps 0", "1203da0200" },
	{ "charging-schedule 02:00", "1207ca020408011078" },
	{ "charging-schedule-cancel", "1203ca0200" },
	{ "low-power-mode on", "12059208020801" },
	{ "low-power-mode off", "1203920800" },
	{ "keep-accessory-power on", "1205d208020801" },
	{ "climate-on", "120452020801" },
	{ "climate-off", "12025200" },
	{ "climate-set-temp 21c", "1210720e2a021a00350000a8413d0000a841" },
	{ "climate-keeper dog", "1205e202020802" },
	{ "auto-seat-and-climate LR", "120f82030c0a04080110010a0408011002" },
	{ "seat-heater front-left high", "1209a202060a042a003a00" },
	{ "seat-heater front-right off", "1209a202060a0412004200" },
	{ "seat-cooler front-right high", "12098a03060a0408041002" },
	{ "steering-wheel-heater on", "12046a020801" },
	{ "steering-wheel-heater off", "12026a00" },
	{ "preconditioning-max on", "120462020801" },
	{ "bioweapon-mode on", "12059a02020801" },
	{ "cabin-overheat-protection fan-only", "120792030408011001" },
	{ "cabin-overheat-protection on", "12059203020801" },
	{ "cabin-overheat-protection off", "1203920300" },
	{ "media-play", "12027a00" },
	{ "media-toggle-playback", "12027a00" },
	{ "media-set-volume 5", "12088201051d0000a040" },
	{ "media-set-volume 0", "12088201051d00000000" },
	{ "media-volume-up", "12058201020802" },
	{ "media-volume-down", "12058201020801" },
	{ "media-next-track", "12039a0100" },
	{ "media-previous-track", "1203a20100" },
	{ "media-next-favorite", "12038a0100" },
	{ "media-previous-favorite", "1203920100" },
	{ "software-update-start 2h", "1206ea010308a038" },
	{ "software-update-cancel", "1203ca0100" },
	{ "list-keys", "0a020805" },
	{ "nearby-charging-sites", "120aba0107080110c801180a" },
	{ "state-charge", "12040a021200" },
	{ "state-climate", "12040a021a00" },
	{ "state-drive", "12040a022200" },
	{ "state-location", "12040a023a00" },
	{ "state-closures", "12040a024200" },
	{ "state-charge-schedule", "12040a025200" },
	{ "state-precondition-schedule", "12040a025a00" },
	{ "state-tire-pressure", "12040a027200" },
	{ "state-media", "12040a027a00" },
	{ "state-media-detail", "12050a03820100" },
	{ "state-software-update", "12050a038a0100" },
	{ "state-parental-controls", "12050a039a0100" },
};

TEST(request, bytes_are_those_of_the_specification)
{
	/* None, and those that say who asks. */
	bool seen[_COMMAND_N] = {
		[COMMAND_NONE] = true,
		[COMMAND_SESSION_VCSEC] = true,
		[COMMAND_SESSION_INFOTAINMENT] = true,
		[COMMAND_KEY_ENTRY] = true,
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		uint8_t bytes[REQUEST_SIZE];
		struct command command;
		char why[WHY_SIZE];

		cr_assert_eq(command_parse(requests[i].text, &command, why), 0);
		assert_hex(bytes, request_write(&command, bytes),
			requests[i].bytes);
		seen[command.id] = true;
	}
	/* No command of the table was left out. */
	for (size_t i = 0; i < _COMMAND_N; i++)
		cr_assert(
			seen[i], "%s", command_info((enum command_id)i)->name);
}
