/* with_disk.h - a disk in memory that tears, loses, refuses and fills up, and commits that tell
 * when they were released.
 *
 * How:     each file holds what was written and what was synced; names likewise. A crash keeps the
 *          synced, and of the rest a random choice of sectors and of renames.
 * Threads: one at a time, but for reads (see journal's tests with threads, which use a real
 *          folder). */
#ifndef TM_TESTS_STORE_WITH_DISK_H
#define TM_TESTS_STORE_WITH_DISK_H
#include "store/journal.h"

#define WITH_FILES_MAX 64
#define WITH_NAME_MAX 32

typedef struct with_file {
    char *now, *synced; /* WITH_FILE_BYTES each */
    size_t now_n, synced_n;
    bool used;
    bool unreadable; /* reads fail */
    bool forgotten;
} with_file_t;

typedef struct with_names {
    char name[WITH_FILES_MAX][WITH_NAME_MAX];
    int file[WITH_FILES_MAX];
    int n;
} with_names_t;

typedef struct with_disk {
    with_file_t files[WITH_FILES_MAX];
    with_names_t now, synced;
    int64_t bytes_free; /* for growing files; -1: no end */
    int writes_left;    /* then EIO; -1: no end */
    int syncs_left;
    uint32_t writes, syncs; /* counted */
} with_disk_t;
#define WITH_FILE_BYTES ((size_t)64 << 10)

with_disk_t *with_disk_new(void);
void with_disk_free(with_disk_t *disk);
with_disk_t *with_disk_copy(const with_disk_t *disk);
tm_disk_t with_disk_face(with_disk_t *disk);
/* The machine loses power. */
void with_disk_crash(with_disk_t *disk, uint64_t *seed);
/* The content of a file by name, NULL: none; size through ret_n. */
with_file_t *with_disk_file(with_disk_t *disk, const char *name);
uint64_t with_random(uint64_t *seed);

/* Everything one journal test notes. */
typedef struct with_log {
    uint64_t *released; /* tags in order of release */
    uint64_t *numbers;
    size_t n, cap;
    uint64_t last_number;
    bool in_order; /* numbers grew by one */
    char fatal[400];
    int fatals;
    struct with_commit *waiting; /* not released */
} with_log_t;
typedef struct with_commit {
    tm_commit_t commit;
    with_log_t *log;
    uint64_t tag;
    struct with_commit *before, *after;
} with_commit_t;

void with_log_init(with_log_t *log);
void with_log_done(with_log_t *log); /* frees what was never released, too */
void with_fatal(void *log, const char *message);
/* A commit with a body of n bytes made from tag; n 0: only a place in the order. */
with_commit_t *with_commit_new(with_log_t *log, uint64_t tag, uint32_t n);
void with_body(uint64_t tag, uint32_t n, char *ret);
/* Reserves and pushes one commit, after steps if there is no room at the moment; false: no room. */
bool with_push(tm_journal_t *journal, with_log_t *log, uint64_t tag, uint32_t n);
/* Opens, asserts success, begins. */
tm_journal_t *with_journal(const tm_journal_options_t *options, tm_journal_info_t *ret_info);
#endif
