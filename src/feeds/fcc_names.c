/* fcc_names.c - advertiser, agency, station, product, market, cable system.
 *
 * Why:     names stand as printed; only what surely does not belong to them is cut.
 * How:     values of name labels; where no label names the station, a call sign that stands alone
 *          in the header does.
 * Threads: one at a time. */
#include "feeds/fcc_fields.h"
#include "feeds/fcc_near.h"

static const struct {
    uint8_t key, field;
    bool wraps;
} name_keys[] = {
    {TM_FCC_ADVERTISER, TM_FCC_F_ADVERTISER, true},
    {TM_FCC_AGENCY, TM_FCC_F_AGENCY, true},
    {TM_FCC_STATION, TM_FCC_F_STATION, false},
    {TM_FCC_PRODUCT, TM_FCC_F_PRODUCT, true},
    {TM_FCC_MARKET, TM_FCC_F_MARKET, false},
    {TM_FCC_SYSTEM, TM_FCC_F_SYSTEM, false},
    {TM_FCC_ZONE, TM_FCC_F_ZONE, false},
};

static uint32_t letters_in(tm_str_t s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        n += tm_fcc_is_alpha(s.p[i]) || (unsigned char)s.p[i] >= 0x80;
    }
    return n;
}

/* Running text or another label, not a name. */
static bool is_prose(tm_str_t t)
{
    uint32_t spaces = 0;
    for (uint32_t i = 0; i < t.n; i++) {
        spaces += t.p[i] == ' ';
    }
    const bool small = t.n > 0 && t.p[0] >= 'a' && t.p[0] <= 'z';
    return spaces > 14 || (small && spaces > 3) || (spaces > 7 && t.p[0] == '(') ||
           (t.n > 2 && t.p[t.n - 1] == ':') || memmem(t.p, t.n, "http", 4) != NULL;
}

/* Does the name end with a system's code: "Friends of Casey (5629)"? Such a name is whole. */
static bool ends_with_code(tm_str_t t)
{
    uint32_t n = 0;
    if (t.n < 6 || t.p[t.n - 1] != ')')
        return false;
    while (n + 2 < t.n && tm_fcc_is_digit(t.p[t.n - 2 - n])) {
        n++;
    }
    return n >= 3 && t.p[t.n - 2 - n] == '(';
}

/* Quotes that a scan saw in a frame's edge: UTF-8 U+2018 to U+201D before a name. */
static tm_str_t without_quote(tm_str_t t)
{
    const bool quote = t.n > 4 && memcmp(t.p, "\xe2\x80", 2) == 0 &&
                       (unsigned char)t.p[2] >= 0x98 && (unsigned char)t.p[2] <= 0x9d;
    if (!quote || memmem(t.p + 3, t.n - 3, "\xe2\x80", 2) != NULL)
        return t;
    return (tm_str_t){t.p + 3, t.n - 3};
}

/* Signs of scans (frames, bullets) around a name. */
static tm_str_t name_of(tm_str_t text)
{
    text = without_quote(tm_fcc_strip(text, "|[]{}_~*=: \t"));
    if (text.n > 4 && text.p[text.n - 1] == '!' && tm_fcc_is_digit(text.p[text.n - 2]))
        text.n--; /* a bracket cut by its box */
    while (text.n > 2 && text.p[text.n - 2] == ' ' &&
           (text.p[text.n - 1] == '.' || text.p[text.n - 1] == '-' || text.p[text.n - 1] == '\'')) {
        text.n -= 2;
    }
    return text;
}

/* Is the text a place of an address: begins with a number, or ends with a ZIP code? */
static bool is_address(tm_str_t t)
{
    if (t.n > 0 && tm_fcc_is_digit(t.p[0]) && t.n > 4)
        return true;
    if (t.n > 6 &&
        (tm_str_starts(t, "PO ") || tm_str_starts(t, "P.O.") || tm_str_starts(t, "P O ")))
        return true;
    uint32_t tail = 0;
    while (tail < t.n && (tm_fcc_is_digit(t.p[t.n - 1 - tail]) || t.p[t.n - 1 - tail] == '-')) {
        tail++;
    }
    return (tail == 5 || tail == 10) && t.n > tail && t.p[t.n - 1 - tail] == ' ';
}

