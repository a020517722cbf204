/* codec.c - what does one record cost in and out, as JSON and as the journal's bytes?
 *
 * Why:     every write reads JSON once, packs once and writes JSON once; every read of a line
 *          unpacks and writes.
 * How:     three texts: a buy line as it is posted, the same as it is answered (all fields, eight
 *          printed weeks), and a campaign with twenty advertisers. Each step repeats for a tenth of
 *          a second and is measured seven times; the median counts. The peer for JSON is jansson
 *          reading into its tree and writing from it, without any check of fields; it takes turns.
 * Usage:   bench_codec
 * Threads: one. */
#include "base/time.h"
#include "schema/binary.h"
#include "schema/entities.h"
#include "schema/json.h"
#include "with_figures.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 7
#define ROUND_S 0.1
#define BYTES_MAX (1u << 20)
#define RIVALS 20
#define WEEKS 8

typedef struct subject {
    const char *name;
    const tm_desc_t *desc;
    unsigned mode;
    bool all; /* write absent fields too, as answers do */
    tm_str_t json;
    tm_str_t binary;
    void *record;
    json_t *tree;
    tm_arena_t *arena; /* of one step */
    tm_buf_t out;
} subject_t;

typedef void step_t(subject_t *subject);

static void read_json(subject_t *s)
{
    tm_arena_reset(s->arena);
    void *record = tm_arena_zalloc(s->arena, s->desc->bytes);
    if (tm_json_read(s->desc, s->json, s->mode, s->arena, record, NULL, NULL) != TM_OK)
        bench_die("%s is not read", s->name);
}

static void write_json(subject_t *s)
{
    tm_buf_clear(&s->out);
    tm_json_write(s->desc, s->record, s->all, &s->out);
}

static void read_binary(subject_t *s)
{
    tm_arena_reset(s->arena);
    void *record = tm_arena_zalloc(s->arena, s->desc->bytes);
    if (tm_binary_read(s->desc, s->binary, s->arena, record) != TM_OK)
        bench_die("%s is not unpacked", s->name);
}

static void write_binary(subject_t *s)
{
    tm_buf_clear(&s->out);
    tm_binary_write(s->desc, s->record, &s->out);
}

static void pull_json(subject_t *s)
{
    tm_arena_reset(s->arena);
    tm_json_t j;
    tm_str_t text;
    tm_json_begin(&j, s->json, s->arena);
    for (tm_token_t t = TM_J_NULL; t != TM_J_END;) {
        t = tm_json_next(&j, &text);
        if (t == TM_J_BAD)
            bench_die("%s is no JSON", s->name);
    }
}

static void read_jansson(subject_t *s)
{
    json_t *tree = json_loadb(s->json.p, s->json.n, 0, NULL);
    if (tree == NULL)
        bench_die("%s is not read by jansson", s->name);
    json_decref(tree);
}

static void write_jansson(subject_t *s)
{
    static char bytes[BYTES_MAX]; /* too large for a stack */
    if (json_dumpb(s->tree, bytes, sizeof(bytes), JSON_COMPACT) > sizeof(bytes))
        bench_die("%s is too large", s->name);
}

/* Nanoseconds of one step. */
static double measure(subject_t *s, step_t *step)
{
    uint64_t n = 0;
    const double begin = bench_now_s();
    double now = begin;
    while (now - begin < ROUND_S) {
        for (int i = 0; i < 100; i++)
            step(s);
        n += 100;
        now = bench_now_s();
    }
    return (now - begin) * 1e9 / (double)n;
}

static double tell(subject_t *s, const char *what, size_t bytes, const rounds_t *ns)
{
    char name[128];
    const double median = rounds_median(ns);
    snprintf(name, sizeof(name), "codec_%s_%s", s->name, what);
    figure(name, median, "ns");
    snprintf(name, sizeof(name), "codec_%s_%s_rate", s->name, what);
    figure(name, (double)bytes * 1e3 / median, "MB/s");
    return median;
}

static void compare(subject_t *s, const char *what, step_t *ours, step_t *peer)
{
    rounds_t ns = {.n = 0};
    rounds_t peer_ns = {.n = 0};
    rounds_t ratio = {.n = 0};
    for (int i = 0; i < ROUNDS; i++) {
        rounds_add(&ns, measure(s, ours));
        rounds_add(&peer_ns, measure(s, peer));
        rounds_add(&ratio, 100 * peer_ns.v[i] / ns.v[i]);
    }
    char name[128];
    tell(s, what, s->json.n, &ns);
    snprintf(name, sizeof(name), "jansson_%s", what);
    tell(s, name, s->json.n, &peer_ns);
    snprintf(name, sizeof(name), "codec_%s_%s_of_jansson", s->name, what);
    figure(name, rounds_median(&ratio), "%");
}

