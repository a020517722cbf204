/* cut.c - a cut taken, and written as pieces; see cut.h.
 *
 * How:     an item begins with a letter: 'a' an actor with its channels, 'p' a part of that actor,
 *          as its kind writes it, 'k' answered requests. What was not durable at the cut's number
 *          is not in it: keys of later commits are left out, the channels are those of the
 *          journal's thread.
 * Threads: see cut.h. */
#include "runtime/cut.h"
#include "base/memory.h"
#include "runtime/effect.h"
#include "runtime/wire.h"
#include <stdlib.h>

#define CUT_MAGIC 0x0c070001u
#define KEYS_A_PIECE 512u
#define SENDS_BYTES_MAX ((size_t)8 << 30)
#define PART_BYTES_MAX ((size_t)1 << 30)

typedef struct cut_channel {
    uint32_t from, to;
    uint16_t kind_to;
    uint64_t sent, taken;
    uint32_t n;       /* sends on their way, */
    size_t at, bytes; /* in cut->sends */
} cut_channel_t;

typedef struct cut_actor {
    uint32_t number;
    const tm_actor_kind_t *kind;
    tm_durable_t durable;
    uint32_t channel, n_channels; /* the first of them, in cut->channels */
    void *picture;
} cut_actor_t;

struct tm_cut {
    uint32_t magic;
    tm_runtime_t *rt;
    uint64_t number;
    cut_actor_t *actors;     /* [n_actors] by number */
    cut_channel_t *channels; /* [n_channels] by sender, in no order within it */
    cut_channel_t **marks;   /* [n_channels] by receiver, then sender */
    uint32_t n_actors, n_channels, cap_channels;
    tm_buf_t sends;
    uint64_t keys_at, keys_end;
    /* how far it is written */
    bool ordered;
    uint32_t actor, mark;
    bool in_actor;
    tm_part_at_t at;
    tm_buf_t part;
    tm_sha256_ctx_t *sha; /* NULL: ended */
    tm_sha256_t hash;
};

typedef struct cut_effect {
    tm_commit_t commit; /* first */
    tm_runtime_t *rt;
    tm_cut_fn *fn;
    void *ctx;
} cut_effect_t;

/* ---- taking ---- */

static void take_sends(tm_cut_t *cut, const tm_channel_t *channel)
{
    for (const tm_entry_t *e = channel->first; e != NULL; e = e->next) {
        tm_varint_add(&cut->sends, e->seq);
        tm_varint_add(&cut->sends, e->type);
        tm_varint_add(&cut->sends, (uint64_t)e->at.v);
        tm_wire_put_str(&cut->sends, e->principal);
        tm_wire_put_str(&cut->sends, e->request_id);
        tm_wire_put_str(&cut->sends, e->bytes);
    }
}

static void take_channel(tm_cut_t *cut, const tm_channel_t *channel)
{
    if (cut->n_channels == cut->cap_channels) {
        cut->cap_channels = TM_MAX(cut->cap_channels * 2, 64u);
        cut->channels = tm_realloc(cut->channels, cut->cap_channels * sizeof(cut->channels[0]));
    }
    const size_t at = cut->sends.n;
    take_sends(cut, channel);
    cut->channels[cut->n_channels++] = (cut_channel_t){.from = channel->from,
                                                       .to = channel->to,
                                                       .kind_to = channel->kind_to,
                                                       .sent = channel->sent,
                                                       .taken = channel->taken,
                                                       .n = channel->n,
                                                       .at = at,
                                                       .bytes = cut->sends.n - at};
}

static void take_actor(tm_cut_t *cut, tm_cell_t *cell)
{
    if (cell->durable.commits == 0)
        return;
    cut_actor_t *actor = &cut->actors[cut->n_actors++];
    *actor = (cut_actor_t){.number = cell->number,
                           .kind = cell->kind,
                           .durable = cell->durable,
                           .channel = cut->n_channels};
    /* relaxed: this thread made it current. */
    actor->picture = tm_shared_ref(__atomic_load_n(&cell->snapshot.current, __ATOMIC_RELAXED));
    uint32_t pos = 0;
    uint64_t to;
    void *channel;
    while (tm_map_next(&cell->outbox.channels, &pos, &to, &channel))
        take_channel(cut, channel);
    actor->n_channels = cut->n_channels - actor->channel;
}

