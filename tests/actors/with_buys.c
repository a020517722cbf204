/* with_buys.c - see with_buys.h. */
#include "actors/with_buys.h"

#include "actors/with_world.h"
#include "base/time.h"

#define WEEKS 6
#define STATIONS 4
#define ADVERTISERS 3

static const struct {
    const char *name;
    int market;
} stations[STATIONS] = {{"WAAA", 504}, {"WBBB", 504}, {"WCCC", 535}, {"WDDD", 535}};
static const char *const advertisers[ADVERTISERS] = {"Ann for Senate", "Bob Brown Committee",
                                                     "Citizens for Roads"};

uint64_t buys_random(buys_t *b, uint64_t below)
{
    return world_random(&b->seed) % below;
}

static bool one_in(buys_t *b, uint64_t n)
{
    return buys_random(b, n) == 0;
}

static void day_text(int32_t day, char ret[TM_DAY_TEXT])
{
    tm_day_format((tm_day_t){tm_day_make(2026, 10, 12).v + day}, ret);
}

static report_t *report_new(buys_t *b, int buy, origin_t origin, int64_t gross)
{
    assert_true(b->n_reports < REPORTS_MAX);
    report_t *r = &b->reports[b->n_reports++];
    *r = (report_t){.buy = buy, .origin = origin, .newest = true, .gross = gross};
    return r;
}

/* station -1: none */
static void describe(report_t *r, const char *source, int advertiser, int station, int market,
                     int32_t from, int32_t to, const char *amount, const char *more)
{
    char a[TM_DAY_TEXT], z[TM_DAY_TEXT], place[40] = "";
    day_text(from, a);
    day_text(to, z);
    if (station >= 0) {
        (void)snprintf(place, sizeof place, "\"station\":\"%s\",", stations[station].name);
    }
    const int n = snprintf(r->json, sizeof r->json,
                           "\"source\":\"%s\",\"advertiser\":\"%s\",%s\"market\":%d,\"medium\":"
                           "\"broadcast\",\"flight_from\":\"%s\",\"flight_to\":\"%s\",%s%s",
                           source, advertisers[advertiser], place, market, a, z, amount, more);
    assert_true(n > 0 && (size_t)n < sizeof r->json);
}

/* ---- the truth ---- */

static bool share_weeks(const buy_t *a, const buy_t *b)
{
    return a->advertiser == b->advertiser && a->station == b->station && a->from / 7 <= b->to / 7 &&
           b->from / 7 <= a->to / 7;
}

static bool fits(const buys_t *b, const buy_t *buy)
{
    for (uint32_t i = 0; i < b->n; i++) {
        if (share_weeks(&b->v[i], buy))
            return false;
    }
    return true;
}

static void make_buys(buys_t *b, bool crowded)
{
    const uint32_t wanted = 4 + (uint32_t)buys_random(b, crowded ? 3 : BUYS_MAX - 4);
    for (uint32_t tries = 0; b->n < wanted && tries < 400; tries++) {
        buy_t buy = {.advertiser = (int)buys_random(b, crowded ? 1 : ADVERTISERS),
                     .station = (int)buys_random(b, crowded ? 2 : STATIONS),
                     .from = (int32_t)buys_random(b, 7 * (WEEKS - BUY_WEEKS_MAX)),
                     .gross = 100000 + (int64_t)buys_random(b, 20000000)};
        buy.to = buy.from + (int32_t)(3 + buys_random(b, 7 * BUY_WEEKS_MAX - 10));
        const uint64_t who = 1 + buys_random(b, 7);
        buy.filed = (who & 1) != 0;
        buy.vended = (who & 2) != 0;
        buy.sheeted = (who & 4) != 0;
        buy.revisions = buy.filed ? 1 + (uint32_t)buys_random(b, 3) : 0;
        buy.deleted = buy.filed && one_in(b, 8);
        if (crowded || fits(b, &buy)) {
            b->v[b->n++] = buy;
        }
    }
}

/* Cents of days first..last (from the flight's first) of an even spread. */
static int64_t share_of(const buy_t *buy, int64_t cents, int32_t first, int32_t last)
{
    const int64_t n = buy->to - buy->from + 1;
    const int64_t a = TM_MAX(first - buy->from, 0), z = TM_MIN((int64_t)last - buy->from + 1, n);
    return z <= a ? 0 : cents * z / n - cents * a / n;
}

/* ---- what is said about it ---- */

static void file_order(buys_t *b, int i)
{
    const buy_t *buy = &b->v[i];
    for (uint32_t k = 1; k <= buy->revisions; k++) {
        const bool last = k == buy->revisions;
        const int64_t gross =
            last ? buy->gross : buy->gross * (80 + (int64_t)buys_random(b, 41)) / 100;
        report_t *r = report_new(b, i, FROM_FILING, last && buy->deleted ? 0 : gross);
        r->newest = last;
        char amount[60], more[120];
        (void)snprintf(amount, sizeof amount, "\"gross_cents\":%lld", (long long)gross);
        (void)snprintf(more, sizeof more, ",\"order_no\":\"%s%d\",\"revision\":\"%u\"%s",
                       one_in(b, 4) ? "00" : "", 387000 + i, k,
                       last && buy->deleted ? ",\"stage\":\"cancelled\"" : "");
        describe(r, "fcc", buy->advertiser, buy->station, stations[buy->station].market, buy->from,
                 buy->to, amount, more);
    }
}

