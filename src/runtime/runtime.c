/* runtime.c - all actors of a process: built, replayed, started, posted to, stopped.
 *
 * How:     `under_way` counts messages in mailboxes and commits that are not released; whoever adds
 *          work adds first and looks at `stopping` then, whoever stops sets `stopping` first and
 *          waits for nothing under way.
 * Threads: as in runtime.h. */
#include "runtime/runtime.h"
#include "runtime/staging.h"
#include "runtime/worker.h"
#include "schema/binary.h"
#include "schema/record.h"

#define TICK_MS_MIN 10
#define TICK_MS_MAX 1000
#define REPLAY_BYTES_MAX ((size_t)256 << 20)

_Static_assert(offsetof(tm_message_t, next) == 0, "a message is a node of the mailbox");

TM_OWN tm_runtime_t *tm_runtime_new(const tm_runtime_options_t *options)
{
    assert(options->kinds != NULL && options->messages != NULL);
    for (const tm_actor_kind_t *const *kind = options->kinds; *kind != NULL; kind++)
        assert((*kind)->snapshot != NULL && (*kind)->part != NULL && (*kind)->take != NULL);
    assert(options->env.now != NULL && options->env.journal_push != NULL &&
           options->env.reply != NULL);
    tm_runtime_t *rt = TM_NEW(tm_runtime_t);
    rt->magic = TM_RUNTIME_MAGIC;
    rt->options = *options;
    rt->depth_max =
        options->mailbox_depth_max == 0 ? TM_MAILBOX_DEPTH_DEFAULT : options->mailbox_depth_max;
    rt->options.workers = TM_MIN(options->workers, (uint32_t)TM_WORKERS_MAX);
    if (options->mail_bytes_max == 0)
        rt->options.mail_bytes_max = TM_MAIL_BYTES_MAX;
    rt->sched = tm_scheduler_new(rt->options.workers);
    rt->registry = tm_registry_new();
    rt->epochs = tm_epochs_new();
    rt->idem = tm_idem_new(TM_IDEM_ENTRIES_MAX);
    rt->timers = tm_timers_new(rt->options.workers > 0 ? &rt->tick_park : NULL);
    rt->scratch = tm_arena_new(REPLAY_BYTES_MAX);
    const uint32_t n = tm_scheduler_workers(rt->sched);
    rt->turns = tm_alloc(n * sizeof(rt->turns[0]));
    for (uint32_t i = 0; i < n; i++)
        tm_turn_init(&rt->turns[i], rt);
    return rt;
}

void tm_runtime_free(TM_OWN tm_runtime_t *rt)
{
    if (rt == NULL)
        return;
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started || rt->options.workers == 0); /* stopped before */
    const uint32_t workers = tm_scheduler_workers(rt->sched);
    const uint32_t n = tm_registry_count(rt->registry);
    tm_cell_t **cells = tm_registry_sorted(rt->registry);
    for (uint32_t i = 0; i < n; i++)
        tm_cell_free(cells[i]);
    tm_free(cells);
    for (uint32_t i = 0; i < workers; i++)
        tm_turn_done(&rt->turns[i]);
    tm_free(rt->turns);
    tm_scheduler_free(rt->sched);
    tm_registry_free(rt->registry);
    tm_epochs_free(rt->epochs);
    tm_idem_free(rt->idem);
    tm_timers_free(rt->timers);
    tm_arena_free(rt->scratch);
    rt->magic = 0;
    tm_free(rt);
}

void tm_under_way_add(tm_runtime_t *rt, uint64_t n)
{
    /* seq_cst: before the look at `stopping`; partner: the load in tm_runtime_stop after setting
     * it. */
    __atomic_fetch_add(&rt->under_way, n, __ATOMIC_SEQ_CST);
}

void tm_under_way_sub(tm_runtime_t *rt, uint64_t n)
{
    if (n == 0)
        return;
    const uint64_t before = __atomic_fetch_sub(&rt->under_way, n, __ATOMIC_SEQ_CST);
    assert(before >= n);
    /* seq_cst: partner is the store in tm_runtime_stop, which looks at under_way afterwards. */
    if (before == n && __atomic_load_n(&rt->stopping, __ATOMIC_SEQ_CST))
        tm_park_wake(&rt->stop_park);
}

