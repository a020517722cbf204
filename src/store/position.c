/* position.c - the positions of lanes, and the tables of a projection.
 *
 * Threads: the database's owner. */
#include "store/position.h"
#include "schema/record.h"
#include "store/projection.h"

#define SQL_BYTES_MAX ((size_t)1 << 20)
#define TEXT_BYTES_MAX ((size_t)16 << 10)

static const char *const position_sqlite =
    "CREATE TABLE IF NOT EXISTS \"projection_position\" (\n    \"lane\" INTEGER PRIMARY KEY,\n    "
    "\"lanes\" INTEGER NOT NULL,\n"
    "    \"seq\" BIGINT NOT NULL,\n    \"journal\" TEXT NOT NULL,\n    \"chain\" TEXT NOT "
    "NULL\n);\n";
static const char *const position_mysql =
    "CREATE TABLE IF NOT EXISTS `projection_position` (\n    `lane` INT NOT NULL,\n    `lanes` INT "
    "NOT NULL,\n"
    "    `seq` BIGINT NOT NULL,\n    `journal` CHAR(64) NOT NULL,\n    `chain` CHAR(64) NOT "
    "NULL,\n    PRIMARY KEY (`lane`)\n"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\n";

void tm_projection_sql(tm_dialect_t dialect, tm_buf_t *out)
{
    tm_buf_add_c(out, dialect == TM_SQLITE ? position_sqlite : position_mysql);
    tm_child_sql(dialect, out);
}

/* The i-th table of rows; NULL: there are no more. */
static const char *table_at(uint32_t i)
{
    uint32_t n = 0;
    while (tm_entities[n] != NULL) {
        if (n == i)
            return tm_entities[n]->name;
        n++;
    }
    return i - n < TM_CHILDREN ? tm_child_view(i - n).table : NULL;
}

static bool is_child(const char *name)
{
    for (uint32_t i = 0; i < TM_CHILDREN; i++) {
        if (name == tm_child_view(i).table)
            return true;
    }
    return false;
}

static void add_quoted(const char *name, tm_dialect_t dialect, tm_buf_t *out)
{
    const char quote = dialect == TM_MYSQL ? '`' : '"';
    tm_buf_add_char(out, quote);
    tm_buf_add_c(out, name);
    tm_buf_add_char(out, quote);
}

/* One row of numbers. */
static tm_err_t numbers(tm_database_t *db, const char *sql, tm_value_t *ret, unsigned columns,
                        tm_why_t *why)
{
    tm_buf_t text;
    tm_buf_init(&text, TEXT_BYTES_MAX);
    const tm_err_t err = tm_database_row(db, tm_str(sql), NULL, 0, ret, columns, &text, why);
    tm_buf_done(&text);
    return err;
}

static tm_err_t look_at_names(tm_database_t *db, tm_tables_there_t *ret, tm_why_t *why)
{
    static const char *const one[] = {
        [TM_SQLITE] = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
        [TM_MYSQL] = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = "
                     "DATABASE() AND table_name = ?"};
    tm_err_t err = TM_OK;
    const char *name = "projection_position";
    for (uint32_t i = 0; err == TM_OK && name != NULL; i++) {
        const tm_value_t value = tm_value_text(tm_str(name));
        tm_value_t n = tm_value_int(0);
        tm_buf_t text;
        tm_buf_init(&text, TEXT_BYTES_MAX);
        err = tm_database_row(db, tm_str(one[db->url.dialect]), &value, 1, &n, 1, &text, why);
        tm_buf_done(&text);
        if (i == 0)
            ret->positions = n.i > 0;
        else if (n.i > 0)
            ret->have |= UINT64_C(1) << (i - 1);
        name = table_at(i);
        assert(i < 64);
        ret->all = name == NULL && ret->have == (UINT64_C(1) << i) - 1;
    }
    return err;
}

