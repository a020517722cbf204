/* dump_limits.c - every limit of the program in one list: what `trailmix dump limits` prints.
 *
 * Why:     whoever runs the program must find each number and what happens beyond it.
 * How:     the lists themselves (limits.def of each layer, rates.def, settings.def) are expanded
 *          here; docs/limits.md is this list, and a test fails when it is not.
 * Threads: any. */
#include "app/config.h"
#include "app/limits.h"
#include "app/commands.h"
#include "http/rate.h"

typedef struct entry {
    const char *layer, *name;
    long long value;
    const char *unit, *doc;
} entry_t;

#define TM_LIMIT_OF(NAME, value, unit, doc) {LAYER, #NAME, (value), unit, doc},
#define LAYER "base"
static const entry_t base_limits[] = {
#include "base/limits.def"
};
#undef LAYER
#define LAYER "schema"
static const entry_t schema_limits[] = {
#include "schema/limits.def"
};
#undef LAYER
#define LAYER "runtime"
static const entry_t runtime_limits[] = {
#include "runtime/limits.def"
};
#undef LAYER
#define LAYER "domain"
static const entry_t domain_limits[] = {
#include "domain/limits.def"
};
#undef LAYER
#define LAYER "actors"
static const entry_t actors_limits[] = {
#include "actors/limits.def"
};
#undef LAYER
#define LAYER "store"
static const entry_t store_limits[] = {
#include "store/limits.def"
};
#undef LAYER
#define LAYER "feeds"
static const entry_t feeds_limits[] = {
#include "feeds/limits.def"
};
#undef LAYER
#define LAYER "files"
static const entry_t files_limits[] = {
#include "files/limits.def"
};
#undef LAYER
#define LAYER "http"
static const entry_t http_limits[] = {
#include "http/limits.def"
};
#undef LAYER
#define LAYER "app"
static const entry_t app_limits[] = {
#include "app/limits.def"
};
#undef LAYER
#undef TM_LIMIT_OF

typedef struct part {
    const entry_t *v;
    size_t n;
    const char *about;
} part_t;

static const part_t parts[] = {
    {http_limits, TM_COUNT(http_limits), "Requests and event streams (`src/http`)"},
    {runtime_limits, TM_COUNT(runtime_limits), "Actors and their messages (`src/runtime`)"},
    {actors_limits, TM_COUNT(actors_limits), "Campaigns, jobs, the directory (`src/actors`)"},
    {domain_limits, TM_COUNT(domain_limits), "Rules (`src/domain`)"},
    {schema_limits, TM_COUNT(schema_limits), "Records (`src/schema`)"},
    {store_limits, TM_COUNT(store_limits), "Journal, checkpoints, SQL (`src/store`)"},
    {feeds_limits, TM_COUNT(feeds_limits), "Documents (`src/feeds`)"},
    {files_limits, TM_COUNT(files_limits), "Sheets and exports (`src/files`)"},
    {app_limits, TM_COUNT(app_limits), "Work that may block (`src/app`)"},
    {base_limits, TM_COUNT(base_limits), "Memory of the process (`src/base`)"},
};

void tm_limits_text(tm_buf_t *out)
{
    for (size_t i = 1; i < TM_COUNT(parts); i++) { /* the first stands before the rates */
        for (size_t k = 0; k < parts[i].n; k++) {
            const entry_t *e = &parts[i].v[k];
            tm_buf_printf(out, "%s %-26s %10lld %-14s %s\n", e->layer, e->name, e->value, e->unit,
                          e->doc);
        }
    }
}

static void add_rates(tm_buf_t *out)
{
    static const char *const keys[] = {"address", "user", "user, else address"};
    tm_buf_add_c(out, "\n## Rates\n\nBeyond one: 429 with `Retry-After`. The principal `system` is "
                      "exempt.\n\n| name | requests | in ms | counted by | method | paths |\n"
                      "|---|---:|---:|---|---|---|\n");
    for (uint32_t i = 0; i < TM_RATES; i++) {
        const tm_rate_t *rate = &tm_rates[i];
        tm_buf_printf(out, "| %s | %u | %lld | %s | %s | `%s` |\n", rate->name, rate->limit,
                      (long long)rate->window_ms, keys[rate->key], rate->method, rate->paths);
    }
}

static void add_settings(tm_buf_t *out)
{
    static const struct {
        const char *name, *usual;
        long long least, most;
        bool number;
        const char *doc;
    } settings[] = {
#define INT true
#define TEXT false
#define SECRET false
#define PASSWORD false
#define WORD false
#define TM_SETTING(NAME, usual, kind, least, most, doc) \
    {#NAME, kind ? "" usual : "", least, most, kind, doc},
#include "app/settings.def"
#undef TM_SETTING
#undef INT
#undef TEXT
#undef SECRET
#undef PASSWORD
#undef WORD
    };
    tm_buf_add_c(out, "\n## Settings that are limits\n\nSet in the environment; "
                      "`trailmix check-config` shows what is in force.\n\n"
                      "| name | usual | least | most | meaning |\n|---|---:|---:|---:|---|\n");
    for (size_t i = 0; i < TM_COUNT(settings); i++) {
        if (settings[i].number && strcmp(settings[i].name, "PORT") != 0) {
            tm_buf_printf(out, "| %s | %s | %lld | %lld | %s |\n", settings[i].name,
                          settings[i].usual, settings[i].least, settings[i].most, settings[i].doc);
        }
    }
}

void tm_limits_markdown(tm_buf_t *out)
{
    tm_buf_add_c(out,
                 "# Limits\n\nMade by `trailmix dump limits --markdown` from the lists the program "
                 "itself is built of (`limits.def` of each\nlayer); a test compares it. A full "
                 "thing answers at once: 503 with `Retry-After` unless another status is named,\n"
                 "507 when the disk is full. It never waits and never grows.\n");
    for (size_t i = 0; i < TM_COUNT(parts); i++) {
        tm_buf_printf(out, "\n## %s\n\n| name | value | unit | beyond it |\n|---|---:|---|---|\n",
                      parts[i].about);
        for (size_t k = 0; k < parts[i].n; k++) {
            const entry_t *e = &parts[i].v[k];
            tm_buf_printf(out, "| %s | %lld | %s | %s |\n", e->name, e->value, e->unit, e->doc);
        }
    }
    add_rates(out);
    add_settings(out);
}
