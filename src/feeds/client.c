/* client.c - HTTP requests by libcurl's easy interface.
 *
 * Why:     see client.h.
 * Threads: see client.h.
 * Source:  libcurl 7.88. */
#include "feeds/client.h"
#include "base/memory.h"
#include <curl/curl.h>

#define CLIENT_MAGIC 0x636c6e74u
#define KEY_HEADER "x-api-key: "

struct tm_client {
    uint32_t magic;
    CURL *curl;
    char *base;       /* without '/' at the end */
    char *key_header; /* "x-api-key: ...", NULL: none */
    bool http2;
    char error[CURL_ERROR_SIZE];
};

typedef struct answer {
    tm_buf_t *body;
    bool too_large;
} answer_t;

static tm_err_t base_check(tm_str_t url, tm_why_t *why);
static size_t on_body(char *p, size_t size, size_t n, void *arg);
static struct curl_slist *headers_make(const tm_client_t *client,
                                       const tm_client_request_t *request);
static bool options_set(tm_client_t *client, const tm_client_request_t *request, const char *url,
                        struct curl_slist *headers, answer_t *answer);
static tm_err_t failure(const tm_client_t *client, CURLcode code, const answer_t *answer,
                        tm_why_t *why);

tm_err_t tm_client_new(tm_str_t base_url, tm_str_t api_key, bool http2, tm_client_t **ret,
                       tm_why_t *why)
{
    assert(ret != NULL);
    while (base_url.n > 0 && base_url.p[base_url.n - 1] == '/') {
        base_url.n--;
    }
    tm_err_t err = base_check(base_url, why);
    if (err != TM_OK)
        return err;
    for (uint32_t i = 0; i < api_key.n; i++) {
        if ((unsigned char)api_key.p[i] <= 0x20 || (unsigned char)api_key.p[i] > 0x7e)
            return tm_why_add(why, TM_EINVALID, "SYSTEM_API_KEY",
                              "must be printable characters without blanks");
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "libcurl does not start");
    tm_client_t *client = TM_NEW(tm_client_t);
    client->magic = CLIENT_MAGIC;
    client->http2 = http2;
    client->base = tm_strdup_n(base_url.p, base_url.n);
    if (api_key.n > 0) {
        client->key_header = tm_alloc(sizeof(KEY_HEADER) + api_key.n);
        memcpy(client->key_header, KEY_HEADER, sizeof(KEY_HEADER) - 1);
        memcpy(client->key_header + sizeof(KEY_HEADER) - 1, api_key.p, api_key.n);
        client->key_header[sizeof(KEY_HEADER) - 1 + api_key.n] = '\0';
    }
    client->curl = curl_easy_init();
    if (client->curl == NULL) {
        tm_client_free(client);
        return tm_why_add(why, TM_EUNAVAILABLE, NULL, "libcurl does not start");
    }
    *ret = client;
    return TM_OK;
}

void tm_client_free(TM_OWN tm_client_t *client)
{
    if (client == NULL)
        return;
    TM_CHECK(client, CLIENT_MAGIC);
    curl_easy_cleanup(client->curl); /* NULL is fine */
    if (client->key_header != NULL) {
        explicit_bzero(client->key_header, strlen(client->key_header));
    }
    tm_free(client->key_header);
    tm_free(client->base);
    client->magic = 0;
    tm_free(client);
    curl_global_cleanup();
}

tm_err_t tm_client_request(tm_client_t *client, const tm_client_request_t *request, int *ret_status,
                           tm_buf_t *body, tm_why_t *why)
{
    TM_CHECK(client, CLIENT_MAGIC);
    assert(request->method != NULL && request->path != NULL && request->path[0] == '/');
    assert(ret_status != NULL && body != NULL);
    answer_t answer = {.body = body};
    tm_buf_t url;
    tm_buf_clear(body);
    tm_buf_init(&url, 64u << 10);
    tm_buf_add_c(&url, client->base);
    tm_buf_add_c(&url, request->path);
    tm_buf_add_char(&url, '\0');
    struct curl_slist *headers = headers_make(client, request);
    tm_err_t err = TM_OK;
    if (url.full) {
        err = tm_why_add(why, TM_ETOOLARGE, NULL, "the address is too long");
    } else if (headers == NULL || !options_set(client, request, url.p, headers, &answer)) {
        err = tm_why_add(why, TM_EIO, NULL, "libcurl refuses the request");
    } else {
        client->error[0] = '\0';
        const CURLcode code = curl_easy_perform(client->curl);
        long status = 0;
        if (code != CURLE_OK) {
            err = failure(client, code, &answer, why);
        } else if (curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
                   status < 100) {
            err = tm_why_add(why, TM_EIO, NULL, "%s answers without a status", client->base);
        } else {
            *ret_status = (int)status;
        }
    }
    curl_slist_free_all(headers);
    tm_buf_done(&url);
    return err;
}

