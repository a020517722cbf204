/* views.c - a few answers kept by name, the least recently used one goes first.
 *
 * How:     a new version has another name, so what is out of date is never found and soon replaced.
 * Threads: the loop's. */
#include "http/views.h"
#include "base/memory.h"
#include "http/limits.h"

#define QUERY_BYTES_MAX 256

typedef struct kept {
    uint64_t epoch, version, used;
    uint32_t query_n;
    char query[QUERY_BYTES_MAX];
    tm_blob_t *body; /* NULL: free */
} kept_t;

struct tm_views {
    uint64_t clock;
    kept_t kept[TM_VIEWS_MAX];
};

TM_OWN tm_views_t *tm_views_new(void)
{
    return TM_NEW(tm_views_t);
}

void tm_views_empty(tm_views_t *views)
{
    assert(views != NULL);
    for (uint32_t i = 0; i < TM_VIEWS_MAX; i++) {
        tm_blob_unref(views->kept[i].body);
        views->kept[i] = (kept_t){.body = NULL};
    }
}

void tm_views_free(TM_OWN tm_views_t *views)
{
    if (views == NULL)
        return;
    tm_views_empty(views);
    tm_free(views);
}

TM_OWN tm_blob_t *tm_views_get(tm_views_t *views, const tm_view_name_t *name)
{
    assert(views != NULL);
    for (uint32_t i = 0; i < TM_VIEWS_MAX; i++) {
        kept_t *kept = &views->kept[i];
        if (kept->body == NULL || kept->version != name->version || kept->epoch != name->epoch ||
            !tm_str_eq(tm_str_n(kept->query, kept->query_n), name->query))
            continue;
        kept->used = ++views->clock;
        return tm_blob_ref(kept->body);
    }
    return NULL;
}

void tm_views_put(tm_views_t *views, const tm_view_name_t *name, tm_blob_t *body)
{
    assert(views != NULL && body != NULL);
    if (name->query.n > QUERY_BYTES_MAX || body->n > TM_VIEW_BYTES_MAX)
        return;
    kept_t *oldest = &views->kept[0];
    for (uint32_t i = 1; i < TM_VIEWS_MAX; i++) {
        if (views->kept[i].used < oldest->used)
            oldest = &views->kept[i];
    }
    tm_blob_unref(oldest->body);
    *oldest = (kept_t){.epoch = name->epoch,
                       .version = name->version,
                       .used = ++views->clock,
                       .query_n = name->query.n,
                       .body = tm_blob_ref(body)};
    memcpy(oldest->query, name->query.p, name->query.n);
}
