/* test_disk.c - a folder as the journal's disk: made with its parents, exclusive creation,
 * offsets, names in order. */
#include "store/disk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

static void collect(void *ctx, const char *name)
{
    char *names = ctx;
    strncat(names, name, 900);
    strncat(names, " ", 2);
}

static void disk_folder__does_what_the_journal_asks(void **state)
{
    (void)state;
    char root[] = "/tmp/tm_disk_XXXXXX";
    assert_non_null(mkdtemp(root));
    char path[100];
    snprintf(path, sizeof(path), "%s/a/b", root);
    tm_disk_t disk;
    assert_int_equal(tm_disk_folder(path, &disk, NULL), TM_OK);
    int file = -1;
    int other = -1;
    assert_int_equal(disk.open(disk.self, "two", false, &file), TM_ENOTFOUND);
    assert_int_equal(disk.open(disk.self, "two", true, &file), TM_OK);
    assert_int_equal(disk.open(disk.self, "two", true, &other), TM_EIO);
    assert_int_equal(disk.open(disk.self, "one", true, &other), TM_OK);
    assert_int_equal(disk.write(disk.self, file, 100, "hello", 5), TM_OK);
    assert_int_equal(disk.sync(disk.self, file), TM_OK);
    assert_int_equal(disk.sync_folder(disk.self), TM_OK);
    uint64_t size = 0;
    assert_int_equal(disk.size(disk.self, file, &size), TM_OK);
    assert_int_equal(size, 105);
    char bytes[20];
    size_t n = 0;
    assert_int_equal(disk.read(disk.self, file, 99, bytes, sizeof(bytes), &n), TM_OK);
    assert_int_equal(n, 6);
    assert_memory_equal(bytes, "\0hello", 6);
    disk.forget(disk.self, file);
    memset(bytes, 1, sizeof(bytes));
    assert_int_equal(disk.read(disk.self, file, 99, bytes, sizeof(bytes), &n), TM_OK);
    assert_int_equal(n, 6);
    assert_memory_equal(bytes, "\0hello", 6);
    assert_int_equal(disk.read(disk.self, file, 105, bytes, sizeof(bytes), &n), TM_OK);
    assert_int_equal(n, 0);
    char names[2000] = "";
    assert_int_equal(disk.list(disk.self, collect, names), TM_OK);
    assert_string_equal(names, "one two ");
    disk.close(disk.self, other);
    assert_int_equal(disk.rename(disk.self, "two", "one"), TM_OK); /* replaces */
    assert_int_equal(disk.remove(disk.self, "two"), TM_ENOTFOUND);
    assert_int_equal(disk.remove(disk.self, "one"), TM_OK);
    disk.close(disk.self, file);
    tm_disk_close(&disk);

    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(tm_disk_folder(path, &disk, NULL), TM_OK); /* again */
    tm_disk_close(&disk);
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_disk_folder("/proc/nowhere/journal", &disk, &why), TM_EIO);
    char line[300];
    assert_non_null(strstr(tm_why_line(&why, line, sizeof(line)), "/proc/nowhere"));
    char command[100];
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(disk_folder__does_what_the_journal_asks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
