/* conn.c - what each connection has cost us, and the end of those that cost too much.
 *
 * Why:     libh2o has no limit on connections, requests or resets, and one deadline for head and
 *          body together.
 * How:     a record hangs at the socket's on_close; requests find it through their connection.
 *          Addresses are counted in a fixed table by a keyed hash: a collision can only make the
 *          limit stricter. A connection is ended by shutdown(2), which makes h2o close it properly.
 *          Which attack is met by which limit: see frames.c.
 * Threads: the loop's; the table of addresses is atomic. */
#include "base/digest.h"
#include "base/log.h"
#include "http/conn.h"
#include "http/frames.h"
#include "http/listener.h"
#include <arpa/inet.h>
#include <h2o/http1.h>
#include <h2o/http2.h>
#include <linux/tcp.h> /* its tcp_info knows what was acknowledged */
#include <netinet/in.h>
#include <sys/socket.h>

static bool is_loopback(const struct sockaddr_storage *sa)
{
    if (sa->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
        return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    }
    if (sa->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)sa;
        if (IN6_IS_ADDR_LOOPBACK(&in->sin6_addr))
            return true;
        return IN6_IS_ADDR_V4MAPPED(&in->sin6_addr) && in->sin6_addr.s6_addr[12] == 127;
    }
    return false;
}

uint64_t tm_conn_address(const struct sockaddr_storage *sa)
{
    /* An IPv4 address as the second half of its mapped form; no /64 in use begins like that. */
    uint8_t bytes[8] = {0, 0, 0xff, 0xff};
    uint64_t address = 0;
    if (sa->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)sa;
        const size_t from = IN6_IS_ADDR_V4MAPPED(&in->sin6_addr) ? 8 : 0;
        memcpy(&address, in->sin6_addr.s6_addr + from, sizeof(address));
    } else if (sa->ss_family == AF_INET) {
        memcpy(bytes + 4, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
        memcpy(&address, bytes, sizeof(address));
    }
    return address;
}

static uint32_t slot_of(const tm_http_t *http, uint64_t address)
{
    const uint64_t key[2] = {http->address_seed, address};
    return (uint32_t)tm_hash64(key, sizeof(key)) & (TM_ADDRESS_SLOTS - 1);
}

static void on_close(void *data)
{
    tm_conn_t *conn = data;
    tm_loop_t *loop = conn->loop;
    assert(conn->running == 0 && conn->streams == 0);
    assert(loop->n_conns > 0);
    *(conn->prev == NULL ? &loop->conns : &conn->prev->next) = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    loop->n_conns--;
    if (!conn->loopback) {
        /* relaxed: a count, nothing is published by it; partner: the add in tm_conn_accept. */
        __atomic_fetch_sub(&loop->http->addresses[conn->address_slot], 1, __ATOMIC_RELAXED);
    }
    tm_frames_done(conn);
    tm_free(conn);
    if (loop->full && !loop->stopping) {
        loop->full = false;
        tm_listener_start(loop);
    }
}

/* In clear text the first bytes tell the protocol. The library would do this only together with
 * upgrades from HTTP/1.1, which are a way around a proxy and stay off. */
static void on_first_bytes(h2o_socket_t *sock, const char *err)
{
    static const char preface[] = "PRI * HTTP/2.0";
    tm_conn_t *conn = sock->data;
    if (err != NULL) {
        h2o_socket_close(sock);
        return;
    }
    const size_t n = TM_MIN(sock->input->size, sizeof(preface) - 1);
    const bool begins = n > 0 && memcmp(sock->input->bytes, preface, n) == 0;
    if (n == 0 || (begins && n < sizeof(preface) - 1))
        return; /* more must come; tm_conn_sweep limits how long */
    tm_loop_t *loop = conn->loop;
    h2o_socket_read_stop(sock);
    const struct timeval now = *h2o_get_timestamp(&loop->ctx, NULL, NULL);
    if (begins) {
        conn->http2 = true;
        h2o_http2_accept(&loop->accept, sock, now);
    } else {
        h2o_http1_accept(&loop->accept, sock, now);
    }
}

static uint32_t second_of(const tm_loop_t *loop)
{
    return (uint32_t)(tm_loop_now(loop) / 1000);
}

