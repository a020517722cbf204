/* test_assignment.c - which documents become whose lines, and what happens when that changes. */
#include "actors/with_world.h"

/* number, advertiser, station, more */
#define ORDER                                                                                   \
    "{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"%s\","    \
    "\"advertiser\":\"%s\",\"station\":\"%s\",\"medium\":\"broadcast\",\"gross_cents\":100000," \
    "\"net_cents\":85000,\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\"%s}"
#define NONE ((tm_id_t){0})

static void markets(world_t *w)
{
    const reply_t *r = ask(w, TM_MSG_MARKETS_PUT, NONE,
                           "{\"markets\":[{\"dma_code\":504,\"name\":\"Alpha City\",\"rank\":4},"
                           "{\"dma_code\":535,\"name\":\"Beta Falls\",\"rank\":36}],"
                           "\"aliases\":[{\"dma_code\":504,\"norm\":\"x\",\"text\":\"Alpha\"}]}");
    assert_int_equal(r->status, 200);
}

static void stations(world_t *w)
{
    const reply_t *r = ask(w, TM_MSG_STATIONS_PUT, NONE,
                           "{\"stations\":[{\"call_sign\":\"WAAA-TV\",\"dma_code\":504},"
                           "{\"call_sign\":\"WBBB\"}],\"market_names\":[\"-\",\"beta falls\"]}");
    assert_int_equal(r->status, 200);
    assert_int_equal(number_of(r->body, "added") + number_of(r->body, "changed") +
                         number_of(r->body, "same"),
                     2);
}

static uint32_t exceptions(world_t *w, uint32_t actor, const char *kind)
{
    json_t *list = records_json(w, actor, &tm_exception_desc);
    uint32_t n = 0;
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e)
    {
        n += strcmp(text_of(e, "kind"), kind) == 0;
    }
    json_decref(list);
    return n;
}

static void assignment__market_alias_keyword(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    markets(&w);
    stations(&w);
    const tm_id_t all = campaign_new(&w, "{\"name\":\"all\"}");
    const tm_id_t alpha = campaign_new(&w, "{\"name\":\"alpha\",\"markets\":[504]}");
    const tm_id_t ann = campaign_new(
        &w, "{\"name\":\"ann\",\"advertisers\":[{\"name\":\"Ann Lee\",\"side\":\"for\",\"aliases\":"
            "[\"POL/ Lee / D\"]}]}");
    const tm_id_t word = campaign_new(&w, "{\"name\":\"word\",\"keywords\":[\"issue 3\"]}");
    const tm_id_t both = campaign_new(
        &w, "{\"name\":\"both\",\"markets\":[535],\"advertisers\":[{\"name\":\"Ann Lee\"}]}");
    json_t *in =
        input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "," ORDER "," ORDER "]", "1001",
                   "ANN LEE", "WAAA-TV", "", "1002", "pol  lee d", "WBBB", "", "1003", "Yes on it",
                   "WZZZ", ",\"product\":\"Yes on Issue 3\"", "1004", "Bo Fox", "WAAA", "");
    assert_string_equal(text_of(in, "status"), "parsed");
    assert_int_equal(number_of(in, "documents"), 4);
    assert_int_equal(number_of(in, "lines"), 4);
    json_decref(in);
    assert_int_equal(open_lines(&w, all), 4);
    assert_int_equal(open_lines(&w, alpha), 2); /* an unknown market is no listed one */
    assert_int_equal(open_lines(&w, ann), 2);
    assert_int_equal(open_lines(&w, word), 1);
    assert_int_equal(open_lines(&w, both), 1);
    assert_int_equal(pending_lines(&w), 0);
    json_t *lines = records_json(&w, tm_campaign_actor(ann), &tm_buy_line_desc);
    assert_string_equal(text_of(json_array_get(lines, 1), "side"), "for");
    assert_string_equal(text_of(json_array_get(lines, 1), "advertiser"), "Ann Lee");
    assert_int_equal(number_of(json_array_get(lines, 1), "market"), 535);
    json_decref(lines);
    /* each campaign has its own line of one document */
    json_t *a = records_json(&w, tm_campaign_actor(all), &tm_buy_line_desc);
    json_t *b = records_json(&w, tm_campaign_actor(alpha), &tm_buy_line_desc);
    assert_string_equal(text_of(json_array_get(a, 0), "document_id"),
                        text_of(json_array_get(b, 0), "document_id"));
    assert_string_not_equal(text_of(json_array_get(a, 0), "id"),
                            text_of(json_array_get(b, 0), "id"));
    json_decref(a);
    json_decref(b);
    world_check_replay(&w);
    world_done(&w);
}

