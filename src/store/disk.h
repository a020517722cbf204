/* disk.h - the few things the journal asks of a file system, so that a simulation can lose, tear
 * and refuse.
 *
 * Why:     torn writes, failing syncs and full disks are tested on the journal itself, not on a
 *          model of it.
 * How:     errors are codes; errno tells the cause for the message.
 * Threads: open, read, size, forget, close: any. The rest: the journal's thread and, for the file
 *          it is making, the preparer of the spare segment; or boot before they start. */
#ifndef TM_STORE_DISK_H
#define TM_STORE_DISK_H
#include "base/base.h"
#include "base/why.h"

typedef struct tm_disk {
    void *self;
    /* Opens a file in the journal's folder; create: made new, fails if it exists. ret_file >= 0. */
    tm_err_t (*open)(void *self, const char *name, bool create, int *ret_file);
    /* Errors: TM_EDISKFULL, TM_EIO. */
    tm_err_t (*write)(void *self, int file, uint64_t offset, const void *p, size_t n);
    tm_err_t (*read)(void *self, int file, uint64_t offset, void *p, size_t n, size_t *ret_n);
    tm_err_t (*size)(void *self, int file, uint64_t *ret);
    tm_err_t (*sync)(void *self, int file); /* fdatasync */
    tm_err_t (*sync_folder)(void *self);    /* names created, renamed, removed */
    /* A name with a slash lies in a folder of this one; rename makes it and syncs it. */
    tm_err_t (*rename)(void *self, const char *from, const char *to);
    tm_err_t (*remove)(void *self, const char *name);
    void (*close)(void *self, int file);
    /* Calls each for every name in the folder, sorted. */
    tm_err_t (*list)(void *self, void (*each)(void *ctx, const char *name), void *ctx);
    /* Bytes that may still be written. */
    tm_err_t (*room)(void *self, uint64_t *ret);
    /* What is durable of the file need not stay in memory; NULL: nothing is done about it. */
    void (*forget)(void *self, int file);
} tm_disk_t;

/* The real one: a folder (made if missing, with its parents' entries synced). Errors: TM_EIO
 * with the path in why. */
TM_MUST_CHECK tm_err_t tm_disk_folder(const char *path, tm_disk_t *ret, tm_why_t *why);
void tm_disk_close(tm_disk_t *disk);
#endif
