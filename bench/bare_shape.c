/* bare_shape.c - what the shape of our program costs by itself: its threads and hand-overs, its
 * journal and its rows, and the line as it is, without any meaning.
 *
 * Why:     loops, workers, journal and projector are threads of their own; a line is read from
 *          JSON, kept, answered as JSON, hashed into a chain and written to SQL. What a program
 *          needs that does only this is the limit of ours, which also checks a line, finds its
 *          names, its order and its repeats, spreads it over weeks and keeps matrix, views and
 *          deltas.
 * How:     bench_bare_shape PORT FILE [LOOPS]; one loop. FILE is our answer to such a line: what a
 *          request does not give is taken from it, so that rows and answers are as large as ours.
 *          The loop reads the body into a record and sends it to the worker, which packs it, keeps
 *          the bytes by their id, in as much memory as a line may take, and makes the answer; the
 *          journal chains (SHA-256) and checks (CRC32C) each, writes all that wait as one piece,
 *          fdatasync, and hands the requests back; the projector reads the log behind it and writes
 *          each as one row with our columns and index, up to ROWS_MAX in a transaction. Reading,
 *          packing and SQL are the product's.
 * Threads: the loop, worker, journal, projector, and the one that prepares the next segment. */
#include "base/digest.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/time.h"
#include "runtime/commit.h"
#include "schema/binary.h"
#include "schema/derive.h"
#include "schema/entities.h"
#include "schema/json.h"
#include "store/projection.h"
#include "with_bare.h"
#include <stdio.h>
#include <unistd.h>

#define MESSAGE_BYTES 2048 /* as large as ours with a line */
#define ARENA_BYTES_MAX (16u << 20)
#define ANSWER_BYTES_MAX (1u << 20)
#define RECORD_BYTES 256 /* a length, its bytes, zeros: with its head as many as ours of a line */
#define KEPT_BYTES 800   /* a line's memory, by the aim for ours; written once */
#define HEAD_BYTES (sizeof(tm_sha256_t) + sizeof(uint32_t))
#define FRAMED_BYTES (RECORD_BYTES + HEAD_BYTES)
#define BATCH_RECORDS 10000u
#define ROWS_MAX 4000u   /* in a transaction; with fewer it waits once, */
#define GATHER_US 100000 /* so long, for more */
#define SEGMENT_RECORDS (BARE_SEGMENT_BYTES / FRAMED_BYTES)

_Static_assert(KEPT_BYTES >= RECORD_BYTES, "a packed line fits into what is kept");

typedef struct message {
    tm_link_t link;
    waiting_t *waiting;
    tm_arena_t *arena; /* it lies there */
    tm_buy_line_t line;
} message_t;

typedef struct packed {
    uint32_t n, id;
    char bytes[];
} packed_t;

typedef struct record {
    tm_link_t link;
    waiting_t *waiting;
    const packed_t *packed; /* one of `lines` */
} record_t;

typedef struct shape {
    bare_t bare; /* first */
    tm_stack_t messages, records;
    uint64_t durable; /* atomic: records */
    tm_park_t worker, journal, projector;
    tm_buy_line_t pattern; /* FILE */
    tm_map_t lines;        /* the worker's: id -> packed_t */
    char database[512];
} shape_t;

static void must(tm_err_t err, const char *what, const tm_why_t *why)
{
    if (err == TM_OK)
        return;
    char line[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 4];
    fprintf(stderr, "bench_bare_shape: %s: %s\n", what,
            why->n > 0 ? tm_why_line(why, line, sizeof(line)) : tm_err_text(err));
    exit(1);
}

static void on_body(bare_t *bare, waiting_t *waiting)
{
    shape_t *shape = (shape_t *)bare;
    tm_arena_t *arena = tm_arena_new_first(ARENA_BYTES_MAX, MESSAGE_BYTES);
    message_t *message = tm_arena_zalloc(arena, sizeof(*message));
    message->arena = arena;
    message->waiting = waiting;
    const h2o_iovec_t entity = waiting->req->entity;
    tm_why_t why;
    tm_why_clear(&why);
    must(tm_json_read(&tm_buy_line_desc, tm_str_n(entity.base, entity.len),
                      TM_JSON_REQUEST | TM_JSON_IN_TEXT, arena, &message->line, NULL, &why),
         "a body", &why);
    if (tm_stack_push(&shape->messages, &message->link, &message->link))
        tm_park_wake(&shape->worker);
}

