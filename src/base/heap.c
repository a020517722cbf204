/* heap.c - the general heap: abort on exhaustion.
 *
 * Why:     outside of bounded arenas nobody can act on "no memory", so nobody should have to
 *          write the branch.
 * How:     malloc and friends, which the build links to jemalloc (plain libc under sanitizers).
 * Threads: any. */
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Says so without allocating and stops the process. */
static _Noreturn void out_of_memory(size_t bytes)
{
    char line[64];
    const int n = snprintf(line, sizeof(line), "out of memory: %zu bytes wanted\n", bytes);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0) {
        /* there is nobody left to tell */
    }
    abort();
}

TM_OWN void *tm_alloc(size_t bytes)
{
    void *p = malloc(bytes == 0 ? 1 : bytes);
    if (p == NULL)
        out_of_memory(bytes);
    return p;
}

TM_OWN void *tm_zalloc(size_t bytes)
{
    void *p = calloc(1, bytes == 0 ? 1 : bytes);
    if (p == NULL)
        out_of_memory(bytes);
    return p;
}

TM_OWN void *tm_alloc_aligned(size_t bytes, size_t align)
{
    assert(align != 0 && (align & (align - 1)) == 0);
    void *p = NULL;
    if (posix_memalign(&p, TM_MAX(align, sizeof(void *)), bytes == 0 ? 1 : bytes) != 0)
        out_of_memory(bytes);
    return p;
}

TM_OWN void *tm_realloc(TM_OWN void *old, size_t bytes)
{
    void *p = realloc(old, bytes == 0 ? 1 : bytes);
    if (p == NULL)
        out_of_memory(bytes);
    return p;
}

void tm_free(TM_OWN void *p)
{
    free(p);
}

TM_OWN char *tm_strdup_n(const char *p, size_t n)
{
    assert(p != NULL || n == 0);
    char *copy = tm_alloc(n + 1);
    if (n > 0)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}
