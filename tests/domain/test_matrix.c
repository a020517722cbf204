/* test_matrix.c - rows, their order, subtotals, modes, deltas, views. */
#include "with_lines.h"
#include <jansson.h>

typedef struct row_of {
    uint32_t adv, sta;
    int32_t market, rank;
    uint8_t medium, side;
    const char *name, *station;
} row_of_t;

static tm_matrix_t *m;
static const char *const sources[32] = {"fcc", "manual", "rss"};

static int setup(void **state)
{
    (void)state;
    m = tm_matrix_new(TM_WEEK_BASIS_broadcast);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tm_matrix_free(m);
    return 0;
}

static const row_of_t WAAA = {1, 10, 504, 4, TM_MEDIUM_broadcast, TM_SIDE_for, "Ann", "WAAA"};

static tm_row_key_t key_of(const row_of_t *r)
{
    return (tm_row_key_t){.advertiser_id = r->adv ? tm_id_make(1, r->adv) : (tm_id_t){0},
                          .station_id = r->sta ? tm_id_make(1, r->sta) : (tm_id_t){0},
                          .market = r->market,
                          .market_rank = r->rank,
                          .medium = r->medium,
                          .side = r->side,
                          .advertiser = tm_str(r->name),
                          .station = tm_str(r->station)};
}

static tm_share_t share(const char *week, int64_t gross)
{
    return (tm_share_t){.week = day(week),
                        .known = true,
                        .gross = {gross},
                        .net = {gross / 2},
                        .low = {gross},
                        .high = {gross},
                        .has_high = true,
                        .spots = 1};
}

typedef struct kind {
    bool firm, disputed;
    uint8_t stage;
} kind_t;
static const kind_t ORDERED = {true, false, TM_STAGE_ordered},
                    PROPOSED = {false, false, TM_STAGE_proposed};

static void put(uint32_t line, const row_of_t *r, kind_t k, const tm_share_t *shares, uint32_t n)
{
    const tm_row_key_t key = key_of(r);
    tm_matrix_set_line(m, tm_id_make(7, line), &key, shares, n, NULL, k.firm, k.disputed, k.stage,
                       1);
}

static void put_one(uint32_t line, const row_of_t *r, kind_t k, const char *week, int64_t gross)
{
    const tm_share_t s = share(week, gross);
    put(line, r, k, &s, 1);
}

static char *text_of(const tm_matrix_query_t *q)
{
    tm_matrix_view_t *view = tm_matrix_view(m);
    tm_buf_t buf;
    tm_buf_init(&buf, 1 << 24);
    tm_buf_add_char(&buf, '{');
    tm_matrix_write(view, q, &buf);
    tm_matrix_view_unref(view);
    size_t n;
    return tm_buf_take(&buf, &n);
}

static json_t *answer(tm_week_mode_t mode)
{
    tm_matrix_query_t q = tm_matrix_query_default();
    q.mode = mode;
    q.today = day("2026-10-14");
    char *text = text_of(&q);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    tm_free(text);
    return root;
}

static char *delta(void)
{
    tm_buf_t buf;
    tm_buf_init(&buf, 1 << 20);
    tm_buf_t packed;
    tm_buf_init(&packed, 1 << 20);
    const uint64_t about = tm_matrix_take_delta(m, 1, &packed);
    assert_true(tm_matrix_delta_is_good(tm_buf_str(&packed)));
    assert_true(tm_matrix_delta_write(tm_buf_str(&packed), sources, &buf));
    assert_in_range(about + 2, buf.n * 3 / 4, buf.n + buf.n / 3 + 2);
    tm_buf_done(&packed);
    size_t n;
    return tm_buf_take(&buf, &n);
}

/* The keys of the rows, one a line, ids shortened to nothing. */
static void rows_are(json_t *root, const char *const *want, size_t n)
{
    json_t *rows = json_object_get(root, "rows"), *row;
    size_t i;
    assert_int_equal(json_array_size(rows), n);
    json_array_foreach(rows, i, row)
    {
        json_t *l = json_object_get(row, "labels");
        char got[200];
        json_t *market = json_object_get(l, "market");
        snprintf(got, sizeof got, "%s %s %s %d %s %s",
                 json_string_value(json_object_get(row, "kind")),
                 json_string_value(json_object_get(l, "side")),
                 json_is_null(json_object_get(l, "advertiser"))
                     ? "-"
                     : json_string_value(json_object_get(l, "advertiser")),
                 json_is_integer(market) ? (int)json_integer_value(market) : 0,
                 json_is_null(json_object_get(l, "medium"))
                     ? "-"
                     : json_string_value(json_object_get(l, "medium")),
                 json_is_null(json_object_get(l, "station"))
                     ? "-"
                     : json_string_value(json_object_get(l, "station")));
        assert_string_equal(got, want[i]);
    }
}

