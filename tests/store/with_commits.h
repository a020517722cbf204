/* with_commits.h - a journal on a disk in memory; commits whose bodies follow from their number.
 *
 * Threads: one. */
#ifndef TM_TESTS_STORE_WITH_COMMITS_H
#define TM_TESTS_STORE_WITH_COMMITS_H
#include "store/with_disk.h"

#define SEGMENT 8192u

typedef struct fixture {
    with_disk_t *disk;
    with_log_t log;
    tm_journal_options_t options;
} fixture_t;

/* cmocka's set-up and tear-down of a test whose state is a fixture. */
int with_setup(void **state);
int with_teardown(void **state);

uint32_t size_of(uint64_t tag); /* of the body of a commit */
bool is_body(uint64_t number, tm_str_t body);
/* Commits [from, to], all durable when it returns. */
void write_some(tm_journal_t *journal, fixture_t *f, uint64_t from, uint64_t to);

/* What a replay saw; begin with same true. */
typedef struct seen {
    uint64_t n, first;
    bool same; /* each as it was written, none left out */
} seen_t;
tm_err_t see(void *seen, uint64_t number, tm_str_t body, tm_why_t *why);
#endif
