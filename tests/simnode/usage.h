/* SPDX-License-Identifier: MIT */
#pragma once

/* Usage - what --help says */

void usage_print(void);
