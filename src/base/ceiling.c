/* ceiling.c - the thread that looks at the memory, and where its numbers come from.
 *
 * How:     jemalloc is asked by mallctl, which is there when it is linked. Control groups: the
 *          limits of the process's own group and of all above it, of either version.
 * Threads: as in ceiling.h. */
#include "base/ceiling.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define CEILING_MAGIC 0xce111001u
#define ALL_ARENAS "arena.4096" /* jemalloc's MALLCTL_ARENAS_ALL */
#define LINE_BYTES 4096
#define PATH_BYTES 4300
#define PERCENT 100
#define NS_A_MS 1000000
#define FILL_BYTES_A_MS (UINT64_C(1000) * TM_CEILING_FILL_MB_S) /* 10^6 bytes, 10^3 ms */

/* Of jemalloc; NULL where it is not linked. */
extern int mallctl(const char *name, void *old, size_t *old_n, void *new, size_t new_n)
    __attribute__((weak));

struct tm_ceiling {
    uint32_t magic;
    tm_ceiling_options_t options;
    uint32_t state;    /* atomic; written by who looks */
    uint64_t used;     /* atomic; likewise */
    int64_t purged_ns; /* who looks: the last time */
    tm_thread_t thread;
    tm_park_t park;
    bool stopping; /* atomic */
};

/* ---- numbers ---- */

static uint64_t resident_of_kernel(void)
{
    unsigned long long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    const int n = file == NULL ? 0 : fscanf(file, "%llu %llu", &size, &resident);
    if (file != NULL)
        (void)fclose(file);
    return n == 2 ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

uint64_t tm_memory_used(void)
{
    if (mallctl == NULL)
        return resident_of_kernel();
    uint64_t epoch = 1; /* the statistics are of the moment it is set */
    size_t n = sizeof(epoch);
    size_t resident = 0;
    size_t resident_n = sizeof(resident);
    if (mallctl("epoch", &epoch, &n, &epoch, n) != 0 ||
        mallctl("stats.resident", &resident, &resident_n, NULL, 0) != 0)
        return resident_of_kernel();
    return resident;
}

/* What was freed goes back to the system now, not in some seconds. */
static void purge(void)
{
    if (mallctl != NULL)
        (void)mallctl(ALL_ARENAS ".purge", NULL, NULL, NULL, 0);
}

/* A number in a file; UINT64_MAX where there is none ("max"). */
static uint64_t number_in(const char *path)
{
    char line[64] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return UINT64_MAX;
    const bool read = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file);
    char *end = line;
    const unsigned long long v = read ? strtoull(line, &end, 10) : 0;
    return end == line || v == 0 ? UINT64_MAX : v;
}

/* The least limit of a group and of those above it. */
static uint64_t limit_of_group(const char *root, char *group, const char *file)
{
    uint64_t least = UINT64_MAX;
    for (;;) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof(path), "%s%s/%s", root, group, file);
        least = TM_MIN(least, number_in(path));
        char *slash = strrchr(group, '/');
        if (slash == NULL || group[0] == '\0')
            return least;
        *slash = '\0';
    }
}

