/* reader.c - one file: sandboxed pdftotext, words, the reader of its layout.
 *
 * Why:     see reader.h.
 * How:     what the tool did decides first (locked, broken, too much), then what it found
 *          (nothing, pictures, words). Words and all scratch live in an arena of this call; only
 *          the documents are copied to the caller's.
 * Threads: any that may block. */
#include "feeds/reader.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/time.h"
#include "feeds/reader_scan.h"
#include "feeds/reading.h"
#include "feeds/sandbox.h"
#include "schema/record.h"
#include "feeds/limits.h"
#include <signal.h>
#include <unistd.h>

#define PDFTOTEXT_NOT_ALLOWED 3 /* its exit status: the owner forbids copying text */
#define PAGES_MAX_PLUS_ONE "2001"

_Static_assert(TM_PAGES_MAX == 2000, "pdftotext is asked for one page more than we take");

typedef struct reading {
    tm_sandbox_t *sandbox;
    const tm_upload_t *upload;
    tm_str_t bytes;
    int64_t last_ns; /* the deadline */
    tm_arena_t *scratch;
    tm_arena_t *arena; /* the caller's */
    tm_why_t *why;
} reading_t;

static tm_err_t read_words(reading_t *r, tm_buf_t *xhtml, tm_documents_t *ret);
static tm_err_t run_pdftotext(reading_t *r, tm_buf_t *xhtml, const char **ret_reason);
static const char *reason_of(const tm_sandbox_result_t *result);
static tm_err_t judge_pages(reading_t *r, const tm_pages_t *pages, uint8_t *ret_status,
                            const char **ret_reason);
static tm_err_t copy_documents(reading_t *r, const tm_documents_t *read, tm_documents_t *ret);
static int64_t left_ms(const reading_t *r);

tm_err_t tm_reader_read(tm_sandbox_t *sandbox, const tm_upload_t *upload, tm_str_t bytes,
                        int64_t deadline_ms, tm_arena_t *arena, tm_documents_t *ret, tm_why_t *why)
{
    assert(sandbox != NULL && arena != NULL && ret != NULL);
    assert(deadline_ms > 0 && deadline_ms <= TM_SANDBOX_DEADLINE_MS_MAX);
    if (bytes.n == 0)
        return tm_reading_refuse(upload, 0, TM_READING_STATUS_unreadable, "damaged", arena, ret);
    if (bytes.n > TM_READER_BYTES_MAX)
        return tm_reading_refuse(upload, 0, TM_READING_STATUS_unreadable, "too_large", arena, ret);
    reading_t r = {sandbox, upload, bytes, tm_time_mono_ns() + deadline_ms * 1000000,
                   NULL,    arena,  why};
    tm_buf_t xhtml;
    tm_buf_init(&xhtml, TM_XHTML_BYTES_MAX + 1);
    const char *reason = NULL;
    tm_err_t err = run_pdftotext(&r, &xhtml, &reason);
    if (err == TM_OK && reason != NULL) {
        err = tm_reading_refuse(upload, 0, TM_READING_STATUS_unreadable, reason, arena, ret);
    } else if (err == TM_OK) {
        r.scratch = tm_arena_new(TM_READER_SCRATCH_BYTES_MAX);
        err = read_words(&r, &xhtml, ret);
        tm_arena_free(r.scratch);
    }
    tm_buf_done(&xhtml);
    return err;
}

