/* why.h - what exactly was wrong, for a person: a list of faults, each with the path of its field.
 *
 * Why:     every fault of an input is told at once, not one a round.
 * Threads: the owner's. */
#ifndef TM_BASE_WHY_H
#define TM_BASE_WHY_H
#include "base/base.h"

#define TM_WHY_FAULTS_MAX 32
#define TM_WHY_FIELD_MAX 96
#define TM_WHY_TEXT_MAX 200

typedef struct tm_fault {
    tm_err_t err;
    char field[TM_WHY_FIELD_MAX];  /* "advertisers[0].name", "" for the whole */
    char text[TM_WHY_TEXT_MAX];    /* "must be a date like 2026-10-12" */
} tm_fault_t;

typedef struct tm_why {
    uint32_t n;        /* faults kept */
    uint32_t dropped;  /* faults beyond TM_WHY_FAULTS_MAX */
    tm_fault_t faults[TM_WHY_FAULTS_MAX];
} tm_why_t;

/* Forgets all faults. */
void tm_why_clear(tm_why_t *why);
/* Adds a fault; `field` may be NULL. why may be NULL (nothing is kept). Returns err, so that
 * `return tm_why_add(why, TM_EINVALID, "gross_cents", "must be an integer");` reads well.
 * Over-long text is cut. */
tm_err_t tm_why_add(tm_why_t *why, tm_err_t err, const char *field, const char *fmt,
                    ...) TM_PRINTF(4, 5);
/* The first fault's error, TM_OK without faults. */
tm_err_t tm_why_err(const tm_why_t *why);
/* The first fault as one line "field: text" for logs and the command line. */
const char *tm_why_line(const tm_why_t *why, char *buf, size_t buf_bytes);
#endif
