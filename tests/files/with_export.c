/* with_export.c - see with_export.h. */
#include "with_export.h"

#include <dirent.h>
#include <unistd.h>

#define CAMPAIGN tm_id_make(2, 1)

/* The leak checker's hook: fontconfig keeps a few hundred bytes of its configuration once a
 * process, which only it could free. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

/* The thread checker's hook: Pango loads fonts on threads of its own and waits for them with GLib's
 * locks, which are futexes that the checker cannot see. */
const char *__tsan_default_suppressions(void)
{
    return "race:libglib-2.0.so\nrace:libfontconfig.so\nrace:libpangoft2-1.0.so\n"
           "race:libpangocairo-1.0.so\nrace:libcairo.so\n";
}

static void keep(tm_view_t *view, const tm_desc_t *desc, tm_id_t id, const void *record)
{
    tm_trie_put(&view->tables[desc->number], tm_id_counter(id), tm_row_new(desc, id, record));
}

void race_name(race_t *race, const char *name, const char *slug)
{
    tm_campaign_t campaign = {0};
    TM_SET(&campaign, TM_CAMPAIGN, id, CAMPAIGN);
    TM_SET(&campaign, TM_CAMPAIGN, name, tm_str(name));
    if (slug != NULL) {
        TM_SET(&campaign, TM_CAMPAIGN, slug, tm_str(slug));
    }
    keep(&race->directory, &tm_campaign_desc, campaign.id, &campaign);
}

void race_market(race_t *race, int32_t code, const char *name)
{
    tm_market_t market = {0};
    TM_SET(&market, TM_MARKET, id, tm_id_make(2, 1000 + (uint32_t)code));
    TM_SET(&market, TM_MARKET, dma_code, code);
    TM_SET(&market, TM_MARKET, name, tm_str(name));
    keep(&race->directory, &tm_market_desc, market.id, &market);
}

race_t *race_new(void)
{
    race_t *race = TM_NEW(race_t);
    race->matrix = tm_matrix_new(TM_WEEK_BASIS_broadcast);
    race->view.campaign_id = CAMPAIGN;
    race->view.view.version = 123;
    race->view.epoch = 7;
    assert_int_equal(tm_day_parse(TM_STR("2026-10-14"), &race->view.today), TM_OK);
    snprintf(race->folder, sizeof race->folder, "/tmp/test-export-XXXXXX");
    assert_non_null(mkdtemp(race->folder));
    race_name(race, "Smith for Senate", "smith-for-senate");
    race_market(race, 504, "Philadelphia");
    race->export = (tm_export_t){.view = &race->view,
                                 .directory = &race->directory,
                                 .query = tm_matrix_query_default(),
                                 .folder = race->folder,
                                 .bytes_max = 64u << 20};
    race_show(race);
    return race;
}

void race_free(race_t *race)
{
    /* Whatever was written for a moment is gone. */
    DIR *dir = opendir(race->folder);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        assert_int_equal(entry->d_name[0], '.');
    }
    closedir(dir);
    assert_int_equal(rmdir(race->folder), 0);
    for (int i = 0; i < TM_VIEW_TABLES; i++) {
        tm_trie_done(&race->view.view.tables[i]);
        tm_trie_done(&race->directory.tables[i]);
    }
    tm_matrix_view_unref(race->view.matrix);
    tm_matrix_free(race->matrix);
    tm_blob_unref(race->view.body);
    tm_free(race->advertiser);
    tm_free(race);
}

void race_show(race_t *race)
{
    tm_matrix_view_unref(race->view.matrix);
    race->view.matrix = tm_matrix_view(race->matrix);
}

static void keep_line(race_t *race, tm_id_t id, const buy_t *b, tm_day_t from, int64_t total)
{
    tm_buy_line_t line = {0};
    TM_SET(&line, TM_BUY_LINE, id, id);
    TM_SET(&line, TM_BUY_LINE, campaign_id, CAMPAIGN);
    TM_SET(&line, TM_BUY_LINE, advertiser, tm_str(b->advertiser));
    if (b->station != NULL) {
        TM_SET(&line, TM_BUY_LINE, station, tm_str(b->station));
    }
    if (b->market != 0) {
        TM_SET(&line, TM_BUY_LINE, market, b->market);
    }
    TM_SET(&line, TM_BUY_LINE, medium, (tm_enum_t){b->medium});
    TM_SET(&line, TM_BUY_LINE, flight_from, from);
    TM_SET(&line, TM_BUY_LINE, flight_to, (tm_day_t){from.v + 7 * (int32_t)b->weeks - 1});
    if (!b->unknown) {
        TM_SET(&line, TM_BUY_LINE, gross_cents, (tm_cents_t){total});
        TM_SET(&line, TM_BUY_LINE, net_cents, (tm_cents_t){total / 2});
    }
    TM_SET(&line, TM_BUY_LINE, standing, (tm_enum_t){TM_STANDING_winner});
    TM_SET(&line, TM_BUY_LINE, stage, (tm_enum_t){b->stage});
    TM_SET(&line, TM_BUY_LINE, source, TM_STR("fcc"));
    TM_SET(&line, TM_BUY_LINE, order_no, TM_STR("=500100"));
    TM_SET(&line, TM_BUY_LINE, revision, TM_STR("2"));
    TM_SET(&line, TM_BUY_LINE, document_id, tm_id_make(2, 77));
    keep(&race->view.view, &tm_buy_line_desc, id, &line);
}