static tm_fcc_value_t name_value(const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                                 const tm_fcc_span_t *span, tm_str_t name, int score)
{
    const uint32_t from = (uint32_t)(name.p - span->text.p);
    tm_fcc_value_t v = {.score = score, .text = name};
    v.at = tm_fcc_span_part(&s->grid, first, n, span->text, from, from + name.n);
    return v;
}

/* A second line of a name joins it where it fits below. */
static void join_wrapped(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t first, uint32_t n,
                         float x_label, bool agency, tm_fcc_value_t *v)
{
    uint32_t f2, n2;
    if (ends_with_code(v->text) || !tm_fcc_wrapped(s, first, n, x_label, &f2, &n2))
        return;
    const tm_fcc_span_t more = tm_fcc_span(&s->grid, f2, n2, p->arena);
    if (more.text.p == NULL || more.text.n > 60 || is_address(more.text) ||
        letters_in(more.text) < 2)
        return;
    if (agency && (tm_fcc_digits(more.text) > 0 || memchr(more.text.p, ',', more.text.n) != NULL ||
                   is_prose(more.text)))
        return;
    const tm_str_t both = tm_arena_printf(p->arena, "%.*s %.*s", (int)v->text.n, v->text.p,
                                          (int)more.text.n, more.text.p);
    if (both.p == NULL || both.n > 200)
        return;
    v->text = v->at.text = both;
    v->at.x0 = TM_MIN(v->at.x0, more.x0);
    v->at.x1 = TM_MAX(v->at.x1, more.x1);
    v->at.y1 = TM_MAX(v->at.y1, more.y1);
}

/* The token of a text that begins with a call sign: `WAAA-TV` of "WAAA-TV Springfield", `KAAA+KBBB`
 * of "Combo (KAAA+KBBB)"; n 0: none. */
static tm_str_t station_token(tm_str_t text)
{
    for (uint32_t i = 0; i < text.n; i++) {
        if (i > 0 && text.p[i - 1] != '(' && text.p[i - 1] != ' ')
            continue;
        uint32_t n = 0;
        while (i + n < text.n && text.p[i + n] != ' ' && text.p[i + n] != ')') {
            n++;
        }
        const tm_str_t token = tm_fcc_strip((tm_str_t){text.p + i, n}, ",:;.");
        if (tm_fcc_call_sign(token) > 0)
            return token;
    }
    return (tm_str_t){NULL, 0};
}

/* The first station of a token: all of it but where other call signs follow. */
static tm_str_t station_first(tm_str_t token)
{
    const uint32_t end = tm_fcc_call_sign(token);
    if (token.n <= end + 1)
        return token;
    const bool combo = tm_fcc_call_sign((tm_str_t){token.p + end + 1, token.n - end - 1}) > 0;
    return combo || token.p[end] == '/' || token.p[end] == '+' ? (tm_str_t){token.p, end} : token;
}

/* Cuts a value to the station in its text. */
static void station_value(tm_fcc_value_t *v, tm_str_t text)
{
    v->whole = station_token(text);
    v->text = v->at.text = v->whole.n > 0 ? station_first(v->whole) : text;
}

void tm_fcc_stations(tm_fcc_paper_t *p)
{
    const tm_fcc_value_t *v = &p->value[TM_FCC_F_STATION];
    tm_str_t rest = v->whole;
    while (v->score > 0 && rest.n > 0 && p->n_stations < TM_COUNT(p->stations)) {
        const uint32_t n = tm_fcc_call_sign(rest);
        if (n == 0)
            return;
        const tm_str_t one = {rest.p, n};
        bool known = tm_str_eq(one, v->text) || (rest.p == v->whole.p);
        for (uint32_t k = 0; k < p->n_stations; k++) {
            known |= tm_str_eq(p->stations[k], one);
        }
        if (!known)
            p->stations[p->n_stations++] = one;
        if (n + 1 >= rest.n)
            return;
        rest = (tm_str_t){rest.p + n + 1, rest.n - n - 1};
    }
}

