/* report.c - see report.h.
 *
 * Threads: see report.h. */
#include "actors/report.h"

#include "base/time.h"
#include "domain/matrix_compare.h"
#include "schema/json.h"
#include "schema/record.h"

#define RECORD_ARENA_MAX (64u << 20)

bool tm_report_state(const tm_campaign_view_t *view, char ret_hex[TM_SHA256_TEXT])
{
    const tm_matrix_query_t query = tm_matrix_query_default();
    tm_campaign_view_t *past = view->is_past ? NULL : tm_campaign_view_at(view, view->view.version);
    tm_blob_t *body = tm_campaign_view_matrix(
        past != NULL ? past : (tm_campaign_view_t *)(uintptr_t)view, &query, false);
    if (body != NULL) {
        const tm_sha256_t sha = tm_sha256(body->p, body->n);
        tm_sha256_format(&sha, ret_hex);
    }
    const bool made = body != NULL;
    tm_blob_unref(body);
    tm_shared_unref(past);
    return made;
}

/* ---- what else changed ---- */

typedef struct counts {
    uint32_t lines_new, lines_changed, lines_cancelled, groups_open, exceptions_open;
} counts_t;

/* false: it cannot be read. */
static bool is_cancelled(const tm_row_t *row, tm_arena_t *arena, bool *ret)
{
    const tm_buy_line_t *line = row == NULL ? NULL : tm_row_read(row, arena);
    *ret = line != NULL && TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == TM_STAGE_cancelled;
    tm_arena_reset(arena);
    return row == NULL || line != NULL;
}

static tm_err_t count_lines(const tm_campaign_view_t *before, const tm_campaign_view_t *after,
                            tm_arena_t *arena, counts_t *counts)
{
    const uint64_t since = before == NULL ? 0 : before->view.version;
    uint32_t key = 0;
    for (const tm_row_t *row;
         (row = tm_trie_next(&after->view.tables[tm_buy_line_desc.number], &key)); key++) {
        if (row->since <= since) {
            continue; /* as it was */
        }
        const tm_row_t *old =
            before == NULL ? NULL : tm_view_get(&before->view, &tm_buy_line_desc, row->id);
        bool was = false, is = false;
        if (!is_cancelled(row, arena, &is) || !is_cancelled(old, arena, &was))
            return TM_ENOMEM;
        counts->lines_new += old == NULL;
        counts->lines_changed += old != NULL;
        counts->lines_cancelled += is && !was;
    }
    return TM_OK;
}

static tm_err_t count_open(const tm_campaign_view_t *after, tm_arena_t *arena, counts_t *counts)
{
    uint32_t key = 0;
    const tm_row_t *row;
    for (; (row = tm_trie_next(&after->view.tables[tm_dedupe_group_desc.number], &key)); key++) {
        const tm_dedupe_group_t *group = tm_row_read(row, arena);
        if (group == NULL)
            return TM_ENOMEM;
        counts->groups_open +=
            group->status.v == TM_GROUP_STATUS_open && !TM_HAS(group, TM_DEDUPE_GROUP_archived_ms);
        tm_arena_reset(arena);
    }
    key = 0;
    for (; (row = tm_trie_next(&after->view.tables[tm_exception_desc.number], &key)); key++) {
        const tm_exception_t *exception = tm_row_read(row, arena);
        if (exception == NULL)
            return TM_ENOMEM;
        counts->exceptions_open += exception->status.v == TM_OPEN_STATUS_open &&
                                   !TM_HAS(exception, TM_EXCEPTION_archived_ms);
        tm_arena_reset(arena);
    }
    return TM_OK;
}

/* ---- writing ---- */

