/* read_files.h - the files that arguments of the command line name, and their bytes.
 *
 * Why:     `trailmix read` and `trailmix import` understand paths alike: a folder stands for its
 *          files, sorted by name.
 * Threads: list one; load any. */
#ifndef TM_FEEDS_READ_FILES_H
#define TM_FEEDS_READ_FILES_H
#include "base/buf.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/why.h"

typedef struct tm_read_file {
    const char *path; /* as given; folder, '/' and name for a folder's file */
    const char *name; /* the end of path that is evidence: from the given folder's own name on, of
                         a file named by itself its folder and name */
    int error;        /* errno of looking at it, 0: fine so far */
} tm_read_file_t;

typedef struct tm_read_files {
    uint32_t n, cap;
    tm_read_file_t *v;
} tm_read_files_t;

#define TM_READ_FILES_MAX 1000000

/* Appends a file, or all regular files below a folder (not names that begin with '.'), sorted by
 * path. What cannot be listed becomes an entry with an error. Errors: TM_ETOOLARGE more than
 * TM_READ_FILES_MAX. */
TM_MUST_CHECK tm_err_t tm_read_files_add(tm_read_files_t *files, const char *path);
void tm_read_files_done(tm_read_files_t *files);

typedef struct tm_read_bytes {
    char *p; /* tm_free it; NULL when too_large */
    uint32_t n;
    bool too_large; /* more than bytes_max: hashed, not kept */
    char sha256[TM_SHA256_TEXT];
} tm_read_bytes_t;

/* Reads a regular file. Errors: TM_EIO with the reason in why. */
TM_MUST_CHECK tm_err_t tm_read_file_load(const char *path, uint32_t bytes_max, tm_read_bytes_t *ret,
                                         tm_why_t *why);
#endif
