/* sandbox_confine.c - no new privileges, limits, Landlock, a foreign uid, few system calls.
 *
 * Why:     see sandbox_confine.h.
 * How:     the order matters: Landlock and seccomp need no_new_privs or privilege, the uid change
 *          needs the right to do it, the limit on processes comes after the uid change (before it,
 *          exec would count the old uid's), seccomp is last.
 * Threads: one.
 * Source:  landlock(7), seccomp(2), capabilities(7), setrlimit(2). */
#include "feeds/sandbox_confine.h"
#include "base/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#define FILTER_INSTRUCTIONS_MAX 4096

/* The kernel's struct grew with the interface's version; headers of Debian 12 know the first field
 * only. */
typedef struct landlock_attr {
    uint64_t fs, net, scoped;
} landlock_attr_t;

/* What a tool may read: libraries, fonts, poppler's tables, the time zone. Absent ones are left
 * out. */
static const char *const READABLE[] = {
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/fontconfig",
    "/var/cache/fontconfig",
    "/usr/share/poppler",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/dev/null",
};

/* The program that the kernel runs to load a tool. */
static const char *const LOADERS[] = {
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
};

/* System calls that need no look at their arguments. Not here: anything with a socket, a new
 * process, another process, a new file, a mount, a namespace, a key, a device, io_uring, ptrace,
 * signals to others. */
static const int CALLS[] = {
    SCMP_SYS(access),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(brk),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(execve),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(futex),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getgroups),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getuid),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(madvise),
    SCMP_SYS(membarrier),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(pread64),
    SCMP_SYS(read),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(readv),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(stat),
    SCMP_SYS(statfs),
    SCMP_SYS(statx),
    SCMP_SYS(sysinfo),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(uname),
    SCMP_SYS(write),
    SCMP_SYS(writev),
};

static tm_err_t landlock_prepare(tm_confine_t *confine);
static tm_err_t landlock_allow(int ruleset, const char *path, uint64_t more);
static tm_err_t filter_prepare(tm_confine_t *confine);
static tm_err_t filter_rules(scmp_filter_ctx filter);
static tm_err_t filter_export(scmp_filter_ctx filter, tm_confine_t *confine);
static bool limit_lower(int resource, rlim_t most);
static bool limits_apply(uint32_t cpu_s);
static bool uid_apply(uint32_t uid);

tm_err_t tm_confine_prepare(tm_confine_t *ret, tm_confine_step_t *ret_step)
{
    assert(ret != NULL);
    assert(ret_step != NULL);
    *ret = (tm_confine_t){.ruleset = -1};
    if (landlock_prepare(ret) != TM_OK) {
        *ret_step = TM_CONFINE_LANDLOCK;
        return TM_EUNAVAILABLE;
    }
    if (filter_prepare(ret) != TM_OK) {
        *ret_step = TM_CONFINE_SECCOMP;
        tm_confine_done(ret);
        return TM_EUNAVAILABLE;
    }
    assert(ret->filter_n > 0);
    return TM_OK;
}

void tm_confine_done(tm_confine_t *confine)
{
    assert(confine != NULL);
    if (confine->ruleset >= 0) {
        (void)close(confine->ruleset);
    }
    tm_free(confine->filter);
    *confine = (tm_confine_t){.ruleset = -1};
}

tm_err_t tm_confine_allow_tool(const tm_confine_t *confine, const char *path)
{
    assert(confine != NULL);
    assert(path != NULL && path[0] == '/');
    if (access(path, X_OK) != 0)
        return TM_EUNAVAILABLE;
    if (confine->ruleset < 0)
        return TM_OK;
    return landlock_allow(confine->ruleset, path, LANDLOCK_ACCESS_FS_EXECUTE);
}

