/* with_projection.c - random commits and what they leave behind. */
#include "store/with_projection.h"
#include "base/time.h"
#include "runtime/commit.h"
#include "schema/binary.h"
#include "schema/derive.h"
#include "schema/entities.h"
#include "schema/json_value.h"
#include "schema/record.h"
#include "schema/slot.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define ACTOR 7u
#define COLUMNS_MAX 128

typedef struct with_record {
    struct with_record *next;
    const tm_desc_t *desc;
    tm_id_t id;
    uint64_t seq, weeks_seq,
        airings_seq; /* of the last commit; of the last that touched the list */
    void *record;
    bool seen;
} with_record_t;

static uint64_t random_of(with_world_t *w)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return w->seed;
}

with_world_t *with_world_new(uint64_t seed)
{
    with_world_t *w = TM_NEW(with_world_t);
    w->seed = seed;
    w->arena = tm_arena_new((size_t)1 << 30);
    snprintf(w->path, sizeof(w->path), "/tmp/tm_world_XXXXXX");
    assert_non_null(mkdtemp(w->path));
    char folder[80];
    snprintf(folder, sizeof(folder), "%s/journal", w->path);
    assert_int_equal(tm_disk_folder(folder, &w->disk, NULL), TM_OK);
    const tm_journal_options_t options = {w->disk, 4 << 20, NULL, NULL};
    assert_int_equal(tm_journal_open(&options, &w->journal, NULL, NULL), TM_OK);
    assert_int_equal(tm_journal_begin(w->journal, NULL), TM_OK);
    return w;
}

void with_world_free(with_world_t *w)
{
    tm_journal_free(w->journal);
    tm_disk_close(&w->disk);
    tm_map_done(&w->by_id);
    tm_arena_free(w->arena);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", w->path);
    assert_int_equal(system(command), 0);
    tm_free(w);
}

static void released(tm_commit_t *commit)
{
    tm_free(commit->bytes);
    tm_free(commit);
}

static void push(with_world_t *w, const tm_commit_view_t *view)
{
    tm_buf_t body;
    tm_buf_init(&body, 4 << 20);
    tm_commit_encode(view, &body);
    assert_false(body.full);
    tm_commit_t *c = TM_NEW(tm_commit_t);
    c->n = c->reserved = (uint32_t)body.n;
    c->bytes = tm_buf_take(&body, NULL);
    c->release = released;
    while (tm_journal_reserve(w->journal, c->n) != TM_OK) {
        assert_true(tm_journal_step(w->journal));
    }
    tm_journal_push(w->journal, c, c);
}

static with_record_t *record_of(with_world_t *w, const tm_desc_t *desc, uint32_t counter)
{
    const uint64_t key = (uint64_t)desc->number << 40 | counter;
    with_record_t *r = tm_map_get(&w->by_id, key);
    if (r == NULL) {
        r = tm_arena_zalloc(w->arena, sizeof(*r));
        r->desc = desc;
        r->id = tm_id_make(ACTOR, counter);
        r->next = w->records;
        w->records = r;
        tm_map_put(&w->by_id, key, r);
    }
    return r;
}

/* Bytes of a change, applied to the model as well. */
static tm_str_t make_change(with_world_t *w, with_record_t *r, uint8_t *ret_op)
{
    const bool patch = r->record != NULL && random_of(w) % 2 == 0;
    tm_arena_t *arena = w->arena;
    void *record = tm_record_random(r->desc, &w->seed, arena);
    assert_non_null(record);
    tm_slot_set_number(&r->desc->fields[0], tm_slot(&r->desc->fields[0], record), (int64_t)r->id.v);
    tm_has_set(tm_slot_has(record), 0);
    tm_buf_t bytes;
    tm_buf_init(&bytes, 4 << 20);
    tm_has_t touched = {{random_of(w) & random_of(w), random_of(w)}};
    *ret_op = TM_CHANGE_PUT;
    if (patch) {
        *ret_op = TM_CHANGE_PATCH;
        tm_has_clear(&touched, 0);
        for (unsigned i = r->desc->n_fields; i < TM_FIELDS_MAX; i++) {
            tm_has_clear(&touched, i);
        }
        tm_binary_write_patch(r->desc, record, &touched, &bytes);
    } else {
        tm_binary_write(r->desc, record, &bytes);
    }
    assert_false(bytes.full);
    const tm_str_t kept = tm_arena_str(arena, tm_str_n(bytes.n == 0 ? "" : bytes.p, bytes.n));
    tm_buf_done(&bytes);
    const uint64_t seq = w->commits + 1;
    if (patch)
        assert_int_equal(tm_binary_apply_patch(r->desc, kept, arena, r->record, NULL), TM_OK);
    else
        r->record = record;
    if (!patch || tm_has_get(&touched, TM_BUY_LINE_line_weeks))
        r->weeks_seq = seq;
    if (!patch || tm_has_get(&touched, TM_BUY_LINE_airings))
        r->airings_seq = seq;
    r->seq = seq;
    return kept;
}

