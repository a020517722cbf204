/* handle.c - a turn of a durable actor: messages in, commits out.
 *
 * Why:     one message is one commit; what a message may reveal waits until everything its actor
 *          had staged before is durable.
 * How:     for each message: refuse what was taken before, look for a repeated key, decide, encode,
 *          reserve, apply. Commits of a turn go to the journal as one list, with one snapshot on
 *          the last. A message that changed nothing but is answered is a commit without bytes: only
 *          a place in that order. A durable send always becomes a commit, for its mark.
 * Threads: the worker that runs the actor. */
#include "runtime/staging.h"
#include "schema/binary.h"

#define OUT_KEPT_BYTES ((size_t)1 << 20) /* a larger commit's buffer is not kept */

typedef struct handling {
    bool durable; /* msg is a durable send, its mark must be stored */
    bool has_key;
    bool repeat; /* the key was used before, with this body */
    bool rewind; /* it could not be taken, the sender must give it again */
    tm_idem_key_t key;
    tm_sha256_t fingerprint;
} handling_t;

static void drop_staged(tm_turn_t *turn)
{
    turn->n_changes = 0;
    turn->n_sends = 0;
    turn->n_jobs = 0;
    tm_buf_clear(&turn->bytes);
}

/* Ready for the next message. */
static void clear(tm_turn_t *turn)
{
    /* moved into the effect */
    assert(turn->body == NULL && turn->why == NULL);
    turn->location = (tm_str_t){NULL, 0};
    turn->msg = NULL;
    drop_staged(turn);
    turn->err = TM_OK;
    turn->status = 0;
    turn->elsewhere = false;
    turn->version = -1;
    tm_arena_reset(turn->arena);
    if (turn->out.cap > OUT_KEPT_BYTES)
        tm_buf_done(&turn->out);
}

/* The repeat of a request is not decided again. */
static void look_up_key(tm_turn_t *turn, const tm_message_t *msg, handling_t *h)
{
    if (msg->idem_key.p == NULL)
        return;
    const tm_err_t err = tm_sha256_parse(tm_str(msg->idem_fingerprint), &h->fingerprint);
    assert(err == TM_OK); /* edges make it from the body */
    (void)err;
    h->has_key = true;
    h->key = tm_idem_key(msg->idem_scope, msg->idem_key);
    switch (tm_idem_find(turn->rt->idem, h->key, &h->fingerprint, turn->now)) {
    case TM_IDEM_NEW:
        break;
    case TM_IDEM_REPEAT:
        h->repeat = true;
        break;
    case TM_IDEM_OTHER_BODY:
        tm_turn_fail(turn, TM_EKEYREUSED, NULL);
        break;
    }
}

/* The view of what is staged; lists lie in the arena, bytes in turn->bytes. false: no memory. */
static bool view_make(tm_turn_t *turn, const tm_message_t *msg, const handling_t *h,
                      tm_commit_view_t *view)
{
    const tm_cell_t *cell = turn->cell;
    *view = (tm_commit_view_t){.at = turn->now,
                               .kind = cell->kind->number,
                               .actor = cell->number,
                               .partition = (cell->number * 2654435761u) >> 26,
                               .next_counter = turn->counter,
                               .principal = msg->principal,
                               .request_id = msg->request_id,
                               .answer_version = -1};
    view->changes = tm_arena_alloc(turn->arena, turn->n_changes * sizeof(view->changes[0]));
    view->marks = tm_arena_alloc(turn->arena, sizeof(view->marks[0]));
    if (view->changes == NULL || view->marks == NULL)
        return false;
    if (h->durable) {
        view->n_marks = 1;
        view->marks[0] = (tm_commit_mark_t){msg->from, msg->seq};
    }
    view->n_changes = turn->n_changes;
    for (uint32_t i = 0; i < turn->n_changes; i++) {
        const tm_staged_t *staged = &turn->changes[i];
        view->changes[i] = (tm_commit_change_t){staged->op, staged->desc->number, staged->id,
                                                tm_str_n(turn->bytes.p + staged->at, staged->n)};
    }
    view->n_sends = turn->n_sends;
    view->sends = turn->sends;
    if (h->has_key && !h->repeat && turn->status != 0) {
        view->idem_scope = msg->idem_scope;
        view->idem_key = msg->idem_key;
        view->idem_fingerprint = tm_str(msg->idem_fingerprint);
        view->idem_expires = tm_idem_expires(turn->rt->idem);
        view->answer_status = turn->status;
        view->answer_version = turn->version;
        view->answer_location = turn->location;
        view->answer_body = tm_blob_str(turn->body);
    }
    return true;
}

/* Gives the staged sends their numbers and their bytes' places; takes the numbers back with `back`.
 * */
