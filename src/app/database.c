/* database.c - `trailmix rebuild --database` and `trailmix check-database`: the SQL copy made anew,
 * or compared with what it should be.
 *
 * Why:     a copy may be dropped, restored, edited by hand or too old for the journal that is kept;
 *          the state of checkpoint and journal is always there.
 * How:     state.h gives every record; store/rebuild.h writes them, store/drift.h compares. Keys of
 *          requests are in no state: they come from the commits that are kept.
 * Threads: main. */
#include "app/commands.h"
#include "app/folder.h"
#include "app/state.h"

#include "base/time.h"
#include "schema/json.h"
#include "store/drift.h"
#include "store/projector.h"
#include "store/rebuild.h"
#include "store/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define URL_BYTES 1300
#define LINE_BYTES_MAX ((size_t)1 << 20)
#define SHOWN_DEFAULT 20
#define SHOWN_MAX 100000
#define SHOWN_CHARS 100 /* of a value, for people */
#define PROGRESS_ROWS 4096

static const char rebuild_usage[] =
    "usage: trailmix rebuild --database [URL] [--data DIR] [--json]\n\n"
    "Makes the SQL database anew from the state of the data folder, whatever is in it now: its "
    "tables are dropped.\nThe server must be stopped. A rebuild that was cut off can be run "
    "again.\n"
    "  --database URL  sqlite:PATH or mysql://user:pass@host:port/db ($DATABASE_URL; by default "
    "sqlite in DIR)\n"
    "  --data DIR      $TRAILMIX_DATA, ./data\n";
static const char check_usage[] =
    "usage: trailmix check-database [--data DIR] [--database URL] [--limit N] [--json]\n\n"
    "Compares every row of the SQL database with the state and names those that differ (exit 1). "
    "It only reads, and may run beside a server: rows that the database cannot have yet are passed "
    "over.\n"
    "  --limit N  differences that are named, 20 by default\n";

typedef struct options {
    const char *name, *data;
    char url[URL_BYTES];
    bool json, database;
    int64_t limit;
} options_t;

static const char *setting(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : fallback;
}

/* rebuild says with `--database` what is rebuilt; a URL may follow it. */
static const char *value_of(const options_t *o, tm_args_t *args, const char *option,
                            const char *value)
{
    if (value != NULL || strcmp(o->name, "rebuild") != 0 || strcmp(option, "--database") != 0)
        return value;
    const bool follows = args->at < args->argc && args->argv[args->at][0] != '-';
    return follows ? args->argv[args->at++] : "";
}

static int take_option(options_t *o, const char *option, const char *value, const char **url)
{
    const bool check = strcmp(o->name, "check-database") == 0;
    if (strcmp(option, "--json") == 0) {
        o->json = true;
    } else if (strcmp(option, "--data") == 0 && value != NULL) {
        o->data = value;
    } else if (strcmp(option, "--database") == 0 && value != NULL) {
        o->database = true;
        *url = value[0] != '\0' ? value : *url;
    } else if (!check || strcmp(option, "--limit") != 0 || value == NULL ||
               !tm_str_i64(tm_str(value), &o->limit) || o->limit < 0 || o->limit > SHOWN_MAX) {
        return tm_command_fail(o->name, 2, "cannot use \"%s\" (see --help)",
                               option[0] == '\0' ? value : option);
    }
    return 0;
}

