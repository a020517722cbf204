/* drift.c - database and state side by side, see drift.h.
 *
 * Threads: the owner's. */
#include "store/drift.h"
#include "runtime/commit.h"
#include "schema/binary.h"
#include "schema/entities.h"
#include "schema/record.h"
#include "schema/slot.h"
#include "store/projection.h"

#define ARENA_BYTES_MAX ((size_t)8 << 30)
#define ROW_BYTES_MAX ((size_t)1 << 30)
#define SQL_BYTES_MAX ((size_t)1 << 16)
#define NUMBERS_MAX 1024u /* entity numbers are below it */

/* What there should be of one record. */
typedef struct expected {
    tm_id_t id;
    tm_str_t bytes; /* p NULL: nothing is known of it */
    bool seen;
    bool passed_over;            /* commits that the database does not have changed it */
    uint32_t found[TM_CHILDREN]; /* rows of child tables */
} expected_t;

struct tm_drift {
    tm_database_t db;
    tm_tables_there_t there;
    tm_position_t positions[TM_LANES_MAX];
    tm_arena_t *arena; /* of what is expected */
    tm_map_t by_id[NUMBERS_MAX];
    /* one run */
    tm_difference_fn *fn;
    void *ctx;
    tm_drift_result_t result;
    uint64_t first_commit;
    const tm_desc_t *desc;
    unsigned child;
    tm_values_t values;
    tm_arena_t *scratch;
    tm_err_t err;
    bool differs; /* the row under way */
};

tm_err_t tm_drift_new(tm_str_t url, tm_drift_t **ret, tm_why_t *why)
{
    tm_database_url_t parsed;
    tm_err_t err = tm_database_url_parse(url, &parsed, why);
    if (err != TM_OK)
        return err;
    tm_drift_t *drift = TM_NEW(tm_drift_t);
    tm_database_init(&drift->db, &parsed);
    explicit_bzero(parsed.server.password, sizeof(parsed.server.password));
    drift->db.only_reads = true;
    drift->arena = tm_arena_new(ARENA_BYTES_MAX);
    drift->scratch = tm_arena_new(ROW_BYTES_MAX);
    tm_values_init(&drift->values);
    err = tm_database_connect(&drift->db, why);
    if (err == TM_OK)
        err = tm_tables_look(&drift->db, &drift->there, why);
    if (err == TM_OK && (!drift->there.all || drift->there.lanes == 0))
        err =
            tm_why_add(why, TM_ECONFLICT, NULL, "%s: " TM_REBUILD_TEXT,
                       drift->there.lanes > 0 ? "tables are missing"
                                              : "the database does not say of which commit it is");
    for (uint32_t i = 0; err == TM_OK && i < drift->there.lanes; i++) {
        drift->positions[i] = (tm_position_t){.lane = i, .lanes = drift->there.lanes};
        err = tm_position_read(&drift->db, &drift->positions[i], why);
    }
    if (err == TM_OK)
        *ret = drift;
    else
        tm_drift_free(drift);
    return err;
}

void tm_drift_free(TM_OWN tm_drift_t *drift)
{
    if (drift == NULL)
        return;
    for (uint32_t i = 0; i < NUMBERS_MAX; i++) {
        tm_map_done(&drift->by_id[i]);
    }
    tm_values_done(&drift->values);
    tm_arena_free(drift->scratch);
    tm_arena_free(drift->arena);
    tm_database_done(&drift->db);
    tm_free(drift);
}

const tm_tables_there_t *tm_drift_there(const tm_drift_t *drift, tm_position_t *ret_first)
{
    *ret_first = drift->positions[0];
    return &drift->there;
}

/* ---- what there should be ---- */

static expected_t *find_or_add(tm_drift_t *drift, uint16_t number, tm_id_t id)
{
    assert(number < NUMBERS_MAX);
    expected_t *e = tm_map_get(&drift->by_id[number], id.v);
    if (e == NULL) {
        e = tm_arena_zalloc(drift->arena, sizeof(*e));
        assert(e != NULL); /* 8 GiB of a few bytes each */
        e->id = id;
        tm_map_put(&drift->by_id[number], id.v, e);
    }
    return e;
}

