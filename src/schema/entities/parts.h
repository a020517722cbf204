/* parts.h - records that live only inside others: spans, places, weeks, airings. */
#ifndef TM_SCHEMA_ENTITIES_PARTS_H
#define TM_SCHEMA_ENTITIES_PARTS_H
#include "schema/schema.h"
#include "schema/words.h"

#define TM_SPAN_INDEX_(number, ctype, name, flags, extra, doc) TM_SPAN_##name,
#define TM_SPAN_FIELDS(F)                                                                          \
    F(1, tm_day_t, from, TM_F_REQUIRED, TM_PLAIN, "first day, included")                           \
    F(2, tm_day_t, to, TM_F_REQUIRED, TM_PLAIN, "last day, included")
TM_RECORD(tm_span, TM_SPAN);

/* Where a value stands in a document: page from 1,                                                \
      box x0 y0 x1 y1 in hundredths of a point from the upper left corner. */
#define TM_PLACE_INDEX_(number, ctype, name, flags, extra, doc) TM_PLACE_##name,
#define TM_PLACE_FIELDS(F)                                                                         \
    F(1, tm_str_t, field, TM_F_REQUIRED, TM_LIMIT(1, 64), "the field it is the place of")          \
    F(2, int32_t, page, TM_F_REQUIRED, TM_LIMIT(1, 100000), "page, from 1")                        \
    F(3, tm_i32s_t, box_x100, 0, TM_ITEMS(-100000000, 100000000, 4), "x0 y0 x1 y1, points * 100")  \
    F(4, tm_str_t, text, 0, TM_LIMIT(0, 1000), "the printed text")
TM_RECORD(tm_place, TM_PLACE);

/* One printed week or line as its dollars are spread. */
#define TM_LINE_WEEK_INDEX_(number, ctype, name, flags, extra, doc) TM_LINE_WEEK_##name,
#define TM_LINE_WEEK_FIELDS(F)                                                                     \
    F(1, tm_day_t, from, TM_F_REQUIRED, TM_PLAIN, "first day, included")                           \
    F(2, tm_day_t, to, TM_F_REQUIRED, TM_PLAIN, "last day, included")                              \
    F(3, int32_t, spots, 0, TM_LIMIT(0, 1000000), "spots in it")                                   \
    F(4, tm_cents_t, rate_cents, 0, TM_PLAIN, "price of one spot")                                 \
    F(5, tm_cents_t, amount_cents, 0, TM_PLAIN, "dollars of it, in the line's amount_basis")
TM_RECORD(tm_line_week, TM_LINE_WEEK);

#define TM_AIRING_INDEX_(number, ctype, name, flags, extra, doc) TM_AIRING_##name,
#define TM_AIRING_FIELDS(F)                                                                        \
    F(1, tm_day_t, air_date, TM_F_REQUIRED, TM_PLAIN, "station local day as printed")              \
    F(2, tm_str_t, air_time, 0, TM_LIMIT(0, 16), "as printed, 24 h HH:MM[:SS]")                    \
    F(3, int32_t, length_s, 0, TM_LIMIT(0, 86400), "length of the spot, seconds")                  \
    F(4, tm_cents_t, amount_cents, 0, TM_PLAIN, "dollars of this spot")                            \
    F(5, tm_str_t, isci, 0, TM_LIMIT(0, 64), "code of the creative")                               \
    F(6, int32_t, page, 0, TM_LIMIT(1, 100000), "page it is printed on")
TM_RECORD(tm_airing, TM_AIRING);

/* An advertiser as written in a campaign: name, side, further spellings. */
#define TM_CAMPAIGN_RIVAL_INDEX_(number, ctype, name, flags, extra, doc) TM_CAMPAIGN_RIVAL_##name,
#define TM_CAMPAIGN_RIVAL_FIELDS(F)                                                                \
    F(1, tm_str_t, name, TM_F_REQUIRED, TM_LIMIT(1, 200), "shown name")                            \
    F(2, tm_enum_t, side, 0, TM_WORDS(&tm_side_words), "for, against or neutral to the client")    \
    F(3, tm_strs_t, aliases, 0, TM_ITEMS(1, 200, 200), "other spellings")                          \
    F(4, tm_id_t, advertiser_id, TM_F_READONLY, TM_REF("adv"), "the advertiser this names")
TM_RECORD(tm_campaign_rival, TM_CAMPAIGN_RIVAL);

/* One run of a job. */
#define TM_JOB_RUN_INDEX_(number, ctype, name, flags, extra, doc) TM_JOB_RUN_##name,
#define TM_JOB_RUN_FIELDS(F)                                                                       \
    F(1, tm_ms_t, started_ms, 0, TM_PLAIN, "when it began")                                        \
    F(2, tm_ms_t, ended_ms, 0, TM_PLAIN, "when it ended; absent: it is under way")                 \
    F(3, tm_str_t, error, 0, TM_LIMIT(0, 1000), "why it failed; absent: it did not")
TM_RECORD(tm_job_run, TM_JOB_RUN);
#endif
