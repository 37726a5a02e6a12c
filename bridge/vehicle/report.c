/* SPDX-License-Identifier: MIT */

#include "vehicle/report.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "car_server.pb-c.h"
#include "util/bytes.h"
#include "vcsec.pb-c.h"
#include "vehicle/measure.h"
#include "vehicle/state.h"

#define RESPONSE(name) CAR_SERVER__RESPONSE__RESPONSE_MSG_##name
#define FROM_VCSEC(name) VCSEC__FROM_VCSECMESSAGE__SUB_MESSAGE_##name

enum {
	/* Of a key or a hash, in an answer. */
	BYTES_MAX = 65,
};

static void tell_message(struct report *report, const char *prefix,
	const ProtobufCMessage *message);

/* The next fact, absent; NULL where there is no room for it. */
static struct report_fact *add(struct report *report, const char *prefix,
	const char *name, size_t name_len, const char *name_end)
{
	struct report_fact *fact;

	if (report->n_facts == ARRAY_SIZE(report->facts)) {
		report->is_cut = true;
		return NULL;
	}

	fact = &report->facts[report->n_facts++];
	*fact = (struct report_fact){ .kind = REPORT_ABSENT, .unit = "" };
	(void)snprintf(fact->name, sizeof(fact->name), "%s%.*s%s", prefix,
		(int)name_len, name, name_end);
	return fact;
}

/*
 * Floats have about seven digits; what comes behind them in a double is no
 * news of the car.  Converted ones are told to a tenth.
 */
static double tidy(double number, double factor, bool is_float)
{
	char text[32];

	if (factor != 1)
		return round(number * factor * 10) / 10;
	if (!is_float)
		return number;

	(void)snprintf(text, sizeof(text), "%.7g", number);
	return strtod(text, NULL);
}

static void tell_number(struct report *report, const char *prefix,
	const char *name, double number, bool is_present, bool is_float)
{
	struct report_fact *fact;
	struct measure measure;

	measure_find(name, &measure);
	fact = add(report, prefix, name, measure.name_len, measure.name_end);
	if (fact == NULL)
		return;
	fact->unit = measure.unit;
	/* Not a number, in a language that has one for it: not told. */
	if (!is_present || !isfinite(number))
		return;
	fact->kind = measure.is_time ? REPORT_TIME : REPORT_NUMBER;
	fact->number = measure.is_time ? floor(number * measure.factor)
				       : tidy(number, measure.factor, is_float);
}

/* "FlashingGreen" and "NOT_PRESENT" as "flashing-green" and "not-present". */
static void print_word(const char *name, char ret[static REPORT_TEXT_SIZE])
{
	size_t n = 0;

	for (size_t i = 0; name[i] != '\0' && n + 2 < REPORT_TEXT_SIZE; i++) {
		unsigned char c = (unsigned char)name[i];
		bool begins =
			i > 0 && isupper(c) &&
			(islower((unsigned char)name[i - 1]) ||
				(isupper((unsigned char)name[i - 1]) &&
					islower((unsigned char)name[i + 1])));

		if (begins)
			ret[n++] = '-';
		ret[n++] = c == '_' ? '-' : (char)tolower(c);
	}
	ret[n] = '\0';
}

/*
 * How much all values of @type have in common, which is a name of the type:
 * "ChargePortColor" of "ChargePortColorRed".  What is left begins a word.
 */
static size_t common_len(const ProtobufCEnumDescriptor *type)
{
	const char *first = type->values[0].name;
	size_t len = strlen(first);

	if (type->n_values < 2)
		return 0;
	for (unsigned int i = 1; i < type->n_values; i++) {
		const char *name = type->values[i].name;
		size_t n = 0;

		while (n < len && name[n] == first[n])
			n++;
		len = n;
	}
	while (len > 0 && first[len - 1] != '_' &&
		!(islower((unsigned char)first[len - 1]) &&
			isupper((unsigned char)first[len])))
		len--;

	return len;
}

static void tell_enum(struct report_fact *fact,
	const ProtobufCEnumDescriptor *type, int number)
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value(type, number);

	if (value == NULL) {
		/* Of later firmware. */
		fact->kind = REPORT_NUMBER;
		fact->number = number;
		return;
	}
	fact->kind = REPORT_WORD;
	print_word(value->name + common_len(type), fact->text);
}

static void tell_text(struct report_fact *fact, const char *text)
{
	/* As good as left out, and where presence is not told, it is that. */
	if (*text == '\0')
		return;
	fact->kind = REPORT_TEXT;
	text_printable(text, fact->text, sizeof(fact->text));
}

