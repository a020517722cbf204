/* sheets.h - tables that people send, on job threads: inputs to documents, whole lists to a
 * campaign's reconciliation.
 *
 * Why:     reading needs the directory's mappings and names, which only the app has beside the
 *          readers.
 * Threads: read: job threads. reconcile: any. */
#ifndef TM_APP_SHEETS_H
#define TM_APP_SHEETS_H
#include "app/world.h"

/* Reads an input that is a sheet (files/sheet_read.h) by the mapping of its source. Everything in
 * the arena. Errors: TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_sheets_read(tm_world_t *world, const tm_raw_input_t *input,
                                      tm_str_t bytes, tm_arena_t *arena, tm_documents_t *ret,
                                      tm_recs_t *ret_exceptions);
/* tm_services_t.reconcile; self: the world. */
tm_err_t tm_sheets_reconcile(void *self, TM_OWN tm_message_t *msg, tm_str_t body);
#endif
