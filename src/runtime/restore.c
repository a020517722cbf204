/* restore.c - the pieces of a cut put back into an empty runtime; see cut.h.
 *
 * How:     actors are made as their items come; what one took from another (its marks) is told by
 *          the senders' channels once all are there. Then what follows from their records is made,
 *          of many actors at a time.
 * Threads: boot, which waits for threads of its own. */
#include "runtime/cut.h"
#include "base/memory.h"
#include "runtime/durable.h"
#include "runtime/wire.h"

static tm_err_t damaged(tm_why_t *why, const char *what, uint32_t actor)
{
    return tm_why_add(why, TM_EDAMAGED, NULL, "actor %u: %s", actor, what);
}

static tm_err_t read_send(tm_runtime_t *rt, tm_cell_t *cell, tm_channel_t *channel, tm_wire_t *in,
                          tm_why_t *why)
{
    const uint64_t seq = tm_wire_get(in, UINT64_MAX);
    const uint16_t type = (uint16_t)tm_wire_get(in, UINT16_MAX);
    const tm_ms_t at = {(int64_t)tm_wire_get(in, INT64_MAX)};
    const tm_str_t principal = tm_wire_get_str(in);
    const tm_str_t request_id = tm_wire_get_str(in);
    const tm_str_t bytes = tm_wire_get_str(in);
    const tm_desc_t *payload =
        type < rt->options.n_messages ? rt->options.messages[type].payload : NULL;
    tm_arena_reset(rt->scratch);
    void *record = payload == NULL ? NULL : tm_arena_zalloc(rt->scratch, payload->bytes);
    if (in->bad || record == NULL || seq <= channel->sent ||
        tm_binary_read(payload, bytes, rt->scratch, record) != TM_OK)
        return damaged(why, "a send cannot be read", cell->number);
    tm_entry_t *entry =
        tm_entry_new(channel->kind_to, channel->to, type, seq, at, principal, request_id, bytes);
    entry->replayed = true;
    tm_outbox_add(&cell->outbox, cell->number, entry);
    cell->outbox_n++;
    rt->outbox_n++;
    return TM_OK;
}

static tm_err_t read_channel(tm_runtime_t *rt, tm_cell_t *cell, tm_wire_t *in, tm_why_t *why)
{
    const uint32_t to = (uint32_t)tm_wire_get(in, TM_ID_ACTOR_MAX);
    const uint16_t kind_to = (uint16_t)tm_wire_get(in, UINT16_MAX);
    const uint64_t sent = tm_wire_get(in, INT64_MAX);
    const uint64_t taken = tm_wire_get(in, INT64_MAX);
    const uint32_t n = tm_wire_get_count(in);
    if (in->bad || to == 0 || sent == 0 || taken > sent || n != sent - taken ||
        tm_kind_by_number(rt, kind_to) == NULL || tm_outbox_channel(&cell->outbox, to) != NULL)
        return damaged(why, "a channel cannot be read", cell->number);
    tm_channel_t *channel = tm_outbox_open(&cell->outbox, cell->number, kind_to, to);
    channel->sent = channel->taken = taken;
    tm_map_put(&cell->seqs, to, (void *)(uintptr_t)sent);
    tm_err_t err = TM_OK;
    for (uint32_t i = 0; i < n && err == TM_OK; i++)
        err = read_send(rt, cell, channel, in, why);
    if (err == TM_OK && channel->sent != sent)
        err = damaged(why, "a send is missing", cell->number);
    return err;
}

static tm_err_t read_actor(tm_runtime_t *rt, tm_wire_t *in, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    const uint32_t number = (uint32_t)tm_wire_get(in, TM_ID_ACTOR_MAX);
    const tm_actor_kind_t *kind = tm_kind_by_number(rt, (uint16_t)tm_wire_get(in, UINT16_MAX));
    tm_durable_t durable = {.last_at.v = (int64_t)tm_wire_get(in, INT64_MAX)};
    durable.next_counter = (uint32_t)tm_wire_get(in, UINT32_MAX);
    durable.commits = tm_wire_get(in, UINT64_MAX);
    const uint32_t n = tm_wire_get_count(in);
    if (in->bad || kind == NULL || number == 0 || durable.commits == 0)
        return damaged(why, "it cannot be read, or is of an unknown kind", number);
    tm_cell_t *cell = tm_cell_ensure(rt, kind, number);
    if (cell->kind != kind || cell->commits > 0)
        return damaged(why, "it is of another kind, or came twice", number);
    cell->durable = durable;
    cell->last_at = durable.last_at;
    tm_idem_see(rt->idem, durable.last_at);
    cell->next_counter = durable.next_counter;
    cell->commits = durable.commits;
    rt->restoring = cell;
    for (uint32_t i = 0; i < n && err == TM_OK; i++)
        err = read_channel(rt, cell, in, why);
    return err;
}

static tm_err_t read_part(tm_runtime_t *rt, tm_wire_t *in, tm_why_t *why)
{
    tm_cell_t *cell = rt->restoring;
    const tm_str_t part = tm_wire_get_str(in);
    if (in->bad || part.p == NULL || cell == NULL)
        return damaged(why, "a part cannot be read", cell == NULL ? 0 : cell->number);
    return cell->kind->take(cell->state, part, why);
}

