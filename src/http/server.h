/* server.h - HTTP/1.1 and HTTP/2 on libh2o: parse, authenticate, limit, answer from snapshots,
 * dispatch messages.
 *
 * Why:     reads never wait for an actor; writes are one message; a hostile peer costs its own
 *          request only.
 * How:     one loop thread a core with its own listener and context; answers come back through a
 *          lock-free list a loop.
 * Threads: new, start, stop, free: app. The env functions: any thread. */
#ifndef TM_HTTP_SERVER_H
#define TM_HTTP_SERVER_H
#include "actors/messages.h"
#include "actors/view.h"
#include "base/ceiling.h"
#include "base/buf.h"
#include "runtime/runtime.h"

/* A view of a matrix that is wanted as a file. */
typedef struct tm_matrix_export {
    tm_campaign_view_t *view; /* references, which the service takes unless it fails */
    tm_view_t *directory;     /* NULL: none yet */
    tm_matrix_query_t query;  /* its strings are borrowed */
    const char *format;       /* "csv", "xlsx" or "pdf" */
} tm_matrix_export_t;

/* What the server needs of the rest of the program (app fills it in); every function may be
 * called from any loop and returns at once. */
typedef struct tm_services {
    void *self;
    /* Hash, blob and message to the feed: on a job thread. msg is TM_MSG_INPUT_STORED with
     * source, filename, campaign_id, media_type and reply_to set; body is copied before it
     * returns. Errors (message freed): TM_EBUSY, TM_ESTOPPING. */
    tm_err_t (*input_store)(void *self, TM_OWN tm_message_t *msg, tm_str_t body);
    /* Reads a blob and replies with its bytes (application/pdf if it begins like one, else
     * octet-stream). */
    tm_err_t (*input_content)(void *self, tm_str_t sha256, tm_str_t filename,
                              tm_reply_to_t reply_to);
    /* Imports a table: what is "stations" or "markets"; replies when all is stored. */
    tm_err_t (*table_import)(void *self, const char *what, tm_str_t body, tm_reply_to_t reply_to,
                             tm_str_t principal);
    /* Reads a list on a job thread and gives it to the campaign. msg is TM_MSG_RECONCILE with
     * campaign_id, source and reply_to set. Errors as input_store. NULL: lists are not read. */
    tm_err_t (*reconcile)(void *self, TM_OWN tm_message_t *msg, tm_str_t body);
    /* {"status":...,"parts":{...}}; false: 503. Cheap. */
    bool (*health)(void *self, tm_buf_t *out);
    /* Writes the file on a job thread and replies with it as an attachment. NULL: there is none.
     * Errors: TM_EBUSY too many wait. */
    tm_err_t (*matrix_export)(void *self, const tm_matrix_export_t *ask, tm_reply_to_t reply_to);
    /* Runs fn(arg) for the actor on a job thread, before tm_http_free. Errors (fn will not run):
     * TM_EBUSY too many wait; TM_ESTOPPING. NULL: there are no job threads. */
    tm_err_t (*run)(void *self, uint32_t actor, void (*fn)(void *arg), void *arg);
} tm_services_t;

typedef struct tm_listen {
    const char *host;
    uint16_t port;
} tm_listen_t; /* port 0: any free one */
typedef struct tm_http_options {
    const tm_listen_t *listen;
    uint32_t n_listen;
    uint32_t loops;                           /* 0: one a core */
    const char *tls_cert_file, *tls_key_file; /* NULL: clear text */
    uint32_t body_mb_max;                     /* MAX_BODY_MB, 16 */
    const char *web_dir; /* built browser application; NULL or missing: no pages, a 404 says so */
    const char *system_key;      /* whoever sends it as x-api-key is `system` */
    const char *jwt_secret;      /* signs the tokens of users; NULL or "": there are none */
    const tm_ceiling_t *ceiling; /* tells when memory is short; NULL: it never is */
    tm_services_t services;
} tm_http_options_t;

typedef struct tm_http tm_http_t;
/* Binds (fails here if a port is taken) but answers nothing yet. Errors: TM_EUNAVAILABLE,
 * TM_EINVALID with why. */
TM_MUST_CHECK tm_err_t tm_http_new(const tm_http_options_t *options, tm_http_t **ret,
                                   tm_why_t *why);
/* The port really bound of listener i. */
uint16_t tm_http_port(const tm_http_t *http, uint32_t i);
/* Starts the loops; from now on it answers. */
TM_MUST_CHECK tm_err_t tm_http_start(tm_http_t *http, tm_runtime_t *rt);
/* Orderly: no new connections, GOAWAY and Connection: close, waits for answers at most limit_ms,
 * then cuts. */
void tm_http_stop(tm_http_t *http, int64_t limit_ms);
void tm_http_free(TM_OWN tm_http_t *http);

/* The windows of rates.def, for whoever shares them with other processes (rate.h). */
struct tm_rate_windows *tm_http_rates(tm_http_t *http);

/* Forgets what can be made again; any thread. */
void tm_http_relieve(tm_http_t *http);

/* For tm_env_t. reply copies what it needs; live only wakes the loops that have subscribers. */
void tm_http_reply(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer);
/* The same for one thread that answers many at once, the journal's: they leave with flush. */
void tm_http_reply_gathered(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer);
void tm_http_reply_flush(tm_http_t *http);
void tm_http_live(tm_http_t *http, uint32_t actor);

/* A fresh one-time sign-in token, valid 15 minutes: the link is http://HOST:PORT/sign-in#TOKEN. */
#define TM_SIGN_IN_TOKEN_TEXT 44
void tm_http_sign_in_token(tm_http_t *http, char ret_token[TM_SIGN_IN_TOKEN_TEXT]);

/* What `trailmix dump openapi` and `dump routes` print, and GET /api/v1/openapi.json answers. */
void tm_http_openapi(tm_buf_t *out);
void tm_http_routes(tm_buf_t *out);
void tm_http_limits(tm_buf_t *out);
#endif
