/* campaign_delta.c - what each version changed, for whoever listens.
 *
 * Why:     a turn must not write text that nobody may ever read, and what listens must get the
 *          same text from every loop.
 * How:     the ring holds packed deltas (domain/matrix_delta.h); the first reader makes the JSON
 *          and puts it beside, others find it there. The ring is bounded by what its deltas would
 *          be as JSON.
 * Threads: the actor's turn; tm_delta_body any. */
#include "actors/campaign.h"

#include "domain/matrix_delta.h"
#include "runtime/wire.h"
#include "schema/json.h"

#define BODY_BYTES_MAX (64u << 20) /* words need at most six times the bytes of a delta */
#define SCRATCH_KEPT (64u << 10)
#define JSON_FRAME_BYTES 80 /* all of a delta but its cells, events and names */

static void delta_free(void *object)
{
    tm_delta_t *delta = object;
    tm_blob_unref(delta->body);
    tm_free(delta);
}

static tm_delta_t *delta_new(uint64_t version, uint64_t weight, tm_str_t packed)
{
    tm_delta_t *delta = tm_alloc(sizeof *delta + packed.n);
    *delta = (tm_delta_t){
        .shared = {1, delta_free}, .version = version, .weight = (uint32_t)weight, .n = packed.n};
    if (packed.n > 0) {
        memcpy(delta->packed, packed.p, packed.n);
    }
    return delta;
}

TM_OWN tm_delta_t *campaign_delta_of_body(uint64_t version, tm_str_t body)
{
    tm_delta_t *delta = delta_new(version, body.n, (tm_str_t){NULL, 0});
    delta->body = tm_blob_new(body.p, body.n);
    return delta;
}

/* ---- the text ---- */

typedef struct delta_parts {
    tm_str_t principal, request_id, events, cells;
} delta_parts_t;

static bool read_parts(tm_str_t packed, delta_parts_t *ret)
{
    tm_wire_t in = tm_wire(packed);
    ret->principal = tm_wire_get_str(&in);
    ret->request_id = tm_wire_get_str(&in);
    ret->events = tm_wire_get_str(&in);
    ret->cells = tm_str_n(in.p, (size_t)(in.end - in.p));
    return !in.bad;
}

TM_OWN tm_delta_t *campaign_delta_packed(uint64_t version, uint64_t weight, tm_str_t packed)
{
    delta_parts_t parts;
    if (weight > TM_DELTA_BYTES_MAX || !read_parts(packed, &parts) ||
        !tm_matrix_delta_is_good(parts.cells))
        return NULL;
    return delta_new(version, weight, packed);
}

static tm_blob_t *write_body(const tm_delta_t *delta)
{
    delta_parts_t parts;
    bool good = read_parts(tm_str_n(delta->packed, delta->n), &parts);
    tm_buf_t out;
    tm_buf_init(&out, BODY_BYTES_MAX);
    (void)tm_buf_reserve(&out, (size_t)delta->weight + JSON_FRAME_BYTES);
    tm_buf_add_c(&out, "{\"version\":");
    tm_buf_add_u64(&out, delta->version);
    tm_buf_add_c(&out, ",\"cells\":");
    good = good && tm_matrix_delta_write(parts.cells, tm_source_kind_words.words, &out);
    tm_buf_add_c(&out, ",\"cause\":{\"principal\":");
    tm_json_write_str(parts.principal.p == NULL ? TM_STR("program") : parts.principal, &out);
    tm_buf_add_c(&out, ",\"request_id\":");
    if (parts.request_id.n > 0) {
        tm_json_write_str(parts.request_id, &out);
    } else {
        tm_buf_add_c(&out, "null");
    }
    tm_buf_add_char(&out, '}');
    if (parts.events.n > 0) {
        tm_buf_add_c(&out, ",\"events\":[");
        tm_buf_add_str(&out, parts.events);
        tm_buf_add_char(&out, ']');
    }
    tm_buf_add_char(&out, '}');
    assert(good && !out.full); /* we packed it, or looked through it when it was read */
    tm_blob_t *body = tm_blob_new(out.p, out.n);
    tm_buf_done(&out);
    return body;
}

const tm_blob_t *tm_delta_body(tm_delta_t *delta)
{
    /* acquire: the text is seen whole; partner: the release below. */
    tm_blob_t *body = __atomic_load_n(&delta->body, __ATOMIC_ACQUIRE);
    if (body != NULL)
        return body;
    tm_blob_t *made = write_body(delta);
    /* acq_rel, acquire: one text wins; partner: the load above, and itself in other threads. */
    if (__atomic_compare_exchange_n(&delta->body, &body, made, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return made;
    tm_blob_unref(made);
    return body;
}

/* ---- the ring ---- */

static void drop_oldest(campaign_t *c)
{
    const tm_delta_t *oldest = tm_trie_get(&c->ring, (uint32_t)c->ring_first);
    assert(oldest != NULL);
    c->ring_bytes -= oldest->weight;
    (void)tm_trie_del(&c->ring, (uint32_t)c->ring_first);
    c->ring_first++;
}

/* Packs the version's changes into c->packed. Returns about what they are as JSON, in bytes. */
static uint64_t pack(campaign_t *c, const tm_commit_head_t *head)
{
    tm_buf_t *out = &c->packed;
    tm_buf_clear(out);
    tm_wire_put_str(out, head->principal);
    tm_wire_put_str(out, head->request_id);
    tm_wire_put_str(out, tm_buf_str(&c->events));
    return JSON_FRAME_BYTES + (uint64_t)head->principal.n + head->request_id.n + c->events.n +
           tm_matrix_take_delta(c->matrix, c->version, out);
}

void campaign_push_delta(campaign_t *c, const tm_commit_head_t *head, bool rebuilt)
{
    if (c->unheard) {
        (void)tm_matrix_take_delta(c->matrix, c->version, NULL);
        c->ring_first = c->version + 1;
        return;
    }
    const uint64_t weight = pack(c, head);
    if (rebuilt || weight > TM_DELTA_BYTES_MAX || c->packed.full) {
        while (c->ring.n > 0) {
            drop_oldest(c);
        }
        c->ring_first = c->version + 1;
    } else {
        c->ring_bytes += weight;
        tm_trie_put(&c->ring, (uint32_t)c->version,
                    delta_new(c->version, weight, tm_buf_str(&c->packed)));
    }
    if (c->packed.cap > SCRATCH_KEPT) {
        tm_buf_done(&c->packed);
    }
    while (c->ring.n > 1 && (c->ring_bytes > TM_RING_BYTES_MAX || c->ring.n > TM_RING_DELTAS_MAX)) {
        drop_oldest(c);
    }
}
