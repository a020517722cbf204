/* matrix_query.c - the parameters of a matrix request.
 *
 * Threads: pure. */
#include "base/time.h"
#include "domain/matrix.h"
#include "schema/record.h"

static const char *const LEVELS[] = {"", "side", "advertiser", "market", "medium", "station"};
static const char *const MODES[] = {"booked", "projected", "future_only", "next_week"};

/* Index of the word, -1 if it is none of them. */
static int word_of(const char *const *words, int n, tm_str_t value)
{
    for (int i = 0; i < n; i++) {
        if (words[i][0] != '\0' && tm_str_eq(value, tm_str(words[i])))
            return i;
    }
    return -1;
}

static tm_err_t parse_day(tm_str_t name, tm_str_t value, tm_matrix_query_t *query, tm_why_t *why)
{
    const bool from = tm_str_eq(name, TM_STR("from"));
    tm_day_t day;
    const tm_err_t err = tm_day_parse(value, &day);
    if (err != TM_OK)
        return tm_why_add(why, err, from ? "from" : "to", "must be a date like 2026-10-12");
    const tm_day_t other = from ? query->to : query->from;
    if (other.v != 0 && (from ? day.v > other.v : day.v < other.v))
        return tm_why_add(why, TM_EINVALID, from ? "from" : "to", "from must not lie after to");
    *(from ? &query->from : &query->to) = day;
    return TM_OK;
}

static tm_err_t parse_words(tm_str_t name, tm_str_t value, tm_matrix_query_t *query, tm_why_t *why)
{
    if (tm_str_eq(name, TM_STR("medium"))) {
        query->medium = tm_words_find(&tm_medium_words, value);
        return query->medium >= 0
                   ? TM_OK
                   : tm_why_add(why, TM_EINVALID, "medium", "must be a medium like broadcast");
    }
    if (tm_str_eq(name, TM_STR("side"))) {
        query->side = tm_words_find(&tm_side_words, value);
        return query->side >= 0
                   ? TM_OK
                   : tm_why_add(why, TM_EINVALID, "side", "must be for, against or neutral");
    }
    const int level = word_of(LEVELS, TM_COUNT(LEVELS), value);
    if (level < 0)
        return tm_why_add(why, TM_EINVALID, "group_by",
                          "must be side, advertiser, market, medium or station");
    query->group_by = (uint8_t)level;
    return TM_OK;
}

tm_err_t tm_matrix_query_parse(tm_str_t name, tm_str_t value, tm_matrix_query_t *query,
                               tm_why_t *why)
{
    if (tm_str_eq(name, TM_STR("basis"))) {
        query->net = tm_str_eq(value, TM_STR("net"));
        if (query->net || tm_str_eq(value, TM_STR("gross")))
            return TM_OK;
        return tm_why_add(why, TM_EINVALID, "basis", "must be gross or net");
    }
    if (tm_str_eq(name, TM_STR("week_mode"))) {
        const int mode = word_of(MODES, TM_COUNT(MODES), value);
        if (mode < 0)
            return tm_why_add(why, TM_EINVALID, "week_mode",
                              "must be booked, projected, future_only or next_week");
        query->mode = (tm_week_mode_t)mode;
        return TM_OK;
    }
    if (tm_str_eq(name, TM_STR("from")) || tm_str_eq(name, TM_STR("to")))
        return parse_day(name, value, query, why);
    if (tm_str_eq(name, TM_STR("market"))) {
        int64_t code;
        if (!tm_str_i64(value, &code) || code < 100 || code > 999)
            return tm_why_add(why, TM_EINVALID, "market", "must be a DMA number from 100 to 999");
        query->market = (int32_t)code;
        return TM_OK;
    }
    if (tm_str_eq(name, TM_STR("advertiser"))) {
        if (value.n == 0)
            return tm_why_add(why, TM_EINVALID, "advertiser", "must not be empty");
        query->advertiser = value;
        return TM_OK;
    }
    const bool word = tm_str_eq(name, TM_STR("medium")) || tm_str_eq(name, TM_STR("side")) ||
                      tm_str_eq(name, TM_STR("group_by"));
    if (word)
        return parse_words(name, value, query, why);
    char field[TM_WHY_FIELD_MAX];
    const size_t n = TM_MIN(name.n, sizeof field - 1);
    memcpy(field, name.n > 0 ? name.p : "", n);
    field[n] = '\0';
    return tm_why_add(why, TM_EINVALID, field, "is no parameter of the matrix");
}
