/* with_h2.c - see with_h2.h. */
#include "with_h2.h"

#define WINDOW_MAX 0x7fffffffu
#define WINDOW_FIRST 65535
#define WINDOW_REFILL (1u << 30)

void h2_add_field(tm_buf_t *out, unsigned static_name, const char *name, const char *value)
{
    const size_t n = strlen(value);
    assert(n < 127 && strlen(name) < 127);
    tm_buf_add_char(out, (char)(0x40 | static_name)); /* literal, goes into the table */
    if (static_name == 0) {
        tm_buf_add_char(out, (char)strlen(name));
        tm_buf_add_c(out, name);
    }
    tm_buf_add_char(out, (char)n);
    tm_buf_add_c(out, value);
}

void h2_add_frame(tm_buf_t *out, unsigned type, unsigned flags, uint32_t stream,
                  const void *payload, size_t n)
{
    const uint8_t head[H2_FRAME_HEAD] = {
        (uint8_t)(n >> 16),      (uint8_t)(n >> 8),      (uint8_t)n,
        (uint8_t)type,           (uint8_t)flags,         (uint8_t)(stream >> 24),
        (uint8_t)(stream >> 16), (uint8_t)(stream >> 8), (uint8_t)stream};
    tm_buf_add(out, head, sizeof(head));
    tm_buf_add(out, payload, n);
}

void h2_add_window(tm_buf_t *out, uint32_t more)
{
    const uint8_t n[4] = {(uint8_t)(more >> 24), (uint8_t)(more >> 16), (uint8_t)(more >> 8),
                          (uint8_t)more};
    h2_add_frame(out, H2_WINDOW, 0, 0, n, sizeof(n));
}

void h2_greet(tm_buf_t *out)
{
    static const uint8_t settings[] = {0, 2, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff};
    tm_buf_add_c(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    h2_add_frame(out, H2_SETTINGS, 0, 0, settings, sizeof(settings));
    h2_add_window(out, WINDOW_MAX - WINDOW_FIRST);
}

static void frame_begin(h2_reader_t *reader, tm_buf_t *out)
{
    const uint8_t *h = reader->head;
    reader->left = (uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2];
    reader->type = h[3];
    reader->flags = h[4];
    reader->stream =
        (uint32_t)(h[5] & 0x7f) << 24 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 8 | h[8];
    reader->fresh = true;
    reader->head_n = 0;
    if (reader->type == H2_DATA)
        reader->consumed += reader->left;
    if (reader->consumed > WINDOW_REFILL) {
        h2_add_window(out, reader->consumed);
        reader->consumed = 0;
    }
}

static void frame_end(h2_reader_t *reader, const h2_visitor_t *visitor, tm_buf_t *out)
{
    if (reader->type == H2_SETTINGS && (reader->flags & H2_ACK) == 0)
        h2_add_frame(out, H2_SETTINGS, H2_ACK, 0, NULL, 0);
    visitor->end(visitor->ctx, reader);
}

void h2_read(h2_reader_t *reader, char *p, size_t n, const h2_visitor_t *visitor, tm_buf_t *out)
{
    while (n > 0) {
        if (reader->left == 0) {
            reader->head[reader->head_n++] = (uint8_t)*p++;
            n--;
            if (reader->head_n < H2_FRAME_HEAD)
                continue;
            frame_begin(reader, out);
            if (reader->left == 0)
                frame_end(reader, visitor, out);
            continue;
        }
        const size_t take = TM_MIN((size_t)reader->left, n);
        visitor->payload(visitor->ctx, reader, p, take);
        reader->fresh = false;
        reader->left -= (uint32_t)take;
        p += take;
        n -= take;
        if (reader->left == 0)
            frame_end(reader, visitor, out);
    }
}
