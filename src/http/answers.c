/* answers.c - the table of waiting requests of a loop, and the list by which their answers arrive.
 *
 * Why:     a request is named outside its loop by (loop, slot, generation), never by pointer: it
 *          may be gone before its answer.
 * How:     senders push onto a lock-free list; whoever finds it empty wakes the loop, which takes
 *          the whole list at the end of its turn. A slot is cleared when the request is answered or
 *          dies; an answer for an older generation is dropped.
 * Threads: tm_answers_send: any. The rest: the loop's. */
#include "http/answers.h"
#include "http/reply.h"

#define SLOTS_FIRST 256

typedef struct tm_parcel {
    struct tm_parcel *next;
    tm_reply_to_t to;
    tm_answer_t answer; /* strings point into text, why to the copy behind this */
    tm_why_t *why;
    char *content_type, *disposition, *location;
} parcel_t;

static char *copy_c(const char *c)
{
    return c == NULL ? NULL : tm_strdup_n(c, strlen(c));
}

static void parcel_free(parcel_t *parcel)
{
    tm_blob_unref(parcel->answer.body);
    tm_free(parcel->why);
    tm_free(parcel->content_type);
    tm_free(parcel->disposition);
    tm_free(parcel->location);
    tm_free(parcel);
}

void tm_answers_send(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer)
{
    assert(http != NULL && answer != NULL);
    if (to.loop >= http->n_loops)
        return; /* TM_NO_LOOP, or a name from before a restart */
    tm_loop_t *loop = http->loops[to.loop];
    parcel_t *parcel = TM_NEW(parcel_t);
    parcel->to = to;
    parcel->answer = *answer;
    parcel->answer.body = tm_blob_ref(answer->body);
    if (answer->why != NULL) {
        /* Only the faults there are: the sender may keep no more. */
        const size_t bytes = offsetof(tm_why_t, faults) + answer->why->n * sizeof(tm_fault_t);
        parcel->why = tm_alloc(bytes);
        memcpy(parcel->why, answer->why, bytes);
    }
    parcel->answer.why = parcel->why;
    parcel->answer.content_type = parcel->content_type = copy_c(answer->content_type);
    parcel->answer.disposition = parcel->disposition = copy_c(answer->disposition);
    parcel->answer.location = parcel->location = copy_c(answer->location);

    parcel_t *head = __atomic_load_n(&loop->inbox, __ATOMIC_RELAXED);
    do {
        parcel->next = head;
        /* release: the parcel's content; partner: the acquire exchange in take. */
    } while (!__atomic_compare_exchange_n(&loop->inbox, &head, parcel, true, __ATOMIC_RELEASE,
                                          __ATOMIC_RELAXED));
    if (head == NULL)
        tm_loop_wake(loop);
}

/* The whole inbox, oldest first. */
static parcel_t *take(tm_loop_t *loop)
{
    /* acquire: partner is the release in tm_answers_send. */
    parcel_t *newest = __atomic_exchange_n(&loop->inbox, NULL, __ATOMIC_ACQUIRE);
    parcel_t *oldest = NULL;
    while (newest != NULL) {
        parcel_t *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

static void deliver(tm_loop_t *loop, parcel_t *parcel)
{
    if (parcel->to.slot < loop->n_slots) {
        tm_slot_t *slot = &loop->slots[parcel->to.slot];
        tm_call_t *call = slot->generation == parcel->to.generation ? slot->call : NULL;
        if (call != NULL) {
            tm_call_stop_waiting(call);
            tm_reply_answer(call, &parcel->answer, call->etag);
        }
    }
    parcel_free(parcel);
}

void tm_answers_deliver(tm_loop_t *loop)
{
    /* relaxed: a missed push has its own wake-up. */
    if (loop->ready == NULL && __atomic_load_n(&loop->inbox, __ATOMIC_RELAXED) != NULL)
        loop->ready = take(loop);
    for (uint32_t i = 0; i < TM_ANSWERS_A_TURN && loop->ready != NULL; i++) {
        parcel_t *parcel = loop->ready;
        loop->ready = parcel->next;
        deliver(loop, parcel);
    }
    /* More came while there were some: no wake-up tells of them again. */
    if (loop->ready == NULL && __atomic_load_n(&loop->inbox, __ATOMIC_RELAXED) != NULL)
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
    free_all(loop->ready);
    free_all(take(loop));
    loop->ready = NULL;
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
