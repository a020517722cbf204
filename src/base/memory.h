/* memory.h - the general heap: abort on exhaustion, counted; plus arenas that die as a whole.
 *
 * Why:     a bounded arena's exhaustion is an error of its request; the process's exhaustion is
 *          fatal.
 * How:     heap calls go to jemalloc. An arena is a chain of chunks, never freed piecewise.
 * Threads: heap any; an arena belongs to one thread at a time. */
#ifndef TM_BASE_MEMORY_H
#define TM_BASE_MEMORY_H
#include "base/base.h"

/* never NULL; aborts when memory is out */
TM_OWN void *tm_alloc(size_t bytes);
TM_OWN void *tm_zalloc(size_t bytes);                      /* zeroed */
TM_OWN void *tm_alloc_aligned(size_t bytes, size_t align); /* align: a power of two */
TM_OWN void *tm_realloc(TM_OWN void *p, size_t bytes);
void tm_free(TM_OWN void *p);                              /* NULL is fine */
TM_OWN char *tm_strdup_n(const char *p, size_t n);         /* NUL-terminated copy */

#define TM_NEW(type) ((type *)tm_zalloc(sizeof(type)))

typedef struct tm_arena tm_arena_t;

/* An arena that grows to at most bytes_max (counting its own chunks). */
TM_OWN tm_arena_t *tm_arena_new(size_t bytes_max);
/* The same with a first chunk of that size: what fits into it takes one piece of the heap. */
TM_OWN tm_arena_t *tm_arena_new_first(size_t bytes_max, size_t first_bytes);
void tm_arena_free(TM_OWN tm_arena_t *arena);              /* NULL is fine */
/* bytes aligned to 16, not zeroed. NULL: the limit is reached. */
void *tm_arena_alloc(tm_arena_t *arena, size_t bytes);
void *tm_arena_zalloc(tm_arena_t *arena, size_t bytes);
/* A NUL-terminated copy; p NULL when the arena is full (or s.p is NULL). */
tm_str_t tm_arena_str(tm_arena_t *arena, tm_str_t s);
tm_str_t tm_arena_printf(tm_arena_t *arena, const char *fmt, ...) TM_PRINTF(2, 3);
size_t tm_arena_bytes(const tm_arena_t *arena);            /* in use, and around it */
/* Forgets everything. Keeps the first chunk, and one of at most 64 KiB for what comes next. */
void tm_arena_reset(tm_arena_t *arena);

/* What another core wrote, or nobody touched for long, is asked for before it is needed: its first
 * kilobyte, the rest comes in order, which processors guess. Cost: some ns a cache line. */
static inline void tm_prefetch(const void *p, size_t n)
{
    enum { LINE_BYTES = 64, PREFETCHED_BYTES_MAX = 1024 };
    for (size_t i = 0; i < TM_MIN(n, (size_t)PREFETCHED_BYTES_MAX); i += LINE_BYTES)
        __builtin_prefetch((const char *)p + i);
}

/* For TM_AUTO: `TM_AUTO(tm_free_p) char *p`. */
static inline void tm_free_p(void *p) { tm_free(*(void **)p); }
static inline void tm_arena_free_p(tm_arena_t **p) { tm_arena_free(*p); }
#endif
