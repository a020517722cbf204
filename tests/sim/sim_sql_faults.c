/* sim_sql_faults.c - a database that is away, crowded, read-only, full, locked, slow, or dies in
 * the middle of a transaction.
 *
 * How:     the linker sends the projector's calls of store/database.h through here (--wrap); what
 *          is not to fail goes on to the real SQLite. Only calls from other files than database.c
 *          can be sent.
 * Threads: one. */
#include "sim/sim.h"
#include "store/database.h"

static sim_t *here; /* the calls get no context */

tm_err_t __real_tm_database_connect(tm_database_t *db, tm_why_t *why);
tm_err_t __wrap_tm_database_connect(tm_database_t *db, tm_why_t *why);
tm_err_t __real_tm_database_end(tm_database_t *db, tm_err_t err, tm_why_t *why);
tm_err_t __wrap_tm_database_end(tm_database_t *db, tm_err_t err, tm_why_t *why);
tm_err_t __real_tm_database_exec(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                 unsigned n, uint64_t *ret_changed, tm_why_t *why);
tm_err_t __wrap_tm_database_exec(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                 unsigned n, uint64_t *ret_changed, tm_why_t *why);

void sim_sql_trouble(sim_t *sim)
{
    static const char *const names[] = {"fine",   "away", "crowded", "read-only", "full",
                                        "locked", "slow", "killed",  "lost",      "lost, applied"};
    _Static_assert(TM_COUNT(names) == SIM_SQL_TROUBLES, "one name each");
    here = sim;
    sim->sql.trouble = (sim_sql_trouble_t)rng_below(&sim->rng, SIM_SQL_TROUBLES);
    sim->sql.after = (uint32_t)rng_below(&sim->rng, 6);
    sim->sql.left = 1 + (uint32_t)rng_below(&sim->rng, 4);
    sim_note(sim, "the database will be %s", names[sim->sql.trouble]);
    if (sim->sql.trouble == SIM_SQL_AWAY || sim->sql.trouble == SIM_SQL_CROWDED) {
        sim_sql_crash(sim); /* a new process finds it so; an old one would notice at KILLED */
        sim_sql_boot(sim);
    }
}

void sim_sql_mend(sim_t *sim)
{
    sim->sql.trouble = SIM_SQL_FINE;
    here = NULL;
}

/* true: the trouble is this one, and it is its time. */
static bool strikes(sim_sql_trouble_t trouble, sim_count_t count)
{
    if (here == NULL || here->sql.trouble != trouble)
        return false;
    if (here->sql.after > 0) {
        here->sql.after--;
        return false;
    }
    here->counts.v[count]++;
    if (--here->sql.left == 0)
        here->sql.trouble = SIM_SQL_FINE;
    return true;
}

tm_err_t __wrap_tm_database_connect(tm_database_t *db, tm_why_t *why)
{
    if (here != NULL && (here->sql.trouble == SIM_SQL_AWAY || here->sql.trouble == SIM_SQL_CROWDED))
        here->sql.after = 0;
    if (strikes(SIM_SQL_AWAY, SIM_N_SQL_AWAY))
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "simulated: the database is away");
    if (strikes(SIM_SQL_CROWDED, SIM_N_SQL_CROWDED))
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "simulated: too many connections");
    return __real_tm_database_connect(db, why);
}

/* The world goes on: commits become durable while a transaction is open. */
static void slowly(void)
{
    if (!strikes(SIM_SQL_SLOW, SIM_N_SQL_SLOW))
        return;
    sim_client_send(here);
    (void)tm_runtime_step(here->rt, rng_next(&here->rng));
    sim_journal_step(here);
}

tm_err_t __wrap_tm_database_end(tm_database_t *db, tm_err_t err, tm_why_t *why)
{
    slowly();
    if (err == TM_OK && strikes(SIM_SQL_LOST_NOT, SIM_N_SQL_LOST_NOT))
        err = tm_why_add(why, TM_EUNAVAILABLE, NULL, "simulated: lost before the commit");
    const bool lost = err == TM_OK && strikes(SIM_SQL_LOST_APPLIED, SIM_N_SQL_LOST_APPLIED);
    err = __real_tm_database_end(db, err, why);
    return err != TM_OK || !lost
               ? err
               : tm_why_add(why, TM_EUNAVAILABLE, NULL, "simulated: lost behind the commit");
}

tm_err_t __wrap_tm_database_exec(tm_database_t *db, tm_str_t sql, const tm_value_t *values,
                                 unsigned n, uint64_t *ret_changed, tm_why_t *why)
{
    slowly();
    if (strikes(SIM_SQL_READ_ONLY, SIM_N_SQL_READ_ONLY))
        return tm_why_add(why, TM_EIO, NULL, "simulated: the database is read-only");
    if (strikes(SIM_SQL_FULL, SIM_N_SQL_FULL))
        return tm_why_add(why, TM_EDISKFULL, NULL, "simulated: the database is full");
    if (strikes(SIM_SQL_BUSY, SIM_N_SQL_BUSY))
        return tm_why_add(why, TM_EBUSY, NULL, "simulated: locked by others");
    if (strikes(SIM_SQL_KILLED, SIM_N_SQL_KILLED))
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "simulated: the database was killed");
    return __real_tm_database_exec(db, sql, values, n, ret_changed, why);
}
