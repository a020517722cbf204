/* test_proposals.c - spellings that look like a known name, what a person says about them, and
 * lists worked off in bulk. */
#include "actors/with_world.h"

#define NONE ((tm_id_t){0})
#define LINE                                                                              \
    "\"advertiser\":\"%s\",\"station\":\"WAAA\",\"market\":504,\"medium\":\"broadcast\"," \
    "\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\",\"gross_cents\":%d"
/* number, advertiser */
#define ORDER                                                                                     \
    "{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"%s\","      \
    "\"advertiser\":\"%s\",\"station\":\"WAAA\",\"medium\":\"broadcast\",\"gross_cents\":100000," \
    "\"net_cents\":85000,\"flight_from\":\"2026-10-13\",\"flight_to\":\"2026-10-26\"}"
#define SMITH "Friends of Jane Smith"
#define SMYTH "Friends of Jane Smyth"

static json_t *proposals(world_t *w, size_t n)
{
    json_t *list = records_json(w, TM_ACTOR_DIRECTORY, &tm_name_proposal_desc);
    if (json_array_size(list) != n) {
        char *text = json_dumps(list, JSON_INDENT(1));
        fail_msg("%zu proposals, wanted %zu: %s", json_array_size(list), n, text);
    }
    return list;
}

/* The only proposal's id. */
static const char *only(world_t *w, char ret[64])
{
    json_t *list = proposals(w, 1);
    (void)snprintf(ret, 64, "%s", text_of(json_array_get(list, 0), "id"));
    json_decref(list);
    return ret;
}

static const reply_t *decide(world_t *w, const char *proposal, const char *more)
{
    return ask(w, TM_MSG_NAME_DECIDE, NONE, "{\"proposal_id\":\"%s\",%s}", proposal, more);
}

/* Booked gross of an advertiser's leaf rows. */
static int64_t dollars(world_t *w, tm_id_t campaign, const char *advertiser, const char *side)
{
    json_t *matrix = matrix_json(w, campaign, "basis=gross");
    json_t *rows = json_object_get(matrix, "rows");
    int64_t sum = 0;
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        json_t *labels = json_object_get(row, "labels");
        if (strcmp(text_of(row, "kind"), "leaf") == 0 &&
            strcmp(text_of(labels, "advertiser"), advertiser) == 0 &&
            strcmp(text_of(labels, "side"), side) == 0)
            sum += number_of(row, "total_cents");
    }
    json_decref(matrix);
    return sum;
}

static uint32_t exceptions(world_t *w, const char *status, char ret_first[64])
{
    json_t *list = records_json(w, TM_ACTOR_DIRECTORY, &tm_exception_desc);
    uint32_t n = 0;
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e)
    {
        if (strcmp(text_of(e, "status"), status) == 0 && n++ == 0 && ret_first != NULL)
            (void)snprintf(ret_first, 64, "%s", text_of(e, "id"));
    }
    json_decref(list);
    return n;
}

static void proposal__an_alike_spelling_is_asked_about_once(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id =
        campaign_new(&w, "{\"name\":\"a\",\"advertisers\":[{\"name\":\"" SMITH "\"}]}");
    for (int i = 0; i < 3; i++)
        assert_int_equal(line_post(&w, id, LINE, SMYTH, 100)->status, 201);
    assert_int_equal(line_post(&w, id, LINE, "Citizens against Potholes", 100)->status, 201);
    assert_int_equal(line_post(&w, id, LINE, "friends of  JANE smith", 100)->status, 201);
    json_t *list = proposals(&w, 1);
    json_t *p = json_array_get(list, 0);
    assert_string_equal(text_of(p, "kind"), "advertiser");
    assert_string_equal(text_of(p, "status"), "open");
    assert_string_equal(text_of(p, "text"), SMYTH);
    assert_string_equal(text_of(p, "target"), SMITH);
    assert_true(number_of(p, "score_bp") >= 7000 && number_of(p, "score_bp") < 10000);
    assert_true(strlen(text_of(p, "why")) > 0);
    assert_string_not_equal(text_of(p, "advertiser_id"), text_of(p, "target_id"));
    json_decref(list);
    /* until a person decides its dollars stand under its own name */
    assert_int_equal(dollars(&w, id, SMYTH, "neutral"), 300);
    world_check_replay(&w);
    world_done(&w);
}