static void assignment__forced_also_for_known_bytes(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t one = campaign_new(&w, "{\"name\":\"one\",\"keywords\":[\"nothing\"]}");
    const tm_id_t two = campaign_new(&w, "{\"name\":\"two\",\"keywords\":[\"nothing\"]}");
    json_t *in = input_read(&w, "a.pdf", one, "[" ORDER "]", "1001", "Ann", "WAAA", "");
    char first[64];
    (void)snprintf(first, sizeof first, "%s", text_of(in, "id"));
    json_decref(in);
    assert_int_equal(open_lines(&w, one), 1);
    assert_int_equal(pending_lines(&w), 0);
    const reply_t *r = input_new(&w, "a.pdf", two);
    assert_int_equal(r->status, 200);
    assert_string_equal(text_of(r->body, "id"), first);
    assert_int_equal(open_lines(&w, two), 1);
    assert_int_equal(input_new(&w, "a.pdf", two)->status, 200);
    assert_int_equal(open_lines(&w, two), 1);
    /* criteria never take away what a person sent */
    assert_int_equal(patch(&w, two, -1, "{\"keywords\":[\"else\"]}")->status, 200);
    assert_int_equal(open_lines(&w, two), 1);
    world_check_replay(&w);
    world_done(&w);
}

/* Known bytes sent for another campaign while they are still being read. */
static void assignment__forced_before_it_is_parsed(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t one = campaign_new(&w, "{\"name\":\"one\",\"keywords\":[\"nothing\"]}");
    const tm_id_t two = campaign_new(&w, "{\"name\":\"two\",\"keywords\":[\"nothing\"]}");
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 202);
    assert_int_equal(input_new(&w, "a.pdf", one)->status, 200);
    assert_int_equal(input_new(&w, "a.pdf", two)->status, 200);
    job_read(&w, "[" ORDER "]", "1001", "Ann", "WAAA", "");
    assert_int_equal(open_lines(&w, one), 1);
    assert_int_equal(open_lines(&w, two), 1);
    assert_int_equal(pending_lines(&w), 0);
    world_check_replay(&w);
    world_done(&w);
}

static void pending__listed_and_assigned_once(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\",\"keywords\":[\"nothing\"]}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "]", "1001", "Ann", "WAAA", ""));
    assert_int_equal(pending_lines(&w), 1);
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_buy_line_desc);
    char line[64], cmp[TM_ID_TEXT_MAX];
    (void)snprintf(line, sizeof line, "%s", text_of(json_array_get(list, 0), "id"));
    json_decref(list);
    (void)tm_id_format("cmp", id, cmp);
    const char *body = "{\"buy_line_id\":\"%s\",\"campaign_id\":\"%s\"}";
    const reply_t *r = ask(&w, TM_MSG_PENDING_ASSIGN, NONE, body, line, "cmp_0000000000009");
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "campaign_id");
    assert_int_equal(ask(&w, TM_MSG_PENDING_ASSIGN, NONE, body, line, cmp)->status, 200);
    assert_int_equal(pending_lines(&w), 0);
    assert_int_equal(open_lines(&w, id), 1);
    assert_int_equal(ask(&w, TM_MSG_PENDING_ASSIGN, NONE, body, line, cmp)->status, 409);
    assert_int_equal(open_lines(&w, id), 1);
    world_done(&w);
}

