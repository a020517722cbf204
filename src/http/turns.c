/* turns.c - see turns.h.
 *
 * Threads: the loop's. */
#include "http/turns.h"
#include "http/reply.h"

#define COPIED_BYTES_MAX 4096u

/* The peer sends on, or is gone: the library looks at it after the answer. */
static void on_early(h2o_socket_t *sock, const char *err)
{
    (void)err;
    h2o_socket_read_stop(sock);
}

void tm_turns_keep_polled(tm_call_t *call)
{
    /* Of a request with a body the library has copied the head to its pool. */
    if (call->req->version < 0x200 && call->req->entity.base != NULL)
        h2o_socket_read_start(call->conn->sock, on_early);
}

/* A large body is not worth a copy: it costs more than the two system calls. */
static void keep_body(tm_call_t *call)
{
    h2o_req_t *req = call->req;
    if (req->version >= 0x200 || req->entity.base == NULL || req->entity.len > COPIED_BYTES_MAX)
        return;
    req->entity = h2o_strdup(&req->pool, req->entity.base, req->entity.len);
    tm_turns_keep_polled(call);
}

static void line_up(tm_call_t *call)
{
    tm_loop_t *loop = call->loop;
    keep_body(call);
    call->lined_up = true;
    call->meaning = NULL; /* by then its place may be another's */
    call->line_next = NULL;
    call->line_prev = loop->line_last;
    *(loop->line_last == NULL ? &loop->line_first : &loop->line_last->line_next) = call;
    loop->line_last = call;
    loop->n_line++;
}

void tm_turns_forget(tm_call_t *call)
{
    if (!call->lined_up)
        return;
    tm_loop_t *loop = call->loop;
    assert(loop->n_line > 0);
    *(call->line_prev == NULL ? &loop->line_first : &call->line_prev->line_next) = call->line_next;
    *(call->line_next == NULL ? &loop->line_last : &call->line_next->line_prev) = call->line_prev;
    call->lined_up = false;
    loop->n_line--;
}

void tm_turns_handle(tm_call_t *call)
{
    tm_loop_t *loop = call->loop;
    if (call->route->method == TM_GET) {
        call->route->handle(call);
        return;
    }
    if (loop->n_line == 0 && loop->writes < TM_WRITES_A_TURN) {
        loop->writes++;
        call->route->handle(call);
    } else if (loop->n_line < TM_LOOP_WAITING_MAX) {
        line_up(call);
    } else {
        tm_reply_problem(call, TM_EBUSY, NULL);
    }
}

void tm_turns_go_on(tm_loop_t *loop)
{
    for (loop->writes = 0; loop->writes < TM_WRITES_A_TURN && loop->n_line > 0; loop->writes++) {
        tm_call_t *call = loop->line_first;
        tm_turns_forget(call);
        call->route->handle(call);
    }
    loop->writes = 0;
}
