/* arena.c - memory that dies as a whole.
 *
 * Why:     whatever belongs to one message or one request goes at once, without a list of frees,
 *          and cannot exceed its bound.
 * How:     a chain of chunks of doubling size; the arena's own head lies in the first. A piece
 *          too large for the usual chunk gets one of its own behind the current one, whose rest
 *          stays in use. Under AddressSanitizer unused bytes are poisoned, so that writing past
 *          a piece is found. A reset keeps one chunk for what comes next: whoever resets after
 *          each message would ask the heap for the same chunks each time.
 * Threads: one at a time. */
#include "base/memory.h"
#include <stdarg.h>
#include <stdio.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_MAGIC 0x41e7a001u
#define CHUNK_FIRST ((size_t)1024)
#define CHUNK_MAX ((size_t)256 * 1024)
#define SPARE_MAX ((size_t)64 * 1024)
#define ALIGN ((size_t)16)

typedef struct chunk {
    struct chunk *next; /* the chunk taken before this one */
    size_t bytes;       /* of the whole chunk */
    size_t used;        /* its head included */
    size_t unused_pad;  /* keeps the pieces aligned to 16 */
} chunk_t;

struct tm_arena {
    uint32_t magic;
    chunk_t *current; /* new pieces come from here */
    chunk_t *first;   /* holds this struct; survives a reset */
    chunk_t *spare;   /* not counted in bytes; NULL: none */
    size_t bytes;
    size_t bytes_max;
};

_Static_assert(sizeof(chunk_t) % 16 == 0, "pieces are aligned to 16");

static size_t round_up(size_t n)
{
    return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static size_t first_used(void)
{
    return sizeof(chunk_t) + round_up(sizeof(tm_arena_t));
}

static chunk_t *chunk_new(size_t bytes)
{
    chunk_t *chunk = tm_alloc(bytes);
    chunk->next = NULL;
    chunk->bytes = bytes;
    chunk->used = sizeof(*chunk);
    chunk->unused_pad = 0;
    ASAN_POISON_MEMORY_REGION((char *)chunk + chunk->used, bytes - chunk->used);
    return chunk;
}

static void chunk_free(chunk_t *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk, chunk->bytes);
    tm_free(chunk);
}

/* Room for `bytes` (already rounded) in a chunk that has it. */
static void *chunk_cut(chunk_t *chunk, size_t rounded, size_t bytes)
{
    assert(chunk->bytes - chunk->used >= rounded);
    void *p = (char *)chunk + chunk->used;
    chunk->used += rounded;
    ASAN_UNPOISON_MEMORY_REGION(p, bytes);
    return p;
}

TM_OWN tm_arena_t *tm_arena_new(size_t bytes_max)
{
    return tm_arena_new_first(bytes_max, CHUNK_FIRST);
}

TM_OWN tm_arena_t *tm_arena_new_first(size_t bytes_max, size_t first_bytes)
{
    const size_t bytes = TM_MAX(TM_MIN(first_bytes, bytes_max) & ~(ALIGN - 1), first_used());
    chunk_t *chunk = chunk_new(bytes);
    tm_arena_t *arena = chunk_cut(chunk, round_up(sizeof(*arena)), sizeof(*arena));
    assert(chunk->used == first_used());
    *arena = (tm_arena_t){.magic = ARENA_MAGIC,
                          .current = chunk,
                          .first = chunk,
                          .bytes = bytes,
                          .bytes_max = bytes_max};
    return arena;
}

void tm_arena_free(TM_OWN tm_arena_t *arena)
{
    if (arena == NULL)
        return;
    tm_arena_reset(arena);
    chunk_t *first = arena->first;
    if (arena->spare != NULL)
        chunk_free(arena->spare);
    arena->magic = 0;
    chunk_free(first);
}

