/* reading_json.c - a document as one JSON object, the form that `trailmix read --json` prints.
 *
 * Why:     this order and these shapes are fixed for scripts outside; the record's own JSON is the
 *          API's.
 * How:     `at` is keyed by field with boxes in points; absent is null, lists are never null; what
 *          is ours alone comes last.
 * Threads: pure. */
#include "feeds/reader.h"
#include "base/time.h"
#include "schema/json.h"
#include "schema/record.h"

static void write_key(tm_buf_t *out, const char *key);
static void write_str(tm_buf_t *out, const char *key, bool has, tm_str_t v);
static void write_int(tm_buf_t *out, const char *key, bool has, int64_t v);
static void write_day(tm_buf_t *out, const char *key, bool has, tm_day_t v);
static void write_word(tm_buf_t *out, const char *key, bool has, const tm_words_t *words,
                       tm_enum_t v);
static void write_strs(tm_buf_t *out, const char *key, bool has, tm_strs_t v);
static void write_head(const tm_document_t *doc, tm_buf_t *out);
static void write_parties(const tm_document_t *doc, tm_buf_t *out);
static void write_money(const tm_document_t *doc, tm_buf_t *out);
static void write_places(const tm_document_t *doc, tm_buf_t *out);
static void write_lines(const tm_document_t *doc, tm_buf_t *out);
static void write_airings(const tm_document_t *doc, tm_buf_t *out);
static void write_own(const tm_document_t *doc, tm_buf_t *out);

#define HAS(field) TM_HAS(doc, TM_DOCUMENT_##field)
#define STR(field) write_str(out, #field, HAS(field), doc->field)
#define INT(field) write_int(out, #field, HAS(field), doc->field)
#define CENTS(field) write_int(out, #field, HAS(field), doc->field.v)
#define DAY(field) write_day(out, #field, HAS(field), doc->field)
#define WORD(field, words) write_word(out, #field, HAS(field), &(words), doc->field)
#define STRS(field) write_strs(out, #field, HAS(field), doc->field)

void tm_reading_write(const tm_document_t *doc, tm_buf_t *out)
{
    assert(doc != NULL);
    assert(out != NULL);
    write_head(doc, out);
    write_parties(doc, out);
    write_money(doc, out);
    write_places(doc, out);
    write_lines(doc, out);
    write_airings(doc, out);
    STRS(exceptions);
    write_own(doc, out);
    tm_buf_add_char(out, '}');
}

static void write_head(const tm_document_t *doc, tm_buf_t *out)
{
    tm_buf_add_c(out, "{\"file\":");
    if (HAS(filename)) {
        tm_json_write_str(doc->filename, out);
    } else {
        tm_buf_add_c(out, "null");
    }
    STR(sha256);
    INT(part);
    INT(parts);
    write_key(out, "pages");
    tm_buf_add_char(out, '[');
    for (uint32_t i = 0; HAS(pages) && i < doc->pages.n; i++) {
        if (i > 0) {
            tm_buf_add_char(out, ',');
        }
        tm_buf_add_i64(out, doc->pages.v[i]);
    }
    tm_buf_add_char(out, ']');
    WORD(status, tm_reading_status_words);
    WORD(doc_type, tm_doc_type_words);
    WORD(stage, tm_stage_words);
    STR(contract_num);
    STR(order_no);
    STR(invoice_no);
    STR(revision);
    STR(alt_order_no);
}

static void write_parties(const tm_document_t *doc, tm_buf_t *out)
{
    DAY(original_date);
    DAY(revision_date);
    write_int(out, "print_ms", HAS(print_ms), doc->print_ms.v);
    DAY(billing_from);
    DAY(billing_to);
    STR(advertiser);
    STR(agency);
    STR(station);
    STRS(stations);
    STR(market);
    WORD(medium, tm_medium_words);
    STR(product);
}

static void write_money(const tm_document_t *doc, tm_buf_t *out)
{
    CENTS(gross_cents);
    CENTS(net_cents);
    INT(commission_bp);
    DAY(flight_from);
    DAY(flight_to);
    INT(spots);
    CENTS(market_budget_cents);
    STRS(shares);
    INT(confidence_bp);
}

/* Hundredths of a point as a number with at most two decimals: 79, 79.2, 79.25, -0.5. */
static void write_points(tm_buf_t *out, int32_t x100)
{
    const int64_t size = x100 < 0 ? -(int64_t)x100 : x100;
    if (x100 < 0) {
        tm_buf_add_char(out, '-');
    }
    tm_buf_add_i64(out, size / 100);
    const int64_t rest = size % 100;
    if (rest != 0) {
        tm_buf_add_char(out, '.');
        tm_buf_add_char(out, (char)('0' + rest / 10));
        if (rest % 10 != 0) {
            tm_buf_add_char(out, (char)('0' + rest % 10));
        }
    }
}

static void write_place(const tm_place_t *place, tm_buf_t *out)
{
    tm_json_write_str(place->field, out);
    tm_buf_add_c(out, ":{\"page\":");
    tm_buf_add_i64(out, place->page);
    tm_buf_add_c(out, ",\"box\":");
    if (TM_HAS(place, TM_PLACE_box_x100) && place->box_x100.n == 4) {
        for (uint32_t i = 0; i < 4; i++) {
            tm_buf_add_char(out, i == 0 ? '[' : ',');
            write_points(out, place->box_x100.v[i]);
        }
        tm_buf_add_char(out, ']');
    } else {
        tm_buf_add_c(out, "null");
    }
    write_str(out, "text", TM_HAS(place, TM_PLACE_text), place->text);
    tm_buf_add_char(out, '}');
}

