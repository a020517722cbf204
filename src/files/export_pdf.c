/* export_pdf.c - the matrix on paper: landscape letter pages with real text.
 *
 * How:     one walk counts rows and finds the widest amounts; then the weeks are cut into strips as
 *          wide as a page, and each strip is one walk over all rows, page by page, with labels and
 *          totals again on each: every page can be read alone. Pango shapes names (any script the
 *          machine has fonts for), cairo writes page by page. Plain ASCII that fits, which is
 *          nearly all, is set from a table of glyphs made once: twice as fast.
 *          Rows at the same place on the page of another strip are the same rows.
 * Source:  cairo-pdf.h, pangocairo.h. */
#include "files/export_parts.h"

#include "base/time.h"
#include "files/limits.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdio.h>

/* Points. */
#define PAGE_WIDTH 792.0
#define PAGE_HEIGHT 612.0
#define MARGIN 36.0
#define USABLE (PAGE_WIDTH - 2 * MARGIN)
#define TABLE_TOP 78.0
#define ROW_HEIGHT 12.0
#define TABLE_BOTTOM (PAGE_HEIGHT - MARGIN - 14.0)
#define ROWS_A_PAGE ((uint32_t)((TABLE_BOTTOM - TABLE_TOP) / ROW_HEIGHT) - 1) /* one is the head */
#define GAP 6.0                                                               /* between columns */

enum { SIDE, ADVERTISER, MARKET, MEDIUM, STATION, LABELS };
static const char *const NAMES[LABELS] = {"Side", "Advertiser", "Market", "Medium", "Station"};
static const double WIDTHS[LABELS] = {44, 124, 92, 54, 56};

#define ASCII_FIRST ' '
#define ASCII_COUNT 95u
#define RUN_MAX 64u /* characters set from the table at once */

/* One size and weight: Pango's layout for any text, and the glyphs of ASCII. */
typedef struct face {
    PangoLayout *layout;
    cairo_scaled_font_t *font;         /* of the table */
    unsigned long glyphs[ASCII_COUNT]; /* 0: not in the font */
    double advance[ASCII_COUNT];
    double baseline; /* below the top of a line */
} face_t;

typedef struct paper {
    const export_job_t *job;
    tm_buf_t out;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoContext *context;
    face_t plain, bold, title;
    /* measured */
    uint32_t n_rows, n_weeks, a_strip, n_strips, n_pages;
    int64_t lowest, highest, lowest_total, highest_total;
    double week_width, total_width;
    bool disputed;
    /* where we are */
    const tm_day_t *weeks;
    uint32_t strip, page, row; /* page from 1; row of the table */
} paper_t;

/* ---- text ---- */

/* Width by the table; below 0: it takes Pango. */
static double ascii_width(const face_t *face, const char *text, size_t n)
{
    double width = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned at = (unsigned char)text[i] - (unsigned)ASCII_FIRST;
        if (n > RUN_MAX || at >= ASCII_COUNT || face->glyphs[at] == 0)
            return -1;
        width += face->advance[at];
    }
    return width;
}

static void draw_ascii(paper_t *p, const face_t *face, double x, double y, const char *text,
                       size_t n)
{
    cairo_glyph_t glyphs[RUN_MAX];
    cairo_text_cluster_t clusters[RUN_MAX];
    assert(n <= RUN_MAX);
    for (size_t i = 0; i < n; i++) {
        const unsigned at = (unsigned char)text[i] - (unsigned)ASCII_FIRST;
        glyphs[i] = (cairo_glyph_t){face->glyphs[at], x, y + face->baseline};
        clusters[i] = (cairo_text_cluster_t){1, 1};
        x += face->advance[at];
    }
    cairo_set_scaled_font(p->cr, face->font);
    /* With the text beside the glyphs: people search and copy it. */
    cairo_show_text_glyphs(p->cr, text, (int)n, glyphs, (int)n, clusters, (int)n,
                           (cairo_text_cluster_flags_t)0);
}

static double width_of(const face_t *face, const char *text)
{
    const double width = ascii_width(face, text, strlen(text));
    if (width >= 0)
        return width;
    int units = 0;
    pango_layout_set_width(face->layout, -1);
    pango_layout_set_text(face->layout, text, -1);
    pango_layout_get_size(face->layout, &units, NULL);
    return (double)units / PANGO_SCALE;
}

