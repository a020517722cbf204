/* test_sandbox.c - what a tool that has been taken over could try: each must be stopped.
 *
 * How:     perl, which every Debian has, plays the tool: it runs through the same confinement as
 *          pdftotext. */
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "feeds/sandbox.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define PERL "/usr/bin/perl"
#define OUTPUT_MAX (1u << 20)

typedef struct ran {
    tm_err_t err;
    tm_sandbox_result_t result;
    char out[4096];
    size_t out_n; /* of all output */
    int64_t ms;
} ran_t;

static ran_t run_for(tm_sandbox_t *sandbox, const char *const *argv, const char *input,
                     int64_t deadline_ms)
{
    ran_t ran = {0};
    tm_buf_t out;
    tm_buf_init(&out, OUTPUT_MAX + 1);
    const tm_sandbox_run_t run = {argv, tm_str(input), deadline_ms, OUTPUT_MAX};
    const int64_t start = tm_time_mono_ns();
    ran.err = tm_sandbox_run(sandbox, &run, &out, &ran.result, NULL);
    ran.ms = (tm_time_mono_ns() - start) / 1000000;
    ran.out_n = out.n;
    memcpy(ran.out, out.p == NULL ? "" : out.p, TM_MIN(out.n, sizeof(ran.out) - 1));
    tm_buf_done(&out);
    return ran;
}

static ran_t perl(tm_sandbox_t *sandbox, const char *program)
{
    const char *const argv[] = {PERL, "-e", program, NULL};
    return run_for(sandbox, argv, "hello\n", 20000);
}

/* The program prints "no" for everything it was refused. */
static void expect(tm_sandbox_t *sandbox, const char *program, const char *out)
{
    const ran_t ran = perl(sandbox, program);
    assert_int_equal(ran.err, TM_OK);
    if (ran.result.end != TM_SANDBOX_EXITED || strcmp(ran.out, out) != 0) {
        print_error("%s\n  printed: %s\n  errors: %s\n", program, ran.out, ran.result.errors);
    }
    assert_int_equal(ran.result.end, TM_SANDBOX_EXITED);
    assert_string_equal(ran.out, out);
}

static int setup(void **state)
{
    tm_sandbox_t *sandbox = NULL;
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_sandbox_new(&sandbox, &why) != TM_OK) {
        char line[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 8];
        print_message("SKIPPED: %s\n", tm_why_line(&why, line, sizeof(line)));
    }
    if (access(PERL, X_OK) != 0) {
        print_message("SKIPPED: no %s\n", PERL);
        tm_sandbox_free(sandbox);
        sandbox = NULL;
    }
    *state = sandbox;
    return 0;
}

static int teardown(void **state)
{
    tm_sandbox_free(*state);
    return 0;
}

#define SANDBOX()                                                                                  \
    tm_sandbox_t *sandbox = *state;                                                                \
    if (sandbox == NULL) {                                                                         \
        skip();                                                                                    \
    }

static void sandbox_run__passes_input_output_errors_and_status(void **state)
{
    SANDBOX();
    const ran_t ran = perl(sandbox, "print 'got ', <STDIN>; print STDERR 'oh'; exit 7");
    assert_int_equal(ran.err, TM_OK);
    assert_int_equal(ran.result.end, TM_SANDBOX_EXITED);
    assert_int_equal(ran.result.code, 7);
    assert_string_equal(ran.out, "got hello\n");
    assert_string_equal(ran.result.errors, "oh");
    assert_true(ran.result.cpu_us > 0);
}

static void sandbox_run__gives_no_environment_and_no_descriptors(void **state)
{
    SANDBOX();
    (void)setenv("TRAILMIX_TEST_SECRET", "x", 1);
    const int leaked = dup(0); /* not close-on-exec: must still not arrive */
    assert_true(leaked > 2);
    expect(sandbox,
           "print join(',', keys %ENV), '|'; for (3..63) { if (open(my $f, '<&=', $_)) { print "
           "\"$_ \" } }",
           "|");
    (void)close(leaked);
}

static void sandbox_run__system_calls_outside_the_list_are_refused(void **state)
{
    SANDBOX();
    /* socket, ptrace, process_vm_readv, unshare, mount, io_uring_setup, bpf, keyctl, memfd_create,
     * setns, userfaultfd */
    expect(sandbox,
           "for "
           "([41,2,1,0],[101,16,1,0,0],[310,1,0,0,0,0,0],[272,0x10000000],[165,0,0,0,0,0],[425,1,0]"
           ",[321,0,0,0],[250,0,0],[319,0,0],[308,0,0],[323,0])"
           " { my @c = @$_; print syscall($c[0], @c[1..$#c]) == -1 ? 'no ' : \"yes$c[0] \" }",
           "no no no no no no no no no no no ");
}

