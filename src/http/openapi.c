/* openapi.c - this interface described by its own tables: OpenAPI 3.1, the list of routes, the list
 * of limits.
 *
 * Why:     what is not derived drifts; routes.def, shapes.def, limits.def, rates.def and the
 *          entities say all of it.
 * Threads: pure. */
#include "http/limits.h"
#include "http/rate.h"
#include "http/route.h"
#include "http/server.h"
#include "schema/derive.h"
#include "schema/json.h"

/* Answers that are no records: name, and its properties as `name:type`. A type is text, number,
 * cents (an integer or null), flag, any, object, the name of a schema, or [one of these] for a
 * list. */
typedef struct own_schema {
    const char *name, *properties;
} own_schema_t;
static const own_schema_t own_schemas[] = {
    {"Status", "status:text"},
    {"SignIn", "token:text"},
    {"Principal", "principal:text role:text"},
    {"Clone", "name:text"},
    {"Assign", "campaign_id:text"},
    {"Imported", ""},
    {"MatrixRow",
     "key:text kind:text labels:object total_cents:cents cells:[cents] disputed:[text]"},
    {"MatrixTotals",
     "cells:[cents] total_cents:cents unplaced_cents:cents disbursement_cents:cents"},
    {"Matrix",
     "campaign_id:text epoch:number version:number basis:text week_basis:text weeks:[text] "
     "rows:[MatrixRow] totals:MatrixTotals as_of:AsOf"},
    {"Cell", "key:text gross_cents:cents net_cents:cents low_cents:cents high_cents:cents "
             "lines:[BuyLine] documents:[Document] as_of:AsOf"},
    {"OrderWeek", "week:text before_cents:cents after_cents:cents"},
    {"OrderStep",
     "buy_line_id:text document_id:text input_id:text kind:text date:text known_from_ms:number "
     "revision:text gross_cents:cents net_cents:cents standing:text standing_why:text "
     "weeks:[OrderWeek] total_before_cents:cents total_after_cents:cents pull_down:flag"},
    {"AsOf", "version:number at_ms:number rules_version:number"},
    {"Order", "id:text campaign_id:text order_no:text station:text market:number advertiser:text "
              "medium:text steps_omitted:number steps:[OrderStep] weeks:[text] "
              "total_gross_cents:cents as_of:AsOf"},
    {"ReportAdvertiser", "side:text key:text advertiser:text before_cents:cents after_cents:cents "
                         "difference_cents:cents"},
    {"ReportMarket", "market:number before_cents:cents after_cents:cents difference_cents:cents"},
    {"ReportCell",
     "key:text week:text side:text advertiser:text market:number medium:text station:text "
     "before_cents:cents after_cents:cents difference_cents:cents"},
    {"ReportLines", "new:number changed:number cancelled:number"},
    {"ReportContent",
     "id:text campaign_id:text kind:text local_date:text from_version:number to_version:number "
     "from_ms:number to_ms:number state_hash:text state_is_same:flag rules_version:number "
     "total_before_cents:cents total_after_cents:cents difference_cents:cents "
     "advertisers:[ReportAdvertiser] markets:[ReportMarket] cells:[ReportCell] lines:ReportLines "
     "open_groups:number open_exceptions:number"},
    {"Difference", "field:text values:[any]"},
    {"GroupLine",
     "id:text advertiser:text station:text market:number medium:text flight_from:text "
     "flight_to:text gross_cents:cents net_cents:cents source:text order_no:text revision:text "
     "stage:text standing:text document_id:text input_id:text"},
    {"Group", "id:text version:number campaign_id:text status:text score_x100:number proposed:flag "
              "reasons:[DedupeReason] vetoes:[text] members:[DedupeMember] suggested_winner:text "
              "decision_id:text differences:[Difference] lines:[GroupLine]"},
    {"Resolve", "action:text winner:text reason:text buy_line_ids:[text]"},
    {"Resolved", "undo_token:text version:number total_before_cents:cents total_after_cents:cents "
                 "group:DedupeGroup"},
    {"Combine", "campaign_id:text buy_line_ids:[text] reason:text"},
    {"Combined", "undo_token:text version:number total_before_cents:cents total_after_cents:cents "
                 "buy_line:BuyLine"},
    {"Undo", "undo_token:text reason:text"},
    {"Undone", "undo_token:text version:number total_before_cents:cents total_after_cents:cents"},
    {"Decision",
     "id:text campaign_id:text group_id:text action:text chosen:text members:[DedupeMember] "
     "automatic:flag principal:text reason:text total_before_cents:cents total_after_cents:cents "
     "undoes:text undone_ms:number undone_by:text created_ms:number undo_token:text"},
    {"CellEdit", "key:text gross_cents:cents reason:text"},
    {"BatchUpdate", "campaign_id:text base_version:number edits:[CellEdit]"},
    {"Edit", "id:text campaign_id:text key:text buy_line_id:text before_cents:cents "
             "gross_cents:cents delta_cents:cents reason:text principal:text base_version:number "
             "undone_ms:number created_ms:number undo_token:text"},
    {"BatchUpdated", "version:number adjustments:[Edit]"},
    {"CloseExceptions", "campaign_id:text ids:[text] reason:text"},
    {"Closed", "closed:number known:number"},
    {"AssignLines", "campaign_id:text buy_line_ids:[text]"},
    {"Assigned", "assigned:number known:number"},
    {"DecideName", "status:text target_id:text"},
    {"Fault", "field:text code:text message:text"},
    {"Problem", "type:text title:text status:number code:text detail:text requestId:text "
                "errors:[Fault]"},
    {"RateLimited", "success:flag code:text message:text error:text retryAfter:number "
                    "retryAfterSeconds:number timestamp:text"},
};

