/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tlsserver - a C program with OpenSSL that needs what images tend to lack: the CA bundle and zoneinfo.
 *
 *   tlsserver selftest   makes TLS handshakes with itself and prints one line for each thing that works
 *   tlsserver [PORT]     answers any HTTPS request with "ok" (8443); a fresh self-signed certificate each start
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

static SSL_CTX *server_context(EVP_PKEY *key, X509 *certificate)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    SSL_CTX_use_certificate(ctx, certificate);
    SSL_CTX_use_PrivateKey(ctx, key);
    return ctx;
}

/* A handshake through memory. Returns the client's view of the server's certificate. */
static long handshake(SSL_CTX *server_ctx, SSL_CTX *client_ctx, const char **ret_version)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
    BIO *one, *other;
    int server_done = 0, client_done = 0;

    BIO_new_bio_pair(&one, 0, &other, 0);
    SSL_set_bio(server, one, one);
    SSL_set_bio(client, other, other);
    SSL_set1_host(client, "localhost");
    for (int i = 0; i < 20 && !(server_done && client_done); i++) {
        client_done = SSL_connect(client) == 1;
        server_done = SSL_accept(server) == 1;
    }
    *ret_version = client_done && server_done ? SSL_get_version(client) : "failed";
    long result = SSL_get_verify_result(client);
    SSL_free(server);
    SSL_free(client);
    return result;
}

/* The first certificate of the bundle must be trusted by a store made from the default paths. */
static int bundle_verifies(void)
{
    const char *path = getenv("SSL_CERT_FILE");
    BIO *file = BIO_new_file(path ? path : "/etc/ssl/certs/ca-certificates.crt", "r");
    X509 *root = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();

    if (root == NULL || X509_STORE_set_default_paths(store) != 1)
        return 0;
    X509_STORE_CTX_init(ctx, store, root, NULL);
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_NO_CHECK_TIME);
    return X509_verify_cert(ctx) == 1;
}

static int print_time(const char *zone)
{
    time_t when = 1719835200; /* 2024-07-01 12:00 UTC */
    char text[64];

    setenv("TZ", zone, 1);
    tzset();
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z %Z", localtime(&when));
    return printf("%s: %s\n", zone, text);
}

static int selftest(EVP_PKEY *key, X509 *certificate)
{
    SSL_CTX *server = server_context(key, certificate);
    SSL_CTX *client = SSL_CTX_new(TLS_client_method());
    const char *version;

    SSL_CTX_set_default_verify_paths(client);
    printf("bundle: %s\n", bundle_verifies() ? "verifies" : "missing or broken");
    long stranger = handshake(server, client, &version);
    printf("stranger: %s %s\n", version, X509_verify_cert_error_string(stranger));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client), certificate);
    long known = handshake(server, client, &version);
    printf("known: %s %s\n", version, X509_verify_cert_error_string(known));
    print_time("Europe/Berlin");
    print_time("Asia/Kolkata");
    return stranger == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT && known == X509_V_OK ? 0 : 1;
}

static int serve(SSL_CTX *ctx, unsigned short port)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    char request[2048];

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 64)) {
        perror("tlsserver: can't listen");
        return 1;
    }
    for (;;) {
        int client = accept(fd, NULL, NULL);
        SSL *ssl = SSL_new(ctx);
        SSL_set_fd(ssl, client);
        if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof request) > 0)
            SSL_write(ssl, reply, sizeof reply - 1);
        SSL_shutdown(ssl);
        SSL_free(ssl);
        close(client);
    }
}

int main(int argc, char **argv)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = self_signed(key);

    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "selftest") == 0)
        return selftest(key, certificate);
    return serve(server_context(key, certificate), (unsigned short)atoi(argc > 1 ? argv[1] : "8443"));
}
