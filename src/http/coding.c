/* coding.c - see coding.h.
 *
 * How:     the level for what soon changes was measured on matrices of 23 and 120 KB: brotli 3
 *          gives 11 % of the bytes at 230 MB/s (4: 10 % at 160, 1: 13 % at 250), gzip 4 gives 12 %
 *          at 165 MB/s (1: 14 % at 220, 6: 11 % at 110).
 * Threads: as in coding.h. */
#include "http/coding.h"
#include "base/memory.h"
#include "base/trie.h"
#include "http/reply.h"
#include <brotli/encode.h>
#include <zlib.h>

#define BROTLI_OFTEN 3
#define BROTLI_ONCE 6
#define GZIP_OFTEN 4
#define GZIP_ONCE 6

/* ---- what a client takes ---- */

/* 0 to 1000; -1: no weight. */
static int read_weight(tm_str_t s)
{
    if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
        return -1;
    int v = (s.p[0] - '0') * 1000;
    for (uint32_t i = 2, worth = 100; i < s.n; i++, worth /= 10) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        v += (s.p[i] - '0') * (int)worth;
    }
    return v > 1000 ? -1 : v;
}

/* An item as its name and weight; -1: not well-formed. */
static int read_item(tm_str_t item, tm_str_t *ret_name)
{
    const char *semicolon = memchr(item.p, ';', item.n);
    *ret_name =
        tm_str_trim(tm_str_n(item.p, semicolon == NULL ? item.n : (size_t)(semicolon - item.p)));
    if (semicolon == NULL)
        return 1000;
    const tm_str_t rest =
        tm_str_trim(tm_str_n(semicolon + 1, item.n - (size_t)(semicolon + 1 - item.p)));
    if (rest.n < 3 || (rest.p[0] != 'q' && rest.p[0] != 'Q') || rest.p[1] != '=')
        return -1;
    return read_weight(tm_str_n(rest.p + 2, rest.n - 2));
}

static tm_str_t next_item(const char **p, const char *end)
{
    const char *comma = memchr(*p, ',', (size_t)(end - *p));
    const char *stop = comma == NULL ? end : comma;
    const tm_str_t item = tm_str_trim(tm_str_n(*p, (size_t)(stop - *p)));
    *p = comma == NULL ? end : stop + 1;
    return item;
}

void tm_accept_read(tm_str_t line, tm_accept_t *ret)
{
    if (line.n > TM_ACCEPT_BYTES_MAX)
        return;
    for (const char *p = line.p, *end = line.p + line.n; p < end;) {
        tm_str_t name;
        const int q = read_item(next_item(&p, end), &name);
        if (q < 0)
            continue;
        if (tm_str_eq(name, TM_STR("*")))
            ret->any = q;
        else if (tm_str_case_eq(name, TM_STR("br")))
            ret->codings[TM_CODING_BROTLI] = q;
        else if (tm_str_case_eq(name, TM_STR("gzip")) || tm_str_case_eq(name, TM_STR("x-gzip")))
            ret->codings[TM_CODING_GZIP] = q;
        else if (tm_str_case_eq(name, TM_STR("identity")))
            ret->plain = q;
    }
}

bool tm_accept_best(const tm_accept_t *accept, uint32_t have, tm_coding_t *ret)
{
    int best = 0;
    for (int i = 0; i < TM_CODINGS; i++) {
        const int q = accept->codings[i] >= 0 ? accept->codings[i] : accept->any;
        if ((have >> i & 1) != 0 && q > best) {
            best = q;
            *ret = (tm_coding_t)i;
        }
    }
    return best > 0 && best >= accept->plain; /* what is named is better than what goes unsaid */
}

static tm_accept_t accept_of(const tm_call_t *call)
{
    tm_accept_t accept = TM_ACCEPT_NOTHING;
    const h2o_headers_t *headers = &call->req->headers;
    for (size_t i = 0; i < headers->size; i++) {
        if (headers->entries[i].name == &H2O_TOKEN_ACCEPT_ENCODING->buf)
            tm_accept_read(tm_iovec_str(headers->entries[i].value), &accept);
    }
    return accept;
}

/* ---- forms ---- */

