/* sessions.h - one-time sign-in tokens and the cookies they become.
 *
 * How:     random 32 bytes, shown as base64url, kept as SHA-256 in memory only: a restart signs
 *          everybody out.
 * Threads: any; a mutex held for a table look-up. */
#ifndef TM_HTTP_SESSIONS_H
#define TM_HTTP_SESSIONS_H
#include "http/server.h"

#define TM_COOKIE_NAME "trailmix_session"
typedef struct tm_sessions tm_sessions_t;

TM_OWN tm_sessions_t *tm_sessions_new(void);
void tm_sessions_free(TM_OWN tm_sessions_t *sessions);
/* A new sign-in token, good once until now_ms + SIGN_IN_MS. now_ms: monotonic. */
void tm_sessions_invite(tm_sessions_t *sessions, int64_t now_ms,
                        char ret_token[TM_SIGN_IN_TOKEN_TEXT]);
/* Spends a sign-in token; ret: the cookie's value. false: unknown, used or too old. */
bool tm_sessions_begin(tm_sessions_t *sessions, tm_str_t token, int64_t now_ms,
                       char ret_cookie[TM_SIGN_IN_TOKEN_TEXT]);
/* true: the value of a Cookie header names a living session. */
bool tm_sessions_has(tm_sessions_t *sessions, tm_str_t cookies, int64_t now_ms);
void tm_sessions_end(tm_sessions_t *sessions, tm_str_t cookies);
int64_t tm_sessions_now_ms(void);
#endif
