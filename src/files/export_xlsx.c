/* export_xlsx.c - the matrix as a workbook: sheet Matrix, sheet Sources with every line behind it,
 * sheet About.
 *
 * How:     libxlsxwriter writes row by row into temporary files (constant_memory) and then one
 *          file in the given folder, which is read and removed. Texts are written as texts, so none
 *          can become a formula. Sums are numbers, not formulas: the file says what the matrix
 *          said.
 *          Dollars are cents / 100.0: a double holds every count of cents up to 2^53 (90 trillion
 *          dollars) exactly, and of cents / 100 the nearest value, which shows and rounds to the
 *          same two decimals.
 * Source:  https://libxlsxwriter.github.io */
#include "files/export_parts.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define PATH_BYTES 1300
#define SECONDS_A_DAY 86400
enum { KIND, SIDE, ADVERTISER, MARKET, DMA, MEDIUM, STATION, TOTAL, WEEKS }; /* of sheet Matrix */

typedef struct money {
    lxw_format *plain, *disputed;
} money_t;

typedef struct style {
    lxw_format *text;
    money_t money;
} style_t;

typedef struct book {
    const export_job_t *job;
    lxw_workbook *wb;
    lxw_worksheet *matrix, *sources, *about;
    lxw_format *head, *wrapped;
    style_t leaf, subtotal, total;
    uint32_t n_weeks;
    uint32_t row, source_row, about_row; /* the next ones */
    int64_t gross, net, in_view, unplaced;
} book_t;

/* ---- cells ---- */

static void put_text(lxw_worksheet *sheet, uint32_t row, int column, tm_str_t text,
                     lxw_format *format)
{
    char plain[EXPORT_TEXT_MAX];
    if (text.n == 0) {
        (void)worksheet_write_blank(sheet, row, (lxw_col_t)column, format);
    } else {
        (void)worksheet_write_string(sheet, row, (lxw_col_t)column, export_text(text, plain),
                                     format);
    }
}

static void put_money(lxw_worksheet *sheet, uint32_t row, uint32_t column, int64_t cents,
                      lxw_format *format)
{
    (void)worksheet_write_number(sheet, row, (lxw_col_t)column, (double)cents / 100.0, format);
}

static style_t make_style(lxw_workbook *wb, bool bold, uint32_t fill, bool line)
{
    style_t style;
    lxw_format **all[] = {&style.text, &style.money.plain, &style.money.disputed};
    for (size_t i = 0; i < TM_COUNT(all); i++) {
        lxw_format *f = *all[i] = workbook_add_format(wb);
        if (bold) {
            format_set_bold(f);
        }
        if (fill != 0) {
            format_set_pattern(f, LXW_PATTERN_SOLID);
            format_set_bg_color(f, fill);
        }
        if (line) {
            format_set_top(f, LXW_BORDER_THIN);
        }
        if (i > 0) {
            format_set_num_format(f, "$#,##0.00;-$#,##0.00");
        }
    }
    format_set_pattern(style.money.disputed, LXW_PATTERN_SOLID);
    format_set_bg_color(style.money.disputed, 0xFFE699);
    return style;
}

static void make_formats(book_t *b)
{
    b->head = workbook_add_format(b->wb);
    format_set_bold(b->head);
    format_set_pattern(b->head, LXW_PATTERN_SOLID);
    format_set_bg_color(b->head, 0xD9E1F2);
    format_set_bottom(b->head, LXW_BORDER_THIN);
    b->wrapped = workbook_add_format(b->wb);
    format_set_text_wrap(b->wrapped);
    format_set_align(b->wrapped, LXW_ALIGN_VERTICAL_TOP);
    b->leaf = make_style(b->wb, false, 0, false);
    b->subtotal = make_style(b->wb, true, 0xEDEDED, false);
    b->total = make_style(b->wb, true, 0xD9E1F2, true);
}

/* ---- sheet Matrix ---- */