tm_id_t race_buy(race_t *race, buy_t b)
{
    b.weeks = TM_MAX(b.weeks, 1);
    const tm_id_t id = tm_id_make(3, ++race->n_lines);
    const tm_row_key_t key = {
        .advertiser_id = tm_id_make(1, b.advertiser_id + 1),
        .station_id = b.station == NULL ? (tm_id_t){0} : tm_id_make(1, b.station_id + 1000),
        .market = b.market,
        .medium = b.medium,
        .side = b.side,
        .advertiser = tm_str(b.advertiser),
        .station = tm_str(b.station),
    };
    tm_day_t from;
    assert_int_equal(tm_day_parse(tm_str(b.week), &from), TM_OK);
    tm_share_t *shares = tm_zalloc(b.weeks * sizeof *shares);
    for (uint32_t i = 0; i < b.weeks; i++) {
        shares[i] = (tm_share_t){.week = {from.v + 7 * (int32_t)i},
                                 .known = !b.unknown,
                                 .gross = {b.unknown ? 0 : b.cents},
                                 .net = {b.unknown ? 0 : b.cents / 2},
                                 .low = {b.unknown ? 0 : b.cents},
                                 .high = {b.unknown ? 0 : b.cents},
                                 .has_high = true};
    }
    tm_matrix_set_line(race->matrix, id, &key, shares, b.unplaced ? 0 : b.weeks,
                       b.unplaced ? shares : NULL, !b.soft, b.disputed, b.stage, 1);
    tm_free(shares);
    keep_line(race, id, &b, from, b.cents * b.weeks);
    return id;
}

void race_ask(race_t *race, const char *query)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_free(race->advertiser);
    race->advertiser = tm_strdup_n(query, strlen(query)); /* the query points into it */
    race->export.query = tm_matrix_query_default();
    for (char *p = race->advertiser; *p != '\0';) {
        const size_t n = strcspn(p, "&"), name = strcspn(p, "=");
        assert_true(name < n);
        assert_int_equal(tm_matrix_query_parse(tm_str_n(p, name),
                                               tm_str_n(p + name + 1, n - name - 1),
                                               &race->export.query, &why),
                         TM_OK);
        p += n + (p[n] == '&');
    }
}

json_t *race_json(race_t *race)
{
    tm_blob_t *body = tm_campaign_view_matrix(&race->view, &race->export.query, false);
    assert_non_null(body);
    json_t *root = json_loadb(body->p, body->n, 0, NULL);
    assert_non_null(root);
    tm_blob_unref(body);
    return root;
}

char *race_file(race_t *race, tm_export_format_t format, size_t *ret_n)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_blob_t *blob = NULL;
    const tm_err_t err = tm_export_write(&race->export, format, &blob, &why);
    if (err != TM_OK) {
        char line[400];
        fail_msg("%s", tm_why_line(&why, line, sizeof line));
    }
    char *text = tm_strdup_n(blob->p, blob->n);
    if (ret_n != NULL) {
        *ret_n = blob->n;
    }
    tm_blob_unref(blob);
    return text;
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % n;
}

void race_fill(race_t *race, uint64_t seed, uint32_t buys)
{
    static const char *const names[] = {"Ann, \"the\" Best", "Zo\xc3\xab PAC", "=cmd|' /C calc'!A0",
                                        "Plain"};
    static const char *const stations[] = {"WAAA", "WBBB", NULL, "KCCC-TV"};
    static const int32_t markets[] = {504, 535, 0, 803};
    for (uint32_t i = 0; i < buys; i++) {
        const uint32_t adv = below(&seed, 4), sta = below(&seed, 4);
        tm_day_t day = {tm_day_make(2026, 8, 31).v + 7 * (int32_t)below(&seed, 9)};
        char week[TM_DAY_TEXT];
        tm_day_format(day, week);
        (void)race_buy(race, (buy_t){.advertiser = names[adv],
                                     .station = stations[sta],
                                     .advertiser_id = adv,
                                     .station_id = sta,
                                     .market = markets[below(&seed, 4)],
                                     .medium = (uint8_t)below(&seed, TM_MEDIUM_WORDS_N),
                                     .side = (uint8_t)(adv % TM_SIDE_WORDS_N),
                                     .stage = TM_STAGE_ordered,
                                     .week = week,
                                     .weeks = 1 + below(&seed, 3),
                                     .cents = (int64_t)below(&seed, 2000001) -
                                              500000 * (int64_t)below(&seed, 2),
                                     .unknown = below(&seed, 10) == 0,
                                     .soft = below(&seed, 7) == 0,
                                     .disputed = below(&seed, 8) == 0,
                                     .unplaced = below(&seed, 20) == 0});
    }
    race_show(race);
}
