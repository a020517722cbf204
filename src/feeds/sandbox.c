/* sandbox.c - the program's side: starts `trailmix child`, hands it runs, collects what tools say.
 *
 * Why:     see sandbox.h.
 * How:     input in a sealed memory file, output and errors through pipes that are drained while
 *          the tool works, the end through a pipe of its own. If `trailmix child` itself dies it
 *          is started again and the run tried once more.
 * Threads: any number; the lock covers starting and sending only. */
#include "feeds/sandbox.h"
#include "base/memory.h"
#include "base/time.h"
#include "feeds/sandbox_confine.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SANDBOX_MAGIC 0x73616e64u
#define HELLO_TIMEOUT_MS 20000
#define GRACE_MS 10000 /* after the deadline the child must have answered */
#define READ_BYTES (128u << 10)
#define PIPE_BYTES (1 << 20)
#define DRAIN_MS 4 /* how often a tool that is still at work is relieved of its output */
#define TRIES 2
#define MARK "TRAILMIX_CHILD" /* in the child's environment, and nothing else */

struct tm_sandbox {
    uint32_t magic;
    uint32_t generation; /* of the child; guarded by lock, like the next two */
    int control;
    pid_t pid;
    pthread_mutex_t lock;
};

/* One run's descriptors on both sides. */
typedef struct pipes {
    int input;     /* memory file, for the tool */
    int theirs[3]; /* output, errors, status: ends for writing */
    int ours[3];   /* ends for reading */
    bool roomy;    /* the output's pipe holds PIPE_BYTES */
} pipes_t;
enum { OUTPUT, ERRORS, STATUS };

static tm_err_t child_start(tm_sandbox_t *sandbox, tm_why_t *why);
static tm_err_t child_spawn(int theirs, pid_t *ret_pid, tm_why_t *why);
static void child_stop(tm_sandbox_t *sandbox);
static tm_err_t child_restart(tm_sandbox_t *sandbox, uint32_t generation, tm_why_t *why);
static tm_err_t request_fill(const tm_sandbox_run_t *run, tm_sandbox_request_t *ret, tm_why_t *why);
static bool request_send(tm_sandbox_t *sandbox, const tm_sandbox_request_t *request,
                         const pipes_t *pipes, uint32_t *ret_generation);
static tm_err_t pipes_open(pipes_t *ret, tm_str_t input, tm_why_t *why);
static void pipes_close(pipes_t *pipes);
static void pipes_close_theirs(pipes_t *pipes);
static bool pump(pipes_t *pipes, const tm_sandbox_run_t *run, tm_buf_t *out,
                 tm_sandbox_result_t *result, tm_sandbox_status_t *ret_status);

tm_err_t tm_sandbox_new(tm_sandbox_t **ret, tm_why_t *why)
{
    assert(ret != NULL);
    tm_sandbox_t *sandbox = TM_NEW(tm_sandbox_t);
    *sandbox = (tm_sandbox_t){.magic = SANDBOX_MAGIC, .control = -1};
    const int bad = pthread_mutex_init(&sandbox->lock, NULL);
    assert(bad == 0);
    const tm_err_t err = child_start(sandbox, why);
    if (err != TM_OK) {
        tm_sandbox_free(sandbox);
        return err;
    }
    assert(sandbox->control >= 0);
    *ret = sandbox;
    return TM_OK;
}

void tm_sandbox_free(TM_OWN tm_sandbox_t *sandbox)
{
    if (sandbox == NULL)
        return;
    TM_CHECK(sandbox, SANDBOX_MAGIC);
    child_stop(sandbox);
    (void)pthread_mutex_destroy(&sandbox->lock);
    sandbox->magic = 0;
    tm_free(sandbox);
}

