/* digest.h - checksums and hashes: CRC32C against accidents, SHA-256 for identity and chains, a
 * fast keyed hash for maps.
 *
 * Source:  SHA-256 and HMAC by OpenSSL's EVP; CRC32C with the CPU's instruction where there is
 *          one.
 * Threads: any. */
#ifndef TM_BASE_DIGEST_H
#define TM_BASE_DIGEST_H
#include "base/base.h"

typedef struct { uint8_t b[32]; } tm_sha256_t;
#define TM_SHA256_TEXT 65

uint32_t tm_crc32c(uint32_t seed, const void *p, size_t n); /* seed 0 to begin; chainable */
tm_sha256_t tm_sha256(const void *p, size_t n);
void tm_sha256_format(const tm_sha256_t *sha, char ret_text[TM_SHA256_TEXT]); /* lower-case hex */
TM_MUST_CHECK tm_err_t tm_sha256_parse(tm_str_t text, tm_sha256_t *ret);

typedef struct tm_sha256_ctx tm_sha256_ctx_t; /* for long inputs */
TM_OWN tm_sha256_ctx_t *tm_sha256_begin(void);
void tm_sha256_add(tm_sha256_ctx_t *ctx, const void *p, size_t n);
tm_sha256_t tm_sha256_end(TM_OWN tm_sha256_ctx_t *ctx);

/* same on every machine and run; not for hostile keys of unbounded maps */
uint64_t tm_hash64(const void *p, size_t n);
bool tm_equal_const_time(const void *a, const void *b, size_t n);
/* Random bytes from the kernel; aborts if there are none. Edges and app only. */
void tm_random_bytes(void *p, size_t n);
#endif
