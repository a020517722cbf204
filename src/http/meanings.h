/* meanings.h - what the addresses of the last GETs meant: route, names, parameters, and for the
 * matrix of a campaign its id and tag.
 *
 * Why:     everybody asks for the same few addresses again and again; reading one costs more than
 *          the whole rest of a 304.
 * How:     a loop keeps them by a hash of path and query; the text itself decides. Only what was
 *          read without fault is kept, and only what names no right: who asks is looked at anew.
 * Threads: the loop's. */
#ifndef TM_HTTP_MEANINGS_H
#define TM_HTTP_MEANINGS_H
#include "http/call.h"

/* A piece of the address. */
typedef struct tm_piece {
    uint16_t at, n;
} tm_piece_t;

typedef struct tm_meaning {
    const tm_route_t *route;
    uint32_t text_n; /* 0: free */
    uint16_t n_names, n_query;
    tm_piece_t names[TM_ROUTE_NAMES_MAX];
    tm_piece_t query[2 * TM_CALL_VALUES_FEW]; /* name, value, name ... */
    tm_id_t campaign;        /* the one it names, where it asks for no past; 0: not known yet */
    uint64_t epoch, version; /* whose tag it is */
    uint32_t tag_n;          /* without the NUL; 0: none yet */
    char tag[TM_TAG_TEXT];
    char text[TM_MEANING_BYTES_MAX];
} tm_meaning_t;

typedef struct tm_meanings tm_meanings_t;
TM_OWN tm_meanings_t *tm_meanings_new(void);
void tm_meanings_free(TM_OWN tm_meanings_t *meanings);
/* The meaning of a GET's address, NULL: not kept. O(bytes). */
tm_meaning_t *tm_meanings_find(tm_meanings_t *meanings, const tm_call_t *call);
/* Names and parameters for this call, in its own address. */
void tm_meaning_take(tm_meaning_t *meaning, tm_call_t *call);
/* Keeps what was read of a GET in place of another; NULL: it cannot be kept (too long, or
 * something in it was encoded). */
tm_meaning_t *tm_meanings_keep(tm_meanings_t *meanings, const tm_call_t *call);
#endif
