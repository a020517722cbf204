/* export.c - see export.h: formats, names, and what all writers say about the view.
 *
 * Threads: any that may block. */
#include "files/export_parts.h"

#include "base/time.h"
#include "schema/record.h"

#include <stdio.h>

#define ARENA_BYTES_MAX (64u << 20)

static const struct {
    const char *name, *media_type;
} FORMATS[] = {
    [TM_EXPORT_CSV] = {"csv", "text/csv; charset=utf-8"},
    [TM_EXPORT_XLSX] = {"xlsx",
                        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    [TM_EXPORT_PDF] = {"pdf", "application/pdf"},
};

bool tm_export_find(tm_str_t name, tm_export_format_t *ret)
{
    for (size_t i = 0; i < TM_COUNT(FORMATS); i++) {
        if (tm_str_eq(name, tm_str(FORMATS[i].name))) {
            *ret = (tm_export_format_t)i;
            return true;
        }
    }
    return false;
}

const char *tm_export_media_type(tm_export_format_t format)
{
    assert((size_t)format < TM_COUNT(FORMATS));
    return FORMATS[format].media_type;
}

/* The directory's record, NULL: unknown. */
static const tm_campaign_t *read_campaign(const tm_export_t *e, tm_arena_t *arena)
{
    const tm_row_t *row = e->directory == NULL
                              ? NULL
                              : tm_view_get(e->directory, &tm_campaign_desc, e->view->campaign_id);
    return row == NULL ? NULL : tm_row_read(row, arena);
}

void tm_export_filename(const tm_export_t *e, tm_export_format_t format,
                        char ret[TM_EXPORT_NAME_MAX])
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    const tm_campaign_t *campaign = read_campaign(e, arena);
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format(tm_campaign_desc.prefix, e->view->campaign_id, id);
    const bool has = campaign != NULL && TM_HAS(campaign, TM_CAMPAIGN_slug);
    const tm_str_t slug = has ? campaign->slug : tm_str(id);
    char plain[101];
    uint32_t n = 0;
    for (; n < slug.n && n < sizeof plain - 1; n++) {
        const char c = slug.p[n];
        const bool fine =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        plain[n] = fine ? c : '-';
    }
    plain[n] = '\0';
    (void)snprintf(ret, TM_EXPORT_NAME_MAX, "%s-matrix-v%llu.%s", plain,
                   (unsigned long long)e->view->view.version, FORMATS[format].name);
}

/* ---- words ---- */

tm_str_t export_market(const export_job_t *job, int32_t code)
{
    const tm_str_t *name = code == 0 ? NULL : tm_map_get(&job->markets, (uint64_t)code);
    return name == NULL ? (tm_str_t){NULL, 0} : *name;
}

tm_str_t export_side(int side)
{
    return tm_str(side < 0 ? NULL : tm_side_words.words[side]);
}

tm_str_t export_medium(int medium)
{
    return tm_str(medium < 0 ? NULL : tm_medium_words.words[medium]);
}

/* The size of a value that may be the most negative one. */
static uint64_t size_of(int64_t v)
{
    return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

void export_dollars(int64_t cents, char ret[EXPORT_CENTS_TEXT])
{
    const uint64_t size = size_of(cents);
    (void)snprintf(ret, EXPORT_CENTS_TEXT, "%s%llu.%02u", cents < 0 ? "-" : "",
                   (unsigned long long)(size / 100), (unsigned)(size % 100));
}

void export_money(int64_t cents, char ret[EXPORT_MONEY_TEXT])
{
    const uint64_t size = size_of(cents);
    char whole[24];
    const int n = snprintf(whole, sizeof whole, "%llu", (unsigned long long)(size / 100));
    size_t at = 0;
    if (cents < 0) {
        ret[at++] = '-';
    }
    ret[at++] = '$';
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            ret[at++] = ',';
        }
        ret[at++] = whole[i];
    }
    assert(at + 4 < EXPORT_MONEY_TEXT);
    (void)snprintf(ret + at, EXPORT_MONEY_TEXT - at, ".%02u", (unsigned)(size % 100));
}

const char *export_text(tm_str_t text, char ret[EXPORT_TEXT_MAX])
{
    uint32_t n = TM_MIN(text.n, (uint32_t)EXPORT_TEXT_MAX - 1);
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80) {
        n--; /* not within a character */
    }
    for (uint32_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        /* U+FFFE and U+FFFF are no characters of XML: EF BF BE, EF BF BF. */
        const bool none = c == 0xef && i + 2 < n && (unsigned char)text.p[i + 1] == 0xbf &&
                          (unsigned char)text.p[i + 2] >= 0xbe;
        if (none) {
            memcpy(ret + i, "   ", 3);
            i += 2;
        } else {
            ret[i] = c < ' ' || c == 127 ? ' ' : text.p[i];
        }
    }
    ret[n] = '\0';
    return ret;
}

/* ---- what it is about ---- */

