/* words.c - the tables of the enumerations.
 *
 * Threads: constants; any. */
#include "schema/words.h"
#include "schema/record.h"

#define WORD_TEXT_(X, word) #word,
#define WORDS_DEFINE(X, lower)                                             \
    static const char *const lower##_texts[] = {X##_WORDS(WORD_TEXT_, X)}; \
    const tm_words_t tm_##lower##_words = {#lower, lower##_texts, (uint8_t)TM_COUNT(lower##_texts)}

WORDS_DEFINE(TM_KIND, kind);
WORDS_DEFINE(TM_CAMPAIGN_STATUS, campaign_status);
WORDS_DEFINE(TM_WEEK_BASIS, week_basis);
WORDS_DEFINE(TM_SIDE, side);
WORDS_DEFINE(TM_MEDIUM, medium);
WORDS_DEFINE(TM_ADVERTISER_TYPE, advertiser_type);
WORDS_DEFINE(TM_SERVICE, service);
WORDS_DEFINE(TM_SOURCE_KIND, source_kind);
WORDS_DEFINE(TM_INPUT_STATUS, input_status);
WORDS_DEFINE(TM_DOC_TYPE, doc_type);
WORDS_DEFINE(TM_STAGE, stage);
WORDS_DEFINE(TM_AMOUNT_BASIS, amount_basis);
WORDS_DEFINE(TM_LAYER, layer);
WORDS_DEFINE(TM_STANDING, standing);
WORDS_DEFINE(TM_LINE_STATUS, line_status);
WORDS_DEFINE(TM_READING_STATUS, reading_status);
WORDS_DEFINE(TM_OPEN_STATUS, open_status);
WORDS_DEFINE(TM_JOB_STATE, job_state);
WORDS_DEFINE(TM_GROUP_STATUS, group_status);
WORDS_DEFINE(TM_MEMBER_ROLE, member_role);
WORDS_DEFINE(TM_DEDUPE_ACTION, dedupe_action);
WORDS_DEFINE(TM_PROPOSAL_STATUS, proposal_status);
WORDS_DEFINE(TM_NAME_KIND, name_kind);
WORDS_DEFINE(TM_RECONCILED, reconciled);
WORDS_DEFINE(TM_REPORT_KIND, report_kind);

int tm_words_find(const tm_words_t *words, tm_str_t word)
{
    assert(words != NULL && words->n > 0);
    const char first = word.n == 0 ? '\0' : word.p[0];
    for (int i = 0; i < words->n; i++) {
        const char *one = words->words[i];
        if (one[0] == first && strncmp(one, word.n == 0 ? "" : word.p, word.n) == 0 &&
            one[word.n] == '\0')
            return i;
    }
    return -1;
}
