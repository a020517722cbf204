/* release.c - what leaves when a commit is durable.
 *
 * Why:     nothing leaves before; and what leaves, leaves in this order: durable sends, jobs,
 *          snapshot, live event, answers.
 * How:     sends, marks and jobs of a commit leave at once; answers wait for the last commit of the
 *          turn, which carries the snapshot that holds them all, so everybody reads their own
 *          writes. A send to a full mailbox waits in its channel; it is tried again after each
 *          commit of the receiver and at every tick. A send the receiver could not take (the disk
 *          was full) is given again from the first uncovered one, but only at a tick: the disk
 *          stays full for a while.
 * Threads: the journal's thread; boot. tm_release_retry: any. */
#include "runtime/effect.h"
#include "schema/binary.h"

#define SCRATCH_BYTES_MAX ((size_t)128 << 20)

typedef struct retry_effect {
    tm_commit_t commit; /* first */
    tm_runtime_t *rt;
} retry_effect_t;

tm_effect_t *tm_effect_new(tm_cell_t *cell, size_t tail_bytes)
{
    tm_effect_t *effect = tm_alloc(sizeof(*effect) + tail_bytes);
    *effect = (tm_effect_t){.commit = {.release = tm_effect_release},
                            .magic = TM_EFFECT_MAGIC,
                            .cell = cell,
                            .to = {.loop = TM_NO_LOOP},
                            .version = -1};
    return effect;
}

void tm_effect_free(TM_OWN tm_effect_t *effect)
{
    TM_CHECK(effect, TM_EFFECT_MAGIC);
    while (effect->sends != NULL) {
        tm_entry_t *entry = effect->sends;
        effect->sends = entry->next;
        tm_entry_free(entry);
    }
    while (effect->jobs != NULL) {
        tm_job_effect_t *job = effect->jobs;
        effect->jobs = job->next;
        tm_free(job);
    }
    tm_shared_unref(effect->snapshot);
    tm_blob_unref(effect->body);
    tm_free(effect->why);
    effect->magic = 0;
    tm_free(effect);
}

static tm_message_t *message_of(const tm_runtime_t *rt, uint32_t from, const tm_entry_t *entry)
{
    const tm_message_kind_t *kind = &rt->options.messages[entry->type];
    tm_message_t *msg = tm_message_new(entry->type, 0);
    msg->from = from;
    msg->seq = entry->seq;
    msg->at = entry->at;
    msg->principal = tm_arena_str(msg->arena, entry->principal);
    msg->request_id = tm_arena_str(msg->arena, entry->request_id);
    msg->payload = tm_arena_zalloc(msg->arena, kind->payload->bytes);
    const tm_str_t bytes = tm_arena_str(msg->arena, entry->bytes);
    assert(msg->payload != NULL && (bytes.p != NULL || entry->bytes.p == NULL));
    const tm_err_t err = tm_binary_read(kind->payload, bytes, msg->arena, msg->payload);
    assert(err == TM_OK); /* our own bytes; those of the journal were read once in replay */
    (void)err;
    if (kind->on_receive != NULL)
        kind->on_receive(msg);
    if (entry->replayed)
        /* the same slot and generation may name a stranger's request in this process */
        msg->reply_to.loop = TM_NO_LOOP;
    return msg;
}

/* Among the waiting channels, for room or (paused) until a tick. */
static void channel_wait(tm_runtime_t *rt, tm_channel_t *channel, bool paused)
{
    channel->paused |= paused;
    if (channel->waits)
        return;
    channel->waits = true;
    channel->waits_next = rt->blocked;
    rt->blocked = channel;
    tm_registry_get(rt->registry, channel->to)->blocked_n++;
    /* a hint for the tick; partner: its load in tm_runtime_tick */
    __atomic_fetch_add(&rt->waiting_n, 1, __ATOMIC_RELAXED);
}

