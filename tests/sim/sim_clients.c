/* sim_clients.c - clients that want things, have a key for each, and repeat themselves until they
 * are answered.
 *
 * Threads: one. */
#include "actors/intake.h"
#include "schema/binary.h"
#include "sim/sim.h"
#include <stdio.h>

#define SET(rec, UP, field, value) ((rec)->field = (value), TM_MARK(rec, UP##_##field))

static const char *kind_name(sim_kind_t kind)
{
    static const char *const names[] = {
        [SIM_CREATE] = "campaign", [SIM_LINE] = "line",       [SIM_PATCH] = "patch",
        [SIM_UPLOAD] = "upload",   [SIM_RESOLVE] = "verdict", [SIM_COMBINE] = "combination",
        [SIM_UNDO] = "undo",       [SIM_EDIT] = "edit"};
    return names[kind];
}

bool sim_is_campaign(const sim_request_t *request)
{
    return request->kind == SIM_CREATE && request->done && !request->refused;
}

/* A campaign that was answered; -1: there is none. */
static int any_campaign(sim_t *sim)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sim->n_requests; i++)
        n += sim_is_campaign(&sim->requests[i]);
    if (n == 0)
        return -1;
    uint64_t pick = rng_below(&sim->rng, n);
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        if (sim_is_campaign(&sim->requests[i]) && pick-- == 0)
            return (int)i;
    }
    return -1;
}

void sim_client_new(sim_t *sim)
{
    if (sim->n_requests == SIM_REQUESTS_MAX)
        return;
    const int campaign = any_campaign(sim);
    const uint64_t r = rng_below(&sim->rng, 100);
    sim_request_t *request = &sim->requests[sim->n_requests];
    *request = (sim_request_t){.kind = campaign < 0 || r < 5 ? SIM_CREATE
                                       : r < 45              ? SIM_LINE
                                       : r < 53              ? SIM_PATCH
                                       : r < 64              ? SIM_UPLOAD
                                       : r < 80              ? SIM_RESOLVE
                                       : r < 86              ? SIM_COMBINE
                                       : r < 95              ? SIM_UNDO
                                                             : SIM_EDIT};
    request->campaign = campaign < 0 ? 0 : (uint32_t)campaign;
    if (sim_is_review(request->kind) && !sim_review_choose(sim, request))
        request->kind = SIM_LINE;
    sim->n_requests++;
}

static uint16_t fill_campaign(uint32_t n, tm_message_t *msg, tm_campaign_t *c)
{
    SET(c, TM_CAMPAIGN, name, tm_arena_printf(msg->arena, "Race %u", n));
    tm_campaign_rival_t *rivals = tm_arena_zalloc(msg->arena, 2 * sizeof(*rivals));
    for (uint32_t i = 0; i < 2; i++) {
        SET(&rivals[i], TM_CAMPAIGN_RIVAL, name, tm_arena_printf(msg->arena, "Committee %u", i));
        SET(&rivals[i], TM_CAMPAIGN_RIVAL, side, (tm_enum_t){(uint8_t)i});
    }
    SET(c, TM_CAMPAIGN, advertisers, ((tm_recs_t){rivals, 2}));
    SET(c, TM_CAMPAIGN, eod_enabled, true);
    SET(c, TM_CAMPAIGN, eod_local_min, (int32_t)(n * 157 % 1440));
    return TM_MSG_CAMPAIGN_CREATE;
}

static void fill_line(const sim_t *sim, uint32_t n, tm_message_t *msg, tm_buy_line_t *line)
{
    const int32_t day = 20600 + (int32_t)n % 40;
    SET(line, TM_BUY_LINE, campaign_id, sim->requests[sim->requests[n].campaign].id);
    SET(line, TM_BUY_LINE, advertiser, tm_arena_printf(msg->arena, "Committee %u", n % 4));
    SET(line, TM_BUY_LINE, market, 504);
    if (n % 13 != 12) /* else a total of the market */
        SET(line, TM_BUY_LINE, station, n % 4 == 0 ? TM_STR("WAAA") : TM_STR("WCCC"));
    SET(line, TM_BUY_LINE, source,
        n % 3 == 0   ? TM_STR("fcc")
        : n % 3 == 1 ? TM_STR("rep_mail")
                     : TM_STR("adimpact"));
    SET(line, TM_BUY_LINE, medium, (tm_enum_t){TM_MEDIUM_broadcast});
    SET(line, TM_BUY_LINE, flight_from, (tm_day_t){day});
    SET(line, TM_BUY_LINE, flight_to, (tm_day_t){day + (int32_t)n % 25});
    SET(line, TM_BUY_LINE, gross_cents, (tm_cents_t){10000 + (int64_t)n * 777});
    SET(line, TM_BUY_LINE, external_id, tm_arena_printf(msg->arena, "9%05u", n));
    SET(line, TM_BUY_LINE, order_no, line->external_id);
    if (n % 9 == 7) { /* a report of one of few payments */
        SET(line, TM_BUY_LINE, layer, (tm_enum_t){TM_LAYER_disbursement});
        SET(line, TM_BUY_LINE, order_no, tm_arena_printf(msg->arena, "SE%u", n % 4));
    }
    SET(line, TM_BUY_LINE, stage,
        (tm_enum_t){(uint8_t)(n % 5 == 0 ? TM_STAGE_proposed : TM_STAGE_ordered)});
}