/* The line as ours would be: what was given, and the rest of the pattern. */
static tm_buy_line_t line_of(const shape_t *shape, const tm_buy_line_t *given)
{
    tm_buy_line_t line = shape->pattern;
    const uint32_t id = shape->lines.n + 1;
    const tm_ms_t now = tm_time_now();
    line.id = tm_id_make(1, id);
    line.created_ms = line.updated_ms = line.published_ms = line.known_from_ms = now;
    line.station = given->station;
    line.market = given->market;
    line.gross_cents = given->gross_cents;
    line.order_no = line.order_no_norm = given->order_no;
    return line;
}

static record_t *keep(shape_t *shape, const message_t *message, tm_buf_t *scratch)
{
    const tm_buy_line_t line = line_of(shape, &message->line);
    tm_buf_clear(scratch);
    tm_binary_write(&tm_buy_line_desc, &line, scratch);
    if (scratch->n > RECORD_BYTES - sizeof(packed_t))
        abort();
    packed_t *packed = tm_zalloc(KEPT_BYTES);
    *packed = (packed_t){(uint32_t)scratch->n, tm_id_counter(line.id)};
    memcpy(packed->bytes, scratch->p, scratch->n);
    (void)tm_map_put(&shape->lines, line.id.v, packed);
    tm_buf_clear(scratch);
    tm_json_write(&tm_buy_line_desc, &line, true, scratch);
    message->waiting->answer = tm_blob_new(scratch->p, scratch->n);
    record_t *record = tm_alloc(sizeof(*record));
    *record = (record_t){.waiting = message->waiting, .packed = packed};
    return record;
}

static void worker_main(void *arg)
{
    shape_t *shape = arg;
    tm_buf_t scratch;
    tm_buf_init(&scratch, ANSWER_BYTES_MAX);
    for (;;) {
        tm_link_t *at = tm_stack_take(&shape->messages);
        if (at == NULL) {
            tm_park_wait(&shape->worker, -1);
            continue;
        }
        tm_link_t *first = NULL;
        tm_link_t *last = NULL;
        while (at != NULL) {
            message_t *message = (message_t *)at;
            at = at->next;
            record_t *record = keep(shape, message, &scratch);
            tm_arena_free(message->arena);
            record->link.next = first;
            first = &record->link;
            last = last == NULL ? first : last;
        }
        if (tm_stack_push(&shape->records, first, last))
            tm_park_wake(&shape->journal);
    }
}

/* Frames a list of records into bytes and frees it; the requests go into *ret_first. */
static uint32_t frame(tm_link_t *at, tm_sha256_t *chain, char *bytes, waiting_t **ret_first,
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
        char *kept = to + HEAD_BYTES;
        const size_t used = sizeof(*record->packed) + record->packed->n;
        memcpy(kept, record->packed, used);
        memset(kept + used, 0, RECORD_BYTES - used);
        memcpy(hashed, chain, sizeof(*chain));
        memcpy(hashed + sizeof(*chain), kept, RECORD_BYTES);
        *chain = tm_sha256(hashed, sizeof(hashed));
        const uint32_t crc = tm_crc32c(0, kept, RECORD_BYTES);
        memcpy(to, chain, sizeof(*chain));
        memcpy(to + sizeof(*chain), &crc, sizeof(crc));
        record->waiting->next = *ret_first;
        *ret_last = *ret_first == NULL ? record->waiting : *ret_last;
        *ret_first = record->waiting;
        tm_free(record);
    }
    return n;
}

/* Writes n records behind number `at` of the log: a segment is full before the next begins. */
static void write_log(shape_t *shape, const char *bytes, uint64_t at, uint32_t n)
{
    while (n > 0) {
        const uint64_t slot = at % SEGMENT_RECORDS;
        const uint32_t part = (uint32_t)TM_MIN((uint64_t)n, SEGMENT_RECORDS - slot);
        bare_write(bare_segment(&shape->bare.log, (uint32_t)(at / SEGMENT_RECORDS)), bytes,
                   part * FRAMED_BYTES, slot * FRAMED_BYTES);
        bytes += part * FRAMED_BYTES;
        at += part;
        n -= part;
    }
}

static void journal_main(void *arg)
{
    shape_t *shape = arg;
    char *bytes = tm_alloc(BATCH_RECORDS * FRAMED_BYTES);
    tm_sha256_t chain = {{0}};
    uint64_t durable = 0;
    for (;;) {
        /* Ids ascend in the log, and so do keys in the database. */
        tm_link_t *list = tm_links_turned(tm_stack_take(&shape->records));
        if (list == NULL) {
            tm_park_wait(&shape->journal, -1);
            continue;
        }
        waiting_t *first = NULL;
        waiting_t *last = NULL;
        const uint32_t n = frame(list, &chain, bytes, &first, &last);
        write_log(shape, bytes, durable, n);
        durable += n;
        /* release: the bytes are in the file; partner: the acquire in projector_main */
        __atomic_store_n(&shape->durable, durable, __ATOMIC_RELEASE);
        bare_kept(&shape->bare, first, last);
        tm_park_wake(&shape->projector);
    }
}