tm_err_t tm_sandbox_run(tm_sandbox_t *sandbox, const tm_sandbox_run_t *run, tm_buf_t *out,
                        tm_sandbox_result_t *ret, tm_why_t *why)
{
    TM_CHECK(sandbox, SANDBOX_MAGIC);
    assert(run->deadline_ms > 0 && run->deadline_ms <= TM_SANDBOX_DEADLINE_MS_MAX);
    tm_sandbox_request_t request;
    tm_err_t err = request_fill(run, &request, why);
    if (err != TM_OK)
        return err;
    const size_t before = out->n;
    for (unsigned try = 0; try < TRIES; try++) {
        pipes_t pipes;
        err = pipes_open(&pipes, run->input, why);
        if (err != TM_OK)
            return err;
        uint32_t generation;
        tm_sandbox_status_t status = {0};
        tm_sandbox_result_t *result = ret;
        *result = (tm_sandbox_result_t){0};
        out->n = before;
        bool answered = request_send(sandbox, &request, &pipes, &generation);
        pipes_close_theirs(&pipes);
        answered = answered && pump(&pipes, run, out, result, &status);
        pipes_close(&pipes);
        if (answered && status.end == TM_SANDBOX_UNCONFINED)
            return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "%s: %s: %s", run->argv[0],
                              tm_confine_step_text((tm_confine_step_t)status.step),
                              strerror(status.code));
        if (answered) {
            result->end = (tm_sandbox_end_t)status.end;
            result->code = status.code;
            result->cpu_us = status.cpu_us;
            result->rss_kb_max = status.rss_kb_max;
            return TM_OK;
        }
        err = child_restart(sandbox, generation, why);
        if (err != TM_OK)
            return err;
    }
    return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "trailmix child ends without an answer");
}

static tm_err_t child_start(tm_sandbox_t *sandbox, tm_why_t *why)
{
    assert(sandbox->control == -1);
    int pair[2];
    if (getenv(MARK) != NULL) /* a program that does not know `child` would start itself for ever */
        return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "trailmix child is this very program");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "socketpair: %s", strerror(errno));
    pid_t pid = 0;
    tm_err_t err = child_spawn(pair[1], &pid, why);
    (void)close(pair[1]);
    if (err != TM_OK) {
        (void)close(pair[0]);
        return err;
    }
    sandbox->control = pair[0];
    sandbox->pid = pid;
    sandbox->generation++;
    struct pollfd wait = {.fd = pair[0], .events = POLLIN};
    int ready;
    do {
        ready = poll(&wait, 1, HELLO_TIMEOUT_MS);
    } while (ready < 0 && errno == EINTR);
    tm_sandbox_hello_t hello = {0};
    if (ready == 1 && recv(pair[0], &hello, sizeof(hello), 0) == sizeof(hello) &&
        hello.magic == TM_SANDBOX_MAGIC && hello.ready == 1)
        return TM_OK;
    hello.text[sizeof(hello.text) - 1] = '\0';
    child_stop(sandbox);
    return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "documents cannot be read safely here: %s",
                      hello.text[0] != '\0' ? hello.text : "trailmix child does not start");
}

static tm_err_t child_spawn(int theirs, pid_t *ret_pid, tm_why_t *why)
{
    char *const argv[] = {(char[]){"trailmix"}, (char[]){"child"}, NULL};
    char *const environment[] = {(char[]){MARK "=1"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all;
    sigset_t none;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return TM_EUNAVAILABLE;
    (void)posix_spawnattr_init(&attributes);
    /* Its own session: a key pressed at the terminal is for the program, which then ends it. */
    int bad = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                        POSIX_SPAWN_SETSID);
    bad |= posix_spawnattr_setsigdefault(&attributes, &all);
    bad |= posix_spawnattr_setsigmask(&attributes, &none);
    const int high =
        fcntl(theirs, F_DUPFD_CLOEXEC,
              TM_SANDBOX_CONTROL_FD + 1); /* dup2 onto itself would keep close-on-exec */
    bad |= high < 0;
    bad |= posix_spawn_file_actions_adddup2(&actions, high, TM_SANDBOX_CONTROL_FD);
    bad |= posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    bad |= posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    bad |= posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    bad |= posix_spawn_file_actions_addclosefrom_np(&actions, TM_SANDBOX_CONTROL_FD + 1);
    pid_t pid = 0;
    const int failed =
        bad != 0 ? EINVAL
                 : posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    if (high >= 0) {
        (void)close(high);
    }
    if (failed != 0)
        return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "posix_spawn: %s", strerror(failed));
    assert(pid > 0);
    *ret_pid = pid;
    return TM_OK;
}

/* Its end of the control socket gone, the child kills its tools and ends; the signal is for one
 * that hangs. */
static void child_stop(tm_sandbox_t *sandbox)
{
    if (sandbox->control >= 0) {
        (void)close(sandbox->control);
        sandbox->control = -1;
    }
    if (sandbox->pid > 0) {
        for (int i = 0; i < 200; i++) {
            const pid_t gone = waitpid(sandbox->pid, NULL, WNOHANG);
            if (gone != 0) {
                sandbox->pid = 0;
                return;
            }
            (void)poll(NULL, 0, i < 20 ? 1 : 10); /* ms; it is quick when it can be */
        }
        (void)kill(sandbox->pid, SIGKILL);
        (void)waitpid(sandbox->pid, NULL, 0);
        sandbox->pid = 0;
    }
}

