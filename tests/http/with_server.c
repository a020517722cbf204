/* with_server.c - the server and the raw clients of with_server.h. */
#include "http/with_server.h"
#include "actors/kinds.h"
#include "base/digest.h"
#include "base/time.h"
#include <arpa/inet.h>
#include <jwt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <cmocka.h>

#define WAIT_MS 5000

#ifdef TM_SANITIZED
/* The library keeps freed chunks in lists of its thread, and a loop's context is left to the end
 * of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_mem_alloc_recycle\nleak:h2o_context_init\nleak:h2o_evloop_create\n"
           "leak:h2o_vector__expand\nleak:h2o_filecache_create\nleak:h2o_multithread_create_"
           "queue\n";
}
#endif

/* ---- env ---- */

static tm_ms_t env_now(void *self)
{
    (void)self;
    return tm_time_now();
}

static void env_random(void *self, void *p, size_t n)
{
    (void)self;
    tm_random_bytes(p, n);
}

static tm_err_t env_reserve(void *self, size_t bytes)
{
    (void)self;
    (void)bytes;
    return TM_OK;
}

static void env_push(void *self, TM_OWN tm_commit_t *first, tm_commit_t *last)
{
    server_t *server = self;
    pthread_mutex_lock(&server->lock);
    last->next = NULL;
    if (server->pushed == NULL)
        server->pushed = first;
    else
        server->pushed_last->next = first;
    server->pushed_last = last;
    pthread_mutex_unlock(&server->lock);
    tm_park_wake(&server->park);
}

static void keep_commit(server_t *server, tm_commit_t *commit)
{
    if (server->log_n == server->log_cap) {
        server->log_cap = server->log_cap == 0 ? 64 : server->log_cap * 2;
        server->log = tm_realloc(server->log, server->log_cap * sizeof(*server->log));
        server->log_bytes =
            tm_realloc(server->log_bytes, server->log_cap * sizeof(*server->log_bytes));
    }
    server->log[server->log_n] = tm_strdup_n(commit->bytes, commit->n);
    server->log_bytes[server->log_n] = commit->n;
    commit->number = ++server->log_n;
}

static void journal_main(void *arg)
{
    server_t *server = arg;
    for (;;) {
        pthread_mutex_lock(&server->lock);
        tm_commit_t *commit = server->pushed;
        server->pushed = NULL;
        for (tm_commit_t *each = commit; each != NULL; each = each->next) {
            if (each->n > 0)
                keep_commit(server, each);
        }
        const bool stop = server->stop;
        pthread_mutex_unlock(&server->lock);
        if (commit == NULL && stop)
            return;
        while (commit != NULL) {
            tm_commit_t *next = commit->next;
            commit->release(commit);
            commit = next;
        }
        tm_park_wait(&server->park, 50);
    }
}

static void env_answer(void *self, uint64_t number, tm_reply_to_t to)
{
    server_t *server = self;
    pthread_mutex_lock(&server->lock);
    assert_in_range(number, 1, server->log_n);
    const tm_str_t bytes = tm_str_n(server->log[number - 1], server->log_bytes[number - 1]);
    pthread_mutex_unlock(&server->lock);
    tm_arena_t *arena = tm_arena_new(64u << 20);
    tm_commit_view_t view;
    assert_int_equal(tm_commit_decode(bytes, arena, &view), TM_OK);
    tm_blob_t *body =
        view.answer_body.n == 0 ? NULL : tm_blob_new(view.answer_body.p, view.answer_body.n);
    const tm_answer_t answer = {.status = view.answer_status,
                                .body = body,
                                .location = view.answer_location,
                                .version = view.answer_version};
    tm_http_reply(server->http, to, &answer);
    tm_blob_unref(body);
    tm_arena_free(arena);
}

static void env_job(void *self, uint32_t actor, uint16_t type, const tm_desc_t *desc,
                    const void *record)
{
    (void)self; /* inputs stay stored: reading them is not tested here */
    (void)actor;
    (void)type;
    (void)desc;
    (void)record;
}

static void env_reply(void *self, tm_reply_to_t to, const tm_answer_t *answer)
{
    tm_http_reply(((server_t *)self)->http, to, answer);
}

static void env_live(void *self, uint32_t actor)
{
    tm_http_live(((server_t *)self)->http, actor);
}

/* ---- services ---- */