static void note_idempotency(with_world_t *w, tm_commit_view_t *view)
{
    static const char fingerprint[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    view->idem_scope = TM_STR("system POST /api/v1/buy-lines");
    view->idem_key = tm_arena_printf(w->arena, "key %llu '\"", (unsigned long long)w->commits);
    view->idem_fingerprint = tm_str(fingerprint);
    view->idem_expires = (tm_ms_t){view->at.v + 86400000};
    view->answer_status = 201;
    view->answer_location = TM_STR("/api/v1/buy-lines/x");
    with_record_t *r = record_of(w, &tm_idempotency_key_desc, 0xf0000000u + (uint32_t)w->commits);
    r->id = (tm_id_t){w->commits + 1};
    r->seq = w->commits + 1;
    tm_idempotency_key_t *key = tm_arena_zalloc(w->arena, sizeof(*key));
    *key = (tm_idempotency_key_t){.id = r->id,
                                  .version = 1,
                                  .created_ms = view->at,
                                  .updated_ms = view->at,
                                  .scope = view->idem_scope,
                                  .key = view->idem_key,
                                  .fingerprint = view->idem_fingerprint,
                                  .status = 201,
                                  .expires_ms = view->idem_expires};
    for (unsigned i = 0; i < TM_IDEMPOTENCY_KEY_N; i++) {
        if (i != TM_IDEMPOTENCY_KEY_archived_ms)
            TM_MARK(key, i);
    }
    r->record = key;
}

void with_world_commit(with_world_t *w, unsigned commits)
{
    unsigned n_entities = 0;
    while (tm_entities[n_entities] != NULL) {
        n_entities++;
    }
    for (unsigned i = 0; i < commits; i++) {
        tm_commit_change_t changes[6];
        tm_commit_view_t view = {.at = {1774699200000 + (int64_t)w->commits * 1000},
                                 .kind = 1,
                                 .actor = ACTOR,
                                 .changes = changes,
                                 .n_changes = (uint32_t)(random_of(w) % 6),
                                 .answer_version = -1};
        for (uint32_t k = 0; k < view.n_changes; k++) {
            /* Half of them buy lines; often one that exists, sometimes twice in a commit. */
            const tm_desc_t *desc =
                random_of(w) % 2 == 0 ? &tm_buy_line_desc : tm_entities[random_of(w) % n_entities];
            if (desc == &tm_idempotency_key_desc)
                desc = &tm_buy_line_desc;
            const bool fresh = w->counter < 5 || random_of(w) % 3 == 0;
            const uint32_t counter =
                fresh ? ++w->counter : 1 + (uint32_t)(random_of(w) % w->counter);
            with_record_t *r = record_of(w, desc, counter);
            changes[k].entity = desc->number;
            changes[k].id = r->id;
            changes[k].bytes = make_change(w, r, &changes[k].op);
        }
        if (random_of(w) % 5 == 0)
            note_idempotency(w, &view);
        push(w, &view);
        w->commits++;
        if (random_of(w) % 4 == 0)
            tm_journal_step(w->journal);
    }
    while (tm_journal_step(w->journal)) {
    }
    assert_int_equal(tm_journal_durable(w->journal), w->commits);
}

bool with_caught_up(with_world_t *w, tm_projector_t *projector, int64_t timeout_ms)
{
    const int64_t until = tm_time_mono_ns() + timeout_ms * 1000000;
    tm_projector_stats_t stats;
    do {
        tm_projector_stats(projector, &stats);
        if (stats.position == w->commits)
            return true;
        usleep(2000);
    } while (tm_time_mono_ns() < until);
    print_message("position %llu of %llu: %s\n", (unsigned long long)stats.position,
                  (unsigned long long)w->commits, stats.error);
    return false;
}

/* What a column should hold, by way of JSON. false: NULL. */
static bool expected(const tm_field_t *field, const void *record, unsigned at, tm_buf_t *ret)
{
    tm_buf_clear(ret);
    if (!tm_has_get(tm_slot_has_const(record), at))
        return false;
    const void *slot = tm_slot_const(field, record);
    if (field->type == TM_T_STR) {
        tm_buf_add_str(ret, *(const tm_str_t *)slot);
    } else if (field->type == TM_T_ID) {
        tm_buf_add_u64(ret, ((const tm_id_t *)slot)->v);
    } else if (field->type == TM_T_BOOL) {
        tm_buf_add_char(ret, *(const bool *)slot ? '1' : '0');
    } else {
        tm_json_write_value(field, slot, false, ret);
        if (ret->p[0] == '"') { /* a day or a word */
            memmove(ret->p, ret->p + 1, ret->n);
            ret->n -= 2;
        }
    }
    return true;
}

static void check_value(const char *table, const tm_field_t *field, const void *record, unsigned at,
                        const char *value, size_t n)
{
    tm_buf_t want;
    tm_buf_init(&want, 64 << 20);
    const bool present = expected(field, record, at, &want);
    if (present != (value != NULL) ||
        (present && (want.n != n || (n > 0 && memcmp(want.p, value, n) != 0))))
        fail_msg("%s.%s: wanted %.*s, found %.*s", table, field->name,
                 present ? (int)TM_MIN(want.n, (size_t)300) : 4, present ? want.p : "NULL",
                 value == NULL ? 4 : (int)TM_MIN(n, (size_t)300), value == NULL ? "NULL" : value);
    tm_buf_done(&want);
}

typedef struct check {
    with_world_t *world;
    const tm_desc_t *desc;
    uint32_t rows;
    with_record_t *line;
    bool weeks;
    uint32_t ordinal;
} check_t;

static void check_row(void *ctx, const char *const *values, const size_t *n, unsigned columns)
{
    check_t *check = ctx;
    uint16_t fields[TM_FIELDS_MAX];
    assert_int_equal(tm_sql_columns(check->desc, NULL, fields) + 1, columns);
    const uint64_t id = strtoull(values[0], NULL, 10);
    with_record_t *r = check->world->records;
    while (r != NULL && (r->desc != check->desc || r->id.v != id)) {
        r = r->next;
    }
    if (r == NULL)
        fail_msg("%s: a row %llu that nobody wrote", check->desc->name, (unsigned long long)id);
    assert_false(r->seen);
    r->seen = true;
    check->rows++;
    for (unsigned c = 0; c + 1 < columns; c++) {
        check_value(check->desc->name, &check->desc->fields[fields[c]], r->record, fields[c],
                    values[c], n[c]);
    }
    assert_int_equal(strtoull(values[columns - 1], NULL, 10), r->seq);
}

static void check_child(void *ctx, const char *const *values, const size_t *n, unsigned columns)
{
    check_t *check = ctx;
    static const uint8_t weeks[] = {TM_LINE_WEEK_from, TM_LINE_WEEK_to, TM_LINE_WEEK_spots,
                                    TM_LINE_WEEK_rate_cents, TM_LINE_WEEK_amount_cents};
    static const uint8_t airings[] = {TM_AIRING_air_date, TM_AIRING_air_time, TM_AIRING_length_s,
                                      TM_AIRING_amount_cents, TM_AIRING_isci};
    assert_int_equal(columns, 7);
    const tm_buy_line_t *line = check->line->record;
    const tm_recs_t *list = check->weeks ? &line->line_weeks : &line->airings;
    const tm_desc_t *sub = check->weeks ? &tm_line_week_desc : &tm_airing_desc;
    assert_true(check->ordinal < list->n);
    assert_int_equal(strtoull(values[0], NULL, 10), check->ordinal);
    const char *record = (const char *)list->v + (size_t)check->ordinal * sub->bytes;
    for (unsigned c = 0; c < 5; c++) {
        const unsigned at = check->weeks ? weeks[c] : airings[c];
        check_value(sub->name, &sub->fields[at], record, at, values[c + 1], n[c + 1]);
    }
    assert_int_equal(strtoull(values[6], NULL, 10),
                     check->weeks ? check->line->weeks_seq : check->line->airings_seq);
    check->ordinal++;
}

static void check_children(with_world_t *w, with_query_fn *query, void *db, bool weeks)
{
    uint64_t total = 0;
    for (with_record_t *r = w->records; r != NULL; r = r->next) {
        if (r->desc != &tm_buy_line_desc)
            continue;
        const tm_buy_line_t *line = r->record;
        const unsigned at = weeks ? TM_BUY_LINE_line_weeks : TM_BUY_LINE_airings;
        const uint32_t n = !TM_HAS(line, at) ? 0 : weeks ? line->line_weeks.n : line->airings.n;
        check_t check = {.world = w, .line = r, .weeks = weeks};
        char sql[256];
        snprintf(
            sql, sizeof(sql),
            "SELECT ordinal, %s, applied_seq FROM %s t WHERE buy_line_id = %llu ORDER BY ordinal",
            weeks ? "t.`from`, t.`to`, spots, rate_cents, amount_cents"
                  : "air_date, air_time, length_s, amount_cents, isci",
            weeks ? "line_week" : "airing", (unsigned long long)r->id.v);
        query(db, sql, check_child, &check);
        assert_int_equal(check.ordinal, n);
        total += n;
    }
    assert_int_equal(
        with_number(query, db,
                    weeks ? "SELECT COUNT(*) FROM line_week" : "SELECT COUNT(*) FROM airing"),
        total);
    assert_true(total > 0);
}

void with_compare(with_world_t *w, with_query_fn *query, void *db)
{
    uint32_t models = 0;
    for (with_record_t *r = w->records; r != NULL; r = r->next) {
        r->seen = false;
        models++;
    }
    uint32_t rows = 0;
    for (unsigned i = 0; tm_entities[i] != NULL; i++) {
        check_t check = {.world = w, .desc = tm_entities[i]};
        char sql[128];
        snprintf(sql, sizeof(sql), "SELECT * FROM %s", tm_entities[i]->name);
        query(db, sql, check_row, &check);
        rows += check.rows;
    }
    assert_int_equal(rows, models);
    assert_true(rows > 20);
    check_children(w, query, db, true);
    check_children(w, query, db, false);
    assert_int_equal(with_number(query, db, "SELECT MIN(seq) FROM projection_position"),
                     w->commits);
}

static void take_number(void *ctx, const char *const *values, const size_t *n, unsigned columns)
{
    (void)n;
    assert_true(columns > 0 && values[0] != NULL);
    *(int64_t *)ctx = strtoll(values[0], NULL, 10);
}

int64_t with_number(with_query_fn *query, void *db, const char *sql)
{
    int64_t number = -1;
    query(db, sql, take_number, &number);
    return number;
}

sqlite3 *with_sqlite_open(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

void with_sqlite_query(void *db, const char *sql, with_row_fn *fn, void *ctx)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *values[COLUMNS_MAX];
        size_t n[COLUMNS_MAX];
        const int columns = sqlite3_column_count(statement);
        for (int i = 0; i < columns; i++) {
            values[i] = (const char *)sqlite3_column_text(statement, i);
            n[i] = (size_t)sqlite3_column_bytes(statement, i);
        }
        fn(ctx, values, n, (unsigned)columns);
    }
    sqlite3_finalize(statement);
}
