/* database_mysql.c - MySQL or MariaDB as a projection's database.
 *
 * How:     libmariadb, blocking calls with deadlines, on the projector's own thread. Never
 *          MYSQL_OPT_RECONNECT: it hides a lost transaction.
 * Threads: the one that connected; it calls mysql_thread_end by disconnect.
 * Source:  MariaDB Connector/C manual; error numbers in errmsg.h and mysqld_error.h. */
#include "base/memory.h"
#include "store/position.h"
#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>

#define CONNECT_S 5
#define IO_S 10
#define TEXT_COLUMN_BYTES 256u /* of a query's answer */

static tm_err_t error_of(unsigned code)
{
    switch (code) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
        return TM_EBUSY;
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_SERVER_LOST_EXTENDED:
    case ER_SERVER_SHUTDOWN:
    case ER_CON_COUNT_ERROR:
    case ER_CONNECTION_KILLED:
        return TM_EUNAVAILABLE;
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
        return TM_EDISKFULL;
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
        return TM_EDAMAGED;
    default:
        return TM_EIO;
    }
}

/* What is wrong, for whoever reads the health: the server's own words come behind it. */
static const char *words_of(unsigned code)
{
    switch (code) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
        return "somebody else holds locks there";
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
        return "the connection broke, or there was no answer in time";
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case ER_SERVER_SHUTDOWN:
        return "the server cannot be reached";
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
        return "it has no connection left for us";
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
        return "it refuses the user or the password";
    case ER_TABLEACCESS_DENIED_ERROR:
        return "the user may not do that";
    case ER_BAD_DB_ERROR:
        return "there is no such database";
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
        return "it is read-only";
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
        return "its disk is full";
    case ER_BAD_FIELD_ERROR:
        return TM_REBUILD_TEXT;
    default:
        return NULL;
    }
}

static tm_err_t tell(unsigned code, const char *text, const char *doing, tm_why_t *why)
{
    const char *words = words_of(code);
    return tm_why_add(why, error_of(code), NULL, "MySQL: %s%s%s: %u %s", words == NULL ? "" : words,
                      words == NULL ? "" : ": ", doing, code, text);
}

static tm_err_t failed(MYSQL *mysql, const char *doing, tm_why_t *why)
{
    return tell(mysql_errno(mysql), mysql_error(mysql), doing, why);
}

static tm_err_t statement_failed(MYSQL_STMT *statement, const char *doing, tm_why_t *why)
{
    return tell(mysql_stmt_errno(statement), mysql_stmt_error(statement), doing, why);
}

/* Wrong values are errors, not silently cut; a text means what it says whatever the server's
 * configuration is. */
static const char *const setup[] = {
    "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
    "SET SESSION time_zone='+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION innodb_lock_wait_timeout=5",
};

static const char *const setup_reader[] = {
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
};

static tm_err_t set_up(MYSQL *mysql, const char *const *statements, size_t n, tm_why_t *why)
{
    for (size_t i = 0; i < n; i++) {
        if (mysql_query(mysql, statements[i]) != 0)
            return failed(mysql, "setting up", why);
    }
    return TM_OK;
}

static tm_err_t mysql_face_connect(tm_database_t *db, tm_why_t *why)
{
    MYSQL *mysql = mysql_init(NULL);
    if (mysql == NULL)
        return tm_why_add(why, TM_EIO, NULL, "MySQL: the library does not start");
    const unsigned connect_s = db->connect_s > 0 ? db->connect_s : CONNECT_S;
    const unsigned io_s = IO_S;
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    const unsigned no = 0;
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &io_s);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &io_s);
    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &no);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    const tm_url_server_t *server = &db->url.server;
    tm_err_t err = TM_OK;
    if (mysql_real_connect(mysql, server->host, server->user, server->password, db->url.name,
                           server->port, NULL, 0) == NULL)
        err = failed(mysql, "connecting", why);
    if (err == TM_OK)
        err = set_up(mysql, setup, TM_COUNT(setup), why);
    if (err == TM_OK && db->only_reads)
        err = set_up(mysql, setup_reader, TM_COUNT(setup_reader), why);
    if (err == TM_OK)
        db->handle = mysql;
    else
        mysql_close(mysql);
    return err;
}

static void mysql_face_disconnect(tm_database_t *db)
{
    mysql_close(db->handle);
    mysql_thread_end();
}

static int mysql_face_socket(const tm_database_t *db)
{
    return (int)mysql_get_socket(db->handle);
}

static tm_err_t mysql_face_script(tm_database_t *db, const char *sql, tm_why_t *why)
{
    return mysql_real_query(db->handle, sql, strlen(sql)) == 0
               ? TM_OK
               : failed(db->handle, "executing", why);
}

static void *mysql_face_prepare(tm_database_t *db, tm_str_t sql, tm_err_t *ret_err, tm_why_t *why)
{
    MYSQL_STMT *statement = mysql_stmt_init(db->handle);
    if (statement != NULL && mysql_stmt_prepare(statement, sql.p, sql.n) == 0)
        return statement;
    *ret_err = statement == NULL ? failed(db->handle, "preparing", why)
                                 : statement_failed(statement, "preparing", why);
    if (statement != NULL)
        mysql_stmt_close(statement);
    return NULL;
}

static void mysql_face_unprepare(void *statement)
{
    mysql_stmt_close(statement);
}