static void proposal__spellings_of_one_packet_meet_each_other(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    (void)campaign_new(&w, "{\"name\":\"a\"}");
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "," ORDER "]", "1001", SMITH,
                           "1002", SMYTH, "1003", "Ohio Teachers"));
    json_t *list = proposals(&w, 1);
    assert_string_equal(text_of(json_array_get(list, 0), "text"), SMYTH); /* the younger */
    assert_string_equal(text_of(json_array_get(list, 0), "target"), SMITH);
    json_decref(list);
    world_check_replay(&w);
    world_done(&w);
}

/* Names that a person wrote are sure, so the older spelling is what is asked about. */
static void proposal__a_name_by_hand_is_the_target(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t all = campaign_new(&w, "{\"name\":\"all\"}");
    assert_int_equal(line_post(&w, all, LINE, SMYTH, 100)->status, 201);
    (void)campaign_new(&w, "{\"name\":\"b\",\"advertisers\":[{\"name\":\"" SMITH "\"}]}");
    json_t *list = proposals(&w, 1);
    assert_string_equal(text_of(json_array_get(list, 0), "text"), SMYTH);
    json_decref(list);
    /* two names by hand are two: nobody asks */
    (void)campaign_new(&w, "{\"name\":\"c\",\"advertisers\":[{\"name\":\"Friends of Jane Smithe\"},"
                           "{\"name\":\"Friends of June Smith\",\"aliases\":[\"J Smith\"]}]}");
    list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_name_proposal_desc);
    for (size_t i = 0; i < json_array_size(list); i++)
        assert_string_equal(text_of(json_array_get(list, i), "text"), SMYTH);
    json_decref(list);
    world_done(&w);
}

static void decide__rejected_is_remembered(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    char p[64];
    const tm_id_t id =
        campaign_new(&w, "{\"name\":\"a\",\"advertisers\":[{\"name\":\"" SMITH "\"}]}");
    (void)line_post(&w, id, LINE, SMYTH, 100);
    (void)only(&w, p);
    assert_int_equal(decide(&w, "nmp_0000004zzzzzz", "\"status\":\"rejected\"")->status, 404);
    const reply_t *r =
        decide(&w, p, "\"status\":\"confirmed\",\"target_id\":\"adv_0000004zzzzzz\"");
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "target_id");
    r = decide(&w, p, "\"status\":\"rejected\"");
    assert_int_equal(r->status, 200);
    assert_string_equal(text_of(r->body, "status"), "rejected");
    assert_string_equal(text_of(r->body, "decided_by"), "system");
    assert_int_equal(number_of(r->body, "decided_ms"), w.now.v);
    assert_int_equal(decide(&w, p, "\"status\":\"confirmed\"")->status, 409);
    (void)line_post(&w, id, LINE, SMYTH, 100);
    assert_int_equal(dollars(&w, id, SMYTH, "neutral"), 200);
    json_decref(proposals(&w, 1));
    world_check_replay(&w);
    world_done(&w);
}

static void decide__confirmed_moves_the_dollars(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    char p[64];
    const tm_id_t one = campaign_new(&w, "{\"name\":\"one\",\"advertisers\":[{\"name\":\"" SMITH
                                         "\",\"side\":\"for\"}]}");
    const tm_id_t all = campaign_new(&w, "{\"name\":\"all\"}");
    (void)line_post(&w, one, LINE, SMITH, 1000);
    (void)line_post(&w, one, LINE, SMYTH, 200);
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "]", "1001", SMYTH));
    assert_int_equal(dollars(&w, all, SMYTH, "neutral"), 100000);
    assert_int_equal(open_lines(&w, one), 2);
    const reply_t *r = decide(&w, only(&w, p), "\"status\":\"confirmed\"");
    assert_int_equal(r->status, 200);
    assert_string_equal(text_of(r->body, "status"), "confirmed");
    assert_int_equal(dollars(&w, all, SMITH, "neutral"), 100000); /* by its document */
    assert_int_equal(dollars(&w, one, SMITH, "for"), 101200); /* a posted line, a new document */
    assert_int_equal(dollars(&w, one, SMYTH, "neutral"), 0);
    assert_int_equal(matrix_total(&w, one), 101200);
    (void)line_post(&w, one, LINE, SMYTH, 5); /* known at once */
    assert_int_equal(dollars(&w, one, SMITH, "for"), 101205);
    json_decref(proposals(&w, 1));
    world_check_replay(&w);
    world_crash(&w);
    world_boot(&w);
    world_settle(&w);
    (void)line_post(&w, one, LINE, SMYTH, 5);
    assert_int_equal(dollars(&w, one, SMITH, "for"), 101210);
    world_done(&w);
}