static void matrix__rows_stand_in_order_with_subtotals(void **state)
{
    (void)state;
    const row_of_t rows[] = {
        {1, 10, 504, 4, TM_MEDIUM_broadcast, TM_SIDE_against, "Bob", "WBBB"},
        {2, 11, 504, 4, TM_MEDIUM_broadcast, TM_SIDE_for, "Small", "WAAA"},
        {3, 11, 535, 2, TM_MEDIUM_cable, TM_SIDE_for, "Large", "Zone"},
        {3, 12, 504, 4, TM_MEDIUM_broadcast, TM_SIDE_for, "Large", "WBBB"},
        {3, 11, 504, 4, TM_MEDIUM_broadcast, TM_SIDE_for, "Large", "WAAA"},
        {3, 0, 504, 4, TM_MEDIUM_radio, TM_SIDE_for, "Large", "Radio X"},
        {3, 0, 0, 0, TM_MEDIUM_digital, TM_SIDE_for, "Large", NULL},
    };
    for (uint32_t i = 0; i < TM_COUNT(rows); i++) {
        put_one(i + 1, &rows[i], ORDERED, "2026-10-12", i == 1 ? 10 : 100);
    }
    static const char *const want[] = {
        "leaf for Large 535 cable Zone",
        "medium for Large 535 cable -",
        "market for Large 535 - -",
        "leaf for Large 504 broadcast WAAA",
        "leaf for Large 504 broadcast WBBB",
        "medium for Large 504 broadcast -",
        "leaf for Large 504 radio Radio X",
        "medium for Large 504 radio -",
        "market for Large 504 - -",
        "leaf for Large 0 digital -",
        "medium for Large 0 digital -",
        "market for Large 0 - -",
        "advertiser for Large 0 - -",
        "leaf for Small 504 broadcast WAAA",
        "medium for Small 504 broadcast -",
        "market for Small 504 - -",
        "advertiser for Small 0 - -",
        "side for - 0 - -",
        "leaf against Bob 504 broadcast WBBB",
        "medium against Bob 504 broadcast -",
        "market against Bob 504 - -",
        "advertiser against Bob 0 - -",
        "side against - 0 - -",
    };
    json_t *root = answer(TM_MODE_BOOKED);
    rows_are(root, want, TM_COUNT(want));
    json_t *rows_json = json_object_get(root, "rows");
    const char *key = json_string_value(json_object_get(json_array_get(rows_json, 6), "key"));
    assert_string_equal(strrchr(key, ':'),
                        ":radiox"); /* a station without id is a row of its own */
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows_json, 17), "key")),
                        "side:for");
    const char *market = json_string_value(json_object_get(json_array_get(rows_json, 8), "key"));
    assert_true(strncmp(market, "market:for:adv_", 15) == 0 &&
                strcmp(strrchr(market, ':'), ":504") == 0);
    assert_int_equal(
        json_integer_value(json_object_get(json_array_get(rows_json, 17), "total_cents")), 510);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(root, "totals"), "total_cents")), 610);
    json_decref(root);
}

static void matrix__answer_is_byte_for_byte(void **state)
{
    (void)state;
    const tm_share_t s[] = {share("2026-10-12", 900000), share("2026-10-19", 0)};
    put(1, &WAAA, ORDERED, s, 2);
    tm_matrix_query_t q = tm_matrix_query_default();
    q.group_by = TM_LEVEL_LEAF;
    q.today = day("2026-10-14");
    char *text = text_of(&q);
    char adv[TM_ID_TEXT_MAX], sta[TM_ID_TEXT_MAX], want[1000];
    tm_id_format("adv", tm_id_make(1, 1), adv);
    tm_id_format("sta", tm_id_make(1, 10), sta);
    snprintf(want, sizeof want,
             "{\"basis\":\"gross\",\"week_basis\":\"broadcast\",\"week_mode\":\"booked\",\"weeks\":"
             "[\"2026-10-12\",\"2026-10-19\"],"
             "\"rows\":[{\"key\":\"%s:504:broadcast:%s\",\"kind\":\"leaf\",\"labels\":{\"side\":"
             "\"for\",\"advertiser\":\"Ann\","
             "\"market\":504,\"medium\":\"broadcast\",\"station\":\"WAAA\"},\"total_cents\":900000,"
             "\"cells\":[900000,0],"
             "\"disputed\":[]}],\"totals\":{\"cells\":[900000,0],\"total_cents\":900000,\"unplaced_"
             "cents\":0,\"disbursement_cents\":null}}",
             adv, sta);
    assert_string_equal(text, want);
    tm_free(text);
}

