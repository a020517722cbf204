/* test_journal_crash.c - what was released survives: power losses with torn writes, failing
 * writes and syncs, kill -9. */
#include "store/with_disk.h"
#include "base/memory.h"
#include "base/time.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define SEGMENT 4096u
#define TAGS_MAX 400000

/* What the outside knows: the tag released as a number. */
typedef struct known {
    uint64_t tag[TAGS_MAX];
    uint64_t last;
} known_t;

static uint32_t size_of(uint64_t tag)
{
    return (uint32_t)(8 + tag * 131 % 900);
}

static tm_err_t check_known(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    (void)why;
    known_t *known = ctx;
    uint64_t tag = 0;
    memcpy(&tag, body.p, 8);
    char want[1024];
    with_body(tag, size_of(tag), want);
    assert_true(tm_str_eq(body, tm_str_n(want, size_of(tag))));
    assert_true(number < TAGS_MAX);
    if (number <= known->last)
        assert_int_equal(known->tag[number], tag);
    known->tag[number] = tag; /* durable now, even if nobody was told */
    return TM_OK;
}

static void note_released(known_t *known, const with_log_t *log)
{
    for (size_t i = 0; i < log->n; i++) {
        if (log->numbers[i] == 0)
            continue;
        known->tag[log->numbers[i]] = log->released[i];
        known->last = TM_MAX(known->last, log->numbers[i]);
    }
}

/* One life of the process: boot, check, write until something goes wrong or it has had enough.
 * false: boot failed. */
static bool live(with_disk_t *disk, known_t *known, uint64_t *tag, uint64_t *seed)
{
    with_log_t log;
    with_log_init(&log);
    const tm_journal_options_t options = {with_disk_face(disk), SEGMENT, with_fatal, &log};
    tm_journal_t *journal = NULL;
    tm_journal_info_t info;
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    if (tm_journal_open(&options, &journal, &info, &why) != TM_OK)
        fail_msg("%s", tm_why_line(&why, line, sizeof(line)));
    assert_true(info.last >= known->last);
    assert_int_equal(tm_journal_replay(journal, 0, true, check_known, known, NULL), TM_OK);
    const bool begun = tm_journal_begin(journal, NULL) == TM_OK;
    if (begun)
        known->last = info.last;
    for (uint64_t n = with_random(seed) % 60; begun && n > 0 && log.fatals == 0; n--) {
        (*tag)++;
        if (with_push(journal, &log, *tag, with_random(seed) % 8 == 0 ? 0 : size_of(*tag)) &&
            with_random(seed) % 3 == 0)
            tm_journal_step(journal);
    }
    if (begun && log.fatals == 0 && with_random(seed) % 4 == 0)
        tm_journal_stop(journal);
    note_released(known, &log);
    tm_journal_free(journal);
    with_log_done(&log);
    return begun;
}

static void journal__keeps_what_it_released_through_power_losses(void **state)
{
    (void)state;
    known_t *known = TM_NEW(known_t);
    uint64_t boots_failed = 0;
    for (uint64_t run = 1; run <= 120; run++) {
        uint64_t seed = run * 0x9e3779b97f4a7c15u;
        with_disk_t *disk = with_disk_new();
        memset(known, 0, sizeof(*known));
        uint64_t tag = 0;
        for (int lives = 0; lives < 12; lives++) {
            /* Faults may strike at boot as well. */
            disk->writes_left = with_random(&seed) % 3 == 0 ? (int)(with_random(&seed) % 60) : -1;
            disk->syncs_left = with_random(&seed) % 3 == 0 ? (int)(with_random(&seed) % 40) : -1;
            boots_failed += live(disk, known, &tag, &seed) ? 0 : 1;
            with_disk_crash(disk, &seed);
        }
        assert_true(live(disk, known, &tag, &seed));
        with_disk_free(disk);
    }
    assert_true(boots_failed > 10);
    tm_free(known);
}