static tm_err_t store(void *self, TM_OWN tm_message_t *msg, tm_str_t body)
{
    server_t *server = self;
    tm_raw_input_t *input = msg->payload;
    char text[TM_SHA256_TEXT];
    const tm_sha256_t sha = tm_sha256(body.p, body.n);
    tm_sha256_format(&sha, text);
    if (tm_str_eq(input->filename, TM_STR("never"))) {
        __atomic_fetch_add(&server->never, 1, __ATOMIC_RELAXED);
        tm_message_free(msg);
        return TM_OK;
    }
    input->sha256 = tm_arena_str(msg->arena, tm_str(text));
    TM_MARK(input, TM_RAW_INPUT_sha256);
    input->bytes = body.n;
    TM_MARK(input, TM_RAW_INPUT_bytes);
    input->storage_key = input->sha256;
    TM_MARK(input, TM_RAW_INPUT_storage_key);
    TM_MARK(input, TM_RAW_INPUT_status);
    return tm_runtime_post(server->rt, TM_ACTOR_FEED, msg);
}

static tm_err_t content(void *self, tm_str_t sha256, tm_str_t filename, tm_reply_to_t to)
{
    (void)sha256;
    (void)filename;
    tm_blob_t *body = tm_blob_new("%PDF-1.4", 8);
    const tm_answer_t answer = {
        .status = 200, .body = body, .content_type = "application/pdf", .version = -1};
    tm_http_reply(((server_t *)self)->http, to, &answer);
    tm_blob_unref(body);
    return TM_OK;
}

static tm_err_t import(void *self, const char *what, tm_str_t body, tm_reply_to_t to,
                       tm_str_t principal)
{
    assert_true(tm_str_eq(principal, TM_STR("system")));
    if (strcmp(what, "markets") == 0)
        return TM_OK; /* never answers */
    char text[64];
    const int n = snprintf(text, sizeof(text), "{\"bytes\":%u}", body.n);
    tm_blob_t *blob = tm_blob_new(text, (size_t)n);
    const tm_answer_t answer = {.status = 200, .body = blob, .version = -1};
    tm_http_reply(((server_t *)self)->http, to, &answer);
    tm_blob_unref(blob);
    return TM_OK;
}

static bool health(void *self, tm_buf_t *out)
{
    (void)self;
    tm_buf_add_c(out, "{\"status\":\"ok\",\"parts\":{}}");
    return true;
}

static tm_err_t run(void *self, uint32_t actor, void (*fn)(void *arg), void *arg)
{
    (void)self;
    (void)actor;
    fn(arg);
    return TM_OK;
}

/* ---- the server ---- */

server_t *server_start(server_setup_t setup)
{
    server_t *server = TM_NEW(server_t);
    pthread_mutex_init(&server->lock, NULL);
    const tm_listen_t listen_on = {"127.0.0.1", 0};
    const tm_http_options_t options = {.listen = &listen_on,
                                       .n_listen = 1,
                                       .loops = 2,
                                       .body_mb_max = 1,
                                       .system_key = SERVER_KEY,
                                       .jwt_secret = SERVER_JWT_SECRET,
                                       .web_dir = setup.web_dir,
                                       .tls_cert_file = setup.cert_file,
                                       .tls_key_file = setup.key_file,
                                       .services = {.self = server,
                                                    .input_store = store,
                                                    .input_content = content,
                                                    .table_import = import,
                                                    .health = health,
                                                    .run = run}};
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_http_new(&options, &server->http, &why), TM_OK);
    server->port = tm_http_port(server->http, 0);
    const tm_env_t env = {.self = server,
                          .now = env_now,
                          .random = env_random,
                          .journal_reserve = env_reserve,
                          .journal_push = env_push,
                          .journal_answer = env_answer,
                          .job_start = env_job,
                          .reply = env_reply,
                          .live = env_live};
    const tm_runtime_options_t rt_options = {.kinds = tm_kinds,
                                             .messages = tm_messages,
                                             .n_messages = TM_MSG_COUNT,
                                             .workers = 1,
                                             .env = env};
    server->rt = tm_runtime_new(&rt_options);
    tm_actors_ensure(server->rt);
    assert_int_equal(tm_thread_start(&server->journal, "journal", journal_main, server), TM_OK);
    assert_int_equal(tm_runtime_start(server->rt), TM_OK);
    assert_int_equal(tm_actors_begin(server->rt, tm_time_now()), TM_OK);
    if (setup.tune != NULL)
        setup.tune(server->http);
    assert_int_equal(tm_http_start(server->http, server->rt), TM_OK);
    return server;
}

