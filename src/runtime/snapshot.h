/* snapshot.h - the newest durable picture of an actor, read by any thread without waiting.
 *
 * Why:     a read must not take a message; a picture must not vanish between loading its pointer
 *          and taking a reference.
 * How:     ck_epoch covers only that moment: the old picture loses its reference after a grace
 *          period.
 * Threads: get: any. swap: the journal thread, or the owner of a runtime that does not run. */
#ifndef TM_RUNTIME_SNAPSHOT_H
#define TM_RUNTIME_SNAPSHOT_H
#include "base/trie.h"

/* of one runtime; outlives it while a thread still holds a record */
typedef struct tm_epochs tm_epochs_t;
/* atomic; an object that begins with tm_shared_t; zero: none */
typedef struct tm_slot { void *current; } tm_slot_t;

TM_OWN tm_epochs_t *tm_epochs_new(void);
/* Waits until every picture that was swapped out by this thread is unreferenced. No get may run or
 * follow. */
void tm_epochs_free(TM_OWN tm_epochs_t *epochs);
/* A reference for the caller; NULL: none. Wait-free but for a thread's first call, which makes its
 * record. */
TM_OWN void *tm_slot_get(tm_epochs_t *epochs, tm_slot_t *slot);
void tm_slot_swap(tm_epochs_t *epochs, tm_slot_t *slot, TM_OWN void *object);
/* No get may run or follow. */
void tm_slot_done(tm_slot_t *slot);
#endif
