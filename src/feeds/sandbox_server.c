/* sandbox_server.c - `trailmix child`: waits for runs and makes one confined process for each.
 *
 * Why:     see sandbox.h: the libraries of the big program are loaded once, not for every
 *          document.
 * How:     one thread, one poll: requests, ends of children, cancelled runs, deadlines. It parses
 *          nothing that a document holds: it sees descriptors and its own program's arguments.
 *          When its program ends, it kills all and ends.
 * Threads: a process of its own with one. */
#include "feeds/sandbox.h"
#include "base/memory.h"
#include "base/time.h"
#include "feeds/sandbox_confine.h"
#include "feeds/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STATUS_FD 3 /* in a child before exec */
#define CHILD_RULESET_FD 4
#define CHILD_EXIT_FAILED 125
#define PROBE_CPU_S 5
#define CHILD_STACK_BYTES (64u << 10)
enum { RUN_FDS = 4, FD_IN = 0, FD_OUT = 1, FD_ERRORS = 2, FD_STATUS = 3 };

/* Uids that belong to nobody on Debian; the second is the classic one, for containers with few
 * uids. */
static const uint32_t FOREIGN_UIDS[] = {60999, 65534};

typedef struct server_run {
    pid_t pid;  /* also its process group; 0: free */
    int status; /* the program's end is closed when it wants no more of this run */
    int64_t deadline_ns;
    bool timed_out;
} server_run_t;

typedef struct server {
    tm_confine_t confine;
    int signals;     /* SIGCHLD */
    uint32_t runs_n; /* in use */
    server_run_t runs[TM_SANDBOX_JOBS_MAX];
} server_t;

static bool server_prepare(server_t *server, tm_sandbox_hello_t *hello);
static tm_confine_step_t server_probe(const tm_confine_t *confine);
static void server_loop(server_t *server);
static bool server_take(server_t *server);
static void server_start(server_t *server, const tm_sandbox_request_t *request,
                         const int fds[RUN_FDS]);
static void server_reap(server_t *server);
static void run_finish(server_t *server, server_run_t *run, int how, const struct rusage *used);
static bool request_args(const tm_sandbox_request_t *request,
                         const char *ret_argv[TM_SANDBOX_ARGS_MAX + 1]);
static bool request_receive(tm_sandbox_request_t *request, int fds[RUN_FDS]);
static pid_t child_make(const server_t *server, const tm_sandbox_request_t *request,
                        const int fds[RUN_FDS]);
static int child_become(void *arg);

int tm_sandbox_child_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    int type = 0;
    socklen_t bytes = sizeof(type);
    if (getsockopt(TM_SANDBOX_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0 ||
        type != SOCK_SEQPACKET) {
        (void)fprintf(stderr, "trailmix child: is started by trailmix itself\n");
        return 2;
    }
    (void)fcntl(TM_SANDBOX_CONTROL_FD, F_SETFD, FD_CLOEXEC);
    (void)prctl(PR_SET_NAME, "trailmix-child", 0, 0, 0);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* nobody of our uid looks into it */
    (void)signal(SIGPIPE, SIG_IGN);           /* a cancelled run's status goes nowhere */
    server_t *server = TM_NEW(server_t);
    tm_sandbox_hello_t hello = {.magic = TM_SANDBOX_MAGIC};
    const bool ready = server_prepare(server, &hello);
    hello.ready = ready;
    int status = 1;
    if (send(TM_SANDBOX_CONTROL_FD, &hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello) &&
        ready) {
        server_loop(server);
        status = 0;
    }
    if (server->confine.filter != NULL) {
        tm_confine_done(&server->confine);
    }
    tm_free(server);
    return status;
}

