/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/secret_value.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "PASSWORD",
        "DB_PASSWORD",
        "POSTGRES_PASSWORD",
        "PGPASSWORD",
        "dbPassword",
        "spring.datasource.password",
        "MYSQL_PWD",
        "SMTP_PASS",
        "API_KEY",
        "APIKEY",
        "apiKey",
        "OPENAI_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "GITHUB_TOKEN",
        "NPM_TOKEN",
        "authtoken",
        "CLIENT_SECRET",
        "client-secret",
        "clientSecret",
        "PRIVATE_KEY",
        "SSH_PRIVATE_KEY",
        "GOOGLE_CREDENTIALS",
        "JWT_SECRET",
        "SECRET_KEY",
        "APP_KEY",
        "NEW_RELIC_LICENSE_KEY",
        "NEO4J_AUTH",
        "passphrase",
        "SUPABASE_SERVICE_ROLE_KEY",
        "REDIS_PASSWORD1_PASSWORD",
        "encryption_key",
    };
    static const char *const harmless[] = {
        "",
        "_",
        "KEY",
        "KMS_KEY_ALIAS",
        "PASSWORD_FILE",
        "POSTGRES_PASSWORD_FILE",
        "SECRET_NAME",
        "TOKEN_URL",
        "AUTH_TOKEN_URL",
        "SECRET_PATH",
        "METALLB_ML_SECRET_KEY_PATH",
        "SECRETS_DIR",
        "TOKEN_TTL",
        "KEY_ID",
        "AWS_ACCESS_KEY_ID",
        "MYSQL_ALLOW_EMPTY_PASSWORD",
        "MYSQL_RANDOM_ROOT_PASSWORD",
        "SORT_KEY",
        "CACHE_KEY",
        "PARTITION_KEY",
        "PUBLIC_KEY",
        "NEXT_PUBLIC_API_KEY",
        "MAX_TOKENS",
        "MAX_TOKEN",
        "PWD",
        "OLDPWD",
        "SECRET_KEY_BASE_DUMMY",
        "PASSWORDLESS",
        "TOKENIZER",
        "TOKENIZERS_PARALLELISM",
        "BOS_TOKEN",
        "SECRETARY",
        "KEYBOARD",
        "MONKEY",
        "BYPASS",
        "COMPASS",
        "PASSWORD_RESET_URL",
        "SSH_KEY_FILE",
        "TOKEN_EXPIRY",
        "PATH",
        "STRIPE_PUBLISHABLE_KEY",
        "GPG_KEY",
        "PASSWORD_MIN_LENGTH",
        "REQUIRE_PASSWORD",
        "SECRET_ID",
    };
    for (size_t i = 0; i < ARRAY_LEN(secret); i++)
        if (!secret_name(str_z(secret[i])))
            fail_msg("'%s' is a secret's name", secret[i]);
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (secret_name(str_z(harmless[i])))
            fail_msg("'%s' is no secret's name", harmless[i]);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "hunter2",
        "changeme",
        "postgres",
        "example",
        "'quoted'",
        "12345678",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
        "$2y$10$abcdefghijklmnopqrstuv",
        "p$ss",
        "base64:abcd=",
        "neo4j/password",
        "a b c",
        "postgres://u:pw@db/x",
        "correct horse",
    };
    static const char *const harmless[] = {
        "",
        " ",
        "''",
        "\"\"",
        "true",
        "FALSE",
        "none",
        "disabled",
        "required",
        "0",
        "1",
        "yes",
        "auto",
        "/run/secrets/db",
        "/var/lib/x.key",
        "/secrets/token",
        "./token",
        "../x",
        "~/x",
        "C:\\secrets\\x",
        "${TOKEN}",
        "$TOKEN",
        "$(TOKEN)",
        "pre-${TOKEN}",
        "op://vault/item",
        "vault:secret/data/x#y",
        "arn:aws:secretsmanager:eu-west-1:1:secret:x",
        "ENC(abcd)",
        "ENC[AES256_GCM,data:x]",
        "{{ token }}",
        "****",
        "https://issuer.example/token",
        "file:/etc/x",
        "__TOKEN__",
        "env",
        "@Microsoft.KeyVault(x)",
        "[redacted]",
    };
    for (size_t i = 0; i < ARRAY_LEN(secret); i++)
        if (!secret_value(str_z(secret[i])))
            fail_msg("'%s' is a secret", secret[i]);
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (secret_value(str_z(harmless[i])))
            fail_msg("'%s' is no secret", harmless[i]);
}

#define JWT "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r"

