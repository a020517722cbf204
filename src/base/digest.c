/* digest.c - SHA-256 for identity and chains, a fast hash for maps, constant-time equality,
 * random bytes.
 *
 * Threads: any.
 * Source:  SHA-256 by OpenSSL's EVP; tm_hash64 mixes by 128-bit products as wyhash (Wang Yi,
 *          public domain) does. */
#include "base/digest.h"
#include "base/local.h"
#include "base/memory.h"
#include <stdlib.h>
#include <sys/random.h>

struct tm_sha256_ctx {
    EVP_MD_CTX *evp;
};

/* The library fails here only if it is broken: nothing a caller could do. */
static void must(int ok)
{
    if (ok != 1)
        abort();
}

tm_sha256_t tm_sha256(const void *p, size_t n)
{
    assert(p != NULL || n == 0);
    tm_local_t *local = tm_local();
    tm_sha256_t sha;
    must(EVP_DigestInit_ex2(local->sha, local->sha_md, NULL));
    must(EVP_DigestUpdate(local->sha, p, n));
    must(EVP_DigestFinal_ex(local->sha, sha.b, NULL));
    return sha;
}

void tm_sha256_format(const tm_sha256_t *sha, char ret_text[TM_SHA256_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof(sha->b); i++) {
        ret_text[2 * i] = hex[sha->b[i] >> 4];
        ret_text[2 * i + 1] = hex[sha->b[i] & 15];
    }
    ret_text[TM_SHA256_TEXT - 1] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

tm_err_t tm_sha256_parse(tm_str_t text, tm_sha256_t *ret)
{
    assert(ret != NULL);
    tm_sha256_t sha;
    if (text.n != TM_SHA256_TEXT - 1)
        return TM_EINVALID;
    for (size_t i = 0; i < sizeof(sha.b); i++) {
        const int high = hex_value(text.p[2 * i]);
        const int low = hex_value(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return TM_EINVALID;
        sha.b[i] = (uint8_t)(high << 4 | low);
    }
    *ret = sha;
    return TM_OK;
}

TM_OWN tm_sha256_ctx_t *tm_sha256_begin(void)
{
    tm_sha256_ctx_t *ctx = TM_NEW(tm_sha256_ctx_t);
    ctx->evp = EVP_MD_CTX_new();
    must(ctx->evp != NULL);
    must(EVP_DigestInit_ex2(ctx->evp, tm_local()->sha_md, NULL));
    return ctx;
}

void tm_sha256_add(tm_sha256_ctx_t *ctx, const void *p, size_t n)
{
    assert(ctx != NULL);
    assert(p != NULL || n == 0);
    must(EVP_DigestUpdate(ctx->evp, p, n));
}

tm_sha256_t tm_sha256_end(TM_OWN tm_sha256_ctx_t *ctx)
{
    assert(ctx != NULL);
    tm_sha256_t sha;
    must(EVP_DigestFinal_ex(ctx->evp, sha.b, NULL));
    EVP_MD_CTX_free(ctx->evp);
    tm_free(ctx);
    return sha;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    const __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Little-endian on every machine, so that hashes may be compared across machines. */
static uint64_t read64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static uint64_t read_tail(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v |= (uint64_t)p[i] << 8 * i;
    }
    return v;
}

uint64_t tm_hash64(const void *p, size_t n)
{
    assert(p != NULL || n == 0);
    const uint64_t k0 = UINT64_C(0xa0761d6478bd642f);
    const uint64_t k1 = UINT64_C(0xe7037ed1a0b428db);
    const uint8_t *at = p;
    size_t left = n;
    uint64_t h = k0 ^ (uint64_t)n;
    while (left >= 16) {
        h = mix(read64(at) ^ k0, read64(at + 8) ^ h);
        at += 16;
        left -= 16;
    }
    const uint64_t a = left >= 8 ? read64(at) : read_tail(at, left);
    const uint64_t b = left > 8 ? read_tail(at + 8, left - 8) : 0;
    h = mix(a ^ k1, b ^ h);
    return mix(h ^ k0, (uint64_t)n ^ k1);
}

/* The compiler may not look behind it, so no loop ends early. */
static inline uint64_t hidden(uint64_t v)
{
    __asm__ volatile("" : "+r"(v));
    return v;
}

bool tm_equal_const_time(const void *a, const void *b, size_t n)
{
    const uint8_t *pa = a;
    const uint8_t *pb = b;
    uint64_t differs = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        differs |= hidden(read64(pa + i) ^ read64(pb + i));
    for (; i < n; i++)
        differs |= hidden((uint64_t)(pa[i] ^ pb[i]));
    return differs == 0;
}

void tm_random_bytes(void *p, size_t n)
{
    uint8_t *at = p;
    while (n > 0) {
        const ssize_t got = getrandom(at, TM_MIN(n, (size_t)256), 0);
        if (got <= 0)
            abort(); /* up to 256 bytes are never interrupted */
        at += got;
        n -= (size_t)got;
    }
}