static int64_t total_of(tm_week_mode_t mode)
{
    json_t *root = answer(mode);
    const int64_t total =
        json_integer_value(json_object_get(json_object_get(root, "totals"), "total_cents"));
    json_decref(root);
    return total;
}

static void matrix__modes_choose_weeks_and_lines(void **state)
{
    (void)state;
    put_one(1, &WAAA, ORDERED, "2026-10-12", 1);
    put_one(2, &WAAA, ORDERED, "2026-10-19", 20);
    put_one(3, &WAAA, ORDERED, "2026-10-26", 300);
    put_one(4, &WAAA, PROPOSED, "2026-10-19", 4000);
    assert_int_equal(total_of(TM_MODE_BOOKED), 321);
    assert_int_equal(total_of(TM_MODE_PROJECTED), 4321);
    assert_int_equal(total_of(TM_MODE_FUTURE_ONLY), 320);
    assert_int_equal(total_of(TM_MODE_NEXT_WEEK), 20);
}

static void matrix__unknown_is_null_and_zero_is_zero(void **state)
{
    (void)state;
    tm_share_t s[] = {share("2026-10-12", 0), share("2026-10-19", 5)};
    put(1, &WAAA, ORDERED, s, 2);
    row_of_t other = WAAA;
    other.sta = 11;
    other.station = "WBBB";
    tm_share_t unknown = {.week = day("2026-10-12")};
    put(2, &other, ORDERED, &unknown, 1);
    json_t *root = answer(TM_MODE_BOOKED);
    json_t *rows = json_object_get(root, "rows");
    json_t *a = json_object_get(json_array_get(rows, 0), "cells"),
           *b = json_object_get(json_array_get(rows, 1), "cells");
    assert_int_equal(json_array_size(a), 2);
    assert_true(json_is_integer(json_array_get(a, 0)) &&
                json_integer_value(json_array_get(a, 0)) == 0);
    assert_true(json_is_null(json_array_get(b, 0)) && json_is_null(json_array_get(b, 1)));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 1), "total_cents")),
                     0);
    json_decref(root);
}

static void matrix__unplaced_stands_beside_the_total(void **state)
{
    (void)state;
    const tm_row_key_t key = key_of(&WAAA);
    const tm_share_t s = {.known = true, .gross = {700}, .net = {595}};
    tm_matrix_set_line(m, tm_id_make(7, 1), &key, NULL, 0, &s, true, false, TM_STAGE_ordered, 1);
    json_t *root = answer(TM_MODE_BOOKED);
    json_t *totals = json_object_get(root, "totals");
    assert_int_equal(json_integer_value(json_object_get(totals, "unplaced_cents")), 700);
    assert_int_equal(json_integer_value(json_object_get(totals, "total_cents")), 0);
    assert_int_equal(json_array_size(json_object_get(root, "rows")), 5);
    json_decref(root);
    put(1, &WAAA, ORDERED, NULL, 0);
    root = answer(TM_MODE_BOOKED);
    assert_int_equal(json_array_size(json_object_get(root, "rows")), 0);
    json_decref(root);
}

static void paid_is(const tm_matrix_query_t *q, int64_t cents)
{
    char *text = text_of(q);
    json_t *root = json_loads(text, 0, NULL);
    json_t *paid = json_object_get(json_object_get(root, "totals"), "disbursement_cents");
    if (cents == 0 ? !json_is_null(paid) : json_integer_value(paid) != cents) {
        fail_msg("not %lld: %s", (long long)cents, text);
    }
    json_decref(root);
    tm_free(text);
}

