/* follower.c - a lane of a projection, see follower.h.
 *
 * Threads: the owner's. */
#include "store/follower.h"
#include "base/log.h"

void tm_follower_init(tm_follower_t *follower, tm_journal_t *journal, tm_database_t *db,
                      uint32_t lane, uint32_t lanes)
{
    *follower =
        (tm_follower_t){.journal = journal, .db = db, .position = {.lane = lane, .lanes = lanes}};
    tm_batch_init(&follower->batch, lane, lanes);
}

void tm_follower_done(tm_follower_t *follower)
{
    tm_follower_forget(follower);
    tm_batch_done(&follower->batch);
}

void tm_follower_forget(tm_follower_t *follower)
{
    tm_batch_clear(&follower->batch);
    tm_journal_cursor_free(follower->cursor);
    follower->cursor = NULL;
}

static tm_err_t check_chain(tm_journal_t *journal, const tm_position_t *position, tm_why_t *why)
{
    tm_sha256_t chain;
    const tm_err_t err = tm_journal_chain(journal, position->seq, &chain);
    if (err == TM_ENOTFOUND)
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database is older than the journal that is kept (%llu): " TM_REBUILD_TEXT,
            (unsigned long long)position->seq);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "commit %llu of the journal cannot be read",
                          (unsigned long long)position->seq);
    if (memcmp(&chain, &position->chain, sizeof(chain)) != 0)
        return tm_why_add(why, TM_ECONFLICT, NULL,
                          "the database belongs to another course of this journal (at commit "
                          "%llu): it is not written to; " TM_REBUILD_TEXT,
                          (unsigned long long)position->seq);
    return TM_OK;
}

static tm_err_t check_position(tm_journal_t *journal, const tm_position_t *position, tm_why_t *why)
{
    if (position->seq == 0)
        return TM_OK;
    tm_sha256_t journal_is;
    const bool known = tm_journal_identity(journal, &journal_is);
    if (!known || memcmp(&journal_is, &position->journal, sizeof(journal_is)) != 0)
        return tm_why_add(
            why, TM_ECONFLICT, NULL,
            "the database belongs to another journal: it is not written to; " TM_REBUILD_TEXT);
    if (position->seq > tm_journal_durable(journal))
        return tm_why_add(why, TM_ECONFLICT, NULL,
                          "the database is ahead of the journal (%llu, journal %llu): it is not "
                          "written to; " TM_REBUILD_TEXT,
                          (unsigned long long)position->seq,
                          (unsigned long long)tm_journal_durable(journal));
    return check_chain(journal, position, why);
}

tm_err_t tm_follower_begin(tm_follower_t *follower, tm_why_t *why)
{
    const tm_err_t err = tm_position_read(follower->db, &follower->position, why);
    return err == TM_OK ? check_position(follower->journal, &follower->position, why) : err;
}

tm_err_t tm_follower_gather(tm_follower_t *f, uint64_t until, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    if (f->cursor == NULL)
        err = tm_journal_cursor_new(f->journal, f->position.seq, &f->cursor);
    if (err != TM_OK)
        return tm_why_add(why, TM_ECONFLICT, NULL,
                          "the journal no longer has commit %llu: " TM_REBUILD_TEXT,
                          (unsigned long long)f->position.seq + 1);
    const uint64_t durable = tm_journal_durable(f->journal);
    const uint64_t last = until == 0 ? durable : TM_MIN(until, durable);
    while (err == TM_OK && !tm_batch_is_full(&f->batch) &&
           TM_MAX(f->batch.last, f->position.seq) < last) {
        uint64_t number;
        tm_str_t body;
        err = tm_journal_cursor_next(f->cursor, &number, &body, why);
        if (err == TM_OK)
            err = tm_batch_add(&f->batch, number, body, why);
    }
    return err;
}

tm_err_t tm_follower_write(tm_follower_t *f, tm_why_t *why)
{
    if (f->batch.last == 0)
        return TM_OK;
    tm_position_t to = f->position;
    to.seq = f->batch.last;
    const bool known = tm_journal_identity(f->journal, &to.journal);
    assert(known);
    (void)known;
    to.chain = *tm_journal_cursor_chain(f->cursor);
    const tm_err_t err = tm_batch_write(&f->batch, f->db, &f->position, &to, why);
    if (err == TM_OK)
        f->position = to;
    return err;
}

