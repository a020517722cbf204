/* route.h - the table of routes and the search in it.
 *
 * Threads: constants; any. */
#ifndef TM_HTTP_ROUTE_H
#define TM_HTTP_ROUTE_H
#include "base/base.h"

#define TM_ROUTE_NAMES_MAX 2
struct tm_call;

typedef enum tm_method { TM_GET, TM_POST, TM_PATCH, TM_DELETE, TM_PUT, TM_METHODS } tm_method_t;
/* Each may do what those before it may. */
typedef enum tm_role {
    TM_ROLE_NONE,
    TM_ROLE_KNOWN,
    TM_ROLE_VIEWER,
    TM_ROLE_ANALYST,
    TM_ROLE_ADMIN,
    TM_ROLES
} tm_role_t;
typedef enum tm_body { TM_BODY_NO, TM_BODY_JSON, TM_BODY_BYTES } tm_body_t;

enum {
#define TM_SHAPE(handler, request, status, answer) TM_HANDLER_##handler,
#define TM_PARAM(handler, name, doc)
#include "http/shapes.def"
#undef TM_PARAM
#undef TM_SHAPE
    TM_HANDLERS
};

/* A query parameter that a handler takes. */
typedef struct tm_param {
    int handler;
    const char *name, *doc;
} tm_param_t;
typedef struct tm_shape {
    const char *request, *answer; /* names of schemas; "": none */
    int status;                   /* of the usual answer */
} tm_shape_t;

typedef struct tm_route {
    tm_method_t method;
    const char *path; /* with {names} */
    uint32_t path_n;
    const char *name; /* of the handler */
    void (*handle)(struct tm_call *call);
    tm_role_t role;
    tm_body_t body;
    const char *doc;
    int handler; /* TM_HANDLER_* */
} tm_route_t;

extern const tm_route_t tm_routes[];
extern const uint32_t tm_routes_n;
extern const tm_param_t tm_params[]; /* by handler */
extern const uint32_t tm_params_n;
extern const tm_shape_t tm_shapes[TM_HANDLERS];

/* Handlers, one for each in routes.def. */
#define TM_ROUTE(METHOD, path, handler, ROLE, body, doc) \
    void tm_handle_##handler(struct tm_call *call);
#include "http/routes.def"
#undef TM_ROUTE

const char *tm_method_name(tm_method_t method);
/* Does a raw path fit a pattern? {name} stands for one segment that is not empty (its raw text goes
 * to names, in order), a last segment * for any rest. O(length). */
bool tm_path_matches(tm_str_t pattern, tm_str_t path, tm_str_t names[TM_ROUTE_NAMES_MAX]);
/* The route for a method ("HEAD" finds GET). names: the raw text behind each {name}. NULL: none;
 * *ret_allowed then has bit m for each method the path takes (0: no such path). O(routes). */
const tm_route_t *tm_route_find(tm_str_t method, tm_str_t path, tm_str_t names[TM_ROUTE_NAMES_MAX],
                                unsigned *ret_allowed);
/* Decodes %XX (and + as a space if plus) into out, which has s.n bytes. false: broken escape,
 * NUL or invalid UTF-8. */
bool tm_percent_decode(tm_str_t s, bool plus, char *out, uint32_t *ret_n);
#endif
