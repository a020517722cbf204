/* directory_mappings.c - which column of a source's sheets holds which field.
 *
 * Why:     every rep firm has its own table; a person says once what its headers mean.
 * How:     one record a source; a new mapping replaces the old one whole. Sheets are read by the
 *          mapping that stands when their job runs; those of the source that nobody could read are
 *          read again.
 * Threads: the actor's turn. */
#include "actors/directory_mappings.h"
#include "actors/directory_review.h"

#include "base/fold.h"
#include "domain/sheet_field.h"
#include "actors/limits.h"

#include <stdio.h>

#define SCRATCH_BYTES_MAX (1u << 20)

/* The mapping of a source, NULL: none. There are few: one a source. */
static const tm_column_mapping_t *mapping_of(const directory_t *d, tm_str_t source,
                                             tm_arena_t *arena)
{
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_column_mapping_desc, &key));
         key++) {
        const tm_column_mapping_t *mapping = tm_row_read(row, arena);
        assert(mapping != NULL);
        if (tm_str_eq(mapping->source, source))
            return mapping;
    }
    return NULL;
}

static bool source_is_known(const directory_t *d, tm_str_t name, tm_arena_t *arena)
{
    uint32_t key = 0;
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_source_desc, &key)); key++) {
        const tm_source_t *source = tm_row_read(row, arena);
        assert(source != NULL);
        if (tm_str_eq(source->name, name))
            return true;
    }
    return false;
}

static bool same_header(tm_str_t a, tm_str_t b, tm_arena_t *arena)
{
    const tm_str_t x = tm_fold_key(arena, a), y = tm_fold_key(arena, b);
    return x.n > 0 || y.n > 0 ? tm_str_eq(x, y) : tm_str_eq(a, b);
}

/* Every column names a field there is; no field and no header twice. */
static void check_columns(const tm_column_mapping_t *given, tm_arena_t *arena, tm_why_t *why)
{
    const tm_column_t *columns = given->columns.v;
    char path[TM_WHY_FIELD_MAX];
    for (uint32_t i = 0; i < given->columns.n; i++) {
        const int field = tm_sheet_field_find(columns[i].field);
        (void)snprintf(path, sizeof path, "columns[%u].field", i);
        if (field < 0) {
            (void)tm_why_add(why, TM_EINVALID, path, "is no field of a line");
            continue;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (tm_sheet_field_find(columns[k].field) == field) {
                (void)tm_why_add(why, TM_EINVALID, path, "stands twice");
                break;
            }
        }
        for (uint32_t k = 0; k < i; k++) {
            if (same_header(columns[k].header, columns[i].header, arena)) {
                (void)snprintf(path, sizeof path, "columns[%u].header", i);
                (void)tm_why_add(why, TM_EINVALID, path, "stands twice");
                break;
            }
        }
    }
    if (given->columns.n == 0) {
        (void)tm_why_add(why, TM_EINVALID, "columns", "must name at least one column");
    }
}

/* ---- sheets that wait for a mapping ---- */

static const tm_document_t *first_document(const directory_t *d, tm_id_t input, tm_arena_t *arena)
{
    const uint32_t counter = (uint32_t)(uintptr_t)tm_map_get(&d->inputs, input.v);
    return counter == 0 ? NULL
                        : tm_tables_read(&d->tables, &tm_document_desc,
                                         tm_id_make(d->actor, counter), arena);
}

bool directory_input_waits(const directory_t *d, tm_id_t input, tm_arena_t *arena)
{
    const tm_document_t *doc = first_document(d, input, arena);
    return doc != NULL && doc->status.v == TM_READING_STATUS_unreadable &&
           (tm_str_eq(doc->reason, TM_STR("no_parser")) ||
            tm_str_eq(doc->reason, TM_STR("row_errors")));
}

/* What another reading of the sheet settles. */
static bool is_about_rows(const tm_exception_t *e)
{
    return e->status.v == TM_OPEN_STATUS_open && TM_HAS(e, TM_EXCEPTION_input_id) &&
           (tm_str_eq(e->kind, TM_STR("no_parser")) || tm_str_eq(e->kind, TM_STR("row_error")) ||
            tm_str_eq(e->kind, TM_STR(JOB_FAILED)) ||
            tm_str_eq(e->kind, TM_STR("sheet_sum_mismatch")));
}

