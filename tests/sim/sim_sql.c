/* sim_sql.c - SQL after catching up = state: every record once, in its newest version.
 *
 * Why:     the projection follows the log behind everybody's back; whatever crashed, it must end
 *          where the actors are.
 * How:     a real projector on a SQLite file of its own, made anew from the whole log; per entity
 *          the number of rows and the sum of ids and versions are compared with those in the
 *          actors' pictures.
 * Threads: one, while the projector's own thread runs and nothing else moves. */
#include "schema/record.h"
#include "sim/sim.h"
#include "store/projector.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ENTITIES_MAX 64
#define DRAIN_MS 20000

typedef struct tally { int64_t rows, versions, counters; } tally_t;

/* Adds up every record of every actor's picture. */
static void tally_state(sim_t *sim, tally_t tallies[ENTITIES_MAX])
{
    uint32_t actors[SIM_REQUESTS_MAX + 4] = {TM_ACTOR_DIRECTORY, TM_ACTOR_FEED, TM_ACTOR_QUEUE,
                                             TM_ACTOR_CLOCK};
    uint32_t n_actors = 4;
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        if (sim->requests[i].kind == SIM_CREATE && sim->requests[i].done)
            actors[n_actors++] = tm_campaign_actor(sim->requests[i].id);
    }
    for (uint32_t a = 0; a < n_actors; a++) {
        tm_view_t *view = tm_runtime_snapshot(sim->rt, actors[a]);
        for (uint32_t e = 0; view != NULL && tm_entities[e] != NULL; e++) {
            assert(e < ENTITIES_MAX);
            sim_each_row(view, tm_entities[e], sim_tally_row, &tallies[e]);
        }
        tm_shared_unref(view);
    }
}

void sim_tally_row(void *ctx, const void *record)
{
    const sim_common_t *common = record;
    tally_t *tally = ctx;
    tally->rows++;
    tally->versions += common->version;
    tally->counters += tm_id_counter(common->id);
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

static void project(sim_t *sim, const char *path)
{
    char url[200];
    char line[300];
    snprintf(url, sizeof(url), "sqlite:%s", path);
    tm_projector_t *projector = NULL;
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_projector_new(tm_str(url), sim->journal, &projector, &why) != TM_OK ||
        tm_projector_start(projector) != TM_OK)
        sim_fail(sim, "the projector does not start: %s", tm_why_line(&why, line, sizeof(line)));
    tm_projector_stop(projector, DRAIN_MS);
    tm_projector_stats_t stats;
    tm_projector_stats(projector, &stats);
    if (stats.position != tm_journal_durable(sim->journal))
        sim_fail(sim, "the projector stands at %llu, the log at %llu: %s",
                 (unsigned long long)stats.position,
                 (unsigned long long)tm_journal_durable(sim->journal), stats.error);
    tm_projector_free(projector);
}

void sim_check_sql(sim_t *sim)
{
    char folder[] = "/tmp/trailmix-sim-XXXXXX";
    char path[64];
    if (mkdtemp(folder) == NULL)
        sim_fail(sim, "no folder for the database");
    snprintf(path, sizeof(path), "%s/sim.db", folder);
    project(sim, path);
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        sim_fail(sim, "the database cannot be opened");
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
    static const char *const rests[] = {"", "-wal", "-shm"};
    for (uint32_t i = 0; i < TM_COUNT(rests); i++) {
        char rest[80];
        snprintf(rest, sizeof(rest), "%s%s", path, rests[i]);
        (void)unlink(rest);
    }
    (void)rmdir(folder);
}
