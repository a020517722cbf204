/* test_recompute.c - the matrix of random chains against a naive recomputation, day by day, cent by
 * cent.
 *
 * The naive side shares no code with the program: per-day arrays, one loop a rule. It takes only
 * the standings from the program, as somebody who recomputes the matrix from its published lines
 * would. All week modes, gross and net, both week bases, null against 0, totals. */
#include "with_lines.h"
#include <jansson.h>

#define DAYS 140
#define FIRST "2026-08-03"
#define LINES_MAX 24
#define CAMPAIGN_BP 1500
#ifdef TM_SANITIZED
#define SCENES 350
#else
#define SCENES 1500
#endif

static int32_t first_day;

/* ---- the naive side ---- */

typedef struct naive {
    const tm_buy_line_t *line;
    bool known, zero, firm;
    int64_t cents[2][DAYS]; /* gross, net */
    bool touched[DAYS];
} naive_t;

static bool stage_is(const tm_buy_line_t *l, int stage)
{
    return l->stage.v == stage;
}

static int naive_commission(const tm_buy_line_t *l)
{
    if (TM_HAS(l, TM_BUY_LINE_commission_bp))
        return l->commission_bp;
    const bool both = TM_HAS(l, TM_BUY_LINE_gross_cents) && TM_HAS(l, TM_BUY_LINE_net_cents);
    return both && l->gross_cents.v == l->net_cents.v ? 0 : CAMPAIGN_BP;
}

static int64_t naive_net(int64_t g, int c)
{
    return g < 0 ? -((-g * (10000 - c) + 5000) / 10000) : (g * (10000 - c) + 5000) / 10000;
}
static int64_t naive_gross(int64_t n, int c)
{
    const int64_t k = 10000 - c, h = k / 2;
    return n < 0 ? -((-n * 10000 + h) / k) : (n * 10000 + h) / k;
}

static bool is_dark(const tm_buy_line_t *l, int32_t d)
{
    const tm_span_t *h = l->hiatus.v;
    for (uint32_t i = 0; i < l->hiatus.n; i++) {
        if (d >= h[i].from.v && d <= h[i].to.v)
            return true;
    }
    return false;
}

/* Spreads over the listed days. */
static void naive_even(int64_t *cents, int64_t amount, const int32_t *days, int n)
{
    const int64_t size = amount < 0 ? -amount : amount;
    for (int k = 1; k <= n; k++) {
        const int64_t part = size * k / n - size * (k - 1) / n;
        cents[days[k - 1] - first_day] += amount < 0 ? -part : part;
    }
}

typedef struct naive_part {
    int32_t from, to;
    int64_t amount;
} naive_part_t;

static int naive_parts(const tm_buy_line_t *l, naive_part_t *parts)
{
    int n = 0;
    const tm_airing_t *a = l->airings.v;
    for (uint32_t i = 0; i < l->airings.n; i++) {
        if (TM_HAS(&a[i], TM_AIRING_amount_cents)) {
            parts[n++] = (naive_part_t){a[i].air_date.v, a[i].air_date.v, a[i].amount_cents.v};
        }
    }
    const tm_line_week_t *w = l->line_weeks.v;
    for (uint32_t i = 0; i < l->line_weeks.n && l->airings.n == 0; i++) {
        if (TM_HAS(&w[i], TM_LINE_WEEK_amount_cents)) {
            parts[n++] = (naive_part_t){w[i].from.v, w[i].to.v, w[i].amount_cents.v};
        }
    }
    return n;
}

/* Days a..b that are lit, or all of them; to `days`. */
static int lit_days(const tm_buy_line_t *l, int32_t a, int32_t b, int32_t *days)
{
    int n = 0;
    for (int32_t d = a; d <= b; d++) {
        if (!is_dark(l, d)) {
            days[n++] = d;
        }
    }
    for (int32_t d = a; n == 0 && d <= b; d++) {
        days[d - a] = d;
        if (d == b) {
            n = b - a + 1;
        }
    }
    return n;
}

