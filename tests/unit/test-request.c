/* SPDX-License-Identifier: MIT */

#include "vehicle/request.h"

#include <string.h>

#include "app.pb-c.h"
#include "car_server.pb-c.h"
#include "vcsec.pb-c.h"
#include "vectors.h"

/* vehicle-protocol, appendix B; those that are not there from 7.2 and A */
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
	{ "trunk-move", "22022801" },
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
	{ "charge-door-open", "22023803" },
	{ "charge-door-close", "22023804" },
	{ "door-open rear-passenger", "22022003" },
	{ "door-close driver", "22020804" },
	{ "sunroof-vent", "12058202021a00" },
	{ "sunroof-open 50", "12058202020832" },
	{ "sunroof-close", "12058202020800" },
	{ "homelink 1 2", "120f8a020c0a0a0d0000803f1500000040" },
	{ "vehicle-name Car", "1208b203050a03436172" },
	{ "charging-standard", "120432021a00" },
	{ "charging-max-range", "120432022200" },
	{ "charging-schedule-add mon,tue 23:30-06:00 52.5 -13.25 once 7 false",
		"121d8a061a08071806200128820b300138e802400155000052425d000054c"
		"1" },
	{ "charging-schedule-add all -00:00 52.5 13.25",
		"12158a06120801187f3001480155000052425d00005441" },
	{ "charging-schedule-add sun,sat 22:00- 0 0 weekly 1700000000",
		"12128a060f0880e2cfaa061841200128a80a4801" },
	{ "charging-schedule-remove id 1", "12059206020801" },
	{ "charging-schedule-remove home", "1205e206020801" },
	{ "charging-schedule-remove other", "1205e206021801" },
	{ "precondition-schedule-add weekdays 07:30 52.5 13.25 once "
	  "9007199254740992",
		"121f9a061c088080808080808010183e20c203280130013d00005242450000"
		"5441" },
	{ "precondition-schedule-remove id 1", "1205a206020801" },
	{ "precondition-schedule-remove home", "1205da06020801" },
	{ "precondition-schedule-remove work", "1205da06021001" },
	{ "scheduled-departure 07:30", "1208d20205080110c203" },
	{ "scheduled-departure 07:30 weekdays all 06:00",
		"1213d20210080110c2031a02120022020a0028e802" },
	{ "scheduled-departure 07:30 off weekdays",
		"120cd20209080110c20322021200" },
	{ "scheduled-departure-cancel", "1203d20200" },
	{ "climate-keeper camp override", "1207e2020408031001" },
	{ "preconditioning-max off override", "120462021001" },
	{ "bioweapon-mode on override", "12079a020408011001" },
	{ "auto-seat-and-climate R off", "12078203040a021002" },
	{ "cabin-overheat-temp high", "12059204020803" },
	{ "valet-mode-on file:/pin", "120bfa01080801120431323334" },
	{ "valet-mode-off", "1203fa0100" },
	{ "valet-mode-reset-pin", "1203e20100" },
	{ "guest-mode-on", "12058a04020801" },
	{ "guest-mode-off", "12038a0400" },
	{ "erase-guest-data", "1203c20400" },
	{ "speed-limit-set 65mph", "120b4209090000000000405040" },
	{ "speed-limit-activate file:/pin", "120a4a080801120431323334" },
	{ "speed-limit-deactivate file:/pin", "12084a06120431323334" },
	{ "speed-limit-clear-pin file:/pin", "12083a060a0431323334" },
	{ "speed-limit-clear-pin-admin", "1203fa0400" },
	{ "parental-controls-on file:/pin", "120bfa06080801120431323334" },
	{ "parental-controls-off file:/pin", "1209fa0606120431323334" },
	{ "parental-controls-set-speed-limit 65mph",
		"120c8a0709090000000000405040" },
	{ "parental-controls-enable-setting speed-limit on", "12058207021001" },
	{ "parental-controls-enable-setting curfew on", "120782070408031001" },
	{ "parental-controls-clear-pin file:/pin", "1209ea06060a0431323334" },
	{ "parental-controls-clear-pin-admin", "1203f20600" },
	{ "pin-to-drive-reset", "1203f20400" },
	{ "pin-to-drive-reset-admin", "1203ca0500" },
	{ "boombox 2000", "120682040308d00f" },
	{ "light-show-start 3", "120aaa070708031d0000a040" },
	{ "light-show-start 0 0 on", "1205aa07022001" },
	{ "light-show-stop", "1203a20700" },
	{ "dashcam-save", "1203fa0200" },
	{ "navigate 52.5 13.25",
		"1217aa0314090000000000404a40110000000000802a401801" },
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

		cr_assert_eq(command_parse(requests[i].text, &command, why), 0,
			"%s: %s", requests[i].text, why);
		/* As orders/pin.c loads it. */
		memcpy(command.pin.digits, "1234", sizeof("1234"));
		assert_hex(bytes, request_write(&command, bytes),
			requests[i].bytes);
		seen[command.id] = true;
	}
	/* No command of the table was left out. */
	for (size_t i = 0; i < _COMMAND_N; i++)
		cr_assert(
			seen[i], "%s", command_info((enum command_id)i)->name);
}

