/* campaign_order.c - the film of an order: its papers by age, and what each did to the dollars of
 * its weeks.
 *
 * Why:     "it was cut by 8,000 three weeks ago" is what people act on; the matrix shows only where
 *          it ended.
 * How:     the chain is resolved again with the papers up to each step, by the same rules as the
 *          matrix; a step is the difference to the one before. Verdicts about other sources' copies
 *          are not asked: the film is of the papers.
 * Threads: any that holds the view.
 * Source:  domain rules 4.4.3 to 4.4.5. */
#include "actors/view.h"

#include "base/time.h"
#include "domain/order.h"
#include "domain/spread.h"
#include "domain/week.h"
#include "schema/json.h"
#include "schema/record.h"
#include "actors/limits.h"

#define LINES_ARENA_MAX (512u << 20)
#define STEP_ARENA_MAX (512u << 20)

/* Dollars of a chain at one step. */
typedef struct state {
    int64_t *cents; /* [n_weeks] */
    bool *known;    /* [n_weeks] */
    int64_t total;
    bool total_known;
} state_t;

typedef struct film {
    const tm_campaign_view_t *view;
    tm_arena_t *lines_arena, *step_arena;
    int basis;
    tm_str_t tz;
    const tm_buy_line_t **lines; /* [n] oldest first */
    tm_paper_t *papers;          /* [n] */
    uint32_t n;
    tm_day_t first; /* of the first week */
    uint32_t n_weeks;
    bool *ever; /* [n_weeks] some step knows it */
    state_t before, after;
} film_t;

/* ---- the papers ---- */

static const uint32_t *counters_of(const tm_campaign_view_t *view, const uint32_t *line,
                                   uint32_t *ret_n)
{
    const tm_chain_list_t *list = tm_trie_get(&view->chains, *line);
    *ret_n = list == NULL ? 1 : list->n;
    return list == NULL ? line : list->lines;
}

uint64_t tm_campaign_view_order_cost(const tm_campaign_view_t *view, tm_id_t line)
{
    const uint32_t counter = tm_id_counter(line);
    uint32_t n = 0;
    const uint32_t *counters = counters_of(view, &counter, &n);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        const tm_row_t *row =
            tm_view_get(&view->view, &tm_buy_line_desc, tm_id_make(view->view.actor, counters[i]));
        bytes += row == NULL ? 0 : row->n;
    }
    return bytes * n;
}

/* Open lines of the chain, oldest first. */
static tm_err_t read_papers(film_t *f, tm_id_t line)
{
    const uint32_t counter = tm_id_counter(line);
    uint32_t n = 0;
    const uint32_t *counters = counters_of(f->view, &counter, &n);
    const tm_buy_line_t **found = tm_arena_alloc(f->lines_arena, (n + 1) * sizeof *found);
    uint32_t *at = tm_arena_alloc(f->lines_arena, (n + 1) * sizeof *at);
    f->lines = tm_arena_alloc(f->lines_arena, (n + 1) * sizeof *f->lines);
    f->papers = tm_arena_alloc(f->lines_arena, (n + 1) * sizeof *f->papers);
    if (found == NULL || at == NULL || f->lines == NULL || f->papers == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const tm_row_t *row = tm_view_get(&f->view->view, &tm_buy_line_desc,
                                          tm_id_make(f->view->view.actor, counters[i]));
        if (row == NULL) {
            continue;
        }
        const tm_buy_line_t *one = tm_row_read(row, f->lines_arena);
        if (one == NULL)
            return TM_ENOMEM;
        if (!TM_HAS(one, TM_BUY_LINE_archived_ms) || one->id.v == line.v) {
            found[f->n++] = one;
        }
    }
    const tm_err_t err = tm_chain_by_age(found, f->n, f->lines_arena, at, f->papers);
    for (uint32_t i = 0; err == TM_OK && i < f->n; i++) {
        f->lines[i] = found[at[i]];
    }
    return err;
}

static tm_err_t read_campaign(film_t *f)
{
    uint32_t key = 0;
    const tm_row_t *row = tm_trie_next(&f->view->view.tables[tm_campaign_state_desc.number], &key);
    const tm_campaign_state_t *kept = row == NULL ? NULL : tm_row_read(row, f->lines_arena);
    if (kept == NULL)
        return TM_ENOMEM; /* a campaign has its record */
    const tm_campaign_t *record = kept->campaign.v;
    f->basis =
        TM_HAS(record, TM_CAMPAIGN_week_basis) ? record->week_basis.v : TM_WEEK_BASIS_broadcast;
    f->tz = TM_HAS(record, TM_CAMPAIGN_tz) ? record->tz : TM_STR("America/New_York");
    return TM_OK;
}

