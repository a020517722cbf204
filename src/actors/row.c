/* row.c - packed records and views over them.
 *
 * Why:     a packed row is small, immutable and shared; it is unpacked only where its fields are
 *          needed.
 * Threads: see view.h. */
#include "actors/past.h"
#include "schema/binary.h"
#include "schema/json.h"

#include <stdlib.h>

#define ROW_BYTES_MAX (32u << 20)

static void row_free(void *object)
{
    tm_row_t *row = object;
    tm_past_unref(row->past);
    tm_free(row);
}

tm_row_t *tm_row_new(const tm_desc_t *desc, tm_id_t id, const void *record)
{
    tm_buf_t buf;
    tm_buf_init(&buf, ROW_BYTES_MAX);
    tm_binary_write(desc, record, &buf);
    assert(!buf.full); /* requests and documents are bounded far below */
    tm_row_t *row = tm_row_packed(desc, id, tm_buf_str(&buf));
    tm_buf_done(&buf);
    return row;
}

tm_row_t *tm_row_packed(const tm_desc_t *desc, tm_id_t id, tm_str_t bytes)
{
    tm_row_t *row = tm_alloc(sizeof *row + bytes.n);
    *row = (tm_row_t){.shared = {1, row_free}, .n = bytes.n, .desc = desc, .id = id};
    if (bytes.n > 0) {
        memcpy(row->bytes, bytes.p, bytes.n);
    }
    return row;
}

void *tm_row_read(const tm_row_t *row, tm_arena_t *arena)
{
    void *record = tm_arena_zalloc(arena, row->desc->bytes);
    if (record == NULL)
        return NULL;
    const tm_err_t err = tm_binary_read(row->desc, tm_str_n(row->bytes, row->n), arena, record);
    assert(err == TM_OK || err == TM_ENOMEM); /* we wrote these bytes */
    return err == TM_OK ? record : NULL;
}

/* "page":1,"box":[72,90.5,120,101] of the amount, else of the first field that was read. */
static void add_place(const tm_buy_line_t *line, tm_buf_t *out)
{
    static const char *const fields[] = {"gross_cents", "net_cents"};
    const tm_place_t *places = line->locator.v;
    const tm_place_t *place =
        TM_HAS(line, TM_BUY_LINE_locator) && line->locator.n > 0 ? places : NULL;
    for (size_t f = TM_COUNT(fields); place != NULL && f-- > 0;) {
        for (uint32_t i = 0; i < line->locator.n; i++) {
            place = tm_str_eq(places[i].field, tm_str(fields[f])) ? &places[i] : place;
        }
    }
    if (place == NULL || place->box_x100.n != 4) {
        tm_buf_add_c(out, ",\"page\":null,\"box\":null");
        return;
    }
    tm_buf_printf(out, ",\"page\":%d,\"box\":[", place->page);
    for (int i = 0; i < 4; i++) {
        const int32_t v = place->box_x100.v[i];
        tm_buf_printf(out, "%s%s%d.%02d", i == 0 ? "" : ",", v < 0 ? "-" : "", abs(v / 100),
                      abs(v % 100));
    }
    tm_buf_add_char(out, ']');
}

void tm_line_write_placed(const tm_buy_line_t *line, tm_buf_t *out)
{
    tm_json_write(&tm_buy_line_desc, line, true, out);
    if (out->full)
        return;
    assert(out->n > 0 && out->p[out->n - 1] == '}');
    out->n--;
    add_place(line, out);
    tm_buf_add_char(out, '}');
}

void tm_row_write_json(const tm_row_t *row, tm_arena_t *scratch, tm_buf_t *out)
{
    const void *record = tm_row_read(row, scratch);
    assert(record != NULL);
    tm_json_write(row->desc, record, true, out);
}

const tm_row_t *tm_view_get(const tm_view_t *view, const tm_desc_t *desc, tm_id_t id)
{
    assert(desc->number < TM_VIEW_TABLES);
    const tm_row_t *row = tm_trie_get(&view->tables[desc->number], tm_id_counter(id));
    return row != NULL && row->id.v == id.v ? row : NULL;
}

uint32_t tm_view_list(const tm_view_t *view, const tm_desc_t *desc, uint32_t after, uint32_t limit,
                      bool (*keep)(void *ctx, const tm_row_t *row), void *ctx,
                      const tm_row_t **ret_rows, uint32_t *ret_next)
{
    assert(desc->number < TM_VIEW_TABLES && limit > 0);
    uint32_t n = 0;
    uint32_t key = after + 1;
    *ret_next = 0;
    for (const tm_row_t *row; key != 0 && (row = tm_trie_next(&view->tables[desc->number], &key));
         key++) {
        if (keep != NULL && !keep(ctx, row)) {
            continue;
        }
        if (n == limit) {
            *ret_next = tm_id_counter(ret_rows[n - 1]->id);
            return n;
        }
        ret_rows[n++] = row;
    }
    return n;
}