static void criteria__wider_narrower_wider(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\",\"keywords\":[\"ann\"]}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "]", "1001", "Ann", "WAAA", "",
                           "1002", "Bo", "WBBB", ""));
    assert_int_equal(open_lines(&w, id), 1);
    assert_int_equal(pending_lines(&w), 1);
    assert_int_equal(patch(&w, id, -1, "{\"keywords\":[]}")->status, 200);
    assert_int_equal(open_lines(&w, id), 2);
    assert_int_equal(pending_lines(&w), 0);
    assert_int_equal(matrix_total(&w, id), 200000);
    w.now.v += 1000;
    assert_int_equal(patch(&w, id, -1, "{\"keywords\":[\"bo\"]}")->status, 200);
    assert_int_equal(open_lines(&w, id), 1);
    assert_int_equal(matrix_total(&w, id), 100000);
    json_t *lines = records_json(&w, tm_campaign_actor(id), &tm_buy_line_desc);
    json_t *closed = json_array_get(lines, 0);
    assert_int_equal(number_of(closed, "known_to_ms"), w.now.v);
    assert_int_equal(number_of(closed, "archived_ms"), w.now.v);
    json_decref(lines);
    assert_int_equal(patch(&w, id, -1, "{\"keywords\":[]}")->status, 200);
    assert_int_equal(open_lines(&w, id), 2);
    assert_int_equal(matrix_total(&w, id), 200000);
    world_check_replay(&w);
    world_done(&w);
}

/* A line that leaves gives the older version of its order its place back. */
static void criteria__closing_settles_the_chain(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\"}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "]", "1001", "Ann", "WAAA",
                           ",\"revision\":\"1\"", "1001", "Ann Lee", "WAAA",
                           ",\"revision\":\"2\""));
    assert_int_equal(matrix_total(&w, id), 100000);
    json_t *lines = records_json(&w, tm_campaign_actor(id), &tm_buy_line_desc);
    assert_string_equal(text_of(json_array_get(lines, 0), "standing"), "superseded");
    json_decref(lines);
    assert_int_equal(
        patch(&w, id, -1, "{\"advertisers\":[{\"name\":\"Ann\",\"side\":\"for\"}]}")->status, 200);
    lines = records_json(&w, tm_campaign_actor(id), &tm_buy_line_desc);
    assert_int_equal(open_lines(&w, id), 1);
    assert_string_equal(text_of(json_array_get(lines, 0), "standing"), "winner");
    assert_string_equal(text_of(json_array_get(lines, 0), "superseded_by"), "");
    json_decref(lines);
    assert_int_equal(matrix_total(&w, id), 100000);
    world_check_replay(&w);
    world_done(&w);
}

static void advertiser__missing_is_a_row_and_an_exception(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\"}");
    json_t *in = input_read(
        &w, "a.pdf", NONE,
        "[{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"1\","
        "\"station\":\"WAAA\",\"market\":\"-\",\"medium\":\"broadcast\",\"gross_cents\":100000,"
        "\"net_cents\":85000,\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\"}," ORDER
        "]",
        "2", " -- ", "WAAA", "");
    json_decref(in);
    assert_int_equal(exceptions(&w, tm_campaign_actor(id), "missing_advertiser"), 2);
    json_t *m = matrix_json(&w, id, NULL);
    json_t *row = json_array_get(json_object_get(m, "rows"), 0);
    assert_string_equal(text_of(json_object_get(row, "labels"), "advertiser"),
                        "Unknown advertiser");
    assert_int_equal(number_of(json_object_get(m, "totals"), "total_cents"), 200000);
    json_decref(m);
    world_done(&w);
}