static void put_paid(uint32_t line, const row_of_t *r, bool firm, const tm_share_t *shares,
                     uint32_t n, const tm_share_t *unplaced)
{
    const tm_row_key_t key = key_of(r);
    tm_matrix_set_line(tm_matrix_paid(m), tm_id_make(7, line), &key, shares, n, unplaced, firm,
                       false, TM_STAGE_ordered, 1);
}

static void matrix__money_paid_out_stands_beside_the_total(void **state)
{
    (void)state;
    static const row_of_t NOWHERE = {2, 0, 0, 0, TM_MEDIUM_other, TM_SIDE_against, "Bo", NULL};
    put_one(1, &WAAA, ORDERED, "2026-10-12", 500);
    char *text = delta();
    tm_free(text);
    tm_matrix_query_t q = tm_matrix_query_default();
    q.today = day("2026-10-14");
    char *before = text_of(&q);
    paid_is(&q, 0);
    const tm_share_t two[] = {share("2026-10-12", 700), share("2026-10-19", 300)};
    const tm_share_t none = {.known = true, .gross = {90}, .net = {80}};
    put_paid(2, &WAAA, true, two, 2, NULL);
    put_paid(3, &NOWHERE, true, NULL, 0, &none);
    put_paid(4, &NOWHERE, false, two, 1, NULL);
    text = delta();
    assert_string_equal(text, "[]"); /* no cell of air time changed */
    tm_free(text);
    paid_is(&q, 1090);
    q.net = true;
    paid_is(&q, 580);
    q.net = false;
    q.mode = TM_MODE_PROJECTED;
    paid_is(&q, 1790);
    q.mode = TM_MODE_NEXT_WEEK;
    paid_is(&q, 300);
    q.mode = TM_MODE_BOOKED;
    q.to = day("2026-10-18");
    paid_is(&q, 700); /* what has no day is in no range of days */
    q.to.v = 0;
    q.side = TM_SIDE_against;
    paid_is(&q, 90);
    q.side = -1;
    q.market = 504;
    paid_is(&q, 1000);
    q.medium = TM_MEDIUM_radio;
    paid_is(&q, 0);
    q = tm_matrix_query_default();
    q.today = day("2026-10-14");
    q.advertiser = TM_STR("bo");
    paid_is(&q, 90);
    q.advertiser = (tm_str_t){NULL, 0};
    /* a view keeps what it saw; the lines leave without a trace */
    tm_matrix_view_t *view = tm_matrix_view(m);
    for (uint32_t line = 2; line <= 4; line++) {
        put_paid(line, &WAAA, true, NULL, 0, NULL);
    }
    tm_cents_t paid;
    assert_true(tm_matrix_disbursed(view, &q, &paid));
    assert_int_equal(paid.v, 1090);
    tm_matrix_view_unref(view);
    text = text_of(&q);
    assert_string_equal(text, before);
    tm_free(text);
    tm_free(before);
}

static void matrix__filters_choose_rows(void **state)
{
    (void)state;
    row_of_t cable = WAAA;
    cable.medium = TM_MEDIUM_cable;
    cable.market = 535;
    cable.side = TM_SIDE_against;
    cable.adv = 2;
    cable.name = "B\xc3\xb6"
                 "b";
    put_one(1, &WAAA, ORDERED, "2026-10-12", 1);
    put_one(2, &cable, ORDERED, "2026-10-19", 20);
    tm_matrix_query_t base = tm_matrix_query_default();
    base.group_by = TM_LEVEL_LEAF;
    static const struct {
        const char *name, *value;
    } asks[] = {
        {"market", "535"},     {"medium", "cable"},    {"side", "against"},
        {"advertiser", "BOB"}, {"from", "2026-10-19"},
    };
    tm_why_t why;
    tm_why_clear(&why);
    for (size_t i = 0; i < TM_COUNT(asks); i++) {
        tm_matrix_query_t q = base;
        assert_int_equal(
            tm_matrix_query_parse(tm_str(asks[i].name), tm_str(asks[i].value), &q, &why), TM_OK);
        char *text = text_of(&q);
        json_t *root = json_loads(text, 0, NULL);
        assert_int_equal(
            json_integer_value(json_object_get(json_object_get(root, "totals"), "total_cents")),
            20);
        assert_int_equal(json_array_size(json_object_get(root, "rows")), 1);
        json_decref(root);
        tm_free(text);
    }
}