/* Finds the strictest set of locks that this machine lets us use: a probe child tries each. */
static bool server_prepare(server_t *server, tm_sandbox_hello_t *hello)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    server->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    tm_confine_step_t step = TM_CONFINE_LIMITS;
    if (server->signals < 0 || tm_confine_prepare(&server->confine, &step) != TM_OK) {
        (void)snprintf(hello->text, sizeof(hello->text), "missing: %s", tm_confine_step_text(step));
        return false;
    }
    tm_confine_t *confine = &server->confine;
    assert(confine->uid == 0);
    for (size_t i = 0; i <= TM_COUNT(FOREIGN_UIDS); i++) {
        confine->uid = i < TM_COUNT(FOREIGN_UIDS) && geteuid() == 0 ? FOREIGN_UIDS[i] : 0;
        if (confine->uid == 0 && confine->ruleset < 0) {
            step = TM_CONFINE_LANDLOCK;
            continue;
        }
        step = server_probe(confine);
        if (step == TM_CONFINE_LANDLOCK &&
            confine->uid != 0) { /* nested too deep: the uid alone must do */
            (void)close(confine->ruleset);
            confine->ruleset = -1;
            step = server_probe(confine);
        }
        if (step == TM_CONFINE_DONE) {
            (void)snprintf(hello->text, sizeof(hello->text), "seccomp, limits, %s%s%s",
                           confine->uid != 0 ? "foreign uid" : "",
                           confine->uid != 0 && confine->ruleset >= 0 ? ", " : "",
                           confine->ruleset >= 0 ? "Landlock" : "");
            return true;
        }
    }
    (void)snprintf(hello->text, sizeof(hello->text), "missing: %s", tm_confine_step_text(step));
    return false;
}

static tm_confine_step_t server_probe(const tm_confine_t *confine)
{
    const pid_t pid = fork();
    if (pid < 0)
        return TM_CONFINE_LIMITS;
    if (pid == 0) {
        _exit((int)tm_confine_apply(confine, PROBE_CPU_S));
    }
    int how = 0;
    while (waitpid(pid, &how, 0) < 0) {
        if (errno != EINTR)
            return TM_CONFINE_LIMITS;
    }
    if (!WIFEXITED(how) || WEXITSTATUS(how) > TM_CONFINE_EXEC)
        return TM_CONFINE_SECCOMP; /* the filter killed it */
    return (tm_confine_step_t)WEXITSTATUS(how);
}

static int64_t next_timeout_ms(const server_t *server)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < TM_SANDBOX_JOBS_MAX; i++) {
        const server_run_t *run = &server->runs[i];
        if (run->pid != 0 && !run->timed_out) {
            first = TM_MIN(first, run->deadline_ns);
        }
    }
    if (first == INT64_MAX)
        return -1;
    const int64_t left = first - tm_time_mono_ns();
    return left <= 0 ? 0 : left / 1000000 + 1;
}

static void server_loop(server_t *server)
{
    assert(server->signals >= 0);
    bool open = true;
    while (open) {
        struct pollfd fds[TM_SANDBOX_JOBS_MAX + 2];
        nfds_t n = 2;
        fds[0] =
            (struct pollfd){.fd = server->runs_n < TM_SANDBOX_JOBS_MAX ? TM_SANDBOX_CONTROL_FD : -1,
                            .events = POLLIN};
        fds[1] = (struct pollfd){.fd = server->signals, .events = POLLIN};
        for (size_t i = 0; i < TM_SANDBOX_JOBS_MAX;
             i++) { /* a run's index is its place in fds: free ones are -1 */
            fds[n++] = (struct pollfd){.fd = server->runs[i].pid != 0 && !server->runs[i].timed_out
                                                 ? server->runs[i].status
                                                 : -1};
        }
        if (poll(fds, n, (int)next_timeout_ms(server)) < 0 && errno != EINTR) {
            break;
        }
        const int64_t now = tm_time_mono_ns();
        for (size_t i = 0; i < TM_SANDBOX_JOBS_MAX; i++) {
            server_run_t *run = &server->runs[i];
            if (run->pid == 0 || run->timed_out) {
                continue;
            }
            if ((fds[i + 2].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ||
                now >= run->deadline_ns) {
                run->timed_out = true;
                (void)kill(-run->pid, SIGKILL);
            }
        }
        server_reap(server);
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            open = server_take(server);
        }
    }
    for (size_t i = 0; i < TM_SANDBOX_JOBS_MAX; i++) {
        if (server->runs[i].pid != 0) {
            (void)kill(-server->runs[i].pid, SIGKILL);
        }
    }
}

/* One request. false: our program is gone. */
static bool server_take(server_t *server)
{
    tm_sandbox_request_t request;
    int fds[RUN_FDS] = {-1, -1, -1, -1};
    errno = 0;
    if (!request_receive(&request, fds)) {
        const bool gone = errno != EINTR && errno != EAGAIN;
        for (size_t i = 0; i < RUN_FDS; i++) {
            if (fds[i] >= 0) {
                (void)close(fds[i]);
            }
        }
        return !gone;
    }
    server_start(server, &request, fds);
    for (size_t i = 0; i < FD_STATUS; i++) {
        (void)close(fds[i]);
    }
    return true;
}