static void number_sends(tm_turn_t *turn, bool back)
{
    tm_map_t *seqs = &turn->cell->seqs;
    for (uint32_t i = 0; i < turn->n_sends; i++) {
        tm_commit_send_t *send = &turn->sends[i];
        const uint64_t seq = (uint64_t)(uintptr_t)tm_map_get(seqs, send->actor);
        if (!back) {
            send->bytes.p = turn->bytes.p + (uintptr_t)send->bytes.p;
            send->seq = seq + 1;
            tm_map_put(seqs, send->actor, (void *)(uintptr_t)send->seq);
        } else if (seq > 1) {
            tm_map_put(seqs, send->actor, (void *)(uintptr_t)(seq - 1));
        } else {
            tm_map_del(seqs, send->actor);
        }
    }
}

/* One actor never fills the journal's room for all: while some of its commits are under way, more
 * than its share is refused to who waits for an answer and can ask again. What nobody would repeat
 * is bounded by the room itself. */
static tm_err_t share(const tm_turn_t *turn, size_t bytes)
{
    if (turn->msg->reply_to.loop == TM_NO_LOOP)
        return TM_OK;
    /* relaxed: a limit, not a lock; partners: the additions in cell_turn_end and the subtraction in
     * tm_effect_release. */
    const uint64_t under_way =
        __atomic_load_n(&turn->cell->pending_bytes, __ATOMIC_RELAXED) + turn->bytes_out;
    const uint64_t max = turn->rt->options.pending_bytes_max;
    return max > 0 && under_way > 0 && under_way + bytes > max ? TM_EBUSY : TM_OK;
}

/* Encodes the commit into turn->out and reserves its room in the journal. */
static tm_err_t encode(tm_turn_t *turn, const tm_commit_view_t *view)
{
    tm_buf_clear(&turn->out);
    tm_commit_encode(view, &turn->out);
    if (turn->bytes.full || turn->out.full)
        return TM_ETOOLARGE;
    const tm_err_t err = share(turn, turn->out.n);
    if (err != TM_OK)
        return err;
    return turn->rt->options.env.journal_reserve(turn->rt->options.env.self, turn->out.n);
}

/* An effect that holds these bytes of a commit (none: a place in the order only) and the staged
 * location. */
static tm_effect_t *effect_make(const tm_turn_t *turn, tm_str_t bytes)
{
    const tm_str_t location = turn->location;
    tm_effect_t *effect = tm_effect_new(turn->cell, bytes.n + location.n);
    if (bytes.n > 0)
        effect->commit.bytes = memcpy(effect->tail, bytes.p, bytes.n);
    effect->commit.n = bytes.n;
    effect->commit.reserved = bytes.n;
    if (location.n > 0)
        effect->location =
            tm_str_n(memcpy(effect->tail + bytes.n, location.p, location.n), location.n);
    return effect;
}

/* The sends leave from copies: the turn's buffer is used again. */
static void effect_sends(tm_effect_t *effect, const tm_commit_view_t *view)
{
    tm_entry_t **tail = &effect->sends;
    for (uint32_t i = 0; i < view->n_sends; i++) {
        const tm_commit_send_t *send = &view->sends[i];
        *tail = tm_entry_new(send->kind, send->actor, send->type, send->seq, view->at,
                             view->principal, view->request_id, send->bytes);
        tail = &(*tail)->next;
    }
}

/* Turns what is staged into a commit with bytes and applies it. Errors: nothing is staged any more.
 * */
static tm_err_t commit(tm_turn_t *turn, const tm_message_t *msg, handling_t *h,
                       tm_effect_t **ret_effect)
{
    tm_runtime_t *rt = turn->rt;
    tm_cell_t *cell = turn->cell;
    tm_commit_view_t view;
    tm_err_t err = TM_ENOMEM;
    number_sends(turn, false);
    if (view_make(turn, msg, h, &view))
        err = encode(turn, &view);
    if (err != TM_OK) {
        number_sends(turn, true);
        drop_staged(turn);
        return err;
    }
    err = tm_cell_apply(cell, &view, false, turn->arena, NULL);
    /* these are the bytes we just made; half of it applied is worse than stopping here */
    assert(err == TM_OK);
    tm_effect_t *effect = effect_make(turn, tm_buf_str(&turn->out));
    effect->at = view.at;
    effect->next_counter = view.next_counter;
    effect_sends(effect, &view);
    if (h->durable) {
        effect->mark_from = msg->from;
        effect->mark_seq = msg->seq;
    }
    if (view.idem_key.p != NULL) {
        tm_idem_add(rt->idem, h->key, &h->fingerprint, view.idem_expires, turn->now, 0);
        effect->names_key = true;
    }
    if (view.n_sends > 0) {
        /* relaxed: counts; partners are the subtraction in release.c and the loads in
         * tm_runtime_post and stats. */
        __atomic_fetch_add(&cell->outbox_n, view.n_sends, __ATOMIC_RELAXED);
        __atomic_fetch_add(&rt->outbox_n, view.n_sends, __ATOMIC_RELAXED);
    }
    turn->changed |= view.n_changes > 0;
    turn->bytes_out += effect->commit.n;
    turn->due_stale = true;
    turn->commits++;
    *ret_effect = effect;
    return TM_OK;
}