static void tell_bytes(
	struct report_fact *fact, const ProtobufCBinaryData *data)
{
	char text[HEX_SIZE(BYTES_MAX)];

	hex_encode(data->data, data->len < BYTES_MAX ? data->len : BYTES_MAX,
		text);
	tell_text(fact, text);
}

static void tell_time(struct report_fact *fact, const void *message)
{
	const CarServer__Timestamp *timestamp = message;

	fact->kind = REPORT_TIME;
	fact->number = (double)timestamp->seconds;
}

/* Is it one of several messages, as a gear is P, R, N or D? */
static bool is_choice(const ProtobufCMessageDescriptor *type)
{
	for (unsigned int i = 0; i < type->n_fields; i++)
		if (type->fields[i].type != PROTOBUF_C_TYPE_MESSAGE ||
			(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ==
				0 ||
			type->fields[i].quantifier_offset !=
				type->fields[0].quantifier_offset)
			return false;

	return type->n_fields > 1;
}

/* The number at @offset of @message. */
static unsigned int case_at(
	const ProtobufCMessage *message, unsigned int offset)
{
	unsigned int number;

	memcpy(&number, (const uint8_t *)message + offset, sizeof(number));
	return number;
}

static void tell_choice(struct report *report, const char *prefix,
	const char *name, const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;
	struct report_fact *fact = add(report, prefix, name, strlen(name), "");
	unsigned int number =
		case_at(message, type->fields[0].quantifier_offset);
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field(type, number);
	char below[REPORT_NAME_SIZE];
	const void *member;

	if (fact == NULL || field == NULL)
		return;
	fact->kind = REPORT_WORD;
	print_word(field->name, fact->text);
	memcpy(&member, (const uint8_t *)message + field->offset,
		sizeof(member));
	(void)snprintf(below, sizeof(below), "%s%s.", prefix, name);
	if (member != NULL)
		tell_message(report, below, member);
}

static void tell_nested(struct report *report, const char *prefix,
	const char *name, const ProtobufCMessage *message)
{
	char below[REPORT_NAME_SIZE];
	struct report_fact *fact;

	if (message != NULL &&
		message->descriptor != &car_server__timestamp__descriptor) {
		if (is_choice(message->descriptor)) {
			tell_choice(report, prefix, name, message);
			return;
		}
		(void)snprintf(below, sizeof(below), "%s%s.", prefix, name);
		tell_message(report, below, message);
		return;
	}

	fact = add(report, prefix, name, strlen(name), "");
	if (fact != NULL && message != NULL)
		tell_time(fact, message);
}

static bool is_number(ProtobufCType type)
{
	return type != PROTOBUF_C_TYPE_BOOL && type != PROTOBUF_C_TYPE_ENUM &&
	       type != PROTOBUF_C_TYPE_STRING &&
	       type != PROTOBUF_C_TYPE_BYTES && type != PROTOBUF_C_TYPE_MESSAGE;
}

static double number_at(const void *member, ProtobufCType type)
{
	union {
		int32_t i32;
		uint32_t u32;
		int64_t i64;
		uint64_t u64;
		float f;
		double d;
	} value;

	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		memcpy(&value.i32, member, sizeof(value.i32));
		return value.i32;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		memcpy(&value.u32, member, sizeof(value.u32));
		return value.u32;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		memcpy(&value.i64, member, sizeof(value.i64));
		return (double)value.i64;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		memcpy(&value.u64, member, sizeof(value.u64));
		return (double)value.u64;
	case PROTOBUF_C_TYPE_FLOAT:
		memcpy(&value.f, member, sizeof(value.f));
		return (double)value.f;
	case PROTOBUF_C_TYPE_DOUBLE:
		memcpy(&value.d, member, sizeof(value.d));
		return value.d;
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}

	abort();
}

