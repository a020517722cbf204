/* test_limits.c - docs/limits.md is what the program says of itself, each limit once. */
#include "app/commands.h"
#include "base/memory.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define TEXT_MAX (1u << 20)
#define FILE_NAME TM_SOURCE_DIR "/docs/limits.md"

static void read_file(tm_buf_t *out)
{
    char bytes[4096];
    FILE *in = fopen(FILE_NAME, "rb");
    for (size_t n; in != NULL && (n = fread(bytes, 1, sizeof(bytes), in)) > 0;)
        tm_buf_add(out, bytes, n);
    if (in != NULL)
        assert_int_equal(fclose(in), 0);
}

static void limits__the_page_is_the_lists(void **state)
{
    (void)state;
    tm_buf_t made;
    tm_buf_t kept;
    tm_buf_init(&made, TEXT_MAX);
    tm_buf_init(&kept, TEXT_MAX);
    tm_limits_markdown(&made);
    assert_false(made.full);
    if (getenv("TM_GOLDEN_UPDATE") != NULL) {
        FILE *out = fopen(FILE_NAME, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(made.p, 1, made.n, out), made.n);
        assert_int_equal(fclose(out), 0);
    }
    read_file(&kept);
    if (!tm_str_eq(tm_buf_str(&made), tm_buf_str(&kept)))
        fail_msg("%s differs from the lists; if the change is meant, run this test with "
                 "TM_GOLDEN_UPDATE=1",
                 FILE_NAME);
    tm_buf_done(&made);
    tm_buf_done(&kept);
}

static void limits__lines_are_layer_name_value_unit(void **state)
{
    (void)state;
    tm_buf_t text;
    tm_buf_init(&text, TEXT_MAX);
    tm_limits_text(&text);
    tm_buf_add_char(&text, '\0');
    uint32_t n = 0;
    for (const char *line = text.p; *line != '\0'; line = strchr(line, '\n') + 1) {
        char layer[32];
        char name[64];
        long long value;
        assert_int_equal(sscanf(line, "%31s %63s %lld", layer, name, &value), 3);
        assert_true(value > 0);
        char twice[128];
        snprintf(twice, sizeof(twice), "\n%s %s ", layer, name);
        assert_null(strstr(line, twice));
        n++;
    }
    assert_true(n > 50);
    assert_non_null(strstr(text.p, "runtime MAILBOX_DEPTH_DEFAULT"));
    tm_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits__the_page_is_the_lists),
        cmocka_unit_test(limits__lines_are_layer_name_value_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
