/* server.c - the HTTP server as a whole: made, started, stopped, freed; and the two functions
 * actors answer through.
 *
 * Threads: new, start, stop, free: app. tm_http_reply, tm_http_live, tm_http_sign_in_token: any.
 *          tm_http_reply_gathered, tm_http_reply_flush: one, the journal's. */
#include "http/server.h"
#include "base/digest.h"
#include "base/log.h"
#include "http/answers.h"
#include "http/as_of.h"
#include "http/call.h"
#include "http/dress.h"
#include "http/listener.h"
#include "http/live.h"
#include "http/meanings.h"
#include "http/pages.h"
#include "http/sessions.h"
#include "http/views.h"
#include <signal.h>
#include <stdio.h>

#define SERVER_NAME "trailmix"
#define MIB (1024u * 1024u)
#define BODY_MB_DEFAULT 16
#define OPENAPI_BYTES_MAX (16u * MIB)

static char *copy_c(const char *c)
{
    return c == NULL ? NULL : tm_strdup_n(c, strlen(c));
}

static void keep_options(tm_http_t *http, const tm_http_options_t *options)
{
    http->options = *options;
    http->options.tls_cert_file = copy_c(options->tls_cert_file);
    http->options.tls_key_file = copy_c(options->tls_key_file);
    http->options.system_key = copy_c(options->system_key);
    http->options.jwt_secret = copy_c(options->jwt_secret);
    http->options.web_dir = NULL;
    http->listen = tm_zalloc(options->n_listen * sizeof(*http->listen));
    for (uint32_t i = 0; i < options->n_listen; i++)
        http->listen[i] = (tm_listen_t){copy_c(options->listen[i].host), options->listen[i].port};
    http->options.listen = http->listen;
    const uint32_t mb = options->body_mb_max == 0 ? BODY_MB_DEFAULT : options->body_mb_max;
    http->body_bytes_max = (size_t)mb * MIB;
    http->head_wait_ms = TM_HEAD_WAIT_MS;
    http->answer_wait_ms = TM_ANSWER_WAIT_MS;
    http->heartbeat_ms = TM_HEARTBEAT_MS;
    http->stall_ms = TM_STALL_MS;
}

static void configure(tm_http_t *http)
{
    h2o_globalconf_t *config = &http->config;
    h2o_config_init(config);
    config->server_name = h2o_iovec_init(H2O_STRLIT(SERVER_NAME));
    config->max_request_entity_size = http->body_bytes_max;
    config->handshake_timeout = TM_HANDSHAKE_WAIT_MS;
    config->http1.req_timeout = TM_REQUEST_WAIT_MS;
    config->http1.upgrade_to_http2 = 0; /* prior knowledge is told by conn.c */
    config->http2.idle_timeout = TM_IDLE_WAIT_MS;
    config->http2.max_concurrent_requests_per_connection = 100;
    h2o_hostconf_t *host =
        h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = tm_call_begin;
    tm_dress_register(host);
    /* Bodies stay in memory: nothing of a request may land in a folder others can read. */
    h2o_socket_buffer_mmap_settings.threshold = SIZE_MAX;
}

/* What bodies may take in one loop: an eighth of the memory for all loops, and one body always. */
static uint64_t bodies_max(const tm_http_t *http)
{
    uint64_t bytes = TM_LOOP_BODIES_BYTES_MAX;
    if (http->options.ceiling != NULL)
        bytes = TM_MIN(bytes, tm_ceiling_limit(http->options.ceiling) / 8 / http->n_loops);
    return TM_MAX(bytes, (uint64_t)http->body_bytes_max + TM_BODY_SMALL_BYTES);
}

tm_err_t tm_http_new(const tm_http_options_t *options, tm_http_t **ret, tm_why_t *why)
{
    assert(options != NULL && ret != NULL);
    if (options->n_listen == 0 || options->n_listen > TM_LISTEN_MAX)
        return tm_why_add(why, TM_EINVALID, "listen", "1 to %d addresses", TM_LISTEN_MAX);
    signal(SIGPIPE, SIG_IGN); /* writes to closed sockets are errors, not deaths */
    tm_http_t *http = TM_NEW(tm_http_t);
    http->magic = TM_HTTP_MAGIC;
    keep_options(http, options);
    http->addresses = tm_zalloc(TM_ADDRESS_SLOTS * sizeof(*http->addresses));
    http->strikes = tm_zalloc(TM_ADDRESS_SLOTS * sizeof(*http->strikes));
    tm_random_bytes(&http->address_seed, sizeof(http->address_seed));
    http->n_loops =
        TM_MIN(options->loops == 0 ? tm_thread_cpus() : options->loops, (unsigned)TM_LOOPS_MAX);
    http->loops = tm_zalloc(http->n_loops * sizeof(*http->loops));
    for (uint32_t i = 0; i < http->n_loops; i++) {
        tm_loop_t *loop = http->loops[i] = TM_NEW(tm_loop_t);
        loop->magic = TM_LOOP_MAGIC;
        loop->index = i;
        loop->http = http;
        loop->meanings = tm_meanings_new();
        memset(loop->listen_fds, -1, sizeof(loop->listen_fds));
    }
    http->bodies_max = bodies_max(http);
    http->sessions = tm_sessions_new();
    http->rates = tm_rate_windows_new();
    http->as_of = tm_as_of_new();
    http->views = tm_views_new();
    tm_err_t err = tm_listener_tls(http, why);
    if (err == TM_OK)
        err = tm_listener_bind(http, why);
    if (err != TM_OK) {
        tm_http_free(http);
        return err;
    }
    http->pages = tm_pages_load(options->web_dir);
    tm_buf_t openapi;
    tm_blob_begin(&openapi, OPENAPI_BYTES_MAX);
    tm_http_openapi(&openapi);
    http->openapi = tm_blob_take(&openapi);
    configure(http);
    *ret = http;
    return TM_OK;
}

