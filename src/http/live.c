/* live.c - event streams: every subscriber gets each version once, in order, or a snapshot with its
 * reason.
 *
 * Why:     a dashboard must show what the server knows, at the cost of what changed, however slow
 *          its line is.
 * How:     a subscriber is a cursor over the campaign's ring. On news the loop takes the newest
 *          snapshot once and sends each subscriber what it lacks in one write; a range of deltas is
 *          put together once and shared by all who stand at the same place. While a write is under
 *          way nothing is queued: when it ends, the cursor shows what is missing by then. Whoever
 *          fell behind the ring gets a snapshot. Nothing is allocated from the request's pool,
 *          which never shrinks.
 * Threads: tm_live_tell: any. The rest: the loop's. */
#include "http/live.h"
#include "http/records.h"
#include "http/reply.h"

#define HELLO ":trailmix\nretry: 2000\n\n"
#define HEARTBEAT ":\n\n"
#define GOODBYE "retry: 1000\n\n"

typedef struct tm_topic topic_t;

typedef struct tm_live {
    h2o_generator_t generator; /* first */
    struct tm_live *next, *prev;
    topic_t *topic;
    tm_loop_t *loop;
    tm_conn_t *conn;
    h2o_req_t *req;
    uint64_t epoch, version; /* what the client has, once `sending` ends */
    bool knows;              /* it has a version at all */
    bool begun, sending, ending, ended;
    uint64_t sent_at;
    tm_blob_t *flying; /* bytes in h2o's hands */
} live_t;

struct tm_topic {
    uint32_t actor;
    live_t *first;
    tm_campaign_view_t *view;
    uint64_t frame_from, frame_to; /* deltas in frame; versions of view->epoch */
    tm_blob_t *frame;
    const char *snapshot_reason; /* of the version of view */
    tm_blob_t *snapshot;
};

/* ---- who listens ---- */

static void interest_bit(uint32_t actor, uint32_t *ret_word, uint64_t *ret_bit)
{
    const uint32_t i = actor % (TM_NEWS_WORDS * 64);
    *ret_word = i / 64;
    *ret_bit = UINT64_C(1) << (i % 64);
}

static void forget_frames(topic_t *topic)
{
    tm_blob_unref(topic->frame);
    tm_blob_unref(topic->snapshot);
    topic->frame = NULL;
    topic->snapshot = NULL;
}

static void topic_free(tm_loop_t *loop, topic_t *topic)
{
    uint32_t word;
    uint64_t bit;
    interest_bit(topic->actor, &word, &bit);
    tm_map_del(&loop->topics, topic->actor);
    bool shared = false;
    uint32_t pos = 0;
    uint64_t actor;
    void *other;
    while (tm_map_next(&loop->topics, &pos, &actor, &other))
        shared = shared || actor % (TM_NEWS_WORDS * 64) == topic->actor % (TM_NEWS_WORDS * 64);
    if (!shared) {
        /* relaxed: at worst one wake-up for nothing; partner: tm_live_tell. */
        __atomic_fetch_and(&loop->interest[word], ~bit, __ATOMIC_RELAXED);
    }
    forget_frames(topic);
    tm_shared_unref(topic->view);
    tm_free(topic);
}

static topic_t *topic_of(tm_loop_t *loop, uint32_t actor)
{
    topic_t *topic = tm_map_get(&loop->topics, actor);
    if (topic != NULL)
        return topic;
    topic = TM_NEW(topic_t);
    topic->actor = actor;
    tm_map_put(&loop->topics, actor, topic);
    uint32_t word;
    uint64_t bit;
    interest_bit(actor, &word, &bit);
    /* seq_cst, before the snapshot is taken: a version published after that snapshot sees the
     * bit; partner: tm_live_tell. */
    __atomic_fetch_or(&loop->interest[word], bit, __ATOMIC_SEQ_CST);
    return topic;
}