/* Is all of @message, of any depth, something that its descriptor knows? */
static void assert_is_known(const ProtobufCMessage *message, const char *text)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;

	cr_assert_eq(message->n_unknown_fields, 0, "%s: %s", text, type->name);
	for (unsigned int i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		const uint8_t *member =
			(const uint8_t *)message + field->offset;
		ProtobufCMessage *inner;
		unsigned int chosen;

		memcpy(&chosen,
			(const uint8_t *)message + field->quantifier_offset,
			sizeof(chosen));
		if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
			field->label == PROTOBUF_C_LABEL_REPEATED ||
			((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
				chosen != field->id))
			continue;
		memcpy(&inner, member, sizeof(inner));
		if (inner != NULL)
			assert_is_known(inner, text);
	}
}

/* What is experimental has another definition, which the car's may get. */
static const ProtobufCMessageDescriptor *type_of(
	const struct command_info *info)
{
	if (info->domain == DOMAIN_VEHICLE_SECURITY)
		return &vcsec__unsigned_message__descriptor;

	return (info->traits & COMMAND_EXPERIMENTAL) != 0
		       ? &app__action__descriptor
		       : &car_server__action__descriptor;
}

TEST(request, every_field_is_one_of_the_definitions)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		const ProtobufCMessageDescriptor *type;
		ProtobufCMessage *message;
		uint8_t bytes[REQUEST_SIZE];
		struct command command;
		char why[WHY_SIZE];
		size_t len;

		cr_assert_eq(command_parse(requests[i].text, &command, why), 0);
		len = request_write(&command, bytes);
		type = type_of(command_info(command.id));
		message = protobuf_c_message_unpack(type, NULL, len, bytes);
		cr_assert_not_null(message, "%s", requests[i].text);
		assert_is_known(message, requests[i].text);
		protobuf_c_message_free_unpacked(message, NULL);
	}
}

/* The longest name, and the longest schedule. */
TEST(request, the_longest_fits)
{
	static const char *const texts[] = {
		"vehicle-name "
		"12345678901234567890123456789012345678901234567890",
		"charging-schedule-add all 23:59-23:58 -89.123456 -179.123456 "
		"once 9007199254740992 true",
		"precondition-schedule-add all 23:59 -89.123456 -179.123456 "
		"once 9007199254740992 true",
		"scheduled-departure 23:59 weekdays weekdays 23:59",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		uint8_t bytes[REQUEST_SIZE];
		struct command command;
		char why[WHY_SIZE];

		cr_assert_eq(command_parse(texts[i], &command, why), 0, "%s",
			texts[i]);
		cr_assert_leq(request_write(&command, bytes), 58);
	}
}