/* What a commit of the journal says about durable sends: its own go into the outbox, those it took
 * leave the senders'. */
static tm_err_t replay_sends(tm_runtime_t *rt, tm_cell_t *cell, const tm_commit_view_t *view,
                             tm_why_t *why)
{
    for (uint32_t i = 0; i < view->n_marks; i++) {
        tm_cell_t *sender = tm_registry_get(rt->registry, view->marks[i].from);
        tm_channel_t *channel =
            sender == NULL ? NULL : tm_outbox_channel(&sender->outbox, cell->number);
        if (channel == NULL || channel->first == NULL || channel->first->seq != view->marks[i].seq)
            return tm_why_add(why, TM_EDAMAGED, NULL,
                              "actor %u took a send of actor %u that was never made", cell->number,
                              view->marks[i].from);
        const uint32_t left = tm_channel_covered(channel, view->marks[i].seq);
        sender->outbox_n -= left;
        rt->outbox_n -= left;
    }
    for (uint32_t i = 0; i < view->n_sends; i++) {
        const tm_commit_send_t *send = &view->sends[i];
        const tm_desc_t *payload =
            send->type < rt->options.n_messages ? rt->options.messages[send->type].payload : NULL;
        void *record = payload == NULL ? NULL : tm_arena_zalloc(rt->scratch, payload->bytes);
        const uint64_t seq = (uint64_t)(uintptr_t)tm_map_get(&cell->seqs, send->actor);
        if (record == NULL || tm_kind_by_number(rt, send->kind) == NULL || send->actor == 0 ||
            send->seq != seq + 1 ||
            tm_binary_read(payload, send->bytes, rt->scratch, record) != TM_OK)
            return tm_why_add(why, TM_EDAMAGED, NULL, "actor %u: a send to actor %u cannot be read",
                              cell->number, send->actor);
        tm_map_put(&cell->seqs, send->actor, (void *)(uintptr_t)send->seq);
        tm_entry_t *entry = tm_entry_new(send->kind, send->actor, send->type, send->seq, view->at,
                                         view->principal, view->request_id, send->bytes);
        entry->replayed = true;
        tm_outbox_add(&cell->outbox, cell->number, entry);
        cell->outbox_n++;
        rt->outbox_n++;
    }
    return TM_OK;
}

/* rt->scratch is empty, or holds what view points to. */
static tm_err_t replay_view(tm_runtime_t *rt, uint64_t number, const tm_commit_view_t *view,
                            tm_why_t *why)
{
    assert(number > rt->number);
    const tm_actor_kind_t *kind = tm_kind_by_number(rt, view->kind);
    if (kind == NULL || view->actor == 0)
        return tm_why_add(why, TM_EDAMAGED, NULL, "commit %llu: unknown kind %u of actor",
                          (unsigned long long)number, view->kind);
    tm_cell_t *cell = tm_cell_ensure(rt, kind, view->actor);
    if (cell->kind != kind)
        return tm_why_add(why, TM_EDAMAGED, NULL, "commit %llu: actor %u is of another kind",
                          (unsigned long long)number, view->actor);
    tm_err_t err = replay_sends(rt, cell, view, why);
    if (err != TM_OK)
        return err;
    tm_idem_see(rt->idem, view->at);
    if (view->idem_key.p != NULL) {
        tm_sha256_t fingerprint;
        if (tm_sha256_parse(view->idem_fingerprint, &fingerprint) != TM_OK)
            return tm_why_add(why, TM_EDAMAGED, NULL, "commit %llu: a fingerprint cannot be read",
                              (unsigned long long)number);
        tm_idem_add(rt->idem, tm_idem_key(view->idem_scope, view->idem_key), &fingerprint,
                    view->idem_expires, view->at, number);
    }
    err = tm_cell_apply(cell, view, true, rt->scratch, why);
    rt->number = number;
    cell->durable = (tm_durable_t){cell->last_at, cell->commits, cell->next_counter};
    return err;
}

