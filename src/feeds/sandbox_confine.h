/* sandbox_confine.h - a process takes its own rights away, for ever.
 *
 * Why:     no single lock is trusted: identity, files, system calls and resources are each limited
 *          by another part of the kernel.
 * How:     prepared once (rule set, compiled filter, a foreign uid that works), applied between
 *          fork and exec.
 * Threads: the child's only one. */
#ifndef TM_FEEDS_SANDBOX_CONFINE_H
#define TM_FEEDS_SANDBOX_CONFINE_H
#include "base/base.h"
#include "feeds/limits.h"
#include <linux/filter.h>

#define TM_CONFINE_NICE 5

typedef enum tm_confine_step { /* where it failed; the order in which they are done */
                               TM_CONFINE_DONE,
                               TM_CONFINE_NO_NEW_PRIVS,
                               TM_CONFINE_LIMITS,
                               TM_CONFINE_LANDLOCK,
                               TM_CONFINE_UID,
                               TM_CONFINE_SECCOMP,
                               TM_CONFINE_EXEC
} tm_confine_step_t;

typedef struct tm_confine {
    int landlock_abi; /* 0: the kernel has none, or it is not usable */
    int ruleset;      /* descriptor, -1 without Landlock */
    uint32_t uid;     /* foreign uid and gid, 0: stay who we are */
    struct sock_filter *filter;
    uint16_t filter_n;
} tm_confine_t;

/* Builds the file rules and compiles the filter. *ret_step tells what failed. Errors:
 * TM_EUNAVAILABLE. */
TM_MUST_CHECK tm_err_t tm_confine_prepare(tm_confine_t *ret, tm_confine_step_t *ret_step);
void tm_confine_done(tm_confine_t *confine);
/* Lets tools read and execute this file too. Nothing without Landlock. Errors: TM_EUNAVAILABLE no
 * such file. */
TM_MUST_CHECK tm_err_t tm_confine_allow_tool(const tm_confine_t *confine, const char *path);
/* Applies everything to the calling process, which has one thread and is about to exec. cpu_s:
 * seconds of CPU. TM_CONFINE_DONE, or the step that failed with errno set. No allocation. */
tm_confine_step_t tm_confine_apply(const tm_confine_t *confine, uint32_t cpu_s);
const char *tm_confine_step_text(tm_confine_step_t step); /* "seccomp filter" */
#endif
