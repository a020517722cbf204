/* test_read_command.c - `trailmix read` as somebody calls it: arguments, order, exit status.
 *
 * How:     this program plays trailmix: it starts itself with the arguments of the command and
 *          reads what it prints. */
#include "base/memory.h"
#include "feeds/read_files.h"
#include "feeds/reader.h"
#include "feeds/with_pdf.h"
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct place {
    char root[64];
    char folder[72]; /* in it; the command's output lies beside */
    bool able;       /* documents can be read here */
} place_t;

typedef struct said {
    int status;
    char out[1 << 17];
    char errors[1 << 14];
} said_t;

static void file_write(const char *folder, const char *name, const void *p, size_t n)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void file_read(const char *folder, const char *name, char *ret, size_t max)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    const size_t n = fread(ret, 1, max - 1, f);
    assert_true(n < max - 1);
    ret[n] = '\0';
    (void)fclose(f);
}

/* Runs `trailmix read ARGUMENTS` in the folder. */
static said_t *call(const place_t *place, const char *const *arguments)
{
    said_t *said = TM_NEW(said_t);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *argv[32] = {"trailmix", "read"};
        for (size_t i = 0; i < 29 && arguments[i] != NULL; i++) {
            argv[i + 2] = arguments[i];
        }
        const int flags = O_WRONLY | O_CREAT | O_TRUNC;
        if (chdir(place->folder) != 0 || dup2(open("../said.out", flags, 0600), 1) != 1 ||
            dup2(open("../said.err", flags, 0600), 2) != 2)
            _exit(99);
        (void)execv("/proc/self/exe", (char *const *)argv);
        _exit(98);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    said->status = WEXITSTATUS(status);
    file_read(place->root, "said.out", said->out, sizeof(said->out));
    file_read(place->root, "said.err", said->errors, sizeof(said->errors));
    return said;
}

static int setup(void **state)
{
    place_t *made = TM_NEW(place_t);
    (void)snprintf(made->root, sizeof(made->root), "/tmp/trailmix-test-XXXXXX");
    assert_non_null(mkdtemp(made->root));
    (void)snprintf(made->folder, sizeof(made->folder), "%s/in", made->root);
    assert_int_equal(mkdir(made->folder, 0700), 0);
    tm_buf_t pdf;
    tm_buf_init(&pdf, 1 << 20);
    pdf_pages(&pdf, 1, "");
    file_write(made->folder, "b-blank.pdf", pdf.p, pdf.n);
    tm_buf_clear(&pdf);
    pdf_scan(&pdf);
    file_write(made->folder, "a-scan.pdf", pdf.p, pdf.n);
    tm_buf_clear(&pdf);
    pdf_locked(&pdf);
    file_write(made->folder, "c-locked.pdf", pdf.p, pdf.n);
    file_write(made->folder, "d-empty.pdf", "", 0);
    file_write(made->folder, "e-letter.txt", "hello", 5);
    file_write(made->folder, ".hidden", "hello", 5);
    char sub[96];
    (void)snprintf(sub, sizeof(sub), "%s/sub", made->folder);
    assert_int_equal(mkdir(sub, 0700), 0);
    file_write(sub, "z.pdf", pdf.p, pdf.n);
    tm_buf_done(&pdf);
    tm_sandbox_t *sandbox = NULL;
    made->able = tm_sandbox_new(&sandbox, NULL) == TM_OK && access("/usr/bin/pdftotext", X_OK) == 0;
    tm_sandbox_free(sandbox);
    *state = made;
    return 0;
}

static int teardown(void **state)
{
    place_t *place = *state;
    char command[96];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", place->root);
    tm_free(place);
    return system(command);
}

#define ABLE()                                                                                     \
    const place_t *place = *state;                                                                 \
    if (!place->able) {                                                                            \
        skip();                                                                                    \
    }

/* Line i of the output as JSON. */
static json_t *line(const said_t *said, unsigned i)
{
    const char *p = said->out;
    for (; i > 0; i--) {
        p = strchr(p, '\n');
        assert_non_null(p);
        p++;
    }
    const char *end = strchr(p, '\n');
    assert_non_null(end);
    json_t *json = json_loadb(p, (size_t)(end - p), 0, NULL);
    assert_non_null(json);
    return json;
}

static void expect_line(const said_t *said, unsigned i, const char *file, const char *status,
                        const char *reason)
{
    json_t *json = line(said, i);
    assert_string_equal(json_string_value(json_object_get(json, "file")), file);
    assert_string_equal(json_string_value(json_object_get(json, "status")), status);
    assert_string_equal(json_string_value(json_object_get(json, "reason")), reason);
    assert_int_equal(strlen(json_string_value(json_object_get(json, "sha256"))), 64);
    json_decref(json);
}

static unsigned lines(const said_t *said)
{
    unsigned n = 0;
    for (const char *p = said->out; *p != '\0'; p++) {
        n += *p == '\n';
    }
    return n;
}

