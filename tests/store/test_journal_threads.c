/* test_journal_threads.c - many threads push, one journal thread writes: the order of each is
 * kept, releases come in the order of numbers, readers see only what is durable. Meant to run
 * under ThreadSanitizer, too. */
#include "store/journal.h"
#include "base/memory.h"
#include "base/thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define PUSHERS 6u
#define EACH 1500u
#define SEGMENT ((uint64_t)64 << 10)

typedef struct shared {
    tm_journal_t *journal;
    uint64_t last_number; /* the journal's thread */
    uint32_t last_of[PUSHERS];
    bool in_order, durable_first;
    uint32_t released; /* atomic */
    uint64_t told;     /* atomic; by the listener */
    tm_park_t reader_park;
} shared_t;

typedef struct commit {
    tm_commit_t commit;
    shared_t *shared;
    uint32_t pusher, serial;
} commit_t;
typedef struct pusher {
    shared_t *shared;
    uint32_t index;
    tm_thread_t thread;
} pusher_t;

static void released(tm_commit_t *p)
{
    commit_t *c = (commit_t *)p;
    shared_t *s = c->shared;
    if (p->n > 0) {
        s->in_order = s->in_order && p->number == s->last_number + 1;
        s->durable_first = s->durable_first && p->number <= tm_journal_durable(s->journal);
        s->last_number = p->number;
    }
    s->in_order = s->in_order && c->serial == s->last_of[c->pusher] + 1;
    s->last_of[c->pusher] = c->serial;
    tm_free(p->bytes);
    tm_free(c);
    __atomic_fetch_add(&s->released, 1, __ATOMIC_RELEASE);
}

static commit_t *commit_new(shared_t *s, uint32_t pusher, uint32_t serial)
{
    commit_t *c = TM_NEW(commit_t);
    const bool empty = serial % 7 == 0;
    const uint32_t n = empty ? 0 : 8 + serial % 300;
    *c = (commit_t){{.n = n, .reserved = n, .release = released}, s, pusher, serial};
    if (!empty) {
        c->commit.bytes = tm_zalloc(n);
        memcpy(c->commit.bytes, &pusher, 4);
        memcpy(c->commit.bytes + 4, &serial, 4);
    }
    return c;
}

/* Lists of one to five commits, each reserved before. */
static void push_all(void *arg)
{
    const pusher_t *p = arg;
    for (uint32_t serial = 1; serial <= EACH;) {
        commit_t *first = NULL;
        commit_t *last = NULL;
        for (uint32_t i = 0; i <= serial % 5 && serial <= EACH; i++, serial++) {
            commit_t *c = commit_new(p->shared, p->index, serial);
            if (first != NULL && c->commit.n > 0 &&
                tm_journal_reserve(p->shared->journal, c->commit.n) != TM_OK) {
                tm_free(c->commit.bytes);
                tm_free(c);
                break;
            }
            while (first == NULL && c->commit.n > 0 &&
                   tm_journal_reserve(p->shared->journal, c->commit.n) != TM_OK) {
                usleep(100);
            }
            if (first == NULL)
                first = c;
            else
                last->commit.next = &c->commit;
            last = c;
        }
        tm_journal_push(p->shared->journal, &first->commit, &last->commit);
    }
}

static void note_durable(void *ctx, uint64_t number)
{
    shared_t *s = ctx;
    __atomic_store_n(&s->told, number, __ATOMIC_RELEASE);
    tm_park_wake(&s->reader_park);
}

typedef struct reader {
    shared_t *shared;
    uint64_t wanted, seen;
    bool in_order;
    tm_thread_t thread;
} reader_t;

static void follow(void *arg)
{
    reader_t *r = arg;
    tm_journal_cursor_t *cursor = NULL;
    r->in_order = tm_journal_cursor_new(r->shared->journal, 0, &cursor) == TM_OK;
    uint32_t last_of[PUSHERS] = {0};
    while (r->seen < r->wanted && r->in_order) {
        uint64_t number;
        tm_str_t body;
        const tm_err_t err = tm_journal_cursor_next(cursor, &number, &body, NULL);
        if (err == TM_ENOTFOUND) {
            tm_park_wait(&r->shared->reader_park, 100);
            continue;
        }
        uint32_t pusher = 0;
        uint32_t serial = 0;
        r->in_order = err == TM_OK && number == r->seen + 1;
        if (!r->in_order)
            break;
        memcpy(&pusher, body.p, 4);
        memcpy(&serial, body.p + 4, 4);
        r->in_order = pusher < PUSHERS && serial > last_of[pusher];
        last_of[pusher] = serial;
        r->seen = number;
    }
    tm_journal_cursor_free(cursor);
}