void tm_channel_deliver(tm_runtime_t *rt, tm_channel_t *channel)
{
    /* relaxed: a send that still leaves is handled before stop ends, one that does not waits for
     * the next boot. */
    if (channel->waits || !rt->started || __atomic_load_n(&rt->stopping, __ATOMIC_RELAXED))
        return;
    tm_cell_t *receiver = tm_cell_ensure(rt, tm_kind_by_number(rt, channel->kind_to), channel->to);
    assert(receiver->kind->number == channel->kind_to);
    /* Some places more than edges have: a flood of those does not keep other actors out. */
    const uint32_t depth_max =
        rt->depth_max + (uint32_t)((uint64_t)rt->depth_max * TM_MAILBOX_SENDS_PERCENT / 100);
    while (channel->next != NULL) {
        /* relaxed: partner is the count of the sends; see tm_actor_offer. */
        if (__atomic_load_n(&receiver->actor.depth, __ATOMIC_RELAXED) >= depth_max) {
            channel_wait(rt, channel, false);
            return;
        }
        tm_message_t *msg = message_of(rt, channel->from, channel->next);
        channel->next = channel->next->next;
        tm_under_way_add(rt, 1);
        tm_mail_add(receiver, tm_arena_bytes(msg->arena));
        tm_actor_send(rt->sched, &receiver->actor, (tm_node_t *)msg, NULL);
    }
}

/* Tries the waiting channels again: those to `only`, or all (then the paused ones too). */
static void retry(tm_runtime_t *rt, tm_cell_t *only)
{
    tm_channel_t *all = rt->blocked;
    rt->blocked = NULL;
    while (all != NULL) {
        tm_channel_t *channel = all;
        all = channel->waits_next;
        if (only != NULL && (channel->to != only->number || channel->paused)) {
            channel->waits_next = rt->blocked;
            rt->blocked = channel;
            continue;
        }
        channel->waits = false;
        channel->paused = false;
        tm_registry_get(rt->registry, channel->to)->blocked_n--;
        __atomic_fetch_sub(&rt->waiting_n, 1, __ATOMIC_RELAXED);
        tm_channel_deliver(rt, channel);
    }
}

static void covered(tm_runtime_t *rt, uint32_t from, uint32_t to, uint64_t seq)
{
    tm_cell_t *sender = tm_registry_get(rt->registry, from);
    tm_channel_t *channel = sender == NULL ? NULL : tm_outbox_channel(&sender->outbox, to);
    if (channel == NULL)
        return; /* a message that was made to look like a durable send, by a test */
    const uint32_t n = tm_channel_covered(channel, seq);
    /* relaxed: counts; partners are the additions in handle.c and tm_runtime_replay. */
    __atomic_fetch_sub(&sender->outbox_n, n, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&rt->outbox_n, n, __ATOMIC_RELAXED);
}

static void rewind_sends(tm_runtime_t *rt, uint32_t from, uint32_t to)
{
    tm_cell_t *sender = tm_registry_get(rt->registry, from);
    tm_channel_t *channel = sender == NULL ? NULL : tm_outbox_channel(&sender->outbox, to);
    if (channel == NULL)
        return;
    tm_channel_rewind(channel);
    channel_wait(rt, channel, true);
}

static void send_all(tm_runtime_t *rt, tm_effect_t *effect)
{
    while (effect->sends != NULL) {
        tm_entry_t *entry = effect->sends;
        effect->sends = entry->next;
        tm_channel_deliver(rt, tm_outbox_add(&effect->cell->outbox, effect->cell->number, entry));
    }
}

static void start_jobs(tm_runtime_t *rt, const tm_effect_t *effect)
{
    for (const tm_job_effect_t *job = effect->jobs; job != NULL; job = job->next) {
        TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(SCRATCH_BYTES_MAX);
        void *record = tm_arena_zalloc(arena, job->desc->bytes);
        assert(record != NULL);
        const tm_err_t err = tm_binary_read(job->desc, tm_str_n(job->bytes, job->n), arena, record);
        assert(err == TM_OK); /* our own bytes */
        (void)err;
        rt->options.env.job_start(rt->options.env.self, effect->cell->number, job->type, job->desc,
                                  record);
    }
}

