/* timer.c - the heap of due times.
 *
 * How:     see timer.h. Ties go to the lower actor number, so the order does not depend on history.
 * Threads: any, under the lock. */
#include "runtime/timer.h"
#include "base/memory.h"

#define TIMERS_MAGIC 0x71de4501u

struct tm_timers {
    uint32_t magic;
    uint32_t n, cap;
    tm_due_t **heap; /* heap[0] is due first */
    tm_park_t *park;
    pthread_mutex_t lock;
};

TM_OWN tm_timers_t *tm_timers_new(tm_park_t *park)
{
    tm_timers_t *timers = TM_NEW(tm_timers_t);
    timers->magic = TIMERS_MAGIC;
    timers->park = park;
    pthread_mutex_init(&timers->lock, NULL);
    return timers;
}

void tm_timers_free(TM_OWN tm_timers_t *timers)
{
    if (timers == NULL)
        return;
    TM_CHECK(timers, TIMERS_MAGIC);
    tm_free(timers->heap);
    pthread_mutex_destroy(&timers->lock);
    timers->magic = 0;
    tm_free(timers);
}

static bool before(const tm_due_t *a, const tm_due_t *b)
{
    return a->at.v != b->at.v ? a->at.v < b->at.v : a->actor < b->actor;
}

static void put_at(tm_timers_t *timers, uint32_t i, tm_due_t *due)
{
    timers->heap[i] = due;
    due->place = i + 1;
}

/* Moves heap[i] up or down to where it belongs. */
static void settle(tm_timers_t *timers, uint32_t i)
{
    tm_due_t *due = timers->heap[i];
    while (i > 0 && before(due, timers->heap[(i - 1) / 2])) {
        put_at(timers, i, timers->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= timers->n)
            break;
        if (child + 1 < timers->n && before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!before(timers->heap[child], due))
            break;
        put_at(timers, i, timers->heap[child]);
        i = child;
    }
    put_at(timers, i, due);
}

static void heap_remove(tm_timers_t *timers, tm_due_t *due)
{
    if (due->place == 0)
        return;
    const uint32_t i = due->place - 1;
    assert(i < timers->n && timers->heap[i] == due);
    due->place = 0;
    tm_due_t *last = timers->heap[--timers->n];
    if (last == due)
        return;
    put_at(timers, i, last);
    settle(timers, i);
}

static void heap_add(tm_timers_t *timers, tm_due_t *due)
{
    if (due->place != 0) {
        settle(timers, due->place - 1);
    } else {
        if (timers->n == timers->cap) {
            timers->cap = TM_MAX(timers->cap * 2, 64u);
            timers->heap = tm_realloc(timers->heap, timers->cap * sizeof(timers->heap[0]));
        }
        put_at(timers, timers->n++, due);
        settle(timers, timers->n - 1);
    }
    if (timers->heap[0] == due && timers->park != NULL)
        tm_park_wake(timers->park);
}

void tm_timers_set(tm_timers_t *timers, tm_due_t *due, tm_ms_t at, bool handled)
{
    TM_CHECK(timers, TIMERS_MAGIC);
    assert(at.v >= 0);
    pthread_mutex_lock(&timers->lock);
    if (handled)
        due->told = false;
    /* One that was told is asked again when it has handled the message. */
    if (!due->told && (due->at.v != at.v || due->place == 0)) {
        due->at = at;
        if (at.v == 0)
            heap_remove(timers, due);
        else
            heap_add(timers, due);
    }
    pthread_mutex_unlock(&timers->lock);
}

tm_due_t *tm_timers_take(tm_timers_t *timers, tm_ms_t now)
{
    TM_CHECK(timers, TIMERS_MAGIC);
    pthread_mutex_lock(&timers->lock);
    tm_due_t *due = NULL;
    if (timers->n > 0 && timers->heap[0]->at.v <= now.v) {
        due = timers->heap[0];
        heap_remove(timers, due);
        due->told = true;
    }
    pthread_mutex_unlock(&timers->lock);
    return due;
}

void tm_timers_again(tm_timers_t *timers, tm_due_t *due, tm_ms_t at)
{
    TM_CHECK(timers, TIMERS_MAGIC);
    pthread_mutex_lock(&timers->lock);
    assert(due->told && due->place == 0);
    due->told = false;
    due->at = at;
    heap_add(timers, due);
    pthread_mutex_unlock(&timers->lock);
}

tm_ms_t tm_timers_next(tm_timers_t *timers)
{
    TM_CHECK(timers, TIMERS_MAGIC);
    pthread_mutex_lock(&timers->lock);
    const tm_ms_t next = timers->n > 0 ? timers->heap[0]->at : (tm_ms_t){0};
    pthread_mutex_unlock(&timers->lock);
    return next;
}
