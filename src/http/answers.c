/* answers.c - the table of waiting requests of a loop, and the list by which their answers arrive.
 *
 * Why:     a request is named outside its loop by (loop, slot, generation), never by pointer: it
 *          may be gone before its answer.
 * How:     senders push onto a lock-free list; whoever finds it empty wakes the loop, which takes
 *          the whole list at the end of its turn. The journal's thread pushes the answers of a
 *          batch as one list, so that the loop wakes once for all. A slot is cleared when the
 *          request is answered or dies; an answer for an older generation is dropped.
 * Threads: tm_answers_send: any. gather, flush: one, the journal's. The rest: the loop's. */
#include "http/answers.h"
#include "base/memory.h"
#include "base/time.h"
#include "http/reply.h"

#define SLOTS_FIRST 256
#define BLOCK_BYTES 8176u

/* Where the parcels of a batch lie, so that the heap is asked once for many. The one who gathers
 * fills it; what was delivered is the loop's. */
typedef struct tm_parcels {
    uint32_t left; /* parcels in it that are not yet freed */
    uint32_t used;
    _Alignas(16) char bytes[BLOCK_BYTES];
} parcels_t;

typedef struct tm_parcel {
    struct tm_parcel *next;
    parcels_t *block; /* NULL: a piece of the heap of its own */
    tm_reply_to_t to;
    int64_t sent_ns;    /* monotonic */
    tm_answer_t answer; /* what it points to but the body stands behind this */
} parcel_t;

_Static_assert(offsetof(parcel_t, next) == 0, "a parcel lies on a stack");

static size_t text_bytes(const char *c)
{
    return c == NULL ? 0 : strlen(c) + 1;
}

static const char *put_text(char **at, const char *c)
{
    if (c == NULL)
        return NULL;
    const size_t n = strlen(c) + 1;
    char *copy = memcpy(*at, c, n);
    *at += n;
    return copy;
}

/* Only the faults there are: the sender may keep no more. */
static size_t why_bytes(const tm_answer_t *answer)
{
    return answer->why == NULL ? 0
                               : offsetof(tm_why_t, faults) + answer->why->n * sizeof(tm_fault_t);
}

static size_t parcel_bytes(const tm_answer_t *answer)
{
    return sizeof(parcel_t) + why_bytes(answer) + text_bytes(answer->content_type) +
           text_bytes(answer->disposition) + answer->location.n;
}

static void parcel_fill(parcel_t *parcel, parcels_t *block, tm_reply_to_t to,
                        const tm_answer_t *answer)
{
    *parcel = (parcel_t){.block = block, .to = to, .sent_ns = tm_time_mono_ns(), .answer = *answer};
    char *at = (char *)(parcel + 1);
    if (answer->why != NULL) {
        parcel->answer.why = memcpy(at, answer->why, why_bytes(answer));
        at += why_bytes(answer);
    }
    parcel->answer.body = tm_blob_ref(answer->body);
    parcel->answer.content_type = put_text(&at, answer->content_type);
    parcel->answer.disposition = put_text(&at, answer->disposition);
    if (answer->location.n > 0)
        parcel->answer.location.p = memcpy(at, answer->location.p, answer->location.n);
}

static parcel_t *parcel_new(tm_reply_to_t to, const tm_answer_t *answer)
{
    parcel_t *parcel = tm_alloc(parcel_bytes(answer));
    parcel_fill(parcel, NULL, to, answer);
    return parcel;
}

/* One in the loop's block, or in a new one when that is full. */
static parcel_t *parcel_gather(tm_loop_t *loop, tm_reply_to_t to, const tm_answer_t *answer)
{
    const size_t bytes = (parcel_bytes(answer) + 15) & ~(size_t)15;
    if (bytes > BLOCK_BYTES)
        return parcel_new(to, answer);
    if (loop->parcels == NULL || loop->parcels->used + bytes > BLOCK_BYTES) {
        loop->parcels = tm_alloc(sizeof(*loop->parcels));
        loop->parcels->left = loop->parcels->used = 0;
    }
    parcels_t *block = loop->parcels;
    parcel_t *parcel = (parcel_t *)(void *)(block->bytes + block->used);
    block->used += (uint32_t)bytes;
    block->left++;
    parcel_fill(parcel, block, to, answer);
    return parcel;
}

static void parcel_free(parcel_t *parcel)
{
    tm_blob_unref(parcel->answer.body);
    if (parcel->block == NULL)
        tm_free(parcel);
    else if (--parcel->block->left == 0)
        tm_free(parcel->block);
}