/* Takes the newest snapshot; an older one than we have cannot come. */
static void topic_refresh(tm_loop_t *loop, topic_t *topic)
{
    tm_campaign_view_t *view = tm_runtime_snapshot(loop->http->rt, topic->actor);
    if (view == NULL)
        return;
    if (topic->view != NULL && topic->view->epoch == view->epoch &&
        topic->view->view.version == view->view.version) {
        tm_shared_unref(view);
        return;
    }
    forget_frames(topic);
    tm_shared_unref(topic->view);
    topic->view = view;
}

void tm_live_tell(tm_loop_t *loop, uint32_t actor)
{
    uint32_t word;
    uint64_t bit;
    interest_bit(actor, &word, &bit);
    /* seq_cst, after the snapshot was swapped in; partner: topic_of. */
    if ((__atomic_load_n(&loop->interest[word], __ATOMIC_SEQ_CST) & bit) == 0)
        return;
    __atomic_fetch_or(&loop->dirty[word], bit, __ATOMIC_SEQ_CST);
    /* seq_cst: the bit is seen by whoever sees the flag; partner: tm_live_deliver. */
    if (__atomic_exchange_n(&loop->has_dirty, 1, __ATOMIC_SEQ_CST) == 0)
        tm_loop_wake(loop);
}

/* ---- what is sent ---- */

/* Sends text (which lies in blob, or is a literal with blob NULL) behind the greeting if it is
 * the first. */
static void send_text(live_t *live, tm_str_t text, TM_OWN tm_blob_t *blob, h2o_send_state_t state)
{
    assert(!live->sending && !live->ended && live->flying == NULL);
    assert(text.n > 0);
    h2o_iovec_t bufs[2] = {h2o_iovec_init(HELLO, sizeof(HELLO) - 1),
                           h2o_iovec_init(text.p, text.n)};
    const uint32_t skip = live->begun ? 1 : 0;
    live->begun = true;
    live->sending = true;
    live->ended = state == H2O_SEND_STATE_FINAL;
    live->sent_at = tm_loop_now(live->loop);
    live->flying = blob;
    h2o_send(live->req, bufs + skip, 2 - skip, state);
}

/* NULL: the matrix is larger than an answer may be. */
static tm_blob_t *make_snapshot(topic_t *topic, const char *reason)
{
    if (topic->snapshot != NULL && topic->snapshot_reason == reason)
        return tm_blob_ref(topic->snapshot);
    tm_campaign_view_t *view = topic->view;
    const tm_matrix_query_t query = {.medium = -1, .side = -1, .today = view->today};
    tm_blob_t *matrix = tm_campaign_view_matrix(view, &query, true);
    if (matrix == NULL)
        return NULL;
    assert(matrix->n > 2 && matrix->p[0] == '{');
    tm_buf_t out;
    tm_blob_begin(&out, (size_t)matrix->n + 512);
    (void)tm_buf_reserve(&out, (size_t)matrix->n + 512);
    tm_buf_printf(&out, "id: %llu:%llu\nevent: snapshot\ndata: {\"reason\":\"%s\",",
                  (unsigned long long)view->epoch, (unsigned long long)view->view.version, reason);
    tm_buf_add(&out, matrix->p + 1, matrix->n - 1);
    tm_buf_add_c(&out, "\n\n");
    assert(!out.full);
    tm_blob_unref(matrix);
    tm_blob_unref(topic->snapshot);
    topic->snapshot = tm_blob_take(&out);
    topic->snapshot_reason = reason;
    return tm_blob_ref(topic->snapshot);
}

static void send_snapshot(live_t *live, const char *reason)
{
    topic_t *topic = live->topic;
    tm_blob_t *blob = make_snapshot(topic, reason);
    if (blob == NULL) {
        send_text(live, TM_STR(GOODBYE), NULL, H2O_SEND_STATE_FINAL);
        return;
    }
    live->epoch = topic->view->epoch;
    live->version = topic->view->view.version;
    live->knows = true;
    send_text(live, tm_blob_str(blob), blob, H2O_SEND_STATE_IN_PROGRESS);
}

/* The deltas after `from`, as many as one write may hold. NULL: the ring does not hold the next
 * one. */