void tm_conn_accept(tm_loop_t *loop, h2o_socket_t *sock)
{
    tm_http_t *http = loop->http;
    struct sockaddr_storage sa = {0};
    const socklen_t len = h2o_socket_getpeername(sock, (struct sockaddr *)&sa);
    const bool loopback = len != 0 && is_loopback(&sa);
    const uint64_t address = tm_conn_address(&sa);
    const uint32_t slot = slot_of(http, address);
    if (!loopback && tm_abuse_is_out(http, slot, second_of(loop))) {
        h2o_socket_close(sock);
        return;
    }
    if (!loopback) {
        /* relaxed: a count; partner: the sub in on_close. */
        const uint32_t before = __atomic_fetch_add(&http->addresses[slot], 1, __ATOMIC_RELAXED);
        if (before >= TM_ADDRESS_CONNECTIONS_MAX) {
            __atomic_fetch_sub(&http->addresses[slot], 1, __ATOMIC_RELAXED);
            h2o_socket_close(sock);
            return;
        }
    }
    tm_conn_t *conn = TM_NEW(tm_conn_t);
    *conn = (tm_conn_t){.loop = loop,
                        .sock = sock,
                        .address = address,
                        .address_slot = slot,
                        .loopback = loopback,
                        .waiting_since = tm_loop_now(loop),
                        .next = loop->conns};
    if (loop->conns != NULL)
        loop->conns->prev = conn;
    loop->conns = conn;
    loop->n_conns++;
    sock->on_close.cb = on_close;
    sock->on_close.data = conn;
    if (loop->n_conns >= TM_LOOP_CONNECTIONS_MAX && !loop->full) {
        loop->full = true;
        tm_listener_stop(loop);
        tm_log(TM_LOG_WARN, "http_full", "loop %u: not accepting until a connection closes",
               loop->index);
    }
    if (loop->accept.ssl_ctx != NULL) {
        h2o_accept(&loop->accept, sock);
        return;
    }
    sock->data = conn;
    h2o_socket_read_start(sock, on_first_bytes);
}

tm_conn_t *tm_conn_of(h2o_req_t *req)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    tm_conn_t *conn = sock->on_close.data;
    assert(conn != NULL && conn->sock == sock);
    return conn;
}

void tm_conn_cut(tm_conn_t *conn)
{
    if (conn->cut)
        return;
    conn->cut = true;
    shutdown(h2o_socket_get_fd(conn->sock), SHUT_RDWR);
}

/* ---- addresses that do it again ---- */

/* A slot holds the second of the last strike (high) and how many there were (low). */
void tm_abuse_strike(tm_http_t *http, uint32_t slot, uint32_t second)
{
    assert(slot < TM_ADDRESS_SLOTS);
    /* relaxed: a number that publishes nothing; of two strikes at once one may be lost. */
    const uint64_t old = __atomic_load_n(&http->strikes[slot], __ATOMIC_RELAXED);
    const uint32_t age = second - (uint32_t)(old >> 32);
    const uint32_t n = age * UINT64_C(1000) >= TM_ABUSE_MEMORY_MS ? 0 : (uint32_t)old;
    const uint64_t fresh = (uint64_t)second << 32 | TM_MIN(n + 1, (uint32_t)TM_ABUSE_STRIKES_MAX);
    __atomic_store_n(&http->strikes[slot], fresh, __ATOMIC_RELAXED);
}

bool tm_abuse_is_out(const tm_http_t *http, uint32_t slot, uint32_t second)
{
    assert(slot < TM_ADDRESS_SLOTS);
    const uint64_t at = __atomic_load_n(&http->strikes[slot], __ATOMIC_RELAXED);
    const uint32_t age = second - (uint32_t)(at >> 32);
    return (uint32_t)at >= TM_ABUSE_STRIKES_MAX && age * UINT64_C(1000) < TM_ABUSE_SHUT_OUT_MS;
}

void tm_conn_punish(tm_conn_t *conn)
{
    if (conn->cut)
        return;
    tm_conn_cut(conn);
    if (conn->loopback)
        return; /* what stands behind a proxy on this machine are many */
    tm_http_t *http = conn->loop->http;
    const uint32_t second = second_of(conn->loop);
    tm_abuse_strike(http, conn->address_slot, second);
    if (tm_abuse_is_out(http, conn->address_slot, second))
        tm_log(TM_LOG_WARN, "http_abuse", "an address is shut out for %d s",
               TM_ABUSE_SHUT_OUT_MS / 1000);
}

/* A connection from which we wait for a request: nothing may take longer than HEAD_WAIT_MS
 * unless bytes flow. Idle keep-alive (no byte since the last answer) has libh2o's own, longer
 * deadline. */
static bool is_too_slow(const tm_conn_t *conn, uint64_t now)
{
    if (conn->running > 0)
        return false;
    const uint64_t waited = now - conn->waiting_since;
    const uint64_t got = conn->sock->input->size + conn->unfinished;
    const uint64_t limit =
        conn->http2 && conn->delivered ? TM_IDLE_WAIT_MS : conn->loop->http->head_wait_ms;
    if (waited < limit || (got == 0 && conn->delivered))
        return false;
    return got < waited * TM_BODY_RATE_MIN / 1000;
}