tm_confine_step_t tm_confine_apply(const tm_confine_t *confine, uint32_t cpu_s)
{
    assert(confine != NULL && confine->filter_n > 0);
    assert(cpu_s > 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return TM_CONFINE_NO_NEW_PRIVS;
    if (!limits_apply(cpu_s))
        return TM_CONFINE_LIMITS;
    if (confine->ruleset >= 0 && syscall(SYS_landlock_restrict_self, confine->ruleset, 0) != 0)
        return TM_CONFINE_LANDLOCK;
    if (confine->uid != 0 && !uid_apply(confine->uid))
        return TM_CONFINE_UID;
    /* The change of uid clears it, so it comes here. Whoever started us is gone: then so are we. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return TM_CONFINE_LIMITS;
    if (!limit_lower(RLIMIT_AS, TM_CONFINE_MEMORY_BYTES))
        return TM_CONFINE_LIMITS;
    const struct sock_fprog program = {confine->filter_n, confine->filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return TM_CONFINE_SECCOMP;
    return TM_CONFINE_DONE;
}

const char *tm_confine_step_text(tm_confine_step_t step)
{
    switch (step) {
    case TM_CONFINE_DONE:
        return "done";
    case TM_CONFINE_NO_NEW_PRIVS:
        return "no_new_privs";
    case TM_CONFINE_LIMITS:
        return "resource limits";
    case TM_CONFINE_LANDLOCK:
        return "Landlock";
    case TM_CONFINE_UID:
        return "a foreign uid";
    case TM_CONFINE_SECCOMP:
        return "seccomp filter";
    case TM_CONFINE_EXEC:
        return "the tool";
    }
    return "unknown step";
}

/* No Landlock in the kernel is no error here: a foreign uid may stand in for it. */
static tm_err_t landlock_prepare(tm_confine_t *confine)
{
    assert(confine->ruleset == -1);
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return TM_OK;
    landlock_attr_t attr = {.fs = (UINT64_C(1) << 13) - 1}; /* the thirteen rights of version 1 */
    size_t bytes = sizeof(attr.fs);
    attr.fs |= abi >= 2 ? UINT64_C(1) << 13 : 0; /* refer */
    attr.fs |= abi >= 3 ? UINT64_C(1) << 14 : 0; /* truncate */
    attr.fs |= abi >= 5 ? UINT64_C(1) << 15 : 0; /* ioctl of devices */
    if (abi >= 4) {
        attr.net = 3; /* bind and connect of TCP */
        bytes = offsetof(landlock_attr_t, scoped);
    }
    if (abi >= 6) {
        attr.scoped = 3; /* abstract sockets and signals stay inside */
        bytes = sizeof(attr);
    }
    const long ruleset = syscall(SYS_landlock_create_ruleset, &attr, bytes, 0);
    if (ruleset < 0)
        return TM_OK;
    for (size_t i = 0; i < TM_COUNT(READABLE); i++) {
        if (landlock_allow((int)ruleset, READABLE[i], 0) != TM_OK && errno != ENOENT) {
            (void)close((int)ruleset);
            return TM_EUNAVAILABLE;
        }
    }
    for (size_t i = 0; i < TM_COUNT(LOADERS); i++) {
        if (landlock_allow((int)ruleset, LOADERS[i], LANDLOCK_ACCESS_FS_EXECUTE) != TM_OK &&
            errno != ENOENT) {
            (void)close((int)ruleset);
            return TM_EUNAVAILABLE;
        }
    }
    confine->ruleset = (int)ruleset;
    confine->landlock_abi = (int)abi;
    return TM_OK;
}

/* Reading of a file or of a folder and all below, plus `more`. Errors: TM_EUNAVAILABLE, errno. */
static tm_err_t landlock_allow(int ruleset, const char *path, uint64_t more)
{
    assert(ruleset >= 0);
    assert(path[0] == '/');
    const int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return TM_EUNAVAILABLE;
    struct stat st;
    long failed = fstat(fd, &st);
    if (failed == 0) {
        struct landlock_path_beneath_attr rule = {
            .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | more |
                              (S_ISDIR(st.st_mode) ? LANDLOCK_ACCESS_FS_READ_DIR : 0),
            .parent_fd = fd,
        };
        failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    const int why = errno;
    (void)close(fd);
    errno = why;
    return failed == 0 ? TM_OK : TM_EUNAVAILABLE;
}

static tm_err_t filter_prepare(tm_confine_t *confine)
{
    assert(confine->filter == NULL);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return TM_EUNAVAILABLE;
    tm_err_t err = filter_rules(filter);
    if (err == TM_OK) {
        err = filter_export(filter, confine);
    }
    seccomp_release(filter);
    return err;
}

/* Errors: TM_EUNAVAILABLE libseccomp does not take a rule. */
static tm_err_t filter_rules(scmp_filter_ctx filter)
{
    assert(filter != NULL);
    const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    const int fcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC};
    int bad = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree instead of a list */
    for (size_t i = 0; i < TM_COUNT(CALLS); i++) {
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALLS[i], 0);
    }
    for (size_t i = 0; i < TM_COUNT(fcntls); i++) {
        bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                                SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)fcntls[i]));
    }
    /* Files are opened for reading only, a terminal is only asked whether it is one, limits only of
     * oneself. */
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
    bad |=
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, TCGETS));
    bad |=
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
    /* Threads yes, processes and namespaces no. clone3 hides its flags in memory: "not there" makes
     * libc use clone. */
    const scmp_datum_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
    const scmp_datum_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, thread | spaces, thread));
    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return bad == 0 ? TM_OK : TM_EUNAVAILABLE;
}

