/* database_sqlite.c - SQLite as a projection's database.
 *
 * How:     WAL with synchronous=NORMAL: a power loss may take the last transactions back, whole
 *          ones only, and the position with them; the projector writes them again.
 * Threads: the one that connected.
 * Source:  sqlite.org: "Write-Ahead Logging", "Result and Error Codes". */
#include "base/memory.h"
#include "store/position.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define BUSY_MS 5000

static tm_err_t failed(sqlite3 *db, const char *doing, tm_why_t *why)
{
    tm_err_t err = TM_EIO;
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err = TM_EBUSY;
        break;
    case SQLITE_FULL:
        err = TM_EDISKFULL;
        break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        err = TM_EUNAVAILABLE;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return tm_why_add(why, TM_EIO, NULL, "SQLite: %s: %s; move the file away: it is made again",
                          doing, sqlite3_errmsg(db));
    default:
        break;
    }
    const char *text = sqlite3_errmsg(db);
    if (strstr(text, "no such column") != NULL || strstr(text, "has no column") != NULL)
        return tm_why_add(why, TM_EDAMAGED, NULL, "SQLite: %s: " TM_REBUILD_TEXT, text);
    if (strstr(text, "no such table") != NULL)
        err = TM_EDAMAGED;
    return tm_why_add(why, err, NULL, "SQLite: %s: %s", doing, text);
}

/* Nothing is made, not even a missing file. */
static tm_err_t connect_reader(tm_database_t *db, tm_why_t *why)
{
    sqlite3 *handle = NULL;
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    tm_err_t err = TM_OK;
    if (sqlite3_open_v2(db->url.path, &handle, flags, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(handle, BUSY_MS) != SQLITE_OK ||
        sqlite3_exec(handle, "BEGIN; SELECT COUNT(*) FROM sqlite_master", NULL, NULL, NULL) !=
            SQLITE_OK)
        err = failed(handle, "opening to read", why);
    if (err == TM_OK)
        db->handle = handle;
    else
        sqlite3_close(handle);
    return err;
}

/* Large transactions stay in memory until they are whole, and the log is written back in large
 * pieces: both are CPU saved for a little memory and disk. */
static const char *const setup =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16384; "
    "PRAGMA wal_autocheckpoint=4000;";

static tm_err_t sqlite_connect(tm_database_t *db, tm_why_t *why)
{
    if (db->only_reads)
        return connect_reader(db, why);
    /* The rows hold what people sent in: nobody else may read the file. SQLite gives its
     * companions the same mode. */
    const int fd = open(db->url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    sqlite3 *handle = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(db->url.path, &handle, flags, NULL) != SQLITE_OK) {
        const tm_err_t err = failed(handle, "opening", why);
        sqlite3_close(handle);
        return err;
    }
    sqlite3_busy_timeout(handle, BUSY_MS);
    if (sqlite3_exec(handle, setup, NULL, NULL, NULL) != SQLITE_OK) {
        const tm_err_t err = failed(handle, "setting up", why);
        sqlite3_close(handle);
        return err;
    }
    db->handle = handle;
    return TM_OK;
}

static void sqlite_disconnect(tm_database_t *db)
{
    const int code = sqlite3_close(db->handle);
    assert(code == SQLITE_OK); /* every statement was dropped before */
    (void)code;
}

static int sqlite_socket(const tm_database_t *db)
{
    (void)db;
    return -1;
}

static tm_err_t sqlite_script(tm_database_t *db, const char *sql, tm_why_t *why)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK
               ? TM_OK
               : failed(db->handle, "executing", why);
}

static void *sqlite_prepare(tm_database_t *db, tm_str_t sql, tm_err_t *ret_err, tm_why_t *why)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db->handle, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &statement,
                           NULL) == SQLITE_OK)
        return statement;
    *ret_err = failed(db->handle, "preparing", why);
    return NULL;
}

static void sqlite_unprepare(void *statement)
{
    sqlite3_finalize(statement);
}