static void sandbox_run__no_other_process_can_be_made_or_met(void **state)
{
    SANDBOX();
    expect(sandbox,
           "my $p = fork; print defined $p ? 'yes' : 'no'; exit 0 if defined $p && !$p; print "
           "kill(0, getppid()) ? 'yes' : 'no';"
           "print kill(9, -1) ? 'yes' : 'no'; print syscall(57) == -1 ? 'no' : 'yes'; print "
           "syscall(58) == -1 ? 'no' : 'yes'",
           "nonononono");
}

static void sandbox_run__files_of_others_cannot_be_read(void **state)
{
    SANDBOX();
    char path[] = "/tmp/trailmix-test-XXXXXX";
    const int fd = mkstemp(path); /* 0600: ours */
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "secret", 6), 6);
    char program[512];
    (void)snprintf(program, sizeof(program),
                   "for ('%s', '/etc/shadow', '/proc/1/environ', '/root/.profile', '/dev/mem') { "
                   "print open(my $f, '<', $_) ? \"yes$_\" : 'no' }",
                   path);
    const ran_t ran = perl(sandbox, program);
    (void)close(fd);
    (void)unlink(path);
    assert_string_equal(ran.out, "nonononono");
    expect(sandbox, "print open(my $f, '<', '/etc/ld.so.cache') ? 'yes' : 'no'", "yes");
}

static void sandbox_run__nothing_can_be_written(void **state)
{
    SANDBOX();
    char folder[] = "/tmp/trailmix-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0777), 0);
    char program[512];
    (void)snprintf(program, sizeof(program),
                   "for ('/etc/passwd', '%s/new', '/dev/shm/x') { print open(my $f, '>', $_) ? "
                   "'yes' : 'no'; print open(my $f, '+<', $_) ? 'yes' : 'no' }"
                   "print mkdir('%s/d') ? 'yes' : 'no', rename('/etc/hosts', '%s/h') ? 'yes' : "
                   "'no', unlink('/etc/hosts') ? 'yes' : 'no',"
                   "symlink('/', '%s/l') ? 'yes' : 'no', chmod(0777, '/etc/hosts') ? 'yes' : 'no'",
                   folder, folder, folder, folder);
    const ran_t ran = perl(sandbox, program);
    assert_string_equal(ran.out, "nonononononononononono");
    assert_int_equal(rmdir(folder), 0); /* and it is empty */
}

static void sandbox_run__endless_work_ends_at_the_deadline(void **state)
{
    SANDBOX();
    static const char *const PROGRAMS[] = {
        "while (1) {}", "sleep 1000",
        "$SIG{$_} = 'IGNORE' for qw(TERM INT HUP XCPU ALRM); while (1) {}", "fork while 1"};
    for (size_t i = 0; i < TM_COUNT(PROGRAMS); i++) {
        const char *const argv[] = {PERL, "-e", PROGRAMS[i], NULL};
        const ran_t ran = run_for(sandbox, argv, "", 700);
        assert_int_equal(ran.err, TM_OK);
        assert_true(ran.result.end == TM_SANDBOX_TIMEOUT || ran.result.end == TM_SANDBOX_SIGNALLED);
        assert_in_range(ran.ms, 500, 8000);
    }
}

static void sandbox_run__endless_output_is_cut(void **state)
{
    SANDBOX();
    const ran_t ran = perl(sandbox, "print 'x' x 65536 while 1");
    assert_int_equal(ran.err, TM_OK);
    assert_int_equal(ran.result.end, TM_SANDBOX_OVERFLOW);
    assert_int_equal(ran.out_n, OUTPUT_MAX);
    assert_true(ran.ms < 15000);
    const ran_t errors = perl(sandbox, "print STDERR 'y' x 65536 for 1..100; print 'done'");
    assert_int_equal(errors.result.end,
                     TM_SANDBOX_EXITED); /* complaints are thrown away, not waited for */
    assert_string_equal(errors.out, "done");
    assert_int_equal(errors.result.errors_n, TM_SANDBOX_ERRORS_MAX - 1);
    const ran_t exact = perl(sandbox, "print 'z' x (1 << 20)");
    assert_int_equal(exact.result.end, TM_SANDBOX_EXITED);
    assert_int_equal(exact.out_n, OUTPUT_MAX);
}

