/* recovery.c - see recovery.h.
 *
 * Threads: boot. */
#include "store/recovery.h"
#include "base/log.h"
#include "runtime/cut.h"
#include "store/ahead.h"
#include "store/checkpoint.h"

#define TRIED_MAX 16u

/* view NULL: it was not decoded, or cannot be. */
static tm_err_t replay_view(void *ctx, uint64_t number, tm_str_t body, const tm_commit_view_t *view,
                            tm_why_t *why)
{
    tm_recovery_t *recovery = ctx;
    recovery->commits++;
    recovery->bytes += body.n;
    return view != NULL ? tm_runtime_replay_view(recovery->rt, number, view, why)
                        : tm_runtime_replay(recovery->rt, number, body, why);
}

static tm_err_t replay_one(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    return replay_view(ctx, number, body, NULL, why);
}

static void foresee(void *ctx, const tm_commit_view_t *view, uint32_t step)
{
    tm_runtime_foresee(((tm_recovery_t *)ctx)->rt, view, step);
}

static tm_err_t replay(const tm_recovery_options_t *o, tm_recovery_t *recovery, tm_why_t *why)
{
    const uint64_t from = recovery->checkpoint + 1;
    return o->ahead ? tm_journal_replay_ahead(o->journal, from, replay_view, foresee, recovery, why)
                    : tm_journal_replay(o->journal, from, false, replay_one, recovery, why);
}

/* Whether a checkpoint is of this journal. TM_ENOTFOUND: it is of another. TM_EDAMAGED: the journal
 * ends before it. */
static tm_err_t belongs(tm_journal_t *journal, const tm_checkpoint_head_t *head, tm_why_t *why)
{
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(head->number, name);
    tm_sha256_t identity;
    if (tm_journal_identity(journal, &identity) &&
        memcmp(&identity, &head->identity, sizeof(identity)) != 0)
        return tm_why_add(why, TM_ENOTFOUND, NULL, "the checkpoint %s is of another journal", name);
    const uint64_t last = tm_journal_durable(journal);
    if (head->number > last)
        return tm_why_add(why, TM_EDAMAGED, NULL,
                          "the journal ends at commit %llu, before its checkpoint %s: commits that "
                          "were durable are missing",
                          (unsigned long long)last, name);
    tm_sha256_t chain;
    if (tm_journal_chain(journal, head->number, &chain) == TM_OK &&
        memcmp(&chain, &head->chain, sizeof(chain)) != 0)
        return tm_why_add(why, TM_ENOTFOUND, NULL, "the checkpoint %s is of another journal", name);
    return TM_OK;
}

static tm_err_t load(tm_checkpoint_reader_t *reader, const tm_checkpoint_head_t *head,
                     tm_runtime_t *rt, tm_why_t *why)
{
    tm_str_t block;
    tm_sha256_t state;
    tm_err_t err;
    while ((err = tm_checkpoint_next(reader, &block, &state, why)) == TM_OK) {
        if ((err = tm_runtime_restore(rt, block, why)) != TM_OK)
            return err;
    }
    return err == TM_ENOTFOUND ? tm_runtime_restored(rt, head->number, &state, why) : err;
}

/* false: it cannot be used, why says so. *ret_refuse: nor can the journal. */
static bool try_one(const tm_recovery_options_t *o, uint64_t number, tm_recovery_t *ret,
                    bool *ret_refuse, tm_why_t *why)
{
    tm_checkpoint_reader_t *reader = NULL;
    tm_checkpoint_head_t head;
    *ret_refuse = false;
    tm_err_t err = tm_checkpoint_open(o->checkpoints, number, &reader, &head, why);
    if (err == TM_OK) {
        err = belongs(o->journal, &head, why);
        *ret_refuse = err == TM_EDAMAGED;
    }
    tm_runtime_t *rt = NULL;
    if (err == TM_OK) {
        rt = o->make(o->ctx);
        err = load(reader, &head, rt, why);
    }
    tm_checkpoint_close(reader);
    if (err != TM_OK) {
        tm_runtime_free(rt);
        return false;
    }
    tm_journal_set_identity(o->journal, &head.identity);
    *ret = (tm_recovery_t){.rt = rt, .checkpoint = number, .at = head.at};
    return true;
}

static tm_err_t find_checkpoint(const tm_recovery_options_t *o, tm_recovery_t *ret, tm_why_t *why)
{
    uint64_t numbers[TRIED_MAX];
    uint32_t n = 0;
    if (o->checkpoints == NULL)
        return TM_OK;
    const tm_err_t err = tm_checkpoint_list(o->checkpoints, TRIED_MAX, numbers, &n);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "reading the folder of checkpoints failed");
    for (uint32_t i = 0; i < n; i++) {
        bool refuse = false;
        tm_why_t bad;
        char line[300];
        tm_why_clear(&bad);
        if (try_one(o, numbers[i], ret, &refuse, &bad))
            return TM_OK;
        (void)tm_why_line(&bad, line, sizeof(line));
        if (refuse)
            return tm_why_add(why, TM_EDAMAGED, NULL, "%s", line);
        tm_log(TM_LOG_WARN, "checkpoint", "%s; %s", line,
               i + 1 < n ? "the one before it is tried" : "all commits are replayed");
        /* Told if nothing else is found either. */
        if (why != NULL && why->n == 0)
            (void)tm_why_add(why, TM_EDAMAGED, NULL, "%s", line);
    }
    return TM_OK;
}

tm_err_t tm_recover(const tm_recovery_options_t *o, tm_recovery_t *ret, tm_why_t *why)
{
    assert(o->journal != NULL && o->make != NULL);
    *ret = (tm_recovery_t){0};
    tm_why_t bad;
    tm_why_clear(&bad);
    tm_err_t err = find_checkpoint(o, ret, &bad);
    if (err == TM_OK && ret->rt == NULL)
        ret->rt = o->make(o->ctx);
    if (err == TM_OK)
        err = replay(o, ret, why);
    if (err == TM_OK)
        return TM_OK;
    if (bad.n > 0)
        (void)tm_why_add(why, bad.faults[0].err, NULL, "%s", bad.faults[0].text);
    tm_runtime_free(TM_TAKE(ret->rt));
    return err == TM_ENOTFOUND ? TM_EDAMAGED : err;
}