/* ---- dollars ---- */

/* Widens [lo, hi] by the weeks a paper touches, cancelled or not. */
static tm_err_t widen(film_t *f, const tm_buy_line_t *line, int32_t *lo, int32_t *hi)
{
    tm_keep_t all = {{INT32_MIN}, {INT32_MAX}};
    for (int zero = 0; zero < 2; zero++) {
        const tm_verdict_t everything = {
            .counts = true, .zero = zero != 0, .n_keep = 1, .keep = &all};
        tm_share_t *shares = NULL, unplaced = {0};
        uint32_t n = 0;
        const tm_err_t err =
            tm_line_shares(line, &everything, f->basis, f->step_arena, &shares, &n, &unplaced);
        if (err != TM_OK)
            return err;
        if (n > 0) {
            *lo = TM_MIN(*lo, shares[0].week.v);
            *hi = TM_MAX(*hi, shares[n - 1].week.v);
        }
        tm_arena_reset(f->step_arena);
    }
    return TM_OK;
}

/* The weeks the papers touch. */
static tm_err_t find_weeks(film_t *f)
{
    int32_t lo = INT32_MAX, hi = INT32_MIN;
    for (uint32_t i = 0; i < f->n; i++) {
        const tm_err_t err = widen(f, f->lines[i], &lo, &hi);
        if (err != TM_OK)
            return err;
    }
    f->first = (tm_day_t){lo <= hi ? lo : 0};
    f->n_weeks = lo <= hi ? (uint32_t)((hi - lo) / 7) + 1 : 0;
    state_t *states[] = {&f->before, &f->after};
    f->ever = tm_arena_zalloc(f->lines_arena, f->n_weeks + 1);
    for (int i = 0; i < 2; i++) {
        states[i]->cents =
            tm_arena_zalloc(f->lines_arena, (f->n_weeks + 1) * sizeof *states[i]->cents);
        states[i]->known = tm_arena_zalloc(f->lines_arena, f->n_weeks + 1);
        if (states[i]->cents == NULL || states[i]->known == NULL)
            return TM_ENOMEM;
    }
    return f->ever == NULL ? TM_ENOMEM : TM_OK;
}

static int64_t sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void add_share(film_t *f, const tm_share_t *share, bool placed)
{
    if (!share->known)
        return;
    state_t *s = &f->after;
    s->total = sum(s->total, share->gross.v);
    s->total_known = true;
    if (placed) {
        const uint32_t week = (uint32_t)(share->week.v - f->first.v) / 7;
        assert(week < f->n_weeks);
        s->cents[week] = sum(s->cents[week], share->gross.v);
        s->known[week] = f->ever[week] = true;
    }
}

/* The chain with its first n papers. */
static tm_err_t take_step(film_t *f, uint32_t n)
{
    const state_t was = f->before;
    f->before = f->after;
    f->after = (state_t){.cents = was.cents, .known = was.known};
    memset(f->after.cents, 0, f->n_weeks * sizeof *f->after.cents);
    memset(f->after.known, 0, f->n_weeks);
    tm_arena_reset(f->step_arena);
    tm_verdict_t *verdicts = tm_arena_zalloc(f->step_arena, (n + 1) * sizeof *verdicts);
    if (verdicts == NULL)
        return TM_ENOMEM;
    tm_err_t err = tm_chain_resolve(f->lines, n, f->step_arena, verdicts);
    for (uint32_t i = 0; err == TM_OK && i < n; i++) {
        if (!verdicts[i].counts || !tm_line_is_airtime(f->lines[i])) {
            continue;
        }
        tm_share_t *shares = NULL, unplaced = {0};
        uint32_t n_shares = 0;
        err = tm_line_shares(f->lines[i], &verdicts[i], f->basis, f->step_arena, &shares, &n_shares,
                             &unplaced);
        for (uint32_t k = 0; err == TM_OK && k < n_shares; k++) {
            add_share(f, &shares[k], true);
        }
        add_share(f, &unplaced, false);
    }
    return err;
}

/* ---- what a step is ---- */

static bool is_version(tm_paper_t paper)
{
    return paper == TM_PAPER_VERSION || paper == TM_PAPER_SOFT;
}

static bool is_first_version(const film_t *f, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (is_version(f->papers[k]))
            return false;
    }
    return is_version(f->papers[i]);
}

