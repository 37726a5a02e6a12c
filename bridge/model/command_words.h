/* SPDX-License-Identifier: MIT */
#pragma once

/* Words that stand for numbers in arguments; private to command_table.c. */

#include "model/command.h"

extern const struct command_word words_switch[];
extern const struct command_word words_auto_seats[];
extern const struct command_word words_heated_seats[];
extern const struct command_word words_cooled_seats[];
extern const struct command_word words_seat_levels[];
extern const struct command_word words_keeper[];
extern const struct command_word words_override[];
extern const struct command_word words_overheat[];
extern const struct command_word words_overheat_temp[];
extern const struct command_word words_repeat[];
extern const struct command_word words_truth[];
extern const struct command_word words_remove[];
extern const struct command_word words_week[];
extern const struct command_word words_parental[];
extern const struct command_word words_doors[];