static void fill_patch(const sim_t *sim, uint32_t n, tm_message_t *msg, tm_record_patch_t *patch)
{
    tm_campaign_t c = {0};
    tm_has_t touched = {{0, 0}};
    SET(&c, TM_CAMPAIGN, client, tm_arena_printf(msg->arena, "Client %u", n));
    touched.w[TM_CAMPAIGN_client >> 6] |= UINT64_C(1) << (TM_CAMPAIGN_client & 63);
    tm_buf_t buf;
    tm_buf_init(&buf, 4096);
    tm_binary_write_patch(&tm_campaign_desc, &c, &touched, &buf);
    SET(patch, TM_RECORD_PATCH, id, sim->requests[sim->requests[n].campaign].id);
    SET(patch, TM_RECORD_PATCH, patch, tm_arena_str(msg->arena, tm_buf_str(&buf)));
    tm_buf_done(&buf);
}

static void fill_upload(uint32_t n, tm_message_t *msg, tm_raw_input_t *input)
{
    char text[TM_SHA256_TEXT];
    const tm_sha256_t sha = tm_sha256(&n, sizeof(n));
    tm_sha256_format(&sha, text);
    SET(input, TM_RAW_INPUT, source, TM_STR("fcc"));
    SET(input, TM_RAW_INPUT, sha256, tm_arena_str(msg->arena, tm_str(text)));
    SET(input, TM_RAW_INPUT, filename, tm_arena_printf(msg->arena, "%u", n));
    SET(input, TM_RAW_INPUT, storage_key, tm_arena_str(msg->arena, tm_str(text)));
    SET(input, TM_RAW_INPUT, bytes, 1000);
}

static tm_message_t *message_of(const sim_t *sim, uint32_t n)
{
    static const uint16_t types[] = {[SIM_CREATE] = TM_MSG_CAMPAIGN_CREATE,
                                     [SIM_LINE] = TM_MSG_LINE_POST,
                                     [SIM_PATCH] = TM_MSG_CAMPAIGN_PATCH,
                                     [SIM_UPLOAD] = TM_MSG_INPUT_STORED};
    const sim_request_t *request = &sim->requests[n];
    void *payload = NULL;
    tm_message_t *msg = tm_msg_new(sim_is_review(request->kind) ? sim_review_type(request->kind)
                                                                : types[request->kind],
                                   &payload);
    switch (request->kind) {
    case SIM_CREATE:
        (void)fill_campaign(n, msg, payload);
        break;
    case SIM_LINE:
        fill_line(sim, n, msg, payload);
        break;
    case SIM_PATCH:
        fill_patch(sim, n, msg, payload);
        break;
    case SIM_UPLOAD:
        fill_upload(n, msg, payload);
        break;
    case SIM_RESOLVE:
    case SIM_COMBINE:
    case SIM_UNDO:
    case SIM_EDIT:
        sim_review_fill(sim, n, msg, payload);
        break;
    }
    msg->at = sim->now;
    msg->reply_to = (tm_reply_to_t){0, n, request->attempt};
    msg->principal = TM_STR("client");
    msg->request_id = tm_arena_printf(msg->arena, "r%u", n);
    msg->idem_scope = tm_arena_printf(msg->arena, "client %s", kind_name(request->kind));
    msg->idem_key = tm_arena_printf(msg->arena, "key %u", n);
    const tm_sha256_t sha = tm_sha256(&n, sizeof(n));
    tm_sha256_format(&sha, msg->idem_fingerprint);
    return msg;
}

void sim_client_send(sim_t *sim)
{
    if (sim->n_requests == 0 || sim->fatal)
        return;
    /* From a random place on, the first that is not answered. One that waits is repeated too, but
     * seldom. */
    const uint32_t from = (uint32_t)rng_below(&sim->rng, sim->n_requests);
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        const uint32_t n = (from + i) % sim->n_requests;
        sim_request_t *request = &sim->requests[n];
        if (request->done || (request->waiting && !rng_chance(&sim->rng, 10)))
            continue;
        request->attempt++;
        request->answered = 0;
        request->waiting = true;
        tm_message_t *msg = message_of(sim, n);
        const uint32_t actor =
            sim_is_review(request->kind)
                ? tm_campaign_actor(sim->requests[request->campaign].id)
                : (request->kind == SIM_UPLOAD ? TM_ACTOR_FEED : TM_ACTOR_DIRECTORY);
        const tm_err_t err = request->kind == SIM_LINE ? tm_intake_line(sim->rt, msg, NULL)
                                                       : tm_runtime_post(sim->rt, actor, msg);
        sim_note(sim, "%s %u attempt %u: %s", kind_name(request->kind), n, request->attempt,
                 err == TM_OK ? "sent" : tm_err_code(err));
        if (err == TM_ENOTFOUND && sim->requests[request->campaign].forgotten)
            request->done = request->refused = true;
        else if (err != TM_OK && err != TM_EBUSY)
            sim_fail(sim, "%s %u cannot be sent: %s", kind_name(request->kind), n,
                     tm_err_code(err));
        if (err != TM_OK)
            request->waiting = false;
        return;
    }
}

