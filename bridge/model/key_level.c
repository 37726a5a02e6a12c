/* SPDX-License-Identifier: MIT */

#include "model/key_level.h"

const char *key_level_name(enum key_level level)
{
	switch (level) {
	case KEY_LEVEL_NONE:
		break;
	case KEY_LEVEL_UNLOCK:
		return "unlock";
	case KEY_LEVEL_DRIVE:
		return "drive";
	}

	return "nothing";
}
