/* sim_world.c - boot, crash, and the environment of the simulated actors.
 *
 * How:     commits on their way to the journal are noted in order, so that a crash can free those
 *          that were never released. A crash with nothing on its way must boot into the very same
 *          facts.
 * Threads: one. */
#include "base/memory.h"
#include "schema/json.h"
#include "schema/record.h"
#include "sim/sim.h"
#include "store/checkpoint.h"
#include "store/recovery.h"
#include <stdio.h>

#define ANSWER_BYTES_MAX (16u << 20)
#define SETTLE_ROUNDS_MAX 20000u

static sim_t *here; /* release gets no context; the simulation has one world */

static tm_ms_t env_now(void *self)
{
    return ((sim_t *)self)->now;
}

static void env_random(void *self, void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)rng_next(&((sim_t *)self)->rng);
}

static tm_err_t env_reserve(void *self, size_t bytes)
{
    sim_t *sim = self;
    const tm_err_t err = tm_journal_reserve(sim->journal, bytes);
    if (err != TM_OK) {
        sim->counts.v[SIM_N_REFUSALS]++;
        sim_note(sim, "no room for %zu bytes: %s", bytes, tm_err_code(err));
    }
    return err;
}

/* Durable: the oldest commit on its way, or the journal broke its order. */
static void released(tm_commit_t *commit)
{
    sim_t *sim = here;
    if (sim->flight_n == 0 || sim->flight[sim->flight_begin] != commit)
        sim_fail(sim, "the journal released a commit out of order");
    void (*release)(tm_commit_t *) = sim->flight_release[sim->flight_begin];
    sim->flight_begin = (sim->flight_begin + 1) % SIM_FLIGHT_MAX;
    sim->flight_n--;
    if (commit->n > 0) {
        sim->counts.v[SIM_N_COMMITS]++;
        if (commit->number != sim->ledger.n + 1)
            sim_fail(sim, "commit %llu was released behind %llu",
                     (unsigned long long)commit->number, (unsigned long long)sim->ledger.n);
        sim_ledger_add(sim, commit->number, (tm_str_t){commit->bytes, commit->n});
    }
    commit->release = release;
    release(commit);
}

static void env_push(void *self, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    sim_t *sim = self;
    for (tm_commit_t *c = first; c != NULL; c = c->next) {
        const uint32_t at = (sim->flight_begin + sim->flight_n) % SIM_FLIGHT_MAX;
        assert(sim->flight_n < SIM_FLIGHT_MAX);
        sim->flight[at] = c;
        sim->flight_release[at] = c->release;
        sim->flight_n++;
        c->release = released;
    }
    tm_journal_push(sim->journal, first, last);
}

static sim_job_t *job_new(sim_t *sim)
{
    if (sim->n_jobs == SIM_JOBS_MAX)
        sim_fail(sim, "more than %u jobs at once", SIM_JOBS_MAX);
    sim_job_t *job = &sim->jobs[sim->n_jobs++];
    *job = (sim_job_t){0};
    return job;
}

static void env_answer(void *self, uint64_t number, tm_reply_to_t to)
{
    sim_job_t *job = job_new(self);
    job->is_answer = true;
    job->number = number;
    job->to = to;
}

static void env_job_start(void *self, uint32_t actor, uint16_t type, const tm_desc_t *desc,
                          const void *record)
{
    assert(type == TM_JOB_PARSE_INPUT && desc == &tm_job_desc);
    (void)type;
    sim_job_t *job = job_new(self);
    job->actor = actor;
    job->arena = tm_arena_new(16u << 20);
    job->job = tm_record_copy(desc, record, job->arena);
    assert(job->job != NULL);
}

static void env_reply(void *self, tm_reply_to_t to, const tm_answer_t *answer)
{
    sim_client_answer(self, to, answer);
}

static void env_live(void *self, uint32_t actor)
{
    (void)self;
    (void)actor;
}

static void on_fatal(void *ctx, const char *message)
{
    sim_t *sim = ctx;
    sim_note(sim, "fatal: %s", message);
    sim->fatal = true;
}

static tm_runtime_t *make_runtime(void *ctx)
{
    sim_t *sim = ctx;
    const tm_runtime_options_t runtime = {
        .kinds = tm_kinds,
        .messages = tm_messages,
        .n_messages = TM_MSG_COUNT,
        .mailbox_depth_max = sim->seed % 3 == 0 ? 3 : 0,
        .env = {.self = sim,
                .now = env_now,
                .random = env_random,
                .journal_reserve = env_reserve,
                .journal_push = env_push,
                .journal_answer = env_answer,
                .job_start = env_job_start,
                .reply = env_reply,
                .live = env_live},
    };
    tm_runtime_t *rt = tm_runtime_new(&runtime);
    tm_actors_ensure(rt);
    return rt;
}

