/* import.h - what the files of `trailmix import` share; included by import*.c only.
 *
 * Threads: main. */
#ifndef TM_APP_IMPORT_H
#define TM_APP_IMPORT_H
#include "app/commands.h"
#include "feeds/client.h"

#define TM_IMPORT_FILE_BYTES_MAX (512u << 20)
#define TM_IMPORT_ANSWER_BYTES_MAX (64u << 20)

typedef struct tm_import_options {
    tm_import_t import;
    const char *server, *data;
    const char *as; /* lines, reconcile: the source they come from; NULL: upload */
    char **maps;    /* field=header */
    int n_maps;
    char **paths;
    int n_paths;
    bool is_lines, is_list; /* --source lines, --source reconcile */
} tm_import_options_t;

/* Sends, and waits while the server says it is busy. */
TM_MUST_CHECK tm_err_t tm_import_send(tm_client_t *client, const tm_client_request_t *request,
                                      int *ret_status, tm_buf_t *body, tm_why_t *why);
tm_err_t tm_import_refused(const char *what, int status, const tm_buf_t *body, tm_why_t *why);
/* The end of a name that fits into `filename`: folders are evidence, the nearest ones most. */
const char *tm_import_upload_name(const char *name);

/* import_sheets.c */
/* What --map says becomes the mapping of the source; without --map nothing happens. */
TM_MUST_CHECK tm_err_t tm_import_maps(tm_client_t *client, const tm_import_options_t *o,
                                      tm_why_t *why);
/* Prints the rows of an input that could not be read, and its doubts, on standard error. */
TM_MUST_CHECK tm_err_t tm_import_row_errors(tm_client_t *client, const char *path,
                                            const char *input_id, tm_why_t *why);
/* Each path is compared with the campaign; prints counts, and rows that do not agree. */
TM_MUST_CHECK tm_err_t tm_import_reconcile(tm_client_t *client, const tm_import_options_t *o,
                                           tm_why_t *why);
#endif