static void naive_basis(naive_t *s, int what, int64_t total, naive_part_t *parts, int n)
{
    const tm_buy_line_t *l = s->line;
    const bool flight = TM_HAS(l, TM_BUY_LINE_flight_from);
    int32_t days[DAYS];
    int64_t rest = total;
    for (int i = 0; i < n; i++) {
        rest -= parts[i].amount;
    }
    if (n > 0 && rest >= -100 && rest <= 100) {
        parts[n - 1].amount += rest;
        rest = 0;
    }
    for (int32_t d = l->flight_from.v; flight && d <= l->flight_to.v; d++) {
        s->touched[d - first_day] = true;
    }
    for (int i = 0; i < n; i++) {
        int32_t a = parts[i].from, b = parts[i].to;
        if (flight && a <= l->flight_to.v && b >= l->flight_from.v) {
            a = a < l->flight_from.v ? l->flight_from.v : a;
            b = b > l->flight_to.v ? l->flight_to.v : b;
        }
        for (int32_t d = a; d <= b; d++) {
            s->touched[d - first_day] = true;
        }
        naive_even(s->cents[what], parts[i].amount, days, lit_days(l, a, b, days));
    }
    if (n > 0 && rest == 0)
        return;
    int k = 0;
    if (flight) {
        k = lit_days(l, l->flight_from.v, l->flight_to.v, days);
    } else {
        for (int32_t d = 0; d < DAYS; d++) {
            if (s->touched[d]) {
                days[k++] = first_day + d;
            }
        }
    }
    if (k > 0) {
        naive_even(s->cents[what], rest, days, k);
    }
}

static void naive_share(naive_t *s, const tm_buy_line_t *l)
{
    memset(s, 0, sizeof *s);
    s->line = l;
    s->zero = stage_is(l, TM_STAGE_cancelled);
    const bool g = TM_HAS(l, TM_BUY_LINE_gross_cents), n = TM_HAS(l, TM_BUY_LINE_net_cents);
    const bool soft_stage = stage_is(l, TM_STAGE_proposed);
    s->firm = (!soft_stage || s->zero) && !l->estimate;
    s->known = g || n || s->zero;
    if (!s->known)
        return;
    const int c = naive_commission(l);
    const int64_t totals[2] = {
        s->zero ? 0
        : g     ? l->gross_cents.v
                : naive_gross(l->net_cents.v, c),
        s->zero ? 0
        : n     ? l->net_cents.v
                : naive_net(l->gross_cents.v, c),
    };
    const bool in_net =
        TM_HAS(l, TM_BUY_LINE_amount_basis) && l->amount_basis.v == TM_AMOUNT_BASIS_net;
    for (int what = 0; what < 2; what++) {
        naive_part_t parts[64];
        int k = s->zero ? 0 : naive_parts(l, parts);
        for (int i = 0; i < k && (what == 1) != in_net; i++) {
            parts[i].amount =
                what == 1 ? naive_net(parts[i].amount, c) : naive_gross(parts[i].amount, c);
        }
        naive_basis(s, what, totals[what], parts, k);
    }
}

static void naive_forget(naive_t *s, int32_t d)
{
    s->cents[0][d] = s->cents[1][d] = 0;
    s->touched[d] = false;
}

static const char *bare_number(tm_str_t s)
{
    while (s.n > 0 && s.p[0] == '0') {
        s.p++;
        s.n--;
    }
    return s.n > 0 ? s.p : NULL;
}

static bool naive_same_order(const tm_buy_line_t *a, const tm_buy_line_t *b)
{
    if (a->station_id.v != b->station_id.v)
        return false;
    const char *x = bare_number(a->order_no), *y = bare_number(b->order_no);
    const char *p = bare_number(a->alt_order_no), *q = bare_number(b->alt_order_no);
    return (x && y && strcmp(x, y) == 0) || (p && y && strcmp(p, y) == 0) ||
           (q && x && strcmp(q, x) == 0);
}

