/* with_lines.c - short ways to write days, lines and shares in tests of the domain. */
#include "with_lines.h"

static tm_keep_t everything = {{INT32_MIN}, {INT32_MAX}};

tm_day_t day(const char *text)
{
    tm_day_t d;
    assert_int_equal(tm_day_parse(tm_str(text), &d), TM_OK);
    return d;
}

tm_buy_line_t line_of(uint32_t id, const char *from, const char *to, int64_t cents)
{
    tm_buy_line_t line;
    memset(&line, 0, sizeof line);
    LINE_SET(&line, id, tm_id_make(7, id));
    LINE_SET(&line, created_ms, ((tm_ms_t){1000 + (int64_t)id}));
    LINE_SET(&line, station, TM_STR("WAAA"));
    LINE_SET(&line, flight_from, day(from));
    LINE_SET(&line, flight_to, day(to));
    LINE_SET(&line, gross_cents, (tm_cents_t){cents});
    LINE_SET(&line, net_cents, (tm_cents_t){cents});
    LINE_SET(&line, amount_basis, (tm_enum_t){TM_AMOUNT_BASIS_gross});
    LINE_SET(&line, stage, (tm_enum_t){TM_STAGE_ordered});
    LINE_SET(&line, layer, (tm_enum_t){TM_LAYER_airtime});
    return line;
}

tm_buy_line_t order_of(uint32_t id, const char *number, const char *revision, int64_t cents)
{
    tm_buy_line_t line = line_of(id, "2026-10-13", "2026-10-26", cents);
    LINE_SET(&line, order_no, tm_str(number));
    LINE_SET(&line, order_no_norm, tm_str(number));
    if (revision != NULL) {
        LINE_SET(&line, revision, tm_str(revision));
    }
    return line;
}

void put_hiatus(tm_buy_line_t *line, tm_span_t *spans, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        TM_MARK(&spans[i], TM_SPAN_from);
        TM_MARK(&spans[i], TM_SPAN_to);
    }
    LINE_SET(line, hiatus, ((tm_recs_t){spans, n}));
}

tm_line_week_t week_entry(const char *from, const char *to, int64_t cents)
{
    tm_line_week_t w;
    memset(&w, 0, sizeof w);
    SET(&w, LINE_WEEK, from, day(from));
    SET(&w, LINE_WEEK, to, day(to));
    SET(&w, LINE_WEEK, amount_cents, (tm_cents_t){cents});
    return w;
}

tm_airing_t airing(const char *on, int64_t cents)
{
    tm_airing_t a;
    memset(&a, 0, sizeof a);
    SET(&a, AIRING, air_date, day(on));
    SET(&a, AIRING, amount_cents, (tm_cents_t){cents});
    return a;
}

tm_verdict_t all_days(void)
{
    return (tm_verdict_t){
        .standing = TM_STANDING_winner, .counts = true, .n_keep = 1, .keep = &everything};
}

tm_share_t *shares_of(const tm_buy_line_t *line, int basis, tm_arena_t *arena, uint32_t *ret_n)
{
    tm_share_t *v = NULL, unplaced;
    const tm_verdict_t verdict = all_days();
    assert_int_equal(tm_line_shares(line, &verdict, basis, arena, &v, ret_n, &unplaced), TM_OK);
    return v;
}

uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    uint64_t x = *seed;
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    return x ^ x >> 33;
}

uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(next_random(seed) % n);
}