static void station__one_exception_a_code(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    markets(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"one\",\"keywords\":[\"ann\"]}");
    json_t *in =
        input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "," ORDER "]", "1", "Ann", "WAAA", "",
                   "2", "Ann", "WAAA-TV", "", "3", "Ann", "WCCC", ",\"market\":\"alpha city\"");
    assert_int_equal(number_of(in, "exceptions"), 1);
    json_decref(in);
    in = input_read(&w, "b.pdf", NONE, "[" ORDER "," ORDER "]", "4", "Ann", "WAAA", "", "5", "Bo",
                    "WDDD", "");
    assert_int_equal(number_of(in, "exceptions"), 1); /* WDDD's, of no campaign */
    json_decref(in);
    in = input_read(&w, "c.pdf", NONE, "[" ORDER "]", "6", "Bo", "WDDD", "");
    assert_int_equal(number_of(in, "exceptions"), 0);
    json_decref(in);
    assert_int_equal(exceptions(&w, tm_campaign_actor(id), "missing_station"), 1);
    assert_int_equal(exceptions(&w, TM_ACTOR_DIRECTORY, "missing_station"), 1);
    /* the market printed on a paper is remembered */
    json_decref(input_read(&w, "d.pdf", NONE, "[" ORDER "]", "7", "Ann", "WCCC", ""));
    json_t *lines = records_json(&w, tm_campaign_actor(id), &tm_buy_line_desc);
    assert_int_equal(number_of(json_array_get(lines, json_array_size(lines) - 1), "market"), 504);
    json_decref(lines);
    world_done(&w);
}

static void tables__later_imports_move_lines(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t all = campaign_new(&w, "{\"name\":\"all\"}");
    const tm_id_t alpha = campaign_new(&w, "{\"name\":\"alpha\",\"markets\":[504]}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "]", "1", "Ann", "WAAA", "", "2",
                           "Ann", "WBBB", ",\"market\":\"Beta Falls\""));
    assert_int_equal(open_lines(&w, alpha), 0);
    markets(&w);
    stations(&w);
    json_t *lines = records_json(&w, tm_campaign_actor(all), &tm_buy_line_desc);
    assert_int_equal(json_array_size(lines), 2);
    assert_int_equal(number_of(json_array_get(lines, 0), "market"), 504);
    assert_int_equal(number_of(json_array_get(lines, 0), "version"), 2);
    assert_int_equal(number_of(json_array_get(lines, 1), "market"), 535);
    json_decref(lines);
    assert_int_equal(open_lines(&w, alpha), 1);
    /* the same tables again change nothing */
    tm_campaign_view_t *view = campaign_view(&w, all);
    const uint64_t version = view->view.version;
    tm_shared_unref(view);
    markets(&w);
    const reply_t *r = ask(&w, TM_MSG_STATIONS_PUT, NONE,
                           "{\"stations\":[{\"call_sign\":\"WAAA-TV\",\"dma_code\":504},"
                           "{\"call_sign\":\"WBBB\"}],\"market_names\":[\"-\",\"beta falls\"]}");
    assert_int_equal(number_of(r->body, "same"), 2);
    view = campaign_view(&w, all);
    assert_int_equal(view->view.version, version);
    tm_shared_unref(view);
    world_check_replay(&w);
    world_done(&w);
}

/* A station that moves takes its lines along, out of one campaign and into another. */
static void tables__a_station_moves(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    stations(&w);
    const tm_id_t alpha = campaign_new(&w, "{\"name\":\"alpha\",\"markets\":[504]}");
    const tm_id_t beta = campaign_new(&w, "{\"name\":\"beta\",\"markets\":[535]}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "]", "1", "Ann", "WAAA", ""));
    assert_int_equal(open_lines(&w, alpha), 1);
    const reply_t *r = ask(&w, TM_MSG_STATIONS_PUT, NONE,
                           "{\"stations\":[{\"call_sign\":\"WAAA\",\"dma_code\":535}]}");
    assert_int_equal(number_of(r->body, "changed"), 1);
    assert_int_equal(open_lines(&w, alpha), 0);
    assert_int_equal(open_lines(&w, beta), 1);
    assert_int_equal(matrix_total(&w, alpha), 0);
    assert_int_equal(matrix_total(&w, beta), 100000);
    world_check_replay(&w);
    world_done(&w);
}

