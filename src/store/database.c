/* database.c - what both databases share: the url, and statements kept by their text.
 *
 * Threads: see database.h. */
#include "store/database.h"
#include "base/memory.h"
#include "store/projector.h"

#define CONNECTIONS_MAX 64
#define PORT_DEFAULT 3306

static tm_err_t bad(tm_why_t *why, const char *what)
{
    return tm_why_add(why, TM_EINVALID, "DATABASE_URL",
                      "%s; wanted sqlite:PATH or "
                      "mysql://USER:PASSWORD@HOST:PORT/DATABASE?connection_limit=N",
                      what);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes %XX. false: ill-formed, NUL, or more than max - 1 bytes. */
static bool decode(tm_str_t s, char *ret, size_t max)
{
    size_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            const int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
            const int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0' || n + 1 >= max)
            return false;
        ret[n++] = c;
    }
    ret[n] = '\0';
    return true;
}

/* Cuts s at the first (or last) c: what stands before it; s keeps what stands behind. false:
 * there is none. */
static bool cut(tm_str_t *s, char c, bool last, tm_str_t *ret_before)
{
    const char *at = s->n == 0 ? NULL : last ? memrchr(s->p, c, s->n) : memchr(s->p, c, s->n);
    if (at == NULL)
        return false;
    const uint32_t n = (uint32_t)(at - s->p);
    *ret_before = (tm_str_t){s->p, n};
    *s = (tm_str_t){at + 1, s->n - n - 1};
    return true;
}

static tm_err_t parse_options(tm_str_t query, tm_database_url_t *url, tm_why_t *why)
{
    while (query.n > 0) {
        tm_str_t option = query;
        if (!cut(&query, '&', false, &option))
            query = (tm_str_t){NULL, 0};
        tm_str_t key = option;
        tm_str_t value = option;
        int64_t limit;
        if (!cut(&value, '=', false, &key) || !tm_str_eq(key, TM_STR("connection_limit")))
            return bad(why, "an option that is not known");
        if (!tm_str_i64(value, &limit) || limit < 1 || limit > CONNECTIONS_MAX)
            return bad(why, "connection_limit must be 1 to 64");
        url->connection_limit = (uint32_t)limit;
    }
    return TM_OK;
}

static tm_err_t parse_host(tm_str_t host, tm_database_url_t *url, tm_why_t *why)
{
    tm_str_t port = {NULL, 0};
    if (host.n > 0 && host.p[0] == '[') {
        tm_str_t rest = {host.p + 1, host.n - 1};
        if (!cut(&rest, ']', false, &host) || (rest.n > 0 && rest.p[0] != ':'))
            return bad(why, "the address between [ and ] does not end");
        if (rest.n > 0)
            port = (tm_str_t){rest.p + 1, rest.n - 1};
    } else {
        tm_str_t name;
        port = host;
        if (cut(&port, ':', false, &name))
            host = name;
        else
            port = (tm_str_t){NULL, 0};
    }
    int64_t number = PORT_DEFAULT;
    if (port.p != NULL && (!tm_str_i64(port, &number) || number < 1 || number > UINT16_MAX))
        return bad(why, "the port must be 1 to 65535");
    url->port = (uint16_t)number;
    if (host.n == 0 || !decode(host, url->host, sizeof(url->host)))
        return bad(why, "the host is missing or wrong");
    return TM_OK;
}

static tm_err_t parse_mysql(tm_str_t rest, tm_database_url_t *url, tm_why_t *why)
{
    tm_str_t before;
    tm_str_t query = rest;
    if (cut(&query, '?', false, &before)) {
        const tm_err_t err = parse_options(query, url, why);
        if (err != TM_OK)
            return err;
        rest = before;
    }
    tm_str_t authority;
    if (!cut(&rest, '/', false, &authority) || rest.n == 0 ||
        !decode(rest, url->name, sizeof(url->name)))
        return bad(why, "the name of the database is missing or wrong");
    tm_str_t login;
    if (cut(&authority, '@', true, &login)) {
        tm_str_t user = login;
        if (cut(&login, ':', false, &user) && !decode(login, url->password, sizeof(url->password)))
            return bad(why, "the password is wrong");
        if (!decode(user, url->user, sizeof(url->user)))
            return bad(why, "the user is wrong");
    }
    return parse_host(authority, url, why);
}

tm_err_t tm_database_url_parse(tm_str_t text, tm_database_url_t *ret, tm_why_t *why)
{
    tm_database_url_t url = {.connection_limit = 1};
    tm_err_t err = TM_OK;
    if (tm_str_starts(text, "sqlite:")) {
        const tm_str_t path = {text.p + 7, text.n - 7};
        if (path.n == 0 || path.n >= sizeof(url.path) || memchr(path.p, '\0', path.n) != NULL)
            return bad(why, "the path is missing or too long");
        url.dialect = TM_SQLITE;
        memcpy(url.path, path.p, path.n);
    } else if (tm_str_starts(text, "mysql://")) {
        url.dialect = TM_MYSQL;
        err = parse_mysql((tm_str_t){text.p + 8, text.n - 8}, &url, why);
    } else {
        err = bad(why, "it is no address of a database");
    }
    if (err == TM_OK)
        *ret = url;
    return err;
}

void tm_database_url_redact(tm_str_t url, tm_buf_t *out)
{
    const char *scheme = url.n < 3 ? NULL : memmem(url.p, url.n, "://", 3);
    if (scheme == NULL) {
        tm_buf_add_str(out, url);
        return;
    }
    const uint32_t head = (uint32_t)(scheme - url.p) + 3;
    tm_str_t rest = {url.p + head, url.n - head};
    tm_str_t login;
    tm_buf_add(out, url.p, head);
    /* The last @: a password that was not encoded may hold one. */
    if (cut(&rest, '@', true, &login)) {
        tm_str_t user = login;
        const bool has_password = cut(&login, ':', false, &user);
        tm_buf_add_str(out, user);
        tm_buf_add_c(out, has_password ? ":***@" : "@");
    }
    tm_buf_add_str(out, rest);
}

void tm_database_init(tm_database_t *db, const tm_database_url_t *url)
{
    *db = (tm_database_t){.face = url->dialect == TM_SQLITE ? &tm_sqlite_face : &tm_mysql_face,
                          .url = *url};
}

static void drop_statements(tm_database_t *db)
{
    uint32_t at = 0;
    tm_str_t key;
    void *statement;
    while (tm_smap_next(&db->statements, &at, &key, &statement)) {
        db->face->unprepare(statement);
    }
    tm_smap_done(&db->statements);
}

void tm_database_done(tm_database_t *db)
{
    tm_database_disconnect(db);
    explicit_bzero(db->url.password, sizeof(db->url.password));
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

tm_err_t tm_database_script(tm_database_t *db, const char *sql, tm_why_t *why)
{
    assert(db->handle != NULL);
    return db->face->script(db, sql, why);
}

static void *statement_of(tm_database_t *db, tm_str_t sql, tm_err_t *ret_err, tm_why_t *why)
{
    assert(db->handle != NULL);
    void *statement = tm_smap_get(&db->statements, sql);
    if (statement != NULL)
        return statement;
    if (db->statements.n >= TM_STATEMENTS_MAX)
        drop_statements(db);
    *ret_err = TM_OK;
    statement = db->face->prepare(db, sql, ret_err, why);
    if (statement != NULL)
        tm_smap_put(&db->statements, sql, statement);
    return statement;
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
