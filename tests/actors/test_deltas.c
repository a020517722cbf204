/* test_deltas.c - deltas of the ring: the text is made once, and comes back from checkpoints, also
 * from those that held it as text. */
#include "actors/with_world.h"

#include "actors/kinds.h"
#include "base/memory.h"
#include "base/thread.h"
#include "runtime/wire.h"

#define LINE                                                                               \
    "\"advertiser\":\"Ann\",\"station\":\"WAAA\",\"market\":504,\"medium\":\"broadcast\"," \
    "\"gross_cents\":%d,\"flight_from\":\"2026-09-01\",\"flight_to\":\"2026-10-26\""
#define LINES 30
#define PART_BYTES ((size_t)1 << 24)

static tm_campaign_view_t *some_lines(world_t *w)
{
    world_init(w);
    const tm_id_t id = campaign_new(w, "{\"name\":\"a\"}");
    for (int i = 0; i < LINES; i++) {
        assert_int_equal(line_post(w, id, LINE, 5000 + i)->status, 201);
    }
    return campaign_view(w, id);
}

static void as_text(const tm_campaign_view_t *view, tm_buf_t *part)
{
    tm_wire_t in = tm_wire(tm_str_n(part->p + 1, part->n - 1));
    const uint64_t version = tm_wire_get(&in, UINT32_MAX);
    tm_delta_t *delta = tm_trie_get(&view->ring, (uint32_t)version);
    assert_non_null(delta);
    tm_buf_clear(part);
    tm_buf_add_char(part, 'd');
    tm_varint_add(part, version);
    tm_wire_put_str(part, tm_blob_str(tm_delta_body(delta)));
}

/* Written and read; with the deltas as earlier programs wrote them. */
static tm_campaign_view_t *again(const tm_campaign_view_t *view, bool text)
{
    void *state = tm_campaign_kind.create(view->view.actor);
    tm_part_at_t at = {0};
    tm_buf_t part;
    tm_buf_init(&part, PART_BYTES);
    uint32_t deltas = 0;
    for (; tm_campaign_kind.part(view, &at, &part); tm_buf_clear(&part)) {
        deltas += part.p[0] == 'D' || part.p[0] == 'd';
        if (text && part.p[0] == 'D') {
            as_text(view, &part);
        }
        assert_int_equal(tm_campaign_kind.take(state, tm_buf_str(&part), NULL), TM_OK);
    }
    tm_buf_done(&part);
    assert_int_equal(deltas, view->ring.n);
    assert_int_equal(tm_campaign_kind.take(state, (tm_str_t){NULL, 0}, NULL), TM_OK);
    tm_campaign_view_t *made = tm_campaign_kind.snapshot(state);
    tm_campaign_kind.destroy(state);
    return made;
}

static void same_deltas(const tm_campaign_view_t *a, const tm_campaign_view_t *b)
{
    assert_int_equal(a->ring_first, b->ring_first);
    assert_int_equal(a->ring.n, b->ring.n);
    uint32_t key = 0;
    for (tm_delta_t *x; (x = tm_trie_next(&a->ring, &key)); key++) {
        tm_delta_t *y = tm_trie_get(&b->ring, key);
        assert_true(tm_str_eq(tm_blob_str(tm_delta_body(x)), tm_blob_str(tm_delta_body(y))));
    }
}

static void deltas__come_back_from_packed_and_from_text(void **state)
{
    (void)state;
    world_t w;
    tm_campaign_view_t *view = some_lines(&w);
    assert_true(view->ring.n >= LINES);
    tm_campaign_view_t *packed = again(view, false), *text = again(view, true);
    same_deltas(view, packed);
    same_deltas(view, text);
    tm_campaign_view_t *third = again(text, false); /* text stays text */
    same_deltas(view, third);
    tm_shared_unref(third);
    tm_shared_unref(text);
    tm_shared_unref(packed);
    tm_shared_unref(view);
    world_done(&w);
}

static tm_err_t take_packed(uint64_t version, uint64_t weight, tm_str_t bytes)
{
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_t part;
    tm_buf_init(&part, PART_BYTES);
    tm_buf_add_char(&part, 'D');
    tm_varint_add(&part, version);
    tm_varint_add(&part, weight);
    tm_wire_put_str(&part, bytes);
    void *state = tm_campaign_kind.create(1000);
    const tm_err_t err = tm_campaign_kind.take(state, tm_buf_str(&part), &why);
    assert_int_equal(why.n, err == TM_OK ? 0 : 1);
    tm_campaign_kind.destroy(state);
    tm_buf_done(&part);
    return err;
}

static void deltas__that_cannot_be_read_are_refused(void **state)
{
    (void)state;
    world_t w;
    tm_campaign_view_t *view = some_lines(&w);
    const tm_delta_t *delta = tm_trie_get(&view->ring, (uint32_t)view->view.version);
    assert_true(delta->n > 20);
    assert_int_equal(take_packed(7, delta->weight, tm_str_n(delta->packed, delta->n)), TM_OK);
    assert_int_equal(take_packed(7, UINT32_MAX, tm_str_n(delta->packed, delta->n)), TM_EDAMAGED);
    for (uint32_t n = 20; n < delta->n; n++) { /* it has one row, which ends with its last byte */
        assert_int_equal(take_packed(7, delta->weight, tm_str_n(delta->packed, n)), TM_EDAMAGED);
    }
    tm_shared_unref(view);
    world_done(&w);
}

/* ---- several readers ---- */

typedef struct reader {
    const tm_campaign_view_t *view;
    const tm_blob_t *bodies[LINES + 8];
    tm_thread_t thread;
} reader_t;

static void read_all(void *arg)
{
    reader_t *reader = arg;
    uint32_t key = 0, n = 0;
    for (tm_delta_t *delta; (delta = tm_trie_next(&reader->view->ring, &key)); key++) {
        if (n < TM_COUNT(reader->bodies)) {
            reader->bodies[n++] = tm_delta_body(delta);
        }
    }
}

static void deltas__all_readers_get_one_text(void **state)
{
    (void)state;
    world_t w;
    tm_campaign_view_t *view = some_lines(&w);
    reader_t readers[4];
    memset(readers, 0, sizeof readers);
    for (size_t i = 0; i < TM_COUNT(readers); i++) {
        readers[i].view = view;
        assert_int_equal(tm_thread_start(&readers[i].thread, "reader", read_all, &readers[i]),
                         TM_OK);
    }
    for (size_t i = 0; i < TM_COUNT(readers); i++) {
        tm_thread_join(&readers[i].thread);
    }
    assert_non_null(readers[0].bodies[LINES - 1]);
    for (size_t i = 1; i < TM_COUNT(readers); i++) {
        assert_memory_equal(readers[0].bodies, readers[i].bodies, sizeof readers[0].bodies);
    }
    tm_shared_unref(view);
    world_done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deltas__come_back_from_packed_and_from_text),
        cmocka_unit_test(deltas__that_cannot_be_read_are_refused),
        cmocka_unit_test(deltas__all_readers_get_one_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