static tm_err_t run(MYSQL_STMT *statement, const tm_value_t *values, unsigned n, tm_why_t *why)
{
    assert(n == mysql_stmt_param_count(statement));
    TM_AUTO(tm_free_p) MYSQL_BIND *binds = tm_zalloc((n + 1) * sizeof(*binds));
    for (unsigned i = 0; i < n; i++) {
        switch (values[i].kind) {
        case TM_V_NULL:
            binds[i].buffer_type = MYSQL_TYPE_NULL;
            break;
        case TM_V_INT:
            binds[i].buffer_type = MYSQL_TYPE_LONGLONG;
            binds[i].buffer = (void *)(uintptr_t)&values[i].i;
            break;
        case TM_V_TEXT:
            binds[i].buffer_type = MYSQL_TYPE_STRING;
            binds[i].buffer = (void *)(uintptr_t)(values[i].s.n == 0 ? "" : values[i].s.p);
            binds[i].buffer_length = values[i].s.n;
            break;
        }
    }
    if ((n > 0 && mysql_stmt_bind_param(statement, binds) != 0) ||
        mysql_stmt_execute(statement) != 0)
        return statement_failed(statement, "executing", why);
    return TM_OK;
}

static tm_err_t mysql_face_exec(tm_database_t *db, void *statement, const tm_value_t *values,
                                unsigned n, uint64_t *ret_changed, tm_why_t *why)
{
    (void)db;
    const tm_err_t err = run(statement, values, n, why);
    if (err == TM_OK && ret_changed != NULL)
        *ret_changed = mysql_stmt_affected_rows(statement);
    return err;
}

typedef struct cell {
    int64_t number;
    char text[TEXT_COLUMN_BYTES];
    unsigned long n;
    my_bool is_null, is_cut;
    bool is_text;
} cell_t;

static tm_err_t mysql_face_row(tm_database_t *db, void *statement, const tm_value_t *values,
                               unsigned n, tm_value_t *ret, unsigned columns, tm_buf_t *text,
                               tm_why_t *why)
{
    (void)db;
    tm_err_t err = run(statement, values, n, why);
    if (err != TM_OK)
        return err;
    cell_t cells[TM_COLUMNS_MAX];
    MYSQL_BIND binds[TM_COLUMNS_MAX];
    memset(cells, 0, sizeof(cells));
    memset(binds, 0, sizeof(binds));
    MYSQL_RES *meta = mysql_stmt_result_metadata(statement);
    assert(meta != NULL && mysql_num_fields(meta) == columns);
    for (unsigned i = 0; i < columns; i++) {
        const enum enum_field_types type = mysql_fetch_field_direct(meta, i)->type;
        cells[i].is_text =
            type == MYSQL_TYPE_VAR_STRING || type == MYSQL_TYPE_STRING || type == MYSQL_TYPE_BLOB;
        binds[i].buffer_type = cells[i].is_text ? MYSQL_TYPE_STRING : MYSQL_TYPE_LONGLONG;
        binds[i].buffer = cells[i].is_text ? (void *)cells[i].text : (void *)&cells[i].number;
        binds[i].buffer_length = cells[i].is_text ? sizeof(cells[i].text) : sizeof(cells[i].number);
        binds[i].length = &cells[i].n;
        binds[i].is_null = &cells[i].is_null;
        binds[i].error = &cells[i].is_cut;
    }
    mysql_free_result(meta);
    int code = mysql_stmt_bind_result(statement, binds);
    if (code == 0)
        code = mysql_stmt_fetch(statement);
    if (code == MYSQL_NO_DATA)
        err = TM_ENOTFOUND;
    else if (code == MYSQL_DATA_TRUNCATED)
        err = tm_why_add(why, TM_EIO, NULL, "MySQL: a value is longer than %u bytes",
                         TEXT_COLUMN_BYTES);
    else if (code != 0)
        err = statement_failed(statement, "reading", why);
    if (err == TM_OK && !tm_buf_reserve(text, sizeof(cells)))
        err = tm_why_add(why, TM_ENOMEM, NULL, "MySQL: a row");
    for (unsigned i = 0; err == TM_OK && i < columns; i++) {
        const size_t at = text->n;
        if (cells[i].is_text)
            tm_buf_add(text, cells[i].text, cells[i].n);
        ret[i] = cells[i].is_text
                     ? tm_value_text((tm_str_t){text->p + at, (uint32_t)(text->n - at)})
                     : tm_value_int(cells[i].number);
        if (cells[i].is_null)
            ret[i] = (tm_value_t){.kind = TM_V_NULL};
    }
    mysql_stmt_free_result(statement);
    return err;
}

static tm_err_t mysql_face_each(tm_database_t *db, const char *sql, unsigned columns,
                                tm_texts_fn *fn, void *ctx, tm_why_t *why)
{
    MYSQL *mysql = db->handle;
    MYSQL_RES *result = NULL;
    if (mysql_real_query(mysql, sql, strlen(sql)) != 0 ||
        (result = mysql_use_result(mysql)) == NULL)
        return failed(mysql, "reading", why);
    assert(mysql_num_fields(result) == columns);
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL;) {
        const unsigned long *n = mysql_fetch_lengths(result);
        tm_str_t values[TM_COLUMNS_TABLE_MAX];
        for (unsigned i = 0; i < columns; i++) {
            values[i] = (tm_str_t){row[i], row[i] == NULL ? 0 : (uint32_t)n[i]};
        }
        fn(ctx, values);
    }
    const tm_err_t err = mysql_errno(mysql) == 0 ? TM_OK : failed(mysql, "reading", why);
    mysql_free_result(result);
    return err;
}

const tm_database_face_t tm_mysql_face = {
    .connect = mysql_face_connect,
    .disconnect = mysql_face_disconnect,
    .socket = mysql_face_socket,
    .script = mysql_face_script,
    .prepare = mysql_face_prepare,
    .unprepare = mysql_face_unprepare,
    .exec = mysql_face_exec,
    .each = mysql_face_each,
    .row = mysql_face_row,
};