static void sandbox_run__memory_is_bounded(void **state)
{
    SANDBOX();
    const ran_t ran =
        perl(sandbox, "my $n = 1 << 28; my @a; push @a, 'x' x $n for 1..16; print 'yes'");
    assert_int_equal(ran.err, TM_OK);
    assert_string_equal(ran.out, "");
    assert_true(ran.result.rss_kb_max < 1100 * 1024);
}

static void sandbox_run__a_tool_that_is_not_there_is_told(void **state)
{
    SANDBOX();
    const char *const argv[] = {"/nonexistent/tool", NULL};
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_t out;
    tm_buf_init(&out, 100);
    tm_sandbox_result_t result;
    const tm_sandbox_run_t run = {argv, TM_STR(""), 1000, 10};
    assert_int_equal(tm_sandbox_run(sandbox, &run, &out, &result, &why), TM_EUNAVAILABLE);
    assert_int_equal(why.n, 1);
    tm_buf_done(&out);
}

typedef struct crowd {
    tm_sandbox_t *sandbox;
    unsigned number, right;
} crowd_t;

static void crowd_work(void *arg)
{
    crowd_t *c = arg;
    for (unsigned i = 0; i < 12; i++) {
        char program[64];
        char want[32];
        (void)snprintf(program, sizeof(program), "print '%u-%u'; %s", c->number, i,
                       i % 4 == 3 ? "kill 9, $$; exit 3" : "");
        (void)snprintf(want, sizeof(want), "%u-%u", c->number, i);
        const ran_t ran = perl(c->sandbox, program);
        c->right += ran.err == TM_OK && strcmp(ran.out, want) == 0;
    }
}

static void sandbox_run__many_at_once_do_not_mix(void **state)
{
    SANDBOX();
    crowd_t crowd[6];
    tm_thread_t threads[6];
    for (unsigned i = 0; i < 6; i++) {
        crowd[i] = (crowd_t){sandbox, i, 0};
        assert_int_equal(tm_thread_start(&threads[i], "crowd", crowd_work, &crowd[i]), TM_OK);
    }
    for (unsigned i = 0; i < 6; i++) {
        tm_thread_join(&threads[i]);
        assert_int_equal(crowd[i].right, 12);
    }
}

/* Our children by the kernel's list; the last one, 0: none. */
static pid_t child_of_ours(unsigned *ret_n)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "r");
    int pid = 0;
    *ret_n = 0;
    for (int next = 0; f != NULL && fscanf(f, "%d", &next) == 1;) {
        pid = next;
        (*ret_n)++;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return pid;
}

static void sandbox_run__goes_on_when_the_child_dies(void **state)
{
    SANDBOX();
    unsigned n = 0;
    const pid_t pid = child_of_ours(&n);
    if (pid == 0) {
        skip(); /* a kernel without that list */
    }
    assert_int_equal(n, 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    expect(sandbox, "print 'again'", "again");
    assert_int_not_equal(child_of_ours(&n), pid);
    assert_int_equal(n, 1);
}

static void slow_work(void *arg)
{
    crowd_t *c = arg;
    const ran_t ran = perl(c->sandbox, "sleep 1; print 'whole'");
    c->right = ran.err == TM_OK && strcmp(ran.out, "whole") == 0;
}

static void sandbox_run__is_tried_again_when_the_child_dies_meanwhile(void **state)
{
    SANDBOX();
    unsigned n = 0;
    crowd_t slow = {sandbox, 0, 0};
    tm_thread_t thread;
    const pid_t pid = child_of_ours(&n);
    if (pid == 0) {
        skip();
    }
    assert_int_equal(tm_thread_start(&thread, "slow", slow_work, &slow), TM_OK);
    (void)usleep(300000);
    assert_int_equal(kill(pid, SIGKILL), 0);
    tm_thread_join(&thread);
    assert_int_equal(slow.right, 1);
}

static unsigned descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        n++;
    }
    (void)closedir(dir);
    return n;
}

static void sandbox_free__leaves_nothing_behind(void **state)
{
    SANDBOX();
    const unsigned before = descriptors();
    unsigned children = 0;
    (void)child_of_ours(&children);
    for (unsigned i = 0; i < 3; i++) {
        tm_sandbox_t *other = NULL;
        assert_int_equal(tm_sandbox_new(&other, NULL), TM_OK);
        expect(other, "print 'x'", "x");
        (void)perl(other, "print 'x' x 65536 while 1");
        tm_sandbox_free(other);
    }
    unsigned after = 0;
    (void)child_of_ours(&after);
    assert_int_equal(after, children);
    assert_int_equal(descriptors(), before);
}

