/* with_world.c - the small world of with_world.h. */
#include "runtime/with_world.h"
#include "base/buf.h"
#include "base/digest.h"
#include "schema/entities.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

typedef struct node {
    uint32_t actor;
    uint32_t n, cap;
    row_t *rows;
    tm_ms_t due;
    uint64_t commits;
} node_t;

/* The state is found through the actor's number: tests look into it, the program never does. */
static node_t *nodes[64];

static void *node_create(uint32_t actor)
{
    node_t *node = TM_NEW(node_t);
    node->actor = actor;
    assert(actor < TM_COUNT(nodes));
    nodes[actor] = node;
    return node;
}

static void node_destroy(void *state)
{
    node_t *node = state;
    if (nodes[node->actor] == node)
        nodes[node->actor] = NULL;
    tm_free(node->rows);
    tm_free(node);
}

uint32_t world_next(uint32_t actor, int64_t token, uint32_t actors)
{
    return (uint32_t)(((uint64_t)actor * 7 + (uint64_t)token * 3 + 1) % actors) + 1;
}

uint64_t world_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint32_t actors_of(const tm_market_t *m)
{
    return TM_HAS(m, TM_MARKET_dma_code) ? (uint32_t)m->dma_code : 1;
}

static void node_put(tm_turn_t *turn, const tm_market_t *payload)
{
    tm_market_t *copy = tm_arena_zalloc(tm_turn_arena(turn), sizeof(*copy));
    *copy = *payload;
    copy->created_ms = tm_turn_now(turn);
    TM_MARK(copy, TM_MARKET_created_ms);
    tm_turn_put(turn, &tm_market_desc, tm_turn_new_id(turn), copy);
}

static void answer_count(tm_turn_t *turn, const node_t *node, int status)
{
    char text[32];
    const int n = snprintf(text, sizeof(text), "%u", node->n);
    tm_turn_answer(turn, status, tm_blob_new(text, (size_t)n), status == 201 ? "/rows/new" : NULL,
                   (int64_t)node->commits);
}

static void node_fail(tm_turn_t *turn, const node_t *node, const tm_market_t *payload)
{
    node_put(turn, payload);
    tm_turn_send(turn, NODE_KIND, node->actor, MSG_ADD, payload);
    tm_turn_job(turn, 1, &tm_market_desc, payload);
    answer_count(turn, node, 200);
    tm_why_t why;
    tm_why_clear(&why);
    tm_turn_fail(turn, tm_why_add(&why, TM_EINVALID, "tv_homes", "is refused"), &why);
}

static void node_timer(tm_turn_t *turn)
{
    tm_market_t m = {
        .rank = -1, .tv_homes = tm_turn_now(turn).v, .dma_code = 999, .name = TM_STR("due")};
    TM_MARK(&m, TM_MARKET_rank);
    TM_MARK(&m, TM_MARKET_tv_homes);
    TM_MARK(&m, TM_MARKET_name);
    node_put(turn, &m);
}