tm_err_t tm_reading_refuse(const tm_upload_t *upload, uint32_t pages, uint8_t status,
                           const char *reason, tm_arena_t *arena, tm_documents_t *ret)
{
    assert(status == TM_READING_STATUS_unreadable || status == TM_READING_STATUS_ignored);
    assert(pages <= TM_PAGES_MAX);
    tm_document_t *doc = tm_arena_zalloc(arena, sizeof(*doc));
    int32_t *numbers = pages == 0 ? NULL : tm_arena_alloc(arena, pages * sizeof(*numbers));
    if (doc == NULL || (pages > 0 && numbers == NULL))
        return TM_ENOMEM;
    for (uint32_t i = 0; i < pages; i++) {
        numbers[i] = (int32_t)i + 1;
    }
    if (upload->filename.p != NULL) {
        doc->filename = tm_arena_str(arena, upload->filename);
        TM_MARK(doc, TM_DOCUMENT_filename);
    }
    if (upload->sha256.p != NULL) {
        doc->sha256 = tm_arena_str(arena, upload->sha256);
        TM_MARK(doc, TM_DOCUMENT_sha256);
    }
    if ((upload->filename.p != NULL && doc->filename.p == NULL) ||
        (upload->sha256.p != NULL && doc->sha256.p == NULL))
        return TM_ENOMEM;
    doc->part = 1;
    doc->parts = 1;
    doc->pages = (tm_i32s_t){numbers, pages};
    doc->status = (tm_enum_t){status};
    doc->reason = tm_str(reason);
    doc->parser = TM_STR("fcc");
    doc->parser_version = TM_FCC_PARSER_VERSION;
    TM_MARK(doc, TM_DOCUMENT_part);
    TM_MARK(doc, TM_DOCUMENT_parts);
    TM_MARK(doc, TM_DOCUMENT_pages);
    TM_MARK(doc, TM_DOCUMENT_status);
    TM_MARK(doc, TM_DOCUMENT_reason);
    TM_MARK(doc, TM_DOCUMENT_parser);
    TM_MARK(doc, TM_DOCUMENT_parser_version);
    *ret = (tm_documents_t){1, doc};
    return TM_OK;
}

static int64_t left_ms(const reading_t *r)
{
    const int64_t left = (r->last_ns - tm_time_mono_ns()) / 1000000;
    return TM_MAX(left, 1);
}

/* *ret_reason: why the tool gave no words, NULL: it did. Errors: TM_EUNAVAILABLE, TM_EIO. */
static tm_err_t run_pdftotext(reading_t *r, tm_buf_t *xhtml, const char **ret_reason)
{
    static const char *const PATHS[] = {"/usr/bin/pdftotext", "/usr/local/bin/pdftotext"};
    const char *path = access(PATHS[0], X_OK) == 0 ? PATHS[0] : PATHS[1];
    if (access(path, X_OK) != 0)
        return tm_why_add(r->why, TM_EUNAVAILABLE, "pdftotext",
                          "is not installed (Debian: poppler-utils)");
    const char *const argv[] = {path, "-bbox-layout", "-l", PAGES_MAX_PLUS_ONE, "-", "-", NULL};
    const tm_sandbox_run_t run = {argv, r->bytes, left_ms(r), TM_XHTML_BYTES_MAX};
    tm_sandbox_result_t result;
    const tm_err_t err = tm_sandbox_run(r->sandbox, &run, xhtml, &result, r->why);
    if (err != TM_OK)
        return err;
    *ret_reason = reason_of(&result);
    return TM_OK;
}

static bool said(const tm_sandbox_result_t *result, const char *text)
{
    assert(result->errors_n < sizeof(result->errors));
    return memmem(result->errors, result->errors_n, text, strlen(text)) != NULL;
}

/* The words of the reason, NULL: the tool did its work. A document may make it say anything, and
 * then costs only itself. */
static const char *reason_of(const tm_sandbox_result_t *result)
{
    switch (result->end) {
    case TM_SANDBOX_TIMEOUT:
    case TM_SANDBOX_OVERFLOW:
        return "too_large";
    case TM_SANDBOX_SIGNALLED:
        return result->code == SIGXCPU || result->code == SIGKILL || said(result, "bad_alloc") ||
                       said(result, "ut of memory")
                   ? "too_large"
                   : "damaged";
    case TM_SANDBOX_EXITED:
        break;
    case TM_SANDBOX_UNCONFINED:
        assert(false); /* tm_sandbox_run reports it as an error */
        break;
    }
    if (result->code == 0)
        return NULL;
    if (result->code == PDFTOTEXT_NOT_ALLOWED || said(result, "ncorrect password") ||
        said(result, "security handler"))
        return "encrypted";
    return said(result, "ut of memory") ? "too_large" : "damaged";
}

