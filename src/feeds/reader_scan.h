/* reader_scan.h - what is on pages with hardly a word: nothing, or pictures of words?
 *
 * Why:     an empty page is ignored, a scan without a text layer waits for a person; words alone
 *          cannot tell them apart.
 * How:     two more tools in the same sandbox, asked only about such documents: `pdftoppm` paints
 *          small grey pages (any mark makes them not blank), `pdfimages -list` names pictures with
 *          their sizes.
 * Threads: any that may block. */
#ifndef TM_FEEDS_READER_SCAN_H
#define TM_FEEDS_READER_SCAN_H
#include "feeds/sandbox.h"
#include "feeds/words.h"

/* true: every page was painted and is white to the last dot. false: something is there, or it could
 * not be found out. Errors: TM_EUNAVAILABLE, TM_EIO as tm_sandbox_run. */
TM_MUST_CHECK tm_err_t tm_scan_is_blank(tm_sandbox_t *sandbox, tm_str_t bytes, uint32_t pages,
                                        int64_t deadline_ms, bool *ret, tm_why_t *why);
/* true: at least half of the pages hold hardly a word and are mostly covered by a picture. */
TM_MUST_CHECK tm_err_t tm_scan_is_pictures(tm_sandbox_t *sandbox, tm_str_t bytes,
                                           const tm_pages_t *pages, int64_t deadline_ms, bool *ret,
                                           tm_why_t *why);
/* Pages with fewer words than this each are worth the second question. */
#define TM_SCAN_PAGE_WORDS 8

/* The pieces, for tests: output of the tools as text. */
bool tm_scan_ppm_is_white(tm_str_t pgm, uint32_t pages);
uint32_t tm_scan_pictures_count(tm_str_t list, const tm_pages_t *pages);
#endif