typedef struct verifier {
    const char *path;
    uint32_t stop, runs;
    uint64_t last;
    bool good;
    char line[400];
    tm_thread_t thread;
} verifier_t;

static tm_err_t count(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    (void)body;
    (void)why;
    uint64_t *last = ctx;
    const bool next = number == *last + 1;
    *last = number;
    return next ? TM_OK : TM_EDAMAGED;
}

/* `trailmix verify` beside a server: what is half written is never taken for damage, and nothing
 * durable is missed. */
static void verify(void *arg)
{
    verifier_t *v = arg;
    v->good = true;
    while (v->good && __atomic_load_n(&v->stop, __ATOMIC_ACQUIRE) == 0) {
        tm_disk_t disk;
        tm_why_t why;
        tm_why_clear(&why);
        tm_journal_t *journal = NULL;
        tm_journal_info_t info;
        uint64_t last = 0;
        v->good = tm_disk_folder(v->path, &disk, &why) == TM_OK;
        const tm_journal_options_t options = {disk, SEGMENT, NULL, NULL};
        v->good = v->good && tm_journal_open(&options, &journal, &info, &why) == TM_OK;
        v->good = v->good && tm_journal_replay(journal, 0, true, count, &last, &why) == TM_OK;
        v->good = v->good && last == info.last && last >= v->last;
        v->last = last;
        v->runs++;
        tm_why_line(&why, v->line, sizeof(v->line));
        tm_journal_free(journal);
        tm_disk_close(&disk);
    }
}

static void journal__many_threads_one_order(void **state)
{
    (void)state;
    char path[] = "/tmp/tm_threads_XXXXXX";
    assert_non_null(mkdtemp(path));
    tm_disk_t disk;
    assert_int_equal(tm_disk_folder(path, &disk, NULL), TM_OK);
    const tm_journal_options_t options = {disk, SEGMENT, NULL, NULL};
    shared_t s = {.in_order = true, .durable_first = true};
    assert_int_equal(tm_journal_open(&options, &s.journal, NULL, NULL), TM_OK);
    assert_int_equal(tm_journal_begin(s.journal, NULL), TM_OK);
    tm_journal_on_durable(s.journal, note_durable, &s);
    assert_int_equal(tm_journal_start(s.journal), TM_OK);

    const uint64_t bodies = PUSHERS * (EACH - EACH / 7);
    reader_t reader = {.shared = &s, .wanted = bodies};
    assert_int_equal(tm_thread_start(&reader.thread, "reader", follow, &reader), TM_OK);
    verifier_t verifier = {.path = path};
    assert_int_equal(tm_thread_start(&verifier.thread, "verifier", verify, &verifier), TM_OK);
    pusher_t pushers[PUSHERS];
    for (uint32_t i = 0; i < PUSHERS; i++) {
        pushers[i] = (pusher_t){&s, i, {0}};
        assert_int_equal(tm_thread_start(&pushers[i].thread, "pusher", push_all, &pushers[i]),
                         TM_OK);
    }
    for (uint32_t i = 0; i < PUSHERS; i++) {
        tm_thread_join(&pushers[i].thread);
    }
    tm_buf_t body;
    tm_buf_init(&body, 1024);
    for (int i = 0; i < 200; i++) { /* beside the writer */
        const uint64_t durable = tm_journal_durable(s.journal);
        tm_buf_clear(&body);
        if (durable > 0)
            assert_int_equal(tm_journal_read(s.journal, 1 + durable * (uint64_t)i / 200, &body),
                             TM_OK);
    }
    tm_buf_done(&body);
    tm_journal_stop(s.journal);
    tm_thread_join(&reader.thread);
    __atomic_store_n(&verifier.stop, 1, __ATOMIC_RELEASE);
    tm_thread_join(&verifier.thread);
    if (!verifier.good)
        fail_msg("verify: %s", verifier.line);
    assert_true(verifier.runs > 0);
    assert_int_equal(__atomic_load_n(&s.released, __ATOMIC_ACQUIRE), PUSHERS * EACH);
    assert_true(s.in_order);
    assert_true(s.durable_first);
    assert_int_equal(s.last_number, bodies);
    assert_int_equal(__atomic_load_n(&s.told, __ATOMIC_ACQUIRE), bodies);
    assert_true(reader.in_order);
    assert_int_equal(reader.seen, bodies);
    for (uint32_t i = 0; i < PUSHERS; i++) {
        assert_int_equal(s.last_of[i], EACH);
    }
    tm_journal_free(s.journal);
    tm_disk_close(&disk);
    char command[100];
    snprintf(command, sizeof(command), "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(journal__many_threads_one_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
