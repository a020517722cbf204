/* test_blobs.c - bytes come back by their hash, damaged ones do not, and a crash leaves nothing
 * half. */
#include "store/blobs.h"
#include "base/memory.h"
#include "base/thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct fixture {
    char path[64];
    tm_blobs_t *blobs;
} fixture_t;

static int setup(void **state)
{
    fixture_t *f = TM_NEW(fixture_t);
    snprintf(f->path, sizeof(f->path), "/tmp/tm_blobs_XXXXXX");
    if (mkdtemp(f->path) == NULL || tm_blobs_open(f->path, &f->blobs, NULL) != TM_OK)
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture_t *f = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", f->path);
    tm_blobs_free(f->blobs);
    tm_free(f);
    return system(command);
}

static void path_of(const fixture_t *f, const tm_sha256_t *sha, char ret[200])
{
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(sha, hex);
    snprintf(ret, 200, "%s/%.2s/%.2s/%s", f->path, hex, hex + 2, hex);
}

static void blobs_get__gives_what_was_put(void **state)
{
    fixture_t *f = *state;
    tm_buf_t out;
    tm_buf_init(&out, 1 << 20);
    for (uint32_t n = 0; n < 300000; n = n * 3 + 1) {
        TM_AUTO(tm_free_p) char *p = tm_alloc(n + 1);
        memset(p, (int)(n % 251), n);
        const tm_sha256_t sha = tm_sha256(p, n);
        assert_int_equal(tm_blobs_put(f->blobs, tm_str_n(p, n), &sha, NULL), TM_OK);
        assert_int_equal(tm_blobs_put(f->blobs, tm_str_n(p, n), &sha, NULL), TM_OK); /* known */
        tm_buf_clear(&out);
        tm_buf_add_c(&out, "before");
        assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, NULL), TM_OK);
        assert_int_equal(out.n, n + 6);
        assert_memory_equal(out.p + 6, p, n);
        char path[200];
        path_of(f, &sha, path);
        struct stat st;
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    tm_buf_done(&out);
}

static void blobs_get__tells_absent_too_large_and_damaged(void **state)
{
    fixture_t *f = *state;
    tm_buf_t out;
    tm_buf_init(&out, 100);
    tm_sha256_t sha = tm_sha256("x", 1);
    assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, NULL), TM_ENOTFOUND);
    char bytes[200] = "some bytes";
    sha = tm_sha256(bytes, sizeof(bytes));
    assert_int_equal(tm_blobs_put(f->blobs, tm_str_n(bytes, sizeof(bytes)), &sha, NULL), TM_OK);
    assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, NULL), TM_ETOOLARGE);
    tm_buf_done(&out);
    tm_buf_init(&out, 1000);

    char path[200];
    path_of(f, &sha, path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fputc('X', file);
    fclose(file);
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, &why), TM_EDAMAGED);
    assert_int_equal(out.n, 0);
    assert_int_equal(truncate(path, 50), 0);
    assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, NULL), TM_EDAMAGED);
    /* A cut file is replaced by the next put of its bytes. */
    assert_int_equal(tm_blobs_put(f->blobs, tm_str_n(bytes, sizeof(bytes)), &sha, NULL), TM_OK);
    assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, NULL), TM_OK);
    tm_buf_done(&out);
}

static void blobs_open__removes_what_a_crash_left(void **state)
{
    fixture_t *f = *state;
    char path[200];
    snprintf(path, sizeof(path), "%s/new/0", f->path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("half", file);
    fclose(file);
    tm_blobs_free(f->blobs);
    assert_int_equal(tm_blobs_open(f->path, &f->blobs, NULL), TM_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    const tm_sha256_t sha = tm_sha256("half", 4);
    assert_int_equal(tm_blobs_put(f->blobs, TM_STR("half"), &sha, NULL), TM_OK);
}

typedef struct putter {
    fixture_t *f;
    tm_thread_t thread;
    bool good;
} putter_t;

static void put_many(void *arg)
{
    putter_t *p = arg;
    p->good = true;
    for (int i = 0; i < 40; i++) {
        char bytes[32];
        const int n = snprintf(bytes, sizeof(bytes), "blob %d", i);
        const tm_sha256_t sha = tm_sha256(bytes, (size_t)n);
        p->good =
            p->good && tm_blobs_put(p->f->blobs, tm_str_n(bytes, (size_t)n), &sha, NULL) == TM_OK;
    }
}

static void blobs_put__takes_the_same_bytes_from_many_threads(void **state)
{
    fixture_t *f = *state;
    putter_t putters[4];
    for (size_t i = 0; i < TM_COUNT(putters); i++) {
        putters[i] = (putter_t){f, {0}, false};
        assert_int_equal(tm_thread_start(&putters[i].thread, "putter", put_many, &putters[i]),
                         TM_OK);
    }
    for (size_t i = 0; i < TM_COUNT(putters); i++) {
        tm_thread_join(&putters[i].thread);
        assert_true(putters[i].good);
    }
    tm_buf_t out;
    tm_buf_init(&out, 100);
    const tm_sha256_t sha = tm_sha256("blob 39", 7);
    assert_int_equal(tm_blobs_get(f->blobs, &sha, &out, NULL), TM_OK);
    tm_buf_done(&out);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(blobs_get__gives_what_was_put),
        T(blobs_get__tells_absent_too_large_and_damaged),
        T(blobs_open__removes_what_a_crash_left),
        T(blobs_put__takes_the_same_bytes_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