static tm_loop_t *loop_of(tm_http_t *http, tm_reply_to_t to)
{
    return to.loop < http->n_loops ? http->loops[to.loop] : NULL; /* TM_NO_LOOP, or too late */
}

/* A list, newest first, into the loop's inbox. */
static void deliver(tm_loop_t *loop, parcel_t *newest, parcel_t *oldest)
{
    if (tm_stack_push(&loop->inbox, (tm_link_t *)newest, (tm_link_t *)oldest))
        tm_loop_wake(loop);
}

void tm_answers_send(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer)
{
    assert(http != NULL && answer != NULL);
    tm_loop_t *loop = loop_of(http, to);
    if (loop == NULL)
        return;
    parcel_t *parcel = parcel_new(to, answer);
    deliver(loop, parcel, parcel);
}

void tm_answers_gather(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer)
{
    assert(http != NULL && answer != NULL);
    tm_loop_t *loop = loop_of(http, to);
    if (loop == NULL)
        return;
    parcel_t *parcel = parcel_gather(loop, to, answer);
    parcel->next = loop->gathered;
    if (loop->gathered == NULL)
        loop->gathered_oldest = parcel;
    loop->gathered = parcel;
}

void tm_answers_flush(tm_loop_t *loop)
{
    if (loop->gathered == NULL)
        return;
    loop->parcels = NULL; /* the blocks go with what is in them */
    deliver(loop, TM_TAKE(loop->gathered), loop->gathered_oldest);
}

/* The whole inbox, oldest first. */
static parcel_t *take(tm_loop_t *loop)
{
    return (parcel_t *)tm_links_turned(tm_stack_take(&loop->inbox));
}

static void give(tm_loop_t *loop, parcel_t *parcel)
{
    if (parcel->to.slot < loop->n_slots) {
        tm_slot_t *slot = &loop->slots[parcel->to.slot];
        tm_call_t *call = slot->generation == parcel->to.generation ? slot->call : NULL;
        if (call != NULL) {
            tm_call_stop_waiting(call);
            tm_reply_timing(call, parcel->sent_ns - call->waits_ns);
            tm_reply_answer(call, &parcel->answer, call->etag);
        }
    }
    parcel_free(parcel);
}

/* Who sends an answer waits for memory a dozen times: the request was read a sync ago and the body
 * written by another core. While the kernel copies one answer the next one's pieces come: first the
 * call, then what it points to. */
static void foresee(const tm_loop_t *loop, const parcel_t *parcel, bool near)
{
    if (parcel == NULL || parcel->to.slot >= loop->n_slots)
        return;
    const tm_slot_t *slot = &loop->slots[parcel->to.slot];
    const tm_call_t *call = slot->generation == parcel->to.generation ? slot->call : NULL;
    if (call == NULL)
        return;
    const tm_blob_t *body = parcel->answer.body;
    if (!near) {
        tm_prefetch(call, sizeof *call);
        tm_prefetch(body, body == NULL ? 0 : 1); /* its size */
        return;
    }
    tm_prefetch(call->req, sizeof *call->req);
    tm_prefetch(body, body == NULL ? 0 : body->n);
}

void tm_answers_deliver(tm_loop_t *loop)
{
    if (loop->ready == NULL && !tm_stack_is_empty(&loop->inbox))
        loop->ready = take(loop);
    for (uint32_t i = 0; i < TM_ANSWERS_A_TURN && loop->ready != NULL; i++) {
        parcel_t *parcel = loop->ready;
        loop->ready = parcel->next;
        foresee(loop, loop->ready, true);
        if (loop->ready != NULL)
            foresee(loop, loop->ready->next, false);
        give(loop, parcel);
    }
    /* More came while there were some: no wake-up tells of them again. */
    if (loop->ready == NULL && !tm_stack_is_empty(&loop->inbox))
        loop->ready = take(loop);
}

static void free_all(parcel_t *parcel)
{
    while (parcel != NULL) {
        parcel_t *next = parcel->next;
        parcel_free(parcel);
        parcel = next;
    }
}

void tm_answers_done(tm_loop_t *loop)
{
    tm_answers_flush(loop);
    free_all(TM_TAKE(loop->ready));
    free_all(take(loop));
    tm_free(loop->slots);
    loop->slots = NULL;
    loop->n_slots = 0;
}

