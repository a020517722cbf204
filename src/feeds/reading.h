/* reading.h - documents that say why they were not read; for reader.c and the command line.
 *
 * Why:     a file that cannot be read is a result like any other, also where its bytes never reach
 *          the reader.
 * Threads: pure. */
#ifndef TM_FEEDS_READING_H
#define TM_FEEDS_READING_H
#include "feeds/fcc.h"
#include "feeds/limits.h"

/* One document in the arena with the status TM_READING_STATUS_unreadable or _ignored and that
 * reason. pages: of the file, 0 if unknown. Errors: TM_ENOMEM arena. */
TM_MUST_CHECK tm_err_t tm_reading_refuse(const tm_upload_t *upload, uint32_t pages, uint8_t status,
                                         const char *reason, tm_arena_t *arena,
                                         tm_documents_t *ret);
#endif
