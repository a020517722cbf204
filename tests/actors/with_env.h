/* with_env.h - a world in which nothing happens, and all actors of the program in it.
 *
 * Why:     tests and benchmarks of actors want a world of their own in two or three functions, not
 *          in all nine.
 * How:     with_env makes the world; whoever wants more of it replaces what it has to.
 * Threads: pure. */
#ifndef TM_TESTS_ACTORS_WITH_ENV_H
#define TM_TESTS_ACTORS_WITH_ENV_H
#include "actors/kinds.h"
#include "actors/messages.h"
#include "runtime/runtime.h"

#define WITH_NOW_MS INT64_C(1791993600000) /* 2026-10-14 16:00 UTC */

static inline tm_ms_t with_env_now(void *self TM_UNUSED)
{
    return (tm_ms_t){WITH_NOW_MS};
}
static inline void with_env_random(void *self TM_UNUSED, void *p, size_t n)
{
    memset(p, 7, n);
}
static inline tm_err_t with_env_reserve(void *self TM_UNUSED, size_t bytes TM_UNUSED)
{
    return TM_OK;
}
static inline void with_env_answer(void *self TM_UNUSED, uint64_t number TM_UNUSED,
                                   tm_reply_to_t to TM_UNUSED)
{
}
static inline void with_env_job(void *self TM_UNUSED, uint32_t actor TM_UNUSED,
                                uint16_t type TM_UNUSED, const tm_desc_t *desc TM_UNUSED,
                                const void *record TM_UNUSED)
{
}
static inline void with_env_reply(void *self TM_UNUSED, tm_reply_to_t to TM_UNUSED,
                                  const tm_answer_t *answer TM_UNUSED)
{
}
static inline void with_env_live(void *self TM_UNUSED, uint32_t actor TM_UNUSED) {}

/* All but journal_push, which is the caller's: where commits go decides when they are released. */
static inline tm_env_t with_env(void *self)
{
    return (tm_env_t){.self = self,
                      .now = with_env_now,
                      .random = with_env_random,
                      .journal_reserve = with_env_reserve,
                      .journal_answer = with_env_answer,
                      .job_start = with_env_job,
                      .reply = with_env_reply,
                      .live = with_env_live};
}

/* A runtime with all actors, not started. */
static inline tm_runtime_t *with_actors(tm_env_t env)
{
    assert(env.journal_push != NULL);
    const tm_runtime_options_t options = {
        .kinds = tm_kinds, .messages = tm_messages, .n_messages = TM_MSG_COUNT, .env = env};
    tm_runtime_t *rt = tm_runtime_new(&options);
    tm_actors_ensure(rt);
    return rt;
}
#endif