static void effect_jobs(tm_turn_t *turn, tm_effect_t *effect)
{
    tm_job_effect_t **tail = &effect->jobs;
    for (uint32_t i = 0; i < turn->n_jobs; i++) {
        const tm_staged_t *staged = &turn->jobs[i];
        tm_job_effect_t *job = tm_alloc(sizeof(*job) + staged->n);
        *job =
            (tm_job_effect_t){.type = staged->type, .desc = staged->desc, .n = (uint32_t)staged->n};
        if (staged->n > 0)
            memcpy(job->bytes, turn->bytes.p + staged->at, staged->n);
        *tail = job;
        tail = &job->next;
    }
}

/* Moves the answer into the effect. */
static void effect_answer(tm_turn_t *turn, const tm_message_t *msg, const handling_t *h,
                          bool forwarded, tm_effect_t *effect)
{
    effect->to = msg->reply_to;
    effect->err = turn->err;
    effect->status = turn->status;
    effect->version = turn->version;
    effect->body = TM_TAKE(turn->body);
    effect->why = TM_TAKE(turn->why);
    effect->repeat = h->repeat;
    effect->idem_key = h->key;
    if (h->rewind)
        effect->to.loop = TM_NO_LOOP; /* it is handled later, and answered then */
    else if (effect->err == TM_OK && effect->status == 0 && !effect->repeat && !forwarded)
        /* the actor forgot whoever waits; a forwarded request is answered by its receiver */
        effect->err = TM_EINTERNAL;
    else if (effect->err == TM_OK &&
             ((forwarded && effect->status == 0) || (turn->elsewhere && !effect->repeat)))
        effect->to.loop = TM_NO_LOOP;
}

/* A want of the moment: room on the disk, or the process is about to end. */
static bool passes(tm_err_t err)
{
    return err == TM_EDISKFULL || err == TM_EBUSY || err == TM_ESTOPPING;
}

static void answer_drop(tm_turn_t *turn)
{
    tm_blob_unref(TM_TAKE(turn->body));
    turn->location = (tm_str_t){NULL, 0};
    tm_free(TM_TAKE(turn->why));
    turn->status = 0;
    turn->version = -1;
}

/* What was decided becomes an effect at the end of the turn's list, unless nobody would notice it.
 * */
static void finish(tm_turn_t *turn, const tm_message_t *msg, handling_t *h)
{
    tm_effect_t *effect = NULL;
    const bool forwarded = turn->n_sends > 0;
    bool wanted = false;
    if (turn->bytes.full)
        tm_turn_fail(turn, TM_ETOOLARGE, NULL);
    if (h->durable || turn->n_changes > 0 || turn->n_sends > 0) {
        tm_err_t err = commit(turn, msg, h, &effect);
        if (err != TM_OK && h->durable && !passes(err)) {
            /* It would fail for ever, and hold up all that its sender has to say: refused, and
             * taken. */
            tm_turn_fail(turn, err, NULL);
            h->repeat = false;
            err = commit(turn, msg, h, &effect);
        }
        if (err != TM_OK) {
            answer_drop(turn);
            turn->n_jobs = 0;
            turn->err = err;
            h->repeat = false;
            h->rewind = h->durable;
        }
        wanted = true;
    }
    if (effect == NULL)
        effect = effect_make(turn, (tm_str_t){NULL, 0});
    effect->rewind_from = h->rewind ? msg->from : 0;
    effect_jobs(turn, effect);
    effect_answer(turn, msg, h, forwarded, effect);
    if (!wanted && effect->jobs == NULL && effect->to.loop == TM_NO_LOOP) {
        tm_effect_free(effect);
        return;
    }
    if (turn->first == NULL)
        turn->first = effect;
    else
        turn->last->commit.next = &effect->commit;
    turn->last = effect;
}