tm_err_t tm_runtime_replay(tm_runtime_t *rt, uint64_t number, tm_str_t body, tm_why_t *why)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started);
    tm_arena_reset(rt->scratch);
    tm_commit_view_t view;
    const tm_err_t err = tm_commit_decode(body, rt->scratch, &view);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu cannot be read", (unsigned long long)number);
    return replay_view(rt, number, &view, why);
}

tm_err_t tm_runtime_replay_view(tm_runtime_t *rt, uint64_t number, const tm_commit_view_t *view,
                                tm_why_t *why)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started);
    tm_arena_reset(rt->scratch);
    return replay_view(rt, number, view, why);
}

void tm_runtime_foresee(tm_runtime_t *rt, const tm_commit_view_t *view, uint32_t step)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started);
    const tm_cell_t *cell = tm_registry_get(rt->registry, view->actor);
    if (cell == NULL || cell->kind->number != view->kind || cell->kind->foresee == NULL)
        return;
    for (uint32_t i = 0; i < view->n_changes && view->records != NULL; i++) {
        const tm_commit_change_t *change = &view->changes[i];
        const tm_commit_record_t *read = &view->records[i];
        const tm_desc_t *desc = tm_entity_by_number(change->entity);
        if (read->record == NULL)
            continue;
        if (step == 0) {
            tm_prefetch(read->record, desc->bytes);
            tm_prefetch(change->bytes.p, change->bytes.n);
        } else {
            const tm_change_t soon = {change->op,   desc,           change->id,
                                      read->record, &read->touched, change->bytes};
            cell->kind->foresee(cell->state, &soon, step == 2);
        }
    }
}

static void ticker_main(void *arg)
{
    tm_runtime_t *rt = arg;
    const tm_env_t *env = &rt->options.env;
    /* acquire: partner is the release in tm_runtime_stop. */
    while (!__atomic_load_n(&rt->ticker_stop, __ATOMIC_ACQUIRE)) {
        const tm_ms_t next = tm_timers_next(rt->timers);
        int64_t wait = TICK_MS_MAX;
        if (next.v != 0)
            wait = TM_MIN(TM_MAX(next.v - env->now(env->self).v, (int64_t)TICK_MS_MIN),
                          (int64_t)TICK_MS_MAX);
        tm_park_wait(&rt->tick_park, wait);
        tm_runtime_tick(rt, env->now(env->self));
    }
}

/* Pictures, due times and what is still to be sent, from the state that replay made. */
static void cell_start(tm_runtime_t *rt, tm_cell_t *cell)
{
    tm_slot_swap(rt->epochs, &cell->snapshot, cell->kind->snapshot(cell->state));
    if (cell->kind->next_due != NULL)
        tm_timers_set(rt->timers, &cell->due, cell->kind->next_due(cell->state), false);
}

static void outbox_start(tm_runtime_t *rt, tm_cell_t *cell)
{
    uint32_t pos = 0;
    uint64_t to;
    void *channel;
    while (tm_map_next(&cell->outbox.channels, &pos, &to, &channel))
        tm_channel_deliver(rt, channel);
}

tm_err_t tm_runtime_start(tm_runtime_t *rt)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(!rt->started && !rt->stopping);
    const uint32_t n = tm_registry_count(rt->registry);
    tm_cell_t **cells = tm_registry_sorted(rt->registry);
    rt->started = true;
    for (uint32_t i = 0; i < n; i++)
        cell_start(rt, cells[i]);
    for (uint32_t i = 0; i < n; i++)
        outbox_start(rt, cells[i]);
    tm_free(cells);
    if (rt->options.workers == 0)
        return TM_OK;
    tm_err_t err = tm_scheduler_start(rt->sched);
    if (err == TM_OK) {
        err = tm_thread_start(&rt->ticker, "ticker", ticker_main, rt);
        if (err != TM_OK)
            tm_scheduler_stop(rt->sched);
    }
    if (err != TM_OK)
        rt->started = false;
    return err;
}

