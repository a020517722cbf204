/* journal.c - how far is the journal from what the disk allows?
 *
 * Why:     group commit is worth its threads only if it reaches the disk's own limit with full
 *          batches.
 * How:     1, 64 and 256 writers, each waiting for its commit of 300 bytes before it makes the
 *          next, in slices of 0.2 s; after each slice the limit program: bare write and fdatasync
 *          of as many batches of the same size into a file filled before (disks change their mind
 *          within seconds, so the two must take turns). Then what the chain's hash costs, and
 *          replay of everything that was written, from the page cache.
 * Usage:   bench_journal [FOLDER [SECONDS]]; by default a folder in the working directory, 2 s of
 *          journal a run. */
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "store/journal.h"
#include "store/journal_format.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BODY 300u
#define SEGMENT ((uint64_t)16 << 20)
#define PATH_MAX_BYTES 512
#define SLICE_S 0.2

typedef struct writers {
    tm_journal_t *journal;
    tm_commit_t *idle; /* atomic stack: released, to be used again */
    tm_park_t park;
    uint64_t released; /* the journal's thread */
    uint64_t batches;
} writers_t;
typedef struct writer {
    tm_commit_t commit;
    writers_t *all;
} writer_t;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_journal: %s\n", what);
    exit(1);
}

/* The commit goes back to the driver; its bytes stay. */
static void released(tm_commit_t *commit)
{
    writers_t *all = ((writer_t *)commit)->all;
    all->released++;
    commit->next = __atomic_load_n(&all->idle, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&all->idle, &commit->next, commit, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
}

/* After a batch, when all its writers were told: as a worker would be woken. */
static void note_batch(void *ctx, uint64_t number)
{
    (void)number;
    writers_t *all = ctx;
    all->batches++;
    tm_park_wake(&all->park);
}

static tm_journal_t *journal_open(const char *folder, tm_disk_t *ret_disk, tm_journal_info_t *info)
{
    tm_journal_t *journal = NULL;
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    if (tm_disk_folder(folder, ret_disk, &why) != TM_OK)
        die(tm_why_line(&why, line, sizeof(line)));
    const tm_journal_options_t options = {*ret_disk, SEGMENT, NULL, NULL};
    if (tm_journal_open(&options, &journal, info, &why) != TM_OK)
        die(tm_why_line(&why, line, sizeof(line)));
    return journal;
}

/* Everybody who was told makes the next commit: one list a round. */
static void drive(writers_t *all, int64_t until_ns)
{
    while (tm_time_mono_ns() < until_ns) {
        tm_commit_t *first = __atomic_exchange_n(&all->idle, NULL, __ATOMIC_ACQUIRE);
        if (first == NULL) {
            tm_park_wait(&all->park, 100);
            continue;
        }
        tm_commit_t *last = first;
        for (tm_commit_t *at = first; at != NULL; at = at->next) {
            while (tm_journal_reserve(all->journal, BODY) != TM_OK) {
                usleep(50);
            }
            last = at;
        }
        tm_journal_push(all->journal, first, last);
    }
}

/* Waits until every writer was told. */
static void settle(writers_t *all, unsigned n)
{
    for (unsigned idle = 0; idle < n; usleep(100)) {
        idle = 0;
        for (const tm_commit_t *at = __atomic_load_n(&all->idle, __ATOMIC_ACQUIRE); at != NULL;
             at = at->next) {
            idle++;
        }
    }
}

typedef struct limit {
    int fd;
    char *bytes;
    uint64_t at;
} limit_t;

static limit_t limit_begin(const char *folder)
{
    char path[PATH_MAX_BYTES];
    snprintf(path, sizeof(path), "%s/limit", folder);
    limit_t limit = {open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), tm_zalloc(SEGMENT), 0};
    if (limit.fd < 0 || pwrite(limit.fd, limit.bytes, SEGMENT, 0) != (ssize_t)SEGMENT ||
        fdatasync(limit.fd) != 0)
        die("the limit's file");
    unlink(path);
    memset(limit.bytes, 1, SEGMENT);
    return limit;
}

/* The same bytes in as many pieces, with nothing around. Returns seconds. */
static double limit_run(limit_t *limit, uint64_t batches, uint64_t bytes)
{
    const int64_t begin = tm_time_mono_ns();
    for (uint64_t i = 0; i < batches; i++) {
        if (limit->at + bytes > SEGMENT)
            limit->at = 0; /* also written before */
        if (pwrite(limit->fd, limit->bytes, bytes, (off_t)limit->at) != (ssize_t)bytes ||
            fdatasync(limit->fd) != 0)
            die("the limit's write");
        limit->at += bytes;
    }
    return (double)(tm_time_mono_ns() - begin) / 1e9;
}