tm_err_t tm_drift_expect(tm_drift_t *drift, const tm_desc_t *desc, tm_id_t id, tm_str_t bytes,
                         tm_why_t *why)
{
    expected_t *e = find_or_add(drift, desc->number, id);
    if (e->bytes.p != NULL)
        return tm_why_add(why, TM_EDAMAGED, NULL, "the state has a %s twice", desc->name);
    e->bytes = bytes;
    return TM_OK;
}

static bool is_behind(const tm_drift_t *drift, tm_id_t id, uint64_t number)
{
    return drift->positions[tm_lane_of(id, drift->there.lanes)].seq < number;
}

/* The key of a request is a row too; the journal alone has it. */
static tm_err_t expect_key(tm_drift_t *drift, uint64_t number, const tm_commit_view_t *view)
{
    tm_idempotency_key_t key;
    tm_idempotency_row(number, view, &key);
    tm_buf_t bytes;
    tm_buf_init(&bytes, ROW_BYTES_MAX);
    tm_binary_write(&tm_idempotency_key_desc, &key, &bytes);
    expected_t *e = find_or_add(drift, tm_idempotency_key_desc.number, (tm_id_t){number});
    e->bytes = tm_arena_str(drift->arena, tm_buf_str(&bytes));
    e->passed_over = is_behind(drift, e->id, number);
    tm_buf_done(&bytes);
    return e->bytes.p == NULL ? TM_ENOMEM : TM_OK;
}

tm_err_t tm_drift_commit(tm_drift_t *drift, uint64_t number, tm_str_t body, tm_why_t *why)
{
    tm_commit_view_t view;
    tm_arena_reset(drift->scratch);
    tm_err_t err = tm_commit_decode(body, drift->scratch, &view);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu cannot be read", (unsigned long long)number);
    if (view.idem_key.p != NULL)
        err = expect_key(drift, number, &view);
    for (uint32_t i = 0; number > drift->there.least && i < view.n_changes; i++) {
        const tm_commit_change_t *change = &view.changes[i];
        if (change->entity < NUMBERS_MAX && is_behind(drift, change->id, number))
            find_or_add(drift, change->entity, change->id)->passed_over = true;
    }
    return err;
}

/* ---- side by side ---- */

static const char *shown(tm_drift_t *drift, const tm_field_t *field, tm_str_t text)
{
    if (text.p == NULL)
        return NULL;
    if (field != NULL && (field->flags & (TM_F_PII | TM_F_SECRET)) != 0)
        return tm_arena_printf(drift->scratch, "(%u bytes)", text.n).p;
    return tm_arena_printf(drift->scratch, "%.*s", (int)text.n, text.p).p;
}

static void tell(tm_drift_t *drift, const char *table, tm_id_t id, int64_t ordinal,
                 const char *column, const char *in_database, const char *in_state)
{
    const tm_difference_t d = {.table = table,
                               .column = column,
                               .id = id,
                               .ordinal = ordinal,
                               .in_database = in_database,
                               .in_state = in_state};
    drift->differs = true;
    drift->fn(drift->ctx, &d);
}

/* The value as a database gives it back. */
static tm_str_t as_text(const tm_value_t *value, char number[24])
{
    if (value->kind == TM_V_TEXT)
        return value->s;
    if (value->kind == TM_V_NULL)
        return (tm_str_t){NULL, 0};
    char *end = number + 23;
    const bool negative = value->i < 0;
    char *p = tm_digits_before(end, negative ? 0 - (uint64_t)value->i : (uint64_t)value->i);
    if (negative)
        *--p = '-';
    return tm_str_n(p, (size_t)(end - p));
}