static void add_type(tm_str_t type, tm_buf_t *out)
{
    if (type.p[0] == '[') { /* lists do not nest */
        tm_buf_add_c(out, "{\"type\":\"array\",\"items\":");
        add_type(tm_str_n(type.p + 1, type.n - 2), out);
        tm_buf_add_char(out, '}');
    } else if (tm_str_eq(type, TM_STR("text"))) {
        tm_buf_add_c(out, "{\"type\":\"string\"}");
    } else if (tm_str_eq(type, TM_STR("number"))) {
        tm_buf_add_c(out, "{\"type\":\"integer\",\"format\":\"int64\"}");
    } else if (tm_str_eq(type, TM_STR("cents"))) {
        tm_buf_add_c(out, "{\"type\":[\"integer\",\"null\"],\"format\":\"int64\"}");
    } else if (tm_str_eq(type, TM_STR("flag"))) {
        tm_buf_add_c(out, "{\"type\":\"boolean\"}");
    } else if (tm_str_eq(type, TM_STR("any"))) {
        tm_buf_add_c(out, "{}");
    } else if (tm_str_eq(type, TM_STR("object"))) {
        tm_buf_add_c(out, "{\"type\":\"object\"}");
    } else {
        tm_buf_printf(out, "{\"$ref\":\"#/components/schemas/%.*s\"}", (int)type.n, type.p);
    }
}

static void add_own_schema(const own_schema_t *schema, tm_buf_t *out)
{
    tm_buf_printf(out, "\"%s\":{\"type\":\"object\",\"properties\":{", schema->name);
    for (const char *p = schema->properties; *p != '\0';) {
        const size_t name_n = strcspn(p, ":");
        const char *type = p + name_n + 1;
        const size_t type_n = strcspn(type, " ");
        tm_buf_printf(out, "%s\"%.*s\":", p == schema->properties ? "" : ",", (int)name_n, p);
        add_type(tm_str_n(type, type_n), out);
        p = type + type_n + strspn(type + type_n, " ");
    }
    tm_buf_add_c(out, "}}");
}

static void add_schema(const char *name, tm_buf_t *out)
{
    const tm_str_t list = TM_STR("list of ");
    if (tm_str_starts(tm_str(name), list.p))
        tm_buf_printf(
            out,
            "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":"
            "{\"$ref\":\"#/components/schemas/"
            "%s\"}},\"next_cursor\":{\"type\":[\"string\",\"null\"]}}}",
            name + list.n);
    else
        tm_buf_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}", name);
}