static bool take_name(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit,
                      uint32_t first, uint32_t n, uint32_t key, int score)
{
    const tm_fcc_span_t span = tm_fcc_span(&s->grid, first, n, p->arena);
    if (span.text.p == NULL) {
        p->no_memory = true;
        return false;
    }
    if (is_prose(tm_str_trim(span.text)))
        return false;
    tm_str_t name = name_of(span.text);
    const tm_fcc_field_t field = (tm_fcc_field_t)name_keys[key].field;
    tm_fcc_date_t date;
    const bool code = field == TM_FCC_F_SYSTEM &&
                      tm_fcc_digits(name) == name.n; /* a bare system code says less */
    if (code)
        score -= 30;
    if (name.n < 2 || name.n > 200 || (letters_in(name) < 2 && field != TM_FCC_F_PRODUCT && !code))
        return false;
    if (tm_fcc_date(name, 0, 0, &date) && date.from == 0 && date.to == name.n)
        return false;
    if (tm_fcc_like_label(name))
        return false;
    tm_str_t token = {NULL, 0};
    if (field == TM_FCC_F_STATION) {
        token = station_token(name);
        if (token.n == 0)
            score -= 15;
        if (p->family == TM_FCC_DARE && token.n > 0 && token.p == name.p && name.n > token.n + 3) {
            const tm_str_t place = tm_str_trim(
                (tm_str_t){name.p + token.n, name.n - token.n}); /* WAAA-TV SPRINGFIELD */
            const tm_fcc_value_t market = name_value(s, first, n, &span, place, 40);
            tm_fcc_offer(p, TM_FCC_F_MARKET, &market);
        }
        if (token.n > 0)
            name = station_first(token);
        if (name.n > 60)
            return false;
    }
    tm_fcc_value_t v = name_value(s, first, n, &span, name, score);
    v.whole = token;
    if (name_keys[key].wraps)
        join_wrapped(p, s, first, n, hit->x0, field == TM_FCC_F_AGENCY, &v);
    tm_fcc_offer(p, field, &v);
    return true;
}

/* Left edges of the values right of labels that begin at the same x: a value far beyond them is not
 * this label's. */
static bool in_column(const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit, float x_value)
{
    uint32_t agree = 0, others = 0, seen = 0;
    const uint32_t at = (uint32_t)(hit - s->hits.v);
    for (uint32_t i = at > 60 ? at - 60 : 0; i < s->hits.n && i < at + 60 && seen < 12; i++) {
        const tm_fcc_hit_t *o = &s->hits.v[i];
        uint32_t first, n;
        if (o == hit || o->x0 - hit->x0 > 2 || hit->x0 - o->x0 > 2 || o->row == hit->row)
            continue;
        seen++;
        if (!tm_fcc_right(s, o, false, &first, &n))
            continue;
        const float x = s->grid.words[first].x0;
        if (x_value - x > 60 && s->grid.words[first].x0 < x_value)
            others++;
        if (x - x_value < 3 && x_value - x < 3)
            agree++;
    }
    return agree > 0 || others < 2;
}

static void read_hit(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit, int bonus)
{
    uint32_t first, n, key = 0;
    while (key < TM_COUNT(name_keys) && name_keys[key].key != hit->label->key) {
        key++;
    }
    if (key == TM_COUNT(name_keys))
        return;
    if (s->row_kind[hit->row] == TM_FCC_R_HEAD)
        return; /* a column of a table */
    const int score = hit->label->rank + bonus;
    if (tm_fcc_right(s, hit, false, &first, &n) && in_column(s, hit, s->grid.words[first].x0)) {
        const float gap = s->grid.words[first].x0 - hit->x1;
        const int far = gap > 220 ? 12 : 0, unmarked = hit->colon ? 0 : 2;
        if (take_name(p, s, hit, first, n, key, score - far - unmarked))
            return;
    }
    if (tm_fcc_below(s, hit, false, &first, &n)) {
        (void)take_name(p, s, hit, first, n, key, score - (hit->colon ? 35 : 4));
    }
}