static const char *kind_of(const film_t *f, uint32_t i)
{
    const tm_buy_line_t *line = f->lines[i];
    switch (f->papers[i]) {
    case TM_PAPER_INVOICE:
        return "invoiced";
    case TM_PAPER_ALONE:
        return "credit";
    case TM_PAPER_NOTE:
    case TM_PAPER_PAID:
    case TM_PAPER_OUT:
        return "paper";
    case TM_PAPER_VERSION:
    case TM_PAPER_SOFT:
        break;
    }
    if (TM_HAS(line, TM_BUY_LINE_stage) && line->stage.v == TM_STAGE_cancelled)
        return "cancelled";
    if (is_first_version(f, i))
        return "placed";
    return f->after.total > f->before.total   ? "raised"
           : f->after.total < f->before.total ? "cut"
                                              : "changed";
}

/* The paper's own date: printed where it is, else when it was shown or came. 0: none. */
static tm_day_t date_of(const film_t *f, const tm_buy_line_t *line)
{
    if (TM_HAS(line, TM_BUY_LINE_revision_date))
        return line->revision_date;
    tm_ms_t at = {0};
    if (TM_HAS(line, TM_BUY_LINE_print_ms)) {
        at = line->print_ms;
    } else if (TM_HAS(line, TM_BUY_LINE_published_ms)) {
        at = line->published_ms;
    } else if (TM_HAS(line, TM_BUY_LINE_known_from_ms)) {
        at = line->known_from_ms;
    }
    tm_day_t day = {0};
    if (at.v == 0 || tm_zone_day(f->tz, at, &day) != TM_OK)
        return (tm_day_t){0};
    return day;
}

/* Rule 4.4.5: dollars fall in a week that is future at the revision's own date. */
static bool is_pull_down(const film_t *f, uint32_t i, tm_day_t date)
{
    if (!is_version(f->papers[i]) || is_first_version(f, i) || date.v == 0)
        return false; /* what a sheet said before the first paper was no order */
    for (uint32_t w = 0; w < f->n_weeks; w++) {
        if (f->first.v + 7 * (int32_t)w > date.v && f->after.cents[w] < f->before.cents[w])
            return true;
    }
    return false;
}

/* ---- writing ---- */

