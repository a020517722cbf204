/* test_commit.c - a commit's bytes: whole, cut short, and broken. */
#include "base/memory.h"
#include "schema/binary.h"
#include "schema/record.h"
#include "runtime/commit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *seed >> 33;
}

static tm_str_t random_str(uint64_t *seed, tm_arena_t *arena)
{
    const uint64_t r = next_random(seed) % 40;
    if (r == 0)
        return (tm_str_t){NULL, 0};
    char *p = tm_arena_alloc(arena, r);
    for (uint64_t i = 0; i < r; i++)
        p[i] = (char)next_random(seed);
    return tm_str_n(p, r - 1);
}

static tm_commit_view_t random_view(uint64_t *seed, tm_arena_t *arena)
{
    tm_commit_view_t v = {.at = {(int64_t)next_random(seed)},
                          .kind = (uint16_t)next_random(seed),
                          .actor = (uint32_t)next_random(seed) & TM_ID_ACTOR_MAX,
                          .partition = (uint32_t)next_random(seed) % 64,
                          .next_counter = (uint32_t)next_random(seed),
                          .answer_version = -1};
    v.principal = random_str(seed, arena);
    v.request_id = random_str(seed, arena);
    v.n_marks = (uint32_t)next_random(seed) % 3;
    v.marks = tm_arena_zalloc(arena, 3 * sizeof(v.marks[0]));
    v.n_changes = (uint32_t)next_random(seed) % 5;
    v.changes = tm_arena_zalloc(arena, 5 * sizeof(v.changes[0]));
    v.n_sends = (uint32_t)next_random(seed) % 4;
    v.sends = tm_arena_zalloc(arena, 4 * sizeof(v.sends[0]));
    for (uint32_t i = 0; i < v.n_marks; i++)
        v.marks[i] = (tm_commit_mark_t){(uint32_t)next_random(seed) & TM_ID_ACTOR_MAX,
                                        next_random(seed) << 20};
    for (uint32_t i = 0; i < v.n_changes; i++)
        v.changes[i] = (tm_commit_change_t){(uint8_t)(1 + next_random(seed) % 2),
                                            (uint16_t)next_random(seed),
                                            {next_random(seed) << 30},
                                            random_str(seed, arena)};
    for (uint32_t i = 0; i < v.n_sends; i++)
        v.sends[i] =
            (tm_commit_send_t){(uint16_t)next_random(seed), (uint16_t)next_random(seed),
                               (uint32_t)i + 1, 1 + next_random(seed), random_str(seed, arena)};
    if (next_random(seed) % 2 == 0) {
        v.idem_scope = random_str(seed, arena);
        v.idem_key = TM_STR("key");
        v.idem_fingerprint = random_str(seed, arena);
        v.idem_expires.v = (int64_t)next_random(seed);
        v.answer_status = 201;
        v.answer_version = (int64_t)next_random(seed) - 5;
        v.answer_location = random_str(seed, arena);
        v.answer_body = random_str(seed, arena);
    }
    return v;
}

static void assert_str(tm_str_t a, tm_str_t b)
{
    assert_int_equal(a.p == NULL, b.p == NULL);
    assert_true(tm_str_eq(a, b));
}

static void assert_views(const tm_commit_view_t *a, const tm_commit_view_t *b)
{
    assert_int_equal(a->at.v, b->at.v);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->actor, b->actor);
    assert_int_equal(a->partition, b->partition);
    assert_int_equal(a->next_counter, b->next_counter);
    assert_str(a->principal, b->principal);
    assert_str(a->request_id, b->request_id);
    assert_int_equal(a->n_marks, b->n_marks);
    for (uint32_t i = 0; i < a->n_marks; i++) {
        assert_int_equal(a->marks[i].from, b->marks[i].from);
        assert_int_equal(a->marks[i].seq, b->marks[i].seq);
    }
    assert_int_equal(a->n_changes, b->n_changes);
    for (uint32_t i = 0; i < a->n_changes; i++) {
        assert_int_equal(a->changes[i].op, b->changes[i].op);
        assert_int_equal(a->changes[i].entity, b->changes[i].entity);
        assert_int_equal(a->changes[i].id.v, b->changes[i].id.v);
        assert_str(a->changes[i].bytes, b->changes[i].bytes);
    }
    assert_int_equal(a->n_sends, b->n_sends);
    for (uint32_t i = 0; i < a->n_sends; i++) {
        assert_int_equal(a->sends[i].kind, b->sends[i].kind);
        assert_int_equal(a->sends[i].actor, b->sends[i].actor);
        assert_int_equal(a->sends[i].seq, b->sends[i].seq);
        assert_int_equal(a->sends[i].type, b->sends[i].type);
        assert_str(a->sends[i].bytes, b->sends[i].bytes);
    }
    assert_str(a->idem_scope, b->idem_scope);
    assert_str(a->idem_key, b->idem_key);
    assert_str(a->idem_fingerprint, b->idem_fingerprint);
    assert_int_equal(a->idem_expires.v, b->idem_expires.v);
    assert_int_equal(a->answer_status, b->answer_status);
    assert_int_equal(a->answer_version, b->answer_version);
    assert_str(a->answer_location, b->answer_location);
    assert_str(a->answer_body, b->answer_body);
}

