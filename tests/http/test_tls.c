/* test_tls.c - with a certificate: ALPN chooses the protocol, the rest gets nothing. */
#include "http/with_server.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static char dir[] = "/tmp/trailmix-tls-XXXXXX"; /* filled by mkdtemp */
static char cert_file[64], key_file[64];

/* A P-256 key and a certificate it signs itself. */
static void make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    assert_non_null(key);
    assert_non_null(cert);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(cert, name);
    assert_int_not_equal(X509_sign(cert, key, EVP_sha256()), 0);
    FILE *out = fopen(cert_file, "wb");
    assert_int_equal(PEM_write_X509(out, cert), 1);
    fclose(out);
    out = fopen(key_file, "wb");
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(out);
    X509_free(cert);
    EVP_PKEY_free(key);
}

typedef struct secure {
    client_t client;
    SSL_CTX *ctx;
    SSL *ssl;
    int connected;
} secure_t;

static secure_t connect_with(const server_t *server, const char *protocols, size_t n,
                             int version_max)
{
    secure_t s = {.client = client_open(server), .ctx = SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_security_level(s.ctx, 0);
    SSL_CTX_set_min_proto_version(s.ctx, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(s.ctx, version_max);
    assert_int_equal(SSL_CTX_set_alpn_protos(s.ctx, (const unsigned char *)protocols, (unsigned)n),
                     0);
    s.ssl = SSL_new(s.ctx);
    SSL_set_fd(s.ssl, s.client.fd);
    s.connected = SSL_connect(s.ssl);
    return s;
}

static void secure_close(secure_t *s)
{
    SSL_free(s->ssl);
    SSL_CTX_free(s->ctx);
    client_close(&s->client);
}

static void tls__alpn_chooses_the_protocol(void **state)
{
    const server_t *server = *state;
    static const char both[] = "\x02h2\x08http/1.1";
    static const char one[] = "\x08http/1.1";
    const unsigned char *got;
    unsigned n;
    secure_t s = connect_with(server, both, sizeof(both) - 1, TLS1_3_VERSION);
    assert_int_equal(s.connected, 1);
    SSL_get0_alpn_selected(s.ssl, &got, &n);
    assert_int_equal(n, 2);
    assert_memory_equal(got, "h2", 2);
    secure_close(&s);
    s = connect_with(server, one, sizeof(one) - 1, TLS1_2_VERSION);
    assert_int_equal(s.connected, 1);
    SSL_get0_alpn_selected(s.ssl, &got, &n);
    assert_int_equal(n, 8);
    static const char request[] = "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_int_equal(SSL_write(s.ssl, request, sizeof(request) - 1), (int)sizeof(request) - 1);
    char bytes[2048] = "";
    int used = 0;
    while (strstr(bytes, "{\"status\":\"ok\"}") == NULL) {
        const int more = SSL_read(s.ssl, bytes + used, (int)sizeof(bytes) - 1 - used);
        assert_true(more > 0);
        used += more;
        bytes[used] = '\0';
    }
    secure_close(&s);
}

static void tls__old_versions_and_clear_text_get_nothing(void **state)
{
    const server_t *server = *state;
    secure_t s = connect_with(server, "\x02h2", 3, TLS1_1_VERSION);
    assert_int_not_equal(s.connected, 1);
    secure_close(&s);
    client_t client = client_open(server);
    client_say(&client, "GET /api/v1/ping HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_false(client_see(&client, "HTTP/1.1"));
    client_close(&client);
}

static void tls__a_wrong_key_is_told_at_the_start(void **state)
{
    (void)state;
    const tm_listen_t listen_on = {"127.0.0.1", 0};
    const tm_http_options_t options = {.listen = &listen_on,
                                       .n_listen = 1,
                                       .loops = 1,
                                       .tls_cert_file = cert_file,
                                       .tls_key_file = cert_file};
    tm_http_t *http = NULL;
    tm_why_t why;
    tm_why_clear(&why);
    assert_int_equal(tm_http_new(&options, &http, &why), TM_EINVALID);
    assert_null(http);
    assert_string_equal(why.faults[0].field, "TLS_KEY_FILE");
}

static int start(void **state)
{
    assert_non_null(mkdtemp(dir));
    snprintf(cert_file, sizeof(cert_file), "%s/cert.pem", dir);
    snprintf(key_file, sizeof(key_file), "%s/key.pem", dir);
    make_certificate();
    *state = server_start((server_setup_t){.cert_file = cert_file, .key_file = key_file});
    return 0;
}

static int stop(void **state)
{
    server_stop(*state);
    remove(cert_file);
    remove(key_file);
    remove(dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls__alpn_chooses_the_protocol),
        cmocka_unit_test(tls__old_versions_and_clear_text_get_nothing),
        cmocka_unit_test(tls__a_wrong_key_is_told_at_the_start),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
