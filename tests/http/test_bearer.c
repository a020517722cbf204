/* test_bearer.c - which tokens name a user, and what a named user may do. */
#include "http/bearer.h"
#include "base/memory.h"
#include "http/route.h"
#include "http/with_server.h"
#include <jwt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW INT64_C(1774699200)

/* "Bearer " and a token of these claims; to be freed. */
static char *signed_with(jwt_alg_t alg, const char *secret, const char *claims)
{
    jwt_t *jwt = NULL;
    assert_int_equal(jwt_new(&jwt), 0);
    if (alg != JWT_ALG_NONE)
        assert_int_equal(jwt_set_alg(jwt, alg, (const unsigned char *)secret, (int)strlen(secret)),
                         0);
    assert_int_equal(jwt_add_grants_json(jwt, claims), 0);
    char *token = jwt_encode_str(jwt);
    assert_non_null(token);
    const size_t n = strlen(token) + 8;
    char *header = tm_zalloc(n);
    snprintf(header, n, "Bearer %s", token);
    free(token);
    jwt_free(jwt);
    return header;
}

static tm_err_t read_token(jwt_alg_t alg, const char *secret, const char *claims, tm_user_t *ret)
{
    char *header = signed_with(alg, secret, claims);
    const tm_err_t err = tm_bearer_read(SECRET, tm_str(header), NOW, ret);
    tm_free(header);
    return err;
}

#define SOON "\"exp\":1774699260"
#define ID64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void bearer_read__names_the_user(void **state)
{
    (void)state;
    static const struct {
        const char *claims, *principal, *role;
        bool is_admin;
    } rows[] = {
        {"{\"sub\":\"u1\",\"role\":\"admin\"," SOON "}", "user:u1", "admin", true},
        {"{\"sub\":\"u1\",\"role\":\"superadmin\"," SOON "}", "user:u1", "superadmin", true},
        {"{\"sub\":\"u1\",\"role\":\"super_admin\"," SOON "}", "user:u1", "super_admin", true},
        {"{\"sub\":\"u1\",\"role\":\"influence_admin\"," SOON "}", "user:u1", "influence_admin",
         false},
        {"{\"sub\":\"u1\",\"role\":\"map_admin\"," SOON "}", "user:u1", "map_admin", false},
        {"{\"sub\":\"u1\",\"role\":\"analyst\"," SOON "}", "user:u1", "analyst", false},
        {"{\"sub\":\"u1\",\"role\":\"volunteer\"," SOON "}", "user:u1", "volunteer", false},
        {"{\"sub\":\"system\",\"role\":\"viewer\"," SOON "}", "user:system", "viewer", false},
        {"{\"sub\":\"" ID64 "\",\"role\":\"viewer\"," SOON "}", "user:" ID64, "viewer", false},
        {"{\"sub\":\"a\\\"b\",\"role\":\"viewer\"," SOON ",\"iat\":1774699199,\"nbf\":1774699200}",
         "user:a\"b", "viewer", false},
    };
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        tm_user_t user;
        assert_int_equal(read_token(JWT_ALG_HS256, SECRET, rows[i].claims, &user), TM_OK);
        assert_string_equal(user.principal, rows[i].principal);
        assert_string_equal(user.role, rows[i].role);
        assert_int_equal(user.is_admin, rows[i].is_admin);
    }
}

