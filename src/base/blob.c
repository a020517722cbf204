/* blob.c - immutable bytes shared by reference count.
 *
 * Threads: any; the count is atomic. */
#include "base/blob.h"
#include "base/memory.h"

TM_OWN tm_blob_t *tm_blob_new(const void *p, size_t n)
{
    assert(n < UINT32_MAX);
    tm_blob_t *blob = tm_alloc(sizeof(*blob) + n + 1);
    blob->refs = 1;
    blob->n = (uint32_t)n;
    if (p != NULL)
        memcpy(blob->p, p, n);
    blob->p[n] = '\0';
    return blob;
}

void tm_blob_begin(tm_buf_t *buf, size_t max)
{
    assert(max < UINT32_MAX);
    tm_buf_init(buf, max);
    buf->head = offsetof(tm_blob_t, p);
}

TM_OWN tm_blob_t *tm_blob_take(tm_buf_t *buf)
{
    assert(buf->head == offsetof(tm_blob_t, p));
    size_t n;
    tm_blob_t *blob = (tm_blob_t *)(void *)tm_buf_take(buf, &n);
    blob->refs = 1;
    blob->n = (uint32_t)n;
    return blob;
}

TM_OWN tm_blob_t *tm_blob_ref(tm_blob_t *blob)
{
    if (blob != NULL) {
        /* relaxed: whoever refs already holds a reference; partner: the release in
         * tm_blob_unref. */
        const uint32_t before = __atomic_fetch_add(&blob->refs, 1, __ATOMIC_RELAXED);
        assert(before > 0 && before < UINT32_MAX);
    }
    return blob;
}

void tm_blob_unref(TM_OWN tm_blob_t *blob)
{
    if (blob == NULL)
        return;
    /* acq_rel: the last one sees every read of the others finished before it frees; partner:
     * itself in other threads. */
    const uint32_t before = __atomic_fetch_sub(&blob->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before == 1)
        tm_free(blob);
}