static tm_cut_t *take(tm_runtime_t *rt)
{
    tm_cut_t *cut = TM_NEW(tm_cut_t);
    cut->magic = CUT_MAGIC;
    cut->rt = rt;
    cut->number = rt->number;
    cut->sha = tm_sha256_begin();
    tm_buf_init(&cut->sends, SENDS_BYTES_MAX);
    tm_buf_init(&cut->part, PART_BYTES_MAX);
    const uint32_t n = tm_registry_count(rt->registry);
    cut->actors = tm_alloc((n + 1) * sizeof(cut->actors[0]));
    tm_cell_t **cells = tm_registry_sorted(rt->registry); /* this thread alone adds any */
    for (uint32_t i = 0; i < n; i++) {
        assert(cells[i]->held == NULL); /* turns are released as a whole */
        take_actor(cut, cells[i]);
    }
    tm_free(cells);
    assert(!cut->sends.full);
    tm_idem_range(rt->idem, &cut->keys_at, &cut->keys_end);
    return cut;
}

static void cut_release(tm_commit_t *commit)
{
    const cut_effect_t effect = *(cut_effect_t *)commit;
    tm_free(commit);
    effect.fn(effect.ctx, take(effect.rt));
    tm_under_way_sub(effect.rt, 1);
}

void tm_runtime_cut(tm_runtime_t *rt, tm_cut_fn *fn, void *ctx)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(fn != NULL);
    cut_effect_t *effect = TM_NEW(cut_effect_t);
    *effect = (cut_effect_t){.commit = {.release = cut_release}, .rt = rt, .fn = fn, .ctx = ctx};
    tm_under_way_add(rt, 1);
    rt->options.env.journal_push(rt->options.env.self, &effect->commit, &effect->commit);
}

TM_OWN tm_cut_t *tm_runtime_cut_now(tm_runtime_t *rt)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    return take(rt);
}

bool tm_cut_is(const tm_commit_t *commit)
{
    return commit->release == cut_release;
}

void tm_cut_drop(TM_OWN tm_commit_t *commit)
{
    const cut_effect_t effect = *(cut_effect_t *)commit;
    tm_free(commit);
    effect.fn(effect.ctx, NULL);
}

void tm_cut_free(TM_OWN tm_cut_t *cut)
{
    if (cut == NULL)
        return;
    TM_CHECK(cut, CUT_MAGIC);
    for (uint32_t i = 0; i < cut->n_actors; i++)
        tm_shared_unref(cut->actors[i].picture);
    tm_free(cut->actors);
    tm_free(cut->channels);
    tm_free(cut->marks);
    tm_buf_done(&cut->sends);
    tm_buf_done(&cut->part);
    if (cut->sha != NULL)
        (void)tm_sha256_end(cut->sha);
    cut->magic = 0;
    tm_free(cut);
}

uint64_t tm_cut_number(const tm_cut_t *cut)
{
    TM_CHECK(cut, CUT_MAGIC);
    return cut->number;
}

/* ---- writing ---- */