static void bearer_read__refuses_other_claims(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{}",
        "{\"role\":\"admin\"," SOON "}",
        "{\"sub\":\"\",\"role\":\"admin\"," SOON "}",
        "{\"sub\":7,\"role\":\"admin\"," SOON "}",
        "{\"sub\":[\"u1\"],\"role\":\"admin\"," SOON "}",
        "{\"sub\":\"u 1\",\"role\":\"admin\"," SOON "}",
        "{\"sub\":\"u\\n1\",\"role\":\"admin\"," SOON "}",
        "{\"sub\":\"\xc3\xa9\",\"role\":\"admin\"," SOON "}",
        "{\"sub\":\"" ID64 "x\",\"role\":\"admin\"," SOON "}",
        "{\"sub\":\"u1\"," SOON "}",
        "{\"sub\":\"u1\",\"role\":\"\"," SOON "}",
        "{\"sub\":\"u1\",\"role\":\"Admin\"," SOON "}",
        "{\"sub\":\"u1\",\"role\":\"system\"," SOON "}",
        "{\"sub\":\"u1\",\"role\":[\"admin\"]," SOON "}",
        "{\"sub\":\"u1\",\"role\":\"admin\"}",
        "{\"sub\":\"u1\",\"role\":\"admin\",\"exp\":1774699200}",
        "{\"sub\":\"u1\",\"role\":\"admin\",\"exp\":-1}",
        "{\"sub\":\"u1\",\"role\":\"admin\",\"exp\":null}",
        "{\"sub\":\"u1\",\"role\":\"admin\",\"exp\":\"1774699260\"}",
        "{\"sub\":\"u1\",\"role\":\"admin\",\"exp\":1774699260.5}",
        "{\"sub\":\"u1\",\"role\":\"admin\"," SOON ",\"nbf\":1774699201}",
        "{\"sub\":\"u1\",\"role\":\"admin\"," SOON ",\"nbf\":\"now\"}",
        "{\"sub\":\"u1\",\"role\":\"admin\"," SOON ",\"iat\":true}",
    };
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        tm_user_t user;
        if (read_token(JWT_ALG_HS256, SECRET, rows[i], &user) != TM_EUNAUTHORIZED)
            fail_msg("%s", rows[i]);
    }
}

static void bearer_read__refuses_other_signatures(void **state)
{
    (void)state;
    const char *claims = "{\"sub\":\"u1\",\"role\":\"admin\"," SOON "}";
    tm_user_t user;
    assert_int_equal(read_token(JWT_ALG_NONE, "", claims, &user), TM_EUNAUTHORIZED);
    assert_int_equal(read_token(JWT_ALG_HS384, SECRET, claims, &user), TM_EUNAUTHORIZED);
    assert_int_equal(read_token(JWT_ALG_HS512, SECRET, claims, &user), TM_EUNAUTHORIZED);
    assert_int_equal(read_token(JWT_ALG_HS256, SECRET "x", claims, &user), TM_EUNAUTHORIZED);

    char *plain = signed_with(JWT_ALG_NONE, "", claims); /* ends with a dot */
    char with_tail[1024];
    snprintf(with_tail, sizeof(with_tail), "%sAAAA", plain);
    assert_int_equal(tm_bearer_read(SECRET, tm_str(with_tail), NOW, &user), TM_EUNAUTHORIZED);
    tm_free(plain);

    char *header = signed_with(JWT_ALG_HS256, SECRET, claims);
    const tm_str_t text = tm_str(header);
    assert_int_equal(tm_bearer_read(SECRET, text, NOW, &user), TM_OK);
    assert_int_equal(tm_bearer_read(NULL, text, NOW, &user), TM_EUNAUTHORIZED);
    assert_int_equal(tm_bearer_read("", text, NOW, &user), TM_EUNAUTHORIZED);
    for (uint32_t i = 7; i < text.n; i++) { /* any character but the last two bits of a part */
        char *other = tm_strdup_n(text.p, text.n);
        other[i] = other[i] == '.' ? 'A' : '.';
        assert_int_equal(tm_bearer_read(SECRET, tm_str(other), NOW, &user), TM_EUNAUTHORIZED);
        other[i] = text.p[i] == 'A' ? 'z' : 'A';
        if (i + 1 < text.n)
            assert_int_equal(tm_bearer_read(SECRET, tm_str(other), NOW, &user), TM_EUNAUTHORIZED);
        assert_int_equal(tm_bearer_read(SECRET, tm_str_n(text.p, i), NOW, &user), TM_EUNAUTHORIZED);
        tm_free(other);
    }
    tm_free(header);
}