/* The first line of an address block below its label ("And:", "Billing Address:"), set in to the
 * right. */
static void read_block(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, const tm_fcc_hit_t *hit,
                       int bonus)
{
    const tm_fcc_grid_t *g = &s->grid;
    const float h = TM_MAX(4.0f, hit->y1 - hit->y0);
    const bool station = hit->label->key == TM_FCC_STATION_BLOCK;
    const bool beside =
        strcmp(hit->label->phrase, "And") == 0; /* the block may begin at the label's own height */
    for (uint32_t r = hit->row + (beside ? 0 : 1); r < g->n_rows && r < hit->row + 12; r++) {
        if (g->rows[r].mid > hit->y1 + 7 * h)
            break;
        const uint32_t i = r == hit->row ? hit->first + hit->n : tm_fcc_row_find(g, r, hit->x0 - h);
        if (i >= g->rows[r].first + g->rows[r].n || g->words[i].x0 > hit->x0 + 220 ||
            s->hits.of_word[i] != 0)
            continue;
        uint32_t n = 1;
        while (n < 16 && !tm_fcc_gap(g, i + n - 1) && s->hits.of_word[i + n] == 0) {
            n++;
        }
        const tm_fcc_span_t span = tm_fcc_span(g, i, n, p->arena);
        const tm_str_t name = span.text.p == NULL ? span.text : name_of(span.text);
        if (name.n < 3 || letters_in(name) < 3 || name.n > 200)
            continue;
        if (is_address(name))
            return;
        tm_fcc_value_t v = name_value(s, i, n, &span, name, hit->label->rank + bonus);
        if (station)
            station_value(&v, name);
        tm_fcc_offer(p, station ? TM_FCC_F_STATION : TM_FCC_F_AGENCY, &v);
        return;
    }
}

/* How surely a call sign outside of any label is the station's: alone in its column, in brackets
 * after a place, at the beginning or the end of a column; 0: not. */
static int loose_score(const tm_fcc_sheet_t *s, uint32_t i, bool bracket, tm_str_t sign)
{
    const tm_fcc_grid_t *g = &s->grid;
    const tm_fcc_word_t *w = &g->words[i];
    const bool starts = i == g->rows[w->row].first || tm_fcc_gap(g, i - 1);
    const bool ends = tm_fcc_gap(g, i);
    const tm_str_t before = starts ? TM_STR("") : g->words[i - 1].text;
    const tm_str_t next = ends ? TM_STR("") : g->words[i + 1].text;
    int score = starts && ends ? 44 : bracket && ends ? 42 : starts ? 34 : ends ? 30 : 0;
    if (starts && !ends && (tm_fcc_says(next, "Television") || tm_str_eq(next, TM_STR("TV"))))
        score += 6;
    if (w->y0 > 0.35f * g->height && !bracket)
        score -= 20;
    if (tm_str_case_eq(before, TM_STR("c/o")))
        score = 43;
    if (tm_fcc_height(w) > 11)
        score += 3;
    if (sign.n == 3 && score < 44)
        score -= 6; /* three letters are often a word */
    return score;
}

/* `c/o EAAA`: stations' own codes begin with any letter. */
static bool is_code(const tm_fcc_grid_t *g, uint32_t i)
{
    const tm_str_t t = g->words[i].text;
    if (t.n != 4 || i == g->rows[g->words[i].row].first ||
        !tm_str_case_eq(g->words[i - 1].text, TM_STR("c/o")))
        return false;
    for (uint32_t k = 0; k < 4; k++) {
        if (t.p[k] < 'A' || t.p[k] > 'Z')
            return false;
    }
    return true;
}

