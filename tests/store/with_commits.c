/* with_commits.c - see with_commits.h. */
#include "store/with_commits.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

int with_setup(void **state)
{
    fixture_t *f = TM_NEW(fixture_t);
    f->disk = with_disk_new();
    with_log_init(&f->log);
    f->options = (tm_journal_options_t){with_disk_face(f->disk), SEGMENT, with_fatal, &f->log};
    *state = f;
    return 0;
}

int with_teardown(void **state)
{
    fixture_t *f = *state;
    with_disk_free(f->disk);
    with_log_done(&f->log);
    tm_free(f);
    return 0;
}

uint32_t size_of(uint64_t tag)
{
    return (uint32_t)(9 + tag * 37 % 700);
}

bool is_body(uint64_t number, tm_str_t body)
{
    char want[1024];
    with_body(number, size_of(number), want);
    return tm_str_eq(body, tm_str_n(want, size_of(number)));
}

void write_some(tm_journal_t *journal, fixture_t *f, uint64_t from, uint64_t to)
{
    for (uint64_t tag = from; tag <= to; tag++) {
        assert_true(with_push(journal, &f->log, tag, size_of(tag)));
        if (tag % 3 == 0)
            tm_journal_step(journal);
    }
    while (tm_journal_step(journal)) {
    }
}

tm_err_t see(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    (void)why;
    seen_t *seen = ctx;
    if (seen->n == 0)
        seen->first = number;
    seen->same = seen->same && number == seen->first + seen->n && is_body(number, body);
    seen->n++;
    return TM_OK;
}
