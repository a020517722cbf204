/* blob.h - immutable bytes shared by reference count, across threads.
 *
 * Why:     an answer, a live event or an encoded row is made once and read by many loops.
 * How:     what is made in a buffer that began as one becomes a blob without a copy.
 * Threads: ref, unref: any (atomic). Content never changes after tm_blob_new or tm_blob_take. */
#ifndef TM_BASE_BLOB_H
#define TM_BASE_BLOB_H
#include "base/buf.h"

typedef struct tm_blob {
    uint32_t refs;   /* atomic */
    uint32_t n;
    char p[];        /* n bytes and a NUL */
} tm_blob_t;

/* copies; p NULL: n bytes to be filled before sharing */
TM_OWN tm_blob_t *tm_blob_new(const void *p, size_t n);
void tm_blob_begin(tm_buf_t *buf, size_t max); /* tm_buf_init for a buffer that is taken below */
/* What stands in the buffer, which is empty afterwards; no copy if what was reserved is about what
 * is used (tm_buf_take). One cut at its maximum is given as it is: look at full before. */
TM_OWN tm_blob_t *tm_blob_take(tm_buf_t *buf);
TM_OWN tm_blob_t *tm_blob_ref(tm_blob_t *blob);         /* NULL is fine */
void tm_blob_unref(TM_OWN tm_blob_t *blob);             /* NULL is fine */
static inline tm_str_t tm_blob_str(const tm_blob_t *b)
{
    return b == NULL ? (tm_str_t){NULL, 0} : tm_str_n(b->p, b->n);
}
#endif