/* libseccomp gives the program to a descriptor only. */
static tm_err_t filter_export(scmp_filter_ctx filter, tm_confine_t *confine)
{
    assert(filter != NULL);
    assert(confine->filter == NULL);
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0)
        return TM_EUNAVAILABLE;
    struct stat st = {0};
    tm_err_t err = TM_EUNAVAILABLE;
    if (seccomp_export_bpf(filter, fd) == 0 && fstat(fd, &st) == 0 && st.st_size > 0 &&
        st.st_size <= (off_t)(FILTER_INSTRUCTIONS_MAX * sizeof(struct sock_filter))) {
        const size_t bytes = (size_t)st.st_size;
        struct sock_filter *program = tm_alloc(bytes);
        if (pread(fd, program, bytes, 0) == (ssize_t)bytes) {
            confine->filter = TM_TAKE(program);
            confine->filter_n = (uint16_t)(bytes / sizeof(struct sock_filter));
            err = TM_OK;
        }
        tm_free(program);
    }
    (void)close(fd);
    return err;
}

/* Lowers both limits to `most`, or to the hard limit where that is smaller already. */
static bool limit_lower(int resource, rlim_t most)
{
    struct rlimit limit;
    assert(resource >= 0);
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
        return false;
    limit.rlim_max = TM_MIN(limit.rlim_max, most);
    limit.rlim_cur = limit.rlim_max;
    assert(limit.rlim_cur <= most);
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0;
}

static bool limits_apply(uint32_t cpu_s)
{
    assert(cpu_s > 0);
    errno = 0;
    const int nice = getpriority(PRIO_PROCESS, 0);
    if (errno == 0 && nice < TM_CONFINE_NICE && setpriority(PRIO_PROCESS, 0, TM_CONFINE_NICE) != 0)
        return false;
    return limit_lower(RLIMIT_CORE, 0) && limit_lower(RLIMIT_FSIZE, 0) &&
           limit_lower(RLIMIT_NOFILE, TM_CONFINE_FILES_MAX) && limit_lower(RLIMIT_CPU, cpu_s) &&
           limit_lower(RLIMIT_STACK, UINT64_C(8) << 20) && limit_lower(RLIMIT_MEMLOCK, 0) &&
           limit_lower(RLIMIT_MSGQUEUE, 0);
}

/* Raw calls: libc's would tell every thread, and there is one. Capabilities go with uid 0. */
static bool uid_apply(uint32_t uid)
{
    assert(uid != 0);
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, uid, uid, uid) != 0 ||
        syscall(SYS_setresuid, uid, uid, uid) != 0)
        return false;
    assert(geteuid() == uid);
    return limit_lower(RLIMIT_NPROC, TM_CONFINE_PROCESSES_MAX);
}
