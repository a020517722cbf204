/* held.h - what we know of one request while we hold it: who asks, which route, which parameters.
 *
 * Why:     the rest of call.h are functions; whoever only looks needs this.
 * Threads: the loop's. */
#ifndef TM_HTTP_HELD_H
#define TM_HTTP_HELD_H
#include "base/why.h"
#include "http/conn.h"
#include "http/rate.h"
#include "http/route.h"
#include "schema/schema.h"

#define TM_REQUEST_ID_MAX 64
#define TM_NO_SLOT UINT32_MAX
#define TM_TAG_TEXT 64 /* of an entity tag that the call itself holds, with its NUL */

struct tm_meaning;

typedef struct tm_query_value {
    tm_str_t name, value;
} tm_query_value_t;
#define TM_CALL_VALUES_FEW 4

typedef struct tm_call {
    h2o_req_t *req;
    tm_loop_t *loop;
    tm_conn_t *conn;
    const tm_route_t *route;            /* NULL: pages, or nothing found */
    tm_str_t names[TM_ROUTE_NAMES_MAX]; /* decoded; in its address or pool */
    tm_query_value_t *query;
    uint32_t n_query;
    char request_id[TM_REQUEST_ID_MAX]; /* made when tm_call_request_id is asked */
    uint8_t request_id_n;               /* bytes of it; 0: not yet */
    const char *principal;                  /* "system", "user:ID"; NULL: nobody */
    const char *user_role;                  /* of a user; NULL: no user */
    tm_role_t right;                        /* the highest a route may ask for */
    tm_rate_state_t rate;                   /* the tightest of those that count this request */
    /* Headers every request is asked for, found in one pass; p NULL: absent. */
    tm_str_t key, if_none_match, wants_id;
    struct tm_meaning *meaning; /* of its address, until the handler has run once; NULL: not kept */
    bool by_cookie, head, answered, is_page, sandboxed;
    bool varies;        /* by Accept-Encoding */
    const char *coding; /* Content-Encoding; NULL: none */
    const char *etag;   /* in the pool, or `tag`; NULL: none */
    const char *cache;  /* Cache-Control; NULL: no-store */
    uint32_t slot;      /* TM_NO_SLOT: nobody answers later */
    uint32_t waits_for; /* with a slot: where loop->waiting_of counts it; TM_NO_SLOT: nowhere */
    bool retrying;      /* the handler runs again */
    bool lined_up;      /* turns.c: its handler runs soon */
    size_t body_n;      /* as the connection counts it */
    struct tm_call *line_next, *line_prev;
    int64_t waits_ns; /* monotonic; since when somebody answers later */
    uint32_t retries;
    h2o_timeout_entry_t deadline; /* of the answer, or the next look of tm_call_retry */
    /* Not cleared at the start. */
    char tag[TM_TAG_TEXT];
    tm_query_value_t few[TM_CALL_VALUES_FEW]; /* where query lies when it is short */
} tm_call_t;
#endif