/* Lines "ID:CONTROLLERS:GROUP". */
static uint64_t limit_of_groups(void)
{
    static const char root[] = "/sys/fs/cgroup";
    char line[LINE_BYTES];
    uint64_t least = UINT64_MAX;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *names = strchr(line, ':');
        char *group = names == NULL ? NULL : strchr(names + 1, ':');
        if (group == NULL)
            continue;
        *group++ = '\0';
        if (names[1] == '\0')
            least = TM_MIN(least, limit_of_group(root, group, "memory.max"));
        else if (strstr(names + 1, "memory") != NULL)
            least = TM_MIN(least,
                           limit_of_group("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
    if (file != NULL)
        (void)fclose(file);
    return least;
}

uint64_t tm_memory_allowed(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES);
    uint64_t least = pages <= 0 ? UINT64_MAX : (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
    least = TM_MIN(least, limit_of_groups());
    struct rlimit space;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        least = TM_MIN(least, (uint64_t)space.rlim_cur / 2); /* the rest: stacks, unused pieces */
    return least;
}

/* ---- the state ---- */

const char *tm_memory_name(tm_memory_t state)
{
    static const char *const names[] = {"easy", "tight", "full"};
    assert(state <= TM_MEMORY_FULL);
    return names[state];
}

/* A mark that was passed is left only TM_CEILING_BACK_PERCENT below it. */
static tm_memory_t judge(const tm_ceiling_t *ceiling, tm_memory_t before, uint64_t used)
{
    const uint64_t limit = ceiling->options.limit_bytes;
    const uint64_t percent = used >= limit ? PERCENT : used * PERCENT / limit;
    const uint64_t back_full = before == TM_MEMORY_FULL ? TM_CEILING_BACK_PERCENT : 0;
    const uint64_t back_tight = before != TM_MEMORY_EASY ? TM_CEILING_BACK_PERCENT : 0;
    if (percent + back_full >= TM_CEILING_FULL_PERCENT)
        return TM_MEMORY_FULL;
    return percent + back_tight >= TM_CEILING_TIGHT_PERCENT ? TM_MEMORY_TIGHT : TM_MEMORY_EASY;
}

uint32_t tm_ceiling_wait_ms(uint64_t used_bytes, uint64_t limit_bytes)
{
    assert(limit_bytes > 0);
    /* Where the lowest mark is left: whoever passed it is above this too. */
    const uint64_t mark =
        limit_bytes / PERCENT * (TM_CEILING_TIGHT_PERCENT - TM_CEILING_BACK_PERCENT);
    const uint64_t room = used_bytes >= mark ? 0 : mark - used_bytes;
    const uint64_t ms = TM_MAX(room / FILL_BYTES_A_MS, (uint64_t)TM_CEILING_LOOK_MS);
    return (uint32_t)TM_MIN(ms, (uint64_t)TM_CEILING_LOOK_FAR_MS);
}

static uint64_t measure(const tm_ceiling_t *ceiling)
{
    const tm_ceiling_options_t *options = &ceiling->options;
    return options->used != NULL ? options->used(options->ctx) : tm_memory_used();
}

void tm_ceiling_look(tm_ceiling_t *ceiling)
{
    TM_CHECK(ceiling, CEILING_MAGIC);
    const tm_ceiling_options_t *options = &ceiling->options;
    const tm_memory_t before = tm_ceiling_state(ceiling);
    uint64_t used = measure(ceiling);
    tm_memory_t now = judge(ceiling, before, used);
    const int64_t at = tm_time_mono_ns();
    if (now != TM_MEMORY_EASY &&
        (ceiling->purged_ns == 0 ||
         at - ceiling->purged_ns >= (int64_t)TM_CEILING_PURGE_MS * NS_A_MS)) {
        /* Perhaps most of it is free already. */
        ceiling->purged_ns = at;
        if (options->relieve != NULL)
            options->relieve(options->ctx);
        purge();
        used = measure(ceiling);
        now = judge(ceiling, before, used);
    }
    /* relaxed: numbers that publish nothing else. */
    __atomic_store_n(&ceiling->used, used, __ATOMIC_RELAXED);
    __atomic_store_n(&ceiling->state, (uint32_t)now, __ATOMIC_RELAXED);
    if (now != before && options->changed != NULL)
        options->changed(options->ctx, now, used);
}

tm_memory_t tm_ceiling_state(const tm_ceiling_t *ceiling)
{
    return ceiling == NULL ? TM_MEMORY_EASY
                           : (tm_memory_t)__atomic_load_n(&ceiling->state, __ATOMIC_RELAXED);
}

uint64_t tm_ceiling_used(const tm_ceiling_t *ceiling)
{
    TM_CHECK(ceiling, CEILING_MAGIC);
    return __atomic_load_n(&ceiling->used, __ATOMIC_RELAXED);
}

uint64_t tm_ceiling_limit(const tm_ceiling_t *ceiling)
{
    TM_CHECK(ceiling, CEILING_MAGIC);
    return ceiling->options.limit_bytes;
}

/* ---- the thread ---- */

static void look_on(void *arg)
{
    tm_ceiling_t *ceiling = arg;
    /* acquire: partner is the release in tm_ceiling_stop. */
    while (!__atomic_load_n(&ceiling->stopping, __ATOMIC_ACQUIRE)) {
        tm_ceiling_look(ceiling);
        tm_park_wait(&ceiling->park,
                     tm_ceiling_wait_ms(tm_ceiling_used(ceiling), ceiling->options.limit_bytes));
    }
}

TM_OWN tm_ceiling_t *tm_ceiling_new(const tm_ceiling_options_t *options)
{
    assert(options != NULL && options->limit_bytes > 0);
    tm_ceiling_t *ceiling = TM_NEW(tm_ceiling_t);
    ceiling->magic = CEILING_MAGIC;
    ceiling->options = *options;
    return ceiling;
}

tm_err_t tm_ceiling_start(tm_ceiling_t *ceiling)
{
    TM_CHECK(ceiling, CEILING_MAGIC);
    tm_ceiling_look(ceiling);
    return tm_thread_start(&ceiling->thread, "tm-memory", look_on, ceiling);
}

void tm_ceiling_stop(tm_ceiling_t *ceiling)
{
    TM_CHECK(ceiling, CEILING_MAGIC);
    /* release: partner is the acquire in look_on. */
    __atomic_store_n(&ceiling->stopping, true, __ATOMIC_RELEASE);
    tm_park_wake(&ceiling->park);
    tm_thread_join(&ceiling->thread);
}

void tm_ceiling_free(TM_OWN tm_ceiling_t *ceiling)
{
    if (ceiling == NULL)
        return;
    TM_CHECK(ceiling, CEILING_MAGIC);
    assert(!ceiling->thread.started);
    ceiling->magic = 0;
    tm_free(ceiling);
}
