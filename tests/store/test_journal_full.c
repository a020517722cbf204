/* test_journal_full.c - a full disk refuses before anything is promised, breaks no promise, and
 * needs nobody to go on. */
#include "store/with_disk.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SEGMENT 4096u

typedef struct seen {
    uint64_t n;
    const with_log_t *log;
    bool same;
} seen_t;

static uint32_t size_of(uint64_t tag)
{
    return (uint32_t)(8 + tag * 37 % 1200);
}

static tm_err_t see(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    (void)why;
    seen_t *seen = ctx;
    const uint64_t tag = seen->log->released[seen->n++];
    char want[2048];
    with_body(tag, size_of(tag), want);
    seen->same = seen->same && number == seen->n && tm_str_eq(body, tm_str_n(want, size_of(tag)));
    return TM_OK;
}

/* Everything that was released is there after a power loss. */
static void check_all_there(with_disk_t *disk, const tm_journal_options_t *options,
                            const with_log_t *log, uint64_t seed)
{
    with_disk_crash(disk, &seed);
    tm_journal_t *journal = NULL;
    tm_journal_info_t info;
    assert_int_equal(tm_journal_open(options, &journal, &info, NULL), TM_OK);
    assert_int_equal(info.last, log->n);
    seen_t seen = {0, log, true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &seen, NULL), TM_OK);
    assert_true(seen.same && seen.n == log->n);
    tm_journal_free(journal);
}

static void journal__a_disk_that_fills_up_at_any_byte_breaks_no_promise(void **state)
{
    (void)state;
    for (int64_t room = 0; room < 6 * SEGMENT; room += 97) {
        with_disk_t *disk = with_disk_new();
        with_log_t log;
        with_log_init(&log);
        const tm_journal_options_t options = {with_disk_face(disk), SEGMENT, with_fatal, &log};
        tm_journal_t *journal = with_journal(&options, NULL);
        disk->bytes_free = room;
        uint64_t seed = (uint64_t)room + 1;
        uint64_t tag = 1;
        bool full = false;
        while (!full) {
            const bool pushed = with_push(journal, &log, tag, size_of(tag));
            full = !pushed;
            tag += pushed ? 1 : 0;
            if (with_random(&seed) % 3 == 0)
                tm_journal_step(journal);
        }
        assert_true(tm_journal_is_full(journal));
        assert_int_equal(tm_journal_reserve(journal, SEGMENT / 2), TM_EDISKFULL);
        while (tm_journal_step(journal)) { /* what was promised is written */
        }
        assert_int_equal(log.n, tag - 1);
        assert_int_equal(log.fatals, 0);
        assert_true(log.in_order);

        disk->bytes_free = 20 * SEGMENT; /* somebody made room: it goes on by itself */
        tm_journal_step(journal);
        assert_false(tm_journal_is_full(journal));
        for (int i = 0; i < 20; i++, tag++) {
            assert_true(with_push(journal, &log, tag, size_of(tag)));
        }
        while (tm_journal_step(journal)) {
        }
        assert_int_equal(log.n, tag - 1);
        assert_int_equal(log.fatals, 0);
        tm_journal_free(journal);
        check_all_there(disk, &options, &log, seed);
        with_log_done(&log);
        with_disk_free(disk);
    }
}

static void journal__reads_and_releases_go_on_while_the_disk_is_full(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    with_log_t log;
    with_log_init(&log);
    const tm_journal_options_t options = {with_disk_face(disk), SEGMENT, with_fatal, &log};
    tm_journal_t *journal = with_journal(&options, NULL);
    disk->bytes_free = 0;
    uint64_t tag = 1;
    while (with_push(journal, &log, tag, 500)) {
        tag++;
        tm_journal_step(journal);
    }
    while (tm_journal_step(journal)) {
    }
    assert_true(tm_journal_is_full(journal));
    assert_true(with_push(journal, &log, tag, 0)); /* an answer that changes nothing */
    assert_true(tm_journal_step(journal));
    assert_int_equal(log.n, tag);
    tm_buf_t body;
    tm_buf_init(&body, 1024);
    assert_int_equal(tm_journal_read(journal, 1, &body), TM_OK);
    assert_int_equal(body.n, 500);
    tm_buf_done(&body);
    tm_journal_stop(journal);
    assert_int_equal(log.fatals, 0);
    tm_journal_free(journal);
    with_log_done(&log);
    with_disk_free(disk);
}

static void journal_begin__on_a_full_disk_is_an_error_that_changes_nothing(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    with_log_t log;
    with_log_init(&log);
    const tm_journal_options_t options = {with_disk_face(disk), SEGMENT, with_fatal, &log};
    tm_journal_t *journal = with_journal(&options, NULL);
    assert_true(with_push(journal, &log, 1, 500));
    assert_true(tm_journal_step(journal));
    tm_journal_free(journal);
    for (int64_t room = 0; room < (int64_t)SEGMENT; room += 1000) {
        disk->bytes_free = room;
        assert_int_equal(tm_journal_open(&options, &journal, NULL, NULL), TM_OK);
        tm_why_t why;
        tm_why_clear(&why);
        char line[400];
        assert_int_equal(tm_journal_begin(journal, &why), TM_EDISKFULL);
        assert_non_null(strstr(tm_why_line(&why, line, sizeof(line)), "No space left"));
        tm_journal_free(journal);
    }
    /* Room for the copy alone: it starts, and refuses writes once the rest is full. */
    disk->bytes_free = SEGMENT;
    journal = with_journal(&options, NULL);
    assert_int_equal(tm_journal_durable(journal), 1);
    assert_true(with_push(journal, &log, 2, 500));
    while (tm_journal_step(journal)) {
    }
    assert_int_equal(log.n, 2);
    tm_journal_free(journal);
    with_log_done(&log);
    with_disk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal__a_disk_that_fills_up_at_any_byte_breaks_no_promise),
        cmocka_unit_test(journal__reads_and_releases_go_on_while_the_disk_is_full),
        cmocka_unit_test(journal_begin__on_a_full_disk_is_an_error_that_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