static void on_deadline(h2o_timeout_entry_t *entry)
{
    tm_call_t *call = H2O_STRUCT_FROM_MEMBER(tm_call_t, deadline, entry);
    tm_call_stop_waiting(call);
    tm_reply_problem(call, TM_ETIMEOUT, NULL);
}

static void grow(tm_loop_t *loop)
{
    const uint32_t n = loop->n_slots == 0 ? SLOTS_FIRST : loop->n_slots * 2;
    loop->slots = tm_realloc(loop->slots, n * sizeof(*loop->slots));
    for (uint32_t i = n; i-- > loop->n_slots;) {
        loop->slots[i] = (tm_slot_t){.generation = 1, .next_free = loop->free_slot};
        loop->free_slot = i;
    }
    loop->n_slots = n;
}

tm_err_t tm_call_wait(tm_call_t *call, tm_reply_to_t *ret)
{
    tm_loop_t *loop = call->loop;
    assert(call->slot == TM_NO_SLOT && !call->answered);
    if (loop->n_waiting >= TM_LOOP_WAITING_MAX)
        return TM_EBUSY;
    if (loop->free_slot == TM_NO_SLOT)
        grow(loop);
    const uint32_t i = loop->free_slot;
    tm_slot_t *slot = &loop->slots[i];
    loop->free_slot = slot->next_free;
    loop->n_waiting++;
    slot->call = call;
    call->slot = i;
    call->waits_ns = tm_time_mono_ns();
    call->waits_for = TM_NO_SLOT;
    call->deadline.cb = on_deadline;
    h2o_timeout_link(loop->ctx.loop, &loop->answer_wait, &call->deadline);
    *ret = (tm_reply_to_t){loop->index, i, slot->generation};
    return TM_OK;
}

tm_err_t tm_call_wait_for(tm_call_t *call, uint32_t actor)
{
    assert(call->slot != TM_NO_SLOT && call->waits_for == TM_NO_SLOT);
    /* Two actors of one place make the limit stricter, nothing else. */
    const uint32_t place = actor % TM_WAITING_SLOTS;
    uint16_t *const n = &call->loop->waiting_of[place];
    if (*n >= TM_ACTOR_WAITING_MAX / TM_MIN(call->loop->http->n_loops, TM_WAITING_PARTS_MAX))
        return TM_EBUSY;
    (*n)++;
    call->waits_for = place;
    return TM_OK;
}

void tm_call_stop_waiting(tm_call_t *call)
{
    if (call->slot == TM_NO_SLOT)
        return;
    tm_loop_t *loop = call->loop;
    tm_slot_t *slot = &loop->slots[call->slot];
    assert(slot->call == call && loop->n_waiting > 0);
    slot->call = NULL;
    slot->generation++;
    slot->next_free = loop->free_slot;
    loop->free_slot = call->slot;
    loop->n_waiting--;
    if (call->waits_for != TM_NO_SLOT) {
        assert(loop->waiting_of[call->waits_for] > 0);
        loop->waiting_of[call->waits_for]--;
        call->waits_for = TM_NO_SLOT;
    }
    call->slot = TM_NO_SLOT;
    h2o_timeout_unlink(&call->deadline);
}

void tm_call_stop_retrying(tm_call_t *call)
{
    if (!call->retrying)
        return;
    assert(call->loop->n_retrying > 0);
    call->loop->n_retrying--;
    call->retrying = false;
    h2o_timeout_unlink(&call->deadline);
}

static void on_retry(h2o_timeout_entry_t *entry)
{
    tm_call_t *call = H2O_STRUCT_FROM_MEMBER(tm_call_t, deadline, entry);
    tm_call_stop_retrying(call);
    call->route->handle(call);
}

static void retry(tm_call_t *call, uint32_t retries_max)
{
    tm_loop_t *loop = call->loop;
    assert(call->slot == TM_NO_SLOT && !call->answered && !call->retrying);
    if (++call->retries > retries_max || loop->n_retrying >= TM_LOOP_RETRYING_MAX) {
        tm_reply_problem(call, TM_EBUSY, NULL);
        return;
    }
    call->meaning = NULL; /* by then its place may be another's */
    call->retrying = true;
    loop->n_retrying++;
    call->deadline.cb = on_retry;
    h2o_timeout_link(loop->ctx.loop, &loop->retry_wait, &call->deadline);
}

void tm_call_retry(tm_call_t *call)
{
    retry(call, TM_RETRIES_MAX);
}

void tm_call_retry_patiently(tm_call_t *call)
{
    retry(call, TM_AS_OF_LOOKS_MAX);
}