static tm_err_t read_words(reading_t *r, tm_buf_t *xhtml, tm_documents_t *ret)
{
    assert(r->scratch != NULL);
    tm_pages_t pages;
    tm_why_t damage;
    tm_why_clear(&damage);
    tm_err_t err = tm_words_parse(tm_buf_str(xhtml), r->scratch, &pages, &damage);
    if (err != TM_OK) /* none of these is our failure: a document that fills half a gigabyte with
                         words is too large */
        return tm_reading_refuse(r->upload, 0, TM_READING_STATUS_unreadable,
                                 err == TM_EDAMAGED ? "damaged" : "too_large", r->arena, ret);
    if (pages.n == 0)
        return tm_reading_refuse(r->upload, 0, TM_READING_STATUS_unreadable, "damaged", r->arena,
                                 ret);
    uint8_t status = TM_READING_STATUS_read;
    const char *reason = NULL;
    err = judge_pages(r, &pages, &status, &reason);
    if (err != TM_OK)
        return err;
    if (status != TM_READING_STATUS_read)
        return tm_reading_refuse(r->upload, pages.n, status, reason, r->arena, ret);
    tm_documents_t read;
    err = tm_fcc_read(r->upload, &pages, r->scratch, &read);
    if (err ==
        TM_ENOMEM) /* the scratch arena, which we sized: its exhaustion is the document's doing */
        return tm_reading_refuse(r->upload, pages.n, TM_READING_STATUS_unreadable, "too_large",
                                 r->arena, ret);
    if (err != TM_OK)
        return err;
    return copy_documents(r, &read, ret);
}

/* Whether there are words enough to read. *ret_status TM_READING_STATUS_read: go on. */
static tm_err_t judge_pages(reading_t *r, const tm_pages_t *pages, uint8_t *ret_status,
                            const char **ret_reason)
{
    assert(pages->n > 0 && pages->n <= TM_PAGES_MAX);
    uint64_t words = 0;
    for (uint32_t i = 0; i < pages->n; i++) {
        words += pages->v[i].n_words;
    }
    bool yes = false;
    if (words == 0) {
        const tm_err_t err =
            tm_scan_is_blank(r->sandbox, r->bytes, pages->n, left_ms(r), &yes, r->why);
        if (err != TM_OK)
            return err;
        *ret_status = yes ? TM_READING_STATUS_ignored : TM_READING_STATUS_unreadable;
        *ret_reason = yes ? "blank" : "no_text_layer";
        return TM_OK;
    }
    if (words >= (uint64_t)TM_SCAN_PAGE_WORDS * pages->n)
        return TM_OK;
    const tm_err_t err = tm_scan_is_pictures(r->sandbox, r->bytes, pages, left_ms(r), &yes, r->why);
    if (err == TM_OK && yes) {
        *ret_status = TM_READING_STATUS_unreadable;
        *ret_reason = "no_text_layer";
    }
    return err;
}

static tm_err_t copy_documents(reading_t *r, const tm_documents_t *read, tm_documents_t *ret)
{
    assert(read->n > 0);
    tm_document_t *docs = tm_arena_alloc(r->arena, read->n * sizeof(*docs));
    if (docs == NULL)
        return TM_ENOMEM;
    for (uint32_t i = 0; i < read->n; i++) {
        const tm_document_t *copy = tm_record_copy(&tm_document_desc, &read->v[i], r->arena);
        if (copy == NULL)
            return TM_ENOMEM;
        docs[i] = *copy;
    }
    *ret = (tm_documents_t){read->n, docs};
    return TM_OK;
}