static void vend(buys_t *b, int i)
{
    const buy_t *buy = &b->v[i];
    const int64_t gross = buy->gross * (970 + (int64_t)buys_random(b, 61)) / 1000;
    report_t *r = report_new(b, i, FROM_VENDOR, gross);
    char amount[60], more[60];
    (void)snprintf(amount, sizeof amount, "\"gross_cents\":%lld", (long long)gross);
    (void)snprintf(more, sizeof more, ",\"external_id\":\"v-%d\"", i);
    describe(r, "adimpact", buy->advertiser, buy->station, stations[buy->station].market, buy->from,
             buy->to, amount, more);
}

/* An amount as a sheet says it: hundreds of dollars, net, gross or nobody knows. Returns its gross
 * as it is read. */
static int64_t say(buys_t *b, int64_t gross, int basis, char *ret, size_t bytes)
{
    const bool net = basis == 0 || (basis == 2 && one_in(b, 2));
    const int64_t stated = TM_MAX(((net ? gross * 85 / 100 : gross) + 5000) / 10000 * 10000, 10000);
    (void)snprintf(ret, bytes, "\"%s_cents\":%lld%s", net ? "net" : "gross", (long long)stated,
                   basis == 2 ? ",\"amount_basis\":\"unknown\"" : "");
    return net ? (stated * 10000 + 4250) / 8500 : stated;
}

static void sheet(buys_t *b, int i)
{
    const buy_t *buy = &b->v[i];
    const int basis = (int)buys_random(b, 3);
    for (int32_t week = buy->from / 7; week <= buy->to / 7; week++) {
        char amount[100];
        const int64_t share = share_of(buy, buy->gross, week * 7, week * 7 + 6);
        const int64_t gross = say(b, share, basis, amount, sizeof amount);
        describe(report_new(b, i, FROM_SHEET, gross), "rep_mail", buy->advertiser, buy->station,
                 stations[buy->station].market, week * 7, week * 7 + 6, amount,
                 ",\"daypart\":\"news\"");
    }
}

/* What the stations of a market count for a payer in one week, by true reports. */
static int64_t true_week(const buys_t *b, int advertiser, int market, int32_t week)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        const buy_t *buy = &b->v[i];
        if (buy->advertiser == advertiser && stations[buy->station].market == market &&
            !buy->deleted) {
            sum += share_of(buy, buy->gross, week * 7, week * 7 + 6);
        }
    }
    return sum;
}

/* One total a payer and market at most, of a week in which it has some line there. */
static void total_markets(buys_t *b)
{
    for (int a = 0; a < ADVERTISERS; a++) {
        for (int s = 0; s < STATIONS; s += 2) {
            const int32_t week = (int32_t)buys_random(b, WEEKS);
            const int64_t sum = true_week(b, a, stations[s].market, week);
            if (sum < 1000000 || one_in(b, 3))
                continue;
            static const int percent[] = {97, 102, 100, 130, 60};
            char amount[100];
            const int64_t gross = say(b, sum * percent[buys_random(b, TM_COUNT(percent))] / 100,
                                      (int)buys_random(b, 2), amount, sizeof amount);
            describe(report_new(b, NO_BUY, FROM_TOTAL, gross), "rep_mail", a, -1,
                     stations[s].market, week * 7, week * 7 + 6, amount, "");
        }
    }
}

void buys_make(buys_t *b, uint64_t seed, buys_options_t options)
{
    *b = (buys_t){.seed = seed};
    make_buys(b, options.crowded);
    for (int i = 0; i < (int)b->n; i++) {
        file_order(b, i);
        if (b->v[i].vended) {
            vend(b, i);
        }
        if (b->v[i].sheeted) {
            sheet(b, i);
        }
    }
    if (options.totals) {
        total_markets(b);
    }
    for (uint32_t i = b->n_reports; i > 1; i--) {
        const uint32_t k = (uint32_t)buys_random(b, i);
        const report_t kept = b->reports[i - 1];
        b->reports[i - 1] = b->reports[k];
        b->reports[k] = kept;
    }
}

origin_t buys_winner(const buy_t *buy)
{
    if (buy->filed)
        return FROM_FILING;
    return buy->vended ? FROM_VENDOR : FROM_SHEET;
}

bool buys_is_true(const buys_t *b, const report_t *report)
{
    return report->buy != NO_BUY && report->newest &&
           report->origin == buys_winner(&b->v[report->buy]);
}

int64_t buys_total(const buys_t *b)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < b->n_reports; i++) {
        sum += buys_is_true(b, &b->reports[i]) ? b->reports[i].gross : 0;
    }
    return sum;
}
