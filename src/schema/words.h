/* words.h - the enumerations of domain.md, each a list of short lower-case words.
 *
 * How:     TM_WORDS_DECLARE gives enum values TM_STAGE_ordered ... and the table tm_stage_words;
 *          defined in words.c. New words go to the end: the journal keeps their index. */
#ifndef TM_SCHEMA_WORDS_H
#define TM_SCHEMA_WORDS_H
#include "schema/schema.h"

#define TM_KIND_WORDS(W, X) W(X, race) W(X, advocacy)
#define TM_CAMPAIGN_STATUS_WORDS(W, X) W(X, active) W(X, paused) W(X, completed) W(X, draft)       \
    W(X, archived)
#define TM_WEEK_BASIS_WORDS(W, X) W(X, broadcast) W(X, political)
#define TM_SIDE_WORDS(W, X) W(X, for) W(X, against) W(X, neutral)
#define TM_MEDIUM_WORDS(W, X) W(X, broadcast) W(X, cable) W(X, satellite) W(X, radio) W(X, ctv)    \
    W(X, digital) W(X, mail) W(X, phone) W(X, creator) W(X, other)
#define TM_ADVERTISER_TYPE_WORDS(W, X) W(X, candidate) W(X, party) W(X, pac) W(X, issue)           \
    W(X, platform_page)
#define TM_SERVICE_WORDS(W, X) W(X, tv) W(X, am) W(X, fm) W(X, cable) W(X, satellite)
#define TM_SOURCE_KIND_WORDS(W, X) W(X, fcc) W(X, adimpact) W(X, aide) W(X, google) W(X, meta)     \
    W(X, fec) W(X, openfec) W(X, press) W(X, rep_mail) W(X, newsletter) W(X, imap) W(X, upload)    \
    W(X, rss) W(X, civic) W(X, deal) W(X, manual)
#define TM_INPUT_STATUS_WORDS(W, X) W(X, stored) W(X, parsed) W(X, unreadable) W(X, ignored)
#define TM_DOC_TYPE_WORDS(W, X) W(X, order) W(X, contract) W(X, confirmation) W(X, invoice)        \
    W(X, credit) W(X, agreement) W(X, sheet) W(X, filing) W(X, export) W(X, post) W(X, inquiry)
#define TM_STAGE_WORDS(W, X) W(X, proposed) W(X, ordered) W(X, confirmed) W(X, invoiced)           \
    W(X, cancelled)
#define TM_AMOUNT_BASIS_WORDS(W, X) W(X, gross) W(X, net) W(X, unknown)
#define TM_LAYER_WORDS(W, X) W(X, airtime) W(X, disbursement)
#define TM_STANDING_WORDS(W, X) W(X, winner) W(X, copy) W(X, part) W(X, covered) W(X, superseded)
#define TM_LINE_STATUS_WORDS(W, X) W(X, ok) W(X, cancelled) W(X, missed) W(X, makegood)
#define TM_READING_STATUS_WORDS(W, X) W(X, read) W(X, unreadable) W(X, ignored)
#define TM_OPEN_STATUS_WORDS(W, X) W(X, open) W(X, closed)
#define TM_JOB_STATE_WORDS(W, X) W(X, waiting) W(X, active) W(X, completed) W(X, failed)           \
    W(X, dismissed)
#define TM_GROUP_STATUS_WORDS(W, X) W(X, open) W(X, same) W(X, separate) W(X, partial)
#define TM_MEMBER_ROLE_WORDS(W, X) W(X, candidate) W(X, winner) W(X, copy) W(X, part) W(X, covered)
#define TM_DEDUPE_ACTION_WORDS(W, X) W(X, keep) W(X, merge) W(X, separate) W(X, combine)           \
    W(X, covers) W(X, undo)
#define TM_PROPOSAL_STATUS_WORDS(W, X) W(X, open) W(X, confirmed) W(X, rejected)
#define TM_NAME_KIND_WORDS(W, X) W(X, advertiser) W(X, agency) W(X, station) W(X, market)
#define TM_RECONCILED_WORDS(W, X) W(X, equal) W(X, differs) W(X, missing_here) W(X, missing_there)
#define TM_REPORT_KIND_WORDS(W, X) W(X, eod) W(X, weekly) W(X, brief) W(X, export)

#define TM_WORD_VALUE_(X, word) X##_##word,
#define TM_WORDS_DECLARE(X, lower)                                                                 \
    enum { X##_WORDS(TM_WORD_VALUE_, X) X##_WORDS_N };                                             \
    extern const tm_words_t tm_##lower##_words
TM_WORDS_DECLARE(TM_KIND, kind);
TM_WORDS_DECLARE(TM_CAMPAIGN_STATUS, campaign_status);
TM_WORDS_DECLARE(TM_WEEK_BASIS, week_basis);
TM_WORDS_DECLARE(TM_SIDE, side);
TM_WORDS_DECLARE(TM_MEDIUM, medium);
TM_WORDS_DECLARE(TM_ADVERTISER_TYPE, advertiser_type);
TM_WORDS_DECLARE(TM_SERVICE, service);
TM_WORDS_DECLARE(TM_SOURCE_KIND, source_kind);
TM_WORDS_DECLARE(TM_INPUT_STATUS, input_status);
TM_WORDS_DECLARE(TM_DOC_TYPE, doc_type);
TM_WORDS_DECLARE(TM_STAGE, stage);
TM_WORDS_DECLARE(TM_AMOUNT_BASIS, amount_basis);
TM_WORDS_DECLARE(TM_LAYER, layer);
TM_WORDS_DECLARE(TM_STANDING, standing);
TM_WORDS_DECLARE(TM_LINE_STATUS, line_status);
TM_WORDS_DECLARE(TM_READING_STATUS, reading_status);
TM_WORDS_DECLARE(TM_OPEN_STATUS, open_status);
TM_WORDS_DECLARE(TM_JOB_STATE, job_state);
TM_WORDS_DECLARE(TM_GROUP_STATUS, group_status);
TM_WORDS_DECLARE(TM_MEMBER_ROLE, member_role);
TM_WORDS_DECLARE(TM_DEDUPE_ACTION, dedupe_action);
TM_WORDS_DECLARE(TM_PROPOSAL_STATUS, proposal_status);
TM_WORDS_DECLARE(TM_NAME_KIND, name_kind);
TM_WORDS_DECLARE(TM_RECONCILED, reconciled);
TM_WORDS_DECLARE(TM_REPORT_KIND, report_kind);
#endif