void server_stop(server_t *server)
{
    tm_http_stop(server->http, 1000);
    tm_runtime_stop(server->rt);
    pthread_mutex_lock(&server->lock);
    server->stop = true;
    pthread_mutex_unlock(&server->lock);
    tm_park_wake(&server->park);
    tm_thread_join(&server->journal);
    tm_runtime_free(server->rt);
    tm_http_free(server->http);
    for (uint32_t i = 0; i < server->log_n; i++)
        tm_free(server->log[i]);
    tm_free(server->log);
    tm_free(server->log_bytes);
    pthread_mutex_destroy(&server->lock);
    tm_free(server);
}

/* ---- clients ---- */

static client_t client_connect(const server_t *server, int fd)
{
    const struct sockaddr_in sa = {.sin_family = AF_INET,
                                   .sin_port = htons(server->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
    return (client_t){.fd = fd, .bytes = tm_zalloc(ANSWER_BYTES_MAX)};
}

client_t client_open(const server_t *server)
{
    return client_connect(server, socket(AF_INET, SOCK_STREAM, 0));
}

client_t client_open_narrow(const server_t *server)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int room = 4096;
    const int segment = 536; /* the sender's room is some of the segments that were agreed upon */
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment)), 0);
    return client_connect(server, fd);
}

void client_close(client_t *client)
{
    close(client->fd);
    tm_free(client->bytes);
}

void client_send(client_t *client, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t sent = send(client->fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* the peer closed; what it said before can still be read */
        bytes += sent;
        n -= (size_t)sent;
    }
}

void client_say(client_t *client, const char *fmt, ...)
{
    char text[16384];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    assert_in_range(n, 0, sizeof(text) - 1);
    client_send(client, text, (size_t)n);
}

/* Reads more; false: ended, or ms passed. */
static bool fill(client_t *client, int ms)
{
    struct pollfd p = {client->fd, POLLIN, 0};
    if (poll(&p, 1, ms) <= 0)
        return false;
    assert_true(client->n < ANSWER_BYTES_MAX - 1);
    const ssize_t got =
        recv(client->fd, client->bytes + client->n, ANSWER_BYTES_MAX - 1 - client->n, 0);
    if (got <= 0)
        return false;
    client->n += (size_t)got;
    client->bytes[client->n] = '\0';
    return true;
}

static void use(client_t *client, size_t n)
{
    memmove(client->bytes, client->bytes + n, client->n - n);
    client->n -= n;
    client->bytes[client->n] = '\0';
}

bool client_see(client_t *client, const char *text)
{
    while (memmem(client->bytes, client->n, text, strlen(text)) == NULL) {
        if (!fill(client, WAIT_MS))
            return false;
    }
    return true;
}

bool client_wait_for(client_t *client, const char *text)
{
    if (!client_see(client, text))
        return false;
    const char *found = memmem(client->bytes, client->n, text, strlen(text));
    use(client, (size_t)(found - client->bytes) + strlen(text));
    return true;
}

bool client_is_closed(client_t *client, int ms)
{
    const int64_t until = tm_time_mono_ns() + (int64_t)ms * 1000000;
    while (tm_time_mono_ns() < until) {
        struct pollfd p = {client->fd, POLLIN, 0};
        if (poll(&p, 1, 50) <= 0)
            continue;
        char bytes[4096];
        if (recv(client->fd, bytes, sizeof(bytes), 0) <= 0)
            return true;
    }
    return false;
}

void answer_header(const answer_t *answer, const char *name, char ret[512])
{
    ret[0] = '\0';
    const size_t n = strlen(name);
    for (const char *p = strstr(answer->head, "\r\n"); p != NULL; p = strstr(p + 2, "\r\n")) {
        if (strncasecmp(p + 2, name, n) != 0 || p[2 + n] != ':')
            continue;
        const char *value = p + 2 + n + 2;
        const size_t value_n = strcspn(value, "\r");
        assert_true(value_n < 512);
        memcpy(ret, value, value_n);
        ret[value_n] = '\0';
        return;
    }
}

