/* listener.c - the sockets connections come in by, and TLS.
 *
 * How:     one socket a loop and address with SO_REUSEPORT, so that a loop accepts what is its own.
 *          Since that option would also let a second server share the port unseen, each address is
 *          first bound without it.
 * Threads: bind, tls: before the loops. start, stop: the loop's. */
#include "base/log.h"
#include "http/conn.h"
#include "http/listener.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define BACKLOG 1024

static int open_socket(const struct addrinfo *ai, const struct sockaddr *sa, socklen_t len,
                       bool shared)
{
    const int fd =
        socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);
    if (fd < 0)
        return -1;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (ai->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, sa, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

static uint16_t port_of(const struct sockaddr_storage *sa)
{
    if (sa->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)sa)->sin6_port);
    return ntohs(((const struct sockaddr_in *)(const void *)sa)->sin_port);
}

/* Binds address i for every loop. Returns 0 or errno. */
static int bind_address(tm_http_t *http, uint32_t i, const struct addrinfo *ai)
{
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof(sa);
    const int probe = open_socket(ai, ai->ai_addr, ai->ai_addrlen, false);
    if (probe < 0)
        return errno;
    const int named = getsockname(probe, (struct sockaddr *)&sa, &len);
    close(probe);
    if (named != 0)
        return errno;
    http->ports[i] = port_of(&sa);
    for (uint32_t k = 0; k < http->n_loops; k++) {
        const int fd = open_socket(ai, (const struct sockaddr *)&sa, len, true);
        if (fd < 0)
            return errno;
        http->loops[k]->listen_fds[i] = fd;
    }
    return 0;
}

tm_err_t tm_listener_bind(tm_http_t *http, tm_why_t *why)
{
    TM_CHECK(http, TM_HTTP_MAGIC);
    for (uint32_t i = 0; i < http->options.n_listen; i++) {
        const tm_listen_t *listen_on = &http->listen[i];
        char port[8];
        snprintf(port, sizeof(port), "%u", listen_on->port);
        const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                       .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
        struct addrinfo *found = NULL;
        const int rc = getaddrinfo(listen_on->host, port, &hints, &found);
        if (rc != 0)
            return tm_why_add(why, TM_EINVALID, "listen", "%s: %s", listen_on->host,
                              gai_strerror(rc));
        const int failed = bind_address(http, i, found);
        freeaddrinfo(found);
        if (failed != 0)
            return tm_why_add(why, TM_EUNAVAILABLE, "listen", "%s:%s: %s", listen_on->host, port,
                              strerror(failed));
    }
    return TM_OK;
}

static tm_err_t tls_fault(tm_why_t *why, const char *field, const char *file)
{
    char text[160] = "cannot be read";
    const unsigned long code = ERR_get_error();
    if (code != 0)
        ERR_error_string_n(code, text, sizeof(text));
    ERR_clear_error();
    return tm_why_add(why, TM_EINVALID, field, "%s: %s", file, text);
}

tm_err_t tm_listener_tls(tm_http_t *http, tm_why_t *why)
{
    const char *cert = http->options.tls_cert_file;
    const char *key = http->options.tls_key_file;
    if (cert == NULL && key == NULL)
        return TM_OK;
    if (cert == NULL || key == NULL)
        return tm_why_add(why, TM_EINVALID, cert == NULL ? "TLS_CERT_FILE" : "TLS_KEY_FILE",
                          "is needed when the other is given");
    SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
    if (ssl == NULL)
        return tls_fault(why, "TLS_CERT_FILE", cert);
    http->ssl = ssl; /* freed with the server */
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_id_context(ssl, (const unsigned char *)"trailmix", 8);
    if (SSL_CTX_use_certificate_chain_file(ssl, cert) != 1)
        return tls_fault(why, "TLS_CERT_FILE", cert);
    if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ssl) != 1)
        return tls_fault(why, "TLS_KEY_FILE", key);
    h2o_ssl_register_alpn_protocols(ssl, h2o_alpn_protocols);
    return TM_OK;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
    tm_loop_t *loop = listener->data;
    TM_CHECK(loop, TM_LOOP_MAGIC);
    if (err != NULL)
        return;
    for (int i = 0; i < TM_ACCEPTS_PER_TURN && !loop->full; i++) {
        h2o_socket_t *sock = h2o_evloop_socket_accept(listener);
        if (sock == NULL)
            return;
        tm_conn_accept(loop, sock);
    }
}

void tm_listener_start(tm_loop_t *loop)
{
    for (uint32_t i = 0; i < loop->http->options.n_listen; i++) {
        if (loop->listeners[i] == NULL) {
            loop->listeners[i] = h2o_evloop_socket_create(loop->ctx.loop, loop->listen_fds[i],
                                                          H2O_SOCKET_FLAG_DONT_READ);
            loop->listeners[i]->data = loop;
            loop->listen_fds[i] = -1;
        }
        h2o_socket_read_start(loop->listeners[i], on_accept);
    }
}

void tm_listener_stop(tm_loop_t *loop)
{
    for (uint32_t i = 0; i < loop->http->options.n_listen; i++) {
        if (loop->listeners[i] == NULL)
            continue;
        h2o_socket_read_stop(loop->listeners[i]);
        if (loop->stopping) {
            h2o_socket_close(loop->listeners[i]);
            loop->listeners[i] = NULL;
        }
    }
}