typedef struct past {
    sim_t *sim;
    tm_runtime_t *rt;
} past_t;

static tm_err_t play(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    const past_t *past = ctx;
    sim_ledger_add(past->sim, number, body);
    return tm_runtime_replay(past->rt, number, body, why);
}

/* Its file, not its number: one that is made anew is good, even if nobody could say so because the
 * folder's sync failed. */
static bool is_damaged(const sim_t *sim, uint64_t checkpoint)
{
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(checkpoint, name);
    return sim_disk_is_flipped(sim->disk, name);
}

/* A bad sector in the newest checkpoint. */
static void damage(sim_t *sim, uint64_t newest)
{
    char name[TM_CHECKPOINT_NAME];
    tm_checkpoint_name(newest, name);
    for (uint32_t i = 0; i < 1000; i++) { /* a sync that lied may have left little of it */
        if (!sim_disk_flip(sim->disk, name, rng_below(&sim->rng, 4096),
                           (uint8_t)rng_below(&sim->rng, 8)))
            continue;
        sim->counts.v[SIM_N_DAMAGED]++;
        return;
    }
}

/* From the newest checkpoint, or (in some boots) with it damaged, or without any. */
static tm_err_t recover(sim_t *sim, tm_why_t *why)
{
    const tm_disk_t disk = sim_disk_face(sim->disk);
    const uint64_t way = sim->calm || sim->exposed ? 2 : rng_below(&sim->rng, 8);
    const uint64_t failed = sim->counts.v[SIM_N_READS_CHECKPOINT] + sim->counts.v[SIM_N_READS_LOG] +
                            sim->counts.v[SIM_N_READS_ARCHIVE];
    const tm_recovery_options_t options = {sim->journal, way == 0 ? NULL : &disk, make_runtime, sim,
                                           false};
    uint64_t newest = 0;
    uint32_t n = 0;
    if (tm_checkpoint_list(&disk, 1, &newest, &n) != TM_OK)
        sim_fail(sim, "boot %u: the checkpoints cannot be listed", sim->boots);
    if (way == 1 && n == 1 && !is_damaged(sim, newest))
        damage(sim, newest);
    const bool damaged = n == 1 && is_damaged(sim, newest);
    tm_recovery_t recovery;
    const tm_err_t err = tm_recover(&options, &recovery, why);
    if (err != TM_OK)
        return err;
    sim->rt = recovery.rt;
    const bool unread = failed != sim->counts.v[SIM_N_READS_CHECKPOINT] +
                                      sim->counts.v[SIM_N_READS_LOG] +
                                      sim->counts.v[SIM_N_READS_ARCHIVE];
    if (damaged && recovery.checkpoint == newest)
        sim_fail(sim, "boot %u: a damaged checkpoint was used", sim->boots);
    if (!damaged && !unread && !sim->exposed && way != 0 && n == 1 && recovery.checkpoint != newest)
        sim_fail(sim, "boot %u: the newest checkpoint was not used", sim->boots);
    sim->counts.v[SIM_N_RECOVERED] += recovery.checkpoint > 0;
    sim_note(sim, "boot %u: from checkpoint %llu", sim->boots,
             (unsigned long long)recovery.checkpoint);
    sim->checkpoint_last = recovery.checkpoint;
    sim->behind = recovery.bytes;
    return TM_OK;
}

static void boot_checkpointer(sim_t *sim)
{
    const tm_checkpointer_options_t options = {
        .disk = sim_disk_face(sim->disk),
        .journal = sim->journal,
        .rt = sim->rt,
        .every_bytes = sim->calm || rng_chance(&sim->rng, 50) ? 0 : rng_below(&sim->rng, 30000),
        .every_ms = 3600000,
        .keep_free = sim->segment_bytes,
        .last = sim->checkpoint_last,
        .behind_bytes = sim->behind,
    };
    sim->checkpointer = tm_checkpointer_new(&options);
}