static void status_send(int fd, const tm_sandbox_status_t *status)
{
    assert(sizeof(*status) <= 512); /* below PIPE_BUF: written whole or not at all */
    assert(status->magic == TM_SANDBOX_MAGIC);
    const ssize_t sent = write(
        fd, status, sizeof(*status)); /* the program may have closed it: then nobody wants it */
    (void)sent;
}

static void server_start(server_t *server, const tm_sandbox_request_t *request,
                         const int fds[RUN_FDS])
{
    server_run_t *run = NULL;
    for (size_t i = 0; i < TM_SANDBOX_JOBS_MAX && run == NULL; i++) {
        run = server->runs[i].pid == 0 ? &server->runs[i] : NULL;
    }
    assert(run != NULL); /* the loop takes requests only while there is room */
    tm_sandbox_status_t failed = {
        .magic = TM_SANDBOX_MAGIC, .end = TM_SANDBOX_UNCONFINED, .step = TM_CONFINE_EXEC};
    const pid_t pid = tm_confine_allow_tool(&server->confine, request->args) == TM_OK
                          ? child_make(server, request, fds)
                          : -1;
    if (pid < 0) {
        failed.code = errno;
        status_send(fds[FD_STATUS], &failed);
        (void)close(fds[FD_STATUS]);
        return;
    }
    (void)setpgid(pid, pid); /* the child does it too: whoever comes first */
    run->pid = pid;
    run->status = fds[FD_STATUS];
    run->timed_out = false;
    run->deadline_ns = tm_time_mono_ns() + (int64_t)request->deadline_ms * 1000000;
    server->runs_n++;
}

static void server_reap(server_t *server)
{
    struct signalfd_siginfo info;
    while (read(server->signals, &info, sizeof(info)) ==
           sizeof(info)) { /* one may stand for several: wait tells */
    }
    for (;;) {
        int how = 0;
        struct rusage used;
        const pid_t pid = wait4(-1, &how, WNOHANG, &used);
        if (pid <= 0)
            return;
        for (size_t i = 0; i < TM_SANDBOX_JOBS_MAX; i++) {
            if (server->runs[i].pid == pid) {
                run_finish(server, &server->runs[i], how, &used);
            }
        }
    }
}

static void run_finish(server_t *server, server_run_t *run, int how, const struct rusage *used)
{
    assert(run->pid > 0);
    assert(server->runs_n > 0);
    const tm_sandbox_status_t status = {
        .magic = TM_SANDBOX_MAGIC,
        .end = run->timed_out ? TM_SANDBOX_TIMEOUT
                              : (WIFEXITED(how) ? TM_SANDBOX_EXITED : TM_SANDBOX_SIGNALLED),
        .code = WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how),
        .cpu_us = (int64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000 +
                  used->ru_utime.tv_usec + used->ru_stime.tv_usec,
        .rss_kb_max = used->ru_maxrss,
    };
    status_send(run->status, &status);
    (void)close(run->status);
    *run = (server_run_t){0};
    server->runs_n--;
}

/* Our own program's message; still checked: a wrong one ends this process, not the machine's
 * safety. */
static bool request_receive(tm_sandbox_request_t *request, int fds[RUN_FDS])
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int) * RUN_FDS)];
    } control = {0};
    struct iovec part = {request, sizeof(*request)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    const ssize_t n = recvmsg(TM_SANDBOX_CONTROL_FD, &message, MSG_CMSG_CLOEXEC);
    if (n < 0)
        return false;
    const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    if (rights != NULL && rights->cmsg_type == SCM_RIGHTS &&
        rights->cmsg_len == CMSG_LEN(sizeof(int) * RUN_FDS)) {
        memcpy(fds, CMSG_DATA(rights), sizeof(int) * RUN_FDS);
    }
    const char *argv[TM_SANDBOX_ARGS_MAX + 1];
    return n == (ssize_t)sizeof(*request) && fds[FD_STATUS] >= 0 &&
           request->magic == TM_SANDBOX_MAGIC && request->deadline_ms > 0 &&
           request->deadline_ms <= TM_SANDBOX_DEADLINE_MS_MAX && request_args(request, argv);
}