static void node_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    const node_t *node = state;
    const tm_market_t *payload = msg->payload;
    tm_market_t next = payload == NULL ? (tm_market_t){0} : *payload;
    switch (msg->type) {
    case MSG_TIMER:
        node_timer(turn);
        break;
    case MSG_ADD:
        node_put(turn, payload);
        answer_count(turn, node, 201);
        break;
    case MSG_READ:
        answer_count(turn, node, 200);
        break;
    case MSG_FAIL:
        node_fail(turn, node, payload);
        break;
    case MSG_HOP:
        node_put(turn, payload);
        next.rank--;
        if (payload->rank > 0)
            tm_turn_send(turn, NODE_KIND,
                         world_next(node->actor, payload->tv_homes, actors_of(payload)), MSG_HOP,
                         &next);
        answer_count(turn, node, 200);
        break;
    case MSG_SET_DUE:
        next.name = TM_STR("due");
        next.rank = 1;
        node_put(turn, &next);
        answer_count(turn, node, 200);
        break;
    case MSG_JOB:
        tm_turn_job(turn, 5, &tm_market_desc, payload);
        answer_count(turn, node, 202);
        break;
    case MSG_PATCH: {
        tm_has_t touched = {{0, 0}};
        touched.w[TM_MARKET_rank >> 6] |= UINT64_C(1) << (TM_MARKET_rank & 63);
        tm_turn_patch(turn, &tm_market_desc, node->rows[0].id, payload, &touched);
        answer_count(turn, node, 200);
        break;
    }
    case MSG_SILENT:
        node_put(turn, payload);
        break;
    case MSG_FORWARD:
        tm_turn_send(turn, NODE_KIND, (uint32_t)payload->rank, MSG_ADD, payload);
        break;
    case MSG_BURST:
        next.rank = 0;
        for (int64_t i = 0; i < payload->tv_homes; i++) {
            next.tv_homes = i;
            tm_turn_send(turn, NODE_KIND, (uint32_t)payload->rank, MSG_HOP, &next);
        }
        answer_count(turn, node, 200);
        break;
    default:
        assert(false && "known message");
    }
}

static row_t *node_grow(node_t *node)
{
    if (node->n == node->cap) {
        node->cap = TM_MAX(node->cap * 2, 8u);
        node->rows = tm_realloc(node->rows, node->cap * sizeof(node->rows[0]));
    }
    return &node->rows[node->n++];
}

static void node_apply(void *state, const tm_commit_head_t *head, const tm_change_t *change)
{
    node_t *node = state;
    const tm_market_t *m = change->record;
    assert(change->desc == &tm_market_desc);
    if (change->op == TM_CHANGE_PATCH) {
        assert(node->n > 0 && node->rows[0].id.v == change->id.v);
        node->rows[0].rank = TM_HAS(m, TM_MARKET_rank) ? m->rank : INT32_MIN;
        return;
    }
    assert(m->created_ms.v == head->at.v);
    row_t *row = node_grow(node);
    memset(row, 0, sizeof(*row));
    row->id = change->id;
    row->token = m->tv_homes;
    row->rank = TM_HAS(m, TM_MARKET_rank) ? m->rank : INT32_MIN;
    memcpy(row->name, m->name.p, TM_MIN(m->name.n, sizeof(row->name) - 1));
    if (strcmp(row->name, "due") == 0)
        node->due.v = row->rank < 0 ? 0 : row->token;
}

static void node_committed(void *state, const tm_commit_head_t *head TM_UNUSED)
{
    ((node_t *)state)->commits++;
}

static void picture_free(void *object)
{
    picture_t *picture = object;
    tm_free(picture->rows);
    picture->n = UINT32_MAX; /* whoever still reads it, notices */
    tm_free(picture);
}

static void *node_snapshot(void *state)
{
    const node_t *node = state;
    picture_t *picture = TM_NEW(picture_t);
    picture->shared = (tm_shared_t){1, picture_free};
    picture->n = node->n;
    picture->commits = node->commits;
    picture->last_token = node->n > 0 ? node->rows[node->n - 1].token : -1;
    picture->due = node->due;
    picture->rows = tm_alloc((node->n + 1) * sizeof(row_t));
    if (node->n > 0)
        memcpy(picture->rows, node->rows, node->n * sizeof(row_t));
    return picture;
}

static tm_ms_t node_next_due(const void *state)
{
    return ((const node_t *)state)->due;
}

static void node_hash(const void *p, void (*add)(void *ctx, const void *p, size_t n), void *ctx)
{
    static const picture_t none;
    const picture_t *picture = p == NULL ? &none : p;
    add(ctx, &picture->n, sizeof(picture->n));
    if (picture->n > 0)
        add(ctx, picture->rows, picture->n * sizeof(picture->rows[0]));
    add(ctx, &picture->due, sizeof(picture->due));
}