static void compare_field(tm_drift_t *drift, const char *table, tm_id_t id, int64_t ordinal,
                          const tm_field_t *field, const void *record, unsigned at, tm_str_t found)
{
    char number[24];
    tm_values_clear(&drift->values);
    tm_values_add_field(&drift->values, field, record, tm_has_get(tm_slot_has_const(record), at));
    const tm_str_t want = as_text(&drift->values.v[0], number);
    if ((want.p == NULL) != (found.p == NULL) || !tm_str_eq(want, found))
        tell(drift, table, id, ordinal, field->name, shown(drift, field, found),
             shown(drift, field, want));
}

static void *record_of(tm_drift_t *drift, const tm_desc_t *desc, const expected_t *e)
{
    void *record = tm_arena_zalloc(drift->scratch, desc->bytes);
    if (record == NULL || tm_binary_read(desc, e->bytes, drift->scratch, record) != TM_OK) {
        drift->err = TM_EDAMAGED;
        return NULL;
    }
    return record;
}

static void end_row(tm_drift_t *drift)
{
    drift->result.rows++;
    drift->result.differences += drift->differs;
    drift->differs = false;
}

static uint64_t number_of(tm_str_t text)
{
    int64_t n = 0;
    return text.p != NULL && tm_str_i64(text, &n) && n >= 0 ? (uint64_t)n : 0;
}

static void compare_row(void *ctx, const tm_str_t *values)
{
    tm_drift_t *drift = ctx;
    const tm_desc_t *desc = drift->desc;
    uint16_t columns[TM_FIELDS_MAX];
    const unsigned n = tm_sql_columns(desc, NULL, columns);
    const tm_id_t id = {number_of(values[0])};
    tm_arena_reset(drift->scratch);
    expected_t *e = tm_map_get(&drift->by_id[desc->number], id.v);
    const bool is_old_key = desc == &tm_idempotency_key_desc && id.v < drift->first_commit;
    if (is_old_key || (e != NULL && e->passed_over)) {
        drift->result.passed_over++;
        return;
    }
    void *record = e == NULL || e->bytes.p == NULL ? NULL : record_of(drift, desc, e);
    if (record == NULL) {
        tell(drift, desc->name, id, -1, NULL, "a row", NULL);
    } else {
        e->seen = true;
        for (unsigned c = 0; c < n; c++) {
            compare_field(drift, desc->name, id, -1, &desc->fields[columns[c]], record, columns[c],
                          values[c]);
        }
        const uint64_t seq = number_of(values[n]);
        if (seq == 0 || is_behind(drift, id, seq))
            tell(drift, desc->name, id, -1, "applied_seq", shown(drift, NULL, values[n]),
                 "not beyond the position");
    }
    end_row(drift);
}

/* A row of a list: at its place in the record's list. */
static void compare_child(void *ctx, const tm_str_t *values)
{
    tm_drift_t *drift = ctx;
    const tm_child_view_t child = tm_child_view(drift->child);
    const tm_id_t id = {number_of(values[0])};
    const uint64_t ordinal = number_of(values[1]);
    tm_arena_reset(drift->scratch);
    expected_t *e = tm_map_get(&drift->by_id[child.parent->number], id.v);
    if (e != NULL && e->passed_over) {
        drift->result.passed_over++;
        return;
    }
    const void *record = e == NULL || e->bytes.p == NULL ? NULL : record_of(drift, child.parent, e);
    const tm_recs_t *list = NULL;
    if (record != NULL && tm_has_get(tm_slot_has_const(record), child.field))
        list = tm_slot_const(&child.parent->fields[child.field], record);
    if (list == NULL || ordinal >= list->n) {
        tell(drift, child.table, id, (int64_t)ordinal, NULL, "a row", NULL);
    } else {
        e->found[drift->child]++;
        const char *item = (const char *)list->v + (size_t)ordinal * child.sub->bytes;
        for (unsigned c = 0; c < child.n; c++) {
            compare_field(drift, child.table, id, (int64_t)ordinal,
                          &child.sub->fields[child.columns[c]], item, child.columns[c],
                          values[c + 2]);
        }
    }
    end_row(drift);
}

