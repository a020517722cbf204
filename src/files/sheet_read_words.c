/* sheet_read_words.c - the words of cells: media and stages as people write them.
 *
 * Threads: pure; any. */
#include "base/fold.h"
#include "files/sheet_read_value.h"
#include "schema/words.h"

#define WORD_BYTES_MAX 60 /* what is longer is none of these words */

int tm_cell_medium(tm_str_t cell, tm_arena_t *arena)
{
    static const struct {
        const char *words;
        int medium;
    } known[] = {{"tv", TM_MEDIUM_broadcast},
                 {"spot tv", TM_MEDIUM_broadcast},
                 {"local tv", TM_MEDIUM_broadcast},
                 {"television", TM_MEDIUM_broadcast},
                 {"broadcast tv", TM_MEDIUM_broadcast},
                 {"cable tv", TM_MEDIUM_cable},
                 {"local cable", TM_MEDIUM_cable},
                 {"spot cable", TM_MEDIUM_cable},
                 {"spot radio", TM_MEDIUM_radio},
                 {"am", TM_MEDIUM_radio},
                 {"fm", TM_MEDIUM_radio},
                 {"ott", TM_MEDIUM_ctv},
                 {"ctv ott", TM_MEDIUM_ctv},
                 {"ott ctv", TM_MEDIUM_ctv},
                 {"streaming", TM_MEDIUM_ctv},
                 {"connected tv", TM_MEDIUM_ctv},
                 {"online", TM_MEDIUM_digital},
                 {"social", TM_MEDIUM_digital},
                 {"display", TM_MEDIUM_digital},
                 {"direct mail", TM_MEDIUM_mail}};
    const tm_str_t words =
        tm_fold_words(arena, tm_str_n(cell.p, TM_MIN(cell.n, (uint32_t)WORD_BYTES_MAX)));
    for (int i = 0; i < tm_medium_words.n; i++) {
        if (tm_str_eq(words, tm_str(tm_medium_words.words[i])))
            return i;
    }
    for (size_t i = 0; i < TM_COUNT(known); i++) {
        if (tm_str_eq(words, tm_str(known[i].words)))
            return known[i].medium;
    }
    return -1;
}

int tm_cell_stage(tm_str_t cell, tm_arena_t *arena)
{
    static const struct {
        const char *words;
        int stage;
    } known[] = {{"order", TM_STAGE_ordered},      {"booked", TM_STAGE_ordered},
                 {"firm", TM_STAGE_ordered},       {"sold", TM_STAGE_ordered},
                 {"confirm", TM_STAGE_confirmed},  {"proposal", TM_STAGE_proposed},
                 {"pending", TM_STAGE_proposed},   {"avail", TM_STAGE_proposed},
                 {"canceled", TM_STAGE_cancelled}, {"cancel", TM_STAGE_cancelled},
                 {"deleted", TM_STAGE_cancelled},  {"invoice", TM_STAGE_invoiced},
                 {"aired", TM_STAGE_invoiced},     {"billed", TM_STAGE_invoiced}};
    const tm_str_t words =
        tm_fold_words(arena, tm_str_n(cell.p, TM_MIN(cell.n, (uint32_t)WORD_BYTES_MAX)));
    for (int i = 0; i < tm_stage_words.n; i++) {
        if (tm_str_eq(words, tm_str(tm_stage_words.words[i])))
            return i;
    }
    for (size_t i = 0; i < TM_COUNT(known); i++) {
        if (tm_str_eq(words, tm_str(known[i].words)))
            return known[i].stage;
    }
    return -1;
}