/* A part a row, as it lies in memory; before them the rest. */
static bool node_part(const void *p, tm_part_at_t *at, tm_buf_t *out)
{
    const picture_t *picture = p;
    if (at->phase == 0) {
        tm_buf_add(out, &picture->due, sizeof(picture->due));
        tm_buf_add(out, &picture->commits, sizeof(picture->commits));
        at->phase = 1;
        return true;
    }
    if (at->key == picture->n)
        return false;
    tm_buf_add(out, &picture->rows[at->key++], sizeof(row_t));
    return true;
}

static tm_err_t node_take(void *state, tm_str_t part, tm_why_t *why)
{
    node_t *node = state;
    if (part.p == NULL)
        return TM_OK;
    if (part.n == sizeof(node->due) + sizeof(node->commits)) {
        memcpy(&node->due, part.p, sizeof(node->due));
        memcpy(&node->commits, part.p + sizeof(node->due), sizeof(node->commits));
        return TM_OK;
    }
    if (part.n != sizeof(row_t))
        return tm_why_add(why, TM_EDAMAGED, NULL, "no row");
    memcpy(node_grow(node), part.p, sizeof(row_t));
    return TM_OK;
}

static const tm_actor_kind_t node_kind = {
    .name = "node",
    .number = NODE_KIND,
    .create = node_create,
    .destroy = node_destroy,
    .decide = node_decide,
    .apply = node_apply,
    .committed = node_committed,
    .snapshot = node_snapshot,
    .next_due = node_next_due,
    .hash = node_hash,
    .part = node_part,
    .take = node_take,
};
static const tm_actor_kind_t *const kinds[] = {&node_kind, NULL};

/* A forwarded request carries who waits in its name: "slot:key". */
static void add_received(tm_message_t *msg)
{
    const tm_market_t *m = msg->payload;
    if (!tm_str_starts(m->name, "slot "))
        return;
    int64_t slot = 0;
    const tm_str_t rest = {m->name.p + 5, m->name.n - 5};
    if (!tm_str_i64(rest, &slot))
        return;
    msg->reply_to = (tm_reply_to_t){0, (uint32_t)slot, 1};
    msg->idem_scope = TM_STR("forwarded");
    msg->idem_key = TM_STR("one key");
    const tm_sha256_t sha = tm_sha256("same", 4);
    tm_sha256_format(&sha, msg->idem_fingerprint);
}

static const tm_message_kind_t messages[MSG_COUNT] = {
    [MSG_TIMER] = {"timer", NULL, NULL},
    [MSG_ADD] = {"add", &tm_market_desc, add_received},
    [MSG_READ] = {"read", &tm_market_desc, NULL},
    [MSG_FAIL] = {"fail", &tm_market_desc, NULL},
    [MSG_HOP] = {"hop", &tm_market_desc, NULL},
    [MSG_SET_DUE] = {"set_due", &tm_market_desc, NULL},
    [MSG_JOB] = {"job", &tm_market_desc, NULL},
    [MSG_PATCH] = {"patch", &tm_market_desc, NULL},
    [MSG_SILENT] = {"silent", &tm_market_desc, NULL},
    [MSG_FORWARD] = {"forward", &tm_market_desc, NULL},
    [MSG_BURST] = {"burst", &tm_market_desc, NULL},
};

/* The environment. */
static tm_ms_t env_now(void *self)
{
    return (tm_ms_t){__atomic_load_n(&((world_t *)self)->now.v, __ATOMIC_RELAXED)};
}

static void env_random(void *self TM_UNUSED, void *p, size_t n)
{
    memset(p, 7, n);
}

