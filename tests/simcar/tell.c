/* SPDX-License-Identifier: MIT */

#include "tell.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Where the field @name of @message is; marks it as there. */
static void *open_field(ProtobufCMessage *message, const char *name,
	const ProtobufCFieldDescriptor **ret_field)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(
			message->descriptor, name);

	/* A name is a constant of this program. */
	assert(field != NULL);
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
		memcpy((char *)message + field->quantifier_offset, &field->id,
			sizeof(field->id));
	*ret_field = field;
	return (char *)message + field->offset;
}

static void write_number(
	const ProtobufCFieldDescriptor *field, double value, void *to)
{
	const int32_t narrow = (int32_t)value;
	const int64_t wide = (int64_t)value;
	const protobuf_c_boolean truth = value != 0;
	const float single = (float)value;

	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		memcpy(to, &truth, sizeof(truth));
		return;
	case PROTOBUF_C_TYPE_FLOAT:
		memcpy(to, &single, sizeof(single));
		return;
	case PROTOBUF_C_TYPE_DOUBLE:
		memcpy(to, &value, sizeof(value));
		return;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		memcpy(to, &wide, sizeof(wide));
		return;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_ENUM:
		memcpy(to, &narrow, sizeof(narrow));
		return;
	default:
		assert(false);
	}
}

void tell(ProtobufCMessage *message, const struct fact *facts)
{
	const ProtobufCFieldDescriptor *field;
	void *to;

	for (; facts->name != NULL; facts++) {
		if (isnan(facts->value))
			continue;
		to = open_field(message, facts->name, &field);
		write_number(field, facts->value, to);
	}
}

void tell_text(ProtobufCMessage *message, const char *name, char *text)
{
	const ProtobufCFieldDescriptor *field;
	void *to = open_field(message, name, &field);

	assert(field->type == PROTOBUF_C_TYPE_STRING);
	memcpy(to, &text, sizeof(text));
}

void tell_choice(
	ProtobufCMessage *message, const char *name, CarServer__Void *nothing)
{
	const ProtobufCFieldDescriptor *field;
	void *to = open_field(message, name, &field);

	assert(field->type == PROTOBUF_C_TYPE_MESSAGE);
	memcpy(to, &nothing, sizeof(nothing));
}
