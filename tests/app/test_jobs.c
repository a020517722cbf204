/* test_jobs.c - job threads: bounds answer at once, one line never has all threads, lines take
 * turns.
 *
 * How:     jobs that wait for a gate hold their threads for as long as a test wants. */
#include "app/jobs.h"
#include "base/memory.h"
#include "base/thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <cmocka.h>

#define WAIT_MS 20000

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool open;
    uint32_t begun, ended;
    uint32_t order[64]; /* marks of jobs as they began */
} gate_t;

typedef struct work {
    gate_t *gate;
    uint32_t mark;
} work_t;

static void gate_init(gate_t *gate)
{
    *gate = (gate_t){.open = false};
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->moved, NULL);
}

static void gate_done(gate_t *gate)
{
    pthread_cond_destroy(&gate->moved);
    pthread_mutex_destroy(&gate->lock);
}

static void run(void *arg)
{
    work_t *work = arg;
    gate_t *gate = work->gate;
    pthread_mutex_lock(&gate->lock);
    gate->order[gate->begun++ % TM_COUNT(gate->order)] = work->mark;
    pthread_cond_broadcast(&gate->moved);
    while (!gate->open)
        pthread_cond_wait(&gate->moved, &gate->lock);
    gate->ended++;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
    tm_free(work);
}

static tm_err_t ask(tm_jobs_t *jobs, gate_t *gate, tm_job_ask_t what, uint32_t mark)
{
    work_t *work = TM_NEW(work_t);
    *work = (work_t){gate, mark};
    const tm_err_t err = tm_jobs_run(jobs, &what, run, work);
    if (err != TM_OK)
        tm_free(work);
    return err;
}

/* Waits until so many began. */
static void until_begun(gate_t *gate, uint32_t n)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&gate->lock);
    while (gate->begun < n)
        assert_int_equal(pthread_cond_timedwait(&gate->moved, &gate->lock, &end), 0);
    pthread_mutex_unlock(&gate->lock);
}

static void open_gate(gate_t *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
}

static void end(tm_jobs_t *jobs, gate_t *gate, uint32_t n)
{
    open_gate(gate);
    tm_jobs_stop(jobs);
    assert_int_equal(gate->ended, n);
    tm_jobs_free(jobs);
    gate_done(gate);
}

static void jobs__a_campaign_never_has_all_threads(void **state)
{
    (void)state;
    gate_t gate;
    gate_init(&gate);
    tm_jobs_t *jobs;
    assert_int_equal(tm_jobs_new(TM_JOBS_BYTES_MAX, &jobs), TM_OK);
    const tm_job_ask_t pictures = {.sort = TM_JOB_PICTURES, .actor = 7};
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(ask(jobs, &gate, pictures, 7), TM_OK);
    until_begun(&gate, TM_JOBS_LINE_RUNNING_MAX);
    assert_int_equal(ask(jobs, &gate, (tm_job_ask_t){.sort = TM_JOB_EXPORTS}, 8), TM_OK);
    assert_int_equal(ask(jobs, &gate, (tm_job_ask_t){.sort = TM_JOB_UPLOADS}, 9), TM_OK);
    until_begun(&gate, TM_JOB_THREADS);
    assert_int_equal(gate.order[TM_JOB_THREADS - 1], 9); /* short work; long work stands behind */
    end(jobs, &gate, 12);
}