/* Binds all and takes the first step. The statement was reset and cleared. */
static int run(sqlite3_stmt *statement, const tm_value_t *values, unsigned n)
{
    assert((int)n == sqlite3_bind_parameter_count(statement));
    int code = SQLITE_OK;
    for (unsigned i = 0; i < n && code == SQLITE_OK; i++) {
        const int at = (int)i + 1;
        switch (values[i].kind) {
        case TM_V_NULL:
            break; /* it is: bindings are cleared after each use */
        case TM_V_INT:
            code = sqlite3_bind_int64(statement, at, values[i].i);
            break;
        case TM_V_TEXT:
            code = sqlite3_bind_text(statement, at, values[i].s.n == 0 ? "" : values[i].s.p,
                                     (int)values[i].s.n, SQLITE_STATIC);
            break;
        }
    }
    return code == SQLITE_OK ? sqlite3_step(statement) : code;
}

static tm_err_t sqlite_exec(tm_database_t *db, void *statement, const tm_value_t *values,
                            unsigned n, uint64_t *ret_changed, tm_why_t *why)
{
    const int code = run(statement, values, n);
    const tm_err_t err = code == SQLITE_DONE ? TM_OK : failed(db->handle, "writing", why);
    if (err == TM_OK && ret_changed != NULL)
        *ret_changed = (uint64_t)sqlite3_changes(db->handle);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement); /* the values are borrowed */
    return err;
}

static tm_err_t sqlite_row(tm_database_t *db, void *statement, const tm_value_t *values, unsigned n,
                           tm_value_t *ret, unsigned columns, tm_buf_t *text, tm_why_t *why)
{
    const int code = run(statement, values, n);
    tm_err_t err = code == SQLITE_ROW    ? TM_OK
                   : code == SQLITE_DONE ? TM_ENOTFOUND
                                         : failed(db->handle, "reading", why);
    size_t bytes = 0;
    for (unsigned i = 0; err == TM_OK && i < columns; i++) {
        bytes += (size_t)sqlite3_column_bytes(statement, (int)i);
    }
    if (err == TM_OK && !tm_buf_reserve(text, bytes)) /* so that what points into it stays */
        err = tm_why_add(why, TM_ENOMEM, NULL, "SQLite: a row of %zu bytes", bytes);
    for (unsigned i = 0; err == TM_OK && i < columns; i++) {
        switch (sqlite3_column_type(statement, (int)i)) {
        case SQLITE_NULL:
            ret[i] = (tm_value_t){.kind = TM_V_NULL};
            break;
        case SQLITE_INTEGER:
            ret[i] = tm_value_int(sqlite3_column_int64(statement, (int)i));
            break;
        default: {
            const size_t at = text->n;
            tm_buf_add(text, sqlite3_column_text(statement, (int)i),
                       (size_t)sqlite3_column_bytes(statement, (int)i));
            ret[i] = tm_value_text((tm_str_t){text->p + at, (uint32_t)(text->n - at)});
        }
        }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return err;
}

static tm_err_t sqlite_each(tm_database_t *db, const char *sql, unsigned columns, tm_texts_fn *fn,
                            void *ctx, tm_why_t *why)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return failed(db->handle, "preparing", why);
    assert((unsigned)sqlite3_column_count(statement) == columns);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        tm_str_t values[TM_COLUMNS_TABLE_MAX];
        for (unsigned i = 0; i < columns; i++) {
            const bool null = sqlite3_column_type(statement, (int)i) == SQLITE_NULL;
            const char *text = (const char *)sqlite3_column_text(statement, (int)i);
            const uint32_t n = (uint32_t)sqlite3_column_bytes(statement, (int)i);
            values[i] = null ? (tm_str_t){NULL, 0} : (tm_str_t){text == NULL ? "" : text, n};
        }
        fn(ctx, values);
    }
    const tm_err_t err = code == SQLITE_DONE ? TM_OK : failed(db->handle, "reading", why);
    sqlite3_finalize(statement);
    return err;
}

const tm_database_face_t tm_sqlite_face = {
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .socket = sqlite_socket,
    .script = sqlite_script,
    .prepare = sqlite_prepare,
    .unprepare = sqlite_unprepare,
    .exec = sqlite_exec,
    .each = sqlite_each,
    .row = sqlite_row,
};