static tm_err_t env_reserve(void *self, size_t bytes)
{
    world_t *world = self;
    if (world->commit_max > 0 && bytes > world->commit_max)
        return TM_ETOOLARGE;
    pthread_mutex_lock(&world->lock);
    const bool fits = bytes <= world->room && !world->full;
    if (fits) {
        world->room -= bytes;
        world->reserved += bytes;
    }
    pthread_mutex_unlock(&world->lock);
    return fits ? TM_OK : TM_EDISKFULL;
}

static void env_push(void *self, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    world_t *world = self;
    pthread_mutex_lock(&world->lock);
    assert(last->next == NULL);
    if (world->pushed == NULL)
        world->pushed = first;
    else
        world->pushed_last->next = first;
    world->pushed_last = last;
    for (const tm_commit_t *c = first; c != NULL; c = c->next)
        world->pushed_n++;
    pthread_mutex_unlock(&world->lock);
    tm_park_wake(&world->journal_park);
}

static reply_t *reply_at(world_t *world, tm_reply_to_t to)
{
    assert(to.slot < REPLIES_MAX && to.slot > 0 && to.generation == 1);
    reply_t *reply = &world->replies[to.slot];
    reply->slot = to.slot;
    reply->times++;
    reply->order = ++world->replies_n;
    reply->lives_before = world->lives;
    return reply;
}

static void copy_text(char *to, size_t bytes, tm_str_t s)
{
    const size_t n = TM_MIN((size_t)s.n, bytes - 1);
    if (n > 0)
        memcpy(to, s.p, n);
    to[n] = '\0';
}

static void env_answer(void *self, uint64_t number, tm_reply_to_t to)
{
    world_t *world = self;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    tm_commit_view_t view;
    assert(number >= 1 && number <= world->log_n);
    const tm_err_t err = tm_commit_decode(
        tm_str_n(world->log[number - 1].bytes, world->log[number - 1].n), arena, &view);
    assert(err == TM_OK);
    (void)err;
    pthread_mutex_lock(&world->lock);
    reply_t *reply = reply_at(world, to);
    reply->status = view.answer_status;
    reply->version = view.answer_version;
    reply->from_commit = number;
    copy_text(reply->body, sizeof(reply->body), view.answer_body);
    copy_text(reply->location, sizeof(reply->location), view.answer_location);
    pthread_mutex_unlock(&world->lock);
}

static void env_job_start(void *self, uint32_t actor TM_UNUSED, uint16_t type,
                          const tm_desc_t *desc, const void *record)
{
    world_t *world = self;
    assert(type == 5 && desc == &tm_market_desc);
    world->jobs++;
    world->job_token = ((const tm_market_t *)record)->tv_homes;
}

static void env_reply(void *self, tm_reply_to_t to, const tm_answer_t *answer)
{
    world_t *world = self;
    pthread_mutex_lock(&world->lock);
    reply_t *reply = reply_at(world, to);
    reply->err = answer->err;
    reply->status = answer->err == TM_OK ? answer->status : tm_err_status(answer->err);
    reply->version = answer->version;
    copy_text(reply->body, sizeof(reply->body), tm_blob_str(answer->body));
    copy_text(reply->location, sizeof(reply->location), answer->location);
    if (answer->why != NULL)
        copy_text(reply->field, sizeof(reply->field), tm_str(answer->why->faults[0].field));
    pthread_mutex_unlock(&world->lock);
}

static void env_live(void *self, uint32_t actor TM_UNUSED)
{
    world_t *world = self;
    pthread_mutex_lock(&world->lock);
    world->lives++;
    pthread_mutex_unlock(&world->lock);
}

