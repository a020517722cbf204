/* with_server.h - the real HTTP server with the real actors in this process, and clients that write
 * raw bytes.
 *
 * How:     commits become durable in memory on a thread of their own; bytes of inputs are kept in
 *          memory too.
 * Threads: the test's. */
#ifndef TM_TESTS_HTTP_WITH_SERVER_H
#define TM_TESTS_HTTP_WITH_SERVER_H
#include "http/loop.h"

#define SERVER_KEY "0123456789abcdef0123456789abcdef"
#define SERVER_JWT_SECRET "signs-the-tokens-of-these-tests-0123456789"
#define KEY_HEADER "x-api-key: " SERVER_KEY "\r\n"
#define JSON_HEADER "content-type: application/json\r\n"

typedef struct server {
    tm_http_t *http;
    tm_runtime_t *rt;
    uint16_t port;
    /* the journal in memory */
    pthread_mutex_t lock;
    tm_commit_t *pushed, *pushed_last;
    char **log;
    uint32_t *log_bytes;
    uint32_t log_n, log_cap;
    bool stop;
    tm_park_t park;
    tm_thread_t journal;
    uint32_t never; /* requests the services have swallowed; atomic */
} server_t;

typedef struct server_setup {
    const char *web_dir, *cert_file, *key_file; /* NULL: none */
    void (*tune)(tm_http_t *http); /* NULL, or may shorten deadlines before the start */
} server_setup_t;
server_t *server_start(server_setup_t setup);
void server_stop(server_t *server);

#define ANSWER_BYTES_MAX (1u << 20)
typedef struct answer {
    int status;
    size_t head_n, body_n;
    char head[8192];
    char *body; /* NUL-terminated, in memory of the client */
    char room[ANSWER_BYTES_MAX];
} answer_t;

typedef struct client {
    int fd;
    size_t n; /* bytes read and not yet used */
    char *bytes;
} client_t;

client_t client_open(const server_t *server);
/* One between whom and the server little fits: who reads nothing stops the server's writes soon. */
client_t client_open_narrow(const server_t *server);
void client_close(client_t *client);
void client_send(client_t *client, const char *bytes, size_t n);
void client_say(client_t *client, const char *fmt, ...) TM_PRINTF(2, 3);
/* One HTTP/1.1 answer with Content-Length (or 204, 304, or to HEAD). false: the connection ended
 * first. */
bool client_read(client_t *client, bool head, answer_t *ret);
/* Waits until the bytes so far hold `text` (which are then used up to its end); false: 5 s
 * passed or the connection ended. */
bool client_wait_for(client_t *client, const char *text);
bool client_see(client_t *client, const char *text); /* the same, but nothing is used up */
/* true: the peer closed (or reset) within ms. */
bool client_is_closed(client_t *client, int ms);
/* A header's value in ret (512 bytes), "" if absent. */
void answer_header(const answer_t *answer, const char *name, char ret[512]);

/* One request on a connection of its own. headers: lines with \r\n each. body NULL: none. */
void ask(const server_t *server, const char *method, const char *path, const char *headers,
         const char *body, answer_t *ret);
/* GET of the path that fmt makes, with the system's key. */
void ask_for(const server_t *server, answer_t *ret, const char *fmt, ...) TM_PRINTF(3, 4);
/* The string under a key of a flat JSON answer; fails the test if absent. */
void answer_string(const answer_t *answer, const char *key, char *ret, size_t bytes);
/* A header line with a token for a user's id and role, signed with the secret, that ends in an
 * hour. */
void user_header(const char *secret, const char *id, const char *role, char ret[1024]);
/* A campaign with the name; its id. */
void make_campaign(const server_t *server, const char *name, char ret_id[32]);
/* Posts a line of gross_cents for a station of the campaign; fails the test unless 201. */
void post_line(const server_t *server, const char *campaign, const char *station,
               long long gross_cents);
#endif
