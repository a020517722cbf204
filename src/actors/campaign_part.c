/* campaign_part.c - a campaign in a checkpoint.
 *
 * Why:     a start must be much faster than a replay, and show the same to the byte.
 * How:     besides head and records (actors/parts.h) stand the deltas of the ring ('D' packed, 'd'
 *          as text: of earlier programs): whoever listens goes on behind the last one it got; and
 *          of each row of the matrix what follows
 *          from the order of changes ('m'). Records are taken in the order of their commits, as in
 *          a replay; but a chain is settled once, not after each of its commits.
 * Threads: writing: any that holds the picture. Reading: boot. */
#include "actors/campaign_chain.h"

#include "domain/matrix_told.h"

#define TOLD_BYTES_MAX ((size_t)2 << 30)
#define TOLD_ARENA_MAX (64u << 20)

/* ---- writing ---- */

static bool write_delta(const tm_campaign_view_t *view, tm_part_at_t *at, tm_buf_t *out)
{
    uint32_t key = (uint32_t)at->key;
    const tm_delta_t *delta = at->key > UINT32_MAX ? NULL : tm_trie_next(&view->ring, &key);
    if (delta == NULL)
        return false;
    tm_buf_add_char(out, delta->n > 0 ? 'D' : 'd');
    tm_varint_add(out, delta->version);
    if (delta->n > 0) {
        tm_varint_add(out, delta->weight);
        tm_wire_put_str(out, tm_str_n(delta->packed, delta->n));
    } else {
        tm_wire_put_str(out, tm_blob_str(delta->body));
    }
    at->key = (uint64_t)key + 1;
    return true;
}

static bool write_row(const tm_campaign_view_t *view, bool paid, tm_part_at_t *at, tm_buf_t *out)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(TOLD_ARENA_MAX);
    uint32_t number = (uint32_t)at->key;
    tm_told_row_t row;
    if (at->key > UINT32_MAX || !tm_matrix_told(view->matrix, paid, &number, arena, &row))
        return false;
    tm_buf_add_char(out, 'm');
    tm_varint_add(out, paid);
    tm_wire_put_str(out, row.key);
    tm_wire_put_str(out, row.advertiser);
    tm_wire_put_str(out, row.station);
    tm_varint_add(out, row.side);
    tm_varint_add(out, tm_zigzag(row.rank));
    tm_varint_add(out, row.n_cells);
    for (uint32_t i = 0; i < row.n_cells; i++) {
        tm_varint_add(out, tm_zigzag(row.cells[i].week.v));
        tm_varint_add(out, row.cells[i].version);
    }
    at->key = (uint64_t)number + 1;
    return true;
}

bool campaign_part(const void *picture, tm_part_at_t *at, tm_buf_t *out)
{
    const tm_campaign_view_t *view = picture;
    if (at->phase < 2 && tm_view_part(&view->view, &view->versions, at, out))
        return true;
    if (at->phase == 2) {
        if (write_delta(view, at, out))
            return true;
        *at = (tm_part_at_t){.phase = 3};
    }
    if (at->phase == 3) {
        if (write_row(view, false, at, out))
            return true;
        *at = (tm_part_at_t){.phase = 4};
    }
    return write_row(view, true, at, out);
}

/* ---- reading ---- */

static tm_err_t damaged(const campaign_t *c, const char *what, tm_why_t *why)
{
    return tm_why_add(why, TM_EDAMAGED, NULL, "actor %u: %s", c->actor, what);
}

static tm_err_t take_delta(campaign_t *c, tm_str_t part, tm_why_t *why)
{
    tm_wire_t in = tm_wire(tm_str_n(part.p + 1, part.n - 1));
    const bool is_packed = part.p[0] == 'D';
    const uint64_t version = tm_wire_get(&in, UINT32_MAX);
    const uint64_t weight = is_packed ? tm_wire_get(&in, UINT32_MAX) : 0;
    const tm_str_t bytes = tm_wire_get_str(&in);
    tm_delta_t *delta = NULL;
    if (!in.bad && bytes.n > 0 && tm_wire_is_over(&in)) {
        delta = is_packed ? campaign_delta_packed(version, weight, bytes)
                          : campaign_delta_of_body(version, bytes);
    }
    if (delta == NULL)
        return damaged(c, "a delta cannot be read", why);
    c->ring_bytes += delta->weight;
    tm_trie_put(&c->deltas, (uint32_t)version, delta);
    return TM_OK;
}