static void matrix__query_faults_name_the_parameter(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
    } bad[] = {
        {"basis", "both"},  {"week_mode", "all"}, {"from", "tomorrow"}, {"market", "9"},
        {"market", "x"},    {"medium", "smoke"},  {"side", "us"},       {"group_by", ""},
        {"advertiser", ""}, {"colour", "red"},
    };
    for (size_t i = 0; i < TM_COUNT(bad); i++) {
        tm_matrix_query_t q = tm_matrix_query_default();
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_not_equal(
            tm_matrix_query_parse(tm_str(bad[i].name), tm_str(bad[i].value), &q, &why), TM_OK);
        assert_string_equal(why.faults[0].field, bad[i].name);
    }
    tm_matrix_query_t q = tm_matrix_query_default();
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_matrix_query_parse(TM_STR("from"), TM_STR("2026-10-12"), &q, &why), TM_OK);
    assert_int_equal(tm_matrix_query_parse(TM_STR("to"), TM_STR("2026-10-11"), &q, &why),
                     TM_EINVALID);
}

static void matrix__delta_tells_new_values_once(void **state)
{
    (void)state;
    char *text = delta();
    assert_string_equal(text, "[]");
    tm_free(text);
    const tm_share_t s[] = {share("2026-10-12", 900), share("2026-10-19", 100)};
    put(1, &WAAA, ORDERED, s, 2);
    text = delta();
    char adv[TM_ID_TEXT_MAX], sta[TM_ID_TEXT_MAX], want[1200];
    tm_id_format("adv", tm_id_make(1, 1), adv);
    tm_id_format("sta", tm_id_make(1, 10), sta);
    snprintf(want, sizeof want,
             "[{\"key\":\"%s:504:broadcast:%s@2026-10-12\",\"gross_cents\":900,\"net_cents\":450,"
             "\"low_cents\":900,"
             "\"high_cents\":900,\"spots\":1,\"stages\":[\"ordered\"],\"sources\":[\"fcc\"]},"
             "{\"key\":\"%s:504:broadcast:%s@2026-10-19\",\"gross_cents\":100,\"net_cents\":50,"
             "\"low_cents\":100,"
             "\"high_cents\":100,\"spots\":1,\"stages\":[\"ordered\"],\"sources\":[\"fcc\"]}]",
             adv, sta, adv, sta);
    assert_string_equal(text, want);
    tm_free(text);
    put(1, &WAAA, ORDERED, s, 2);                 /* the same again */
    put_one(2, &WAAA, PROPOSED, "2026-10-12", 5); /* not booked */
    text = delta();
    assert_string_equal(text, "[]");
    tm_free(text);
    put(1, &WAAA, ORDERED, NULL, 0);
    text = delta();
    snprintf(want, sizeof want,
             "[{\"key\":\"%s:504:broadcast:%s@2026-10-12\",\"gross_cents\":null,\"net_cents\":null,"
             "\"low_cents\":null,"
             "\"high_cents\":null,\"spots\":null,\"stages\":[],\"sources\":[]},"
             "{\"key\":\"%s:504:broadcast:%s@2026-10-19\",\"gross_cents\":null,\"net_cents\":null,"
             "\"low_cents\":null,"
             "\"high_cents\":null,\"spots\":null,\"stages\":[],\"sources\":[]}]",
             adv, sta, adv, sta);
    assert_string_equal(text, want);
    tm_free(text);
}

static void matrix__delta_lists_the_stages_that_are_left(void **state)
{
    (void)state;
    const kind_t invoiced = {true, false, TM_STAGE_invoiced};
    put_one(1, &WAAA, ORDERED, "2026-10-12", 1);
    put_one(2, &WAAA, invoiced, "2026-10-12", 2);
    char *text = delta();
    assert_non_null(strstr(text, "[\"ordered\",\"invoiced\"]"));
    tm_free(text);
    put(1, &WAAA, ORDERED, NULL, 0);
    text = delta();
    assert_non_null(strstr(text, "\"stages\":[\"invoiced\"]"));
    tm_free(text);
}

static void matrix__open_bound_makes_high_unknown(void **state)
{
    (void)state;
    tm_share_t s = share("2026-10-12", 100);
    s.low.v = 40;
    s.has_high = false;
    put(1, &WAAA, ORDERED, &s, 1);
    put_one(2, &WAAA, ORDERED, "2026-10-12", 1000);
    char *text = delta();
    assert_non_null(strstr(
        text, "\"gross_cents\":1100,\"net_cents\":550,\"low_cents\":1040,\"high_cents\":null"));
    tm_free(text);
}

