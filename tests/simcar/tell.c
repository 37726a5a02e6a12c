/* SPDX-License-Identifier: MIT */

#include "tell.h"

#include <assert.h>
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
	union {
		protobuf_c_boolean truth;
		float single;
		double full;
		int64_t wide;
		int32_t narrow;
	} as;
	size_t size;

	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		as.truth = value != 0;
		size = sizeof(as.truth);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		as.single = (float)value;
		size = sizeof(as.single);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		as.full = value;
		size = sizeof(as.full);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		as.wide = (int64_t)value;
		size = sizeof(as.wide);
		break;
	default:
		as.narrow = (int32_t)value;
		size = sizeof(as.narrow);
		break;
	}
	memcpy(to, &as, size);
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