static int by_receiver(const void *a, const void *b)
{
    const cut_channel_t *x = *(cut_channel_t *const *)a;
    const cut_channel_t *y = *(cut_channel_t *const *)b;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static int by_sender(const void *a, const void *b)
{
    const cut_channel_t *x = a;
    const cut_channel_t *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* The same state gives the same bytes, and marks stand with who took them. */
static void order(tm_cut_t *cut)
{
    cut->marks = tm_alloc((cut->n_channels + 1) * sizeof(cut->marks[0]));
    if (cut->n_channels > 0)
        qsort(cut->channels, cut->n_channels, sizeof(cut->channels[0]), by_sender);
    for (uint32_t i = 0; i < cut->n_channels; i++)
        cut->marks[i] = &cut->channels[i];
    if (cut->n_channels > 0)
        qsort(cut->marks, cut->n_channels, sizeof(cut->marks[0]), by_receiver);
    cut->ordered = true;
}

static void write_actor(const tm_cut_t *cut, const cut_actor_t *actor, tm_buf_t *out)
{
    tm_buf_add_char(out, 'a');
    tm_varint_add(out, actor->number);
    tm_varint_add(out, actor->kind->number);
    tm_varint_add(out, (uint64_t)actor->durable.last_at.v);
    tm_varint_add(out, actor->durable.next_counter);
    tm_varint_add(out, actor->durable.commits);
    tm_varint_add(out, actor->n_channels);
    for (uint32_t i = 0; i < actor->n_channels; i++) {
        const cut_channel_t *channel = &cut->channels[actor->channel + i];
        tm_varint_add(out, channel->to);
        tm_varint_add(out, channel->kind_to);
        tm_varint_add(out, channel->sent);
        tm_varint_add(out, channel->taken);
        tm_varint_add(out, channel->n);
        if (channel->bytes > 0)
            tm_buf_add(out, cut->sends.p + channel->at, channel->bytes);
    }
}

static void hash_actor(tm_cut_t *cut, const cut_actor_t *actor)
{
    while (cut->mark < cut->n_channels && cut->marks[cut->mark]->to < actor->number)
        cut->mark++; /* sends to somebody who never committed */
    uint32_t end = cut->mark;
    while (end < cut->n_channels && cut->marks[end]->to == actor->number)
        end++;
    tm_pair_t *marks = tm_alloc((end - cut->mark + 1) * sizeof(marks[0]));
    tm_pair_t *seqs = tm_alloc((actor->n_channels + 1) * sizeof(seqs[0]));
    uint32_t n_marks = 0;
    for (; cut->mark < end; cut->mark++) {
        const cut_channel_t *channel = cut->marks[cut->mark];
        if (channel->taken > 0)
            marks[n_marks++] = (tm_pair_t){channel->from, channel->taken};
    }
    for (uint32_t i = 0; i < actor->n_channels; i++) {
        const cut_channel_t *channel = &cut->channels[actor->channel + i];
        seqs[i] = (tm_pair_t){channel->to, channel->sent};
    }
    const tm_facts_t facts = {.number = actor->number,
                              .kind = actor->kind,
                              .durable = actor->durable,
                              .marks = marks,
                              .seqs = seqs,
                              .n_marks = n_marks,
                              .n_seqs = actor->n_channels,
                              .picture = actor->picture};
    tm_facts_hash(&facts, cut->sha);
    tm_free(marks);
    tm_free(seqs);
}

/* The next item of the actors; false: there is none. */
static bool next_of_actors(tm_cut_t *cut, tm_buf_t *out)
{
    if (cut->actor == cut->n_actors)
        return false;
    cut_actor_t *actor = &cut->actors[cut->actor];
    if (!cut->in_actor) {
        write_actor(cut, actor, out);
        cut->in_actor = true;
        cut->at = (tm_part_at_t){0};
        return true;
    }
    tm_buf_clear(&cut->part);
    if (actor->picture != NULL && actor->kind->part(actor->picture, &cut->at, &cut->part)) {
        assert(!cut->part.full);
        tm_buf_add_char(out, 'p');
        tm_wire_put_str(out, tm_buf_str(&cut->part));
        return true;
    }
    hash_actor(cut, actor);
    tm_shared_unref(TM_TAKE(actor->picture)); /* what changed since may go */
    cut->in_actor = false;
    cut->actor++;
    return true;
}

static bool next_of_keys(tm_cut_t *cut, tm_buf_t *out)
{
    tm_idem_entry_t entries[KEYS_A_PIECE];
    const uint32_t n =
        tm_idem_copy(cut->rt->idem, &cut->keys_at, cut->keys_end, entries, KEYS_A_PIECE);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (entries[i].number > 0 && entries[i].number <= cut->number)
            entries[kept++] = entries[i];
    }
    if (kept > 0) {
        tm_buf_add_char(out, 'k');
        tm_varint_add(out, kept);
    }
    for (uint32_t i = 0; i < kept; i++) {
        tm_varint_add(out, entries[i].key.w[0]);
        tm_varint_add(out, entries[i].key.w[1]);
        tm_buf_add(out, entries[i].fingerprint.b, sizeof(entries[i].fingerprint.b));
        tm_varint_add(out, entries[i].number);
        tm_varint_add(out, tm_zigzag(entries[i].expires.v));
    }
    return n > 0;
}

bool tm_cut_next(tm_cut_t *cut, size_t enough, tm_buf_t *out)
{
    TM_CHECK(cut, CUT_MAGIC);
    if (!cut->ordered)
        order(cut);
    const size_t before = out->n;
    while (out->n - before < enough && (next_of_actors(cut, out) || next_of_keys(cut, out))) {
    }
    assert(!out->full);
    if (out->n == before && cut->sha != NULL)
        cut->hash = tm_sha256_end(TM_TAKE(cut->sha));
    return out->n > before;
}

tm_sha256_t tm_cut_hash(const tm_cut_t *cut)
{
    TM_CHECK(cut, CUT_MAGIC);
    assert(cut->sha == NULL); /* it is known at the end */
    return cut->hash;
}