void tm_runtime_stop(tm_runtime_t *rt)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    /* seq_cst: before the look at under_way; partner: tm_under_way_add before the look at stopping.
     * */
    __atomic_store_n(&rt->stopping, true, __ATOMIC_SEQ_CST);
    if (!rt->started)
        return;
    if (rt->options.workers == 0) {
        while (tm_scheduler_step(rt->sched, 0)) {
        }
        return;
    }
    /* partner: the load in ticker_main */
    __atomic_store_n(&rt->ticker_stop, true, __ATOMIC_RELEASE);
    tm_park_wake(&rt->tick_park);
    tm_thread_join(&rt->ticker);
    while (__atomic_load_n(&rt->under_way, __ATOMIC_SEQ_CST) > 0)
        tm_park_wait(&rt->stop_park, -1);
    tm_scheduler_stop(rt->sched);
    rt->started = false;
}

bool tm_runtime_step(tm_runtime_t *rt, uint64_t pick)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(rt->started && rt->options.workers == 0);
    return tm_scheduler_step(rt->sched, pick);
}

void tm_runtime_tick(tm_runtime_t *rt, tm_ms_t now)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    tm_due_t *due;
    while ((due = tm_timers_take(rt->timers, now)) != NULL) {
        tm_message_t *msg = tm_message_new(TM_MSG_TIMER, 0);
        msg->at = now;
        if (tm_runtime_post(rt, due->actor, msg) != TM_OK) /* its mailbox is full, or we stop */
            tm_timers_again(rt->timers, due, (tm_ms_t){now.v + TICK_MS_MAX});
    }
    /* relaxed: a hint; whoever waits now is tried at a later tick otherwise. */
    if (__atomic_load_n(&rt->waiting_n, __ATOMIC_RELAXED) > 0)
        tm_release_retry(rt);
}

void tm_runtime_ensure(tm_runtime_t *rt, uint16_t kind, uint32_t actor)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    const tm_actor_kind_t *wanted = tm_kind_by_number(rt, kind);
    assert(wanted != NULL);
    const tm_cell_t *cell = tm_cell_ensure(rt, wanted, actor);
    assert(cell->kind == wanted);
    (void)cell;
}

bool tm_runtime_has(tm_runtime_t *rt, uint32_t actor)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    return tm_registry_get(rt->registry, actor) != NULL;
}

static bool offer(tm_runtime_t *rt, tm_actor_t *actor, tm_message_t *msg, tm_wakes_t *wakes)
{
    tm_node_t *node = (tm_node_t *)msg;
    if (wakes == NULL)
        return tm_actor_offer(rt->sched, actor, node, NULL, rt->depth_max);
    bool asleep = false;
    if (!tm_actor_offer_quietly(actor, node, rt->depth_max, &asleep))
        return false;
    wakes->posted++;
    if (!asleep)
        return true;
    actor->run_next = NULL; /* it is in nobody's queue: the link is ours until it is scheduled */
    if (wakes->first == NULL)
        wakes->first = actor;
    else
        wakes->last->run_next = actor;
    wakes->last = actor;
    return true;
}

void tm_runtime_wake(tm_runtime_t *rt, tm_wakes_t *wakes)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    tm_actor_t *actor = wakes->first;
    *wakes = (tm_wakes_t){0};
    while (actor != NULL) {
        tm_actor_t *next = actor->run_next;
        tm_scheduler_schedule(rt->sched, actor, NULL);
        actor = next;
    }
}

void tm_mail_add(tm_cell_t *cell, uint64_t bytes)
{
    /* relaxed: counts; partners are the loads in is_full. */
    __atomic_fetch_add(&cell->mail_bytes, bytes, __ATOMIC_RELAXED);
    __atomic_fetch_add(&cell->rt->mail_bytes, bytes, __ATOMIC_RELAXED);
}

void tm_mail_sub(tm_cell_t *cell, uint64_t bytes)
{
    __atomic_fetch_sub(&cell->mail_bytes, bytes, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&cell->rt->mail_bytes, bytes, __ATOMIC_RELAXED);
}

/* Of what its edges' messages cause, too much is still under way: sends, commits, or bytes in
 * mailboxes. A message to an actor without any is always taken. */