static void handle(tm_turn_t *turn, const tm_message_t *msg)
{
    tm_cell_t *cell = turn->cell;
    handling_t h = {.durable = msg->seq != 0};
    assert(msg->type < turn->rt->options.n_messages);
    assert(!h.durable || msg->from > 0);
    /* At or below the mark: taken before. Beyond the next: one before it could not be taken, it
     * comes again behind that. */
    if (h.durable && msg->seq != tm_cell_mark(cell, msg->from) + 1)
        return;
    turn->msg = msg;
    turn->now.v = TM_MAX(msg->at.v, cell->last_at.v);
    tm_idem_see(turn->rt->idem, turn->now);
    turn->counter = cell->next_counter;
    turn->version = -1;
    look_up_key(turn, msg, &h);
    if (!h.repeat && turn->err == TM_OK)
        cell->kind->decide(turn, cell->state, msg);
    finish(turn, msg, &h);
    clear(turn);
}

static void cell_behave(tm_actor_t *actor, TM_OWN tm_node_t *node, tm_worker_t *worker)
{
    tm_cell_t *cell = (tm_cell_t *)actor;
    TM_CHECK(cell, TM_CELL_MAGIC);
    tm_turn_t *turn = &cell->rt->turns[tm_worker_index(worker)];
    TM_CHECK(turn, TM_TURN_MAGIC);
    if (turn->cell == NULL) {
        turn->cell = cell;
        turn->actor = cell->number;
        /* relaxed: a statistic. */
        cell->depth_seen =
            TM_MAX(cell->depth_seen, __atomic_load_n(&actor->depth, __ATOMIC_RELAXED));
    }
    assert(turn->cell == cell);
    tm_message_t *msg = (tm_message_t *)node;
    turn->mail_bytes += tm_arena_bytes(msg->arena); /* before decide, which may add to it */
    if (msg->type == TM_MSG_TIMER)
        turn->timer_handled = true;
    handle(turn, msg);
    tm_message_free(msg);
    turn->messages++;
    /* Its answers wait for its last commit: with large commits it ends early. */
    if (turn->bytes_out >= TM_TURN_BYTES_ENOUGH)
        tm_actor_enough(actor);
}

static void turn_count(const tm_turn_t *turn)
{
    tm_runtime_t *rt = turn->rt;
    /* relaxed: statistics; partner: tm_runtime_stats. */
    __atomic_fetch_add(&rt->messages, turn->messages, __ATOMIC_RELAXED);
    __atomic_fetch_add(&rt->commits, turn->commits, __ATOMIC_RELAXED);
    uint32_t seen = __atomic_load_n(&rt->depth_seen, __ATOMIC_RELAXED);
    while (seen < turn->cell->depth_seen &&
           !__atomic_compare_exchange_n(&rt->depth_seen, &seen, turn->cell->depth_seen, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

static void cell_turn_end(tm_actor_t *actor, tm_worker_t *worker)
{
    tm_cell_t *cell = (tm_cell_t *)actor;
    tm_runtime_t *rt = cell->rt;
    tm_turn_t *turn = &rt->turns[tm_worker_index(worker)];
    if (turn->cell == NULL)
        return; /* no message was ready */
    assert(turn->cell == cell);
    if (turn->last != NULL) {
        turn->last->last = true;
        turn->last->changed = turn->changed;
        if (turn->changed)
            turn->last->snapshot = cell->kind->snapshot(cell->state);
    }
    if ((turn->due_stale || turn->timer_handled) && cell->kind->next_due != NULL)
        tm_timers_set(rt->timers, &cell->due, cell->kind->next_due(cell->state),
                      turn->timer_handled);
    turn_count(turn);
    tm_mail_sub(cell, turn->mail_bytes);
    const uint32_t messages = turn->messages;
    const size_t bytes_out = turn->bytes_out;
    tm_effect_t *first = TM_TAKE(turn->first);
    tm_effect_t *last = TM_TAKE(turn->last);
    turn->cell = NULL;
    turn->changed = false;
    turn->due_stale = false;
    turn->timer_handled = false;
    turn->messages = 0;
    turn->commits = 0;
    turn->bytes_out = 0;
    turn->mail_bytes = 0;
    if (first != NULL) {
        uint64_t n = 0;
        for (const tm_commit_t *c = &first->commit; c != NULL; c = c->next)
            n++;
        tm_under_way_add(rt, n);
        /* relaxed: partners are the loads in share and post. */
        __atomic_fetch_add(&cell->pending_n, (uint32_t)n, __ATOMIC_RELAXED);
        __atomic_fetch_add(&cell->pending_bytes, bytes_out, __ATOMIC_RELAXED);
        rt->options.env.journal_push(rt->options.env.self, &first->commit, &last->commit);
    }
    /* After the push: what is under way never looks like nothing while something is. */
    tm_under_way_sub(rt, messages);
}

const tm_behaviour_t tm_cell_behaviour = {
    .behave = cell_behave, .turn_end = cell_turn_end, .counted = true};