static void matrix__view_does_not_change(void **state)
{
    (void)state;
    put_one(1, &WAAA, ORDERED, "2026-10-12", 1);
    put_one(2, &WAAA, ORDERED, "2026-10-19", 2);
    tm_matrix_view_t *view = tm_matrix_view(m);
    put_one(1, &WAAA, ORDERED, "2026-10-12", 100);
    put(2, &WAAA, ORDERED, NULL, 0);
    tm_free(delta());
    tm_cents_t gross, net;
    assert_int_equal(tm_matrix_total(view, &gross, &net), 1);
    assert_int_equal(gross.v, 3);
    tm_matrix_query_t q = tm_matrix_query_default();
    tm_buf_t buf;
    tm_buf_init(&buf, 1 << 16);
    tm_matrix_write(view, &q, &buf);
    tm_buf_add_char(&buf, '\0');
    assert_non_null(strstr(buf.p, "\"cells\":[1,2],\"total_cents\":3"));
    tm_buf_done(&buf);
    tm_matrix_view_unref(view);
    view = tm_matrix_view(m);
    tm_matrix_total(view, &gross, &net);
    assert_int_equal(gross.v, 100);
    tm_matrix_view_unref(view);
}

static void matrix__cell_names_its_lines(void **state)
{
    (void)state;
    tm_arena_t *arena = tm_arena_new(1 << 16);
    const kind_t disputed = {true, true, TM_STAGE_ordered};
    put_one(9, &WAAA, ORDERED, "2026-10-12", 1);
    put_one(2, &WAAA, disputed, "2026-10-12", 20);
    put_one(3, &WAAA, ORDERED, "2026-10-19", 300);
    put_one(4, &WAAA, PROPOSED, "2026-10-12", 4000);
    char adv[TM_ID_TEXT_MAX], sta[TM_ID_TEXT_MAX], key[100];
    tm_id_format("adv", tm_id_make(1, 1), adv);
    tm_id_format("sta", tm_id_make(1, 10), sta);
    snprintf(key, sizeof key, "%s:504:broadcast:%s@2026-10-12", adv, sta);
    tm_matrix_view_t *view = tm_matrix_view(m);
    tm_cell_detail_t cell;
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_OK);
    assert_true(cell.known && cell.disputed && cell.has_high);
    assert_int_equal(cell.gross.v, 21);
    assert_int_equal(cell.projected_gross.v, 4021);
    assert_int_equal(cell.n_lines, 3);
    assert_int_equal(cell.n_firm, 2);
    assert_int_equal(tm_id_counter(cell.lines[0]), 2);
    assert_int_equal(tm_id_counter(cell.lines[1]), 9);
    assert_int_equal(tm_id_counter(cell.lines[2]), 4);
    /* A subtotal names the lines of all rows it covers. */
    const char *const side = tm_side_words.words[WAAA.side];
    snprintf(key, sizeof key, "medium:%s:%s:504:broadcast@2026-10-12", side, adv);
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_OK);
    assert_int_equal(cell.gross.v, 21);
    assert_int_equal(cell.n_lines, 3);
    snprintf(key, sizeof key, "market:%s:%s:504@2026-10-12", side, adv);
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_OK);
    assert_int_equal(cell.gross.v, 21);
    snprintf(key, sizeof key, "advertiser:%s:%s@2026-10-19", side, adv);
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_OK);
    assert_int_equal(cell.gross.v, 300);
    snprintf(key, sizeof key, "side:%s@2026-10-19", side);
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_OK);
    assert_int_equal(cell.gross.v, 300);
    snprintf(key, sizeof key, "market:%s:%s:50@2026-10-12", side, adv);
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_ENOTFOUND);
    snprintf(key, sizeof key, "%s:504:broadcast:%s@2026-11-02", adv, sta);
    assert_int_equal(tm_matrix_cell(view, tm_str(key), arena, &cell), TM_ENOTFOUND);
    assert_int_equal(tm_matrix_cell(view, TM_STR("nothing"), arena, &cell), TM_EINVALID);
    assert_int_equal(tm_matrix_cell(view, TM_STR("a:1:b:c@2026-13-01"), arena, &cell), TM_EINVALID);
    tm_matrix_view_unref(view);
    tm_arena_free(arena);
    json_t *root = answer(TM_MODE_BOOKED);
    json_t *dark = json_object_get(json_array_get(json_object_get(root, "rows"), 0), "disputed");
    assert_int_equal(json_array_size(dark), 1);
    assert_string_equal(json_string_value(json_array_get(dark, 0)), "2026-10-12");
    json_decref(root);
}

