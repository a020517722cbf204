/* test_error.c - names, sentences and statuses of errors; the list of faults. */
#include "base/buf.h"
#include "base/fold.h"
#include "base/why.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void err__code_is_lower_case_without_e(void **state)
{
    (void)state;
    assert_string_equal(tm_err_code(TM_OK), "ok");
    assert_string_equal(tm_err_code(TM_EINVALID), "invalid");
    assert_string_equal(tm_err_code(TM_EIO), "io");
    assert_string_equal(tm_err_code(TM_EUNAUTHORIZED), "unauthorized");
    assert_int_equal(tm_err_status(TM_OK), 200);
    assert_int_equal(tm_err_status(TM_EDISKFULL), 507);
    for (int i = 0; i < TM_ERR_COUNT; i++) {
        assert_true(strlen(tm_err_text((tm_err_t)i)) > 3);
        assert_true(strlen(tm_err_code((tm_err_t)i)) >= 2);
        for (const char *c = tm_err_code((tm_err_t)i); *c != '\0'; c++) {
            assert_true(*c >= 'a' && *c <= 'z');
        }
    }
}

static void why__keeps_the_first_and_counts_the_rest(void **state)
{
    (void)state;
    tm_why_t why;
    char line[64];
    tm_why_clear(&why);
    assert_int_equal(tm_why_err(&why), TM_OK);
    assert_string_equal(tm_why_line(&why, line, sizeof(line)), "");
    assert_int_equal(tm_why_add(NULL, TM_EIO, "x", "y"), TM_EIO);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(tm_why_add(&why, TM_ERANGE, "name", "fault %d", i), TM_ERANGE);
    }
    assert_int_equal(why.n, TM_WHY_FAULTS_MAX);
    assert_int_equal(why.dropped, 40 - TM_WHY_FAULTS_MAX);
    assert_int_equal(tm_why_err(&why), TM_ERANGE);
    assert_string_equal(tm_why_line(&why, line, sizeof(line)), "name: fault 0");
    tm_why_clear(&why);
    (void)tm_why_add(&why, TM_EINVALID, NULL, "whole");
    assert_string_equal(tm_why_line(&why, line, sizeof(line)), "whole");
}

static void why__cut_texts_stay_utf8(void **state)
{
    (void)state;
    for (size_t pad = 0; pad < 5; pad++) {
        char text[400];
        size_t n = 0;
        while (n < pad) {
            text[n++] = 'a';
        }
        while (n + 5 < sizeof(text)) {
            memcpy(text + n, "\xf0\x9f\x98\x80", 4);
            n += 4;
        }
        text[n] = '\0';
        tm_why_t why;
        tm_why_clear(&why);
        (void)tm_why_add(&why, TM_EINVALID, text, "%s", text);
        assert_true(tm_utf8_is_valid(tm_str(why.faults[0].text)));
        assert_true(tm_utf8_is_valid(tm_str(why.faults[0].field)));
        assert_true(strlen(why.faults[0].text) + 4 >= TM_WHY_TEXT_MAX - 1);
        char line[50];
        assert_true(tm_utf8_is_valid(tm_str(tm_why_line(&why, line, sizeof(line)))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err__code_is_lower_case_without_e),
        cmocka_unit_test(why__keeps_the_first_and_counts_the_rest),
        cmocka_unit_test(why__cut_texts_stay_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