/* Kept until the rows are there. */
static tm_err_t take_told(campaign_t *c, tm_str_t part, tm_why_t *why)
{
    if (c->told.max == 0) {
        tm_buf_init(&c->told, TOLD_BYTES_MAX);
    }
    tm_wire_put_str(&c->told, tm_str_n(part.p + 1, part.n - 1));
    return c->told.full ? damaged(c, "too many rows", why) : TM_OK;
}

static bool tell_row(campaign_t *c, tm_str_t part)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(TOLD_ARENA_MAX);
    tm_wire_t in = tm_wire(part);
    const bool paid = tm_wire_get(&in, 1) == 1;
    tm_told_row_t row = {.key = tm_wire_get_str(&in)};
    row.advertiser = tm_wire_get_str(&in);
    row.station = tm_wire_get_str(&in);
    row.side = (uint8_t)tm_wire_get(&in, UINT8_MAX);
    row.rank = (int32_t)tm_unzigzag(tm_wire_get(&in, UINT32_MAX));
    row.n_cells = tm_wire_get_count(&in);
    row.cells = tm_arena_alloc(arena, (row.n_cells + 1) * sizeof *row.cells);
    for (uint32_t i = 0; i < row.n_cells && row.cells != NULL; i++) {
        row.cells[i].week.v = (int32_t)tm_unzigzag(tm_wire_get(&in, UINT32_MAX));
        row.cells[i].version = tm_wire_get(&in, UINT64_MAX);
    }
    return row.cells != NULL && !in.bad && tm_wire_is_over(&in) &&
           tm_matrix_tell(c->matrix, paid, &row);
}

static void taken(void *campaign, const tm_commit_head_t *head)
{
    campaign_t *c = campaign;
    campaign_settle_later(c);
    c->version++;
    tm_versions_push(&c->versions, head->at);
}

/* Lines and their commits are there: cells, the ring, what was told. */
static tm_err_t make_rest(campaign_t *c, tm_why_t *why)
{
    campaign_settle_all(c);
    (void)tm_matrix_take_delta(c->matrix, c->version, NULL);
    tm_buf_clear(&c->events);
    tm_wire_t in = tm_wire(tm_buf_str(&c->told));
    bool good = true;
    while (good && !tm_wire_is_over(&in)) {
        good = tell_row(c, tm_wire_get_str(&in));
    }
    tm_buf_done(&c->told);
    c->told = (tm_buf_t){0};
    c->ring = c->deltas;
    c->deltas = (tm_trie_t){0};
    uint32_t key = 0;
    const tm_delta_t *first = tm_trie_next(&c->ring, &key);
    c->ring_first = first == NULL ? c->version + 1 : first->version;
    return good ? TM_OK : damaged(c, "its rows do not fit its lines", why);
}

tm_err_t campaign_take_part(void *campaign, tm_str_t part, tm_why_t *why)
{
    campaign_t *c = campaign;
    if (part.n > 0 && (part.p[0] == 'd' || part.p[0] == 'D'))
        return take_delta(c, part, why);
    if (part.n > 0 && part.p[0] == 'm')
        return take_told(c, part, why);
    const tm_player_t player = {c, &c->tables, campaign_take, taken};
    uint64_t version = 0; /* counted by the commits */
    const tm_err_t err = tm_parts_read(&c->parts, &player, c->actor, part, &version, why);
    if (err != TM_OK || part.p != NULL)
        return err;
    return c->record == NULL ? TM_OK : make_rest(c, why);
}