typedef struct rows {
    tm_database_t db;
    tm_batch_t batch;
} rows_t;

static void open_rows(rows_t *rows, const shape_t *shape)
{
    tm_database_url_t url = {.dialect = TM_SQLITE, .connection_limit = 1};
    memcpy(url.path, shape->database, sizeof(shape->database));
    tm_database_init(&rows->db, &url);
    tm_batch_init(&rows->batch, 0, 1);
    tm_buf_t sql;
    tm_buf_init(&sql, ANSWER_BYTES_MAX);
    tm_sql_create(&tm_buy_line_desc, TM_SQLITE, &sql);
    tm_child_sql(TM_SQLITE, &sql);
    tm_buf_add_char(&sql, '\0');
    tm_why_t why;
    tm_why_clear(&why);
    must(tm_database_connect(&rows->db, &why), "the database", &why);
    must(tm_database_script(&rows->db, sql.p, &why), "the table", &why);
    tm_buf_done(&sql);
}

/* n records of the log behind `at`, in one transaction. */
static void put_rows(rows_t *rows, const char *bytes, uint64_t at, uint64_t n)
{
    tm_why_t why;
    tm_why_clear(&why);
    for (uint64_t i = 0; i < n; i++) {
        const char *kept = bytes + i * FRAMED_BYTES + HEAD_BYTES;
        packed_t head;
        memcpy(&head, kept, sizeof(head));
        const tm_commit_change_t change = {TM_CHANGE_PUT, tm_buy_line_desc.number,
                                           tm_id_make(1, head.id),
                                           tm_str_n(kept + sizeof(head), head.n)};
        must(tm_batch_change(&rows->batch, at + i + 1, &change, &why), "a record of the log", &why);
    }
    must(tm_database_begin(&rows->db, &why), "a transaction", &why);
    must(tm_database_end(&rows->db, tm_batch_rows(&rows->batch, &rows->db, &why), &why), "rows",
         &why);
    tm_batch_clear(&rows->batch);
}

/* What the log has behind row `at`. */
static uint64_t waiting_rows(const shape_t *shape, uint64_t at)
{
    /* acquire: partner is the release in journal_main */
    return __atomic_load_n(&shape->durable, __ATOMIC_ACQUIRE) - at;
}

static void projector_main(void *arg)
{
    shape_t *shape = arg;
    rows_t rows = {0};
    open_rows(&rows, shape);
    char *bytes = tm_alloc(ROWS_MAX * FRAMED_BYTES);
    for (uint64_t at = 0;;) {
        if (waiting_rows(shape, at) == 0)
            tm_park_wait(&shape->projector, -1);
        if (waiting_rows(shape, at) < ROWS_MAX)
            usleep(GATHER_US);
        const uint64_t slot = at % SEGMENT_RECORDS;
        const uint64_t n = TM_MIN(TM_MIN(waiting_rows(shape, at), (uint64_t)ROWS_MAX),
                                  (uint64_t)SEGMENT_RECORDS - slot);
        if (n == 0)
            continue;
        const size_t size = n * FRAMED_BYTES;
        const int segment = shape->bare.log.fd[at / SEGMENT_RECORDS];
        if (pread(segment, bytes, size, (off_t)(slot * FRAMED_BYTES)) != (ssize_t)size)
            bare_fail("log");
        put_rows(&rows, bytes, at, n);
        at += n;
    }
}

int main(int argc, char **argv)
{
    static shape_t shape; /* one a process, too large for a stack */
    const uint16_t port = bare_open(&shape.bare, argc, argv);
    shape.bare.on_body = on_body;
    snprintf(shape.database, sizeof(shape.database), "%s.sqlite", argv[2]);
    tm_why_t why;
    tm_why_clear(&why);
    must(tm_json_read(&tm_buy_line_desc, shape.bare.answer, 0, tm_arena_new(ARENA_BYTES_MAX),
                      &shape.pattern, NULL, &why),
         argv[2], &why);
    tm_thread_t worker = {0};
    tm_thread_t journal = {0};
    tm_thread_t projector = {0};
    if (tm_thread_start(&worker, "worker", worker_main, &shape) != TM_OK ||
        tm_thread_start(&journal, "journal", journal_main, &shape) != TM_OK ||
        tm_thread_start(&projector, "projector", projector_main, &shape) != TM_OK)
        return 1;
    bare_run(&shape.bare, port);
}
