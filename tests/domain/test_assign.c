/* test_assign.c - which lines reach a campaign, and how a campaign is made ready. */
#include "with_lines.h"

#define CMP_SET(c, field, value) SET(c, CAMPAIGN, field, value)

static tm_arena_t *arena;
static tm_why_t why;

static tm_campaign_t campaign_of(const char *name)
{
    tm_campaign_t c;
    memset(&c, 0, sizeof c);
    CMP_SET(&c, name, tm_str(name));
    return c;
}

static tm_campaign_rival_t rival_of(const char *name, int side, uint32_t id)
{
    tm_campaign_rival_t r;
    memset(&r, 0, sizeof r);
    SET(&r, CAMPAIGN_RIVAL, name, tm_str(name));
    if (side >= 0) {
        SET(&r, CAMPAIGN_RIVAL, side, (tm_enum_t){(uint8_t)side});
    }
    if (id != 0) {
        SET(&r, CAMPAIGN_RIVAL, advertiser_id, tm_id_make(1, id));
    }
    return r;
}

static tm_buy_line_t line_by(const char *advertiser, uint32_t id, int32_t market)
{
    tm_buy_line_t line;
    memset(&line, 0, sizeof line);
    LINE_SET(&line, advertiser, tm_str(advertiser));
    if (id != 0) {
        LINE_SET(&line, advertiser_id, tm_id_make(1, id));
    }
    if (market != 0) {
        LINE_SET(&line, market, market);
    }
    return line;
}

static void assign__empty_criteria_take_everything(void **state)
{
    (void)state;
    const tm_campaign_t c = campaign_of("All");
    const tm_buy_line_t line = line_by("Anybody", 0, 0);
    assert_true(tm_assign_matches(&c, &line, arena));
}

static void assign__market_must_be_one_of_them(void **state)
{
    (void)state;
    tm_campaign_t c = campaign_of("Some");
    int32_t markets[] = {504, 535};
    CMP_SET(&c, markets, ((tm_i32s_t){markets, 2}));
    tm_buy_line_t line = line_by("Anybody", 0, 535);
    assert_true(tm_assign_matches(&c, &line, arena));
    line = line_by("Anybody", 0, 536);
    assert_false(tm_assign_matches(&c, &line, arena));
    line = line_by("Anybody", 0, 0); /* unknown */
    assert_false(tm_assign_matches(&c, &line, arena));
}

static void assign__advertiser_by_id_or_spelling(void **state)
{
    (void)state;
    tm_campaign_t c = campaign_of("Some");
    tm_str_t aliases[] = {TM_STR("POL/ Example, Ann / D / US SEN")};
    tm_campaign_rival_t r[] = {rival_of("Ann Example for Senate", TM_SIDE_against, 5),
                               rival_of("Other", TM_SIDE_for, 0)};
    SET(&r[0], CAMPAIGN_RIVAL, aliases, ((tm_strs_t){aliases, 1}));
    CMP_SET(&c, advertisers, ((tm_recs_t){r, 2}));
    tm_buy_line_t line = line_by("anything", 5, 0);
    assert_true(tm_assign_matches(&c, &line, arena));
    line = line_by("Ann Example for Senate", 6, 0); /* another advertiser of that name */
    assert_false(tm_assign_matches(&c, &line, arena));
    line = line_by("pol example ann d us sen", 0, 0);
    assert_true(tm_assign_matches(&c, &line, arena));
    line = line_by("OTHER.", 9, 0);
    assert_true(tm_assign_matches(&c, &line, arena));
    assert_int_equal(tm_assign_side(&c, tm_id_make(1, 5)), TM_SIDE_against);
    assert_int_equal(tm_assign_side(&c, tm_id_make(1, 6)), TM_SIDE_neutral);
}

static void assign__keywords_are_whole_words(void **state)
{
    (void)state;
    tm_campaign_t c = campaign_of("Some");
    tm_str_t keywords[] = {TM_STR("Ann Lee"), TM_STR("issue 2")};
    CMP_SET(&c, keywords, ((tm_strs_t){keywords, 2}));
    tm_buy_line_t line = line_by("Friends of ANN-LEE, Inc.", 0, 0);
    assert_true(tm_assign_matches(&c, &line, arena));
    line = line_by("Joann Leeds", 0, 0);
    assert_false(tm_assign_matches(&c, &line, arena));
    LINE_SET(&line, product, TM_STR("No on Issue 2"));
    assert_true(tm_assign_matches(&c, &line, arena));
    line.product = TM_STR("No on Issue 21");
    assert_false(tm_assign_matches(&c, &line, arena));
}

