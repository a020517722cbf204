/* test_journal.c - what is pushed is written, released in order, found again by replay, number
 * and cursor. */
#include "store/journal_format.h"
#include "store/with_commits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void journal__replays_what_was_released(void **state)
{
    fixture_t *f = *state;
    tm_journal_info_t info;
    tm_journal_t *journal = with_journal(&f->options, &info);
    assert_int_equal(info.commits, 0);
    write_some(journal, f, 1, 200);
    assert_int_equal(f->log.n, 200);
    assert_true(f->log.in_order);
    assert_int_equal(tm_journal_durable(journal), 200);
    tm_journal_stop(journal);
    tm_journal_free(journal);

    journal = with_journal(&f->options, &info);
    assert_int_equal(info.commits, 200);
    assert_int_equal(info.first, 1);
    assert_int_equal(info.last, 200);
    assert_true(info.segments > 5);
    assert_int_equal(info.torn_bytes, 0);
    seen_t r = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &r, NULL), TM_OK);
    assert_int_equal(r.n, 200);
    assert_true(r.same);
    write_some(journal, f, 201, 300);
    assert_true(f->log.in_order);
    tm_journal_free(journal); /* without a stop */
    journal = with_journal(&f->options, &info);
    assert_int_equal(info.last, 300);
    r = (seen_t){.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &r, NULL), TM_OK);
    assert_int_equal(r.n, 300);
    assert_true(r.same);
    tm_journal_free(journal);
}

static void journal_read__finds_every_commit_by_number(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, 150);
    tm_buf_t body;
    tm_buf_init(&body, 4096);
    for (int again = 0; again < 2; again++) {
        for (uint64_t number = 150; number > 0; number -= 1) {
            char want[1024];
            with_body(number, size_of(number), want);
            tm_buf_clear(&body);
            assert_int_equal(tm_journal_read(journal, number, &body), TM_OK);
            assert_true(tm_str_eq(tm_buf_str(&body), tm_str_n(want, size_of(number))));
        }
        assert_int_equal(tm_journal_read(journal, 151, &body), TM_ENOTFOUND);
        assert_int_equal(tm_journal_read(journal, 0, &body), TM_ENOTFOUND);
        tm_journal_free(journal); /* the second time with the index that open makes */
        journal = with_journal(&f->options, NULL);
    }
    tm_buf_done(&body);
    tm_journal_free(journal);
}

/* Reads some of what is durable; more: until there is nothing. */
static void read_on(tm_journal_t *journal, tm_journal_cursor_t *cursor, seen_t *r, unsigned most)
{
    uint64_t number;
    tm_str_t body;
    tm_err_t err = TM_OK;
    for (unsigned i = 0; err == TM_OK && i < most; i++) {
        err = tm_journal_cursor_next(cursor, &number, &body, NULL);
        if (err != TM_OK)
            break;
        assert_true(number <= tm_journal_durable(journal));
        assert_int_equal(see(r, number, body, NULL), TM_OK);
    }
    if (err != TM_OK) {
        assert_int_equal(err, TM_ENOTFOUND);
        assert_int_equal(r->n, tm_journal_durable(journal));
    }
}

static void journal_cursor__follows_across_segments_and_sees_only_what_is_durable(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    tm_journal_cursor_t *cursor = NULL;
    assert_int_equal(tm_journal_cursor_new(journal, 0, &cursor), TM_OK);
    seen_t r = {.same = true};
    read_on(journal, cursor, &r, 1);
    uint64_t seed = 7;
    for (uint64_t tag = 1; tag <= 400; tag++) {
        assert_true(with_push(journal, &f->log, tag, size_of(tag)));
        if (with_random(&seed) % 4 == 0) {
            while (tm_journal_step(journal)) {
            }
        }
        read_on(journal, cursor, &r, (unsigned)(with_random(&seed) % 9));
    }
    while (tm_journal_step(journal)) {
    }
    read_on(journal, cursor, &r, UINT32_MAX);
    assert_int_equal(r.n, 400);
    assert_true(r.same);
    tm_journal_cursor_free(cursor);

    /* One that begins in the middle. */
    uint64_t number;
    tm_str_t body;
    assert_int_equal(tm_journal_cursor_new(journal, 222, &cursor), TM_OK);
    assert_int_equal(tm_journal_cursor_next(cursor, &number, &body, NULL), TM_OK);
    assert_int_equal(number, 223);
    tm_journal_cursor_free(cursor);
    tm_journal_free(journal);
}

