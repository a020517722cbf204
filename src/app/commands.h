/* commands.h - the commands of `trailmix`, each in a file of its own; exit 0 done, 1 failed, 2
 * wrong usage.
 *
 * Threads: main. */
#ifndef TM_APP_COMMANDS_H
#define TM_APP_COMMANDS_H
#include "app/config.h"

int tm_serve_command(int argc, char **argv);
int tm_import_command(int argc, char **argv);
int tm_replay_command(int argc, char **argv);
int tm_verify_command(int argc, char **argv);
int tm_rebuild_command(int argc, char **argv);
int tm_check_database_command(int argc, char **argv);
int tm_dump_command(int argc, char **argv);
int tm_check_config_command(int argc, char **argv);
int tm_match_names_command(int argc, char **argv);

/* dump_limits.c: every limit as lines `layer name value unit what` (those of http, which
 * tm_http_limits gives, are not among them), and as the page docs/limits.md. */
void tm_limits_text(tm_buf_t *out);
void tm_limits_markdown(tm_buf_t *out);
/* argv[0] is the command's name. Walks options: `--name value` or `--name=value`. Returns the
 * option's name ("" for a plain argument, NULL at the end);
 * *ret_value its value (NULL: a flag or the end), or the plain argument. flags: NULL-terminated
 * names that take no value. */
typedef struct tm_args {
    int argc, at;
    char **argv;
    const char *const *flags;
    bool only_plain;
} tm_args_t;
const char *tm_args_next(tm_args_t *args, const char **ret_value);
/* Prints "trailmix NAME: MESSAGE" and returns the exit status given. */
int tm_command_fail(const char *name, int status, const char *fmt, ...) TM_PRINTF(3, 4);
/* Prints why's faults, a line each, and returns 1. */
int tm_command_why(const char *name, const tm_why_t *why);
/* `Environment validation failed:` and one bullet a fault. */
void tm_print_faults(const tm_why_t *why);
/* Fills a folder with the demo, over the server's own interface (demo.c). */
TM_MUST_CHECK tm_err_t tm_demo_load(const char *url, const char *key, const char *samples,
                                    tm_why_t *why);

/* import.c, used by the demo too: sends files and waits until each is parsed. */
typedef struct tm_import_summary {
    int64_t inputs, fresh, known, lines, unreadable, exceptions;
    int64_t read; /* known ones too */
} tm_import_summary_t;
typedef struct tm_import {
    const char *source, *campaign;
    bool json, quiet;
    bool row_errors; /* prints the rows of sheets that could not be read */
} tm_import_t;
struct tm_client;
TM_MUST_CHECK tm_err_t tm_import_files(struct tm_client *client, const tm_import_t *import,
                                       char *const *paths, int n_paths, tm_import_summary_t *ret,
                                       tm_why_t *why);
TM_MUST_CHECK tm_err_t tm_import_table(struct tm_client *client, const char *what, const char *path,
                                       tm_buf_t *ret_answer, tm_why_t *why);
#endif
