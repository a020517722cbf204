/* as_of.c - see as_of.h.
 *
 * How:     a place in the table is free, being made, or ready. A job makes the picture or report,
 *          puts it in and drops what is too much: freeing a large picture is work for its thread
 *          too.
 * Threads: see as_of.h. */
#include "http/as_of.h"
#include "actors/report.h"
#include "http/limits.h"
#include "base/time.h"
#include "http/reply.h"
#include <pthread.h>

#define STATE_ARENA_MAX (16u << 20)

#define BYTES_A_LINE 256 /* of a report, beside the lines of pictures */
#define PLACES (TM_AS_OF_VIEWS_MAX + TM_AS_OF_BUILDS_MAX)

/* What is asked for: the picture of a version, or (version 0) what a report says. */
typedef struct wanted {
    uint32_t actor;
    uint64_t version;
    tm_id_t report;
} wanted_t;

/* What a job made of it: exactly one of them. */
typedef struct made {
    tm_campaign_view_t *view;
    tm_blob_t *body;
    tm_err_t err; /* there is no body for it */
} made_t;

typedef struct place {
    wanted_t what; /* actor 0: free */
    uint64_t used;
    bool ready; /* else being made */
    made_t made;
} place_t;

struct tm_as_of {
    pthread_mutex_t lock;
    uint64_t clock;
    uint32_t n_builds;
    place_t places[PLACES];
};

typedef struct build {
    tm_as_of_t *as_of;
    tm_campaign_view_t *now; /* a reference */
    wanted_t what;
} build_t;

TM_OWN tm_as_of_t *tm_as_of_new(void)
{
    tm_as_of_t *as_of = TM_NEW(tm_as_of_t);
    pthread_mutex_init(&as_of->lock, NULL);
    return as_of;
}

static void made_done(made_t *made)
{
    tm_shared_unref(made->view);
    tm_blob_unref(made->body);
}

void tm_as_of_free(TM_OWN tm_as_of_t *as_of)
{
    if (as_of == NULL)
        return;
    assert(as_of->n_builds == 0);
    for (uint32_t i = 0; i < PLACES; i++)
        made_done(&as_of->places[i].made);
    pthread_mutex_destroy(&as_of->lock);
    tm_free(as_of);
}

void tm_as_of_empty(tm_as_of_t *as_of)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        made_t made = {0};
        pthread_mutex_lock(&as_of->lock);
        if (as_of->places[i].ready) {
            made = as_of->places[i].made;
            as_of->places[i] = (place_t){0};
        }
        pthread_mutex_unlock(&as_of->lock);
        made_done(&made); /* long: not under the lock */
    }
}

/* ---- under the lock ---- */

static place_t *find(tm_as_of_t *as_of, const wanted_t *what)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        place_t *place = &as_of->places[i];
        if (place->what.actor == what->actor && place->what.version == what->version &&
            place->what.report.v == what->report.v)
            return place;
    }
    return NULL;
}

static uint64_t lines_of(const made_t *made)
{
    const uint64_t bytes = made->body == NULL ? 0 : made->body->n;
    return made->view != NULL ? made->view->view.tables[tm_buy_line_desc.number].n
                              : bytes / BYTES_A_LINE;
}

/* What has to go, taken out; false: what there is may stay. The newest always stays. */
static bool take_excess(tm_as_of_t *as_of, made_t *ret)
{
    uint64_t lines = 0;
    uint32_t n = 0;
    place_t *oldest = NULL;
    for (uint32_t i = 0; i < PLACES; i++) {
        place_t *place = &as_of->places[i];
        if (!place->ready)
            continue;
        n++;
        lines += lines_of(&place->made);
        if (oldest == NULL || place->used < oldest->used)
            oldest = place;
    }
    if (n <= 1 || (n <= TM_AS_OF_VIEWS_MAX && lines <= TM_AS_OF_LINES_MAX))
        return false;
    *ret = oldest->made;
    *oldest = (place_t){0};
    return true;
}

/* ---- the job ---- */

static void build(void *arg)
{
    build_t *job = arg;
    tm_as_of_t *as_of = job->as_of;
    made_t made = {0};
    if (job->what.report.v == 0)
        made.view = tm_campaign_view_at(job->now, job->what.version);
    else
        made.err = tm_report_content(job->now, job->what.report, TM_ANSWER_BYTES_MAX, &made.body);
    pthread_mutex_lock(&as_of->lock);
    place_t *place = find(as_of, &job->what);
    assert(place != NULL && !place->ready);
    place->made = made;
    place->ready = true;
    place->used = ++as_of->clock;
    as_of->n_builds--;
    pthread_mutex_unlock(&as_of->lock);
    for (bool more = true; more;) {
        made_t excess = {0};
        pthread_mutex_lock(&as_of->lock);
        more = take_excess(as_of, &excess);
        pthread_mutex_unlock(&as_of->lock);
        made_done(&excess);
    }
    tm_shared_unref(job->now);
    tm_free(job);
}

/* What one campaign asks for is made one after the other: it never takes the places of others. */
static bool is_building(const tm_as_of_t *as_of, uint32_t actor)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        if (as_of->places[i].what.actor == actor && !as_of->places[i].ready)
            return true;
    }
    return false;
}

/* Takes a place for something that is to be made. false: enough is being made, or it is among it.
 */
