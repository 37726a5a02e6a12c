/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * VFS - a SQLite VFS that forgets what was not synced
 *
 * Everything goes to the real files at once, as the default VFS has it, while
 * this one remembers what of each file a disk would hold: what it was when it
 * was first opened, or last synced.  A power cut puts that back.  A name counts
 * as synced with its file; a deletion when SQLite asks to sync the folder, and
 * with the first sync of a new log, for then the default VFS does it, too.
 *
 * Of what is not done through SQLite it knows nothing: a file that was renamed
 * comes back under its old name.
 */

/* Makes it the default VFS of this process.  Returns 0 or negative errno. */
int vfs_install(void);

/*
 * Cuts the power: each file that was opened holds what was synced.  With a
 * @seed other than 0 some of the sectors written since have made it, too, as
 * on a disk that writes in an order of its own.  The process can only _exit()
 * afterwards.
 */
void vfs_power_cut(unsigned int seed);

/* From now on, after @bytes more are written, the disk is full; -1: never. */
void vfs_set_room(long long bytes);

/* From now on, the nth sync (0 is the next) fails; -1: none. */
void vfs_fail_sync(int nth);
