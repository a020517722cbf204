/* test_journal_archive.c - segments that were moved away are found by everybody, and a start does
 * without them. */
#include "store/journal_format.h"
#include "store/with_commits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define COMMITS 200u

static tm_journal_t *filled(fixture_t *f)
{
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, COMMITS);
    return journal;
}

/* Commits [first, COMMITS] are found in every way, those before in none. */
static void check_all(tm_journal_t *journal, uint64_t first)
{
    tm_buf_t body;
    tm_buf_init(&body, 1u << 16);
    tm_sha256_t before = {{0}};
    for (uint64_t number = 1; number <= COMMITS; number++) {
        tm_buf_clear(&body);
        tm_sha256_t chain;
        const tm_err_t err = tm_journal_read(journal, number, &body);
        assert_int_equal(err, number < first ? TM_ENOTFOUND : TM_OK);
        assert_int_equal(tm_journal_chain(journal, number, &chain), err);
        if (err != TM_OK)
            continue;
        assert_true(is_body(number, tm_buf_str(&body)));
        tm_buf_t scratch;
        tm_buf_init(&scratch, 1u << 16);
        const tm_sha256_t want = tm_chain_next(&before, number, tm_buf_str(&body), &scratch);
        tm_buf_done(&scratch);
        if (number == 1 || number > first)
            assert_memory_equal(&want, &chain, sizeof(chain));
        before = chain;
    }
    tm_buf_done(&body);
    tm_journal_cursor_t *cursor = NULL;
    assert_int_equal(tm_journal_cursor_new(journal, first - 1, &cursor), TM_OK);
    for (uint64_t want = first; want <= COMMITS; want++) {
        uint64_t number = 0;
        tm_str_t bytes;
        assert_int_equal(tm_journal_cursor_next(cursor, &number, &bytes, NULL), TM_OK);
        assert_int_equal(number, want);
        assert_true(is_body(number, bytes));
    }
    tm_journal_cursor_free(cursor);
    if (first > 1)
        assert_int_equal(tm_journal_cursor_new(journal, first - 2, &cursor), TM_ENOTFOUND);
}

static void check_replay(tm_journal_t *journal, uint64_t from, uint64_t first)
{
    seen_t seen = {.same = true};
    assert_int_equal(tm_journal_replay(journal, from, true, see, &seen, NULL), TM_OK);
    assert_int_equal(seen.first, first);
    assert_int_equal(seen.n, COMMITS - first + 1);
    assert_true(seen.same);
}

static void archive__holds_what_is_read_by_everybody(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = filled(f);
    tm_sha256_t identity;
    tm_sha256_t again;
    assert_true(tm_journal_identity(journal, &identity));
    uint64_t moved = 0;
    assert_int_equal(tm_journal_archive(journal, 1, &moved, NULL), TM_OK);
    assert_int_equal(moved, 0);
    for (uint64_t number = 40; number <= COMMITS; number += 40) {
        assert_int_equal(tm_journal_archive(journal, number, &moved, NULL), TM_OK);
        assert_true(moved > 0);
        check_all(journal, 1);
        /* Whoever opens it now (another process beside it) finds the same. */
        tm_journal_t *other = NULL;
        tm_journal_info_t info;
        assert_int_equal(tm_journal_open(&f->options, &other, &info, NULL), TM_OK);
        assert_true(info.first > 1 && info.first <= number);
        assert_int_equal(info.last, COMMITS);
        assert_true(tm_journal_identity(other, &again));
        assert_memory_equal(&identity, &again, sizeof(again));
        check_all(other, 1);
        check_replay(other, 0, 1);
        check_replay(other, 1, 1);
        check_replay(other, number - 7, number - 7);
        check_replay(other, COMMITS, COMMITS);
        tm_journal_free(other);
    }
    assert_non_null(with_disk_file(f->disk, "archive/0000000001.log"));
    assert_null(with_disk_file(f->disk, "0000000001.log"));
    /* It goes on with the next number. */
    tm_journal_stop(journal);
    tm_journal_free(journal);
    journal = with_journal(&f->options, NULL);
    assert_true(with_push(journal, &f->log, COMMITS + 1, 50));
    tm_journal_step(journal);
    assert_int_equal(tm_journal_durable(journal), COMMITS + 1);
    assert_true(f->log.in_order);
    tm_journal_free(journal);
}