/* A code of four capitals alone in the header that names the channel of lines below: a station
 * without call sign. */
static void read_channel_code(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t i = 0; i < g->n_words && g->words[i].y0 < 0.35f * g->height; i++) {
        const tm_str_t t = g->words[i].text;
        const bool starts = i == g->rows[g->words[i].row].first || tm_fcc_gap(g, i - 1);
        if (t.n != 4 || s->hits.of_word[i] != 0 || !starts || !tm_fcc_gap(g, i))
            continue;
        bool capitals = true;
        for (uint32_t k = 0; k < 4; k++) {
            capitals &= t.p[k] >= 'A' && t.p[k] <= 'Z';
        }
        for (uint32_t k = i + 1; capitals && k < g->n_words && k < i + 2000; k++) {
            const tm_fcc_word_t *w = &g->words[k];
            if (w->x0 > 0.2f * g->width || w->y0 < 0.4f * g->height || !tm_str_eq(w->text, t))
                continue;
            const tm_fcc_value_t v = {.score = 22, .text = t, .at = tm_fcc_span(g, i, 1, p->arena)};
            tm_fcc_offer(p, TM_FCC_F_STATION, &v);
            return;
        }
    }
}

/* Words of tables and forms in capitals that look like call signs. A station of that name prints
 * more. */
static bool is_common(tm_str_t t)
{
    static const char *const words[] = {"WEEK", "WITH", "WEST", "WILL", "WORK", "WHEN", "WERE",
                                        "WHAT", "WEB",  "WED",  "WAS",  "KEY",  "KIDS", "KIND"};
    for (uint32_t i = 0; i < TM_COUNT(words); i++) {
        if (tm_str_eq(t, tm_str(words[i])))
            return true;
    }
    return false;
}

static void read_loose_station(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, int bonus)
{
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t i = 0; i < g->n_words; i++) {
        const tm_fcc_word_t *w = &g->words[i];
        if (w->y0 > 0.62f * g->height || s->hits.of_word[i] != 0)
            continue;
        const bool bracket = w->text.p[0] == '(' || w->text.p[w->text.n - 1] == ')';
        const tm_str_t sign = tm_fcc_strip(w->text, "()[]|,.;:'\"");
        const bool code = is_code(g, i);
        if ((tm_fcc_call_sign(sign) == 0 && !code) || is_common(sign))
            continue;
        const int score =
            code && tm_fcc_call_sign(sign) == 0 ? 28 : loose_score(s, i, bracket, sign);
        tm_fcc_value_t v = {.score = score > 0 ? score + bonus : 0,
                            .at = tm_fcc_span(g, i, 1, p->arena)};
        station_value(&v, sign);
        tm_fcc_offer(p, TM_FCC_F_STATION, &v);
    }
}

/* The name that stands in row r where x is its left edge; false: no name. */
static bool offer_name_at(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s, uint32_t r, float x,
                          int score)
{
    const tm_fcc_grid_t *g = &s->grid;
    const uint32_t i = tm_fcc_row_find(g, r, x - 5), end = g->rows[r].first + g->rows[r].n;
    uint32_t n = 1;
    tm_fcc_date_t date;
    if (i >= end || g->words[i].x0 > x + 5 || s->hits.of_word[i] != 0 ||
        (i > g->rows[r].first && !tm_fcc_gap(g, i - 1) && s->hits.of_word[i - 1] == 0))
        return false;
    while (n < 14 && !tm_fcc_gap(g, i + n - 1) && s->hits.of_word[i + n] == 0) {
        n++;
    }
    const tm_fcc_span_t span = tm_fcc_span(g, i, n, p->arena);
    const tm_str_t name = span.text.p == NULL ? span.text : name_of(span.text);
    if (name.n < 5 || name.n > 120 || letters_in(name) < 5 || tm_fcc_like_label(name) ||
        is_address(name) || is_prose(name) || letters_in(name) * 2 < name.n ||
        tm_fcc_date(name, 0, 0, &date))
        return false;
    const tm_fcc_value_t v = name_value(s, i, n, &span, name, score);
    tm_fcc_offer(p, TM_FCC_F_ADVERTISER, &v);
    return true;
}

