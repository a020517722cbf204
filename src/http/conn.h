/* conn.h - what a connection has cost us, and the end of those that cost too much.
 *
 * Threads: the loop's. */
#ifndef TM_HTTP_CONN_H
#define TM_HTTP_CONN_H
#include "http/loop.h"

/* One connection; lives from accept until h2o closes the socket. */
typedef struct tm_conn {
    struct tm_conn *next, *prev; /* of the loop */
    tm_loop_t *loop;
    h2o_socket_t *sock;
    uint64_t address; /* tm_conn_address */
    uint32_t address_slot;
    uint32_t running;          /* requests that have no final answer yet */
    uint32_t streams;          /* event streams among them */
    uint64_t requests, deaths; /* deaths: ended by the peer before an answer */
    uint64_t waiting_since;    /* ms of the loop's clock; when running became 0 */
    size_t waiting_bytes;      /* bytes_read then */
    size_t accounted;          /* HTTP/2: of bytes_read, what is no body that is still coming */
    uint64_t body_bytes;       /* HTTP/2: bodies of `running` */
    bool loopback, http2, delivered, cut;
} tm_conn_t;

/* What stands for a peer: its IPv4 address (also when mapped into IPv6), or the /64 an IPv6 peer
 * owns. No two of them are equal; 0 for other families. */
uint64_t tm_conn_address(const struct sockaddr_storage *sa);
void tm_conn_accept(tm_loop_t *loop, h2o_socket_t *sock);
tm_conn_t *tm_conn_of(h2o_req_t *req);
/* Ends a connection through its descriptor; h2o then closes it properly. */
void tm_conn_cut(tm_conn_t *conn);
/* A request with such a body is there; it is gone. */
void tm_conn_begin_body(tm_conn_t *conn, size_t bytes);
void tm_conn_end_body(tm_conn_t *conn, size_t bytes);
/* After a turn, now and then: cuts bodies that come while the loop holds too much of them. */
void tm_conn_look_at_bodies(tm_loop_t *loop);
/* Once a second: cuts who is too slow. */
void tm_conn_sweep(tm_loop_t *loop);
#endif