static bool begin(tm_as_of_t *as_of, const wanted_t *what)
{
    bool began = false;
    pthread_mutex_lock(&as_of->lock);
    if (as_of->n_builds < TM_AS_OF_BUILDS_MAX && !is_building(as_of, what->actor) &&
        find(as_of, what) == NULL) {
        place_t *place = find(as_of, &(wanted_t){0});
        if (place != NULL) { /* none is free for the moment between a build's end and its excess */
            *place = (place_t){.what = *what};
            as_of->n_builds++;
            began = true;
        }
    }
    pthread_mutex_unlock(&as_of->lock);
    return began;
}

static void give_up(tm_as_of_t *as_of, const wanted_t *what)
{
    pthread_mutex_lock(&as_of->lock);
    place_t *place = find(as_of, what);
    assert(place != NULL && !place->ready);
    *place = (place_t){0};
    as_of->n_builds--;
    pthread_mutex_unlock(&as_of->lock);
}

/* true: it is there, with references for the caller. */
static bool get(tm_as_of_t *as_of, const wanted_t *what, made_t *ret)
{
    bool found = false;
    pthread_mutex_lock(&as_of->lock);
    place_t *place = find(as_of, what);
    if (place != NULL && place->ready) {
        place->used = ++as_of->clock;
        *ret = place->made;
        ret->view = ret->view == NULL ? NULL : tm_shared_ref(ret->view);
        ret->body = tm_blob_ref(ret->body);
        found = true;
    }
    pthread_mutex_unlock(&as_of->lock);
    return found;
}

/* ---- requests ---- */

/* false: it has answered, or runs again. */
static bool wait_for(tm_call_t *call, tm_campaign_view_t *now, const wanted_t *what, made_t *ret)
{
    tm_http_t *http = call->loop->http;
    tm_as_of_t *as_of = http->as_of;
    const tm_services_t *services = &http->options.services;
    if (get(as_of, what, ret))
        return true;
    if (tm_ceiling_state(http->options.ceiling) != TM_MEMORY_EASY) {
        tm_reply_problem(call, TM_EMEMORYFULL,
                         NULL); /* a picture may be as large as the campaign */
        return false;
    }
    if (begin(as_of, what)) {
        build_t *job = TM_NEW(build_t);
        *job = (build_t){as_of, tm_shared_ref(now), *what};
        const tm_err_t err = services->run == NULL
                                 ? TM_EUNAVAILABLE
                                 : services->run(services->self, what->actor, build, job);
        if (err != TM_OK) {
            give_up(as_of, what);
            tm_shared_unref(job->now);
            tm_free(job);
            tm_reply_problem(call, err, NULL);
            return false;
        }
    }
    tm_call_retry_patiently(call);
    return false;
}

/* The picture, or NULL: it has answered, or runs again. */
static tm_campaign_view_t *picture(tm_call_t *call, tm_campaign_view_t *now, uint64_t version)
{
    const wanted_t what = {.actor = now->view.actor, .version = version};
    made_t made = {0};
    return wait_for(call, now, &what, &made) ? made.view : NULL;
}

TM_OWN tm_blob_t *tm_as_of_report(tm_call_t *call, tm_campaign_view_t *now, tm_id_t report)
{
    const wanted_t what = {.actor = now->view.actor, .report = report};
    made_t made = {0};
    if (!wait_for(call, now, &what, &made))
        return NULL;
    if (made.body == NULL)
        tm_reply_problem(call, made.err, NULL);
    return made.body;
}

bool tm_as_of_read(const tm_call_t *call, tm_ms_t *ret_at, tm_why_t *why)
{
    const tm_str_t text = tm_query_get(call, "as_of_ms");
    if (text.p == NULL)
        return false;
    if (tm_str_i64(text, &ret_at->v))
        return true;
    tm_why_add(why, TM_EINVALID, "as_of_ms", "must be milliseconds since 1970, UTC");
    return false;
}

TM_OWN tm_campaign_view_t *tm_as_of_view(tm_call_t *call, TM_OWN tm_campaign_view_t *now)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_ms_t at;
    const bool given = tm_as_of_read(call, &at, &why);
    if (!given && why.n == 0)
        return now;
    const uint64_t version = given ? tm_versions_find(&now->versions, at) : 0;
    if (given && version == 0)
        tm_why_add(&why, TM_EINVALID, "as_of_ms", "is before the campaign was made");
    tm_campaign_view_t *view = tm_reply_faults(call, &why) ? NULL : picture(call, now, version);
    tm_shared_unref(now);
    if (view != NULL)
        tm_reply_header(call, "x-as-of-version",
                        tm_call_printf(call, "%llu", (unsigned long long)view->view.version));
    return view;
}

tm_day_t tm_as_of_today(const tm_call_t *call, const tm_campaign_view_t *view)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_ms_t at;
    if (!tm_as_of_read(call, &at, &why))
        return view->today;
    uint32_t key = 0;
    const tm_row_t *row = tm_trie_next(&view->view.tables[tm_campaign_state_desc.number], &key);
    if (row == NULL)
        return view->today;
    at.v = TM_MIN(at.v, tm_time_now().v); /* nothing is known of a later day */
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(STATE_ARENA_MAX);
    const tm_campaign_state_t *state = tm_row_read(row, arena);
    const tm_campaign_t *campaign = state == NULL ? NULL : state->campaign.v;
    tm_day_t day = view->today;
    if (campaign != NULL && TM_HAS(campaign, TM_CAMPAIGN_tz) &&
        tm_zone_day(campaign->tz, at, &day) != TM_OK)
        return view->today;
    return day;
}
