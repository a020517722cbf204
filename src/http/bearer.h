/* bearer.h - a named user by a signed token: Authorization: Bearer JWT.
 *
 * Why:     rights and limits of people need to know who asks; whoever holds JWT_SECRET vouches for
 *          them.
 * Source:  RFC 7519 (JWT), RFC 6750 (Bearer); roles: docs/glossary.md "role".
 * Threads: any. */
#ifndef TM_HTTP_BEARER_H
#define TM_HTTP_BEARER_H
#include "base/base.h"

/* A user's name as a principal: its prefix keeps an id like "system" from being one of ours. */
#define TM_USER_PREFIX "user:"
#define TM_USER_ID_MAX 64
#define TM_USER_PRINCIPAL_TEXT (sizeof(TM_USER_PREFIX) + TM_USER_ID_MAX)

typedef struct tm_user {
    char principal[TM_USER_PRINCIPAL_TEXT]; /* "user:ID" */
    const char *role;                       /* a constant */
    bool is_admin;                          /* its role passes every route */
} tm_user_t;

/* Is this header's value of the scheme Bearer at all, even without a token? */
bool tm_bearer_is(tm_str_t authorization);
/* Whom a header's value names. secret: of HS256, at least 32 characters; NULL or "": nobody is
 * named. now_s: seconds since the epoch. Errors: TM_EUNAUTHORIZED, it is no token of ours, or not
 * now. Cost: some microseconds; the signature is compared in constant time. */
TM_MUST_CHECK tm_err_t tm_bearer_read(const char *secret, tm_str_t authorization, int64_t now_s,
                                      tm_user_t *ret);
#endif