/* A disk on which a server writes on just when a verifier opens its second segment. */
typedef struct racing {
    fixture_t *f;
    tm_disk_t disk;
    tm_journal_t *writer;
    uint64_t written;
} racing_t;

static tm_err_t racing_open(void *self, const char *name, bool create, int *ret_file)
{
    racing_t *race = self;
    if (race->written == 3 && strcmp(name, "0000000002.log") == 0) {
        write_some(race->writer, race->f, 4, 60);
        race->written = 60;
    }
    return race->disk.open(race->disk.self, name, create, ret_file);
}

static tm_err_t racing_read(void *self, int file, uint64_t offset, void *p, size_t n, size_t *ret_n)
{
    const tm_disk_t *disk = &((racing_t *)self)->disk;
    return disk->read(disk->self, file, offset, p, n, ret_n);
}

static tm_err_t racing_size(void *self, int file, uint64_t *ret)
{
    const tm_disk_t *disk = &((racing_t *)self)->disk;
    return disk->size(disk->self, file, ret);
}

static tm_err_t racing_list(void *self, void (*each)(void *ctx, const char *name), void *ctx)
{
    const tm_disk_t *disk = &((racing_t *)self)->disk;
    return disk->list(disk->self, each, ctx);
}

static void racing_close(void *self, int file)
{
    const tm_disk_t *disk = &((racing_t *)self)->disk;
    disk->close(disk->self, file);
}

static void journal_open__beside_a_writer_takes_nothing_new_for_damage(void **state)
{
    fixture_t *f = *state;
    racing_t race = {f, f->options.disk, with_journal(&f->options, NULL), 3};
    write_some(race.writer, f, 1, 3);
    tm_journal_options_t options = f->options;
    options.disk = (tm_disk_t){.self = &race,
                               .open = racing_open,
                               .read = racing_read,
                               .size = racing_size,
                               .list = racing_list,
                               .close = racing_close};
    tm_journal_t *verifier = NULL;
    tm_journal_info_t info;
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    if (tm_journal_open(&options, &verifier, &info, &why) != TM_OK)
        fail_msg("%s", tm_why_line(&why, line, sizeof(line)));
    assert_int_equal(race.written, 60);
    assert_true(info.last > 3);
    assert_int_equal(info.torn_bytes, 0);
    seen_t r = {.same = true};
    assert_int_equal(tm_journal_replay(verifier, 0, true, see, &r, NULL), TM_OK);
    assert_true(r.same && r.n == info.last);
    tm_journal_free(verifier);
    tm_journal_free(race.writer);
}

static void journal__an_empty_commit_alone_costs_no_write(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    const uint32_t writes = f->disk->writes;
    const uint32_t syncs = f->disk->syncs;
    assert_true(with_push(journal, &f->log, 1, 0));
    assert_true(tm_journal_step(journal));
    assert_int_equal(f->log.n, 1);
    assert_int_equal(f->log.numbers[0], 0);
    assert_int_equal(f->disk->writes, writes);
    assert_int_equal(f->disk->syncs, syncs);
    tm_journal_free(journal);
}

static void journal__an_empty_commit_waits_for_what_was_pushed_before_it(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    assert_true(with_push(journal, &f->log, 1, 20));
    assert_true(with_push(journal, &f->log, 2, 0));
    assert_true(with_push(journal, &f->log, 3, 20));
    f->disk->syncs_left = 0;
    assert_false(tm_journal_step(journal));
    assert_int_equal(f->log.n, 0); /* the sync failed: nobody was told */
    assert_int_equal(f->log.fatals, 1);
    tm_journal_free(journal);
}

