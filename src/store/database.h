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

#define TM_COLUMNS_MAX 8u /* of a query's answer */

typedef struct tm_database_url {
    tm_dialect_t dialect;
    char path[1024]; /* SQLite */
    char user[128], password[256], host[256], name[128];
    uint16_t port;
    uint32_t connection_limit; /* at least 1 */
} tm_database_url_t;
/* Errors: TM_EINVALID with why. */
TM_MUST_CHECK tm_err_t tm_database_url_parse(tm_str_t url, tm_database_url_t *ret, tm_why_t *why);

typedef struct tm_database tm_database_t;
/* Errors of all calls, with why: TM_EBUSY locked by others, roll back and try again;
 * TM_EUNAVAILABLE the connection is lost or never came: the fate of a commit under way is
 * unknown; TM_EDISKFULL; TM_EIO anything else (why says it). */
typedef struct tm_database_face {
    tm_err_t (*connect)(tm_database_t *db, tm_why_t *why);
    void (*disconnect)(tm_database_t *db);
    /* Statements without parameters, one or several as one text that the program made itself:
     * tables, begin, commit. */
    tm_err_t (*script)(tm_database_t *db, const char *sql, tm_why_t *why);
    void *(*prepare)(tm_database_t *db, tm_str_t sql, tm_err_t *ret_err, tm_why_t *why);
    void (*unprepare)(void *statement);
    tm_err_t (*exec)(tm_database_t *db, void *statement, const tm_value_t *values, unsigned n,
                     uint64_t *ret_changed, tm_why_t *why);
    /* At most one row; texts are copied into `text`. TM_ENOTFOUND: no row. */
    tm_err_t (*row)(tm_database_t *db, void *statement, const tm_value_t *values, unsigned n,
                    tm_value_t *ret, unsigned columns, tm_buf_t *text, tm_why_t *why);
} tm_database_face_t;

struct tm_database {
    const tm_database_face_t *face;
    tm_database_url_t url;
    void *handle; /* NULL: not connected */
    tm_smap_t statements;
};

extern const tm_database_face_t tm_sqlite_face;
extern const tm_database_face_t tm_mysql_face;

void tm_database_init(tm_database_t *db, const tm_database_url_t *url);
void tm_database_done(tm_database_t *db); /* disconnects */
TM_MUST_CHECK tm_err_t tm_database_connect(tm_database_t *db, tm_why_t *why);
void tm_database_disconnect(
    tm_database_t *db); /* open transactions are rolled back by the server */
TM_MUST_CHECK tm_err_t tm_database_script(tm_database_t *db, const char *sql, tm_why_t *why);
/* ret_changed may be NULL: rows that became different. */
TM_MUST_CHECK tm_err_t tm_database_exec(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                        unsigned n, uint64_t *ret_changed, tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_database_row(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                       unsigned n, tm_value_t *ret, unsigned columns,
                                       tm_buf_t *text, tm_why_t *why);
#endif
