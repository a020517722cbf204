/* csv_read.c - tables as text: which bytes, which separator, then rows by libcsv.
 *
 * How:     bytes that are no UTF-8 are read as UTF-16 (with its mark) or Windows-1252; the
 *          separator is the one that stands equally often in most of the first lines. libcsv is
 *          strict: a quotation mark where none may stand is told with its row and never swallows
 *          the rest of a file.
 * Threads: pure; any. */
#include "files/sheet.h"

#include "base/buf.h"
#include "base/fold.h"
#include "files/limits.h"

#include <csv.h>
#include <stdlib.h>

#define CHUNK_BYTES (64u << 10)
#define PROBE_LINES 20

/* ---- bytes to text ---- */

static void add_code(tm_buf_t *out, uint32_t c)
{
    if (c < 0x80) {
        tm_buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        tm_buf_add_char(out, (char)(0xc0 | c >> 6));
        tm_buf_add_char(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        tm_buf_add_char(out, (char)(0xe0 | c >> 12));
        tm_buf_add_char(out, (char)(0x80 | (c >> 6 & 63)));
        tm_buf_add_char(out, (char)(0x80 | (c & 63)));
    } else {
        tm_buf_add_char(out, (char)(0xf0 | c >> 18));
        tm_buf_add_char(out, (char)(0x80 | (c >> 12 & 63)));
        tm_buf_add_char(out, (char)(0x80 | (c >> 6 & 63)));
        tm_buf_add_char(out, (char)(0x80 | (c & 63)));
    }
}

static void add_utf16(tm_buf_t *out, tm_str_t bytes, bool big)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    uint32_t high = 0;
    for (uint32_t i = 0; i + 1 < bytes.n; i += 2) {
        const uint32_t c = big ? (uint32_t)p[i] << 8 | p[i + 1] : (uint32_t)p[i + 1] << 8 | p[i];
        if (c >= 0xd800 && c < 0xdc00) {
            high = c;
            continue;
        }
        if (c >= 0xdc00 && c < 0xe000) {
            add_code(out, high == 0 ? 0xfffd : 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00));
        } else {
            add_code(out, c);
        }
        high = 0;
    }
}

static void add_windows(tm_buf_t *out, tm_str_t bytes)
{
    /* 0x80 to 0x9f of Windows-1252; above they are Latin-1 */
    static const uint16_t codes[32] = {
        0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};
    for (uint32_t i = 0; i < bytes.n; i++) {
        const unsigned char c = (unsigned char)bytes.p[i];
        add_code(out, c >= 0x80 && c < 0xa0 ? codes[c - 0x80] : c);
    }
}

static bool begins(tm_str_t s, const char *mark, uint32_t n)
{
    return s.n >= n && memcmp(s.p, mark, n) == 0;
}

/* The text of the bytes: a part of them, or made in room. */
static tm_str_t text_of(tm_str_t bytes, tm_buf_t *room)
{
    if (begins(bytes, "\xef\xbb\xbf", 3))
        bytes = tm_str_n(bytes.p + 3, bytes.n - 3);
    if (begins(bytes, "\xff\xfe", 2) || begins(bytes, "\xfe\xff", 2)) {
        add_utf16(room, tm_str_n(bytes.p + 2, bytes.n - 2), bytes.p[0] == '\xfe');
        return tm_buf_str(room);
    }
    if (memchr(bytes.p, 0, bytes.n) != NULL || tm_utf8_is_valid(bytes))
        return bytes; /* a NUL is told later, with its row */
    add_windows(room, bytes);
    return tm_buf_str(room);
}

/* ---- the separator ---- */

/* How often c stands in the next line outside quotes; *at moves behind the line. */
static uint32_t count_in_line(tm_str_t text, uint32_t *at, char c)
{
    uint32_t n = 0;
    bool quoted = false;
    for (; *at < text.n; ++*at) {
        const char now = text.p[*at];
        if (now == '"') {
            quoted = !quoted;
        } else if (!quoted && now == '\n') {
            ++*at;
            return n;
        } else if (!quoted && now == c) {
            n++;
        }
    }
    return n;
}

/* Lines that hold c as often as most lines that hold it do; the best separator has most. */
static uint32_t score_of(tm_str_t text, char c, uint32_t *ret_often)
{
    uint32_t counts[PROBE_LINES];
    uint32_t n = 0, best = 0;
    for (uint32_t at = 0; at < text.n && n < PROBE_LINES;) {
        counts[n++] = count_in_line(text, &at, c);
    }
    *ret_often = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t same = 0;
        for (uint32_t k = 0; k < n; k++) {
            same += counts[k] == counts[i];
        }
        if (counts[i] > 0 && (same > best || (same == best && counts[i] > *ret_often))) {
            best = same;
            *ret_often = counts[i];
        }
    }
    return best;
}

