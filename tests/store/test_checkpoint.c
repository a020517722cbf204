/* test_checkpoint.c - files that hold a state: whole or known to be bad, the newest kept, nothing
 * left behind. */
#include "base/memory.h"
#include "store/checkpoint.h"
#include "store/with_disk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define BLOCKS 3

static tm_checkpoint_head_t head_of(uint64_t number)
{
    tm_checkpoint_head_t head = {.number = number, .at = {1791993600000}};
    memset(head.chain.b, (int)number, sizeof(head.chain.b));
    memset(head.identity.b, 7, sizeof(head.identity.b));
    return head;
}

static tm_sha256_t state_of(uint64_t number)
{
    return tm_sha256(&number, sizeof(number));
}

static size_t block_of(uint64_t number, uint32_t i, char ret[300])
{
    const size_t n = 1 + (number * 37 + i * 101) % 300;
    for (size_t k = 0; k < n; k++)
        ret[k] = (char)(number + i * 3 + k);
    return n;
}

static tm_err_t write_one(const tm_disk_t *disk, uint64_t number, tm_why_t *why)
{
    tm_checkpoint_writer_t *writer = NULL;
    const tm_checkpoint_head_t head = head_of(number);
    const tm_sha256_t state = state_of(number);
    char block[300];
    uint64_t bytes = 0;
    tm_err_t err = tm_checkpoint_create(disk, &head, 0, &writer, why);
    if (err != TM_OK)
        return err;
    for (uint32_t i = 0; i < BLOCKS && err == TM_OK; i++)
        err = tm_checkpoint_add(writer, tm_str_n(block, block_of(number, i, block)), why);
    if (err == TM_OK)
        err = tm_checkpoint_publish(writer, &state, &bytes, why);
    if (err != TM_OK)
        tm_checkpoint_abandon(writer);
    return err;
}

/* Reads it and compares what was read with what was written, as far as it is believed. */
static tm_err_t read_one(const tm_disk_t *disk, uint64_t number, tm_why_t *why)
{
    tm_checkpoint_reader_t *reader = NULL;
    tm_checkpoint_head_t head;
    const tm_checkpoint_head_t want = head_of(number);
    tm_err_t err = tm_checkpoint_open(disk, number, &reader, &head, why);
    if (err != TM_OK)
        return err;
    assert_int_equal(head.number, number);
    assert_int_equal(head.at.v, want.at.v);
    assert_memory_equal(&head.chain, &want.chain, sizeof(head.chain));
    assert_memory_equal(&head.identity, &want.identity, sizeof(head.identity));
    tm_str_t bytes;
    tm_sha256_t state;
    uint32_t n = 0;
    while ((err = tm_checkpoint_next(reader, &bytes, &state, why)) == TM_OK) {
        char block[300];
        assert_true(n < BLOCKS);
        assert_int_equal(bytes.n, block_of(number, n, block));
        assert_memory_equal(bytes.p, block, bytes.n);
        n++;
    }
    tm_checkpoint_close(reader);
    if (err != TM_ENOTFOUND)
        return err;
    const tm_sha256_t good = state_of(number);
    assert_int_equal(n, BLOCKS);
    assert_memory_equal(&state, &good, sizeof(good));
    return TM_OK;
}

static void checkpoint__comes_back_as_it_was(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    const tm_disk_t face = with_disk_face(disk);
    for (uint64_t number = 1; number < 2000; number = number * 3 + 1) {
        assert_int_equal(write_one(&face, number, NULL), TM_OK);
        assert_int_equal(read_one(&face, number, NULL), TM_OK);
    }
    with_disk_free(disk);
}

static void checkpoint__torn_at_every_byte_is_refused(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    const tm_disk_t face = with_disk_face(disk);
    assert_int_equal(write_one(&face, 5, NULL), TM_OK);
    with_file_t *file = with_disk_file(disk, "0000000000000005.checkpoint");
    assert_non_null(file);
    const size_t whole = file->now_n;
    for (size_t n = 0; n < whole; n++) {
        /* Cut there, or zeros from there on, as a file system may leave it. */
        with_disk_t *torn = with_disk_copy(disk);
        const tm_disk_t torn_face = with_disk_face(torn);
        file = with_disk_file(torn, "0000000000000005.checkpoint");
        file->now_n = n;
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_equal(read_one(&torn_face, 5, &why), TM_EDAMAGED);
        assert_non_null(strstr(why.faults[0].text, "0000000000000005.checkpoint"));
        bool changes = false;
        for (size_t k = n; k < whole; k++)
            changes = changes || file->now[k] != 0;
        memset(file->now + n, 0, whole - n);
        file->now_n = whole;
        if (changes)
            assert_int_equal(read_one(&torn_face, 5, NULL), TM_EDAMAGED);
        with_disk_free(torn);
    }
    /* Longer than it says. */
    file = with_disk_file(disk, "0000000000000005.checkpoint");
    file->now_n = whole + 1;
    assert_int_equal(read_one(&face, 5, NULL), TM_EDAMAGED);
    with_disk_free(disk);
}

static void checkpoint__each_flipped_bit_is_found(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    const tm_disk_t face = with_disk_face(disk);
    assert_int_equal(write_one(&face, 5, NULL), TM_OK);
    with_file_t *file = with_disk_file(disk, "0000000000000005.checkpoint");
    for (size_t at = 0; at < file->now_n; at++) {
        for (int bit = 0; bit < 8; bit++) {
            file->now[at] = (char)(file->now[at] ^ 1 << bit);
            assert_int_equal(read_one(&face, 5, NULL), TM_EDAMAGED);
            tm_checkpoint_head_t head;
            assert_int_equal(tm_checkpoint_verify(&face, 5, &head, NULL), TM_EDAMAGED);
            file->now[at] = (char)(file->now[at] ^ 1 << bit);
        }
    }
    assert_int_equal(read_one(&face, 5, NULL), TM_OK);
    with_disk_free(disk);
}

