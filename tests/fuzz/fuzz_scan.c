/* fuzz_scan.c - what pdftoppm and pdfimages print about pages without words. */
#include "feeds/reader_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tm_page_t v[3] = {{.width = 612, .height = 792},
                      {.width = 0, .height = 0},
                      {.width = 1, .height = 1, .n_words = 100}};
    const tm_pages_t pages = {3, v};
    const tm_str_t text = tm_str_n((const char *)data, size);
    (void)tm_scan_ppm_is_white(text, 1);
    assert(tm_scan_pictures_count(text, &pages) <= 2);
    return 0;
}