static void answer(tm_runtime_t *rt, const tm_effect_t *effect)
{
    const tm_env_t *env = &rt->options.env;
    if (effect->to.loop == TM_NO_LOOP)
        return;
    tm_answer_t answer = {.err = effect->err,
                          .status = effect->status,
                          .body = effect->body,
                          .why = effect->why,
                          .location = effect->location,
                          .version = effect->version};
    if (effect->repeat && effect->err == TM_OK) {
        const uint64_t number = tm_idem_number(rt->idem, effect->idem_key);
        if (number > 0) {
            env->journal_answer(env->self, number, effect->to);
            return;
        }
        answer.err = TM_EBUSY; /* a million newer keys came between the request and its repeat */
    }
    if (answer.err == TM_OK && answer.status == 0)
        return;
    env->reply(env->self, effect->to, &answer);
}

/* The turn is durable as a whole: its picture is shown, then its answers leave. */
static void publish(tm_runtime_t *rt, tm_cell_t *cell, tm_effect_t *last)
{
    if (last->snapshot != NULL)
        tm_slot_swap(rt->epochs, &cell->snapshot, TM_TAKE(last->snapshot));
    if (last->changed)
        rt->options.env.live(rt->options.env.self, cell->number);
    while (cell->held != NULL) {
        tm_effect_t *effect = cell->held;
        cell->held = effect->held_next;
        answer(rt, effect);
        tm_effect_free(effect);
    }
    cell->held_last = NULL;
}

void tm_effect_release(tm_commit_t *commit)
{
    tm_effect_t *effect = (tm_effect_t *)commit;
    TM_CHECK(effect, TM_EFFECT_MAGIC);
    tm_cell_t *cell = effect->cell;
    TM_CHECK(cell, TM_CELL_MAGIC);
    tm_runtime_t *rt = cell->rt;
    assert(commit->n == 0 || commit->number > 0);
    /* relaxed: partners are the loads in handle.c and runtime.c. */
    __atomic_fetch_sub(&cell->pending_n, 1, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&cell->pending_bytes, commit->n, __ATOMIC_RELAXED);
    if (commit->number > 0) {
        assert(commit->number > rt->number);
        rt->number = commit->number;
        cell->durable = (tm_durable_t){effect->at, cell->durable.commits + 1, effect->next_counter};
    }
    if (effect->mark_from != 0)
        covered(rt, effect->mark_from, cell->number, effect->mark_seq);
    if (effect->names_key)
        tm_idem_set_number(rt->idem, effect->idem_key, commit->number);
    send_all(rt, effect);
    start_jobs(rt, effect);
    if (effect->rewind_from != 0)
        rewind_sends(rt, effect->rewind_from, cell->number);

    const bool last = effect->last;
    effect->held_next = NULL;
    if (cell->held == NULL)
        cell->held = effect;
    else
        cell->held_last->held_next = effect;
    cell->held_last = effect;
    if (last)
        publish(rt, cell, effect);
    if (cell->blocked_n > 0)
        retry(rt, cell);
    tm_under_way_sub(rt, 1);
}

static void retry_release(tm_commit_t *commit)
{
    tm_runtime_t *rt = ((retry_effect_t *)commit)->rt;
    tm_free(commit);
    retry(rt, NULL);
    tm_under_way_sub(rt, 1);
}

void tm_release_retry(tm_runtime_t *rt)
{
    retry_effect_t *effect = TM_NEW(retry_effect_t);
    effect->rt = rt;
    effect->commit.release = retry_release;
    tm_under_way_add(rt, 1);
    rt->options.env.journal_push(rt->options.env.self, &effect->commit, &effect->commit);
}

void tm_runtime_drop(TM_OWN tm_commit_t *commit)
{
    if (commit->release == retry_release)
        tm_free(commit);
    else if (tm_cut_is(commit))
        tm_cut_drop(commit);
    else
        tm_effect_free((tm_effect_t *)commit);
}
