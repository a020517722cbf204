/* test_journal_damage.c - every truncation and every changed byte: cut as a torn tail where
 * nothing behind it speaks against it, refused with its place otherwise; never a wrong commit. */
#include "store/with_disk.h"
#include "base/memory.h"
#include "store/journal_walk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define SEGMENT 4096u
/* Every byte; under a sanitizer, which is 50 times slower, each 13th: the same code paths. */
#ifdef TM_SANITIZED
#define STEP 13u
#else
#define STEP 1u
#endif
#define BODY 150u
#define COMMITS 40u
#define BOUNDS_MAX 400

typedef struct bounds {
    uint64_t segment[BOUNDS_MAX], offset[BOUNDS_MAX], number[BOUNDS_MAX];
    bool commit[BOUNDS_MAX];
    int n;
} bounds_t;
typedef struct fixture {
    with_disk_t *disk;
    bounds_t bounds;
    uint64_t last_segment;
} fixture_t;

static tm_journal_options_t options_of(with_disk_t *disk, with_log_t *log)
{
    return (tm_journal_options_t){with_disk_face(disk), SEGMENT, with_fatal, log};
}

/* Every place where a batch or a commit begins, and the end of each segment's content. */
static void find_bounds(with_disk_t *disk, bounds_t *b, uint64_t *ret_last)
{
    const tm_disk_t face = with_disk_face(disk);
    tm_walk_t walk;
    tm_walk_init(&walk, &face);
    walk.next = 1;
    for (uint64_t segment = 1; tm_walk_open(&walk, segment) == TM_OK; segment++) {
        tm_record_t record;
        uint64_t offset = 0;
        tm_step_t step = TM_STEP_BATCH;
        b->segment[b->n] = segment;
        b->number[b->n++] = walk.next;
        while (step == TM_STEP_BATCH || step == TM_STEP_COMMIT) {
            assert_true(b->n < BOUNDS_MAX);
            offset = walk.offset;
            b->segment[b->n] = segment;
            b->offset[b->n] = offset;
            b->number[b->n] = walk.next;
            step = tm_walk_next(&walk, &record);
            b->commit[b->n++] = step == TM_STEP_COMMIT;
            if (step == TM_STEP_COMMIT)
                *ret_last = segment;
        }
        assert_int_equal(step, TM_STEP_END);
    }
    tm_walk_done(&walk);
}

/* 40 commits in several segments; `stated`: the last is stated durable. */
static fixture_t *make(bool stated)
{
    fixture_t *f = TM_NEW(fixture_t);
    f->disk = with_disk_new();
    with_log_t log;
    with_log_init(&log);
    const tm_journal_options_t options = options_of(f->disk, &log);
    tm_journal_t *journal = with_journal(&options, NULL);
    for (uint64_t tag = 1; tag <= COMMITS; tag++) {
        assert_true(with_push(journal, &log, tag, BODY));
        if (tag % 3 == 0 || tag == COMMITS)
            assert_true(tm_journal_step(journal));
    }
    while (tm_journal_durable(journal) < COMMITS) {
        assert_true(tm_journal_step(journal));
    }
    if (stated)
        tm_journal_stop(journal);
    tm_journal_free(journal);
    with_log_done(&log);
    find_bounds(f->disk, &f->bounds, &f->last_segment);
    assert_true(f->last_segment >= 3);
    return f;
}

static void drop(fixture_t *f)
{
    with_disk_free(f->disk);
    tm_free(f);
}

typedef struct seen {
    uint64_t n;
    bool same;
} seen_t;

static tm_err_t see(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    (void)why;
    seen_t *seen = ctx;
    char want[BODY];
    with_body(number, BODY, want);
    seen->n++;
    seen->same = seen->same && number == seen->n && tm_str_eq(body, tm_str_n(want, BODY));
    return TM_OK;
}