static tm_blob_t *make_frame(topic_t *topic, uint64_t from, uint64_t *ret_to)
{
    if (topic->frame != NULL && topic->frame_from == from) {
        *ret_to = topic->frame_to;
        return tm_blob_ref(topic->frame);
    }
    const tm_campaign_view_t *view = topic->view;
    tm_buf_t out;
    tm_blob_begin(&out, TM_ANSWER_BYTES_MAX);
    uint64_t to = from;
    while (to < view->view.version && out.n < TM_STREAM_WRITE_BYTES_MAX) {
        tm_delta_t *delta = tm_trie_get(&view->ring, (uint32_t)(to + 1));
        if (delta == NULL || delta->version != to + 1)
            break;
        to++;
        tm_buf_printf(&out, "id: %llu:%llu\nevent: delta\ndata: ", (unsigned long long)view->epoch,
                      (unsigned long long)to);
        tm_buf_add_str(&out, tm_blob_str(tm_delta_body(delta)));
        tm_buf_add_c(&out, "\n\n");
    }
    if (to == from || out.full) {
        tm_buf_done(&out);
        return NULL;
    }
    tm_blob_unref(topic->frame);
    topic->frame = tm_blob_take(&out);
    topic->frame_from = from;
    topic->frame_to = to;
    *ret_to = to;
    return tm_blob_ref(topic->frame);
}

/* Sends what the subscriber lacks, if it lacks something and no write is under way. */
static void advance(live_t *live)
{
    const tm_campaign_view_t *view = live->topic->view;
    if (live->sending || live->ended)
        return;
    if (live->ending) {
        send_text(live, TM_STR(GOODBYE), NULL, H2O_SEND_STATE_FINAL);
        return;
    }
    if (!live->knows) {
        send_snapshot(live, "start");
    } else if (live->epoch != view->epoch) {
        send_snapshot(live, "epoch");
    } else if (live->version > view->view.version) {
        send_snapshot(live, "unknown_version");
    } else if (live->version < view->view.version) {
        uint64_t to;
        tm_blob_t *frame = make_frame(live->topic, live->version, &to);
        if (frame == NULL) {
            send_snapshot(live, "behind");
            return;
        }
        live->version = to;
        send_text(live, tm_blob_str(frame), frame, H2O_SEND_STATE_IN_PROGRESS);
    } else if (!live->begun) {
        send_text(live, TM_STR(HEARTBEAT), NULL, H2O_SEND_STATE_IN_PROGRESS);
    }
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    live_t *live = (live_t *)generator;
    assert(live->req == req);
    live->sending = false;
    tm_blob_unref(live->flying);
    live->flying = NULL;
    advance(live);
}

/* The request is gone. */
static void on_dispose(void *p)
{
    live_t *live = p;
    tm_loop_t *loop = live->loop;
    topic_t *topic = live->topic;
    assert(live->conn->streams > 0 && loop->n_live > 0);
    live->conn->streams--;
    loop->n_live--;
    tm_blob_unref(live->flying);
    *(live->prev == NULL ? &topic->first : &live->prev->next) = live->next;
    if (live->next != NULL)
        live->next->prev = live->prev;
    if (topic->first == NULL)
        topic_free(loop, topic);
}

/* ---- subscribing ---- */

/* "EPOCH:VERSION". */
static bool read_last_id(tm_str_t text, live_t *live)
{
    const char *colon = text.p == NULL ? NULL : memchr(text.p, ':', text.n);
    if (colon == NULL)
        return false;
    const tm_str_t first = tm_str_n(text.p, (size_t)(colon - text.p));
    const tm_str_t second = tm_str_n(colon + 1, text.n - first.n - 1);
    int64_t epoch;
    int64_t version;
    if (!tm_str_i64(first, &epoch) || !tm_str_i64(second, &version) || epoch < 0 || version < 0)
        return false;
    live->epoch = (uint64_t)epoch;
    live->version = (uint64_t)version;
    return true;
}