static void draw_left(paper_t *p, const face_t *face, double x, double y, double width,
                      tm_str_t text)
{
    char plain[EXPORT_TEXT_MAX];
    if (text.n == 0)
        return;
    (void)export_text(text, plain);
    const size_t n = strlen(plain);
    const double needed = ascii_width(face, plain, n);
    if (needed >= 0 && needed <= width) {
        draw_ascii(p, face, x, y, plain, n);
        return;
    }
    pango_layout_set_width(face->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_text(face->layout, plain, -1);
    cairo_move_to(p->cr, x, y);
    pango_cairo_show_layout(p->cr, face->layout);
}

static void draw_right(paper_t *p, const face_t *face, double right, double y, const char *text)
{
    const double width = width_of(face, text);
    draw_left(p, face, right - width, y, width + 1, tm_str(text)); /* 1: rounding never cuts it */
}

static void draw_money(paper_t *p, const face_t *face, double right, double y, int64_t cents)
{
    char text[EXPORT_MONEY_TEXT];
    export_money(cents, text);
    draw_right(p, face, right, y, text);
}

static void shade(paper_t *p, double x, double y, double width, double red, double green,
                  double blue)
{
    cairo_set_source_rgb(p->cr, red, green, blue);
    cairo_rectangle(p->cr, x, y, width, ROW_HEIGHT);
    cairo_fill(p->cr);
    cairo_set_source_rgb(p->cr, 0, 0, 0);
}

static void face_init(paper_t *p, face_t *face, const char *name)
{
    PangoLayout *layout = face->layout = pango_layout_new(p->context);
    PangoFontDescription *description = pango_font_description_from_string(name);
    /* Sizes on paper are points: the context's resolution is 72. */
    pango_layout_set_font_description(layout, description);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    face->baseline = (double)pango_layout_get_baseline(layout) / PANGO_SCALE;
    PangoFont *font = pango_context_load_font(p->context, description);
    pango_font_description_free(description);
    if (font == NULL)
        return; /* all text takes Pango */
    face->font =
        cairo_scaled_font_reference(pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(font)));
    g_object_unref(font);
    for (unsigned i = 0; i < ASCII_COUNT; i++) {
        const char text = (char)((unsigned)ASCII_FIRST + i);
        cairo_glyph_t one, *glyphs = &one;
        int n = 1;
        if (cairo_scaled_font_text_to_glyphs(face->font, 0, 0, &text, 1, &glyphs, &n, NULL, NULL,
                                             NULL) == CAIRO_STATUS_SUCCESS &&
            n == 1) {
            cairo_text_extents_t extents;
            cairo_scaled_font_glyph_extents(face->font, glyphs, 1, &extents);
            face->glyphs[i] = glyphs[0].index;
            face->advance[i] = extents.x_advance;
        }
        if (glyphs != &one) {
            cairo_glyph_free(glyphs);
        }
    }
}

static void face_done(face_t *face)
{
    if (face->font != NULL) {
        cairo_scaled_font_destroy(face->font);
    }
    g_object_unref(face->layout);
}

/* ---- measuring ---- */

static bool measure_columns(void *ctx, const tm_matrix_columns_t *columns)
{
    paper_t *p = ctx;
    p->n_weeks = columns->n;
    return true;
}

static bool measure_row(void *ctx, const tm_matrix_row_t *row)
{
    paper_t *p = ctx;
    p->n_rows++;
    p->lowest_total = TM_MIN(p->lowest_total, row->total);
    p->highest_total = TM_MAX(p->highest_total, row->total);
    for (uint32_t i = 0; i < p->n_weeks; i++) {
        p->lowest = TM_MIN(p->lowest, row->cents[i]);
        p->highest = TM_MAX(p->highest, row->cents[i]);
        p->disputed |= row->disputed[i];
    }
    return true;
}

static double money_width(const paper_t *p, int64_t lowest, int64_t highest)
{
    char text[EXPORT_MONEY_TEXT];
    export_money(lowest, text);
    const double low = width_of(&p->bold, text);
    export_money(highest, text);
    const double high = width_of(&p->bold, text);
    return TM_MAX(TM_MAX(low, high), width_of(&p->bold, "2026-10-12")) + GAP;
}

static tm_err_t measure(paper_t *p)
{
    const tm_matrix_visitor_t visitor = {.ctx = p, .columns = measure_columns, .row = measure_row};
    (void)tm_matrix_walk(p->job->e->view->matrix, &p->job->query, &visitor); /* it never ends it */
    p->week_width = money_width(p, p->lowest, p->highest);
    p->total_width = money_width(p, p->lowest_total, p->highest_total);
    double labels = p->total_width;
    for (int i = 0; i < LABELS; i++) {
        labels += WIDTHS[i];
    }
    const double left = USABLE - labels;
    p->a_strip = left < p->week_width ? 1 : (uint32_t)(left / p->week_width);
    p->n_strips = p->n_weeks == 0 ? 1 : (p->n_weeks + p->a_strip - 1) / p->a_strip;
    const uint64_t pages = (uint64_t)p->n_strips * ((p->n_rows + ROWS_A_PAGE - 1) / ROWS_A_PAGE);
    if (pages > TM_EXPORT_PAGES_MAX)
        return tm_why_add(p->job->why, TM_ERANGE, "format",
                          "this view fills %llu pages, a PDF has at most %d: choose fewer rows or "
                          "weeks, or another format",
                          (unsigned long long)pages, TM_EXPORT_PAGES_MAX);
    p->n_pages = (uint32_t)pages;
    return TM_OK;
}