static tm_err_t look_at_positions(tm_database_t *db, tm_tables_there_t *ret, tm_why_t *why)
{
    tm_value_t v[7];
    const tm_err_t err = numbers(db,
                                 "SELECT COUNT(*), MIN(lane), MAX(lane), MIN(lanes), MAX(lanes), "
                                 "MIN(seq), MAX(seq) FROM projection_position",
                                 v, TM_COUNT(v), why);
    if (err != TM_OK || v[0].i == 0)
        return err;
    const int64_t lanes = v[0].i;
    if (lanes > TM_LANES_MAX || v[1].i != 0 || v[2].i != lanes - 1 || v[3].i != lanes ||
        v[4].i != lanes || v[5].i < 0)
        return tm_why_add(why, TM_EDAMAGED, NULL,
                          "the rows of projection_position are not ours: " TM_REBUILD_TEXT);
    ret->lanes = (uint32_t)lanes;
    ret->least = (uint64_t)v[5].i;
    ret->most = (uint64_t)v[6].i;
    return TM_OK;
}

/* Only asked for where nothing says whose the rows are. */
static tm_err_t look_for_rows(tm_database_t *db, tm_tables_there_t *ret, tm_why_t *why)
{
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    tm_err_t err = TM_OK;
    const char *name;
    for (uint32_t i = 0; err == TM_OK && !ret->rows && (name = table_at(i)) != NULL; i++) {
        if ((ret->have >> i & 1) == 0)
            continue;
        tm_value_t n = tm_value_int(0);
        tm_buf_clear(&sql);
        tm_buf_add_c(&sql, "SELECT COUNT(*) FROM (SELECT applied_seq FROM ");
        add_quoted(name, db->url.dialect, &sql);
        tm_buf_add_c(&sql, " LIMIT 1) t");
        tm_buf_add_char(&sql, '\0');
        err = numbers(db, sql.p, &n, 1, why);
        ret->rows = n.i > 0;
    }
    tm_buf_done(&sql);
    return err;
}

tm_err_t tm_tables_look(tm_database_t *db, tm_tables_there_t *ret, tm_why_t *why)
{
    *ret = (tm_tables_there_t){0};
    tm_err_t err = look_at_names(db, ret, why);
    if (err == TM_OK && ret->positions)
        err = look_at_positions(db, ret, why);
    if (err == TM_OK && ret->lanes == 0)
        err = look_for_rows(db, ret, why);
    return err;
}

/* Runs a text of statements one by one: MySQL takes no more at once. None of ours has a
 * semicolon inside. */
static tm_err_t run_script(tm_database_t *db, tm_buf_t *text, tm_why_t *why)
{
    tm_buf_add_char(text, '\0');
    assert(!text->full);
    tm_err_t err = TM_OK;
    for (char *at = text->p; err == TM_OK && *at != '\0';) {
        char *end = strchr(at, ';');
        if (end == NULL)
            break;
        *end = '\0';
        err = tm_database_script(db, at, why);
        at = end + 1;
    }
    return err;
}

tm_err_t tm_tables_create(tm_database_t *db, tm_why_t *why)
{
    const tm_dialect_t dialect = db->url.dialect;
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    tm_buf_add_c(&sql, dialect == TM_SQLITE ? position_sqlite : position_mysql); /* first: whose */
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        tm_sql_create(tm_entities[i], dialect, &sql);
    }
    tm_child_sql(dialect, &sql);
    const tm_err_t err = run_script(db, &sql, why);
    tm_buf_done(&sql);
    return err;
}

tm_err_t tm_tables_drop(tm_database_t *db, tm_why_t *why)
{
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    tm_buf_add_c(&sql, db->url.dialect == TM_SQLITE ? position_sqlite : position_mysql);
    tm_buf_add_c(&sql, "DELETE FROM projection_position;");
    const char *name;
    for (uint32_t i = 0; (name = table_at(i)) != NULL; i++) {
        tm_buf_add_c(&sql, "DROP TABLE IF EXISTS ");
        add_quoted(name, db->url.dialect, &sql);
        tm_buf_add_char(&sql, ';');
    }
    const tm_err_t err = run_script(db, &sql, why);
    tm_buf_done(&sql);
    return err;
}

static bool read_hashes(const tm_value_t *values, tm_position_t *pos)
{
    return values[0].kind == TM_V_TEXT && values[1].kind == TM_V_TEXT &&
           tm_sha256_parse(values[0].s, &pos->journal) == TM_OK &&
           tm_sha256_parse(values[1].s, &pos->chain) == TM_OK;
}