static void add_cents(tm_buf_t *out, const char *key, bool known, int64_t cents)
{
    tm_buf_add_c(out, key);
    if (known) {
        tm_buf_add_i64(out, cents);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void add_sum(tm_buf_t *out, const tm_compared_sum_t *sum)
{
    add_cents(out, ",\"before_cents\":", sum->had, sum->before);
    add_cents(out, ",\"after_cents\":", sum->has, sum->after);
    add_cents(out, ",\"difference_cents\":", true, tm_compared_difference(sum));
}

static void add_name(tm_buf_t *out, const char *key, tm_str_t name)
{
    tm_buf_add_c(out, key);
    if (name.n > 0) {
        tm_json_write_str(name, out);
    } else {
        tm_buf_add_c(out, "null");
    }
}

/* What mailing it adds to the record later is no part of what it says. */
static void add_head(const tm_report_t *report, const tm_campaign_view_t *after, tm_buf_t *out)
{
    char id[TM_ID_TEXT_MAX], campaign[TM_ID_TEXT_MAX], day[TM_DAY_TEXT], state[TM_SHA256_TEXT];
    (void)tm_id_format(tm_report_desc.prefix, report->id, id);
    (void)tm_id_format(tm_campaign_desc.prefix, report->campaign_id, campaign);
    tm_day_format(report->local_date, day);
    tm_buf_printf(out,
                  "{\"id\":\"%s\",\"campaign_id\":\"%s\",\"kind\":\"%s\",\"local_date\":\"%s\","
                  "\"from_version\":%lld,\"to_version\":%lld",
                  id, campaign, tm_words_name(&tm_report_kind_words, report->kind), day,
                  (long long)report->from_version, (long long)report->to_version);
    add_cents(out, ",\"from_ms\":", TM_HAS(report, TM_REPORT_from_ms), report->from_ms.v);
    add_cents(out, ",\"to_ms\":", true, report->to_ms.v);
    add_name(out, ",\"state_hash\":",
             TM_HAS(report, TM_REPORT_state_hash) ? report->state_hash : (tm_str_t){NULL, 0});
    /* Other rules may derive another state from the same history: then it says so. */
    const bool same = TM_HAS(report, TM_REPORT_state_hash) && tm_report_state(after, state) &&
                      tm_str_eq(report->state_hash, tm_str(state));
    tm_buf_printf(out, ",\"state_is_same\":%s,\"rules_version\":%d", same ? "true" : "false",
                  TM_RULES_VERSION);
}

static void add_cells(const tm_comparison_t *c, tm_buf_t *out)
{
    tm_buf_add_c(out, ",\"cells\":[");
    for (uint32_t i = 0; i < c->n_cells && !out->full; i++) {
        const tm_compared_cell_t *cell = &c->cells[i];
        char week[TM_DAY_TEXT];
        tm_day_format(cell->week, week);
        tm_buf_add_c(out, i == 0 ? "{\"key\":\"" : ",{\"key\":\"");
        tm_buf_add_str(out, cell->row);
        tm_buf_printf(out, "@%s\",\"week\":\"%s\",\"side\":\"%s\"", week, week,
                      tm_side_words.words[cell->side]);
        add_name(out, ",\"advertiser\":", cell->advertiser);
        add_cents(out, ",\"market\":", cell->market != 0, cell->market);
        tm_buf_printf(out, ",\"medium\":\"%s\"", tm_medium_words.words[cell->medium]);
        add_name(out, ",\"station\":", cell->station);
        add_sum(out, &cell->sum);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_char(out, ']');
}

static void add_sums(const tm_comparison_t *c, tm_buf_t *out)
{
    add_cents(out, ",\"total_before_cents\":", c->total.had, c->total.before);
    add_cents(out, ",\"total_after_cents\":", c->total.has, c->total.after);
    add_cents(out, ",\"difference_cents\":", true, tm_compared_difference(&c->total));
    tm_buf_add_c(out, ",\"advertisers\":[");
    for (uint32_t i = 0; i < c->n_advertisers && !out->full; i++) {
        const tm_compared_advertiser_t *a = &c->advertisers[i];
        tm_buf_printf(out, "%s{\"side\":\"%s\"", i == 0 ? "" : ",", tm_side_words.words[a->side]);
        add_name(out, ",\"key\":", a->key);
        add_name(out, ",\"advertiser\":", a->name);
        add_sum(out, &a->sum);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_c(out, "],\"markets\":[");
    for (uint32_t i = 0; i < c->n_markets && !out->full; i++) {
        const tm_compared_market_t *m = &c->markets[i];
        add_cents(out, i == 0 ? "{\"market\":" : ",{\"market\":", m->market != 0, m->market);
        add_sum(out, &m->sum);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_char(out, ']');
}

static tm_err_t write_content(const tm_report_t *report, const tm_campaign_view_t *before,
                              const tm_campaign_view_t *after, tm_buf_t *out)
{
    counts_t counts = {0};
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(RECORD_ARENA_MAX);
    tm_err_t err = count_lines(before, after, arena, &counts);
    err = err != TM_OK ? err : count_open(after, arena, &counts);
    if (err != TM_OK)
        return err;
    tm_comparison_t c;
    tm_matrix_compare(before == NULL ? NULL : before->matrix, after->matrix, &c);
    add_head(report, after, out);
    add_sums(&c, out);
    add_cells(&c, out);
    tm_comparison_done(&c);
    tm_buf_printf(out,
                  ",\"lines\":{\"new\":%u,\"changed\":%u,\"cancelled\":%u},\"open_groups\":%u,"
                  "\"open_exceptions\":%u}",
                  counts.lines_new, counts.lines_changed, counts.lines_cancelled,
                  counts.groups_open, counts.exceptions_open);
    return out->full ? TM_ETOOLARGE : TM_OK;
}

tm_err_t tm_report_content(const tm_campaign_view_t *now, tm_id_t report, size_t bytes_max,
                           tm_blob_t **ret)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(RECORD_ARENA_MAX);
    const tm_row_t *row = tm_view_get(&now->view, &tm_report_desc, report);
    const tm_report_t *rec = row == NULL ? NULL : tm_row_read(row, arena);
    if (rec == NULL)
        return row == NULL ? TM_ENOTFOUND : TM_ENOMEM;
    tm_campaign_view_t *before =
        rec->from_version == 0 ? NULL : tm_campaign_view_at(now, (uint64_t)rec->from_version);
    tm_campaign_view_t *after = tm_campaign_view_at(now, (uint64_t)rec->to_version);
    tm_buf_t out;
    tm_blob_begin(&out, bytes_max);
    const tm_err_t err = write_content(rec, before, after, &out);
    if (err == TM_OK) {
        *ret = tm_blob_take(&out);
    }
    tm_buf_done(&out);
    tm_shared_unref(before);
    tm_shared_unref(after);
    return err;
}