/* Nobody takes the document of a spelling that only looks like the tracked name. */
static void decide__a_pending_line_finds_its_campaign(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        world_t w;
        world_init(&w);
        char p[64];
        const char *body =
            "{\"name\":\"one\",\"advertisers\":[{\"name\":\"" SMITH "\",\"side\":\"for\"}]}";
        tm_id_t one = NONE;
        if (!late)
            one = campaign_new(&w, "%s", body);
        json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "]", "1001", SMYTH, "1002",
                               "FRIENDS of Jane Smyth"));
        if (late)
            one = campaign_new(&w, "%s", body);
        assert_int_equal(pending_lines(&w), 2);
        json_t *list = proposals(&w, 1); /* once for both */
        assert_string_equal(text_of(json_array_get(list, 0), "text"), SMYTH);
        assert_string_equal(text_of(json_array_get(list, 0), "advertiser_id"), "");
        json_decref(list);
        assert_int_equal(decide(&w, only(&w, p), "\"status\":\"confirmed\"")->status, 200);
        assert_int_equal(pending_lines(&w), 0);
        assert_int_equal(dollars(&w, one, SMITH, "for"), 200000);
        world_check_replay(&w);
        world_done(&w);
    }
}

/* Both are tracked: one entry with both spellings is left; on different sides a person has to say
 * first which is right. */
static void decide__a_campaign_that_lists_both(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    char p[64];
    const tm_id_t all = campaign_new(&w, "{\"name\":\"all\"}");
    (void)line_post(&w, all, LINE, SMITH, 100);
    (void)line_post(&w, all, LINE, SMYTH, 100);
    (void)only(&w, p);
    const tm_id_t both = campaign_new(
        &w, "{\"name\":\"both\",\"advertisers\":[{\"name\":\"" SMITH "\",\"side\":\"for\"},"
            "{\"name\":\"" SMYTH "\",\"side\":\"against\"},{\"name\":\"Third\"}]}");
    const reply_t *r = decide(&w, p, "\"status\":\"confirmed\"");
    assert_int_equal(r->status, 409);
    assert_string_equal(r->fields, "target_id");
    r = patch(&w, both, -1,
              "{\"advertisers\":[{\"name\":\"" SMITH "\",\"side\":\"for\"},"
              "{\"name\":\"" SMYTH "\",\"side\":\"for\"},{\"name\":\"Third\"}]}");
    assert_int_equal(r->status, 200);
    const tm_id_t just = campaign_new(&w, "{\"name\":\"just\",\"advertisers\":[{\"name\":\"" SMYTH
                                          "\",\"side\":\"against\"}]}");
    assert_int_equal(decide(&w, p, "\"status\":\"confirmed\"")->status, 200);
    json_t *record = record_json(&w, TM_ACTOR_DIRECTORY, &tm_campaign_desc, both);
    json_t *rivals = json_object_get(record, "advertisers");
    assert_int_equal(json_array_size(rivals), 2);
    assert_string_equal(text_of(json_array_get(rivals, 0), "name"), SMITH);
    json_t *aliases = json_object_get(json_array_get(rivals, 0), "aliases");
    assert_string_equal(json_string_value(json_array_get(aliases, 0)), SMYTH);
    assert_string_equal(text_of(json_array_get(rivals, 1), "name"), "Third");
    json_decref(record);
    (void)line_post(&w, both, LINE, SMYTH, 7);
    assert_int_equal(dollars(&w, both, SMITH, "for"), 7);
    (void)line_post(&w, just, LINE, SMYTH, 7);
    assert_int_equal(dollars(&w, just, SMITH, "against"), 7);
    assert_int_equal(dollars(&w, all, SMITH, "neutral"), 200);
    world_check_replay(&w);
    world_done(&w);
}

