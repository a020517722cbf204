/* export.h - a view of a campaign's matrix as a file that people keep: CSV, XLSX or PDF.
 *
 * Why:     a file leaves the program, so it must say the same as GET /matrix of that moment, and
 *          name the state it was made of.
 * How:     rows come one by one from domain/matrix_rows.h, the same for every format; each writer
 *          holds one row (XLSX also lines on disk), and the file itself, at most bytes_max.
 *          Equal state and view give equal bytes.
 * Threads: any that may block (a file is written and read). */
#ifndef TM_FILES_EXPORT_H
#define TM_FILES_EXPORT_H
#include "actors/view.h"
#include <pthread.h>

typedef enum tm_export_format { TM_EXPORT_CSV, TM_EXPORT_XLSX, TM_EXPORT_PDF } tm_export_format_t;

typedef struct tm_export {
    tm_campaign_view_t *view;
    const tm_view_t *directory; /* names of campaign and markets; NULL: they stay codes */
    tm_matrix_query_t query;    /* as GET /matrix takes it; today is the view's */
    const char *folder;         /* for temporary files, which are gone when write returns */
    size_t bytes_max;           /* of the file */
    /* Held while a workbook is closed, which is its compression: the library's calendar is one for
     * the process (gmtime), and a file must not get another one's date. NULL: nobody else exports
     * now. */
    pthread_mutex_t *closing;
} tm_export_t;

/* "csv", "xlsx", "pdf"; false: none of them. */
bool tm_export_find(tm_str_t name, tm_export_format_t *ret);
const char *tm_export_media_type(tm_export_format_t format);

#define TM_EXPORT_NAME_MAX 160
/* "smith-for-senate-matrix-v123.xlsx": the campaign's slug, what it is, the version. Only letters
 * and digits of ASCII, '-', '_' and '.'. */
void tm_export_filename(const tm_export_t *e, tm_export_format_t format,
                        char ret[TM_EXPORT_NAME_MAX]);

/* The file. Errors, with why: TM_ERANGE naming format: more rows or columns than the format
 * takes; TM_ENOMEM larger than bytes_max; TM_EDISKFULL, TM_EIO in folder. O(cells), for XLSX also
 * O(lines). */
TM_MUST_CHECK tm_err_t tm_export_write(const tm_export_t *e, tm_export_format_t format,
                                       tm_blob_t **ret, tm_why_t *why);
#endif