/* Who is not root has Landlock instead of the foreign uid. */
static void sandbox_new__works_without_root(void **state)
{
    SANDBOX();
    if (geteuid() != 0) {
        skip(); /* then every test here is this one */
    }
    const pid_t pid = fork();
    if (pid == 0) {
        tm_sandbox_t *own = NULL;
        if (setgid(12345) != 0 || setuid(12345) != 0)
            _exit(3);
        if (tm_sandbox_new(&own, NULL) != TM_OK)
            _exit(2);
        const ran_t ran = perl(own, "print $<, open(my $f, '<', '/etc/passwd') ? 'yes' : 'no', "
                                    "defined fork ? 'yes' : 'no', syscall(41,2,1,0)");
        tm_sandbox_free(own);
        _exit(ran.err == TM_OK && strcmp(ran.out, "12345nono-1") == 0 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) {
        skip(); /* no Landlock here: then it must be unavailable, and it is */
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* What tm_sandbox_new says to `uid` on a kernel without Landlock: 0 fine, 2 unavailable. */
static int new_without_landlock(uid_t uid)
{
    const pid_t pid = fork();
    if (pid == 0) {
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        tm_sandbox_t *own = NULL;
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset),
                             0) != 0 ||
            seccomp_load(filter) != 0)
            _exit(3);
        if (uid != 0 && (setgid(uid) != 0 || setuid(uid) != 0))
            _exit(3);
        seccomp_release(filter);
        if (tm_sandbox_new(&own, NULL) != TM_OK)
            _exit(2);
        const ran_t ran = perl(own, "print $< == 0 ? 'root' : 'foreign',"
                                    "open(my $f, '<', '/etc/shadow') ? 'yes' : 'no'");
        tm_sandbox_free(own);
        _exit(ran.err == TM_OK && strcmp(ran.out, "foreignno") == 0 ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void sandbox_new__needs_landlock_or_a_foreign_uid(void **state)
{
    SANDBOX();
    (void)sandbox;
    if (geteuid() == 0) {
        assert_int_equal(new_without_landlock(0), 0);
        assert_int_equal(new_without_landlock(12345), 2);
    } else {
        assert_int_equal(new_without_landlock(0), 2);
    }
}

static void sandbox_new__refuses_inside_its_own_child(void **state)
{
    (void)state;
    tm_sandbox_t *own = NULL;
    assert_int_equal(setenv("TRAILMIX_CHILD", "1", 1), 0);
    assert_int_equal(tm_sandbox_new(&own, NULL), TM_EUNAVAILABLE);
    assert_int_equal(unsetenv("TRAILMIX_CHILD"), 0);
    assert_null(own);
}

static void sandbox_child__does_nothing_when_called_by_hand(void **state)
{
    (void)state;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)close(TM_SANDBOX_CONTROL_FD);
        (void)freopen("/dev/null", "w", stderr);
        (void)execl("/proc/self/exe", "trailmix", "child", "/bin/sh", NULL);
        _exit(9);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return tm_sandbox_child_main(argc - 1, argv + 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sandbox_run__passes_input_output_errors_and_status),
        cmocka_unit_test(sandbox_run__gives_no_environment_and_no_descriptors),
        cmocka_unit_test(sandbox_run__system_calls_outside_the_list_are_refused),
        cmocka_unit_test(sandbox_run__no_other_process_can_be_made_or_met),
        cmocka_unit_test(sandbox_run__files_of_others_cannot_be_read),
        cmocka_unit_test(sandbox_run__nothing_can_be_written),
        cmocka_unit_test(sandbox_run__endless_work_ends_at_the_deadline),
        cmocka_unit_test(sandbox_run__endless_output_is_cut),
        cmocka_unit_test(sandbox_run__memory_is_bounded),
        cmocka_unit_test(sandbox_run__a_tool_that_is_not_there_is_told),
        cmocka_unit_test(sandbox_run__many_at_once_do_not_mix),
        cmocka_unit_test(sandbox_run__goes_on_when_the_child_dies),
        cmocka_unit_test(sandbox_run__is_tried_again_when_the_child_dies_meanwhile),
        cmocka_unit_test(sandbox_free__leaves_nothing_behind),
        cmocka_unit_test(sandbox_new__works_without_root),
        cmocka_unit_test(sandbox_new__needs_landlock_or_a_foreign_uid),
        cmocka_unit_test(sandbox_new__refuses_inside_its_own_child),
        cmocka_unit_test(sandbox_child__does_nothing_when_called_by_hand),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