static int parse_options(const char *name, const char *usage, int argc, char **argv, options_t *o)
{
    static const char *const rebuild_flags[] = {"--json", "--database", "--help", "-h", NULL};
    static const char *const check_flags[] = {"--json", "--help", "-h", NULL};
    const bool rebuild = strcmp(name, "rebuild") == 0;
    tm_args_t args = {
        .argc = argc, .argv = argv, .at = 1, .flags = rebuild ? rebuild_flags : check_flags};
    *o = (options_t){
        .name = name, .data = setting("TRAILMIX_DATA", "./data"), .limit = SHOWN_DEFAULT};
    const char *value = NULL;
    const char *url = setting("DATABASE_URL", "");
    for (const char *option; (option = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
            (void)fputs(usage, stdout);
            exit(0);
        }
        const int bad = take_option(o, option, value_of(o, &args, option, value), &url);
        if (bad != 0)
            return bad;
    }
    if (rebuild && !o->database)
        return tm_command_fail(name, 2, "say what: trailmix rebuild --database");
    const int n = url[0] != '\0'
                      ? snprintf(o->url, sizeof o->url, "%s", url)
                      : snprintf(o->url, sizeof o->url, "sqlite:%s/trailmix.db", o->data);
    return n < (int)sizeof o->url ? 0 : tm_command_fail(name, 2, "the address is too long");
}

/* The address without its password, as a JSON text or plain. */
static void add_url(const options_t *o, tm_buf_t *out)
{
    tm_buf_t url;
    tm_buf_init(&url, 2 * URL_BYTES);
    tm_url_redact(tm_str(o->url), &url);
    if (o->json)
        tm_json_write_str(tm_buf_str(&url), out);
    else
        tm_buf_add_str(out, tm_buf_str(&url));
    tm_buf_done(&url);
}

static void print_line(tm_buf_t *line)
{
    tm_buf_add_char(line, '\n');
    (void)fwrite(line->p, 1, line->n, stdout);
    tm_buf_clear(line);
}

/* ---- rebuild ---- */

typedef struct rebuild {
    tm_rebuild_t *to;
    uint64_t seq; /* the state is that of this commit */
    bool progress;
} rebuild_t;

static void show_progress(const rebuild_t *r)
{
    if (r->progress && tm_rebuild_rows(r->to) % PROGRESS_ROWS == 0)
        (void)fprintf(stderr, "\r%llu rows", (unsigned long long)tm_rebuild_rows(r->to));
}

static tm_err_t put_record(void *ctx, const tm_desc_t *desc, tm_id_t id, tm_str_t bytes,
                           tm_why_t *why)
{
    rebuild_t *r = ctx;
    show_progress(r);
    return tm_rebuild_put(r->to, desc, id, bytes, r->seq, why);
}

static tm_err_t put_key(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    rebuild_t *r = ctx;
    show_progress(r);
    return number > r->seq ? TM_OK : tm_rebuild_commit(r->to, number, body, why);
}

static tm_err_t fill(const tm_state_t *state, rebuild_t *r, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    tm_position_t at = {.seq = state->info.last};
    if (at.seq > 0 && !tm_journal_identity(state->journal, &at.journal))
        err = tm_why_add(why, TM_EDAMAGED, NULL, "the journal does not say who it is");
    if (err == TM_OK && at.seq > 0)
        err = tm_journal_chain(state->journal, at.seq, &at.chain);
    r->seq = at.seq;
    err = err != TM_OK ? err : tm_state_each(state, put_record, r, why);
    err = err != TM_OK ? err : tm_journal_replay(state->journal, 0, false, put_key, r, why);
    err = err != TM_OK ? err : tm_rebuild_end(r->to, &at, why);
    if (r->progress)
        (void)fprintf(stderr, "\r%llu rows\n", (unsigned long long)tm_rebuild_rows(r->to));
    return err;
}

static void print_rebuilt(const options_t *o, const rebuild_t *r, double seconds)
{
    tm_buf_t line;
    tm_buf_init(&line, LINE_BYTES_MAX);
    if (o->json)
        tm_buf_add_c(&line, "{\"database\":");
    add_url(o, &line);
    tm_buf_printf(&line,
                  o->json ? ",\"seq\":%llu,\"rows\":%llu,\"lanes\":%u,\"seconds\":%.3f}"
                          : ": everything up to commit %llu, %llu rows, %u lanes, in %.3f s",
                  (unsigned long long)r->seq, (unsigned long long)tm_rebuild_rows(r->to),
                  tm_rebuild_lanes(r->to), seconds);
    print_line(&line);
    tm_buf_done(&line);
}