static void add_id(tm_buf_t *out, const char *name, const char *prefix, bool has, tm_id_t id)
{
    char text[TM_ID_TEXT_MAX];
    tm_buf_add_c(out, name);
    if (has) {
        (void)tm_id_format(prefix, id, text);
        tm_buf_printf(out, "\"%s\"", text);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void add_text(tm_buf_t *out, const char *name, bool has, tm_str_t text)
{
    tm_buf_add_c(out, name);
    if (has) {
        tm_json_write_str(text, out);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void add_number(tm_buf_t *out, const char *name, bool has, int64_t v)
{
    tm_buf_add_c(out, name);
    if (has) {
        tm_buf_add_i64(out, v);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void add_day(tm_buf_t *out, const char *name, tm_day_t day)
{
    char text[TM_DAY_TEXT];
    tm_buf_add_c(out, name);
    if (day.v != 0) {
        tm_day_format(day, text);
        tm_buf_printf(out, "\"%s\"", text);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static tm_day_t week_at(const film_t *f, uint32_t w)
{
    return (tm_day_t){f->first.v + 7 * (int32_t)w};
}

static void add_weeks(const film_t *f, tm_buf_t *out)
{
    bool first = true;
    tm_buf_add_c(out, ",\"weeks\":[");
    for (uint32_t w = 0; w < f->n_weeks; w++) {
        const bool was = f->before.known[w], is = f->after.known[w];
        if (was == is && f->before.cents[w] == f->after.cents[w]) {
            continue;
        }
        add_day(out, first ? "{\"week\":" : ",{\"week\":", week_at(f, w));
        add_number(out, ",\"before_cents\":", was, f->before.cents[w]);
        add_number(out, ",\"after_cents\":", is, f->after.cents[w]);
        tm_buf_add_char(out, '}');
        first = false;
    }
    tm_buf_add_char(out, ']');
}

static void add_step(const film_t *f, uint32_t i, tm_buf_t *out)
{
    const tm_buy_line_t *l = f->lines[i];
    const tm_day_t date = date_of(f, l);
    add_id(out, "{\"buy_line_id\":", "bl", true, l->id);
    add_id(out, ",\"document_id\":", "doc", TM_HAS(l, TM_BUY_LINE_document_id), l->document_id);
    add_id(out, ",\"input_id\":", "in", TM_HAS(l, TM_BUY_LINE_input_id), l->input_id);
    tm_buf_printf(out, ",\"kind\":\"%s\"", kind_of(f, i));
    add_day(out, ",\"date\":", date);
    add_number(out, ",\"known_from_ms\":", TM_HAS(l, TM_BUY_LINE_known_from_ms),
               l->known_from_ms.v);
    add_text(out, ",\"revision\":", TM_HAS(l, TM_BUY_LINE_revision), l->revision);
    add_number(out, ",\"gross_cents\":", TM_HAS(l, TM_BUY_LINE_gross_cents), l->gross_cents.v);
    add_number(out, ",\"net_cents\":", TM_HAS(l, TM_BUY_LINE_net_cents), l->net_cents.v);
    const bool stands = TM_HAS(l, TM_BUY_LINE_standing);
    add_text(out, ",\"standing\":", stands,
             stands ? tm_str(tm_words_name(&tm_standing_words, l->standing)) : TM_STR(""));
    add_text(out, ",\"standing_why\":", TM_HAS(l, TM_BUY_LINE_standing_why), l->standing_why);
    add_weeks(f, out);
    add_number(out, ",\"total_before_cents\":", f->before.total_known, f->before.total);
    add_number(out, ",\"total_after_cents\":", f->after.total_known, f->after.total);
    tm_buf_add_c(out, is_pull_down(f, i, date) ? ",\"pull_down\":true}" : ",\"pull_down\":false}");
}

/* What the order as a whole shows: of its newest version, else of its newest paper. */
static const tm_buy_line_t *face_of(const film_t *f)
{
    for (uint32_t i = f->n; i-- > 0;) {
        if (is_version(f->papers[i]))
            return f->lines[i];
    }
    return f->lines[f->n - 1];
}

static void add_head(const film_t *f, tm_buf_t *out)
{
    const tm_buy_line_t *l = face_of(f);
    tm_id_t oldest = l->id; /* the order's id is that of its first line */
    for (uint32_t i = 0; i < f->n; i++) {
        oldest.v = TM_MIN(oldest.v, f->lines[i]->id.v);
    }
    add_id(out, "{\"id\":", "ord", true, oldest);
    add_id(out, ",\"campaign_id\":", "cmp", true, f->view->campaign_id);
    add_text(out, ",\"order_no\":", TM_HAS(l, TM_BUY_LINE_order_no), l->order_no);
    add_text(out, ",\"station\":", TM_HAS(l, TM_BUY_LINE_station), l->station);
    add_number(out, ",\"market\":", TM_HAS(l, TM_BUY_LINE_market), l->market);
    add_text(out, ",\"advertiser\":", TM_HAS(l, TM_BUY_LINE_advertiser), l->advertiser);
    const bool medium = TM_HAS(l, TM_BUY_LINE_medium);
    add_text(out, ",\"medium\":", medium,
             medium ? tm_str(tm_words_name(&tm_medium_words, l->medium)) : TM_STR(""));
}

static tm_err_t write_film(film_t *f, tm_buf_t *out)
{
    const uint32_t from = f->n > TM_FILM_STEPS_MAX ? f->n - TM_FILM_STEPS_MAX : 0;
    add_head(f, out);
    tm_buf_printf(out, ",\"steps_omitted\":%u,\"steps\":[", from);
    tm_err_t err = from == 0 ? TM_OK : take_step(f, from);
    for (uint32_t i = from; err == TM_OK && i < f->n; i++) {
        err = take_step(f, i + 1);
        tm_buf_add_c(out, i == from ? "" : ",");
        add_step(f, i, out);
    }
    if (err != TM_OK)
        return err;
    tm_buf_add_c(out, "],\"weeks\":[");
    bool first = true;
    for (uint32_t w = 0; w < f->n_weeks; w++) {
        if (f->ever[w]) {
            add_day(out, first ? "" : ",", week_at(f, w));
            first = false;
        }
    }
    add_number(out, "],\"total_gross_cents\":", f->after.total_known, f->after.total);
    tm_campaign_view_as_of(f->view, out);
    tm_buf_add_char(out, '}');
    return out->full ? TM_ETOOLARGE : TM_OK;
}

tm_err_t tm_campaign_view_order(const tm_campaign_view_t *view, tm_id_t line, tm_buf_t *out)
{
    if (tm_view_get(&view->view, &tm_buy_line_desc, line) == NULL)
        return TM_ENOTFOUND;
    film_t f = {.view = view,
                .lines_arena = tm_arena_new(LINES_ARENA_MAX),
                .step_arena = tm_arena_new(STEP_ARENA_MAX)};
    tm_err_t err = read_campaign(&f);
    err = err != TM_OK ? err : read_papers(&f, line);
    err = err != TM_OK ? err : find_weeks(&f);
    err = err != TM_OK ? err : write_film(&f, out);
    tm_arena_free(f.lines_arena);
    tm_arena_free(f.step_arena);
    return err;
}