/* All shares that the matrix is made of. */
static int naive_counted(const tm_buy_line_t *lines, int n, naive_t *out)
{
    int k = 0;
    for (int i = 0; i < n; i++) {
        if (lines[i].standing.v == TM_STANDING_winner &&
            lines[i].layer.v != TM_LAYER_disbursement) {
            naive_share(&out[k++], &lines[i]);
        }
    }
    const int base = k;
    for (int i = 0; i < n; i++) {
        const tm_buy_line_t *l = &lines[i];
        if (l->standing.v != TM_STANDING_superseded || l->layer.v == TM_LAYER_disbursement)
            continue;
        for (int b = 0; b < base; b++) {
            const tm_buy_line_t *head = out[b].line;
            if (head->id.v != l->superseded_by.v)
                continue;
            if (stage_is(head, TM_STAGE_invoiced) && !stage_is(l, TM_STAGE_invoiced)) {
                naive_share(&out[k++], l);
            }
            if (stage_is(head, TM_STAGE_cancelled) && TM_HAS(head, TM_BUY_LINE_revision_date) &&
                !stage_is(l, TM_STAGE_cancelled)) {
                naive_share(&out[k], l);
                for (int32_t d = 0; d < DAYS; d++) {
                    if (first_day + d >= head->revision_date.v) {
                        naive_forget(&out[k], d);
                    }
                }
                k++;
            }
        }
    }
    for (int i = 0; i < base; i++) {
        const tm_buy_line_t *inv = out[i].line;
        if (!stage_is(inv, TM_STAGE_invoiced))
            continue;
        const bool f = TM_HAS(inv, TM_BUY_LINE_flight_from);
        const bool from = TM_HAS(inv, TM_BUY_LINE_billing_from),
                   to = TM_HAS(inv, TM_BUY_LINE_billing_to);
        if ((!from && !f) || (!to && !f))
            continue;
        const int32_t a = from ? inv->billing_from.v : inv->flight_from.v;
        const int32_t b = to ? inv->billing_to.v : inv->flight_to.v;
        for (int s = 0; s < k; s++) {
            if (stage_is(out[s].line, TM_STAGE_invoiced) || !naive_same_order(out[s].line, inv))
                continue;
            for (int32_t d = a; d <= b; d++) {
                if (d >= first_day && d < first_day + DAYS) {
                    naive_forget(&out[s], d - first_day);
                }
            }
        }
    }
    return k;
}

/* ---- random lines ---- */

typedef struct scene {
    tm_buy_line_t lines[LINES_MAX];
    int n;
    tm_arena_t *arena;
    uint64_t seed;
} scene_t;

static bool chance(scene_t *s, uint32_t percent)
{
    return below(&s->seed, 100) < percent;
}

static tm_day_t random_day(scene_t *s, int32_t from, int32_t n)
{
    return (tm_day_t){first_day + from + (int32_t)below(&s->seed, (uint32_t)n)};
}

static int64_t random_cents(scene_t *s)
{
    const int64_t v = below(&s->seed, 10) == 0 ? (int64_t)below(&s->seed, 200)
                                               : (int64_t)(next_random(&s->seed) % 50000000);
    return chance(s, 4) ? -v : v;
}

static void random_numbers(scene_t *s, tm_buy_line_t *l)
{
    static const char *const numbers[] = {"500100", "500200", "0500100", "77", "500300"};
    static const char *const revisions[] = {"1",          "2",     "3", "Revision 2",
                                            "Makegood 4", "Rev 5", "A"};
    if (chance(s, 80)) {
        const tm_str_t number = tm_str(numbers[below(&s->seed, TM_COUNT(numbers))]);
        LINE_SET(l, order_no, number);
        LINE_SET(l, order_no_norm, tm_order_norm(number, s->arena, NULL));
    }
    if (chance(s, 20)) {
        LINE_SET(l, alt_order_no, tm_str(numbers[below(&s->seed, 3)]));
    }
    if (chance(s, 60)) {
        LINE_SET(l, revision, tm_str(revisions[below(&s->seed, TM_COUNT(revisions))]));
    }
    if (chance(s, 40)) {
        LINE_SET(l, revision_date, random_day(s, 10, 100));
    }
    if (chance(s, 30)) {
        LINE_SET(l, print_ms, ((tm_ms_t){(int64_t)below(&s->seed, 5)}));
    }
    if (chance(s, 40)) {
        LINE_SET(l, system, chance(s, 70) ? TM_STR("one") : TM_STR("two"));
    }
}

static void random_days(scene_t *s, tm_buy_line_t *l)
{
    const tm_day_t from = random_day(s, 10, 60);
    if (chance(s, 93)) {
        LINE_SET(l, flight_from, from);
        LINE_SET(l, flight_to,
                 ((tm_day_t){from.v + (int32_t)below(&s->seed, chance(s, 30) ? 3 : 50)}));
    }
    if (chance(s, 30)) {
        const uint32_t n = 1 + below(&s->seed, 3);
        tm_span_t *h = tm_arena_zalloc(s->arena, n * sizeof *h);
        for (uint32_t i = 0; i < n; i++) {
            h[i].from = (tm_day_t){from.v - 3 + (int32_t)below(&s->seed, 40)};
            h[i].to = (tm_day_t){h[i].from.v + (int32_t)below(&s->seed, 14)};
        }
        put_hiatus(l, h, n);
    }
}

