/* payloads.h - the records that travel as payloads of messages (actors/messages.def).
 *
 * Threads: constants. */
#ifndef TM_ACTORS_PAYLOADS_H
#define TM_ACTORS_PAYLOADS_H
#include "actors/part.h"
#include "actors/payloads_clock.h"
#include "actors/payloads_inputs.h"
#include "actors/payloads_review.h"

/* Fields of a record that change: `patch` is the binary form of schema/binary.h (touched fields, nulls included). */
#define TM_RECORD_PATCH_INDEX_(number, ctype, name, flags, extra, doc) TM_RECORD_PATCH_##name,
#define TM_RECORD_PATCH_FIELDS(F)                                                                  \
    F(1, tm_id_t, id, TM_F_REQUIRED, TM_PLAIN, "the record")                                       \
    F(2, tm_str_t, patch, TM_F_REQUIRED, TM_LIMIT(0, 16777216), "binary patch")
TM_RECORD(tm_record_patch, TM_RECORD_PATCH);

#define TM_RECORD_REF_INDEX_(number, ctype, name, flags, extra, doc) TM_RECORD_REF_##name,
#define TM_RECORD_REF_FIELDS(F)                                                                    \
    F(1, tm_id_t, id, 0, TM_PLAIN, "the record")                                                   \
    F(2, tm_str_t, name, 0, TM_LIMIT(1, 200), "a new name")
TM_RECORD(tm_record_ref, TM_RECORD_REF);

/* Who waits for the answer of a request that one actor forwards to another; nobody after a crash. */
#define TM_WAITER_INDEX_(number, ctype, name, flags, extra, doc) TM_WAITER_##name,
#define TM_WAITER_FIELDS(F)                                                                        \
    F(1, int64_t, loop, 0, TM_PLAIN, "tm_reply_to_t")                                              \
    F(2, int64_t, slot, 0, TM_PLAIN, "tm_reply_to_t")                                              \
    F(3, int64_t, generation, 0, TM_PLAIN, "tm_reply_to_t")                                        \
    F(4, tm_str_t, idem_scope, 0, TM_LIMIT(1, 600), "of the request")                              \
    F(5, tm_str_t, idem_key, 0, TM_LIMIT(1, 255), "of the request")                                \
    F(6, tm_str_t, idem_fingerprint, 0, TM_LIMIT(64, 64), "of the request")                        \
    F(7, tm_str_t, principal, 0, TM_LIMIT(1, 200), "who asked")                                    \
    F(8, tm_str_t, request_id, 0, TM_LIMIT(1, 200), "of the request")
TM_RECORD(tm_waiter, TM_WAITER);

#define TM_LINE_NAMED_INDEX_(number, ctype, name, flags, extra, doc) TM_LINE_NAMED_##name,
#define TM_LINE_NAMED_FIELDS(F)                                                                    \
    F(1, tm_recs_t, line, TM_F_REQUIRED, TM_SUB_ITEMS(&tm_buy_line_desc, 1), "the line")           \
    F(2, tm_recs_t, waiter, 0, TM_SUB_ITEMS(&tm_waiter_desc, 1), "who waits")
TM_RECORD(tm_line_named, TM_LINE_NAMED);

#define TM_CAMPAIGN_PUT_INDEX_(number, ctype, name, flags, extra, doc) TM_CAMPAIGN_PUT_##name,
#define TM_CAMPAIGN_PUT_FIELDS(F)                                                                  \
    F(1, tm_recs_t, campaign, TM_F_REQUIRED, TM_SUB_ITEMS(&tm_campaign_desc, 1), "its record")     \
    F(2, tm_recs_t, waiter, 0, TM_SUB_ITEMS(&tm_waiter_desc, 1), "who waits")                      \
    F(3, int32_t, status, 0, TM_LIMIT(200, 299), "of the answer: 201 new, 200 changed")
TM_RECORD(tm_campaign_put, TM_CAMPAIGN_PUT);

#define TM_PENDING_ASSIGN_INDEX_(number, ctype, name, flags, extra, doc) TM_PENDING_ASSIGN_##name,
#define TM_PENDING_ASSIGN_FIELDS(F)                                                                \
    F(1, tm_id_t, buy_line_id, 0, TM_REF("bl"), "the pending line")                                \
    F(2, tm_id_t, campaign_id, TM_F_REQUIRED, TM_REF("cmp"), "where it belongs")
TM_RECORD(tm_pending_assign, TM_PENDING_ASSIGN);

#define TM_STATIONS_PUT_INDEX_(number, ctype, name, flags, extra, doc) TM_STATIONS_PUT_##name,
#define TM_STATIONS_PUT_FIELDS(F)                                                                  \
    F(1, tm_recs_t, stations, 0, TM_SUB_ITEMS(&tm_station_desc, 10000), "rows")                    \
    F(2, tm_strs_t, market_names, 0, TM_ITEMS(0, 100, 10000), "of each station, as in the file; \"\": none")
TM_RECORD(tm_stations_put, TM_STATIONS_PUT);

#define TM_MARKETS_PUT_INDEX_(number, ctype, name, flags, extra, doc) TM_MARKETS_PUT_##name,
#define TM_MARKETS_PUT_FIELDS(F)                                                                   \
    F(1, tm_recs_t, markets, 0, TM_SUB_ITEMS(&tm_market_desc, 10000), "markets")                   \
    F(2, tm_recs_t, aliases, 0, TM_SUB_ITEMS(&tm_market_alias_desc, 50000), "spellings")
TM_RECORD(tm_markets_put, TM_MARKETS_PUT);
#endif