/* One value of @field, at @member. */
static void tell_value(struct report *report, const char *prefix,
	const char *name, const ProtobufCFieldDescriptor *field,
	const void *member, bool is_present)
{
	struct report_fact *fact;
	const void *pointer;
	int number;

	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		memcpy(&pointer, member, sizeof(pointer));
		tell_nested(report, prefix, name, is_present ? pointer : NULL);
		return;
	}
	if (is_number(field->type)) {
		tell_number(report, prefix, name,
			is_present ? number_at(member, field->type) : 0,
			is_present, field->type == PROTOBUF_C_TYPE_FLOAT);
		return;
	}

	fact = add(report, prefix, name, strlen(name), "");
	if (fact == NULL || !is_present)
		return;
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		memcpy(&pointer, member, sizeof(pointer));
		tell_text(fact, pointer);
	} else if (field->type == PROTOBUF_C_TYPE_BYTES) {
		tell_bytes(fact, member);
	} else {
		/* A protobuf_c_boolean is an int, too. */
		memcpy(&number, member, sizeof(number));
		if (field->type == PROTOBUF_C_TYPE_ENUM) {
			tell_enum(fact, field->descriptor, number);
		} else {
			fact->kind = REPORT_TRUTH;
			fact->number = number != 0;
		}
	}
}

static void tell_list(struct report *report, const char *prefix,
	const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
	const uint8_t *items;
	char name[REPORT_NAME_SIZE];
	struct report_fact *fact =
		add(report, prefix, field->name, strlen(field->name), "");
	size_t n;

	memcpy(&n, (const uint8_t *)message + field->quantifier_offset,
		sizeof(n));
	memcpy(&items, (const uint8_t *)message + field->offset, sizeof(items));
	if (fact == NULL)
		return;
	fact->kind = REPORT_NUMBER;
	fact->number = (double)n;
	/* Nothing that a car tells has a list of anything else. */
	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return;
	for (size_t i = 0; i < n && !report->is_cut; i++) {
		(void)snprintf(
			name, sizeof(name), "%s.%zu", field->name, i + 1);
		tell_value(report, prefix, name, field,
			items + i * sizeof(void *), true);
	}
}

static void tell_field(struct report *report, const char *prefix,
	const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
	bool is_member = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
	bool is_present =
		!is_member ||
		case_at(message, field->quantifier_offset) == field->id;

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		tell_list(report, prefix, field, message);
	else
		tell_value(report, prefix, field->name, field,
			(const uint8_t *)message + field->offset, is_present);
}

static void tell_message(struct report *report, const char *prefix,
	const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;

	for (unsigned int i = 0; i < type->n_fields && !report->is_cut; i++)
		tell_field(report, prefix, &type->fields[i], message);
}

/* All that VCSEC leaves out is zero: no closures told are all closed. */
static const ProtobufCMessage *with_closures(
	const VCSEC__VehicleStatus *status, VCSEC__VehicleStatus *copy)
{
	static VCSEC__ClosureStatuses all_closed =
		VCSEC__CLOSURE_STATUSES__INIT;

	*copy = *status;
	if (copy->closure_statuses == NULL)
		copy->closure_statuses = &all_closed;
	return &copy->base;
}

static bool read_vcsec(
	struct arena *arena, struct view payload, struct report *ret)
{
	const VCSEC__FromVCSECMessage *message =
		unpack(arena, &vcsec__from_vcsecmessage__descriptor,
			payload.data, payload.len);
	VCSEC__VehicleStatus copy;

	if (message == NULL)
		return false;
	switch ((int)message->sub_message_case) {
	case FROM_VCSEC(VEHICLE_STATUS):
		tell_message(
			ret, "", with_closures(message->vehicle_status, &copy));
		return true;
	case FROM_VCSEC(WHITELIST_INFO):
		tell_message(ret, "", &message->whitelist_info->base);
		return true;
	case FROM_VCSEC(WHITELIST_ENTRY_INFO):
		tell_message(ret, "", &message->whitelist_entry_info->base);
		return true;
	default:
		return false;
	}
}

static bool read_infotainment(struct arena *arena, enum command_id id,
	struct view payload, struct report *ret)
{
	const CarServer__Response *response = unpack(arena,
		&car_server__response__descriptor, payload.data, payload.len);
	const ProtobufCMessage *part = NULL;

	if (response == NULL)
		return false;
	if (response->response_msg_case == RESPONSE(VEHICLE_DATA))
		part = state_part(id, response->vehicle_data);
	else if (response->response_msg_case ==
		 RESPONSE(GET_NEARBY_CHARGING_SITES))
		part = &response->get_nearby_charging_sites->base;
	if (part == NULL)
		return false;

	tell_message(ret, "", part);
	return true;
}

bool report_read(struct arena *arena, enum command_id id, struct view payload,
	struct report *ret)
{
	ret->is_cut = false;
	ret->n_facts = 0;

	return command_info(id)->domain == DOMAIN_VEHICLE_SECURITY
		       ? read_vcsec(arena, payload, ret)
		       : read_infotainment(arena, id, payload, ret);
}