/* Unless another thread has done it already. */
static tm_err_t child_restart(tm_sandbox_t *sandbox, uint32_t generation, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    (void)pthread_mutex_lock(&sandbox->lock);
    assert(generation <= sandbox->generation);
    if (generation == sandbox->generation) {
        if (sandbox->pid > 0) {
            (void)kill(sandbox->pid, SIGKILL);
        }
        child_stop(sandbox);
        err = child_start(sandbox, why);
    }
    (void)pthread_mutex_unlock(&sandbox->lock);
    return err;
}

static tm_err_t request_fill(const tm_sandbox_run_t *run, tm_sandbox_request_t *ret, tm_why_t *why)
{
    assert(run->argv[0] != NULL && run->argv[0][0] == '/');
    memset(ret, 0, sizeof(*ret));
    ret->magic = TM_SANDBOX_MAGIC;
    ret->deadline_ms = (uint32_t)run->deadline_ms;
    for (const char *const *arg = run->argv; *arg != NULL; arg++) {
        const size_t n = strlen(*arg) + 1;
        if (ret->argc == TM_SANDBOX_ARGS_MAX || n > sizeof(ret->args) - ret->bytes)
            return tm_why_add(why, TM_EUNAVAILABLE, "sandbox", "too many arguments for %s",
                              run->argv[0]);
        memcpy(ret->args + ret->bytes, *arg, n);
        ret->bytes += (uint32_t)n;
        ret->argc++;
    }
    assert(ret->argc > 0);
    return TM_OK;
}

static bool request_send(tm_sandbox_t *sandbox, const tm_sandbox_request_t *request,
                         const pipes_t *pipes, uint32_t *ret_generation)
{
    const int fds[4] = {pipes->input, pipes->theirs[OUTPUT], pipes->theirs[ERRORS],
                        pipes->theirs[STATUS]};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(fds))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)request, sizeof(*request)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    assert(rights != NULL);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(rights), fds, sizeof(fds));
    (void)pthread_mutex_lock(&sandbox->lock);
    *ret_generation = sandbox->generation;
    ssize_t n = -1;
    if (sandbox->control >= 0) {
        do {
            n = sendmsg(sandbox->control, &message, MSG_NOSIGNAL);
        } while (n < 0 && errno == EINTR);
    }
    (void)pthread_mutex_unlock(&sandbox->lock);
    return n == (ssize_t)sizeof(*request);
}

static tm_err_t input_open(tm_str_t input, int *ret)
{
    const int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return TM_EIO;
    size_t done = 0;
    while (done < input.n) {
        const ssize_t n = write(fd, input.p + done, input.n - done);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            break;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    /* Sealed: the tool shares this memory and must not change what we hold; at its start for the
     * reader. */
    if (done < input.n ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0 ||
        lseek(fd, 0, SEEK_SET) != 0) {
        (void)close(fd);
        return TM_EIO;
    }
    *ret = fd;
    return TM_OK;
}

static tm_err_t pipes_open(pipes_t *ret, tm_str_t input, tm_why_t *why)
{
    *ret = (pipes_t){-1, {-1, -1, -1}, {-1, -1, -1}, false};
    tm_err_t err = input_open(input, &ret->input);
    for (size_t i = OUTPUT; i <= STATUS && err == TM_OK; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            err = TM_EIO;
            break;
        }
        ret->ours[i] = ends[0];
        ret->theirs[i] = ends[1];
        if (fcntl(ends[0], F_SETFL, O_NONBLOCK) !=
            0) { /* ours only: the flag belongs to each end */
            err = TM_EIO;
        }
    }
    if (err != TM_OK) {
        const int why_not = errno;
        pipes_close(ret);
        return tm_why_add(why, err, "sandbox", "no descriptors or memory: %s", strerror(why_not));
    }
    ret->roomy = fcntl(ret->ours[OUTPUT], F_SETPIPE_SZ, PIPE_BYTES) >=
                 PIPE_BYTES; /* refused when the user has many */
    return TM_OK;
}