static void bearer_read__is_bounded(void **state)
{
    (void)state;
    tm_user_t user;
    char claims[8192];
    static const struct {
        int more; /* characters of a claim of no use */
        tm_err_t err;
    } rows[] = {{2900, TM_OK}, {3200, TM_EUNAUTHORIZED}, {8000, TM_EUNAUTHORIZED}};
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        snprintf(claims, sizeof(claims),
                 "{\"sub\":\"u1\",\"role\":\"admin\"," SOON ",\"x\":\"%0*d\"}", rows[i].more, 0);
        assert_int_equal(read_token(JWT_ALG_HS256, SECRET, claims, &user), rows[i].err);
    }
    static const char *const broken[] = {"",
                                         "Bearer",
                                         "Bearer ",
                                         "Bearer .",
                                         "Bearer ..",
                                         "Bearer a.b",
                                         "Bearer a.b.c",
                                         "Bearer a.b.c.d",
                                         "Bearer .b.c",
                                         "Bearer a.b.",
                                         "Bearer a b.c.d",
                                         "Bearer e30.e30.e30",
                                         "Bearer W10.W10.W10",
                                         "Basic YTpi",
                                         "Token a.b.c"};
    for (size_t i = 0; i < TM_COUNT(broken); i++)
        assert_int_equal(tm_bearer_read(SECRET, tm_str(broken[i]), NOW, &user), TM_EUNAUTHORIZED);
}

/* ---- the server ---- */

static void server__lets_admins_pass_and_others_only_know_themselves(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    char user[1024];
    static const struct {
        const char *role;
        int status;
    } rows[] = {{"admin", 200},     {"superadmin", 200}, {"super_admin", 200},
                {"viewer", 403},    {"analyst", 403},    {"influence_admin", 403},
                {"map_admin", 403}, {"volunteer", 403},  {"nobody", 401}};
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        user_header(SERVER_JWT_SECRET, "a\"b", rows[i].role, user);
        ask(server, "GET", "/api/v1/campaigns", user, NULL, answer);
        assert_int_equal(answer->status, rows[i].status);
        ask(server, "GET", "/api/v1/session", user, NULL, answer);
        assert_int_equal(answer->status, rows[i].status == 401 ? 401 : 200);
        char body[128];
        snprintf(body, sizeof(body), "{\"principal\":\"user:a\\\"b\",\"role\":\"%s\"}",
                 rows[i].role);
        if (answer->status == 200)
            assert_string_equal(answer->body, body);
    }
    server_stop(server);
    tm_free(answer);
}

/* Every route that needs a role, as somebody without one. */
static void server__refuses_who_has_no_grant_everywhere(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    for (uint32_t i = 0; i < tm_routes_n; i++) {
        const tm_route_t *route = &tm_routes[i];
        if (route->role <= TM_ROLE_KNOWN)
            continue;
        char id[16]; /* one each, as 100 a minute is less than all routes */
        char user[1024];
        char path[128] = "";
        snprintf(id, sizeof(id), "u%u", i);
        user_header(SERVER_JWT_SECRET, id, "analyst", user);
        for (const char *p = route->path; *p != '\0'; p++) {
            const size_t n = strlen(path);
            path[n] = *p == '{' ? 'x' : *p;
            if (*p == '{')
                p = strchr(p, '}');
        }
        ask(server, tm_method_name(route->method), path, user, NULL, answer);
        if (answer->status != 403)
            fail_msg("%s: %d", path, answer->status);
    }
    server_stop(server);
    tm_free(answer);
}