/* An object has each key once: the first place of a field counts. */
static void write_places(const tm_document_t *doc, tm_buf_t *out)
{
    const tm_place_t *places = doc->at.v;
    const uint32_t n = HAS(at) ? doc->at.n : 0;
    bool any = false;
    write_key(out, "at");
    tm_buf_add_char(out, '{');
    for (uint32_t i = 0; i < n; i++) {
        bool seen = false;
        for (uint32_t j = 0; j < i && !seen; j++) {
            seen = tm_str_eq(places[i].field, places[j].field);
        }
        if (seen) {
            continue;
        }
        if (any) {
            tm_buf_add_char(out, ',');
        }
        any = true;
        write_place(&places[i], out);
    }
    tm_buf_add_char(out, '}');
}

#define PART_HAS(v, UP, field) TM_HAS((v), TM_##UP##_##field)

static void write_lines(const tm_document_t *doc, tm_buf_t *out)
{
    const tm_doc_line_t *lines = doc->lines.v;
    write_key(out, "lines");
    tm_buf_add_char(out, '[');
    for (uint32_t i = 0; HAS(lines) && i < doc->lines.n; i++) {
        const tm_doc_line_t *line = &lines[i];
        tm_buf_add_c(out, i == 0 ? "{\"line\":" : ",{\"line\":");
        if (PART_HAS(line, DOC_LINE, line)) {
            tm_json_write_str(line->line, out);
        } else {
            tm_buf_add_c(out, "null");
        }
        write_day(out, "from", PART_HAS(line, DOC_LINE, from), line->from);
        write_day(out, "to", PART_HAS(line, DOC_LINE, to), line->to);
        write_str(out, "days", PART_HAS(line, DOC_LINE, days), line->days);
        write_int(out, "spots", PART_HAS(line, DOC_LINE, spots), line->spots);
        write_int(out, "rate_cents", PART_HAS(line, DOC_LINE, rate_cents), line->rate_cents.v);
        write_int(out, "amount_cents", PART_HAS(line, DOC_LINE, amount_cents),
                  line->amount_cents.v);
        /* A line about which nothing else is printed stands as it is. */
        const tm_enum_t status =
            PART_HAS(line, DOC_LINE, status) ? line->status : (tm_enum_t){TM_LINE_STATUS_ok};
        write_word(out, "status", true, &tm_line_status_words, status);
        write_int(out, "page", PART_HAS(line, DOC_LINE, page), line->page);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_char(out, ']');
}

static void write_airings(const tm_document_t *doc, tm_buf_t *out)
{
    const tm_airing_t *airings = doc->airings.v;
    write_key(out, "airings");
    tm_buf_add_char(out, '[');
    for (uint32_t i = 0; HAS(airings) && i < doc->airings.n; i++) {
        const tm_airing_t *airing = &airings[i];
        char day[TM_DAY_TEXT];
        tm_day_format(airing->air_date, day);
        tm_buf_printf(out, "%s{\"air_date\":\"%s\"", i == 0 ? "" : ",", day);
        write_str(out, "air_time", PART_HAS(airing, AIRING, air_time), airing->air_time);
        write_int(out, "length_s", PART_HAS(airing, AIRING, length_s), airing->length_s);
        write_int(out, "amount_cents", PART_HAS(airing, AIRING, amount_cents),
                  airing->amount_cents.v);
        write_str(out, "isci", PART_HAS(airing, AIRING, isci), airing->isci);
        write_int(out, "page", PART_HAS(airing, AIRING, page), airing->page);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_char(out, ']');
}

/* What scripts outside need not know; `reason` is null for a document that was read. */
static void write_own(const tm_document_t *doc, tm_buf_t *out)
{
    STR(reason);
    STR(order_no_norm);
    write_key(out, "changes_only");
    tm_buf_add_c(out, HAS(changes_only) && doc->changes_only ? "true" : "false");
    STR(system);
    STR(parser);
    INT(parser_version);
}

static void write_key(tm_buf_t *out, const char *key)
{
    tm_buf_add_c(out, ",\"");
    tm_buf_add_c(out, key);
    tm_buf_add_c(out, "\":");
}

static void write_str(tm_buf_t *out, const char *key, bool has, tm_str_t v)
{
    write_key(out, key);
    if (has && v.p != NULL) {
        tm_json_write_str(v, out);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void write_int(tm_buf_t *out, const char *key, bool has, int64_t v)
{
    write_key(out, key);
    if (has) {
        tm_buf_add_i64(out, v);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void write_day(tm_buf_t *out, const char *key, bool has, tm_day_t v)
{
    write_key(out, key);
    if (has) {
        char text[TM_DAY_TEXT];
        tm_day_format(v, text);
        tm_buf_printf(out, "\"%s\"", text);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void write_word(tm_buf_t *out, const char *key, bool has, const tm_words_t *words,
                       tm_enum_t v)
{
    write_key(out, key);
    if (has) {
        tm_buf_printf(out, "\"%s\"", tm_words_name(words, v));
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void write_strs(tm_buf_t *out, const char *key, bool has, tm_strs_t v)
{
    write_key(out, key);
    tm_buf_add_char(out, '[');
    for (uint32_t i = 0; has && i < v.n; i++) {
        if (i > 0) {
            tm_buf_add_char(out, ',');
        }
        tm_json_write_str(v.v[i], out);
    }
    tm_buf_add_char(out, ']');
}