static tm_err_t read_keys(tm_runtime_t *rt, tm_wire_t *in, tm_why_t *why)
{
    const uint32_t n = tm_wire_get_count(in);
    for (uint32_t i = 0; i < n; i++) {
        tm_idem_key_t key;
        tm_sha256_t fingerprint;
        key.w[0] = tm_wire_get(in, UINT64_MAX);
        key.w[1] = tm_wire_get(in, UINT64_MAX);
        const tm_str_t bytes = tm_wire_get_bytes(in, sizeof(fingerprint.b));
        const uint64_t number = tm_wire_get(in, UINT64_MAX);
        const tm_ms_t expires = {tm_unzigzag(tm_wire_get(in, UINT64_MAX))};
        if (in->bad || number == 0)
            return tm_why_add(why, TM_EDAMAGED, NULL, "a key of a request cannot be read");
        memcpy(fingerprint.b, bytes.p, sizeof(fingerprint.b));
        tm_idem_add(rt->idem, key, &fingerprint, expires, (tm_ms_t){INT64_MIN}, number);
    }
    return TM_OK;
}

tm_err_t tm_runtime_restore(tm_runtime_t *rt, tm_str_t piece, tm_why_t *why)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started && rt->number == 0);
    tm_wire_t in = tm_wire(piece);
    tm_err_t err = TM_OK;
    while (err == TM_OK && !tm_wire_is_over(&in)) {
        switch (*in.p++) {
        case 'a':
            err = read_actor(rt, &in, why);
            break;
        case 'p':
            err = read_part(rt, &in, why);
            break;
        case 'k':
            err = read_keys(rt, &in, why);
            break;
        default:
            err = tm_why_add(why, TM_EDAMAGED, NULL, "an item of an unknown kind");
        }
        if (err == TM_OK && in.bad)
            err = tm_why_add(why, TM_EDAMAGED, NULL, "an item cannot be read");
    }
    return err;
}

/* What was taken from this sender stands with those who took it. */
static tm_err_t give_marks(tm_runtime_t *rt, const tm_cell_t *cell, tm_why_t *why)
{
    uint32_t pos = 0;
    uint64_t to;
    void *p;
    while (tm_map_next(&cell->outbox.channels, &pos, &to, &p)) {
        const tm_channel_t *channel = p;
        if (channel->taken == 0)
            continue;
        tm_cell_t *receiver = tm_registry_get(rt->registry, channel->to);
        if (receiver == NULL || receiver->commits == 0)
            return damaged(why, "it took a send and is not there", channel->to);
        tm_map_put(&receiver->marks, cell->number, (void *)(uintptr_t)channel->taken);
    }
    return TM_OK;
}

/* What follows from an actor's parts is nobody else's, so every worker to come may make some. */
typedef struct making {
    tm_cell_t **cells; /* [n] */
    uint32_t n;
    uint32_t next; /* atomic */
} making_t;
typedef struct maker {
    making_t *making;
    tm_thread_t thread;
    tm_err_t err;
    tm_why_t why;
} maker_t;

static void maker_main(void *arg)
{
    maker_t *maker = arg;
    making_t *making = maker->making;
    while (maker->err == TM_OK) {
        /* relaxed: each takes another; what they make is seen after the join. */
        const uint32_t i = __atomic_fetch_add(&making->next, 1, __ATOMIC_RELAXED);
        if (i >= making->n)
            return;
        tm_cell_t *cell = making->cells[i];
        if (cell->commits > 0)
            maker->err = cell->kind->take(cell->state, (tm_str_t){NULL, 0}, &maker->why);
    }
}

static tm_err_t make_all(tm_runtime_t *rt, tm_cell_t **cells, uint32_t n, tm_why_t *why)
{
    const uint32_t threads = TM_MAX(rt->options.workers, 1u);
    making_t making = {.cells = cells, .n = n};
    maker_t *makers = tm_zalloc(threads * sizeof(makers[0]));
    for (uint32_t i = 0; i < threads; i++) {
        makers[i].making = &making;
        tm_why_clear(&makers[i].why);
        /* One that does not start leaves its share to the others. */
        if (i > 0)
            (void)!tm_thread_start(&makers[i].thread, "restore", maker_main, &makers[i]);
    }
    maker_main(&makers[0]);
    tm_err_t err = TM_OK;
    for (uint32_t i = 0; i < threads; i++) {
        tm_thread_join(&makers[i].thread);
        if (makers[i].err != TM_OK && err == TM_OK)
            err = tm_why_add(why, makers[i].err, NULL, "%s", makers[i].why.faults[0].text);
    }
    tm_free(makers);
    return err;
}

tm_err_t tm_runtime_restored(tm_runtime_t *rt, uint64_t number, const tm_sha256_t *hash,
                             tm_why_t *why)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started && rt->number == 0);
    const uint32_t n = tm_registry_count(rt->registry);
    tm_cell_t **cells = tm_registry_sorted(rt->registry);
    tm_err_t err = make_all(rt, cells, n, why);
    for (uint32_t i = 0; i < n && err == TM_OK; i++)
        err = give_marks(rt, cells[i], why);
    tm_free(cells);
    if (err != TM_OK)
        return err;
    const tm_sha256_t found = tm_runtime_hash(rt);
    if (memcmp(&found, hash, sizeof(found)) != 0)
        return tm_why_add(why, TM_EDAMAGED, NULL, "its state has another hash than it states");
    rt->number = number;
    return TM_OK;
}