void sim_checkpoint_step(sim_t *sim)
{
    tm_checkpointer_stats_t before;
    tm_checkpointer_stats_t after;
    tm_checkpointer_stats(sim->checkpointer, &before);
    (void)tm_checkpointer_step(sim->checkpointer, sim->now.v, sim->now);
    tm_checkpointer_stats(sim->checkpointer, &after);
    if (after.number == before.number)
        return;
    sim->counts.v[SIM_N_CHECKPOINTS]++;
    sim_note(sim, "checkpoint of commit %llu", (unsigned long long)after.number);
    if (after.number > tm_journal_durable(sim->journal))
        sim_fail(sim, "a checkpoint holds what is not durable");
}

/* What a start does, in its order. Whoever starts in vain leaves nothing open. */
static tm_err_t start(sim_t *sim, tm_why_t *why)
{
    const tm_journal_options_t options = {sim_disk_face(sim->disk), sim->segment_bytes, on_fatal,
                                          sim};
    tm_journal_info_t info;
    tm_err_t err = tm_journal_open(&options, &sim->journal, &info, why);
    if (err != TM_OK)
        return err;
    sim_note(sim, "boot %u: %llu commits, %llu torn bytes", sim->boots,
             (unsigned long long)info.commits, (unsigned long long)info.torn_bytes);
    err = recover(sim, why);
    if (err == TM_OK)
        err = tm_journal_begin(sim->journal, why);
    if (err == TM_OK && !sim->fatal)
        return TM_OK;
    tm_journal_free(TM_TAKE(sim->journal));
    tm_runtime_free(TM_TAKE(sim->rt));
    return err == TM_OK ? TM_EIO : err;
}

/* What was started against all that was ever committed: nothing of it changed, nothing is gone,
 * and all of it leads to these facts. false: a lie has damaged what only the past needs. */
static bool check_past(sim_t *sim)
{
    past_t past = {sim, make_runtime(sim)};
    tm_why_t why;
    char line[300];
    tm_why_clear(&why);
    const tm_err_t err = tm_journal_replay(sim->journal, 0, true, play, &past, &why);
    const tm_sha256_t full = tm_runtime_hash(past.rt);
    tm_runtime_free(past.rt);
    if (err == TM_EDAMAGED && sim->exposed)
        return false;
    if (err != TM_OK)
        sim_fail(sim, "boot %u: the chain: %s", sim->boots, tm_why_line(&why, line, sizeof line));
    sim_ledger_end(sim, tm_journal_durable(sim->journal));
    const tm_sha256_t hash = tm_runtime_hash(sim->rt);
    if (memcmp(&hash, &full, sizeof(hash)) != 0)
        sim_fail(sim, "boot %u: a full replay leads to other facts", sim->boots);
    if (sim->hash_known && !sim->exposed && memcmp(&hash, &sim->hash, sizeof(hash)) != 0)
        sim_fail(sim, "boot %u: replay led to other facts than those that were durable",
                 sim->boots);
    return true;
}

/* The start was refused. After a lie that is an end; a read error passes. */
static void refused(sim_t *sim, tm_err_t err, const tm_why_t *why, uint64_t reads_failed)
{
    char line[300];
    (void)tm_why_line(why, line, sizeof(line));
    sim_note(sim, "boot %u: refused: %s", sim->boots, line);
    const bool told = strstr(line, "segment") != NULL || strstr(line, "checkpoint") != NULL ||
                      strstr(line, "commit") != NULL;
    if (sim_disk_n_open(sim->disk) > 0)
        sim_fail(sim, "boot %u: files are open behind a start that failed", sim->boots);
    if (err == TM_EIO && reads_failed > 0 && told) {
        sim->counts.v[SIM_N_BOOTS_FAILED]++;
        return;
    }
    if (err != TM_EDAMAGED || !sim->exposed || !told)
        sim_fail(sim, "boot %u: %s", sim->boots, line);
    sim->counts.v[SIM_N_LIES_REFUSED]++;
    sim->ended = true;
}

static uint64_t reads_failed(const sim_t *sim)
{
    return sim->counts.v[SIM_N_READS_LOG] + sim->counts.v[SIM_N_READS_ARCHIVE] +
           sim->counts.v[SIM_N_READS_CHECKPOINT];
}

static void start_until_it_does(sim_t *sim)
{
    if (!sim->calm && rng_chance(&sim->rng, 15))
        sim_disk_fail_reads(sim->disk, (sim_reads_t)(1u << rng_below(&sim->rng, 3)),
                            (uint32_t)rng_below(&sim->rng, 12),
                            1 + (uint32_t)rng_below(&sim->rng, 2));
    for (tm_err_t err = TM_EIO; err != TM_OK && !sim->ended;) {
        const uint64_t before = reads_failed(sim);
        tm_why_t why;
        tm_why_clear(&why);
        sim->boots++;
        sim->fatal = false;
        err = start(sim, &why);
        if (err != TM_OK) {
            refused(sim, err, &why, reads_failed(sim) - before);
            sim_disk_kill(sim->disk);
        }
    }
    sim_disk_fail_reads(sim->disk, SIM_READ_ANY, 0, 0);
}

