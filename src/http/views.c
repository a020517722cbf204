/* views.c - see views.h.
 *
 * How:     a place is free, being made (it has a list of who waits), or ready. A new version has
 *          another name, so what is out of date is never found and soon replaced.
 * Threads: see views.h; the list of who waits is the table's, answers.h brings them theirs. */
#include "http/views.h"
#include "base/memory.h"
#include "base/trie.h"
#include "http/answers.h"
#include "http/coding.h"
#include "http/reply.h"
#include <pthread.h>

#define PLACES (TM_VIEWS_MAX + TM_VIEW_BUILDS_MAX)
#define WAITERS_FIRST 8

/* An answer with its forms. */
typedef struct shown {
    tm_shared_t shared;
    tm_blob_t *body;
    tm_coded_t coded;
} shown_t;

/* Names an answer: the query as it came holds the campaign too. */
typedef struct name {
    uint64_t epoch, version;
    tm_str_t query;
} name_t;

typedef struct waiters {
    tm_reply_to_t *v;
    uint32_t n, cap;
} waiters_t;

typedef struct place {
    name_t name; /* its query is ours; p NULL: free */
    uint64_t used;
    shown_t *shown; /* NULL: being made */
    waiters_t waiters;
} place_t;

struct tm_views {
    pthread_mutex_t lock;
    uint64_t clock;
    uint32_t n_builds;
    place_t places[PLACES];
};

typedef struct build {
    tm_http_t *http;
    tm_campaign_view_t *view; /* a reference */
    place_t *place;           /* ours until it is ready */
    tm_matrix_query_t query;
    char *advertiser; /* of the query */
} build_t;

static void shown_free(void *object)
{
    shown_t *shown = object;
    tm_blob_unref(shown->body);
    tm_coded_done(&shown->coded);
    tm_free(shown);
}

TM_OWN tm_views_t *tm_views_new(void)
{
    tm_views_t *views = TM_NEW(tm_views_t);
    pthread_mutex_init(&views->lock, NULL);
    return views;
}

static void place_clear(place_t *place)
{
    tm_free((char *)(uintptr_t)place->name.query.p);
    tm_shared_unref(place->shown);
    *place = (place_t){.used = 0};
}

void tm_views_empty(tm_views_t *views)
{
    assert(views != NULL);
    pthread_mutex_lock(&views->lock);
    for (uint32_t i = 0; i < PLACES; i++) {
        if (views->places[i].shown != NULL)
            place_clear(&views->places[i]);
    }
    pthread_mutex_unlock(&views->lock);
}

void tm_views_free(TM_OWN tm_views_t *views)
{
    if (views == NULL)
        return;
    assert(views->n_builds == 0);
    tm_views_empty(views);
    pthread_mutex_destroy(&views->lock);
    tm_free(views);
}

/* ---- under the lock ---- */

static place_t *find(tm_views_t *views, const name_t *name)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        place_t *place = &views->places[i];
        if (place->name.version == name->version && place->name.epoch == name->epoch &&
            place->name.query.p != NULL && tm_str_eq(place->name.query, name->query))
            return place;
    }
    return NULL;
}

static place_t *take_free(tm_views_t *views, const name_t *name)
{
    for (uint32_t i = 0; i < PLACES && views->n_builds < TM_VIEW_BUILDS_MAX; i++) {
        place_t *place = &views->places[i];
        if (place->name.query.p != NULL)
            continue;
        *place = (place_t){.name = *name};
        place->name.query.p = tm_strdup_n(name->query.p, name->query.n);
        views->n_builds++;
        return place;
    }
    return NULL;
}

static void add_waiter(place_t *place, tm_reply_to_t to)
{
    waiters_t *waiters = &place->waiters;
    if (waiters->n == waiters->cap) {
        waiters->cap = waiters->cap == 0 ? WAITERS_FIRST : waiters->cap * 2;
        waiters->v = tm_realloc(waiters->v, waiters->cap * sizeof(*waiters->v));
    }
    waiters->v[waiters->n++] = to;
}

/* Drops what is too much, least recently used first; the newest always stays. */
static void drop_excess(tm_views_t *views)
{
    for (;;) {
        uint64_t bytes = 0;
        uint32_t n = 0;
        place_t *oldest = NULL;
        for (uint32_t i = 0; i < PLACES; i++) {
            place_t *place = &views->places[i];
            if (place->shown == NULL)
                continue;
            n++;
            bytes += place->shown->body->n;
            if (oldest == NULL || place->used < oldest->used)
                oldest = place;
        }
        if (n <= 1 || (n <= TM_VIEWS_MAX && bytes <= TM_VIEWS_BYTES_MAX))
            return;
        place_clear(oldest);
    }
}

/* ---- the job ---- */

