/* bare_shape.c - what the shape of our program costs by itself: its threads and hand-overs, its
 * journal and its rows, without any meaning.
 *
 * Why:     loops, workers, journal and projector are threads of their own, and a commit is hashed
 *          into a chain and written to SQL; what a program without meaning needs for that is the
 *          limit of ours.
 * How:     bench_bare_shape PORT FILE [LOOPS]; one loop. The body goes as a message to the worker,
 *          which makes a commit of RECORD_BYTES (about what ours of a line has) of it; the journal
 *          chains (SHA-256) and checks (CRC32C) each, writes all that wait as one piece, fdatasync,
 *          and hands the requests back; the projector reads the log behind it and writes each as
 *          one row of SQLite, up to ROWS_MAX in a transaction.
 * Threads: the loop, worker, journal, projector. */
#include "base/digest.h"
#include "base/memory.h"
#include "with_bare.h"
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#define MESSAGE_BYTES 2048 /* as large as ours with a line */
#define RECORD_BYTES 332
#define HEAD_BYTES (sizeof(tm_sha256_t) + sizeof(uint32_t))
#define FRAMED_BYTES (RECORD_BYTES + HEAD_BYTES)
#define BATCH_RECORDS 10000u
#define ROWS_MAX 1000u
#define LOG_RECORDS (BARE_LOG_BYTES / FRAMED_BYTES) /* then it begins again */

typedef struct message {
    bare_link_t link;
    waiting_t *waiting;
    size_t n;
    char body[MESSAGE_BYTES - 32];
} message_t;

typedef struct record {
    bare_link_t link;
    waiting_t *waiting;
    char bytes[RECORD_BYTES];
} record_t;

typedef struct shape {
    bare_t bare;                     /* first */
    bare_link_t *messages, *records; /* atomic stacks */
    uint64_t durable, projected;     /* atomic: records */
    tm_park_t worker, journal, projector, behind;
    char database[512];
} shape_t;

static void on_body(bare_t *bare, waiting_t *waiting)
{
    shape_t *shape = (shape_t *)bare;
    message_t *message = tm_alloc(sizeof(*message));
    message->waiting = waiting;
    message->n = TM_MIN(waiting->req->entity.len, sizeof(message->body));
    memcpy(message->body, waiting->req->entity.base, message->n);
    if (bare_push(&shape->messages, &message->link, &message->link))
        tm_park_wake(&shape->worker);
}

