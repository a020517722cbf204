/* tables.c - see tables.h.
 *
 * How:     one pass over the text; columns are known by folded names, so "DMA Code", "dma_code"
 *          and "code" are one. */
#include "feeds/tables.h"

#include "base/buf.h"
#include "base/fold.h"
#include "schema/json.h"
#include "feeds/limits.h"

#include <stdio.h>

#define FACILITY_FIELDS 30

/* ---- the facility table ---- */

static uint32_t split(tm_str_t line, tm_str_t ret[FACILITY_FIELDS])
{
    uint32_t n = 0;
    uint32_t from = 0;
    for (uint32_t i = 0; i <= line.n && n < FACILITY_FIELDS; i++) {
        if (i == line.n || line.p[i] == '|') {
            ret[n++] = tm_str_trim(tm_str_n(line.p + from, i - from));
            from = i + 1;
        }
    }
    return n;
}

static int service_of(tm_str_t code)
{
    static const struct {
        const char *code;
        int service;
    } known[] = {
        {"DT", TM_SERVICE_tv}, {"TV", TM_SERVICE_tv}, {"DC", TM_SERVICE_tv}, {"CA", TM_SERVICE_tv},
        {"LD", TM_SERVICE_tv}, {"TX", TM_SERVICE_tv}, {"DS", TM_SERVICE_tv}, {"AM", TM_SERVICE_am},
        {"FM", TM_SERVICE_fm}, {"FL", TM_SERVICE_fm},
    };
    for (size_t i = 0; i < TM_COUNT(known); i++) {
        if (tm_str_eq(code, tm_str(known[i].code)))
            return known[i].service;
    }
    return -1;
}