int tm_rebuild_command(int argc, char **argv)
{
    options_t o;
    tm_why_t why;
    tm_why_clear(&why);
    const int bad = parse_options("rebuild", rebuild_usage, argc, argv, &o);
    if (bad != 0)
        return bad;
    tm_state_t state = {0};
    int lock = -1;
    const int64_t began = tm_time_mono_ns();
    rebuild_t r = {.progress = isatty(STDERR_FILENO) == 1};
    tm_err_t err = tm_state_has_journal(o.data, &why);
    err = err != TM_OK ? err : tm_folder_own(o.data, &lock, &why);
    err = err != TM_OK ? err : tm_state_open(o.data, false, &state, &why);
    err = err != TM_OK ? err : tm_rebuild_new(tm_str(o.url), &r.to, &why);
    err = err != TM_OK ? err : fill(&state, &r, &why);
    if (err == TM_OK)
        print_rebuilt(&o, &r, (double)(tm_time_mono_ns() - began) / 1e9);
    tm_rebuild_free(r.to);
    if (state.journal != NULL)
        tm_state_close(&state);
    if (lock >= 0)
        (void)close(lock);
    return err == TM_OK ? 0 : tm_command_why("rebuild", &why);
}

/* ---- check ---- */

typedef struct check {
    const options_t *o;
    tm_drift_t *drift;
    int64_t shown;
    uint64_t first_commit; /* of those that are kept; 0: none */
    tm_buf_t line;
} check_t;

static tm_err_t expect_record(void *ctx, const tm_desc_t *desc, tm_id_t id, tm_str_t bytes,
                              tm_why_t *why)
{
    check_t *c = ctx;
    return tm_drift_expect(c->drift, desc, id, bytes, why);
}

static tm_err_t take_commit(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    check_t *c = ctx;
    if (c->first_commit == 0)
        c->first_commit = number;
    return tm_drift_commit(c->drift, number, body, why);
}

static void add_value(check_t *c, const char *name, const char *value)
{
    tm_buf_t *line = &c->line;
    if (!c->o->json) {
        tm_buf_printf(line, ", %s ", name);
        if (value == NULL)
            tm_buf_add_c(line, "nothing");
        else
            tm_buf_printf(line, strlen(value) > SHOWN_CHARS ? "'%.*s…'" : "'%.*s'", SHOWN_CHARS,
                          value);
        return;
    }
    tm_buf_printf(line, ",\"%s\":", name);
    if (value == NULL)
        tm_buf_add_c(line, "null");
    else
        tm_json_write_str(tm_str(value), line);
}

static void show(void *ctx, const tm_difference_t *d)
{
    check_t *c = ctx;
    if (c->shown++ >= c->o->limit)
        return;
    const bool json = c->o->json;
    tm_buf_printf(&c->line, json ? "{\"table\":\"%s\",\"id\":%llu" : "%s %llu", d->table,
                  (unsigned long long)d->id.v);
    if (d->ordinal >= 0)
        tm_buf_printf(&c->line, json ? ",\"ordinal\":%lld" : " [%lld]", (long long)d->ordinal);
    if (json && d->column == NULL)
        tm_buf_add_c(&c->line, ",\"column\":null");
    else if (d->column != NULL)
        tm_buf_printf(&c->line, json ? ",\"column\":\"%s\"" : ", %s", d->column);
    add_value(c, "database", d->in_database);
    add_value(c, "state", d->in_state);
    if (json)
        tm_buf_add_char(&c->line, '}');
    print_line(&c->line);
}