/* A scan that lost the advertiser's label: the name stands right above the agency's or the
 * product's in the column of
 * values, or above the dates of a contract in boxes. */
static void read_lost_advertiser(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t k = 0; k < s->hits.n; k++) {
        const tm_fcc_hit_t *hit = &s->hits.v[k];
        const tm_fcc_key_t key = tm_fcc_hit_key(hit);
        const float h = hit->y1 - hit->y0;
        uint32_t first, n;
        const bool boxed = strcmp(hit->label->phrase, "Contract Dates") == 0 &&
                           tm_fcc_below(s, hit, true, &first, &n);
        const bool listed = ((key == TM_FCC_AGENCY && p->family == TM_FCC_OSI) ||
                             (key == TM_FCC_PRODUCT && p->family == TM_FCC_WIDEORBIT)) &&
                            tm_fcc_right(s, hit, false, &first, &n) &&
                            g->words[first].x0 < hit->x1 + 150;
        if (!boxed && !listed)
            continue;
        const float x = boxed ? hit->x0 : g->words[first].x0;
        for (uint32_t r = hit->row; r-- > 0 && g->rows[r].mid > hit->y0 - 2.4f * h;) {
            if (g->rows[r].mid < hit->y0 - 0.1f * h && offer_name_at(p, s, r, x, 24))
                return;
        }
    }
}

/* Text in small letters. */
static void lower(tm_str_t t, char *ret)
{
    for (uint32_t i = 0; i < t.n; i++) {
        ret[i] = (char)(t.p[i] >= 'A' && t.p[i] <= 'Z' ? t.p[i] | 32 : t.p[i]);
    }
}

/* Does the text read like a political advertiser: "Casey for Mayor", "POL/Casey/.."? */
static bool is_political(tm_str_t t)
{
    static const char *const words[] = {
        "committee to", "friends of",     "citizens for",  " pac",       " for congress",
        " for senate",  " for us senate", " for governor", " for mayor", " for judge",
        " for county",  " for president", "campaign fund"};
    char text[128];
    if (t.n > 120 || is_prose(t))
        return false;
    lower(t, text);
    for (uint32_t i = 0; i < TM_COUNT(words); i++) {
        const size_t n = strlen(words[i]);
        const char *at = memmem(text, t.n, words[i], n);
        if (at != NULL && (at + n == text + t.n || !tm_fcc_is_alpha(at[n])))
            return true;
    }
    return tm_str_starts(t, "POL/") || tm_str_starts(t, "ISS/");
}

/* A scan that lost every label near the name: the only text of the header that reads like a
 * political advertiser. */
static void read_bare_advertiser(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    tm_fcc_value_t found = {0};
    for (uint32_t r = 0; r < g->n_rows && g->rows[r].mid < 0.35f * g->height; r++) {
        uint32_t n = 1;
        if (s->row_kind[r] == TM_FCC_R_HEAD)
            break;
        for (uint32_t i = g->rows[r].first; i < g->rows[r].first + g->rows[r].n; i += n) {
            n = 1;
            while (n < 14 && !tm_fcc_gap(g, i + n - 1) && s->hits.of_word[i + n] == 0) {
                n++;
            }
            const tm_fcc_span_t span = tm_fcc_span(g, i, n, p->arena);
            const tm_str_t name = span.text.p == NULL ? span.text : name_of(span.text);
            if (s->hits.of_word[i] != 0 || !is_political(name) || tm_fcc_like_label(name))
                continue;
            if (found.score > 0 && !tm_str_case_eq(found.text, name))
                return;
            found = name_value(s, i, n, &span, name, 18);
        }
    }
    tm_fcc_offer(p, TM_FCC_F_ADVERTISER, &found);
}

