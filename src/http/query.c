/* query.c - the parameters behind '?': decoded once, known names only, each at most once.
 *
 * Threads: the loop's. */
#include "base/fold.h"
#include "http/call.h"
#include "http/reply.h"
#include <stdio.h>

static bool is_known(const tm_route_t *route, tm_str_t name)
{
    uint32_t i = 0;
    for (uint32_t to = tm_params_n; i < to;) { /* the first of the handler */
        const uint32_t mid = i + (to - i) / 2;
        if (tm_params[mid].handler < route->handler)
            i = mid + 1;
        else
            to = mid;
    }
    for (; i < tm_params_n && tm_params[i].handler == route->handler; i++) {
        if (tm_str_eq(name, tm_str(tm_params[i].name)))
            return true;
    }
    return false;
}

/* A name from outside as the field of a fault: printable and bounded. */
static void field_of(tm_str_t name, char ret[TM_WHY_FIELD_MAX])
{
    uint32_t n = 0;
    for (; n < name.n && n < TM_WHY_FIELD_MAX - 1; n++)
        ret[n] = name.p[n] >= ' ' && name.p[n] < 127 ? name.p[n] : '?';
    ret[n] = '\0';
}

/* What holds nothing encoded stays where it lies. */
static tm_str_t decode(tm_call_t *call, tm_str_t raw, bool *ok)
{
    if (memchr(raw.p, '%', raw.n) == NULL && memchr(raw.p, '+', raw.n) == NULL) {
        *ok = *ok && tm_utf8_is_valid(raw);
        return raw;
    }
    char *out = h2o_mem_alloc_pool(&call->req->pool, raw.n + 1u);
    uint32_t n = 0;
    if (!tm_percent_decode(raw, true, out, &n)) {
        *ok = false;
        return raw;
    }
    return tm_str_n(out, n);
}

static const tm_query_value_t *find(const tm_call_t *call, tm_str_t name)
{
    for (uint32_t i = 0; i < call->n_query; i++) {
        if (tm_str_eq(call->query[i].name, name))
            return &call->query[i];
    }
    return NULL;
}

static void read_one(tm_call_t *call, tm_str_t part, tm_why_t *why)
{
    const char *eq = memchr(part.p, '=', part.n);
    const tm_str_t raw_name = tm_str_n(part.p, eq == NULL ? part.n : (size_t)(eq - part.p));
    const tm_str_t raw_value = eq == NULL ? TM_STR("") : tm_str_n(eq + 1, part.n - raw_name.n - 1);
    bool ok = true;
    const tm_str_t name = decode(call, raw_name, &ok);
    const tm_str_t value = decode(call, raw_value, &ok);
    if (ok && is_known(call->route, name) && find(call, name) == NULL) {
        call->query[call->n_query++] = (tm_query_value_t){name, value};
        return;
    }
    char field[TM_WHY_FIELD_MAX];
    field_of(name, field);
    if (!is_known(call->route, name)) {
        tm_why_add(why, TM_EINVALID, field, "is no parameter of this address");
    } else if (!ok) {
        tm_why_add(why, TM_EINVALID, field, "is not percent-encoded UTF-8");
    } else {
        tm_why_add(why, TM_EINVALID, field, "is given twice");
    }
}

/* How many parameters there can be. */
static size_t room_for(const char *p, const char *end)
{
    size_t n = 1;
    for (; p < end && n < TM_QUERY_VALUES_MAX; p++)
        n += *p == '&';
    return n;
}

bool tm_query_read(tm_call_t *call)
{
    const h2o_req_t *req = call->req;
    if (req->query_at == SIZE_MAX || req->query_at + 1 >= req->path.len)
        return true;
    tm_why_t why;
    tm_why_clear(&why);
    const char *p = req->path.base + req->query_at + 1;
    const char *end = req->path.base + req->path.len;
    const size_t room = room_for(p, end);
    call->query = room <= TM_CALL_VALUES_FEW
                      ? call->few
                      : h2o_mem_alloc_pool(&call->req->pool, room * sizeof(*call->query));
    for (int n = 0; p < end; n++) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        const char *stop = amp == NULL ? end : amp;
        if (n == TM_QUERY_VALUES_MAX) {
            tm_why_add(&why, TM_EINVALID, "", "at most %d parameters", TM_QUERY_VALUES_MAX);
            break;
        }
        if (stop > p)
            read_one(call, tm_str_n(p, (size_t)(stop - p)), &why);
        p = stop + 1;
    }
    return !tm_reply_faults(call, &why);
}

tm_str_t tm_query_get(const tm_call_t *call, const char *name)
{
    const tm_query_value_t *value = find(call, tm_str(name));
    return value == NULL ? (tm_str_t){NULL, 0} : value->value;
}

tm_id_t tm_query_id(const tm_call_t *call, const char *name, const char *prefix, bool required,
                    tm_why_t *why)
{
    const tm_str_t text = tm_query_get(call, name);
    tm_id_t id = {0};
    if (text.p == NULL) {
        if (required)
            tm_why_add(why, TM_EINVALID, name, "is needed");
        return id;
    }
    if (tm_id_parse(prefix, text, &id) != TM_OK)
        tm_why_add(why, TM_EINVALID, name, "must be an id like %s_0123456789abc", prefix);
    return id;
}
