/* sandbox.h - runs a tool over bytes nobody trusts: confined, limited, timed, and gone afterwards.
 *
 * Why:     documents come from strangers; what parses them must not be able to reach anything of
 *          ours.
 * How:     `trailmix child` is our own binary, started once with posix_spawn (sandbox_server.c).
 *          For every run it makes one small process that confines itself (sandbox_confine.c) and
 *          becomes the tool. Loading our many libraries costs 7 ms, half of what a document takes:
 *          that is why it is paid once and not for every document. A run is one message with four
 *          descriptors; its end comes back through the fourth, closing it kills the tool.
 * Threads: any number may run tools through one sandbox. */
#ifndef TM_FEEDS_SANDBOX_H
#define TM_FEEDS_SANDBOX_H
#include "base/buf.h"
#include "base/why.h"
#include "feeds/reader.h"
#include "feeds/limits.h"

#define TM_SANDBOX_ARGS_MAX 16         /* with the path, without the NULL */
#define TM_SANDBOX_ARGS_BYTES_MAX 2048 /* all of them with their NULs */
#define TM_SANDBOX_DEADLINE_MS_MAX 600000

typedef struct tm_sandbox_run {
    const char *const *argv; /* NULL-terminated; argv[0] an absolute path */
    tm_str_t input;          /* standard input */
    int64_t deadline_ms;     /* from now, 1..TM_SANDBOX_DEADLINE_MS_MAX; then the tool is killed */
    size_t output_max;       /* bytes of standard output; one more and the tool is killed */
} tm_sandbox_run_t;

typedef enum tm_sandbox_end {
    TM_SANDBOX_EXITED,    /* code: exit status */
    TM_SANDBOX_SIGNALLED, /* code: signal, for example SIGXCPU or SIGSEGV */
    TM_SANDBOX_TIMEOUT,   /* killed at the deadline */
    TM_SANDBOX_OVERFLOW,  /* killed for too much output */
    TM_SANDBOX_UNCONFINED /* internal: never a result */
} tm_sandbox_end_t;

typedef struct tm_sandbox_result {
    tm_sandbox_end_t end;
    int code;
    int64_t cpu_us;     /* used by the tool */
    int64_t rss_kb_max; /* most memory it held */
    uint32_t errors_n;  /* what it said on standard error, cut */
    char errors[TM_SANDBOX_ERRORS_MAX];
} tm_sandbox_result_t;

/* Runs the tool to its end; its standard output is appended to `out` (at most output_max bytes
 * more). Errors: TM_EUNAVAILABLE the sandbox broke or the tool cannot be started; TM_EIO no
 * descriptors or memory for the input. */
TM_MUST_CHECK tm_err_t tm_sandbox_run(tm_sandbox_t *sandbox, const tm_sandbox_run_t *run,
                                      tm_buf_t *out, tm_sandbox_result_t *ret, tm_why_t *why);

/* What passes between the program and `trailmix child`. One binary on both sides: plain structs. */
#define TM_SANDBOX_MAGIC 0x7a6d5831u
#define TM_SANDBOX_CONTROL_FD 3

typedef struct tm_sandbox_hello { /* child -> parent, once: can it confine? */
    uint32_t magic;
    uint32_t ready; /* 1: yes */
    char text[192]; /* how, or which part is missing */
} tm_sandbox_hello_t;

typedef struct tm_sandbox_request { /* parent -> child, with four descriptors: input, output,
                                       errors, status */
    uint32_t magic;
    uint32_t deadline_ms;
    uint32_t argc;
    uint32_t bytes;
    char args[TM_SANDBOX_ARGS_BYTES_MAX]; /* `bytes` of them: argc texts, each with its NUL */
} tm_sandbox_request_t;

typedef struct tm_sandbox_status { /* child -> parent through a run's status descriptor; the first
                                      one counts */
    uint32_t magic;
    uint32_t end; /* tm_sandbox_end_t */
    int32_t code; /* exit status, signal; UNCONFINED: errno */
    int32_t step; /* UNCONFINED: which step failed */
    int64_t cpu_us;
    int64_t rss_kb_max;
} tm_sandbox_status_t;
#endif
