/* sessions.c - the two tables of secrets: sign-in tokens and cookies, both as hashes.
 *
 * Why:     what is looked up is a hash, so the time of a look-up tells nothing about a secret.
 * How:     fixed tables; a new entry takes a free or expired place, else the one that expires
 *          first.
 * Threads: any; one mutex. */
#include "http/sessions.h"
#include "base/digest.h"
#include "base/time.h"
#include "http/limits.h"
#include <pthread.h>

#define SECRET_BYTES 32

typedef struct entry {
    tm_sha256_t hash;
    int64_t until_ms; /* 0: free */
} entry_t;

struct tm_sessions {
    pthread_mutex_t lock;
    entry_t tokens[TM_SIGN_IN_TOKENS_MAX];
    uint32_t n_cookies; /* places ever used */
    entry_t cookies[TM_SESSIONS_MAX];
};

TM_OWN tm_sessions_t *tm_sessions_new(void)
{
    tm_sessions_t *sessions = TM_NEW(tm_sessions_t);
    pthread_mutex_init(&sessions->lock, NULL);
    return sessions;
}

void tm_sessions_free(TM_OWN tm_sessions_t *sessions)
{
    if (sessions == NULL)
        return;
    pthread_mutex_destroy(&sessions->lock);
    tm_free(sessions);
}

int64_t tm_sessions_now_ms(void)
{
    return tm_time_mono_ns() / 1000000 + 1;
}

/* 32 random bytes as 43 characters. */
static void make_secret(char ret[TM_SIGN_IN_TOKEN_TEXT])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t bytes[SECRET_BYTES + 1] = {0};
    tm_random_bytes(bytes, SECRET_BYTES);
    size_t n = 0;
    for (size_t i = 0; i < SECRET_BYTES; i += 3) {
        const uint32_t v = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 |
                           (i + 2 < sizeof(bytes) ? (uint32_t)bytes[i + 2] : 0u);
        for (int shift = 18; shift >= 0 && n < TM_SIGN_IN_TOKEN_TEXT - 1; shift -= 6)
            ret[n++] = digits[v >> shift & 63];
    }
    ret[n] = '\0';
    assert(n == TM_SIGN_IN_TOKEN_TEXT - 1);
}

static entry_t *find(entry_t *entries, uint32_t n, const tm_sha256_t *hash, int64_t now_ms)
{
    for (uint32_t i = 0; i < n; i++) {
        if (entries[i].until_ms > now_ms && memcmp(&entries[i].hash, hash, sizeof(*hash)) == 0)
            return &entries[i];
    }
    return NULL;
}

/* A free or expired place, else the one that expires first. */
static entry_t *place(entry_t *entries, uint32_t n, int64_t now_ms)
{
    entry_t *first = &entries[0];
    for (uint32_t i = 0; i < n; i++) {
        if (entries[i].until_ms <= now_ms)
            return &entries[i];
        if (entries[i].until_ms < first->until_ms)
            first = &entries[i];
    }
    return first;
}

void tm_sessions_invite(tm_sessions_t *sessions, int64_t now_ms,
                        char ret_token[TM_SIGN_IN_TOKEN_TEXT])
{
    assert(sessions != NULL && now_ms > 0);
    make_secret(ret_token);
    const tm_sha256_t hash = tm_sha256(ret_token, TM_SIGN_IN_TOKEN_TEXT - 1);
    pthread_mutex_lock(&sessions->lock);
    *place(sessions->tokens, TM_SIGN_IN_TOKENS_MAX, now_ms) =
        (entry_t){hash, now_ms + TM_SIGN_IN_MS};
    pthread_mutex_unlock(&sessions->lock);
}

static void add_cookie(tm_sessions_t *sessions, const tm_sha256_t *hash, int64_t now_ms)
{
    entry_t *entry = place(sessions->cookies, TM_MAX(sessions->n_cookies, 1u), now_ms);
    if (entry->until_ms > now_ms && sessions->n_cookies < TM_SESSIONS_MAX)
        entry = &sessions->cookies[sessions->n_cookies];
    const uint32_t i = (uint32_t)(entry - sessions->cookies);
    sessions->n_cookies = TM_MAX(sessions->n_cookies, i + 1);
    *entry = (entry_t){*hash, now_ms + TM_SESSION_MS};
}

bool tm_sessions_begin(tm_sessions_t *sessions, tm_str_t token, int64_t now_ms,
                       char ret_cookie[TM_SIGN_IN_TOKEN_TEXT])
{
    assert(sessions != NULL && now_ms > 0);
    const tm_sha256_t given = tm_sha256(token.p, token.n);
    make_secret(ret_cookie);
    const tm_sha256_t hash = tm_sha256(ret_cookie, TM_SIGN_IN_TOKEN_TEXT - 1);
    pthread_mutex_lock(&sessions->lock);
    entry_t *entry = find(sessions->tokens, TM_SIGN_IN_TOKENS_MAX, &given, now_ms);
    if (entry != NULL) {
        entry->until_ms = 0;
        add_cookie(sessions, &hash, now_ms);
    }
    pthread_mutex_unlock(&sessions->lock);
    return entry != NULL;
}

/* The value of our cookie among `a=b; c=d`; p NULL: not there. */
static tm_str_t cookie_value(tm_str_t cookies)
{
    const tm_str_t name = TM_STR(TM_COOKIE_NAME "=");
    const char *p = cookies.p;
    const char *end = p == NULL ? NULL : p + cookies.n;
    while (p < end) {
        const char *semicolon = memchr(p, ';', (size_t)(end - p));
        const char *stop = semicolon == NULL ? end : semicolon;
        const tm_str_t one = tm_str_trim(tm_str_n(p, (size_t)(stop - p)));
        if (tm_str_starts(one, TM_COOKIE_NAME "="))
            return tm_str_n(one.p + name.n, one.n - name.n);
        p = stop + 1;
    }
    return (tm_str_t){NULL, 0};
}

bool tm_sessions_has(tm_sessions_t *sessions, tm_str_t cookies, int64_t now_ms)
{
    const tm_str_t value = cookie_value(cookies);
    if (value.n != TM_SIGN_IN_TOKEN_TEXT - 1)
        return false;
    const tm_sha256_t hash = tm_sha256(value.p, value.n);
    pthread_mutex_lock(&sessions->lock);
    const bool found = find(sessions->cookies, sessions->n_cookies, &hash, now_ms) != NULL;
    pthread_mutex_unlock(&sessions->lock);
    return found;
}

void tm_sessions_end(tm_sessions_t *sessions, tm_str_t cookies)
{
    const tm_str_t value = cookie_value(cookies);
    if (value.n != TM_SIGN_IN_TOKEN_TEXT - 1)
        return;
    const tm_sha256_t hash = tm_sha256(value.p, value.n);
    pthread_mutex_lock(&sessions->lock);
    entry_t *entry = find(sessions->cookies, sessions->n_cookies, &hash, 0);
    if (entry != NULL)
        entry->until_ms = 0;
    pthread_mutex_unlock(&sessions->lock);
}
