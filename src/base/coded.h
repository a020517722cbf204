/* coded.h - places for the compressed forms of bytes that many read: each made once, by whoever
 * orders it first, and shared.
 *
 * How:     a bit says that somebody makes a form; a pointer appears when it is there. A form that
 *          would not be smaller never appears.
 * Threads: any (atomic); done: when nobody else has it. Whoever calls holds the object it lies
 *          in. */
#ifndef TM_BASE_CODED_H
#define TM_BASE_CODED_H
#include "base/blob.h"

/* In the order of preference among equals. */
typedef enum tm_coding { TM_CODING_BROTLI, TM_CODING_GZIP, TM_CODINGS } tm_coding_t;

/* zero: none is there, none is ordered */
typedef struct tm_coded {
    tm_blob_t *forms[TM_CODINGS]; /* atomic */
    uint32_t ordered;             /* atomic; bits by coding */
} tm_coded_t;

/* Borrowed from coded; NULL: not there (yet). */
static inline tm_blob_t *tm_coded_form(const tm_coded_t *coded, tm_coding_t coding)
{
    /* acquire: the blob's content; partner: the store in tm_coded_put. */
    return __atomic_load_n(&coded->forms[coding], __ATOMIC_ACQUIRE);
}
/* true: the caller is the first who wants it, and makes it (put) or gives up. */
static inline bool tm_coded_order(tm_coded_t *coded, tm_coding_t coding)
{
    const uint32_t bit = 1u << coding;
    /* relaxed: only who is first; the content has its own order. */
    if ((__atomic_load_n(&coded->ordered, __ATOMIC_RELAXED) & bit) != 0)
        return false;
    return (__atomic_fetch_or(&coded->ordered, bit, __ATOMIC_RELAXED) & bit) == 0;
}
/* Somebody else may order it again. */
static inline void tm_coded_give_up(tm_coded_t *coded, tm_coding_t coding)
{
    __atomic_fetch_and(&coded->ordered, ~(1u << coding), __ATOMIC_RELAXED);
}
/* Once, by who ordered it. NULL: it would not be smaller. */
static inline void tm_coded_put(tm_coded_t *coded, tm_coding_t coding, TM_OWN tm_blob_t *form)
{
    assert(coded->forms[coding] == NULL);
    /* release: partner: the load in tm_coded_form. */
    __atomic_store_n(&coded->forms[coding], form, __ATOMIC_RELEASE);
}
static inline void tm_coded_done(tm_coded_t *coded)
{
    for (int i = 0; i < TM_CODINGS; i++)
        tm_blob_unref(coded->forms[i]);
}
#endif