/* The slow path: a further chunk that holds at least `rounded` bytes, or NULL at the limit. */
static void *alloc_chunk(tm_arena_t *arena, size_t rounded, size_t bytes)
{
    const size_t left = arena->bytes_max > arena->bytes ? arena->bytes_max - arena->bytes : 0;
    const size_t least = sizeof(chunk_t) + rounded;
    if (least > (left & ~(ALIGN - 1)))
        return NULL;
    const size_t usual = TM_MIN(TM_MIN(arena->bytes, CHUNK_MAX), left & ~(ALIGN - 1));

    chunk_t *chunk = arena->spare;
    if (chunk != NULL && chunk->bytes >= least && chunk->bytes <= left)
        arena->spare = NULL;
    else
        chunk = chunk_new(TM_MAX(usual, least));
    arena->bytes += chunk->bytes;
    chunk_t *current = arena->current;
    const size_t rest_old = current->bytes - current->used;
    void *p = chunk_cut(chunk, rounded, bytes);
    if (chunk->bytes - chunk->used >= rest_old) {
        chunk->next = current;
        arena->current = chunk;
    } else {
        chunk->next = current->next;
        current->next = chunk;
    }
    return p;
}

void *tm_arena_alloc(tm_arena_t *arena, size_t bytes)
{
    TM_CHECK(arena, ARENA_MAGIC);
    if (bytes > SIZE_MAX / 2)
        return NULL;
    const size_t rounded = round_up(bytes == 0 ? 1 : bytes);
    chunk_t *chunk = arena->current;
    if (chunk->bytes - chunk->used >= rounded)
        return chunk_cut(chunk, rounded, bytes);
    return alloc_chunk(arena, rounded, bytes);
}

void *tm_arena_zalloc(tm_arena_t *arena, size_t bytes)
{
    void *p = tm_arena_alloc(arena, bytes);
    if (p != NULL)
        memset(p, 0, bytes);
    return p;
}

tm_str_t tm_arena_str(tm_arena_t *arena, tm_str_t s)
{
    if (s.p == NULL)
        return s;
    char *p = tm_arena_alloc(arena, (size_t)s.n + 1);
    if (p == NULL)
        return (tm_str_t){NULL, 0};
    memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (tm_str_t){p, s.n};
}

tm_str_t tm_arena_printf(tm_arena_t *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(n >= 0);

    char *p = tm_arena_alloc(arena, (size_t)n + 1);
    if (p == NULL)
        return (tm_str_t){NULL, 0};
    va_start(args, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, args);
    va_end(args);
    return (tm_str_t){p, (uint32_t)n};
}

size_t tm_arena_bytes(const tm_arena_t *arena)
{
    TM_CHECK(arena, ARENA_MAGIC);
    return arena->bytes;
}

/* Keeps it as the spare one if it is a better one. */
static void chunk_drop(tm_arena_t *arena, chunk_t *chunk)
{
    chunk_t *spare = arena->spare;
    if (chunk->bytes <= SPARE_MAX && (spare == NULL || chunk->bytes > spare->bytes)) {
        chunk->next = NULL;
        chunk->used = sizeof(*chunk);
        ASAN_POISON_MEMORY_REGION((char *)chunk + chunk->used, chunk->bytes - chunk->used);
        arena->spare = chunk;
        chunk = spare;
    }
    if (chunk != NULL)
        chunk_free(chunk);
}

void tm_arena_reset(tm_arena_t *arena)
{
    TM_CHECK(arena, ARENA_MAGIC);
    chunk_t *chunk = arena->current;
    while (chunk != NULL) {
        chunk_t *next = chunk->next;
        if (chunk != arena->first)
            chunk_drop(arena, chunk);
        chunk = next;
    }
    arena->current = arena->first;
    arena->bytes = arena->first->bytes;
    arena->first->next = NULL;
    arena->first->used = first_used();
    ASAN_POISON_MEMORY_REGION((char *)arena->first + first_used(), arena->bytes - first_used());
}
