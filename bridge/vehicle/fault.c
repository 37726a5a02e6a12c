/* SPDX-License-Identifier: MIT */

#include "vehicle/fault.h"

#include "universal_message.pb-c.h"

#define FAULT(name) \
	UNIVERSAL_MESSAGE__MESSAGE_FAULT__E__MESSAGEFAULT_ERROR_##name

static const struct fault_info table[] = {
	/* With status ERROR, which says no more. */
	[FAULT(NONE)] = { FAULT_UNCLEAR, false, VEHICLE_FAULT,
		"the car reports an error without a reason" },
	[FAULT(BUSY)] = { FAULT_RETRY, false, VEHICLE_FAULT,
		"the car is busy" },
	[FAULT(TIMEOUT)] = { FAULT_UNCLEAR, false, VEHICLE_FAULT,
		"the car's computer did not answer in time; it may be "
		"asleep" },
	[FAULT(UNKNOWN_KEY_ID)] = { FAULT_FINAL, false, VEHICLE_NOT_PAIRED,
		"the car does not know the key" },
	[FAULT(INACTIVE_KEY)] = { FAULT_FINAL, false, VEHICLE_FORBIDDEN,
		"the key is switched off in the car" },
	[FAULT(INVALID_SIGNATURE)] = { FAULT_RESYNC, true, VEHICLE_AUTH_FAILED,
		"the car does not accept the signature; is the VIN right?" },
	[FAULT(INVALID_TOKEN_OR_COUNTER)] = { FAULT_RESYNC, true,
		VEHICLE_AUTH_FAILED,
		"the car does not accept the counter; does something else "
		"use the same key?" },
	[FAULT(INSUFFICIENT_PRIVILEGES)] = { FAULT_FINAL, false,
		VEHICLE_FORBIDDEN,
		"the key's role, or the state of the car, does not allow it" },
	[FAULT(INVALID_DOMAINS)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car does not know this part of itself" },
	[FAULT(INVALID_COMMAND)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car does not know the command; its firmware may be too "
		"old" },
	[FAULT(DECODING)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car cannot read the command" },
	[FAULT(INTERNAL)] = { FAULT_UNCLEAR, false, VEHICLE_FAULT,
		"the car has an internal error, as it does while starting" },
	[FAULT(WRONG_PERSONALIZATION)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car has another VIN" },
	[FAULT(BAD_PARAMETER)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car finds a wrong parameter" },
	[FAULT(KEYCHAIN_IS_FULL)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car has no room for another key" },
	[FAULT(INCORRECT_EPOCH)] = { FAULT_RESYNC, false, VEHICLE_AUTH_FAILED,
		"the car has begun a new session again and again" },
	[FAULT(IV_INCORRECT_LENGTH)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car finds a nonce of a wrong length" },
	[FAULT(TIME_EXPIRED)] = { FAULT_RESYNC, false, VEHICLE_AUTH_FAILED,
		"the command reached the car too late" },
	[FAULT(NOT_PROVISIONED_WITH_IDENTITY)] = { FAULT_FINAL, false,
		VEHICLE_FAULT, "the car has no VIN" },
	[FAULT(COULD_NOT_HASH_METADATA)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car could not check the command" },
	[FAULT(TIME_TO_LIVE_TOO_LONG)] = { FAULT_RESYNC, false,
		VEHICLE_AUTH_FAILED,
		"the command would be valid for too long" },
	[FAULT(REMOTE_ACCESS_DISABLED)] = { FAULT_FINAL, false,
		VEHICLE_FORBIDDEN, "mobile access is switched off in the car" },
	[FAULT(REMOTE_SERVICE_ACCESS_DISABLED)] = { FAULT_FINAL, false,
		VEHICLE_FORBIDDEN,
		"remote service access is switched off in the car" },
	[FAULT(COMMAND_REQUIRES_ACCOUNT_CREDENTIALS)] = { FAULT_FINAL, false,
		VEHICLE_FORBIDDEN, "only the owner's account may do that" },
	[FAULT(REQUEST_MTU_EXCEEDED)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the command is too long for the car" },
	[FAULT(RESPONSE_MTU_EXCEEDED)] = { FAULT_UNCLEAR, false, VEHICLE_FAULT,
		"the car's answer is too long to be sent" },
	/* Another word for a counter that is used up. */
	[FAULT(REPEATED_COUNTER)] = { FAULT_RESYNC, true, VEHICLE_AUTH_FAILED,
		"the car has seen the counter before; does something else "
		"use the same key?" },
	[FAULT(INVALID_KEY_HANDLE)] = { FAULT_FINAL, false, VEHICLE_FAULT,
		"the car does not know the key's handle" },
	[FAULT(REQUIRES_RESPONSE_ENCRYPTION)] = { FAULT_FINAL, false,
		VEHICLE_FAULT, "the car wants to encrypt its answer" },
};

const struct fault_info *fault_info(uint32_t fault)
{
	static const struct fault_info unknown = { FAULT_UNCLEAR, false,
		VEHICLE_FAULT, "the car reports an error that is not known" };

	return fault < ARRAY_SIZE(table) ? &table[fault] : &unknown;
}