/* The id in an answer's body. */
static tm_id_t id_of(sim_t *sim, const sim_request_t *request, const tm_blob_t *body)
{
    static const char *const prefixes[] = {
        [SIM_CREATE] = "cmp", [SIM_LINE] = "bl", [SIM_PATCH] = "cmp", [SIM_UPLOAD] = "in"};
    tm_id_t id = {0};
    const char *at = body == NULL ? NULL : strstr(body->p, "\"id\":\"");
    const char *end = at == NULL ? NULL : strchr(at + 6, '"');
    if (end == NULL || tm_id_parse(prefixes[request->kind],
                                   tm_str_n(at + 6, (size_t)(end - at - 6)), &id) != TM_OK)
        sim_fail(sim, "an answer without an id: %.200s", body == NULL ? "nothing" : body->p);
    return id;
}

void sim_client_answer(sim_t *sim, tm_reply_to_t to, const tm_answer_t *answer)
{
    assert(to.slot < sim->n_requests);
    sim_request_t *request = &sim->requests[to.slot];
    if (to.generation != request->attempt)
        return; /* that connection is gone */
    if (!request->waiting || ++request->answered > 1)
        sim_fail(sim, "%s %u was answered twice", kind_name(request->kind), to.slot);
    request->waiting = false;
    if (answer->err != TM_OK) {
        char line[300] = "";
        sim_note(sim, "%s %u: %s", kind_name(request->kind), to.slot, tm_err_code(answer->err));
        /* On a full disk a campaign may have been answered for while its actor could not yet store
         * what the directory told it. */
        const bool too_early = answer->err == TM_ENOTFOUND && request->kind == SIM_LINE &&
                               sim->counts.v[SIM_N_REFUSALS] > 0;
        const bool gone = (answer->err == TM_ENOTFOUND || answer->err == TM_EINVALID) &&
                          sim->requests[request->campaign].forgotten;
        if (gone || (sim_is_review(request->kind) && sim_review_may_refuse(answer->err))) {
            request->done = request->refused = true;
            return;
        }
        const bool unread = answer->err == TM_EIO && sim->reads_may_fail;
        if (answer->err != TM_EBUSY && answer->err != TM_EDISKFULL && !too_early && !unread)
            sim_fail(sim, "%s %u was refused: %s %s", kind_name(request->kind), to.slot,
                     tm_err_code(answer->err),
                     answer->why == NULL ? "" : tm_why_line(answer->why, line, sizeof(line)));
        return;
    }
    request->done = true;
    if (answer->status >= 400) { /* a refusal with a body: the cell as it is now */
        assert(request->kind == SIM_EDIT);
        request->refused = true;
        return;
    }
    if (sim_is_review(request->kind)) {
        sim_review_answered(sim, request, answer->body);
    } else {
        request->id = id_of(sim, request, answer->body);
        request->version = answer->version;
    }
    sim->counts.v[SIM_N_ANSWERS]++;
    sim_note(sim, "%s %u: %d, version %lld", kind_name(request->kind), to.slot, answer->status,
             (long long)answer->version);
    sim_check_answered(sim, to.slot); /* everybody reads their own writes */
}

void sim_clients_crashed(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->n_requests; i++)
        sim->requests[i].waiting = false;
}

void sim_clients_forget(sim_t *sim)
{
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        sim_request_t *request = &sim->requests[i];
        if (!request->done || request->refused)
            continue;
        tm_view_t *view = tm_runtime_snapshot(sim->rt, tm_id_actor(request->id));
        const tm_row_t *row =
            view == NULL ? NULL : tm_view_get(view, sim_desc_of(request->kind), request->id);
        if (row == NULL) {
            request->refused = request->forgotten = true;
            sim->counts.v[SIM_N_LIES_FORGOTTEN]++;
        } else {
            TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
            const sim_common_t *record = tm_row_read(row, arena);
            request->version = TM_MIN(request->version, record->version);
        }
        tm_shared_unref(view);
    }
    for (uint32_t i = 0; i < SIM_REQUESTS_MAX; i++) { /* who listens begins with a whole picture */
        json_decref(sim->subscribers[i].cells);
        sim->subscribers[i] = (sim_subscriber_t){0};
    }
    json_decref(sim->reports);
    sim->reports = NULL;
}

bool sim_clients_done(const sim_t *sim, bool all)
{
    for (uint32_t i = 0; i < sim->n_requests; i++) {
        if (!sim->requests[i].done && (sim->requests[i].attempt > 0 || all))
            return false;
    }
    return true;
}
