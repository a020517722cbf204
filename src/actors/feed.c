/* feed.c - what came in: every input once, with its status from stored to its result.
 *
 * Why:     known bytes end here; an uploader learns that an input is parsed only when every
 *          campaign holds its lines.
 * How:     an input is a duplicate if source and SHA-256 are known. The directory reports the
 *          outcome and how many campaigns got
 *          lines; each of these reports too; when all have, the status changes. The reports may
 *          arrive in any order.
 * Threads: the actor's turn. */
#include "actors/kinds.h"
#include "actors/parts.h"
#include "base/map.h"

#define FEED_MAGIC 0x46454544u

typedef struct feed {
    uint32_t magic;
    uint32_t actor;
    tm_tables_t tables;
    tm_smap_t by_bytes; /* "source:sha256" -> counter of the input + 1 */
    uint64_t version;
    tm_parts_t *parts; /* of a checkpoint that is being read */
} feed_t;

static void *feed_create(uint32_t actor)
{
    feed_t *f = TM_NEW(feed_t);
    f->magic = FEED_MAGIC;
    f->actor = actor;
    return f;
}

static void feed_destroy(void *state)
{
    feed_t *f = state;
    TM_CHECK(f, FEED_MAGIC);
    tm_parts_free(f->parts);
    tm_smap_done(&f->by_bytes);
    tm_tables_done(&f->tables);
    tm_free(f);
}

static tm_str_t bytes_key(const tm_raw_input_t *input, tm_arena_t *arena)
{
    const tm_str_t key = tm_arena_printf(arena, "%.*s:%.*s", (int)input->source.n, input->source.p,
                                         (int)input->sha256.n, input->sha256.p);
    assert(key.p != NULL);
    return key;
}

/* Bytes and source never change, so the order of inputs does not matter. */
static void feed_take(void *state, const tm_row_t *row, const tm_has_t *touched)
{
    feed_t *f = state;
    assert(row->desc == &tm_raw_input_desc);
    if (touched != NULL)
        return;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    const tm_raw_input_t *input = tm_row_read(row, arena);
    assert(input != NULL);
    const uintptr_t counter = tm_id_counter(row->id);
    (void)tm_smap_put(&f->by_bytes, bytes_key(input, arena), (void *)(counter + 1));
}

static void feed_apply(void *state, const tm_commit_head_t *head TM_UNUSED,
                       const tm_change_t *change)
{
    feed_t *f = state;
    TM_CHECK(f, FEED_MAGIC);
    feed_take(f, tm_tables_apply(&f->tables, change), change->touched);
}

static void feed_committed(void *state, const tm_commit_head_t *head TM_UNUSED)
{
    ((feed_t *)state)->version++;
}

/* ---- deciding ---- */

/* Known bytes: the first id, and perhaps one more campaign for its lines. */
static void answer_known(tm_turn_t *turn, feed_t *f, uint32_t counter, const tm_raw_input_t *again)
{
    const tm_id_t id = tm_id_make(f->actor, counter);
    const tm_raw_input_t *known =
        tm_tables_read(&f->tables, &tm_raw_input_desc, id, tm_turn_arena(turn));
    assert(known != NULL);
    if (TM_HAS(again, TM_RAW_INPUT_campaign_id) && again->campaign_id.v != known->campaign_id.v) {
        tm_input_assign_t assign = {0};
        TM_SET(&assign, TM_INPUT_ASSIGN, input_id, id);
        TM_SET(&assign, TM_INPUT_ASSIGN, campaign_id, again->campaign_id);
        tm_turn_send(turn, TM_KIND_OF_table, TM_ACTOR_DIRECTORY, TM_MSG_INPUT_ASSIGN, &assign);
    }
    tm_answer_record(turn, 200, &tm_raw_input_desc, known, "/api/v1/inputs/");
}

static void store_input(tm_turn_t *turn, feed_t *f, const tm_raw_input_t *given)
{
    const tm_str_t key = bytes_key(given, tm_turn_arena(turn));
    const uintptr_t known = (uintptr_t)tm_smap_get(&f->by_bytes, key);
    if (known != 0) {
        answer_known(turn, f, (uint32_t)(known - 1), given);
        return;
    }
    tm_raw_input_t input = *given;
    tm_record_stamp_new(&input, tm_turn_new_id(turn), tm_turn_now(turn));
    TM_SET(&input, TM_RAW_INPUT, received_ms, tm_turn_now(turn));
    TM_SET(&input, TM_RAW_INPUT, status, (tm_enum_t){TM_INPUT_STATUS_stored});
    tm_turn_put(turn, &tm_raw_input_desc, input.id, &input);
    tm_turn_send(turn, TM_KIND_OF_queue, TM_ACTOR_QUEUE, TM_MSG_JOB_ADD, &input);
    tm_answer_record(turn, 202, &tm_raw_input_desc, &input, "/api/v1/inputs/");
}

static int32_t or_zero(bool has, int32_t v)
{
    return has ? v : 0;
}