static live_t *subscribe(tm_call_t *call, uint32_t actor)
{
    tm_loop_t *loop = call->loop;
    live_t *live = h2o_mem_alloc_shared(&call->req->pool, sizeof(*live), on_dispose);
    topic_t *topic = topic_of(loop, actor);
    *live = (live_t){.generator = {on_proceed, NULL},
                     .topic = topic,
                     .loop = loop,
                     .conn = call->conn,
                     .req = call->req,
                     .next = topic->first,
                     .sent_at = tm_loop_now(loop)};
    if (topic->first != NULL)
        topic->first->prev = live;
    topic->first = live;
    call->conn->streams++;
    loop->n_live++;
    topic_refresh(loop, topic);
    return live;
}

void tm_handle_live(tm_call_t *call)
{
    tm_loop_t *loop = call->loop;
    tm_campaign_view_t *view = tm_records_campaign(call);
    if (view == NULL)
        return;
    const uint32_t actor = tm_campaign_actor(view->campaign_id);
    tm_shared_unref(view);
    if (call->conn->streams >= TM_CONNECTION_STREAMS_MAX || loop->n_live >= TM_LOOP_STREAMS_MAX ||
        loop->stopping) {
        tm_reply_problem(call, loop->stopping ? TM_ESTOPPING : TM_EBUSY, NULL);
        return;
    }
    if (call->head) {
        tm_reply_static(call, 200, "text/event-stream", TM_STR(""));
        return;
    }
    live_t *live = subscribe(call, actor);
    assert(live->topic->view != NULL);
    tm_str_t last = tm_call_header(call, "last-event-id", NULL);
    if (last.p == NULL)
        last = tm_query_get(call, "last_event_id");
    live->knows = read_last_id(last, live);
    tm_reply_header(call, "x-accel-buffering", "no");
    tm_reply_begin(call, 200, "text/event-stream");
    h2o_start_response(call->req, &live->generator);
    advance(live);
}

/* ---- what the loop calls ---- */

void tm_live_deliver(tm_loop_t *loop)
{
    /* seq_cst: partner is tm_live_tell. */
    if (__atomic_load_n(&loop->has_dirty, __ATOMIC_RELAXED) == 0)
        return;
    __atomic_store_n(&loop->has_dirty, 0, __ATOMIC_SEQ_CST);
    uint64_t dirty[TM_NEWS_WORDS];
    for (uint32_t i = 0; i < TM_NEWS_WORDS; i++)
        dirty[i] = __atomic_exchange_n(&loop->dirty[i], 0, __ATOMIC_SEQ_CST);
    uint32_t pos = 0;
    uint64_t actor;
    void *p;
    while (tm_map_next(&loop->topics, &pos, &actor, &p)) {
        topic_t *topic = p;
        uint32_t word;
        uint64_t bit;
        interest_bit(topic->actor, &word, &bit);
        if ((dirty[word] & bit) == 0)
            continue;
        topic_refresh(loop, topic);
        for (live_t *live = topic->first; live != NULL; live = live->next)
            advance(live);
    }
}

static void each(tm_loop_t *loop, void (*visit)(live_t *live, uint64_t now))
{
    const uint64_t now = tm_loop_now(loop);
    uint32_t pos = 0;
    uint64_t actor;
    void *p;
    while (tm_map_next(&loop->topics, &pos, &actor, &p)) {
        for (live_t *live = ((topic_t *)p)->first; live != NULL; live = live->next)
            visit(live, now);
    }
}

static void keep_alive(live_t *live, uint64_t now)
{
    if (live->sending && now - live->sent_at >= live->loop->http->stall_ms)
        tm_conn_cut(live->conn);
    else if (!live->sending && !live->ended &&
             now - live->sent_at >= live->loop->http->heartbeat_ms)
        send_text(live, TM_STR(HEARTBEAT), NULL, H2O_SEND_STATE_IN_PROGRESS);
}

static void say_goodbye(live_t *live, uint64_t now)
{
    (void)now;
    live->ending = true;
    advance(live);
}

void tm_live_sweep(tm_loop_t *loop)
{
    each(loop, keep_alive);
}
void tm_live_end(tm_loop_t *loop)
{
    each(loop, say_goodbye);
}
