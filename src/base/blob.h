/* blob.h - immutable bytes shared by reference count, across threads.
 *
 * Why:     an answer, a live event or an encoded row is made once and read by many loops.
 * Threads: ref, unref: any (atomic). Content never changes after tm_blob_new. */
#ifndef TM_BASE_BLOB_H
#define TM_BASE_BLOB_H
#include "base/base.h"

typedef struct tm_blob {
    uint32_t refs;   /* atomic */
    uint32_t n;
    char p[];        /* n bytes and a NUL */
} tm_blob_t;

/* copies; p NULL: n bytes to be filled before sharing */
TM_OWN tm_blob_t *tm_blob_new(const void *p, size_t n);
TM_OWN tm_blob_t *tm_blob_ref(tm_blob_t *blob);         /* NULL is fine */
void tm_blob_unref(TM_OWN tm_blob_t *blob);             /* NULL is fine */
static inline tm_str_t tm_blob_str(const tm_blob_t *b)
{
    return b == NULL ? (tm_str_t){NULL, 0} : tm_str_n(b->p, b->n);
}
#endif