/* Stages the input's new counters; the last report turns its status. */
static void report(tm_turn_t *turn, tm_raw_input_t *input, tm_has_t *touched)
{
    if (TM_HAS(input, TM_RAW_INPUT_outcome) && input->waits == 0) {
        TM_SET_TOUCHED(input, touched, TM_RAW_INPUT, status, input->outcome);
    }
    tm_record_stamp_patch(input, touched, input->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_raw_input_desc, input->id, input, touched);
}

static void input_done(tm_turn_t *turn, feed_t *f, const tm_input_done_t *done)
{
    tm_raw_input_t *input =
        tm_tables_read(&f->tables, &tm_raw_input_desc, done->input_id, tm_turn_arena(turn));
    if (input == NULL)
        return;
    tm_has_t touched = {{0}};
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, outcome, done->status);
    if (TM_HAS(done, TM_INPUT_DONE_reason)) {
        TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, reason, done->reason);
    }
    if (TM_HAS(done, TM_INPUT_DONE_job_id)) {
        TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, job_id, done->job_id);
    }
    const int32_t seen = or_zero(TM_HAS(input, TM_RAW_INPUT_exceptions), input->exceptions);
    const int32_t waits = or_zero(TM_HAS(input, TM_RAW_INPUT_waits), input->waits);
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, documents, done->documents);
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, lines, done->lines);
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, exceptions, seen + done->exceptions);
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, waits, waits + done->campaigns);
    report(turn, input, &touched);
}

static void lines_taken(tm_turn_t *turn, feed_t *f, const tm_lines_taken_t *taken)
{
    tm_raw_input_t *input =
        tm_tables_read(&f->tables, &tm_raw_input_desc, taken->input_id, tm_turn_arena(turn));
    if (input == NULL)
        return;
    tm_has_t touched = {{0}};
    const int32_t waits = or_zero(TM_HAS(input, TM_RAW_INPUT_waits), input->waits);
    const int32_t seen = or_zero(TM_HAS(input, TM_RAW_INPUT_exceptions), input->exceptions);
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, waits, waits - 1);
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, exceptions, seen + taken->exceptions);
    report(turn, input, &touched);
}

/* Nobody could read it, now somebody may: everything its reading said is taken back. has_job: one
 * is under way already. */
static void input_again(tm_turn_t *turn, feed_t *f, tm_id_t id, bool has_job)
{
    tm_raw_input_t *input = tm_tables_read(&f->tables, &tm_raw_input_desc, id, tm_turn_arena(turn));
    if (input == NULL || input->status.v != TM_INPUT_STATUS_unreadable)
        return;
    tm_has_t touched = {{0}};
    static const unsigned cleared[] = {
        TM_RAW_INPUT_outcome,    TM_RAW_INPUT_reason, TM_RAW_INPUT_documents, TM_RAW_INPUT_lines,
        TM_RAW_INPUT_exceptions, TM_RAW_INPUT_waits,  TM_RAW_INPUT_job_id};
    TM_SET_TOUCHED(input, &touched, TM_RAW_INPUT, status, (tm_enum_t){TM_INPUT_STATUS_stored});
    for (size_t i = 0; i < TM_COUNT(cleared); i++) {
        TM_CLEAR(input, cleared[i]);
        TM_TOUCH(&touched, cleared[i]);
    }
    tm_record_stamp_patch(input, &touched, input->version, tm_turn_now(turn));
    tm_turn_patch(turn, &tm_raw_input_desc, input->id, input, &touched);
    if (!has_job) {
        tm_turn_send(turn, TM_KIND_OF_queue, TM_ACTOR_QUEUE, TM_MSG_JOB_ADD, input);
    }
}

static void feed_decide(tm_turn_t *turn, void *state, const tm_message_t *msg)
{
    feed_t *f = state;
    TM_CHECK(f, FEED_MAGIC);
    if (msg->type == TM_MSG_INPUT_STORED) {
        store_input(turn, f, msg->payload);
    } else if (msg->type == TM_MSG_INPUT_DONE) {
        input_done(turn, f, msg->payload);
    } else if (msg->type == TM_MSG_LINES_TAKEN) {
        lines_taken(turn, f, msg->payload);
    } else if (msg->type == TM_MSG_INPUT_AGAIN || msg->type == TM_MSG_INPUT_REOPENED) {
        input_again(turn, f, ((const tm_record_ref_t *)msg->payload)->id,
                    msg->type == TM_MSG_INPUT_REOPENED);
    } else {
        tm_turn_fail(turn, TM_EINTERNAL, NULL);
    }
}

static void *feed_snapshot(void *state)
{
    const feed_t *f = state;
    return tm_tables_view(&f->tables, f->actor, f->version);
}

static tm_err_t feed_take_part(void *state, tm_str_t part, tm_why_t *why)
{
    feed_t *f = state;
    const tm_player_t player = {f, &f->tables, feed_take, NULL};
    return tm_parts_read(&f->parts, &player, f->actor, part, &f->version, why);
}

const tm_actor_kind_t tm_feed_kind = {
    .name = "feed",
    .number = TM_KIND_OF_feed,
    .create = feed_create,
    .destroy = feed_destroy,
    .decide = feed_decide,
    .apply = feed_apply,
    .committed = feed_committed,
    .snapshot = feed_snapshot,
    .hash = tm_view_hash,
    .part = tm_plain_part,
    .take = feed_take_part,
};
