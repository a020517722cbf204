/* directory_mappings.c - which column of a source's sheets holds which field.
 *
 * Why:     every rep firm has its own table; a person says once what its headers mean.
 * How:     one record a source; a new mapping replaces the old one whole. Sheets are read by the
 *          mapping that stands when their job runs.
 * Threads: the actor's turn. */
#include "actors/directory_mappings.h"

#include "base/fold.h"
#include "domain/sheet_field.h"

#include <stdio.h>

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
    tm_answer_record(turn, 200, &tm_column_mapping_desc, &mapping, NULL);
}