/* The journal. */
uint32_t world_sync(world_t *world, uint32_t n)
{
    uint32_t done = 0;
    while (done < n) {
        pthread_mutex_lock(&world->lock);
        tm_commit_t *commit = world->pushed;
        if (commit != NULL) {
            world->pushed = commit->next;
            world->pushed_n--;
            if (commit->n > 0) {
                assert(commit->n <= commit->reserved);
                world->reserved -= commit->reserved;
                if (world->log_n == world->log_cap) {
                    world->log_cap = TM_MAX(world->log_cap * 2, 64u);
                    world->log = tm_realloc(world->log, world->log_cap * sizeof(world->log[0]));
                }
                world->log[world->log_n++] =
                    (durable_t){tm_strdup_n(commit->bytes, commit->n), commit->n};
                commit->number = world->log_n;
            }
        }
        pthread_mutex_unlock(&world->lock);
        if (commit == NULL)
            break;
        commit->release(commit);
        done++;
    }
    return done;
}

static void journal_main(void *arg)
{
    world_t *world = arg;
    for (;;) {
        const bool stop = __atomic_load_n(&world->journal_stop, __ATOMIC_ACQUIRE);
        if (world_sync(world, UINT32_MAX) == 0) {
            if (stop)
                return;
            tm_park_wait(&world->journal_park, -1);
        }
    }
}

void world_init(world_t *world, uint32_t workers)
{
    memset(world, 0, sizeof(*world));
    pthread_mutex_init(&world->lock, NULL);
    world->workers = workers;
    world->actors = 4;
    world->room = SIZE_MAX / 2;
    world->now.v = 1000000;
}

void world_make(world_t *world)
{
    const tm_runtime_options_t options = {
        .kinds = kinds,
        .messages = messages,
        .n_messages = MSG_COUNT,
        .workers = world->workers,
        .mailbox_depth_max = world->depth_max,
        .pending_bytes_max = world->pending_bytes_max,
        .env = {.self = world,
                .now = env_now,
                .random = env_random,
                .journal_reserve = env_reserve,
                .journal_push = env_push,
                .journal_answer = env_answer,
                .job_start = env_job_start,
                .reply = env_reply,
                .live = env_live},
    };
    world->rt = tm_runtime_new(&options);
}

/* Commits [from, to) of the log. */
static void replay(world_t *world, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        tm_why_t why;
        tm_why_clear(&why);
        if (tm_runtime_replay(world->rt, i + 1, tm_str_n(world->log[i].bytes, world->log[i].n),
                              &why) != TM_OK)
            fail_msg("commit %u: %s", (unsigned)i + 1, why.n > 0 ? why.faults[0].text : "?");
    }
}

static void start(world_t *world)
{
    if (world->workers > 0) {
        world->journal_stop = false;
        assert_int_equal(tm_thread_start(&world->journal, "journal", journal_main, world), TM_OK);
    }
    assert_int_equal(tm_runtime_start(world->rt), TM_OK);
}

static void make_actors(world_t *world)
{
    world_make(world);
    for (uint32_t i = 1; i <= world->actors; i++)
        tm_runtime_ensure(world->rt, NODE_KIND, i);
}

void world_boot(world_t *world)
{
    make_actors(world);
    replay(world, 0, world->log_n);
    start(world);
}

written_t world_written(TM_OWN tm_cut_t *cut, size_t enough)
{
    written_t written = {.number = tm_cut_number(cut)};
    tm_buf_init(&written.pieces, 1u << 30);
    while (tm_cut_next(cut, enough, &written.pieces)) {
    }
    written.hash = tm_cut_hash(cut);
    tm_cut_free(cut);
    return written;
}

void world_written_done(written_t *written)
{
    tm_buf_done(&written->pieces);
}

tm_sha256_t world_hash_at(const world_t *world, uint32_t n)
{
    world_t other = *world;
    assert(n <= world->log_n);
    make_actors(&other);
    replay(&other, 0, n);
    const tm_sha256_t hash = tm_runtime_hash(other.rt);
    tm_runtime_free(other.rt);
    return hash;
}