/* A chain of likenesses: what asked about the first asks about the last. */
static void decide__open_questions_follow(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t all = campaign_new(&w, "{\"name\":\"all\"}");
    (void)line_post(&w, all, LINE, SMITH, 1);
    (void)line_post(&w, all, LINE, SMYTH, 2);
    (void)line_post(&w, all, LINE, "Friends of Jane Smythe", 4);
    json_t *list = proposals(&w, 2);
    char first[64], second[64], smith[64];
    (void)snprintf(first, sizeof first, "%s", text_of(json_array_get(list, 0), "id"));
    (void)snprintf(second, sizeof second, "%s", text_of(json_array_get(list, 1), "id"));
    (void)snprintf(smith, sizeof smith, "%s", text_of(json_array_get(list, 0), "target_id"));
    assert_string_equal(text_of(json_array_get(list, 1), "target"), SMYTH);
    json_decref(list);
    assert_int_equal(decide(&w, first, "\"status\":\"confirmed\"")->status, 200);
    list = proposals(&w, 2);
    assert_string_equal(text_of(json_array_get(list, 1), "target"), SMITH);
    assert_string_equal(text_of(json_array_get(list, 1), "target_id"), smith);
    json_decref(list);
    assert_int_equal(decide(&w, second, "\"status\":\"confirmed\"")->status, 200);
    assert_int_equal(dollars(&w, all, SMITH, "neutral"), 7);
    world_check_replay(&w);
    world_done(&w);
}

static void proposal__very_many_names_go_on_in_parts(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    (void)campaign_new(&w, "{\"name\":\"all\"}");
    static char docs[400 * 300];
    size_t n = (size_t)snprintf(docs, sizeof docs, "[");
    for (int i = 0; i < 200; i++) {
        char number[16], name[64];
        (void)snprintf(number, sizeof number, "%d", 1000 + i);
        (void)snprintf(name, sizeof name, "%s Committee", i % 2 ? "Wxyzabc Qrstuvw" : "Ann Lee");
        (void)snprintf(name + strlen(name), sizeof name - strlen(name), " %c%c%c", 'a' + i % 26,
                       'a' + i / 26, 'a' + i * 7 % 26);
        n += (size_t)snprintf(docs + n, sizeof docs - n, "%s" ORDER, i ? "," : "", number,
                              i == 199 ? SMYTH : name);
    }
    (void)snprintf(docs + n, sizeof docs - n, "]");
    const tm_id_t one = campaign_new(&w, "{\"name\":\"x\",\"markets\":[999]}");
    assert_int_equal(line_post(&w, one, LINE, SMITH, 1)->status, 201);
    json_decref(input_read(&w, "a.pdf", NONE, "%s", docs));
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_name_proposal_desc);
    bool found = false;
    size_t i;
    json_t *p;
    json_array_foreach(list, i, p)
    {
        found |= strcmp(text_of(p, "text"), SMYTH) == 0 && strcmp(text_of(p, "target"), SMITH) == 0;
    }
    json_decref(list);
    assert_true(found);
    world_check_replay(&w);
    world_done(&w);
}