static bool request_args(const tm_sandbox_request_t *request,
                         const char *ret_argv[TM_SANDBOX_ARGS_MAX + 1])
{
    if (request->argc == 0 || request->argc > TM_SANDBOX_ARGS_MAX || request->bytes == 0 ||
        request->bytes > sizeof(request->args) || request->args[request->bytes - 1] != '\0' ||
        request->args[0] != '/')
        return false;
    size_t at = 0;
    for (uint32_t i = 0; i < request->argc; i++) {
        if (at >= request->bytes)
            return false;
        ret_argv[i] = request->args + at;
        at += strlen(ret_argv[i]) + 1;
    }
    ret_argv[request->argc] = NULL;
    assert(at <= request->bytes);
    return at == request->bytes;
}

typedef struct child {
    const server_t *server;
    const tm_sandbox_request_t *request;
    const int *fds;
    _Alignas(16) char stack[CHILD_STACK_BYTES];
} child_t;

#ifdef TM_SANITIZED
/* Sanitizers do not understand a second process on their memory. */
static pid_t child_make(const server_t *server, const tm_sandbox_request_t *request,
                        const int fds[RUN_FDS])
{
    child_t child = {.server = server, .request = request, .fds = fds};
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(child_become(&child));
    }
    return pid;
}
#else
/* The child borrows our memory until it execs, and we wait: copying the tables of fifty libraries
 * for every document costs more than all locks together. Descriptors, signals, limits and identity
 * are its own. No stranger's byte has run yet. */
static pid_t child_make(const server_t *server, const tm_sandbox_request_t *request,
                        const int fds[RUN_FDS])
{
    child_t child = {.server = server, .request = request, .fds = fds};
    assert((uintptr_t)child.stack % 16 == 0);
    return clone(child_become, child.stack + sizeof(child.stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
                 &child);
}
#endif

/* Between fork and exec: descriptors, signals, locks. On failure it tells the program through the
 * status descriptor, which exec closes. Returns the exit status. */
static int child_become(void *arg)
{
    static const char *const NO_ENVIRONMENT[] = {NULL};
    const child_t *child = arg;
    const tm_sandbox_request_t *request = child->request;
    const int *fds = child->fds;
    tm_sandbox_status_t failed = {
        .magic = TM_SANDBOX_MAGIC, .end = TM_SANDBOX_UNCONFINED, .step = TM_CONFINE_LIMITS};
    tm_confine_t confine = child->server->confine;
    const char *argv[TM_SANDBOX_ARGS_MAX + 1];
    int high[RUN_FDS + 1];
    bool fine = request_args(request, argv) && setpgid(0, 0) == 0;
    for (size_t i = 0; i < RUN_FDS;
         i++) { /* out of the way of 0..4 first, so that no dup2 hits one still needed */
        high[i] = fcntl(fds[i], F_DUPFD, 16);
        fine = fine && high[i] >= 0;
    }
    high[RUN_FDS] = confine.ruleset >= 0 ? fcntl(confine.ruleset, F_DUPFD, 16) : -1;
    fine = fine && dup2(high[FD_IN], 0) == 0 && dup2(high[FD_OUT], 1) == 1 &&
           dup2(high[FD_ERRORS], 2) == 2 &&
           dup3(high[FD_STATUS], CHILD_STATUS_FD, O_CLOEXEC) == CHILD_STATUS_FD;
    if (confine.ruleset >= 0) {
        fine = fine && dup3(high[RUN_FDS], CHILD_RULESET_FD, O_CLOEXEC) == CHILD_RULESET_FD;
        confine.ruleset = CHILD_RULESET_FD;
    }
    fine = fine && close_range(CHILD_RULESET_FD + (confine.ruleset >= 0 ? 1U : 0U), ~0U, 0) == 0;
    sigset_t none;
    (void)sigemptyset(&none);
    fine =
        fine && signal(SIGPIPE, SIG_DFL) != SIG_ERR && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (fine) {
        const uint32_t cpu_s =
            TM_MIN((uint32_t)(request->deadline_ms / 1000 + 1), TM_TOOL_CPU_S_MAX);
        failed.step = (int32_t)tm_confine_apply(&confine, cpu_s);
        if (failed.step == TM_CONFINE_DONE) {
            failed.step = TM_CONFINE_EXEC;
            (void)execve(argv[0], (char *const *)argv, (char *const *)NO_ENVIRONMENT);
        }
    }
    failed.code = errno;
    status_send(CHILD_STATUS_FD, &failed);
    return CHILD_EXIT_FAILED;
}
