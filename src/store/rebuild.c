/* rebuild.c - a database filled from the state, see rebuild.h.
 *
 * Threads: the owner's. */
#include "store/rebuild.h"
#include "runtime/commit.h"
#include "store/projection.h"

struct tm_rebuild {
    tm_database_t db;
    tm_batch_t batch;
    uint64_t rows;
};

/* Ours, or nobody's. */
static tm_err_t may_drop(tm_database_t *db, tm_why_t *why)
{
    tm_tables_there_t there;
    tm_why_t look;
    tm_why_clear(&look);
    const tm_err_t err = tm_tables_look(db, &there, &look);
    if (there.positions && err != TM_EUNAVAILABLE && err != TM_EBUSY)
        return TM_OK; /* what is wrong with them goes */
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "%s", look.faults[0].text);
    return there.rows
               ? tm_why_add(why, TM_ECONFLICT, NULL,
                            "tables of these names hold rows and there is no table "
                            "projection_position: they may be somebody else's; drop them, or "
                            "name another database")
               : TM_OK;
}

tm_err_t tm_rebuild_new(tm_str_t url, tm_rebuild_t **ret, tm_why_t *why)
{
    tm_database_url_t parsed;
    tm_err_t err = tm_database_url_parse(url, &parsed, why);
    if (err != TM_OK)
        return err;
    tm_rebuild_t *rebuild = TM_NEW(tm_rebuild_t);
    tm_database_init(&rebuild->db, &parsed);
    explicit_bzero(parsed.server.password, sizeof(parsed.server.password));
    tm_batch_init(&rebuild->batch, 0, 1);
    err = tm_database_connect(&rebuild->db, why);
    if (err == TM_OK)
        err = may_drop(&rebuild->db, why);
    if (err == TM_OK)
        err = tm_tables_drop(&rebuild->db, why);
    if (err == TM_OK)
        err = tm_tables_create(&rebuild->db, why);
    if (err == TM_OK)
        *ret = rebuild;
    else
        tm_rebuild_free(rebuild);
    return err;
}

void tm_rebuild_free(TM_OWN tm_rebuild_t *rebuild)
{
    if (rebuild == NULL)
        return;
    tm_batch_done(&rebuild->batch);
    tm_database_done(&rebuild->db);
    tm_free(rebuild);
}

static tm_err_t flush(tm_rebuild_t *rebuild, tm_why_t *why)
{
    tm_err_t err = tm_database_begin(&rebuild->db, why);
    if (err != TM_OK)
        return err;
    err = tm_database_end(&rebuild->db, tm_batch_rows(&rebuild->batch, &rebuild->db, why), why);
    rebuild->rows += rebuild->batch.rows;
    tm_batch_clear(&rebuild->batch);
    return err;
}

tm_err_t tm_rebuild_put(tm_rebuild_t *rebuild, const tm_desc_t *desc, tm_id_t id, tm_str_t bytes,
                        uint64_t seq, tm_why_t *why)
{
    const tm_commit_change_t change = {
        .op = TM_CHANGE_PUT, .entity = desc->number, .id = id, .bytes = bytes};
    const tm_err_t err = tm_batch_change(&rebuild->batch, seq, &change, why);
    return err == TM_OK && tm_batch_is_full(&rebuild->batch) ? flush(rebuild, why) : err;
}

tm_err_t tm_rebuild_commit(tm_rebuild_t *rebuild, uint64_t number, tm_str_t body, tm_why_t *why)
{
    const tm_err_t err = tm_batch_key(&rebuild->batch, number, body, why);
    return err == TM_OK && tm_batch_is_full(&rebuild->batch) ? flush(rebuild, why) : err;
}

tm_err_t tm_rebuild_end(tm_rebuild_t *rebuild, const tm_position_t *at, tm_why_t *why)
{
    tm_err_t err = flush(rebuild, why);
    if (err == TM_OK)
        err = tm_database_begin(&rebuild->db, why);
    if (err != TM_OK)
        return err;
    err = tm_positions_put(&rebuild->db, at, 0, tm_rebuild_lanes(rebuild), why);
    return tm_database_end(&rebuild->db, err, why);
}

uint64_t tm_rebuild_rows(const tm_rebuild_t *rebuild)
{
    return rebuild->rows + rebuild->batch.rows;
}

uint32_t tm_rebuild_lanes(const tm_rebuild_t *rebuild)
{
    return rebuild->db.url.connection_limit;
}