static void add_filters(const export_job_t *job, tm_buf_t *out)
{
    const tm_matrix_query_t *q = &job->query;
    char day[TM_DAY_TEXT];
    if (q->from.v != 0) {
        tm_day_format(q->from, day);
        tm_buf_printf(out, ", weeks from %s", day);
    }
    if (q->to.v != 0) {
        tm_day_format(q->to, day);
        tm_buf_printf(out, ", weeks to %s", day);
    }
    if (q->market != 0) {
        tm_buf_printf(out, ", market %d", q->market);
    }
    if (q->medium >= 0) {
        tm_buf_printf(out, ", medium %s", tm_medium_words.words[q->medium]);
    }
    if (q->side >= 0) {
        tm_buf_printf(out, ", side %s", tm_side_words.words[q->side]);
    }
    if (q->advertiser.p != NULL) {
        tm_buf_printf(out, ", advertiser %.*s", (int)q->advertiser.n, q->advertiser.p);
    }
    if (q->group_by == TM_LEVEL_LEAF) {
        tm_buf_add_c(out, ", only rows of stations");
    } else if (q->group_by != TM_LEVEL_ALL) {
        tm_buf_printf(out, ", only rows of level %s", tm_matrix_kind(q->group_by));
    }
}

#define ABOUT_BYTES_MAX 4096

void export_about(const export_job_t *job, void (*add)(void *ctx, const char *label, tm_str_t text),
                  void *ctx)
{
    const tm_campaign_view_t *view = job->e->view;
    char number[32];
    add(ctx, "Campaign", job->name);
    add(ctx, "Campaign id", tm_str(job->id));
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)view->view.version);
    add(ctx, "Version", tm_str(number));
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)view->epoch);
    add(ctx, "Epoch", tm_str(number));
    char at[TM_MS_TEXT] = "newest version";
    if (view->is_past) {
        tm_ms_format(tm_versions_at(&view->versions, view->view.version), at);
    }
    add(ctx, "As of", tm_str(at));
    char today[TM_DAY_TEXT];
    tm_day_format(view->today, today);
    add(ctx, "Campaign's day", tm_str(today));
    add(ctx, "Dollars", job->query.net ? TM_STR("net") : TM_STR("gross"));
    add(ctx, "Weeks", tm_str(tm_week_basis_words.words[tm_matrix_week_basis(view->matrix)]));
    add(ctx, "Week mode", tm_str(tm_matrix_mode(job->query.mode)));
    tm_buf_t filters;
    tm_buf_init(&filters, ABOUT_BYTES_MAX);
    add_filters(job, &filters);
    const tm_str_t chosen = tm_buf_str(&filters);
    add(ctx, "Filters", chosen.n > 2 ? tm_str_n(chosen.p + 2, chosen.n - 2) : TM_STR("none"));
    tm_buf_done(&filters);
    add(ctx, "State (SHA-256 of this view of GET /api/v1/matrix)", tm_str(job->state));
}

/* ---- the job ---- */

static tm_err_t read_names(export_job_t *job)
{
    const tm_export_t *e = job->e;
    const tm_campaign_t *campaign = read_campaign(e, job->arena);
    (void)tm_id_format(tm_campaign_desc.prefix, e->view->campaign_id, job->id);
    job->name = campaign != NULL ? campaign->name : tm_str(job->id);
    uint32_t key = 0;
    const tm_trie_t *table =
        e->directory == NULL ? NULL : &e->directory->tables[tm_market_desc.number];
    for (const tm_row_t *row; table != NULL && (row = tm_trie_next(table, &key)) != NULL; key++) {
        const tm_market_t *market = tm_row_read(row, job->arena);
        tm_str_t *name = tm_arena_alloc(job->arena, sizeof *name);
        if (market == NULL || name == NULL)
            return tm_why_add(job->why, TM_ENOMEM, NULL, "too many markets");
        *name = market->name;
        (void)tm_map_put(&job->markets, (uint64_t)market->dma_code, name);
    }
    return TM_OK;
}

/* Whoever holds the file can ask for the same view and compare. */
static tm_err_t hash_state(export_job_t *job)
{
    tm_blob_t *body = tm_campaign_view_matrix(job->e->view, &job->query, false);
    if (body == NULL)
        return tm_why_add(job->why, TM_ENOMEM, NULL, "the view is larger than an answer may be");
    const tm_sha256_t sha = tm_sha256(body->p, body->n);
    tm_sha256_format(&sha, job->state);
    tm_blob_unref(body);
    return TM_OK;
}

tm_err_t tm_export_write(const tm_export_t *e, tm_export_format_t format, tm_blob_t **ret,
                         tm_why_t *why)
{
    assert(e->view != NULL && ret != NULL);
    export_job_t job = {.e = e, .query = e->query, .why = why};
    job.query.today = e->view->today;
    job.arena = tm_arena_new(ARENA_BYTES_MAX);
    job.scratch = tm_arena_new(ARENA_BYTES_MAX);
    tm_err_t err = read_names(&job);
    if (err == TM_OK && format != TM_EXPORT_CSV) { /* CSV has no place for it */
        err = hash_state(&job);
    }
    if (err == TM_OK) {
        switch (format) {
        case TM_EXPORT_CSV:
            err = export_csv(&job, ret);
            break;
        case TM_EXPORT_XLSX:
            err = export_xlsx(&job, ret);
            break;
        case TM_EXPORT_PDF:
            err = export_pdf(&job, ret);
            break;
        }
    }
    tm_map_done(&job.markets);
    tm_arena_free(job.scratch);
    tm_arena_free(job.arena);
    return err;
}
