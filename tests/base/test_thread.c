/* test_thread.c - threads with names, parking without lost wake-ups, log records that never mix. */
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct report {
    char name[16];
    bool blocked;
} report_t;

static void tell(void *arg)
{
    report_t *report = arg;
    sigset_t set;
    pthread_getname_np(pthread_self(), report->name, sizeof(report->name));
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    report->blocked = sigismember(&set, SIGTERM) == 1 && sigismember(&set, SIGINT) == 1;
}

static void thread__has_its_name_and_no_signals(void **state)
{
    (void)state;
    report_t report = {"", false};
    tm_thread_t thread = {0};
    tm_thread_join(&thread); /* not started: nothing */
    assert_int_equal(tm_thread_start(&thread, "tm-fifteen-char", tell, &report), TM_OK);
    tm_thread_join(&thread);
    assert_string_equal(report.name, "tm-fifteen-char");
    assert_true(report.blocked);
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    assert_int_equal(sigismember(&set, SIGTERM), 0);
    assert_true(tm_thread_cpus() >= 1);
}

static void park__a_wake_before_the_wait_is_remembered_once(void **state)
{
    (void)state;
    tm_park_t park = {0};
    tm_park_wake(&park);
    tm_park_wake(&park);
    tm_park_wait(&park, -1); /* would hang if it were lost */
    const int64_t begin = tm_time_mono_ns();
    tm_park_wait(&park, 30);
    const int64_t slept_ms = (tm_time_mono_ns() - begin) / 1000000;
    assert_true(slept_ms >= 29);
    tm_park_wait(&park, 0);
}

typedef struct pair {
    tm_park_t ping, pong;
    uint32_t plain;
    uint32_t rounds;
} pair_t;

static void answer(void *arg)
{
    pair_t *pair = arg;
    for (uint32_t i = 0; i < pair->rounds; i++) {
        tm_park_wait(&pair->ping, -1);
        pair->plain++; /* plain on purpose: park must order it, ThreadSanitizer watches */
        tm_park_wake(&pair->pong);
    }
}

static void park__ping_pong_loses_nothing_and_orders_memory(void **state)
{
    (void)state;
    pair_t pair = {.rounds = 5000};
    tm_thread_t thread;
    assert_int_equal(tm_thread_start(&thread, "answer", answer, &pair), TM_OK);
    for (uint32_t i = 0; i < pair.rounds; i++) {
        assert_int_equal(pair.plain, i);
        tm_park_wake(&pair.ping);
        tm_park_wait(&pair.pong, i % 3 == 0 ? 60000 : -1);
    }
    tm_thread_join(&thread);
    assert_int_equal(pair.plain, pair.rounds);
}

static void write_lines(void *arg)
{
    for (int i = 0; i < 200; i++) {
        tm_log(TM_LOG_WARN, "test", "thread %s line %d \"quoted\"\n\x01 %0*d", (const char *)arg, i,
               500, 7);
    }
}

static void log__records_are_whole_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/tm-log-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    const int kept = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    unsetenv("LOG_FORMAT");
    tm_log_init(TM_LOG_INFO);
    tm_log(TM_LOG_DEBUG, "hidden", "not written");
    tm_thread_t threads[3];
    char names[3][2] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tm_thread_start(&threads[i], "log", write_lines, names[i]), TM_OK);
    }
    for (int i = 0; i < 3; i++) {
        tm_thread_join(&threads[i]);
    }
    tm_log(TM_LOG_ERROR, "long", "%05000d", 1);
    setenv("LOG_FORMAT", "text", 1);
    tm_log_init(TM_LOG_ERROR);
    tm_log(TM_LOG_WARN, "hidden", "not written");
    tm_log(TM_LOG_ERROR, "plain", "a \"b\"");
    dup2(kept, STDERR_FILENO);
    close(kept);

    FILE *in = fdopen(file, "r");
    rewind(in);
    char line[4096];
    int lines = 0;
    while (fgets(line, sizeof(line), in) != NULL) {
        lines++;
        const size_t n = strlen(line);
        assert_true(n <= 2048 && line[n - 1] == '\n');
        assert_null(strstr(line, "hidden"));
        if (lines <= 600) {
            assert_memory_equal(line, "{\"time\":\"2", 10);
            assert_non_null(
                strstr(line, "\",\"level\":\"warn\",\"what\":\"test\",\"text\":\"thread "));
            assert_non_null(strstr(line, "\\\"quoted\\\"\\u000a\\u0001 000"));
            assert_string_equal(line + n - 5, "07\"}\n");
        } else if (lines == 601) {
            assert_string_equal(line + n - 5, "00\"}\n");
        } else {
            assert_non_null(strstr(line, " level=error what=plain text=\"a \\\"b\\\"\"\n"));
        }
    }
    assert_int_equal(lines, 602);
    fclose(in);
    unlink(path);
    tm_log_level_t level;
    assert_int_equal(tm_log_level_parse(TM_STR("warn"), &level), TM_OK);
    assert_int_equal(level, TM_LOG_WARN);
    assert_int_equal(tm_log_level_parse(TM_STR("WARN"), &level), TM_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread__has_its_name_and_no_signals),
        cmocka_unit_test(park__a_wake_before_the_wait_is_remembered_once),
        cmocka_unit_test(park__ping_pong_loses_nothing_and_orders_memory),
        cmocka_unit_test(log__records_are_whole_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
