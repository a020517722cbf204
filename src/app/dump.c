/* dump.c - `trailmix dump` and `trailmix check-config`: what the program knows about itself.
 *
 * Threads: main. */
#include "app/commands.h"

#include "http/server.h"
#include "schema/derive.h"

#include <stdio.h>
#include <stdlib.h>

#define DUMP_BYTES_MAX (64u << 20)

static const char usage[] = "usage: trailmix dump openapi|sql [--dialect "
                            "sqlite|mysql]|ts|lock|limits [--markdown]|routes\n";

static int print(tm_buf_t *buf)
{
    const bool ok =
        !buf->full && fwrite(buf->p, 1, buf->n, stdout) == buf->n && fflush(stdout) == 0;
    tm_buf_done(buf);
    return ok ? 0 : tm_command_fail("dump", 1, "cannot write");
}

int tm_dump_command(int argc, char **argv)
{
    static const char *const flags[] = {"--help", "-h", "--markdown", NULL};
    tm_args_t args = {.argc = argc, .argv = argv, .at = 1, .flags = flags};
    const char *value = NULL;
    const char *what = NULL;
    tm_dialect_t dialect = TM_SQLITE;
    bool markdown = false;
    for (const char *name; (name = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
            (void)fputs(usage, stdout);
            return 0;
        }
        if (strcmp(name, "--markdown") == 0) {
            markdown = true;
        } else if (name[0] == '\0' && what == NULL) {
            what = value;
        } else if (strcmp(name, "--dialect") == 0 && value != NULL && strcmp(value, "mysql") == 0) {
            dialect = TM_MYSQL;
        } else if (strcmp(name, "--dialect") != 0 || value == NULL ||
                   strcmp(value, "sqlite") != 0) {
            return tm_command_fail("dump", 2, "cannot use \"%s\"", name[0] == '\0' ? value : name);
        }
    }
    tm_buf_t buf;
    tm_buf_init(&buf, DUMP_BYTES_MAX);
    if (what != NULL && strcmp(what, "openapi") == 0) {
        tm_http_openapi(&buf);
    } else if (what != NULL && strcmp(what, "sql") == 0) {
        tm_sql_all(dialect, &buf);
    } else if (what != NULL && strcmp(what, "ts") == 0) {
        tm_typescript(&buf);
    } else if (what != NULL && strcmp(what, "lock") == 0) {
        tm_schema_lock(&buf);
    } else if (what != NULL && strcmp(what, "limits") == 0) {
        if (markdown) {
            tm_limits_markdown(&buf);
        } else {
            tm_http_limits(&buf);
            tm_limits_text(&buf);
        }
    } else if (what != NULL && strcmp(what, "routes") == 0) {
        tm_http_routes(&buf);
    } else {
        (void)fputs(usage, stderr);
        return 2;
    }
    return print(&buf);
}

int tm_check_config_command(int argc, char **argv)
{
    if (argc > 1) {
        const bool help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
        (void)fputs("usage: trailmix check-config\n\nEvery setting with its origin; all faults at "
                    "once (exit 1).\n",
                    help ? stdout : stderr);
        return help ? 0 : 2;
    }
    static tm_config_t config;
    tm_why_t why;
    tm_why_clear(&why);
    tm_config_init(&config);
    tm_buf_t buf;
    tm_buf_init(&buf, DUMP_BYTES_MAX);
    tm_config_write(&config, &buf);
    const int written = print(&buf);
    if (tm_config_check(&config, &why) != TM_OK) {
        tm_print_faults(&why);
        return 1;
    }
    return written;
}
