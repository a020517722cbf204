/* frames.h - what comes on an HTTP/2 connection, counted frame by frame.
 *
 * Threads: the loop's. */
#ifndef TM_HTTP_FRAMES_H
#define TM_HTTP_FRAMES_H
#include "http/conn.h"

/* Counts from now on; again after the library paused and went on by itself. Nothing for a
 * connection that is not HTTP/2 (yet). */
void tm_frames_watch(tm_conn_t *conn);
/* The connection is gone. */
void tm_frames_done(tm_conn_t *conn);
#endif
