/* blobs.h - files by their SHA-256 in a folder: ab/cd/<hex>. Written and synced before anything
 * names them.
 *
 * Threads: any that may block. */
#ifndef TM_STORE_BLOBS_H
#define TM_STORE_BLOBS_H
#include "base/buf.h"
#include "base/digest.h"
#include "base/why.h"

typedef struct tm_blobs tm_blobs_t;
TM_MUST_CHECK tm_err_t tm_blobs_open(const char *folder, tm_blobs_t **ret, tm_why_t *why);
void tm_blobs_free(TM_OWN tm_blobs_t *blobs);
/* Writes beside, syncs, renames, syncs the folders. Known bytes cost a stat and syncs of clean
 * folders. Errors: TM_EDISKFULL, TM_EIO. */
TM_MUST_CHECK tm_err_t tm_blobs_put(tm_blobs_t *blobs, tm_str_t bytes, const tm_sha256_t *sha,
                                    tm_why_t *why);
/* Whether the last file that was new found no room, and there still is none for it. Costs one call
 * of statvfs then, otherwise nothing. Any thread. */
bool tm_blobs_is_full(const tm_blobs_t *blobs);
/* The whole content. Errors: TM_ENOTFOUND, TM_ETOOLARGE over out's max, TM_EDAMAGED (hash
 * differs), TM_EIO. */
TM_MUST_CHECK tm_err_t tm_blobs_get(tm_blobs_t *blobs, const tm_sha256_t *sha, tm_buf_t *out,
                                    tm_why_t *why);
#endif