static void matrix__side_moves_the_row(void **state)
{
    (void)state;
    put_one(1, &WAAA, ORDERED, "2026-10-12", 1);
    row_of_t moved = WAAA;
    moved.side = TM_SIDE_against;
    put_one(1, &moved, ORDERED, "2026-10-12", 1);
    static const char *const want[] = {
        "leaf against Ann 504 broadcast WAAA", "medium against Ann 504 broadcast -",
        "market against Ann 504 - -", "advertiser against Ann 0 - -", "side against - 0 - -"};
    json_t *root = answer(TM_MODE_BOOKED);
    rows_are(root, want, TM_COUNT(want));
    json_decref(root);
}

/* Whatever way lines come, go and move, the bytes depend on what is there. */
static void matrix__equal_content_gives_equal_bytes(void **state)
{
    (void)state;
    uint64_t seed = 77;
    const row_of_t rows[] = {WAAA,
                             {2, 11, 535, 2, 1, 1, "Bob", "Zone"},
                             {2, 12, 504, 4, 0, 1, "Bob", "WBBB"},
                             {1, 12, 504, 4, 0, 0, "Ann", "WBBB"}};
    static const char *const weeks[] = {"2026-10-05", "2026-10-12", "2026-10-19"};
    tm_matrix_query_t q = tm_matrix_query_default();
    q.mode = TM_MODE_PROJECTED;
    for (int round = 0; round < 50; round++) {
        struct {
            uint32_t row, week;
            int64_t cents;
            bool there, firm;
        } model[40];
        memset(model, 0, sizeof model);
        tm_matrix_free(m);
        m = tm_matrix_new(TM_WEEK_BASIS_broadcast);
        for (int i = 0; i < 300; i++) {
            const uint32_t l = below(&seed, 40);
            model[l].there = below(&seed, 4) != 0;
            model[l].row = below(&seed, 4);
            model[l].week = below(&seed, 3);
            model[l].firm = below(&seed, 3) != 0;
            model[l].cents = below(&seed, 1000);
            if (model[l].there) {
                put_one(l, &rows[model[l].row], model[l].firm ? ORDERED : PROPOSED,
                        weeks[model[l].week], model[l].cents);
            } else {
                put(l, &WAAA, ORDERED, NULL, 0);
            }
            if (below(&seed, 10) == 0) {
                tm_matrix_view_unref(tm_matrix_view(m));
            }
            if (below(&seed, 10) == 0) {
                tm_free(delta());
            }
        }
        char *grown = text_of(&q);
        tm_matrix_free(m);
        m = tm_matrix_new(TM_WEEK_BASIS_broadcast);
        for (uint32_t l = 40; l-- > 0;) {
            if (model[l].there) {
                put_one(l, &rows[model[l].row], model[l].firm ? ORDERED : PROPOSED,
                        weeks[model[l].week], model[l].cents);
            }
        }
        char *fresh = text_of(&q);
        assert_string_equal(grown, fresh);
        tm_free(grown);
        tm_free(fresh);
    }
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(matrix__rows_stand_in_order_with_subtotals),
        WITH(matrix__answer_is_byte_for_byte),
        WITH(matrix__modes_choose_weeks_and_lines),
        WITH(matrix__unknown_is_null_and_zero_is_zero),
        WITH(matrix__unplaced_stands_beside_the_total),
        WITH(matrix__money_paid_out_stands_beside_the_total),
        WITH(matrix__filters_choose_rows),
        WITH(matrix__query_faults_name_the_parameter),
        WITH(matrix__delta_tells_new_values_once),
        WITH(matrix__delta_lists_the_stages_that_are_left),
        WITH(matrix__open_bound_makes_high_unknown),
        WITH(matrix__view_does_not_change),
        WITH(matrix__cell_names_its_lines),
        WITH(matrix__side_moves_the_row),
        WITH(matrix__equal_content_gives_equal_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