static void decide__a_spelling_of_a_market(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    char p[64];
    const char *doc =
        "[{\"status\":\"read\",\"doc_type\":\"order\",\"stage\":\"ordered\",\"order_no\":\"%d\","
        "\"advertiser\":\"Ann Lee\",\"station\":\"WXX%c\",\"market\":\"%s\",\"medium\":"
        "\"broadcast\",\"gross_cents\":100000,\"flight_from\":\"2026-10-13\",\"flight_to\":"
        "\"2026-10-26\"}]";
    assert_int_equal(ask(&w, TM_MSG_MARKETS_PUT, NONE,
                         "{\"markets\":[{\"dma_code\":535,\"name\":\"Columbus, OH\",\"rank\":36},"
                         "{\"dma_code\":522,\"name\":\"Columbus, GA (Opelika, AL)\"},"
                         "{\"dma_code\":501,\"name\":\"New York\"}]}")
                         ->status,
                     200);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\",\"markets\":[535]}");
    json_decref(input_read(&w, "a.pdf", NONE, doc, 1001, 'A', "Colombus, OH"));
    json_decref(input_read(&w, "b.pdf", NONE, doc, 1002, 'B', "Colombus (OH)"));
    json_decref(input_read(&w, "c.pdf", NONE, doc, 1003, 'C', "Atlantis"));
    json_decref(input_read(&w, "d.pdf", NONE, doc, 1004, 'D', "Columbus OH"));
    assert_int_equal(pending_lines(&w), 3);
    json_t *list = proposals(&w, 1);
    json_t *each = json_array_get(list, 0);
    assert_string_equal(text_of(each, "kind"), "market");
    assert_string_equal(text_of(each, "text"), "Colombus, OH");
    assert_string_equal(text_of(each, "target"), "Columbus, OH");
    assert_int_equal(number_of(each, "dma_code"), 535);
    json_decref(list);
    const reply_t *r =
        decide(&w, only(&w, p), "\"status\":\"confirmed\",\"target_id\":\"adv_0000004zzzzzz\"");
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "target_id");
    r = decide(&w, p, "\"status\":\"confirmed\"");
    assert_int_equal(r->status, 200);
    assert_int_equal(pending_lines(&w), 1);
    assert_int_equal(open_lines(&w, id), 3);
    assert_int_equal(decide(&w, p, "\"status\":\"confirmed\"")->status, 409);
    world_check_replay(&w);
    world_done(&w);
}

/* ---- in bulk ---- */

static void bulk__pending_lines_go_to_a_campaign_together(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t id = campaign_new(&w, "{\"name\":\"a\",\"keywords\":[\"nothing\"]}");
    char cmp[TM_ID_TEXT_MAX], line[3][64];
    (void)tm_id_format("cmp", id, cmp);
    json_decref(input_read(&w, "a.pdf", NONE, "[" ORDER "," ORDER "," ORDER "]", "1001", "Ann Lee",
                           "1002", "Bo Fox", "1003", "Cy Orr"));
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_buy_line_desc);
    for (size_t i = 0; i < 3; i++)
        (void)snprintf(line[i], sizeof line[i], "%s", text_of(json_array_get(list, i), "id"));
    json_decref(list);
    const char *body = "{\"campaign_id\":\"%s\",\"buy_line_ids\":[\"%s\",\"%s\"]}";
    const reply_t *r = ask(&w, TM_MSG_LINES_ASSIGN, NONE, body, cmp, line[0], "bl_0000004zzzzzz");
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "buy_line_ids[1]");
    assert_int_equal(pending_lines(&w), 3); /* all or nothing */
    r = ask(&w, TM_MSG_LINES_ASSIGN, NONE, body, "cmp_0000004zzzzzz", line[0], line[1]);
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "campaign_id");
    r = ask(&w, TM_MSG_LINES_ASSIGN, NONE, body, cmp, line[0], line[1]);
    assert_int_equal(r->status, 200);
    assert_int_equal(number_of(r->body, "assigned"), 2);
    assert_int_equal(number_of(r->body, "known"), 0);
    assert_int_equal(pending_lines(&w), 1);
    assert_int_equal(open_lines(&w, id), 2);
    r = ask(&w, TM_MSG_LINES_ASSIGN, NONE, body, cmp, line[1], line[2]);
    assert_int_equal(number_of(r->body, "assigned"), 1);
    assert_int_equal(number_of(r->body, "known"), 1);
    assert_int_equal(open_lines(&w, id), 3);
    world_check_replay(&w);
    world_done(&w);
}

