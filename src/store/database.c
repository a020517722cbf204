/* database.c - what both databases share: the url, and statements kept by their text.
 *
 * Threads: see database.h. */
#include "store/database.h"
#include "base/memory.h"

#define CONNECTIONS_MAX 64
#define CONNECTIONS_FAR 4 /* unless the url says: on this machine there is no way to wait for */
#define CONNECTIONS_NEAR 1
#define PORT_DEFAULT 3306
#define SQL_BYTES_MAX ((size_t)1 << 20)

static tm_err_t bad(tm_why_t *why, const char *what)
{
    return tm_why_add(why, TM_EINVALID, "DATABASE_URL",
                      "%s; wanted sqlite:PATH or "
                      "mysql://USER:PASSWORD@HOST:PORT/DATABASE?connection_limit=N",
                      what);
}

static tm_err_t parse_options(tm_str_t query, tm_database_url_t *url, tm_why_t *why)
{
    while (query.n > 0) {
        tm_str_t option = query;
        if (!tm_url_cut(&query, '&', &option))
            query = (tm_str_t){NULL, 0};
        tm_str_t key = option;
        tm_str_t value = option;
        int64_t limit;
        if (!tm_url_cut(&value, '=', &key) || !tm_str_eq(key, TM_STR("connection_limit")))
            return bad(why, "an option that is not known");
        if (!tm_str_i64(value, &limit) || limit < 1 || limit > CONNECTIONS_MAX)
            return bad(why, "connection_limit must be 1 to 64");
        url->connection_limit = (uint32_t)limit;
    }
    return TM_OK;
}

static bool is_this_machine(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
           strcmp(host, "localhost") == 0;
}

static tm_err_t parse_mysql(tm_str_t rest, tm_database_url_t *url, tm_why_t *why)
{
    tm_str_t before;
    tm_str_t query = rest;
    if (tm_url_cut(&query, '?', &before)) {
        const tm_err_t err = parse_options(query, url, why);
        if (err != TM_OK)
            return err;
        rest = before;
    }
    tm_str_t authority;
    if (!tm_url_cut(&rest, '/', &authority) || rest.n == 0 ||
        !tm_url_decode(rest, url->name, sizeof(url->name)))
        return bad(why, "the name of the database is missing or wrong");
    const char *fault = tm_url_server(authority, PORT_DEFAULT, &url->server);
    if (fault != NULL)
        return bad(why, fault);
    if (url->connection_limit == 0)
        url->connection_limit =
            is_this_machine(url->server.host) ? CONNECTIONS_NEAR : CONNECTIONS_FAR;
    return TM_OK;
}

tm_err_t tm_database_url_parse(tm_str_t text, tm_database_url_t *ret, tm_why_t *why)
{
    tm_database_url_t url = {.connection_limit = 1}; /* SQLite has one writer */
    tm_err_t err = TM_OK;
    if (tm_str_starts(text, "sqlite:")) {
        const tm_str_t path = {text.p + 7, text.n - 7};
        if (path.n == 0 || path.n >= sizeof(url.path) || memchr(path.p, '\0', path.n) != NULL)
            return bad(why, "the path is missing or too long");
        url.dialect = TM_SQLITE;
        memcpy(url.path, path.p, path.n);
    } else if (tm_str_starts(text, "mysql://")) {
        url.dialect = TM_MYSQL;
        url.connection_limit = 0;
        err = parse_mysql((tm_str_t){text.p + 8, text.n - 8}, &url, why);
    } else {
        err = bad(why, "it is no address of a database");
    }
    if (err == TM_OK)
        *ret = url;
    return err;
}

void tm_database_init(tm_database_t *db, const tm_database_url_t *url)
{
    *db = (tm_database_t){.face = url->dialect == TM_SQLITE ? &tm_sqlite_face : &tm_mysql_face,
                          .url = *url};
}

static void drop_all(tm_database_t *db, tm_smap_t *statements)
{
    uint32_t at = 0;
    tm_str_t key;
    void *statement;
    while (tm_smap_next(statements, &at, &key, &statement)) {
        db->face->unprepare(statement);
    }
    tm_smap_done(statements);
}

static void drop_statements(tm_database_t *db)
{
    drop_all(db, &db->statements);
    drop_all(db, &db->made);
}

void tm_database_done(tm_database_t *db)
{
    tm_database_disconnect(db);
    explicit_bzero(db->url.server.password, sizeof(db->url.server.password));
}

