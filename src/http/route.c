/* route.c - the tables made from routes.def and shapes.def, and the search in them.
 *
 * Why:     libh2o matches prefixes in order; we want whole paths, names in them, and 405 told from
 *          404.
 * How:     segment by segment over the raw path, so that a name is decoded exactly once.
 * Threads: any. */
#include "http/route.h"
#include "base/fold.h"

#define API "/api/v1/"
#define API_N (sizeof(API) - 1)

const tm_route_t tm_routes[] = {
#define TM_ROUTE(METHOD, path, handler, ROLE, body, doc)                                       \
    {TM_##METHOD,    path, sizeof(path) - 1,    #handler, tm_handle_##handler, TM_ROLE_##ROLE, \
     TM_BODY_##body, doc,  TM_HANDLER_##handler},
#include "http/routes.def"
#undef TM_ROUTE
};
const uint32_t tm_routes_n = TM_COUNT(tm_routes);

const tm_shape_t tm_shapes[TM_HANDLERS] = {
#define TM_SHAPE(handler, request, status, answer) \
    [TM_HANDLER_##handler] = {request, answer, status},
#define TM_PARAM(handler, name, doc)
#include "http/shapes.def"
#undef TM_PARAM
#undef TM_SHAPE
};

const tm_param_t tm_params[] = {
#define TM_SHAPE(handler, request, status, answer)
#define TM_PARAM(handler, name, doc) {TM_HANDLER_##handler, name, doc},
#include "http/shapes.def"
#undef TM_PARAM
#undef TM_SHAPE
};
const uint32_t tm_params_n = TM_COUNT(tm_params);

const char *tm_method_name(tm_method_t method)
{
    static const char *const names[TM_METHODS] = {"GET", "POST", "PATCH", "DELETE", "PUT"};
    assert(method < TM_METHODS);
    return names[method];
}

/* The segment that begins at *p (which stands behind a '/'); *p moves to the next '/' or the
 * end. */
static tm_str_t segment(const char **p, const char *end)
{
    const char *start = *p;
    const char *slash = memchr(start, '/', (size_t)(end - start));
    *p = slash == NULL ? end : slash;
    return tm_str_n(start, (size_t)(*p - start));
}

bool tm_path_matches(tm_str_t pattern, tm_str_t path, tm_str_t names[TM_ROUTE_NAMES_MAX])
{
    const char *a = pattern.p;
    const char *a_end = a + pattern.n;
    const char *b = path.p;
    const char *b_end = path.p + path.n;
    unsigned n = 0;
    while (a < a_end && b < b_end) {
        if (*a != '/' || *b != '/')
            return false;
        a++;
        b++;
        const tm_str_t want = segment(&a, a_end);
        const tm_str_t have = segment(&b, b_end);
        if (want.n == 1 && want.p[0] == '*' && a == a_end)
            return true;
        if (want.n > 0 && want.p[0] == '{') {
            assert(n < TM_ROUTE_NAMES_MAX);
            if (have.n == 0)
                return false;
            names[n++] = have;
        } else if (!tm_str_eq(want, have)) {
            return false;
        }
    }
    return a == a_end && b == b_end;
}

const tm_route_t *tm_route_find(tm_str_t method, tm_str_t path, tm_str_t names[TM_ROUTE_NAMES_MAX],
                                unsigned *ret_allowed)
{
    assert(names != NULL && ret_allowed != NULL);
    const tm_str_t as = tm_str_eq(method, TM_STR("HEAD")) ? TM_STR("GET") : method;
    const bool is_api = tm_str_starts(path, API) && path.n > API_N;
    unsigned allowed = 0;
    for (uint32_t i = 0; i < tm_routes_n; i++) {
        const tm_route_t *route = &tm_routes[i];
        /* Most differ in their first letter behind the common prefix. */
        if (is_api && (route->path_n <= API_N || route->path[API_N] != path.p[API_N]))
            continue;
        if (!tm_path_matches(tm_str_n(route->path, route->path_n), path, names))
            continue;
        if (tm_str_eq(as, tm_str(tm_method_name(route->method))))
            return route;
        allowed |= 1u << route->method;
    }
    *ret_allowed = allowed;
    return NULL;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool tm_percent_decode(tm_str_t s, bool plus, char *out, uint32_t *ret_n)
{
    assert(s.n == 0 || s.p != NULL);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '+' && plus) {
            c = ' ';
        } else if (c == '%') {
            if (s.n - i < 3)
                return false;
            const int high = hex_value(s.p[i + 1]);
            const int low = hex_value(s.p[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[n++] = c;
    }
    *ret_n = n;
    return tm_utf8_is_valid(tm_str_n(out, n));
}