static void alone(subject_t *s, const char *what, size_t bytes, step_t *step)
{
    rounds_t ns = {.n = 0};
    for (int i = 0; i < ROUNDS; i++)
        rounds_add(&ns, measure(s, step));
    tell(s, what, bytes, &ns);
}

static void run(subject_t *s)
{
    s->arena = tm_arena_new(BYTES_MAX);
    tm_buf_init(&s->out, BYTES_MAX);
    tm_arena_t *kept = tm_arena_new(BYTES_MAX);
    s->record = tm_arena_zalloc(kept, s->desc->bytes);
    if (tm_json_read(s->desc, s->json, s->mode, kept, s->record, NULL, NULL) != TM_OK)
        bench_die("%s is not read", s->name);
    s->tree = json_loadb(s->json.p, s->json.n, 0, NULL);
    write_binary(s);
    s->binary = tm_arena_str(kept, tm_buf_str(&s->out));

    compare(s, "json_read", read_json, read_jansson);
    alone(s, "json_pull", s->json.n, pull_json);
    write_json(s);
    s->json = tm_arena_str(kept, tm_buf_str(&s->out)); /* what it writes, for the rate */
    json_decref(s->tree);
    s->tree = json_loadb(s->json.p, s->json.n, 0, NULL);
    compare(s, "json_write", write_json, write_jansson);
    alone(s, "binary_read", s->binary.n, read_binary);
    alone(s, "binary_write", s->binary.n, write_binary);
    json_decref(s->tree);
    tm_buf_done(&s->out);
    tm_arena_free(s->arena);
    tm_arena_free(kept);
}

static void write_line(tm_buf_t *out, bool weeks)
{
    tm_buf_add_c(out, "{\"campaign_id\":\"cmp_000000400000h\",\"advertiser\":\"Alpha for Senate\","
                      "\"station\":\"WAAA\",\"market\":504,\"medium\":\"broadcast\","
                      "\"flight_from\":\"2026-09-01\",\"flight_to\":\"2026-10-25\","
                      "\"gross_cents\":1234567,\"net_cents\":1049382,\"amount_basis\":\"gross\","
                      "\"commission_bp\":1500,\"order_no\":\"1234567\",\"revision\":\"2\","
                      "\"stage\":\"ordered\",\"spots\":40,\"product\":\"Senate general\"");
    for (int i = 0; weeks && i < WEEKS; i++)
        tm_buf_printf(out,
                      "%s{\"from\":\"2026-09-%02d\",\"to\":\"2026-09-%02d\",\"spots\":5,"
                      "\"rate_cents\":30000,\"amount_cents\":150000}",
                      i == 0 ? ",\"line_weeks\":[" : ",", 1 + 3 * i, 3 + 3 * i);
    tm_buf_add_c(out, weeks ? "]}" : "}");
}

static void write_campaign(tm_buf_t *out)
{
    tm_buf_add_c(out, "{\"name\":\"Bench\",\"election_date\":\"2026-11-03\",\"client\":\"Alpha\","
                      "\"tz\":\"America/New_York\",\"week_basis\":\"broadcast\","
                      "\"markets\":[501,504,505,506,508,511,512,535],"
                      "\"keywords\":[\"senate\",\"proposition 7\"],\"advertisers\":[");
    for (int i = 0; i < RIVALS; i++)
        tm_buf_printf(out,
                      "%s{\"name\":\"Committee number %d\",\"side\":\"%s\","
                      "\"aliases\":[\"Comm. no. %d\",\"The %d Committee\"]}",
                      i == 0 ? "" : ",", i, i % 2 == 0 ? "for" : "against", i, i);
    tm_buf_add_c(out, "]}");
}

int main(void)
{
    tm_buf_t posted;
    tm_buf_t answered;
    tm_buf_t campaign;
    tm_buf_init(&posted, BYTES_MAX);
    tm_buf_init(&answered, BYTES_MAX);
    tm_buf_init(&campaign, BYTES_MAX);
    write_line(&posted, false);
    write_line(&answered, true);
    write_campaign(&campaign);
    subject_t subjects[] = {
        {"line", &tm_buy_line_desc, TM_JSON_REQUEST, false, .json = tm_buf_str(&posted)},
        {"line_weeks", &tm_buy_line_desc, TM_JSON_REQUEST, true, .json = tm_buf_str(&answered)},
        {"campaign", &tm_campaign_desc, TM_JSON_REQUEST, true, .json = tm_buf_str(&campaign)},
    };
    for (size_t i = 0; i < TM_COUNT(subjects); i++)
        run(&subjects[i]);
    tm_buf_done(&posted);
    tm_buf_done(&answered);
    tm_buf_done(&campaign);
    return 0;
}