static bool on_columns(void *ctx, const tm_matrix_columns_t *columns)
{
    static const struct {
        const char *name;
        double width;
    } labels[] = {
        [KIND] = {"Kind", 11},       [SIDE] = {"Side", 9},   [ADVERTISER] = {"Advertiser", 34},
        [MARKET] = {"Market", 24},   [DMA] = {"DMA", 6},     [MEDIUM] = {"Medium", 11},
        [STATION] = {"Station", 14}, [TOTAL] = {"Total", 16}};
    book_t *b = ctx;
    assert(columns->n <= LXW_COL_MAX - WEEKS); /* 110 years hold 5,740 weeks */
    b->n_weeks = columns->n;
    b->unplaced = columns->unplaced;
    for (int i = 0; i < WEEKS; i++) { /* widths first: they cannot follow a row */
        (void)worksheet_set_column(b->matrix, (lxw_col_t)i, (lxw_col_t)i, labels[i].width, NULL);
    }
    if (columns->n > 0) {
        (void)worksheet_set_column(b->matrix, WEEKS, (lxw_col_t)(WEEKS + columns->n - 1), 14, NULL);
    }
    for (int i = 0; i < WEEKS; i++) {
        put_text(b->matrix, 0, i, tm_str(labels[i].name), b->head);
    }
    for (uint32_t i = 0; i < columns->n; i++) {
        char day[TM_DAY_TEXT];
        tm_day_format(columns->weeks[i], day);
        put_text(b->matrix, 0, (int)(WEEKS + i), tm_str(day), b->head);
    }
    b->row = 1;
    return true;
}

static bool on_row(void *ctx, const tm_matrix_row_t *row)
{
    book_t *b = ctx;
    if (b->row >= LXW_ROW_MAX)
        return false;
    const style_t *style = row->level == TM_LEVEL_LEAF  ? &b->leaf
                           : row->level == TM_LEVEL_ALL ? &b->total
                                                        : &b->subtotal;
    lxw_worksheet *sheet = b->matrix;
    put_text(sheet, b->row, KIND, tm_str(tm_matrix_kind(row->level)), style->text);
    put_text(sheet, b->row, SIDE, export_side(row->side), style->text);
    put_text(sheet, b->row, ADVERTISER, row->advertiser, style->text);
    put_text(sheet, b->row, MARKET, export_market(b->job, row->market), style->text);
    if (row->market != 0) {
        (void)worksheet_write_number(sheet, b->row, DMA, row->market, style->text);
    } else {
        (void)worksheet_write_blank(sheet, b->row, DMA, style->text);
    }
    put_text(sheet, b->row, MEDIUM, export_medium(row->medium), style->text);
    put_text(sheet, b->row, STATION, row->station, style->text);
    put_money(sheet, b->row, TOTAL, row->total, style->money.plain);
    for (uint32_t i = 0; i < b->n_weeks; i++) {
        lxw_format *format = row->disputed[i] ? style->money.disputed : style->money.plain;
        if (row->known[i]) {
            put_money(sheet, b->row, WEEKS + i, row->cents[i], format);
        } else if (style != &b->leaf || row->disputed[i]) { /* for the fill only */
            (void)worksheet_write_blank(sheet, b->row, (lxw_col_t)(WEEKS + i), format);
        }
    }
    b->row++;
    return true;
}

static void finish_matrix(book_t *b)
{
    worksheet_freeze_panes(b->matrix, 1, TOTAL);
    if (b->row > 2) { /* the totals row stays when rows are filtered */
        (void)worksheet_autofilter(b->matrix, 0, 0, b->row - 2, STATION);
    }
    worksheet_set_landscape(b->matrix);
    (void)worksheet_repeat_rows(b->matrix, 0, 0);
    (void)worksheet_repeat_columns(b->matrix, KIND, STATION);
}

/* ---- sheet Sources ---- */

