/* turn.c - what an actor stages while it decides.
 *
 * How:     records become bytes at once: the caller's record is borrowed, and what is applied later
 *          is what stands in the journal. Offsets are kept, because the buffer may move until
 *          decide returns.
 * Threads: the worker that runs the actor. */
#include "runtime/staging.h"
#include "schema/binary.h"

void tm_turn_init(tm_turn_t *turn, tm_runtime_t *rt)
{
    memset(turn, 0, sizeof(*turn));
    turn->magic = TM_TURN_MAGIC;
    turn->rt = rt;
    turn->arena = tm_arena_new(TM_TURN_ARENA_BYTES_MAX);
    tm_buf_init(&turn->bytes, TM_COMMIT_BYTES_MAX);
    tm_buf_init(&turn->out, TM_COMMIT_BYTES_MAX);
}

void tm_turn_done(tm_turn_t *turn)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->cell == NULL && turn->first == NULL);
    tm_arena_free(turn->arena);
    tm_buf_done(&turn->bytes);
    tm_buf_done(&turn->out);
    tm_free(turn->changes);
    tm_free(turn->jobs);
    tm_free(turn->sends);
    turn->magic = 0;
}

tm_ms_t tm_turn_now(const tm_turn_t *turn)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    return turn->now;
}

tm_id_t tm_turn_new_id(tm_turn_t *turn)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->msg != NULL);
    assert(turn->counter < UINT32_MAX);
    return tm_id_make(turn->actor, turn->counter++);
}

tm_arena_t *tm_turn_arena(tm_turn_t *turn)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    return turn->arena;
}

/* Room for one more element of `bytes`; false: too many (the message fails then). */
static bool grow(void **list, uint32_t n, uint32_t *cap, size_t bytes)
{
    if (n < *cap)
        return true;
    if (n >= TM_STAGED_MAX)
        return false;
    *cap = TM_MAX(*cap * 2, 16u);
    *list = tm_realloc(*list, *cap * bytes);
    return true;
}

static void stage(tm_turn_t *turn, uint8_t op, const tm_desc_t *desc, tm_id_t id,
                  const void *record, const tm_has_t *touched)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->msg != NULL);
    assert(desc->number > 0 && record != NULL);
    assert(id.v <= INT64_MAX);
    if (turn->err != TM_OK)
        return;
    if (!grow((void **)&turn->changes, turn->n_changes, &turn->changes_cap,
              sizeof(turn->changes[0]))) {
        tm_turn_fail(turn, TM_ETOOLARGE, NULL);
        return;
    }
    const size_t at = turn->bytes.n;
    if (op == TM_CHANGE_PUT)
        tm_binary_write(desc, record, &turn->bytes);
    else
        tm_binary_write_patch(desc, record, touched, &turn->bytes);
    turn->changes[turn->n_changes++] =
        (tm_staged_t){.op = op, .desc = desc, .id = id, .at = at, .n = turn->bytes.n - at};
}

void tm_turn_put(tm_turn_t *turn, const tm_desc_t *desc, tm_id_t id, const void *record)
{
    stage(turn, TM_CHANGE_PUT, desc, id, record, NULL);
}

void tm_turn_patch(tm_turn_t *turn, const tm_desc_t *desc, tm_id_t id, const void *record,
                   const tm_has_t *touched)
{
    assert(touched != NULL);
    stage(turn, TM_CHANGE_PATCH, desc, id, record, touched);
}

void tm_turn_send(tm_turn_t *turn, uint16_t kind_to, uint32_t actor_to, uint16_t type,
                  const void *record)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->msg != NULL && record != NULL);
    assert(actor_to > 0 && actor_to <= TM_ID_ACTOR_MAX);
    assert(type < turn->rt->options.n_messages && turn->rt->options.messages[type].payload != NULL);
    assert(tm_kind_by_number(turn->rt, kind_to) != NULL);
    if (turn->err != TM_OK)
        return;
    if (!grow((void **)&turn->sends, turn->n_sends, &turn->sends_cap, sizeof(turn->sends[0]))) {
        tm_turn_fail(turn, TM_ETOOLARGE, NULL);
        return;
    }
    const size_t at = turn->bytes.n;
    tm_binary_write(turn->rt->options.messages[type].payload, record, &turn->bytes);
    turn->sends[turn->n_sends++] =
        (tm_commit_send_t){.kind = kind_to,
                           .type = type,
                           .actor = actor_to,
                           .bytes = {(const char *)(uintptr_t)at, (uint32_t)(turn->bytes.n - at)}};
}

void tm_turn_job(tm_turn_t *turn, uint16_t job_type, const tm_desc_t *desc, const void *record)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->msg != NULL);
    assert(desc != NULL && record != NULL);
    if (turn->err != TM_OK)
        return;
    if (!grow((void **)&turn->jobs, turn->n_jobs, &turn->jobs_cap, sizeof(turn->jobs[0]))) {
        tm_turn_fail(turn, TM_ETOOLARGE, NULL);
        return;
    }
    const size_t at = turn->bytes.n;
    tm_binary_write(desc, record, &turn->bytes);
    turn->jobs[turn->n_jobs++] =
        (tm_staged_t){.type = job_type, .desc = desc, .at = at, .n = turn->bytes.n - at};
}

static void answer_clear(tm_turn_t *turn)
{
    tm_blob_unref(TM_TAKE(turn->body));
    turn->location = (tm_str_t){NULL, 0};
    tm_free(TM_TAKE(turn->why));
    turn->status = 0;
    turn->version = -1;
}

void tm_turn_answer(tm_turn_t *turn, int status, TM_OWN tm_blob_t *body, const char *location,
                    int64_t version)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->msg != NULL);
    assert(status >= 200 && status < 500); /* 4xx: a ready problem, which holds more than faults */
    assert(turn->status == 0);             /* one answer a message */
    if (turn->err != TM_OK) {
        tm_blob_unref(body);
        return;
    }
    const tm_str_t kept =
        location == NULL ? (tm_str_t){NULL, 0} : tm_arena_str(turn->arena, tm_str(location));
    if (location != NULL && kept.p == NULL) {
        tm_blob_unref(body);
        tm_turn_fail(turn, TM_ENOMEM, NULL);
        return;
    }
    turn->status = status;
    turn->body = body;
    turn->location = kept;
    turn->version = version;
}

void tm_turn_answer_elsewhere(tm_turn_t *turn)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(turn->msg != NULL && turn->n_sends > 0);
    turn->elsewhere = true;
}

void tm_turn_fail(tm_turn_t *turn, tm_err_t err, const tm_why_t *why)
{
    TM_CHECK(turn, TM_TURN_MAGIC);
    assert(err != TM_OK && err < TM_ERR_COUNT);
    if (turn->err != TM_OK)
        return; /* the first problem is told */
    answer_clear(turn);
    turn->err = err;
    turn->counter = turn->cell->next_counter; /* the ids are nobody's */
    turn->n_changes = 0;
    turn->n_sends = 0;
    turn->n_jobs = 0;
    tm_buf_clear(&turn->bytes);
    if (why == NULL || why->n == 0)
        return;
    assert(why->n <= TM_WHY_FAULTS_MAX);
    const size_t bytes = offsetof(tm_why_t, faults) + why->n * sizeof(why->faults[0]);
    turn->why = tm_alloc(bytes);
    memcpy(turn->why, why, bytes);
}