/* ---- a page ---- */

static uint32_t first_week(const paper_t *p)
{
    return p->strip * p->a_strip;
}

static uint32_t last_week(const paper_t *p)
{
    return TM_MIN(p->n_weeks, first_week(p) + p->a_strip);
}

/* Right edge of the total, and of the i-th week of this strip. */
static double right_of(const paper_t *p, uint32_t i)
{
    double x = MARGIN + p->total_width - GAP / 2;
    for (int k = 0; k < LABELS; k++) {
        x += WIDTHS[k];
    }
    return x + i * p->week_width;
}

static void add_line(void *ctx, const char *label, tm_str_t text)
{
    tm_buf_t *out = ctx;
    static const char *const shown[] = {"As of", "Campaign's day", "Dollars",
                                        "Weeks", "Week mode",      "Filters"};
    for (size_t i = 0; i < TM_COUNT(shown); i++) {
        if (strcmp(label, shown[i]) == 0) {
            tm_buf_printf(out, "%s%s: %.*s", out->n == 0 ? "" : " \xc2\xb7 ", label, (int)text.n,
                          text.p);
        }
    }
}

static void draw_top(paper_t *p)
{
    tm_buf_t line;
    tm_buf_init(&line, EXPORT_TEXT_MAX);
    tm_buf_printf(&line, "Spend matrix: %.*s", (int)p->job->name.n, p->job->name.p);
    draw_left(p, &p->title, MARGIN, MARGIN, USABLE, tm_buf_str(&line));
    tm_buf_clear(&line);
    export_about(p->job, add_line, &line);
    if (p->disputed) {
        tm_buf_add_c(&line, " \xc2\xb7 Yellow: still to be decided");
    }
    draw_left(p, &p->plain, MARGIN, MARGIN + 22, USABLE, tm_buf_str(&line));
    tm_buf_done(&line);
    shade(p, MARGIN, TABLE_TOP, USABLE, 0.85, 0.88, 0.95);
    double x = MARGIN;
    for (int i = 0; i < LABELS; i++) {
        draw_left(p, &p->bold, x + 2, TABLE_TOP + 1, WIDTHS[i] - GAP, tm_str(NAMES[i]));
        x += WIDTHS[i];
    }
    draw_right(p, &p->bold, right_of(p, 0), TABLE_TOP + 1, "Total");
    for (uint32_t i = first_week(p); i < last_week(p); i++) {
        char day[TM_DAY_TEXT];
        tm_day_format(p->weeks[i], day);
        draw_right(p, &p->bold, right_of(p, i - first_week(p) + 1), TABLE_TOP + 1, day);
    }
}

static void draw_bottom(paper_t *p)
{
    const tm_campaign_view_t *view = p->job->e->view;
    const double y = PAGE_HEIGHT - MARGIN - 9;
    char text[EXPORT_TEXT_MAX];
    (void)snprintf(text, sizeof text, "Version %llu \xc2\xb7 epoch %llu \xc2\xb7 state %s",
                   (unsigned long long)view->view.version, (unsigned long long)view->epoch,
                   p->job->state);
    draw_left(p, &p->plain, MARGIN, y, USABLE - 100, tm_str(text));
    (void)snprintf(text, sizeof text, "Page %u of %u", p->page, p->n_pages);
    draw_right(p, &p->plain, PAGE_WIDTH - MARGIN, y, text);
}

static bool begin_strip(void *ctx, const tm_matrix_columns_t *columns)
{
    paper_t *p = ctx;
    p->weeks = columns->weeks;
    p->row = 0;
    return true;
}

/* What stands under a label; the first one a sum does not have says so. */
static void draw_labels(paper_t *p, const face_t *face, double y, const tm_matrix_row_t *row)
{
    char market[160];
    market[0] = '\0';
    const tm_str_t name = export_market(p->job, row->market);
    if (row->market != 0) {
        (void)snprintf(market, sizeof market, "%d%s%.*s", row->market, name.n > 0 ? " " : "",
                       (int)name.n, name.n > 0 ? name.p : "");
    }
    const tm_str_t labels[LABELS] = {
        [SIDE] = export_side(row->side), [ADVERTISER] = row->advertiser,
        [MARKET] = tm_str(market),       [MEDIUM] = export_medium(row->medium),
        [STATION] = row->station,
    };
    double x = MARGIN;
    for (int i = 0; i < LABELS; i++) {
        const bool sum = row->level != TM_LEVEL_LEAF && i == row->level;
        draw_left(p, face, x + 2, y + 1, WIDTHS[i] - GAP, sum ? TM_STR("Total") : labels[i]);
        x += WIDTHS[i];
    }
}