enum {
    S_ID,
    S_ADVERTISER,
    S_STATION,
    S_MARKET,
    S_DMA,
    S_MEDIUM,
    S_FROM,
    S_TO,
    S_STAGE,
    S_STANDING,
    S_GROSS,
    S_NET,
    S_IN_VIEW,
    S_SOURCE,
    S_ORDER,
    S_REVISION,
    S_DOCUMENT,
    S_COUNT
};

static void begin_sources(book_t *b)
{
    static const char *const names[] = {"Line",     "Advertiser", "Station", "Market", "DMA",
                                        "Medium",   "From",       "To",      "Stage",  "Stands",
                                        "Gross",    "Net",        "In view", "Source", "Order",
                                        "Revision", "Document"};
    static const double widths[] = {20, 34, 14, 24, 6,  11, 11, 11, 11,
                                    11, 15, 15, 15, 12, 16, 9,  20};
    _Static_assert(TM_COUNT(names) == S_COUNT && TM_COUNT(widths) == S_COUNT, "a column each");
    for (int i = 0; i < S_COUNT; i++) {
        (void)worksheet_set_column(b->sources, (lxw_col_t)i, (lxw_col_t)i, widths[i], NULL);
    }
    for (int i = 0; i < S_COUNT; i++) {
        put_text(b->sources, 0, i, tm_str(names[i]), b->head);
    }
    b->source_row = 1;
}

static void put_day(book_t *b, int column, bool has, tm_day_t day)
{
    char text[TM_DAY_TEXT] = "";
    if (has) {
        tm_day_format(day, text);
        put_text(b->sources, b->source_row, column, tm_str(text), NULL);
    }
}

static void put_id(book_t *b, int column, const char *prefix, tm_id_t id)
{
    char text[TM_ID_TEXT_MAX];
    (void)tm_id_format(prefix, id, text);
    put_text(b->sources, b->source_row, column, tm_str(text), NULL);
}

static void put_if(book_t *b, int column, bool has, tm_str_t text)
{
    if (has) {
        put_text(b->sources, b->source_row, column, text, NULL);
    }
}

static void put_line(book_t *b, const tm_buy_line_t *line)
{
#define HAS(field) TM_HAS(line, TM_BUY_LINE_##field)
    lxw_worksheet *sheet = b->sources;
    put_if(b, S_ADVERTISER, HAS(advertiser), line->advertiser);
    put_if(b, S_STATION, HAS(station), line->station);
    if (HAS(market)) {
        put_text(sheet, b->source_row, S_MARKET, export_market(b->job, line->market), NULL);
        (void)worksheet_write_number(sheet, b->source_row, S_DMA, line->market, NULL);
    }
    put_if(b, S_MEDIUM, HAS(medium), export_medium(line->medium.v));
    put_day(b, S_FROM, HAS(flight_from), line->flight_from);
    put_day(b, S_TO, HAS(flight_to), line->flight_to);
    put_if(b, S_STAGE, HAS(stage), tm_str(tm_stage_words.words[line->stage.v]));
    put_if(b, S_STANDING, HAS(standing), tm_str(tm_standing_words.words[line->standing.v]));
    if (HAS(gross_cents)) {
        put_money(sheet, b->source_row, S_GROSS, line->gross_cents.v, b->leaf.money.plain);
        b->gross += line->gross_cents.v;
    }
    if (HAS(net_cents)) {
        put_money(sheet, b->source_row, S_NET, line->net_cents.v, b->leaf.money.plain);
        b->net += line->net_cents.v;
    }
    put_if(b, S_SOURCE, HAS(source), line->source);
    put_if(b, S_ORDER, HAS(order_no), line->order_no);
    put_if(b, S_REVISION, HAS(revision), line->revision);
    if (HAS(document_id)) {
        put_id(b, S_DOCUMENT, tm_document_desc.prefix, line->document_id);
    }
#undef HAS
}