static void worker_main(void *arg)
{
    shape_t *shape = arg;
    for (;;) {
        bare_link_t *at = bare_take(&shape->messages);
        if (at == NULL) {
            tm_park_wait(&shape->worker, -1);
            continue;
        }
        bare_link_t *first = NULL;
        bare_link_t *last = NULL;
        while (at != NULL) {
            message_t *message = (message_t *)at;
            at = at->next;
            record_t *record = tm_alloc(sizeof(*record));
            const size_t n = TM_MIN(message->n, (size_t)RECORD_BYTES);
            memcpy(record->bytes, message->body, n);
            memset(record->bytes + n, ' ', RECORD_BYTES - n);
            record->waiting = message->waiting;
            tm_free(message);
            record->link.next = first;
            first = &record->link;
            last = last == NULL ? first : last;
        }
        if (bare_push(&shape->records, first, last))
            tm_park_wake(&shape->journal);
    }
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Frames a list of records into bytes and frees it; the requests go into *ret_first. */
static uint32_t frame(bare_link_t *at, tm_sha256_t *chain, char *bytes, waiting_t **ret_first,
                      waiting_t **ret_last)
{
    char hashed[sizeof(*chain) + RECORD_BYTES];
    uint32_t n = 0;
    for (; at != NULL; n++) {
        record_t *record = (record_t *)at;
        at = at->next;
        if (n == BATCH_RECORDS)
            abort();
        char *to = bytes + n * FRAMED_BYTES;
        memcpy(hashed, chain, sizeof(*chain));
        memcpy(hashed + sizeof(*chain), record->bytes, RECORD_BYTES);
        *chain = tm_sha256(hashed, sizeof(hashed));
        const uint32_t crc = tm_crc32c(0, record->bytes, RECORD_BYTES);
        memcpy(to, chain, sizeof(*chain));
        memcpy(to + sizeof(*chain), &crc, sizeof(crc));
        memcpy(to + HEAD_BYTES, record->bytes, RECORD_BYTES);
        record->waiting->next = *ret_first;
        *ret_last = *ret_first == NULL ? record->waiting : *ret_last;
        *ret_first = record->waiting;
        tm_free(record);
    }
    return n;
}

/* Writes n records behind number `at` of the log, in two pieces where it begins again. */
static void write_log(const shape_t *shape, const char *bytes, uint64_t at, uint32_t n)
{
    const uint64_t slot = at % LOG_RECORDS;
    const uint32_t first = (uint32_t)TM_MIN((uint64_t)n, LOG_RECORDS - slot);
    const size_t head = first * FRAMED_BYTES;
    const size_t rest = (n - first) * FRAMED_BYTES;
    if (pwrite(shape->bare.log, bytes, head, (off_t)(slot * FRAMED_BYTES)) != (ssize_t)head ||
        pwrite(shape->bare.log, bytes + head, rest, 0) != (ssize_t)rest ||
        fdatasync(shape->bare.log) != 0)
        fail("log");
}

static void journal_main(void *arg)
{
    shape_t *shape = arg;
    char *bytes = tm_alloc(BATCH_RECORDS * FRAMED_BYTES);
    tm_sha256_t chain = {{0}};
    uint64_t durable = 0;
    for (;;) {
        bare_link_t *list = bare_take(&shape->records);
        if (list == NULL) {
            tm_park_wait(&shape->journal, -1);
            continue;
        }
        waiting_t *first = NULL;
        waiting_t *last = NULL;
        const uint32_t n = frame(list, &chain, bytes, &first, &last);
        while (durable + n - __atomic_load_n(&shape->projected, __ATOMIC_ACQUIRE) > LOG_RECORDS)
            tm_park_wait(&shape->behind, 1); /* the rows are a whole log behind */
        write_log(shape, bytes, durable, n);
        durable += n;
        /* release: the bytes are in the file; partner: the acquire in projector_main */
        __atomic_store_n(&shape->durable, durable, __ATOMIC_RELEASE);
        bare_kept(&shape->bare, first, last);
        tm_park_wake(&shape->projector);
    }
}

static sqlite3_stmt *open_database(const char *path, sqlite3 **ret)
{
    sqlite3_stmt *put = NULL;
    if (sqlite3_open(path, ret) != SQLITE_OK ||
        sqlite3_exec(*ret,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                     "CREATE TABLE line (id INTEGER PRIMARY KEY, applied_seq INTEGER, text TEXT)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(*ret, "INSERT OR REPLACE INTO line VALUES (?1, ?2, ?3)", -1, &put,
                           NULL) != SQLITE_OK)
        fail("sqlite");
    return put;
}

static void projector_main(void *arg)
{
    shape_t *shape = arg;
    sqlite3 *db = NULL;
    sqlite3_stmt *put = open_database(shape->database, &db);
    char *bytes = tm_alloc(ROWS_MAX * FRAMED_BYTES);
    for (uint64_t at = 0;;) {
        const uint64_t durable = __atomic_load_n(&shape->durable, __ATOMIC_ACQUIRE);
        if (durable == at) {
            tm_park_wait(&shape->projector, -1);
            continue;
        }
        const uint64_t slot = at % LOG_RECORDS;
        const uint64_t n =
            TM_MIN(TM_MIN(durable - at, (uint64_t)ROWS_MAX), (uint64_t)LOG_RECORDS - slot);
        if (pread(shape->bare.log, bytes, n * FRAMED_BYTES, (off_t)(slot * FRAMED_BYTES)) !=
                (ssize_t)(n * FRAMED_BYTES) ||
            sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
            fail("rows");
        for (uint64_t i = 0; i < n; i++) {
            sqlite3_bind_int64(put, 1, (sqlite3_int64)(at + i + 1));
            sqlite3_bind_int64(put, 2, (sqlite3_int64)(at + i + 1));
            sqlite3_bind_text(put, 3, bytes + i * FRAMED_BYTES + HEAD_BYTES, RECORD_BYTES,
                              SQLITE_STATIC);
            if (sqlite3_step(put) != SQLITE_DONE)
                fail("row");
            sqlite3_reset(put);
        }
        if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            fail("commit");
        at += n;
        /* release: the bytes were read; partner: the acquire in journal_main */
        __atomic_store_n(&shape->projected, at, __ATOMIC_RELEASE);
        tm_park_wake(&shape->behind);
    }
}

int main(int argc, char **argv)
{
    static shape_t shape; /* one a process, too large for a stack */
    const uint16_t port = bare_open(&shape.bare, argc, argv);
    shape.bare.on_body = on_body;
    snprintf(shape.database, sizeof(shape.database), "%s.sqlite", argv[2]);
    tm_thread_t worker = {0};
    tm_thread_t journal = {0};
    tm_thread_t projector = {0};
    if (tm_thread_start(&worker, "worker", worker_main, &shape) != TM_OK ||
        tm_thread_start(&journal, "journal", journal_main, &shape) != TM_OK ||
        tm_thread_start(&projector, "projector", projector_main, &shape) != TM_OK)
        return 1;
    bare_run(&shape.bare, port);
}
