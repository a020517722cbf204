/* frames.c - what comes on an HTTP/2 connection, counted frame by frame; the end of those that send
 * many which ask for nothing.
 *
 * Why:     the library answers, parses or keeps whatever it is sent, as fast as it comes.
 * How:     we stand in front of the library's reader. When it is called the socket's input begins
 *          with a whole frame or the begin of one, and it takes all that are whole: so a walk over
 *          the frames' heads sees each of them once, without any state.
 *
 *          attack                                  what meets it
 *          rapid reset (CVE-2023-44487)            CONNECTION_DEATHS_MAX, for requests that died
 *                                                  unanswered (call.c) and for RST_STREAM here
 *          floods of PING, SETTINGS, PRIORITY,     CONNECTION_FRAMES_MAX a second; the library
 *          WINDOW_UPDATE, RST_STREAM, empty or     stops reading while 512 KB of its own control
 *          tiny DATA, small CONTINUATION           frames wait to be sent
 *          endless CONTINUATION, large heads       the library's H2O_MAX_REQLEN
 *          HPACK bombs                             the library's 100 fields and 4 KB table
 *          priority trees                          the library's 16 streams with a priority only
 *          too many streams, too many at once      the library's 100; CONNECTION_STREAMS_MAX
 *          many unfinished bodies                  CONNECTION_BODIES_MAX here
 *          slow heads and bodies                   HEAD_WAIT_MS, BODY_RATE_MIN (conn.c)
 *          zero and tiny windows, peers that       STALL_MS, BODY_RATE_MIN (conn.c)
 *          do not read
 *          again and again from one address        ABUSE_STRIKES_MAX (conn.c)
 * Threads: the loop's. */
#include "http/frames.h"
#include "base/memory.h"

#define HEAD_BYTES 9u
#define TINY_BYTES 64u
#define UNKNOWN_COST 50u
#define END_STREAM 1u

#define UPLOADS_MAX 256u /* the library's 100 streams, and those it has refused */

typedef struct tm_upload {
    uint32_t stream;
    bool refused; /* too large: the library has let go of it */
    uint64_t bytes;
} upload_t;

enum { FRAME_DATA, FRAME_HEADERS, FRAME_PRIORITY, FRAME_RST_STREAM, FRAME_CONTINUATION = 9 };

/* The body that comes on a stream; NULL: none, or there is no room for one more. */
static upload_t *upload_of(tm_conn_t *conn, uint32_t stream, bool make)
{
    for (uint32_t i = conn->n_uploads; i-- > 0;) {
        if (conn->uploads[i].stream == stream)
            return &conn->uploads[i];
    }
    if (!make)
        return NULL;
    if (conn->uploads == NULL)
        conn->uploads = tm_alloc(UPLOADS_MAX * sizeof(upload_t));
    if (conn->n_uploads == UPLOADS_MAX)
        return NULL;
    upload_t *upload = &conn->uploads[conn->n_uploads++];
    *upload = (upload_t){.stream = stream};
    return upload;
}

static void upload_adds(tm_conn_t *conn, uint32_t stream, uint32_t bytes)
{
    upload_t *upload = upload_of(conn, stream, true);
    if (upload == NULL) {
        tm_conn_punish(conn); /* more than the library lets in: they go to streams that are over */
        return;
    }
    if (upload->refused)
        return;
    upload->bytes += bytes;
    conn->unfinished += bytes;
    conn->body_came += bytes;
    if (upload->bytes <= conn->loop->http->body_bytes_max)
        return;
    conn->unfinished -= upload->bytes; /* the library has reset the stream and let go of the body */
    upload->refused = true;
}

/* It is whole, or will never be. */
static void upload_ends(tm_conn_t *conn, uint32_t stream)
{
    upload_t *upload = upload_of(conn, stream, false);
    if (upload == NULL)
        return;
    if (!upload->refused)
        conn->unfinished -= upload->bytes;
    *upload = conn->uploads[--conn->n_uploads];
}

static void take(tm_conn_t *conn, const uint8_t *head, uint32_t length)
{
    const uint8_t type = head[3];
    const uint32_t stream =
        ((uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 | head[8]) &
        0x7fffffffu;
    const bool ends = (head[4] & END_STREAM) != 0;
    if (type == FRAME_RST_STREAM)
        conn->resets++;
    if (type == FRAME_RST_STREAM || ((type == FRAME_DATA || type == FRAME_HEADERS) && ends))
        upload_ends(conn, stream);
    else if (type == FRAME_DATA)
        upload_adds(conn, stream, length);
    const bool carries =
        type == FRAME_HEADERS || (type == FRAME_DATA && ends) ||
        ((type == FRAME_DATA || type == FRAME_CONTINUATION) && length >= TINY_BYTES);
    if (!carries) /* of unknown ones the library tells on standard error */
        conn->barren += type > FRAME_CONTINUATION ? UNKNOWN_COST : 1;
}

static void walk(tm_conn_t *conn, const h2o_buffer_t *input)
{
    const uint8_t *p = (const uint8_t *)input->bytes;
    size_t left = input->size;
    while (left >= HEAD_BYTES) {
        const uint32_t length = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        if (left - HEAD_BYTES < length)
            return;
        take(conn, p, length);
        p += HEAD_BYTES + length;
        left -= HEAD_BYTES + length;
    }
}

static bool is_abuse(const tm_conn_t *conn)
{
    return conn->barren > TM_CONNECTION_FRAMES_MAX || conn->unfinished > TM_CONNECTION_BODIES_MAX ||
           (conn->resets > TM_CONNECTION_DEATHS_MAX && conn->resets * 2 > conn->requests);
}

static void on_bytes(h2o_socket_t *sock, const char *err)
{
    tm_conn_t *conn = sock->on_close.data;
    const uint64_t second = tm_loop_now(conn->loop) / 1000;
    if (second != conn->barren_second) {
        conn->barren_second = second;
        conn->barren = 0;
    }
    if (err == NULL && !conn->cut) {
        walk(conn, sock->input);
        if (is_abuse(conn))
            tm_conn_punish(conn);
    }
    conn->library_read(sock, err); /* it may close the connection */
}

static bool is_http2(const tm_conn_t *conn)
{
    if (conn->http2 || conn->sock->ssl == NULL)
        return conn->http2;
    if (conn->sock->bytes_read == 0)
        return false; /* its handshake may still go on: there is nobody to ask */
    const h2o_iovec_t chosen = h2o_socket_ssl_get_selected_protocol(conn->sock);
    return chosen.len >= 2 && memcmp(chosen.base, "h2", 2) == 0;
}

void tm_frames_watch(tm_conn_t *conn)
{
    /* The one place that looks into the library's socket: there is no other way to stand in front
     * of its reader. */
    const h2o_socket_cb read = conn->sock->_cb.read;
    if (read == NULL || read == on_bytes || !is_http2(conn))
        return;
    conn->library_read = read;
    h2o_socket_read_start(conn->sock, on_bytes);
}

void tm_frames_done(tm_conn_t *conn)
{
    tm_free(TM_TAKE(conn->uploads));
}
