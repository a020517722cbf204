/* campaign_view.c - the answers that a campaign's picture gives: the matrix, and what stands
 * behind a cell.
 *
 * How:     the default matrix is encoded by the first reader of a view and shared by all others of
 *          that version.
 * Threads: any that holds the view. */
#include "actors/view.h"

#include "schema/json.h"

#define BODY_BYTES_MAX (256u << 20)
#define BODY_BYTES_FIRST (32u << 10) /* so that most never grow */
#define CELL_ARENA_MAX (64u << 20)

void tm_campaign_view_as_of(const tm_campaign_view_t *view, tm_buf_t *out)
{
    if (!view->is_past)
        return;
    const tm_ms_t at = tm_versions_at(&view->versions, view->view.version);
    tm_buf_printf(out, ",\"as_of\":{\"version\":%llu,\"at_ms\":%lld,\"rules_version\":%d}",
                  (unsigned long long)view->view.version, (long long)at.v, TM_RULES_VERSION);
}

static tm_blob_t *write_matrix(const tm_campaign_view_t *view, const tm_matrix_query_t *query)
{
    tm_buf_t buf;
    tm_blob_begin(&buf, BODY_BYTES_MAX);
    (void)tm_buf_reserve(&buf, BODY_BYTES_FIRST);
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format("cmp", view->campaign_id, id);
    tm_buf_printf(&buf, "{\"campaign_id\":\"%s\",\"epoch\":%llu,\"version\":%llu", id,
                  (unsigned long long)view->epoch, (unsigned long long)view->view.version);
    tm_campaign_view_as_of(view, &buf);
    tm_buf_add_char(&buf, ',');
    tm_matrix_query_t q = *query;
    q.today = query->today.v != 0 ? query->today : view->today;
    tm_matrix_write(view->matrix, &q, &buf);
    tm_blob_t *blob = buf.full ? NULL : tm_blob_take(&buf);
    tm_buf_done(&buf);
    return blob;
}

tm_blob_t *tm_campaign_view_matrix(tm_campaign_view_t *view, const tm_matrix_query_t *query,
                                   bool is_default)
{
    if (!is_default)
        return write_matrix(view, query);
    /* acquire: the blob's content; partner: the exchange below. */
    tm_blob_t *body = __atomic_load_n(&view->body, __ATOMIC_ACQUIRE);
    if (body != NULL)
        return tm_blob_ref(body);
    body = write_matrix(view, query);
    if (body == NULL)
        return NULL;
    (void)tm_blob_ref(body); /* one for the view, one for the caller */
    tm_blob_t *none = NULL;
    if (!__atomic_compare_exchange_n(&view->body, &none, body, false, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED)) {
        tm_blob_unref(body); /* another reader was first; both are equal */
    }
    return body;
}

static void add_cents(tm_buf_t *out, const char *key, bool known, tm_cents_t v)
{
    tm_buf_add_c(out, key);
    if (known) {
        tm_buf_add_i64(out, v.v);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void add_documents(const tm_campaign_view_t *view, const tm_view_t *directory,
                          const tm_cell_detail_t *cell, tm_arena_t *arena, tm_buf_t *out)
{
    bool first = true;
    tm_id_t last = {0};
    for (uint32_t i = 0; i < cell->n_lines; i++) {
        const tm_row_t *row = tm_view_get(&view->view, &tm_buy_line_desc, cell->lines[i]);
        const tm_buy_line_t *line = row == NULL ? NULL : tm_row_read(row, arena);
        if (line == NULL || !TM_HAS(line, TM_BUY_LINE_document_id) ||
            line->document_id.v == last.v) {
            continue;
        }
        last = line->document_id;
        const tm_row_t *doc =
            directory == NULL ? NULL : tm_view_get(directory, &tm_document_desc, last);
        if (doc != NULL) {
            tm_buf_add_c(out, first ? "" : ",");
            tm_row_write_json(doc, arena, out);
            first = false;
        }
    }
}

tm_err_t tm_campaign_view_cell(tm_campaign_view_t *view, const tm_view_t *directory, tm_str_t key,
                               tm_buf_t *out, tm_why_t *why)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(CELL_ARENA_MAX);
    tm_cell_detail_t cell = {0};
    const tm_err_t err = tm_matrix_cell(view->matrix, key, arena, &cell);
    if (err != TM_OK)
        return tm_why_add(why, err, "key",
                          err == TM_ENOTFOUND
                              ? "there is no such cell"
                              : "must be the key of a row, @ and a week's first day");
    tm_buf_add_c(out, "{\"key\":");
    tm_json_write_str(key, out);
    add_cents(out, ",\"gross_cents\":", cell.known, cell.gross);
    add_cents(out, ",\"net_cents\":", cell.known, cell.net);
    add_cents(out, ",\"low_cents\":", cell.known, cell.low);
    add_cents(out, ",\"high_cents\":", cell.known && cell.has_high, cell.high);
    tm_buf_add_c(out, cell.disputed ? ",\"disputed\":true" : ",\"disputed\":false");
    tm_buf_add_c(out, ",\"lines\":[");
    bool first = true;
    for (uint32_t i = 0; i < cell.n_lines; i++) {
        const tm_row_t *row = tm_view_get(&view->view, &tm_buy_line_desc, cell.lines[i]);
        const tm_buy_line_t *line = row == NULL ? NULL : tm_row_read(row, arena);
        if (line != NULL) {
            tm_buf_add_c(out, first ? "" : ",");
            tm_line_write_placed(line, out);
            first = false;
        }
    }
    tm_buf_add_c(out, "],\"documents\":[");
    add_documents(view, directory, &cell, arena, out);
    tm_buf_add_char(out, ']');
    tm_campaign_view_as_of(view, out);
    tm_buf_add_char(out, '}');
    return out->full ? TM_ETOOLARGE : TM_OK;
}