void world_boot_from(world_t *world, const written_t *written)
{
    const tm_sha256_t whole = world_hash_at(world, world->log_n);
    make_actors(world);
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_runtime_restore(world->rt, tm_buf_str(&written->pieces), &why) != TM_OK ||
        tm_runtime_restored(world->rt, written->number, &written->hash, &why) != TM_OK)
        fail_msg("restore: %s", why.n > 0 ? why.faults[0].text : "?");
    replay(world, written->number, world->log_n);
    const tm_sha256_t hash = tm_runtime_hash(world->rt);
    assert_memory_equal(&hash, &whole, sizeof(hash));
    start(world);
}

void world_crash(world_t *world)
{
    assert(world->workers == 0);
    while (world->pushed != NULL) {
        tm_commit_t *commit = world->pushed;
        world->pushed = commit->next;
        tm_runtime_drop(commit);
    }
    world->pushed_n = 0;
    world->room += world->reserved;
    world->reserved = 0;
    tm_runtime_free(TM_TAKE(world->rt));
}

void world_stop(world_t *world)
{
    tm_runtime_stop(world->rt);
    __atomic_store_n(&world->journal_stop, true, __ATOMIC_RELEASE);
    tm_park_wake(&world->journal_park);
    tm_thread_join(&world->journal);
    tm_runtime_free(TM_TAKE(world->rt));
}

void world_done(world_t *world)
{
    if (world->rt != NULL && world->workers > 0) {
        world_stop(world);
    } else if (world->rt != NULL) {
        world_crash(world);
    }
    for (uint32_t i = 0; i < world->log_n; i++)
        tm_free(world->log[i].bytes);
    tm_free(world->log);
    pthread_mutex_destroy(&world->lock);
}

int world_setup(void **world)
{
    world_init(*world, 0);
    world_boot(*world);
    return 0;
}

int world_teardown(void **world)
{
    world_done(*world);
    return 0;
}

tm_err_t world_post(world_t *world, uint32_t actor, uint16_t type, int64_t token, int32_t rank,
                    uint32_t slot, const char *key, const char *body)
{
    tm_message_t *msg = tm_message_new(type, 0);
    msg->at = env_now(world);
    if (slot > 0)
        msg->reply_to = (tm_reply_to_t){0, slot, 1};
    msg->principal = tm_arena_str(msg->arena, TM_STR("tester"));
    msg->request_id = tm_arena_printf(msg->arena, "r%lld", (long long)token);
    if (key != NULL) {
        msg->idem_scope = TM_STR("POST /test");
        msg->idem_key = tm_arena_str(msg->arena, tm_str(key));
        const tm_sha256_t sha = tm_sha256(body, strlen(body));
        tm_sha256_format(&sha, msg->idem_fingerprint);
    }
    tm_market_t *m = tm_arena_zalloc(msg->arena, sizeof(*m));
    m->tv_homes = token;
    TM_MARK(m, TM_MARKET_tv_homes);
    m->dma_code = (int32_t)world->actors;
    TM_MARK(m, TM_MARKET_dma_code);
    m->rank = rank;
    if (rank != INT32_MIN)
        TM_MARK(m, TM_MARKET_rank);
    m->name = type == MSG_FORWARD ? tm_arena_printf(msg->arena, "slot %u", slot) : TM_STR("token");
    TM_MARK(m, TM_MARKET_name);
    msg->payload = m;
    return tm_runtime_post(world->rt, actor, msg);
}

void world_run(world_t *world)
{
    while (tm_runtime_step(world->rt, 0)) {
    }
}

void world_settle(world_t *world)
{
    do {
        world_run(world);
    } while (world_sync(world, UINT32_MAX) > 0);
}

uint32_t world_rows(world_t *world TM_UNUSED, uint32_t actor, row_t *ret, uint32_t max)
{
    const node_t *node = nodes[actor];
    if (node == NULL)
        return 0;
    for (uint32_t i = 0; i < node->n && i < max; i++)
        ret[i] = node->rows[i];
    return node->n;
}

picture_t *world_picture(world_t *world, uint32_t actor)
{
    return tm_runtime_snapshot(world->rt, actor);
}
