/* demo.c - fills an empty folder with an invented race, so that a newcomer sees a full matrix
 * within a minute.
 *
 * How:     samples/markets.json, stations.dat, campaign.json and the PDFs below samples/documents
 *          go in over the server's own
 *          interface, as a person would send them. A folder that has a campaign is left alone.
 * Threads: main. */
#include "app/commands.h"

#include "feeds/client.h"

#include <stdio.h>

#define PATH_BYTES 1200
#define ANSWER_BYTES_MAX (16u << 20)

static tm_err_t is_empty(tm_client_t *client, tm_buf_t *answer, bool *ret, tm_why_t *why)
{
    const tm_client_request_t request = {.method = "GET", .path = "/api/v1/campaigns?limit=1"};
    int status = 0;
    const tm_err_t err = tm_client_request(client, &request, &status, answer, why);
    if (err != TM_OK)
        return err;
    if (status != 200)
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "campaigns cannot be listed (%d)", status);
    *ret = answer->n >= 12 && memcmp(answer->p, "{\"items\":[],", 12) == 0;
    return TM_OK;
}

static tm_err_t post_campaign(tm_client_t *client, const char *samples, tm_buf_t *answer,
                              tm_why_t *why)
{
    char path[PATH_BYTES];
    char text[65536];
    (void)snprintf(path, sizeof path, "%s/campaign.json", samples);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return tm_why_add(why, TM_ENOTFOUND, path, "is missing");
    const size_t n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    const tm_client_request_t request = {.method = "POST",
                                         .path = "/api/v1/campaigns",
                                         .content_type = "application/json",
                                         .body = tm_str_n(text, n)};
    int status = 0;
    const tm_err_t err = tm_client_request(client, &request, &status, answer, why);
    if (err == TM_OK && status != 201)
        return tm_why_add(why, TM_EUNAVAILABLE, "campaign", "the server answered %d: %.*s", status,
                          (int)TM_MIN(answer->n, (size_t)150), answer->p);
    return err;
}

tm_err_t tm_demo_load(const char *url, const char *key, const char *samples, tm_why_t *why)
{
    tm_client_t *client = NULL;
    tm_err_t err = tm_client_new(tm_str(url), tm_str(key), false, &client, why);
    if (err != TM_OK)
        return err;
    tm_buf_t answer;
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    bool empty = false;
    char path[PATH_BYTES];
    err = is_empty(client, &answer, &empty, why);
    if (err == TM_OK && empty) {
        (void)snprintf(path, sizeof path, "%s/markets.json", samples);
        err = tm_import_table(client, "markets", path, &answer, why);
        (void)snprintf(path, sizeof path, "%s/stations.dat", samples);
        err = err != TM_OK ? err : tm_import_table(client, "stations", path, &answer, why);
        err = err != TM_OK ? err : post_campaign(client, samples, &answer, why);
        (void)snprintf(path, sizeof path, "%s/documents", samples);
        char *const paths[] = {path};
        tm_import_summary_t sum;
        const tm_import_t import = {.source = "fcc", .quiet = true};
        err = err != TM_OK ? err : tm_import_files(client, &import, paths, 1, &sum, why);
        if (err == TM_OK) {
            (void)fprintf(stderr, "demo: %lld documents, %lld lines\n", (long long)sum.inputs,
                          (long long)sum.lines);
        }
    }
    tm_buf_done(&answer);
    tm_client_free(client);
    return err;
}