/* Opens, replays exactly `commits`, goes on writing, and reads all of it again. */
static void check_opens(with_disk_t *disk, uint64_t commits)
{
    with_log_t log;
    with_log_init(&log);
    const tm_journal_options_t options = options_of(disk, &log);
    tm_journal_info_t info;
    tm_journal_t *journal = with_journal(&options, &info);
    assert_int_equal(info.last, commits);
    seen_t seen = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &seen, NULL), TM_OK);
    assert_true(seen.same && seen.n == commits);
    for (uint64_t tag = commits + 1; tag <= commits + 3; tag++) {
        assert_true(with_push(journal, &log, tag, BODY));
    }
    while (tm_journal_step(journal)) {
    }
    assert_int_equal(log.n, 3);
    assert_int_equal(log.numbers[0], commits + 1);
    tm_journal_free(journal);
    journal = with_journal(&options, &info);
    assert_int_equal(info.last, commits + 3);
    seen = (seen_t){.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &seen, NULL), TM_OK);
    assert_true(seen.same && seen.n == commits + 3);
    tm_journal_free(journal);
    with_log_done(&log);
}

static uint64_t commits_before(const bounds_t *b, uint64_t segment, uint64_t offset)
{
    uint64_t n = 0;
    for (int i = 0; i + 1 < b->n; i++) {
        if (b->commit[i] &&
            (b->segment[i] < segment || (b->segment[i] == segment && b->offset[i + 1] <= offset)))
            n++;
    }
    return n;
}

static void journal__survives_every_truncation_of_its_last_segment(void **state)
{
    (void)state;
    for (int stated = 0; stated < 2; stated++) {
        fixture_t *f = make(stated != 0);
        char name[TM_SEGMENT_NAME];
        tm_segment_name(f->last_segment, false, name);
        for (size_t n = 0; n <= SEGMENT; n += STEP) {
            with_disk_t *disk = with_disk_copy(f->disk);
            with_file_t *file = with_disk_file(disk, name);
            file->now_n = n;
            memset(file->now + n, 0, WITH_FILE_BYTES - n);
            check_opens(disk, commits_before(&f->bounds, f->last_segment, n));
            with_disk_free(disk);
        }
        drop(f);
    }
}

/* The same with the rest of the file being zeros: what a torn write leaves in a segment that was
 * filled before. */
static void journal__survives_every_torn_write_in_its_last_segment(void **state)
{
    (void)state;
    fixture_t *f = make(false);
    char name[TM_SEGMENT_NAME];
    tm_segment_name(f->last_segment, false, name);
    for (size_t n = TM_SEGMENT_HEAD; n <= SEGMENT; n += STEP) {
        with_disk_t *disk = with_disk_copy(f->disk);
        with_file_t *file = with_disk_file(disk, name);
        memset(file->now + n, 0, WITH_FILE_BYTES - n);
        check_opens(disk, commits_before(&f->bounds, f->last_segment, n));
        with_disk_free(disk);
    }
    drop(f);
}

static tm_err_t open_only(with_disk_t *disk, char line[400])
{
    const tm_journal_options_t options = options_of(disk, NULL);
    tm_journal_t *journal = NULL;
    tm_why_t why;
    tm_why_clear(&why);
    const tm_err_t err = tm_journal_open(&options, &journal, NULL, &why);
    if (err == TM_OK)
        tm_journal_free(journal);
    else
        tm_why_line(&why, line, 400);
    return err;
}

static void
journal__refuses_every_truncation_of_an_earlier_segment_that_loses_something(void **state)
{
    (void)state;
    fixture_t *f = make(false);
    for (size_t n = 0; n <= SEGMENT; n += STEP) {
        with_disk_t *disk = with_disk_copy(f->disk);
        with_file_t *file = with_disk_file(disk, "0000000002.log");
        bool loses = false;
        for (size_t i = n; i < file->now_n; i++) {
            loses = loses || file->now[i] != 0;
        }
        file->now_n = n;
        memset(file->now + n, 0, WITH_FILE_BYTES - n);
        char line[400] = "";
        const tm_err_t err = open_only(disk, line);
        assert_int_equal(err, loses ? TM_EDAMAGED : TM_OK);
        if (loses)
            assert_true(strstr(line, "0000000002.log") != NULL ||
                        strstr(line, "0000000003.log") != NULL);
        with_disk_free(disk);
    }
    drop(f);
}