static bool is_call_sign(tm_str_t s)
{
    if (s.n < 3 || s.n > 12 || (s.p[0] != 'K' && s.p[0] != 'W'))
        return false;
    for (uint32_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

bool tm_facility_line(tm_str_t line, tm_station_t *ret, tm_str_t *ret_market)
{
    tm_str_t f[FACILITY_FIELDS];
    const uint32_t n = split(line, f);
    const int service = n < 15 ? -1 : service_of(f[10]);
    int64_t facility = 0;
    if (service < 0 || !is_call_sign(f[5]) || !tm_str_i64(f[14], &facility) || facility <= 0 ||
        facility > 100000000)
        return false;
    *ret = (tm_station_t){0};
    *ret_market = (tm_str_t){NULL, 0};
    TM_SET(ret, TM_STATION, call_sign, f[5]);
    TM_SET(ret, TM_STATION, service, (tm_enum_t){(uint8_t)service});
    TM_SET(ret, TM_STATION, facility_id, facility);
    if (f[0].n > 0 && f[0].n <= 60) {
        TM_SET(ret, TM_STATION, city, f[0]);
    }
    if (f[1].n == 2) {
        TM_SET(ret, TM_STATION, state, f[1]);
    }
    if (n > 26 && f[26].n > 0 && f[26].n <= 60) {
        TM_SET(ret, TM_STATION, network, f[26]);
    }
    if (n > 27 && f[27].n > 0 && f[27].n <= 100) {
        *ret_market = f[27];
    }
    return true;
}

/* ---- markets ---- */

typedef enum column {
    COLUMN_NONE,
    COLUMN_CODE,
    COLUMN_NAME,
    COLUMN_RANK,
    COLUMN_HOMES,
    COLUMN_ALIASES
} column_t;

static column_t column_of(tm_str_t key, tm_arena_t *arena)
{
    static const struct {
        const char *key;
        column_t column;
    } known[] = {
        {"code", COLUMN_CODE},
        {"dma", COLUMN_CODE},
        {"dmacode", COLUMN_CODE},
        {"name", COLUMN_NAME},
        {"market", COLUMN_NAME},
        {"dmaname", COLUMN_NAME},
        {"designatedmarketareadma", COLUMN_NAME},
        {"designatedmarketarea", COLUMN_NAME},
        {"rank", COLUMN_RANK},
        {"homes", COLUMN_HOMES},
        {"tvhomes", COLUMN_HOMES},
        {"aliases", COLUMN_ALIASES},
        {"alias", COLUMN_ALIASES},
    };
    const tm_str_t folded = tm_fold_key(arena, key);
    for (size_t i = 0; i < TM_COUNT(known); i++) {
        if (tm_str_eq(folded, tm_str(known[i].key)))
            return known[i].column;
    }
    return COLUMN_NONE;
}

typedef struct table {
    tm_arena_t *arena;
    tm_market_table_t *out;
    uint32_t cap_markets, cap_aliases;
    tm_market_t now; /* the row being read */
    tm_str_t *spellings;
    uint32_t n_spellings, cap_spellings;
} table_t;

static void *grown(tm_arena_t *arena, void *old, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    *cap = *cap == 0 ? 64 : *cap * 2;
    void *more = tm_arena_alloc(arena, *cap * size);
    if (more != NULL && n > 0) {
        memcpy(more, old, n * size);
    }
    return more;
}

static bool add_spelling(table_t *t, tm_str_t s)
{
    const tm_str_t text = tm_str_trim(s);
    if (text.n == 0 || text.n > 100)
        return true;
    t->spellings =
        grown(t->arena, t->spellings, t->n_spellings, &t->cap_spellings, sizeof *t->spellings);
    if (t->spellings == NULL)
        return false;
    t->spellings[t->n_spellings++] = text;
    return true;
}

/* A value in a column of the present row; values that make no sense are left out, not guessed. */
static bool take_value(table_t *t, column_t column, tm_str_t value)
{
    int64_t v = 0;
    const bool is_number = tm_str_i64(tm_str_trim(value), &v);
    if (column == COLUMN_CODE && is_number && v >= 100 && v <= 999) {
        TM_SET(&t->now, TM_MARKET, dma_code, (int32_t)v);
    } else if (column == COLUMN_RANK && is_number && v >= 1 && v <= 1000) {
        TM_SET(&t->now, TM_MARKET, rank, (int32_t)v);
    } else if (column == COLUMN_HOMES && is_number && v >= 0 && v <= 1000000000) {
        TM_SET(&t->now, TM_MARKET, tv_homes, v);
    } else if (column == COLUMN_NAME && tm_str_trim(value).n > 0 && tm_str_trim(value).n <= 100) {
        TM_SET(&t->now, TM_MARKET, name, tm_str_trim(value));
        return add_spelling(t, value);
    } else if (column == COLUMN_ALIASES) {
        return add_spelling(t, value);
    }
    return true;
}

/* The row is over: a market if it has code and name. */
static tm_err_t end_row(table_t *t, const char *where, tm_why_t *why)
{
    const tm_market_t now = t->now;
    const uint32_t n = t->n_spellings;
    t->now = (tm_market_t){0};
    t->n_spellings = 0;
    if (!TM_HAS(&now, TM_MARKET_dma_code) || !TM_HAS(&now, TM_MARKET_name))
        return tm_why_add(why, TM_EINVALID, where, "needs a code from 100 to 999 and a name");
    if (t->out->n_markets == TM_MARKETS_MAX)
        return tm_why_add(why, TM_ETOOLARGE, where, "more than %d markets", TM_MARKETS_MAX);
    t->out->markets =
        grown(t->arena, t->out->markets, t->out->n_markets, &t->cap_markets, sizeof now);
    if (t->out->markets == NULL)
        return TM_ENOMEM;
    t->out->markets[t->out->n_markets++] = now;
    for (uint32_t i = 0; i < n; i++) {
        t->out->aliases = grown(t->arena, t->out->aliases, t->out->n_aliases, &t->cap_aliases,
                                sizeof *t->out->aliases);
        if (t->out->aliases == NULL)
            return TM_ENOMEM;
        tm_market_alias_t *alias = &t->out->aliases[t->out->n_aliases++];
        *alias = (tm_market_alias_t){0};
        TM_SET(alias, TM_MARKET_ALIAS, dma_code, now.dma_code);
        TM_SET(alias, TM_MARKET_ALIAS, text, t->spellings[i]);
    }
    return TM_OK;
}

static tm_err_t bad_json(tm_why_t *why)
{
    return tm_why_add(why, TM_EMALFORMED, NULL, "is no JSON list or object of markets");
}

static tm_err_t read_value(table_t *t, tm_json_t *j, column_t column, tm_why_t *why)
{
    tm_str_t value = {NULL, 0};
    const tm_token_t token = tm_json_next(j, &value);
    if (token == TM_J_STRING || token == TM_J_NUMBER)
        return take_value(t, column, value) ? TM_OK : TM_ENOMEM;
    if (token == TM_J_NULL || token == TM_J_TRUE || token == TM_J_FALSE)
        return TM_OK;
    if (token != TM_J_LIST)
        return bad_json(why);
    tm_token_t item;
    while ((item = tm_json_next(j, &value)) == TM_J_STRING) {
        if (!take_value(t, column, value))
            return TM_ENOMEM;
    }
    return item == TM_J_LIST_END ? TM_OK : bad_json(why);
}

/* Behind the opening brace of one market. */
static tm_err_t read_members(table_t *t, tm_json_t *j, tm_why_t *why)
{
    tm_str_t key = {NULL, 0};
    tm_token_t token;
    while ((token = tm_json_next(j, &key)) == TM_J_KEY) {
        const tm_err_t err = read_value(t, j, column_of(key, t->arena), why);
        if (err != TM_OK)
            return err;
    }
    return token == TM_J_OBJECT_END ? TM_OK : bad_json(why);
}

static tm_err_t read_list(table_t *t, tm_json_t *j, tm_why_t *why)
{
    tm_str_t text = {NULL, 0};
    tm_token_t token;
    while ((token = tm_json_next(j, &text)) == TM_J_OBJECT) {
        tm_err_t err = read_members(t, j, why);
        if (err == TM_OK) {
            char where[32];
            (void)snprintf(where, sizeof where, "[%u]", t->out->n_markets);
            err = end_row(t, where, why);
        }
        if (err != TM_OK)
            return err;
    }
    return token == TM_J_LIST_END ? TM_OK : bad_json(why);
}

static tm_err_t read_object(table_t *t, tm_json_t *j, tm_why_t *why)
{
    tm_str_t code = {NULL, 0};
    tm_token_t token;
    while ((token = tm_json_next(j, &code)) == TM_J_KEY) {
        const tm_str_t kept = tm_arena_str(t->arena, code);
        tm_str_t name = {NULL, 0};
        const tm_token_t value = tm_json_next(j, &name);
        tm_err_t err = TM_OK;
        if (value == TM_J_OBJECT) {
            err = read_members(t, j, why);
        } else if (value == TM_J_STRING) {
            err = take_value(t, COLUMN_NAME, name) ? TM_OK : TM_ENOMEM;
        } else {
            err = bad_json(why);
        }
        if (err == TM_OK && take_value(t, COLUMN_CODE, kept)) {
            err = end_row(t, kept.p, why);
        }
        if (err != TM_OK)
            return err;
    }
    return token == TM_J_OBJECT_END ? TM_OK : bad_json(why);
}

/* ---- CSV ---- */

/* The next field of a line; quotes may hold commas and doubled quotes. false: the line is over. */
static bool csv_field(tm_str_t *rest, bool *more, tm_arena_t *arena, tm_str_t *ret)
{
    if (!*more)
        return false;
    char *out = tm_arena_alloc(arena, rest->n + 1);
    uint32_t n = 0;
    uint32_t i = 0;
    bool quoted = false;
    for (; out != NULL && i < rest->n; i++) {
        const char c = rest->p[i];
        if (c == '"') {
            if (quoted && i + 1 < rest->n && rest->p[i + 1] == '"') {
                out[n++] = rest->p[++i];
            } else {
                quoted = !quoted;
            }
        } else if (c == ',' && !quoted) {
            break;
        } else {
            out[n++] = c;
        }
    }
    *more = i < rest->n;
    *rest = *more ? tm_str_n(rest->p + i + 1, rest->n - i - 1) : (tm_str_t){rest->p, 0};
    *ret = tm_str_trim(tm_str_n(out, n));
    return out != NULL;
}

static tm_str_t next_line(tm_str_t *rest)
{
    const char *end = rest->n == 0 ? NULL : memchr(rest->p, '\n', rest->n);
    const uint32_t n = end == NULL ? rest->n : (uint32_t)(end - rest->p);
    const tm_str_t line = tm_str_n(rest->p, n);
    const uint32_t used = end == NULL ? n : n + 1;
    *rest = tm_str_n(rest->p + used, rest->n - used);
    return tm_str_trim(line);
}

#define CSV_COLUMNS_MAX 64

static tm_err_t read_csv(table_t *t, tm_str_t text, tm_why_t *why)
{
    column_t columns[CSV_COLUMNS_MAX];
    uint32_t n_columns = 0;
    tm_str_t header = next_line(&text);
    tm_str_t field = {NULL, 0};
    for (bool more = true;
         n_columns < CSV_COLUMNS_MAX && csv_field(&header, &more, t->arena, &field);) {
        columns[n_columns++] = column_of(field, t->arena);
    }
    for (uint32_t number = 2; text.n > 0; number++) {
        tm_str_t line = next_line(&text);
        if (line.n == 0) {
            continue;
        }
        uint32_t i = 0;
        for (bool more = true; i < n_columns && csv_field(&line, &more, t->arena, &field); i++) {
            if (!take_value(t, columns[i], field))
                return TM_ENOMEM;
        }
        char where[32];
        (void)snprintf(where, sizeof where, "line %u", number);
        const tm_err_t err = end_row(t, where, why);
        if (err != TM_OK)
            return err;
    }
    return TM_OK;
}

tm_err_t tm_markets_read(tm_str_t text, tm_arena_t *arena, tm_market_table_t *ret, tm_why_t *why)
{
    *ret = (tm_market_table_t){0};
    table_t t = {.arena = arena, .out = ret};
    tm_str_t body = tm_str_trim(text);
    if (body.n >= 3 && memcmp(body.p, "\xef\xbb\xbf", 3) == 0) {
        body = tm_str_n(body.p + 3, body.n - 3);
    }
    if (body.n == 0)
        return tm_why_add(why, TM_EMALFORMED, NULL, "is empty");
    if (body.p[0] != '{' && body.p[0] != '[')
        return read_csv(&t, body, why);
    tm_json_t j;
    tm_str_t ignored = {NULL, 0};
    tm_json_begin(&j, body, arena);
    tm_err_t err =
        tm_json_next(&j, &ignored) == TM_J_LIST ? read_list(&t, &j, why) : read_object(&t, &j, why);
    if (err == TM_OK && tm_json_next(&j, &ignored) != TM_J_END) {
        err = bad_json(why);
    }
    return err;
}