bool client_read(client_t *client, bool head, answer_t *ret)
{
    const char *end;
    while ((end = memmem(client->bytes, client->n, "\r\n\r\n", 4)) == NULL) {
        if (!fill(client, WAIT_MS))
            return false;
    }
    ret->head_n = (size_t)(end - client->bytes) + 4;
    assert_true(ret->head_n < sizeof(ret->head));
    memcpy(ret->head, client->bytes, ret->head_n);
    ret->head[ret->head_n] = '\0';
    use(client, ret->head_n);
    assert_int_equal(sscanf(ret->head, "HTTP/1.%*d %d", &ret->status), 1);
    char length[512];
    answer_header(ret, "content-length", length);
    int64_t n = 0;
    if (!head && ret->status != 204 && ret->status != 304)
        assert_true(tm_str_i64(tm_str(length), &n));
    while (client->n < (size_t)n) {
        if (!fill(client, WAIT_MS))
            return false;
    }
    memcpy(ret->room, client->bytes, (size_t)n);
    ret->room[n] = '\0';
    ret->body = ret->room;
    ret->body_n = (size_t)n;
    use(client, (size_t)n);
    return true;
}

void ask(const server_t *server, const char *method, const char *path, const char *headers,
         const char *body, answer_t *ret)
{
    client_t client = client_open(server);
    client_say(&client, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s", method, path, server->port,
               headers);
    if (body != NULL)
        client_say(&client, "Content-Length: %zu\r\n", strlen(body));
    client_say(&client, "\r\n");
    if (body != NULL)
        client_send(&client, body, strlen(body));
    assert_true(client_read(&client, strcmp(method, "HEAD") == 0, ret));
    client_close(&client);
}

void ask_for(const server_t *server, answer_t *ret, const char *fmt, ...)
{
    char path[600];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(path, sizeof(path), fmt, args);
    va_end(args);
    assert_in_range(n, 0, sizeof(path) - 1);
    ask(server, "GET", path, KEY_HEADER, NULL, ret);
}

void answer_string(const answer_t *answer, const char *key, char *ret, size_t bytes)
{
    char quoted[64];
    snprintf(quoted, sizeof(quoted), "\"%s\":\"", key);
    const char *found = strstr(answer->body, quoted);
    if (found == NULL)
        fail_msg("no %s in %s", key, answer->body);
    found += strlen(quoted);
    const size_t n = strcspn(found, "\"");
    assert_true(n < bytes);
    memcpy(ret, found, n);
    ret[n] = '\0';
}

void user_header(const char *secret, const char *id, const char *role, char ret[1024])
{
    jwt_t *jwt = NULL;
    assert_int_equal(jwt_new(&jwt), 0);
    assert_int_equal(
        jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret, (int)strlen(secret)), 0);
    assert_int_equal(jwt_add_grant(jwt, "sub", id), 0);
    assert_int_equal(jwt_add_grant(jwt, "role", role), 0);
    assert_int_equal(jwt_add_grant_int(jwt, "exp", tm_time_now().v / 1000 + 3600), 0);
    char *text = jwt_encode_str(jwt);
    snprintf(ret, 1024, "authorization: Bearer %s\r\n", text);
    free(text);
    jwt_free(jwt);
}

void make_campaign(const server_t *server, const char *name, char ret_id[32])
{
    answer_t *answer = TM_NEW(answer_t);
    char body[512];
    snprintf(body, sizeof(body),
             "{\"name\":\"%s\",\"election_date\":\"2026-11-03\",\"markets\":[535],"
             "\"advertisers\":[{\"name\":\"Friends of Birch\",\"side\":\"for\"}]}",
             name);
    ask(server, "POST", "/api/v1/campaigns", KEY_HEADER JSON_HEADER, body, answer);
    if (answer->status != 201)
        fail_msg("%d %s", answer->status, answer->body);
    answer_string(answer, "id", ret_id, 32);
    tm_free(answer);
}

void post_line(const server_t *server, const char *campaign, const char *station,
               long long gross_cents)
{
    answer_t *answer = TM_NEW(answer_t);
    char body[512];
    snprintf(body, sizeof(body),
             "{\"campaign_id\":\"%s\",\"advertiser\":\"Friends of "
             "Birch\",\"station\":\"%s\",\"market\":535,"
             "\"medium\":\"broadcast\",\"flight_from\":\"2026-10-12\",\"flight_to\":\"2026-10-18\","
             "\"gross_cents\":%lld}",
             campaign, station, gross_cents);
    ask(server, "POST", "/api/v1/buy-lines", KEY_HEADER JSON_HEADER, body, answer);
    if (answer->status != 201)
        fail_msg("%d %s", answer->status, answer->body);
    tm_free(answer);
}