static void journal_push__keeps_the_order_of_lists(void **state)
{
    fixture_t *f = *state;
    f->options.segment_bytes = 4 * SEGMENT;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    uint64_t tag = 1;
    for (int lists = 0; lists < 20; lists++) {
        with_commit_t *first = NULL;
        with_commit_t *last = NULL;
        for (int i = 0; i <= lists; i++, tag++) {
            assert_int_equal(tm_journal_reserve(journal, 10), TM_OK);
            with_commit_t *c = with_commit_new(&f->log, tag, 10);
            if (first == NULL)
                first = c;
            else
                last->commit.next = &c->commit;
            last = c;
        }
        tm_journal_push(journal, &first->commit, &last->commit);
        if (lists % 5 == 4)
            tm_journal_step(journal);
    }
    while (tm_journal_step(journal)) {
    }
    assert_int_equal(f->log.n, tag - 1);
    for (size_t i = 0; i < f->log.n; i++) {
        assert_int_equal(f->log.released[i], i + 1);
        assert_int_equal(f->log.numbers[i], i + 1);
    }
    tm_journal_free(journal);
}

static void note_durable(void *ctx, uint64_t number)
{
    *(uint64_t *)ctx = number;
}

static void journal_on_durable__is_told_after_the_releases(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    uint64_t told = 0;
    tm_journal_on_durable(journal, note_durable, &told);
    write_some(journal, f, 1, 5);
    assert_int_equal(told, 5);
    tm_journal_free(journal);
}

static void journal__a_silent_log_states_its_durable_number(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, 3);
    const uint32_t writes = f->disk->writes;
    assert_false(tm_journal_step(journal)); /* the last step of write_some stated it */
    assert_int_equal(f->disk->writes, writes);
    /* So damage to the last commit is damage, not a torn tail. */
    with_file_t *file = with_disk_file(f->disk, "0000000001.log");
    tm_journal_free(journal);
    size_t last = file->now_n;
    while (file->now[last - 1] == 0) {
        last--;
    }
    file->now[last - TM_BATCH_HEAD - 4] ^= 1;
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    assert_int_equal(tm_journal_open(&f->options, &journal, NULL, &why), TM_EDAMAGED);
    tm_why_line(&why, line, sizeof(line));
    assert_non_null(strstr(line, "0000000001.log"));
    assert_non_null(strstr(line, "commit 3"));
}

static void journal__a_changed_commit_with_good_checksums_breaks_the_chain(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, 2);
    tm_journal_free(journal);
    /* The first record is written again by somebody who knows the format but changes only that
     * one. */
    with_file_t *file = with_disk_file(f->disk, "0000000001.log");
    char *record = file->now + TM_SEGMENT_HEAD + TM_BATCH_HEAD;
    tm_sha256_t hash;
    char body[1024];
    with_body(99, size_of(1), body);
    tm_buf_t scratch;
    tm_buf_init(&scratch, 4096);
    const tm_sha256_t zero = {{0}};
    hash = tm_chain_next(&zero, 1, tm_str_n(body, size_of(1)), &scratch);
    tm_buf_done(&scratch);
    tm_record_write(1, tm_str_n(body, size_of(1)), &hash, record);
    assert_int_equal(tm_journal_open(&f->options, &journal, NULL, NULL), TM_OK);
    seen_t r = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, false, see, &r, NULL), TM_OK);
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &r, &why), TM_EDAMAGED);
    assert_non_null(strstr(tm_why_line(&why, line, sizeof(line)), "commit 2"));
    tm_journal_free(journal);
}

static void journal__a_missing_segment_is_damage(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, 100);
    tm_journal_free(journal);
    assert_int_equal(f->options.disk.remove(f->disk, "0000000002.log"), TM_OK);
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    assert_int_equal(tm_journal_open(&f->options, &journal, NULL, &why), TM_EDAMAGED);
    assert_non_null(strstr(tm_why_line(&why, line, sizeof(line)), "0000000002.log"));
}

static void journal__a_log_whose_beginning_was_moved_away_still_reads(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, 100);
    tm_journal_free(journal);
    assert_int_equal(f->options.disk.remove(f->disk, "0000000001.log"), TM_OK);
    tm_journal_info_t info;
    journal = with_journal(&f->options, &info);
    assert_true(info.first > 1);
    assert_int_equal(info.last, 100);
    seen_t r = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &r, NULL), TM_OK);
    assert_int_equal(r.n, info.commits);
    assert_true(r.same);
    tm_journal_cursor_t *cursor = NULL;
    assert_int_equal(tm_journal_cursor_new(journal, 0, &cursor), TM_ENOTFOUND);
    tm_journal_free(journal);
}