static char separator_of(tm_str_t *text)
{
    if (text->n >= 6 && memcmp(text->p, "sep=", 4) == 0) { /* what Excel writes and obeys */
        const char c = text->p[4];
        const char *end = memchr(text->p, '\n', text->n);
        const uint32_t skip = end == NULL ? text->n : (uint32_t)(end - text->p); /* keep the line */
        *text = tm_str_n(text->p + skip, text->n - skip);
        return c == '"' || c == '\r' || c == '\n' ? ',' : c;
    }
    static const char separators[] = {',', ';', '\t', '|'};
    char best = ',';
    uint32_t best_score = 0, best_often = 0;
    for (size_t i = 0; i < sizeof separators; i++) {
        uint32_t often = 0;
        const uint32_t score = score_of(*text, separators[i], &often);
        if (score > best_score || (score == best_score && often > best_often)) {
            best = separators[i];
            best_score = score;
            best_often = often;
        }
    }
    return best;
}

/* ---- rows ---- */

typedef struct reading {
    tm_sheet_builder_t b;
    uint32_t column;
    bool after_cr; /* the line feed that comes next belongs to it */
} reading_t;

static void on_cell(void *p, size_t n, void *ctx)
{
    reading_t *r = ctx;
    r->after_cr = false;
    tm_sheet_add_cell(&r->b, r->column++, p == NULL ? (tm_str_t){NULL, 0} : tm_str_n(p, n));
}

static void on_line(int c, void *ctx)
{
    reading_t *r = ctx;
    if (c == '\n' && r->after_cr) {
        r->after_cr = false;
        return;
    }
    r->after_cr = c == '\r';
    tm_sheet_add_row(&r->b);
    r->column = 0;
    if (r->b.err == TM_OK) {
        r->b.row++;
    }
}

static void parse(reading_t *r, struct csv_parser *parser, tm_str_t text)
{
    for (uint32_t at = 0; at < text.n && r->b.err == TM_OK;) {
        const size_t n = TM_MIN((size_t)CHUNK_BYTES, (size_t)(text.n - at));
        if (csv_parse(parser, text.p + at, n, on_cell, on_line, r) != n) {
            const bool quote = csv_error(parser) == CSV_EPARSE;
            tm_sheet_fault(&r->b, quote ? TM_EINVALID : TM_ENOMEM,
                           quote ? "a quotation mark stands where none may" : "no memory is left");
        } else if (csv_get_buffer_size(parser) > 2 * CHUNK_BYTES) {
            tm_sheet_fault(&r->b, TM_ETOOLARGE, "a cell has more than 4000 bytes");
        }
        at += (uint32_t)n;
    }
    if (r->b.err == TM_OK && csv_fini(parser, on_cell, on_line, r) != 0) {
        tm_sheet_fault(&r->b, TM_EINVALID, "a quotation mark is never closed");
    }
}

static uint32_t line_of(tm_str_t text, const char *at)
{
    uint32_t n = 1;
    for (const char *p = text.p; p < at; p++) {
        n += *p == '\n';
    }
    return n;
}

tm_err_t tm_csv_read(tm_str_t bytes, tm_arena_t *arena, tm_sheet_t *ret, tm_why_t *why)
{
    tm_buf_t room;
    tm_buf_init(&room, TM_CSV_BYTES_MAX);
    *ret = (tm_sheet_t){.number = 1};
    reading_t r = {.column = 0};
    tm_sheet_begin(&r.b, ret, arena, why);
    tm_str_t text = bytes.n == 0 ? TM_STR("") : text_of(bytes, &room);
    const char *nul = text.n == 0 ? NULL : memchr(text.p, 0, text.n);
    struct csv_parser parser;
    if (room.full) {
        tm_sheet_fault(&r.b, TM_ETOOLARGE, "the text is too long");
    } else if (nul != NULL) {
        r.b.row = line_of(text, nul);
        tm_sheet_fault(&r.b, TM_EINVALID, "holds a NUL byte: this is no text");
    } else if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
        tm_sheet_fault(&r.b, TM_ENOMEM, "no memory is left");
    } else {
        csv_set_delim(&parser, (unsigned char)separator_of(&text));
        parse(&r, &parser, text);
        csv_free(&parser);
    }
    tm_buf_done(&room);
    return r.b.err;
}