static void assign__criteria_are_compared_without_sides(void **state)
{
    (void)state;
    tm_campaign_rival_t r[] = {rival_of("One", TM_SIDE_for, 1)},
                        s[] = {rival_of("One", TM_SIDE_against, 1)};
    tm_campaign_t a = campaign_of("A"), b = campaign_of("B");
    CMP_SET(&a, advertisers, ((tm_recs_t){r, 1}));
    CMP_SET(&b, advertisers, ((tm_recs_t){s, 1}));
    assert_true(tm_assign_criteria_equal(&a, &b));
    int32_t markets[] = {504};
    CMP_SET(&b, markets, ((tm_i32s_t){markets, 1}));
    assert_false(tm_assign_criteria_equal(&a, &b));
}

static tm_err_t prepare(tm_campaign_t *c)
{
    tm_why_clear(&why);
    return tm_campaign_prepare(c, arena, &why);
}

static void campaign__gets_its_defaults(void **state)
{
    (void)state;
    tm_campaign_t c = campaign_of("Jos\xc3\xa9's Race, 2026");
    int32_t markets[] = {504, 535, 504};
    CMP_SET(&c, markets, ((tm_i32s_t){markets, 3}));
    assert_int_equal(prepare(&c), TM_OK);
    assert_true(tm_str_eq(c.tz, TM_STR("America/New_York")));
    assert_int_equal(c.week_basis.v, TM_WEEK_BASIS_broadcast);
    assert_int_equal(c.broadcast_day_start_min, 360);
    assert_int_equal(c.commission_bp, 1500);
    assert_int_equal(c.kind.v, TM_KIND_race);
    assert_int_equal(c.status.v, TM_CAMPAIGN_STATUS_active);
    assert_true(TM_HAS(&c, TM_CAMPAIGN_kind) && TM_HAS(&c, TM_CAMPAIGN_status) &&
                TM_HAS(&c, TM_CAMPAIGN_week_basis));
    assert_true(tm_str_eq(c.slug, TM_STR("jose-s-race-2026")));
    assert_int_equal(c.markets.n, 2);
}

static void campaign__names_that_fold_alike_are_one(void **state)
{
    (void)state;
    tm_campaign_rival_t r[] = {rival_of("Ann Example", TM_SIDE_for, 0),
                               rival_of("ANN EXAMPLE", -1, 0), rival_of("Other", -1, 0),
                               rival_of("ann-example", TM_SIDE_for, 0)};
    tm_campaign_t c = campaign_of("X");
    CMP_SET(&c, advertisers, ((tm_recs_t){r, 4}));
    assert_int_equal(prepare(&c), TM_OK);
    assert_int_equal(c.advertisers.n, 2);
    const tm_campaign_rival_t *v = c.advertisers.v;
    assert_true(tm_str_eq(v[0].name, TM_STR("Ann Example")));
    assert_int_equal(v[0].aliases.n, 2);
    assert_true(TM_HAS(&v[1], TM_CAMPAIGN_RIVAL_side) && v[1].side.v == TM_SIDE_neutral);

    SET(&r[3], CAMPAIGN_RIVAL, side, (tm_enum_t){TM_SIDE_against});
    CMP_SET(&c, advertisers, ((tm_recs_t){r, 4}));
    assert_int_equal(prepare(&c), TM_EINVALID);
    assert_string_equal(why.faults[0].field, "advertisers[3].side");
}

static void campaign__faults_are_told_together(void **state)
{
    (void)state;
    tm_campaign_rival_t r[] = {rival_of("--", TM_SIDE_for, 0)};
    tm_str_t keywords[] = {TM_STR("ok"), TM_STR("!!")},
             media[] = {TM_STR("cable"), TM_STR("smoke")};
    tm_campaign_t c = campaign_of("X");
    CMP_SET(&c, advertisers, ((tm_recs_t){r, 1}));
    CMP_SET(&c, keywords, ((tm_strs_t){keywords, 2}));
    CMP_SET(&c, media, ((tm_strs_t){media, 2}));
    CMP_SET(&c, tz, TM_STR("Mars/Olympus"));
    CMP_SET(&c, slug, TM_STR("No Slug"));
    assert_int_equal(prepare(&c), TM_EINVALID);
    assert_int_equal(why.n, 5);
}

int main(void)
{
    arena = tm_arena_new(1 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assign__empty_criteria_take_everything),
        cmocka_unit_test(assign__market_must_be_one_of_them),
        cmocka_unit_test(assign__advertiser_by_id_or_spelling),
        cmocka_unit_test(assign__keywords_are_whole_words),
        cmocka_unit_test(assign__criteria_are_compared_without_sides),
        cmocka_unit_test(campaign__gets_its_defaults),
        cmocka_unit_test(campaign__names_that_fold_alike_are_one),
        cmocka_unit_test(campaign__faults_are_told_together),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tm_arena_free(arena);
    return failed;
}