static void journal_reserve__refuses_what_can_never_fit(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    assert_int_equal(tm_journal_reserve(journal, SEGMENT), TM_ETOOLARGE);
    const uint32_t most = SEGMENT - TM_SEGMENT_HEAD - TM_BATCH_HEAD - TM_COMMIT_FRAME;
    for (uint64_t tag = 1; tag < 20; tag++) {
        assert_true(with_push(journal, &f->log, tag, most));
        assert_true(tm_journal_step(journal));
    }
    assert_int_equal(tm_journal_reserve(journal, most + 1), TM_ETOOLARGE);
    tm_journal_stop(journal);
    assert_int_equal(tm_journal_reserve(journal, 1), TM_ESTOPPING);
    assert_int_equal(f->log.n, 19);
    tm_journal_free(journal);
}

static void journal__goes_on_with_another_length_of_segments(void **state)
{
    fixture_t *f = *state;
    static const uint64_t lengths[] = {SEGMENT, 4 * SEGMENT, 4096, 2 * SEGMENT, 4096};
    uint64_t last = 0;
    for (size_t i = 0; i < TM_COUNT(lengths); i++) {
        f->options.segment_bytes = lengths[i];
        tm_journal_info_t info;
        tm_journal_t *journal = with_journal(&f->options, &info);
        assert_int_equal(info.last, last);
        seen_t r = {.same = true};
        assert_int_equal(tm_journal_replay(journal, 0, true, see, &r, NULL), TM_OK);
        assert_true(r.same && r.n == last);
        write_some(journal, f, last + 1, last + 45);
        last += 45;
        tm_journal_free(journal);
    }
    assert_true(f->log.in_order);
}

static void journal__keeps_the_last_segments_in_memory_and_forgets_older_ones(void **state)
{
    fixture_t *f = *state;
    tm_journal_info_t info;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    write_some(journal, f, 1, 200);
    tm_journal_free(journal);
    journal = with_journal(&f->options, &info);
    assert_true(info.segments > 5);
    for (uint64_t i = 1; i <= info.segments; i++) { /* the last is the spare */
        char name[TM_SEGMENT_NAME];
        tm_segment_name(i, false, name);
        assert_int_equal(with_disk_file(f->disk, name)->forgotten, i + 2 < info.segments);
    }
    seen_t r = {.same = true};
    assert_int_equal(tm_journal_replay(journal, 0, true, see, &r, NULL), TM_OK);
    assert_int_equal(r.n, 200);
    tm_journal_free(journal);
}

static void journal__identity_is_the_first_commit_for_ever(void **state)
{
    fixture_t *f = *state;
    tm_journal_t *journal = with_journal(&f->options, NULL);
    tm_sha256_t a;
    tm_sha256_t b;
    tm_sha256_t chain;
    assert_false(tm_journal_identity(journal, &a));
    write_some(journal, f, 1, 60);
    assert_true(tm_journal_identity(journal, &a));
    tm_journal_free(journal);
    journal = with_journal(&f->options, NULL);
    assert_true(tm_journal_identity(journal, &b));
    assert_memory_equal(&a, &b, sizeof(a));
    assert_int_equal(tm_journal_chain(journal, 1, &chain), TM_OK);
    assert_memory_equal(&a, &chain, sizeof(a));
    tm_journal_free(journal);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, with_setup, with_teardown)
    const struct CMUnitTest tests[] = {
        T(journal__replays_what_was_released),
        T(journal_read__finds_every_commit_by_number),
        T(journal_cursor__follows_across_segments_and_sees_only_what_is_durable),
        T(journal_open__beside_a_writer_takes_nothing_new_for_damage),
        T(journal__an_empty_commit_alone_costs_no_write),
        T(journal__an_empty_commit_waits_for_what_was_pushed_before_it),
        T(journal_push__keeps_the_order_of_lists),
        T(journal_on_durable__is_told_after_the_releases),
        T(journal__a_silent_log_states_its_durable_number),
        T(journal__a_changed_commit_with_good_checksums_breaks_the_chain),
        T(journal__a_missing_segment_is_damage),
        T(journal__a_log_whose_beginning_was_moved_away_still_reads),
        T(journal_reserve__refuses_what_can_never_fit),
        T(journal__goes_on_with_another_length_of_segments),
        T(journal__keeps_the_last_segments_in_memory_and_forgets_older_ones),
        T(journal__identity_is_the_first_commit_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
