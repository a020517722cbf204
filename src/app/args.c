/* args.c - options and messages of the command line, see commands.h. */
#include "app/commands.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_flag(const tm_args_t *args, const char *name)
{
    for (const char *const *flag = args->flags; *flag != NULL; flag++) {
        if (strcmp(*flag, name) == 0)
            return true;
    }
    return false;
}

const char *tm_args_next(tm_args_t *args, const char **ret_value)
{
    static _Thread_local char
        name[64]; /* of an option written --name=value; valid until the next call */
    *ret_value = NULL;
    if (args->at >= args->argc)
        return NULL;
    const char *arg = args->argv[args->at++];
    if (!args->only_plain && strcmp(arg, "--") == 0) {
        args->only_plain = true;
        return tm_args_next(args, ret_value); /* at most once: only_plain is set */
    }
    if (args->only_plain || arg[0] != '-' || arg[1] == '\0') {
        *ret_value = arg;
        return "";
    }
    const char *equals = strchr(arg, '=');
    if (equals != NULL && (size_t)(equals - arg) < sizeof name) {
        memcpy(name, arg, (size_t)(equals - arg));
        name[equals - arg] = '\0';
        *ret_value = equals + 1;
        return name;
    }
    if (!is_flag(args, arg) && args->at < args->argc) {
        *ret_value = args->argv[args->at++];
    }
    return arg;
}

int tm_command_fail(const char *name, int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fprintf(stderr, "trailmix %s: ", name);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
    return status;
}

int tm_command_why(const char *name, const tm_why_t *why)
{
    for (uint32_t i = 0; i < why->n; i++) {
        const tm_fault_t *f = &why->faults[i];
        (void)fprintf(stderr, "trailmix %s: %s%s%s\n", name, f->field,
                      f->field[0] != '\0' ? ": " : "", f->text);
    }
    if (why->n == 0) {
        (void)fprintf(stderr, "trailmix %s: failed\n", name);
    }
    return 1;
}

void tm_print_faults(const tm_why_t *why)
{
    (void)fprintf(stderr, "Environment validation failed:\n");
    for (uint32_t i = 0; i < why->n; i++) {
        (void)fprintf(stderr, "  • %s: %s\n", why->faults[i].field, why->faults[i].text);
    }
}