static void random_parts(scene_t *s, tm_buy_line_t *l, int64_t total)
{
    const uint32_t n = 1 + below(&s->seed, 8);
    int64_t left = total;
    if (chance(s, 30)) {
        tm_airing_t *a = tm_arena_zalloc(s->arena, n * sizeof *a);
        for (uint32_t i = 0; i < n; i++) {
            SET(&a[i], AIRING, air_date, random_day(s, 5, 100));
            if (!chance(s, 10)) {
                SET(&a[i], AIRING, amount_cents, ((tm_cents_t){i + 1 == n ? left : left / 3}));
                left -= a[i].amount_cents.v;
            }
        }
        if (chance(s, 30)) {
            SET(&a[0], AIRING, amount_cents,
                ((tm_cents_t){a[0].amount_cents.v + (int64_t)below(&s->seed, 250) - 120}));
        }
        LINE_SET(l, airings, ((tm_recs_t){a, n}));
        return;
    }
    tm_line_week_t *w = tm_arena_zalloc(s->arena, n * sizeof *w);
    for (uint32_t i = 0; i < n; i++) {
        SET(&w[i], LINE_WEEK, from, random_day(s, 5, 90));
        SET(&w[i], LINE_WEEK, to, ((tm_day_t){w[i].from.v + (int32_t)below(&s->seed, 10)}));
        if (!chance(s, 10)) {
            SET(&w[i], LINE_WEEK, amount_cents, ((tm_cents_t){i + 1 == n ? left : left / 3}));
            left -= w[i].amount_cents.v;
        }
    }
    if (chance(s, 30)) {
        SET(&w[n - 1], LINE_WEEK, amount_cents,
            ((tm_cents_t){w[n - 1].amount_cents.v + (int64_t)below(&s->seed, 250) - 120}));
    }
    LINE_SET(l, line_weeks, ((tm_recs_t){w, n}));
}

static void random_amounts(scene_t *s, tm_buy_line_t *l)
{
    if (chance(s, 12))
        return;
    const int64_t cents = random_cents(s);
    const bool net = chance(s, 30);
    if (net) {
        LINE_SET(l, net_cents, (tm_cents_t){cents});
    } else {
        LINE_SET(l, gross_cents, (tm_cents_t){cents});
    }
    if (chance(s, 20)) { /* both printed */
        LINE_SET(l, net_cents, ((tm_cents_t){chance(s, 50) ? cents : cents - cents / 7}));
        LINE_SET(l, gross_cents, (tm_cents_t){cents});
    }
    if (chance(s, 20)) {
        LINE_SET(l, commission_bp, (int32_t)below(&s->seed, 4000));
    }
    if (chance(s, 15)) {
        LINE_SET(l, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_unknown});
    }
    tm_line_fill_totals(l, -1, CAMPAIGN_BP);
    if (chance(s, 40)) {
        random_parts(s, l,
                     l->amount_basis.v == TM_AMOUNT_BASIS_net ? l->net_cents.v : l->gross_cents.v);
    }
}

static void random_kind(scene_t *s, tm_buy_line_t *l)
{
    static const uint8_t stages[] = {TM_STAGE_ordered,  TM_STAGE_ordered,  TM_STAGE_confirmed,
                                     TM_STAGE_proposed, TM_STAGE_invoiced, TM_STAGE_invoiced,
                                     TM_STAGE_cancelled};
    static const uint8_t types[] = {TM_DOC_TYPE_order,        TM_DOC_TYPE_contract,
                                    TM_DOC_TYPE_confirmation, TM_DOC_TYPE_credit,
                                    TM_DOC_TYPE_agreement,    TM_DOC_TYPE_invoice};
    static const char *const invoices[] = {"9001", "9001-1", "9001-2", "09001"};
    LINE_SET(l, stage, (tm_enum_t){stages[below(&s->seed, TM_COUNT(stages))]});
    if (chance(s, 50)) {
        LINE_SET(l, doc_type,
                 (tm_enum_t){types[below(&s->seed, chance(s, 80) ? 3 : TM_COUNT(types))]});
    }
    LINE_SET(l, layer, (tm_enum_t){chance(s, 4) ? TM_LAYER_disbursement : TM_LAYER_airtime});
    LINE_SET(l, estimate, chance(s, 6));
    LINE_SET(l, changes_only, chance(s, 10));
    if (l->stage.v == TM_STAGE_invoiced) {
        if (chance(s, 80)) {
            LINE_SET(l, invoice_no, tm_str(invoices[below(&s->seed, TM_COUNT(invoices))]));
        }
        if (chance(s, 70)) {
            LINE_SET(l, billing_from, random_day(s, 5, 80));
            LINE_SET(l, billing_to, ((tm_day_t){l->billing_from.v + (int32_t)below(&s->seed, 36)}));
        }
    }
}

