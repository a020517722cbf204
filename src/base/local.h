/* local.h - what each thread keeps for itself inside base/: a SHA-256 context and opened time
 * zones.
 *
 * Why:     OpenSSL's lookup of an algorithm and ICU's opening of a calendar cost far more than
 *          their use.
 * Threads: each its own; freed when the thread ends. */
#ifndef TM_BASE_LOCAL_H
#define TM_BASE_LOCAL_H
#include "base/base.h"
#include <openssl/evp.h>
#include <unicode/ucal.h>

#define TM_LOCAL_ZONES 16
#define TM_ZONE_NAME_MAX 48

typedef struct tm_local_zone {
    char name[TM_ZONE_NAME_MAX];
    uint32_t n; /* bytes of name; 0: free */
    UCalendar *calendar;
} tm_local_zone_t;

typedef struct tm_local {
    EVP_MD *sha_md;
    EVP_MD_CTX *sha; /* for one-shot digests */
    tm_local_zone_t zones[TM_LOCAL_ZONES];
    uint32_t zones_next; /* the next one to be replaced */
} tm_local_t;

/* This thread's; made at first use. Aborts if the libraries cannot give what it holds. */
tm_local_t *tm_local(void);
#endif