static tm_blob_t *pack_brotli(const tm_blob_t *plain, int quality)
{
    size_t n = BrotliEncoderMaxCompressedSize(plain->n);
    uint8_t *out = tm_alloc(n + 1);
    const bool done = n != 0 && BrotliEncoderCompress(
                                    quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, plain->n,
                                    (const uint8_t *)plain->p, &n, out) == BROTLI_TRUE;
    tm_blob_t *blob = done && n < plain->n ? tm_blob_new(out, n) : NULL;
    tm_free(out);
    return blob;
}

static tm_blob_t *pack_gzip(const tm_blob_t *plain, int level)
{
    z_stream z = {0};
    if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    const uLong bound = deflateBound(&z, plain->n);
    uint8_t *out = tm_alloc(bound);
    z.next_in = (Bytef *)(uintptr_t)plain->p;
    z.avail_in = plain->n;
    z.next_out = out;
    z.avail_out = (uInt)bound;
    const int rc = deflate(&z, Z_FINISH);
    tm_blob_t *blob =
        rc == Z_STREAM_END && z.total_out < plain->n ? tm_blob_new(out, z.total_out) : NULL;
    deflateEnd(&z);
    tm_free(out);
    return blob;
}

TM_OWN tm_blob_t *tm_pack(const tm_blob_t *plain, tm_coding_t coding, bool often)
{
    if (coding == TM_CODING_BROTLI)
        return pack_brotli(plain, often ? BROTLI_OFTEN : BROTLI_ONCE);
    return pack_gzip(plain, often ? GZIP_OFTEN : GZIP_ONCE);
}

/* ---- made to order ---- */

typedef struct packing {
    tm_http_t *http;
    tm_blob_t *plain; /* references */
    void *owner;
    tm_coded_t *coded;
    tm_coding_t coding;
} packing_t;

static void packing_end(packing_t *job)
{
    /* relaxed: a count; partner: the add in order. */
    __atomic_fetch_sub(&job->http->n_packings, 1, __ATOMIC_RELAXED);
    tm_blob_unref(job->plain);
    tm_shared_unref(job->owner);
    tm_free(job);
}

static void packing_run(void *arg)
{
    packing_t *job = arg;
    tm_coded_put(job->coded, job->coding, tm_pack(job->plain, job->coding, true));
    packing_end(job);
}

/* Nobody waits for it: where it cannot be made now, a later reader asks again. */
static void order(tm_http_t *http, tm_blob_t *plain, tm_coded_t *coded, tm_coding_t coding,
                  void *owner)
{
    const tm_services_t *services = &http->options.services;
    if (services->run == NULL || plain->n < TM_PACK_BYTES_MIN || plain->n > TM_PACK_BYTES_MAX ||
        !tm_coded_order(coded, coding))
        return;
    packing_t *job = TM_NEW(packing_t);
    *job = (packing_t){http, tm_blob_ref(plain), tm_shared_ref(owner), coded, coding};
    /* relaxed: a limit, nothing is published by it; partner: the sub in packing_end. */
    const uint32_t before = __atomic_fetch_add(&http->n_packings, 1, __ATOMIC_RELAXED);
    if (before < TM_PACKINGS_MAX && services->run(services->self, 0, packing_run, job) == TM_OK)
        return;
    tm_coded_give_up(coded, coding);
    packing_end(job);
}

void tm_reply_coded(tm_call_t *call, const char *type, TM_OWN tm_blob_t *body, tm_coded_t *coded,
                    void *owner)
{
    static const char *const names[TM_CODINGS] = {"br", "gzip"};
    assert(call->varies);
    const tm_accept_t accept = accept_of(call);
    tm_coding_t coding;
    if (!tm_accept_best(&accept, UINT32_MAX, &coding)) {
        tm_reply_blob(call, 200, type, body);
        return;
    }
    if (tm_coded_form(coded, coding) == NULL)
        order(call->loop->http, body, coded, coding, owner);
    uint32_t have = 0;
    for (int i = 0; i < TM_CODINGS; i++)
        have |= tm_coded_form(coded, (tm_coding_t)i) == NULL ? 0 : 1u << i;
    if (tm_accept_best(&accept, have, &coding)) {
        tm_blob_t *form = tm_blob_ref(tm_coded_form(coded, coding));
        tm_blob_unref(body);
        body = form;
        call->coding = names[coding];
    }
    tm_reply_blob(call, 200, type, body);
}