static void make_scene(scene_t *s)
{
    s->n = 1 + (int)below(&s->seed, LINES_MAX);
    for (int i = 0; i < s->n; i++) {
        tm_buy_line_t *l = &s->lines[i];
        memset(l, 0, sizeof *l);
        LINE_SET(l, id, tm_id_make(3, (uint32_t)i + 1));
        LINE_SET(l, created_ms, ((tm_ms_t){(int64_t)below(&s->seed, 10)}));
        LINE_SET(l, advertiser_id, tm_id_make(1, 1 + below(&s->seed, 2)));
        LINE_SET(l, advertiser, l->advertiser_id.v % 2 ? TM_STR("One") : TM_STR("Two"));
        const bool first = chance(s, 70);
        LINE_SET(l, station_id, tm_id_make(1, first ? 10 : 11));
        LINE_SET(l, station, first ? TM_STR("WAAA-TV") : TM_STR("WBBB"));
        LINE_SET(l, market, 504);
        LINE_SET(l, medium, (tm_enum_t){TM_MEDIUM_broadcast});
        random_numbers(s, l);
        random_days(s, l);
        random_kind(s, l);
        random_amounts(s, l);
    }
}

/* ---- the program's side ---- */

/* Lines joined by tm_same_order, directly or over others. */
static int chain_of(const scene_t *s, int *chain)
{
    for (int i = 0; i < s->n; i++) {
        chain[i] = i;
    }
    for (int i = 0; i < s->n; i++) {
        for (int k = 0; k < i; k++) {
            if (chain[k] == chain[i] || !tm_same_order(&s->lines[i], &s->lines[k]))
                continue;
            const int from = chain[k], to = chain[i];
            for (int j = 0; j < s->n; j++) {
                chain[j] = chain[j] == from ? to : chain[j];
            }
        }
    }
    return s->n;
}

static void put_standing(tm_buy_line_t *l, const tm_verdict_t *v)
{
    LINE_SET(l, standing, (tm_enum_t){v->standing});
    LINE_SET(l, superseded_by, v->superseded_by);
    assert_true(v->why.n > 0);
}

static void set_line(scene_t *s, tm_matrix_t *m, tm_buy_line_t *l, const tm_verdict_t *v, int basis)
{
    tm_share_t *shares, unplaced;
    uint32_t n;
    const bool airtime = tm_line_is_airtime(l);
    const tm_verdict_t all = all_days(), none = {0};
    const tm_verdict_t *paid = v->standing == TM_STANDING_winner ? &all : &none;
    assert_int_equal(tm_line_shares(l, airtime ? v : paid, basis, s->arena, &shares, &n, &unplaced),
                     TM_OK);
    const tm_row_key_t key = {.advertiser_id = l->advertiser_id,
                              .station_id = l->station_id,
                              .market = l->market,
                              .medium = l->medium.v,
                              .side = TM_SIDE_for,
                              .advertiser = l->advertiser,
                              .station = l->station};
    const bool soft = l->estimate || (l->stage.v == TM_STAGE_proposed && !v->zero);
    tm_matrix_set_line(airtime ? m : tm_matrix_paid(m), l->id, &key, shares, n,
                       unplaced.known ? &unplaced : NULL, !soft, false, l->stage.v, 1);
}

/* In random order, so that nothing depends on it; some lines are set twice or first with other
 * shares. */
