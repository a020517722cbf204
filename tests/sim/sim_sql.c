/* sim_sql.c - SQL after catching up = state: every record once, in its newest version.
 *
 * Why:     the projection follows the log behind everybody's back; whatever crashed, it must end
 *          where the actors are.
 * How:     some seeds have a SQLite file of their own, which a real projector brings up to date
 *          step by step: of some from the first commit on while process, disk and database fail,
 *          of others at the end from the whole log. Per entity the number of rows and the sum of
 *          ids and versions are compared with those in the actors' pictures. A lying disk may
 *          leave a journal shorter than the database: that must not be written to; it is made anew.
 * Threads: one. */
#include "schema/record.h"
#include "sim/sim.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ENTITIES_MAX 64
#define ACTORS_MAX (SIM_REQUESTS_MAX + 4u)
#define SQL_EVERY 10 /* seeds; a real database is slow */
#define TRIES_MAX 1000u

typedef struct tally {
    int64_t rows, versions, counters;
} tally_t;

typedef struct actors {
    uint32_t v[ACTORS_MAX], n;
} actors_t;

static void add_campaign(void *ctx, const void *record)
{
    actors_t *actors = ctx;
    assert(actors->n < ACTORS_MAX);
    actors->v[actors->n++] = tm_campaign_actor(((const tm_campaign_t *)record)->id);
}

static void tally_row(void *ctx, const void *record)
{
    const sim_common_t *common = record;
    tally_t *tally = ctx;
    tally->rows++;
    tally->versions += common->version;
    tally->counters += tm_id_counter(common->id);
}

/* Adds up every record of every actor's picture. */
static void tally_state(sim_t *sim, tally_t tallies[ENTITIES_MAX])
{
    actors_t actors = {{TM_ACTOR_DIRECTORY, TM_ACTOR_FEED, TM_ACTOR_QUEUE, TM_ACTOR_CLOCK}, 4};
    tm_view_t *directory = tm_runtime_snapshot(sim->rt, TM_ACTOR_DIRECTORY);
    sim_each_row(directory, &tm_campaign_desc, add_campaign, &actors);
    tm_shared_unref(directory);
    for (uint32_t a = 0; a < actors.n; a++) {
        tm_view_t *view = tm_runtime_snapshot(sim->rt, actors.v[a]);
        for (uint32_t e = 0; view != NULL && tm_entities[e] != NULL; e++) {
            assert(e < ENTITIES_MAX);
            sim_each_row(view, tm_entities[e], tally_row, &tallies[e]);
        }
        tm_shared_unref(view);
    }
}

static tally_t tally_sql(sim_t *sim, sqlite3 *db, const char *entity)
{
    char sql[200];
    snprintf(
        sql, sizeof(sql),
        "SELECT count(*), coalesce(sum(version), 0), coalesce(sum(id & 4294967295), 0) FROM \"%s\"",
        entity);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        sim_fail(sim, "%s: %s", sql, sqlite3_errmsg(db));
    const tally_t tally = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                           sqlite3_column_int64(statement, 2)};
    sqlite3_finalize(statement);
    return tally;
}

static bool agree(const sim_t *sim, const tm_desc_t *desc, const tally_t *sql, const tally_t *state)
{
    /* The projector makes these from the commits themselves; a request that changed nothing has
     * none. */
    if (desc == &tm_idempotency_key_desc)
        return sql->rows <= sim->n_requests;
    return memcmp(sql, state, sizeof(*sql)) == 0;
}

static void remove_files(sim_t *sim)
{
    static const char *const rests[] = {"", "-wal", "-shm"};
    for (uint32_t i = 0; i < TM_COUNT(rests); i++) {
        char rest[100];
        (void)snprintf(rest, sizeof(rest), "%s%s", sim->sql.path, rests[i]);
        (void)unlink(rest);
    }
}

static sqlite3 *open_sql(sim_t *sim)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(sim->sql.path, &db) != SQLITE_OK)
        sim_fail(sim, "the database cannot be opened");
    return db;
}