static void add_content(const char *name, tm_buf_t *out)
{
    tm_buf_add_c(out, "\"content\":{");
    if (strcmp(name, "bytes") == 0) {
        tm_buf_add_c(out, "\"application/octet-stream\":{}");
    } else if (strcmp(name, "events") == 0) {
        tm_buf_add_c(out, "\"text/event-stream\":{}");
    } else {
        tm_buf_add_c(out, "\"application/json\":{\"schema\":");
        add_schema(name, out);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_char(out, '}');
}

/* The names between braces in a path. */
static bool add_path_params(const char *path, tm_buf_t *out)
{
    bool any = false;
    for (const char *open = strchr(path, '{'); open != NULL; open = strchr(open + 1, '{')) {
        const char *close = strchr(open, '}');
        assert(close != NULL);
        tm_buf_printf(out,
                      "%s{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":"
                      "\"string\"}}",
                      any ? "," : "", (int)(close - open - 1), open + 1);
        any = true;
    }
    return any;
}

static void add_params(const tm_route_t *route, tm_buf_t *out)
{
    tm_buf_add_c(out, ",\"parameters\":[");
    bool any = add_path_params(route->path, out);
    for (uint32_t i = 0; i < tm_params_n; i++) {
        if (tm_params[i].handler != route->handler)
            continue;
        tm_buf_printf(
            out,
            "%s{\"name\":\"%s\",\"in\":\"query\",\"schema\":{\"type\":\"string\"},\"description\":",
            any ? "," : "", tm_params[i].name);
        tm_json_write_str(tm_str(tm_params[i].doc), out);
        tm_buf_add_char(out, '}');
        any = true;
    }
    tm_buf_add_char(out, ']');
}

static const char *method_key(tm_method_t method)
{
    static const char *const keys[TM_METHODS] = {"get", "post", "patch", "delete", "put"};
    assert(method < TM_METHODS);
    return keys[method];
}

static void add_operation(const tm_route_t *route, tm_buf_t *out)
{
    const tm_shape_t *shape = &tm_shapes[route->handler];
    tm_buf_printf(out, "\"%s\":{\"operationId\":\"%s%s\",\"summary\":", method_key(route->method),
                  route->name, strcmp(route->path, "/health") == 0 ? "_plain" : "");
    tm_json_write_str(tm_str(route->doc), out);
    if (route->role == TM_ROLE_NONE)
        tm_buf_add_c(out, ",\"security\":[]");
    add_params(route, out);
    if (shape->request[0] != '\0') {
        tm_buf_add_c(out, ",\"requestBody\":{\"required\":true,");
        add_content(shape->request, out);
        tm_buf_add_char(out, '}');
    }
    tm_buf_printf(out, ",\"responses\":{\"%d\":{\"description\":\"done\"", shape->status);
    if (route->role != TM_ROLE_NONE)
        tm_buf_add_c(out, ",\"headers\":{\"Server-Timing\":"
                          "{\"$ref\":\"#/components/headers/ServerTiming\"}}");
    if (shape->answer[0] != '\0') {
        tm_buf_add_char(out, ',');
        add_content(shape->answer, out);
    }
    tm_buf_add_char(out, '}');
    if (tm_rate_match(tm_str(tm_method_name(route->method)), tm_str(route->path)) != 0)
        tm_buf_add_c(out, ",\"429\":{\"$ref\":\"#/components/responses/RateLimited\"}");
    tm_buf_add_c(out, ",\"default\":{\"description\":\"a "
                      "problem\",\"content\":{\"application/problem+json\":{\"schema\":"
                      "{\"$ref\":\"#/components/schemas/Problem\"}}}}}}");
}

/* All operations of a path under one key, at its first appearance. */
static bool is_first(uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (strcmp(tm_routes[k].path, tm_routes[i].path) == 0)
            return false;
    }
    return true;
}

static void add_headers(tm_buf_t *out)
{
    tm_buf_add_c(out, "\"headers\":{\"ServerTiming\":{\"description\":\"of answers that waited for "
                      "another thread, in ms: durable (a write, until it was on stable storage) or "
                      "job (a read, until it was made), and total\","
                      "\"schema\":{\"type\":\"string\"}}}");
}

