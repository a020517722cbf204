/* bearer.c - see bearer.h.
 *
 * How:     length and form first, then libjwt checks the signature, then algorithm and claims:
 *          sub 1 to 64 printable characters without spaces, role one of the words, exp in the
 *          future, nbf (if there) in the past; times are whole seconds.
 * Threads: any. */
#include "http/bearer.h"
#include "http/limits.h"
#include <errno.h>
#include <jwt.h>
#include <stdio.h>

#define SCHEME "bearer "

static const struct {
    const char *word;
    bool is_admin;
} roles[] = {{"viewer", false},    {"analyst", false},    {"admin", true},
             {"superadmin", true}, {"super_admin", true}, {"influence_admin", false},
             {"map_admin", false}, {"volunteer", false}};

bool tm_bearer_is(tm_str_t authorization)
{
    const uint32_t n = TM_MIN(authorization.n, (uint32_t)sizeof(SCHEME) - 1);
    return n >= sizeof(SCHEME) - 2 &&
           tm_str_case_eq(tm_str_n(authorization.p, n), tm_str_n(SCHEME, n));
}

/* Three parts of base64url; the signature may not be empty. */
static bool is_token(tm_str_t text)
{
    uint32_t dots = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        if (c == '.')
            dots++;
        else if (!fine)
            return false;
    }
    return dots == 2 && text.n > 0 && text.p[0] != '.' && text.p[text.n - 1] != '.';
}

/* A claim of whole seconds. false: it is something else. *ret stays when the claim is absent. */
static bool read_seconds(jwt_t *jwt, const char *claim, int64_t *ret)
{
    errno = 0;
    const long v = jwt_get_grant_int(jwt, claim);
    if (errno == ENOENT)
        return true;
    if (errno != 0 || v <= 0) /* the library gives 0 for what is no whole number */
        return false;
    *ret = v;
    return true;
}

static bool is_current(jwt_t *jwt, int64_t now_s)
{
    int64_t expires = 0;
    int64_t begins = 0;
    int64_t issued = 0;
    if (!read_seconds(jwt, "exp", &expires) || !read_seconds(jwt, "nbf", &begins) ||
        !read_seconds(jwt, "iat", &issued))
        return false;
    return expires > now_s && begins <= now_s;
}

static bool read_claims(jwt_t *jwt, tm_user_t *ret)
{
    const tm_str_t id = tm_str(jwt_get_grant(jwt, "sub"));
    const tm_str_t role = tm_str(jwt_get_grant(jwt, "role"));
    if (id.n == 0 || id.n > TM_USER_ID_MAX || role.n == 0)
        return false;
    for (uint32_t i = 0; i < id.n; i++) {
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return false;
    }
    for (size_t i = 0; i < TM_COUNT(roles); i++) {
        if (!tm_str_eq(role, tm_str(roles[i].word)))
            continue;
        ret->role = roles[i].word;
        ret->is_admin = roles[i].is_admin;
        snprintf(ret->principal, sizeof(ret->principal), TM_USER_PREFIX "%.*s", (int)id.n, id.p);
        return true;
    }
    return false;
}

tm_err_t tm_bearer_read(const char *secret, tm_str_t authorization, int64_t now_s, tm_user_t *ret)
{
    assert(now_s > 0 && ret != NULL);
    const uint32_t skip = sizeof(SCHEME) - 1;
    if (secret == NULL || secret[0] == '\0' || !tm_bearer_is(authorization) ||
        authorization.n <= skip)
        return TM_EUNAUTHORIZED;
    const tm_str_t token = tm_str_trim(tm_str_n(authorization.p + skip, authorization.n - skip));
    if (token.n > TM_BEARER_BYTES_MAX || !is_token(token))
        return TM_EUNAUTHORIZED;
    char text[TM_BEARER_BYTES_MAX + 1];
    memcpy(text, token.p, token.n);
    text[token.n] = '\0';
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, text, (const unsigned char *)secret, (int)strlen(secret)) != 0)
        return TM_EUNAUTHORIZED;
    tm_user_t user = {.role = NULL};
    const bool fine =
        jwt_get_alg(jwt) == JWT_ALG_HS256 && is_current(jwt, now_s) && read_claims(jwt, &user);
    jwt_free(jwt);
    if (!fine)
        return TM_EUNAUTHORIZED;
    *ret = user;
    return TM_OK;
}
