/* test_framing.c - heads that leave doubt where their body ends are refused; ordinary ones are
 * not. */
#include "http/framing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct row {
    const char *head;
    int version;
    bool refused;
} row_t;

static const row_t rows[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0x101, false},
    {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0x101, false},
    {"GET / HTTP/1.0\r\n\r\n", 0x100, false},
    {"GET / HTTP/1.1\r\n\r\n", 0x101, true},
    {"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 0x101, false},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 0x101,
     true},
    {"POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 3\r\nCONTENT-LENGTH: 9\r\n\r\nabc", 0x101,
     true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", 0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0x101, false},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
     "3\r\n\r\n0\r\n\r\n",
     0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
     "Chunked\r\n\r\n0\r\n\r\n",
     0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n",
     0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 0x101, true},
    {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0x100, true},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", 0x101, true},
    {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 0x101, true},
    {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 0x101, true},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nContent-Length: 1\r\nContent-Length: "
     "2\r\n\r\n",
     0x101, false},
    {"GET / HTTP/1.1\nHost: a\n\n", 0x101, false},
};

static void framing_fault__refuses_what_is_ambiguous(void **state)
{
    (void)state;
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        const char *fault = tm_framing_fault(tm_str(rows[i].head), rows[i].version);
        if ((fault != NULL) != rows[i].refused)
            fail_msg("row %zu: %s", i, fault == NULL ? "taken" : fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(framing_fault__refuses_what_is_ambiguous)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