void sim_boot(sim_t *sim)
{
    here = sim;
    sim_disk_set_capacity(sim->disk, UINT64_MAX);
    start_until_it_does(sim);
    if (sim->ended)
        return;
    if (!check_past(sim)) {
        sim->counts.v[SIM_N_LIES_REFUSED]++;
        sim->ended = true;
        return;
    }
    if (tm_runtime_start(sim->rt) != TM_OK)
        sim_fail(sim, "boot %u: the runtime does not start", sim->boots);
    boot_checkpointer(sim);
    if (sim->exposed)
        sim_clients_forget(sim);
    sim_sql_boot(sim);
    sim->exposed = false;
    sim_check_acknowledged(sim);
    sim_check_campaigns(sim);
    if (tm_actors_begin(sim->rt, sim->now) != TM_OK)
        sim_note(sim, "the first messages found a full mailbox");
}

void sim_crash(sim_t *sim, bool power)
{
    sim->counts.v[SIM_N_CRASHES]++;
    sim->counts.v[power ? SIM_N_POWER_LOSSES : SIM_N_KILLS]++;
    sim_sql_crash(sim);
    sim->hash_known = sim->flight_n == 0 && sim->rt != NULL;
    if (sim->hash_known)
        sim->hash = tm_runtime_hash(sim->rt);
    for (; sim->flight_n > 0; sim->flight_n--) {
        tm_commit_t *commit = sim->flight[sim->flight_begin];
        commit->release = sim->flight_release[sim->flight_begin];
        sim->flight_begin = (sim->flight_begin + 1) % SIM_FLIGHT_MAX;
        tm_runtime_drop(commit);
    }
    while (sim->n_jobs > 0)
        tm_arena_free(sim->jobs[--sim->n_jobs].arena);
    if (sim->checkpointer != NULL)
        tm_checkpointer_stop(sim->checkpointer);
    tm_checkpointer_free(TM_TAKE(sim->checkpointer));
    tm_journal_free(TM_TAKE(sim->journal));
    tm_runtime_free(TM_TAKE(sim->rt));
    sim_clients_crashed(sim);
    if (power)
        sim->exposed = sim_disk_crash(sim->disk);
    else
        sim_disk_kill(sim->disk);
}

void sim_journal_step(sim_t *sim)
{
    if (!sim->fatal)
        (void)tm_journal_step(sim->journal);
}

/* The answer of an earlier commit, read from the log. */
static void answer_job(sim_t *sim, const sim_job_t *job)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(ANSWER_BYTES_MAX);
    tm_buf_t body;
    tm_buf_init(&body, ANSWER_BYTES_MAX);
    tm_commit_view_t commit;
    const uint64_t before = reads_failed(sim);
    tm_err_t err = tm_journal_read(sim->journal, job->number, &body);
    err = err != TM_OK ? err : tm_commit_decode(tm_buf_str(&body), arena, &commit);
    if (err == TM_EIO && reads_failed(sim) > before) {
        sim->counts.v[SIM_N_ANSWERS_FAILED]++;
        sim->reads_may_fail = true;
        const tm_answer_t failed = {.err = err, .version = -1};
        sim_client_answer(sim, job->to, &failed);
        sim->reads_may_fail = false;
        tm_buf_done(&body);
        return;
    }
    if (err != TM_OK || commit.answer_status == 0)
        sim_fail(sim, "commit %llu holds no answer", (unsigned long long)job->number);
    tm_answer_t answer = {.status = commit.answer_status, .version = commit.answer_version};
    answer.body = tm_blob_new(commit.answer_body.p, commit.answer_body.n);
    sim_client_answer(sim, job->to, &answer);
    tm_blob_unref(answer.body);
    tm_buf_done(&body);
}

/* What the scripted reader finds in upload number n: one order, sometimes one that only a person
 * could read. */