static tm_err_t read_table(tm_drift_t *drift, const tm_desc_t *desc, tm_why_t *why)
{
    uint16_t columns[TM_FIELDS_MAX];
    const unsigned n = tm_sql_columns(desc, NULL, columns);
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    const char quote = drift->db.url.dialect == TM_MYSQL ? '`' : '"';
    tm_buf_add_c(&sql, "SELECT ");
    assert(strcmp(desc->fields[columns[0]].name, "id") == 0);
    for (unsigned c = 0; c < n; c++) {
        tm_buf_printf(&sql, "%c%s%c,", quote, desc->fields[columns[c]].name, quote);
    }
    tm_buf_printf(&sql, "applied_seq FROM %c%s%c%c", quote, desc->name, quote, '\0');
    drift->desc = desc;
    const tm_err_t err = tm_database_each(&drift->db, sql.p, n + 1, compare_row, drift, why);
    tm_buf_done(&sql);
    return err;
}

static tm_err_t read_child(tm_drift_t *drift, unsigned index, tm_why_t *why)
{
    const tm_child_view_t child = tm_child_view(index);
    tm_buf_t sql;
    tm_buf_init(&sql, SQL_BYTES_MAX);
    const char quote = drift->db.url.dialect == TM_MYSQL ? '`' : '"';
    tm_buf_printf(&sql, "SELECT %s,ordinal", child.key);
    for (unsigned c = 0; c < child.n; c++) {
        tm_buf_printf(&sql, ",%c%s%c", quote, child.sub->fields[child.columns[c]].name, quote);
    }
    tm_buf_printf(&sql, " FROM %s%c", child.table, '\0');
    drift->child = index;
    const tm_err_t err =
        tm_database_each(&drift->db, sql.p, child.n + 2, compare_child, drift, why);
    tm_buf_done(&sql);
    return err;
}

/* What should be there and was not met. */
static void look_for_missing(tm_drift_t *drift, const tm_desc_t *desc)
{
    uint32_t at = 0;
    uint64_t id;
    void *value;
    while (tm_map_next(&drift->by_id[desc->number], &at, &id, &value)) {
        const expected_t *e = value;
        tm_arena_reset(drift->scratch);
        if (e->bytes.p == NULL || e->passed_over)
            continue;
        if (!e->seen) {
            tell(drift, desc->name, e->id, -1, NULL, NULL, "a row");
            end_row(drift);
            continue;
        }
        for (unsigned i = 0; i < TM_CHILDREN; i++) {
            const tm_child_view_t child = tm_child_view(i);
            const void *record = child.parent == desc ? record_of(drift, desc, e) : NULL;
            if (record == NULL || !tm_has_get(tm_slot_has_const(record), child.field))
                continue;
            const tm_recs_t *list = tm_slot_const(&desc->fields[child.field], record);
            if (e->found[i] >= list->n)
                continue;
            tell(drift, child.table, e->id, -1, NULL,
                 tm_arena_printf(drift->scratch, "%u rows", e->found[i]).p,
                 tm_arena_printf(drift->scratch, "%u rows", list->n).p);
            end_row(drift);
        }
    }
}

tm_err_t tm_drift_run(tm_drift_t *drift, uint64_t first_commit, tm_difference_fn *fn, void *ctx,
                      tm_drift_result_t *ret, tm_why_t *why)
{
    drift->fn = fn;
    drift->ctx = ctx;
    drift->first_commit = first_commit;
    tm_err_t err = TM_OK;
    for (unsigned i = 0; err == TM_OK && tm_entities[i] != NULL; i++) {
        err = read_table(drift, tm_entities[i], why);
    }
    for (unsigned i = 0; err == TM_OK && i < TM_CHILDREN; i++) {
        err = read_child(drift, i, why);
    }
    for (unsigned i = 0; err == TM_OK && tm_entities[i] != NULL; i++) {
        look_for_missing(drift, tm_entities[i]);
    }
    if (err == TM_OK && drift->err != TM_OK)
        err = tm_why_add(why, drift->err, NULL, "a record of the state cannot be read");
    *ret = drift->result;
    return err;
}