static void read_command__wrong_usage_is_2(void **state)
{
    const place_t *place = *state;
    static const char *const WRONG[][6] = {
        {NULL},
        {"--source", "fcc", NULL},
        {"a-scan.pdf", NULL},
        {"--source", "rss", "a-scan.pdf", NULL},
        {"--source", NULL},
        {"--source", "fcc", "--jobs", "0", "a-scan.pdf", NULL},
        {"--source", "fcc", "--jobs", "x", "a-scan.pdf", NULL},
        {"--source", "fcc", "--no-such", "a-scan.pdf", NULL},
    };
    for (size_t i = 0; i < TM_COUNT(WRONG); i++) {
        said_t *said = call(place, WRONG[i]);
        assert_int_equal(said->status, 2);
        assert_string_equal(said->out, "");
        assert_non_null(strstr(said->errors, "usage: trailmix read"));
        tm_free(said);
    }
}

static void read_command__help_is_0(void **state)
{
    const char *const arguments[] = {"--help", NULL};
    said_t *said = call(*state, arguments);
    assert_int_equal(said->status, 0);
    assert_non_null(strstr(said->out, "usage: trailmix read"));
    assert_string_equal(said->errors, "");
    tm_free(said);
}

static void read_command__folders_stand_for_their_files_by_name(void **state)
{
    ABLE();
    for (unsigned jobs = 1; jobs <= 8; jobs += 7) {
        const char *const arguments[] = {
            "--source",     "fcc", "--json",       "--jobs", jobs == 1 ? "1" : "8",
            "c-locked.pdf", ".",   "c-locked.pdf", NULL};
        said_t *said = call(place, arguments);
        assert_int_equal(said->status, 0); /* unreadable is a result */
        assert_string_equal(said->errors, "");
        assert_int_equal(lines(said), 8);
        expect_line(said, 0, "c-locked.pdf", "unreadable", "encrypted");
        expect_line(said, 1, "./a-scan.pdf", "unreadable", "no_text_layer");
        expect_line(said, 2, "./b-blank.pdf", "ignored", "blank");
        expect_line(said, 3, "./c-locked.pdf", "unreadable", "encrypted");
        expect_line(said, 4, "./d-empty.pdf", "unreadable", "damaged");
        expect_line(said, 5, "./e-letter.txt", "unreadable", "damaged");
        expect_line(said, 6, "./sub/z.pdf", "unreadable", "encrypted");
        expect_line(said, 7, "c-locked.pdf", "unreadable", "encrypted");
        tm_free(said);
    }
}

static void read_command__a_missing_file_is_1_after_the_rest(void **state)
{
    ABLE();
    const char *const arguments[] = {"--source=fcc", "--json",     "nowhere.pdf", "b-blank.pdf",
                                     "/dev/null",    "a-scan.pdf", NULL};
    said_t *said = call(place, arguments);
    assert_int_equal(said->status, 1);
    assert_int_equal(lines(said), 2);
    expect_line(said, 0, "b-blank.pdf", "ignored", "blank");
    expect_line(said, 1, "a-scan.pdf", "unreadable", "no_text_layer");
    assert_non_null(strstr(said->errors, "nowhere.pdf: No such file"));
    assert_non_null(strstr(said->errors, "/dev/null: is not a regular file"));
    tm_free(said);
}

static void read_command__prints_a_table_for_people(void **state)
{
    ABLE();
    const char *const arguments[] = {"--source", "fcc", "c-locked.pdf", NULL};
    said_t *said = call(place, arguments);
    assert_int_equal(said->status, 0);
    assert_int_equal(lines(said), 2);
    assert_non_null(strstr(said->out, "STATUS"));
    assert_non_null(strstr(said->out, "unreadable encrypted"));
    tm_free(said);
}

static void read_command__huge_files_are_hashed_not_kept(void **state)
{
    ABLE();
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/sub/huge.pdf", place->folder);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (64 << 20) + 1), 0); /* a hole: no disk */
    (void)close(fd);
    const char *const arguments[] = {"--source", "fcc", "--json", "sub/huge.pdf", NULL};
    said_t *said = call(place, arguments);
    assert_int_equal(said->status, 0);
    expect_line(said, 0, "sub/huge.pdf", "unreadable", "too_large");
    tm_free(said);
    assert_int_equal(unlink(path), 0);
}

static void read_file_load__hashes_and_bounds(void **state)
{
    const place_t *place = *state;
    char path[96];
    tm_read_bytes_t bytes;
    (void)snprintf(path, sizeof(path), "%s/e-letter.txt", place->folder);
    assert_int_equal(tm_read_file_load(path, 5, &bytes, NULL), TM_OK);
    assert_false(bytes.too_large);
    assert_true(tm_str_eq(tm_str_n(bytes.p, bytes.n), TM_STR("hello")));
    const char *sha = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_string_equal(bytes.sha256, sha);
    tm_free(bytes.p);
    assert_int_equal(tm_read_file_load(path, 4, &bytes, NULL), TM_OK);
    assert_true(bytes.too_large);
    assert_null(bytes.p);
    assert_string_equal(bytes.sha256, sha);
    assert_int_equal(tm_read_file_load("/nonexistent", 4, &bytes, NULL), TM_EIO);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return tm_sandbox_child_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "read") == 0)
        return tm_read_command(argc - 1, argv + 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_command__wrong_usage_is_2),
        cmocka_unit_test(read_command__help_is_0),
        cmocka_unit_test(read_command__folders_stand_for_their_files_by_name),
        cmocka_unit_test(read_command__a_missing_file_is_1_after_the_rest),
        cmocka_unit_test(read_command__prints_a_table_for_people),
        cmocka_unit_test(read_command__huge_files_are_hashed_not_kept),
        cmocka_unit_test(read_file_load__hashes_and_bounds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