static void make_document(const tm_raw_input_t *input, int64_t n, tm_arena_t *arena,
                          tm_document_t *doc)
{
    *doc = (tm_document_t){0};
#define SET(field, value) (doc->field = (value), TM_MARK(doc, TM_DOCUMENT_##field))
    SET(filename, input->filename);
    SET(sha256, input->sha256);
    SET(part, 1);
    SET(parts, 1);
    SET(status, (tm_enum_t){TM_READING_STATUS_read});
    SET(doc_type, (tm_enum_t){TM_DOC_TYPE_order});
    SET(stage, (tm_enum_t){TM_STAGE_ordered});
    /* two uploads may hold one order */
    SET(order_no, tm_arena_printf(arena, "%lld", (long long)(100000 + n / 2)));
    SET(advertiser, tm_arena_printf(arena, "Committee %lld", (long long)(n % 3)));
    SET(station, n % 2 == 0 ? TM_STR("WAAA") : TM_STR("WBBB"));
    SET(medium, (tm_enum_t){TM_MEDIUM_broadcast});
    SET(gross_cents, (tm_cents_t){100000 + n * 1111});
    SET(flight_from, (tm_day_t){20600 + (int32_t)n % 30});
    SET(flight_to, (tm_day_t){20600 + (int32_t)n % 30 + (int32_t)n % 20});
    SET(parser, TM_STR("scripted"));
    SET(parser_version, 1);
    SET(confidence_bp, 10000);
#undef SET
}

/* true: told. false: the queue's mailbox is full, later. */
static bool parse_job(sim_t *sim, const sim_job_t *job)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(16u << 20);
    tm_raw_input_t input = {0};
    tm_document_t doc;
    tm_job_done_t done = {0};
    int64_t n = 0;
    if (tm_json_read(&tm_raw_input_desc, job->job->payload, TM_JSON_PARTIAL, arena, &input, NULL,
                     NULL) != TM_OK ||
        !tm_str_i64(input.filename, &n))
        sim_fail(sim, "a job names no input");
    done.job_id = job->job->id;
    TM_MARK(&done, TM_JOB_DONE_job_id);
    done.fence = job->job->fence;
    TM_MARK(&done, TM_JOB_DONE_fence);
    if (n % 7 == 6 || rng_chance(&sim->rng, 10)) {
        done.error = TM_STR("the reader died");
        TM_MARK(&done, TM_JOB_DONE_error);
    } else {
        make_document(&input, n, arena, &doc);
        done.documents = (tm_recs_t){&doc, 1};
        TM_MARK(&done, TM_JOB_DONE_documents);
    }
    void *payload = NULL;
    tm_message_t *msg = tm_msg_new(TM_MSG_JOB_DONE, &payload);
    msg->payload = tm_record_copy(&tm_job_done_desc, &done, msg->arena);
    msg->at = sim->now;
    sim_note(sim, "upload %lld is read%s", (long long)n,
             TM_HAS(&done, TM_JOB_DONE_error) ? ", in vain" : "");
    return tm_runtime_post(sim->rt, job->actor, msg) != TM_EBUSY;
}

void sim_job_step(sim_t *sim)
{
    if (sim->n_jobs == 0 || sim->fatal)
        return;
    const uint32_t at = (uint32_t)rng_below(&sim->rng, sim->n_jobs);
    sim_job_t job = sim->jobs[at];
    sim->jobs[at] = sim->jobs[--sim->n_jobs];
    if (job.is_answer)
        answer_job(sim, &job);
    else if (!parse_job(sim, &job)) {
        *job_new(sim) = job;
        return;
    }
    tm_arena_free(job.arena);
}

void sim_settle(sim_t *sim)
{
    sim_mend(sim);
    uint32_t quiet = 0;
    for (uint32_t round = 0; quiet < 40; round++) {
        if (round > SETTLE_ROUNDS_MAX)
            sim_fail(
                sim,
                "the world does not come to rest: %u commits on their way, %u jobs, clients %s",
                sim->flight_n, sim->n_jobs, sim_clients_done(sim, true) ? "done" : "waiting");
        bool moved = tm_runtime_step(sim->rt, rng_next(&sim->rng));
        moved |= sim->flight_n > 0 || sim->n_jobs > 0;
        sim_journal_step(sim);
        sim_job_step(sim);
        if (!moved) {
            sim_client_send(sim);
            const bool late = sim_clients_done(sim, true) && sim->now.v < sim->clock_latest.v;
            if (late)
                quiet = 0; /* somebody set it right */
            /* pauses between a job's runs */
            sim_clock_set(sim, late ? sim->clock_latest.v : sim->now.v + 2000);
        }
        if (sim->fatal)
            sim_fail(sim, "the journal failed on a good disk");
        quiet = moved || !sim_clients_done(sim, true) ? 0 : quiet + 1;
    }
}
