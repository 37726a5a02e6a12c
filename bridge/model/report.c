/* SPDX-License-Identifier: MIT */

#include "model/report.h"

#include <string.h>

static const char prefix[] = "state-";

const char *report_kind_name(enum report_kind kind)
{
	switch (kind) {
	case REPORT_ABSENT:
		break;
	case REPORT_TRUTH:
		return "truth";
	case REPORT_NUMBER:
		return "number";
	case REPORT_TIME:
		return "time";
	case REPORT_WORD:
		return "word";
	case REPORT_TEXT:
		return "text";
	}

	return "absent";
}

const char *report_part(enum command_id id)
{
	const struct command_info *info = command_info(id);

	if ((info->traits & COMMAND_READS) == 0)
		return NULL;

	/* Those without the prefix have another name for menus' sake. */
	return strncmp(info->name, prefix, sizeof(prefix) - 1) == 0
		       ? info->name + sizeof(prefix) - 1
		       : info->alias;
}

enum command_id report_command(const char *part)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const char *name = report_part((enum command_id)i);

		if (name != NULL && strcmp(name, part) == 0)
			return (enum command_id)i;
	}

	return COMMAND_NONE;
}