/* Calls fn for each open exception about rows, at most as many as a turn's arena takes. */
static void each_about_rows(tm_turn_t *turn, directory_t *d, void *ctx,
                            void (*fn)(tm_turn_t *turn, directory_t *d, tm_exception_t *e,
                                       void *ctx))
{
    uint32_t key = 0;
    TM_AUTO(tm_arena_free_p) tm_arena_t *scratch = tm_arena_new(SCRATCH_BYTES_MAX);
    for (const tm_row_t *row; (row = tm_tables_next(&d->tables, &tm_exception_desc, &key)); key++) {
        tm_exception_t *e = tm_row_read(row, scratch);
        assert(e != NULL); /* one exception is far smaller than the arena */
        if (is_about_rows(e)) {
            fn(turn, d, e, ctx);
        }
        tm_arena_reset(scratch);
    }
}

static void close_one(tm_turn_t *turn, directory_t *d TM_UNUSED, tm_exception_t *e, void *ctx)
{
    const tm_id_t *input = ctx;
    if (e->input_id.v != input->v)
        return;
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, status, (tm_enum_t){TM_OPEN_STATUS_closed});
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_by, TM_STR("program"));
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_ms, tm_turn_now(turn));
    TM_SET_TOUCHED(e, &touched, TM_EXCEPTION, closed_reason, TM_STR("the sheet was read again"));
    tm_record_stamp_patch(e, &touched, e->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_exception_desc, e->id, e, &touched);
}

void directory_close_row_exceptions(tm_turn_t *turn, directory_t *d, tm_id_t input)
{
    each_about_rows(turn, d, &input, close_one);
}

typedef struct again {
    tm_str_t source;
    tm_map_t sent; /* input id -> 1 */
} again_t;

static void send_again(tm_turn_t *turn, directory_t *d, tm_exception_t *e, void *ctx)
{
    again_t *again = ctx;
    if (again->sent.n == TM_AGAIN_MAX || tm_map_get(&again->sent, e->input_id.v) != NULL)
        return;
    const tm_document_t *doc = first_document(d, e->input_id, tm_turn_arena(turn));
    if (doc == NULL || !TM_HAS(doc, TM_DOCUMENT_source) || !tm_str_eq(doc->source, again->source) ||
        !directory_input_waits(d, e->input_id, tm_turn_arena(turn)))
        return;
    tm_record_ref_t ref = {0};
    TM_SET(&ref, TM_RECORD_REF, id, e->input_id);
    tm_turn_send(turn, TM_KIND_OF_feed, TM_ACTOR_FEED, TM_MSG_INPUT_AGAIN, &ref);
    (void)tm_map_put(&again->sent, e->input_id.v, d);
}

static void read_again(tm_turn_t *turn, directory_t *d, tm_str_t source)
{
    again_t again = {.source = source};
    each_about_rows(turn, d, &again, send_again);
    tm_map_done(&again.sent);
}

/* ---- the mapping ---- */

void directory_mapping_put(tm_turn_t *turn, directory_t *d, const tm_column_mapping_t *given)
{
    tm_arena_t *arena = tm_turn_arena(turn);
    tm_why_t why;
    tm_why_clear(&why);
    if (!source_is_known(d, given->source, arena)) {
        (void)tm_why_add(&why, TM_EINVALID, "source", "is no source");
    }
    check_columns(given, arena, &why);
    if (tm_answer_faults(turn, &why))
        return;
    const tm_column_mapping_t *old = mapping_of(d, given->source, arena);
    tm_column_mapping_t mapping = {0};
    tm_record_stamp_new(&mapping, old != NULL ? old->id : tm_turn_new_id(turn), tm_turn_now(turn));
    if (old != NULL) {
        mapping.version = old->version + 1;
        mapping.created_ms = old->created_ms;
    }
    tm_column_t *columns = tm_arena_zalloc(arena, given->columns.n * sizeof *columns);
    assert(columns != NULL); /* at most 60 */
    for (uint32_t i = 0; i < given->columns.n; i++) {
        const tm_column_t *c = (const tm_column_t *)given->columns.v + i;
        const int field = tm_sheet_field_find(c->field);
        TM_SET(&columns[i], TM_COLUMN, field, tm_str(tm_sheet_field_name((tm_sheet_field_t)field)));
        TM_SET(&columns[i], TM_COLUMN, header, c->header);
    }
    TM_SET(&mapping, TM_COLUMN_MAPPING, source, given->source);
    TM_SET(&mapping, TM_COLUMN_MAPPING, columns, (tm_recs_t){columns, given->columns.n});
    tm_turn_put(turn, &tm_column_mapping_desc, mapping.id, &mapping);
    read_again(turn, d, given->source);
    tm_answer_record(turn, 200, &tm_column_mapping_desc, &mapping, NULL);
}
