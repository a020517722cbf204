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