static void fd_close(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void pipes_close_theirs(pipes_t *pipes)
{
    fd_close(&pipes->input);
    for (size_t i = OUTPUT; i <= STATUS; i++) {
        fd_close(&pipes->theirs[i]);
    }
}

static void pipes_close(pipes_t *pipes)
{
    pipes_close_theirs(pipes);
    for (size_t i = OUTPUT; i <= STATUS; i++) {
        fd_close(&pipes->ours[i]);
    }
}

typedef enum drained { DRAINED_MORE, DRAINED_END, DRAINED_OVERFLOW } drained_t;

/* What the tool has written so far. The buffer may hold `most` bytes. */
static drained_t output_drain(int fd, tm_buf_t *out, size_t most)
{
    for (;;) {
        if (out->n >= most) {
            char more;
            const ssize_t n = read(fd, &more, 1);
            return n == 0 ? DRAINED_END : (n > 0 ? DRAINED_OVERFLOW : DRAINED_MORE);
        }
        const size_t room = TM_MIN((size_t)READ_BYTES, most - out->n);
        if (!tm_buf_reserve(out, room))
            return DRAINED_OVERFLOW;
        const ssize_t n = read(fd, out->p + out->n, room);
        if (n == 0)
            return DRAINED_END;
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? DRAINED_MORE : DRAINED_END;
        out->n += (size_t)n;
    }
}

/* Keeps the first bytes, throws the rest away: a tool that complains without end must not stop. */
static drained_t errors_drain(int fd, tm_sandbox_result_t *result)
{
    for (;;) {
        char text[1024];
        const ssize_t n = read(fd, text, sizeof(text));
        if (n == 0)
            return DRAINED_END;
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? DRAINED_MORE : DRAINED_END;
        const size_t keep = TM_MIN((size_t)n, sizeof(result->errors) - 1 - result->errors_n);
        memcpy(result->errors + result->errors_n, text, keep);
        result->errors_n += (uint32_t)keep;
        assert(result->errors_n < sizeof(result->errors));
        result->errors[result->errors_n] = '\0';
    }
}

/* Waits until there is something to do, at most until last_ns. false: it is over. */
static bool pump_wait(const pipes_t *pipes, bool ended, int64_t last_ns, struct pollfd fds[3])
{
    /* A tool writes 4 KB at a time. Waking up for each of them costs more than reading them: while
     * the pipe has room we look for the end, and now and then at the output. */
    const bool lazy = pipes->roomy && !ended;
    for (size_t i = OUTPUT; i <= STATUS; i++) {
        const bool watched = i == STATUS ? !ended : !lazy;
        fds[i] = (struct pollfd){.fd = watched ? pipes->ours[i] : -1, .events = POLLIN};
    }
    const int64_t left_ms = (last_ns - tm_time_mono_ns()) / 1000000;
    if (left_ms <= 0)
        return false;
    return poll(fds, 3, lazy ? DRAIN_MS : (int)left_ms) >= 0 || errno == EINTR;
}

/* Until the tool has ended and both streams are at their end. false: the child went away without an
 * answer. */
static bool pump(pipes_t *pipes, const tm_sandbox_run_t *run, tm_buf_t *out,
                 tm_sandbox_result_t *result, tm_sandbox_status_t *ret_status)
{
    const int64_t last_ns = tm_time_mono_ns() + (run->deadline_ms + GRACE_MS) * 1000000;
    const size_t most = out->n + run->output_max;
    assert(most >= run->output_max);
    bool ended = false;
    while (!ended || pipes->ours[OUTPUT] >= 0 || pipes->ours[ERRORS] >= 0) {
        struct pollfd fds[3];
        if (!pump_wait(pipes, ended, last_ns, fds))
            return false;
        if (fds[STATUS].revents != 0) {
            const ssize_t n = read(pipes->ours[STATUS], ret_status, sizeof(*ret_status));
            ended = n == (ssize_t)sizeof(*ret_status) && ret_status->magic == TM_SANDBOX_MAGIC;
            if (!ended && (n >= 0 || errno != EAGAIN))
                return false;
        }
        if (pipes->ours[OUTPUT] >= 0) {
            const drained_t drained = output_drain(pipes->ours[OUTPUT], out, most);
            if (drained ==
                DRAINED_OVERFLOW) { /* our ends close when we return: the child kills the tool */
                *ret_status = (tm_sandbox_status_t){.end = TM_SANDBOX_OVERFLOW};
                return true;
            }
            if (drained == DRAINED_END) {
                fd_close(&pipes->ours[OUTPUT]);
            }
        }
        if (pipes->ours[ERRORS] >= 0 && errors_drain(pipes->ours[ERRORS], result) == DRAINED_END) {
            fd_close(&pipes->ours[ERRORS]);
        }
    }
    return true;
}