static void jobs__lines_take_turns(void **state)
{
    (void)state;
    gate_t gate;
    gate_init(&gate);
    tm_jobs_t *jobs;
    assert_int_equal(tm_jobs_new(TM_JOBS_BYTES_MAX, &jobs), TM_OK);
    gate_t holds;
    gate_init(&holds);
    for (uint32_t i = 0; i < TM_JOBS_LINE_RUNNING_MAX; i++)
        assert_int_equal(ask(jobs, &holds, (tm_job_ask_t){.sort = TM_JOB_UPLOADS}, 0), TM_OK);
    assert_int_equal(ask(jobs, &holds, (tm_job_ask_t){.sort = TM_JOB_CONTENTS}, 0), TM_OK);
    until_begun(&holds, TM_JOB_THREADS); /* all threads are taken */
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(ask(jobs, &gate, (tm_job_ask_t){.sort = TM_JOB_PICTURES, .actor = 1}, 1),
                         TM_OK);
    assert_int_equal(ask(jobs, &gate, (tm_job_ask_t){.sort = TM_JOB_PICTURES, .actor = 2}, 2),
                     TM_OK);
    open_gate(&holds);
    /* Whoever begins stays; long work has all threads but one. */
    until_begun(&gate, TM_JOB_THREADS - 1);
    bool early = false;
    for (uint32_t i = 0; i < TM_JOB_THREADS - 1; i++)
        early |= gate.order[i] == 2;
    assert_true(early);
    end(jobs, &gate, 21);
    gate_done(&holds);
}

static void jobs__what_is_too_much_is_refused_at_once(void **state)
{
    (void)state;
    gate_t gate;
    gate_init(&gate);
    tm_jobs_t *jobs;
    assert_int_equal(tm_jobs_new(TM_JOBS_BYTES_MAX, &jobs), TM_OK);
    const tm_job_ask_t small = {.sort = TM_JOB_UPLOADS};
    uint32_t taken = 0;
    for (uint32_t i = 0; i < TM_JOBS_LINE_RUNNING_MAX; i++)
        taken += ask(jobs, &gate, small, 1) == TM_OK;
    until_begun(&gate, taken);
    while (ask(jobs, &gate, small, 1) == TM_OK)
        taken++;
    assert_int_equal(taken, TM_JOBS_LINE_RUNNING_MAX + TM_JOBS_LINE_WAITING_MAX);
    assert_int_equal(ask(jobs, &gate, (tm_job_ask_t){.sort = TM_JOB_UPLOADS, .forced = true}, 1),
                     TM_OK);
    assert_int_equal(ask(jobs, &gate, (tm_job_ask_t){.sort = TM_JOB_CONTENTS}, 1), TM_OK);
    end(jobs, &gate, taken + 2);
}

static void jobs__bytes_are_bounded_in_a_line_and_together(void **state)
{
    (void)state;
    gate_t gate;
    gate_init(&gate);
    tm_jobs_t *jobs;
    assert_int_equal(tm_jobs_new(TM_JOBS_BYTES_MAX, &jobs), TM_OK);
    const uint64_t half = TM_JOBS_BYTES_MAX / 4;
    const tm_job_ask_t upload = {.sort = TM_JOB_UPLOADS, .bytes = half};
    const tm_job_ask_t table = {.sort = TM_JOB_TABLES, .bytes = half};
    const tm_job_ask_t list = {.sort = TM_JOB_LISTS, .bytes = TM_JOBS_BYTES_MAX};
    assert_int_equal(ask(jobs, &gate, upload, 1), TM_OK);
    assert_int_equal(ask(jobs, &gate, upload, 1), TM_OK);
    assert_int_equal(ask(jobs, &gate, upload, 1), TM_EBUSY); /* the line is full */
    assert_int_equal(ask(jobs, &gate, table, 1), TM_OK);
    assert_int_equal(ask(jobs, &gate, list, 1), TM_EBUSY); /* all are */
    end(jobs, &gate, 3);

    gate_init(&gate);
    assert_int_equal(tm_jobs_new(TM_JOBS_BYTES_MAX, &jobs), TM_OK);
    const tm_job_ask_t huge = {.sort = TM_JOB_LISTS, .bytes = 2 * (uint64_t)TM_JOBS_BYTES_MAX};
    assert_int_equal(ask(jobs, &gate, huge, 1), TM_OK); /* alone it always fits */
    assert_int_equal(ask(jobs, &gate, upload, 1), TM_EBUSY);
    end(jobs, &gate, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs__a_campaign_never_has_all_threads),
        cmocka_unit_test(jobs__lines_take_turns),
        cmocka_unit_test(jobs__what_is_too_much_is_refused_at_once),
        cmocka_unit_test(jobs__bytes_are_bounded_in_a_line_and_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
