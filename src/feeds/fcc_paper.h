/* fcc_paper.h - one document while it is read: its pages, its fields with their evidence, its
 * lines.
 *
 * Why:     every part of the reader adds evidence; the best of each field wins at the end.
 * How:     a candidate is a value, a place and a score; equal values from several places strengthen
 *          each other.
 * Threads: one at a time; everything lies in the arena. */
#ifndef TM_FEEDS_FCC_PAPER_H
#define TM_FEEDS_FCC_PAPER_H
#include "feeds/fcc.h"
#include "feeds/fcc_label.h"
#include "feeds/fcc_value.h"
#include "schema/entities.h"

typedef enum tm_fcc_field {
    TM_FCC_F_CONTRACT,
    TM_FCC_F_ORDER,
    TM_FCC_F_INVOICE,
    TM_FCC_F_REVISION,
    TM_FCC_F_ALT,
    TM_FCC_F_TRAFFIC,
    TM_FCC_F_ESTIMATE,
    TM_FCC_F_ADVERTISER,
    TM_FCC_F_AGENCY,
    TM_FCC_F_STATION,
    TM_FCC_F_PRODUCT,
    TM_FCC_F_MARKET,
    TM_FCC_F_SYSTEM,
    TM_FCC_F_ZONE,
    TM_FCC_F_GROSS,
    TM_FCC_F_NET,
    TM_FCC_F_COMMISSION,
    TM_FCC_F_COMMISSION_BP,
    TM_FCC_F_SPOTS,
    TM_FCC_F_BUDGET,
    TM_FCC_F_FLIGHT_FROM,
    TM_FCC_F_FLIGHT_TO,
    TM_FCC_F_PERIOD_FROM,
    TM_FCC_F_PERIOD_TO,
    TM_FCC_F_ENTERED,
    TM_FCC_F_MODIFIED,
    TM_FCC_F_PRINTED,
    TM_FCC_FIELDS
} tm_fcc_field_t;

typedef struct tm_fcc_value {
    int score;      /* 0: none */
    uint32_t seen;  /* places that print this value */
    tm_str_t text;  /* names and numbers */
    tm_str_t whole; /* a station's token with the others of its combo; p NULL: just text */
    int64_t number; /* cents, days, counts, basis points, milliseconds */
    tm_fcc_span_t at;
} tm_fcc_value_t;

#define TM_FCC_CANDIDATES_MAX 12
typedef struct tm_fcc_candidates {
    uint32_t n;
    tm_fcc_value_t v[TM_FCC_CANDIDATES_MAX];
} tm_fcc_candidates_t;

/* What a row of a page is, as far as somebody knows. */
enum { TM_FCC_R_PLAIN, TM_FCC_R_SHARE, TM_FCC_R_TOTAL, TM_FCC_R_HEAD };

/* One page with what was found on it. */
typedef struct tm_fcc_sheet {
    tm_fcc_grid_t grid;
    tm_fcc_hits_t hits;
    uint8_t doc_type;  /* 1 + TM_DOC_TYPE_*, 0: the page does not say */
    uint8_t *row_kind; /* [grid.n_rows] TM_FCC_R_* */
    bool form;         /* an agreement form or its continuation */
    bool deleted;      /* the title says deleted or cancelled */
} tm_fcc_sheet_t;

typedef enum tm_fcc_family {
    TM_FCC_UNKNOWN,
    TM_FCC_WIDEORBIT,
    TM_FCC_KATZ,
    TM_FCC_OSI,
    TM_FCC_DARE,
    TM_FCC_STRATA,
    TM_FCC_MARKETRON,
    TM_FCC_CRYSTAL,
    TM_FCC_FORM,
    TM_FCC_AGENCY_OWN,
    TM_FCC_CABLE
} tm_fcc_family_t;

typedef struct tm_fcc_paper {
    tm_arena_t *arena;
    void **scratch; /* memory of the line reader, shared by the papers of a file; begins as NULL */
    const tm_upload_t *upload;
    uint32_t n_sheets;
    tm_fcc_sheet_t *sheets; /* of this document, in page order */
    tm_fcc_family_t family;
    int doc_type; /* TM_DOC_TYPE_* */
    int stage;    /* TM_STAGE_* */
    bool changes_only, single_total, no_memory;
    bool names_itself; /* an invoice with a revision of its own */
    tm_fcc_candidates_t candidates[TM_FCC_FIELDS];
    tm_fcc_value_t value[TM_FCC_FIELDS]; /* the winners */
    uint32_t n_stations, n_shares, n_exceptions;
    tm_str_t stations[16], shares[40], exceptions[12];
    uint32_t n_lines, n_airings, lines_cap, airings_cap;
    uint32_t n_changed; /* lines marked as edited, deleted, revised .. */
    tm_doc_line_t *lines;
    tm_airing_t *airings;
    bool lines_add_up; /* to the gross */
    int confidence_bp;
} tm_fcc_paper_t;

/* Adds a candidate; equal ones are one with a higher score. Scores below 1 are dropped. */
void tm_fcc_offer(tm_fcc_paper_t *paper, tm_fcc_field_t field, const tm_fcc_value_t *value);
/* The best candidate of a field becomes its value. */
void tm_fcc_settle(tm_fcc_paper_t *paper, tm_fcc_field_t field);
void tm_fcc_doubt(tm_fcc_paper_t *paper, const char *exception);
static inline bool tm_fcc_has(const tm_fcc_paper_t *paper, tm_fcc_field_t field)
{
    return paper->value[field].score > 0;
}
#endif
