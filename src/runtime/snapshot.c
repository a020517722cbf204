/* snapshot.c - pictures under ck_epoch, and the runtime's per-thread context.
 *
 * Why:     ck_epoch wants one record a thread, and any thread may read a snapshot: loops, workers,
 *          jobs. So the record is made at a thread's first read and kept in a thread-local table;
 *          this is the one exception to "no mutable state" of this layer. Nothing but the speed of
 *          the next read depends on it.
 * How:     the table holds a few runtimes (tests have several in a row). An entry holds a reference
 *          to its epochs, so a thread may end after the runtime did. A thread that ends gives its
 *          records back (ck recycles them, it cannot free one).
 * Threads: as in snapshot.h.
 * Source:  ck_epoch of Concurrency Kit 0.7.1. */
#include "runtime/snapshot.h"
#include "base/memory.h"
#include <ck_epoch.h>
#include <pthread.h>
#include <stdlib.h>

#define EPOCHS_MAGIC 0xe90c4501u
#define RUNTIMES_MAX 4 /* whose records a thread keeps at a time */

typedef struct record {
    ck_epoch_record_t record; /* first: ck gives us this pointer back */
    struct record *next;      /* of all records of its epochs */
} record_t;

struct tm_epochs {
    ck_epoch_t epoch;
    uint32_t magic;
    uint32_t refs;            /* atomic; the runtime and each thread that holds a record */
    pthread_mutex_t lock;     /* making and giving back records */
    record_t *records;
};

typedef struct seat {
    tm_epochs_t *epochs;
    record_t *record;
} seat_t;

typedef struct retired {
    ck_epoch_entry_t entry;   /* first */
    void *object;
} retired_t;

/* [RUNTIMES_MAX]; freed by the key's destructor when the thread ends */
static __thread seat_t *mine; /* tidy: allow global: the per-thread context, see the top */
static pthread_key_t key; /* tidy: allow global: as above */
static pthread_once_t key_once = PTHREAD_ONCE_INIT; /* tidy: allow global: as above */

static void epochs_unref(tm_epochs_t *epochs)
{
    TM_CHECK(epochs, EPOCHS_MAGIC);
    /* acq_rel: the last one sees what the others did. */
    if (__atomic_sub_fetch(&epochs->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    while (epochs->records != NULL) {
        record_t *record = epochs->records;
        epochs->records = record->next;
        tm_free(record);
    }
    pthread_mutex_destroy(&epochs->lock);
    epochs->magic = 0;
    tm_free(epochs);
}

static void seat_leave(seat_t *seat)
{
    if (seat->epochs == NULL)
        return;
    ck_epoch_barrier(&seat->record->record); /* what this thread swapped out goes now */
    pthread_mutex_lock(&seat->epochs->lock);
    ck_epoch_unregister(&seat->record->record);
    pthread_mutex_unlock(&seat->epochs->lock);
    epochs_unref(seat->epochs);
    *seat = (seat_t){NULL, NULL};
}

static void thread_end(void *p)
{
    seat_t *seats = p;
    for (uint32_t i = 0; i < RUNTIMES_MAX; i++)
        seat_leave(&seats[i]);
    tm_free(seats);
    mine = NULL;
}

static void key_make(void)
{
    if (pthread_key_create(&key, thread_end) != 0)
        abort();
}

static __attribute__((noinline)) record_t *seat_take(tm_epochs_t *epochs)
{
    pthread_once(&key_once, key_make);
    if (mine == NULL) {
        mine = tm_zalloc(RUNTIMES_MAX * sizeof(mine[0]));
        if (pthread_setspecific(key, mine) != 0)
            abort(); /* out of memory */
    }
    seat_leave(&mine[RUNTIMES_MAX - 1]);
    memmove(&mine[1], &mine[0], (RUNTIMES_MAX - 1) * sizeof(mine[0]));

    pthread_mutex_lock(&epochs->lock);
    record_t *record = (record_t *)ck_epoch_recycle(&epochs->epoch, NULL);
    if (record == NULL) {
        record = tm_alloc_aligned((sizeof(*record) + 63) & ~(size_t)63, 64);
        memset(record, 0, sizeof(*record));
        ck_epoch_register(&epochs->epoch, &record->record, NULL);
        record->next = epochs->records;
        epochs->records = record;
    }
    pthread_mutex_unlock(&epochs->lock);
    __atomic_add_fetch(&epochs->refs, 1, __ATOMIC_RELAXED);
    mine[0] = (seat_t){epochs, record};
    return record;
}

static inline record_t *record_of(tm_epochs_t *epochs)
{
    for (uint32_t i = 0; mine != NULL && i < RUNTIMES_MAX; i++) {
        if (mine[i].epochs == epochs)
            return mine[i].record;
    }
    return seat_take(epochs);
}

TM_OWN tm_epochs_t *tm_epochs_new(void)
{
    tm_epochs_t *epochs = tm_alloc_aligned((sizeof(*epochs) + 63) & ~(size_t)63, 64);
    memset(epochs, 0, sizeof(*epochs));
    epochs->magic = EPOCHS_MAGIC;
    epochs->refs = 1;
    pthread_mutex_init(&epochs->lock, NULL);
    ck_epoch_init(&epochs->epoch);
    return epochs;
}

void tm_epochs_free(TM_OWN tm_epochs_t *epochs)
{
    if (epochs == NULL)
        return;
    TM_CHECK(epochs, EPOCHS_MAGIC);
    for (uint32_t i = 0; mine != NULL && i < RUNTIMES_MAX; i++) {
        if (mine[i].epochs == epochs)
            seat_leave(&mine[i]);
    }
    epochs_unref(epochs);
}

TM_OWN void *tm_slot_get(tm_epochs_t *epochs, tm_slot_t *slot)
{
    TM_CHECK(epochs, EPOCHS_MAGIC);
    record_t *record = record_of(epochs);
    ck_epoch_begin(&record->record, NULL);
    /* acquire: the picture's content; partner: the exchange in tm_slot_swap. */
    void *object = tm_shared_ref(__atomic_load_n(&slot->current, __ATOMIC_ACQUIRE));
    ck_epoch_end(&record->record, NULL);
    return object;
}

static void retired_free(ck_epoch_entry_t *entry)
{
    retired_t *retired = (retired_t *)entry;
    tm_shared_unref(retired->object);
    tm_free(retired);
}

void tm_slot_swap(tm_epochs_t *epochs, tm_slot_t *slot, TM_OWN void *object)
{
    TM_CHECK(epochs, EPOCHS_MAGIC);
    /* acq_rel: release publishes the content; partner: the load in tm_slot_get. acquire: the old
     * one's, which we may free. */
    void *old = __atomic_exchange_n(&slot->current, object, __ATOMIC_ACQ_REL);
    if (old == NULL)
        return;
    record_t *record = record_of(epochs);
    retired_t *retired = TM_NEW(retired_t);
    retired->object = old;
    ck_epoch_call(&record->record, &retired->entry, retired_free);
    ck_epoch_poll(&record->record);
}

void tm_slot_done(tm_slot_t *slot)
{
    tm_shared_unref(slot->current);
    slot->current = NULL;
}