/* With a checksum that is right, so that only the value is wrong. */
static void checkpoint__another_format_or_name_is_refused(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    const tm_disk_t face = with_disk_face(disk);
    assert_int_equal(write_one(&face, 5, NULL), TM_OK);
    with_file_t *file = with_disk_file(disk, "0000000000000005.checkpoint");
    tm_why_t why;
    tm_why_clear(&why);
    file->now[8] = 2;
    uint32_t crc = tm_crc32c(0, file->now, 124);
    memcpy(file->now + 124, &crc, 4);
    assert_int_equal(read_one(&face, 5, &why), TM_EDAMAGED);
    assert_non_null(strstr(why.faults[0].text, "format"));
    file->now[8] = 1;
    crc = tm_crc32c(0, file->now, 124);
    memcpy(file->now + 124, &crc, 4);
    assert_int_equal(read_one(&face, 5, NULL), TM_OK);
    assert_int_equal(
        face.rename(face.self, "0000000000000005.checkpoint", "0000000000000006.checkpoint"),
        TM_OK);
    assert_int_equal(read_one(&face, 6, NULL), TM_EDAMAGED);
    assert_int_equal(read_one(&face, 5, NULL), TM_ENOTFOUND);
    with_disk_free(disk);
}

static void sweep__keeps_the_newest_and_removes_what_was_not_finished(void **state)
{
    (void)state;
    with_disk_t *disk = with_disk_new();
    const tm_disk_t face = with_disk_face(disk);
    int file;
    for (uint64_t number = 10; number <= 14; number++)
        assert_int_equal(write_one(&face, number, NULL), TM_OK);
    assert_int_equal(face.open(face.self, "0000000000000015.checkpoint.new", true, &file), TM_OK);
    assert_int_equal(face.open(face.self, "0000000001.log", true, &file), TM_OK);
    uint64_t numbers[8];
    uint32_t n = 0;
    assert_int_equal(tm_checkpoint_list(&face, 8, numbers, &n), TM_OK);
    assert_int_equal(n, 5);
    assert_int_equal(numbers[0], 14);
    assert_int_equal(numbers[4], 10);
    assert_int_equal(tm_checkpoint_sweep(&face, 13, 2), TM_OK); /* 14 was bad */
    assert_int_equal(tm_checkpoint_list(&face, 8, numbers, &n), TM_OK);
    assert_int_equal(n, 2);
    assert_int_equal(numbers[0], 13);
    assert_int_equal(numbers[1], 12);
    assert_null(with_disk_file(disk, "0000000000000015.checkpoint.new"));
    assert_non_null(with_disk_file(disk, "0000000001.log"));
    with_disk_free(disk);
}

static void write__what_fails_leaves_nothing(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        for (int n = 0;; n++) {
            with_disk_t *disk = with_disk_new();
            const tm_disk_t face = with_disk_face(disk);
            assert_int_equal(write_one(&face, 3, NULL), TM_OK);
            if (way == 0)
                disk->bytes_free = ((int64_t)4 << 20) + n * 20;
            else if (way == 1)
                disk->writes_left = n;
            else
                disk->syncs_left = n;
            /* The room of the blocks is asked for at the begin, so a smaller disk refuses there. */
            if (way == 0 && n == 0)
                disk->bytes_free = 100;
            tm_why_t why;
            tm_why_clear(&why);
            const tm_err_t err = write_one(&face, 4, &why);
            if (err == TM_OK) {
                assert_true(n > 0);
                assert_int_equal(read_one(&face, 4, NULL), TM_OK);
                with_disk_free(disk);
                break;
            }
            assert_int_equal(err, way == 0 ? TM_EDISKFULL : TM_EIO);
            assert_non_null(strstr(why.faults[0].text, "0000000000000004.checkpoint"));
            disk->writes_left = disk->syncs_left = -1;
            assert_null(with_disk_file(disk, "0000000000000004.checkpoint.new"));
            assert_int_equal(read_one(&face, 3, NULL), TM_OK);
            with_disk_free(disk);
        }
    }
}

static void crash__a_name_means_a_whole_file(void **state)
{
    (void)state;
    uint64_t seed = 11;
    uint32_t kept = 0;
    for (int i = 0; i < 400; i++) {
        with_disk_t *disk = with_disk_new();
        const tm_disk_t face = with_disk_face(disk);
        disk->writes_left = (int)(with_random(&seed) % 12);
        disk->syncs_left = (int)(with_random(&seed) % 4);
        const tm_err_t err = write_one(&face, 9, NULL);
        with_disk_crash(disk, &seed);
        const bool there = with_disk_file(disk, "0000000000000009.checkpoint") != NULL;
        assert_true(there || err != TM_OK);
        if (there)
            assert_int_equal(read_one(&face, 9, NULL), TM_OK);
        kept += there;
        with_disk_free(disk);
    }
    assert_true(kept > 20 && kept < 380);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpoint__comes_back_as_it_was),
        cmocka_unit_test(checkpoint__torn_at_every_byte_is_refused),
        cmocka_unit_test(checkpoint__each_flipped_bit_is_found),
        cmocka_unit_test(checkpoint__another_format_or_name_is_refused),
        cmocka_unit_test(sweep__keeps_the_newest_and_removes_what_was_not_finished),
        cmocka_unit_test(write__what_fails_leaves_nothing),
        cmocka_unit_test(crash__a_name_means_a_whole_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