static void server__takes_one_kind_of_credential(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    char token[TM_SIGN_IN_TOKEN_TEXT];
    char body[128];
    char cookie[512];
    char good[1024];
    char bad[1024];
    char headers[4096];
    tm_http_sign_in_token(server->http, token);
    snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
    ask(server, "POST", "/api/v1/session", JSON_HEADER, body, answer);
    assert_int_equal(answer->status, 200);
    answer_header(answer, "set-cookie", cookie);
    *strchr(cookie, ';') = '\0';
    user_header(SERVER_JWT_SECRET, "u1", "admin", good);
    user_header(SECRET, "u1", "admin", bad);
    const struct {
        const char *key, *bearer, *cookie;
        const char *says; /* NULL: 401 */
    } rows[] = {
        {"", good, "", "{\"principal\":\"user:u1\",\"role\":\"admin\"}"},
        {"", "", cookie, "{\"principal\":\"system\"}"},
        {"", good, cookie, "{\"principal\":\"user:u1\",\"role\":\"admin\"}"},
        {"", bad, cookie, NULL},
        {"", "authorization: Bearer\r\n", cookie, NULL},
        {"", "authorization: Bearer x\r\nauthorization: Bearer y\r\n", cookie, NULL},
        {"", "authorization: Bearers x\r\n", cookie, "{\"principal\":\"system\"}"},
        {"", "authorization: Basic YTpi\r\n", cookie, "{\"principal\":\"system\"}"},
        {KEY_HEADER, good, "", "{\"principal\":\"system\"}"},
        {KEY_HEADER, bad, "", "{\"principal\":\"system\"}"},
        {"x-api-key: wrong\r\n", good, cookie, NULL},
    };
    for (size_t i = 0; i < TM_COUNT(rows); i++) {
        snprintf(headers, sizeof(headers), "%s%s%s%s%s", rows[i].key, rows[i].bearer,
                 rows[i].cookie[0] == '\0' ? "" : "cookie: ", rows[i].cookie,
                 rows[i].cookie[0] == '\0' ? "" : "\r\n");
        ask(server, "GET", "/api/v1/session", headers, NULL, answer);
        if (answer->status != (rows[i].says == NULL ? 401 : 200))
            fail_msg("row %zu: %d %s", i, answer->status, answer->body);
        if (rows[i].says != NULL)
            assert_string_equal(answer->body, rows[i].says);
    }
    snprintf(headers, sizeof(headers), "%s%s", good, good);
    ask(server, "GET", "/api/v1/session", headers, NULL, answer);
    assert_int_equal(answer->status, 401);
    char path[1200];
    good[strlen(good) - 2] = '\0';
    snprintf(path, sizeof(path), "/api/v1/session?access_token=%s",
             good + strlen("authorization: Bearer "));
    ask(server, "GET", path, "", NULL, answer);
    assert_int_equal(answer->status, 401);
    server_stop(server);
    tm_free(answer);
}

/* What two principals send under one key are two writes; who wrote stands in the record. */
static void server__tells_users_apart_in_what_they_write(void **state)
{
    (void)state;
    server_t *server = server_start((server_setup_t){0});
    answer_t *answer = TM_NEW(answer_t);
    const char *who[] = {"u1", "u2", "u1"};
    char ids[3][32];
    for (int i = 0; i < 3; i++) {
        char user[1024];
        char headers[2048];
        user_header(SERVER_JWT_SECRET, who[i], "admin", user);
        snprintf(headers, sizeof(headers), "%s" JSON_HEADER "idempotency-key: k\r\n", user);
        ask(server, "POST", "/api/v1/campaigns", headers, "{\"name\":\"Same\"}", answer);
        assert_int_equal(answer->status, 201);
        answer_string(answer, "id", ids[i], sizeof(ids[i]));
    }
    assert_string_equal(ids[0], ids[2]);
    assert_string_not_equal(ids[0], ids[1]);
    server_stop(server);
    tm_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bearer_read__names_the_user),
        cmocka_unit_test(bearer_read__refuses_other_claims),
        cmocka_unit_test(bearer_read__refuses_other_signatures),
        cmocka_unit_test(bearer_read__is_bounded),
        cmocka_unit_test(server__lets_admins_pass_and_others_only_know_themselves),
        cmocka_unit_test(server__refuses_who_has_no_grant_everywhere),
        cmocka_unit_test(server__takes_one_kind_of_credential),
        cmocka_unit_test(server__tells_users_apart_in_what_they_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