static void test_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *found, *what;
    } cases[] = {
        {"AKIA"
         "QWERTYUIOPASDFGH",
         "AKIA"
         "QWERTYUIOPASDFGH",
         "an AWS access key"},
        {"x=ghp_"
         "abcdefghijklmnopqrstuvwxyz0123456789 y",
         "ghp_"
         "abcdefghijklmnopqrstuvwxyz0123456789",
         "a GitHub token"},
        {"glpat-"
         "abcdefghij0123456789",
         "glpat-"
         "abcdefghij0123456789",
         "a GitLab token"},
        {"xoxb-"
         "1234567890-abcdefghij",
         "xoxb-"
         "1234567890-abcdefghij",
         "a Slack token"},
        {"Bearer " JWT "\"", JWT, "a JSON Web Token"},
        {"-----BEGIN RSA PRIVATE KEY-----\nMII", "-----BEGIN RSA PRIVATE KEY-----", "a private key"},
        {"-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----", "a private key"},
        {"postgres://user:pa55@db:5432/x", "pa55", "a password in an address"},
        {"redis://:pa55@cache", "pa55", "a password in an address"},
        {"https://u:p@ss@host/", "p@ss", "a password in an address"},
        {"Authorization: Bearer abcdefgh1234", "abcdefgh1234", "a credential in a header"},
        {"authorization:basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "a credential in a header"},
        {"", NULL, NULL},
        {"AKIA"
         "IOSFODNN7EXAMPLE",
         NULL, NULL},
        {"AKIA"
         "QWERTYUIOPASDFGHJK",
         NULL, NULL},
        {"XAKIA"
         "QWERTYUIOPASDFGH",
         NULL, NULL},
        {"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL, NULL},
        {"ghp_short", NULL, NULL},
        {"-----BEGIN CERTIFICATE-----", NULL, NULL},
        {"-----BEGIN PUBLIC KEY-----", NULL, NULL},
        {"https://host:8080/x@y", NULL, NULL},
        {"https://user@host", NULL, NULL},
        {"https://user:@host", NULL, NULL},
        {"https://user:${PASSWORD}@host", NULL, NULL},
        {"https://user:$PASSWORD@host", NULL, NULL},
        {"https://user:***@host", NULL, NULL},
        {"https://user:pw@", NULL, NULL},
        {"://", NULL, NULL},
        {"Authorization: Bearer ${TOKEN}", NULL, NULL},
        {"Authorization: Bearer $TOKEN", NULL, NULL},
        {"Authorization: Bearer <token>", NULL, NULL},
        {"Authorization: none", NULL, NULL},
        {"eyJhbGciOiJIUzI1NiJ9.eyJ", NULL, NULL},
        {"eyJ.eyJ.x", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct secret_shape shape = {0};
        bool found = secret_shape_find(str_z(cases[i].text), 0, &shape);
        if (found != (cases[i].found != NULL))
            fail_msg("'%s': %s", cases[i].text, found ? shape.what : "nothing found");
        if (!found)
            continue;
        assert_string_equal(shape.what, cases[i].what);
        assert_int_equal(shape.len, strlen(cases[i].found));
        assert_memory_equal(cases[i].text + shape.offset, cases[i].found, shape.len);
        assert_false(secret_shape_find(str_z(cases[i].text), shape.offset + shape.len, &shape));
    }
}

static void test_files(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "id_rsa",
        "keys/id_ed25519",
        "/root/.ssh/id_rsa",
        ".netrc",
        "./.pgpass",
        "credentials.json",
        "kubeconfig",
        "home/.aws/credentials",
        ".kube/config",
        ".docker/config.json",
        "server-key.pem",
        "key.pem",
        "tls.key",
        "cert.p12",
        ".ssh",
        ".ssh/",
        "id_rsa*",
        "private_key.json",
        "terraform.tfstate",
    };
    static const char *const settings[] = {".env", ".env.production", "app/.env", ".env*", ".npmrc", ".npmrc*"};
    static const char *const none[] = {
        "",
        "/",
        ".",
        "*",
        "**",
        "app",
        "id_rsa.pub",
        ".env.example",
        ".env.sample",
        "ca.pem",
        "cert.pem",
        "fullchain.pem",
        "public.key",
        "nodesource.key",
        "config.json",
        "credentials",
        "env",
        "truststore.p12",
        "keys.md",
        "key.go",
        "config",
        "secrets/",
        "package.json",
    };
    const char *what = NULL;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (secret_file(str_z(keys[i]), &what) != SECRET_FILE_KEY)
            fail_msg("'%s' is a key", keys[i]);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (secret_file(str_z(settings[i]), &what) != SECRET_FILE_SETTINGS)
            fail_msg("'%s' are settings", settings[i]);
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (secret_file(str_z(none[i]), &what) != SECRET_FILE_NONE)
            fail_msg("'%s' is no secret", none[i]);
}

static void test_ugly(void **state)
{
    (void)state;
    struct secret_shape shape;
    const struct str bytes = STR("\0\xff$\0{://\0:\0@\0--");
    for (size_t i = 0; i <= bytes.len; i++) {
        assert_false(secret_name(str_head(bytes, i)));
        (void)secret_value(str_head(bytes, i));
        assert_false(secret_shape_find(str_head(bytes, i), 0, &shape));
    }
    /* Long runs cost no quadratic time. */
    static char text[1 << 20];
    static const char *const patterns[] = {"xoxb-", "eyJ.", "://", "a://b:c", "ghp_", "authorization:", "-----BEGIN "};
    for (size_t p = 0; p < ARRAY_LEN(patterns); p++) {
        size_t len = strlen(patterns[p]);
        for (size_t i = 0; i + len <= sizeof(text); i += len)
            memcpy(text + i, patterns[p], len);
        (void)secret_shape_find(str_of(text, sizeof(text) - len), 0, &shape);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names), cmocka_unit_test(test_values), cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_files), cmocka_unit_test(test_ugly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
