/* with_projection.h - a journal of random commits, a model of what they leave behind, and the
 * comparison with a database's rows.
 *
 * How:     the model applies each commit by itself, without coalescing; expected values are made by
 *          way of JSON, not by the code under test. A database is a function that runs a query.
 * Threads: the test's. */
#ifndef TM_TESTS_STORE_WITH_PROJECTION_H
#define TM_TESTS_STORE_WITH_PROJECTION_H
#include "store/journal.h"
#include "store/projector.h"
#include "base/map.h"
#include "base/memory.h"

typedef struct with_world {
    char path[64];
    tm_disk_t disk;
    tm_journal_t *journal;
    uint64_t seed;
    uint32_t counter; /* of ids */
    uint64_t commits;
    tm_arena_t *arena; /* of records */
    struct with_record *records;
    tm_map_t by_id; /* entity << 40 | counter -> record */
} with_world_t;

/* A row as text; NULL pointers are NULL. */
typedef void with_row_fn(void *ctx, const char *const *values, const size_t *n, unsigned columns);
/* Runs a query, each row to fn. */
typedef void with_query_fn(void *db, const char *sql, with_row_fn *fn, void *ctx);

with_world_t *with_world_new(uint64_t seed);
void with_world_free(with_world_t *world);
/* Writes commits with random changes; they are durable when it returns. */
void with_world_commit(with_world_t *world, unsigned commits);
/* Waits until the projector has everything; false: not within the time. */
bool with_caught_up(with_world_t *world, tm_projector_t *projector, int64_t timeout_ms);
/* Every row of every table is as in the model, and there is no other; position included. */
void with_compare(with_world_t *world, with_query_fn *query, void *db);
/* The number in the first column of the first row. */
int64_t with_number(with_query_fn *query, void *db, const char *sql);
/* SQLite as such a function; close it with sqlite3_close. */
struct sqlite3;
struct sqlite3 *with_sqlite_open(const char *path);
void with_sqlite_query(void *db, const char *sql, with_row_fn *fn, void *ctx);
#endif
