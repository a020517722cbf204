/* test_client.c - the command line's HTTP client against a tiny server of this test.
 *
 * How:     one thread answers one connection with prepared bytes and keeps what it was sent. */
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "feeds/client.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define KEY "k3y-that-nobody-sees"

typedef struct server {
    int listener;
    uint16_t port;
    const char *answers[4]; /* one a request, on one connection; NULL: close */
    bool silent;            /* accepts and never answers */
    tm_buf_t got;           /* everything it was sent */
    unsigned connections;
    tm_thread_t thread;
} server_t;

/* Reads one request, its body by Content-Length. false: the client closed. */
static bool request_read(server_t *s, int fd)
{
    const size_t start = s->got.n;
    size_t want = 0;
    for (;;) {
        char bytes[4096];
        const ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
        if (n <= 0)
            return false;
        tm_buf_add(&s->got, bytes, (size_t)n);
        const char *head = s->got.p + start;
        const size_t have = s->got.n - start;
        const char *end = memmem(head, have, "\r\n\r\n", 4);
        const char *length = memmem(head, have, "Content-Length: ", 16);
        if (end != NULL) {
            want = (size_t)(end - head) + 4 +
                   (length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0);
        }
        if (want > 0 && have >= want)
            return true;
    }
}

static void serve(void *arg)
{
    server_t *s = arg;
    const int fd = accept(s->listener, NULL, NULL);
    if (fd < 0)
        return;
    s->connections++;
    for (size_t i = 0; (s->silent || s->answers[i] != NULL) && request_read(s, fd); i++) {
        if (!s->silent) {
            const size_t n = strlen(s->answers[i]);
            if (send(fd, s->answers[i], n, MSG_NOSIGNAL) != (ssize_t)n) {
                break;
            }
        }
    }
    (void)close(fd);
}

static void server_start(server_t *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof(address);
    tm_buf_init(&s->got, 1 << 20);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(s->listener, 4), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &bytes), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(tm_thread_start(&s->thread, "server", serve, s), TM_OK);
}

static void server_stop(server_t *s)
{
    (void)shutdown(s->listener, SHUT_RDWR);
    tm_thread_join(&s->thread);
    (void)close(s->listener);
    tm_buf_done(&s->got);
}

static tm_client_t *client_of(const server_t *s, const char *key)
{
    char url[64];
    tm_client_t *client = NULL;
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)s->port);
    assert_int_equal(tm_client_new(tm_str(url), tm_str(key), false, &client, NULL), TM_OK);
    return client;
}

static void client_request__sends_and_answers_on_one_connection(void **state)
{
    (void)state;
    server_t s = {.answers = {"HTTP/1.1 202 Accepted\r\nContent-Length: 11\r\n\r\n{\"id\":\"in\"}",
                              "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
                              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}};
    server_start(&s);
    tm_client_t *client = client_of(&s, KEY);
    tm_buf_t body;
    tm_buf_init(&body, 1000);
    int status = 0;
    const tm_client_request_t post = {.method = "POST",
                                      .path = "/api/v1/inputs?source=fcc",
                                      .content_type = "application/octet-stream",
                                      .idempotency_key = "abc",
                                      .body = {"by\0tes", 6}};
    assert_int_equal(tm_client_request(client, &post, &status, &body, NULL), TM_OK);
    assert_int_equal(status, 202);
    assert_true(tm_str_eq(tm_buf_str(&body), TM_STR("{\"id\":\"in\"}")));
    const tm_client_request_t get = {.method = "GET", .path = "/x"};
    assert_int_equal(tm_client_request(client, &get, &status, &body, NULL), TM_OK);
    assert_int_equal(status, 404);
    assert_true(tm_str_eq(tm_buf_str(&body), TM_STR("no")));
    const tm_client_request_t bare = {.method = "POST", .path = "/undo"};
    assert_int_equal(tm_client_request(client, &bare, &status, &body, NULL), TM_OK);
    assert_int_equal(status, 200);
    assert_int_equal(body.n, 0);
    tm_client_free(client);
    assert_int_equal(s.connections, 1);
    tm_buf_add_char(&s.got, '\0');
    static const char *const SENT[] = {"POST /api/v1/inputs?source=fcc HTTP/1.1\r\n",
                                       "x-api-key: " KEY "\r\n",
                                       "Content-Type:application/octet-stream\r\n",
                                       "Idempotency-Key: abc\r\n",
                                       "Content-Length: 6\r\n",
                                       "GET /x HTTP/1.1\r\n",
                                       "POST /undo HTTP/1.1\r\n",
                                       "Content-Length: 0\r\n"};
    for (size_t i = 0; i < TM_COUNT(SENT); i++) {
        assert_non_null(memmem(s.got.p, s.got.n, SENT[i], strlen(SENT[i])));
    }
    assert_non_null(memmem(s.got.p, s.got.n, "\r\n\r\nby\0tes", 10));
    assert_null(memmem(s.got.p, s.got.n, "Expect", 6));
    assert_null(memmem(s.got.p, s.got.n, "urlencoded", 10));
    tm_buf_done(&body);
    server_stop(&s);
}