tm_err_t tm_database_connect(tm_database_t *db, tm_why_t *why)
{
    assert(db->handle == NULL);
    const tm_err_t err = db->face->connect(db, why);
    assert((err == TM_OK) == (db->handle != NULL));
    return err;
}

void tm_database_disconnect(tm_database_t *db)
{
    if (db->handle == NULL)
        return;
    drop_statements(db);
    db->face->disconnect(db);
    db->handle = NULL;
}

int tm_database_socket(const tm_database_t *db)
{
    assert(db->handle != NULL);
    return db->face->socket(db);
}

tm_err_t tm_database_script(tm_database_t *db, const char *sql, tm_why_t *why)
{
    assert(db->handle != NULL);
    return db->face->script(db, sql, why);
}

static void *prepare(tm_database_t *db, tm_smap_t *kept, tm_str_t key, tm_str_t sql,
                     tm_err_t *ret_err, tm_why_t *why)
{
    if (db->statements.n + db->made.n >= TM_STATEMENTS_MAX)
        drop_statements(db);
    *ret_err = TM_OK;
    void *statement = db->face->prepare(db, sql, ret_err, why);
    if (statement != NULL)
        tm_smap_put(kept, key, statement);
    return statement;
}

static void *statement_of(tm_database_t *db, tm_str_t sql, tm_err_t *ret_err, tm_why_t *why)
{
    assert(db->handle != NULL);
    void *statement = tm_smap_get(&db->statements, sql);
    return statement != NULL ? statement : prepare(db, &db->statements, sql, sql, ret_err, why);
}

tm_err_t tm_database_run(tm_database_t *db, const tm_statement_t *what, const tm_value_t *values,
                         unsigned n, tm_why_t *why)
{
    assert(db->handle != NULL);
    assert(what->rows >= 1 && what->rows <= TM_CHUNK_ROWS_MAX);
    const tm_str_t key = {(const char *)what, sizeof(*what)};
    tm_err_t err = TM_OK;
    void *statement = tm_smap_get(&db->made, key);
    if (statement == NULL) {
        tm_buf_t sql;
        tm_buf_init(&sql, SQL_BYTES_MAX);
        what->text(what, db->url.dialect, &sql);
        assert(!sql.full);
        statement = prepare(db, &db->made, key, tm_buf_str(&sql), &err, why);
        tm_buf_done(&sql);
    }
    return statement == NULL ? err : db->face->exec(db, statement, values, n, NULL, why);
}

unsigned tm_database_chunk(unsigned waiting)
{
    static const unsigned sizes[] = {TM_CHUNK_ROWS_MAX, 32, 8, 1};
    assert(waiting > 0);
    for (size_t i = 0; i < TM_COUNT(sizes); i++) {
        if (sizes[i] <= waiting)
            return sizes[i];
    }
    return 1;
}

tm_err_t tm_database_exec(tm_database_t *db, tm_str_t sql, const tm_value_t *values, unsigned n,
                          uint64_t *ret_changed, tm_why_t *why)
{
    tm_err_t err = TM_EIO;
    void *statement = statement_of(db, sql, &err, why);
    return statement == NULL ? err : db->face->exec(db, statement, values, n, ret_changed, why);
}

tm_err_t tm_database_row(tm_database_t *db, tm_str_t sql, const tm_value_t *values, unsigned n,
                         tm_value_t *ret, unsigned columns, tm_buf_t *text, tm_why_t *why)
{
    assert(columns <= TM_COLUMNS_MAX);
    tm_err_t err = TM_EIO;
    void *statement = statement_of(db, sql, &err, why);
    return statement == NULL ? err
                             : db->face->row(db, statement, values, n, ret, columns, text, why);
}

tm_err_t tm_database_each(tm_database_t *db, const char *sql, unsigned columns, tm_texts_fn *fn,
                          void *ctx, tm_why_t *why)
{
    assert(db->handle != NULL && columns >= 1 && columns <= TM_COLUMNS_TABLE_MAX);
    return db->face->each(db, sql, columns, fn, ctx, why);
}

tm_err_t tm_database_begin(tm_database_t *db, tm_why_t *why)
{
    return tm_database_script(
        db, db->url.dialect == TM_SQLITE ? "BEGIN IMMEDIATE" : "START TRANSACTION", why);
}

tm_err_t tm_database_end(tm_database_t *db, tm_err_t err, tm_why_t *why)
{
    if (err == TM_OK)
        err = tm_database_script(db, "COMMIT", why);
    if (err != TM_OK && err != TM_EUNAVAILABLE && tm_database_script(db, "ROLLBACK", NULL) != TM_OK)
        return TM_EUNAVAILABLE;
    return err;
}