/* One lane of those that were, up to commit `until`. */
static tm_err_t catch_up(tm_follower_t *f, uint64_t until, bool (*stop)(void *ctx), void *ctx,
                         tm_why_t *why)
{
    tm_err_t err = tm_follower_begin(f, why);
    while (err == TM_OK && f->position.seq < until) {
        if (stop != NULL && stop(ctx))
            return TM_ESTOPPING;
        err = tm_follower_gather(f, until, why);
        if (err == TM_OK)
            err = tm_follower_write(f, why);
        tm_batch_clear(&f->batch);
    }
    return err;
}

/* Other lanes were there: each goes on to where the first of them was, then ours take over. */
static tm_err_t divide_again(tm_journal_t *journal, tm_database_t *db,
                             const tm_tables_there_t *there, uint32_t lanes,
                             bool (*stop)(void *ctx), void *ctx, tm_why_t *why)
{
    tm_err_t err = TM_OK;
    tm_position_t at = {0};
    for (uint32_t lane = 0; err == TM_OK && lane < there->lanes; lane++) {
        tm_follower_t f;
        tm_follower_init(&f, journal, db, lane, there->lanes);
        err = catch_up(&f, there->most, stop, ctx, why);
        at = f.position;
        tm_follower_done(&f);
    }
    if (err == TM_OK)
        err = tm_database_begin(db, why);
    if (err != TM_OK)
        return err;
    err = tm_database_end(db, tm_positions_put(db, &at, there->lanes, lanes, why), why);
    if (err == TM_OK && there->lanes > 0)
        tm_log(TM_LOG_INFO, "projection_lanes", "%u lanes instead of %u, from commit %llu on",
               lanes, there->lanes, (unsigned long long)at.seq);
    return err;
}

/* A table was dropped, or this program has one more than the one before: the journal still says
 * what is in it. */
static tm_err_t fill_again(tm_journal_t *journal, tm_database_t *db, const tm_tables_there_t *there,
                           tm_why_t *why)
{
    if (there->most == 0)
        return TM_OK;
    tm_journal_cursor_t *cursor = NULL;
    if (tm_journal_cursor_new(journal, 0, &cursor) != TM_OK)
        return tm_why_add(why, TM_ECONFLICT, NULL, "a table is missing: " TM_REBUILD_TEXT);
    tm_journal_cursor_free(cursor);
    tm_log(TM_LOG_WARN, "projection_table",
           "a table was missing: the database is filled again from the journal");
    return tm_positions_reset(db, there, why);
}

static tm_err_t make_tables(tm_journal_t *journal, tm_database_t *db, tm_tables_there_t *there,
                            tm_why_t *why)
{
    tm_err_t err = TM_OK;
    tm_position_t first = {.lane = 0, .lanes = there->lanes};
    if (there->lanes > 0) { /* whose rows they are is asked before anything is changed */
        err = tm_position_read(db, &first, why);
        if (err == TM_OK)
            err = check_position(journal, &first, why);
        if (err == TM_OK)
            err = fill_again(journal, db, there, why); /* first: it may be cut off behind it */
    }
    if (err == TM_OK)
        err = tm_tables_create(db, why);
    return err == TM_OK ? tm_tables_look(db, there, why) : err;
}

tm_err_t tm_follower_settle(tm_journal_t *journal, tm_database_t *db, uint32_t lanes,
                            bool (*stop)(void *ctx), void *ctx, tm_why_t *why)
{
    tm_tables_there_t there;
    tm_err_t err = tm_tables_look(db, &there, why);
    if (err == TM_OK && there.lanes == 0 && there.rows)
        err = tm_why_add(why, TM_ECONFLICT, NULL,
                         "the database has rows, but not of which commit: " TM_REBUILD_TEXT);
    if (err == TM_OK && !(there.all && there.positions))
        err = make_tables(journal, db, &there, why);
    if (err != TM_OK || there.lanes == lanes)
        return err;
    return divide_again(journal, db, &there, lanes, stop, ctx, why);
}