static bool draw_row(void *ctx, const tm_matrix_row_t *row)
{
    paper_t *p = ctx;
    const uint32_t at = p->row % ROWS_A_PAGE;
    if (at == 0) {
        p->page++;
        draw_top(p);
    }
    const bool leaf = row->level == TM_LEVEL_LEAF;
    const face_t *face = leaf ? &p->plain : &p->bold;
    const double y = TABLE_TOP + ROW_HEIGHT * (at + 1);
    if (!leaf) {
        shade(p, MARGIN, y, USABLE, 0.93, 0.93, 0.93);
    }
    draw_labels(p, face, y, row);
    draw_money(p, face, right_of(p, 0), y + 1, row->total);
    for (uint32_t i = first_week(p); i < last_week(p); i++) {
        const double right = right_of(p, i - first_week(p) + 1);
        if (row->disputed[i]) {
            shade(p, right - p->week_width + GAP / 2, y, p->week_width, 1, 0.9, 0.6);
        }
        if (row->known[i]) {
            draw_money(p, face, right, y + 1, row->cents[i]);
        }
    }
    p->row++;
    if (p->row % ROWS_A_PAGE == 0 || p->row == p->n_rows) {
        draw_bottom(p);
        cairo_show_page(p->cr);
    }
    return !p->out.full; /* a full buffer ends the work early */
}

/* ---- the file ---- */

static cairo_status_t take_bytes(void *ctx, const unsigned char *bytes, unsigned n)
{
    tm_buf_t *out = ctx;
    tm_buf_add(out, bytes, n);
    return out->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void open_paper(paper_t *p)
{
    tm_blob_begin(&p->out, p->job->e->bytes_max);
    p->surface = cairo_pdf_surface_create_for_stream(take_bytes, &p->out, PAGE_WIDTH, PAGE_HEIGHT);
    char text[EXPORT_TEXT_MAX];
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE,
                                   export_text(p->job->name, text));
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "TrailMix");
    /* The state's own date: the same state gives the same bytes. */
    char day[TM_DAY_TEXT];
    tm_day_format(p->job->e->view->today, day);
    (void)snprintf(text, sizeof text, "%sT00:00:00Z", day);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, text);
    p->cr = cairo_create(p->surface);
    /* Fonts of its own: they go with the file, not with the thread. */
    p->fonts = pango_cairo_font_map_new();
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(p->fonts), 72);
    p->context = pango_font_map_create_context(p->fonts);
    pango_cairo_update_context(p->cr, p->context);
    face_init(p, &p->plain, "DejaVu Sans 7");
    face_init(p, &p->bold, "DejaVu Sans Bold 7");
    face_init(p, &p->title, "DejaVu Sans Bold 13");
}

static void close_paper(paper_t *p)
{
    face_done(&p->title);
    face_done(&p->bold);
    face_done(&p->plain);
    g_object_unref(p->context);
    g_object_unref(p->fonts);
    cairo_destroy(p->cr);
    cairo_surface_destroy(p->surface);
    tm_buf_done(&p->out);
}

static tm_err_t write_pages(paper_t *p)
{
    tm_err_t err = measure(p);
    if (err != TM_OK)
        return err;
    const tm_matrix_visitor_t visitor = {.ctx = p, .columns = begin_strip, .row = draw_row};
    for (p->strip = 0; p->strip < p->n_strips && !p->out.full; p->strip++) {
        (void)tm_matrix_walk(p->job->e->view->matrix, &p->job->query, &visitor);
    }
    assert(p->out.full || p->page == p->n_pages);
    return TM_OK;
}

tm_err_t export_pdf(const export_job_t *job, tm_blob_t **ret)
{
    paper_t p = {.job = job};
    open_paper(&p);
    tm_err_t err = write_pages(&p);
    cairo_surface_finish(p.surface);
    const cairo_status_t status = cairo_surface_status(p.surface);
    if (err == TM_OK && (p.out.full || status == CAIRO_STATUS_WRITE_ERROR)) {
        err = tm_why_add(job->why, TM_ENOMEM, NULL,
                         "the file is larger than an answer may be: choose fewer rows or weeks");
    } else if (err == TM_OK && status != CAIRO_STATUS_SUCCESS) {
        err =
            tm_why_add(job->why, TM_EINTERNAL, NULL, "export: %s", cairo_status_to_string(status));
    }
    if (err == TM_OK) {
        *ret = tm_blob_take(&p.out);
    }
    close_paper(&p);
    return err;
}