static void fill_matrix(scene_t *s, tm_matrix_t *m, int basis)
{
    int chain[LINES_MAX];
    bool done[LINES_MAX] = {false};
    chain_of(s, chain);
    for (int i = 0; i < s->n; i++) {
        if (done[i])
            continue;
        const tm_buy_line_t *members[LINES_MAX];
        int at[LINES_MAX];
        uint32_t n = 0;
        for (int k = 0; k < s->n; k++) {
            if (chain[k] != chain[i])
                continue;
            const uint32_t j = below(&s->seed, n + 1);
            members[n] = members[j];
            at[n] = at[j];
            members[j] = &s->lines[k];
            at[j] = k;
            n++;
        }
        tm_verdict_t verdicts[LINES_MAX];
        assert_int_equal(tm_chain_resolve(members, n, s->arena, verdicts), TM_OK);
        for (uint32_t k = 0; k < n; k++) {
            tm_buy_line_t *l = &s->lines[at[k]];
            done[at[k]] = true;
            put_standing(l, &verdicts[k]);
            if (chance(s, 20)) {
                const tm_verdict_t other = all_days();
                set_line(s, m, l, &other, basis);
            }
            if (chance(s, 10)) {
                tm_matrix_view_unref(tm_matrix_view(m));
            }
            set_line(s, m, l, &verdicts[k], basis);
        }
    }
}

/* ---- comparison ---- */

static bool in_mode(int mode, int32_t week, int32_t this_week, const naive_t *s)
{
    if (mode == TM_MODE_PROJECTED)
        return true;
    if (!s->firm)
        return false;
    if (mode == TM_MODE_FUTURE_ONLY)
        return week > this_week;
    return mode != TM_MODE_NEXT_WEEK || week == this_week + 7;
}

static int32_t naive_week(int32_t d, int basis)
{
    while (tm_day_weekday((tm_day_t){d}) != (basis == TM_WEEK_BASIS_political ? 1 : 0)) {
        d--;
    }
    return d;
}

static json_t *find_row(json_t *rows, const char *key)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "key")), key) == 0)
            return row;
    }
    return NULL;
}

static json_t *answer_of(tm_matrix_view_t *view, const tm_matrix_query_t *q)
{
    tm_buf_t buf;
    tm_buf_init(&buf, 1 << 24);
    tm_buf_add_char(&buf, '{');
    tm_matrix_write(view, q, &buf);
    json_error_t err;
    json_t *root = json_loadb(buf.p, buf.n, 0, &err);
    if (root == NULL) {
        fprintf(stderr, "%s\n%.*s\n", err.text, (int)buf.n, buf.p);
    }
    assert_non_null(root);
    tm_buf_done(&buf);
    return root;
}

typedef struct wanted {
    bool known;
    int64_t cents;
} wanted_t;

/* What row (advertiser a, station s) must hold, by week. */
static void naive_row(const naive_t *shares, int n, int a, int st, const tm_matrix_query_t *q,
                      int basis, wanted_t *out, int32_t first_week)
{
    const int32_t this_week = naive_week(q->today.v, basis);
    for (int i = 0; i < n; i++) {
        const naive_t *s = &shares[i];
        if (!s->known || tm_id_counter(s->line->advertiser_id) != (uint32_t)a ||
            tm_id_counter(s->line->station_id) != (uint32_t)st)
            continue;
        for (int32_t d = 0; d < DAYS; d++) {
            const int32_t week = naive_week(first_day + d, basis);
            if ((!s->touched[d] && s->cents[q->net][d] == 0) ||
                !in_mode((int)q->mode, week, this_week, s))
                continue;
            out[(week - first_week) / 7].known = true;
            out[(week - first_week) / 7].cents += s->cents[q->net][d];
        }
    }
}