static void commit__decodes_what_was_encoded(void **state)
{
    (void)state;
    for (uint64_t first = 1; first <= 500; first++) {
        uint64_t seed = first;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
        const tm_commit_view_t view = random_view(&seed, arena);
        tm_buf_t buf;
        tm_buf_init(&buf, 1u << 20);
        tm_commit_encode(&view, &buf);
        tm_commit_view_t back;
        assert_int_equal(tm_commit_decode(tm_buf_str(&buf), arena, &back), TM_OK);
        assert_views(&view, &back);
        tm_buf_done(&buf);
    }
}

static void commit__damage_is_an_error_or_another_commit_never_a_crash(void **state)
{
    (void)state;
    for (uint64_t first = 1; first <= 200; first++) {
        uint64_t seed = first;
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(16u << 20);
        const tm_commit_view_t view = random_view(&seed, arena);
        tm_buf_t buf;
        tm_buf_init(&buf, 1u << 20);
        tm_commit_encode(&view, &buf);
        tm_commit_view_t back;
        for (uint32_t n = 0; n < buf.n; n++) {
            /* exact size: AddressSanitizer sees a read behind it */
            char *cut = tm_strdup_n(buf.p, n);
            assert_int_equal(tm_commit_decode(tm_str_n(cut, n), arena, &back), TM_EDAMAGED);
            tm_free(cut);
        }
        for (uint32_t i = 0; i < 200; i++) {
            const size_t at = next_random(&seed) % buf.n;
            const char old = buf.p[at];
            buf.p[at] = (char)next_random(&seed);
            const tm_err_t err = tm_commit_decode(tm_buf_str(&buf), arena, &back);
            assert_true(err == TM_OK || err == TM_EDAMAGED);
            buf.p[at] = old;
        }
        tm_buf_add_char(&buf, 0);
        /* nothing may follow */
        assert_int_equal(tm_commit_decode(tm_buf_str(&buf), arena, &back), TM_EDAMAGED);
        tm_buf_done(&buf);
    }
}

/* What can be read beforehand is; the rest is left to whoever applies it. */
static void commit__records_are_read_beforehand(void **state)
{
    (void)state;
    uint64_t seed = 7;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1 << 20);
    const tm_desc_t *desc = tm_entities[0];
    const void *record = tm_record_random(desc, &seed, arena);
    tm_buf_t bytes;
    tm_buf_init(&bytes, 1 << 20);
    tm_binary_write(desc, record, &bytes);
    const tm_str_t whole = tm_buf_str(&bytes);
    tm_commit_change_t changes[] = {
        {TM_CHANGE_PUT, desc->number, {1}, whole},
        {TM_CHANGE_PUT, UINT16_MAX, {1}, whole}, /* of an unknown entity */
        {TM_CHANGE_PUT, desc->number, {1}, tm_str_n(whole.p, whole.n - 1)},
        {TM_CHANGE_PATCH, desc->number, {1}, whole},
    };
    tm_commit_view_t view = {.changes = changes, .n_changes = TM_COUNT(changes)};
    tm_commit_read(&view, arena);
    assert_true(tm_record_equal(desc, view.records[0].record, record));
    assert_null(view.records[1].record);
    assert_null(view.records[2].record);
    assert_true(tm_record_equal(desc, view.records[3].record, record));
    assert_memory_equal(&view.records[3].touched, record, sizeof(tm_has_t));
    tm_buf_done(&bytes);
    /* No room for the list: all is left. */
    TM_AUTO(tm_arena_free_p) tm_arena_t *full = tm_arena_new(1024);
    while (tm_arena_alloc(full, 16) != NULL) {
    }
    view.records = NULL;
    tm_commit_read(&view, full);
    assert_null(view.records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit__records_are_read_beforehand),
        cmocka_unit_test(commit__decodes_what_was_encoded),
        cmocka_unit_test(commit__damage_is_an_error_or_another_commit_never_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