static void bulk__problems_are_closed_together(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    char a[64], b[64];
    json_decref(input_read(&w, "a.pdf", NONE, "[{\"status\":\"unreadable\",\"reason\":\"scan\"}]"));
    assert_int_equal(exceptions(&w, "open", a), 1);
    const char *body = "{\"ids\":[\"%s\",\"%s\"],\"reason\":\"looked at\"}";
    const reply_t *r = ask(&w, TM_MSG_EXCEPTIONS_CLOSE, NONE, body, a, "exc_0000004zzzzzz");
    assert_int_equal(r->status, 422);
    assert_string_equal(r->fields, "ids[1]");
    assert_int_equal(exceptions(&w, "open", NULL), 1);
    r = ask(&w, TM_MSG_EXCEPTIONS_CLOSE, NONE, "{\"ids\":[\"%s\"],\"reason\":\"looked at\"}", a);
    assert_int_equal(r->status, 200);
    assert_int_equal(number_of(r->body, "closed"), 1);
    json_decref(input_read(&w, "b.pdf", NONE, "[{\"status\":\"unreadable\",\"reason\":\"scan\"}]"));
    assert_int_equal(exceptions(&w, "open", b), 1);
    r = ask(&w, TM_MSG_EXCEPTIONS_CLOSE, NONE, body, a, b);
    assert_int_equal(number_of(r->body, "closed"), 1);
    assert_int_equal(number_of(r->body, "known"), 1);
    json_t *list = records_json(&w, TM_ACTOR_DIRECTORY, &tm_exception_desc);
    json_t *e = json_array_get(list, 0);
    assert_string_equal(text_of(e, "closed_by"), "system");
    assert_string_equal(text_of(e, "closed_reason"), "looked at");
    assert_int_equal(number_of(e, "closed_ms"), w.now.v);
    json_decref(list);
    world_check_replay(&w);
    world_done(&w);
}

/* One of two wishes for an input that is still being read is taken back; the other stands. */
static void bulk__a_closed_wish_leaves_the_other(void **state)
{
    (void)state;
    world_t w;
    world_init(&w);
    const tm_id_t one = campaign_new(&w, "{\"name\":\"one\",\"keywords\":[\"nothing\"]}");
    const tm_id_t two = campaign_new(&w, "{\"name\":\"two\",\"keywords\":[\"nothing\"]}");
    assert_int_equal(input_new(&w, "a.pdf", NONE)->status, 202);
    assert_int_equal(input_new(&w, "a.pdf", one)->status, 200);
    assert_int_equal(input_new(&w, "a.pdf", two)->status, 200);
    char first[64];
    assert_int_equal(exceptions(&w, "open", first), 2);
    const reply_t *r =
        ask(&w, TM_MSG_EXCEPTIONS_CLOSE, NONE, "{\"ids\":[\"%s\"],\"reason\":\"no\"}", first);
    assert_int_equal(number_of(r->body, "closed"), 1);
    job_read(&w, "[" ORDER "]", "1001", "Ann Lee");
    assert_int_equal(open_lines(&w, one), 0);
    assert_int_equal(open_lines(&w, two), 1);
    assert_int_equal(exceptions(&w, "open", NULL), 0);
    world_check_replay(&w);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proposal__an_alike_spelling_is_asked_about_once),
        cmocka_unit_test(proposal__spellings_of_one_packet_meet_each_other),
        cmocka_unit_test(proposal__a_name_by_hand_is_the_target),
        cmocka_unit_test(proposal__very_many_names_go_on_in_parts),
        cmocka_unit_test(decide__rejected_is_remembered),
        cmocka_unit_test(decide__confirmed_moves_the_dollars),
        cmocka_unit_test(decide__a_pending_line_finds_its_campaign),
        cmocka_unit_test(decide__a_campaign_that_lists_both),
        cmocka_unit_test(decide__open_questions_follow),
        cmocka_unit_test(decide__a_spelling_of_a_market),
        cmocka_unit_test(bulk__pending_lines_go_to_a_campaign_together),
        cmocka_unit_test(bulk__problems_are_closed_together),
        cmocka_unit_test(bulk__a_closed_wish_leaves_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