uint16_t tm_http_port(const tm_http_t *http, uint32_t i)
{
    assert(http != NULL && i < http->options.n_listen);
    return http->ports[i];
}

tm_err_t tm_http_start(tm_http_t *http, tm_runtime_t *rt)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    assert(rt != NULL && http->n_started == 0);
    http->rt = rt;
    for (uint32_t i = 0; i < http->n_loops; i++) {
        char name[16];
        snprintf(name, sizeof(name), "loop-%u", i & 0xffu);
        const tm_err_t err =
            tm_thread_start(&http->loops[i]->thread, name, tm_loop_main, http->loops[i]);
        if (err != TM_OK) {
            tm_http_stop(http, 0);
            return err;
        }
        http->n_started++;
    }
    return TM_OK;
}

void tm_http_stop(tm_http_t *http, int64_t limit_ms)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    assert(limit_ms >= 0);
    http->stop_limit_ms = limit_ms;
    /* release: the limit; partner: the acquire in tm_loop_main. */
    __atomic_store_n(&http->stopping, 1, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < http->n_started; i++)
        tm_loop_wake(http->loops[i]);
    for (uint32_t i = 0; i < http->n_started; i++)
        tm_thread_join(&http->loops[i]->thread);
    http->n_started = 0;
}

static void loop_free(tm_loop_t *loop)
{
    for (uint32_t i = 0; i < TM_LISTEN_MAX; i++) {
        if (loop->listen_fds[i] >= 0)
            close(loop->listen_fds[i]);
    }
    tm_answers_done(loop);
    tm_map_done(&loop->topics);
    tm_meanings_free(loop->meanings);
    tm_free(loop);
}

void tm_http_free(TM_OWN tm_http_t *http)
{
    if (http == NULL)
        return;
    TM_CHECK(http, TM_HTTP_MAGIC);
    assert(http->n_started == 0);
    for (uint32_t i = 0; i < http->n_loops; i++)
        loop_free(http->loops[i]);
    tm_free(http->loops);
    for (uint32_t i = 0; i < http->options.n_listen; i++)
        tm_free((char *)(uintptr_t)http->listen[i].host);
    tm_free(http->listen);
    tm_free((char *)(uintptr_t)http->options.tls_cert_file);
    tm_free((char *)(uintptr_t)http->options.tls_key_file);
    tm_free((char *)(uintptr_t)http->options.system_key);
    tm_free((char *)(uintptr_t)http->options.jwt_secret);
    tm_free(http->addresses);
    tm_free(http->strikes);
    tm_sessions_free(http->sessions);
    tm_rate_windows_free(http->rates);
    tm_as_of_free(http->as_of);
    tm_pages_free(http->pages);
    tm_blob_unref(http->openapi);
    tm_coded_done(&http->openapi_coded);
    tm_views_free(http->views);
    if (http->ssl != NULL)
        SSL_CTX_free(http->ssl);
    if (http->config.hosts != NULL)
        h2o_config_dispose(&http->config);
    http->magic = 0;
    tm_free(http);
}

void tm_http_reply(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    tm_answers_send(http, to, answer);
}

void tm_http_reply_gathered(tm_http_t *http, tm_reply_to_t to, const tm_answer_t *answer)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    tm_answers_gather(http, to, answer);
}

void tm_http_reply_flush(tm_http_t *http)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    for (uint32_t i = 0; i < http->n_loops; i++)
        tm_answers_flush(http->loops[i]);
}

void tm_http_relieve(tm_http_t *http)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    tm_as_of_empty(http->as_of);
    tm_views_empty(http->views);
}

void tm_http_live(tm_http_t *http, uint32_t actor)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    for (uint32_t i = 0; i < http->n_loops; i++)
        tm_live_tell(http->loops[i], actor);
}

struct tm_rate_windows *tm_http_rates(tm_http_t *http)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    return http->rates;
}

void tm_http_sign_in_token(tm_http_t *http, char ret_token[TM_SIGN_IN_TOKEN_TEXT])
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    tm_sessions_invite(http->sessions, tm_sessions_now_ms(), ret_token);
}