static bool is_full(const tm_runtime_t *rt, const tm_cell_t *cell, uint64_t bytes)
{
    /* relaxed: limits, not locks; several senders may overshoot by their number. Partners: the
     * additions in handle.c and in tm_mail_add. */
    const uint64_t pending = __atomic_load_n(&cell->pending_bytes, __ATOMIC_RELAXED);
    const uint64_t pending_max = rt->options.pending_bytes_max;
    const uint64_t mail = __atomic_load_n(&cell->mail_bytes, __ATOMIC_RELAXED);
    if (__atomic_load_n(&cell->outbox_n, __ATOMIC_RELAXED) >= TM_OUTBOX_ENTRIES_MAX ||
        __atomic_load_n(&cell->pending_n, __ATOMIC_RELAXED) >= TM_PENDING_COMMITS_MAX ||
        (pending_max > 0 && pending >= pending_max / 2)) /* the rest is for what waits already */
        return true;
    return mail > 0 && (mail + bytes > TM_MAILBOX_BYTES_MAX ||
                        __atomic_load_n(&rt->mail_bytes, __ATOMIC_RELAXED) + bytes >
                            rt->options.mail_bytes_max);
}

/* The timer tells an actor the time even if it is full; an edge's message is refused then. */
static tm_err_t post(tm_runtime_t *rt, uint32_t actor, tm_message_t *msg, tm_wakes_t *wakes)
{
    tm_cell_t *cell = tm_registry_get(rt->registry, actor);
    if (cell == NULL)
        return TM_ENOTFOUND;
    const uint64_t bytes = tm_arena_bytes(msg->arena);
    if (msg->type != TM_MSG_TIMER && is_full(rt, cell, bytes))
        return TM_EBUSY;
    tm_under_way_add(rt, 1);
    tm_mail_add(cell, bytes);
    tm_err_t err = TM_OK;
    /* seq_cst: after the addition; partner: the store in tm_runtime_stop. */
    if (__atomic_load_n(&rt->stopping, __ATOMIC_SEQ_CST))
        err = TM_ESTOPPING;
    else if (!offer(rt, &cell->actor, msg, wakes))
        err = TM_EBUSY;
    if (err != TM_OK) {
        tm_mail_sub(cell, bytes);
        tm_under_way_sub(rt, 1);
    }
    return err;
}

tm_err_t tm_runtime_post(tm_runtime_t *rt, uint32_t actor, TM_OWN tm_message_t *msg)
{
    return tm_runtime_post_held(rt, actor, msg, NULL);
}

tm_err_t tm_runtime_post_held(tm_runtime_t *rt, uint32_t actor, TM_OWN tm_message_t *msg,
                              tm_wakes_t *wakes)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    assert(msg != NULL && msg->type < rt->options.n_messages);
    assert(msg->seq == 0); /* durable sends come from commits only */
    const tm_err_t err = post(rt, actor, msg, wakes);
    if (err != TM_OK)
        tm_message_free(msg);
    return err;
}

TM_OWN void *tm_runtime_snapshot(tm_runtime_t *rt, uint32_t actor)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    tm_cell_t *cell = tm_registry_get(rt->registry, actor);
    return cell == NULL ? NULL : tm_slot_get(rt->epochs, &cell->snapshot);
}

void tm_runtime_stats(tm_runtime_t *rt, tm_runtime_stats_t *ret)
{
    TM_CHECK(rt, TM_RUNTIME_MAGIC);
    /* relaxed: numbers for people. */
    *ret = (tm_runtime_stats_t){
        .actors = tm_registry_count(rt->registry),
        .messages = __atomic_load_n(&rt->messages, __ATOMIC_RELAXED),
        .commits = __atomic_load_n(&rt->commits, __ATOMIC_RELAXED),
        .mailbox_depth_max = __atomic_load_n(&rt->depth_seen, __ATOMIC_RELAXED),
        .mail_bytes = __atomic_load_n(&rt->mail_bytes, __ATOMIC_RELAXED),
        .outbox = __atomic_load_n(&rt->outbox_n, __ATOMIC_RELAXED),
    };
}
