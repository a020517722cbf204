/* sim_reports.c - end-of-day reports: one a local date at most, each from where the last one ended,
 * and the same words whenever they are asked for.
 *
 * Threads: one. */
#include "actors/report.h"
#include "sim/sim.h"

#define CONTENT_BYTES_MAX (16u << 20)

typedef struct chain {
    sim_t *sim;
    const tm_campaign_view_t *view;
    int32_t date; /* of the last one */
    int64_t to;
} chain_t;

/* What it says now, or a failure if it ever said something else. */
static void check_content(chain_t *chain, const tm_report_t *report)
{
    sim_t *sim = chain->sim;
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format(tm_report_desc.prefix, report->id, id);
    tm_blob_t *body = NULL;
    const tm_err_t err = tm_report_content(chain->view, report->id, CONTENT_BYTES_MAX, &body);
    if (err != TM_OK)
        sim_fail(sim, "report %s cannot be made: %s", id, tm_err_code(err));
    const char *said = json_string_value(json_object_get(sim->reports, id));
    if (said == NULL)
        (void)json_object_set_new(sim->reports, id, json_stringn(body->p, body->n));
    else if (!tm_str_eq(tm_str(said), tm_blob_str(body)))
        sim_fail(sim, "report %s says something else now:\n%s\n%s", id, said, body->p);
    if (strstr(body->p, "\"state_is_same\":true") == NULL)
        sim_fail(sim, "report %s was made of another state: %s", id, body->p);
    tm_blob_unref(body);
}

static void check_report(void *ctx, const void *record)
{
    chain_t *chain = ctx;
    const tm_report_t *report = record;
    /* Clocks of the simulation only go forward, so dates do. */
    if (report->local_date.v <= chain->date)
        sim_fail(chain->sim, "a report of day %d follows one of day %d", report->local_date.v,
                 chain->date);
    if (report->from_version != chain->to || report->to_version <= chain->to)
        sim_fail(chain->sim, "a report from version %lld to %lld follows one to %lld",
                 (long long)report->from_version, (long long)report->to_version,
                 (long long)chain->to);
    chain->date = report->local_date.v;
    chain->to = report->to_version;
    check_content(chain, report);
}

void sim_check_reports(sim_t *sim)
{
    if (sim->reports == NULL)
        sim->reports = json_object();
    const size_t known = json_object_size(sim->reports);
    size_t found = 0;
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        if (!sim_is_campaign(&sim->requests[i]))
            continue;
        tm_campaign_view_t *view =
            tm_runtime_snapshot(sim->rt, tm_campaign_actor(sim->requests[i].id));
        if (view == NULL)
            sim_fail(sim, "campaign %u has no picture", i);
        chain_t chain = {.sim = sim, .view = view};
        sim_each_row(&view->view, &tm_report_desc, check_report, &chain);
        found += view->view.tables[tm_report_desc.number].n;
        tm_shared_unref(view);
    }
    if (found < known)
        sim_fail(sim, "%zu reports were there, %zu are", known, found);
}