static bool on_line(void *ctx, const tm_matrix_line_t *at)
{
    book_t *b = ctx;
    if (b->source_row >= LXW_ROW_MAX - 1) /* one is kept for the sums */
        return false;
    put_id(b, S_ID, tm_buy_line_desc.prefix, at->id);
    const tm_row_t *row = tm_view_get(&b->job->e->view->view, &tm_buy_line_desc, at->id);
    const tm_buy_line_t *line = row == NULL ? NULL : tm_row_read(row, b->job->scratch);
    if (line != NULL) {
        put_line(b, line);
    }
    tm_arena_reset(b->job->scratch);
    if (at->known) {
        put_money(b->sources, b->source_row, S_IN_VIEW, at->cents, b->leaf.money.plain);
        b->in_view += at->cents;
    }
    b->source_row++;
    return true;
}

static void finish_sources(book_t *b)
{
    for (int i = 0; i < S_COUNT; i++) {
        if (i != S_GROSS && i != S_NET && i != S_IN_VIEW) {
            put_text(b->sources, b->source_row, i, i == S_ID ? TM_STR("total") : TM_STR(""),
                     b->total.text);
        } else {
            put_money(b->sources, b->source_row, (uint32_t)i,
                      i == S_GROSS ? b->gross
                      : i == S_NET ? b->net
                                   : b->in_view,
                      b->total.money.plain);
        }
    }
    worksheet_freeze_panes(b->sources, 1, 1);
    if (b->source_row > 1) {
        (void)worksheet_autofilter(b->sources, 0, 0, b->source_row - 1, S_COUNT - 1);
    }
}

/* ---- sheet About ---- */

static void add_about(void *ctx, const char *label, tm_str_t text)
{
    book_t *b = ctx;
    put_text(b->about, b->about_row, 0, tm_str(label), b->wrapped);
    put_text(b->about, b->about_row++, 1, text, b->wrapped);
}

static void write_about(book_t *b)
{
    (void)worksheet_set_column(b->about, 0, 0, 32, NULL);
    (void)worksheet_set_column(b->about, 1, 1, 80, NULL);
    put_text(b->about, 0, 0, TM_STR("What"), b->head);
    put_text(b->about, 0, 1, TM_STR("This file"), b->head);
    b->about_row = 1;
    export_about(b->job, add_about, b);
    char unplaced[EXPORT_MONEY_TEXT];
    export_money(b->unplaced, unplaced);
    add_about(b, "Without any day, in no total", tm_str(unplaced));
    add_about(b, "Cells",
              TM_STR("Empty: nothing is known. $0.00: known to be zero. Yellow: somebody must "
                     "still decide whether lines behind it are one buy."));
    add_about(b, "Sources",
              TM_STR("Every line behind the cells. In view: what it puts into the weeks shown, in "
                     "the dollars shown; these add up to the total."));
}

/* ---- the file ---- */

static tm_err_t failed(const export_job_t *job, const char *doing)
{
    const tm_err_t err = errno == ENOSPC || errno == EDQUOT ? TM_EDISKFULL : TM_EIO;
    return tm_why_add(job->why, err, NULL, "export: %s failed: %s", doing, strerror(errno));
}

/* The file as a blob. */
static tm_err_t read_back(const export_job_t *job, const char *path, tm_blob_t **ret)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        const tm_err_t err = failed(job, "reading the file");
        if (fd >= 0) {
            (void)close(fd);
        }
        return err;
    }
    tm_err_t err = TM_OK;
    if ((uint64_t)st.st_size > job->e->bytes_max) {
        err = tm_why_add(job->why, TM_ENOMEM, NULL,
                         "the file is larger than an answer may be: choose fewer rows or weeks");
    }
    tm_blob_t *blob = err == TM_OK ? tm_blob_new(NULL, (size_t)st.st_size) : NULL;
    for (uint32_t n = 0; err == TM_OK && n < blob->n;) {
        const ssize_t got = read(fd, blob->p + n, blob->n - n);
        if (got > 0) {
            n += (uint32_t)got;
        } else if (got == 0 || errno != EINTR) {
            errno = got == 0 ? EIO : errno;
            err = failed(job, "reading the file");
        }
    }
    (void)close(fd);
    if (err != TM_OK) {
        tm_blob_unref(blob);
        return err;
    }
    *ret = blob;
    return TM_OK;
}

