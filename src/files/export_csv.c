/* export_csv.c - the matrix as CSV: for programs and spreadsheets that add up what they read.
 *
 * How:     RFC 4180, UTF-8 without a byte order mark (a header that begins with one is read
 *          wrongly by most programs), lines end with CR LF. Without group_by only leaf rows, with
 *          it only rows of that level, then the totals: all rows but `total` add up to it, no
 *          dollar stands twice. Dollars are plain decimals, empty where nothing is known, 0.00
 *          where it is known to be zero.
 * Source:  RFC 4180; OWASP "CSV injection" for the apostrophe. */
#include "files/export_parts.h"

#include "base/time.h"

typedef struct sheet {
    const export_job_t *job;
    tm_buf_t out;
    uint32_t n_weeks;
} sheet_t;

/* A spreadsheet runs a cell that begins with one of these as a formula, also their full-width
 * forms (EF BC 8B, 8D, 9D, A0), or drops a control character and looks at what comes then. */
static bool is_formula(tm_str_t text)
{
    const unsigned char c = text.n == 0 ? 'a' : (unsigned char)text.p[0];
    if (c < ' ' || c == 127 || memchr("=+-@", c, 4) != NULL)
        return true;
    if (c != 0xef || text.n < 3 || (unsigned char)text.p[1] != 0xbc)
        return false;
    const unsigned char last = (unsigned char)text.p[2];
    return last == 0x8b || last == 0x8d || last == 0x9d || last == 0xa0;
}

static void add_text(tm_buf_t *out, tm_str_t text)
{
    const bool guarded = is_formula(text);
    bool quoted = false;
    for (uint32_t i = 0; i < text.n && !quoted; i++) {
        quoted = memchr(",\"\r\n", text.p[i], 4) != NULL;
    }
    if (quoted) {
        tm_buf_add_char(out, '"');
    }
    if (guarded) {
        tm_buf_add_char(out, '\'');
    }
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"') {
            tm_buf_add_char(out, '"');
        }
        tm_buf_add_char(out, text.p[i]);
    }
    if (quoted) {
        tm_buf_add_char(out, '"');
    }
}

static void add_cell(tm_buf_t *out, tm_str_t text)
{
    add_text(out, text);
    tm_buf_add_char(out, ',');
}

static void add_dollars(tm_buf_t *out, int64_t cents)
{
    char text[EXPORT_CENTS_TEXT];
    export_dollars(cents, text);
    tm_buf_add_c(out, text);
}

static bool on_columns(void *ctx, const tm_matrix_columns_t *columns)
{
    sheet_t *s = ctx;
    s->n_weeks = columns->n;
    tm_buf_add_c(&s->out, "kind,side,advertiser,market,market_name,medium,station,total");
    for (uint32_t i = 0; i < columns->n; i++) {
        char day[TM_DAY_TEXT];
        tm_day_format(columns->weeks[i], day);
        tm_buf_add_char(&s->out, ',');
        tm_buf_add_c(&s->out, day);
    }
    tm_buf_add_c(&s->out, "\r\n");
    return !s->out.full;
}

static bool on_row(void *ctx, const tm_matrix_row_t *row)
{
    sheet_t *s = ctx;
    if (s->job->query.group_by == TM_LEVEL_ALL && row->level != TM_LEVEL_LEAF &&
        row->level != TM_LEVEL_ALL)
        return true; /* a sum of what stands there already */
    tm_buf_t *out = &s->out;
    add_cell(out, tm_str(tm_matrix_kind(row->level)));
    add_cell(out, export_side(row->side));
    add_cell(out, row->advertiser);
    if (row->market != 0) {
        tm_buf_add_i64(out, row->market);
    }
    tm_buf_add_char(out, ',');
    add_cell(out, export_market(s->job, row->market));
    add_cell(out, export_medium(row->medium));
    add_cell(out, row->station);
    add_dollars(out, row->total);
    for (uint32_t i = 0; i < s->n_weeks; i++) {
        tm_buf_add_char(out, ',');
        if (row->known[i]) {
            add_dollars(out, row->cents[i]);
        }
    }
    tm_buf_add_c(out, "\r\n");
    return !out->full;
}

tm_err_t export_csv(const export_job_t *job, tm_blob_t **ret)
{
    sheet_t sheet = {.job = job};
    tm_blob_begin(&sheet.out, job->e->bytes_max);
    const tm_matrix_visitor_t visitor = {.ctx = &sheet, .columns = on_columns, .row = on_row};
    tm_err_t err = TM_OK;
    if (tm_matrix_walk(job->e->view->matrix, &job->query, &visitor)) {
        *ret = tm_blob_take(&sheet.out);
    } else {
        err = tm_why_add(job->why, TM_ENOMEM, NULL,
                         "the file is larger than an answer may be: choose fewer rows or weeks");
    }
    tm_buf_done(&sheet.out);
    return err;
}
