/* test_ahead.c - commits read ahead are those that are read in their turn, up to the same error. */
#include "store/ahead.h"
#include "store/journal_format.h"
#include "store/with_commits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define COMMITS 700u /* more than all batches hold, and several segments */

/* What a replay gave, and how it ended. */
typedef struct run {
    seen_t seen;
    uint64_t stop_at; /* each fails there; 0: never */
    uint32_t decoded;
    tm_err_t err;
    tm_why_t why;
} run_t;

static tm_err_t each(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    run_t *run = ctx;
    if (number == run->stop_at)
        return tm_why_add(why, TM_ECONFLICT, NULL, "commit %d is enough", (int)number);
    return see(&run->seen, number, body, why);
}

static tm_err_t each_ahead(void *ctx, uint64_t number, tm_str_t body, const tm_commit_view_t *view,
                           tm_why_t *why)
{
    ((run_t *)ctx)->decoded += view != NULL;
    return each(ctx, number, body, why);
}

static void soon(void *ctx, const tm_commit_view_t *view, uint32_t step)
{
    assert_in_range(step, 0, 2);
    assert_non_null(ctx);
    assert_non_null(view);
}

static run_t run_of(tm_journal_t *journal, uint64_t from, uint64_t stop_at, bool ahead)
{
    run_t run = {.seen = {.same = true}, .stop_at = stop_at};
    tm_why_clear(&run.why);
    run.err = ahead ? tm_journal_replay_ahead(journal, from, each_ahead, soon, &run, &run.why)
                    : tm_journal_replay(journal, from, false, each, &run, &run.why);
    assert_true(run.seen.same);
    return run;
}

/* Both ways; returns what they give. */
static run_t both(tm_journal_t *journal, uint64_t from, uint64_t stop_at)
{
    const run_t ahead = run_of(journal, from, stop_at, true);
    const run_t plain = run_of(journal, from, stop_at, false);
    assert_int_equal(ahead.err, plain.err);
    assert_int_equal(ahead.seen.n, plain.seen.n);
    assert_int_equal(ahead.seen.first, plain.seen.first);
    assert_int_equal(ahead.why.n, plain.why.n);
    if (plain.why.n > 0)
        assert_string_equal(ahead.why.faults[0].text, plain.why.faults[0].text);
    return ahead;
}

static tm_journal_t *journal_of(fixture_t *f)
{
    f->options.segment_bytes = (uint64_t)2 * SEGMENT;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, COMMITS);
    tm_journal_stop(journal);
    tm_journal_free(journal);
    assert_int_equal(tm_journal_open(&f->options, &journal, NULL, NULL), TM_OK);
    return journal;
}

static void ahead__gives_what_a_replay_gives(void **state)
{
    tm_journal_t *journal = journal_of(*state);
    static const uint64_t from[] = {0, 1, 2, 128, 129, 300, COMMITS, COMMITS + 1};
    for (size_t i = 0; i < TM_COUNT(from); i++) {
        const run_t run = both(journal, from[i], 0);
        assert_int_equal(run.err, TM_OK);
        assert_int_equal(run.seen.n, COMMITS + 1 - TM_MAX(from[i], UINT64_C(1)));
        assert_int_equal(run.decoded, 0); /* their bodies are any bytes */
    }
    tm_journal_free(journal);
}

static void ahead__gives_what_stands_before_a_bad_record(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = journal_of(f);
    uint64_t n_last = COMMITS;
    for (uint64_t segment = 9; segment > 0; segment--) {
        char name[TM_SEGMENT_NAME];
        (void)snprintf(name, sizeof(name), "%010d.log", (int)segment);
        with_file_t *file = with_disk_file(f->disk, name);
        assert_non_null(file);
        file->now[1000 + 211 * segment] ^= 1;
        const run_t run = both(journal, 1, 0);
        assert_int_equal(run.err, TM_EDAMAGED);
        assert_non_null(strstr(run.why.faults[0].text, name));
        assert_true(run.seen.n < n_last);
        n_last = run.seen.n;
    }
    tm_journal_free(journal);
}

static void ahead__tells_of_a_disk_that_cannot_be_read(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = journal_of(f);
    with_disk_file(f->disk, "0000000006.log")->unreadable = true;
    const run_t run = both(journal, 1, 0);
    assert_int_equal(run.err, TM_EIO);
    assert_true(run.seen.n > 128);
    tm_journal_free(journal);
}

static void ahead__ends_where_the_caller_does(void **state)
{
    tm_journal_t *journal = journal_of(*state);
    static const uint64_t stops[] = {1, 2, 128, 129, 300, 513, COMMITS};
    for (size_t i = 0; i < TM_COUNT(stops); i++) {
        const run_t run = both(journal, 1, stops[i]);
        assert_int_equal(run.err, TM_ECONFLICT);
        assert_int_equal(run.seen.n, stops[i] - 1);
    }
    tm_journal_free(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ahead__gives_what_a_replay_gives, with_setup,
                                        with_teardown),
        cmocka_unit_test_setup_teardown(ahead__gives_what_stands_before_a_bad_record, with_setup,
                                        with_teardown),
        cmocka_unit_test_setup_teardown(ahead__tells_of_a_disk_that_cannot_be_read, with_setup,
                                        with_teardown),
        cmocka_unit_test_setup_teardown(ahead__ends_where_the_caller_does, with_setup,
                                        with_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