/* Ends a build: keeps the answer (NULL: there is none) and takes who waited. */
static waiters_t finish(tm_views_t *views, place_t *place, shown_t *shown)
{
    pthread_mutex_lock(&views->lock);
    assert(place->shown == NULL && views->n_builds > 0);
    const waiters_t waiters = place->waiters;
    place->waiters = (waiters_t){.n = 0};
    views->n_builds--;
    if (shown == NULL || shown->body->n > TM_VIEW_BYTES_MAX) {
        place_clear(place);
    } else {
        place->shown = tm_shared_ref(shown);
        place->used = ++views->clock;
        drop_excess(views);
    }
    pthread_mutex_unlock(&views->lock);
    return waiters;
}

static void answer(tm_http_t *http, waiters_t *waiters, tm_err_t err, tm_blob_t *body)
{
    const tm_answer_t answer = {.err = err, .status = 200, .body = body, .version = -1};
    for (uint32_t i = 0; i < waiters->n; i++)
        tm_answers_send(http, waiters->v[i], &answer);
    tm_free(waiters->v);
}

static void build_free(build_t *job)
{
    tm_shared_unref(job->view);
    tm_free(job->advertiser);
    tm_free(job);
}

static void build_run(void *arg)
{
    build_t *job = arg;
    tm_blob_t *body = tm_campaign_view_matrix(job->view, &job->query, false);
    shown_t *shown = NULL;
    if (body != NULL) {
        shown = TM_NEW(shown_t);
        *shown = (shown_t){.shared = {1, shown_free}, .body = body};
    }
    waiters_t waiters = finish(job->http->views, job->place, shown);
    answer(job->http, &waiters, body == NULL ? TM_ENOMEM : TM_OK, body);
    tm_shared_unref(shown);
    build_free(job);
}

static void begin(tm_http_t *http, tm_campaign_view_t *view, const tm_matrix_query_t *query,
                  place_t *place)
{
    const tm_services_t *services = &http->options.services;
    build_t *job = TM_NEW(build_t);
    *job = (build_t){http, tm_shared_ref(view), place, *query, NULL};
    if (query->advertiser.p != NULL) {
        job->advertiser = tm_strdup_n(query->advertiser.p, query->advertiser.n);
        job->query.advertiser.p = job->advertiser;
    }
    const tm_err_t err = services->run == NULL
                             ? TM_EUNAVAILABLE
                             : services->run(services->self, view->view.actor, build_run, job);
    if (err == TM_OK)
        return;
    waiters_t waiters = finish(http->views, place, NULL);
    answer(http, &waiters, err, NULL);
    build_free(job);
}

/* ---- requests ---- */

static void show(tm_call_t *call, const tm_campaign_view_t *view, TM_OWN shown_t *shown)
{
    if (view->is_past)
        tm_reply_blob(call, 200, TM_JSON_TYPE, tm_blob_ref(shown->body));
    else
        tm_reply_coded(call, TM_JSON_TYPE, tm_blob_ref(shown->body), &shown->coded, shown);
    tm_shared_unref(shown);
}

void tm_views_show(tm_call_t *call, tm_campaign_view_t *view, const tm_matrix_query_t *query)
{
    const h2o_req_t *req = call->req;
    tm_http_t *http = call->loop->http;
    tm_views_t *views = http->views;
    const name_t name = {view->epoch, view->view.version,
                         tm_str_n(req->path.base + req->query_at, req->path.len - req->query_at)};
    if (name.query.n > TM_VIEW_NAME_BYTES_MAX) {
        tm_reply_fault(call, TM_EINVALID, "", "the parameters are too long");
        return;
    }
    bool is_first = false;
    tm_err_t err = TM_OK;
    pthread_mutex_lock(&views->lock);
    place_t *place = find(views, &name);
    shown_t *shown = place == NULL ? NULL : tm_shared_ref(place->shown);
    const bool refused = place == NULL && tm_ceiling_state(http->options.ceiling) != TM_MEMORY_EASY;
    if (refused) {
        err = TM_EMEMORYFULL;
    } else if (shown != NULL) {
        place->used = ++views->clock;
    } else {
        is_first = place == NULL;
        if (place == NULL)
            place = take_free(views, &name);
        tm_reply_to_t to;
        if (place != NULL && (err = tm_call_wait(call, &to)) == TM_OK)
            add_waiter(place, to);
    }
    pthread_mutex_unlock(&views->lock);
    if (shown != NULL)
        show(call, view, shown);
    else if (place == NULL && !refused)
        tm_call_retry_patiently(call); /* enough is being made */
    else if (is_first)
        begin(http, view, query, place); /* also if we may not wait: others may already */
    if (err != TM_OK)
        tm_reply_problem(call, err, NULL);
}