/* Bytes the peer has acknowledged; 0 where the kernel does not tell. */
static uint64_t acked(const tm_conn_t *conn)
{
    struct tcp_info info;
    socklen_t n = sizeof(info);
    memset(&info, 0, sizeof(info));
    if (getsockopt(h2o_socket_get_fd(conn->sock), IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
        return 0;
    return info.tcpi_bytes_acked;
}

/* Answers wait for the peer to take them: a window of zero, or a peer that does not read. */
static bool takes_nothing(tm_conn_t *conn, uint64_t now)
{
    if (conn->answering <= conn->streams) {
        conn->unsent_since = 0;
        return false;
    }
    const uint64_t waited = conn->unsent_since == 0 ? 0 : now - conn->unsent_since;
    if (conn->unsent_since != 0 && waited < conn->loop->http->stall_ms)
        return false;
    const uint64_t bytes = acked(conn);
    if (waited > 0 && bytes - conn->unsent_acked < waited * TM_BODY_RATE_MIN / 1000)
        return true;
    conn->unsent_since = now;
    conn->unsent_acked = bytes;
    return false;
}

/* Bodies that come too slowly, also beside requests that run. */
static bool drips(tm_conn_t *conn, uint64_t now)
{
    if (conn->unfinished == 0) {
        conn->body_since = 0;
        return false;
    }
    const uint64_t waited = conn->body_since == 0 ? 0 : now - conn->body_since;
    if (conn->body_since != 0 && waited < conn->loop->http->stall_ms)
        return false;
    if (waited > 0 && conn->body_came - conn->body_seen < waited * TM_BODY_RATE_MIN / 1000)
        return true;
    conn->body_since = now;
    conn->body_seen = conn->body_came;
    return false;
}

void tm_conn_sweep(tm_loop_t *loop)
{
    const uint64_t now = tm_loop_now(loop);
    for (tm_conn_t *conn = loop->conns; conn != NULL; conn = conn->next) {
        if (conn->cut)
            continue;
        tm_frames_watch(conn);
        if (is_too_slow(conn, now) || takes_nothing(conn, now) || drips(conn, now))
            tm_conn_cut(conn);
    }
}

/* ---- bodies ---- */

/* Bytes of requests that are coming or being worked on. HTTP/1 keeps them in the socket's buffer.
 * What streams of HTTP/2 hold the library does not tell: frames.c counts what came of bodies that
 * are not whole, and the rest are the bodies of requests we have. */
static uint64_t body_bytes(const tm_conn_t *conn)
{
    if (!conn->http2)
        return conn->sock->input->size;
    return conn->unfinished + conn->body_bytes;
}

void tm_conn_begin_body(tm_conn_t *conn, size_t bytes)
{
    if (conn->http2)
        conn->body_bytes += bytes;
}

void tm_conn_end_body(tm_conn_t *conn, size_t bytes)
{
    if (!conn->http2)
        return;
    assert(conn->body_bytes >= bytes);
    conn->body_bytes -= bytes;
}

/* Nobody can answer before the whole body is there; where nothing has been promised, plain bytes
 * may. The peer may not read them: it is being cut in the middle of its body. */
static void refuse_body(tm_conn_t *conn)
{
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n"
                                 "retry-after: 5\r\ncontent-length: 0\r\n\r\n";
    if (!conn->http2 && conn->running == 0 && conn->sock->ssl == NULL)
        (void)!send(h2o_socket_get_fd(conn->sock), answer, sizeof(answer) - 1,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    tm_conn_cut(conn);
}

/* The largest that may still grow; NULL: all are small, or complete. Their sum goes to *ret_sum. */
static tm_conn_t *largest(const tm_loop_t *loop, uint64_t *ret_sum)
{
    tm_conn_t *found = NULL;
    uint64_t sum = 0;
    uint64_t most = TM_BODY_SMALL_BYTES;
    for (tm_conn_t *conn = loop->conns; conn != NULL; conn = conn->next) {
        const uint64_t bytes = body_bytes(conn);
        sum += bytes;
        if (bytes <= most || conn->cut || (!conn->http2 && conn->running > 0))
            continue;
        most = bytes;
        found = conn;
    }
    *ret_sum = sum;
    return found;
}

void tm_conn_look_at_bodies(tm_loop_t *loop)
{
    const uint64_t now = tm_loop_now(loop);
    if (now < loop->bodies_at)
        return;
    loop->bodies_at = now + TM_BODIES_LOOK_MS + loop->n_conns / 128;
    const tm_http_t *http = loop->http;
    const bool full = tm_ceiling_state(http->options.ceiling) == TM_MEMORY_FULL;
    const uint64_t max = full ? 0 : http->bodies_max;
    uint64_t sum = 0;
    /* A connection that was cut keeps its bytes until its turn: it is taken off the sum here. */
    tm_conn_t *conn = largest(loop, &sum);
    for (uint64_t cut = 0; conn != NULL && sum > max + cut; conn = largest(loop, &sum)) {
        cut += body_bytes(conn);
        refuse_body(conn);
    }
}
