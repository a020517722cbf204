/* with_h2.h - as much HTTP/2 as a client of a benchmark needs: fields, frames out, frames in.
 *
 * Threads: pure.
 * Source:  RFC 9113 (frames), RFC 7541 (fields). */
#ifndef TM_BENCH_WITH_H2_H
#define TM_BENCH_WITH_H2_H
#include "base/buf.h"

#define H2_FRAME_HEAD 9
enum {
    H2_DATA = 0,
    H2_HEADERS = 1,
    H2_RST_STREAM = 3,
    H2_SETTINGS = 4,
    H2_PING = 6,
    H2_GOAWAY = 7,
    H2_WINDOW = 8
};
#define H2_END_STREAM 1
#define H2_ACK 1
#define H2_END_HEADERS 4

/* The static table, and where the peer's own begins. */
#define H2_AUTHORITY 1
#define H2_GET 2
#define H2_PATH 4
#define H2_HTTP 6
#define H2_DYNAMIC_FIRST 62

/* A field that goes into the peer's table: its name by index, or in full with index 0. */
void h2_add_field(tm_buf_t *out, unsigned static_name, const char *name, const char *value);
void h2_add_frame(tm_buf_t *out, unsigned type, unsigned flags, uint32_t stream,
                  const void *payload, size_t n);
void h2_add_window(tm_buf_t *out, uint32_t more);
/* The client's beginning: windows that never stop a stream, no push. */
void h2_greet(tm_buf_t *out);

/* One connection's frames as they come, in pieces of any size. */
typedef struct h2_reader {
    uint8_t head[H2_FRAME_HEAD];
    uint32_t head_n;
    uint32_t left; /* of the payload */
    uint32_t stream;
    uint8_t type, flags;
    bool fresh;        /* no byte of the payload was seen */
    uint32_t consumed; /* DATA since the connection's window was refilled */
} h2_reader_t;

typedef struct h2_visitor {
    void *ctx;
    /* A piece of a payload; may write to the H2_FRAME_HEAD bytes before p. */
    void (*payload)(void *ctx, const h2_reader_t *reader, char *p, size_t n);
    void (*end)(void *ctx, const h2_reader_t *reader); /* of a frame */
} h2_visitor_t;

/* Acknowledges settings and refills the connection's window into `out`. */
void h2_read(h2_reader_t *reader, char *p, size_t n, const h2_visitor_t *visitor, tm_buf_t *out);
#endif
