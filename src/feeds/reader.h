/* reader.h - bytes of a file to documents: sandboxed child, words, reader; many at a time.
 *
 * Why:     `trailmix read`, the parse jobs of a server and the tests go the same way.
 * Threads: any that may block (job threads, the command line). */
#ifndef TM_FEEDS_READER_H
#define TM_FEEDS_READER_H
#include "base/buf.h"
#include "feeds/fcc.h"

typedef struct tm_sandbox tm_sandbox_t;
/* Probes once what the kernel offers (no_new_privs, seccomp, limits, and foreign uid or Landlock
 * are required). Errors: TM_EUNAVAILABLE with the missing part in why: documents are then not read
 * and health says so. */
TM_MUST_CHECK tm_err_t tm_sandbox_new(tm_sandbox_t **ret, tm_why_t *why);
void tm_sandbox_free(TM_OWN tm_sandbox_t *sandbox);
/* The child's side of `trailmix child ...`: confines itself and becomes the tool. Returns only on
 * failure (exit status). */
int tm_sandbox_child_main(int argc, char **argv);

/* Reads one file whose bytes are in memory. Always gives at least one document unless it fails:
 * unreadable (no_text_layer, encrypted, damaged, too_large) and ignored are results. deadline_ms
 * bounds the child. Errors: TM_EUNAVAILABLE no sandbox or no pdftotext; TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_reader_read(tm_sandbox_t *sandbox, const tm_upload_t *upload,
                                      tm_str_t bytes, int64_t deadline_ms, tm_arena_t *arena,
                                      tm_documents_t *ret, tm_why_t *why);

/* A document in the form of contract section 4 (one line, no newline): `at` keyed by field, boxes
 * in points. */
void tm_reading_write(const tm_document_t *doc, tm_buf_t *out);

/* `trailmix read --source fcc [--json] PATH...`: folders stand for their files sorted by name;
 * results in argument order, `jobs` files at a time; progress on standard error when it is a
 * terminal. Returns the exit status. */
int tm_read_command(int argc, char **argv);
#endif
