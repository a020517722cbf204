/* ceiling.h - how much memory the process may take, how much it takes, and what that means for new
 * work.
 *
 * Why:     a process that grows beyond its machine's or container's memory is killed, with all it
 *          does for everybody; refusing some work in time keeps the rest alive.
 * How:     a thread looks at the allocator's own count (resident: what it has from the system and
 *          has not given back, caches of files not among it) and keeps a state in one word: ten
 *          times a second near the marks, less often while the room below them cannot be filled
 *          before the next look (a sum over all arenas: it costs). Above TM_CEILING_TIGHT_PERCENT
 *          of the limit memory is tight, above TM_CEILING_FULL_PERCENT full; a mark is left only
 *          some percent below it, so that nothing flickers. While it is not easy, `relieve` is
 *          called once a second and what was freed goes back to the system.
 * Threads: new, start, stop, free: the owner. state, used, limit: any, one relaxed load. */
#ifndef TM_BASE_CEILING_H
#define TM_BASE_CEILING_H
#include "base/base.h"
#include "base/limits.h"

typedef enum tm_memory {
    TM_MEMORY_EASY,
    TM_MEMORY_TIGHT, /* nothing that makes the state grow by its nature */
    TM_MEMORY_FULL   /* nothing but reads of what is ready, and what frees or ends something */
} tm_memory_t;

typedef struct tm_ceiling_options {
    uint64_t limit_bytes;                                       /* > 0 */
    uint64_t (*used)(void *ctx);                                /* NULL: tm_memory_used */
    void (*relieve)(void *ctx);                                 /* may be NULL */
    void (*changed)(void *ctx, tm_memory_t now, uint64_t used); /* may be NULL */
    void *ctx;
} tm_ceiling_options_t;

typedef struct tm_ceiling tm_ceiling_t;
TM_OWN tm_ceiling_t *tm_ceiling_new(const tm_ceiling_options_t *options);
/* Errors: TM_EUNAVAILABLE. */
TM_MUST_CHECK tm_err_t tm_ceiling_start(tm_ceiling_t *ceiling);
void tm_ceiling_stop(tm_ceiling_t *ceiling);
void tm_ceiling_free(TM_OWN tm_ceiling_t *ceiling); /* NULL is fine */
/* One look, by whoever has no thread. */
void tm_ceiling_look(tm_ceiling_t *ceiling);

/* When the next look is due: before the room that is left below the lowest mark could be filled at
 * TM_CEILING_FILL_MB_S, but at least TM_CEILING_LOOK_MS and at most TM_CEILING_LOOK_FAR_MS. As
 * often as possible above that mark, also where it was passed and is not left yet. limit > 0. */
uint32_t tm_ceiling_wait_ms(uint64_t used_bytes, uint64_t limit_bytes);

tm_memory_t tm_ceiling_state(const tm_ceiling_t *ceiling); /* NULL: easy */
uint64_t tm_ceiling_used(const tm_ceiling_t *ceiling);     /* at the last look */
uint64_t tm_ceiling_limit(const tm_ceiling_t *ceiling);
const char *tm_memory_name(tm_memory_t state); /* "easy", "tight", "full" */

/* What the process has from the system now, bytes: the allocator's count, without it (sanitizers)
 * the kernel's. Cost: some microseconds. */
uint64_t tm_memory_used(void);
/* What the process may have at all: the least of physical memory, its control groups' limits and
 * its own limit of address space. */
uint64_t tm_memory_allowed(void);
#endif
