/* reader_scan.c - small grey pages and lists of pictures.
 *
 * Why:     see reader_scan.h.
 * Threads: any. */
#include "feeds/reader_scan.h"
#include "base/memory.h"
#include <unistd.h>

#define BLANK_PAGES_MAX 20           /* longer documents without a word are not called blank */
#define PAINTED_BYTES_MAX (8u << 20) /* 400 x 400 dots a page at most */
#define LIST_BYTES_MAX (1u << 20)
#define COVERED_SHARE 0.5 /* of the page's area */

/* Where Debian puts it, or who builds it himself. NULL: not there; then nothing is claimed. */
static const char *tool_path(const char *const paths[2])
{
    assert(paths[0][0] == '/');
    if (access(paths[0], X_OK) == 0)
        return paths[0];
    return access(paths[1], X_OK) == 0 ? paths[1] : NULL;
}

tm_err_t tm_scan_is_blank(tm_sandbox_t *sandbox, tm_str_t bytes, uint32_t pages,
                          int64_t deadline_ms, bool *ret, tm_why_t *why)
{
    static const char *const PATHS[] = {"/usr/bin/pdftoppm", "/usr/local/bin/pdftoppm"};
    assert(ret != NULL);
    *ret = false;
    const char *path = tool_path(PATHS);
    if (path == NULL || pages == 0 || pages > BLANK_PAGES_MAX)
        return TM_OK;
    const char *const argv[] = {path, "-gray", "-scale-to", "400", "-q", "-", NULL};
    const tm_sandbox_run_t run = {argv, bytes, deadline_ms, PAINTED_BYTES_MAX};
    tm_sandbox_result_t result;
    tm_buf_t out;
    tm_buf_init(&out, PAINTED_BYTES_MAX + 1);
    const tm_err_t err = tm_sandbox_run(sandbox, &run, &out, &result, why);
    if (err == TM_OK) {
        *ret = result.end == TM_SANDBOX_EXITED && result.code == 0 &&
               tm_scan_ppm_is_white(tm_buf_str(&out), pages);
    }
    tm_buf_done(&out);
    return err;
}

tm_err_t tm_scan_is_pictures(tm_sandbox_t *sandbox, tm_str_t bytes, const tm_pages_t *pages,
                             int64_t deadline_ms, bool *ret, tm_why_t *why)
{
    static const char *const PATHS[] = {"/usr/bin/pdfimages", "/usr/local/bin/pdfimages"};
    assert(ret != NULL);
    assert(pages->n > 0);
    *ret = false;
    const char *path = tool_path(PATHS);
    if (path == NULL)
        return TM_OK;
    const char *const argv[] = {path, "-list", "-q", "-", NULL};
    const tm_sandbox_run_t run = {argv, bytes, deadline_ms, LIST_BYTES_MAX};
    tm_sandbox_result_t result;
    tm_buf_t out;
    tm_buf_init(&out, LIST_BYTES_MAX + 1);
    const tm_err_t err = tm_sandbox_run(sandbox, &run, &out, &result, why);
    if (err == TM_OK) {
        *ret = tm_scan_pictures_count(tm_buf_str(&out), pages) * 2 >= pages->n;
    }
    tm_buf_done(&out);
    return err;
}

static bool pgm_number(const char **p, const char *end, uint32_t *ret)
{
    while (*p < end && (**p == ' ' || **p == '\n')) {
        (*p)++;
    }
    uint32_t v = 0;
    const char *first = *p;
    while (*p < end && **p >= '0' && **p <= '9' && v < 100000) {
        v = v * 10 + (uint32_t)(**p - '0');
        (*p)++;
    }
    *ret = v;
    return *p > first;
}

/* Binary grey maps one after another: "P5\nWIDTH HEIGHT\n255\n" and a byte a dot. */
bool tm_scan_ppm_is_white(tm_str_t pgm, uint32_t pages)
{
    const char *p = pgm.p;
    const char *end = pgm.n == 0 ? p : p + pgm.n;
    uint32_t found = 0;
    while (p < end) {
        uint32_t width, height, most;
        if (end - p < 2 || memcmp(p, "P5", 2) != 0)
            return false;
        p += 2;
        if (!pgm_number(&p, end, &width) || !pgm_number(&p, end, &height) ||
            !pgm_number(&p, end, &most) || most != 255 || p >= end)
            return false;
        p++; /* one white space */
        const uint64_t dots = (uint64_t)width * height;
        if (dots > (uint64_t)(end - p))
            return false;
        for (uint64_t i = 0; i < dots; i++) {
            if ((unsigned char)p[i] != 255)
                return false;
        }
        p += dots;
        found++;
    }
    assert(p == end);
    return found > 0 && found == pages;
}

/* One field of a line, without the blanks around it. n 0: the line is over. */
static tm_str_t field_next(const char **p, const char *end)
{
    while (*p < end && **p == ' ') {
        (*p)++;
    }
    const char *first = *p;
    while (*p < end && **p != ' ') {
        (*p)++;
    }
    return tm_str_n(first, (size_t)(*p - first));
}

/* The page that a line's picture mostly covers, 0: none. Columns: page num type width height color
 * comp bpc enc interp object generation (one word "[inline]" for both) x-ppi y-ppi size ratio. */
static uint32_t covered_page(tm_str_t line, const tm_pages_t *pages)
{
    enum { PAGE, WIDTH = 3, HEIGHT = 4, OBJECT = 10, X_PPI = 12, Y_PPI = 13, COLUMNS = 14 };
    int64_t v[COLUMNS] = {0};
    const char *p = line.p;
    const char *end = line.p + line.n;
    for (unsigned i = 0; i < COLUMNS; i++) {
        const tm_str_t field = field_next(&p, end);
        const bool wanted = i == PAGE || i == WIDTH || i == HEIGHT || i == X_PPI || i == Y_PPI;
        if (i == OBJECT && tm_str_starts(field, "[")) {
            i++;
        }
        if (wanted && (!tm_str_i64(field, &v[i]) || v[i] <= 0 || v[i] > 10000000))
            return 0;
    }
    if (v[PAGE] > pages->n)
        return 0;
    const tm_page_t *page = &pages->v[v[PAGE] - 1];
    const double area = (double)page->width * (double)page->height;
    const double covered =
        (double)v[WIDTH] * 72 / (double)v[X_PPI] * (double)v[HEIGHT] * 72 / (double)v[Y_PPI];
    return covered >= COVERED_SHARE * area ? (uint32_t)v[PAGE] : 0;
}

uint32_t tm_scan_pictures_count(tm_str_t list, const tm_pages_t *pages)
{
    const char *p = list.p;
    const char *end = list.n == 0 ? p : p + list.n;
    uint32_t count = 0;
    uint32_t last = 0; /* the list is in page order */
    while (p < end) {
        const char *eol = memchr(p, '\n', (size_t)(end - p));
        eol = eol == NULL ? end : eol;
        const uint32_t page = covered_page(tm_str_n(p, (size_t)(eol - p)), pages);
        if (page > last) {
            last = page;
            count += pages->v[page - 1].n_words < TM_SCAN_PAGE_WORDS;
        }
        p = eol < end ? eol + 1 : end;
    }
    assert(count <= pages->n);
    return count;
}
