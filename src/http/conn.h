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
    uint64_t body_bytes;       /* HTTP/2: bodies of `running` */
    bool loopback, http2, delivered, cut;
    uint32_t answering;    /* requests whose answer has begun and not ended; event streams too */
    uint64_t unsent_since; /* ms; 0: all answers but event streams have left */
    uint64_t unsent_acked; /* bytes the peer had acknowledged then */
    h2o_socket_cb library_read; /* frames.c; NULL: nothing is counted */
    uint64_t barren_second;
    uint32_t barren;           /* frames of that second that ask for nothing */
    uint64_t resets;           /* RST_STREAM frames */
    struct tm_upload *uploads; /* frames.c: those that have not come whole; NULL: none yet */
    uint32_t n_uploads;
    uint64_t unfinished; /* their bytes */
    uint64_t body_since; /* ms; since when there are such; 0: there are none */
    uint64_t body_came;  /* bytes of bodies, ever */
    uint64_t body_seen;  /* of them, at body_since */
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
/* The same for one that means harm: after ABUSE_STRIKES_MAX of them its address is shut out. */
void tm_conn_punish(tm_conn_t *conn);
/* The table behind it, at a second of any clock; slot: of an address, below TM_ADDRESS_SLOTS. */
void tm_abuse_strike(tm_http_t *http, uint32_t slot, uint32_t second);
bool tm_abuse_is_out(const tm_http_t *http, uint32_t slot, uint32_t second);
/* Once a second: cuts who is too slow, or takes no answers. */
void tm_conn_sweep(tm_loop_t *loop);
#endif