void tm_client_escape(tm_str_t value, tm_buf_t *out)
{
    static const char HEX[] = "0123456789ABCDEF";
    assert(out != NULL);
    assert(value.n == 0 || value.p != NULL);
    for (uint32_t i = 0; i < value.n; i++) {
        const unsigned char c = (unsigned char)value.p[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            tm_buf_add_char(out, (char)c);
        } else {
            const char text[3] = {'%', HEX[c >> 4], HEX[c & 15]};
            tm_buf_add(out, text, sizeof(text));
        }
    }
}

/* Scheme, host and perhaps a port; a user, a path or a query would not mean what somebody hopes. */
static tm_err_t base_check(tm_str_t url, tm_why_t *why)
{
    const uint32_t scheme = tm_str_starts(url, "http://")    ? 7
                            : tm_str_starts(url, "https://") ? 8
                                                             : 0;
    bool fine = scheme > 0 && url.n > scheme && url.n < 1024;
    for (uint32_t i = scheme; fine && i < url.n; i++) {
        const unsigned char c = (unsigned char)url.p[i];
        fine = c > 0x20 && c < 0x7f && strchr("/?#@\\", c) == NULL;
    }
    if (!fine)
        return tm_why_add(why, TM_EINVALID, "server",
                          "must be like http://127.0.0.1:3000 or https://trailmix.example");
    return TM_OK;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    answer_t *answer = arg;
    assert(size == 1);
    (void)size;
    tm_buf_add(answer->body, p, n);
    answer->too_large = answer->body->full;
    return answer->too_large ? 0 : n; /* 0 of n: libcurl gives up */
}

static bool header_add(struct curl_slist **headers, const char *name, const char *value)
{
    tm_buf_t line;
    tm_buf_init(&line, 8192);
    tm_buf_add_c(&line, name);
    tm_buf_add_c(&line, value);
    tm_buf_add_char(&line, '\0');
    struct curl_slist *longer = line.full ? NULL : curl_slist_append(*headers, line.p);
    tm_buf_done(&line);
    if (longer == NULL)
        return false;
    *headers = longer;
    return true;
}

/* NULL: out of memory or a header too long. */
static struct curl_slist *headers_make(const tm_client_t *client,
                                       const tm_client_request_t *request)
{
    struct curl_slist *headers = NULL;
    bool fine = header_add(&headers,
                           "Expect:", ""); /* no question before the body: it costs a round trip */
    fine = fine && (client->key_header == NULL || header_add(&headers, client->key_header, ""));
    /* Without its own type libcurl would claim a form. */
    fine = fine &&
           header_add(&headers,
                      "Content-Type:", request->content_type == NULL ? "" : request->content_type);
    fine = fine && (request->idempotency_key == NULL ||
                    header_add(&headers, "Idempotency-Key: ", request->idempotency_key));
    if (fine)
        return headers;
    curl_slist_free_all(headers);
    return NULL;
}

static bool options_set(tm_client_t *client, const tm_client_request_t *request, const char *url,
                        struct curl_slist *headers, answer_t *answer)
{
    CURL *curl = client->curl;
    const bool tls = strncmp(url, "https:", 6) == 0;
    const long clear = client->http2 ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1;
    const long version = tls ? CURL_HTTP_VERSION_2TLS : clear;
    const int64_t timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : TM_CLIENT_TIMEOUT_MS;
    const bool head = strcmp(request->method, "HEAD") == 0;
    curl_easy_reset(curl); /* the connection stays */
    int bad = 0;
    bad |= curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, version) != CURLE_OK;
    if (!tls) { /* a proxy of the environment would read the key */
        bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK;
    }
    bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
    bad |=
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)TM_CLIENT_CONNECT_MS) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "trailmix") != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->error) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) != CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK;
    const bool sends = request->body.p != NULL || !(head || strcmp(request->method, "GET") == 0 ||
                                                    strcmp(request->method, "DELETE") == 0);
    if (sends) { /* a POST without a body says so: Content-Length 0 */
        bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n) !=
               CURLE_OK;
        bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                                request->body.p == NULL ? "" : request->body.p) !=
               CURLE_OK; /* not copied */
    }
    if (head) {
        bad |= curl_easy_setopt(curl, CURLOPT_NOBODY, 1L) != CURLE_OK;
    }
    bad |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK;
    assert(headers != NULL && answer->body != NULL);
    return bad == 0;
}

/* libcurl's words name the host and what happened, never our headers. */
static tm_err_t failure(const tm_client_t *client, CURLcode code, const answer_t *answer,
                        tm_why_t *why)
{
    const char *text = client->error[0] != '\0' ? client->error : curl_easy_strerror(code);
    assert(code != CURLE_OK);
    if (answer->too_large)
        return tm_why_add(why, TM_ETOOLARGE, NULL, "%s: the answer is larger than %zu bytes",
                          client->base, answer->body->max);
    tm_err_t err = TM_EIO;
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
        code == CURLE_SSL_CONNECT_ERROR) {
        err = TM_EUNAVAILABLE;
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        err = TM_ETIMEOUT;
    }
    return tm_why_add(why, err, NULL, "%s: %s", client->base, text);
}