/* Whether the database is a copy of this journal at all. */
static tm_err_t check_whose(const tm_state_t *state, const tm_drift_t *drift, tm_why_t *why)
{
    tm_position_t at;
    const tm_tables_there_t *there = tm_drift_there(drift, &at);
    tm_sha256_t journal;
    tm_sha256_t chain;
    if (there->most == 0)
        return TM_OK;
    if (at.seq > 0 && (!tm_journal_identity(state->journal, &journal) ||
                       memcmp(&journal, &at.journal, sizeof journal) != 0))
        return tm_why_add(why, TM_ECONFLICT, NULL,
                          "the database belongs to another journal: " TM_REBUILD_TEXT);
    if (there->most > state->info.last)
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database is ahead of the journal (%llu, journal %llu): " TM_REBUILD_TEXT,
            (unsigned long long)there->most, (unsigned long long)state->info.last);
    if (at.seq == 0)
        return TM_OK;
    if (tm_journal_chain(state->journal, at.seq, &chain) != TM_OK)
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database is older than the journal that is kept (%llu): " TM_REBUILD_TEXT,
            (unsigned long long)at.seq);
    return memcmp(&chain, &at.chain, sizeof chain) == 0
               ? TM_OK
               : tm_why_add(
                     why, TM_ECONFLICT, NULL,
                     "the database belongs to another course of this journal: " TM_REBUILD_TEXT);
}

static void print_checked(check_t *c, const tm_state_t *state, const tm_drift_result_t *found)
{
    tm_position_t first;
    const tm_tables_there_t *there = tm_drift_there(c->drift, &first);
    const unsigned long long least = there->least;
    const unsigned long long last = state->info.last;
    if (c->shown > c->o->limit)
        (void)fprintf(stderr, "trailmix check-database: %lld more are not named (--limit)\n",
                      (long long)(c->shown - c->o->limit));
    if (c->o->json) {
        tm_buf_add_c(&c->line, "{\"database\":");
        add_url(c->o, &c->line);
        tm_buf_printf(&c->line,
                      ",\"rows\":%llu,\"differences\":%llu,\"passed_over\":%llu,\"position\":%llu,"
                      "\"durable\":%llu,\"lag_commits\":%llu,\"lanes\":%u,\"ok\":%s}",
                      (unsigned long long)found->rows, (unsigned long long)found->differences,
                      (unsigned long long)found->passed_over, least, last, last - least,
                      there->lanes, found->differences == 0 ? "true" : "false");
    } else {
        tm_buf_printf(&c->line,
                      "%llu rows, %llu differ; position %llu of %llu, %llu commits behind",
                      (unsigned long long)found->rows, (unsigned long long)found->differences,
                      least, last, last - least);
        if (found->passed_over > 0)
            tm_buf_printf(&c->line, "; %llu rows could not be compared yet",
                          (unsigned long long)found->passed_over);
    }
    print_line(&c->line);
}

int tm_check_database_command(int argc, char **argv)
{
    options_t o;
    tm_why_t why;
    tm_why_clear(&why);
    const int bad = parse_options("check-database", check_usage, argc, argv, &o);
    if (bad != 0)
        return bad;
    check_t c = {.o = &o};
    tm_buf_init(&c.line, LINE_BYTES_MAX);
    tm_state_t state = {0};
    tm_drift_result_t found = {0};
    /* The database first: so the state knows all that it can hold. */
    tm_err_t err = tm_state_has_journal(o.data, &why);
    err = err != TM_OK ? err : tm_drift_new(tm_str(o.url), &c.drift, &why);
    err = err != TM_OK ? err : tm_state_open(o.data, false, &state, &why);
    err = err != TM_OK ? err : check_whose(&state, c.drift, &why);
    err = err != TM_OK ? err : tm_state_each(&state, expect_record, &c, &why);
    err = err != TM_OK ? err : tm_journal_replay(state.journal, 0, false, take_commit, &c, &why);
    err = err != TM_OK ? err : tm_drift_run(c.drift, c.first_commit, show, &c, &found, &why);
    if (err == TM_OK)
        print_checked(&c, &state, &found);
    tm_drift_free(c.drift);
    if (state.journal != NULL)
        tm_state_close(&state);
    tm_buf_done(&c.line);
    if (err != TM_OK)
        return tm_command_why("check-database", &why);
    return found.differences == 0 ? 0 : 1;
}
