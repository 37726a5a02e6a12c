/* SPDX-License-Identifier: MIT */

#include "vehicle/request.h"

#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "app.pb-c.h"
#include "car_server.pb-c.h"
#include "util/macro.h"
#include "vcsec.pb-c.h"
#include "vehicle/recipe.h"

enum {
	/* All messages of a request; the largest of them has 200. */
	KITCHEN_SIZE = 1024,
	/* Of a list: two seats. */
	LIST_MAX = 2,
	/* Action, its message, two in it. */
	DEPTH_MAX = 5,
	VEHICLE_ACTION = 2,
};

/* Where a request is made: nothing of it outlives that. */
struct kitchen {
	const struct command *command;
	size_t n_used;
	alignas(max_align_t) uint8_t memory[KITCHEN_SIZE];
};

static void *take(struct kitchen *kitchen, size_t size)
{
	void *p = kitchen->memory + kitchen->n_used;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (size > sizeof(kitchen->memory) - kitchen->n_used)
		abort();

	kitchen->n_used += size;
	return p;
}

static ProtobufCMessage *new_message(
	struct kitchen *kitchen, const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *message = take(kitchen, type->sizeof_message);

	protobuf_c_message_init(type, message);
	return message;
}

static void put(void *member, const void *value, size_t size)
{
	memcpy(member, value, size);
}

/* Puts @value into @member as the type of @field has it. */
static void put_value(const ProtobufCFieldDescriptor *field, void *member,
	double value, const char *text)
{
	protobuf_c_boolean flag = value != 0;
	float single = (float)value;
	int32_t whole;
	int64_t wide;

	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
		put(member, &text, sizeof(text));
		break;
	case PROTOBUF_C_TYPE_BOOL:
		put(member, &flag, sizeof(flag));
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		put(member, &single, sizeof(single));
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		put(member, &value, sizeof(value));
		break;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_ENUM:
		whole = (int32_t)lround(value);
		put(member, &whole, sizeof(whole));
		break;
	case PROTOBUF_C_TYPE_UINT64:
		wide = llround(value);
		put(member, &wide, sizeof(wide));
		break;
	default:
		abort();
	}
}

/*
 * Chooses field @number of @message: of those that exclude each other this is
 * the one from now on.  Returns where its value goes, and in *@ret its
 * description.
 */
static void *choose(ProtobufCMessage *message, unsigned int number,
	const ProtobufCFieldDescriptor **ret)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field(
			message->descriptor, number);

	if (field == NULL)
		abort();
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
		put((uint8_t *)message + field->quantifier_offset, &number,
			sizeof(number));
	*ret = field;
	return (uint8_t *)message + field->offset;
}

/* A new message as field @number of @message, or one more of its list. */
static ProtobufCMessage *go_into(
	struct kitchen *kitchen, ProtobufCMessage *message, unsigned int number)
{
	const ProtobufCFieldDescriptor *field;
	void *member = choose(message, number, &field);
	ProtobufCMessage *inner = new_message(kitchen, field->descriptor);
	ProtobufCMessage **list;
	size_t n;

	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		put(member, &inner, sizeof(inner));
		return inner;
	}

	memcpy(&n, (uint8_t *)message + field->quantifier_offset, sizeof(n));
	if (n == 0) {
		list = take(kitchen, LIST_MAX * sizeof(*list));
		put(member, &list, sizeof(list));
	}
	memcpy(&list, member, sizeof(list));
	if (n == LIST_MAX)
		abort();
	list[n++] = inner;
	put((uint8_t *)message + field->quantifier_offset, &n, sizeof(n));
	return inner;
}

static void set(struct kitchen *kitchen, ProtobufCMessage *message,
	unsigned int number, double value, const char *text)
{
	const ProtobufCFieldDescriptor *field;
	void *member;

	/* What was left out. */
	if (isnan(value))
		return;

	member = choose(message, number, &field);
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		(void)go_into(kitchen, message, number);
	else
		put_value(field, member, value, text);
}

/* Skips the message that @op would go into.  Returns where it ends. */
static const struct op *skip(const struct op *op)
{
	while (op[1].type != OP_OUT && op[1].type != OP_END)
		op++;

	return op[1].type == OP_OUT ? op + 1 : op;
}

static void follow(struct kitchen *kitchen, const struct recipe *recipe,
	ProtobufCMessage *message)
{
	const struct command *command = kitchen->command;
	ProtobufCMessage *outer[DEPTH_MAX] = { message };
	size_t depth = 0;

	for (const struct op *op = recipe->ops; op->type != OP_END; op++) {
		double arg = command->args[op->arg];

		message = outer[depth];
		switch (op->type) {
		case OP_ONLY:
		case OP_END:
			break;
		case OP_SET:
			set(kitchen, message, op->number, op->value, NULL);
			break;
		case OP_ARG:
			set(kitchen, message, op->number, arg + op->value,
				NULL);
			break;
		case OP_ABOVE:
			set(kitchen, message, op->number, arg > op->value,
				NULL);
			break;
		case OP_PICK:
			set(kitchen, message, op->number + (unsigned int)arg,
				op->value, NULL);
			break;
		case OP_TEXT:
			set(kitchen, message, op->number, 0, command->text);
			break;
		case OP_PIN:
			set(kitchen, message, op->number, 0,
				command->pin.digits);
			break;
		case OP_INTO:
			if (op->value != 0 && ((int)arg & op->value) == 0) {
				op = skip(op);
				break;
			}
			if (depth + 1 == DEPTH_MAX)
				abort();
			outer[++depth] = go_into(kitchen, message, op->number);
			break;
		case OP_OUT:
			depth--;
			break;
		}
	}
}

size_t request_pack(
	const ProtobufCMessage *message, uint8_t ret[static REQUEST_SIZE])
{
	if (protobuf_c_message_get_packed_size(message) > REQUEST_SIZE)
		abort();

	return protobuf_c_message_pack(message, ret);
}

size_t request_write(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	static const ProtobufCMessageDescriptor *const roots[] = {
		[RECIPE_BODY] = &vcsec__unsigned_message__descriptor,
		[RECIPE_CABIN] = &car_server__action__descriptor,
		[RECIPE_APP] = &app__action__descriptor,
	};
	const struct recipe *recipe = recipe_find(command);
	struct kitchen kitchen = { .command = command };
	ProtobufCMessage *root, *message;

	root = new_message(&kitchen, roots[recipe->root]);
	message = root;
	if (recipe->root != RECIPE_BODY)
		message = go_into(&kitchen, message, VEHICLE_ACTION);
	if (recipe->action != 0)
		message = go_into(&kitchen, message, recipe->action);
	follow(&kitchen, recipe, message);

	return request_pack(root, ret);
}
