/* SPDX-License-Identifier: MIT */
#pragma once

/* Tell - leaves of the car's state, by their names in vehicle.proto */

#include <math.h>
#include <protobuf-c/protobuf-c.h>

#include "car_server.pb-c.h"

/* A leaf; one that is NAN stays absent, which is not zero. */
struct fact {
	const char *name;
	double value;
};

/* Sets numbers, truths and enums of @message; the last has no name. */
void tell(ProtobufCMessage *message, const struct fact *facts);

/* Sets a text, which is borrowed. */
void tell_text(ProtobufCMessage *message, const char *name, char *text);

/* Chooses one of a oneof of empty messages; @nothing is borrowed. */
void tell_choice(
	ProtobufCMessage *message, const char *name, CarServer__Void *nothing);