tm_err_t tm_position_read(tm_database_t *db, tm_position_t *pos, tm_why_t *why)
{
    const tm_value_t lane = tm_value_int(pos->lane);
    tm_value_t values[4];
    tm_buf_t text;
    tm_buf_init(&text, TEXT_BYTES_MAX);
    tm_err_t err = tm_database_row(
        db, TM_STR("SELECT lanes, seq, journal, chain FROM projection_position WHERE lane = ?"),
        &lane, 1, values, 4, &text, why);
    pos->seq = 0;
    if (err == TM_ENOTFOUND || (err == TM_OK && values[0].i != pos->lanes)) {
        err = tm_why_add(why, TM_ECONFLICT, NULL, "lane %u of %u has no position there", pos->lane,
                         pos->lanes);
    } else if (err == TM_OK && (values[1].i < 0 || !read_hashes(values + 2, pos))) {
        err = tm_why_add(why, TM_EDAMAGED, NULL,
                         "the row of lane %u in projection_position is not ours: " TM_REBUILD_TEXT,
                         pos->lane);
    } else if (err == TM_OK) {
        pos->seq = (uint64_t)values[1].i;
    }
    tm_buf_done(&text);
    return err;
}

tm_err_t tm_position_write(tm_database_t *db, const tm_position_t *from, const tm_position_t *to,
                           tm_why_t *why)
{
    char journal[TM_SHA256_TEXT];
    char chain[TM_SHA256_TEXT];
    tm_sha256_format(&to->journal, journal);
    tm_sha256_format(&to->chain, chain);
    uint64_t changed = 0;
    /* The old position in the condition is a fence: two writers never both succeed. */
    const tm_value_t values[] = {tm_value_int((int64_t)to->seq), tm_value_text(tm_str(journal)),
                                 tm_value_text(tm_str(chain)),   tm_value_int(to->lane),
                                 tm_value_int(to->lanes),        tm_value_int((int64_t)from->seq)};
    const tm_err_t err = tm_database_exec(
        db,
        TM_STR("UPDATE projection_position SET seq = ?, journal = ?, chain = ? WHERE lane = ? AND "
               "lanes = ? AND seq = ?"),
        values, TM_COUNT(values), &changed, why);
    if (err == TM_OK && changed != 1)
        return tm_why_add(why, TM_ECONFLICT, NULL, "somebody else writes to this database");
    return err;
}

tm_err_t tm_positions_put(tm_database_t *db, const tm_position_t *at, uint32_t before,
                          uint32_t lanes, tm_why_t *why)
{
    assert(lanes >= 1 && lanes <= TM_LANES_MAX);
    char journal[TM_SHA256_TEXT];
    char chain[TM_SHA256_TEXT];
    tm_sha256_format(&at->journal, journal);
    tm_sha256_format(&at->chain, chain);
    const tm_value_t seq = tm_value_int((int64_t)at->seq);
    uint64_t gone = 0;
    tm_err_t err = tm_database_exec(db, TM_STR("DELETE FROM projection_position WHERE seq = ?"),
                                    &seq, 1, &gone, why);
    if (err == TM_OK && gone != before)
        return tm_why_add(why, TM_ECONFLICT, NULL, "somebody else writes to this database");
    for (uint32_t lane = 0; err == TM_OK && lane < lanes; lane++) {
        const tm_value_t values[] = {tm_value_int(lane), tm_value_int(lanes), seq,
                                     tm_value_text(tm_str(journal)), tm_value_text(tm_str(chain))};
        err = tm_database_exec(db,
                               TM_STR("INSERT INTO projection_position (lane, lanes, seq, journal, "
                                      "chain) VALUES (?,?,?,?,?)"),
                               values, TM_COUNT(values), NULL, why);
    }
    return err;
}

tm_err_t tm_positions_reset(tm_database_t *db, const tm_tables_there_t *there, tm_why_t *why)
{
    tm_buf_t sql;
    tm_buf_init(&sql, TEXT_BYTES_MAX);
    tm_err_t err = tm_database_begin(db, why);
    if (err != TM_OK)
        return err;
    tm_buf_add_c(&sql, "UPDATE projection_position SET seq = 0;");
    const char *name;
    for (uint32_t i = 0; (name = table_at(i)) != NULL; i++) {
        if (is_child(name) && (there->have >> i & 1) != 0)
            tm_buf_printf(&sql, "DELETE FROM %s;", name);
    }
    err = tm_database_end(db, run_script(db, &sql, why), why);
    tm_buf_done(&sql);
    return err;
}
