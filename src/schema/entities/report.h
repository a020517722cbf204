/* report.h - what a campaign was told: from which version to which, and the sums of both. */
#ifndef TM_SCHEMA_ENTITIES_REPORT_H
#define TM_SCHEMA_ENTITIES_REPORT_H
#include "schema/entities/common.h"

/* What it says is not kept: it follows from the two versions, which never change. */
#define TM_REPORT_INDEX_(number, ctype, name, flags, extra, doc) TM_REPORT_##name,
#define TM_REPORT_FIELDS(F)                                                                        \
    TM_COMMON_FIELDS(F, "rpt")                                                                     \
    F(10, tm_id_t, campaign_id, TM_F_REQUIRED | TM_F_INDEX, TM_REF("cmp"), "the campaign")         \
    F(11, tm_enum_t, kind, TM_F_REQUIRED, TM_WORDS(&tm_report_kind_words), "eod: end of a day")    \
    F(12, tm_day_t, local_date, TM_F_REQUIRED, TM_PLAIN, "the campaign's date; one a kind")        \
    F(13, int64_t, from_version, TM_F_REQUIRED, TM_PLAIN,                                          \
      "to_version of the one before of this kind; 0: it is the first")                             \
    F(14, int64_t, to_version, TM_F_REQUIRED, TM_PLAIN, "the last one before its own")             \
    F(15, tm_ms_t, from_ms, 0, TM_PLAIN, "when that version was")                                  \
    F(16, tm_ms_t, to_ms, TM_F_REQUIRED, TM_PLAIN, "when that version was")                        \
    F(17, tm_cents_t, total_before_cents, 0, TM_PLAIN, "booked, gross; null: nothing was known")   \
    F(18, tm_cents_t, total_after_cents, 0, TM_PLAIN, "booked, gross; null: nothing is known")     \
    F(19, tm_str_t, state_hash, 0, TM_LIMIT(64, 64),                                               \
      "SHA-256 of GET /api/v1/matrix as of to_ms")                                                 \
    F(20, tm_str_t, storage_key, 0, TM_LIMIT(1, 200), "where a copy lies; null: nowhere")          \
    F(21, tm_ms_t, sent_ms, 0, TM_PLAIN, "when it was sent; null: it was not")
TM_RECORD(tm_report, TM_REPORT);
#endif