/* The position that the database itself states, and the chain's hash there; 0: none. */
static int64_t position_in_sql(sim_t *sim, char ret_chain[TM_SHA256_TEXT])
{
    sqlite3 *db = open_sql(sim);
    sqlite3_stmt *statement = NULL;
    int64_t seq = 0;
    if (sqlite3_prepare_v2(db, "SELECT seq, chain FROM projection_position", -1, &statement,
                           NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        seq = sqlite3_column_int64(statement, 0);
        (void)snprintf(ret_chain, TM_SHA256_TEXT, "%s",
                       (const char *)sqlite3_column_text(statement, 1));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return seq;
}

void sim_sql_begin(sim_t *sim)
{
    const char *shared = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    if (sim->seed % SQL_EVERY != 0)
        return;
    (void)snprintf(sim->sql.folder, sizeof(sim->sql.folder), "%s/trailmix-sim-XXXXXX", shared);
    if (mkdtemp(sim->sql.folder) == NULL)
        sim_fail(sim, "no folder for the database");
    (void)snprintf(sim->sql.path, sizeof(sim->sql.path), "%s/sim.db", sim->sql.folder);
    sim->sql.follows = rng_chance(&sim->rng, 70);
}

static void connect_sql(sim_t *sim)
{
    char url[120];
    char line[300];
    tm_why_t why;
    tm_why_clear(&why);
    (void)snprintf(url, sizeof(url), "sqlite:%s", sim->sql.path);
    if (tm_projector_new(tm_str(url), sim->journal, &sim->sql.projector, &why) != TM_OK)
        sim_fail(sim, "no projector: %s", tm_why_line(&why, line, sizeof(line)));
}

void sim_sql_boot(sim_t *sim)
{
    if (!sim->sql.follows)
        return;
    char chain[TM_SHA256_TEXT] = "";
    const int64_t seq = sim->exposed ? position_in_sql(sim, chain) : 0;
    if (seq > 0 && (uint64_t)seq > tm_journal_durable(sim->journal)) {
        sim_note(sim, "the database is at commit %lld, ahead of the journal", (long long)seq);
        sim->counts.v[SIM_N_SQL_FOREIGN] += !sim->sql.foreign;
        sim->sql.foreign = true;
        sim->sql.foreign_seq = seq;
        memcpy(sim->sql.foreign_chain, chain, sizeof(chain));
    }
    connect_sql(sim);
}

void sim_sql_crash(sim_t *sim)
{
    tm_projector_free(TM_TAKE(sim->sql.projector));
}

/* Whether the database knows a course that the journal did not take. It may have taken the same
 * once more: then it is its own. */
static bool is_foreign(sim_t *sim)
{
    tm_sha256_t chain;
    char text[TM_SHA256_TEXT] = "";
    if (!sim->sql.foreign)
        return false;
    const tm_err_t err = tm_journal_chain(sim->journal, (uint64_t)sim->sql.foreign_seq, &chain);
    if (err != TM_OK) /* the log may not be readable now: that says nothing */
        return err == TM_ENOTFOUND;
    tm_sha256_format(&chain, text);
    return strcmp(text, sim->sql.foreign_chain) != 0;
}

static void compare(sim_t *sim)
{
    sqlite3 *db = open_sql(sim);
    tally_t state[ENTITIES_MAX] = {{0, 0, 0}};
    tally_state(sim, state);
    for (uint32_t e = 0; tm_entities[e] != NULL; e++) {
        const tally_t sql = tally_sql(sim, db, tm_entities[e]->name);
        if (!agree(sim, tm_entities[e], &sql, &state[e]))
            sim_fail(
                sim,
                "%s: SQL has %lld rows, versions %lld, ids %lld; the actors have %lld, %lld, %lld",
                tm_entities[e]->name, (long long)sql.rows, (long long)sql.versions,
                (long long)sql.counters, (long long)state[e].rows, (long long)state[e].versions,
                (long long)state[e].counters);
    }
    sqlite3_close(db);
    sim->counts.v[SIM_N_SQL_COMPARED]++;
}

void sim_sql_step(sim_t *sim)
{
    if (sim->sql.projector == NULL)
        return;
    const bool wrote = tm_projector_step(sim->sql.projector);
    sim->counts.v[SIM_N_SQL_WRITTEN] += wrote;
    if (wrote && is_foreign(sim))
        sim_fail(sim, "a database that was ahead of the journal was written to");
    if (!wrote)
        return;
    sim->sql.foreign = false;
    tm_projector_stats_t stats;
    tm_projector_stats(sim->sql.projector, &stats);
    if (stats.position == stats.durable && sim->flight_n == 0 && rng_chance(&sim->rng, 30))
        compare(sim);
}

void sim_check_sql(sim_t *sim)
{
    if (sim->sql.path[0] == '\0')
        return;
    if (is_foreign(sim)) {
        char chain[TM_SHA256_TEXT] = "";
        sim_sql_step(sim);
        if (position_in_sql(sim, chain) != sim->sql.foreign_seq)
            sim_fail(sim, "the position of a database that was ahead has changed");
        sim_sql_crash(sim);
        remove_files(sim);
        sim->sql.foreign = false;
    }
    if (sim->sql.projector == NULL)
        connect_sql(sim);
    tm_projector_stats_t stats;
    uint32_t tries = 0;
    do {
        sim_sql_step(sim);
        tm_projector_stats(sim->sql.projector, &stats);
        if (++tries > TRIES_MAX)
            sim_fail(sim, "the projector stands at %llu, the log at %llu: %s",
                     (unsigned long long)stats.position, (unsigned long long)stats.durable,
                     stats.error);
    } while (!stats.connected || stats.position != stats.durable);
    compare(sim);
}

void sim_sql_end(sim_t *sim)
{
    if (sim->sql.path[0] == '\0')
        return;
    remove_files(sim);
    (void)rmdir(sim->sql.folder);
}
