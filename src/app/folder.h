/* folder.h - the data folder: made if missing, owned by one process, with its system key.
 *
 * How:     the owner holds flock on DIR/lock; a dead process holds nothing. DIR/system.key has
 *          mode 0600.
 * Threads: start only. */
#ifndef TM_APP_FOLDER_H
#define TM_APP_FOLDER_H
#include "base/why.h"

#define TM_KEY_TEXT_MAX 512
/* Takes the folder for this process. Errors: TM_ECONFLICT in use by another process; TM_EIO.
 * ret_lock: keep open. */
TM_MUST_CHECK tm_err_t tm_folder_own(const char *dir, int *ret_lock, tm_why_t *why);
/* The key in DIR/system.key, made if missing and `make`. Errors: TM_ENOTFOUND, TM_EIO. */
TM_MUST_CHECK tm_err_t tm_folder_key(const char *dir, bool make, char ret_key[TM_KEY_TEXT_MAX],
                                     tm_why_t *why);
#endif