/* The place told is where the batch or commit begins that holds the changed byte. */
static void check_place(const bounds_t *b, const char *line, uint64_t segment, uint64_t at)
{
    int i = b->n - 1;
    while (b->segment[i] != segment || b->offset[i] > at) {
        i--;
        assert_true(i >= 0);
    }
    char want[128];
    snprintf(want, sizeof(want),
             "segment %010llu.log, byte %llu, commit %llu:", (unsigned long long)segment,
             (unsigned long long)b->offset[i], (unsigned long long)b->number[i]);
    if (strstr(line, want) == NULL)
        fail_msg("byte %llu: wanted '%s' in '%s'", (unsigned long long)at, want, line);
}

static void flip_every_byte(bool stated)
{
    fixture_t *f = make(stated);
    const bounds_t *b = &f->bounds;
    uint64_t refused = 0;
    for (uint64_t segment = 1; segment <= f->last_segment + 1; segment++) {
        char name[TM_SEGMENT_NAME];
        tm_segment_name(segment, false, name);
        with_file_t *file = with_disk_file(f->disk, name);
        assert_non_null(file);
        for (size_t at = 0; at < SEGMENT; at += STEP) {
            const char mask = (char)(1 << at % 8);
            file->now[at] ^= mask;
            char line[400] = "";
            const tm_err_t err = open_only(f->disk, line);
            if (err == TM_EDAMAGED) {
                check_place(b, line, segment, at);
                refused++;
            } else {
                assert_int_equal(err, TM_OK);
                /* Only in the tail: behind it no batch begins. */
                for (int i = 0; i + 1 < b->n; i++) {
                    const bool behind =
                        b->segment[i] > segment || (b->segment[i] == segment && b->offset[i] > at);
                    const bool begins_batch =
                        !b->commit[i] && b->segment[i] == b->segment[i + 1] && b->offset[i] > 0;
                    assert_false(behind && begins_batch);
                }
                with_disk_t *disk = with_disk_copy(f->disk);
                check_opens(disk, commits_before(b, segment, at));
                with_disk_free(disk);
                if (stated)
                    assert_int_equal(commits_before(b, segment, at), COMMITS);
            }
            file->now[at] ^= mask;
        }
    }
    assert_true(refused > (uint64_t)COMMITS * BODY / 2 / STEP);
    drop(f);
}

static void journal__every_changed_byte_is_refused_or_in_the_tail(void **state)
{
    (void)state;
    flip_every_byte(false);
}

static void journal__after_an_orderly_stop_no_changed_byte_loses_a_commit(void **state)
{
    (void)state;
    flip_every_byte(true);
}

/* Somebody who can choose a commit's bytes must not be able to make a torn tail look like
 * damage. */
static void journal__a_batch_inside_a_body_is_no_batch(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    with_log_t log;
    with_log_init(&log);
    const tm_journal_options_t options = options_of(disk, &log);
    tm_journal_t *journal = with_journal(&options, NULL);
    with_commit_t *c = with_commit_new(&log, 1, BODY);
    const uint32_t at = TM_SEGMENT_HEAD + TM_BATCH_HEAD + TM_COMMIT_HEAD + 50;
    const tm_batch_head_t head = {
        .first = 2, .durable = 1, .salt = 0, .count = 1, .bytes = 60, .offset = at};
    tm_batch_head_write(&head, c->commit.bytes + 50);
    assert_int_equal(tm_journal_reserve(journal, BODY), TM_OK);
    tm_journal_push(journal, &c->commit, &c->commit);
    assert_true(tm_journal_step(journal));
    tm_journal_free(journal);
    with_file_t *file = with_disk_file(disk, "0000000001.log");
    memset(file->now + TM_SEGMENT_HEAD, 0, 4); /* the head of the batch that holds it */
    memset(file->now + TM_SEGMENT_HEAD + TM_BATCH_HEAD + TM_COMMIT_FRAME + BODY, 0, 1000);
    check_opens(disk, 0);
    with_disk_free(disk);
    with_log_done(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal__survives_every_truncation_of_its_last_segment),
        cmocka_unit_test(journal__survives_every_torn_write_in_its_last_segment),
        cmocka_unit_test(
            journal__refuses_every_truncation_of_an_earlier_segment_that_loses_something),
        cmocka_unit_test(journal__every_changed_byte_is_refused_or_in_the_tail),
        cmocka_unit_test(journal__after_an_orderly_stop_no_changed_byte_loses_a_commit),
        cmocka_unit_test(journal__a_batch_inside_a_body_is_no_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