/* Rows that name one station twice: the first is meant, at every import. */
static void tables__a_call_sign_twice_is_one_station(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const char *rows = "{\"stations\":[{\"call_sign\":\"WAAA-TV\",\"dma_code\":504},"
                       "{\"call_sign\":\"WAAA-LD\",\"dma_code\":535}],\"market_names\":[]}";
    const reply_t *r = ask(&w, TM_MSG_STATIONS_PUT, NONE, "%s", rows);
    assert_int_equal(number_of(r->body, "added"), 1);
    r = ask(&w, TM_MSG_STATIONS_PUT, NONE, "%s", rows);
    assert_int_equal(number_of(r->body, "same"), 2);
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_station_desc);
    assert_int_equal(json_array_size(list), 1);
    assert_int_equal(number_of(json_array_get(list, 0), "dma_code"), 504);
    json_decref(list);
    const char *twice = "{\"markets\":[{\"dma_code\":504,\"name\":\"Alpha\",\"rank\":4},"
                        "{\"dma_code\":504,\"name\":\"Alpha (A)\",\"rank\":5}],\"aliases\":[]}";
    assert_int_equal(ask(&w, TM_MSG_MARKETS_PUT, NONE, "%s", twice)->status, 200);
    r = ask(&w, TM_MSG_MARKETS_PUT, NONE, "%s", twice);
    assert_int_equal(number_of(r->body, "changed"), 0);
    list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_market_desc);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    world_done(&w);
}

/* `387130-2` is revision 2 of 387130 where the bare number is seen, in whatever order they come. */
/* Titles are evidence among papers of one advertiser, in any order; a wrong one joins nothing. */
static void numbers__a_title_names_the_order_of_one_advertiser(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        const bool late = way % 2 == 1, same = way < 2;
        world_t w;
        world_init(&w);
        const tm_id_t id = campaign_new(&w, "{\"name\":\"one\"}");
        const char *files[] = {"WAAA/ORD92162.pdf", "a.pdf"};
        const char *numbers[] = {"1041-92161", "92162"};
        for (int i = 0; i < 2; i++) {
            const int k = late ? 1 - i : i;
            json_decref(input_read(&w, files[k], NONE, "[" ORDER "]", numbers[k],
                                   same || k == 0 ? "Ann" : "Bob", "WAAA", ""));
        }
        assert_int_equal(matrix_total(&w, id), same ? 100000 : 200000);
        world_check_replay(&w);
        world_done(&w);
    }
}

static void numbers__a_suffix_is_a_revision_in_either_order(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        world_t w;
        world_init(&w);
        const tm_id_t id = campaign_new(&w, "{\"name\":\"one\"}");
        json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "]", late ? "387130-2" : "387130",
                               "Ann", "WAAA", ""));
        json_decref(input_read(&w, "b.pdf", NONE, "[" ORDER "]", late ? "387130" : "387130-2",
                               "Ann", "WAAA", ""));
        assert_int_equal(matrix_total(&w, id), 100000);
        json_t *lines = records_json(&w, tm_campaign_actor(id), &tm_buy_line_desc);
        /* a revision that only one of them has decides nothing: the later upload stands */
        for (size_t i = 0; i < 2; i++) {
            json_t *line = json_array_get(lines, i);
            assert_string_equal(text_of(line, "order_no_norm"), "387130");
            assert_string_equal(text_of(line, "standing"), i == 0 ? "superseded" : "winner");
        }
        assert_string_equal(text_of(json_array_get(lines, late ? 0 : 1), "revision"), "2");
        json_decref(lines);
        world_check_replay(&w);
        world_done(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assignment__market_alias_keyword),
        cmocka_unit_test(assignment__forced_also_for_known_bytes),
        cmocka_unit_test(assignment__forced_before_it_is_parsed),
        cmocka_unit_test(pending__listed_and_assigned_once),
        cmocka_unit_test(criteria__wider_narrower_wider),
        cmocka_unit_test(criteria__closing_settles_the_chain),
        cmocka_unit_test(advertiser__missing_is_a_row_and_an_exception),
        cmocka_unit_test(station__one_exception_a_code),
        cmocka_unit_test(tables__later_imports_move_lines),
        cmocka_unit_test(tables__a_station_moves),
        cmocka_unit_test(tables__a_call_sign_twice_is_one_station),
        cmocka_unit_test(numbers__a_suffix_is_a_revision_in_either_order),
        cmocka_unit_test(numbers__a_title_names_the_order_of_one_advertiser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