/* A form asks for the advertiser's name in a sentence; the answer stands after the next "Name:". */
static void read_form_sponsor(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    uint32_t asked = UINT32_MAX, first, n;
    for (uint32_t r = 0; r < g->n_rows && asked == UINT32_MAX; r++) {
        const tm_fcc_span_t span =
            tm_fcc_span(g, g->rows[r].first, TM_MIN(g->rows[r].n, 8u), p->arena);
        if (span.text.p != NULL && tm_fcc_says(span.text, "Name of advertiser"))
            asked = r;
    }
    for (uint32_t k = 0; k < s->hits.n && asked != UINT32_MAX; k++) {
        const tm_fcc_hit_t *hit = &s->hits.v[k];
        if (hit->row <= asked || !tm_str_case_eq(tm_str(hit->label->phrase), TM_STR("Name")) ||
            !tm_fcc_right(s, hit, false, &first, &n))
            continue;
        const tm_fcc_span_t span = tm_fcc_span(g, first, n, p->arena);
        const tm_fcc_value_t v = {.score = 72, .text = span.text, .at = span};
        if (span.text.p != NULL && letters_in(span.text) > 1 && span.text.n <= 200)
            tm_fcc_offer(p, TM_FCC_F_ADVERTISER, &v);
        return;
    }
}

/* An agency's own order names its client in the line below the title. */
static void read_below_title(tm_fcc_paper_t *p, const tm_fcc_sheet_t *s)
{
    const tm_fcc_grid_t *g = &s->grid;
    for (uint32_t r = 0; r + 1 < g->n_rows && r < 6; r++) {
        const tm_fcc_row_t *row = &g->rows[r], *next = &g->rows[r + 1];
        const tm_fcc_span_t title = tm_fcc_span(g, row->first, TM_MIN(row->n, 8u), p->arena);
        if (row->n > 6 || next->n > 5 || title.text.p == NULL || !tm_fcc_says(title.text, "Order"))
            continue;
        if (s->hits.of_word[next->first] != 0)
            return;
        const tm_fcc_span_t span = tm_fcc_span(g, next->first, next->n, p->arena);
        const float mid = (title.x0 + title.x1) / 2, below = (span.x0 + span.x1) / 2;
        if (span.text.p == NULL || mid - below > 30 || below - mid > 30 ||
            letters_in(span.text) < 4)
            return;
        const tm_fcc_value_t v = {.score = 26, .text = span.text, .at = span};
        tm_fcc_offer(p, TM_FCC_F_ADVERTISER, &v);
        return;
    }
}

void tm_fcc_read_names(tm_fcc_paper_t *p)
{
    assert(p->n_sheets > 0);
    for (uint32_t i = 0; i < p->n_sheets; i++) {
        const tm_fcc_sheet_t *s = &p->sheets[i];
        const int bonus = i == 0 ? 2 : 0;
        for (uint32_t k = 0; k < s->hits.n; k++) {
            const tm_fcc_key_t key = tm_fcc_hit_key(&s->hits.v[k]);
            if (key == TM_FCC_AGENCY_BLOCK || key == TM_FCC_STATION_BLOCK) {
                read_block(p, s, &s->hits.v[k], bonus);
            } else {
                read_hit(p, s, &s->hits.v[k], bonus);
            }
        }
        if (s->form)
            read_form_sponsor(p, s);
        if (i < 3)
            read_loose_station(p, s, bonus);
        if (i == 0) {
            read_channel_code(p, s);
            read_below_title(p, s);
        }
    }
    if (p->candidates[TM_FCC_F_ADVERTISER].n == 0 && !p->sheets[0].form)
        read_lost_advertiser(p, &p->sheets[0]);
    if (p->candidates[TM_FCC_F_ADVERTISER].n == 0 && !p->sheets[0].form && p->doc_type >= 0)
        read_bare_advertiser(p, &p->sheets[0]);
}
