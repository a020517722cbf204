/* serve.c - `trailmix serve`: the server, until a signal ends it orderly.
 *
 * Threads: main waits for signals; everything else runs in its own threads. */
#include "app/commands.h"
#include "app/world.h"

#include "actors/kinds.h"
#include "actors/view.h"
#include "base/time.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static const char usage[] =
    "usage: trailmix serve [--listen HOST:PORT]... [--data DIR] [--database URL] [--workers N] "
    "[--loops N] [--demo]\n"
    "\n"
    "The server: HTTP/1.1 and HTTP/2, by default on 127.0.0.1:$PORT (3000), data in ./data.\n"
    "  --listen HOST:PORT  where to answer; may stand several times; port 0 takes any free one\n"
    "  --data DIR          journal, documents and SQLite ($TRAILMIX_DATA)\n"
    "  --database URL      sqlite:PATH or mysql://user:pass@host:port/db?connection_limit=N "
    "($DATABASE_URL)\n"
    "  --workers N         threads that run actors; --loops N threads that serve HTTP; by default "
    "one a core\n"
    "  --demo              fill an empty folder with an invented race\n"
    "Prints `listening on http://HOST:PORT` on standard error once it answers, and one sign-in "
    "link. SIGTERM stops it orderly.\n";

static int parse_options(int argc, char **argv, tm_config_t *config, tm_why_t *why)
{
    static const char *const flags[] = {"--demo", "--help", "-h", NULL};
    tm_args_t args = {.argc = argc, .argv = argv, .at = 1, .flags = flags};
    const char *value = NULL;
    for (const char *name; (name = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
            (void)fputs(usage, stdout);
            exit(0);
        }
        if (strcmp(name, "--demo") == 0) {
            config->demo = true;
            continue;
        }
        if (name[0] == '\0' || value == NULL)
            return tm_command_fail(
                "serve", 2, name[0] == '\0' ? "unexpected argument \"%s\"" : "%s needs a value",
                name[0] == '\0' ? value : name);
        if (strcmp(name, "--listen") == 0) {
            if (tm_config_listen(config, value, why) != TM_OK)
                return tm_command_why("serve", why) + 1;
        } else if (strcmp(name, "--data") == 0) {
            tm_config_option(config, TM_SET_TRAILMIX_DATA, value);
        } else if (strcmp(name, "--database") == 0) {
            tm_config_option(config, TM_SET_DATABASE_URL, value);
        } else if (strcmp(name, "--workers") == 0) {
            tm_config_option(config, TM_SET_WORKERS, value);
        } else if (strcmp(name, "--loops") == 0) {
            tm_config_option(config, TM_SET_LOOPS, value);
        } else {
            return tm_command_fail("serve", 2, "unknown option %s (see trailmix serve --help)",
                                   name);
        }
    }
    return 0;
}

static const char *host_of(const tm_config_t *config, uint32_t i)
{
    return config->n_listen == 0 ? "127.0.0.1" : config->listen[i].host;
}

static void announce(const tm_config_t *config, tm_world_t *world)
{
    const char *scheme = tm_config_text(config, TM_SET_TLS_CERT_FILE)[0] != '\0' ? "https" : "http";
    const uint32_t n = config->n_listen == 0 ? 1 : config->n_listen;
    for (uint32_t i = 0; i < n; i++) {
        (void)fprintf(stderr, "listening on %s://%s:%u\n", scheme, host_of(config, i),
                      tm_http_port(world->http, i));
    }
    char token[TM_SIGN_IN_TOKEN_TEXT];
    tm_http_sign_in_token(world->http, token);
    (void)fprintf(stderr, "sign in (once, within 15 minutes): %s://%s:%u/sign-in#%s\n", scheme,
                  host_of(config, 0), tm_http_port(world->http, 0), token);
    (void)fflush(stderr);
}

static void load_demo(const tm_config_t *config, tm_world_t *world)
{
    char url[128];
    const char *scheme = tm_config_text(config, TM_SET_TLS_CERT_FILE)[0] != '\0' ? "https" : "http";
    const char *host =
        strcmp(host_of(config, 0), "0.0.0.0") == 0 ? "127.0.0.1" : host_of(config, 0);
    (void)snprintf(url, sizeof url, "%s://%s:%u", scheme, host, tm_http_port(world->http, 0));
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_demo_load(url, world->key, tm_config_text(config, TM_SET_TRAILMIX_SAMPLES), &why) !=
        TM_OK) {
        (void)tm_command_why("serve: the demo could not be loaded", &why);
    }
}

#define AUTO_RESOLVE_S (2 * 60 * 60)

/* Groups that are as good as sure, in every campaign, where the setting allows it. */
static void auto_resolve(const tm_config_t *config, tm_world_t *world)
{
    if (strcmp(tm_config_text(config, TM_SET_DEDUPE_AUTO_RESOLVER_ENABLED), "true") != 0)
        return;
    tm_view_t *directory = tm_runtime_snapshot(world->rt, TM_ACTOR_DIRECTORY);
    uint32_t key = 0;
    for (const tm_row_t *row;
         directory != NULL &&
         (row = tm_trie_next(&directory->tables[tm_campaign_desc.number], &key)) != NULL;
         key++) {
        void *payload = NULL;
        tm_message_t *msg = tm_msg_new(TM_MSG_AUTO_RESOLVE, &payload);
        msg->at = tm_time_now();
        msg->principal = TM_STR("program");
        /* A full mailbox: it is asked again in two hours. */
        (void)!tm_runtime_post(world->rt, tm_campaign_actor(row->id), msg);
    }
    tm_shared_unref(directory);
}

/* Until a signal says so. */
static int serve_until(const sigset_t *stop, const tm_config_t *config, tm_world_t *world)
{
    for (;;) {
        auto_resolve(config, world);
        const struct timespec pause = {AUTO_RESOLVE_S, 0};
        const int got = sigtimedwait(stop, NULL, &pause);
        if (got > 0)
            return got;
    }
}

/* Every descriptor is one client; take what the system allows. */
static void raise_limits(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

int tm_serve_command(int argc, char **argv)
{
    static tm_config_t config; /* large; this command runs once */
    static tm_world_t world;
    tm_why_t why;
    tm_why_clear(&why);
    tm_config_init(&config);
    const int usage_error = parse_options(argc, argv, &config, &why);
    if (usage_error != 0)
        return usage_error;
    if (tm_config_check(&config, &why) != TM_OK) {
        tm_print_faults(&why);
        return 1;
    }
    tm_log_level_t level = TM_LOG_INFO;
    if (tm_log_level_parse(tm_str(tm_config_text(&config, TM_SET_LOG_LEVEL)), &level) != TM_OK) {
        level = TM_LOG_INFO; /* checked above */
    }
    tm_log_init(level);
    sigset_t stop;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigaddset(&stop, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    raise_limits();
    int status = 0;
    if (tm_world_open(&world, &config, false, &why) == TM_OK) {
        announce(&config, &world);
        if (config.demo) {
            load_demo(&config, &world);
        }
        const int got = serve_until(&stop, &config, &world);
        tm_log(TM_LOG_INFO, "stopping", "signal %d", got);
    } else {
        status = tm_command_why("serve", &why);
    }
    tm_world_close(&world);
    return status;
}