static int compare(json_t *answer, const naive_t *shares, int n, const tm_matrix_query_t *q,
                   int basis)
{
    json_t *rows = json_object_get(answer, "rows"), *weeks = json_object_get(answer, "weeks");
    const int32_t first_week = naive_week(first_day, basis);
    int cells = 0;
    int64_t all = 0;
    for (int a = 1; a <= 2; a++) {
        for (int st = 10; st <= 11; st++) {
            wanted_t want[DAYS / 7 + 2] = {{0}};
            naive_row(shares, n, a, st, q, basis, want, first_week);
            char adv[TM_ID_TEXT_MAX], sta[TM_ID_TEXT_MAX], key[80];
            tm_id_format("adv", tm_id_make(1, (uint32_t)a), adv);
            tm_id_format("sta", tm_id_make(1, (uint32_t)st), sta);
            snprintf(key, sizeof key, "%s:504:broadcast:%s", adv, sta);
            json_t *row = find_row(rows, key);
            json_t *line = row == NULL ? NULL : json_object_get(row, "cells");
            assert_true(line == NULL || json_array_size(line) == json_array_size(weeks));
            int64_t total = 0;
            for (size_t i = 0; i < json_array_size(weeks); i++) {
                const int32_t week = day(json_string_value(json_array_get(weeks, i))).v;
                wanted_t *w = &want[(week - first_week) / 7];
                json_t *got = line == NULL ? NULL : json_array_get(line, i);
                assert_true(w->known == (got != NULL && json_is_integer(got)));
                assert_true(!w->known || json_integer_value(got) == w->cents);
                total += w->cents;
                *w = (wanted_t){0};
                cells++;
            }
            for (size_t i = 0; i < TM_COUNT(want); i++) {
                assert_true(!want[i].known); /* every known week has its column */
            }
            assert_true(row == NULL ||
                        json_integer_value(json_object_get(row, "total_cents")) == total);
            all += total;
        }
    }
    assert_true(json_integer_value(
                    json_object_get(json_object_get(answer, "totals"), "total_cents")) == all);
    return cells;
}

/* Money paid out: the winners of the other layer. */
static void compare_paid(json_t *answer, const scene_t *scene, const tm_matrix_query_t *q,
                         int basis)
{
    const int32_t this_week = naive_week(q->today.v, basis);
    bool known = false;
    int64_t sum = 0;
    for (int i = 0; i < scene->n; i++) {
        const tm_buy_line_t *l = &scene->lines[i];
        if (tm_line_is_airtime(l) || l->standing.v != TM_STANDING_winner)
            continue;
        static naive_t s;
        naive_share(&s, l);
        bool placed = false;
        for (int32_t d = 0; d < DAYS && s.known; d++) {
            if ((s.touched[d] || s.cents[q->net][d] != 0) &&
                in_mode((int)q->mode, naive_week(first_day + d, basis), this_week, &s)) {
                known = true;
                sum += s.cents[q->net][d];
            }
            placed |= s.touched[d];
        }
        const bool all_days = q->mode == TM_MODE_PROJECTED || (q->mode == TM_MODE_BOOKED && s.firm);
        if (s.known && !placed && all_days) {
            known = true;
            sum += s.zero ? 0 : q->net ? l->net_cents.v : l->gross_cents.v;
        }
    }
    const json_t *got = json_object_get(json_object_get(answer, "totals"), "disbursement_cents");
    assert_true(known ? json_integer_value(got) == sum : json_is_null(got));
}

static int check_scene(scene_t *s, int basis)
{
    tm_matrix_t *m = tm_matrix_new(basis);
    fill_matrix(s, m, basis);
    static naive_t shares[3 * LINES_MAX];
    const int n = naive_counted(s->lines, s->n, shares);
    tm_matrix_view_t *view = tm_matrix_view(m);
    int cells = 0;
    for (int mode = 0; mode < 4; mode++) {
        for (int net = 0; net < 2; net++) {
            tm_matrix_query_t q = tm_matrix_query_default();
            q.mode = (tm_week_mode_t)mode;
            q.net = net == 1;
            q.today = day("2026-09-20");
            json_t *answer = answer_of(view, &q);
            cells += compare(answer, shares, n, &q, basis);
            compare_paid(answer, s, &q, basis);
            json_decref(answer);
        }
    }
    tm_matrix_view_unref(view);
    tm_matrix_free(m);
    return cells;
}

static void matrix__equals_a_recomputation_by_days(void **state)
{
    (void)state;
    first_day = day(FIRST).v;
    scene_t s = {.seed = 20261012, .arena = tm_arena_new(1 << 24)};
    int cells = 0;
    for (int i = 0; i < SCENES; i++) {
        make_scene(&s);
        for (int basis = 0; basis < 2; basis++) {
            cells += check_scene(&s, basis);
        }
        tm_arena_reset(s.arena);
    }
    assert_true(cells > 200 * SCENES);
    tm_arena_free(s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(matrix__equals_a_recomputation_by_days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