static void run(const char *folder, unsigned n, double seconds)
{
    tm_disk_t disk;
    writers_t all = {.journal = journal_open(folder, &disk, NULL)};
    if (tm_journal_begin(all.journal, NULL) != TM_OK)
        die("begin");
    tm_journal_on_durable(all.journal, note_batch, &all);
    if (tm_journal_start(all.journal) != TM_OK)
        die("start");
    writer_t *writers = tm_zalloc(n * sizeof(*writers));
    for (unsigned i = 0; i < n; i++) {
        writers[i] = (writer_t){
            {.bytes = tm_zalloc(BODY), .n = BODY, .reserved = BODY, .release = released}, &all};
        tm_random_bytes(writers[i].commit.bytes, BODY);
        writers[i].commit.next = all.idle;
        all.idle = &writers[i].commit;
    }
    limit_t limit = limit_begin(folder);
    double took = 0;
    double bare = 0;
    for (uint64_t batches = 0; took < seconds; batches = all.batches) {
        const uint64_t before = all.released;
        const int64_t begin = tm_time_mono_ns();
        drive(&all, begin + (int64_t)(SLICE_S * 1e9));
        settle(&all, n);
        took += (double)(tm_time_mono_ns() - begin) / 1e9;
        const uint64_t written = all.batches - batches;
        const uint64_t commits = all.released - before;
        bare += limit_run(&limit, written,
                          TM_BATCH_HEAD + commits * (TM_COMMIT_FRAME + BODY) / written);
    }
    close(limit.fd);
    tm_free(limit.bytes);
    tm_journal_stop(all.journal);
    tm_journal_free(all.journal);
    tm_disk_close(&disk);
    const double rate = (double)all.released / took;
    const double bare_rate = (double)all.released / bare;
    printf("journal_commits_%u %.0f commits/s\n", n, rate);
    printf("journal_limit_%u %.0f commits/s\n", n, bare_rate);
    printf("journal_of_limit_%u %.1f %%\n", n, 100 * rate / bare_rate);
    printf("journal_batch_%u %.1f commits\n", n, (double)all.released / (double)all.batches);
    for (unsigned i = 0; i < n; i++) {
        tm_free(writers[i].commit.bytes);
    }
    tm_free(writers);
}

static void hash_cost(void)
{
    char body[BODY];
    tm_random_bytes(body, sizeof(body));
    tm_buf_t scratch;
    tm_buf_init(&scratch, 4096);
    tm_sha256_t chain = {{0}};
    const uint64_t n = 200000;
    const int64_t begin = tm_time_mono_ns();
    for (uint64_t i = 1; i <= n; i++) {
        chain = tm_chain_next(&chain, i, tm_str_n(body, sizeof(body)), &scratch);
    }
    printf("journal_hash %.0f ns/commit\n", (double)(tm_time_mono_ns() - begin) / (double)n);
    tm_buf_done(&scratch);
}

static tm_err_t nothing(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    (void)number;
    (void)why;
    *(uint64_t *)ctx += body.n;
    return TM_OK;
}

static void replay(const char *folder)
{
    tm_disk_t disk;
    tm_journal_info_t info;
    const int64_t begin = tm_time_mono_ns();
    tm_journal_t *journal = journal_open(folder, &disk, &info);
    const double open_s = (double)(tm_time_mono_ns() - begin) / 1e9;
    printf("journal_open %.0f MB/s\n", (double)info.bytes / 1e6 / open_s);
    for (int chain = 0; chain < 2; chain++) {
        uint64_t bytes = 0;
        const int64_t start = tm_time_mono_ns();
        if (tm_journal_replay(journal, 0, chain != 0, nothing, &bytes, NULL) != TM_OK)
            die("replay");
        const double took = (double)(tm_time_mono_ns() - start) / 1e9;
        const char *name = chain != 0 ? "verify" : "replay";
        printf("journal_%s %.0f MB/s\n", name, (double)info.bytes / 1e6 / took);
        printf("journal_%s_commits %.0f commits/s\n", name, (double)info.commits / took);
    }
    tm_journal_free(journal);
    tm_disk_close(&disk);
}

int main(int argc, char **argv)
{
    char folder[PATH_MAX_BYTES - 32];
    snprintf(folder, sizeof(folder), "%s/bench_journal_XXXXXX", argc > 1 ? argv[1] : ".");
    const double seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
    if (mkdtemp(folder) == NULL)
        die("cannot make a folder");
    static const unsigned writers[] = {1, 64, 256};
    for (size_t i = 0; i < TM_COUNT(writers); i++) {
        run(folder, writers[i], seconds);
    }
    hash_cost();
    replay(folder);
    char command[PATH_MAX_BYTES];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
