/* line_prepare.c - the rules for a line that a person posts or a program imports: every fault at
 * once, then what follows.
 *
 * Threads: pure. */
#include "domain/money.h"
#include "domain/order.h"
#include "base/time.h"
#include <stdarg.h>
#include <stdio.h>

typedef struct rule {
    const tm_buy_line_t *line;
    tm_why_t *why;
    bool bad;
} rule_t;

TM_PRINTF(3, 4) static void fault(rule_t *r, const char *field, const char *fmt, ...)
{
    char text[TM_WHY_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    r->bad = true;
    (void)tm_why_add(r->why, TM_EINVALID, field, "%s", text);
}

static void check_day(rule_t *r, const char *field, bool has, tm_day_t day)
{
    if (has && (day.v < TM_DAY_MIN || day.v > TM_DAY_MAX)) {
        fault(r, field, "must lie between 1990-01-01 and 2099-12-31");
    }
}

static void check_cents(rule_t *r, const char *field, bool has, tm_cents_t cents)
{
    if (has && (cents.v < -TM_CENTS_MAX || cents.v > TM_CENTS_MAX)) {
        fault(r, field, "must lie between -%lld and %lld", (long long)TM_CENTS_MAX,
              (long long)TM_CENTS_MAX);
    }
}

static void check_required(rule_t *r)
{
    const tm_buy_line_t *line = r->line;
    static const struct {
        int index;
        const char *field;
    } needed[] = {
        {TM_BUY_LINE_campaign_id, "campaign_id"}, {TM_BUY_LINE_advertiser, "advertiser"},
        {TM_BUY_LINE_medium, "medium"},           {TM_BUY_LINE_flight_from, "flight_from"},
        {TM_BUY_LINE_flight_to, "flight_to"},
    };
    for (size_t i = 0; i < TM_COUNT(needed); i++) {
        if (!TM_HAS(line, needed[i].index)) {
            fault(r, needed[i].field, "is required");
        }
    }
    if (!TM_HAS(line, TM_BUY_LINE_station) && !TM_HAS(line, TM_BUY_LINE_market)) {
        fault(r, "station", "station or market is required");
    }
    if (TM_HAS(line, TM_BUY_LINE_advertiser) && tm_str_trim(line->advertiser).n == 0) {
        fault(r, "advertiser", "must not be blank");
    }
    if (TM_HAS(line, TM_BUY_LINE_station) && tm_str_trim(line->station).n == 0) {
        fault(r, "station", "must not be blank");
    }
}

static void check_pair(rule_t *r, const char *field, bool from, tm_day_t a, bool to, tm_day_t b)
{
    if (from && to && a.v > b.v) {
        fault(r, field, "must not lie before the first day");
    }
}

static void check_days(rule_t *r)
{
    const tm_buy_line_t *l = r->line;
    const bool ff = TM_HAS(l, TM_BUY_LINE_flight_from), ft = TM_HAS(l, TM_BUY_LINE_flight_to);
    const bool bf = TM_HAS(l, TM_BUY_LINE_billing_from), bt = TM_HAS(l, TM_BUY_LINE_billing_to);
    check_day(r, "flight_from", ff, l->flight_from);
    check_day(r, "flight_to", ft, l->flight_to);
    check_day(r, "billing_from", bf, l->billing_from);
    check_day(r, "billing_to", bt, l->billing_to);
    check_day(r, "revision_date", TM_HAS(l, TM_BUY_LINE_revision_date), l->revision_date);
    check_pair(r, "flight_to", ff, l->flight_from, ft, l->flight_to);
    check_pair(r, "billing_to", bf, l->billing_from, bt, l->billing_to);
}

static void check_span(rule_t *r, const char *list, uint32_t i, bool from, tm_day_t a, bool to,
                       tm_day_t b)
{
    char field[TM_WHY_FIELD_MAX];
    if (!from) {
        snprintf(field, sizeof field, "%s[%u].from", list, i);
        fault(r, field, "is required");
    }
    snprintf(field, sizeof field, "%s[%u].from", list, i);
    check_day(r, field, from, a);
    snprintf(field, sizeof field, "%s[%u].to", list, i);
    if (!to) {
        fault(r, field, "is required");
    }
    check_day(r, field, to, b);
    check_pair(r, field, from, a, to, b);
}

/* Amounts of one list: each in range, and all together, so that no sum can leave the range of
 * money. */
typedef struct summing {
    const char *list;
    int64_t size;
    bool told;
} summing_t;

static void check_amount(rule_t *r, summing_t *sum, uint32_t i, const char *name, bool has,
                         tm_cents_t cents)
{
    char field[TM_WHY_FIELD_MAX];
    snprintf(field, sizeof field, "%s[%u].%s", sum->list, i, name);
    const bool fits = cents.v >= -TM_CENTS_MAX && cents.v <= TM_CENTS_MAX;
    check_cents(r, field, has, cents);
    if (!has || !fits || sum->told)
        return;
    sum->size += cents.v < 0 ? -cents.v : cents.v;
    if (sum->size > TM_CENTS_MAX) {
        sum->told = true;
        fault(r, sum->list, "the amounts together are more than %lld", (long long)TM_CENTS_MAX);
    }
}

static void check_lists(rule_t *r)
{
    const tm_buy_line_t *l = r->line;
    const tm_span_t *h = l->hiatus.v;
    for (uint32_t i = 0; TM_HAS(l, TM_BUY_LINE_hiatus) && i < l->hiatus.n; i++) {
        check_span(r, "hiatus", i, TM_HAS(&h[i], TM_SPAN_from), h[i].from,
                   TM_HAS(&h[i], TM_SPAN_to), h[i].to);
    }
    const tm_line_week_t *w = l->line_weeks.v;
    summing_t sum = {.list = "line_weeks"};
    for (uint32_t i = 0; TM_HAS(l, TM_BUY_LINE_line_weeks) && i < l->line_weeks.n; i++) {
        check_span(r, "line_weeks", i, TM_HAS(&w[i], TM_LINE_WEEK_from), w[i].from,
                   TM_HAS(&w[i], TM_LINE_WEEK_to), w[i].to);
        check_amount(r, &sum, i, "amount_cents", TM_HAS(&w[i], TM_LINE_WEEK_amount_cents),
                     w[i].amount_cents);
    }
    const tm_airing_t *a = l->airings.v;
    sum = (summing_t){.list = "airings"};
    for (uint32_t i = 0; TM_HAS(l, TM_BUY_LINE_airings) && i < l->airings.n; i++) {
        char field[TM_WHY_FIELD_MAX];
        snprintf(field, sizeof field, "airings[%u].air_date", i);
        if (!TM_HAS(&a[i], TM_AIRING_air_date)) {
            fault(r, field, "is required");
        }
        check_day(r, field, TM_HAS(&a[i], TM_AIRING_air_date), a[i].air_date);
        check_amount(r, &sum, i, "amount_cents", TM_HAS(&a[i], TM_AIRING_amount_cents),
                     a[i].amount_cents);
    }
}

static void check_money(rule_t *r)
{
    const tm_buy_line_t *l = r->line;
    const bool low = TM_HAS(l, TM_BUY_LINE_low_cents), high = TM_HAS(l, TM_BUY_LINE_high_cents);
    check_cents(r, "gross_cents", TM_HAS(l, TM_BUY_LINE_gross_cents), l->gross_cents);
    check_cents(r, "net_cents", TM_HAS(l, TM_BUY_LINE_net_cents), l->net_cents);
    check_cents(r, "low_cents", low, l->low_cents);
    check_cents(r, "high_cents", high, l->high_cents);
    if (low && high && l->low_cents.v > l->high_cents.v) {
        fault(r, "high_cents", "must not be less than low_cents");
    }
}

static void put_enum(tm_buy_line_t *line, tm_enum_t *field, int index, int value)
{
    if (TM_HAS(line, index))
        return;
    field->v = (uint8_t)value;
    TM_MARK(line, index);
}

static void put_defaults(tm_buy_line_t *line)
{
    if (!TM_HAS(line, TM_BUY_LINE_source)) {
        line->source = TM_STR("manual");
        TM_MARK(line, TM_BUY_LINE_source);
    }
    const bool invoice =
        TM_HAS(line, TM_BUY_LINE_doc_type) && line->doc_type.v == TM_DOC_TYPE_invoice;
    put_enum(line, &line->stage, TM_BUY_LINE_stage, invoice ? TM_STAGE_invoiced : TM_STAGE_ordered);
    put_enum(line, &line->layer, TM_BUY_LINE_layer, TM_LAYER_airtime);
    if (!TM_HAS(line, TM_BUY_LINE_estimate)) {
        line->estimate = false;
        TM_MARK(line, TM_BUY_LINE_estimate);
    }
    if (!TM_HAS(line, TM_BUY_LINE_gross_cents) && !TM_HAS(line, TM_BUY_LINE_net_cents)) {
        const bool low = TM_HAS(line, TM_BUY_LINE_low_cents),
                   high = TM_HAS(line, TM_BUY_LINE_high_cents);
        if (low || high) { /* a range's likely amount is its middle; without a low bound it begins
                              at nothing */
            line->gross_cents =
                tm_likely_of(low ? line->low_cents : (tm_cents_t){0}, high, line->high_cents);
            TM_MARK(line, TM_BUY_LINE_gross_cents);
        }
    }
}

/* An invoice's flight is the days it closes: its billing period within the flight, the whole period
 * where they do not meet. */
static void close_days(tm_buy_line_t *line)
{
    if (line->stage.v != TM_STAGE_invoiced || !TM_HAS(line, TM_BUY_LINE_billing_from) ||
        !TM_HAS(line, TM_BUY_LINE_billing_to))
        return;
    const int32_t from = TM_MAX(line->flight_from.v, line->billing_from.v);
    const int32_t to = TM_MIN(line->flight_to.v, line->billing_to.v);
    line->flight_from = from <= to ? (tm_day_t){from} : line->billing_from;
    line->flight_to = from <= to ? (tm_day_t){to} : line->billing_to;
}

tm_err_t tm_line_prepare(tm_buy_line_t *line, int32_t agency_bp, int32_t campaign_bp,
                         tm_arena_t *arena, tm_why_t *why)
{
    rule_t r = {.line = line, .why = why};
    check_required(&r);
    check_days(&r);
    check_lists(&r);
    check_money(&r);
    if (TM_HAS(line, TM_BUY_LINE_commission_bp) &&
        (line->commission_bp < 0 || line->commission_bp > 9999)) {
        fault(&r, "commission_bp", "must lie between 0 and 9999");
    }
    if (r.bad)
        return TM_EINVALID;

    put_defaults(line);
    close_days(line);
    tm_line_fill_totals(line, agency_bp, campaign_bp);
    if (TM_HAS(line, TM_BUY_LINE_net_cents) && !TM_HAS(line, TM_BUY_LINE_gross_cents))
        return tm_why_add(why, TM_ERANGE, "net_cents",
                          "with this commission the gross is more than %lld",
                          (long long)TM_CENTS_MAX);
    if (TM_HAS(line, TM_BUY_LINE_order_no)) {
        const tm_str_t norm = tm_order_norm(line->order_no, arena, NULL);
        if (norm.p == NULL)
            return TM_ENOMEM;
        if (norm.n > 0) {
            line->order_no_norm = norm;
            TM_MARK(line, TM_BUY_LINE_order_no_norm);
        }
    }
    return TM_OK;
}
