/* with_pdf.c - writes PDF 1.4 by hand: objects, a table of their places, a trailer.
 *
 * How:     object 1 is the catalog, 2 the list of pages, 3 the font, 4 the content; pages and
 *          forms follow. */
#include "feeds/with_pdf.h"
#include <stdio.h>
#include <stdlib.h>

#define OBJECTS_MAX 4200

typedef struct writer {
    tm_buf_t *out;
    size_t at[OBJECTS_MAX]; /* by object number */
    unsigned n;
} writer_t;

static void object_begin(writer_t *w, unsigned number)
{
    assert(number > 0 && number < OBJECTS_MAX);
    w->at[number] = w->out->n;
    w->n = TM_MAX(w->n, number);
    tm_buf_printf(w->out, "%u 0 obj\n", number);
}

static void object(writer_t *w, unsigned number, const char *text)
{
    object_begin(w, number);
    tm_buf_add_c(w->out, text);
    tm_buf_add_c(w->out, "\nendobj\n");
}

static void stream(writer_t *w, unsigned number, const char *dictionary, tm_str_t bytes)
{
    object_begin(w, number);
    tm_buf_printf(w->out, "<< %s /Length %u >>\nstream\n", dictionary, (unsigned)bytes.n);
    tm_buf_add_str(w->out, bytes);
    tm_buf_add_c(w->out, "\nendstream\nendobj\n");
}

static writer_t *writer_begin(tm_buf_t *out)
{
    writer_t *w = calloc(1, sizeof(*w));
    assert(w != NULL);
    w->out = out;
    tm_buf_add_c(out, "%PDF-1.4\n");
    object(w, 1, "<< /Type /Catalog /Pages 2 0 R >>");
    object(w, 3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    return w;
}

/* Pages with that content from object `first` on, then the table and the trailer. */
static void writer_end(writer_t *w, unsigned first, unsigned pages, const char *resources,
                       const char *trailer)
{
    for (unsigned i = 0; i < pages; i++) {
        object_begin(w, first + i);
        tm_buf_printf(w->out,
                      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
                      "/Resources << /Font << /F 3 0 R >> %s >> >>\nendobj\n",
                      resources);
    }
    object_begin(w, 2);
    tm_buf_add_c(w->out, "<< /Type /Pages /Kids [");
    for (unsigned i = 0; i < pages; i++) {
        tm_buf_printf(w->out, "%u 0 R ", first + i);
    }
    tm_buf_printf(w->out, "] /Count %u >>\nendobj\n", pages);
    const size_t table = w->out->n;
    tm_buf_printf(w->out, "xref\n0 %u\n0000000000 65535 f \n", w->n + 1);
    for (unsigned i = 1; i <= w->n; i++) {
        tm_buf_printf(w->out, "%010zu 00000 n \n", w->at[i]);
    }
    tm_buf_printf(w->out, "trailer\n<< /Size %u /Root 1 0 R %s >>\nstartxref\n%zu\n%%%%EOF\n",
                  w->n + 1, trailer, table);
    assert(!w->out->full);
    free(w);
}

void pdf_pages(tm_buf_t *out, unsigned pages, const char *content)
{
    writer_t *w = writer_begin(out);
    stream(w, 4, "", tm_str(content));
    writer_end(w, 5, pages, "", "");
}

void pdf_lines(tm_buf_t *out, const char *const *lines, size_t n)
{
    tm_buf_t content;
    tm_buf_init(&content, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        tm_buf_printf(&content, "BT /F 10 Tf 50 %u Td (%s) Tj ET\n", (unsigned)(740 - 20 * i),
                      lines[i]);
    }
    tm_buf_add_char(&content, '\0');
    pdf_pages(out, 1, content.p);
    tm_buf_done(&content);
}

void pdf_bomb(tm_buf_t *out)
{
    /* In run lengths 0x81 says "128 times the next byte": pairs of 0x81 unpack to 128 times 0x81,
     * again and again. */
    enum { BYTES = 1 << 16 };
    writer_t *w = writer_begin(out);
    char *bytes = malloc(BYTES);
    assert(bytes != NULL);
    memset(bytes, 0x81, BYTES);
    stream(w, 4, "/Filter [/RunLengthDecode /RunLengthDecode /RunLengthDecode /RunLengthDecode]",
           tm_str_n(bytes, BYTES));
    free(bytes);
    writer_end(w, 5, 1, "", "");
}

void pdf_laughs(tm_buf_t *out)
{
    enum { LEVELS = 8, FIRST = 10 };
    writer_t *w = writer_begin(out);
    stream(w, 4, "", TM_STR("/X Do"));
    for (unsigned level = 0; level < LEVELS; level++) {
        char dictionary[256];
        const unsigned below = FIRST + level + 1;
        (void)snprintf(dictionary, sizeof(dictionary),
                       "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << "
                       "/F 3 0 R >> /XObject << /X %u 0 R >> >>",
                       below);
        stream(w, FIRST + level, dictionary,
               level + 1 == LEVELS ? TM_STR("BT /F 10 Tf 50 700 Td (ha) Tj ET 1 0 0 1 3 1 cm")
                                   : TM_STR("/X Do 1 0 0 1 1 1 cm /X Do /X Do /X Do /X Do /X Do /X "
                                            "Do /X Do /X Do /X Do"));
    }
    writer_end(w, FIRST + LEVELS, 1, "/XObject << /X 10 0 R >>", "");
}

void pdf_locked(tm_buf_t *out)
{
    writer_t *w = writer_begin(out);
    stream(w, 4, "", TM_STR("0123456789abcdef"));
    object(w, 5,
           "<< /Filter /Standard /V 1 /R 2 /Length 40 /P -64 /O "
           "<00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff> "
           "/U <ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100> >>");
    writer_end(w, 6, 1, "",
               "/Encrypt 5 0 R /ID [<00112233445566778899aabbccddeeff> "
               "<00112233445566778899aabbccddeeff>]");
}

void pdf_scan(tm_buf_t *out)
{
    writer_t *w = writer_begin(out);
    stream(w, 4, "", TM_STR("q 600 0 0 780 6 6 cm /I Do Q"));
    stream(w, 5,
           "/Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray "
           "/BitsPerComponent 8",
           TM_STR("qwertyuiopasdfgh"));
    writer_end(w, 6, 1, "/XObject << /I 5 0 R >>", "");
}