/* The answer of every limiter, and the headers that tell when to ask again. */
static void add_limited(tm_buf_t *out)
{
    static const struct {
        const char *name, *schema;
    } headers[] = {
        {"Retry-After", "{\"type\":\"integer\"}"},
        {"RateLimit-Limit", "{\"type\":\"integer\"}"},
        {"RateLimit-Remaining", "{\"type\":\"integer\"}"},
        {"RateLimit-Reset", "{\"type\":\"integer\"}"},
        {"X-RateLimit-Limit", "{\"type\":\"integer\"}"},
        {"X-RateLimit-Remaining", "{\"type\":\"integer\"}"},
        {"X-RateLimit-Reset", "{\"type\":\"string\",\"format\":\"date-time\"}"},
    };
    tm_buf_add_c(out, "\"responses\":{\"RateLimited\":{\"description\":\"asked too often\","
                      "\"headers\":{");
    for (size_t i = 0; i < TM_COUNT(headers); i++)
        tm_buf_printf(out, "%s\"%s\":{\"schema\":%s}", i == 0 ? "" : ",", headers[i].name,
                      headers[i].schema);
    tm_buf_add_c(out, "},");
    add_content("RateLimited", out);
    tm_buf_add_c(out, "}}");
}

void tm_http_openapi(tm_buf_t *out)
{
    tm_buf_add_c(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"TrailMix\",\"version\":\"1\"},"
                      "\"security\":[{\"key\":[]},{\"cookie\":[]},{\"token\":[]}],\"paths\":{");
    for (uint32_t i = 0; i < tm_routes_n; i++) {
        if (!is_first(i))
            continue;
        tm_buf_printf(out, "%s\"%s\":{", i == 0 ? "" : ",", tm_routes[i].path);
        for (uint32_t k = i; k < tm_routes_n; k++) {
            if (strcmp(tm_routes[k].path, tm_routes[i].path) != 0)
                continue;
            if (k > i)
                tm_buf_add_char(out, ',');
            add_operation(&tm_routes[k], out);
        }
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_c(out, "},\"components\":{\"securitySchemes\":{"
                      "\"key\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x-api-key\"},"
                      "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"trailmix_"
                      "session\"},\"token\":{\"type\":\"http\",\"scheme\":\"bearer\","
                      "\"bearerFormat\":\"JWT\"}},");
    add_limited(out);
    tm_buf_add_char(out, ',');
    add_headers(out);
    tm_buf_add_c(out, ",\"schemas\":{");
    for (size_t i = 0; i < TM_COUNT(own_schemas); i++) {
        add_own_schema(&own_schemas[i], out);
        tm_buf_add_char(out, ',');
    }
    tm_openapi_schemas(out);
    tm_buf_add_c(out, "}}}");
}

void tm_http_routes(tm_buf_t *out)
{
    static const char *const roles[TM_ROLES] = {"none", "known", "viewer", "analyst", "admin"};
    static const char *const bodies[] = {"-", "json", "bytes"};
    for (uint32_t i = 0; i < tm_routes_n; i++) {
        const tm_route_t *route = &tm_routes[i];
        tm_buf_printf(out, "%-6s %-38s %-8s %-6s %s\n", tm_method_name(route->method), route->path,
                      roles[route->role], bodies[route->body], route->doc);
    }
}

void tm_http_limits(tm_buf_t *out)
{
#define TM_LIMIT_OF(NAME, value, unit, doc) \
    tm_buf_printf(out, "http %-26s %10lld %-14s %s\n", #NAME, (long long)(value), unit, doc);
#include "http/limits.def"
#undef TM_LIMIT_OF
    static const char *const keys[] = {"address", "user", "principal"};
    static const char *const times[] = {"before", "after"};
    for (uint32_t i = 0; i < TM_RATES; i++) {
        const tm_rate_t *rate = &tm_rates[i];
        tm_buf_printf(out, "rate %-26s %10u per %lld ms by %s %s sign-in: %s %s\n", rate->name,
                      rate->limit, (long long)rate->window_ms, keys[rate->key], times[rate->when],
                      rate->method, rate->paths);
    }
}