/* What libxlsxwriter does not look at: rows that did not fit on the disk. */
static bool rows_are_kept(const book_t *b)
{
    const lxw_worksheet *all[] = {b->matrix, b->sources, b->about};
    for (size_t i = 0; i < TM_COUNT(all); i++) {
        FILE *rows = all[i]->optimize_tmpfile;
        if (rows != NULL && fflush(rows) != 0)
            return false;
        if (rows != NULL && ferror(rows)) { /* at an earlier row; of what is forgotten */
            errno = ENOSPC;
            return false;
        }
    }
    return true;
}

static tm_err_t fill(book_t *b)
{
    make_formats(b);
    begin_sources(b);
    const tm_matrix_visitor_t visitor = {b, on_columns, on_row, on_line};
    if (!tm_matrix_walk(b->job->e->view->matrix, &b->job->query, &visitor))
        return tm_why_add(b->job->why, TM_ERANGE, "format",
                          "a sheet takes %d rows, this view has more: choose fewer, or csv",
                          LXW_ROW_MAX);
    finish_matrix(b);
    finish_sources(b);
    write_about(b);
    return rows_are_kept(b) ? TM_OK : failed(b->job, "writing rows");
}

static bool close_book(const book_t *b)
{
    pthread_mutex_t *closing = b->job->e->closing;
    if (closing != NULL)
        (void)pthread_mutex_lock(closing);
    errno = 0;
    const bool good = workbook_close(b->wb) == LXW_NO_ERROR; /* it frees the book in any case */
    const int cause = errno;
    if (closing != NULL)
        (void)pthread_mutex_unlock(closing);
    errno = cause;
    return good;
}

static tm_err_t write_book(const export_job_t *job, const char *path)
{
    char *folder = tm_strdup_n(job->e->folder, strlen(job->e->folder)); /* it wants a char * */
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder};
    book_t b = {.job = job, .wb = workbook_new_opt(path, &options)};
    char name[EXPORT_TEXT_MAX];
    tm_err_t err = TM_OK;
    b.matrix = b.wb == NULL ? NULL : workbook_add_worksheet(b.wb, "Matrix");
    b.sources = b.matrix == NULL ? NULL : workbook_add_worksheet(b.wb, "Sources");
    b.about = b.sources == NULL ? NULL : workbook_add_worksheet(b.wb, "About");
    if (b.about == NULL) {
        err = failed(job, "making temporary files");
    } else {
        (void)export_text(job->name, name);
        /* The state's own date: the same state gives the same bytes. */
        lxw_doc_properties about = {.title = name,
                                    .author = (char *)(uintptr_t) "TrailMix",
                                    .created = (time_t)job->e->view->today.v * SECONDS_A_DAY};
        (void)workbook_set_properties(b.wb, &about);
        err = fill(&b);
    }
    if (err != TM_OK) {
        lxw_workbook_free(b.wb);
    } else if (!close_book(&b)) {
        err = failed(job, "writing the file");
    }
    tm_free(folder);
    return err;
}

tm_err_t export_xlsx(const export_job_t *job, tm_blob_t **ret)
{
    uint64_t name;
    char path[PATH_BYTES];
    tm_random_bytes(&name, sizeof name);
    (void)snprintf(path, sizeof path, "%s/export-%016llx.xlsx", job->e->folder,
                   (unsigned long long)name);
    tm_err_t err = write_book(job, path);
    if (err == TM_OK) {
        err = read_back(job, path, ret);
    }
    (void)unlink(path);
    return err;
}