static void journal__a_failing_sync_releases_nothing_more(void **state)
{
    (void)state;
    for (int syncs = 0; syncs < 12; syncs++) {
        with_disk_t *disk = with_disk_new();
        with_log_t log;
        with_log_init(&log);
        const tm_journal_options_t options = {with_disk_face(disk), SEGMENT, with_fatal, &log};
        tm_journal_t *journal = with_journal(&options, NULL);
        disk->syncs_left = syncs;
        size_t before = 0;
        for (uint64_t tag = 1; tag < 60 && log.fatals == 0; tag++) {
            assert_true(with_push(journal, &log, tag, 200));
            before = log.n;
            tm_journal_step(journal);
        }
        assert_int_equal(log.fatals, 1);
        assert_non_null(strstr(log.fatal, "Input/output error"));
        assert_int_equal(tm_journal_reserve(journal, 10), TM_ESTOPPING);
        disk->syncs_left = -1;
        const size_t n = log.n;
        assert_true(n <= before + 1);
        with_commit_t *c = with_commit_new(&log, 99, 0); /* even what needs no write */
        tm_journal_push(journal, &c->commit, &c->commit);
        assert_false(tm_journal_step(journal));
        tm_journal_stop(journal);
        assert_int_equal(log.n, n);
        assert_int_equal(log.fatals, 1);
        tm_journal_free(journal);
        with_log_done(&log);
        with_disk_free(disk);
    }
}

typedef struct child_commit {
    tm_commit_t commit;
    uint64_t tag;
    int pipe;
} child_commit_t;

static void tell_parent(tm_commit_t *commit)
{
    child_commit_t *c = (child_commit_t *)commit;
    const uint64_t told[2] = {commit->number, c->tag};
    if (write(c->pipe, told, sizeof(told)) != sizeof(told))
        _exit(3);
    tm_free(commit->bytes);
    tm_free(c);
}

/* Writes until it is killed; tells each acknowledged commit. */
static void child_main(const char *path, int pipe, uint64_t tag)
{
    tm_disk_t disk;
    tm_journal_t *journal = NULL;
    if (tm_disk_folder(path, &disk, NULL) != TM_OK)
        _exit(2);
    const tm_journal_options_t options = {disk, 64 << 10, NULL, NULL};
    if (tm_journal_open(&options, &journal, NULL, NULL) != TM_OK ||
        tm_journal_begin(journal, NULL) != TM_OK || tm_journal_start(journal) != TM_OK)
        _exit(2);
    for (;; tag++) {
        const uint32_t n = size_of(tag);
        while (tm_journal_reserve(journal, n) != TM_OK) {
            usleep(100);
        }
        child_commit_t *c = TM_NEW(child_commit_t);
        *c = (child_commit_t){
            {.bytes = tm_alloc(n), .n = n, .reserved = n, .release = tell_parent}, tag, pipe};
        with_body(tag, n, c->commit.bytes);
        tm_journal_push(journal, &c->commit, &c->commit);
        if (tag % 16 == 0)
            usleep(200);
    }
}

static void remove_folder(const char *path)
{
    char command[300];
    snprintf(command, sizeof(command), "rm -rf '%s'", path);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void journal__keeps_what_it_released_through_kill_9(void **state)
{
    (void)state;
    char path[] = "/tmp/tm_journal_XXXXXX";
    assert_non_null(mkdtemp(path));
    known_t *known = TM_NEW(known_t);
    uint64_t seed = 99;
    uint64_t acknowledged = 0;
    for (int round = 0; round < 12; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            child_main(path, ends[1], known->last + 1);
        }
        close(ends[1]);
        const int64_t until = tm_time_mono_ns() + (int64_t)(20 + with_random(&seed) % 60) * 1000000;
        uint64_t told[2];
        while (tm_time_mono_ns() < until && read(ends[0], told, sizeof(told)) == sizeof(told)) {
            known->tag[told[0]] = told[1];
            known->last = told[0];
            acknowledged++;
        }
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read(ends[0], told, sizeof(told)) == sizeof(told)) {
            assert_true(told[0] < TAGS_MAX);
            known->tag[told[0]] = told[1];
            known->last = told[0];
        }
        close(ends[0]);

        tm_disk_t disk;
        assert_int_equal(tm_disk_folder(path, &disk, NULL), TM_OK);
        const tm_journal_options_t options = {disk, 64 << 10, NULL, NULL};
        tm_journal_t *journal = NULL;
        tm_journal_info_t info;
        assert_int_equal(tm_journal_open(&options, &journal, &info, NULL), TM_OK);
        assert_true(info.last >= known->last);
        assert_int_equal(tm_journal_replay(journal, 0, true, check_known, known, NULL), TM_OK);
        known->last = info.last;
        tm_journal_free(journal);
        tm_disk_close(&disk);
    }
    assert_true(acknowledged > 50);
    tm_free(known);
    remove_folder(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal__keeps_what_it_released_through_power_losses),
        cmocka_unit_test(journal__a_failing_sync_releases_nothing_more),
        cmocka_unit_test(journal__keeps_what_it_released_through_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