/* Sends one GET and gives back the error and its text. */
static tm_err_t fails(server_t *s, int64_t timeout_ms, size_t body_max, char *ret_line,
                      size_t line_bytes)
{
    tm_client_t *client = client_of(s, KEY);
    tm_buf_t body;
    tm_buf_init(&body, body_max);
    tm_why_t why;
    tm_why_clear(&why);
    int status = -1;
    const tm_client_request_t get = {.method = "GET", .path = "/", .timeout_ms = timeout_ms};
    const tm_err_t err = tm_client_request(client, &get, &status, &body, &why);
    assert_int_equal(status, -1);
    assert_int_equal(why.n, 1);
    (void)tm_why_line(&why, ret_line, line_bytes);
    assert_null(strstr(ret_line, KEY));
    tm_client_free(client);
    tm_buf_done(&body);
    return err;
}

static void client_request__failures_are_told_apart_without_the_key(void **state)
{
    (void)state;
    char text[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 8];
    server_t silent = {.silent = true};
    server_start(&silent);
    const int64_t start = tm_time_mono_ns();
    assert_int_equal(fails(&silent, 300, 100, text, sizeof(text)), TM_ETIMEOUT);
    assert_true(tm_time_mono_ns() - start < INT64_C(5000000000));
    server_stop(&silent);
    server_t long_answer = {
        .answers = {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789"}};
    server_start(&long_answer);
    assert_int_equal(fails(&long_answer, 5000, 19, text, sizeof(text)), TM_ETOOLARGE);
    server_stop(&long_answer);
    server_t cut = {.answers = {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123"}};
    server_start(&cut);
    assert_int_equal(fails(&cut, 5000, 100, text, sizeof(text)), TM_EIO);
    server_stop(&cut);
    assert_int_equal(fails(&cut, 5000, 100, text, sizeof(text)),
                     TM_EUNAVAILABLE); /* nobody listens there now */
    assert_non_null(strstr(text, "127.0.0.1"));
}

static void client_request__redirects_are_not_followed(void **state)
{
    (void)state;
    server_t s = {
        .answers = {
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"}};
    server_start(&s);
    tm_client_t *client = client_of(&s, "");
    tm_buf_t body;
    tm_buf_init(&body, 100);
    int status = 0;
    const tm_client_request_t get = {.method = "GET", .path = "/"};
    assert_int_equal(tm_client_request(client, &get, &status, &body, NULL), TM_OK);
    assert_int_equal(status, 302);
    assert_null(memmem(s.got.p, s.got.n, "x-api-key", 9));
    tm_client_free(client);
    tm_buf_done(&body);
    server_stop(&s);
}

static void client_new__refuses_what_is_no_server(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",
                                      "http://",
                                      "ftp://x",
                                      "file:///etc/passwd",
                                      "localhost:3000",
                                      "http://u:p@host",
                                      "http://host/path",
                                      "http://host?x",
                                      "http://ho st"};
    for (size_t i = 0; i < TM_COUNT(BAD); i++) {
        tm_client_t *client = NULL;
        tm_why_t why;
        tm_why_clear(&why);
        assert_int_equal(tm_client_new(tm_str(BAD[i]), TM_STR("k"), false, &client, &why),
                         TM_EINVALID);
        assert_null(client);
        assert_int_equal(why.n, 1);
    }
    tm_client_t *client = NULL;
    assert_int_equal(
        tm_client_new(TM_STR("http://h"), TM_STR("a\r\nHost: x"), false, &client, NULL),
        TM_EINVALID);
}

static void client_escape__leaves_only_what_is_safe(void **state)
{
    (void)state;
    tm_buf_t out;
    tm_buf_init(&out, 100);
    tm_client_escape(TM_STR("a-Z_0.9~ /&\xc3\xa9%"), &out);
    assert_true(tm_str_eq(tm_buf_str(&out), TM_STR("a-Z_0.9~%20%2F%26%C3%A9%25")));
    tm_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_request__sends_and_answers_on_one_connection),
        cmocka_unit_test(client_request__failures_are_told_apart_without_the_key),
        cmocka_unit_test(client_request__redirects_are_not_followed),
        cmocka_unit_test(client_new__refuses_what_is_no_server),
        cmocka_unit_test(client_escape__leaves_only_what_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
