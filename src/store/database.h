/* database.h - the little of SQL that a projection needs, the same for SQLite and for MySQL and
 * MariaDB.
 *
 * Why:     the projector is written once; what differs is how to connect, to bind and which errors
 *          pass by themselves.
 * How:     prepared statements only, kept by their text. Values never become text of a statement.
 * Threads: a database belongs to the thread that connects it. url: any. */
#ifndef TM_STORE_DATABASE_H
#define TM_STORE_DATABASE_H
#include "base/buf.h"
#include "base/map.h"
#include "base/why.h"
#include "schema/derive.h"
#include "store/url.h"
#include "store/limits.h"

typedef enum tm_value_kind { TM_V_NULL, TM_V_INT, TM_V_TEXT } tm_value_kind_t;
typedef struct tm_value {
    tm_value_kind_t kind;
    int64_t i;
    tm_str_t s;
} tm_value_t;
static inline tm_value_t tm_value_int(int64_t v)
{
    return (tm_value_t){TM_V_INT, v, {NULL, 0}};
}
static inline tm_value_t tm_value_text(tm_str_t s)
{
    return (tm_value_t){TM_V_TEXT, 0, s};
}

#define TM_COLUMNS_MAX 8u                         /* of a query's answer, */
#define TM_COLUMNS_TABLE_MAX (TM_FIELDS_MAX + 1u) /* and of a table */

typedef struct tm_database_url {
    tm_dialect_t dialect;
    char path[1024];        /* SQLite */
    tm_url_server_t server; /* MySQL */
    char name[128];
    uint32_t connection_limit; /* at least 1 */
} tm_database_url_t;
/* Errors: TM_EINVALID with why. */
TM_MUST_CHECK tm_err_t tm_database_url_parse(tm_str_t url, tm_database_url_t *ret, tm_why_t *why);

/* Made and prepared once, found again by its members; for 1 to TM_CHUNK_ROWS_MAX rows. */
struct tm_statement;
typedef void tm_sql_fn(const struct tm_statement *statement, tm_dialect_t dialect, tm_buf_t *out);
typedef struct tm_statement {
    tm_sql_fn *text;
    const void *what;
    uintptr_t rows;
    tm_has_t columns; /* those a value is given for, if `text` asks */
} tm_statement_t;

typedef struct tm_database tm_database_t;
/* Errors of all calls, with why: TM_EBUSY locked by others, roll back and try again;
 * TM_EUNAVAILABLE the connection is lost or never came: the fate of a commit under way is
 * unknown; TM_EDISKFULL; TM_EDAMAGED a table or column is not there; TM_EIO anything else (why
 * says it). */
typedef void tm_texts_fn(void *ctx, const tm_str_t *values);
typedef struct tm_database_face {
    tm_err_t (*connect)(tm_database_t *db, tm_why_t *why);
    void (*disconnect)(tm_database_t *db);
    int (*socket)(const tm_database_t *db); /* -1: there is none */
    /* Statements without parameters, one or several as one text that the program made itself:
     * tables, begin, commit. */
    tm_err_t (*script)(tm_database_t *db, const char *sql, tm_why_t *why);
    void *(*prepare)(tm_database_t *db, tm_str_t sql, tm_err_t *ret_err, tm_why_t *why);
    void (*unprepare)(void *statement);
    tm_err_t (*exec)(tm_database_t *db, void *statement, const tm_value_t *values, unsigned n,
                     uint64_t *ret_changed, tm_why_t *why);
    /* Every row of a query without parameters, as texts (p NULL: NULL), valid during the call. */
    tm_err_t (*each)(tm_database_t *db, const char *sql, unsigned columns, tm_texts_fn *fn,
                     void *ctx, tm_why_t *why);
    /* At most one row; texts are copied into `text`. TM_ENOTFOUND: no row. */
    tm_err_t (*row)(tm_database_t *db, void *statement, const tm_value_t *values, unsigned n,
                    tm_value_t *ret, unsigned columns, tm_buf_t *text, tm_why_t *why);
} tm_database_face_t;

struct tm_database {
    const tm_database_face_t *face;
    tm_database_url_t url;
    bool only_reads;    /* set before connecting: nothing is made or changed, one moment is seen */
    uint32_t connect_s; /* to connect in, set before connecting; 0: as long as usual */
    void *handle;       /* NULL: not connected */
    tm_smap_t statements; /* by text, */
    tm_smap_t made;       /* and by the bytes of a tm_statement_t */
};

extern const tm_database_face_t tm_sqlite_face;
extern const tm_database_face_t tm_mysql_face;

void tm_database_init(tm_database_t *db, const tm_database_url_t *url);
void tm_database_done(tm_database_t *db); /* disconnects */
TM_MUST_CHECK tm_err_t tm_database_connect(tm_database_t *db, tm_why_t *why);
void tm_database_disconnect(
    tm_database_t *db); /* open transactions are rolled back by the server */
/* Of a connected one, or -1: who shuts it down ends a call that waits for the server. It is closed
 * by disconnect. */
int tm_database_socket(const tm_database_t *db);
TM_MUST_CHECK tm_err_t tm_database_script(tm_database_t *db, const char *sql, tm_why_t *why);
/* As exec, for a statement that is needed again and again: no text is made or compared. */
TM_MUST_CHECK tm_err_t tm_database_run(tm_database_t *db, const tm_statement_t *statement,
                                       const tm_value_t *values, unsigned n, tm_why_t *why);
/* Rows that go into one statement out of those waiting: few sizes, so that few statements are
 * prepared. Each costs what five rows do, in SQLite too. */
unsigned tm_database_chunk(unsigned waiting);
/* ret_changed may be NULL: rows that became different. */
TM_MUST_CHECK tm_err_t tm_database_exec(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                        unsigned n, uint64_t *ret_changed, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_database_row(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                       unsigned n, tm_value_t *ret, unsigned columns,
                                       tm_buf_t *text, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_database_each(tm_database_t *db, const char *sql, unsigned columns,
                                        tm_texts_fn *fn, void *ctx, tm_why_t *why);
/* A transaction that writes. end: commits if err is TM_OK, else takes back what was done; returns
 * err, or why it could not: TM_EUNAVAILABLE also when nobody knows what state it is in. */
TM_MUST_CHECK tm_err_t tm_database_begin(tm_database_t *db, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_database_end(tm_database_t *db, tm_err_t err, tm_why_t *why);
#endif