static void archive__may_be_gone_or_have_a_gap(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = filled(f);
    uint64_t moved = 0;
    assert_int_equal(tm_journal_archive(journal, 150, &moved, NULL), TM_OK);
    assert_true(moved > 3);
    tm_journal_stop(journal);
    tm_journal_free(journal);
    const tm_disk_t disk = with_disk_face(f->disk);
    assert_int_equal(disk.remove(disk.self, "archive/0000000001.log"), TM_OK);
    tm_journal_info_t info;
    assert_int_equal(tm_journal_open(&f->options, &journal, &info, NULL), TM_OK);
    tm_sha256_t identity;
    assert_false(tm_journal_identity(journal, &identity)); /* nobody tells */
    seen_t seen = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &seen, NULL), TM_OK);
    assert_true(seen.first > 1 && seen.same);
    check_all(journal, seen.first);
    seen_t none = {0};
    assert_int_equal(tm_journal_replay(journal, 1, false, see, &none, NULL), TM_ENOTFOUND);
    tm_journal_set_identity(journal, &(tm_sha256_t){{1}});
    assert_true(tm_journal_identity(journal, &identity));
    tm_journal_free(journal);
    for (uint64_t i = 2; i <= moved; i++) {
        char name[TM_ARCHIVED_NAME];
        tm_segment_archived(i, name);
        assert_int_equal(disk.remove(disk.self, name), TM_OK);
    }
    assert_int_equal(tm_journal_open(&f->options, &journal, &info, NULL), TM_OK);
    check_all(journal, info.first);
    tm_journal_free(journal);
}

static void archive__damage_there_is_named(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = filled(f);
    uint64_t moved = 0;
    assert_int_equal(tm_journal_archive(journal, 150, &moved, NULL), TM_OK);
    tm_journal_stop(journal);
    tm_journal_free(journal);
    with_file_t *file = with_disk_file(f->disk, "archive/0000000002.log");
    assert_non_null(file);
    file->now[1000] ^= 4;
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_journal_open(&f->options, &journal, NULL, NULL), TM_OK);
    seen_t seen = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &seen, &why), TM_EDAMAGED);
    assert_non_null(strstr(why.faults[0].text, "0000000002.log"));
    tm_journal_free(journal);
}

static void crash__while_segments_move_leaves_no_gap(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 60; i++) {
        fixture_t *f = NULL;
        with_setup((void **)&f);
        tm_journal_t *journal = filled(f);
        tm_journal_stop(journal);
        f->disk->syncs_left = (int)(with_random(&seed) % 6);
        uint64_t moved = 0;
        const tm_err_t err =
            tm_journal_archive(journal, 50 + with_random(&seed) % 150, &moved, NULL);
        assert_true(err == TM_OK || err == TM_EIO);
        tm_journal_free(journal);
        with_disk_crash(f->disk, &seed);
        journal = with_journal(&f->options, NULL);
        check_all(journal, 1);
        tm_journal_free(journal);
        with_teardown((void **)&f);
    }
}

/* Who the journal is stands in its first commit. */
static void archive__unreadable_at_the_start_does_not_hide_who_the_journal_is(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = filled(f);
    uint64_t moved = 0;
    tm_sha256_t was;
    tm_sha256_t is;
    assert_int_equal(tm_journal_archive(journal, COMMITS / 2, &moved, NULL), TM_OK);
    assert_true(moved > 1 && tm_journal_identity(journal, &was));
    tm_journal_free(journal);
    with_file_t *first = with_disk_file(f->disk, "archive/0000000001.log");
    assert_non_null(first);
    first->unreadable = true;
    assert_int_equal(tm_journal_open(&f->options, &journal, NULL, NULL), TM_OK);
    tm_why_t why;
    tm_why_clear(&why);
    seen_t seen = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 1, false, see, &seen, &why), TM_EIO);
    assert_false(tm_journal_identity(journal, &is));
    first->unreadable = false; /* it can be read when all commits are */
    assert_int_equal(tm_journal_replay(journal, 1, false, see, &seen, NULL), TM_OK);
    assert_true(seen.same && seen.n == COMMITS);
    assert_true(tm_journal_identity(journal, &is));
    assert_memory_equal(&was, &is, sizeof(is));
    tm_journal_free(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(archive__holds_what_is_read_by_everybody, with_setup,
                                        with_teardown),
        cmocka_unit_test_setup_teardown(archive__may_be_gone_or_have_a_gap, with_setup,
                                        with_teardown),
        cmocka_unit_test_setup_teardown(archive__damage_there_is_named, with_setup, with_teardown),
        cmocka_unit_test_setup_teardown(
            archive__unreadable_at_the_start_does_not_hide_who_the_journal_is, with_setup,
            with_teardown),
        cmocka_unit_test(crash__while_segments_move_leaves_no_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
