/* with_same.c - two runtimes show the same: the live one, and others made from its log and from
 * checkpoints of it. */
#include "actors/with_world.h"

#include "base/memory.h"

static void same_ring(tm_campaign_view_t *a, tm_campaign_view_t *b)
{
    assert_int_equal(a->ring_first, b->ring_first);
    assert_int_equal(a->ring.n, b->ring.n);
    uint32_t key = 0;
    for (tm_delta_t *x; (x = tm_trie_next(&a->ring, &key)); key++) {
        tm_delta_t *y = tm_trie_get(&b->ring, key);
        assert_non_null(y);
        assert_int_equal(x->version, y->version);
        assert_true(tm_str_eq(tm_blob_str(tm_delta_body(x)), tm_blob_str(tm_delta_body(y))));
    }
}

/* What was known after each of some versions. */
static void same_past(const tm_campaign_view_t *a, const tm_campaign_view_t *b)
{
    const uint64_t step = 1 + a->view.version / 7;
    assert_int_equal(a->versions.n, b->versions.n);
    for (uint64_t v = 1; v <= a->view.version; v += step) {
        assert_int_equal(tm_versions_at(&a->versions, v).v, tm_versions_at(&b->versions, v).v);
        tm_campaign_view_t *x = tm_campaign_view_at(a, v), *y = tm_campaign_view_at(b, v);
        const tm_matrix_query_t q = tm_matrix_query_default();
        tm_blob_t *p = tm_campaign_view_matrix(x, &q, true);
        tm_blob_t *r = tm_campaign_view_matrix(y, &q, true);
        assert_true(tm_str_eq(tm_blob_str(p), tm_blob_str(r)));
        tm_blob_unref(p);
        tm_blob_unref(r);
        tm_shared_unref(x);
        tm_shared_unref(y);
    }
}

/* Shown names and when each cell was told of: what an edit is refused by. */
static void same_rows(const tm_campaign_view_t *a, const tm_campaign_view_t *b, bool paid)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(64u << 20);
    tm_told_row_t x, y;
    uint32_t rows = 0, others = 0;
    for (uint32_t at = 0; tm_matrix_told(b->matrix, paid, &at, arena, &y); at++) {
        others++;
    }
    for (uint32_t at = 0; tm_matrix_told(a->matrix, paid, &at, arena, &x); at++, rows++) {
        bool found = false;
        for (uint32_t k = 0; !found && tm_matrix_told(b->matrix, paid, &k, arena, &y); k++) {
            found = tm_str_eq(x.key, y.key);
        }
        assert_true(found && tm_str_eq(x.advertiser, y.advertiser) &&
                    tm_str_eq(x.station, y.station) && x.side == y.side && x.rank == y.rank);
        assert_int_equal(x.n_cells, y.n_cells);
        for (uint32_t i = 0; i < x.n_cells; i++) {
            assert_int_equal(x.cells[i].week.v, y.cells[i].week.v);
            assert_int_equal(x.cells[i].version, y.cells[i].version);
        }
    }
    assert_int_equal(rows, others);
}

static void same_told(const tm_campaign_view_t *a, const tm_campaign_view_t *b)
{
    same_rows(a, b, false);
    same_rows(a, b, true);
}

/* Everything an edge can look up by name. */
static void same_names(const tm_directory_view_t *a, const tm_directory_view_t *b)
{
    assert_int_equal(a->view.version, b->view.version);
    assert_int_equal(a->names.n, b->names.n);
    uint32_t key = 0;
    for (const tm_name_t *x; (x = tm_trie_next(&a->names, &key)); key++) {
        const tm_name_t *y = tm_trie_get(&b->names, key);
        assert_true(y != NULL && x->id.v == y->id.v && x->dma == y->dma && x->rank == y->rank);
        assert_true(x->n_key == y->n_key && x->n_text == y->n_text);
        assert_memory_equal(x->bytes, y->bytes, (size_t)x->n_key + x->n_text);
        if (key == UINT32_MAX) {
            break;
        }
    }
}

/* Another runtime shows the same as the live one. */
static void check_same(world_t *w, world_t *other)
{
    const tm_sha256_t live = tm_runtime_hash(w->rt), again = tm_runtime_hash(other->rt);
    assert_memory_equal(&live, &again, sizeof live);
    assert_int_equal(tm_runtime_start(other->rt), TM_OK);
    tm_view_t *directory = tm_runtime_snapshot(w->rt, TM_ACTOR_DIRECTORY);
    uint32_t key = 0;
    for (const tm_row_t *row;
         directory != NULL &&
         (row = tm_trie_next(&directory->tables[tm_campaign_desc.number], &key));
         key++) {
        const uint32_t actor = tm_campaign_actor(row->id);
        tm_campaign_view_t *a = tm_runtime_snapshot(w->rt, actor);
        tm_campaign_view_t *b = tm_runtime_snapshot(other->rt, actor);
        assert_true(a != NULL && b != NULL);
        const tm_matrix_query_t q = tm_matrix_query_default();
        tm_blob_t *x = tm_campaign_view_matrix(a, &q, true);
        tm_blob_t *y = tm_campaign_view_matrix(b, &q, true);
        assert_true(tm_str_eq(tm_blob_str(x), tm_blob_str(y)));
        tm_blob_unref(x);
        tm_blob_unref(y);
        same_ring(a, b);
        same_past(a, b);
        same_told(a, b);
        tm_shared_unref(a);
        tm_shared_unref(b);
    }
    tm_view_t *names = tm_runtime_snapshot(other->rt, TM_ACTOR_DIRECTORY);
    same_names((tm_directory_view_t *)directory, (tm_directory_view_t *)names);
    tm_shared_unref(names);
    tm_shared_unref(directory);
}

void world_check_replay(world_t *w)
{
    world_t other = *w;
    other.pushed = other.pushed_last = NULL;
    other.rt = world_from_log(&other);
    check_same(w, &other);
    /* A checkpoint of the one restored from the log, and one of the live one. */
    tm_cut_t *cut = tm_runtime_cut_now(other.rt);
    world_t third = other;
    third.rt = world_from_cut(&third, cut);
    tm_cut_free(cut);
    check_same(w, &third);
    world_free_runtime(&third);
    world_free_runtime(&other);
    cut = world_cut(w);
    assert_int_equal(tm_cut_number(cut), w->log_n);
    third.rt = world_from_cut(&third, cut);
    tm_cut_free(cut);
    check_same(w, &third);
    world_free_runtime(&third);
}
