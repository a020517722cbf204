/* test_digest.c - published vectors of CRC32C and SHA-256, and the map hash. */
#include "base/digest.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static uint32_t crc_by_bits(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
        }
    }
    return ~crc;
}

static void crc32c__matches_rfc_3720(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(tm_crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    assert_int_equal(tm_crc32c(0, bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)i;
    }
    assert_int_equal(tm_crc32c(0, bytes, 32), 0x46dd794eu);
    assert_int_equal(tm_crc32c(0, "123456789", 9), 0xe3069283u);
    assert_int_equal(tm_crc32c(0, NULL, 0), 0);
}

static void crc32c__chains_at_every_cut(void **state)
{
    (void)state;
    uint8_t bytes[257];
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(seed >> 56);
    }
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        const uint32_t wanted = crc_by_bits(bytes, n);
        assert_int_equal(tm_crc32c(0, bytes, n), wanted);
        assert_int_equal(tm_crc32c(tm_crc32c(0, bytes, n / 3), bytes + n / 3, n - n / 3), wanted);
    }
}

static void sha256__matches_fips_180(void **state)
{
    (void)state;
    char text[TM_SHA256_TEXT];
    tm_sha256_t sha = tm_sha256("abc", 3);
    tm_sha256_format(&sha, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha = tm_sha256(NULL, 0);
    tm_sha256_format(&sha, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    tm_sha256_ctx_t *ctx = tm_sha256_begin();
    char block[1000];
    memset(block, 'a', sizeof(block));
    for (int i = 0; i < 1000; i++) {
        tm_sha256_add(ctx, block, sizeof(block));
        (void)tm_sha256(block, 10); /* one-shot digests do not disturb a running one */
    }
    sha = tm_sha256_end(ctx);
    tm_sha256_format(&sha, text);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");

    tm_sha256_t back;
    assert_int_equal(tm_sha256_parse(tm_str(text), &back), TM_OK);
    assert_true(tm_equal_const_time(&back, &sha, sizeof(sha)));
    text[63] = 'G';
    assert_int_equal(tm_sha256_parse(tm_str(text), &back), TM_EINVALID);
    text[63] = 'A';
    assert_int_equal(tm_sha256_parse(tm_str(text), &back), TM_EINVALID);
    assert_int_equal(tm_sha256_parse(tm_str_n(text, 62), &back), TM_EINVALID);
    back.b[31] ^= 1;
    assert_false(tm_equal_const_time(&back, &sha, sizeof(sha)));
}

static void hash64__is_fixed_and_spreads(void **state)
{
    (void)state;
    /* Fixed for ever: stored hashes may depend on it. */
    const uint64_t empty = tm_hash64("", 0);
    const uint64_t abc = tm_hash64("abc", 3);
    const uint64_t longer = tm_hash64("the quick brown fox jumps over the lazy dog", 43);
    char text[64];
    snprintf(text, sizeof(text), "%016llx %016llx %016llx", (unsigned long long)empty,
             (unsigned long long)abc, (unsigned long long)longer);
    assert_string_equal(text, "832ff0d450935050 851c9167a6b0137d a5cf60b79a5cbd58");

    enum { BUCKETS = 1024, KEYS = 65536 };
    unsigned low[BUCKETS] = {0};
    unsigned high[BUCKETS] = {0};
    for (uint32_t i = 0; i < KEYS; i++) {
        char key[24];
        const int n = snprintf(key, sizeof(key), "key-%u", i);
        const uint64_t h = tm_hash64(key, (size_t)n);
        low[h % BUCKETS]++;
        high[h >> 54]++;
    }
    for (int i = 0; i < BUCKETS; i++) {
        assert_in_range(low[i], 20, 130); /* 64 expected */
        assert_in_range(high[i], 20, 130);
    }
    /* a trailing zero byte, a length and a position all matter */
    assert_true(tm_hash64("a", 1) != tm_hash64("a\0", 2));
    assert_true(tm_hash64("\0\0\0\0\0\0\0\0", 8) != tm_hash64("\0\0\0\0\0\0\0\0\0", 9));
}

static void random__differs(void **state)
{
    (void)state;
    uint8_t a[600] = {0};
    uint8_t b[600] = {0};
    tm_random_bytes(a, sizeof(a));
    tm_random_bytes(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_memory_not_equal(a + 300, b + 300, 300);
    tm_random_bytes(a, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c__matches_rfc_3720), cmocka_unit_test(crc32c__chains_at_every_cut),
        cmocka_unit_test(sha256__matches_fips_180), cmocka_unit_test(hash64__is_fixed_and_spreads),
        cmocka_unit_test(random__differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
